//! Secondary ids of a unit: the names that others gave it, such as MAC address, serial of a ROM, activation key.

use super::super::ServiceError;
use super::printer::mac_key;
use crate::catalogue::name_key;
use std::collections::BTreeMap;

/// Most secondary ids of one scan.
pub const MAX_SECONDARY_IDS: usize = 20;
/// Longest value, in characters.
const MAX_VALUE: usize = 80;
/// Longest name of a kind.
const MAX_KIND: usize = 20;
/// The kind whose values are addresses of network cards.
const MAC: &str = "mac";

/// A secondary id as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SecondaryId {
    pub(super) kind: String,
    /// As look-ups compare it.
    pub(super) key: String,
    /// As people read it.
    pub(super) value: String,
}

/// Whether kinds begin with `mac`: `mac`, `mac-wifi`, `mac-2`.
fn is_mac(kind: &str) -> bool {
    kind == MAC || kind.strip_prefix(MAC).is_some_and(|rest| rest.starts_with('-'))
}

impl SecondaryId {
    fn parse(kind: &str, value: &str) -> Result<Self, ServiceError> {
        let invalid = |problem: String| ServiceError::Invalid { field: "secondary_ids", problem };
        let is_kind = (1..=MAX_KIND).contains(&kind.len())
            && kind.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !is_kind {
            let shown: String = kind.chars().take(40).collect();
            let words = format!("{shown:?} is no kind: kinds have 1 to {MAX_KIND} of a-z, 0-9 and -, like mac or rom");
            return Err(invalid(words));
        }
        let value = value.trim();
        if is_mac(kind) {
            let key =
                mac_key(value).map_err(|_| invalid(format!("{kind} is not an address like 00:11:62:0a:1b:2c")))?;
            let pairs: Vec<&str> = (0..6).map(|i| &key[2 * i..2 * i + 2]).collect();
            return Ok(Self { kind: kind.to_owned(), value: pairs.join(":"), key });
        }
        let fits = (1..=MAX_VALUE).contains(&value.chars().count()) && !value.chars().any(char::is_control);
        if !fits {
            return Err(invalid(format!("{kind} has 1 to {MAX_VALUE} visible characters")));
        }
        Ok(Self { kind: kind.to_owned(), key: name_key(value), value: value.to_owned() })
    }
}

/// Checks the secondary ids of a scan.
pub(super) fn parse_all(given: &BTreeMap<String, String>) -> Result<Vec<SecondaryId>, ServiceError> {
    if given.len() > MAX_SECONDARY_IDS {
        let problem = format!("a unit has at most {MAX_SECONDARY_IDS}");
        return Err(ServiceError::Invalid { field: "secondary_ids", problem });
    }
    given.iter().map(|(kind, value)| SecondaryId::parse(kind, value)).collect()
}

/// What a typed or scanned text may be stored as.
pub(in crate::service) fn keys_of(text: &str) -> Vec<String> {
    let text = text.trim();
    let mut keys = vec![name_key(text)];
    if let Ok(mac) = mac_key(text)
        && !keys.contains(&mac)
    {
        keys.push(mac);
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(kind: &str, value: &str) -> Result<SecondaryId, ServiceError> {
        SecondaryId::parse(kind, value)
    }

    #[test]
    fn ser13_a_mac_is_one_however_it_is_written() {
        let texts = ["00:11:62:0A:1b:2C", "00-11-62-0a-1b-2c", "0011.620a.1b2c", "0011620A1B2C", " 0011620a1b2c "];
        for text in texts {
            let id = parse("mac", text).unwrap();
            assert_eq!((id.key.as_str(), id.value.as_str()), ("0011620a1b2c", "00:11:62:0a:1b:2c"));
            assert!(keys_of(text).contains(&id.key), "{text}");
        }
        assert!(parse("mac-wifi", "0011620a1b2c").is_ok());
        for text in ["", "00:11:62:0a:1b", "00:11:62:0a:1b:2g", "0011620a1b2c00"] {
            assert!(parse("mac", text).is_err(), "{text}");
        }
    }

    #[test]
    fn ser13_other_ids_are_texts_that_compare_without_case() {
        assert_eq!(parse("rom", "v1.7-AbC").unwrap().key, parse("rom", "V1.7-aBc").unwrap().key);
        for (kind, value) in [("", "x"), ("Mac", "x"), ("a b", "x"), ("rom", ""), ("rom", "a\nb"), ("machine", "")] {
            assert!(parse(kind, value).is_err(), "{kind} {value}");
        }
        assert!(parse("machine", "not an address").is_ok(), "only mac and mac-.. are addresses");
        assert!(parse(&"k".repeat(21), "x").is_err() && parse("rom", &"x".repeat(81)).is_err());
        let many = (0..21).map(|n| (format!("k{n}"), "x".to_owned())).collect();
        assert!(parse_all(&many).is_err());
    }
}
