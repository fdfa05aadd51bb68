//! Why a text cannot be set.

use thiserror::Error;

use crate::label::units::Um;

/// Why a text cannot be set. Whoever knows it adds the name of the element.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TextError {
    /// No face has a glyph for a character.
    #[error("the font {font:?} has no glyph for {}, nor has a font that may stand in for it", Named(*.character))]
    GlyphMissing {
        /// The character.
        character: char,
        /// Name of the wanted face.
        font: String,
    },
    /// A line or word is wider than the box even at the smallest size.
    #[error(
        "{:?} is {measured} wide at {:.2} pt, the smallest size allowed, but only {allowed} are there; shorten it or widen the box",
        excerpt(.text), .size.pt()
    )]
    TooWide {
        /// The line or word.
        text: String,
        /// Its width.
        measured: Um,
        /// Width of the box.
        allowed: Um,
        /// The type size.
        size: Um,
    },
    /// Text needs more lines than it may have.
    #[error(
        "the text needs {needed} lines of {width} at {:.2} pt, the smallest size allowed, but may have {allowed}; shorten it or enlarge the box",
        .size.pt()
    )]
    TooManyLines {
        /// Lines needed.
        needed: usize,
        /// Lines allowed.
        allowed: usize,
        /// Width of the box.
        width: Um,
        /// The type size.
        size: Um,
    },
    /// A character that is not seen, or that makes a text read otherwise than its data.
    #[error(
        "the text holds {}, which is not seen or changes how the text around it reads; remove it",
        Named(*.character)
    )]
    ControlCharacter {
        /// The character.
        character: char,
    },
    /// More marks on one letter than any language writes.
    #[error("the text puts more than {} marks on one letter, the last is {}; remove them", super::check::MAX_MARKS, Named(*.character))]
    TooManyMarks {
        /// The first mark beyond the limit.
        character: char,
    },
    /// Text that differs from unit to unit is set one glyph a character from left to right.
    #[error(
        "{} cannot stand in a text that differs from unit to unit: its writing joins, reorders or stacks letters; put it into a field that is the same for a whole job",
        Named(*.character)
    )]
    NeedsShaping {
        /// The character.
        character: char,
    },
    /// Text that no label can hold.
    #[error("the text has more than {allowed} characters")]
    TooLong {
        /// The most characters allowed.
        allowed: usize,
    },
}

impl TextError {
    /// Whether a smaller type size may help.
    pub fn is_misfit(&self) -> bool {
        matches!(self, TextError::TooWide { .. } | TextError::TooManyLines { .. })
    }
}

/// A character as people can find it: itself if it is seen, and its code point.
struct Named(char);

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} (U+{:04X})", self.0, u32::from(self.0))
    }
}

/// The start of a long text.
fn excerpt(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
