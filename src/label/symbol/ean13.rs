//! EAN-13 (ISO/IEC 15420, GS1 General Specifications 5.2). The check digit is verified, nothing is padded or cut.

use super::{ModuleBar, SymbolError, push_elements};

/// Quiet zone on the left, in modules (GS1 General Specifications figure 5.2.3.2).
pub const QUIET_ZONE_LEFT_MODULES: u32 = 11;
/// Quiet zone on the right, in modules.
pub const QUIET_ZONE_RIGHT_MODULES: u32 = 7;
/// Modules from the first bar to the last.
pub const MODULE_COUNT: u32 = 95;
/// How much lower guard bars reach than the others, in modules.
pub const GUARD_DESCENT_MODULES: u32 = 5;

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
        if let Some(character) = text.chars().find(|c| !c.is_ascii_digit()) {
            return Err(SymbolError::Character { character, symbology: "EAN-13" });
        }
        let count = text.len();
        let ascii = <[u8; 13]>::try_from(text.as_bytes());
        let ascii = ascii.map_err(|_| SymbolError::DigitCount { found: text.to_owned(), count })?;
        let digits = ascii.map(|byte| byte - b'0');
        let expected = check_digit(&digits);
        if digits[12] != expected {
            return Err(SymbolError::CheckDigit { found: text.to_owned(), actual: digits[12], expected });
        }
        Ok(Ean13(digits))
    }

    /// The digits, most significant first.
    pub fn digits(&self) -> &[u8; 13] {
        &self.0
    }

    /// Appends the 30 bars from left to right; guard bars are marked.
    pub fn push_bars(&self, bars: &mut Vec<ModuleBar>) {
        let mut at = push_elements(&[1, 1, 1], 0, true, bars);
        let parities = PARITIES[usize::from(self.0[0])];
        for (i, &digit) in self.0[1..7].iter().enumerate() {
            let mut widths = RIGHT_WIDTHS[usize::from(digit)];
            if parities & (1 << (5 - i)) != 0 {
                widths.reverse();
            }
            at += u32::from(widths[0]);
            at = push_elements(&widths[1..], at, false, bars);
        }
        at = push_elements(&[1, 1, 1], at + 1, true, bars) + 1;
        for &digit in &self.0[7..] {
            at = push_elements(&RIGHT_WIDTHS[usize::from(digit)], at, false, bars);
        }
        push_elements(&[1, 1, 1], at, true, bars);
    }
}

/// Weights 1 and 3 from the left, complement of the sum modulo 10 (GS1 General Specifications 7.9).
fn check_digit(digits: &[u8; 13]) -> u8 {
    let sum: u8 = digits[..12].iter().enumerate().map(|(i, d)| if i % 2 == 0 { *d } else { 3 * d }).sum();
    (10 - sum % 10) % 10
}

/// Element widths of number set C; reversed they are set B, and set A has the same widths starting with a space.
const RIGHT_WIDTHS: [[u8; 4]; 10] = [
    [3, 2, 1, 1],
    [2, 2, 2, 1],
    [2, 1, 2, 2],
    [1, 4, 1, 1],
    [1, 1, 3, 2],
    [1, 2, 3, 1],
    [1, 1, 1, 4],
    [1, 3, 1, 2],
    [1, 2, 1, 3],
    [3, 1, 1, 2],
];

/// Which of the six left digits are from set B, by the first digit; the highest of six bits is the leftmost.
const PARITIES: [u8; 10] =
    [0b000000, 0b001011, 0b001101, 0b001110, 0b010011, 0b011001, 0b011100, 0b010101, 0b010110, 0b011010];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // Invariants:
    // 1. The bars of any thirteen good digits are those of an encoder that is not ours.
    // 2. A wrong digit anywhere is refused.
    proptest! {
        #[test]
        fn bars_agree_with_barcoders(digits in prop::array::uniform12(0_u8..10)) {
            let mut all = [0; 13];
            all[..12].copy_from_slice(&digits);
            all[12] = check_digit(&all);
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
            all[12] = check_digit(&all);
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
