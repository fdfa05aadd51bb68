//! Reading symbols from pixels with a decoder that is not ours.

use nameplate::gate::{Distortion, GateReport, check_dots};
use nameplate::label::Compiled;
use nameplate::label::bitmap::Bitmap;

/// Grey pixels, 0 is black.
#[derive(Clone, PartialEq, Eq)]
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

    /// The dots of a one-bit picture.
    pub fn of(bitmap: &Bitmap) -> Pixels {
        let mut pixels = Pixels::new(bitmap.width(), bitmap.height());
        pixels.paint_bits(bitmap.bytes(), bitmap.bytes_per_row(), 0, 0);
        pixels
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

    /// Black where a pixel is darker than the middle.
    pub fn dots(&self) -> Bitmap {
        let mut dots = Bitmap::new(self.width, self.height);
        for (at, _) in self.grey.iter().enumerate().filter(|(_, grey)| **grey < 128) {
            dots.set_black(at % self.width, at / self.width);
        }
        dots
    }

    /// Turned by 90 degrees clockwise.
    pub fn turned(&self) -> Pixels {
        let mut turned = Pixels::new(self.height, self.width);
        for (at, grey) in self.grey.iter().enumerate() {
            let (x, y) = (at % self.width, at / self.width);
            turned.grey[x * turned.width + self.height - 1 - y] = *grey;
        }
        turned
    }

    /// How many pixels are black.
    pub fn ink(&self) -> usize {
        self.grey.iter().filter(|grey| **grey < 128).count()
    }
}

/// Every code of a label read back from its own place, as drawn and after simulated faults of printing.
pub fn gate(pixels: &Pixels, compiled: &Compiled, row: &[&str]) -> GateReport {
    let (width, height) = compiled.size_dots();
    let size = (i32::try_from(pixels.width).unwrap(), i32::try_from(pixels.height).unwrap());
    assert_eq!(size, (width, height), "size in dots");
    check_dots(&pixels.dots(), compiled, row).unwrap()
}

/// Every code must say what it must, under every distortion.
#[track_caller]
pub fn assert_reads(what: &str, pixels: &Pixels, compiled: &Compiled, row: &[&str]) {
    let report = gate(pixels, compiled, row);
    assert!(!report.readings.is_empty() && report.passed(), "{what} at {} dpi: {report}", compiled.resolution().dpi());
}

/// Every code must say what it must as it was drawn; faster than all distortions.
#[track_caller]
pub fn assert_reads_as_drawn(what: &str, pixels: &Pixels, compiled: &Compiled, row: &[&str]) {
    let report = gate(pixels, compiled, row);
    let drawn = report.readings.iter().filter(|reading| reading.distortion == Distortion::AsDrawn);
    let bad: Vec<String> = drawn.filter(|reading| !reading.ok()).map(ToString::to_string).collect();
    assert!(bad.is_empty(), "{what} at {} dpi: {bad:?}", compiled.resolution().dpi());
}
