//! Words across a whole label that say what it is not: an overprint.
//!
//! The words run over the label from edge to edge as large as it takes them, diagonally where they stay readable. They are
//! solid black with a white rim, so that they show on white and on black, over bars and over pictures. They are two pieces of
//! vector art on top of all else in the drawing; outputs draw them as they draw any other art.

use std::fmt::Write as _;

use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{GlyphId, MetadataProvider};

use super::art::{Art, ArtError};
use super::font::Face;
use super::fonts_shipped::fonts_shipped;
use super::units::Um;

/// What is printed over a label that must not be taken for a good one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Overprint {
    /// The label carries no serial; it was drawn to look at it, or to set up a printer.
    Test,
    /// The label is there to be approved.
    Proof,
}

impl Overprint {
    /// All of them.
    pub const ALL: [Overprint; 2] = [Overprint::Test, Overprint::Proof];

    /// The words, in one line.
    ///
    /// ```
    /// assert_eq!(nameplate::label::Overprint::Test.text(), "TEST - NOT A SERIAL");
    /// ```
    pub fn text(self) -> &'static str {
        match self {
            Overprint::Test => "TEST - NOT A SERIAL",
            Overprint::Proof => "PROOF - NOT FOR PRODUCTION",
        }
    }

    /// The ways to break the words into lines, the fewest lines first.
    fn arrangements(self) -> [&'static [&'static str]; 3] {
        match self {
            Overprint::Test => [&["TEST - NOT A SERIAL"], &["TEST -", "NOT A SERIAL"], &["TEST -", "NOT A", "SERIAL"]],
            Overprint::Proof => [
                &["PROOF - NOT FOR PRODUCTION"],
                &["PROOF - NOT", "FOR PRODUCTION"],
                &["PROOF -", "NOT FOR", "PRODUCTION"],
            ],
        }
    }
}

/// Capitals of this height are read at arm's length: words of this height stay on one line and diagonal.
const READABLE_UM: f64 = 2_500.0;
/// From baseline to baseline, in heights of a capital.
const LINE: f64 = 1.45;
/// Width of the white rim, in heights of a capital.
const RIM: f64 = 0.17;
/// Share of the label's width and height that the words take with their rim.
const SHARE: f64 = 0.96;
/// Directions from flat to upright: so much to the right, so much up.
const DIRECTIONS: [(f64, f64); 17] = [
    (8.0, 0.0),
    (8.0, 1.0),
    (8.0, 2.0),
    (8.0, 3.0),
    (8.0, 4.0),
    (8.0, 5.0),
    (8.0, 6.0),
    (8.0, 7.0),
    (8.0, 8.0),
    (7.0, 8.0),
    (6.0, 8.0),
    (5.0, 8.0),
    (4.0, 8.0),
    (3.0, 8.0),
    (2.0, 8.0),
    (1.0, 8.0),
    (0.0, 8.0),
];
/// Those of them that nobody takes for a line of the label.
const DIAGONAL: std::ops::Range<usize> = 2..15;

/// The white rim and the black words for a label of this size, each to be put over the whole label.
///
/// # Errors
/// None are expected: the words are ours.
pub fn overprint_art(overprint: Overprint, size: (Um, Um)) -> Result<[Art; 2], ArtError> {
    let fonts = fonts_shipped();
    let face = fonts.find("sans-semibold").map(|id| fonts.face(id));
    let (width, height) = (f64::from(size.0.0), f64::from(size.1.0));
    let path = face.map(|face| Placing::best(overprint, face, (width, height)).path(face)).unwrap_or_default();
    let svg = |paint: &str| {
        let head = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\">");
        Art::from_svg(format!("{head}<path {paint} d=\"{}\"/></svg>", path.data).as_bytes())
    };
    let rim = format!("stroke=\"#000\" stroke-linejoin=\"round\" stroke-width=\"{:.1}\"", path.rim_um * 2.0);
    Ok([svg(&rim)?, svg("")?])
}

/// Lines of words with their place on a label.
struct Placing {
    lines: &'static [&'static str],
    /// Micrometres of a font unit.
    scale: f64,
    /// To the right and down, for a step along the line.
    along: (f64, f64),
    middle: (f64, f64),
    capitals: f64,
}

/// Outlines in micrometres.
#[derive(Default)]
struct Words {
    data: String,
    rim_um: f64,
}

impl Placing {
    /// One readable diagonal line if there can be one, else whatever is largest.
    fn best(overprint: Overprint, face: &Face, label: (f64, f64)) -> Placing {
        let all = overprint.arrangements();
        let diagonal = all.map(|lines| Placing::largest(lines, face, label, &DIRECTIONS[DIAGONAL]));
        let free = all.map(|lines| Placing::largest(lines, face, label, &DIRECTIONS));
        let mut best: Option<Placing> = None;
        for placing in diagonal.into_iter().chain(free) {
            if placing.capitals_um() >= READABLE_UM {
                return placing;
            }
            if best.as_ref().is_none_or(|best| placing.capitals_um() > best.capitals_um()) {
                best = Some(placing);
            }
        }
        best.unwrap_or_else(|| Placing::largest(all[0], face, label, &DIRECTIONS))
    }

    fn largest(lines: &'static [&'static str], face: &Face, label: (f64, f64), directions: &[(f64, f64)]) -> Placing {
        let capitals = f64::from(face.heights().capitals);
        let width = lines.iter().map(|line| advance(line, face)).fold(0.0, f64::max) + 2.0 * RIM * capitals;
        let rows = lines.iter().skip(1).fold(1.0, |rows, _| rows + LINE);
        let height = (rows + 2.0 * RIM) * capitals;
        let mut best =
            Placing { lines, scale: 0.0, along: (1.0, 0.0), middle: (label.0 / 2.0, label.1 / 2.0), capitals };
        for (right, up) in directions {
            let length = (right * right + up * up).sqrt();
            let (right, up) = (right / length, up / length);
            let across = SHARE * label.0 / (width * right + height * up);
            let down = SHARE * label.1 / (width * up + height * right);
            if across.min(down) > best.scale {
                (best.scale, best.along) = (across.min(down), (right, -up));
            }
        }
        best
    }

    fn capitals_um(&self) -> f64 {
        self.capitals * self.scale
    }

    fn path(&self, face: &Face) -> Words {
        let mut words = Words { data: String::new(), rim_um: RIM * self.capitals_um() };
        let rows = self.lines.iter().skip(1).fold(1.0, |rows, _| rows + LINE);
        // Of the first line, downwards from the middle of all.
        let mut baseline = (1.0 - rows / 2.0) * self.capitals;
        for line in self.lines {
            let mut x = -advance(line, face) / 2.0;
            for glyph in line.chars().filter_map(|character| face.glyph(character)) {
                let mut pen = Pen { placing: self, x, baseline, out: &mut words.data };
                if let Some(outline) = face.font().outline_glyphs().get(GlyphId::new(u32::from(glyph.id))) {
                    let whole = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
                    // A space has no outline.
                    let _ = outline.draw(whole, &mut pen);
                }
                x += f64::from(glyph.advance);
            }
            baseline += LINE * self.capitals;
        }
        words
    }
}

fn advance(line: &str, face: &Face) -> f64 {
    line.chars().filter_map(|character| face.glyph(character)).map(|glyph| f64::from(glyph.advance)).sum()
}

/// Outlines of glyphs as path data on the label.
struct Pen<'a> {
    placing: &'a Placing,
    /// Of the glyph's origin, from the middle of the label along the line and downwards across it, in font units.
    x: f64,
    baseline: f64,
    out: &'a mut String,
}

impl Pen<'_> {
    fn push(&mut self, command: char, points: &[(f32, f32)]) {
        let Placing { scale, along: (right, down), middle, .. } = *self.placing;
        self.out.push(command);
        for (x, y) in points {
            let (along, across) = ((self.x + f64::from(*x)) * scale, (self.baseline - f64::from(*y)) * scale);
            let (x, y) = (middle.0 + along * right - across * down, middle.1 + along * down + across * right);
            // Writing to a string does not fail.
            let _ = write!(self.out, "{x:.1} {y:.1} ");
        }
    }
}

impl OutlinePen for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.push('M', &[(x, y)]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.push('L', &[(x, y)]);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.push('Q', &[(cx, cy), (x, y)]);
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.push('C', &[(cx0, cy0), (cx1, cy1), (x, y)]);
    }

    fn close(&mut self) {
        self.out.push('z');
    }
}
