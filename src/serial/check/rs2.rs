//! RS-2: two symbols of a Reed-Solomon code over GF(32) with the roots a and 1/a. The default.
//!
//! Guarantee, up to 31 symbols in all: any one or two wrong symbols are detected, hence every substitution,
//! adjacent swap, jump swap, twin and double substitution; two illegible symbols are recovered; the same
//! confusion (say B for 8) in up to four places is detected, because a and 1/a are also the roots of a binary
//! Melas code, whose distance is 5. Up to 16 symbols in all, every single substitution and every adjacent
//! swap has a syndrome of its own, so that one correction can be offered for it.
//!
//! The register starts as though a symbol of value 1 stood in front: an added or a lost leading
//! zero changes the check symbols.
//!
//! Source: Reed and Solomon 1960; C. M. Melas, "A cyclic code for double error correction", 1960. The choice
//! of the roots (the pair a, a^2 has the same distance but confuses swaps with substitutions) is ours and is
//! what the tests below prove.

use super::gf32;

/// (x - a)(x - 1/a) = x^2 + MIDDLE x + 1.
const MIDDLE: u8 = gf32::power(1) ^ gf32::power(gf32::ORDER - 1);
const TIMES_MIDDLE: [u8; 32] = gf32::multiples_of(MIDDLE);

/// The two check values of a body of values below 32: the remainder of the division by the generator.
pub(super) fn check(body: &[u8]) -> [u8; 2] {
    // What a symbol of value 1 leaves in the register.
    let (mut high, mut low) = (MIDDLE, 1);
    for &value in body {
        let feedback = (high ^ value) & 31;
        (high, low) = (low ^ TIMES_MIDDLE[usize::from(feedback)], feedback);
    }
    [high, low]
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::serial::Alphabet;
    use crate::serial::CheckScheme;
    use crate::serial::check::gf32::{multiply, power};
    use crate::serial::check::probe::Probe;

    /// Value of the error polynomial at a and at 1/a; zero in both means undetected. Exponents count from
    /// the last symbol.
    fn syndrome(errors: &[(usize, u8)]) -> (u8, u8) {
        errors
            .iter()
            .fold((0, 0), |(s, t), &(i, e)| (s ^ multiply(e, power(i)), t ^ multiply(e, power(gf32::ORDER * 31 - i))))
    }

    #[test]
    fn no_one_or_two_errors_go_undetected_up_to_31_symbols() {
        for i in 0..31 {
            for e in 1..32 {
                assert_ne!(syndrome(&[(i, e)]), (0, 0));
                for j in i + 1..31 {
                    for f in 1..32 {
                        assert_ne!(syndrome(&[(i, e), (j, f)]), (0, 0), "{e} at {i}, {f} at {j}");
                    }
                }
            }
        }
    }

    /// Distinct syndromes: the promise behind "did you mean", with 16 as the exact limit.
    #[test]
    fn substitutions_and_adjacent_swaps_have_unique_syndromes_up_to_16_symbols() {
        let collisions = |n: usize| {
            let mut seen = HashMap::new();
            let singles = (0..n).flat_map(|i| (1..32).map(move |e| vec![(i, e)]));
            let swaps = (0..n - 1).flat_map(|i| (1..32).map(move |e| vec![(i, e), (i + 1, e)]));
            singles.chain(swaps).filter(|errors| seen.insert(syndrome(errors), errors.clone()).is_some()).count()
        };
        for n in 3..=16 {
            assert_eq!(collisions(n), 0, "{n} symbols");
        }
        assert!(collisions(17) > 0, "the limit is sharp");
    }

    /// The same difference e in k places is e times a binary word: all subsets of 3 and 4 places.
    #[test]
    fn the_same_confusion_in_up_to_four_places_is_detected() {
        let n = 31;
        for i in 0..n {
            for j in i + 1..n {
                for k in j + 1..n {
                    assert_ne!(syndrome(&[(i, 1), (j, 1), (k, 1)]), (0, 0));
                    for l in k + 1..n {
                        assert_ne!(syndrome(&[(i, 1), (j, 1), (k, 1), (l, 1)]), (0, 0));
                    }
                }
            }
        }
    }

    #[test]
    fn any_two_erasures_have_exactly_one_solution() {
        for i in 0..31 {
            for j in i + 1..31 {
                let mut seen: Vec<_> =
                    (0..32).flat_map(|e| (0..32).map(move |f| syndrome(&[(i, e), (j, f)]))).collect();
                seen.sort_unstable();
                seen.dedup();
                assert_eq!(seen.len(), 1024);
            }
        }
    }

    #[test]
    fn the_encoder_is_that_code() {
        for word in [&[0_u8; 10][..], &[31, 0, 17, 4, 4, 9, 30, 1, 2, 3], &[5; 29]] {
            let [high, low] = check(word);
            let mut symbols = vec![1];
            symbols.extend_from_slice(word);
            symbols.extend([high, low]);
            let errors: Vec<_> = symbols.iter().rev().copied().enumerate().collect();
            assert_eq!(syndrome(&errors), (0, 0));
        }
        let probe = Probe::new(CheckScheme::Rs2, Alphabet::crockford32());
        for word in probe.sample_words(10, 40) {
            probe.assert_catches_substitutions(&word);
            probe.assert_catches_swaps(&word);
            probe.assert_catches_jump_swaps(&word);
            probe.assert_catches_twins(&word);
        }
    }

    #[test]
    fn a_leading_zero_changes_the_check() {
        for zeros in 0..20 {
            assert_ne!(check(&vec![0; zeros]), check(&vec![0; zeros + 1]));
        }
    }
}
