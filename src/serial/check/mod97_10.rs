//! ISO/IEC 7064 MOD 97-10: digits, two check digits (as in the LEI and, with letters as numbers, the IBAN).
//!
//! Guarantee: every single wrong digit, adjacent swap, jump swap and twin is detected. About 1 in 97 double
//! substitutions slips through. Check digits are 02 to 98; 00, 01 and 99 are never valid.

use super::iso7064;

/// The two check values of a body of digits' values.
pub(super) fn check(body: &[u8]) -> [u8; 2] {
    // The recursion has multiplied by 10 once; the second check digit's place is one more.
    let residue = iso7064::pure_residue(body, 97, 10) * 10 % 97;
    let check = 98 - residue;
    [(check / 10).to_be_bytes()[3], (check % 10).to_be_bytes()[3]]
}

#[cfg(test)]
mod tests {
    use crate::serial::check::probe::{Probe, every_word, vectors};
    use crate::serial::{Alphabet, CheckScheme};

    /// 794 is the standard's example; the other number is of widely used validators' documentation.
    #[test]
    fn published_numbers() {
        vectors(CheckScheme::Mod97_10, &[("794", "44"), ("99991234567890121414", "90")]);
    }

    #[test]
    fn catches_substitutions_swaps_and_twins() {
        let probe = Probe::new(CheckScheme::Mod97_10, Alphabet::digits());
        for body in every_word(b"0123456789", 4) {
            let word = probe.codeword(&body);
            probe.assert_catches_substitutions(&word);
            probe.assert_catches_swaps(&word);
            probe.assert_catches_jump_swaps(&word);
            probe.assert_catches_twins(&word);
        }
    }
}
