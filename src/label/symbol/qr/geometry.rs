//! Where everything stands: patterns, information, and each bit of each codeword (ISO/IEC 18004 clauses 6.3, 7.7).

use super::mask::{self, MASKS};
use super::row::Row;
use super::{ErrorCorrection, Version, place, small_index};

/// Places of a version, and what a level adds to them.
#[derive(Clone, Debug)]
pub(super) struct Layout<R> {
    width: u32,
    /// Finder, timing and alignment patterns, version information and the dark module.
    patterns: Vec<R>,
    /// What each mask turns over in each row, with the format information that names the mask.
    masks: Vec<[R; MASKS]>,
    /// Places of the eight bits of each codeword, highest bit first: data codewords, then check codewords by block.
    places: Vec<[u16; 8]>,
}

impl<R: Row> Layout<R> {
    pub(super) fn new(version: Version, level: ErrorCorrection) -> Layout<R> {
        let width = version.width();
        let mut drawing =
            Drawing { width, dark: vec![R::LIGHT; small_index(width)], taken: vec![R::LIGHT; small_index(width)] };
        drawing.patterns(version);
        let free: Vec<R> = drawing.taken.iter().map(|&taken| R::dark(width) & !taken).collect();
        let mut masks = mask::patterns(&free);
        for (number, format) in (0..MASKS).zip(0_u16..) {
            for (x, y) in format_dark(format_information(level, format), width) {
                let row = &mut masks[small_index(y)][number];
                *row = *row | R::dark(1) << x;
            }
        }
        Layout { width, patterns: drawing.dark, masks, places: places(version, level, &free) }
    }

    pub(super) fn width(&self) -> u32 {
        self.width
    }

    /// What each of the eight masks turns over in each row.
    pub(super) fn masks(&self) -> &[[R; MASKS]] {
        &self.masks
    }

    /// The rows with patterns and codewords, not masked.
    pub(super) fn place(&self, codewords: &[u8], rows: &mut Vec<R>) {
        let mut grid = [R::LIGHT; 128];
        for (row, &pattern) in grid.iter_mut().zip(&self.patterns) {
            *row = pattern;
        }
        for (&codeword, places) in codewords.iter().zip(&self.places) {
            for (i, &place) in (0_u32..).zip(places) {
                let row = &mut grid[usize::from(place >> 7) & 127];
                *row = *row | R::from_bit(codeword >> (7 - i)) << u32::from(place & 127);
            }
        }
        rows.clear();
        rows.extend_from_slice(&grid[..self.patterns.len()]);
    }
}

/// Modules that are dark, and modules that are spoken for.
struct Drawing<R> {
    width: u32,
    dark: Vec<R>,
    taken: Vec<R>,
}

impl<R: Row> Drawing<R> {
    fn set(&mut self, x: u32, y: u32, is_dark: bool) {
        let (row, bit) = (small_index(y), R::dark(1) << x);
        self.taken[row] = self.taken[row] | bit;
        if is_dark {
            self.dark[row] = self.dark[row] | bit;
        }
    }

    fn patterns(&mut self, version: Version) {
        let width = self.width;
        for i in 0..width {
            self.set(6, i, i % 2 == 0);
            self.set(i, 6, i % 2 == 0);
        }
        self.finder(3, 3);
        self.finder(width - 4, 3);
        self.finder(3, width - 4);
        for y in version.alignment_centres() {
            for x in version.alignment_centres() {
                let is_on_finder = [(6, 6), (6, width - 7), (width - 7, 6)].contains(&(x, y));
                if !is_on_finder {
                    self.alignment(x, y);
                }
            }
        }
        for i in (0..=8).filter(|&i| i != 6) {
            self.take(8, i);
            self.take(i, 8);
        }
        for i in 0..8 {
            self.take(width - 1 - i, 8);
            self.take(8, width - 1 - i);
        }
        self.set(8, width - 8, true);
        if version.number() >= 7 {
            let information = version_information(version.number());
            for i in 0..18 {
                let (a, b) = (width - 11 + i % 3, i / 3);
                self.set(a, b, information >> i & 1 == 1);
                self.set(b, a, information >> i & 1 == 1);
            }
        }
    }

    /// Keeps a place for format information.
    fn take(&mut self, x: u32, y: u32) {
        self.set(x, y, false);
    }

    /// A finder pattern with its separator, cut at the edges.
    fn finder(&mut self, centre_x: u32, centre_y: u32) {
        for y in centre_y.saturating_sub(4)..=(centre_y + 4).min(self.width - 1) {
            for x in centre_x.saturating_sub(4)..=(centre_x + 4).min(self.width - 1) {
                let ring = x.abs_diff(centre_x).max(y.abs_diff(centre_y));
                // Where a timing pattern was drawn, the finder replaces it.
                let (row, bit) = (small_index(y), R::dark(1) << x);
                self.dark[row] = self.dark[row] & !bit;
                self.set(x, y, ring != 2 && ring != 4);
            }
        }
    }

    fn alignment(&mut self, centre_x: u32, centre_y: u32) {
        for y in centre_y - 2..=centre_y + 2 {
            for x in centre_x - 2..=centre_x + 2 {
                self.set(x, y, x.abs_diff(centre_x).max(y.abs_diff(centre_y)) != 1);
            }
        }
    }
}

/// Five bits of level and mask with ten of BCH(15, 5), turned over by the fixed mask (clause 7.9.1, annex C).
fn format_information(level: ErrorCorrection, mask: u16) -> u16 {
    let indicator = match level {
        ErrorCorrection::L => 0b01,
        ErrorCorrection::M => 0b00,
        ErrorCorrection::Q => 0b11,
        ErrorCorrection::H => 0b10,
    };
    let data = indicator << 3 | mask;
    let mut rest = data;
    for _ in 0..10 {
        rest = (rest << 1) ^ ((rest >> 9) * 0x537);
    }
    (data << 10 | rest) ^ 0x5412
}

/// Dark modules of the two copies of format information (clause 7.9.1 figure 25).
fn format_dark(information: u16, width: u32) -> impl Iterator<Item = (u32, u32)> {
    (0_u32..15).filter(move |&i| information >> i & 1 == 1).flat_map(move |i| {
        let first = match i {
            0..=5 => (8, i),
            6 => (8, 7),
            7 => (8, 8),
            8 => (7, 8),
            _ => (14 - i, 8),
        };
        let second = if i < 8 { (width - 1 - i, 8) } else { (8, width - 15 + i) };
        [first, second]
    })
}

/// Six bits of version with twelve of BCH(18, 6) (clause 7.10, annex D).
fn version_information(version: u32) -> u32 {
    let mut rest = version;
    for _ in 0..12 {
        rest = (rest << 1) ^ ((rest >> 11) * 0x1F25);
    }
    version << 12 | rest
}

/// Places of the bits of each codeword, in the order in which codewords are computed.
fn places<R: Row>(version: Version, level: ErrorCorrection, free: &[R]) -> Vec<[u16; 8]> {
    let mut zigzag = zigzag(free);
    let mut places = vec![[0; 8]; small_index(version.codewords())];
    for codeword in interleaved(version, level) {
        for slot in &mut places[codeword] {
            *slot = zigzag.next().unwrap_or(0);
        }
    }
    places
}

/// Codewords in the order in which they are placed: the first of each block, the second of each, and so on
/// (clause 7.6).
fn interleaved(version: Version, level: ErrorCorrection) -> Vec<usize> {
    let blocks: Vec<usize> = version.blocks(level).collect();
    let check = version.check_codewords_per_block(level);
    let data: usize = blocks.iter().sum();
    let mut order = Vec::with_capacity(data + check * blocks.len());
    for i in 0..blocks.last().copied().unwrap_or(0) {
        let mut start = 0;
        for &length in &blocks {
            if i < length {
                order.push(start + i);
            }
            start += length;
        }
    }
    for i in 0..check {
        order.extend((0..blocks.len()).map(|block| data + block * check + i));
    }
    order
}

/// Free places in pairs of columns from the right, up and down in turn, around the vertical timing pattern
/// (clause 7.7.3).
fn zigzag<R: Row>(free: &[R]) -> impl Iterator<Item = u16> {
    let width = super::small(free.len());
    let pairs = (1..width).rev().step_by(2).map(|right| if right <= 6 { right - 1 } else { right });
    pairs.enumerate().flat_map(move |(i, right)| {
        let rows = (0..width).map(move |y| if i % 2 == 0 { width - 1 - y } else { y });
        rows.flat_map(move |y| [(right, y), (right - 1, y)])
            .filter(|&(x, y)| free[small_index(y)] >> x & R::dark(1) == R::dark(1))
            .map(|(x, y)| place(x, y))
    })
}
