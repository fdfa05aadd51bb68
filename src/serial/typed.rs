//! What somebody typed, pasted or scanned, before any rule looks at it.
//!
//! Spaces and hyphens of all kinds are dropped; a printed prefix ("S/N:") is found but only a rule can say
//! whether it is one. Characters that nobody can see are refused, never dropped in silence: two strings that
//! look the same must not be different serials, nor may a hidden character pass a comparison elsewhere.

use crate::serial::ParseFault;

/// Longest input, in bytes, that is looked at.
pub const MAX_INPUT_BYTES: usize = 256;

/// The characters that count.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    chars: Vec<char>,
    /// What the input may begin with, the longest first ("serial no" is also "serial").
    prefixes: Vec<Prefix>,
}

/// A printed prefix that the input begins with, or seems to.
#[derive(Clone, Copy, Debug)]
struct Prefix {
    /// How many of the characters it takes.
    length: usize,
    evidence: Evidence,
}

/// What speaks for a prefix being one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Evidence {
    /// Punctuation that no serial can hold.
    Punctuation,
    /// A space or hyphen behind it.
    Gap,
    /// Nothing but the letters.
    Letters,
}

/// Prefixes as letters, the longest first.
const PREFIXES: [&str; 10] =
    ["serialnumber", "serialnum", "serialno", "serialnr", "sernumber", "serial", "serno", "sernr", "snr", "sn"];

impl Typed {
    /// Drops separators and refuses what cannot be seen. Positions in faults count characters from 1.
    pub(super) fn new(text: &str) -> Result<Self, ParseFault> {
        if text.len() > MAX_INPUT_BYTES {
            return Err(ParseFault::TooLong { bytes: text.len() });
        }
        let trimmed = text.trim_matches([' ', '\t', '\r', '\n']);
        let skipped = text.len() - text.trim_start_matches([' ', '\t', '\r', '\n']).len();
        for (index, found) in trimmed.chars().enumerate() {
            let at = skipped + index + 1;
            if let Some(name) = invisible_name(found) {
                return Err(ParseFault::Invisible { at, code_point: u32::from(found), name });
            }
        }
        let chars: Vec<char> = trimmed.chars().filter(|&c| !is_separator(c)).map(narrow).collect();
        if chars.is_empty() {
            return Err(ParseFault::Empty);
        }
        let prefixes = PREFIXES.iter().filter_map(|letters| find_prefix(letters, trimmed)).collect();
        Ok(Self { chars, prefixes })
    }

    /// The characters that are to be the serial of a rule with `length` symbols, printed in groups of which the
    /// first has `first_group` symbols, behind the text `printed`.
    ///
    /// A rule's length is fixed, so with and without the prefix at most one reading fits. Letters that may be
    /// the beginning of a serial are taken away only when the rest fits and the whole does not, or when what
    /// follows them shows that they are a prefix.
    pub(super) fn body(&self, length: usize, first_group: Option<u8>, printed: Option<&str>) -> &[char] {
        let whole = &self.chars[..];
        let own = printed.and_then(|printed| self.own_prefix(printed));
        let may_be_one = |prefix: &Prefix| {
            let is_first_group = first_group.is_some_and(|size| usize::from(size) == prefix.length);
            prefix.length < whole.len()
                && match prefix.evidence {
                    Evidence::Punctuation => true,
                    Evidence::Gap => whole.len() != length || !is_first_group,
                    Evidence::Letters => whole.len() == length + prefix.length,
                }
        };
        let candidates = || own.iter().chain(&self.prefixes).filter(|prefix| may_be_one(prefix));
        let fitting = candidates().find(|prefix| whole.len() == length + prefix.length);
        fitting
            .or_else(|| candidates().max_by_key(|prefix| prefix.length))
            .map_or(whole, |prefix| &whole[prefix.length..])
    }

    /// The rule's own printed prefix, if the input begins with it.
    fn own_prefix(&self, printed: &str) -> Option<Prefix> {
        let mut length = 0;
        for wanted in printed.chars().filter(|&c| !is_separator(c)) {
            let is_there = self.chars.get(length).is_some_and(|&c| c.to_lowercase().eq(wanted.to_lowercase()));
            match is_there {
                true => length += 1,
                // The colon or dot at the end of a printed prefix is often left out.
                false if is_punctuation(wanted) => {}
                false => return None,
            }
        }
        let behind = self.chars[length..].iter().take_while(|&&c| is_punctuation(c)).count();
        let has_punctuation = self.chars[..length + behind].iter().any(|&c| is_punctuation(c));
        let evidence = if has_punctuation { Evidence::Punctuation } else { Evidence::Letters };
        (length > 0).then_some(Prefix { length: length + behind, evidence })
    }
}

/// Finds one of [`PREFIXES`]: dots and slashes may stand between the letters, spaces between words; behind the
/// letters any punctuation and gap. A colon or number sign ends it.
fn find_prefix(letters: &str, trimmed: &str) -> Option<Prefix> {
    let mut letters = letters.chars().peekable();
    let (mut length, mut read, mut evidence) = (0, 0, Evidence::Letters);
    for c in trimmed.chars().map(narrow) {
        match letters.peek() {
            Some(letter) if c.to_ascii_lowercase() == *letter => {
                letters.next();
                (length, read) = (length + 1, read + 1);
            }
            Some(_) if read > 0 && matches!(c, '.' | '/') => {
                length += 1;
                evidence = Evidence::Punctuation;
            }
            // The first word is "ser" or "serial".
            Some(_) if read >= 3 && c.is_whitespace() => {}
            Some(_) => return None,
            None if is_punctuation(c) => {
                length += 1;
                evidence = Evidence::Punctuation;
            }
            None if is_separator(c) && evidence == Evidence::Letters => evidence = Evidence::Gap,
            None if is_separator(c) => {}
            None => break,
        }
    }
    letters.peek().is_none().then_some(Prefix { length, evidence })
}

/// What may stand in and behind a prefix, and in no serial.
fn is_punctuation(c: char) -> bool {
    matches!(c, '.' | ':' | '#' | '/')
}

/// Spaces (also no-break, thin and ideographic ones) and hyphens, dashes and minus signs.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
}

/// A full-width character of an East Asian keyboard as the ASCII character it stands for.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// The name of a character that cannot be seen; `None` for all others. A tab between symbols is a space.
fn invisible_name(c: char) -> Option<&'static str> {
    Some(match c {
        '\t' => return None,
        '\u{1d}' => "group separator (FNC1 of a GS1 symbol)",
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => "control character",
        '\u{ad}' => "soft hyphen",
        '\u{200b}' => "zero width space",
        '\u{200c}' => "zero width non-joiner",
        '\u{200d}' => "zero width joiner",
        '\u{200e}' | '\u{200f}' | '\u{61c}' => "text direction mark",
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "text direction override",
        '\u{2028}' | '\u{2029}' => "line separator",
        '\u{2060}' => "word joiner",
        '\u{2061}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{180e}' | '\u{115f}' | '\u{1160}' | '\u{3164}' => {
            "invisible character"
        }
        '\u{feff}' => "zero width no-break space (byte order mark)",
        '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}' => "variation selector or tag",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str, length: usize) -> String {
        Typed::new(text).unwrap().body(length, Some(4), Some("S/N")).iter().collect()
    }

    #[test]
    fn spaces_and_hyphens_of_all_kinds_are_dropped() {
        for text in [
            "7K3Q-0M2D",
            " 7K3Q 0M2D\r\n",
            "7K3Q\u{2013}0M2D",
            "7K3Q\u{a0}0M2D",
            "7K3Q\u{2212}\t0M2D",
            "７Ｋ３Ｑ　０Ｍ２Ｄ",
        ] {
            assert_eq!(body(text, 8), "7K3Q0M2D", "{text:?}");
        }
    }

    /// SER12: prefixes are stripped on input.
    #[test]
    fn ser12_prefixes_are_stripped() {
        for prefix in [
            "S/N",
            "s/n:",
            "SN:",
            "SN ",
            "sn#",
            "S.N.",
            "Ser No",
            "Ser. No.",
            "SerNo:",
            "Serial No",
            "SERIAL NO.:",
            "Serial Number",
            "serial number: ",
            "Serial:",
            "Serial ",
            "Serial#",
            "SNR.",
            "S/N - ",
        ] {
            assert_eq!(body(&format!("{prefix}7K3Q0M2D"), 8), "7K3Q0M2D", "{prefix}");
            assert_eq!(body(&format!("{prefix} 7K3Q-0M2D"), 8), "7K3Q0M2D", "{prefix}");
        }
        assert_eq!(body("SN7K3Q0M2D", 8), "7K3Q0M2D");
    }

    /// A serial may begin with SN or SERN: its letters stay.
    #[test]
    fn a_serial_that_begins_like_a_prefix_stays_whole() {
        assert_eq!(body("SN7K-3Q0M", 8), "SN7K3Q0M");
        assert_eq!(body("SERNR123", 8), "SERNR123");
        assert_eq!(body("sn sn7k3q0m", 8), "sn7k3q0m");
        assert_eq!(body("S/N: R2KY", 4), "R2KY", "not S/N R");
        assert_eq!(body("S/NR2KY", 4), "R2KY");
        assert_eq!(body("Serial: NO12", 4), "NO12", "not Serial No");
        assert_eq!(body("Serial No 12", 4), "No12");
        assert_eq!(body("Serial No 12", 2), "12");
        let grouped_by_two = Typed::new("SN 7K3Q0M").unwrap();
        assert_eq!(grouped_by_two.body(8, Some(2), None).len(), 8, "the gap is the rule's own");
        assert_eq!(grouped_by_two.body(8, Some(4), None).len(), 6, "two symbols are missing, not a prefix");
    }

    #[test]
    fn a_rule_may_print_any_words_in_front() {
        let typed = Typed::new("Ürün No: 7K3Q").unwrap();
        assert_eq!(typed.body(4, None, Some("ürün no.")).len(), 4);
        let typed = Typed::new("Gerät 7K3Q").unwrap();
        assert_eq!(typed.body(4, None, Some("Gerät")).len(), 4);
        assert_eq!(typed.body(4, None, Some("Apparat")).len(), 9);
    }

    #[test]
    fn what_cannot_be_seen_is_refused_by_name() {
        let fault = Typed::new("7K3Q\u{200b}0M2D").unwrap_err();
        assert_eq!(
            fault.to_string(),
            "character 5 is an invisible zero width space (U+200B): delete it and type the serial again"
        );
        assert!(matches!(Typed::new("7K\u{1d}3"), Err(ParseFault::Invisible { at: 3, code_point: 0x1d, .. })));
        assert!(matches!(Typed::new(" 7K\u{202e}3"), Err(ParseFault::Invisible { at: 4, .. })));
        assert!(matches!(Typed::new("\u{feff}7K3"), Err(ParseFault::Invisible { at: 1, .. })));
        assert!(matches!(Typed::new("7K\0"), Err(ParseFault::Invisible { at: 3, code_point: 0, .. })));
        assert!(matches!(Typed::new("7\n8"), Err(ParseFault::Invisible { .. })));
    }

    #[test]
    fn empty_and_endless_input_is_refused() {
        assert!(matches!(Typed::new(" - "), Err(ParseFault::Empty)));
        assert!(Typed::new(&"A".repeat(256)).is_ok());
        assert!(matches!(Typed::new(&"A".repeat(257)), Err(ParseFault::TooLong { bytes: 257 })));
    }
}
