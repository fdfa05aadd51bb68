//! Request ids: what ties an answer, a problem and the lines of the log together.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The header that carries the id, in requests and in answers.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id that is taken over from a request, in characters.
const LONGEST: usize = 64;

/// The id of one request: the caller's own where it is well-formed, else a fresh one of 16 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// Takes the caller's id if it is 1 to 64 letters, digits and hyphens, so that it is harmless wherever it is
    /// written; else makes one.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(REQUEST_ID).map(HeaderValue::as_bytes);
        match given.filter(|given| is_well_formed(given)).and_then(|given| std::str::from_utf8(given).ok()) {
            Some(given) => Self(given.into()),
            None => Self(format!("{:016x}", fresh()).into()),
        }
    }

    /// The id's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value for the answer's header.
    #[must_use]
    pub fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).unwrap_or(HeaderValue::from_static("unknown"))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_well_formed(id: &[u8]) -> bool {
    (1..=LONGEST).contains(&id.len()) && id.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

/// Random, so that ids of several nodes do not meet; counted should the system have no random numbers: an id is no
/// secret, and a request must not fail for want of one.
fn fresh() -> u64 {
    static COUNTED: AtomicU64 = AtomicU64::new(1);
    getrandom::u64().unwrap_or_else(|_| COUNTED.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_of(value: &[u8]) -> RequestId {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_bytes(value).unwrap());
        RequestId::of(&headers)
    }

    #[test]
    fn a_well_formed_id_is_kept() {
        for id in ["7", "scan-0042", &"a".repeat(64)] {
            assert_eq!(id_of(id.as_bytes()).as_str(), id);
            assert_eq!(id_of(id.as_bytes()).header(), id);
        }
    }

    #[test]
    fn any_other_is_replaced_by_a_fresh_one() {
        for id in ["", "a b", "a\"b", "<b>", "ä", &"a".repeat(65)] {
            let fresh = id_of(id.as_bytes());
            assert_eq!(fresh.as_str().len(), 16, "{id}");
            assert_ne!(fresh, id_of(id.as_bytes()));
        }
    }
}
