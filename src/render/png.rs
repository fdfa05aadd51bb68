//! One-bit PNG at the printer's resolution.

use png::{BitDepth, ColorType, DeflateCompression, Encoder, Filter, PixelDimensions, Unit};

use super::raster::LabelRaster;
use crate::label::{Bitmap, Compiled, LayoutError, Resolution};

/// Makes the PNGs of a job, one after the other.
pub struct PngSeries<'c> {
    raster: LabelRaster<'c>,
    resolution: Resolution,
}

impl<'c> PngSeries<'c> {
    /// Draws what is the same on all labels.
    pub fn new(compiled: &'c Compiled) -> PngSeries<'c> {
        PngSeries { raster: LabelRaster::new(compiled), resolution: compiled.resolution() }
    }

    /// The PNG of one label: 1 bit of grey, with its dots per metre.
    ///
    /// # Errors
    /// As for [`Compiled::draw`].
    pub fn encode(&mut self, row: &[&str]) -> Result<Vec<u8>, LayoutError> {
        Ok(to_png(self.raster.draw(row)?, self.resolution))
    }
}

/// The PNG of a single label.
///
/// # Errors
/// As for [`Compiled::draw`].
pub fn encode(compiled: &Compiled, row: &[&str]) -> Result<Vec<u8>, LayoutError> {
    PngSeries::new(compiled).encode(row)
}

/// A picture as a PNG; black is 0 there.
#[expect(clippy::expect_used, reason = "writing to memory cannot fail, and the picture has the size of its header")]
fn to_png(bitmap: &Bitmap, resolution: Resolution) -> Vec<u8> {
    let side = |dots: usize| u32::try_from(dots).unwrap_or(u32::MAX);
    let inverted: Vec<u8> = bitmap.bytes().iter().map(|byte| !byte).collect();
    let mut out = Vec::with_capacity(4096);
    let mut encoder = Encoder::new(&mut out, side(bitmap.width()), side(bitmap.height()));
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::One);
    encoder.set_filter(Filter::NoFilter);
    encoder.set_deflate_compression(DeflateCompression::Level(3));
    let per_m = resolution.dots_per_m();
    encoder.set_pixel_dims(Some(PixelDimensions { xppu: per_m, yppu: per_m, unit: Unit::Meter }));
    let mut writer = encoder.write_header().expect("a header in memory");
    writer.write_image_data(&inverted).expect("data in memory");
    writer.finish().expect("an end in memory");
    out
}
