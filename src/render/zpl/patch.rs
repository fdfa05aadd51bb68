//! A small graphic in a native label, for what the printer cannot draw itself.

use std::io::Write;

use super::z64::{Z64, bands};
use crate::label::{Bitmap, Compiled, DotRect, Drawing, Item};
use crate::render::deflate::Deflate;
use crate::render::raster::{GlyphCache, paint_item};

/// Dots that are painted on a label of the printer's own drawing.
pub struct Patch {
    bitmap: Bitmap,
    is_painted: bool,
    glyphs: GlyphCache,
    z64: Option<Z64>,
}

impl Patch {
    /// Nothing painted yet.
    pub fn new(compiled: &Compiled) -> Patch {
        let side = |dots: i32| usize::try_from(dots).unwrap_or(0);
        let (width, height) = compiled.size_dots();
        let bitmap = Bitmap::new(side(width), side(height));
        Patch { bitmap, is_painted: false, glyphs: GlyphCache::default(), z64: None }
    }

    /// Paints an item.
    pub fn paint(&mut self, drawing: &Drawing, item: &Item, compiled: &Compiled) {
        paint_item(drawing, item, compiled, &mut self.glyphs, &mut self.bitmap);
        self.is_painted = true;
    }

    /// Appends what was painted as graphics, and starts anew.
    pub fn push(&mut self, out: &mut Vec<u8>) {
        if !self.is_painted {
            return;
        }
        let is_inked = |row: &usize| self.bitmap.rows(*row, row + 1).iter().any(|byte| *byte != 0);
        let rows = 0..self.bitmap.height();
        if let (Some(first), Some(last)) = (rows.clone().find(is_inked), rows.clone().rfind(is_inked)) {
            let bytes_per_row = self.bitmap.bytes_per_row();
            let z64 = self.z64.get_or_insert_with(|| {
                // Codes of the printer's kind of picture, the same for every label whatever the first one was.
                Z64::new(Deflate::for_rows(bytes_per_row, &[]))
            });
            for (from, to) in bands(bytes_per_row, last + 1 - first) {
                let bytes = self.bitmap.rows(first + from, first + to);
                let (count, at) = (bytes.len(), first + from);
                // Writing to memory does not fail.
                let _ = write!(out, "^FO0,{at}^GFA,{count},{count},{bytes_per_row},");
                z64.push(bytes, out);
                out.extend_from_slice(b"^FS");
            }
        }
        let side = |dots: usize| i32::try_from(dots).unwrap_or(i32::MAX);
        let (width, height) = (side(self.bitmap.width()), side(self.bitmap.height()));
        self.bitmap.clear(DotRect { x: 0, y: 0, width, height });
        self.is_painted = false;
    }
}
