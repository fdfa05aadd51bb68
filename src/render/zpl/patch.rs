//! A small graphic in a native label, for what the printer cannot draw itself.

use super::place::Origin;
use super::stock::push_sent_along;
use super::z64::Z64;
use crate::label::{Bitmap, Compiled, DotRect, Drawing, Ink, Item};
use crate::render::deflate::Deflate;
use crate::render::raster::{GlyphCache, paint_item};

/// Dots of one ink that are painted on a label of the printer's own drawing.
pub struct Patch {
    /// Made when it is first painted on: most labels need none.
    bitmap: Option<Bitmap>,
    ink: Option<Ink>,
    glyphs: GlyphCache,
    z64: Option<Z64>,
    origin: Origin,
}

impl Patch {
    /// Nothing painted yet.
    pub fn new(origin: Origin) -> Patch {
        Patch { bitmap: None, ink: None, glyphs: GlyphCache::default(), z64: None, origin }
    }

    /// Paints an item over what was painted with [`Patch::turn_to`] its ink before.
    pub fn paint(&mut self, drawing: &Drawing, item: &Item, compiled: &Compiled) {
        let side = |dots: i32| usize::try_from(dots).unwrap_or(0);
        let (width, height) = compiled.size_dots();
        let bitmap = self.bitmap.get_or_insert_with(|| Bitmap::new(side(width), side(height)));
        paint_item(drawing, &item.in_black(), compiled, &mut self.glyphs, bitmap);
        self.ink = Some(item.ink());
    }

    /// Appends what was painted in another ink: what comes next is to stand on it.
    pub fn turn_to(&mut self, ink: Ink, out: &mut Vec<u8>) {
        if self.ink.is_some_and(|painted| painted != ink) {
            self.push(out);
        }
    }

    /// Appends what was painted as graphics, and starts anew.
    pub fn push(&mut self, out: &mut Vec<u8>) {
        let (Some(ink), Some(bitmap)) = (self.ink.take(), &mut self.bitmap) else { return };
        let z64 = self.z64.get_or_insert_with(|| {
            // Codes of the printer's kind of picture, the same for every label whatever the first one was.
            Z64::new(Deflate::for_rows(bitmap.bytes_per_row(), &[]))
        });
        push_sent_along(bitmap, ink, self.origin, z64, out);
        let side = |dots: usize| i32::try_from(dots).unwrap_or(i32::MAX);
        let (width, height) = (side(bitmap.width()), side(bitmap.height()));
        bitmap.clear(DotRect { x: 0, y: 0, width, height });
    }
}
