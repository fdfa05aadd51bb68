//! Drawings to outputs: PDF, ZPL, PNG, SVG. Nothing here decides where something stands.

pub mod bulk;
pub mod deflate;
pub mod delivery;
mod fill;
mod outline;
mod parallel;
pub mod pdf;
pub mod png;
pub mod raster;
pub mod sheet;
pub mod svg;
mod turn;
pub mod zpl;
