//! The definition of a rule: what a person writes, and the form whose digest the records keep.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::serial::segment::{Numerals, Segment};
use crate::serial::{AlphabetSpec, CheckScheme, RuleError};

/// A rule as written in TOML or JSON.
///
/// ```toml
/// code = "gauges"
/// version = 1
/// alphabet = "crockford32"        # or "gs1-32", "digits", { custom = "0123456789ABCDEF" }
/// prefix = "S/N"                  # printed in front, never part of the serial
/// grouping = { sizes = [4, 4, 4], separator = "-" }
/// segments = [
///     { kind = "epoch" },
///     { kind = "permuted", width = 9 },
///     { kind = "check", scheme = "rs2" },
/// ]
/// ```
///
/// A rule that has issued serials is never changed: a change is a new version, whose possible serials must
/// not meet those of the old one (requirement SER2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSpec {
    /// The rule's name: 1 to 32 of `a`-`z`, `0`-`9` and `-`.
    pub code: String,
    /// From 1 upwards.
    pub version: u32,
    /// The symbols of epochs, years, product codes and, unless decimal, ordinals.
    #[serde(default)]
    pub alphabet: AlphabetSpec,
    /// From left to right; exactly one holds the ordinal, the last is the check.
    pub segments: Vec<Segment>,
    /// How the serial is printed; in one piece if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grouping: Option<Grouping>,
    /// Text printed in front of the serial, such as `S/N` (requirement SER12).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
}

/// How a serial is printed: groups of these sizes with a separator between them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grouping {
    /// Symbols of each group; their sum is the serial's length.
    pub sizes: Vec<u8>,
    /// `-` or a space.
    #[serde(default = "hyphen")]
    pub separator: char,
}

fn hyphen() -> char {
    '-'
}

impl RuleSpec {
    /// The default format: one epoch symbol, nine permuted symbols, two check symbols (RS-2), printed 4-4-4.
    pub fn s12() -> Self {
        Self::shipped(
            "s12",
            &[4, 4, 4],
            vec![
                Segment::Epoch { symbols: None },
                Segment::Permuted { width: 9, numerals: Numerals::Alphabet },
                Segment::Check { scheme: CheckScheme::Rs2 },
            ],
        )
    }

    /// The format for small labels: eight permuted symbols and one check symbol (RS-1), printed 3-3-3. It has
    /// no epoch, so its key can never be changed.
    pub fn s9() -> Self {
        Self::shipped(
            "s9",
            &[3, 3, 3],
            vec![
                Segment::Permuted { width: 8, numerals: Numerals::Alphabet },
                Segment::Check { scheme: CheckScheme::Rs1 },
            ],
        )
    }

    /// A plain sequence: `prefix` (may be empty, not covered by the check), `width` decimal digits counted
    /// up, and a check that works on digits (requirement SER6).
    pub fn sequential(code: &str, prefix: &str, width: u8, scheme: CheckScheme) -> Self {
        let literal = (!prefix.is_empty()).then(|| Segment::Literal { text: prefix.to_owned(), checked: false });
        let counter = Segment::Counter { width, numerals: Numerals::Decimal };
        Self {
            code: code.to_owned(),
            version: 1,
            alphabet: AlphabetSpec::Digits,
            segments: literal.into_iter().chain([counter, Segment::Check { scheme }]).collect(),
            grouping: None,
            prefix: Some("S/N".to_owned()),
        }
    }

    fn shipped(code: &str, sizes: &[u8], segments: Vec<Segment>) -> Self {
        Self {
            code: code.to_owned(),
            version: 1,
            alphabet: AlphabetSpec::Crockford32,
            segments,
            grouping: Some(Grouping { sizes: sizes.to_vec(), separator: hyphen() }),
            prefix: Some("S/N".to_owned()),
        }
    }

    /// Reads a rule from TOML. Unknown fields are errors; whether the rule makes sense is
    /// [`crate::serial::Rule::compile`]'s matter.
    ///
    /// # Errors
    /// [`RuleError::Syntax`] with line and column.
    pub fn from_toml(text: &str) -> Result<Self, RuleError> {
        toml::from_str(text).map_err(|error| RuleError::Syntax { message: error.to_string() })
    }

    /// The rule on one line of JSON in which everything left to a default is spelt out: two ways to write
    /// the same rule give the same line. An alphabet is written as its symbols.
    ///
    /// # Errors
    /// [`RuleError::Alphabet`] for a custom alphabet that is none.
    pub fn to_canonical_json(&self) -> Result<String, RuleError> {
        let alphabet = self.alphabet.resolve()?;
        let symbols: String = alphabet.symbols().iter().map(|&symbol| char::from(symbol)).collect();
        let mut canonical = self.clone();
        for segment in &mut canonical.segments {
            if let Segment::Epoch { symbols: epochs @ None } = segment {
                *epochs = Some(symbols.clone());
            }
        }
        canonical.alphabet = AlphabetSpec::Custom(symbols);
        serde_json::to_string(&canonical).map_err(|error| RuleError::Syntax { message: error.to_string() })
    }

    /// SHA-256 of [`Self::to_canonical_json`]: what records keep to prove which rule made a serial.
    ///
    /// # Errors
    /// As [`Self::to_canonical_json`].
    pub fn digest(&self) -> Result<[u8; 32], RuleError> {
        Ok(Sha256::digest(self.to_canonical_json()?).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOML: &str = r#"
        code = "s12"
        version = 1
        prefix = "S/N"
        grouping = { sizes = [4, 4, 4] }
        segments = [
            { kind = "epoch" },
            { kind = "permuted", width = 9 },
            { kind = "check", scheme = "rs2" },
        ]
    "#;

    #[test]
    fn toml_reads_as_the_shipped_rule() {
        assert_eq!(RuleSpec::from_toml(TOML).unwrap(), RuleSpec::s12());
    }

    #[test]
    fn unknown_fields_are_refused_everywhere() {
        let refused = |from: &str, to: &str| {
            assert!(TOML.contains(from));
            let error = RuleSpec::from_toml(&TOML.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains("line"), "{error}");
        };
        refused("version = 1", "version = 1\nsize = 2");
        refused("width = 9", "width = 9, base = 32");
        refused("\"epoch\"", "\"epoch\", width = 1");
        refused("{ kind = \"epoch\" }", "{ kind = \"week\", width = 1 }");
        refused("sizes =", "size = 1, sizes =");
        refused("rs2", "rs3");
    }

    #[test]
    fn canonical_json_is_stable_and_spells_defaults_out() {
        let json = RuleSpec::s12().to_canonical_json().unwrap();
        assert_eq!(
            json,
            r#"{"code":"s12","version":1,"alphabet":{"custom":"0123456789ABCDEFGHJKMNPQRSTVWXYZ"},"segments":[{"kind":"epoch","symbols":"0123456789ABCDEFGHJKMNPQRSTVWXYZ"},{"kind":"permuted","width":9,"numerals":"alphabet"},{"kind":"check","scheme":"rs2"}],"grouping":{"sizes":[4,4,4],"separator":"-"},"prefix":"S/N"}"#
        );
        let explicit: RuleSpec = serde_json::from_str(&json).unwrap();
        assert_eq!(explicit.to_canonical_json().unwrap(), json);
        assert_eq!(explicit.digest().unwrap(), RuleSpec::s12().digest().unwrap());
        assert_ne!(explicit.digest().unwrap(), RuleSpec::s9().digest().unwrap());
    }
}
