//! Data Matrix ECC 200 (ISO/IEC 16022), square or rectangular; with FNC1 in front it is GS1 DataMatrix.

use datamatrix::{DataMatrix, DataMatrixBuilder, SymbolList, SymbolSize};

use super::error::shown;
use super::{Matrix, MatrixShape, SymbolError, small};

/// Quiet zone on every side, in modules (ISO/IEC 16022 clause 7.1).
pub const QUIET_ZONE_MODULES: u32 = 1;

/// Bytes of the longest data that are looked at: the largest symbol holds 3116 digits.
const MAX_BYTES: usize = 3116;

/// The size that holds the longest sample.
#[derive(Clone, Debug)]
pub(super) struct DataMatrixPlan {
    size: SymbolSize,
    columns: u32,
    rows: u32,
    data_codewords: usize,
    is_gs1: bool,
}

impl DataMatrixPlan {
    /// The smallest size of a shape that holds each of some samples (for GS1: element strings as [`encoded`]).
    ///
    /// # Errors
    /// [`SymbolError::Empty`], [`SymbolError::Character`] beyond Latin-1, [`SymbolError::TooMuchData`].
    pub(super) fn new(shape: MatrixShape, is_gs1: bool, samples: &[&str]) -> Result<DataMatrixPlan, SymbolError> {
        let sizes = match shape {
            MatrixShape::Square => SymbolList::default().enforce_square(),
            MatrixShape::Rectangle => SymbolList::default().enforce_rectangular(),
        };
        let mut largest = None;
        for sample in samples {
            let data = latin_1(sample, is_gs1)?;
            let too_much = || SymbolError::TooMuchData {
                symbology: if is_gs1 { "GS1 DataMatrix" } else { "Data Matrix" },
                data: shown(sample),
                bytes: data.len(),
            };
            if data.len() > MAX_BYTES {
                return Err(too_much());
            }
            let symbol = builder(is_gs1, sizes.clone()).encode(&data).map_err(|_| too_much())?;
            if largest.as_ref().is_none_or(|largest: &DataMatrix| largest.size < symbol.size) {
                largest = Some(symbol);
            }
        }
        let largest = largest.ok_or(SymbolError::Empty)?;
        let bitmap = largest.bitmap();
        let (columns, rows) = (small(bitmap.width()), small(bitmap.height()));
        Ok(DataMatrixPlan { size: largest.size, columns, rows, data_codewords: largest.data_codewords().len(), is_gs1 })
    }

    /// Columns and rows.
    pub(super) fn modules(&self) -> (u32, u32) {
        (self.columns, self.rows)
    }

    /// Encodes data in the planned size, padded where they are shorter.
    ///
    /// # Errors
    /// [`SymbolError::Empty`], [`SymbolError::Character`], [`SymbolError::LongerThanPlanned`].
    pub(super) fn encode(&self, text: &str, matrix: &mut Matrix) -> Result<(), SymbolError> {
        let data = latin_1(text, self.is_gs1)?;
        let symbol = (data.len() <= MAX_BYTES).then(|| builder(self.is_gs1, self.size).encode(&data).ok()).flatten();
        let symbol = symbol.ok_or_else(|| self.longer_than_planned(text, &data))?;
        matrix.reset(self.columns, self.rows);
        for (x, y) in symbol.bitmap().pixels() {
            matrix.darken(small(x), small(y));
        }
        Ok(())
    }

    fn longer_than_planned(&self, text: &str, data: &[u8]) -> SymbolError {
        let whole = (data.len() <= MAX_BYTES)
            .then(|| builder(self.is_gs1, SymbolList::default().enforce_square()).encode(data).ok())
            .flatten();
        let needed = whole.map_or(data.len(), |symbol| symbol.data_codewords().len());
        let (needed, planned) = (small(needed), small(self.data_codewords));
        SymbolError::LongerThanPlanned { data: shown(text), needed, planned, unit: "codewords" }
    }
}

/// Without the shorthand for `[)>` headers, so that every reader reports the same.
fn builder(is_gs1: bool, sizes: impl Into<SymbolList>) -> DataMatrixBuilder {
    DataMatrixBuilder::new().with_macros(false).with_fnc1_start(is_gs1).with_symbol_list(sizes)
}

/// ISO 8859-1, the default of the symbology (ISO/IEC 16022 clause 5.2.1).
fn latin_1(text: &str, is_gs1: bool) -> Result<Vec<u8>, SymbolError> {
    if text.is_empty() {
        return Err(SymbolError::Empty);
    }
    let symbology = if is_gs1 { "GS1 DataMatrix" } else { "Data Matrix (Latin-1)" };
    text.chars()
        .map(|character| u8::try_from(character).map_err(|_| SymbolError::Character { character, symbology }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::symbol::read_back::{read, render_matrix};
    use proptest::prelude::*;
    use rxing::BarcodeFormat;

    fn read_after(shape: MatrixShape, is_gs1: bool, text: &str) -> Result<String, String> {
        let mut matrix = Matrix::default();
        DataMatrixPlan::new(shape, is_gs1, &[text]).unwrap().encode(text, &mut matrix).unwrap();
        read(render_matrix(&matrix, 2), BarcodeFormat::DATA_MATRIX)
    }

    // Invariant: a reader that is not ours reads back any Latin-1 text, square and rectangular.
    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn symbols_read_back(text in "[ -~]{1,60}|[0-9]{1,40}|[A-Z0-9]{1,40}") {
            prop_assert_eq!(read_after(MatrixShape::Square, false, &text), Ok(text.clone()));
            if text.len() <= 40 {
                prop_assert_eq!(read_after(MatrixShape::Rectangle, false, &text), Ok(text));
            }
        }
    }

    #[test]
    fn the_example_of_the_standard_is_ten_by_ten() {
        // ISO/IEC 16022 annex O: "123456" in 10 x 10 modules.
        let mut matrix = Matrix::default();
        let plan = DataMatrixPlan::new(MatrixShape::Square, false, &["123456"]).unwrap();
        plan.encode("123456", &mut matrix).unwrap();
        assert_eq!(plan.modules(), (10, 10));
        let rows: Vec<String> =
            (0..10).map(|y| (0..10).map(|x| if matrix.is_dark(x, y) { '#' } else { '.' }).collect()).collect();
        let expected = [
            "#.#.#.#.#.",
            "##..#.##.#",
            "##.....#..",
            "##...###.#",
            "##....#...",
            "#.....####",
            "###.##....",
            "####.##..#",
            "#..###.#..",
            "##########",
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn shorter_data_keep_the_planned_size_and_longer_ones_are_refused() {
        let plan = DataMatrixPlan::new(MatrixShape::Square, false, &["A", "K7-P1234-5678-9ABC"]).unwrap();
        let mut matrix = Matrix::default();
        plan.encode("B", &mut matrix).unwrap();
        assert_eq!((matrix.columns, matrix.rows), plan.modules());
        assert_eq!(read(render_matrix(&matrix, 2), BarcodeFormat::DATA_MATRIX), Ok("B".to_owned()));
        let error = plan.encode(&"longer than that ".repeat(3), &mut matrix).unwrap_err();
        assert!(matches!(error, SymbolError::LongerThanPlanned { needed: 36, planned: 18, .. }), "{error}");
    }

    #[test]
    fn latin_1_goes_in_and_all_else_is_refused() {
        assert_eq!(
            read_after(MatrixShape::Square, false, "Prüfstück größer als 5 µm"),
            Ok("Prüfstück größer als 5 µm".into())
        );
        let refused = |text: &str| DataMatrixPlan::new(MatrixShape::Square, false, &[text]).unwrap_err();
        assert!(matches!(refused("5 €"), SymbolError::Character { character: '€', .. }));
        assert_eq!(refused(""), SymbolError::Empty);
        assert!(matches!(refused(&"x".repeat(10_000_000)), SymbolError::TooMuchData { bytes: 10_000_000, .. }));
        assert!(matches!(refused(&"\u{e9}".repeat(1600)), SymbolError::TooMuchData { .. }));
    }
}
