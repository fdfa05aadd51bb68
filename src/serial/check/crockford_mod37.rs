//! Crockford's check symbol: the number modulo 37, written with the 32 symbols and `* ~ $ = U`.
//! Source: Douglas Crockford, "Base 32", <https://www.crockford.com/base32.html>.
//!
//! Guarantee: every single substitution, adjacent swap, jump swap and twin is detected, as 37 is a prime and
//! no low power of 32 is 1 or -1 modulo 37. About 1 in 37 double substitutions slips through. The check
//! symbols `*`, `~`, `$` and `=` are awkward on the telephone and in Code 39.

/// The check symbols in the order of their values.
pub(super) const SYMBOLS: &[u8; 37] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";

/// The check value, below 37, of a body of values below 32.
pub(super) fn check(body: &[u8]) -> u8 {
    let remainder = body.iter().fold(0_u32, |number, &value| (number * 32 + u32::from(value)) % 37);
    remainder.to_be_bytes()[3]
}

#[cfg(test)]
mod tests {
    use crate::serial::check::probe::{Probe, vectors};
    use crate::serial::{Alphabet, CheckScheme};

    /// 1234 = 16J, 1234 mod 37 = 13 = D; and 32 = 10, 36 = 14, whose remainders need the extra symbols.
    #[test]
    fn worked_numbers() {
        vectors(CheckScheme::CrockfordMod37, &[("16J", "D"), ("10", "*"), ("14", "U"), ("0", "0")]);
    }

    #[test]
    fn no_single_error_swap_or_twin_vanishes_modulo_37() {
        let power = |i: u32| (0..i).fold(1_i32, |p, _| p * 32 % 37);
        for i in 0..30 {
            for difference in 1..32 {
                assert_ne!(difference * power(i) % 37, 0);
                for j in [i + 1, i + 2] {
                    assert_ne!(difference * (power(i) - power(j)) % 37, 0, "swap");
                    assert_ne!(difference * (power(i) + power(j)) % 37, 0, "twin");
                }
            }
        }
    }

    #[test]
    fn a_swap_of_last_and_check_symbol_is_caught_too() {
        let probe = Probe::new(CheckScheme::CrockfordMod37, Alphabet::crockford32());
        for word in probe.sample_words(11, 300) {
            probe.assert_catches_substitutions(&word);
            probe.assert_catches_swaps(&word);
            probe.assert_catches_jump_swaps(&word);
        }
    }
}
