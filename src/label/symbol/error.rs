//! Why data cannot be a symbol, in words for the people who send the data or design the label.

use thiserror::Error;

use super::ErrorCorrection;
use super::gs1::Gs1Error;

/// Characters of data that a message repeats.
const MAX_SHOWN_CHARACTERS: usize = 80;

/// Why data cannot be a symbol.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SymbolError {
    /// Nothing to encode.
    #[error("there is nothing to encode")]
    Empty,
    /// A character that the symbology cannot carry.
    #[error("the character {character:?} cannot be carried by {symbology}")]
    Character {
        /// The character.
        character: char,
        /// The symbology's name.
        symbology: &'static str,
    },
    /// More data than is sensible in one linear symbol.
    #[error("{found} characters are too many for one symbol, at most {limit} are allowed")]
    TooLong {
        /// Characters found.
        found: usize,
        /// Characters allowed.
        limit: usize,
    },
    /// More data than the largest symbol holds.
    #[error("{data:?} ({bytes} bytes) does not fit into the largest {symbology}; make the data shorter")]
    TooMuchData {
        /// The symbology's name, with the level where there is one.
        symbology: &'static str,
        /// The data, at most their first 80 characters.
        data: String,
        /// Bytes of the data.
        bytes: usize,
    },
    /// More data than the job was planned for.
    #[error(
        "{data:?} needs {needed} {unit}, but the label is laid out for at most {planned}; \
         shorten the data or plan with a sample that is as long"
    )]
    LongerThanPlanned {
        /// The data, at most their first 80 characters.
        data: String,
        /// What they need.
        needed: u32,
        /// What is there.
        planned: u32,
        /// `modules`, `bits` or `characters`.
        unit: &'static str,
    },
    /// The wrong number of digits; nothing is padded or cut.
    #[error("{symbology} has exactly {digits} digits, {found:?} has {count}; nothing is padded or cut")]
    DigitCount {
        /// The symbology's name.
        symbology: &'static str,
        /// How many digits it has.
        digits: usize,
        /// The data, at most their first 80 characters.
        found: String,
        /// How many characters they have.
        count: usize,
    },
    /// The last digit is not the check digit of the others.
    #[error("{found} ends in {actual}, but its check digit must be {expected}: one of its digits is wrong")]
    CheckDigit {
        /// The data.
        found: String,
        /// The digit that stands there.
        actual: u8,
        /// The digit that ought to stand there.
        expected: u8,
    },
    /// A level of error correction that the symbology does not have.
    #[error("{symbology} has no error correction level {level:?}; use {instead}")]
    NoSuchErrorCorrection {
        /// The symbology's name.
        symbology: &'static str,
        /// The level asked for.
        level: ErrorCorrection,
        /// The levels that there are.
        instead: &'static str,
    },
    /// The element string is not one.
    #[error(transparent)]
    Gs1(#[from] Gs1Error),
}

/// Data for a message, cut where they are very long.
pub(super) fn shown(data: &str) -> String {
    match data.char_indices().nth(MAX_SHOWN_CHARACTERS) {
        None => data.to_owned(),
        Some((end, _)) => format!("{}…", &data[..end]),
    }
}
