//! Drawings to outputs: PDF, ZPL, PNG. Nothing here decides where something stands.

mod deflate;
mod outline;
pub mod pdf;
pub mod png;
mod raster;
pub mod zpl;
