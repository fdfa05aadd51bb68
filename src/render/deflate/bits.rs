//! Bits in the order of RFC 1951, 3.1.1: each byte is filled from its lowest bit.

/// The most bits that one [`BitWriter::put`] takes.
pub const MAX_PUT_BITS: u32 = 56;

/// Writes bits into a slice that is long enough: eight bytes more than what is written.
pub struct BitWriter<'b> {
    buffer: &'b mut [u8],
    at: Position,
}

/// Where a stream of bits stands: whole bytes, and up to seven bits that do not fill one yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    bytes: usize,
    pending: u64,
    pending_bits: u32,
}

impl Position {
    /// The same pending bits at the start of an empty buffer.
    pub fn at_start(self) -> Position {
        Position { bytes: 0, ..self }
    }

    /// Bytes that are complete.
    pub fn whole_bytes(self) -> usize {
        self.bytes
    }

    /// Bits from the start of the buffer.
    pub fn bits(self) -> usize {
        self.bytes * 8 + usize::try_from(self.pending_bits).unwrap_or(0)
    }
}

impl<'b> BitWriter<'b> {
    /// Goes on at a position that an earlier writer of the same buffer reached.
    pub fn new(buffer: &'b mut [u8], at: Position) -> BitWriter<'b> {
        BitWriter { buffer, at }
    }

    /// Where it stands.
    pub fn position(&self) -> Position {
        self.at
    }

    /// Appends the lowest `count` bits (at most [`MAX_PUT_BITS`]); the others must be 0.
    #[inline(always)]
    pub fn put(&mut self, bits: u64, count: u32) {
        debug_assert!(count <= MAX_PUT_BITS && bits >> count == 0);
        let at = &mut self.at;
        at.pending |= bits << at.pending_bits;
        at.pending_bits += count;
        self.buffer[at.bytes..at.bytes + 8].copy_from_slice(&at.pending.to_le_bytes());
        at.bytes += usize::try_from(at.pending_bits / 8).unwrap_or(0);
        at.pending >>= at.pending_bits & !7;
        at.pending_bits &= 7;
    }

    /// Fills the last byte with zeros and goes on with the next one.
    pub fn align(&mut self) {
        self.put(0, (8 - self.at.pending_bits) % 8);
    }
}

/// A stretch of bits that is written often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BitString {
    words: Vec<u32>,
    rest: u64,
    rest_bits: u32,
}

impl BitString {
    /// Appends the lowest `count` bits, at most 32; the others must be 0.
    pub fn push(&mut self, bits: u32, count: u32) {
        self.rest |= u64::from(bits) << self.rest_bits;
        self.rest_bits += count;
        if self.rest_bits >= 32 {
            self.words.push(u32::try_from(self.rest & 0xFFFF_FFFF).unwrap_or(0));
            self.rest >>= 32;
            self.rest_bits -= 32;
        }
    }

    /// How many bits there are.
    pub fn len_bits(&self) -> usize {
        self.words.len() * 32 + usize::try_from(self.rest_bits).unwrap_or(0)
    }

    /// Writes them all.
    pub fn write(&self, to: &mut BitWriter) {
        self.words.iter().for_each(|word| to.put(u64::from(*word), 32));
        to.put(self.rest, self.rest_bits);
    }
}
