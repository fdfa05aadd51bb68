//! QR Code (ISO/IEC 18004), versions 1 to 27, fast enough for a different symbol on every label.
//!
//! A plan holds what depends on version and level alone: fixed patterns, where each bit of each codeword goes, the
//! eight masks, the Reed-Solomon table. A label then costs segments, remainders, placement and the choice of a mask.
//! The symbol is a function of version, level and data only.

mod geometry;
mod mask;
mod reed_solomon;
mod row;
mod segments;
mod tables;
#[cfg(test)]
mod tests;

use reed_solomon::Generator;
use row::Row;
use segments::Segmenter;
pub(super) use tables::Version;

use super::error::shown;
use super::{ErrorCorrection, Matrix, SymbolError, small};

/// Quiet zone on every side, in modules (ISO/IEC 18004 clause 6.3.8).
pub const QUIET_ZONE_MODULES: u32 = 4;

/// Bytes of the longest data that are looked at: version 27 at level L holds 3517 digits.
const MAX_BYTES: usize = 3517;

/// All that depends on version and level alone.
#[derive(Clone, Debug)]
pub(super) struct QrPlan {
    version: Version,
    level: ErrorCorrection,
    generator: Generator,
    canvas: Canvas,
}

/// Rows as machine words: versions 1 to 11 have at most 61 modules, 12 to 27 at most 125.
#[derive(Clone, Debug)]
enum Canvas {
    Words(geometry::Layout<u64>),
    DoubleWords(geometry::Layout<u128>),
}

/// Memory that is kept from label to label.
#[derive(Debug, Default)]
pub(super) struct QrScratch {
    segmenter: Segmenter,
    codewords: Vec<u8>,
    words: Vec<u64>,
    double_words: Vec<u128>,
}

impl QrPlan {
    /// Whether the data fit even if no byte of them could be written shorter: mode, count and eight bits a byte (ISO/IEC
    /// 18004, 7.4.6).
    pub(super) fn surely_holds(&self, data: &str) -> bool {
        let most_bits = 4 + 16 + 8 * data.len();
        data.is_ascii()
            && u64::try_from(most_bits).is_ok_and(|bits| bits <= u64::from(self.version.data_bits(self.level)))
    }

    /// The smallest version that holds each sample at a level.
    ///
    /// # Errors
    /// [`SymbolError::Empty`], or [`SymbolError::TooMuchData`] where version 27 is too small.
    pub(super) fn new(level: ErrorCorrection, samples: &[&str]) -> Result<QrPlan, SymbolError> {
        let mut segmenter = Segmenter::default();
        let mut version = Version::SMALLEST;
        for sample in samples {
            while data_bits(sample, version, &mut segmenter)? > version.data_bits(level) {
                version = version.next().ok_or_else(|| too_much(sample))?;
            }
        }
        if samples.is_empty() { Err(SymbolError::Empty) } else { Ok(QrPlan::with_version(version, level)) }
    }

    /// A plan for a version that is already known.
    fn with_version(version: Version, level: ErrorCorrection) -> QrPlan {
        let canvas = if version.width() <= u64::BITS {
            Canvas::Words(geometry::Layout::new(version, level))
        } else {
            Canvas::DoubleWords(geometry::Layout::new(version, level))
        };
        QrPlan { version, level, generator: Generator::new(version.check_codewords_per_block(level)), canvas }
    }

    /// Modules of a side.
    pub(super) fn width(&self) -> u32 {
        self.version.width()
    }

    /// Encodes data, choosing the mask of the lowest penalty (clause 7.8.3).
    ///
    /// # Errors
    /// [`SymbolError::Empty`], [`SymbolError::LongerThanPlanned`].
    pub(super) fn encode(&self, data: &str, scratch: &mut QrScratch, matrix: &mut Matrix) -> Result<(), SymbolError> {
        let planned = self.version.data_bits(self.level);
        let needed = data_bits(data, self.version, &mut scratch.segmenter)?;
        if needed > planned {
            return Err(SymbolError::LongerThanPlanned { data: shown(data), needed, planned, unit: "bits" });
        }
        scratch.codewords.clear();
        scratch.segmenter.write(data.as_bytes(), self.version, planned, &mut scratch.codewords);
        self.push_check_codewords(&mut scratch.codewords);
        match &self.canvas {
            Canvas::Words(layout) => draw(layout, &scratch.codewords, &mut scratch.words, matrix),
            Canvas::DoubleWords(layout) => draw(layout, &scratch.codewords, &mut scratch.double_words, matrix),
        }
        Ok(())
    }

    /// Appends the check codewords of each block to the data codewords (clause 7.5).
    fn push_check_codewords(&self, codewords: &mut Vec<u8>) {
        let mut start = 0;
        for block in self.version.blocks(self.level) {
            let remainder = self.generator.remainder(&codewords[start..start + block]);
            self.generator.push_codewords(remainder, codewords);
            start += block;
        }
    }
}

/// Places the codewords, chooses the mask and writes the modules.
fn draw<R: Row>(layout: &geometry::Layout<R>, codewords: &[u8], rows: &mut Vec<R>, matrix: &mut Matrix) {
    layout.place(codewords, rows);
    let best = mask::lowest(&mask::penalties(rows, layout.masks()));
    matrix.reset(layout.width(), layout.width());
    let bytes_per_row = matrix.bytes_per_row();
    for ((row, masks), bytes) in rows.iter().zip(layout.masks()).zip(matrix.bits.chunks_exact_mut(bytes_per_row)) {
        (*row ^ masks[best]).write(bytes);
    }
}

/// Bits of the segments for some data; the segmenter then holds them.
fn data_bits(data: &str, version: Version, segmenter: &mut Segmenter) -> Result<u32, SymbolError> {
    if data.is_empty() {
        return Err(SymbolError::Empty);
    }
    if data.len() > MAX_BYTES {
        return Err(too_much(data));
    }
    Ok(segmenter.choose(data.as_bytes(), version))
}

fn too_much(data: &str) -> SymbolError {
    SymbolError::TooMuchData { symbology: "QR Code (version 27)", data: shown(data), bytes: data.len() }
}

/// A module's place, as one number: row times 128 plus column.
fn place(x: u32, y: u32) -> u16 {
    u16::try_from(small_index(y) * 128 + small_index(x)).unwrap_or(u16::MAX)
}

/// A coordinate as an index; symbols are at most 125 modules wide.
fn small_index(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
