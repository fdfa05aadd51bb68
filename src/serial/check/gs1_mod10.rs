//! The check digit of GS1's numeric keys (GTIN, GLN, SSCC): weights 3, 1, 3, ... from the right, modulo 10.
//! Source: GS1 General Specifications, section "Standard check digit calculations for GS1 data structures".
//!
//! Guarantee: every single wrong digit is detected. Swaps of neighbours that differ by 5 (one in nine) and
//! every jump swap slip through.

/// The check value of a body of digits' values.
pub(super) fn check(body: &[u8]) -> u8 {
    let weights = [3, 1].into_iter().cycle();
    let sum: u32 = body.iter().rev().zip(weights).map(|(&digit, weight)| u32::from(digit) * weight).sum();
    [0, 9, 8, 7, 6, 5, 4, 3, 2, 1][(sum % 10) as usize]
}

#[cfg(test)]
mod tests {
    use crate::serial::check::probe::{Probe, every_word, vectors};
    use crate::serial::{Alphabet, CheckScheme};

    /// Two GTIN-13, a GTIN-8 and a UPC-A as GS1 and common references show them; the SSCC of the EPC standards.
    #[test]
    fn published_numbers() {
        vectors(
            CheckScheme::Gs1Mod10,
            &[
                ("629104150021", "3"),
                ("400638133393", "1"),
                ("9638507", "4"),
                ("03600029145", "2"),
                ("10614141123456789", "7"),
            ],
        );
    }

    #[test]
    fn every_wrong_digit_is_caught_and_exactly_swaps_of_difference_five_are_not() {
        let probe = Probe::new(CheckScheme::Gs1Mod10, Alphabet::digits());
        for body in every_word(b"0123456789", 4) {
            let word = probe.codeword(&body);
            probe.assert_catches_substitutions(&word);
            for i in 0..word.len() - 1 {
                let mut swapped = word.clone();
                swapped.swap(i, i + 1);
                let slips = word[i].abs_diff(word[i + 1]).is_multiple_of(5);
                assert_eq!(probe.is_valid(&swapped), slips);
            }
        }
    }
}
