//! The check character pair of GS1's Global Model Number: prime weights modulo 1021, two of 32 characters.
//! Source: GS1 General Specifications, section "Check character calculation (for alphanumeric keys)".
//!
//! Guarantee: every single substitution, adjacent swap, jump swap and twin is detected. About 1 in 1,000
//! double substitutions slips through.
//!
//! Body symbols are valued by their place in GS1's character set 82, so that any alphabet will do; the check
//! symbols are always of `23456789ABCDEFGHJKLMNPQRSTUVWXYZ`, whatever the alphabet of the body.

/// GS1's character set 82 in the order of its values.
pub(super) const CHARACTER_SET_82: &[u8; 82] =
    b"!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

/// The weights from the symbol before the pair leftwards: the first primes.
const PRIMES: [u32; 32] = [
    2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
    113, 127, 131,
];

/// The two check values, below 32, of a body of at most 32 values below 82.
pub(super) fn check(body: &[u8]) -> [u8; 2] {
    let sum: u32 = body.iter().rev().zip(PRIMES).map(|(&value, prime)| u32::from(value) * prime).sum();
    let [.., high, low] = (sum % 1021).to_be_bytes();
    [high << 3 | low >> 5, low & 31]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serial::check::probe::{Probe, vectors};
    use crate::serial::{Alphabet, CheckScheme};

    /// The worked example of the General Specifications, and numbers of GS1's own test suites for its GMN
    /// helper library and Barcode Syntax Dictionary.
    #[test]
    fn published_numbers() {
        vectors(
            CheckScheme::GmnPair,
            &[
                ("1987654Ad4X4bL5ttr2310c", "2K"),
                ("12345678901234567890123", "NT"),
                ("12345A", "NJ"),
                ("12345_ABCDEFGHIJKLM", "CP"),
                ("12345_nopqrstuvwxyz", "P2"),
                ("99999zzzzzzzzzzzzzzzzzz", "T2"),
                ("00000!", "HV"),
            ],
        );
    }

    /// The code is linear modulo a prime: differences times sums or differences of weights never vanish.
    #[test]
    fn no_single_error_swap_or_twin_vanishes_modulo_1021() {
        for difference in 1..82 {
            for (i, &weight) in PRIMES.iter().enumerate() {
                assert_ne!(difference * weight % 1021, 0);
                for &other in PRIMES.iter().skip(i + 1).take(2) {
                    assert_ne!(difference * (other - weight) % 1021, 0, "swap");
                    assert_ne!(difference * (other + weight) % 1021, 0, "twin");
                }
            }
        }
    }

    #[test]
    fn catches_errors_in_the_pair_too() {
        let probe = Probe::new(CheckScheme::GmnPair, Alphabet::gs1_32());
        for word in probe.sample_words(12, 40) {
            probe.assert_catches_substitutions(&word);
            probe.assert_catches_swaps(&word);
            probe.assert_catches_jump_swaps(&word);
        }
        let missed = probe.missed_double_substitutions(12);
        assert!((0.0002..0.002).contains(&missed), "{missed}");
    }
}
