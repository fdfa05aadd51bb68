//! UPC-A (ISO/IEC 15420, GS1 General Specifications 5.2): an EAN-13 with a leading 0 that is not written.

use super::ean_digits::{Set, parse, push_digit, push_middle_guard, push_side_guard};
use super::{ModuleBar, SymbolError};

/// Quiet zone on each side, in modules (GS1 General Specifications figure 5.2.3.2).
pub const QUIET_ZONE_MODULES: u32 = 9;
/// Modules from the first bar to the last.
pub const MODULE_COUNT: u32 = 95;

/// Twelve digits whose last one is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpcA([u8; 12]);

impl UpcA {
    /// Reads twelve digits and verifies the check digit.
    ///
    /// # Errors
    /// [`SymbolError::Character`], [`SymbolError::DigitCount`], [`SymbolError::CheckDigit`].
    ///
    /// ```
    /// # use nameplate::label::symbol::upc_a::UpcA;
    /// assert!(UpcA::parse("036000291452").is_ok());
    /// assert!(UpcA::parse("0036000291452").is_err(), "a GTIN-13 is not cut");
    /// ```
    pub fn parse(text: &str) -> Result<UpcA, SymbolError> {
        parse(text, "UPC-A").map(UpcA)
    }

    /// Appends the 30 bars from left to right. The bars of the first and the last digit are as long as guard bars.
    pub fn push_bars(&self, bars: &mut Vec<ModuleBar>) {
        let mut at = push_side_guard(0, bars);
        for (i, &digit) in self.0[..6].iter().enumerate() {
            at = push_digit(digit, Set::A, at, i == 0, bars);
        }
        at = push_middle_guard(at, bars);
        for (i, &digit) in self.0[6..].iter().enumerate() {
            at = push_digit(digit, Set::C, at, i == 5, bars);
        }
        push_side_guard(at, bars);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::symbol::ean_digits::check_digit;
    use crate::label::symbol::ean13::Ean13;
    use crate::label::symbol::read_back::dots;
    use proptest::prelude::*;

    // Invariant: the bars are those of the EAN-13 with a 0 in front, from our encoder and from one that is not ours.
    proptest! {
        #[test]
        fn bars_are_those_of_the_ean_13_with_a_leading_zero(digits in prop::array::uniform11(0_u8..10)) {
            let mut text: String = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
            text.push(char::from(b'0' + check_digit(&digits)));
            let (mut upc, mut ean) = (Vec::new(), Vec::new());
            UpcA::parse(&text).unwrap().push_bars(&mut upc);
            Ean13::parse(&format!("0{text}")).unwrap().push_bars(&mut ean);
            prop_assert_eq!(dots(&upc), dots(&ean));
            let other = barcoders::sym::ean13::EAN13::new(format!("0{text}")).unwrap().encode();
            prop_assert_eq!(dots(&upc), other);
        }
    }

    #[test]
    fn the_bars_of_the_outer_digits_are_long() {
        let mut bars = Vec::new();
        UpcA::parse("036000291452").unwrap().push_bars(&mut bars);
        assert_eq!(bars.iter().filter(|b| b.guard).count(), 10);
        assert_eq!(bars.last().map(|b| b.start + b.width), Some(MODULE_COUNT));
        assert!(bars[..4].iter().all(|b| b.guard) && !bars[4].guard);
    }

    #[test]
    fn wrong_numbers_are_refused() {
        assert!(matches!(UpcA::parse("036000291453"), Err(SymbolError::CheckDigit { expected: 2, .. })));
        assert!(matches!(UpcA::parse("03600029145"), Err(SymbolError::DigitCount { digits: 12, count: 11, .. })));
        assert!(matches!(UpcA::parse("0360002914５2"), Err(SymbolError::Character { .. })));
    }
}
