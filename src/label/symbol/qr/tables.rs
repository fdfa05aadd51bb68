//! Versions and their capacities (ISO/IEC 18004 clause 7.1 table 1 and clause 7.5.1 table 9).

use crate::label::symbol::ErrorCorrection;

/// The largest version here: 125 modules, far more than a label or a scanner at arm's length has room for.
const LARGEST: u8 = 27;

/// A version, 1 to 27.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::label::symbol) struct Version(u8);

impl Version {
    pub(super) const SMALLEST: Version = Version(1);

    /// The next larger version, if there is one.
    pub(super) fn next(self) -> Option<Version> {
        (self.0 < LARGEST).then_some(Version(self.0 + 1))
    }

    /// The number, 1 to 27.
    pub(super) fn number(self) -> u32 {
        u32::from(self.0)
    }

    /// Modules of a side.
    pub(super) fn width(self) -> u32 {
        17 + 4 * self.number()
    }

    fn index(self) -> usize {
        usize::from(self.0 - 1)
    }

    /// Bits that data may take, mode indicators and terminator included; always whole codewords.
    pub(super) fn data_bits(self, level: ErrorCorrection) -> u32 {
        let check = u32::from(CHECK_CODEWORDS[level_index(level)][self.index()]);
        8 * (self.codewords() - check * u32::from(BLOCKS[level_index(level)][self.index()]))
    }

    /// Check codewords of each block, 7 to 30.
    pub(super) fn check_codewords_per_block(self, level: ErrorCorrection) -> usize {
        usize::from(CHECK_CODEWORDS[level_index(level)][self.index()])
    }

    /// Data codewords of each block in order: short blocks first, then those with one more.
    pub(super) fn blocks(self, level: ErrorCorrection) -> impl Iterator<Item = usize> + use<> {
        let count = u32::from(BLOCKS[level_index(level)][self.index()]);
        let data = self.data_bits(level) / 8;
        let (short, long_blocks) = (data / count, data % count);
        (0..count).map(move |i| super::small_index(short + u32::from(i >= count - long_blocks)))
    }

    /// Data and check codewords: modules that are neither pattern nor information, in whole bytes.
    pub(super) fn codewords(self) -> u32 {
        let version = self.number();
        let mut modules = (16 * version + 128) * version + 64;
        if version >= 2 {
            let aligned = version / 7 + 2;
            modules -= (25 * aligned - 10) * aligned - 55;
        }
        if version >= 7 {
            modules -= 36;
        }
        modules / 8
    }

    /// Centres of the alignment patterns on both axes (annex E table E.1).
    pub(super) fn alignment_centres(self) -> impl Iterator<Item = u32> + Clone {
        let version = self.number();
        let count = if version == 1 { 0 } else { version / 7 + 2 };
        let step = if count < 2 { 0 } else { (version * 4 + count * 2 + 1) / (count * 2 - 2) * 2 };
        (0..count).map(move |i| if i == 0 { 6 } else { version * 4 + 10 - (count - 1 - i) * step })
    }
}

fn level_index(level: ErrorCorrection) -> usize {
    match level {
        ErrorCorrection::L => 0,
        ErrorCorrection::M => 1,
        ErrorCorrection::Q => 2,
        ErrorCorrection::H => 3,
    }
}

/// Check codewords of each block, by level and version.
#[rustfmt::skip]
const CHECK_CODEWORDS: [[u8; LARGEST as usize]; 4] = [
    [7,10,15,20,26,18,20,24,30,18,20,24,26,30,22,24,28,30,28,28,28,28,30,30,26,28,30],
    [10,16,26,18,24,16,18,22,22,26,30,22,22,24,24,28,28,26,26,26,26,28,28,28,28,28,28],
    [13,22,18,26,18,24,18,22,20,24,28,26,24,20,30,24,28,28,26,30,28,30,30,30,30,28,30],
    [17,28,22,16,22,28,26,26,24,28,24,28,22,24,24,30,28,28,26,28,30,24,30,30,30,30,30],
];

/// Blocks, by level and version.
#[rustfmt::skip]
const BLOCKS: [[u8; LARGEST as usize]; 4] = [
    [1,1,1,1,1,2,2,2,2,4,4,4,4,4,6,6,6,6,7,8,8,9,9,10,12,12,12],
    [1,1,1,2,2,4,4,4,5,5,5,8,9,9,10,10,11,13,14,16,17,17,18,20,21,23,25],
    [1,1,2,2,4,4,6,6,8,8,8,10,12,16,12,17,16,18,21,20,23,23,25,27,29,34,34],
    [1,1,2,4,4,4,5,6,8,8,11,11,16,16,18,16,19,21,25,25,25,34,30,32,35,37,40],
];
