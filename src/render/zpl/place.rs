//! Where a printer puts labels: everything moved by the offset of its record.
//!
//! ZPL has no coordinates below 0. What an offset moves over the left or upper edge is blank, or the label is refused.

use std::borrow::Cow;
use std::ops::Range;

use super::z64::bands;
use super::{PrinterSetup, ZplError};
use crate::label::{Bitmap, Compiled};

/// Where the label's own upper left corner comes to stand, in dots.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    x: i32,
    y: i32,
}

impl Origin {
    /// As the printer's record says.
    ///
    /// # Errors
    /// [`ZplError::OffLabel`] if codes, texts or pictures would be cut off.
    pub fn new(setup: &PrinterSetup, compiled: &Compiled) -> Result<Origin, ZplError> {
        let origin = Origin { x: i32::from(setup.offset_x_dots.get()), y: i32::from(setup.offset_y_dots.get()) };
        for footprint in compiled.footprints().iter().filter(|footprint| !footprint.is_background) {
            for ink in footprint.ink.iter().filter(|ink| ink.width > 0) {
                let cut = [("left", ink.x, origin.x), ("up", ink.y, origin.y)];
                if let Some((direction, most, _)) = cut.into_iter().find(|(_, at, by)| *by < 0 && at + by < 0) {
                    let element = footprint.element.clone();
                    return Err(ZplError::OffLabel { element, direction, most_dots: most.max(0) });
                }
            }
        }
        Ok(origin)
    }

    /// The coordinates of a field; `None` if the printer has none for it.
    pub fn field(self, x: i32, y: i32) -> Option<(i32, i32)> {
        let (x, y) = (x + self.x, y + self.y);
        (x >= 0 && y >= 0).then_some((x, y))
    }

    /// Cuts rows of a picture of the whole label into graphics that are small enough, each with its place.
    pub fn graphics(self, bitmap: &Bitmap, rows: Range<usize>, mut put: impl FnMut(Graphic<'_>)) {
        let moved = if self.x < 0 { Cow::Owned(moved(bitmap, self.x)) } else { Cow::Borrowed(bitmap) };
        let above = usize::try_from(-self.y).unwrap_or(0);
        let first = rows.start.max(above);
        let count = rows.end.saturating_sub(first);
        for (from, to) in bands(bitmap.bytes_per_row(), count) {
            let y = i64::try_from(first + from).unwrap_or(0) + i64::from(self.y);
            put(Graphic {
                x: self.x.max(0),
                y,
                bytes: moved.rows(first + from, first + to),
                bytes_per_row: bitmap.bytes_per_row(),
            });
        }
    }
}

/// A graphic and its place.
pub struct Graphic<'b> {
    /// Dots from the left.
    pub x: i32,
    /// Dots from the top.
    pub y: i64,
    /// Its rows.
    pub bytes: &'b [u8],
    /// Bytes of one of them.
    pub bytes_per_row: usize,
}

fn moved(bitmap: &Bitmap, x: i32) -> Bitmap {
    let mut moved = Bitmap::new(bitmap.width(), bitmap.height());
    moved.overlay(bitmap, x, 0);
    moved
}
