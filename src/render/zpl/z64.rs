//! Graphics as `:Z64:`: zlib, base64, and a CRC-16/XMODEM over the base64 text.

use crc::{CRC_16_XMODEM, Crc};
use data_encoding::BASE64;

use super::super::deflate::Deflate;

const CRC: Crc<u16> = Crc::<u16>::new(&CRC_16_XMODEM);

/// The most bytes that one graphic field may have.
pub const MAX_GRAPHIC_BYTES: usize = 99_999;

/// Packs graphics; keeps its memory.
pub struct Z64 {
    deflate: Deflate,
    packed: Vec<u8>,
    text: String,
}

impl Z64 {
    /// With a compression level.
    pub fn new(level: u32) -> Z64 {
        Z64 { deflate: Deflate::new(level), packed: Vec::new(), text: String::new() }
    }

    /// Appends `:Z64:data:crc`.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.packed.clear();
        self.deflate.pack_into(bytes, &mut self.packed);
        self.text.clear();
        BASE64.encode_append(&self.packed, &mut self.text);
        out.extend_from_slice(b":Z64:");
        out.extend_from_slice(self.text.as_bytes());
        out.extend_from_slice(format!(":{:04X}", CRC.checksum(self.text.as_bytes())).as_bytes());
    }
}

/// Cuts rows into bands that are small enough for one graphic field: first row and row after the last.
pub fn bands(bytes_per_row: usize, rows: usize) -> impl Iterator<Item = (usize, usize)> {
    let most = (MAX_GRAPHIC_BYTES / bytes_per_row.max(1)).max(1);
    (0..rows).step_by(most).map(move |first| (first, rows.min(first + most)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crc_is_that_of_the_base64_text() {
        let mut out = Vec::new();
        Z64::new(6).push(&[0; 100], &mut out);
        let text = String::from_utf8(out).unwrap();
        let (data, crc) = text.strip_prefix(":Z64:").unwrap().split_once(':').unwrap();
        assert_eq!(u16::from_str_radix(crc, 16).unwrap(), CRC.checksum(data.as_bytes()));
        // The check value of CRC-16/XMODEM in the catalogue of parametrised CRC algorithms.
        assert_eq!(CRC.checksum(b"123456789"), 0x31C3);
    }

    #[test]
    fn bands_cover_all_rows_and_none_is_too_large() {
        let parts: Vec<_> = bands(178, 945).collect();
        assert_eq!(parts, [(0, 561), (561, 945)]);
        assert!(parts.iter().all(|(from, to)| (to - from) * 178 <= MAX_GRAPHIC_BYTES));
        assert_eq!(bands(60, 320).collect::<Vec<_>>(), [(0, 320)]);
    }
}
