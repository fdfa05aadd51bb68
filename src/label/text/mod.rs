//! Setting text: shaping, fallback faces, directions, line breaking, shrinking to fit and truncation.
//!
//! Fixed text is shaped as its writing needs it (OpenType, UAX 9, UAX 14). Lines break where UAX 14 allows; there is no
//! dictionary, so Thai breaks at spaces and zero width spaces only, and nothing is hyphenated. Text that differs from
//! unit to unit is set plainly: one glyph a character at its nominal width, so that all labels of a job look alike.

mod bounds;
mod check;
mod ems;
mod error;
mod itemise;
mod lines;
mod place;
mod plain;
mod shape;

use harfrust::Language;

use super::drawing::{Drawing, Ink, Turn};
use super::font::{Face, FaceId, FontSet};
use super::units::Um;
use lines::Breaker;
use place::Placing;
use plain::Plain;
use shape::Line;

pub use bounds::ink_bounds;
pub use check::{MAX_CHARACTERS, MAX_MARKS};
pub(super) use ems::narrow;
pub use error::TextError;

/// Type sizes are tried in steps of a quarter point.
const SIZE_STEP: Um = Um(88);
/// The longest language tag that is passed on (RFC 5646, 4.4.1).
const MAX_LANGUAGE: usize = 35;

/// Where lines narrower than their box go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Align {
    /// Where the paragraph's reading starts: left, or right for Arabic and Hebrew.
    #[default]
    Start,
    /// Against the left edge.
    Left,
    /// In the middle.
    Center,
    /// Against the right edge.
    Right,
    /// Where the paragraph's reading ends.
    End,
}

impl Align {
    /// How far something narrower than its box by `spare` is moved to the right.
    pub fn offset(self, is_rtl: bool, spare: Um) -> Um {
        match (self, is_rtl) {
            (Align::Left, _) | (Align::Start, false) | (Align::End, true) => Um(0),
            (Align::Right, _) | (Align::Start, true) | (Align::End, false) => spare,
            (Align::Center, _) => Um(spare.0 / 2),
        }
    }
}

/// How an element's text is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextStyle {
    /// Wanted face; where it has no glyph, others stand in ([`FontSet::chain`]).
    pub face: FaceId,
    /// Wanted type size.
    pub size: Um,
    /// Smallest type size.
    pub min_size: Um,
    /// Most lines; none counts as one.
    pub max_lines: usize,
    /// Baseline distance in hundredths of the size.
    pub leading_percent: u16,
    /// Where lines stand in the box.
    pub align: Align,
    /// Width of the box, which no line exceeds.
    pub width: Um,
    /// Whether text that does not fit at the smallest size is cut and ends in "…".
    pub may_truncate: bool,
    /// Language (BCP 47), where forms of letters depend on it.
    pub language: Option<String>,
    /// Black or white.
    pub ink: Ink,
}

/// Maps a box to the label: its point (u, v), to the right and downwards from its own top left corner, lies at (x, y)
/// plus (u, v) turned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextOrigin {
    /// Where the box's top left corner lies, from the label's left edge.
    pub x: Um,
    /// Where the box's top left corner lies, from the label's top edge.
    pub y: Um,
    /// How the box is turned about that corner.
    pub turn: Turn,
}

impl TextOrigin {
    /// Where a point of the box lies on the label.
    pub fn at(self, u: Um, v: Um) -> (Um, Um) {
        let (x, y) = self.turn.rotate((u.0, v.0));
        (self.x + Um(x), self.y + Um(y))
    }
}

/// Whether nobody sees a character: controls, directional formatting, what is ignorable.
pub fn is_unseen(character: char) -> bool {
    check::is_unseen(character)
}

/// Whether a character can stand in a text that differs from unit to unit.
pub fn is_plain_character(character: char) -> bool {
    check::check_plain(character).is_ok()
}

/// A text whose size is decided, once for a whole job.
#[derive(Clone, Debug)]
pub struct TextPlan {
    style: TextStyle,
    size: Um,
    fixed: Option<Fixed>,
}

/// A text that is the same on every unit, and its lines.
#[derive(Clone, Debug)]
struct Fixed {
    text: String,
    lines: Vec<Line>,
}

/// What shaping needs to know besides the text.
struct Setting<'f> {
    fonts: &'f FontSet,
    face: FaceId,
    language: Option<Language>,
}

impl<'f> Setting<'f> {
    fn new(style: &TextStyle, fonts: &'f FontSet) -> Setting<'f> {
        let tag = style.language.as_deref().filter(|tag| tag.len() <= MAX_LANGUAGE && tag.is_ascii());
        Setting { fonts, face: style.face, language: tag.and_then(Language::new) }
    }

    fn face(&self) -> &'f Face {
        self.fonts.face(self.face)
    }

    fn chain(&self) -> impl Iterator<Item = FaceId> {
        self.fonts.chain(self.face)
    }
}

impl TextPlan {
    /// Decides the largest size within the limits at which `sample` fits.
    ///
    /// `is_per_unit`: the text differs from unit to unit. It is then set plainly and in one face; characters whose
    /// writing joins, stacks or runs from right to left are refused.
    ///
    /// # Errors
    /// [`TextError`] for a character that cannot be set, or if the sample does not fit at the smallest size and may not
    /// be cut.
    pub fn new(style: &TextStyle, sample: &str, is_per_unit: bool, fonts: &FontSet) -> Result<TextPlan, TextError> {
        check::check_length(sample)?;
        let plan = |size: Um, fixed: Option<Fixed>| TextPlan { style: style.clone(), size, fixed };
        if is_per_unit {
            let (size, ()) = shrink(style, |size| Plain::new(style, size, fonts).check(sample))?;
            return Ok(plan(size, None));
        }
        let setting = Setting::new(style, fonts);
        let text = check::clean(sample)?;
        let breaker = Breaker::new(&text, style, &setting)?;
        let (size, lines) = shrink(style, |size| breaker.lines(size, may_cut(style, size)))?;
        Ok(plan(size, Some(Fixed { text: sample.to_owned(), lines })))
    }

    /// The type size.
    pub fn size(&self) -> Um {
        self.size
    }

    /// The wanted face.
    pub fn face(&self) -> FaceId {
        self.style.face
    }

    /// Whether each of these characters can stand in a text that differs from unit to unit, set in this face.
    ///
    /// # Errors
    /// The first that cannot: [`TextError::NeedsShaping`], [`TextError::ControlCharacter`], [`TextError::GlyphMissing`].
    pub fn check_per_unit(characters: &str, face: FaceId, fonts: &FontSet) -> Result<(), TextError> {
        let face = fonts.face(face);
        for character in characters.chars() {
            check::check_plain(character)?;
            if face.glyph(character).is_none() || check::is_private(character) {
                return Err(TextError::GlyphMissing { character, font: face.name().to_owned() });
            }
        }
        Ok(())
    }

    /// Distance from baseline to baseline.
    pub fn leading(&self) -> Um {
        narrow(i64::from(self.size.0) * i64::from(self.style.leading_percent) / 100)
    }

    /// Width of the widest line, and height from the top of the first line's capitals to the last baseline; nothing
    /// for an empty text.
    ///
    /// # Errors
    /// As for [`TextPlan::new`], at the size that was decided.
    pub fn extent(&self, text: &str, fonts: &FontSet) -> Result<(Um, Um), TextError> {
        let mut widest = Um(0);
        let mut count = 0_i32;
        if let Some(fixed) = &self.fixed {
            let lines = self.fixed_lines(fixed, text, fonts)?;
            for line in lines.iter() {
                widest = widest.max(line.width().at(self.size));
                count = count.saturating_add(1);
            }
        } else {
            self.plain(fonts).each_line(text, may_cut(&self.style, self.size), |line| {
                widest = widest.max(line.width);
                count = count.saturating_add(1);
            })?;
        }
        if count == 0 {
            return Ok((Um(0), Um(0)));
        }
        let above = i64::from(self.leading().0) * i64::from(count - 1);
        Ok((widest, narrow(i64::from(self.capitals(fonts).0) + above)))
    }

    /// Adds the lines to a drawing. The top of the box is the top of the first line's capitals.
    ///
    /// # Errors
    /// As for [`TextPlan::new`], at the size that was decided; the drawing is then as it was.
    pub fn place(
        &self,
        text: &str,
        origin: TextOrigin,
        fonts: &FontSet,
        drawing: &mut Drawing,
    ) -> Result<(), TextError> {
        let mut placing = Placing {
            style: &self.style,
            size: self.size,
            leading: self.leading(),
            baseline: self.capitals(fonts),
            origin,
            fonts,
            drawing,
        };
        if let Some(fixed) = &self.fixed {
            let lines = self.fixed_lines(fixed, text, fonts)?;
            lines.iter().for_each(|line| placing.line(line));
            return Ok(());
        }
        let plain = self.plain(fonts);
        let may_cut = may_cut(&self.style, self.size);
        if self.style.max_lines > 1 || may_cut {
            plain.each_line(text, may_cut, |_| ())?;
        }
        plain.each_line(text, may_cut, |line| placing.plain_line(line, plain.face))
    }

    fn plain<'p>(&'p self, fonts: &'p FontSet) -> Plain<'p> {
        Plain::new(&self.style, self.size, fonts)
    }

    fn capitals(&self, fonts: &FontSet) -> Um {
        let face = fonts.face(self.style.face);
        face.scale(i64::from(face.heights().capitals), self.size)
    }

    /// The lines that were decided, or those of another text at the same size.
    fn fixed_lines<'p>(
        &self,
        fixed: &'p Fixed,
        text: &str,
        fonts: &FontSet,
    ) -> Result<std::borrow::Cow<'p, [Line]>, TextError> {
        if text == fixed.text {
            return Ok(fixed.lines.as_slice().into());
        }
        let setting = Setting::new(&self.style, fonts);
        let text = check::clean(text)?;
        let lines = Breaker::new(&text, &self.style, &setting)?.lines(self.size, may_cut(&self.style, self.size))?;
        Ok(lines.into())
    }
}

fn smallest(style: &TextStyle) -> Um {
    style.min_size.min(style.size)
}

/// Text is cut at the smallest size only.
fn may_cut(style: &TextStyle, size: Um) -> bool {
    style.may_truncate && size <= smallest(style)
}

/// Tries one size after the other from the wanted one down.
fn shrink<T>(style: &TextStyle, fit: impl Fn(Um) -> Result<T, TextError>) -> Result<(Um, T), TextError> {
    let mut size = style.size;
    loop {
        match fit(size) {
            Err(error) if error.is_misfit() && size > smallest(style) => {
                size = Um(size.0 - SIZE_STEP.0).max(smallest(style));
            }
            result => return result.map(|fitted| (size, fitted)),
        }
    }
}

#[cfg(test)]
mod tests;
