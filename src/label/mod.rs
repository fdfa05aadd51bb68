//! From a template and data to a [`Drawing`]. Pure: no I/O, no clock, no randomness.
//!
//! [`Template::parse`] reads the file, [`compile`] lays out once per job all that is the same on every unit,
//! [`Compiled::draw`] adds the fields of one unit. [`crate::render`] turns drawings into PDF, ZPL and PNG.

pub mod binding;
pub mod bitmap;
mod code;
mod compile;
mod digest;
mod drawing;
mod error;
mod font;
mod fonts_shipped;
mod footprint;
mod image;
pub mod symbol;
mod template;
mod text;
mod units;

pub use bitmap::{Bitmap, DotRect};
pub use compile::{Assets, Compiled, JobFields, PlacedCode, Scratch, VariableField, compile};
pub use digest::LAYOUT_VERSION;
pub use drawing::{Drawing, Glyph, GlyphRun, Item, PlacedImage, Symbol, Symbology};
pub use error::LayoutError;
pub use font::{Face, FaceId, FontError, FontSet, GlyphMetrics, Heights};
pub use fonts_shipped::fonts_shipped;
pub use image::{Image, ImageError};
pub use template::{Placement, Purpose, Template, TemplateError, TemplateFile};
pub use units::{Resolution, Um};
