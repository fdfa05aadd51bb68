//! What a station asks for when it reserves a block, and why it may not get it.

use crate::store::StoreError;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::fmt;

/// The most serials that one request can reserve.
pub const MAX_COUNT: u32 = 1_000_000;

/// How many unsettled serials a station may hold of a SKU, unless it has a quota of its own.
pub const DEFAULT_QUOTA: u64 = 2_000_000;

/// The longest text of a field that people fill in.
const MAX_TEXT: usize = 80;

/// The name of a station: 1 to 40 of letters, digits, `.`, `_` and `-`, beginning with a letter or digit.
///
/// ```
/// use nameplate::service::StationName;
/// assert!(StationName::parse("final-inspection.2").is_ok());
/// assert!(StationName::parse("line 2").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StationName(String);

/// Why a text is not a [`StationName`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a station's name has 1 to 40 letters, digits, dots, underscores or hyphens and begins with a letter or digit")]
pub struct StationNameError;

impl StationName {
    /// Checks a name.
    ///
    /// # Errors
    /// [`StationNameError`] says what a name looks like.
    pub fn parse(text: &str) -> Result<Self, StationNameError> {
        let bytes = text.as_bytes();
        let fits = (1..=40).contains(&bytes.len())
            && bytes[0].is_ascii_alphanumeric()
            && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b));
        if fits { Ok(Self(text.to_owned())) } else { Err(StationNameError) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A well-formed request for a block. Whether SKU and batch exist is for the records to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReserveBlock {
    /// SKU code or another name of it, as asked.
    pub sku: String,
    /// Batch code, as asked.
    pub batch: String,
    /// How many serials: 1 to [`MAX_COUNT`].
    pub count: u32,
    /// Who asks.
    pub station: StationName,
    /// The order it is for, if known.
    pub order: Option<String>,
}

impl ReserveBlock {
    /// Checks the form of a request.
    ///
    /// # Errors
    /// [`ReserveError::Count`], [`ReserveError::Station`] or [`ReserveError::Text`].
    pub fn parse(sku: &str, batch: &str, count: i64, station: &str, order: Option<&str>) -> Result<Self, ReserveError> {
        let count =
            u32::try_from(count).ok().filter(|n| (1..=MAX_COUNT).contains(n)).ok_or(ReserveError::Count(count))?;
        let station = StationName::parse(station).map_err(ReserveError::Station)?;
        let order = order.map(|order| plain_text("order", order)).transpose()?;
        Ok(Self { sku: plain_text("sku", sku)?, batch: plain_text("batch", batch)?, count, station, order })
    }

    /// SHA-256 over every field, in hex: two requests with one key must agree in it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hasher = Sha256::new();
        for field in [&self.sku, &self.batch, self.station.as_str(), self.order.as_deref().unwrap_or("\0")] {
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field.as_bytes());
        }
        hasher.update(self.count.to_be_bytes());
        HEXLOWER.encode(&hasher.finalize())
    }
}

/// Trims a text that people fill in and refuses what cannot be one.
fn plain_text(field: &'static str, text: &str) -> Result<String, ReserveError> {
    let text = text.trim();
    let problem = if text.is_empty() {
        "is empty"
    } else if text.chars().count() > MAX_TEXT {
        "is longer than 80 characters"
    } else if text.chars().any(char::is_control) {
        "holds a control character"
    } else {
        return Ok(text.to_owned());
    };
    Err(ReserveError::Text { field, problem })
}

/// What a text that was meant as something else really is, as far as the records know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookalike {
    /// `serial`, `sku`, `gtin`, `batch` or `block`.
    pub kind: &'static str,
    /// The record that it names; for a GTIN, which may stand for a SKU, why it names none.
    pub names: String,
}

/// Why a reservation was refused. Nothing was reserved.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReserveError {
    /// Not a number of serials that can be reserved at once.
    #[error("count is {0}: ask for 1 to {MAX_COUNT} serials at a time")]
    Count(i64),
    /// Not a station's name.
    #[error("{0}")]
    Station(StationNameError),
    /// A field that people fill in is not usable.
    #[error("{field} {problem}")]
    Text {
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The idempotency key was used for another request.
    #[error(
        "this idempotency key was used by station {station} for a different request. A new request needs a new key"
    )]
    KeyReused {
        /// Whose key it is.
        station: String,
    },
    /// A request with the same key is being worked on.
    #[error("a request with this idempotency key is being worked on: wait for its answer, or ask again in a moment")]
    KeyInFlight,
    /// No SKU goes by this name (that the caller may see).
    #[error("there is no SKU {text:?}{}", hint(.looks_like.as_ref(), "sku"))]
    UnknownSku {
        /// What was asked for.
        text: String,
        /// What it is instead.
        looks_like: Option<Lookalike>,
    },
    /// No batch has this code (that the caller may see).
    #[error("there is no batch {text:?}{}", hint(.looks_like.as_ref(), "batch"))]
    UnknownBatch {
        /// What was asked for.
        text: String,
        /// What it is instead.
        looks_like: Option<Lookalike>,
    },
    /// The batch was closed.
    #[error("batch {batch} is closed: its account is settled, and no serial can be added. Use an open batch")]
    BatchClosed {
        /// Batch code.
        batch: String,
    },
    /// The batch holds other SKUs.
    #[error("batch {batch} does not hold SKU {sku}. It holds: {}", .holds.join(", "))]
    SkuNotInBatch {
        /// SKU code.
        sku: String,
        /// Batch code.
        batch: String,
        /// The SKUs that it holds.
        holds: Vec<String>,
    },
    /// The station holds too many serials that it has not accounted for.
    #[error("station {station} holds {held} open serials of {sku} and may hold {quota}: {} more can be reserved. Report what was applied or void, or return what was not printed", .quota.saturating_sub(*.held))]
    Quota {
        /// Which station.
        station: String,
        /// SKU code.
        sku: String,
        /// Its limit.
        quota: u64,
        /// What it holds.
        held: u64,
    },
    /// The rule has fewer serials left than asked for.
    #[error(
        "rule {rule} has {remaining} serials left in series {context:?}. Ask for fewer, or move the SKU to a new rule version"
    )]
    Exhausted {
        /// Rule code.
        rule: String,
        /// The values of its fixed segments.
        context: String,
        /// How many are left.
        remaining: u64,
    },
    /// The SKU's rule cannot issue.
    #[error("rule {rule} cannot number this SKU: {reason}")]
    Rule {
        /// Rule code.
        rule: String,
        /// Why.
        reason: String,
    },
    /// Allocation is stopped until somebody recovers.
    #[error("allocation is stopped: {reason}. Reading goes on. An operator must run `nameplate recover`")]
    Stopped {
        /// Why.
        reason: String,
    },
    /// More requests are waiting than can be.
    #[error("too many reservations are waiting: ask again in a moment")]
    Busy,
    /// The disk is full. Whether the block was reserved shows when the same request comes again.
    #[error("the disk is full. Make room, then ask again with the same idempotency key: allocation goes on by itself")]
    Full,
    /// The database cannot be reached; it is not known whether the block was reserved.
    #[error("the records cannot be reached: ask again with the same idempotency key")]
    Unavailable,
    /// A defect.
    #[error("unexpected error: {0}")]
    Unexpected(String),
}

fn hint(lookalike: Option<&Lookalike>, wanted: &str) -> String {
    lookalike.map_or_else(String::new, |l| {
        if l.kind == "gtin" {
            return format!(": {}", l.names);
        }
        let article = if l.kind == "sku" { "SKU" } else { l.kind };
        let wanted = if wanted == "sku" { "SKU" } else { wanted };
        format!(": this is a {article} ({}), and here a {wanted} is wanted", l.names)
    })
}

impl From<StoreError> for ReserveError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::Full,
            StoreError::Unavailable(_) => Self::Unavailable,
            other => Self::Unexpected(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(count: i64) -> Result<ReserveBlock, ReserveError> {
        ReserveBlock::parse("BO-M2", "2026-W45", count, "fi-1", None)
    }

    #[test]
    fn counts_outside_1_to_a_million_are_refused() {
        for count in [0, -1, 1_000_001, 1_000_000_000, i64::MIN, i64::MAX] {
            assert!(matches!(parse(count), Err(ReserveError::Count(n)) if n == count));
        }
        assert!(parse(1).is_ok() && parse(1_000_000).is_ok());
    }

    #[test]
    fn every_field_is_in_the_fingerprint() {
        let base = parse(5).unwrap();
        let others = [
            ReserveBlock { sku: "BO-M".into(), batch: "22026-W45".into(), ..base.clone() },
            ReserveBlock { count: 6, ..base.clone() },
            ReserveBlock { station: StationName::parse("fi-2").unwrap(), ..base.clone() },
            ReserveBlock { order: Some("PO-1".into()), ..base.clone() },
        ];
        for other in others {
            assert_ne!(other.fingerprint(), base.fingerprint());
        }
        assert_eq!(base.fingerprint(), parse(5).unwrap().fingerprint());
    }

    #[test]
    fn texts_must_be_texts() {
        for (sku, problem) in [(" ", "is empty"), ("a\0b", "holds a control character")] {
            let error = ReserveBlock::parse(sku, "b", 1, "fi-1", None).unwrap_err();
            assert!(matches!(error, ReserveError::Text { field: "sku", problem: p } if p == problem));
        }
        assert!(matches!(ReserveBlock::parse("a", "b", 1, "line 2", None), Err(ReserveError::Station(_))));
    }
}
