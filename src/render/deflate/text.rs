//! Repeats in content streams: the last few places where the same bytes stood.

use super::codes::Sink;
use super::rows::equal_bytes;
use super::symbols::{MAX_DISTANCE, MAX_LENGTH};

const HASH_BITS: u32 = 11;
/// Earlier places that are tried for one repeat.
const MAX_TRIES: usize = 5;
/// A repeat of this length is taken without looking whether a longer one starts a byte later.
const GOOD_LENGTH: usize = 16;
/// Shorter repeats seldom pay in a content stream.
const MIN_TEXT_LENGTH: usize = 4;
/// No place.
const NOWHERE: u16 = u16::MAX;

/// Remembers where bytes stood.
#[derive(Clone, Debug)]
pub struct TextSearch {
    last: Vec<u16>,
    before: Vec<u16>,
}

#[derive(Clone, Copy)]
struct Repeat {
    length: usize,
    distance: usize,
}

impl TextSearch {
    /// Bytes of its tables.
    pub fn memory_bytes(&self) -> usize {
        (self.last.len() + self.before.len()) * size_of::<u16>()
    }

    /// With its memory.
    pub fn new() -> TextSearch {
        TextSearch { last: vec![NOWHERE; 1 << HASH_BITS], before: Vec::new() }
    }

    /// Finds the repeats in at most 65,535 bytes.
    #[inline(always)]
    pub fn search(&mut self, bytes: &[u8], sink: &mut impl Sink) {
        self.last.fill(NOWHERE);
        if self.before.len() < bytes.len() {
            self.before.resize(bytes.len(), NOWHERE);
        }
        let mut at = 0;
        while at < bytes.len() {
            let Some(mut repeat) = self.visit(bytes, at, MIN_TEXT_LENGTH - 1) else {
                sink.literal(bytes[at]);
                at += 1;
                continue;
            };
            let mut visited = at + 1;
            while repeat.length < GOOD_LENGTH {
                let longer = self.visit(bytes, visited, repeat.length);
                visited += 1;
                let Some(longer) = longer else { break };
                sink.literal(bytes[at]);
                at += 1;
                repeat = longer;
            }
            sink.repeat(repeat.length, repeat.distance);
            at += repeat.length;
            for inside in visited..at {
                self.remember(bytes, inside);
            }
        }
    }

    /// Remembers a place, and says where its bytes stood before (or others with the same hash).
    #[inline(always)]
    fn remember(&mut self, bytes: &[u8], at: usize) -> u16 {
        let Some(four) = bytes[at..].first_chunk::<4>() else { return NOWHERE };
        let slot = &mut self.last[hash(*four)];
        self.before[at] = *slot;
        std::mem::replace(slot, u16::try_from(at).unwrap_or(NOWHERE))
    }

    /// The longest repeat at a place that is longer than `longer_than`, the nearest of several; remembers the place.
    #[inline(always)]
    fn visit(&mut self, bytes: &[u8], at: usize, longer_than: usize) -> Option<Repeat> {
        let mut place = self.remember(bytes, at);
        let here = &bytes[at..bytes.len().min(at + MAX_LENGTH)];
        let (mut best, mut length) = (None, longer_than);
        for _ in 0..MAX_TRIES {
            let from = usize::from(place);
            if place == NOWHERE || at - from > MAX_DISTANCE || length >= here.len() {
                break;
            }
            if bytes[from + length] == here[length] {
                let same = equal_bytes(&bytes[from..], here);
                if same > length {
                    length = same;
                    best = Some(Repeat { length, distance: at - from });
                }
            }
            place = self.before[from];
        }
        best
    }
}

#[inline(always)]
fn hash(four: [u8; 4]) -> usize {
    let mixed = u32::from_le_bytes(four).wrapping_mul(0x9E37_79B1) >> (32 - HASH_BITS);
    usize::try_from(mixed).unwrap_or(0)
}
