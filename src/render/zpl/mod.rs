//! ZPL II, the language of Zebra label printers and many others.
//!
//! Two modes: [`graphic`] sends the same dots as the PNG; [`native`] lets the printer draw symbols and serial and
//! sends about a hundred bytes a label. Both write one format per serial, never let the printer count, and set
//! everything that a label depends on, because printers keep settings from job to job.

pub mod escape;
pub mod graphic;
pub mod native;
mod patch;
mod place;
mod setup;
mod stock;
mod symbol;
mod z64;

use std::io;

use thiserror::Error;

pub use setup::{Darkness, Delivery, Media, OffsetDots, PrinterSetup, SetupError, Speed};

use crate::label::LayoutError;

/// Why ZPL cannot be made.
#[derive(Debug, Error)]
pub enum ZplError {
    /// A label cannot be laid out; nothing of it was written.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The output cannot be written.
    #[error("the ZPL cannot be written: {0}")]
    Io(#[from] io::Error),
    /// The printer's offset moves something over the edge, where printers have no coordinates.
    #[error(
        "the printer's offset would cut off element {element:?}: this label can be moved {direction} by at most \
         {most_dots} dots"
    )]
    OffLabel {
        /// The element's id.
        element: String,
        /// `left` or `up`.
        direction: &'static str,
        /// How far it can be moved at most.
        most_dots: i32,
    },
}
