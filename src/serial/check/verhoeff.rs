//! Verhoeff's check digit: a walk through the dihedral group of the pentagon.
//! Source: J. Verhoeff, "Error detecting decimal codes", Mathematical Centre Tract 29, 1969.
//!
//! Guarantee: every single wrong digit and every adjacent swap is detected, and most twins, jump swaps and
//! jump twins (about 95 %).

/// The permutation that is applied once more for each place from the right.
const PERMUTATION: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

/// The group operation: 0-4 are rotations, 5-9 reflections.
fn combine(left: u8, right: u8) -> u8 {
    match (left < 5, right < 5) {
        (true, true) => (left + right) % 5,
        (true, false) => (left + right - 5) % 5 + 5,
        (false, true) => (left - right) % 5 + 5,
        (false, false) => (left + 5 - right) % 5,
    }
}

/// `value` permuted `places` times; the permutation has order 8.
fn permute(value: u8, places: usize) -> u8 {
    (0..places % 8).fold(value, |value, _| PERMUTATION[usize::from(value)])
}

/// The check value of a body of digits' values.
pub(super) fn check(body: &[u8]) -> u8 {
    let walk =
        body.iter().rev().enumerate().fold(0, |state, (place, &digit)| combine(state, permute(digit % 10, place + 1)));
    // The inverse: rotations turn back, reflections undo themselves.
    if walk < 5 { (5 - walk) % 5 } else { walk }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serial::check::probe::{Probe, every_word, vectors};
    use crate::serial::{Alphabet, CheckScheme};

    /// The numbers that descriptions of the scheme use as examples.
    #[test]
    fn published_numbers() {
        vectors(
            CheckScheme::Verhoeff,
            &[("236", "3"), ("12345", "1"), ("142857", "0"), ("8473643095483728456789", "2")],
        );
    }

    #[test]
    fn it_is_a_group_and_the_permutation_has_order_eight() {
        for a in 0..10 {
            assert_eq!(combine(0, a), a);
            assert_eq!((0..8).fold(a, |value, _| PERMUTATION[usize::from(value)]), a);
            for b in 0..10 {
                for c in 0..10 {
                    assert_eq!(combine(combine(a, b), c), combine(a, combine(b, c)));
                }
            }
        }
    }

    #[test]
    fn every_wrong_digit_and_every_adjacent_swap_is_caught() {
        let probe = Probe::new(CheckScheme::Verhoeff, Alphabet::digits());
        for body in every_word(b"0123456789", 4) {
            let word = probe.codeword(&body);
            probe.assert_catches_substitutions(&word);
            probe.assert_catches_swaps(&word);
        }
    }

    /// The permutation's power changes with the place: all eight are walked through.
    #[test]
    fn also_at_every_place_of_a_long_number() {
        let probe = Probe::new(CheckScheme::Verhoeff, Alphabet::digits());
        for word in probe.sample_words(18, 400) {
            probe.assert_catches_substitutions(&word);
            probe.assert_catches_swaps(&word);
        }
    }
}
