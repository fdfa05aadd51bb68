//! Logos: a PNG becomes grey values once, and dots for the resolution of a job.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, Limits, Transformations};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::bitmap::Bitmap;

/// The largest PNG file that is read.
pub const MAX_IMAGE_BYTES: usize = 2 * 1024 * 1024;
/// The most pixels that are unpacked.
pub const MAX_IMAGE_PIXELS: u64 = 16_000_000;

/// A picture in grey values on white.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    width: usize,
    height: usize,
    grey: Vec<u8>,
    is_line_art: bool,
    digest: [u8; 32],
}

/// Why bytes are no picture that can be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ImageError {
    /// The file is too large.
    #[error("the picture has {found} bytes, at most {MAX_IMAGE_BYTES} are read; save it with fewer pixels")]
    TooManyBytes {
        /// Bytes of the file.
        found: usize,
    },
    /// The header promises too many pixels, or none.
    #[error("a picture of {width} x {height} pixels cannot be used; 1 to {MAX_IMAGE_PIXELS} pixels are")]
    PixelCount {
        /// Width in the header.
        width: u32,
        /// Height in the header.
        height: u32,
    },
    /// Not a PNG, or a broken one.
    #[error("not a readable PNG: {0}")]
    Unreadable(String),
}

impl Image {
    /// Reads a PNG of any colour type; what is transparent becomes white.
    ///
    /// The header is judged before anything is unpacked, so that a small file cannot ask for much memory.
    ///
    /// # Errors
    /// [`ImageError`] beyond 2 MB or 16 megapixels, or if it is no whole PNG.
    pub fn from_png(bytes: &[u8]) -> Result<Image, ImageError> {
        if bytes.len() > MAX_IMAGE_BYTES {
            return Err(ImageError::TooManyBytes { found: bytes.len() });
        }
        let unreadable = |e: png::DecodingError| ImageError::Unreadable(e.to_string());
        let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: 8 * 1024 * 1024 });
        decoder.set_transformations(Transformations::normalize_to_color8());
        decoder.set_ignore_text_chunk(true);
        decoder.set_ignore_iccp_chunk(true);
        let header = decoder.read_header_info().map_err(unreadable)?;
        let (width, height) = (header.width, header.height);
        if width == 0 || height == 0 || u64::from(width) * u64::from(height) > MAX_IMAGE_PIXELS {
            return Err(ImageError::PixelCount { width, height });
        }
        let mut reader = decoder.read_info().map_err(unreadable)?;
        let size = reader.output_buffer_size().ok_or(ImageError::PixelCount { width, height })?;
        let mut samples = vec![0; size];
        let frame = reader.next_frame(&mut samples).map_err(unreadable)?;
        if frame.bit_depth != BitDepth::Eight {
            return Err(ImageError::Unreadable(format!("unexpected bit depth {:?}", frame.bit_depth)));
        }
        let grey = to_grey(&samples, frame.color_type)?;
        let extreme = grey.iter().filter(|g| !(64..192).contains(*g)).count();
        let is_line_art = extreme >= grey.len() / 100 * 85;
        let digest = Sha256::digest(bytes).into();
        Ok(Image { width: pixels(width), height: pixels(height), grey, is_line_art, digest })
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Grey values, row by row, 0 is black.
    pub fn grey(&self) -> &[u8] {
        &self.grey
    }

    /// Whether nearly all pixels are nearly black or white, so that a threshold serves better than dithering.
    pub fn is_line_art(&self) -> bool {
        self.is_line_art
    }

    /// SHA-256 of the file.
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// The picture in black and white at its own resolution: a threshold for line art, else dithered.
    pub fn to_bilevel(&self) -> Bitmap {
        bilevel(self.grey.clone(), self.width, self.is_line_art)
    }

    /// The picture scaled to this many dots: the mean of what each dot covers, then black and white.
    ///
    /// Integer arithmetic throughout, the same on every machine.
    pub fn to_dots(&self, width: usize, height: usize) -> Bitmap {
        let mut means = Vec::with_capacity(width * height);
        let columns: Vec<Span> = (0..width).map(|x| Span::new(x, width, self.width)).collect();
        for y in 0..height {
            let rows = Span::new(y, height, self.height);
            means.extend(columns.iter().map(|columns| self.mean(columns, &rows)));
        }
        bilevel(means, width, self.is_line_art)
    }

    /// Weighted mean grey of a stretch of columns and rows.
    fn mean(&self, columns: &Span, rows: &Span) -> u8 {
        let (mut sum, mut weight) = (0_u64, 0_u64);
        for (y, row_weight) in rows.weights() {
            for (x, column_weight) in columns.weights() {
                sum += u64::from(self.grey[y * self.width + x]) * row_weight * column_weight;
                weight += row_weight * column_weight;
            }
        }
        u8::try_from((sum + weight / 2) / weight.max(1)).unwrap_or(255)
    }
}

/// The source pixels under one target dot, in units of 1/target of a source pixel.
struct Span {
    start: usize,
    end: usize,
    per_pixel: usize,
}

impl Span {
    fn new(dot: usize, dots: usize, pixels: usize) -> Span {
        Span { start: dot * pixels, end: (dot + 1) * pixels, per_pixel: dots }
    }

    /// Each source pixel that is touched, with how much of it.
    fn weights(&self) -> impl Iterator<Item = (usize, u64)> {
        (self.start / self.per_pixel..self.end.div_ceil(self.per_pixel)).map(|pixel| {
            let from = self.start.max(pixel * self.per_pixel);
            let to = self.end.min((pixel + 1) * self.per_pixel);
            (pixel, u64::try_from(to - from).unwrap_or(0))
        })
    }
}

fn pixels(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// Samples of any colour type to grey on white (ITU-R BT.601 luma in thousandths).
fn to_grey(samples: &[u8], color: ColorType) -> Result<Vec<u8>, ImageError> {
    let luma = |r: u8, g: u8, b: u8| (299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b) + 500) / 1000;
    let over_white = |grey: u32, alpha: u8| {
        let alpha = u32::from(alpha);
        u8::try_from((grey * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(255)
    };
    Ok(match color {
        ColorType::Grayscale => samples.to_vec(),
        ColorType::GrayscaleAlpha => samples.chunks_exact(2).map(|p| over_white(u32::from(p[0]), p[1])).collect(),
        ColorType::Rgb => samples.chunks_exact(3).map(|p| over_white(luma(p[0], p[1], p[2]), 255)).collect(),
        ColorType::Rgba => samples.chunks_exact(4).map(|p| over_white(luma(p[0], p[1], p[2]), p[3])).collect(),
        ColorType::Indexed => return Err(ImageError::Unreadable("the palette was not expanded".to_owned())),
    })
}

/// Black and white by threshold, or by Floyd and Steinberg's error diffusion in integers (weights 7, 3, 5, 1 of 16).
fn bilevel(grey: Vec<u8>, width: usize, is_line_art: bool) -> Bitmap {
    let height = grey.len() / width.max(1);
    let mut bitmap = Bitmap::new(width, height);
    let mut errors = vec![0_i32; 2 * (width + 2)];
    for (y, row) in grey.chunks_exact(width.max(1)).enumerate() {
        let (here, below) = errors.split_at_mut(width + 2);
        for (x, &value) in row.iter().enumerate() {
            let wanted = i32::from(value) + here[x + 1] / 16;
            let is_black = wanted < 128;
            if is_black {
                bitmap.set_black(x, y);
            }
            if !is_line_art {
                let error = wanted - if is_black { 0 } else { 255 };
                here[x + 2] += 7 * error;
                below[x] += 3 * error;
                below[x + 1] += 5 * error;
                below[x + 2] += error;
            }
        }
        here.copy_from_slice(below);
        below.fill(0);
    }
    bitmap
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(color: ColorType, width: u32, samples: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let channels = u32::try_from(color.samples()).unwrap();
        let height = u32::try_from(samples.len()).unwrap() / width / channels;
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(color);
        encoder.set_depth(BitDepth::Eight);
        encoder.write_header().unwrap().write_image_data(samples).unwrap();
        bytes
    }

    #[test]
    fn transparent_is_white_and_colours_have_their_luma() {
        let image = Image::from_png(&png(ColorType::Rgba, 2, &[0, 0, 0, 0, 0, 0, 0, 255])).unwrap();
        assert_eq!(image.grey(), [255, 0]);
        let image = Image::from_png(&png(ColorType::Rgb, 3, &[255, 0, 0, 0, 255, 0, 0, 0, 255])).unwrap();
        assert_eq!(image.grey(), [76, 150, 29]);
    }

    #[test]
    fn scaling_takes_the_mean_of_what_a_dot_covers() {
        let image = Image::from_png(&png(ColorType::Grayscale, 4, &[0, 0, 255, 255])).unwrap();
        let dots = image.to_dots(2, 1);
        assert!(dots.is_black(0, 0) && !dots.is_black(1, 0));
        let wider = image.to_dots(6, 2);
        assert_eq!((0..6).filter(|x| wider.is_black(*x, 1)).collect::<Vec<_>>(), [0, 1, 2]);
    }

    #[test]
    fn greys_are_dithered_to_their_share_of_black() {
        let image = Image::from_png(&png(ColorType::Grayscale, 64, &[96; 64 * 64])).unwrap();
        let dots = image.to_dots(64, 64);
        let black = (0..64 * 64).filter(|i| dots.is_black(i % 64, i / 64)).count();
        assert!((2450..2670).contains(&black), "{black} of 4096, 2554 would be exact");
    }

    #[test]
    fn hostile_files_are_refused_before_they_are_unpacked() {
        assert!(matches!(Image::from_png(b"GIF89a"), Err(ImageError::Unreadable(_))));
        assert!(matches!(Image::from_png(&vec![0; MAX_IMAGE_BYTES + 1]), Err(ImageError::TooManyBytes { .. })));
        let whole = png(ColorType::Grayscale, 64, &[96; 64 * 64]);
        assert!(matches!(Image::from_png(&whole[..whole.len() / 2]), Err(ImageError::Unreadable(_))));
        let mut bomb = Vec::new();
        let mut encoder = png::Encoder::new(&mut bomb, 60_000, 60_000);
        encoder.set_depth(BitDepth::One);
        drop(encoder.write_header().unwrap());
        assert_eq!(Image::from_png(&bomb), Err(ImageError::PixelCount { width: 60_000, height: 60_000 }));
    }
}
