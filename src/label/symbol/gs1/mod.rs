//! GS1 element strings: application identifiers (AIs) with values, checked against the GS1 General Specifications.
//!
//! They are written with each AI in round brackets: `(01)09506000134352(21)7K3M`. A bracket in a value is clear as
//! long as what follows it is not two to four digits and a closing bracket; where it is, write `\(`.

mod digital_link;
mod error;
mod rules;
mod scanned;

pub use digital_link::MAX_LINK_BYTES;
pub use error::Gs1Error;

use super::code128::FNC1;
use super::error::shown;
use rules::Rule;

/// Elements that one string may have.
pub const MAX_ELEMENTS: usize = 16;

/// Bytes that one string may have, brackets included.
pub const MAX_BYTES: usize = 1024;

/// Checked elements. Those of predefined length stand first, otherwise they keep the order in which they were given.
#[derive(Clone, Debug, Default)]
pub struct ElementString {
    /// All AIs and values, one after the other.
    text: String,
    elements: Vec<Element>,
}

/// Where one element stands in the text.
#[derive(Clone, Copy, Debug)]
struct Element {
    ai: usize,
    value: usize,
    end: usize,
    rule: &'static Rule,
}

impl ElementString {
    /// Reads elements in brackets and checks them: known AIs, none twice, formats, check digits, dates, and that a
    /// serial number (21) stands with an identity (01), (03) or (8006).
    ///
    /// A GTIN in (01) may also have 8, 12 or 13 digits; zeros in front make it the GTIN-14 of the same identity.
    ///
    /// # Errors
    /// [`Gs1Error`], which names the element.
    ///
    /// ```
    /// # use nameplate::label::symbol::gs1::{ElementString, Gs1Error};
    /// let elements = ElementString::parse("(01)09506000134352(10)B42(21)7K3M")?;
    /// assert_eq!(elements.human_readable(), "(01)09506000134352(10)B42(21)7K3M");
    /// assert!(ElementString::parse("(01)09506000134353").is_err(), "the check digit is wrong");
    /// # Ok::<(), Gs1Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<ElementString, Gs1Error> {
        let mut elements = ElementString::default();
        elements.parse_into(text)?;
        Ok(elements)
    }

    /// Reads like [`ElementString::parse`] in place, reusing memory.
    ///
    /// # Errors
    /// As for [`ElementString::parse`]; what the elements then are is not defined.
    pub fn parse_into(&mut self, text: &str) -> Result<(), Gs1Error> {
        self.clear();
        if text.len() > MAX_BYTES {
            return Err(Gs1Error::TooLong { bytes: text.len() });
        }
        let mut rest = text;
        while !rest.is_empty() {
            let ai = ai_in_brackets(rest).ok_or_else(|| Gs1Error::NoAi { found: shown(rest) })?;
            rest = &rest[ai.len() + 2..];
            let value = &rest[..value_length(rest)];
            rest = &rest[value.len()..];
            self.push(ai, value, Brackets::Escaped)?;
        }
        self.finish()
    }

    fn clear(&mut self) {
        self.text.clear();
        self.elements.clear();
    }

    /// Appends and checks one element.
    fn push(&mut self, ai: &str, value: &str, brackets: Brackets) -> Result<(), Gs1Error> {
        let rule = Rule::of(ai).ok_or_else(|| Gs1Error::UnknownAi { ai: shown(ai) })?;
        if self.value(ai).is_some() {
            return Err(Gs1Error::Repeated { ai: ai.to_owned() });
        }
        if self.elements.len() == MAX_ELEMENTS {
            return Err(Gs1Error::TooManyElements);
        }
        let start = self.text.len();
        self.text.push_str(ai);
        let value_start = self.text.len();
        if matches!(ai, "01" | "02" | "03") && matches!(value.len(), 8 | 12 | 13) {
            self.text.push_str(&"000000"[..14 - value.len()]);
        }
        match brackets {
            Brackets::AsTheyAre => self.text.push_str(value),
            Brackets::Escaped => value.split("\\(").enumerate().for_each(|(i, part)| {
                self.text.push_str(if i == 0 { "" } else { "(" });
                self.text.push_str(part);
            }),
        }
        rule.check(ai, &self.text[value_start..])?;
        self.elements.push(Element { ai: start, value: value_start, end: self.text.len(), rule });
        Ok(())
    }

    /// Checks the elements together and puts those of predefined length first.
    fn finish(&mut self) -> Result<(), Gs1Error> {
        if self.elements.is_empty() {
            return Err(Gs1Error::Empty);
        }
        if self.value("21").is_some() && !["01", "03", "8006"].iter().any(|ai| self.value(ai).is_some()) {
            return Err(Gs1Error::SerialWithoutIdentity);
        }
        self.elements.sort_by_key(|element| !element.rule.has_predefined_length);
        Ok(())
    }

    /// AIs and values in the order of the symbol.
    pub fn elements(&self) -> impl Iterator<Item = (&str, &str)> {
        self.elements.iter().map(|e| (&self.text[e.ai..e.value], &self.text[e.value..e.end]))
    }

    /// The value of an AI.
    pub fn value(&self, ai: &str) -> Option<&str> {
        self.elements().find(|(found, _)| *found == ai).map(|(_, value)| value)
    }

    /// Appends AIs and values as a symbol carries them after its FNC1: the separator stands after each element
    /// that has no predefined length, except the last (GS1 General Specifications 7.8.4 and 7.8.5).
    pub fn push_encoded(&self, separator: char, out: &mut String) {
        for (i, element) in self.elements.iter().enumerate() {
            out.push_str(&self.text[element.ai..element.end]);
            if !element.rule.has_predefined_length && i + 1 < self.elements.len() {
                out.push(separator);
            }
        }
    }

    /// The data of a Code 128: [`FNC1`] first, then AIs and values with FNC1 as separator.
    pub fn fnc1_string(&self) -> String {
        let mut out = String::from(FNC1);
        self.push_encoded(FNC1, &mut out);
        out
    }

    /// Appends the elements as people read them, each AI in brackets.
    pub fn push_human_readable(&self, out: &mut String) {
        for (ai, value) in self.elements() {
            out.extend(["(", ai, ")", value]);
        }
    }

    /// The elements as people read them under a symbol; brackets in values stand as they are.
    pub fn human_readable(&self) -> String {
        let mut out = String::new();
        self.push_human_readable(&mut out);
        out
    }

    /// The elements in the form that [`ElementString::parse`] reads back: brackets in values that look like an AI
    /// are escaped.
    pub fn bracketed(&self) -> String {
        let mut out = String::new();
        for (ai, value) in self.elements() {
            out.extend(["(", ai, ")"]);
            for (at, character) in value.char_indices() {
                if ai_in_brackets(&value[at..]).is_some() {
                    out.push('\\');
                }
                out.push(character);
            }
        }
        out
    }
}

impl PartialEq for ElementString {
    fn eq(&self, other: &ElementString) -> bool {
        self.elements().eq(other.elements())
    }
}

impl Eq for ElementString {}

/// Whether `\(` in a value stands for a bracket.
#[derive(Clone, Copy)]
enum Brackets {
    Escaped,
    AsTheyAre,
}

/// The two to four digits in brackets at the start of a text.
fn ai_in_brackets(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('(')?;
    let digits = inside.bytes().take(5).take_while(u8::is_ascii_digit).count();
    (matches!(digits, 2..=4) && inside[digits..].starts_with(')')).then(|| &inside[..digits])
}

/// Bytes until the next AI in brackets that is not escaped.
fn value_length(text: &str) -> usize {
    let is_ai = |at: usize| ai_in_brackets(&text[at..]).is_some() && !text[..at].ends_with('\\');
    text.match_indices('(').map(|(at, _)| at).find(|&at| is_ai(at)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests;
