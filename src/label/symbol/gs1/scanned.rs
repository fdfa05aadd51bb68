//! Element strings as scanners report them: AIs and values one after the other, with a separator where one is needed.

use super::super::error::shown;
use super::rules::Rule;
use super::{Brackets, ElementString, Gs1Error, MAX_BYTES};

impl ElementString {
    /// Reads what a scanner reports of a symbol that begins with FNC1: the inverse of [`ElementString::push_encoded`].
    ///
    /// # Errors
    /// [`Gs1Error`]; the elements are checked as by [`ElementString::parse`].
    ///
    /// ```
    /// # use nameplate::label::symbol::gs1::{ElementString, Gs1Error};
    /// let elements = ElementString::parse_scanned("010950600013435210B42\u{1D}217K3M", '\u{1D}')?;
    /// assert_eq!(elements.human_readable(), "(01)09506000134352(10)B42(21)7K3M");
    /// assert!(ElementString::parse_scanned("HELLO", '\u{1D}').is_err(), "no identifier begins so");
    /// # Ok::<(), Gs1Error>(())
    /// ```
    pub fn parse_scanned(text: &str, separator: char) -> Result<ElementString, Gs1Error> {
        if text.len() > MAX_BYTES {
            return Err(Gs1Error::TooLong { bytes: text.len() });
        }
        let mut elements = ElementString::default();
        let mut rest = text;
        while !rest.is_empty() {
            let unknown = || Gs1Error::UnknownAi { ai: shown(rest.get(..4).unwrap_or(rest)) };
            let (ai, rule) = (2..=4)
                .filter_map(|length| rest.get(..length))
                .find_map(|ai| Rule::of(ai).map(|rule| (ai, rule)))
                .ok_or_else(unknown)?;
            let value = &rest[ai.len()..];
            let end = match rule.predefined_length() {
                Some(length) => value.char_indices().nth(length).map_or(value.len(), |(at, _)| at),
                None => value.find(separator).unwrap_or(value.len()),
            };
            // A symbol carries all fourteen digits of a GTIN; what is shorter was cut.
            rule.check(ai, &value[..end])?;
            elements.push(ai, &value[..end], Brackets::AsTheyAre)?;
            let after = &value[end..];
            rest = after.strip_prefix(separator).unwrap_or(after);
        }
        elements.finish()?;
        Ok(elements)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_wrong_is_named() {
        let refused = |text: &str| ElementString::parse_scanned(text, '|').unwrap_err();
        assert!(matches!(refused("0109506000134353"), Gs1Error::CheckDigit { .. }));
        assert!(matches!(refused("01095060001343"), Gs1Error::Value { .. }));
        assert!(matches!(refused("HELLO"), Gs1Error::UnknownAi { .. }));
        assert!(matches!(refused(""), Gs1Error::Empty));
        assert!(matches!(refused("217K3M"), Gs1Error::SerialWithoutIdentity));
        assert!(matches!(refused("ä"), Gs1Error::UnknownAi { .. }));
    }

    proptest! {
        /// What was encoded reads back, and no text panics.
        #[test]
        fn encoded_elements_read_back(batch in "[A-Z0-9]{1,20}", serial in "[A-Z0-9/]{1,20}", date in any::<bool>()) {
            let date = if date { "(17)271231" } else { "" };
            let elements = ElementString::parse(&format!("(01)09506000134352(10){batch}{date}(21){serial}"));
            let elements = elements.unwrap();
            let mut scanned = String::new();
            elements.push_encoded('\u{1D}', &mut scanned);
            prop_assert_eq!(ElementString::parse_scanned(&scanned, '\u{1D}'), Ok(elements));
        }

        #[test]
        fn no_text_panics(text in "[0-9A-Zä|]{0,40}") {
            let _ = ElementString::parse_scanned(&text, '|');
        }
    }
}
