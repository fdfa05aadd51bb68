//! Luhn modulo N: doubled values are folded to the sum of their two base-N digits. N is the alphabet's size,
//! so that over the digits this is the Luhn check digit of bank cards and IMEIs.
//! Source: ISO/IEC 7812-1, annex B (N = 10); its generalisation to any even N is common practice.
//!
//! Guarantee: every single substitution is detected, and every adjacent swap but that of the first and the
//! last symbol of the alphabet (09 for 90). Every jump swap slips through, and of twins a few.

/// The check value of a body of values below `modulus`, which is even.
pub(super) fn check(body: &[u8], modulus: u8) -> u8 {
    let modulus = u32::from(modulus);
    let sum: u32 = body
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &value)| {
            let weighted = u32::from(value) * if place % 2 == 0 { 2 } else { 1 };
            weighted / modulus + weighted % modulus
        })
        .sum();
    let check = (modulus - sum % modulus) % modulus;
    check.to_be_bytes()[3]
}

#[cfg(test)]
mod tests {
    use crate::serial::check::probe::{Probe, every_word, vectors};
    use crate::serial::{Alphabet, CheckScheme};

    /// The example of the standard's annex as commonly printed, an IMEI of 3GPP's documents, a test card.
    #[test]
    fn published_numbers() {
        vectors(CheckScheme::Luhn, &[("7992739871", "3"), ("49015420323751", "8"), ("411111111111111", "1")]);
    }

    #[test]
    fn all_substitutions_and_all_swaps_but_first_with_last() {
        for symbols in ["0123456789", "0123456789ABCDEF", "AB"] {
            let probe = Probe::new(CheckScheme::Luhn, Alphabet::custom(symbols).unwrap());
            let ends = [symbols.as_bytes()[0], symbols.as_bytes()[symbols.len() - 1]];
            for body in every_word(symbols.as_bytes(), 3) {
                let word = probe.codeword(&body);
                probe.assert_catches_substitutions(&word);
                for i in 0..word.len() - 1 {
                    let mut swapped = word.clone();
                    swapped.swap(i, i + 1);
                    let pair = [word[i], word[i + 1]];
                    let slips = pair[0] == pair[1] || pair == ends || pair == [ends[1], ends[0]];
                    assert_eq!(probe.is_valid(&swapped), slips);
                }
            }
        }
    }

    /// The row of the design table for N = 32: 2 of 32 * 31 ordered pairs, .20 %.
    #[test]
    fn modulo_32_misses_one_swap_in_496() {
        let probe = Probe::new(CheckScheme::Luhn, Alphabet::crockford32());
        let mut missed = 0;
        for pair in every_word(Alphabet::crockford32().symbols(), 2).filter(|pair| pair[0] != pair[1]) {
            let word = probe.codeword(&[b"7K", &pair[..], b"3"].concat());
            let swapped = [b"7K", &[pair[1], pair[0]][..], &word[4..]].concat();
            missed += u32::from(probe.is_valid(&swapped));
        }
        assert_eq!(missed, 2);
    }
}
