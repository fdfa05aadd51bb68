//! Further facts about batches.

use std::fmt;

use serde::Serialize;

use super::{Row, key};
use crate::catalogue::batch_code::BatchCode;
use crate::catalogue::cells::RowCells;
use crate::catalogue::table::Column;
use crate::catalogue::text::Line;

pub(in crate::catalogue) const COLUMNS: &[Column] =
    &[Column::required("batch"), Column::required("name"), Column::required("value")];

/// One fact about a batch. Key: batch and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchAttribute {
    /// The batch.
    pub batch: BatchCode,
    /// Which fact.
    pub name: AttributeName,
    /// What is so.
    pub value: Line<200>,
}

/// The name of a batch attribute: `[a-z0-9_]{1,40}`.
///
/// ```
/// use nameplate::catalogue::AttributeName;
///
/// assert!(AttributeName::new("curing_oven").is_ok());
/// assert!(AttributeName::new("Curing oven").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct AttributeName(Box<str>);

/// A text that is no name of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an attribute is named with small letters a-z, digits and _ (at most 40), like artwork_revision")]
pub struct AttributeNameError;

impl AttributeName {
    /// The attributes that pages and reports know by name; any other may be used.
    pub const KNOWN: [&'static str; 7] = [
        "accessory_source",
        "component_source",
        "release_record",
        "artwork_revision",
        "process_adjustment",
        "packaging_revision",
        "label_version",
    ];

    /// Checks a name.
    ///
    /// # Errors
    /// [`AttributeNameError`] for every other form.
    pub fn new(text: &str) -> Result<Self, AttributeNameError> {
        let letters = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if !letters || !(1..=40).contains(&text.len()) {
            return Err(AttributeNameError);
        }
        Ok(Self(text.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AttributeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Row for BatchAttribute {
    fn key(&self) -> String {
        key(&[&self.batch.key(), self.name.as_str()])
    }

    fn read(cells: &mut RowCells<'_, '_>) -> Option<Self> {
        let batch = cells.required("batch", BatchCode::new);
        let name = cells.required("name", AttributeName::new);
        let value = cells.required("value", Line::new);
        Some(Self { batch: batch?, name: name?, value: value? })
    }

    fn write(&self) -> Vec<String> {
        vec![self.batch.to_string(), self.name.to_string(), self.value.to_string()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bat2_known_attributes_have_possible_names() {
        for name in AttributeName::KNOWN {
            assert!(AttributeName::new(name).is_ok(), "{name}");
        }
        for name in ["", "Artwork", "a b", "ä"] {
            assert_eq!(AttributeName::new(name), Err(AttributeNameError), "{name}");
        }
        assert!(AttributeName::new(&"a".repeat(41)).is_err());
    }
}
