//! Glyph outlines to one-bit pictures: exact coverage of each dot, black from one half.
//!
//! The arithmetic is 32-bit IEEE without fused steps, so the same outline gives the same dots on every machine.

use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, HintingInstance, HintingOptions, OutlinePen, SmoothMode, Target};
use skrifa::{GlyphId, MetadataProvider};

use crate::label::{Bitmap, Face};

/// A glyph's dots and where they stand relative to its origin on the baseline.
#[derive(Clone, Debug, Default)]
pub struct GlyphBitmap {
    /// Dots between the origin and the left edge, positive to the right.
    pub left: i32,
    /// Dots between the baseline and the top edge, negative upwards.
    pub top: i32,
    /// The dots.
    pub bitmap: Bitmap,
}

/// The largest type size that is rasterised, in dots.
const MAX_DOTS_PER_EM: f32 = 2000.0;

/// Draws glyphs of one face at one size.
pub struct Rasterizer<'f> {
    font: skrifa::FontRef<'f>,
    hinting: Option<HintingInstance>,
    dots_per_em: f32,
}

impl<'f> Rasterizer<'f> {
    /// For a face at a size in dots.
    pub fn new(face: &'f Face, dots_per_em: f32) -> Rasterizer<'f> {
        let font = face.font();
        let dots_per_em = dots_per_em.min(MAX_DOTS_PER_EM);
        // Grid fitting moves stems and the heights of letters to whole dots. Only vertically: the widths are layout's.
        let target =
            Target::Smooth { mode: SmoothMode::Lcd, symmetric_rendering: false, preserve_linear_metrics: true };
        let options = HintingOptions { target, ..HintingOptions::default() };
        let size = Size::new(dots_per_em);
        let hinting = HintingInstance::new(&font.outline_glyphs(), size, LocationRef::default(), options).ok();
        Rasterizer { font, hinting, dots_per_em }
    }

    /// The dots of a glyph; empty for a space and for a glyph whose outline cannot be read.
    pub fn glyph(&self, id: u16) -> GlyphBitmap {
        let mut path = Path::default();
        let Some(outline) = self.font.outline_glyphs().get(GlyphId::new(u32::from(id))) else {
            return GlyphBitmap::default();
        };
        let hinted = self
            .hinting
            .as_ref()
            .is_some_and(|hinting| outline.draw(DrawSettings::hinted(hinting, false), &mut path).is_ok());
        if !hinted {
            path = Path::default();
            let settings = DrawSettings::unhinted(Size::new(self.dots_per_em), LocationRef::default());
            if outline.draw(settings, &mut path).is_err() {
                return GlyphBitmap::default();
            }
        }
        path.fill()
    }
}

/// An outline as straight lines, y downwards.
#[derive(Default)]
struct Path {
    lines: Vec<[(f32, f32); 2]>,
    start: (f32, f32),
    at: (f32, f32),
}

impl OutlinePen for Path {
    fn move_to(&mut self, x: f32, y: f32) {
        self.start = (x, -y);
        self.at = self.start;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.line((x, -y));
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let (from, control, to) = (self.at, (cx, -cy), (x, -y));
        for i in 1..=CURVE_STEPS {
            let t = step(i);
            let mix = |a: f32, b: f32, c: f32| (1.0 - t) * (1.0 - t) * a + 2.0 * (1.0 - t) * t * b + t * t * c;
            self.line((mix(from.0, control.0, to.0), mix(from.1, control.1, to.1)));
        }
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        let (from, first, second, to) = (self.at, (cx0, -cy0), (cx1, -cy1), (x, -y));
        for i in 1..=CURVE_STEPS {
            let t = step(i);
            let u = 1.0 - t;
            let mix = |a: f32, b: f32, c: f32, d: f32| {
                u * u * u * a + 3.0 * u * u * t * b + 3.0 * u * t * t * c + t * t * t * d
            };
            self.line((mix(from.0, first.0, second.0, to.0), mix(from.1, first.1, second.1, to.1)));
        }
    }

    fn close(&mut self) {
        self.line(self.start);
    }
}

/// Straight pieces of a curve; at label sizes far below a tenth of a dot off.
const CURVE_STEPS: u8 = 12;

fn step(i: u8) -> f32 {
    f32::from(i) / f32::from(CURVE_STEPS)
}

/// Share of a dot that must be covered for it to be black.
const BLACK_FROM: f32 = 0.5;

impl Path {
    fn line(&mut self, to: (f32, f32)) {
        self.lines.push([self.at, to]);
        self.at = to;
    }

    fn fill(&self) -> GlyphBitmap {
        if self.lines.is_empty() {
            return GlyphBitmap::default();
        }
        let points = || self.lines.iter().flatten();
        let left = whole(points().fold(f32::MAX, |least, p| least.min(p.0)).floor());
        let top = whole(points().fold(f32::MAX, |least, p| least.min(p.1)).floor());
        let right = whole(points().fold(f32::MIN, |most, p| most.max(p.0)).ceil());
        let bottom = whole(points().fold(f32::MIN, |most, p| most.max(p.1)).ceil());
        let (Ok(width), Ok(height)) = (usize::try_from(right - left), usize::try_from(bottom - top)) else {
            return GlyphBitmap::default();
        };
        let mut coverage = Coverage { width: width + 2, changes: vec![0.0; (width + 2) * height] };
        let (dx, dy) = (f32_from(left), f32_from(top));
        for [from, to] in &self.lines {
            coverage.line((from.0 - dx, from.1 - dy), (to.0 - dx, to.1 - dy), height);
        }
        GlyphBitmap { left, top, bitmap: coverage.threshold(width, height) }
    }
}

/// Signed area to the right of each line, as changes from dot to dot; their running sum is the coverage.
struct Coverage {
    width: usize,
    changes: Vec<f32>,
}

impl Coverage {
    /// Adds one line, row by row.
    fn line(&mut self, from: (f32, f32), to: (f32, f32), height: usize) {
        let (sign, upper, lower) = if from.1 < to.1 { (1.0, from, to) } else { (-1.0, to, from) };
        if lower.1 - upper.1 <= 0.0 {
            return;
        }
        let slope = (lower.0 - upper.0) / (lower.1 - upper.1);
        for row in index(upper.1)..index(lower.1.ceil()).min(height) {
            let y = f32_from(i32::try_from(row).unwrap_or(i32::MAX));
            let (y0, y1) = (upper.1.max(y), lower.1.min(y + 1.0));
            if y1 > y0 {
                let (x0, x1) = (upper.0 + slope * (y0 - upper.1), upper.0 + slope * (y1 - upper.1));
                self.row(row, sign * (y1 - y0), x0.min(x1), x0.max(x1));
            }
        }
    }

    /// Adds a piece of a line within one row: `amount` of its height, from `left` to `right`.
    fn row(&mut self, row: usize, amount: f32, left: f32, right: f32) {
        let (first, last) = (index(left), index(right).min(self.width - 2));
        let cells = &mut self.changes[row * self.width..(row + 1) * self.width];
        // The area to the right of the piece and to the left of an edge, per height.
        let area_before = |edge: usize| {
            let edge = f32_from(i32::try_from(edge).unwrap_or(i32::MAX));
            if edge <= left {
                0.0
            } else if edge >= right {
                edge - (left + right) / 2.0
            } else {
                (edge - left) * (edge - left) / (2.0 * (right - left))
            }
        };
        let mut covered = 0.0;
        for (at, cell) in cells.iter_mut().enumerate().take(last + 1).skip(first) {
            let covers = amount * (area_before(at + 1) - area_before(at));
            *cell += covers - covered;
            covered = covers;
        }
        cells[last + 1] += amount - covered;
    }

    fn threshold(&self, width: usize, height: usize) -> Bitmap {
        let mut bitmap = Bitmap::new(width, height);
        for y in 0..height {
            let mut covered = 0.0;
            for x in 0..width {
                covered += self.changes[y * self.width + x];
                if covered.abs() >= BLACK_FROM {
                    bitmap.set_black(x, y);
                }
            }
        }
        bitmap
    }
}

/// A position that is not negative, as an index.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates at 0 and is bounded by the type size"
)]
fn index(position: f32) -> usize {
    position as usize
}

/// A rounded position.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the cast saturates; outlines are at most a few thousand dots wide"
)]
fn whole(position: f32) -> i32 {
    position as i32
}

/// A count of dots as a float.
#[expect(clippy::cast_precision_loss, reason = "counts of dots are far below 2^24")]
fn f32_from(dots: i32) -> f32 {
    dots as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::{Resolution, Um, fonts_shipped};

    /// Dots that are black in exactly one of two glyphs, and in at least one of them, both at their origins.
    fn differing(face: &Face, dots_per_em: f32, pair: [char; 2]) -> (usize, usize) {
        let rasterizer = Rasterizer::new(face, dots_per_em);
        let glyphs = pair.map(|character| rasterizer.glyph(face.glyph(character).unwrap().id));
        let is_black = |glyph: &GlyphBitmap, x: i32, y: i32| {
            let (x, y) = (usize::try_from(x - glyph.left), usize::try_from(y - glyph.top));
            x.is_ok_and(|x| y.is_ok_and(|y| glyph.bitmap.is_black(x, y)))
        };
        let (mut different, mut inked) = (0, 0);
        for (x, y) in (-60..60).flat_map(|y| (-60..60).map(move |x| (x, y))) {
            let dots = [0, 1].map(|i| is_black(&glyphs[i], x, y));
            different += usize::from(dots[0] != dots[1]);
            inked += usize::from(dots[0] || dots[1]);
        }
        (different, inked)
    }

    /// SER5: characters that people confuse differ on paper in the face for serials, at 8 pt on the coarsest printer.
    #[test]
    fn ser5_alike_characters_differ_in_the_serial_face() {
        let fonts = fonts_shipped();
        let face = fonts.face(fonts.find("serial").unwrap());
        let dots = Resolution::Dpi203.nearest_edge_dots(Um::from_pt(8.0).unwrap());
        let pairs = [['0', 'O'], ['1', 'I'], ['1', 'l'], ['I', 'l'], ['5', 'S'], ['8', 'B'], ['2', 'Z'], ['0', 'D']];
        for pair in pairs {
            let (different, inked) = differing(face, f32_from(dots), pair);
            assert!(inked > 50 && different * 100 >= inked * 8, "{pair:?}: {different} of {inked} dots differ");
        }
        let same = differing(face, f32_from(dots), ['0', '0']);
        assert_eq!(same.0, 0);
    }
}
