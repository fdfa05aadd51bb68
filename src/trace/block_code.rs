//! The public name of a block.

use serde::Serialize;
use std::fmt;

/// Crockford's symbols: no I, L, O, U, so that a code read out on the telephone survives.
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const PREFIX: &str = "BLK-";
pub(super) const LENGTH: usize = 16;

/// The public name of a block: `BLK-` and 16 Crockford base-32 symbols (80 random bits).
///
/// Random, not counted: block names must not tell how many blocks there are, and a database restored from an older
/// backup must not give an old name to a new block.
///
/// ```
/// use nameplate::trace::BlockCode;
/// let code = BlockCode::from_random([0; 10]);
/// assert_eq!(code.as_str(), "BLK-0000000000000000");
/// assert_eq!(BlockCode::parse("blk 0000-0000-0000-000o"), Ok(code));
/// assert!(BlockCode::parse("BLK-1234").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct BlockCode(String);

/// Why a text is not a [`BlockCode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BlockCodeError {
    /// It does not begin as such a code does.
    #[error("such a code begins with {0}")]
    Prefix(&'static str),
    /// The wrong number of symbols after the prefix.
    #[error("such a code has {expected} characters after its first three letters, this has {found}")]
    Length {
        /// How many it should have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// A character that no code has.
    #[error("the character {0:?} does not occur in such codes")]
    Symbol(char),
}

impl BlockCode {
    /// The code made of 80 random bits.
    #[must_use]
    pub fn from_random(bytes: [u8; 10]) -> Self {
        Self(encoded(PREFIX, &bytes))
    }

    /// Reads a code as people type it: any case, spaces and hyphens anywhere, O for 0, I and L for 1.
    ///
    /// # Errors
    /// [`BlockCodeError`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, BlockCodeError> {
        decoded(PREFIX, LENGTH, text).map(Self)
    }

    /// The code as it is stored and printed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Random bytes behind a prefix, five bits a symbol.
pub(super) fn encoded(prefix: &str, bytes: &[u8]) -> String {
    let mut code = String::with_capacity(prefix.len() + bytes.len() * 8 / 5);
    code.push_str(prefix);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            code.push(char::from(SYMBOLS[(bits >> held & 31) as usize]));
        }
    }
    code
}

/// A code as people type it, with so many symbols after its prefix, in its stored form.
pub(super) fn decoded(prefix: &'static str, expected: usize, text: &str) -> Result<String, BlockCodeError> {
    let folded: String =
        text.chars().filter(|c| !matches!(c, ' ' | '-')).map(|c| c.to_ascii_uppercase()).take(64).collect();
    let rest = folded.strip_prefix(prefix.trim_end_matches('-')).ok_or(BlockCodeError::Prefix(prefix))?;
    let found = rest.chars().count();
    if found != expected {
        return Err(BlockCodeError::Length { expected, found });
    }
    let mut code = String::from(prefix);
    for c in rest.chars() {
        let c = match c {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        };
        if !u8::try_from(c).is_ok_and(|b| SYMBOLS.contains(&b)) {
            return Err(BlockCodeError::Symbol(c));
        }
        code.push(c);
    }
    Ok(code)
}

impl fmt::Display for BlockCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(BlockCode::parse("7K3M"), Err(BlockCodeError::Prefix("BLK-")));
        assert_eq!(BlockCode::parse("BLK-"), Err(BlockCodeError::Length { expected: 16, found: 0 }));
        assert_eq!(BlockCode::parse("BLK-000000000000000U"), Err(BlockCodeError::Symbol('U')));
    }

    proptest! {
        #[test]
        fn every_code_reads_back(bytes: [u8; 10]) {
            let code = BlockCode::from_random(bytes);
            prop_assert_eq!(BlockCode::parse(&code.as_str().to_ascii_lowercase()), Ok(code));
        }
    }
}
