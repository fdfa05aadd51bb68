//! Linear symbols as modules: which are dark, in what order. No lengths here; see [`module_size`] for dots.

pub mod code128;
pub mod ean13;
pub mod module_size;

use thiserror::Error;

/// A dark bar: how many modules after the symbol's left edge it starts and how many it is wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModuleBar {
    /// Modules between the left edge of the symbol's first bar and this bar.
    pub start: u32,
    /// Width in modules, 1 to 4.
    pub width: u32,
    /// A guard bar of EAN, which reaches lower than the others.
    pub guard: bool,
}

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
    /// EAN-13 needs exactly 13 digits; nothing is padded or cut.
    #[error("an EAN-13 has exactly 13 digits, {found:?} has {count}; nothing is padded or cut")]
    DigitCount {
        /// The data.
        found: String,
        /// How many characters it has.
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
}

/// Appends one bar for each run of dark modules, given alternating bar and space widths that start with a bar.
///
/// Returns the position after the last element.
fn push_elements(widths: &[u8], mut at: u32, guard: bool, bars: &mut Vec<ModuleBar>) -> u32 {
    for (i, &width) in widths.iter().enumerate() {
        let width = u32::from(width);
        if i % 2 == 0 {
            bars.push(ModuleBar { start: at, width, guard });
        }
        at += width;
    }
    at
}
