//! ISO/IEC 7064 MOD 11,10: digits, one check digit.
//!
//! Guarantee: every single wrong digit is detected, and all adjacent swaps but about 1 in 45. It needs no
//! eleventh character; MOD 11-2 catches more.

use super::iso7064;

/// The check value of a body of digits' values.
pub(super) fn check(body: &[u8]) -> u8 {
    iso7064::hybrid_check(body, 10)
}

#[cfg(test)]
mod tests {
    use crate::serial::check::probe::{Probe, every_word, vectors};
    use crate::serial::{Alphabet, CheckScheme};

    /// 0794 is the standard's example; the other number is of widely used validators' documentation.
    #[test]
    fn published_numbers() {
        vectors(CheckScheme::Mod11_10, &[("0794", "5"), ("79462", "3")]);
    }

    #[test]
    fn every_wrong_digit_is_caught_and_few_swaps_are_missed() {
        let probe = Probe::new(CheckScheme::Mod11_10, Alphabet::digits());
        let (mut swaps, mut missed) = (0, 0);
        for body in every_word(b"0123456789", 4) {
            let word = probe.codeword(&body);
            probe.assert_catches_substitutions(&word);
            for swapped in probe.swaps(&word, 1) {
                swaps += 1;
                missed += u32::from(probe.is_valid(&swapped));
            }
        }
        assert!(missed > 0 && missed * 40 < swaps, "{missed} of {swaps}");
    }
}
