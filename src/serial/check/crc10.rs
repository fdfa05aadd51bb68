//! CRC-10 as two symbols of a 32-symbol alphabet.
//!
//! CRC-10/CDMA2000 (polynomial 0x3D9, register preset to ones, so leading zeros count) over the values of the
//! symbols, one byte each; the high five bits are the first check symbol. Source of the parameters: 3GPP2
//! C.S0002, as catalogued by the CRC RevEng catalogue.
//!
//! Guarantee, up to 31 symbols: every single substitution, adjacent swap, jump swap and twin is detected.
//! About 1 in 1,000 double substitutions slips through, and about a third of single errors cannot be told
//! from another one; the default does both better at the same length.

use crc::{CRC_10_CDMA2000, Crc, Table};

const CRC: Crc<u16, Table<1>> = Crc::<u16, Table<1>>::new(&CRC_10_CDMA2000);

/// The two check values of a body of values below 32.
pub(super) fn check(body: &[u8]) -> [u8; 2] {
    let [high, low] = CRC.checksum(body).to_be_bytes();
    [high << 3 | low >> 5, low & 31]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serial::Alphabet;
    use crate::serial::CheckScheme;
    use crate::serial::check::probe::Probe;

    /// CRC RevEng catalogue: check of "123456789" is 0x233.
    #[test]
    fn catalogue_check_value() {
        assert_eq!(check(b"123456789"), [0x233_u16.to_be_bytes()[0] << 3 | 0x33 >> 5, 0x33 & 31]);
    }

    /// A CRC is affine: an error pattern that is caught in one word is caught in every word. All patterns of
    /// the guarantee, check symbols included, are tried on one word of the greatest length.
    #[test]
    fn catches_substitutions_swaps_and_twins() {
        let is_detected = |errors: &[usize], e: u8| {
            let mut body = [0; 29];
            let mut pair = check(&[0; 29]);
            for &place in errors {
                match place {
                    0..29 => body[place] ^= e,
                    _ => pair[place - 29] ^= e,
                }
            }
            check(&body) != pair
        };
        for e in 1..32 {
            for i in 0..31 {
                assert!(is_detected(&[i], e), "substitution");
                for j in [i + 1, i + 2].into_iter().filter(|&j| j < 31) {
                    assert!(is_detected(&[i, j], e), "swap and twin");
                }
            }
        }
    }

    #[test]
    fn about_one_in_a_thousand_double_substitutions_slips_through() {
        let probe = Probe::new(CheckScheme::Crc10, Alphabet::crockford32());
        let missed = probe.missed_double_substitutions(12);
        assert!((0.0002..0.002).contains(&missed), "{missed}");
    }
}
