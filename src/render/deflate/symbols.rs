//! Lengths and distances as symbols with extra bits (RFC 1951, 3.2.5).

/// The shortest repeat.
pub const MIN_LENGTH: usize = 3;
/// The longest repeat.
pub const MAX_LENGTH: usize = 258;
/// How far back a repeat may reach.
pub const MAX_DISTANCE: usize = 32_768;
/// Symbols of literals, the end of a block, and lengths.
pub const LITERAL_SYMBOLS: usize = 286;
/// Symbols of distances.
pub const DISTANCE_SYMBOLS: usize = 30;
/// The end of a block.
pub const END: usize = 256;

/// A symbol and the bits that follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extra {
    /// The symbol.
    pub symbol: usize,
    /// Value of the bits behind it.
    pub bits: u32,
    /// How many they are.
    pub count: u32,
}

/// The symbol of a length from 3 to 258.
pub fn length_symbol(length: usize) -> Extra {
    match length - MIN_LENGTH {
        255 => Extra { symbol: 285, bits: 0, count: 0 },
        short @ 0..8 => Extra { symbol: 257 + short, bits: 0, count: 0 },
        // From here on four symbols share a count of extra bits.
        long => split(long, 2, 257 + 4),
    }
}

/// The symbol of a distance from 1 to 32,768.
#[inline(always)]
pub fn distance_symbol(distance: usize) -> Extra {
    match distance - 1 {
        near @ 0..4 => Extra { symbol: near, bits: 0, count: 0 },
        // From here on two symbols share a count of extra bits.
        far => split(far, 1, 2),
    }
}

/// Keeps the highest bit and `kept` bits behind it for the symbol; the rest is extra.
#[inline(always)]
fn split(value: usize, kept: u32, first: usize) -> Extra {
    let count = value.ilog2() - kept;
    let group = usize::try_from(count).unwrap_or(0) << kept;
    let symbol = first + group + (value >> count) - (1 << kept);
    Extra { symbol, bits: u32::try_from(value & ((1 << count) - 1)).unwrap_or(0), count }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The tables of RFC 1951, 3.2.5: extra bits and the first length or distance of each symbol.
    const LENGTHS: [(u32, usize); 29] = [
        (0, 3),
        (0, 4),
        (0, 5),
        (0, 6),
        (0, 7),
        (0, 8),
        (0, 9),
        (0, 10),
        (1, 11),
        (1, 13),
        (1, 15),
        (1, 17),
        (2, 19),
        (2, 23),
        (2, 27),
        (2, 31),
        (3, 35),
        (3, 43),
        (3, 51),
        (3, 59),
        (4, 67),
        (4, 83),
        (4, 99),
        (4, 115),
        (5, 131),
        (5, 163),
        (5, 195),
        (5, 227),
        (0, 258),
    ];
    const DISTANCES: [usize; 30] = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
        6145, 8193, 12289, 16385, 24577,
    ];

    #[test]
    fn lengths_have_the_symbols_of_the_standard() {
        for length in MIN_LENGTH..=MAX_LENGTH {
            let at = LENGTHS.iter().rposition(|(_, first)| *first <= length).unwrap();
            let (count, first) = LENGTHS[at];
            let bits = u32::try_from(length - first).unwrap();
            assert_eq!(length_symbol(length), Extra { symbol: 257 + at, bits, count }, "{length}");
        }
    }

    #[test]
    fn distances_have_the_symbols_of_the_standard() {
        for distance in 1..=MAX_DISTANCE {
            let symbol = DISTANCES.iter().rposition(|first| *first <= distance).unwrap();
            let bits = u32::try_from(distance - DISTANCES[symbol]).unwrap();
            let count = u32::try_from(symbol / 2).unwrap().saturating_sub(1);
            assert_eq!(distance_symbol(distance), Extra { symbol, bits, count }, "{distance}");
        }
    }
}
