//! ISO/IEC 7064 MOD 11-2: digits, one check character of `0`-`9` and `X` (as in ORCID and ISNI).
//!
//! Guarantee: every single substitution, adjacent swap, jump swap and twin is detected. About 1 in 11 double
//! substitutions slips through.

use super::iso7064;

/// The check characters in the order of their values.
pub(super) const SYMBOLS: &[u8; 11] = b"0123456789X";

/// The check value, below 11, of a body of digits' values.
pub(super) fn check(body: &[u8]) -> u8 {
    iso7064::pure_check(body, 11, 2)
}

#[cfg(test)]
mod tests {
    use crate::serial::check::probe::{Probe, every_word, vectors};
    use crate::serial::{Alphabet, CheckScheme};

    /// 0794 and 079 are the standard's example; two ORCIDs that ORCID's own documentation shows.
    #[test]
    fn published_numbers() {
        vectors(
            CheckScheme::Mod11_2,
            &[("0794", "0"), ("079", "X"), ("000000021825009", "7"), ("000000021694233", "X")],
        );
    }

    #[test]
    fn catches_substitutions_swaps_and_twins() {
        let probe = Probe::new(CheckScheme::Mod11_2, Alphabet::digits());
        for body in every_word(b"0123456789", 4) {
            let word = probe.codeword(&body);
            probe.assert_catches_substitutions(&word);
            probe.assert_catches_swaps(&word);
            probe.assert_catches_jump_swaps(&word);
            probe.assert_catches_twins(&word);
        }
    }
}
