//! EAN-8 (ISO/IEC 15420, GS1 General Specifications 5.2). The check digit is verified, nothing is padded or cut.

use super::ean_digits::{Set, parse, push_digit, push_middle_guard, push_side_guard};
use super::{ModuleBar, SymbolError};

/// Quiet zone on each side, in modules (GS1 General Specifications figure 5.2.3.2).
pub const QUIET_ZONE_MODULES: u32 = 7;
/// Modules from the first bar to the last.
pub const MODULE_COUNT: u32 = 67;

/// Eight digits whose last one is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ean8([u8; 8]);

impl Ean8 {
    /// Reads eight digits and verifies the check digit.
    ///
    /// # Errors
    /// [`SymbolError::Character`], [`SymbolError::DigitCount`], [`SymbolError::CheckDigit`].
    ///
    /// ```
    /// # use nameplate::label::symbol::ean8::Ean8;
    /// assert!(Ean8::parse("96385074").is_ok());
    /// assert!(Ean8::parse("9638507").is_err(), "seven digits are not completed");
    /// ```
    pub fn parse(text: &str) -> Result<Ean8, SymbolError> {
        parse(text, "EAN-8").map(Ean8)
    }

    /// Appends the 22 bars from left to right; guard bars are marked.
    pub fn push_bars(&self, bars: &mut Vec<ModuleBar>) {
        let mut at = push_side_guard(0, bars);
        for &digit in &self.0[..4] {
            at = push_digit(digit, Set::A, at, false, bars);
        }
        at = push_middle_guard(at, bars);
        for &digit in &self.0[4..] {
            at = push_digit(digit, Set::C, at, false, bars);
        }
        push_side_guard(at, bars);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::symbol::ean_digits::check_digit;
    use crate::label::symbol::read_back::dots;
    use proptest::prelude::*;

    // Invariant: the bars of any eight good digits are those of an encoder that is not ours.
    proptest! {
        #[test]
        fn bars_agree_with_barcoders(digits in prop::array::uniform7(0_u8..10)) {
            let mut text: String = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
            text.push(char::from(b'0' + check_digit(&digits)));
            let mut bars = Vec::new();
            Ean8::parse(&text).unwrap().push_bars(&mut bars);
            prop_assert_eq!(dots(&bars), barcoders::sym::ean8::EAN8::new(&text).unwrap().encode());
        }
    }

    #[test]
    fn twenty_two_bars_end_at_67_modules_and_six_of_them_are_guards() {
        let mut bars = Vec::new();
        Ean8::parse("96385074").unwrap().push_bars(&mut bars);
        assert_eq!(bars.len(), 22);
        assert_eq!(bars.last().map(|b| b.start + b.width), Some(MODULE_COUNT));
        assert_eq!(bars.iter().filter(|b| b.guard).map(|b| b.start).collect::<Vec<_>>(), [0, 2, 32, 34, 64, 66]);
    }

    #[test]
    fn wrong_numbers_are_refused() {
        assert!(matches!(Ean8::parse("96385075"), Err(SymbolError::CheckDigit { expected: 4, .. })));
        assert!(matches!(Ean8::parse("4006381333931"), Err(SymbolError::DigitCount { digits: 8, count: 13, .. })));
        assert!(matches!(Ean8::parse("9638507A"), Err(SymbolError::Character { character: 'A', .. })));
    }
}
