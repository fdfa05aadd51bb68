//! Drawings to one-bit pictures at the printer's resolution.

use std::collections::HashMap;
use std::sync::Arc;

use super::fill::fill_art;
use super::outline::{GlyphBitmap, Rasterizer};
use super::turn::turned;
use crate::label::{
    Art, Bitmap, Compiled, DotRect, Drawing, FaceId, FontSet, GlyphRun, Ink, Item, LayoutError, PlacedArt, PlacedImage,
    Resolution, Scratch, Symbol, Turn, Um,
};

/// Draws labels of one job; what is the same on all of them is drawn once.
#[derive(Clone)]
pub struct LabelRaster {
    compiled: Arc<Compiled>,
    fixed: Arc<Bitmap>,
    label: Bitmap,
    glyphs: GlyphCache,
}

impl LabelRaster {
    /// Draws what is the same on all labels.
    pub fn new(compiled: Arc<Compiled>) -> LabelRaster {
        let mut glyphs = GlyphCache::default();
        let fixed = fixed_layer(&compiled, &mut glyphs);
        LabelRaster { compiled, label: fixed.clone(), fixed: Arc::new(fixed), glyphs }
    }

    /// The label's job.
    pub fn compiled(&self) -> &Arc<Compiled> {
        &self.compiled
    }

    /// What is the same on all labels.
    pub fn fixed(&self) -> &Bitmap {
        &self.fixed
    }

    /// Draws every glyph and piece of art that labels may need, so that they are there when a label is drawn.
    pub fn warm(&mut self) {
        let mut scratch = Scratch::default();
        for row in self.compiled.rows_of_all_characters() {
            let row: Vec<&str> = row.iter().map(String::as_str).collect();
            let compiled = Arc::clone(&self.compiled);
            // What cannot be drawn with these values says so with its own.
            if let Ok(drawing) = compiled.draw_outlines(&row, &mut scratch) {
                paint(drawing, &compiled, &mut self.glyphs, &mut self.label);
            }
        }
    }

    /// Bytes that it keeps.
    pub fn memory_bytes(&self) -> usize {
        2 * self.fixed.bytes().len() + self.glyphs.memory_bytes()
    }

    /// Draws one label.
    ///
    /// # Errors
    /// As for [`Compiled::draw`].
    pub fn draw(&mut self, row: &[&str], scratch: &mut Scratch) -> Result<&Bitmap, LayoutError> {
        let drawing = self.compiled.draw(row, scratch)?;
        self.label.copy_from(&self.fixed);
        paint(drawing, &self.compiled, &mut self.glyphs, &mut self.label);
        Ok(&self.label)
    }

    /// The dots of a label with every element as wide as its fields allow.
    ///
    /// # Errors
    /// None are expected: the same was laid out before.
    pub fn widest(mut self) -> Result<Bitmap, LayoutError> {
        let mut scratch = Scratch::default();
        let drawing = self.compiled.draw_widest(&mut scratch)?;
        self.label.copy_from(&self.fixed);
        paint(drawing, &self.compiled, &mut self.glyphs, &mut self.label);
        Ok(self.label)
    }
}

/// The dots of a single label.
///
/// # Errors
/// As for [`Compiled::draw`].
pub fn label_bitmap(compiled: &Arc<Compiled>, row: &[&str]) -> Result<Bitmap, LayoutError> {
    LabelRaster::new(Arc::clone(compiled)).draw(row, &mut Scratch::default()).cloned()
}

/// What is the same on every label of a job.
pub fn fixed_layer(compiled: &Compiled, glyphs: &mut GlyphCache) -> Bitmap {
    let (width, height) = compiled.size_dots();
    let mut bitmap = Bitmap::new(usize::try_from(width).unwrap_or(0), usize::try_from(height).unwrap_or(0));
    paint(compiled.fixed(), compiled, glyphs, &mut bitmap);
    bitmap
}

fn paint(drawing: &Drawing, compiled: &Compiled, glyphs: &mut GlyphCache, bitmap: &mut Bitmap) {
    for item in &drawing.items {
        paint_item(drawing, item, compiled, glyphs, bitmap);
    }
}

/// Paints one item of a drawing.
pub fn paint_item(drawing: &Drawing, item: &Item, compiled: &Compiled, glyphs: &mut GlyphCache, bitmap: &mut Bitmap) {
    match item {
        Item::Rectangle { area, ink: Ink::Black } => bitmap.fill(*area),
        Item::Rectangle { area, ink: Ink::White } => bitmap.clear(*area),
        Item::Text(run) => glyphs.paint_run(drawing, run, compiled.fonts(), compiled.resolution(), bitmap),
        Item::Image(placed) => paint_image(placed, compiled, bitmap),
        Item::Art(placed) => {
            let Some(art) = compiled.arts().get(placed.art) else { return };
            stamp(bitmap, glyphs.art(art, placed), (placed.area.x, placed.area.y), placed.ink);
        }
        Item::Symbol(symbol) => paint_symbol(drawing, symbol, bitmap),
    }
}

fn side(dots: i32) -> usize {
    usize::try_from(dots).unwrap_or(0)
}

/// Black ink blackens, white ink takes black away.
fn stamp(bitmap: &mut Bitmap, dots: &Bitmap, (x, y): (i32, i32), ink: Ink) {
    match ink {
        Ink::Black => bitmap.overlay(dots, x, y),
        Ink::White => bitmap.erase(dots, x, y),
    }
}

fn paint_image(placed: &PlacedImage, compiled: &Compiled, bitmap: &mut Bitmap) {
    let (width, height) = placed.turn.size((placed.area.width, placed.area.height));
    let dots = compiled.images()[placed.image].to_dots(side(width), side(height));
    bitmap.overlay(&turned(&dots, placed.turn), placed.area.x, placed.area.y);
}

fn paint_symbol(drawing: &Drawing, symbol: &Symbol, bitmap: &mut Bitmap) {
    let Some(matrix) = &symbol.matrix else {
        return bitmap.fill_all(drawing.symbol_bars(symbol));
    };
    let (x, y) = (symbol.area.x, symbol.area.y);
    bitmap.blit_matrix(drawing.matrix_bits(matrix), matrix.columns, matrix.rows, symbol.module_dots, x, y);
}

/// A glyph as it is painted: face, size, direction, id.
type GlyphKey = (FaceId, Um, Turn, u16);

/// Dots of glyphs, and of art on labels of one job, that were drawn before.
#[derive(Clone, Default)]
pub struct GlyphCache {
    glyphs: HashMap<GlyphKey, Arc<GlyphBitmap>>,
    arts: HashMap<ArtKey, Arc<Bitmap>>,
}

/// Art as it is painted: its number among those of the job, width and height, direction.
type ArtKey = (usize, i32, i32, Turn);

/// Glyphs kept; a job's labels use a few dozen, so this only bounds hostile data.
const MAX_CACHED_GLYPHS: usize = 4096;

impl GlyphCache {
    /// The dots of a piece of art, in its box as it stands, turned.
    fn art(&mut self, art: &Art, placed: &PlacedArt) -> &Bitmap {
        let DotRect { width, height, .. } = placed.area;
        let key = (placed.art, width, height, placed.turn);
        self.arts.entry(key).or_insert_with(|| Arc::new(fill_art(art, side(width), side(height), placed.turn)))
    }

    fn memory_bytes(&self) -> usize {
        let glyphs = self.glyphs.values().map(|glyph| glyph.bitmap.bytes().len() + 64).sum::<usize>();
        glyphs + self.arts.values().map(|art| art.bytes().len()).sum::<usize>()
    }

    /// Paints a line of text; each glyph stands on the dot edges nearest to its origin.
    fn paint_run(
        &mut self,
        drawing: &Drawing,
        run: &GlyphRun,
        fonts: &FontSet,
        resolution: Resolution,
        bitmap: &mut Bitmap,
    ) {
        for glyph in drawing.run_glyphs(run) {
            if self.glyphs.len() > MAX_CACHED_GLYPHS {
                self.glyphs.clear();
            }
            let dots = self.glyphs.entry((run.face, run.size, run.turn, glyph.id)).or_insert_with(|| {
                let upright = Rasterizer::new(fonts.face(run.face), dots_per_em(run.size, resolution)).glyph(glyph.id);
                Arc::new(turned_glyph(upright, run.turn))
            });
            let (dx, dy) = run.turn.rotate((glyph.x.0, -glyph.y.0));
            let x = resolution.nearest_edge_dots(run.x + Um(dx));
            let y = resolution.nearest_edge_dots(run.y + Um(dy));
            stamp(bitmap, &dots.bitmap, (x + dots.left, y + dots.top), run.ink);
        }
    }
}

/// A glyph's dots, turned clockwise about its origin.
fn turned_glyph(glyph: GlyphBitmap, turn: Turn) -> GlyphBitmap {
    let signed = |count: usize| i32::try_from(count).unwrap_or(0);
    let (right, bottom) = (glyph.left + signed(glyph.bitmap.width()), glyph.top + signed(glyph.bitmap.height()));
    let (left, top) = match turn {
        Turn::None => return glyph,
        Turn::Quarter => (-bottom, glyph.left),
        Turn::Half => (-right, -bottom),
        Turn::ThreeQuarters => (glyph.top, -right),
    };
    GlyphBitmap { left, top, bitmap: turned(&glyph.bitmap, turn) }
}

/// A type size in dots, with fractions.
#[expect(clippy::cast_precision_loss, reason = "a type size is at most 106,000 um, exact in 24 bits")]
fn dots_per_em(size: Um, resolution: Resolution) -> f32 {
    size.0 as f32 * resolution.dots_per_254_mm() as f32 / 254_000.0
}
