//! Reading symbols from pixels with a decoder that is not ours.

use nameplate::label::{Compiled, DotRect, PlacedCode, Symbology};
use rxing::BarcodeFormat;
use rxing::helpers::detect_in_luma;

/// Grey pixels, 0 is black.
pub struct Pixels {
    pub width: usize,
    pub height: usize,
    pub grey: Vec<u8>,
}

impl Pixels {
    /// White.
    pub fn new(width: usize, height: usize) -> Pixels {
        Pixels { width, height, grey: vec![255; width * height] }
    }

    /// Blackens one pixel.
    pub fn blacken(&mut self, x: usize, y: usize) {
        assert!(x < self.width && y < self.height, "ink at {x}, {y} beyond {} x {}", self.width, self.height);
        self.grey[y * self.width + x] = 0;
    }

    /// Unpacks rows of bits; 1 is black.
    pub fn paint_bits(&mut self, bits: &[u8], bytes_per_row: usize, left: usize, top: usize) {
        for (y, row) in bits.chunks(bytes_per_row).enumerate() {
            for x in 0..bytes_per_row * 8 {
                if row[x / 8] & (0x80 >> (x % 8)) != 0 {
                    self.blacken(left + x, top + y);
                }
            }
        }
    }

    fn crop(&self, area: DotRect) -> Pixels {
        let side = |dots: i32| usize::try_from(dots).unwrap();
        let mut cut = Pixels::new(side(area.width), side(area.height));
        for y in 0..cut.height {
            let from = (side(area.y) + y) * self.width + side(area.x);
            cut.grey[y * cut.width..][..cut.width].copy_from_slice(&self.grey[from..][..cut.width]);
        }
        cut
    }
}

/// The text of a code, read from the place where it must be and nowhere else.
pub fn read(pixels: &Pixels, code: &PlacedCode) -> Result<String, String> {
    let format = match code.symbology {
        Symbology::Code128 => BarcodeFormat::CODE_128,
        Symbology::Ean13 => BarcodeFormat::EAN_13,
    };
    let cut = pixels.crop(code.zone);
    let (width, height) = (u32::try_from(cut.width).unwrap(), u32::try_from(cut.height).unwrap());
    let found = detect_in_luma(cut.grey, width, height, Some(format)).map_err(|e| format!("{}: {e}", code.element))?;
    if *found.getBarcodeFormat() != format {
        return Err(format!("{}: read as {:?}", code.element, found.getBarcodeFormat()));
    }
    Ok(found.getText().to_owned())
}

/// Reads every code of a label and compares it with what it must say.
pub fn assert_reads(what: &str, pixels: &Pixels, compiled: &Compiled, serial: &str, gtin: &str) {
    let (width, height) = compiled.size_dots();
    let size = (i32::try_from(pixels.width).unwrap(), i32::try_from(pixels.height).unwrap());
    assert_eq!(size, (width, height), "{what}: size in dots");
    assert_eq!(compiled.codes().len(), 2, "{what}: the label carries two codes");
    for code in compiled.codes() {
        let expected = match code.symbology {
            Symbology::Code128 => serial,
            Symbology::Ean13 => gtin,
        };
        assert_eq!(read(pixels, code).as_deref(), Ok(expected), "{what} at {} dpi", compiled.resolution().dpi());
    }
}
