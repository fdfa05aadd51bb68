//! RS-1: one symbol of a Reed-Solomon code over GF(32).
//!
//! Guarantee, up to 31 symbols in all: every single substitution, every adjacent swap, every jump swap and
//! every twin is detected. Of two independent substitutions 1 in 31 slips through, and nothing can be
//! corrected. The register starts as though a symbol of value 1 stood in front: an added or a lost
//! leading zero changes the check symbol.

use super::gf32;

const TIMES_A: [u8; 32] = gf32::multiples_of(2);

/// The check value of a body of values below 32: the codeword, as a polynomial, has the root a.
pub(super) fn check(body: &[u8]) -> u8 {
    body.iter().fold(TIMES_A[1], |register, &value| TIMES_A[usize::from((register ^ value) & 31)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serial::Alphabet;
    use crate::serial::check::probe::Probe;
    use crate::serial::{CheckScheme, check::gf32::power};

    /// The code is linear, so what an error does depends only on its pattern, not on the word it hits:
    /// all patterns are enumerated at the greatest length.
    #[test]
    fn all_single_errors_swaps_and_twins_change_the_syndrome() {
        let n = 31;
        for e in 1..32 {
            for i in 0..n {
                assert_ne!(gf32::multiply(e, power(i)), 0, "substitution");
                for j in i + 1..(i + 3).min(n) {
                    assert_ne!(gf32::multiply(e, power(i) ^ power(j)), 0, "swap and twin, adjacent and jump");
                }
            }
        }
    }

    /// The row of the design table: 1/31 = 3.2 % of double substitutions, exactly.
    #[test]
    fn one_in_31_double_substitutions_slips_through() {
        let n = 13;
        let (mut all, mut missed) = (0, 0);
        for i in 0..n {
            for j in i + 1..n {
                for (e, f) in (1..32).flat_map(|e| (1..32).map(move |f| (e, f))) {
                    all += 1;
                    missed += u32::from(gf32::multiply(e, power(i)) == gf32::multiply(f, power(j)));
                }
            }
        }
        assert_eq!(missed * 31, all);
    }

    #[test]
    fn the_encoder_is_that_code() {
        let probe = Probe::new(CheckScheme::Rs1, Alphabet::crockford32());
        for word in probe.sample_words(12, 40) {
            probe.assert_catches_substitutions(&word);
            probe.assert_catches_swaps(&word);
            probe.assert_catches_jump_swaps(&word);
            probe.assert_catches_twins(&word);
        }
    }

    #[test]
    fn a_leading_zero_changes_the_check() {
        assert_ne!(check(&[0; 11]), check(&[0; 12]));
        assert_ne!(check(&[]), 0);
    }
}
