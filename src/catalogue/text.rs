//! Texts that end up on labels and in records: one line, or a paragraph.

use std::fmt;

use serde::Serialize;

/// Why a text is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing there but blanks.
    #[error("a text is missing")]
    Empty,
    /// Longer than the column takes.
    #[error("the text has {found} characters; {limit} are possible")]
    TooLong {
        /// How many characters there are.
        found: usize,
        /// How many are possible.
        limit: usize,
    },
    /// A control character, an invisible mark or one that reverses the reading direction of its neighbours.
    #[error("an invisible character (U+{code:04X}) stands at place {position}; delete it and type the text again")]
    Invisible {
        /// Its Unicode code point.
        code: u32,
        /// Its place, counted from 1.
        position: usize,
    },
    /// A line break where one line is wanted.
    #[error("this text must be one line, but a line ends at place {position}")]
    LineBreak {
        /// The place of the line break, counted from 1.
        position: usize,
    },
}

/// Characters that no text may hold: controls, line and paragraph separators, direction overrides and isolates, and the byte
/// order mark. Joiners and direction marks stay possible, because Persian, Hindi and Hebrew need them.
fn is_forbidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{FFFE}' | '\u{FFFF}')
}

/// Characters that additionally have no place in a number that people compare by eye: two texts that look the same must be
/// the same.
pub(super) fn is_unprintable(character: char) -> bool {
    is_forbidden(character)
        || matches!(character, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{FE00}'..='\u{FE0F}')
        || (character.is_whitespace() && character != ' ')
}

fn check(text: &str, limit: usize, lines: bool) -> Result<&str, TextError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    let mut found = 0;
    for character in text.chars() {
        found += 1;
        match character {
            '\n' if lines => {}
            '\n' | '\r' => return Err(TextError::LineBreak { position: found }),
            other if is_forbidden(other) => {
                return Err(TextError::Invisible { code: u32::from(other), position: found });
            }
            _ => {}
        }
    }
    if found > limit {
        return Err(TextError::TooLong { found, limit });
    }
    Ok(text)
}

/// One line of 1 to `MAX` visible characters, without blanks at its ends.
///
/// ```
/// use nameplate::catalogue::Line;
///
/// assert_eq!(Line::<20>::new("  Borealis Größe 2 ")?.as_str(), "Borealis Größe 2");
/// assert!(Line::<20>::new("two\nlines").is_err());
/// # Ok::<(), nameplate::catalogue::TextError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Line<const MAX: usize>(Box<str>);

impl<const MAX: usize> Line<MAX> {
    /// Trims and checks.
    ///
    /// # Errors
    /// [`TextError`] when the text is blank, too long, broken into lines or holds invisible characters.
    pub fn new(text: &str) -> Result<Self, TextError> {
        check(text, MAX, false).map(|text| Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Display for Line<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// 1 to `MAX` characters that may be broken into lines. Line ends of every system become `\n`.
///
/// ```
/// use nameplate::catalogue::Paragraph;
///
/// let address = Paragraph::<100>::new("Borealis Optics GmbH\r\n20457 Hamburg")?;
/// assert_eq!(address.as_str(), "Borealis Optics GmbH\n20457 Hamburg");
/// assert!(Paragraph::<100>::new("tab\there").is_err());
/// # Ok::<(), nameplate::catalogue::TextError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Paragraph<const MAX: usize>(Box<str>);

impl<const MAX: usize> Paragraph<MAX> {
    /// Makes line ends one kind, trims and checks.
    ///
    /// # Errors
    /// [`TextError`] when the text is blank, too long or holds invisible characters.
    pub fn new(text: &str) -> Result<Self, TextError> {
        if text.contains('\r') {
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            return check(&text, MAX, true).map(|text| Self(text.into()));
        }
        check(text, MAX, true).map(|text| Self(text.into()))
    }

    /// The text, its lines separated by `\n`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Display for Paragraph<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters() {
        assert!(Line::<3>::new("äöü").is_ok());
        assert_eq!(Line::<3>::new("äöüß"), Err(TextError::TooLong { found: 4, limit: 3 }));
    }

    #[test]
    fn nul_controls_and_direction_overrides_are_refused() {
        for (text, code) in [("a\0b", 0), ("a\u{1b}b", 0x1b), ("a\u{202E}b", 0x202E), ("a\u{2029}b", 0x2029)] {
            assert_eq!(Line::<9>::new(text), Err(TextError::Invisible { code, position: 2 }));
            assert_eq!(Paragraph::<9>::new(text), Err(TextError::Invisible { code, position: 2 }));
        }
        assert!(Line::<9>::new("می\u{200C}خواهم").is_ok(), "Persian needs the non-joiner");
    }

    #[test]
    fn line_breaks_are_for_paragraphs() {
        assert_eq!(Line::<9>::new("a\nb"), Err(TextError::LineBreak { position: 2 }));
        assert_eq!(Paragraph::<9>::new(" a\rb\r\nc\n").unwrap().as_str(), "a\nb\nc");
        assert_eq!(Paragraph::<9>::new(" \r\n "), Err(TextError::Empty));
    }
}
