//! From what somebody typed to a serial, or to what exactly is wrong with it.

use serde::Serialize;

use crate::serial::layout::Field;
use crate::serial::segment::SegmentKind;
use crate::serial::typed::{MAX_INPUT_BYTES, Typed};
use crate::serial::{Rule, Serial, SeriesContext, SymbolSet};

/// A serial that was read: it fits its rule and its check symbols are right. Whether it was ever issued is for
/// the records to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parsed {
    /// The serial.
    pub serial: Serial,
    /// The series it is in.
    pub context: SeriesContext,
    /// Its number in the series, from 0.
    pub ordinal: u64,
}

/// What is wrong with a typed serial. Places (`at`) count from 1, without prefix and separators unless said
/// otherwise.
///
/// [`ParseFault::CheckMismatch`] tells which check symbols would be right, and so how to make a valid serial:
/// for signed-in people only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "fault", rename_all = "kebab-case")]
pub enum ParseFault {
    /// Nothing but separators.
    #[error("there is no serial number here")]
    Empty,
    /// More than [`MAX_INPUT_BYTES`] bytes.
    #[error("this is {bytes} bytes long; a serial number with its prefix has at most {MAX_INPUT_BYTES}")]
    TooLong {
        /// Bytes of the input.
        bytes: usize,
    },
    /// A control, zero-width or direction character.
    #[error("character {at} is an invisible {name} (U+{code_point:04X}): delete it and type the serial again")]
    Invisible {
        /// Place in the input, in characters.
        at: usize,
        /// The code point.
        code_point: u32,
        /// Its name.
        name: &'static str,
    },
    /// A character that stands nowhere in serials of this rule.
    #[error("symbol {at} is {found:?}, which no serial of this rule contains")]
    NotInAlphabet {
        /// Place.
        at: usize,
        /// The character as typed.
        found: char,
    },
    /// Too short or too long.
    #[error("this has {found} symbols; serials of this rule have {wanted}")]
    WrongLength {
        /// Symbols typed.
        found: usize,
        /// Symbols of the rule.
        wanted: usize,
    },
    /// Fixed text that is another.
    #[error("symbols {at} and following should read \"{expected}\", not \"{found}\"")]
    LiteralDiffers {
        /// Place of the fixed text.
        at: usize,
        /// The fixed text.
        expected: String,
        /// What stands there, as typed.
        found: String,
    },
    /// A symbol that is right elsewhere but not here.
    #[error("symbol {at} is {found:?}; the {segment} can have {allowed} there")]
    NotAllowedHere {
        /// Place.
        at: usize,
        /// The character as typed.
        found: char,
        /// The segment it is in.
        segment: SegmentKind,
        /// What could stand there, as ranges.
        allowed: String,
    },
    /// A week or day that does not exist.
    #[error("{found} is no {segment}: {allowed}")]
    NoSuchDate {
        /// The segment.
        segment: SegmentKind,
        /// Its value.
        found: String,
        /// The range.
        allowed: &'static str,
    },
    /// Everything fits but the check symbols: at least one symbol is mistyped.
    #[error(
        "at least one symbol is mistyped: the check symbols are \"{found}\", but \"{expected}\" belongs to the rest"
    )]
    CheckMismatch {
        /// The check symbols of what stands before them.
        expected: String,
        /// Those that were typed.
        found: String,
    },
}

/// How characters become symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// As they are.
    Exact,
    /// Forgiving case and look-alikes.
    Folded,
}

impl Rule {
    /// Reads a serial of this rule. Case, separators, look-alikes (O for 0, I and L for 1, U for V) and printed
    /// prefixes are forgiven.
    ///
    /// # Errors
    /// [`ParseFault`], which says what is wrong.
    ///
    /// ```
    /// # use nameplate::serial::{CheckScheme, ParseFault, PermutationKey, Rule, RuleSpec};
    /// let spec = RuleSpec::sequential("gauges", "G", 5, CheckScheme::Damm);
    /// let rule = Rule::compile(spec, &PermutationKey([0; 32]))?;
    /// assert_eq!(rule.parse("s/n g-OO572 4")?.ordinal, 572);
    /// let fault = rule.parse("G-00527 4").unwrap_err();
    /// assert_eq!(fault, ParseFault::CheckMismatch { expected: "2".into(), found: "4".into() });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse(&self, text: &str) -> Result<Parsed, ParseFault> {
        self.parse_typed(&Typed::new(text)?, Reading::Folded)
    }

    /// [`Self::parse`] for input that several rules look at.
    pub(super) fn parse_typed(&self, typed: &Typed, reading: Reading) -> Result<Parsed, ParseFault> {
        let serial = self.read_symbols(self.body_of(typed), reading)?;
        self.check_dates(&serial)?;
        self.check_check(&serial)?;
        Ok(self.parsed(serial))
    }

    /// What of the input is to be this rule's serial.
    pub(super) fn body_of<'t>(&self, typed: &'t Typed) -> &'t [char] {
        let first_group = self.grouping().0.first().copied();
        typed.body(self.length(), first_group, self.spec().prefix.as_deref())
    }

    /// Context and ordinal of a serial that has been found right.
    pub(super) fn parsed(&self, serial: Serial) -> Parsed {
        let context = self.context_in(&serial);
        let ordinal = self.series_of(serial, &context).ordinal_of(&serial);
        Parsed { serial, context, ordinal }
    }

    /// Whether the bytes are a serial of this rule, exactly as they stand.
    pub(super) fn verified(&self, bytes: &[u8]) -> Option<Serial> {
        let mut serial = self.layout.blank();
        let is_possible =
            bytes.len() == self.length() && bytes.iter().zip(&self.layout.sets).all(|(&byte, set)| set.contains(byte));
        if !is_possible {
            return None;
        }
        serial.as_mut_bytes().copy_from_slice(bytes);
        (self.check_check(&serial).is_ok() && self.check_dates(&serial).is_ok()).then_some(serial)
    }

    fn read_symbols(&self, body: &[char], reading: Reading) -> Result<Serial, ParseFault> {
        let everywhere = self.layout.sets.iter().fold(SymbolSet::EMPTY, |all, &set| all.union(set));
        for (index, &found) in body.iter().enumerate() {
            if !u8::try_from(found).is_ok_and(|byte| everywhere.fold(byte).is_some() || self.folds_somewhere(byte)) {
                return Err(ParseFault::NotInAlphabet { at: index + 1, found });
            }
        }
        if body.len() != self.length() {
            return Err(ParseFault::WrongLength { found: body.len(), wanted: self.length() });
        }
        let mut serial = self.layout.blank();
        for (index, &found) in body.iter().enumerate() {
            match self.symbol_at(index, found, reading) {
                Some(symbol) => serial.as_mut_bytes()[index] = symbol,
                None => return Err(self.wrong_symbol(index, body)),
            }
        }
        Ok(serial)
    }

    /// Look-alikes may be told apart in one place although not over all places.
    fn folds_somewhere(&self, byte: u8) -> bool {
        byte < 128 && self.layout.folds.iter().any(|table| table[usize::from(byte)] != 0)
    }

    /// The symbol that a character means at a place.
    pub(super) fn symbol_at(&self, index: usize, found: char, reading: Reading) -> Option<u8> {
        let byte = u8::try_from(found).ok().filter(u8::is_ascii)?;
        match reading {
            Reading::Exact => self.layout.sets[index].contains(byte).then_some(byte),
            Reading::Folded => {
                let symbol = self.layout.folds[index][usize::from(byte)];
                (symbol != 0).then_some(symbol)
            }
        }
    }

    fn wrong_symbol(&self, index: usize, body: &[char]) -> ParseFault {
        let at = index + 1;
        let found = body[index];
        let allowed = self.layout.sets[index].to_string();
        match self.field_at(index) {
            Some(field) if field.kind == SegmentKind::Literal => ParseFault::LiteralDiffers {
                at: field.from + 1,
                expected: self.layout.sets[field.range()].iter().map(SymbolSet::to_string).collect(),
                found: body[field.range()].iter().collect(),
            },
            Some(field) => ParseFault::NotAllowedHere { at, found, segment: field.kind, allowed },
            None => ParseFault::NotInAlphabet { at, found },
        }
    }

    fn field_at(&self, index: usize) -> Option<&Field> {
        self.layout.fields.iter().find(|field| field.range().contains(&index))
    }

    fn check_dates(&self, serial: &Serial) -> Result<(), ParseFault> {
        for field in &self.layout.fields {
            let allowed = match field.kind {
                SegmentKind::Week => "01 to 53",
                SegmentKind::DayOfYear => "001 to 366",
                _ => continue,
            };
            let found = &serial.as_str()[field.range()];
            if self.layout.check_value(field, found).is_err() {
                return Err(ParseFault::NoSuchDate { segment: field.kind, found: found.to_owned(), allowed });
            }
        }
        Ok(())
    }

    fn check_check(&self, serial: &Serial) -> Result<(), ParseFault> {
        let computed = self.layout.check_of(serial);
        let found = &serial.as_str()[self.length() - computed.as_bytes().len()..];
        if computed.as_bytes() == found.as_bytes() {
            return Ok(());
        }
        let expected = computed.as_bytes().iter().map(|&byte| char::from(byte)).collect();
        Err(ParseFault::CheckMismatch { expected, found: found.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serial::{PermutationKey, RuleSpec};

    fn rule() -> Rule {
        let toml = r#"
            code = "r"
            version = 1
            segments = [
                { kind = "literal", text = "G7" },
                { kind = "week" },
                { kind = "counter", width = 4 },
                { kind = "check", scheme = "rs2" },
            ]
        "#;
        Rule::compile(RuleSpec::from_toml(toml).unwrap(), &PermutationKey([0; 32])).unwrap()
    }

    #[test]
    fn each_fault_says_what_is_wrong_and_where() {
        let rule = rule();
        let good = rule.series(&"week=05".parse().unwrap()).unwrap().serial(12).unwrap().to_string();
        assert_eq!(rule.parse(&good).unwrap().ordinal, 12);
        let (body, check) = good.split_at(8);
        assert_eq!(body, "G7050012");
        let fault = |text: String| rule.parse(&text).unwrap_err().to_string();
        assert_eq!(fault(format!("G8050012{check}")), "symbols 1 and following should read \"G7\", not \"G8\"");
        assert_eq!(fault(format!("G7950012{check}")), "symbol 3 is '9'; the week can have 0-5 there");
        assert_eq!(fault(format!("G70500X2{check}")), "symbol 7 is 'X'; the running number can have 0-9 there");
        assert_eq!(fault(format!("G7-05 00é2{check}")), "symbol 7 is 'é', which no serial of this rule contains");
        assert_eq!(fault(format!("G705012{check}")), "this has 9 symbols; serials of this rule have 10");
        let wrong = fault(format!("G7050013{check}"));
        assert!(wrong.starts_with(&format!("at least one symbol is mistyped: the check symbols are \"{check}\"")));
        assert_eq!(fault(String::new()), "there is no serial number here");
    }

    /// A week that does not exist is refused even with the right check symbols.
    #[test]
    fn impossible_weeks_are_no_serials() {
        let rule = rule();
        for week in ["00", "54", "59"] {
            let check = rule.check().compute(format!("G7{week}0012").as_bytes()).unwrap();
            let text = format!("G7{week}0012{}", std::str::from_utf8(check.as_bytes()).unwrap());
            assert!(matches!(rule.parse(&text), Err(ParseFault::NoSuchDate { .. })), "{week}");
        }
    }

    #[test]
    fn faults_serialise_with_a_stable_name() {
        let fault = rule().parse("G7").unwrap_err();
        let json = serde_json::to_string(&fault).unwrap();
        assert_eq!(json, r#"{"fault":"wrong-length","found":2,"wanted":10}"#);
    }
}
