//! NIST FF1: a keyed permutation of exactly the numbers below radix^length.
//!
//! Source: NIST SP 800-38G, "Methods for Format-Preserving Encryption", algorithms 7 and 8; the least domain
//! of 10^6 is that of its revision 1. FF1 is a ten-round Feistel network over the two halves of a numeral
//! string, whose round function is a CBC-MAC over a fixed block, the tweak, the round and one half.
//!
//! Here the halves are `u64` numbers, so that no numeral strings are handled; whatever of the CBC-MAC is the
//! same for all numbers (the fixed block and the whole blocks of the tweak) is computed once, and a round is
//! a single AES call. Many numbers are permuted at once to keep the AES units busy.
//!
//! Not constant-time in the numbers (division), which are not secret here; the key is handled by AES alone.

use aes::cipher::{Array, BlockCipherEncrypt, consts::U16};

type Block = Array<u8, U16>;

const ROUNDS: u8 = 10;

/// Smallest domain: below, guessing by trial is easy (SP 800-38G Rev. 1, section 5.1).
pub const MIN_DOMAIN: u64 = 1_000_000;
/// Largest domain: numbers and their halves fit 63 bits.
pub const MAX_DOMAIN: u64 = 1 << 63;

/// How many numbers are permuted side by side: a multiple of what the AES units take at once.
pub const LANES: usize = 64;

/// Why a permutation cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DomainError {
    /// Fewer than 10^6 numbers.
    #[error(
        "{length} symbols of {radix} make {domain} numbers; a permutation needs at least 1,000,000: use more symbols"
    )]
    TooSmall {
        /// Size of the alphabet.
        radix: u32,
        /// Symbols.
        length: u32,
        /// radix^length.
        domain: u64,
    },
    /// More than 2^63 numbers.
    #[error("{length} symbols of {radix} make more than 2^63 numbers: use fewer symbols")]
    TooLarge {
        /// Size of the alphabet.
        radix: u32,
        /// Symbols.
        length: u32,
    },
    /// A tweak that is longer than any rule needs.
    #[error("the tweak has {length} bytes, at most 65,536 are possible")]
    TweakTooLong {
        /// Its length.
        length: usize,
    },
}

/// FF1 under one key, tweak, radix and length.
pub struct Ff1<C> {
    cipher: C,
    /// The CBC-MAC of all that precedes the last block, xored with the last block's own constant part.
    prefix: u128,
    halves: Halves,
}

/// The split of the numerals: u to the left, v to the right, n = u + v.
#[derive(Clone, Copy)]
struct Halves {
    /// radix^u and radix^v.
    modulus_left: u64,
    modulus_right: u64,
    /// b: bytes of the greater half in the last block.
    half_bytes: u32,
    /// d: bytes of the MAC that are used.
    mac_bytes: u32,
    /// Whether the radix is a power of two, so that a remainder is a mask.
    is_binary: bool,
}

impl<C: BlockCipherEncrypt<BlockSize = U16>> Ff1<C> {
    /// Prepares the permutation of the numbers below `radix`^`length`.
    ///
    /// # Errors
    /// [`DomainError`] unless 10^6 <= radix^length <= 2^63.
    pub fn new(cipher: C, tweak: &[u8], radix: u32, length: u32) -> Result<Self, DomainError> {
        match u64::from(radix).checked_pow(length) {
            Some(domain) if domain < MIN_DOMAIN => Err(DomainError::TooSmall { radix, length, domain }),
            Some(domain) if domain <= MAX_DOMAIN => Self::unbounded(cipher, tweak, radix, length),
            _ => Err(DomainError::TooLarge { radix, length }),
        }
    }

    /// [`Self::new`] for domains of which only the halves fit a `u64`: what NIST's longest samples need.
    fn unbounded(cipher: C, tweak: &[u8], radix: u32, length: u32) -> Result<Self, DomainError> {
        let tweak_length = u16::try_from(tweak.len()).map_err(|_| DomainError::TweakTooLong { length: tweak.len() })?;
        let (left, right) = (length / 2, length - length / 2);
        let too_large = DomainError::TooLarge { radix, length };
        let modulus_right =
            u64::from(radix).checked_pow(right).filter(|&modulus| modulus <= MAX_DOMAIN).ok_or(too_large)?;
        let half_bytes = (64 - (modulus_right - 1).leading_zeros()).div_ceil(8);
        let halves = Halves {
            modulus_left: u64::from(radix).pow(left),
            modulus_right,
            half_bytes,
            mac_bytes: 4 * half_bytes.div_ceil(4) + 4,
            is_binary: radix.is_power_of_two(),
        };

        // P, step 5 of algorithm 7.
        let [_, radix @ ..] = radix.to_be_bytes();
        let [.., left_low] = left.to_be_bytes();
        let mut first = Block::default();
        first[..3].copy_from_slice(&[1, 2, 1]);
        first[3..6].copy_from_slice(&radix);
        first[6..8].copy_from_slice(&[ROUNDS, left_low]);
        first[8..12].copy_from_slice(&length.to_be_bytes());
        first[12..].copy_from_slice(&u32::from(tweak_length).to_be_bytes());

        // Q, step 6i, with round and half left zero: they are xored in by each round.
        let variable = 1 + half_bytes as usize;
        let mut message = tweak.to_vec();
        message.resize((tweak.len() + variable).next_multiple_of(16), 0);
        let mut state = first;
        for block in message.chunks_exact(16) {
            cipher.encrypt_block(&mut state);
            state.iter_mut().zip(block).for_each(|(byte, &next)| *byte ^= next);
        }
        Ok(Self { cipher, prefix: u128::from_be_bytes(state.into()), halves })
    }

    /// The number that `number` becomes. `number` must be below the domain; what is not is reduced to it.
    pub fn encrypt(&self, number: u64) -> u64 {
        let mut numbers = [number];
        self.encrypt_all(&mut numbers);
        numbers[0]
    }

    /// The number that became `number`.
    pub fn decrypt(&self, number: u64) -> u64 {
        let (left, right) = self.halves.split(number);
        let (left, right) = self.decrypt_halves(left, right);
        self.halves.join(left, right)
    }

    /// [`Self::encrypt`] for many numbers in place, [`LANES`] side by side.
    pub fn encrypt_all(&self, numbers: &mut [u64]) {
        let mut left = [0; LANES];
        let mut right = [0; LANES];
        let mut blocks = [Block::default(); LANES];
        for numbers in numbers.chunks_mut(LANES) {
            let n = numbers.len();
            for (lane, &number) in numbers.iter().enumerate() {
                (left[lane], right[lane]) = self.halves.split(number);
            }
            self.encrypt_lanes(&mut left[..n], &mut right[..n], &mut blocks[..n]);
            for (lane, number) in numbers.iter_mut().enumerate() {
                *number = self.halves.join(left[lane], right[lane]);
            }
        }
    }

    /// Ten rounds: C = A + F(B), A = B, B = C.
    fn encrypt_lanes(&self, left: &mut [u64], right: &mut [u64], blocks: &mut [Block]) {
        for round in 0..ROUNDS {
            let constant = self.round_constant(round);
            for (block, &half) in blocks.iter_mut().zip(&*right) {
                *block = (constant ^ u128::from(half)).to_be_bytes().into();
            }
            self.cipher.encrypt_blocks(blocks);
            let modulus = self.halves.modulus_of_round(round);
            for ((left, right), block) in left.iter_mut().zip(&mut *right).zip(&*blocks) {
                let sum = *left + self.halves.residue(block, modulus);
                (*left, *right) = (*right, if sum >= modulus { sum - modulus } else { sum });
            }
        }
    }

    /// The rounds backwards: C = B, B = A, A = C - F(B).
    fn decrypt_halves(&self, mut left: u64, mut right: u64) -> (u64, u64) {
        for round in (0..ROUNDS).rev() {
            let mut block: Block = (self.round_constant(round) ^ u128::from(left)).to_be_bytes().into();
            self.cipher.encrypt_block(&mut block);
            let modulus = self.halves.modulus_of_round(round);
            let residue = self.halves.residue(&block, modulus);
            (left, right) = (if right >= residue { right - residue } else { right + modulus - residue }, left);
        }
        (left, right)
    }

    /// The last block's input but for the half: the prefix with the round's number before the half's bytes.
    fn round_constant(&self, round: u8) -> u128 {
        self.prefix ^ u128::from(round) << (8 * self.halves.half_bytes)
    }
}

impl Halves {
    fn split(&self, number: u64) -> (u64, u64) {
        (number / self.modulus_right % self.modulus_left, number % self.modulus_right)
    }

    fn join(&self, left: u64, right: u64) -> u64 {
        left * self.modulus_right + right
    }

    /// m of step 6v: even rounds change the left half of u numerals, odd ones that of v.
    fn modulus_of_round(&self, round: u8) -> u64 {
        if round.is_multiple_of(2) { self.modulus_left } else { self.modulus_right }
    }

    /// y mod radix^m, where y is the number in the first d bytes of the MAC.
    fn residue(&self, mac: &Block, modulus: u64) -> u64 {
        let number = u128::from_be_bytes((*mac).into()) >> (128 - 8 * self.mac_bytes);
        match u64::try_from(number) {
            _ if self.is_binary => low_bits(number) & (modulus - 1),
            Ok(number) => number % modulus,
            Err(_) => low_bits(number % u128::from(modulus)),
        }
    }
}

/// The low 64 bits.
fn low_bits(number: u128) -> u64 {
    let [.., a, b, c, d, e, f, g, h] = number.to_be_bytes();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests {
    use aes::cipher::KeyInit;
    use aes::{Aes128, Aes192, Aes256};
    use proptest::prelude::*;

    use super::*;

    /// The key of NIST's samples; AES-128 and AES-192 use its first 16 and 24 bytes.
    const KEY: [u8; 32] = [
        0x2B, 0x7E, 0x15, 0x16, 0x28, 0xAE, 0xD2, 0xA6, 0xAB, 0xF7, 0x15, 0x88, 0x09, 0xCF, 0x4F, 0x3C, 0xEF, 0x43,
        0x59, 0xD8, 0xD5, 0x80, 0xAA, 0x4F, 0x7F, 0x03, 0x6D, 0x6F, 0x04, 0xFC, 0x6A, 0x94,
    ];
    const TWEAK_10: &[u8] = b"9876543210";
    const TWEAK_36: &[u8] = b"7777pqrs777";

    fn number(numerals: &str, radix: u32) -> u64 {
        u64::from_str_radix(numerals, radix).unwrap()
    }

    fn assert_sample<C: BlockCipherEncrypt<BlockSize = U16>>(
        cipher: C,
        radix: u32,
        tweak: &[u8],
        plain: &str,
        coded: &str,
    ) {
        let length = u32::try_from(plain.len()).unwrap();
        let (a, b) = plain.split_at(plain.len() / 2);
        let (c, d) = coded.split_at(coded.len() / 2);
        let ff1 = Ff1::unbounded(cipher, tweak, radix, length).unwrap();
        let (mut left, mut right) = ([number(a, radix)], [number(b, radix)]);
        ff1.encrypt_lanes(&mut left, &mut right, &mut [Block::default()]);
        assert_eq!((left[0], right[0]), (number(c, radix), number(d, radix)), "{coded}");
        assert_eq!(ff1.decrypt_halves(left[0], right[0]), (number(a, radix), number(b, radix)));
    }

    /// The nine samples that NIST publishes with SP 800-38G ("FF1samples.pdf").
    #[test]
    fn nist_samples_1_to_9() {
        let (decimal, base36) = ("0123456789", "0123456789abcdefghi");
        let aes = || Aes128::new_from_slice(&KEY[..16]).unwrap();
        assert_sample(aes(), 10, b"", decimal, "2433477484");
        assert_sample(aes(), 10, TWEAK_10, decimal, "6124200773");
        assert_sample(aes(), 36, TWEAK_36, base36, "a9tv40mll9kdu509eum");
        let aes = || Aes192::new_from_slice(&KEY[..24]).unwrap();
        assert_sample(aes(), 10, b"", decimal, "2830668132");
        assert_sample(aes(), 10, TWEAK_10, decimal, "2496655549");
        assert_sample(aes(), 36, TWEAK_36, base36, "xbj3kv35jrawxv32ysr");
        let aes = || Aes256::new_from_slice(&KEY).unwrap();
        assert_sample(aes(), 10, b"", decimal, "6657667009");
        assert_sample(aes(), 10, TWEAK_10, decimal, "1001623463");
        assert_sample(aes(), 36, TWEAK_36, base36, "xs8a0azh2avyalyzuwd");
    }

    /// Not one number is lost or made twice in a whole domain of a million.
    #[test]
    fn exhaustive_bijection_of_six_digits() {
        let ff1 = Ff1::new(Aes256::new(&KEY.into()), b"tweak", 10, 6).unwrap();
        let mut numbers: Vec<u64> = (0..1_000_000).collect();
        ff1.encrypt_all(&mut numbers);
        for ordinal in (0..1_000_000).step_by(9_973) {
            assert_eq!(ff1.decrypt(numbers[usize::try_from(ordinal).unwrap()]), ordinal);
        }
        numbers.sort_unstable();
        assert!(numbers.iter().copied().eq(0..1_000_000));
    }

    #[test]
    fn domains_outside_the_limits_are_refused() {
        let new = |radix, length| Ff1::new(Aes256::new(&KEY.into()), b"", radix, length).map(|_| ());
        assert_eq!(new(10, 5), Err(DomainError::TooSmall { radix: 10, length: 5, domain: 100_000 }));
        assert_eq!(new(10, 6), Ok(()));
        assert_eq!(new(64, 10), Ok(()));
        assert_eq!(new(2, 63), Ok(()));
        assert_eq!(new(2, 64), Err(DomainError::TooLarge { radix: 2, length: 64 }));
        assert_eq!(new(64, 11), Err(DomainError::TooLarge { radix: 64, length: 11 }));
    }

    // Invariants:
    // - it is the function that the crate `fpe` computes on numeral strings, for every radix, length, tweak;
    // - decryption undoes encryption, and the result stays in the domain;
    // - many at once give what one by one gives.
    proptest! {
        #[test]
        fn agrees_with_fpe(key: [u8; 32], tweak in prop::collection::vec(any::<u8>(), 0..70), radix in 2_u32..=64, seed: u64, shrink in 0_u32..4) {
            let longest = (2..).take_while(|&n| u64::from(radix).checked_pow(n).is_some_and(|d| d <= MAX_DOMAIN)).last().unwrap();
            let shortest = (2..).find(|&n| u64::from(radix).pow(n) >= MIN_DOMAIN).unwrap();
            let length = (longest - shrink).max(shortest);
            let number = seed % u64::from(radix).pow(length);
            let ff1 = Ff1::new(Aes256::new(&key.into()), &tweak, radix, length).unwrap();
            let oracle = fpe::ff1::FF1::<Aes256>::new(&key, radix).unwrap();
            let numerals = numerals(number, radix, length);
            let expected = oracle.encrypt(&tweak, &fpe::ff1::FlexibleNumeralString::from(numerals)).unwrap();
            let expected = Vec::<u16>::from(expected).iter().fold(0, |n, &numeral| n * u64::from(radix) + u64::from(numeral));
            prop_assert_eq!(ff1.encrypt(number), expected);
            prop_assert_eq!(ff1.decrypt(expected), number);
        }

        #[test]
        fn many_at_once_are_one_by_one(radix in 2_u32..=64, first: u64, count in 0_usize..200) {
            let length = (2..).find(|&n| u64::from(radix).pow(n) >= MIN_DOMAIN).unwrap();
            let domain = u64::from(radix).pow(length);
            let ff1 = Ff1::new(Aes256::new(&KEY.into()), b"t", radix, length).unwrap();
            let before: Vec<u64> = (0..count).map(|i| first.wrapping_add(i as u64) % domain).collect();
            let mut after = before.clone();
            ff1.encrypt_all(&mut after);
            for (&before, &after) in before.iter().zip(&after) {
                prop_assert!(after < domain);
                prop_assert_eq!(ff1.encrypt(before), after);
                prop_assert_eq!(ff1.decrypt(after), before);
            }
        }
    }

    fn numerals(mut number: u64, radix: u32, length: u32) -> Vec<u16> {
        let mut numerals = vec![0; usize::try_from(length).unwrap()];
        for numeral in numerals.iter_mut().rev() {
            *numeral = u16::try_from(number % u64::from(radix)).unwrap();
            number /= u64::from(radix);
        }
        numerals
    }
}
