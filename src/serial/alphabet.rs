//! The symbols that serials are written with, and how easily people confuse them.

use serde::{Deserialize, Serialize};

use crate::serial::SymbolSet;

/// Fewest symbols of an alphabet.
pub const MIN_SIZE: usize = 2;
/// Most symbols of an alphabet.
pub const MAX_SIZE: usize = 64;

/// Crockford's base 32: digits and capitals without I, L, O and U.
/// Source: Douglas Crockford, "Base 32", <https://www.crockford.com/base32.html>.
const CROCKFORD_32: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// The 32 check characters of GS1's alphanumeric keys: digits and capitals without 0, 1, I and O.
/// Source: GS1 General Specifications, section "Check character calculation (for alphanumeric keys)".
pub(super) const GS1_32: &[u8] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// The ten digits.
pub(super) const DIGITS: &[u8] = b"0123456789";

/// Punctuation that an alphabet may hold. The rest separates groups (`-`, space), marks an illegible symbol
/// (`?`), ends a printed prefix (`/ . : #`) or is structure in CSV, in shells and in a series' context.
const PUNCTUATION: &[u8] = b"!$%&*+@_~";

/// What is wrong with a custom alphabet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AlphabetError {
    /// Too few or too many symbols.
    #[error("an alphabet has 2 to 64 symbols, this one has {found}")]
    Size {
        /// How many symbols were given.
        found: usize,
    },
    /// The same symbol twice.
    #[error("'{symbol}' is in the alphabet twice")]
    Twice {
        /// The symbol.
        symbol: char,
    },
    /// A character that no serial may hold.
    #[error("{symbol:?} cannot be a symbol of a serial: use letters, digits and ! $ % & * + @ _ ~")]
    NotASymbol {
        /// The character.
        symbol: char,
    },
}

/// An ordered set of 2 to 64 distinct ASCII symbols; a symbol's index is its value as a numeral.
///
/// ```
/// # use nameplate::serial::Alphabet;
/// let alphabet = Alphabet::custom("0123456789ABCDEF")?;
/// assert_eq!(alphabet.index_of(b'F'), Some(15));
/// assert!(Alphabet::custom("AA").is_err());
/// # Ok::<(), nameplate::serial::AlphabetError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Alphabet {
    symbols: [u8; MAX_SIZE],
    size: u8,
    /// Index of each ASCII character; `NONE` where it is not a symbol.
    index: [u8; 128],
}

const NONE: u8 = u8::MAX;

impl Default for Alphabet {
    /// [`Alphabet::crockford32`].
    fn default() -> Self {
        Self::crockford32()
    }
}

impl Alphabet {
    /// `0123456789ABCDEFGHJKMNPQRSTVWXYZ`: the default. What is missing folds into what is there
    /// (O to 0, I and L to 1, U to V), and 32 symbols make the field that the best check schemes need.
    pub fn crockford32() -> Self {
        Self::of_distinct(CROCKFORD_32)
    }

    /// `23456789ABCDEFGHJKLMNPQRSTUVWXYZ`: GS1's set of 32 check characters.
    pub fn gs1_32() -> Self {
        Self::of_distinct(GS1_32)
    }

    /// `0123456789`.
    pub fn digits() -> Self {
        Self::of_distinct(DIGITS)
    }

    /// An alphabet of one's own.
    ///
    /// # Errors
    /// [`AlphabetError`] unless there are 2 to 64 symbols, all different, each a letter, a digit or one of
    /// `! $ % & * + @ _ ~`.
    pub fn custom(symbols: &str) -> Result<Self, AlphabetError> {
        let mut seen = SymbolSet::EMPTY;
        for symbol in symbols.chars() {
            match u8::try_from(symbol) {
                Ok(byte) if is_symbol(byte) && !seen.contains(byte) => seen = seen.with(byte),
                Ok(byte) if is_symbol(byte) => return Err(AlphabetError::Twice { symbol }),
                _ => return Err(AlphabetError::NotASymbol { symbol }),
            }
        }
        if !(MIN_SIZE..=MAX_SIZE).contains(&symbols.len()) {
            return Err(AlphabetError::Size { found: symbols.len() });
        }
        Ok(Self::of_distinct(symbols.as_bytes()))
    }

    /// `symbols` are at most 64 distinct ASCII bytes: constants of this file, or just checked.
    fn of_distinct(distinct: &[u8]) -> Self {
        let mut symbols = [0; MAX_SIZE];
        let mut index = [NONE; 128];
        let mut size = 0_u8;
        for &symbol in distinct {
            symbols[usize::from(size)] = symbol;
            index[usize::from(symbol)] = size;
            size += 1;
        }
        Self { symbols, size, index }
    }

    /// The symbols in order of their values.
    pub fn symbols(&self) -> &[u8] {
        &self.symbols[..self.size()]
    }

    /// How many symbols: 2 to 64.
    pub fn size(&self) -> usize {
        usize::from(self.size)
    }

    /// [`Self::size`] in its own type, for arithmetic without casts.
    pub(super) fn radix(&self) -> u8 {
        self.size
    }

    /// The value of a symbol, `None` for what is not in the alphabet. No folding.
    pub fn index_of(&self, symbol: u8) -> Option<u8> {
        self.index.get(usize::from(symbol)).copied().filter(|&index| index != NONE)
    }

    /// The symbol of a value, `None` from the alphabet's size on.
    pub fn symbol(&self, index: u8) -> Option<u8> {
        self.symbols().get(usize::from(index)).copied()
    }

    /// The symbols as a set.
    pub fn set(&self) -> SymbolSet {
        SymbolSet::of(self.symbols())
    }

    /// The alphabet without the symbols of `excluded`, the rest in the same order.
    ///
    /// # Errors
    /// [`AlphabetError::Size`] when fewer than two symbols stay.
    pub fn without(&self, excluded: &str) -> Result<Self, AlphabetError> {
        let kept: String = self
            .symbols()
            .iter()
            .map(|&symbol| char::from(symbol))
            .filter(|&symbol| !excluded.contains(symbol))
            .collect();
        Self::custom(&kept)
    }

    /// Which symbols of this alphabet people take for one another (requirement SER4).
    pub fn confusability(&self) -> Confusability {
        let mut pairs = Vec::new();
        let mut drop = SymbolSet::EMPTY;
        for (position, &first) in self.symbols().iter().enumerate() {
            for &second in &self.symbols()[position + 1..] {
                if are_confusable(first, second) {
                    let (kept, dropped) = if second.is_ascii_digit() { (second, first) } else { (first, second) };
                    pairs.push((char::from(kept), char::from(dropped)));
                    drop = drop.with(dropped);
                }
            }
        }
        Confusability { pairs, drop: drop.iter().map(char::from).collect() }
    }
}

impl std::fmt::Debug for Alphabet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let symbols: String = self.symbols().iter().map(|&symbol| char::from(symbol)).collect();
        write!(f, "Alphabet({symbols})")
    }
}

/// What [`Alphabet::confusability`] found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Confusability {
    /// Pairs that the alphabet holds both of, the one worth keeping (the digit) first.
    pub pairs: Vec<(char, char)>,
    /// The symbols to exclude so that no pair stays; what [`Alphabet::without`] takes.
    pub drop: String,
}

impl Confusability {
    /// A sentence for each pair, for the person who edits a rule.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        self.pairs.iter().map(|(kept, dropped)| {
            format!("'{kept}' and '{dropped}' are easily confused; only the check symbols can tell them apart")
        })
    }
}

/// Groups of symbols that look or, in the case of M and N, sound alike.
const CONFUSABLE: [&[u8]; 8] = [b"0O", b"1IL", b"5S", b"8B", b"2Z", b"6G", b"UV", b"MN"];

/// Whether two different symbols belong to one group of [`CONFUSABLE`], or differ only in case.
pub(super) fn are_confusable(a: u8, b: u8) -> bool {
    let (upper_a, upper_b) = (a.to_ascii_uppercase(), b.to_ascii_uppercase());
    a != b
        && (upper_a == upper_b || CONFUSABLE.iter().any(|group| group.contains(&upper_a) && group.contains(&upper_b)))
}

/// Whether a byte may be a symbol of an alphabet or of a literal.
pub(super) fn is_symbol(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || PUNCTUATION.contains(&byte)
}

/// How a rule names its alphabet: `"crockford32"`, `"gs1-32"`, `"digits"` or `{ custom = "ABC..." }`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlphabetSpec {
    /// [`Alphabet::crockford32`].
    #[default]
    Crockford32,
    /// [`Alphabet::gs1_32`].
    #[serde(rename = "gs1-32")]
    Gs1_32,
    /// [`Alphabet::digits`].
    Digits,
    /// [`Alphabet::custom`].
    Custom(String),
}

impl AlphabetSpec {
    /// The alphabet that is meant.
    ///
    /// # Errors
    /// [`AlphabetError`] for a custom alphabet that is none.
    pub fn resolve(&self) -> Result<Alphabet, AlphabetError> {
        match self {
            Self::Crockford32 => Ok(Alphabet::crockford32()),
            Self::Gs1_32 => Ok(Alphabet::gs1_32()),
            Self::Digits => Ok(Alphabet::digits()),
            Self::Custom(symbols) => Alphabet::custom(symbols),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_agree_in_both_directions() {
        for alphabet in [Alphabet::crockford32(), Alphabet::gs1_32(), Alphabet::digits()] {
            for byte in 0..=u8::MAX {
                let found = alphabet.index_of(byte).and_then(|index| alphabet.symbol(index));
                assert_eq!(found.is_some(), alphabet.symbols().contains(&byte));
                assert!(found.is_none_or(|symbol| symbol == byte));
            }
            assert_eq!(alphabet.symbol(u8::try_from(alphabet.size()).unwrap()), None);
        }
        assert_eq!(Alphabet::crockford32().size(), 32);
        assert_eq!(Alphabet::gs1_32().size(), 32);
    }

    /// SER4: the editor is warned about confusable characters.
    #[test]
    fn ser4_every_confusable_pair_is_reported() {
        let all = Alphabet::custom("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ").unwrap();
        let mut pairs = all.confusability().pairs;
        pairs.sort_unstable();
        let expected = [
            ('0', 'O'),
            ('1', 'I'),
            ('1', 'L'),
            ('2', 'Z'),
            ('5', 'S'),
            ('6', 'G'),
            ('8', 'B'),
            ('I', 'L'),
            ('M', 'N'),
            ('U', 'V'),
        ];
        assert_eq!(pairs, expected);
        let crockford: Vec<_> = Alphabet::crockford32().confusability().pairs;
        assert_eq!(crockford.len(), 5, "{crockford:?}");
        assert!(Alphabet::digits().confusability().pairs.is_empty());
        let mixed = Alphabet::custom("aA7").unwrap().confusability();
        assert_eq!(mixed.pairs, [('a', 'A')]);
    }

    /// SER4: and can exclude them.
    #[test]
    fn ser4_dropping_what_the_report_says_leaves_no_pair() {
        for alphabet in [Alphabet::crockford32(), Alphabet::gs1_32(), Alphabet::custom("OoIL1ab").unwrap()] {
            let report = alphabet.confusability();
            assert!(!report.drop.is_empty());
            let cleared = alphabet.without(&report.drop).unwrap();
            assert_eq!(cleared.confusability().pairs, []);
        }
    }

    #[test]
    fn what_is_no_alphabet_is_refused_with_the_symbol_named() {
        assert_eq!(Alphabet::custom("A"), Err(AlphabetError::Size { found: 1 }));
        assert_eq!(Alphabet::custom("ABA"), Err(AlphabetError::Twice { symbol: 'A' }));
        for symbol in ['-', ' ', '?', ';', '=', '/', '.', 'é', '\u{200b}', '\0'] {
            assert_eq!(Alphabet::custom(&format!("AB{symbol}")), Err(AlphabetError::NotASymbol { symbol }));
        }
        let every: String = (0..128).filter(|&b| is_symbol(b)).map(char::from).collect();
        assert_eq!(Alphabet::custom(&every), Err(AlphabetError::Size { found: 71 }));
        assert!(Alphabet::custom(&every[..64]).is_ok());
    }
}
