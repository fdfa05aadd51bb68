//! Which characters may stand on a label.

use std::borrow::Cow;

use harfrust::{Script, unicode};
use unicode_bidi::{BidiClass, bidi_class};

use super::error::TextError;

/// The longest text that is set.
pub const MAX_CHARACTERS: usize = 10_000;
/// The most marks in a row: what UAX 15 calls stream-safe text.
pub const MAX_MARKS: usize = 30;

/// Where a line may end though nothing is seen.
pub const ZERO_WIDTH_SPACE: char = '\u{200B}';
const SOFT_HYPHEN: char = '\u{AD}';
const NON_JOINER: char = '\u{200C}';
const JOINER: char = '\u{200D}';

/// Scripts in which joiners choose between forms of letters.
const JOINING: [Script; 20] = [
    Script::ARABIC,
    Script::SYRIAC,
    Script::NKO,
    Script::MONGOLIAN,
    Script::MANDAIC,
    Script::PHAGS_PA,
    Script::DEVANAGARI,
    Script::BENGALI,
    Script::GURMUKHI,
    Script::GUJARATI,
    Script::ORIYA,
    Script::TAMIL,
    Script::TELUGU,
    Script::KANNADA,
    Script::MALAYALAM,
    Script::SINHALA,
    Script::KHMER,
    Script::MYANMAR,
    Script::TIBETAN,
    Script::BALINESE,
];

/// Scripts of which every character is one glyph, set from left to right.
const PLAIN: [Script; 11] = [
    Script::COMMON,
    Script::LATIN,
    Script::GREEK,
    Script::CYRILLIC,
    Script::ARMENIAN,
    Script::GEORGIAN,
    Script::HAN,
    Script::HIRAGANA,
    Script::KATAKANA,
    Script::BOPOMOFO,
    Script::HANGUL,
];

/// The text as it is set: line ends are line feeds, soft hyphens are gone.
///
/// Good: `"Größe 2 m²"`. Bad: `"AB\u{202E}21"`, which would read "AB12".
///
/// # Errors
/// [`TextError::TooLong`], [`TextError::ControlCharacter`] or [`TextError::TooManyMarks`].
pub fn clean(text: &str) -> Result<Cow<'_, str>, TextError> {
    check_length(text)?;
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n')) {
        return Ok(Cow::Borrowed(text));
    }
    let text: Cow<'_, str> =
        if text.contains("\r\n") { text.replace("\r\n", "\n").into() } else { Cow::Borrowed(text) };
    let (mut before, mut marks) = (' ', 0);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let is_allowed = match character {
            '\n' | SOFT_HYPHEN | ZERO_WIDTH_SPACE => true,
            JOINER | NON_JOINER => joins(before) || characters.peek().is_some_and(|&next| joins(next)),
            '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => !before.is_whitespace(),
            _ => !is_unseen(character),
        };
        if !is_allowed {
            return Err(TextError::ControlCharacter { character });
        }
        let is_mark = !character.is_ascii() && bidi_class(character) == BidiClass::NSM;
        marks = if is_mark { marks + 1 } else { 0 };
        if marks > MAX_MARKS {
            return Err(TextError::TooManyMarks { character });
        }
        before = character;
    }
    if text.contains(SOFT_HYPHEN) {
        return Ok(text.replace(SOFT_HYPHEN, "").into());
    }
    Ok(text)
}

/// Refuses a text that no label can hold before anything is done with it.
///
/// # Errors
/// [`TextError::TooLong`].
pub fn check_length(text: &str) -> Result<(), TextError> {
    let is_short = text.len() <= MAX_CHARACTERS
        || (text.len() <= 4 * MAX_CHARACTERS && text.chars().take(MAX_CHARACTERS + 1).count() <= MAX_CHARACTERS);
    if is_short { Ok(()) } else { Err(TextError::TooLong { allowed: MAX_CHARACTERS }) }
}

/// Refuses a character that is not set well as one glyph, from left to right, by itself.
///
/// # Errors
/// [`TextError::ControlCharacter`] or [`TextError::NeedsShaping`].
pub fn check_plain(character: char) -> Result<(), TextError> {
    let is_selector = matches!(character, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}');
    let is_jamo = matches!(character, '\u{1100}'..='\u{11FF}' | '\u{A960}'..='\u{A97F}' | '\u{D7B0}'..='\u{D7FF}');
    if matches!(character, SOFT_HYPHEN | ZERO_WIDTH_SPACE | JOINER | NON_JOINER) || is_unseen(character) {
        return Err(TextError::ControlCharacter { character });
    }
    use BidiClass::{CS, EN, ES, ET, L, ON, WS};
    let is_left_to_right = matches!(bidi_class(character), L | EN | ES | ET | CS | ON | WS);
    let is_plain = PLAIN.contains(&script(character)) && is_left_to_right && !is_selector && !is_jamo;
    if is_plain { Ok(()) } else { Err(TextError::NeedsShaping { character }) }
}

/// The script of a character (UAX 24).
pub fn script(character: char) -> Script {
    unicode::script(u32::from(character))
}

/// Whether nothing is drawn for a character that a font lacks.
pub fn is_ignorable(character: char) -> bool {
    matches!(
        character,
        ZERO_WIDTH_SPACE | JOINER | NON_JOINER | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}'
    )
}

/// Whether a character means something only in one font.
pub fn is_private(character: char) -> bool {
    matches!(character, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}')
}

fn joins(character: char) -> bool {
    JOINING.contains(&script(character))
}

/// Controls, directional formatting and the rest of what Unicode calls default ignorable.
pub fn is_unseen(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1F}'
            | '\u{7F}'..='\u{9F}'
            | SOFT_HYPHEN
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E00FF}'
            | '\u{E01F0}'..='\u{E0FFF}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_the_reading_of_a_text_is_refused() {
        let bad = "\u{202A}\u{202B}\u{202C}\u{202D}\u{202E}\u{2066}\u{2067}\u{2068}\u{2069}\u{200E}\u{200F}\u{61C}\u{FEFF}\u{2060}\t\r\u{1b}\0\u{7f}\u{85}\u{2028}\u{2029}\u{E0041}";
        for character in bad.chars() {
            let text = format!("AB{character}12");
            assert_eq!(clean(&text), Err(TextError::ControlCharacter { character }), "{character:?}");
            assert_eq!(check_plain(character), Err(TextError::ControlCharacter { character }));
        }
        let error = clean("AB\u{202E}12").unwrap_err().to_string();
        assert!(error.contains("U+202E") && error.contains("remove it"), "{error}");
    }

    #[test]
    fn joiners_stand_only_where_letters_join() {
        assert_eq!(clean("می\u{200C}خواهم").unwrap(), "می\u{200C}خواهم");
        assert_eq!(clean("क्\u{200D}ष").unwrap(), "क्\u{200D}ष");
        assert_eq!(clean("SN\u{200D}12"), Err(TextError::ControlCharacter { character: '\u{200D}' }));
        assert_eq!(clean("\u{200C}"), Err(TextError::ControlCharacter { character: '\u{200C}' }));
    }

    #[test]
    fn soft_hyphens_go_and_line_ends_become_line_feeds() {
        assert_eq!(clean("Typen\u{AD}schild\r\nzwei").unwrap(), "Typenschild\nzwei");
        assert_eq!(clean("a\rb"), Err(TextError::ControlCharacter { character: '\r' }));
        assert_eq!(clean("a\u{200B}b").unwrap(), "a\u{200B}b");
    }

    #[test]
    fn lengths_and_heaps_of_marks_are_limited() {
        let long = "x".repeat(10_000_000);
        assert_eq!(clean(&long), Err(TextError::TooLong { allowed: MAX_CHARACTERS }));
        assert!(clean(&long[..MAX_CHARACTERS]).is_ok());
        assert!(clean(&"й".repeat(MAX_CHARACTERS)).is_ok());
        assert!(clean(&"й".repeat(MAX_CHARACTERS + 1)).is_err());
        let heap = |marks: usize| format!("a{}", "\u{301}".repeat(marks));
        assert!(clean(&heap(MAX_MARKS)).is_ok());
        assert_eq!(clean(&heap(9_000)), Err(TextError::TooManyMarks { character: '\u{301}' }));
    }

    #[test]
    fn text_of_units_is_one_glyph_a_character() {
        for character in "AZaz09-/·ÄжΩ日ひ한№".chars() {
            assert_eq!(check_plain(character), Ok(()), "{character}");
        }
        for character in "ا\u{5D0}क\u{E01}\u{301}\u{0661}\u{1100}\u{FE0F}".chars() {
            assert_eq!(check_plain(character), Err(TextError::NeedsShaping { character }), "{character:?}");
        }
        assert!(check_plain('\u{200B}').is_err() && check_plain('\u{AD}').is_err());
    }
}
