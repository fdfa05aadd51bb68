//! Rows in the order of their keys.

use super::rows::Row;

/// Rows sorted by key, no key twice. Keeps the keys, so that looking up and comparing are cheap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sorted<R> {
    keys: Vec<Box<str>>,
    rows: Vec<R>,
}

impl<R> Default for Sorted<R> {
    fn default() -> Self {
        Self { keys: Vec::new(), rows: Vec::new() }
    }
}

impl<R: Row> Sorted<R> {
    /// Sorts rows. Of rows with one key the first is kept, with a call of `duplicate(first, other)` for each other.
    pub fn new<P>(rows: impl IntoIterator<Item = (P, R)>, mut duplicate: impl FnMut(&P, &P)) -> (Self, Vec<P>) {
        let mut keyed: Vec<(Box<str>, P, R)> =
            rows.into_iter().map(|(place, row)| (row.key().into_boxed_str(), place, row)).collect();
        // Stable: rows with one key stay in the order in which they came.
        keyed.sort_by(|(left, ..), (right, ..)| left.cmp(right));
        let mut sorted = Self { keys: Vec::with_capacity(keyed.len()), rows: Vec::with_capacity(keyed.len()) };
        let mut places = Vec::with_capacity(keyed.len());
        for (key, place, row) in keyed {
            match places.last() {
                Some(first) if sorted.keys.last() == Some(&key) => duplicate(first, &place),
                _ => {
                    sorted.keys.push(key);
                    sorted.rows.push(row);
                    places.push(place);
                }
            }
        }
        (sorted, places)
    }

    /// The rows in the order of their keys.
    pub fn rows(&self) -> &[R] {
        &self.rows
    }

    /// The rows, to correct what is not part of their keys' meaning (the spelling of a reference).
    pub fn rows_mut(&mut self) -> &mut [R] {
        &mut self.rows
    }

    /// Where the row with this key is.
    pub fn position(&self, key: &str) -> Option<usize> {
        self.keys.binary_search_by(|held| (**held).cmp(key)).ok()
    }

    /// The row with this key.
    pub fn get(&self, key: &str) -> Option<&R> {
        self.rows.get(self.position(key)?)
    }

    /// The rows whose keys start with `prefix`.
    pub fn starting_with(&self, prefix: &str) -> &[R] {
        let start = self.keys.partition_point(|key| **key < *prefix);
        let length = self.keys[start..].partition_point(|key| key.starts_with(prefix));
        &self.rows[start..start + length]
    }

    /// Keys and rows in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &R)> {
        self.keys.iter().map(|key| &**key).zip(&self.rows)
    }
}
