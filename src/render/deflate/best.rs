//! Packing with care, for what is packed once per file: all earlier places are tried, and each block has its own codes.

use super::codes::{Codes, Histogram, Sink};
use super::rows::equal_bytes;
use super::stream::{MAX_BLOCK_BYTES, ZlibStream};
use super::symbols::{MAX_DISTANCE, MAX_LENGTH, MIN_LENGTH};

const HASH_BITS: u32 = 15;
/// Earlier places that are tried for one repeat; bounds the time that hostile data can take.
const MAX_TRIES: usize = 256;
/// A repeat of this length is taken without looking whether a longer one starts a byte later.
const GOOD_LENGTH: usize = 64;
/// Three bytes from further back cost more than they save.
const FAR: usize = 4096;
/// Finds of one block.
const MAX_FINDS: usize = 16_384;
/// Where a block ends at the latest; the repeat that waits then still fits a stored block.
const LAST_BYTES: usize = MAX_BLOCK_BYTES - 2 * MAX_LENGTH;

/// Appends a zlib stream that is as small as two passes make it.
pub fn pack_best(bytes: &[u8], out: &mut Vec<u8>) {
    let mut scratch = Vec::new();
    let mut stream = ZlibStream::new(out, &mut scratch);
    let mut places = Places::new();
    let mut finds = Finds::default();
    let (fixed, mut start, mut at) = (Codes::fixed(), 0, 0);
    let mut waiting: Option<Repeat> = None;
    while at < bytes.len() {
        let shortest = waiting.map_or(MIN_LENGTH - 1, |repeat| repeat.length);
        let found = if shortest < GOOD_LENGTH { places.longest(bytes, at, shortest) } else { None };
        places.insert(bytes, at);
        match (waiting, found) {
            (Some(repeat), None) => {
                finds.repeat(repeat.length, repeat.distance);
                let end = at - 1 + repeat.length;
                (at + 1..end).for_each(|inside| places.insert(bytes, inside));
                (at, waiting) = (end, None);
            }
            (Some(_), Some(longer)) => {
                finds.literal(bytes[at - 1]);
                (at, waiting) = (at + 1, Some(longer));
            }
            (None, Some(repeat)) => (at, waiting) = (at + 1, Some(repeat)),
            (None, None) => {
                finds.literal(bytes[at]);
                at += 1;
            }
        }
        if finds.list.len() >= MAX_FINDS || finds.byte_count >= LAST_BYTES {
            let end = start + finds.byte_count;
            finds.write(&bytes[start..end], end == bytes.len(), &fixed, &mut stream);
            start = end;
        }
    }
    if start < bytes.len() || bytes.is_empty() {
        finds.write(&bytes[start..], true, &fixed, &mut stream);
    }
    stream.finish(&[bytes]);
}

#[derive(Clone, Copy)]
struct Repeat {
    length: usize,
    distance: usize,
}

/// Where three bytes stood before: the last place by hash, and for each place the one before it.
struct Places {
    last: Vec<u32>,
    before: Vec<u32>,
}

impl Places {
    fn new() -> Places {
        Places { last: vec![u32::MAX; 1 << HASH_BITS], before: vec![u32::MAX; MAX_DISTANCE] }
    }

    fn insert(&mut self, bytes: &[u8], at: usize) {
        if let Some(three) = bytes[at..].first_chunk::<3>() {
            let last = &mut self.last[hash(*three)];
            self.before[at % MAX_DISTANCE] = *last;
            *last = u32::try_from(at).unwrap_or(u32::MAX);
        }
    }

    /// The longest repeat that is longer than `longer_than`; the nearest of several.
    fn longest(&self, bytes: &[u8], at: usize, longer_than: usize) -> Option<Repeat> {
        let here = &bytes[at..bytes.len().min(at + MAX_LENGTH)];
        let three = here.first_chunk::<3>()?;
        let (mut best, mut length) = (None, longer_than);
        let mut place = index(self.last[hash(*three)]);
        for _ in 0..MAX_TRIES {
            if place >= at || at - place > MAX_DISTANCE || length >= here.len() {
                break;
            }
            if bytes[place + length] == here[length] {
                let same = equal_bytes(&bytes[place..], here);
                if same > length && !(same == MIN_LENGTH && at - place > FAR) {
                    length = same;
                    best = Some(Repeat { length, distance: at - place });
                }
            }
            let earlier = index(self.before[place % MAX_DISTANCE]);
            if earlier >= place {
                break;
            }
            place = earlier;
        }
        best
    }
}

fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

fn hash(three: [u8; 3]) -> usize {
    let bytes = u32::from_le_bytes([three[0], three[1], three[2], 0]);
    index(bytes.wrapping_mul(0x9E37_79B1) >> (32 - HASH_BITS))
}

/// The finds of a block.
#[derive(Default)]
struct Finds {
    list: Vec<Find>,
    byte_count: usize,
    counts: Histogram,
}

enum Find {
    Literal(u8),
    Repeat(u16, u16),
}

impl Finds {
    /// Writes them as one block and forgets them.
    fn write(&mut self, bytes: &[u8], is_last: bool, fixed: &Codes, stream: &mut ZlibStream) {
        let own = Codes::of(&self.counts);
        let smallest = if self.counts.bits(&own) <= self.counts.bits(fixed) { &own } else { fixed };
        let attempt = stream.attempt(smallest, bytes.len(), is_last, |block| {
            for find in &self.list {
                match *find {
                    Find::Literal(byte) => block.literal(byte),
                    Find::Repeat(length, distance) => block.repeat(usize::from(length), usize::from(distance)),
                }
            }
        });
        debug_assert!(attempt.is_some(), "the codes were made for these symbols");
        attempt.into_iter().for_each(|attempt| stream.accept(attempt, bytes, is_last));
        self.list.clear();
        (self.byte_count, self.counts) = (0, Histogram::default());
    }
}

impl Sink for Finds {
    fn literal(&mut self, byte: u8) {
        self.list.push(Find::Literal(byte));
        self.byte_count += 1;
        self.counts.literal(byte);
    }

    fn repeat(&mut self, length: usize, distance: usize) {
        let narrow = |value: usize| u16::try_from(value).unwrap_or(0);
        self.list.push(Find::Repeat(narrow(length), narrow(distance)));
        self.byte_count += length;
        self.counts.repeat(length, distance);
    }
}
