//! GTIN: the number in the EAN, UPC or ITF-14 symbol of a product.

use std::fmt;

use serde::{Serialize, Serializer};

/// A Global Trade Item Number of 8, 12, 13 or 14 digits whose check digit is right.
///
/// Source: GS1 General Specifications, section 7.9.1 (check digit, weights 3 and 1 from the right) and section 2.1 (one item
/// has one GTIN; shorter ones are the same number with leading zeros).
///
/// Two numbers that differ only in leading zeros name one item: compare [`Gtin::gtin14`]. `==` also compares the written length,
/// so that a change of form is seen as a change.
///
/// ```
/// use nameplate::catalogue::{Gtin, GtinError};
///
/// let upc = Gtin::new("012345678905")?;
/// assert_eq!(upc.to_string(), "012345678905");
/// assert_eq!(upc.gtin14(), "00012345678905");
///
/// let wrong = Gtin::new("012345678906");
/// assert_eq!(wrong, Err(GtinError::CheckDigit { expected: 5, found: 6 }));
/// # Ok::<(), GtinError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Gtin {
    /// The digits as a number, check digit included; below 10^14.
    number: u64,
    /// How many digits were written: 8, 12, 13 or 14.
    length: usize,
}

/// Why a text is not a GTIN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GtinError {
    /// Something other than a digit 0 to 9.
    #[error("a GTIN holds digits only, but {found:?} stands at place {position}; remove spaces and hyphens")]
    NotADigit {
        /// The offending character.
        found: char,
        /// Its place, counted from 1.
        position: usize,
    },
    /// Not 8, 12, 13 or 14 digits.
    #[error(
        "a GTIN has 8, 12, 13 or 14 digits, this has {found}; if leading zeros were lost, format the column as text"
    )]
    Length {
        /// How many digits there are.
        found: usize,
    },
    /// The last digit does not belong to the ones before it.
    #[error(
        "the check digit of this GTIN would be {expected}, but it ends in {found}; compare it with the GS1 certificate"
    )]
    CheckDigit {
        /// The digit that the digits before it ask for.
        expected: u8,
        /// The digit that is there.
        found: u8,
    },
    /// Zeros only: the check digit fits, but nobody is given this number.
    #[error("a GTIN of zeros names no product")]
    AllZero,
}

impl Gtin {
    /// Checks the digits, their count and the check digit.
    ///
    /// # Errors
    /// [`GtinError`], which for a wrong check digit names the right one.
    pub fn new(text: &str) -> Result<Self, GtinError> {
        let mut number = 0_u64;
        let mut length = 0_usize;
        for found in text.chars() {
            length += 1;
            let digit = found.to_digit(10).ok_or(GtinError::NotADigit { found, position: length })?;
            // Saturating: a number too long for u64 is refused by its length below.
            number = number.saturating_mul(10).saturating_add(u64::from(digit));
        }
        if !matches!(length, 8 | 12 | 13 | 14) {
            return Err(GtinError::Length { found: length });
        }
        let expected = check_digit(number / 10);
        let found = last_digit(number);
        if expected != found {
            return Err(GtinError::CheckDigit { expected, found });
        }
        if number == 0 {
            return Err(GtinError::AllZero);
        }
        Ok(Self { number, length })
    }

    /// The 14-digit form that databases and GS1 element strings use.
    pub fn gtin14(&self) -> String {
        format!("{:014}", self.number)
    }

    /// How many digits were written: 8 (EAN-8), 12 (UPC-A), 13 (EAN-13) or 14 (ITF-14).
    pub fn written_digits(&self) -> usize {
        self.length
    }
}

impl fmt::Display for Gtin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0width$}", self.number, width = self.length)
    }
}

impl Serialize for Gtin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The GS1 check digit for `payload`, the digits without their check digit.
fn check_digit(payload: u64) -> u8 {
    let mut rest = payload;
    let mut sum = 0_u16;
    let mut weight = 3;
    while rest > 0 {
        sum += weight * u16::from(last_digit(rest));
        weight = 4 - weight;
        rest /= 10;
    }
    last_digit(u64::from((10 - sum % 10) % 10))
}

fn last_digit(number: u64) -> u8 {
    (number % 10) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_numbers_are_accepted_in_every_length() {
        // GS1's own examples: GTIN-8, GTIN-12, GTIN-13 and GTIN-14.
        for text in ["95050003", "614141000036", "6291041500213", "9506000134352", "10614141000415"] {
            let gtin = Gtin::new(text).unwrap();
            assert_eq!(gtin.to_string(), text);
            assert_eq!(gtin.written_digits(), text.len());
            assert_eq!(gtin.gtin14(), format!("{text:0>14}"));
        }
    }

    #[test]
    fn wrong_check_digit_names_the_right_one() {
        let error = Gtin::new("9506000134353").unwrap_err();
        assert_eq!(error, GtinError::CheckDigit { expected: 2, found: 3 });
        assert!(error.to_string().contains("would be 2"));
    }

    #[test]
    fn other_lengths_letters_and_zeros_are_refused() {
        assert_eq!(Gtin::new("12345678905"), Err(GtinError::Length { found: 11 }));
        assert_eq!(Gtin::new(""), Err(GtinError::Length { found: 0 }));
        assert_eq!(Gtin::new(&"9".repeat(400)), Err(GtinError::Length { found: 400 }));
        assert_eq!(Gtin::new("950600013435O"), Err(GtinError::NotADigit { found: 'O', position: 13 }));
        assert_eq!(Gtin::new("٩٥٠٦٠٠٠١"), Err(GtinError::NotADigit { found: '٩', position: 1 }));
        assert_eq!(Gtin::new("0000000000000"), Err(GtinError::AllZero));
    }

    #[test]
    fn one_item_in_two_forms_has_one_gtin14() {
        let upc = Gtin::new("614141000036").unwrap();
        let ean = Gtin::new("0614141000036").unwrap();
        assert_eq!(upc.gtin14(), ean.gtin14());
        assert_ne!(upc, ean);
    }
}
