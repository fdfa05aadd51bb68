//! A row of modules as one machine word; the leftmost module is the lowest bit.

use std::fmt::Debug;
use std::ops::{BitAnd, BitOr, BitXor, Not, Shl, Shr};

/// What placing and scoring need of a word. Bits beyond the symbol's width are 0 in stored rows.
pub(super) trait Row:
    Copy
    + Debug
    + Eq
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + BitXor<Output = Self>
    + Not<Output = Self>
    + Shl<u32, Output = Self>
    + Shr<u32, Output = Self>
{
    /// Modules that a word can hold.
    const BITS: u32;
    /// No module is dark.
    const LIGHT: Self;
    /// The lowest bit of a byte, as the leftmost module.
    fn from_bit(byte: u8) -> Self;
    /// As many dark modules as given, from the left.
    fn dark(modules: u32) -> Self;
    /// Dark modules.
    fn count(self) -> u32;
    /// Writes the modules with the leftmost as the highest bit of the first byte.
    fn write(self, bytes: &mut [u8]);
}

macro_rules! row {
    ($word:ty) => {
        impl Row for $word {
            const BITS: u32 = <$word>::BITS;
            const LIGHT: Self = 0;
            fn from_bit(byte: u8) -> Self {
                Self::from(byte & 1)
            }
            fn dark(modules: u32) -> Self {
                Self::MAX >> (<$word>::BITS - modules)
            }
            fn count(self) -> u32 {
                self.count_ones()
            }
            fn write(self, bytes: &mut [u8]) {
                for (to, from) in bytes.iter_mut().zip(self.reverse_bits().to_be_bytes()) {
                    *to = from;
                }
            }
        }
    };
}

row!(u64);
row!(u128);
