//! Ranges of ordinals.

use std::fmt;

/// Runs are cut at multiples of this many ordinals, so that "which runs contain x" is one short index scan: a run that
/// contains x starts at most this far below it.
pub const RUN_ALIGNMENT: u64 = 4_096;

/// A non-empty range of ordinals of one series, both ends included.
///
/// ```
/// use nameplate::trace::Span;
/// assert_eq!(Span::new(3, 5).map(|s| s.len()), Ok(3));
/// assert!(Span::new(5, 3).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    first: u64,
    last: u64,
}

/// Why two numbers are not a [`Span`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// The end lies before the start.
    #[error("the range ends at {last}, before its start at {first}")]
    Backwards {
        /// Where the range was said to start.
        first: u64,
        /// Where it was said to end.
        last: u64,
    },
    /// Ordinals are stored as signed 64-bit numbers.
    #[error("ordinal {0} is beyond the largest that can be stored")]
    TooLarge(u64),
}

impl Span {
    /// The range `first..=last`.
    ///
    /// # Errors
    /// [`SpanError::Backwards`] when `last < first`; [`SpanError::TooLarge`] when `last` does not fit `i64`.
    pub fn new(first: u64, last: u64) -> Result<Self, SpanError> {
        if last < first {
            return Err(SpanError::Backwards { first, last });
        }
        if i64::try_from(last).is_err() {
            return Err(SpanError::TooLarge(last));
        }
        Ok(Self { first, last })
    }

    /// The range that holds one ordinal only.
    ///
    /// # Errors
    /// [`SpanError::TooLarge`] when it does not fit `i64`.
    pub fn single(ordinal: u64) -> Result<Self, SpanError> {
        Self::new(ordinal, ordinal)
    }

    /// The lowest ordinal.
    #[must_use]
    pub const fn first(self) -> u64 {
        self.first
    }

    /// The highest ordinal, part of the range.
    #[must_use]
    pub const fn last(self) -> u64 {
        self.last
    }

    /// How many ordinals there are; never 0.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a span is never empty")]
    pub const fn len(self) -> u64 {
        self.last - self.first + 1
    }

    /// Whether every ordinal of `other` is in this range.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    /// The ordinals in both ranges, if any.
    #[must_use]
    pub fn intersection(self, other: Self) -> Option<Self> {
        let (first, last) = (self.first.max(other.first), self.last.min(other.last));
        (first <= last).then_some(Self { first, last })
    }

    /// Whether `other` begins right after this range ends.
    #[must_use]
    pub const fn touches(self, other: Self) -> bool {
        self.last + 1 == other.first
    }

    /// The same ordinals as pieces that do not cross a multiple of [`RUN_ALIGNMENT`].
    pub fn cut(self) -> impl Iterator<Item = Self> {
        let mut next = Some(self.first);
        std::iter::from_fn(move || {
            let first = next?;
            let last = (first / RUN_ALIGNMENT * RUN_ALIGNMENT + RUN_ALIGNMENT - 1).min(self.last);
            next = (last < self.last).then_some(last + 1);
            Some(Self { first, last })
        })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..={}", self.first, self.last)
    }
}

/// Sorts ranges and joins those that overlap or touch: the same set of ordinals in the fewest ranges.
#[must_use]
pub fn merge(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut out: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match out.last_mut() {
            Some(previous) if span.first <= previous.last.saturating_add(1) => {
                previous.last = previous.last.max(span.last);
            }
            _ => out.push(span),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    //! Invariants:
    //! 1. the pieces of a cut hold the same ordinals, in order, and none crosses an alignment boundary;
    //! 2. merging keeps exactly the set of ordinals and leaves no two ranges that touch.
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn span(first: u64, last: u64) -> Span {
        Span::new(first, last).unwrap()
    }

    #[test]
    fn a_million_serials_are_a_few_hundred_runs() {
        assert_eq!(span(0, 999_999).cut().count(), 245);
        assert_eq!(span(4_095, 4_096).cut().collect::<Vec<_>>(), [span(4_095, 4_095), span(4_096, 4_096)]);
    }

    #[test]
    fn a_range_that_ends_before_it_starts_is_refused() {
        assert_eq!(Span::new(2, 1), Err(SpanError::Backwards { first: 2, last: 1 }));
        assert_eq!(Span::single(u64::MAX), Err(SpanError::TooLarge(u64::MAX)));
    }

    proptest! {
        #[test]
        fn cutting_keeps_every_ordinal(first in 0_u64..100_000, len in 1_u64..50_000) {
            let whole = span(first, first + len - 1);
            let mut expected = first;
            for piece in whole.cut() {
                prop_assert_eq!(piece.first(), expected);
                prop_assert_eq!(piece.first() / RUN_ALIGNMENT, piece.last() / RUN_ALIGNMENT);
                expected = piece.last() + 1;
            }
            prop_assert_eq!(expected, whole.last() + 1);
        }

        #[test]
        fn merging_keeps_the_set(ranges in prop::collection::vec((0_u64..60, 0_u64..8), 0..12)) {
            let spans: Vec<_> = ranges.iter().map(|&(f, n)| span(f, f + n)).collect();
            let set = |spans: &[Span]| spans.iter().flat_map(|s| s.first()..=s.last()).collect::<BTreeSet<_>>();
            let merged = merge(spans.clone());
            prop_assert_eq!(set(&merged), set(&spans));
            prop_assert!(merged.windows(2).all(|w| w[0].last() + 1 < w[1].first()));
        }
    }
}
