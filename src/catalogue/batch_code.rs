//! The number of a batch, free in its form.

use std::fmt;

use serde::Serialize;

use super::text::is_unprintable;

/// The longest batch number, in characters.
pub const BATCH_CODE_MAX_CHARS: usize = 40;

/// A batch number: 1 to 40 printable characters of any script, spaces inside included.
///
/// Plants number batches by place, day of making or day of expiry, each in its own form, so that no form is imposed. What is
/// refused is what nobody can see: two numbers that look the same must be the same.
///
/// ```
/// use nameplate::catalogue::BatchCode;
///
/// assert_eq!(BatchCode::new("Lot 24/117 (b)")?.key(), "LOT 24/117 (B)");
/// assert!(BatchCode::new("24\u{200B}117").is_err()); // a space of no width
/// # Ok::<(), nameplate::catalogue::BatchCodeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct BatchCode(Box<str>);

/// Why a text is not a batch number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchCodeError {
    /// Nothing there but blanks.
    #[error("a batch number is missing")]
    Empty,
    /// More than [`BATCH_CODE_MAX_CHARS`] characters.
    #[error("a batch number has at most {BATCH_CODE_MAX_CHARS} characters, this has {found}")]
    TooLong {
        /// How many characters there are.
        found: usize,
    },
    /// A character that cannot be printed or seen.
    #[error("an invisible character (U+{code:04X}) stands at place {position} of the batch number; type it again")]
    Unprintable {
        /// Its Unicode code point.
        code: u32,
        /// Its place, counted from 1.
        position: usize,
    },
}

impl BatchCode {
    /// Trims and checks; letter case is kept.
    ///
    /// # Errors
    /// [`BatchCodeError`] when the number is blank, too long or holds something invisible.
    pub fn new(text: &str) -> Result<Self, BatchCodeError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(BatchCodeError::Empty);
        }
        let mut found = 0;
        for character in text.chars() {
            found += 1;
            if is_unprintable(character) {
                return Err(BatchCodeError::Unprintable { code: u32::from(character), position: found });
            }
        }
        if found > BATCH_CODE_MAX_CHARS {
            return Err(BatchCodeError::TooLong { found });
        }
        Ok(Self(text.into()))
    }

    /// The number as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that comparisons use: upper case.
    pub fn key(&self) -> String {
        self.0.to_uppercase()
    }
}

impl fmt::Display for BatchCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bat6_any_printable_form_is_a_batch_number() {
        for text in ["2025-W14", "HH/0007", "EXP 31.12.2027", "批号-42", "(10)A#1", "00042"] {
            assert_eq!(BatchCode::new(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn bat6_what_cannot_be_seen_is_refused() {
        assert_eq!(BatchCode::new("A\u{7}"), Err(BatchCodeError::Unprintable { code: 7, position: 2 }));
        assert_eq!(BatchCode::new("A\u{A0}B"), Err(BatchCodeError::Unprintable { code: 0xA0, position: 2 }));
        assert_eq!(BatchCode::new("   "), Err(BatchCodeError::Empty));
        assert_eq!(BatchCode::new(&"é".repeat(41)), Err(BatchCodeError::TooLong { found: 41 }));
        assert!(BatchCode::new(&"é".repeat(40)).is_ok());
    }
}
