//! Digital Links of one label after the other, most of which differ in their last value only.

use crate::label::error::Cause;
use crate::label::symbol::SymbolError;
use crate::label::symbol::gs1::ElementString;

/// AIs whose values are one to twenty characters without check digit, last in a link's path: batch, serial, variant.
const LAST_AIS: [&str; 3] = ["(10)", "(21)", "(22)"];
const MOST_CHARACTERS: usize = 20;

/// Makes links; keeps its memory, and how the last one began. What it keeps never changes a link.
#[derive(Debug, Default)]
pub struct Links {
    elements: ElementString,
    link: String,
    /// The data up to the last value, with the domain in front, and the link up to there.
    known: Option<(String, String)>,
}

impl Links {
    /// What a code carries: the data, or the Digital Link made of them.
    ///
    /// # Errors
    /// Data that are no element string, or of which no link can be made.
    pub fn content<'c>(&'c mut self, data: &'c str, domain: Option<&str>) -> Result<&'c str, Cause> {
        let Some(domain) = domain else { return Ok(data) };
        let (begin, value) = data.rfind(')').map_or((data, ""), |at| data.split_at(at + 1));
        if let Some((known, link)) = &self.known
            && known.strip_prefix(domain) == Some(begin)
            && is_plain(value)
        {
            let start = link.len();
            self.link.truncate(start);
            self.link.push_str(value);
            return Ok(&self.link);
        }
        self.link.clear();
        self.known = None;
        self.elements.parse_into(data).map_err(SymbolError::from)?;
        self.elements.push_digital_link(domain, &mut self.link).map_err(SymbolError::from)?;
        if LAST_AIS.iter().any(|ai| begin.ends_with(ai)) && is_plain(value) && self.link.ends_with(value) {
            let link = self.link[..self.link.len() - value.len()].to_owned();
            self.known = Some((format!("{domain}{begin}"), link));
        }
        Ok(&self.link)
    }
}

/// Whether a value stands in a link as it is, whatever it is.
fn is_plain(value: &str) -> bool {
    let is_kept = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    (1..=MOST_CHARACTERS).contains(&value.len()) && value.bytes().all(is_kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fresh(data: &str, domain: &str) -> Result<String, Cause> {
        Links::default().content(data, Some(domain)).map(str::to_owned)
    }

    // Invariant: a link does not depend on those that were made before.
    proptest! {
        #[test]
        fn links_do_not_depend_on_earlier_ones(
            serials in prop::collection::vec("[!-~]{0,22}|[0-9A-Z]{12}", 1..12),
            batch in prop::option::of("[A-Z0-9/]{1,4}"),
        ) {
            let mut links = Links::default();
            for (i, serial) in serials.iter().enumerate() {
                let batch = batch.as_ref().filter(|_| i % 3 > 0).map(|batch| format!("(10){batch}")).unwrap_or_default();
                let domain = if i % 4 == 3 { "id.example.org" } else { "id.example.com" };
                let data = format!("(01)04006381333931{batch}(21){serial}");
                prop_assert_eq!(links.content(&data, Some(domain)).map(str::to_owned), fresh(&data, domain), "{}", data);
            }
        }
    }

    #[test]
    fn without_a_domain_the_data_stand_for_themselves() {
        assert_eq!(Links::default().content("K7-01", None), Ok("K7-01"));
        assert_eq!(
            fresh("(01)04006381333931(21)7K3M", "id.example.com"),
            Ok("https://id.example.com/01/04006381333931/21/7K3M".to_owned())
        );
    }
}
