//! The codes of a block as tables, and what takes the finds of a search: a writer and a histogram.

use super::bits::{BitString, BitWriter};
use super::huffman::{MAX_CODE_BITS, canonical_codes, code_lengths, dynamic_header};
use super::symbols::{DISTANCE_SYMBOLS, END, LITERAL_SYMBOLS, MAX_LENGTH, MIN_LENGTH, distance_symbol, length_symbol};

/// Takes what a search finds, in order.
pub trait Sink {
    /// A byte for itself.
    fn literal(&mut self, byte: u8);
    /// `length` bytes (3 to 258) as they stand `distance` bytes (1 to 32,768) back.
    fn repeat(&mut self, length: usize, distance: usize);
}

/// Bits and, in the highest byte, how many they are.
type Entry = u32;

fn entry(bits: u32, count: u32) -> Entry {
    bits | count << 24
}

/// The codes of a block.
#[derive(Clone, Debug)]
pub struct Codes {
    header: BitString,
    literals: [Entry; 256],
    /// By length, with the extra bits.
    lengths: [Entry; MAX_LENGTH + 1],
    distances: [Entry; DISTANCE_SYMBOLS],
    end: Entry,
    literal_lengths: Vec<u8>,
    distance_lengths: Vec<u8>,
}

impl Codes {
    /// The best codes for these counts; a symbol that was never counted may have none.
    pub fn of(counts: &Histogram) -> Codes {
        let literals = code_lengths(&counts.literals, MAX_CODE_BITS);
        let distances = code_lengths(&counts.distances, MAX_CODE_BITS);
        Codes::new(&literals, &distances, dynamic_header(&literals, &distances))
    }

    /// The fixed codes (RFC 1951, 3.2.6).
    pub fn fixed() -> Codes {
        let mut literals = [8; 288];
        literals[144..256].fill(9);
        literals[256..280].fill(7);
        let mut header = BitString::default();
        header.push(1, 2);
        Codes::new(&literals, &[5; 32], header)
    }

    fn new(literal_lengths: &[u8], distance_lengths: &[u8], header: BitString) -> Codes {
        let entries = |lengths: &[u8]| -> Vec<Entry> {
            let codes = canonical_codes(lengths);
            codes.iter().zip(lengths).map(|(code, length)| entry(u32::from(*code), u32::from(*length))).collect()
        };
        let (symbols, distance_symbols) = (entries(literal_lengths), entries(distance_lengths));
        let mut codes = Codes {
            header,
            literals: [0; 256],
            lengths: [0; MAX_LENGTH + 1],
            distances: [0; DISTANCE_SYMBOLS],
            end: symbols[END],
            literal_lengths: literal_lengths.to_vec(),
            distance_lengths: distance_lengths.to_vec(),
        };
        codes.literals.copy_from_slice(&symbols[..256]);
        codes.distances.copy_from_slice(&distance_symbols[..DISTANCE_SYMBOLS]);
        for length in MIN_LENGTH..=MAX_LENGTH {
            let extra = length_symbol(length);
            let code = symbols[extra.symbol];
            let count = code >> 24;
            if count > 0 {
                codes.lengths[length] = entry(code & 0xFF_FFFF | extra.bits << count, count + extra.count);
            }
        }
        codes
    }

    /// Bytes that a block of so many bytes can take at most, with room for the writer.
    pub fn most_bytes(&self, bytes: usize) -> usize {
        // A literal takes at most 15 bits, a repeat of at least three bytes at most 48.
        2 * bytes + self.header.len_bits() / 8 + 32
    }
}

/// Writes one block.
pub struct BlockWriter<'c, 'b> {
    codes: &'c Codes,
    bits: BitWriter<'b>,
    shortest: u32,
}

impl<'c, 'b> BlockWriter<'c, 'b> {
    /// Writes the header.
    pub fn new(codes: &'c Codes, mut bits: BitWriter<'b>, is_last: bool) -> BlockWriter<'c, 'b> {
        bits.put(u64::from(is_last), 1);
        codes.header.write(&mut bits);
        BlockWriter { codes, bits, shortest: u32::MAX }
    }

    /// Writes the end of the block; `None` if a symbol had no code.
    pub fn finish(mut self) -> Option<BitWriter<'b>> {
        self.bits.put(u64::from(self.codes.end & 0xFF_FFFF), self.codes.end >> 24);
        (self.shortest > 0xFF_FFFF).then_some(self.bits)
    }
}

impl Sink for BlockWriter<'_, '_> {
    #[inline(always)]
    fn literal(&mut self, byte: u8) {
        let code = self.codes.literals[usize::from(byte)];
        self.shortest = self.shortest.min(code);
        self.bits.put(u64::from(code & 0xFF_FFFF), code >> 24);
    }

    #[inline(always)]
    fn repeat(&mut self, length: usize, distance: usize) {
        let length = self.codes.lengths[length];
        let extra = distance_symbol(distance);
        let code = self.codes.distances[extra.symbol];
        self.shortest = self.shortest.min(length).min(code);
        let (length_bits, code_bits) = (length >> 24, code >> 24);
        let distance = u64::from(code & 0xFF_FFFF) | u64::from(extra.bits) << code_bits;
        self.bits.put(u64::from(length & 0xFF_FFFF) | distance << length_bits, length_bits + code_bits + extra.count);
    }
}

/// How often each symbol occurs.
#[derive(Clone, Debug)]
pub struct Histogram {
    /// Literals, the end of the block, lengths.
    pub literals: [u32; LITERAL_SYMBOLS],
    /// Distances.
    pub distances: [u32; DISTANCE_SYMBOLS],
}

impl Default for Histogram {
    fn default() -> Histogram {
        let mut literals = [0; LITERAL_SYMBOLS];
        literals[END] = 1;
        Histogram { literals, distances: [0; DISTANCE_SYMBOLS] }
    }
}

impl Histogram {
    /// Bits of a block with these codes, but for extra bits.
    pub fn bits(&self, codes: &Codes) -> u64 {
        let sum = |counts: &[u32], lengths: &[u8]| -> u64 {
            counts.iter().zip(lengths).map(|(count, length)| u64::from(*count) * u64::from(*length)).sum()
        };
        u64::try_from(codes.header.len_bits()).unwrap_or(u64::MAX)
            + sum(&self.literals, &codes.literal_lengths)
            + sum(&self.distances, &codes.distance_lengths)
    }

    /// Gives what was counted so much weight that symbols which only have to be possible cost it nearly nothing.
    #[must_use]
    pub fn weighted(mut self) -> Histogram {
        let all = self.literals.iter_mut().chain(&mut self.distances);
        all.for_each(|count| *count = count.saturating_mul(WEIGHT));
        self
    }

    /// Makes every byte and every length possible.
    #[must_use]
    pub fn with_every_literal(mut self) -> Histogram {
        raise(&mut self.literals);
        self
    }

    /// Makes some distances possible.
    #[must_use]
    pub fn with_distances(mut self, distances: &[usize]) -> Histogram {
        distances.iter().for_each(|d| raise(std::slice::from_mut(&mut self.distances[distance_symbol(*d).symbol])));
        self
    }

    /// Makes every distance possible.
    #[must_use]
    pub fn with_every_distance(mut self) -> Histogram {
        raise(&mut self.distances);
        self
    }

    /// Makes possible what other content streams of the same job are likely to need.
    #[must_use]
    pub fn with_likely(mut self) -> Histogram {
        // ASCII, low bytes of glyph codes, repeats of up to 130 bytes, up to 2,048 bytes back.
        raise(&mut self.literals[..128]);
        raise(&mut self.literals[257..280]);
        raise(&mut self.distances[..22]);
        self
    }
}

/// What an occurrence weighs against a symbol that only has to be possible.
const WEIGHT: u32 = 16;

fn raise(counts: &mut [u32]) {
    counts.iter_mut().for_each(|count| *count = (*count).max(1));
}

impl Sink for Histogram {
    fn literal(&mut self, byte: u8) {
        self.literals[usize::from(byte)] += 1;
    }

    fn repeat(&mut self, length: usize, distance: usize) {
        self.literals[length_symbol(length).symbol] += 1;
        self.distances[distance_symbol(distance).symbol] += 1;
    }
}
