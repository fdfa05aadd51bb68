//! Zlib streams in memory.

use flate2::{Compress, Compression, FlushCompress, Status};

/// A compressor whose memory is used again.
pub struct Deflate(Compress);

impl Deflate {
    /// With a level from 0 (none) to 9.
    pub fn new(level: u32) -> Deflate {
        Deflate(Compress::new(Compression::new(level.min(9)), true))
    }

    /// Appends a whole zlib stream.
    #[expect(clippy::expect_used, reason = "deflating into a growing buffer has no way to fail")]
    pub fn pack_into(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.0.reset();
        let mut taken = 0;
        loop {
            out.reserve(bytes.len() / 2 + 256);
            let before = self.0.total_in();
            let status = self.0.compress_vec(&bytes[taken..], out, FlushCompress::Finish).expect("deflate into memory");
            taken += usize::try_from(self.0.total_in() - before).unwrap_or(0);
            if status == Status::StreamEnd {
                return;
            }
        }
    }
}
