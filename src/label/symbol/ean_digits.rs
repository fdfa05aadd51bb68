//! What EAN-13, EAN-8, UPC-A and ITF-14 share: digits with a check digit, and the number sets of EAN and UPC.

use super::error::shown;
use super::{ModuleBar, SymbolError, push_elements};

/// How much lower guard bars reach than the others, in modules (GS1 General Specifications 5.2.3.1).
pub const GUARD_DESCENT_MODULES: u32 = 5;

/// Reads exactly `N` digits of which the last one is the check digit.
pub(super) fn parse<const N: usize>(text: &str, symbology: &'static str) -> Result<[u8; N], SymbolError> {
    if let Some(character) = text.chars().find(|c| !c.is_ascii_digit()) {
        return Err(SymbolError::Character { character, symbology });
    }
    let count = text.len();
    let ascii = <[u8; N]>::try_from(text.as_bytes());
    let ascii = ascii.map_err(|_| SymbolError::DigitCount { symbology, digits: N, found: shown(text), count })?;
    let digits = ascii.map(|byte| byte - b'0');
    let expected = check_digit(&digits[..N - 1]);
    if digits[N - 1] != expected {
        return Err(SymbolError::CheckDigit { found: text.to_owned(), actual: digits[N - 1], expected });
    }
    Ok(digits)
}

/// The check digit after some digits: weights 3 and 1 from the right, complement of the sum modulo 10
/// (GS1 General Specifications 7.9.1).
pub(super) fn check_digit(digits: &[u8]) -> u8 {
    let weighted = digits.iter().rev().enumerate().map(|(i, &d)| if i % 2 == 0 { 3 * u32::from(d) } else { d.into() });
    u8::try_from((10 - weighted.sum::<u32>() % 10) % 10).unwrap_or(0)
}

/// A number set (ISO/IEC 15420 table 1): how the four elements of a digit stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Set {
    /// Left half, odd parity, starts with a space.
    A,
    /// Left half, even parity, starts with a space.
    B,
    /// Right half, starts with a bar.
    C,
}

/// Appends the two bars of a digit and returns the position seven modules on.
pub(super) fn push_digit(digit: u8, set: Set, at: u32, guard: bool, bars: &mut Vec<ModuleBar>) -> u32 {
    let mut widths = SET_C_WIDTHS[usize::from(digit)];
    if set == Set::B {
        widths.reverse();
    }
    match set {
        Set::C => push_elements(&widths, at, guard, bars),
        Set::A | Set::B => push_elements(&widths[1..], at + u32::from(widths[0]), guard, bars),
    }
}

/// Appends the two outer guard bars of one side.
pub(super) fn push_side_guard(at: u32, bars: &mut Vec<ModuleBar>) -> u32 {
    push_elements(&[1, 1, 1], at, true, bars)
}

/// Appends the two guard bars in the middle, which stand between spaces.
pub(super) fn push_middle_guard(at: u32, bars: &mut Vec<ModuleBar>) -> u32 {
    push_elements(&[1, 1, 1], at + 1, true, bars) + 1
}

/// Element widths of set C; reversed they are set B, and set A has the same widths starting with a space.
const SET_C_WIDTHS: [[u8; 4]; 10] = [
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_of_published_numbers() {
        // GS1 General Specifications 7.9.1 and figures of 4.14: GTIN-13, GTIN-8, GTIN-12, GTIN-14, SSCC.
        for number in
            ["4006381333931", "9501101530003", "96385074", "036000291452", "15400141288763", "106141412345678908"]
        {
            let digits: Vec<u8> = number.bytes().map(|b| b - b'0').collect();
            assert_eq!(check_digit(&digits[..digits.len() - 1]), digits[digits.len() - 1], "{number}");
        }
    }

    #[test]
    fn a_message_names_the_number_and_what_would_be_right() {
        let text = |result: Result<[u8; 8], SymbolError>| result.unwrap_err().to_string();
        assert_eq!(
            text(parse::<8>("96385075", "EAN-8")),
            "96385075 ends in 5, but its check digit must be 4: one of its digits is wrong"
        );
        assert_eq!(
            text(parse::<8>("963850", "EAN-8")),
            "EAN-8 has exactly 8 digits, \"963850\" has 6; nothing is padded or cut"
        );
        assert!(text(parse::<8>(&"1".repeat(10_000_000), "EAN-8")).len() < 200);
    }
}
