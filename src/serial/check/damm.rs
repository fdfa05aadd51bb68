//! Damm's check digit: a totally anti-symmetric quasigroup of order 10.
//! Source: H. Michael Damm, "Total anti-symmetrische Quasigruppen", dissertation, Marburg 2004.
//!
//! Guarantee: every single wrong digit and every adjacent swap is detected, with a digit as check and no
//! second table. Leading zeros do not change it.

/// The quasigroup of the dissertation with zeros in the diagonal.
const TABLE: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// The check value of a body of digits' values.
pub(super) fn check(body: &[u8]) -> u8 {
    body.iter().fold(0, |state, &digit| TABLE[usize::from(state)][usize::from(digit % 10)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serial::check::probe::{Probe, every_word, vectors};
    use crate::serial::{Alphabet, CheckScheme};

    #[test]
    fn published_numbers() {
        vectors(CheckScheme::Damm, &[("572", "4"), ("43881234567", "9")]);
    }

    /// What the guarantee rests on: rows and columns are permutations, and (c*x)*y = (c*y)*x only for x = y.
    #[test]
    fn the_table_is_a_totally_anti_symmetric_quasigroup() {
        let op = |x: u8, y: u8| TABLE[usize::from(x)][usize::from(y)];
        for c in 0..10 {
            assert_eq!(op(c, c), 0);
            let mut row: Vec<u8> = (0..10).map(|x| op(c, x)).collect();
            let mut column: Vec<u8> = (0..10).map(|x| op(x, c)).collect();
            row.sort_unstable();
            column.sort_unstable();
            assert_eq!(row, (0..10).collect::<Vec<u8>>());
            assert_eq!(row, column);
            for x in 0..10 {
                for y in 0..10 {
                    assert_eq!(op(op(c, x), y) == op(op(c, y), x), x == y);
                }
            }
        }
    }

    #[test]
    fn every_wrong_digit_and_every_adjacent_swap_is_caught() {
        let probe = Probe::new(CheckScheme::Damm, Alphabet::digits());
        for body in every_word(b"0123456789", 4) {
            let word = probe.codeword(&body);
            probe.assert_catches_substitutions(&word);
            probe.assert_catches_swaps(&word);
        }
    }
}
