//! A zlib stream (RFC 1950) that is being written, block by block.

use super::bits::{BitWriter, Position};
use super::codes::{BlockWriter, Codes};

/// The most bytes of one block, so that each can also be stored.
pub const MAX_BLOCK_BYTES: usize = 65_535;
/// Deflate with a window of 32 KB; nothing is said about the effort (RFC 1950, 2.2).
const HEADER: [u8; 2] = [0x78, 0x01];

/// Writes one zlib stream.
pub struct ZlibStream<'o> {
    out: &'o mut Vec<u8>,
    /// Bits that wait for their byte to become whole.
    at: Position,
    /// A block with codes has been written. No stored block comes after one: readers descended from xpdf (poppler, pdf.js)
    /// look ahead while they decode, throw what they looked at away where a stored block begins, and lose a byte.
    has_codes: bool,
    /// Where a block is written before it is known to be worth it.
    scratch: &'o mut Vec<u8>,
}

/// A block that was written but not appended yet.
#[derive(Clone, Copy, Debug)]
pub struct Attempt(Position);

impl Attempt {
    /// Bits of the stream's last byte and of the block.
    pub fn bits(self) -> usize {
        self.0.bits()
    }
}

impl<'o> ZlibStream<'o> {
    /// Appends the header.
    pub fn new(out: &'o mut Vec<u8>, scratch: &'o mut Vec<u8>) -> ZlibStream<'o> {
        out.extend_from_slice(&HEADER);
        ZlibStream { out, at: Position::default(), has_codes: false, scratch }
    }

    /// Writes a block of so many bytes with these codes; `None` if a symbol had no code.
    pub fn attempt(
        &mut self,
        codes: &Codes,
        byte_count: usize,
        is_last: bool,
        fill: impl FnOnce(&mut BlockWriter),
    ) -> Option<Attempt> {
        let most = codes.most_bytes(byte_count);
        if self.scratch.len() < most {
            self.scratch.resize(most, 0);
        }
        let mut block = BlockWriter::new(codes, BitWriter::new(self.scratch, self.at), is_last);
        fill(&mut block);
        block.finish().map(|bits| Attempt(bits.position()))
    }

    /// Appends the last attempt, or the bytes as they are if that takes less and no block with codes came before.
    pub fn accept(&mut self, attempt: Attempt, bytes: &[u8], is_last: bool) {
        let stored_bits = (self.at.bits() + 3).next_multiple_of(8) + 32 + 8 * bytes.len();
        if !self.has_codes && stored_bits < attempt.bits() {
            self.store(bytes, is_last);
        } else {
            self.out.extend_from_slice(&self.scratch[..attempt.0.whole_bytes()]);
            self.at = attempt.0.at_start();
            self.has_codes = true;
        }
    }

    /// Appends a block of at most [`MAX_BLOCK_BYTES`] as they are (RFC 1951, 3.2.4).
    fn store(&mut self, bytes: &[u8], is_last: bool) {
        let mut head = [0; 16];
        let mut writer = BitWriter::new(&mut head, self.at);
        writer.put(u64::from(is_last), 3);
        writer.align();
        let length = u16::try_from(bytes.len()).unwrap_or(0);
        writer.put(u64::from(length) | u64::from(!length) << 16, 32);
        let whole = writer.position().whole_bytes();
        self.out.extend_from_slice(&head[..whole]);
        self.out.extend_from_slice(bytes);
        self.at = Position::default();
    }

    /// Appends the last byte and the checksum of all that was packed, which may lie in several parts.
    pub fn finish(self, parts: &[&[u8]]) {
        let mut end = [0; 16];
        let mut writer = BitWriter::new(&mut end, self.at);
        writer.align();
        let whole = writer.position().whole_bytes();
        self.out.extend_from_slice(&end[..whole]);
        let mut adler = simd_adler32::Adler32::new();
        parts.iter().for_each(|part| adler.write(part));
        self.out.extend_from_slice(&adler.finish().to_be_bytes());
    }
}
