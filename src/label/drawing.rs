//! What a label looks like, as a plain list. Renderers draw it in order and decide nothing.
//!
//! Whatever has a hard edge (bars, modules, rules, pictures) stands on whole dots of the printer that the label is made
//! for; text is placed in micrometres.

use std::ops::Range;

use super::bitmap::DotRect;
use super::font::FaceId;
use super::symbol::{ErrorCorrection, Symbology};
use super::units::Um;

/// A list of things to draw. Their parts lie in shared lists, so that a drawing can be reused without allocating.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawing {
    /// What is drawn, in order.
    pub items: Vec<Item>,
    /// Glyphs of all runs.
    pub glyphs: Vec<Glyph>,
    /// Bars of all linear symbols.
    pub bars: Vec<DotRect>,
    /// Modules of all matrix symbols.
    pub bits: Vec<u8>,
    /// Text of all runs and data of all symbols.
    pub chars: String,
}

/// One thing to draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A filled rectangle.
    Rectangle {
        /// Its place.
        area: DotRect,
        /// Black or white.
        ink: Ink,
    },
    /// A line of text, or a stretch of one.
    Text(GlyphRun),
    /// A barcode.
    Symbol(Symbol),
    /// A picture.
    Image(PlacedImage),
    /// Vector art.
    Art(PlacedArt),
}

impl Item {
    /// Black, or white on black; symbols and pictures are black.
    pub fn ink(&self) -> Ink {
        match self {
            Item::Rectangle { ink, .. } => *ink,
            Item::Text(run) => run.ink,
            Item::Art(placed) => placed.ink,
            Item::Symbol(_) | Item::Image(_) => Ink::Black,
        }
    }

    /// The same dots in black.
    pub fn in_black(&self) -> Item {
        let mut item = self.clone();
        match &mut item {
            Item::Rectangle { ink, .. } => *ink = Ink::Black,
            Item::Text(run) => run.ink = Ink::Black,
            Item::Art(placed) => placed.ink = Ink::Black,
            Item::Symbol(_) | Item::Image(_) => {}
        }
        item
    }
}

/// What is put on the label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ink {
    /// The printer's ink.
    #[default]
    Black,
    /// The bare stock: shows only on black.
    White,
}

/// Quarter turns clockwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Turn {
    /// Upright.
    #[default]
    None,
    /// 90 degrees: read from top to bottom.
    Quarter,
    /// 180 degrees: upside down.
    Half,
    /// 270 degrees: read from bottom to top.
    ThreeQuarters,
}

impl Turn {
    /// From degrees clockwise: 0, 90, 180 or 270.
    pub fn from_degrees(degrees: i64) -> Option<Turn> {
        Some(match degrees {
            0 => Turn::None,
            90 => Turn::Quarter,
            180 => Turn::Half,
            270 => Turn::ThreeQuarters,
            _ => return None,
        })
    }

    /// Degrees clockwise.
    pub fn degrees(self) -> u16 {
        match self {
            Turn::None => 0,
            Turn::Quarter => 90,
            Turn::Half => 180,
            Turn::ThreeQuarters => 270,
        }
    }

    /// Whether width and height change places.
    pub fn is_sideways(self) -> bool {
        matches!(self, Turn::Quarter | Turn::ThreeQuarters)
    }

    /// A vector (to the right, downwards) after turning.
    pub fn rotate<T: Copy + std::ops::Neg<Output = T>>(self, (u, v): (T, T)) -> (T, T) {
        match self {
            Turn::None => (u, v),
            Turn::Quarter => (-v, u),
            Turn::Half => (-u, -v),
            Turn::ThreeQuarters => (v, -u),
        }
    }

    /// Width and height as they stand after turning.
    pub fn size<T>(self, (width, height): (T, T)) -> (T, T) {
        if self.is_sideways() { (height, width) } else { (width, height) }
    }

    /// Where a box's own top left corner lies in the box as it stands, whose width and height are given.
    pub fn corner<T: Copy + Default>(self, (width, height): (T, T)) -> (T, T) {
        match self {
            Turn::None => (T::default(), T::default()),
            Turn::Quarter => (width, T::default()),
            Turn::Half => (width, height),
            Turn::ThreeQuarters => (T::default(), height),
        }
    }

    /// A rectangle of a box's own, as it stands in `frame`, the box as it stands.
    pub fn place(self, own: DotRect, frame: DotRect) -> DotRect {
        let (width, height) = self.size((own.width, own.height));
        let (x, y) = match self {
            Turn::None => (own.x, own.y),
            Turn::Quarter => (frame.width - own.y - own.height, own.x),
            Turn::Half => (frame.width - own.x - own.width, frame.height - own.y - own.height),
            Turn::ThreeQuarters => (own.y, frame.height - own.x - own.width),
        };
        DotRect { x: frame.x + x, y: frame.y + y, width, height }
    }
}

/// A stretch of one line of text in one face, size and direction. A line in several faces is several runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlyphRun {
    /// Its face.
    pub face: FaceId,
    /// Its type size.
    pub size: Um,
    /// Black, or white on black.
    pub ink: Ink,
    /// The run goes to the right along its own baseline, turned clockwise about its origin.
    pub turn: Turn,
    /// Its origin on the baseline, from the label's left edge.
    pub x: Um,
    /// Its origin on the baseline, from the label's top edge.
    pub y: Um,
    /// Sum of its advance widths along the baseline.
    pub width: Um,
    /// Its glyphs in [`Drawing::glyphs`], from left to right.
    pub glyphs: Range<usize>,
    /// Its text in [`Drawing::chars`], in logical order.
    pub text: Range<usize>,
    /// Every glyph shows exactly one character, in the order of the text, at its nominal width.
    pub is_plain: bool,
}

/// A glyph in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyph {
    /// Glyph id in the run's face.
    pub id: u16,
    /// The one character that it shows, where there is exactly one.
    pub character: Option<char>,
    /// Its origin along the baseline, from the run's origin.
    pub x: Um,
    /// Its origin above the baseline.
    pub y: Um,
    /// Its nominal advance width in font units.
    pub advance: u16,
}

/// A barcode whose modules are whole dots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Which kind.
    pub symbology: Symbology,
    /// How it is turned.
    pub turn: Turn,
    /// Its bars or modules as they stand, without what guard bars reach lower and without quiet zones.
    pub area: DotRect,
    /// Dots of one module.
    pub module_dots: i32,
    /// Level of a QR code.
    pub error_correction: ErrorCorrection,
    /// Bars of a linear symbol in [`Drawing::bars`], as they stand on the label.
    pub bars: Range<usize>,
    /// Modules of a matrix symbol.
    pub matrix: Option<MatrixBits>,
    /// Its data in [`Drawing::chars`]: element strings in brackets, links as they are scanned.
    pub data: Range<usize>,
    /// Index among the compiled label's codes.
    pub code: usize,
}

/// The modules of a matrix symbol; it always stands upright.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatrixBits {
    /// Modules in a row.
    pub columns: i32,
    /// Rows.
    pub rows: i32,
    /// Rows in [`Drawing::bits`], each from a whole byte on; 1 is dark, the leftmost module is the highest bit.
    pub bits: Range<usize>,
}

/// A picture at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedImage {
    /// Index among the compiled label's images.
    pub image: usize,
    /// Its place as it stands.
    pub area: DotRect,
    /// How it is turned.
    pub turn: Turn,
}

/// Vector art at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedArt {
    /// Index among the compiled label's art.
    pub art: usize,
    /// Its place as it stands.
    pub area: DotRect,
    /// How it is turned.
    pub turn: Turn,
    /// Black, or white on black.
    pub ink: Ink,
}

impl Drawing {
    /// Empties it and keeps its memory.
    pub fn clear(&mut self) {
        self.items.clear();
        self.glyphs.clear();
        self.bars.clear();
        self.bits.clear();
        self.chars.clear();
    }

    /// The glyphs of a run.
    pub fn run_glyphs(&self, run: &GlyphRun) -> &[Glyph] {
        &self.glyphs[run.glyphs.clone()]
    }

    /// The text of a run.
    pub fn run_text(&self, run: &GlyphRun) -> &str {
        &self.chars[run.text.clone()]
    }

    /// The bars of a linear symbol.
    pub fn symbol_bars(&self, symbol: &Symbol) -> &[DotRect] {
        &self.bars[symbol.bars.clone()]
    }

    /// The data of a symbol.
    pub fn symbol_data(&self, symbol: &Symbol) -> &str {
        &self.chars[symbol.data.clone()]
    }

    /// The rows of a matrix symbol.
    pub fn matrix_bits(&self, matrix: &MatrixBits) -> &[u8] {
        &self.bits[matrix.bits.clone()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turned_box_keeps_its_corners_together() {
        let frame = |turn: Turn| {
            let (width, height) = turn.size((30, 10));
            DotRect { x: 100, y: 200, width, height }
        };
        let own = DotRect { x: 2, y: 1, width: 5, height: 3 };
        assert_eq!(Turn::None.place(own, frame(Turn::None)), DotRect { x: 102, y: 201, width: 5, height: 3 });
        assert_eq!(Turn::Quarter.place(own, frame(Turn::Quarter)), DotRect { x: 106, y: 202, width: 3, height: 5 });
        assert_eq!(Turn::Half.place(own, frame(Turn::Half)), DotRect { x: 123, y: 206, width: 5, height: 3 });
        let upwards = Turn::ThreeQuarters.place(own, frame(Turn::ThreeQuarters));
        assert_eq!(upwards, DotRect { x: 101, y: 223, width: 3, height: 5 });
        for turn in [Turn::None, Turn::Quarter, Turn::Half, Turn::ThreeQuarters] {
            let (frame, whole) = (frame(turn), DotRect { x: 0, y: 0, width: 30, height: 10 });
            assert_eq!(turn.place(whole, frame), frame, "{turn:?}");
            let corner = turn.corner((frame.width, frame.height));
            let far = turn.rotate((30, 10));
            let opposite = (corner.0 + far.0, corner.1 + far.1);
            assert!([0, frame.width].contains(&opposite.0) && [0, frame.height].contains(&opposite.1), "{turn:?}");
            assert_eq!(Turn::from_degrees(i64::from(turn.degrees())), Some(turn));
        }
    }
}
