//! One-bit PNG (ISO/IEC 15948) at the printer's resolution.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::raster::LabelRaster;
use crate::label::{Bitmap, Compiled, LayoutError, Resolution, Scratch};
use crate::render::deflate::{Deflate, pack_best};

const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n'];
/// One bit of grey, the only compression and filter method, not interlaced (ISO/IEC 15948, 11.2.2).
const FORMAT: [u8; 5] = [1, 0, 0, 0, 0];
/// The unit of `pHYs` that is the metre (ISO/IEC 15948, 11.3.5.3).
const PER_METRE: u8 = 1;

/// Bytes of the dots of the largest label at the finest resolution.
const MOST_BYTES: usize = 8 << 20;

/// Makes the PNGs of a job, one after the other; clones make the same bytes on other threads.
#[derive(Clone)]
pub struct PngSeries {
    raster: LabelRaster,
    deflate: Deflate,
}

impl PngSeries {
    /// Draws what is the same on all labels.
    ///
    /// # Errors
    /// None are expected: the same was laid out before.
    pub fn new(compiled: Arc<Compiled>) -> Result<PngSeries, LayoutError> {
        let raster = LabelRaster::new(compiled);
        let deflate = series_deflate(&raster.clone().widest()?);
        Ok(PngSeries { raster, deflate })
    }

    /// With all glyphs drawn that labels may need: for jobs that are kept, of which a label is drawn now and then.
    pub(in crate::render) fn warmed(mut self) -> PngSeries {
        self.raster.warm();
        self
    }

    /// Bytes that it keeps.
    pub(in crate::render) fn memory_bytes(&self) -> usize {
        self.raster.memory_bytes() + self.deflate.memory_bytes()
    }

    /// Appends the PNG of one label: 1 bit of grey, with its dots per metre.
    ///
    /// # Errors
    /// As for [`Compiled::draw`].
    pub fn push(&mut self, row: &[&str], scratch: &mut Scratch, out: &mut Vec<u8>) -> Result<(), LayoutError> {
        let resolution = self.raster.compiled().resolution();
        to_png(self.raster.draw(row, scratch)?, resolution, &mut self.deflate, out);
        Ok(())
    }
}

/// A packer for pictures of the same size as `sample`, a typical one of the job.
pub fn series_deflate(sample: &Bitmap) -> Deflate {
    Deflate::for_rows(sample.bytes_per_row() + 1, &scanlines(sample))
}

/// Appends the PNG of one picture of a series.
pub fn to_png(bitmap: &Bitmap, resolution: Resolution, deflate: &mut Deflate, out: &mut Vec<u8>) {
    write(bitmap, resolution, out, |rows, out| deflate.pack_into(rows, out));
}

/// The PNG of a single picture, packed with more care and more time.
pub fn encode_once(bitmap: &Bitmap, resolution: Resolution) -> Vec<u8> {
    let mut out = Vec::new();
    write(bitmap, resolution, &mut out, pack_best);
    out
}

/// The dots of a PNG as [`to_png`] and [`encode_once`] write it; `None` for any other picture, for a broken one, and for one
/// that is larger than any label.
pub fn dots_of(file: &[u8]) -> Option<Bitmap> {
    let limits = png::Limits { bytes: MOST_BYTES };
    let mut decoder = png::Decoder::new_with_limits(std::io::Cursor::new(file), limits);
    let header = decoder.read_header_info().ok()?;
    let is_one_bit =
        (header.bit_depth, header.color_type) == (png::BitDepth::One, png::ColorType::Grayscale) && !header.interlaced;
    let (width, height) = (usize::try_from(header.width).ok()?, usize::try_from(header.height).ok()?);
    if !is_one_bit || width.div_ceil(8).checked_mul(height).is_none_or(|bytes| bytes > MOST_BYTES) {
        return None;
    }
    let mut reader = decoder.read_info().ok()?;
    let mut rows = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut rows).ok()?;
    let mut bitmap = Bitmap::new(width, height);
    for (y, row) in rows.chunks(frame.line_size.max(1)).take(height).enumerate() {
        for x in (0..width).filter(|x| row.get(x / 8).is_some_and(|byte| byte & (0x80 >> (x % 8)) == 0)) {
            bitmap.set_black(x, y);
        }
    }
    Some(bitmap)
}

/// SHA-256 of the dots of a picture and of its size: what proofs and certificates name.
pub fn dots_digest(bitmap: &Bitmap) -> [u8; 32] {
    let mut hash = Sha256::new();
    for side in [bitmap.width(), bitmap.height()] {
        hash.update(u64::try_from(side).unwrap_or(u64::MAX).to_be_bytes());
    }
    hash.update(bitmap.bytes());
    hash.finalize().into()
}

fn write(bitmap: &Bitmap, resolution: Resolution, out: &mut Vec<u8>, pack: impl FnOnce(&[u8], &mut Vec<u8>)) {
    let side = |dots: usize| u32::try_from(dots).unwrap_or(u32::MAX).to_be_bytes();
    out.extend_from_slice(&SIGNATURE);
    chunk(*b"IHDR", out, |out| {
        out.extend_from_slice(&side(bitmap.width()));
        out.extend_from_slice(&side(bitmap.height()));
        out.extend_from_slice(&FORMAT);
    });
    chunk(*b"pHYs", out, |out| {
        let per_m = resolution.dots_per_m().to_be_bytes();
        out.extend_from_slice(&per_m);
        out.extend_from_slice(&per_m);
        out.push(PER_METRE);
    });
    chunk(*b"IDAT", out, |out| pack(&scanlines(bitmap), out));
    chunk(*b"IEND", out, |_| {});
}

/// A chunk: length, type, data, and a checksum over type and data (ISO/IEC 15948, 5.3).
fn chunk(kind: [u8; 4], out: &mut Vec<u8>, data: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&kind);
    data(out);
    let length = u32::try_from(out.len() - start - 8).unwrap_or(u32::MAX);
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
    let checksum = crc32fast::hash(&out[start + 4..]);
    out.extend_from_slice(&checksum.to_be_bytes());
}

/// The rows, each behind its filter type 0 (none), with black as 0. Dots repeat better as they are than as differences.
fn scanlines(bitmap: &Bitmap) -> Vec<u8> {
    let stride = bitmap.bytes_per_row() + 1;
    let mut rows = vec![0; stride * bitmap.height()];
    let dots = bitmap.bytes().chunks_exact(bitmap.bytes_per_row().max(1));
    for (row, dots) in rows.chunks_exact_mut(stride).zip(dots) {
        row[1..].iter_mut().zip(dots).for_each(|(byte, dots)| *byte = !dots);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::DotRect;
    use png::{BitDepth, ColorType, Decoder, PixelDimensions, Unit};
    use proptest::prelude::*;

    // Invariant: an independent decoder finds the same dots and the same dots per metre, in a series and alone.
    proptest! {
        #[test]
        fn png_decodes_to_the_same_dots(
            (width, height) in (1_usize..200, 1_usize..60),
            areas in prop::collection::vec((-10_i32..200, -10_i32..60, 0_i32..90, 0_i32..30), 0..12),
            at in 0_usize..3,
        ) {
            let mut bitmap = Bitmap::new(width, height);
            areas.iter().for_each(|&(x, y, width, height)| bitmap.fill(DotRect { x, y, width, height }));
            let resolution = Resolution::ALL[at];
            let (mut series, mut out) = (series_deflate(&Bitmap::new(width, height)), Vec::new());
            to_png(&bitmap, resolution, &mut series, &mut out);
            check(&out, &bitmap, resolution);
            let alone = encode_once(&bitmap, resolution);
            check(&alone, &bitmap, resolution);
            for file in [&out, &alone] {
                let read = dots_of(file);
                prop_assert_eq!(read.as_ref(), Some(&bitmap));
                prop_assert_eq!(read.map(|read| dots_digest(&read)), Some(dots_digest(&bitmap)));
            }
        }

        #[test]
        fn broken_files_are_no_pictures(at in 0_usize..60, by in 1_u8..=255) {
            let mut file = encode_once(&Bitmap::new(20, 3), Resolution::Dpi203);
            let at = at % file.len();
            file[at] ^= by;
            // Whatever is read is of a size that a label can have.
            prop_assert!(dots_of(&file).is_none_or(|dots| dots.bytes().len() <= MOST_BYTES));
            prop_assert_eq!(dots_of(&file[..at]), None);
        }
    }

    #[test]
    fn pictures_of_other_sizes_have_other_digests() {
        assert_ne!(dots_digest(&Bitmap::new(16, 2)), dots_digest(&Bitmap::new(8, 4)));
        assert_eq!(dots_of(b"%PDF-1.7"), None);
    }

    #[test]
    fn chunks_have_the_checksum_of_the_standard() {
        // The empty IEND chunk is the same in every PNG.
        assert!(encode_once(&Bitmap::new(9, 2), Resolution::Dpi203).ends_with(b"\0\0\0\0IEND\xAE\x42\x60\x82"));
    }

    fn check(file: &[u8], bitmap: &Bitmap, resolution: Resolution) {
        let mut reader = Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let info = reader.info();
        assert_eq!((info.bit_depth, info.color_type), (BitDepth::One, ColorType::Grayscale));
        let per_m = resolution.dots_per_m();
        let PixelDimensions { xppu, yppu, unit } = info.pixel_dims.unwrap();
        assert_eq!((xppu, yppu, unit), (per_m, per_m, Unit::Meter));
        let mut dots = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut dots).unwrap();
        assert_eq!((frame.width, frame.height), (size(bitmap.width()), size(bitmap.height())));
        for (x, y) in (0..bitmap.height()).flat_map(|y| (0..bitmap.width()).map(move |x| (x, y))) {
            let is_white = dots[y * frame.line_size + x / 8] & (0x80 >> (x % 8)) != 0;
            assert_eq!(bitmap.is_black(x, y), !is_white, "dot {x} {y}");
        }
    }

    fn size(dots: usize) -> u32 {
        u32::try_from(dots).unwrap()
    }
}
