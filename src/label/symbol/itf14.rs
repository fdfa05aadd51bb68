//! ITF-14: a GTIN-14 in Interleaved 2 of 5 (ISO/IEC 16390, GS1 General Specifications 5.3).

use super::ean_digits::parse;
use super::{ModuleBar, SymbolError, push_elements};

/// Quiet zone on each side, in modules (GS1 General Specifications 5.3.2.2).
pub const QUIET_ZONE_MODULES: u32 = 10;
/// Modules from the first bar to the last: start 4, seven pairs of 18, stop 5.
pub const MODULE_COUNT: u32 = 4 + 7 * 18 + 5;
/// Thickness of the bearer bars above and below the bars, in modules, at least
/// (GS1 General Specifications 5.3.2.4). They reach over the quiet zones; the layout draws them.
pub const BEARER_BAR_MODULES: u32 = 2;

/// Modules of a wide element. The standard allows 2.25 to 3.0; 3 is the only whole number, so all stays whole modules.
const WIDE: u8 = 3;

/// Fourteen digits whose last one is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Itf14([u8; 14]);

impl Itf14 {
    /// Reads fourteen digits and verifies the check digit.
    ///
    /// # Errors
    /// [`SymbolError::Character`], [`SymbolError::DigitCount`], [`SymbolError::CheckDigit`].
    ///
    /// ```
    /// # use nameplate::label::symbol::itf14::Itf14;
    /// assert!(Itf14::parse("15400141288763").is_ok());
    /// assert!(Itf14::parse("5400141288766").is_err(), "a GTIN-13 is not padded");
    /// ```
    pub fn parse(text: &str) -> Result<Itf14, SymbolError> {
        parse(text, "ITF-14").map(Itf14)
    }

    /// Appends the 39 bars from left to right.
    pub fn push_bars(&self, bars: &mut Vec<ModuleBar>) {
        let mut at = push_elements(&[1, 1, 1, 1], 0, false, bars);
        for pair in self.0.chunks_exact(2) {
            let (bar, space) = (WIDE_ELEMENTS[usize::from(pair[0])], WIDE_ELEMENTS[usize::from(pair[1])]);
            let mut widths = [1; 10];
            for i in 0..5 {
                if bar & (0b10000 >> i) != 0 {
                    widths[2 * i] = WIDE;
                }
                if space & (0b10000 >> i) != 0 {
                    widths[2 * i + 1] = WIDE;
                }
            }
            at = push_elements(&widths, at, false, bars);
        }
        push_elements(&[WIDE, 1, 1], at, false, bars);
    }
}

/// Which two of the five elements of a digit are wide; the highest of five bits is the leftmost (ISO/IEC 16390 table 1).
const WIDE_ELEMENTS: [u8; 10] =
    [0b00110, 0b10001, 0b01001, 0b11000, 0b00101, 0b10100, 0b01100, 0b00011, 0b10010, 0b01010];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::symbol::ean_digits::check_digit;
    use crate::label::symbol::read_back::dots;
    use proptest::prelude::*;

    // Invariant: the bars of any fourteen good digits are those of an encoder that is not ours, whose wide elements
    // also are three modules, except that of its stop pattern, which is two.
    proptest! {
        #[test]
        fn bars_agree_with_barcoders(digits in prop::collection::vec(0_u8..10, 13)) {
            let mut text: String = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
            text.push(char::from(b'0' + check_digit(&digits)));
            let mut bars = Vec::new();
            Itf14::parse(&text).unwrap().push_bars(&mut bars);
            let other = barcoders::sym::tf::TF::interleaved(&text).unwrap().encode();
            prop_assert_eq!(&dots(&bars)[..130], &other[..130]);
            prop_assert_eq!(&dots(&bars)[130..], &[1, 1, 1, 0, 1]);
        }
    }

    #[test]
    fn thirty_nine_bars_end_at_135_modules() {
        let mut bars = Vec::new();
        Itf14::parse("15400141288763").unwrap().push_bars(&mut bars);
        assert_eq!(bars.len(), 2 + 7 * 5 + 2);
        assert_eq!(bars.last().map(|b| b.start + b.width), Some(MODULE_COUNT));
        assert_eq!(MODULE_COUNT, 135);
    }

    #[test]
    fn wrong_numbers_are_refused() {
        assert!(matches!(Itf14::parse("15400141288764"), Err(SymbolError::CheckDigit { expected: 3, .. })));
        assert!(matches!(Itf14::parse("5400141288766"), Err(SymbolError::DigitCount { digits: 14, count: 13, .. })));
        assert!(matches!(Itf14::parse("1540014128876x"), Err(SymbolError::Character { .. })));
    }
}
