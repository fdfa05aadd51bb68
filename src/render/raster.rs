//! Drawings to one-bit pictures at the printer's resolution.

use std::collections::HashMap;

use super::outline::{GlyphBitmap, Rasterizer};
use crate::label::{
    Bitmap, Compiled, DotRect, Drawing, FaceId, FontSet, GlyphRun, Item, LayoutError, Resolution, Scratch, Um,
};

/// Draws labels of one job; what is the same on all of them is drawn once.
pub struct LabelRaster<'c> {
    compiled: &'c Compiled,
    fixed: Bitmap,
    label: Bitmap,
    glyphs: GlyphCache,
    scratch: Scratch,
}

impl<'c> LabelRaster<'c> {
    /// Draws what is the same on all labels.
    pub fn new(compiled: &'c Compiled) -> LabelRaster<'c> {
        let mut glyphs = GlyphCache::default();
        let fixed = fixed_layer(compiled, Layer::Whole, &mut glyphs);
        LabelRaster { compiled, label: fixed.clone(), fixed, glyphs, scratch: Scratch::default() }
    }

    /// Draws one label.
    ///
    /// # Errors
    /// As for [`Compiled::draw`].
    pub fn draw(&mut self, row: &[&str]) -> Result<&Bitmap, LayoutError> {
        let drawing = self.compiled.draw(row, &mut self.scratch)?;
        self.label.copy_from(&self.fixed);
        paint(drawing, self.compiled, Layer::Whole, &mut self.glyphs, &mut self.label);
        Ok(&self.label)
    }
}

/// Which part of a drawing is painted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// Everything.
    Whole,
    /// All but the symbols, which the printer draws itself; of EAN only what the guard bars reach lower.
    WithoutSymbols,
}

/// What is the same on every label of a job.
pub fn fixed_layer(compiled: &Compiled, layer: Layer, glyphs: &mut GlyphCache) -> Bitmap {
    let (width, height) = compiled.size_dots();
    let mut bitmap = Bitmap::new(usize::try_from(width).unwrap_or(0), usize::try_from(height).unwrap_or(0));
    paint(compiled.fixed(), compiled, layer, glyphs, &mut bitmap);
    bitmap
}

fn paint(drawing: &Drawing, compiled: &Compiled, layer: Layer, glyphs: &mut GlyphCache, bitmap: &mut Bitmap) {
    for item in &drawing.items {
        match item {
            Item::Rectangle(area) => bitmap.fill(*area),
            Item::Text(run) => glyphs.paint_run(drawing, run, compiled.fonts(), compiled.resolution(), bitmap),
            Item::Image(placed) => {
                let side = |dots: i32| usize::try_from(dots).unwrap_or(0);
                let dots = compiled.images()[placed.image].to_dots(side(placed.area.width), side(placed.area.height));
                bitmap.overlay(&dots, placed.area.x, placed.area.y);
            }
            Item::Symbol(symbol) => {
                let bottom = symbol.area.y + symbol.area.height;
                for bar in drawing.symbol_bars(symbol) {
                    bitmap.fill(match layer {
                        Layer::Whole => *bar,
                        Layer::WithoutSymbols => DotRect { y: bottom, height: bar.y + bar.height - bottom, ..*bar },
                    });
                }
            }
        }
    }
}

/// Dots of glyphs that were drawn before.
#[derive(Default)]
pub struct GlyphCache {
    glyphs: HashMap<(FaceId, Um, u16), GlyphBitmap>,
}

/// Glyphs kept; a job's labels use a few dozen, so this only bounds hostile data.
const MAX_CACHED_GLYPHS: usize = 4096;

impl GlyphCache {
    /// Paints a line of text; each glyph stands on the dot edges nearest to its origin.
    fn paint_run(
        &mut self,
        drawing: &Drawing,
        run: &GlyphRun,
        fonts: &FontSet,
        resolution: Resolution,
        bitmap: &mut Bitmap,
    ) {
        let baseline = resolution.nearest_edge_dots(run.baseline);
        for glyph in drawing.run_glyphs(run) {
            if self.glyphs.len() > MAX_CACHED_GLYPHS {
                self.glyphs.clear();
            }
            let dots = self.glyphs.entry((run.face, run.size, glyph.id)).or_insert_with(|| {
                Rasterizer::new(fonts.face(run.face), dots_per_em(run.size, resolution)).glyph(glyph.id)
            });
            let x = resolution.nearest_edge_dots(run.x + glyph.x);
            bitmap.overlay(&dots.bitmap, x + dots.left, baseline + dots.top);
        }
    }
}

/// A type size in dots, with fractions.
#[expect(clippy::cast_precision_loss, reason = "a type size is at most 71,000 um, exact in 24 bits")]
fn dots_per_em(size: Um, resolution: Resolution) -> f32 {
    size.0 as f32 * resolution.dots_per_254_mm() as f32 / 254_000.0
}
