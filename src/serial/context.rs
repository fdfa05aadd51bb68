//! The context of a series: what is the same in all its serials, apart from fixed text.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::serial::SymbolSet;
use crate::serial::alphabet::is_symbol;
use crate::serial::segment::SegmentKind;

/// The values of all segments that are neither fixed, nor ordinal, nor check, as printed and in the rule's
/// order: `epoch=0;year=26;product=T13`. Empty for a rule without such segments. It names the series, which has
/// a counter and, if scrambled, a permutation of its own.
///
/// ```
/// # use nameplate::serial::SeriesContext;
/// let context: SeriesContext = "epoch=0;year=26".parse()?;
/// assert_eq!(context.get("year"), Some("26"));
/// assert!("epoch=0;epoch=1".parse::<SeriesContext>().is_err());
/// # Ok::<(), nameplate::serial::ContextError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct SeriesContext {
    text: String,
}

/// What a rule needs to know to choose a series.
#[derive(Clone, Copy, Debug)]
pub struct ContextInputs<'a> {
    /// Number of the epoch, from 0; ignored by rules without one.
    pub epoch: u8,
    /// The local date that date segments show.
    pub date: Date,
    /// The product code, exactly as wide as the rule's product segment.
    pub product_code: Option<&'a str>,
}

/// Why there is no such series.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContextError {
    /// Not `name=value` pairs with different names.
    #[error("\"{text}\" is not a series context: write it as epoch=0;year=26")]
    Syntax {
        /// The text.
        text: String,
    },
    /// A value that the rule has a segment for is not there, or one that it has no segment for is.
    #[error("this rule's series are named by {wanted}, not by \"{found}\"")]
    OtherSegments {
        /// The rule's names in order, `epoch, year`; `nothing` if it has none.
        wanted: String,
        /// The context.
        found: String,
    },
    /// A value that cannot stand in its segment.
    #[error("{found:?} cannot be the {segment} of a serial: {width} symbols of {allowed} are possible{hint}")]
    Value {
        /// The segment.
        segment: SegmentKind,
        /// The value.
        found: String,
        /// The segment's width in symbols.
        width: usize,
        /// Symbols that may stand there.
        allowed: SymbolSet,
        /// A range, where symbols alone do not say it.
        hint: &'static str,
    },
    /// The rule has a product segment and no product code was given.
    #[error("this rule needs a product code of {width} symbols")]
    ProductCodeMissing {
        /// The segment's width.
        width: usize,
    },
    /// All epochs of the rule are used up.
    #[error("epoch {epoch} does not exist: this rule has {epochs}, numbered from 0")]
    Epoch {
        /// The epoch asked for.
        epoch: u8,
        /// How many the rule has.
        epochs: usize,
    },
}

impl SeriesContext {
    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The value of a name (`epoch`, `year`, `week`, `day`, `product`).
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs().find_map(|(found, value)| (found == name).then_some(value))
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.text.split(';').filter_map(|pair| pair.split_once('='))
    }

    /// Adds a value; the rule calls this in the order of its segments with symbols of its own.
    pub(super) fn push(&mut self, name: &str, value: &str) {
        if !self.text.is_empty() {
            self.text.push(';');
        }
        self.text.push_str(name);
        self.text.push('=');
        self.text.push_str(value);
    }
}

impl FromStr for SeriesContext {
    type Err = ContextError;

    fn from_str(text: &str) -> Result<Self, ContextError> {
        let is_value = |value: &str| !value.is_empty() && value.bytes().all(is_symbol);
        let is_name = |name: &str| ["epoch", "year", "week", "day", "product"].contains(&name);
        let mut seen = Vec::new();
        for pair in text.split(';').filter(|_| !text.is_empty()) {
            match pair.split_once('=') {
                Some((name, value)) if is_name(name) && is_value(value) && !seen.contains(&name) => seen.push(name),
                _ => return Err(ContextError::Syntax { text: text.chars().take(100).collect() }),
            }
        }
        Ok(Self { text: text.to_owned() })
    }
}

impl TryFrom<String> for SeriesContext {
    type Error = ContextError;

    fn try_from(text: String) -> Result<Self, ContextError> {
        text.parse()
    }
}

impl From<SeriesContext> for String {
    fn from(context: SeriesContext) -> Self {
        context.text
    }
}

impl fmt::Display for SeriesContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
