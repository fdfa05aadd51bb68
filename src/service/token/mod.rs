//! API tokens: their text form, what is stored of them, and what their bearer may do.
//!
//! ```text
//! npt_7K3M9QX2AB_ 52 symbols of secret  7 symbols of CRC-32
//! ^^^^ ^^^^^^^^^^  256 bit               over everything before
//! prefix public id, 50 bit
//! ```
//! Symbols are Crockford's base 32 (no I, L, O, U), upper case only: a token is copied, never typed. The prefix and
//! the checksum let a secret scanner, a log filter or a person recognise a token, and a broken copy, without a
//! database. Only the SHA-256 of the secret is ever stored; nothing here prints the secret except
//! [`ApiToken::reveal`].

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

mod scope;

pub use scope::{Principal, Scope, ScopeSet, UnknownScope};

/// What every token starts with; registered with secret scanners, so it never changes.
pub const TOKEN_PREFIX: &str = "npt_";
/// Random bytes that [`ApiToken::from_random`] needs: 7 for the id (50 of 56 bits are used), 32 for the secret.
pub const TOKEN_RANDOM_BYTES: usize = 39;
/// Length of a token's text, in characters.
pub const TOKEN_LENGTH: usize = SECRET_AT + SECRET_SYMBOLS + CRC_SYMBOLS;

const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ID_SYMBOLS: usize = 10;
const SECRET_SYMBOLS: usize = 52;
const CRC_SYMBOLS: usize = 7;
const ID_AT: usize = TOKEN_PREFIX.len();
const SECRET_AT: usize = ID_AT + ID_SYMBOLS + 1;
const ID_MASK: u64 = (1 << 50) - 1;
const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);

/// Why a text is not a token. None of these repeats any part of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The prefix is missing: most likely another system's secret.
    #[error("this is not a nameplate token: a token starts with `{TOKEN_PREFIX}`")]
    NotAToken,
    /// Cut off, or with something added.
    #[error("the token has {found} characters, a whole one has {TOKEN_LENGTH}: copy it again from start to end")]
    WrongLength {
        /// Characters found.
        found: usize,
    },
    /// A character that no token has (also: lower case, I, L, O, U).
    #[error("character {position} of the token cannot be part of a token: copy it again instead of typing it")]
    ForeignSymbol {
        /// Position in the text, from 1.
        position: usize,
    },
    /// Well-formed, but not as it was issued.
    #[error("the token was changed in copying (its checksum does not match): copy it again from where it was issued")]
    ChecksumMismatch,
}

/// The public part of a token: 50 bits, shown as 10 symbols. May be logged, listed and used to revoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenId(u64);

/// SHA-256 of a token's 32 secret bytes: the only trace of the secret that is stored.
#[derive(Clone, Copy)]
pub struct SecretHash([u8; 32]);

/// A whole token with its secret. `Debug` and `Display` show the id only.
#[derive(Clone)]
pub struct ApiToken {
    id: TokenId,
    secret: [u8; 32],
}

impl ApiToken {
    /// Makes a token from random bytes of a cryptographic source: the first 7 give the id, the others the secret.
    #[must_use]
    pub fn from_random(random: [u8; TOKEN_RANDOM_BYTES]) -> Self {
        let [a, b, c, d, e, f, g, secret @ ..] = random;
        Self { id: TokenId(u64::from_be_bytes([0, a, b, c, d, e, f, g]) & ID_MASK), secret }
    }

    /// The public id.
    #[must_use]
    pub fn id(&self) -> TokenId {
        self.id
    }

    /// What is stored instead of the secret. The secret has 256 random bits, so no slow hash is needed.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.secret).into())
    }

    /// The full text with the secret: to be shown once, when the token is issued, and never logged.
    #[must_use]
    pub fn reveal(&self) -> String {
        let mut text = String::with_capacity(TOKEN_LENGTH);
        text.push_str(TOKEN_PREFIX);
        push_symbols(&mut text, self.id.0, ID_SYMBOLS);
        text.push('_');
        for group in self.secret.chunks(5) {
            let (value, symbols) = group_value(group);
            push_symbols(&mut text, value, symbols);
        }
        let checksum = CRC.checksum(text.as_bytes());
        push_symbols(&mut text, u64::from(checksum), CRC_SYMBOLS);
        text
    }
}

impl FromStr for ApiToken {
    type Err = TokenError;

    /// Reads a token exactly as [`ApiToken::reveal`] wrote it; nothing is trimmed, folded or forgiven.
    ///
    /// # Errors
    /// [`TokenError`] says what is wrong without repeating any part of the text.
    ///
    /// ```
    /// use nameplate::service::token::{ApiToken, TokenError};
    ///
    /// let text = ApiToken::from_random([7; 39]).reveal();
    /// assert_eq!(text.parse::<ApiToken>().unwrap().id().to_string(), "R70W3GE1R7");
    ///
    /// let cut = &text[..60];
    /// assert_eq!(cut.parse::<ApiToken>().unwrap_err(), TokenError::WrongLength { found: 60 });
    /// ```
    fn from_str(text: &str) -> Result<Self, TokenError> {
        if !text.starts_with(TOKEN_PREFIX) {
            return Err(TokenError::NotAToken);
        }
        let bytes = text.as_bytes();
        if bytes.len() != TOKEN_LENGTH {
            return Err(TokenError::WrongLength { found: text.chars().count() });
        }
        if bytes[SECRET_AT - 1] != b'_' {
            return Err(TokenError::ForeignSymbol { position: SECRET_AT });
        }
        let id = read_symbols(bytes, ID_AT, ID_SYMBOLS)?;
        let secret = read_secret(bytes)?;
        let checksum = read_symbols(bytes, SECRET_AT + SECRET_SYMBOLS, CRC_SYMBOLS)?;
        if checksum != u64::from(CRC.checksum(&bytes[..SECRET_AT + SECRET_SYMBOLS])) {
            return Err(TokenError::ChecksumMismatch);
        }
        Ok(Self { id: TokenId(id), secret })
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{TOKEN_PREFIX}{}_(secret)", self.id)
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(ID_SYMBOLS);
        push_symbols(&mut text, self.0, ID_SYMBOLS);
        f.write_str(&text)
    }
}

impl FromStr for TokenId {
    type Err = TokenError;

    /// Reads the 10 symbols of an id, as listed or logged.
    ///
    /// # Errors
    /// [`TokenError::WrongLength`] or [`TokenError::ForeignSymbol`].
    fn from_str(text: &str) -> Result<Self, TokenError> {
        if text.len() != ID_SYMBOLS {
            return Err(TokenError::WrongLength { found: text.chars().count() });
        }
        read_symbols(text.as_bytes(), 0, ID_SYMBOLS).map(Self)
    }
}

impl SecretHash {
    /// Takes a stored hash back.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Compares in a time that does not depend on where the two differ.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(..)")
    }
}

/// Appends `value` as `symbols` symbols, most significant first.
fn push_symbols(text: &mut String, value: u64, symbols: usize) {
    for place in (0..symbols).rev() {
        let index = usize::try_from((value >> (5 * place)) & 31).unwrap_or(0);
        text.push(char::from(SYMBOLS[index]));
    }
}

/// Reads `symbols` symbols at byte `start` of `text`; positions in errors count from the start of `text`.
fn read_symbols(text: &[u8], start: usize, symbols: usize) -> Result<u64, TokenError> {
    text[start..start + symbols].iter().enumerate().try_fold(0_u64, |value, (offset, byte)| {
        let digit = SYMBOLS.iter().position(|symbol| symbol == byte);
        let digit = digit.ok_or(TokenError::ForeignSymbol { position: start + offset + 1 })?;
        Ok(value << 5 | digit as u64)
    })
}

/// Up to five bytes as a number of whole symbols: padded with zero bits at the end, as RFC 4648 section 6 does.
fn group_value(group: &[u8]) -> (u64, usize) {
    let symbols = (group.len() * 8).div_ceil(5);
    let value = group.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    (value << (symbols * 5 - group.len() * 8), symbols)
}

/// The 32 secret bytes; padding bits that are not zero are refused, so that one secret has one spelling.
fn read_secret(text: &[u8]) -> Result<[u8; 32], TokenError> {
    let mut secret = [0_u8; 32];
    let mut start = SECRET_AT;
    for group in secret.chunks_mut(5) {
        let symbols = (group.len() * 8).div_ceil(5);
        let padding = symbols * 5 - group.len() * 8;
        let value = read_symbols(text, start, symbols)?;
        if value & ((1 << padding) - 1) != 0 {
            return Err(TokenError::ForeignSymbol { position: start + symbols });
        }
        let whole = (value >> padding).to_be_bytes();
        group.copy_from_slice(&whole[8 - group.len()..]);
        start += symbols;
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    //! Invariants: 1. every token reads back as itself; 2. any one changed character is refused; 3. any two swapped
    //! neighbours that differ are refused; 4. no text whatever makes the parser panic; 5. neither an error nor a debug
    //! form shows four consecutive symbols of the secret.

    use super::*;
    use proptest::prelude::*;

    fn random() -> impl Strategy<Value = [u8; TOKEN_RANDOM_BYTES]> {
        proptest::collection::vec(any::<u8>(), TOKEN_RANDOM_BYTES)
            .prop_map(|bytes| <[u8; TOKEN_RANDOM_BYTES]>::try_from(bytes).unwrap())
    }

    fn shows_secret(shown: &str, text: &str) -> bool {
        let secret = &text.as_bytes()[SECRET_AT..SECRET_AT + SECRET_SYMBOLS];
        secret.windows(4).any(|part| shown.contains(std::str::from_utf8(part).unwrap()))
    }

    proptest! {
        #[test]
        fn every_token_reads_back_as_itself(bytes in random()) {
            let token = ApiToken::from_random(bytes);
            let text = token.reveal();
            prop_assert_eq!(text.len(), TOKEN_LENGTH);
            let back: ApiToken = text.parse().unwrap();
            prop_assert_eq!(back.id(), token.id());
            prop_assert!(back.hash().matches(&token.hash()));
            prop_assert_eq!(token.id().to_string().parse::<TokenId>().unwrap(), token.id());
        }

        #[test]
        fn one_changed_character_is_refused(bytes in random(), at in 0..TOKEN_LENGTH, other in "[ -~]") {
            let text = ApiToken::from_random(bytes).reveal();
            let mut changed = text.clone();
            changed.replace_range(at..=at, &other);
            prop_assume!(changed != text);
            prop_assert!(changed.parse::<ApiToken>().is_err());
        }

        #[test]
        fn swapped_neighbours_are_refused(bytes in random(), at in 0..TOKEN_LENGTH - 1) {
            let text = ApiToken::from_random(bytes).reveal();
            let mut swapped = text.clone().into_bytes();
            swapped.swap(at, at + 1);
            let swapped = String::from_utf8(swapped).unwrap();
            prop_assume!(swapped != text);
            prop_assert!(swapped.parse::<ApiToken>().is_err());
        }

        #[test]
        fn no_text_panics(text in "(npt_)?\\PC{0,90}") {
            let _ = text.parse::<ApiToken>();
            let _ = text.parse::<TokenId>();
        }

        #[test]
        fn nothing_shows_the_secret(bytes in random(), cut in 4..TOKEN_LENGTH) {
            let token = ApiToken::from_random(bytes);
            let text = token.reveal();
            let error = text[..cut].parse::<ApiToken>().unwrap_err();
            for shown in [format!("{token} {token:?} {:?}", token.hash()), format!("{error} {error:?}")] {
                // The id is public, and may by chance hold four symbols that the secret has, too.
                let shown = shown.replace(&token.id().to_string(), "");
                prop_assert!(!shows_secret(&shown, &text), "{}", shown);
            }
        }
    }

    #[test]
    fn the_text_form_never_changes() {
        // Computed with another program: big-endian bits in Crockford's symbols, CRC-32 as in zlib.
        let bytes: [u8; TOKEN_RANDOM_BYTES] = std::array::from_fn(|at| u8::try_from(at).unwrap());
        let token = ApiToken::from_random(bytes);
        assert_eq!(token.reveal(), "npt_01081G8186_0W40J2GB1G6GW3RG2491650N2RBHG68T3CE1T7GZ40GJ48S44MK005J8XKE");
        assert_eq!(token.to_string(), "npt_01081G8186_(secret)");
    }

    #[test]
    fn each_fault_has_its_own_error() {
        let text = ApiToken::from_random([0x5A; 39]).reveal();
        let fault = |text: &str| text.parse::<ApiToken>().unwrap_err();
        assert_eq!(fault("ghp_0123"), TokenError::NotAToken);
        assert_eq!(fault(&text[..40]), TokenError::WrongLength { found: 40 });
        assert_eq!(
            fault(&text.replacen('_', "-", 2).replacen('-', "_", 1)),
            TokenError::ForeignSymbol { position: 15 }
        );
        assert_eq!(fault(&text.to_lowercase()), TokenError::ForeignSymbol { position: 5 });
        let last = if text.ends_with('0') { '1' } else { '0' };
        assert_eq!(fault(&format!("{}{last}", &text[..TOKEN_LENGTH - 1])), TokenError::ChecksumMismatch);
    }

    #[test]
    fn padding_bits_must_be_zero() {
        let mut text = ApiToken::from_random([0; 39]).reveal();
        text.truncate(SECRET_AT + SECRET_SYMBOLS - 1);
        text.push('1');
        let checksum = CRC.checksum(text.as_bytes());
        push_symbols(&mut text, u64::from(checksum), CRC_SYMBOLS);
        assert_eq!(text.parse::<ApiToken>().unwrap_err(), TokenError::ForeignSymbol { position: 67 });
    }

    #[test]
    fn the_hash_is_sha_256_of_the_secret_bytes() {
        // FIPS 180-4, SHA-256 of 32 zero bytes.
        let hash = ApiToken::from_random([0; 39]).hash();
        assert_eq!(hash.as_bytes()[..4], [0x66, 0x68, 0x7a, 0xad]);
        assert!(!hash.matches(&ApiToken::from_random([1; 39]).hash()));
    }
}
