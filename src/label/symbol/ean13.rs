//! EAN-13 (ISO/IEC 15420, GS1 General Specifications 5.2). The check digit is verified, nothing is padded or cut.

pub use super::ean_digits::GUARD_DESCENT_MODULES;
use super::ean_digits::{Set, parse, push_digit, push_middle_guard, push_side_guard};
use super::{ModuleBar, SymbolError};

/// Quiet zone on the left, in modules (GS1 General Specifications figure 5.2.3.2).
pub const QUIET_ZONE_LEFT_MODULES: u32 = 11;
/// Quiet zone on the right, in modules.
pub const QUIET_ZONE_RIGHT_MODULES: u32 = 7;
/// Modules from the first bar to the last.
pub const MODULE_COUNT: u32 = 95;

/// Thirteen digits whose last one is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ean13([u8; 13]);

impl Ean13 {
    /// Reads thirteen digits and verifies the check digit.
    ///
    /// # Errors
    /// [`SymbolError::Character`], [`SymbolError::DigitCount`], [`SymbolError::CheckDigit`].
    ///
    /// ```
    /// # use nameplate::label::symbol::ean13::Ean13;
    /// assert!(Ean13::parse("4006381333931").is_ok());
    /// assert!(Ean13::parse("400638133393").is_err(), "twelve digits are not completed");
    /// ```
    pub fn parse(text: &str) -> Result<Ean13, SymbolError> {
        parse(text, "EAN-13").map(Ean13)
    }

    /// The digits, most significant first.
    pub fn digits(&self) -> &[u8; 13] {
        &self.0
    }

    /// Appends the 30 bars from left to right; guard bars are marked.
    pub fn push_bars(&self, bars: &mut Vec<ModuleBar>) {
        let mut at = push_side_guard(0, bars);
        let parities = PARITIES[usize::from(self.0[0])];
        for (i, &digit) in self.0[1..7].iter().enumerate() {
            let set = if parities & (1 << (5 - i)) == 0 { Set::A } else { Set::B };
            at = push_digit(digit, set, at, false, bars);
        }
        at = push_middle_guard(at, bars);
        for &digit in &self.0[7..] {
            at = push_digit(digit, Set::C, at, false, bars);
        }
        push_side_guard(at, bars);
    }
}

/// Which of the six left digits are from set B, by the first digit; the highest of six bits is the leftmost.
const PARITIES: [u8; 10] =
    [0b000000, 0b001011, 0b001101, 0b001110, 0b010011, 0b011001, 0b011100, 0b010101, 0b010110, 0b011010];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::symbol::ean_digits::check_digit;
    use proptest::prelude::*;

    // Invariants:
    // 1. The bars of any thirteen good digits are those of an encoder that is not ours.
    // 2. A wrong digit anywhere is refused.
    proptest! {
        #[test]
        fn bars_agree_with_barcoders(digits in prop::array::uniform12(0_u8..10)) {
            let mut all = [0; 13];
            all[..12].copy_from_slice(&digits);
            all[12] = check_digit(&all[..12]);
            let mut bars = Vec::new();
            Ean13(all).push_bars(&mut bars);
            let mut dots = vec![0; MODULE_COUNT as usize];
            bars.iter().for_each(|bar| dots[bar.start as usize..][..bar.width as usize].fill(1));
            let text: String = all.iter().map(|digit| char::from(b'0' + digit)).collect();
            prop_assert_eq!(dots, barcoders::sym::ean13::EAN13::new(&text).unwrap().encode());
            prop_assert_eq!(Ean13::parse(&text), Ok(Ean13(all)));
        }

        #[test]
        fn a_wrong_digit_never_passes(digits in prop::array::uniform12(0_u8..10), at in 0_usize..13, more in 1_u8..10) {
            let mut all = [0; 13];
            all[..12].copy_from_slice(&digits);
            all[12] = check_digit(&all[..12]);
            all[at] = (all[at] + more) % 10;
            let text: String = all.iter().map(|digit| char::from(b'0' + digit)).collect();
            let is_refused = matches!(Ean13::parse(&text), Err(SymbolError::CheckDigit { .. }));
            prop_assert!(is_refused);
        }
    }

    #[test]
    fn a_wrong_digit_is_refused_with_the_right_one() {
        assert_eq!(
            Ean13::parse("4006381333932"),
            Err(SymbolError::CheckDigit { found: "4006381333932".into(), actual: 2, expected: 1 })
        );
    }

    #[test]
    fn nothing_is_padded_or_cut() {
        for text in ["", "036000291452", "00036000291452"] {
            assert!(matches!(Ean13::parse(text), Err(SymbolError::DigitCount { .. })), "{text}");
        }
        assert!(matches!(Ean13::parse("40063813339３１"), Err(SymbolError::Character { .. })));
    }

    #[test]
    fn thirty_bars_end_at_95_modules_and_six_of_them_are_guards() {
        let mut bars = Vec::new();
        Ean13::parse("4006381333931").unwrap().push_bars(&mut bars);
        assert_eq!(bars.len(), 30);
        assert_eq!(bars.last().map(|b| b.start + b.width), Some(MODULE_COUNT));
        assert_eq!(bars.iter().filter(|b| b.guard).map(|b| b.start).collect::<Vec<_>>(), [0, 2, 46, 48, 92, 94]);
    }
}
