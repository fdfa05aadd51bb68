//! What a label looks like, as a plain list. Renderers draw it and decide nothing.
//!
//! Whatever has a hard edge (bars, rules, pictures) stands on whole dots of the printer that the label is made for;
//! text is placed in micrometres.

use std::ops::Range;

use super::bitmap::DotRect;
use super::font::FaceId;
use super::units::Um;

/// A list of things to draw. Their parts lie in shared lists, so that a drawing can be reused without allocating.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawing {
    /// What is drawn, in order.
    pub items: Vec<Item>,
    /// Glyphs of all runs.
    pub glyphs: Vec<Glyph>,
    /// Bars of all symbols.
    pub bars: Vec<DotRect>,
    /// Text of all runs and data of all symbols.
    pub chars: String,
}

/// One thing to draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A black rectangle.
    Rectangle(DotRect),
    /// A line of text.
    Text(GlyphRun),
    /// A linear symbol.
    Symbol(Symbol),
    /// A picture.
    Image(PlacedImage),
}

/// A line of text in one face and size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlyphRun {
    /// Its face.
    pub face: FaceId,
    /// Its type size.
    pub size: Um,
    /// Where it starts.
    pub x: Um,
    /// Where it stands.
    pub baseline: Um,
    /// Sum of its advance widths.
    pub width: Um,
    /// Its glyphs in [`Drawing::glyphs`].
    pub glyphs: Range<usize>,
    /// Its text in [`Drawing::chars`].
    pub text: Range<usize>,
}

/// A glyph in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyph {
    /// Glyph id in the run's face.
    pub id: u16,
    /// The character that it shows.
    pub character: char,
    /// Its origin, to the right of the run's start.
    pub x: Um,
    /// Its advance width in font units.
    pub advance: u16,
}

/// A linear symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Which kind.
    pub symbology: Symbology,
    /// From the first bar to the last, without what guard bars reach lower.
    pub area: DotRect,
    /// Dots of one module.
    pub module_dots: i32,
    /// Its bars in [`Drawing::bars`].
    pub bars: Range<usize>,
    /// Its data in [`Drawing::chars`].
    pub data: Range<usize>,
}

/// The symbologies that can be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Symbology {
    /// Code 128.
    Code128,
    /// EAN-13.
    Ean13,
}

/// A picture at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedImage {
    /// Index among the compiled label's images.
    pub image: usize,
    /// Its place.
    pub area: DotRect,
}

impl Drawing {
    /// Empties it and keeps its memory.
    pub fn clear(&mut self) {
        self.items.clear();
        self.glyphs.clear();
        self.bars.clear();
        self.chars.clear();
    }

    /// The glyphs of a run.
    pub fn run_glyphs(&self, run: &GlyphRun) -> &[Glyph] {
        &self.glyphs[run.glyphs.clone()]
    }

    /// The bars of a symbol.
    pub fn symbol_bars(&self, symbol: &Symbol) -> &[DotRect] {
        &self.bars[symbol.bars.clone()]
    }
}
