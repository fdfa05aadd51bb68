//! From a template and data to a [`Drawing`]. Pure: no I/O, no clock, no randomness.
//!
//! [`Template::parse`] reads the file, [`compile`] lays out once per job all that is the same on every unit and keeps the
//! [`preflight`]'s findings, [`Compiled::draw`] adds the fields of one unit. [`crate::render`] turns drawings into PDF,
//! ZPL, PNG and SVG.

pub mod art;
pub mod binding;
pub mod bitmap;
mod digest;
mod drawing;
mod error;
mod filter;
mod font;
mod fonts_shipped;
mod footprint;
mod image;
mod layout;
mod overprint;
pub mod preflight;
pub mod rows;
pub mod symbol;
mod template;
pub mod text;
mod units;

pub use art::{Art, FillRule, Segment};
pub use bitmap::{Bitmap, DotRect};
pub use digest::LAYOUT_VERSION;
pub use drawing::{Drawing, Glyph, GlyphRun, Ink, Item, MatrixBits, PlacedArt, PlacedImage, Symbol, Turn};
pub use error::{Cause, LayoutError, Refusal};
pub use font::{Face, FaceId, FontError, FontSet, FontSource, GlyphMetrics, Heights, Origin, Weight};
pub use fonts_shipped::{fonts_shipped, fonts_with};
pub use footprint::Footprint;
pub use image::{Image, ImageError};
pub use layout::{
    Assets, Compiled, JobFields, Picture, PlacedCode, PlacedMark, PrintedText, Scratch, VariableField, compile,
};
pub use overprint::Overprint;
pub use symbol::Symbology;
pub use template::{
    FieldDeclaration, LineChange, Placement, Purpose, Template, TemplateError, TemplateFault, TemplateFile, condition,
    line_changes, reference, shipped_template, shipped_templates,
};
pub use units::{Resolution, Um};
