//! Repeats in rows of dots: what the byte before, the row above, or the row above that one has.

use super::codes::Sink;
use super::symbols::{MAX_DISTANCE, MAX_LENGTH, MIN_LENGTH};

/// Looks a fixed few distances back.
#[derive(Clone, Copy, Debug)]
pub struct RowSearch {
    distances: [usize; 3],
}

impl RowSearch {
    /// For rows of so many bytes.
    pub fn new(bytes_per_row: usize) -> RowSearch {
        let within = |distance: usize| if (1..=MAX_DISTANCE).contains(&distance) { distance } else { 1 };
        RowSearch { distances: [within(bytes_per_row), 1, within(bytes_per_row.saturating_mul(2))] }
    }

    /// The distances that it looks back.
    pub fn distances(&self) -> [usize; 3] {
        self.distances
    }

    /// Finds the repeats from `from` to `to`; what stands before `from` may be repeated.
    #[inline(always)]
    pub fn search(&self, bytes: &[u8], from: usize, to: usize, sink: &mut impl Sink) {
        let bytes = &bytes[..to];
        let mut at = from;
        while at < to {
            let here = word(bytes, at);
            let (mut length, mut distance) = (0, 0);
            for back in self.distances {
                if at >= back {
                    let same = (here ^ word(bytes, at - back)).trailing_zeros() / 8;
                    if same > length {
                        (length, distance) = (same, back);
                    }
                }
            }
            let mut length = usize::try_from(length).unwrap_or(0).min(to - at);
            if length < MIN_LENGTH {
                sink.literal(bytes[at]);
                at += 1;
                continue;
            }
            if length == 8 {
                length += equal_bytes(&bytes[at + 8 - distance..], &bytes[at + 8..]);
            }
            at += length;
            while length > MAX_LENGTH {
                // What is left must not become too short for a repeat.
                let part = MAX_LENGTH.min(length - MIN_LENGTH);
                sink.repeat(part, distance);
                length -= part;
            }
            sink.repeat(length, distance);
        }
    }
}

/// Eight bytes, the first one lowest; zeros behind the end.
#[inline(always)]
fn word(bytes: &[u8], at: usize) -> u64 {
    if let Some(whole) = bytes[at..].first_chunk::<8>() {
        return u64::from_le_bytes(*whole);
    }
    let mut padded = [0; 8];
    padded[..bytes.len() - at].copy_from_slice(&bytes[at..]);
    u64::from_le_bytes(padded)
}

/// How many bytes two slices have in common at their starts.
#[inline(always)]
pub fn equal_bytes(a: &[u8], b: &[u8]) -> usize {
    let mut count = 0;
    for (x, y) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        let (x, y) = (x.first_chunk::<8>(), y.first_chunk::<8>());
        let differs = x.map_or(0, |x| u64::from_le_bytes(*x)) ^ y.map_or(0, |y| u64::from_le_bytes(*y));
        if differs != 0 {
            return count + usize::try_from(differs.trailing_zeros() / 8).unwrap_or(0);
        }
        count += 8;
    }
    count + a[count..].iter().zip(&b[count..]).take_while(|(x, y)| x == y).count()
}
