//! Graphics as `:Z64:`: zlib, base64, and a CRC-16/XMODEM over the base64 text.

use crc::{CRC_16_XMODEM, Crc, Table};
use data_encoding::BASE64;

use super::super::deflate::Deflate;

const CRC: Crc<u16, Table<16>> = Crc::<u16, Table<16>>::new(&CRC_16_XMODEM);

/// The most bytes that one graphic field may have.
pub const MAX_GRAPHIC_BYTES: usize = 99_999;

/// Packs graphics; keeps its memory.
#[derive(Clone, Debug)]
pub struct Z64 {
    deflate: Deflate,
    packed: Vec<u8>,
}

impl Z64 {
    /// With codes for graphics like those of the job.
    pub fn new(deflate: Deflate) -> Z64 {
        Z64 { deflate, packed: Vec::new() }
    }

    /// About how much memory it keeps.
    pub fn memory_bytes(&self) -> usize {
        self.deflate.memory_bytes() + self.packed.len()
    }

    /// Appends `:Z64:data:crc`.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.packed.clear();
        self.deflate.pack_into(bytes, &mut self.packed);
        out.extend_from_slice(b":Z64:");
        let start = out.len();
        out.resize(start + BASE64.encode_len(self.packed.len()), 0);
        BASE64.encode_mut(&self.packed, &mut out[start..]);
        let crc = CRC.checksum(&out[start..]);
        out.push(b':');
        out.extend([12, 8, 4, 0].map(|shift| b"0123456789ABCDEF"[usize::from(crc >> shift & 15)]));
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
    fn the_crc_is_that_of_the_base64_text_and_the_data_unpack() {
        let graphic: Vec<u8> = (0..=255_u8).flat_map(|byte| [byte; 5]).collect();
        let mut z64 = Z64::new(Deflate::for_rows(10, &graphic));
        for bytes in [&graphic[..], &[0; 100], &[]] {
            let mut out = b"^GFA,".to_vec();
            z64.push(bytes, &mut out);
            let text = String::from_utf8(out).unwrap();
            let (data, crc) = text.strip_prefix("^GFA,:Z64:").unwrap().split_once(':').unwrap();
            assert_eq!(crc, format!("{:04X}", CRC.checksum(data.as_bytes())));
            let packed = BASE64.decode(data.as_bytes()).unwrap();
            assert_eq!(miniz_oxide::inflate::decompress_to_vec_zlib(&packed).unwrap(), bytes);
        }
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
