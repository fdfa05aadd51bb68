//! Sets of ASCII symbols, and which characters people mistake for which.

use std::fmt;

/// A set of 7-bit ASCII characters, one bit each: what may stand at one position of a serial.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SymbolSet(u128);

impl SymbolSet {
    /// The empty set.
    pub const EMPTY: Self = Self(0);

    /// The set of the ASCII bytes in `symbols`; bytes of 128 and above are left out.
    pub fn of(symbols: &[u8]) -> Self {
        symbols.iter().fold(Self::EMPTY, |set, &symbol| set.with(symbol))
    }

    /// This set and one symbol more.
    pub const fn with(self, symbol: u8) -> Self {
        if symbol < 128 { Self(self.0 | 1 << symbol) } else { self }
    }

    /// Whether `symbol` is in the set.
    pub const fn contains(self, symbol: u8) -> bool {
        symbol < 128 && self.0 >> symbol & 1 == 1
    }

    /// What is in both sets.
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in either set.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether nothing is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many symbols the set holds.
    pub const fn size(self) -> u32 {
        self.0.count_ones()
    }

    /// The symbols in ASCII order.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (0..128).filter(move |&symbol| self.contains(symbol))
    }

    /// The symbol of this set that somebody meant by typing `typed`, if that is beyond doubt.
    ///
    /// In this order: the symbol itself; its other case; the one look-alike of [`look_alike_class`]. Where
    /// the set holds several look-alikes (a set with both `0` and `O`), nothing is guessed.
    ///
    /// ```
    /// # use nameplate::serial::SymbolSet;
    /// let digits = SymbolSet::of(b"0123456789");
    /// assert_eq!(digits.fold(b'o'), Some(b'0'));
    /// assert_eq!(digits.fold(b'B'), None); // 8 or 6 or 3? The check symbols shall say
    /// ```
    pub fn fold(self, typed: u8) -> Option<u8> {
        if self.contains(typed) {
            return Some(typed);
        }
        let other_case = typed ^ 0x20;
        if typed.is_ascii_alphabetic() && self.contains(other_case) {
            return Some(other_case);
        }
        let class = look_alike_class(typed)?;
        let mut members = self.iter().filter(|&symbol| look_alike_class(symbol) == Some(class));
        match (members.next(), members.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }

    /// The set with every symbol replaced by what it is confused with at worst: upper case, `O` as `0`,
    /// `I` and `L` as `1`, `U` as `V`. Two sets whose images do not meet share no input under [`Self::fold`].
    pub fn folded_conservatively(self) -> Self {
        self.iter().fold(Self::EMPTY, |set, symbol| {
            let upper = symbol.to_ascii_uppercase();
            set.with(look_alike_class(upper).unwrap_or(upper))
        })
    }
}

/// What reading or typing turns into one another without anybody noticing: `0 O`, `1 I L`, `U V`, in either
/// case. The class is named by the symbol that the default alphabet keeps; `None` for everything else.
pub const fn look_alike_class(symbol: u8) -> Option<u8> {
    match symbol {
        b'0' | b'O' | b'o' => Some(b'0'),
        b'1' | b'I' | b'i' | b'L' | b'l' => Some(b'1'),
        b'U' | b'u' | b'V' | b'v' => Some(b'V'),
        _ => None,
    }
}

/// Ranges of three or more neighbours are shortened: `0-9A-HJ`.
impl fmt::Display for SymbolSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut symbol = 0_u8;
        while symbol < 128 {
            if !self.contains(symbol) {
                symbol += 1;
                continue;
            }
            let first = symbol;
            while self.contains(symbol + 1) {
                symbol += 1;
            }
            write!(f, "{}", char::from(first))?;
            match symbol - first {
                0 => {}
                1 => write!(f, "{}", char::from(symbol))?,
                _ => write!(f, "-{}", char::from(symbol))?,
            }
            symbol += 1;
        }
        Ok(())
    }
}

impl fmt::Debug for SymbolSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SymbolSet({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_prefers_the_symbol_itself_and_never_guesses_between_two() {
        let both = SymbolSet::of(b"0O1V");
        assert_eq!(both.fold(b'O'), Some(b'O'));
        assert_eq!(both.fold(b'o'), Some(b'O'));
        assert_eq!(both.fold(b'l'), Some(b'1'));
        assert_eq!(both.fold(b'u'), Some(b'V'));
        assert_eq!(SymbolSet::of(b"UV").fold(b'u'), Some(b'U'));
        assert_eq!(SymbolSet::of(b"1L").fold(b'I'), None);
        assert_eq!(both.fold(200), None);
    }

    #[test]
    fn sets_print_as_ranges() {
        assert_eq!(SymbolSet::of(b"0123456789ABCDEFGHJKLMN").to_string(), "0-9A-HJ-N");
        assert_eq!(SymbolSet::of(b"AB9").to_string(), "9AB");
    }

    #[test]
    fn whatever_two_sets_both_fold_meets_in_their_conservative_images() {
        let sets: [&[u8]; 6] = [b"0123456789", b"OQ", b"L2", b"UW", b"VX", b"abcIO"];
        for a in sets.map(SymbolSet::of) {
            for b in sets.map(SymbolSet::of) {
                let images = a.folded_conservatively().intersection(b.folded_conservatively());
                for typed in 0..128 {
                    assert!(!(a.fold(typed).is_some() && b.fold(typed).is_some() && images.is_empty()));
                }
            }
        }
    }
}
