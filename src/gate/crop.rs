//! Cutting one symbol out of a label: upright, enlarged so that a module has enough pixels, and its edges measured.

use super::{ExpectedCode, ReadError};
use crate::label::{Bitmap, DotRect, Turn};

/// A module is enlarged to at least this many pixels: readers see print through optics finer than its dots, and the
/// faults need steps of a third of a module and less.
pub(super) const MODULE_PIXELS_MIN: usize = 6;

/// More pixels than this are not read: no symbol of a label needs them, and a template must not take the memory.
pub(super) const PIXELS_MAX: usize = 24_000_000;

/// Horizontal scan lines of a linear symbol, spread over the middle 80% of its height (ISO/IEC 15416 takes ten).
const SCAN_LINES: usize = 10;

/// Grey pixels in rows; 0 is black.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grey {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}

impl Grey {
    /// The picture with this many pixels across and down as one, their mean.
    pub fn reduced(&self, factor: usize) -> Grey {
        let (width, height) = (self.width / factor, self.height / factor);
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let rows =
                    (y * factor..(y + 1) * factor).map(|y| &self.pixels[y * self.width + x * factor..][..factor]);
                let sum: usize = rows.flatten().map(|pixel| usize::from(*pixel)).sum();
                pixels.push(u8::try_from(sum / (factor * factor)).unwrap_or(255));
            }
        }
        Grey { width, height, pixels }
    }

    /// One row, if there is such a row.
    pub fn row(&self, y: usize) -> Option<Grey> {
        let pixels = self.pixels.chunks_exact(self.width).nth(y)?.to_vec();
        Some(Grey { width: self.width, height: 1, pixels })
    }

    /// One column, laid flat.
    pub fn column(&self, x: usize) -> Option<Grey> {
        let pixels: Option<Vec<u8>> = self.pixels.chunks_exact(self.width).map(|row| row.get(x).copied()).collect();
        Some(Grey { width: self.height, height: 1, pixels: pixels? })
    }
}

/// The dots of one symbol's zone, turned upright.
#[derive(Debug)]
pub(super) struct Upright {
    dots: Bitmap,
    module_dots: usize,
    is_matrix: bool,
}

impl Upright {
    /// Cuts out a code's zone; the part of it that lies beyond the label is left out.
    ///
    /// # Errors
    /// A zone without a dot on the label, one with more than [`PIXELS_MAX`] pixels, a module of no dots or wider than the
    /// zone.
    pub fn new(label: &Bitmap, code: &ExpectedCode<'_>) -> Result<Upright, ReadError> {
        let (x, width) = clip(code.zone.x, code.zone.width, label.width());
        let (y, height) = clip(code.zone.y, code.zone.height, label.height());
        let module_dots = usize::try_from(code.module_dots).unwrap_or(0);
        if width == 0 || height == 0 || module_dots == 0 || module_dots > width.max(height) {
            return Err(ReadError::NoZone);
        }
        let scale = pixels_per_dot(module_dots);
        if (width * scale).saturating_mul(height * scale) > PIXELS_MAX {
            return Err(ReadError::TooLarge { width_dots: width, height_dots: height });
        }
        let is_flat = matches!(code.turn, Turn::None | Turn::Half);
        let (columns, rows) = if is_flat { (width, height) } else { (height, width) };
        let mut dots = Bitmap::new(columns, rows);
        for (column, row) in (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row))) {
            let (dx, dy) = match code.turn {
                Turn::None => (column, row),
                Turn::Quarter => (width - 1 - row, column),
                Turn::Half => (width - 1 - column, height - 1 - row),
                Turn::ThreeQuarters => (row, height - 1 - column),
            };
            if label.is_black(x + dx, y + dy) {
                dots.set_black(column, row);
            }
        }
        Ok(Upright { dots, module_dots, is_matrix: code.format.is_matrix() })
    }

    /// Pixels of a dot once enlarged.
    pub fn pixels_per_dot(&self) -> usize {
        pixels_per_dot(self.module_dots)
    }

    /// Pixels of a module once enlarged.
    pub fn module_pixels(&self) -> usize {
        self.module_dots * self.pixels_per_dot()
    }

    /// All dots as sharp pixels.
    pub fn enlarged(&self) -> Grey {
        self.pixels_of(0, self.dots.height())
    }

    /// The dots that a reader needs, as sharp pixels: of a linear symbol only a band about the middle, high enough for
    /// a line that is 2 degrees askew to cross all bars, if the symbol is.
    pub fn enlarged_band(&self) -> Grey {
        let height = self.dots.height();
        let band = if self.is_matrix { height } else { height.min(self.dots.width() / 20 + 16) };
        let from = (height - band) / 2;
        self.pixels_of(from, from + band)
    }

    /// The scan lines of a linear symbol that differ, each as a picture of one dot's height.
    pub fn scan_lines(&self) -> impl Iterator<Item = Grey> {
        let mut rows = self.inspected_rows();
        rows.dedup_by_key(|row| self.dots.rows(*row, *row + 1));
        rows.into_iter().map(|row| self.pixels_of(row, row + 1))
    }

    /// Checks that the outermost dots of the zone are white, as quiet zones are: left and right of bars, all around a
    /// matrix. Decoders do not mind, and take the edge of a picture for endless white.
    ///
    /// # Errors
    /// [`ReadError::InkInQuietZone`] with the first black dot.
    pub fn check_border(&self) -> Result<(), ReadError> {
        let (columns, rows) = (self.dots.width(), self.dots.height());
        let sides = (0..rows).flat_map(|y| [(0, y), (columns - 1, y)]);
        let ends = (0..if self.is_matrix { columns } else { 0 }).flat_map(|x| [(x, 0), (x, rows - 1)]);
        match sides.chain(ends).find(|&(x, y)| self.dots.is_black(x, y)) {
            Some((x_dots, y_dots)) => Err(ReadError::InkInQuietZone { x_dots, y_dots }),
            None => Ok(()),
        }
    }

    /// Checks that all edges of one kind (white to black, black to white) are whole modules apart, along the scan
    /// lines and, in a matrix, along every row and column. A picture of a symbol that was scaled to a size that is not
    /// a whole number of dots a module may well read here, and not once it is printed.
    ///
    /// # Errors
    /// [`ReadError::OffGrid`] with the first edge that is not.
    pub fn check_grid(&self) -> Result<(), ReadError> {
        let (columns, rows) = (self.dots.width(), self.dots.height());
        if self.is_matrix {
            let across = (0..rows).map(|y| (0..columns).map(move |x| (x, y)));
            self.check_lines(across)?;
            self.check_lines((0..columns).map(|x| (0..rows).map(move |y| (x, y))))
        } else {
            self.check_lines(self.inspected_rows().into_iter().map(|y| (0..columns).map(move |x| (x, y))))
        }
    }

    fn check_lines<L: Iterator<Item = (usize, usize)>>(&self, lines: impl Iterator<Item = L>) -> Result<(), ReadError> {
        // Edges to black and to white apart, because bars may be drawn narrower by whole dots (bar width reduction).
        let mut remainders: [Option<usize>; 2] = [None; 2];
        for line in lines {
            let mut was_black = false;
            for (position, (x, y)) in line.enumerate() {
                let is_black = self.dots.is_black(x, y);
                if is_black != was_black {
                    let remainder = position % self.module_dots;
                    if *remainders[usize::from(is_black)].get_or_insert(remainder) != remainder {
                        return Err(ReadError::OffGrid { x_dots: x, y_dots: y, module_dots: self.module_dots });
                    }
                }
                was_black = is_black;
            }
        }
        Ok(())
    }

    fn inspected_rows(&self) -> Vec<usize> {
        let height = self.dots.height();
        (0..SCAN_LINES).map(|line| height / 10 + line * (height * 8 / 10) / SCAN_LINES).collect()
    }

    fn pixels_of(&self, from: usize, to: usize) -> Grey {
        let scale = self.pixels_per_dot();
        let (width, height) = (self.dots.width() * scale, (to - from) * scale);
        let mut pixels = Vec::with_capacity(width * height);
        for y in from..to {
            let start = pixels.len();
            for x in 0..self.dots.width() {
                let grey = if self.dots.is_black(x, y) { 0 } else { 255 };
                pixels.extend(std::iter::repeat_n(grey, scale));
            }
            for _ in 1..scale {
                pixels.extend_from_within(start..start + width);
            }
        }
        Grey { width, height, pixels }
    }
}

fn pixels_per_dot(module_dots: usize) -> usize {
    MODULE_PIXELS_MIN.div_ceil(module_dots)
}

/// Start and length of what lies on a side of `end` dots.
fn clip(start: i32, length: i32, end: usize) -> (usize, usize) {
    let within = |at: i64| usize::try_from(at).unwrap_or(0).min(end);
    let (from, to) = (within(i64::from(start)), within(i64::from(start) + i64::from(length.max(0))));
    (from, to - from)
}

/// Whitens the zones of some codes.
pub(super) fn grey_without(label: &Bitmap, zones: impl Iterator<Item = DotRect>) -> Grey {
    let (width, height) = (label.width(), label.height());
    let mut pixels = vec![255; width * height];
    for (y, row) in pixels.chunks_exact_mut(width.max(1)).enumerate() {
        for (x, pixel) in row.iter_mut().enumerate() {
            if label.is_black(x, y) {
                *pixel = 0;
            }
        }
    }
    for zone in zones {
        let (x, columns) = clip(zone.x, zone.width, width);
        let (y, rows) = clip(zone.y, zone.height, height);
        for row in pixels.chunks_exact_mut(width.max(1)).skip(y).take(rows) {
            row[x..x + columns].fill(255);
        }
    }
    Grey { width, height, pixels }
}
