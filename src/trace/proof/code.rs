//! The public name of a proof.

use crate::trace::block_code::{BlockCodeError, decoded, encoded};
use std::fmt;

/// Symbols after the prefix.
const LENGTH: usize = 8;

/// The public name of a proof: `PRF-` and 8 Crockford base-32 symbols (40 random bits). Short, since buyers and planners
/// say it on the telephone; it opens nothing, since who may see a proof is decided by its brand.
///
/// ```
/// use nameplate::trace::ProofCode;
/// assert_eq!(ProofCode::parse("prf 0000-000o"), Ok(ProofCode::from_random([0; 5])));
/// assert!(ProofCode::parse("JOB-0000000000000000").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProofCode(String);

impl ProofCode {
    /// The code made of 40 random bits.
    #[must_use]
    pub fn from_random(bytes: [u8; 5]) -> Self {
        Self(encoded("PRF-", &bytes))
    }

    /// Reads a code as people type it: any case, spaces and hyphens anywhere, O for 0, I and L for 1.
    ///
    /// # Errors
    /// [`BlockCodeError`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, BlockCodeError> {
        decoded("PRF-", LENGTH, text).map(Self)
    }

    /// The code as it is stored and printed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProofCode {
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
        assert_eq!(ProofCode::parse("PRF-7K3M"), Err(BlockCodeError::Length { expected: 8, found: 4 }));
        assert_eq!(ProofCode::parse("7K3M9XQ2"), Err(BlockCodeError::Prefix("PRF-")));
        assert_eq!(ProofCode::parse("PRF-7K3M9XQU"), Err(BlockCodeError::Symbol('U')));
    }

    proptest! {
        #[test]
        fn every_code_reads_back(bytes: [u8; 5]) {
            let code = ProofCode::from_random(bytes);
            prop_assert_eq!(ProofCode::parse(&code.as_str().to_ascii_lowercase()), Ok(code));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,30}") {
            let _ = ProofCode::parse(&text);
        }
    }
}
