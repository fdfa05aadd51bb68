//! Keyset pagination: a page starts after a key, not at a number of rows, so that rows which come or go in between
//! neither repeat nor skip others, and the millionth page costs what the first does.

use std::fmt;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use data_encoding::BASE64URL_NOPAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Query;
use crate::http::problem::{Problem, ProblemKind};

/// Rows of a page that asks for no number.
const DEFAULT_LIMIT: u16 = 100;
/// Most rows of a page.
const MOST: u16 = 1_000;

/// The key of a page's last row, opaque to clients. It grants nothing: it is only ever compared with keys of rows that
/// the query may see anyway, so a forged one merely starts the page elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor<K>(pub K);

impl<K: Serialize> fmt::Display for Cursor<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = serde_json::to_vec(&self.0).map_err(|_| fmt::Error)?;
        f.write_str(&BASE64URL_NOPAD.encode(&key))
    }
}

/// A text that is no cursor of this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a cursor of this list")]
pub struct NotACursor;

impl<K: DeserializeOwned> FromStr for Cursor<K> {
    type Err = NotACursor;

    /// Reads what [`Display`](fmt::Display) wrote.
    ///
    /// # Errors
    /// [`NotACursor`] for anything else, a cursor with another type of key included.
    ///
    /// ```
    /// use nameplate::http::extract::Cursor;
    /// let text = Cursor((7_i64, "TC-2".to_owned())).to_string();
    /// assert!(text.parse::<Cursor<(i64, String)>>().is_ok());
    /// assert!(text.parse::<Cursor<i64>>().is_err());
    /// ```
    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let key = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| NotACursor)?;
        serde_json::from_slice(&key).map(Self).map_err(|_| NotACursor)
    }
}

/// `limit` and `after` as they are sent. Endpoints name this type in their `params(...)` and take a [`PageQuery`].
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// Rows of a page.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub limit: Option<u16>,
    /// `next` of the page before; without it, the first page.
    pub after: Option<String>,
}

/// Which page is asked for. `K` is the key that the list is ordered by: unique, such as `i64` or `(String, i64)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageQuery<K> {
    /// Rows of the page, 1 to 1,000.
    pub limit: u16,
    /// Only rows with a greater key.
    pub after: Option<K>,
}

impl<K: DeserializeOwned> PageQuery<K> {
    /// Reads the two parameters: also for lists that take further ones and embed these.
    ///
    /// # Errors
    /// `invalid-query` for a limit out of range, `invalid-cursor`.
    pub fn from_params(params: &PageParams) -> Result<Self, Problem> {
        let limit = params.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MOST).contains(&limit) {
            let detail = format!("`limit`: a page has 1 to {MOST} rows.");
            return Err(Problem::new(ProblemKind::InvalidQuery, detail).with("field", "limit"));
        }
        let after = params.after.as_deref().map(str::parse::<Cursor<K>>).transpose();
        let after = after.map_err(|_| Problem::new(ProblemKind::InvalidCursor, "").with("field", "after"))?;
        Ok(Self { limit, after: after.map(|cursor| cursor.0) })
    }
}

impl<S: Send + Sync, K: DeserializeOwned> FromRequestParts<S> for PageQuery<K> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(params) = Query::<PageParams>::from_request_parts(parts, state).await?;
        Self::from_params(&params)
    }
}

/// One page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows, in the list's order.
    pub items: Vec<T>,
    /// Send it as `after` to get the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page of `limit` rows out of up to `limit + 1`: the one too many shows that there is a next page, and
    /// saves counting.
    #[must_use]
    pub fn cut<K: Serialize>(mut rows: Vec<T>, limit: u16, key_of: impl Fn(&T) -> K) -> Self {
        let limit = usize::from(limit);
        let goes_on = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| goes_on).map(|last| Cursor(key_of(last)).to_string());
        Self { items: rows, next }
    }

    /// A page whose next key is known already.
    #[must_use]
    pub fn of<K: Serialize>(items: Vec<T>, next: Option<K>) -> Self {
        Self { items, next: next.map(|key| Cursor(key).to_string()) }
    }
}

#[cfg(test)]
mod tests {
    //! Invariants: 1. a cursor reads back as its key; 2. no text panics; 3. following `next` from page to page gives
    //! each row once, in order, whatever the limit.

    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_reads_back(name in "\\PC{0,20}", number in any::<i64>()) {
            let key = (name, number);
            prop_assert_eq!(Cursor(key.clone()).to_string().parse(), Ok(Cursor(key)));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = text.parse::<Cursor<(String, i64)>>();
        }

        #[test]
        fn pages_joined_are_the_list(rows in 0_i64..60, limit in 1_u16..20) {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let first = after.map_or(0, |after: i64| after + 1);
                let found = (first..rows).take(usize::from(limit) + 1).collect();
                let page = Page::cut(found, limit, |row| *row);
                prop_assert!(page.items.len() <= usize::from(limit));
                seen.extend(page.items);
                let Some(next) = page.next else { break };
                after = Some(next.parse::<Cursor<i64>>().unwrap().0);
            }
            prop_assert_eq!(seen, (0..rows).collect::<Vec<_>>());
        }
    }

    fn read(limit: Option<u16>, after: Option<&str>) -> Result<PageQuery<i64>, &'static str> {
        let params = PageParams { limit, after: after.map(str::to_owned) };
        PageQuery::from_params(&params).map_err(|problem| problem.kind().slug())
    }

    #[test]
    fn limits_and_cursors_are_checked() {
        assert_eq!(read(None, None), Ok(PageQuery { limit: 100, after: None }));
        assert_eq!(read(Some(1_000), Some("Nw")), Ok(PageQuery { limit: 1_000, after: Some(7) }));
        assert_eq!(read(Some(0), None), Err("invalid-query"));
        assert_eq!(read(Some(1_001), None), Err("invalid-query"));
        for forged in ["", "7", "Nw==", "!!", "WyI3Il0"] {
            assert_eq!(read(None, Some(forged)), Err("invalid-cursor"), "{forged}");
        }
    }
}
