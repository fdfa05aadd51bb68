//! ISO/IEC 7064 MOD 37-2: digits and capitals, one check character of `0`-`9`, `A`-`Z` and `*` (as in the
//! donation numbers of ISBT 128).
//!
//! Guarantee: every single substitution, adjacent swap, jump swap and twin is detected. About 1 in 37 double
//! substitutions slips through.

use super::iso7064;

/// The check characters in the order of their values.
pub(super) const SYMBOLS: &[u8; 37] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*";

/// The check value, below 37, of a body of values below 36.
pub(super) fn check(body: &[u8]) -> u8 {
    iso7064::pure_check(body, 37, 2)
}

#[cfg(test)]
mod tests {
    use crate::serial::check::probe::{Probe, every_word, vectors};
    use crate::serial::{Alphabet, CheckScheme};

    const ALL: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// A donation identification number as ISBT 128 documents print it.
    #[test]
    fn published_numbers() {
        vectors(CheckScheme::Mod37_2, &[("G123498654321", "H")]);
    }

    #[test]
    fn catches_substitutions_swaps_and_twins() {
        let probe = Probe::new(CheckScheme::Mod37_2, Alphabet::custom(ALL).unwrap());
        let short = every_word(ALL.as_bytes(), 2).map(|body| probe.codeword(&body));
        for word in short.chain(probe.sample_words(12, 200)) {
            probe.assert_catches_substitutions(&word);
            probe.assert_catches_swaps(&word);
            probe.assert_catches_jump_swaps(&word);
            probe.assert_catches_twins(&word);
        }
    }

    /// The row of the design table: 2.7 % of double substitutions.
    #[test]
    fn one_in_37_double_substitutions_slips_through() {
        let probe = Probe::new(CheckScheme::Mod37_2, Alphabet::crockford32());
        let missed = probe.missed_double_substitutions(12);
        assert!((0.020..0.034).contains(&missed), "{missed}");
    }
}
