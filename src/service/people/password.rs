//! Passwords: what is accepted (NIST SP 800-63B section 5.1.1: length, no rules of composition, nothing easily guessed),
//! and how they are kept (Argon2id, RFC 9106, with the parameters that OWASP gives for servers: 19 MiB, 2 passes).

use crate::service::{ServiceError, random};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::collections::BTreeSet;
use tokio::sync::Semaphore;

/// Fewest characters.
pub const SHORTEST: usize = 12;
/// Most characters: enough for a sentence, little enough to hash.
pub const LONGEST: usize = 200;
/// Memory of one hash, KiB.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// How many are hashed at once: each takes 19 MiB and a core for some tens of milliseconds.
static TURNS: Semaphore = Semaphore::const_new(2);

/// A password that may be set. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// Why a password may not be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too short.
    #[error("a password needs at least {SHORTEST} characters; three or four unrelated words are good")]
    TooShort,
    /// Too long.
    #[error("a password may have at most {LONGEST} characters")]
    TooLong,
    /// Few different characters, or a row of the keyboard.
    #[error("this password is guessed within seconds; three or four unrelated words are good")]
    TooPlain,
    /// Holds the own name or address, or the name of this program.
    #[error("a password must not hold your name, your address or the word nameplate")]
    Personal,
}

/// What people type who were told to type twelve characters.
const PLAIN: [&str; 8] =
    ["1234567890", "qwertyuiop", "qwertzuiop", "abcdefghij", "password", "passwort", "letmein", "asdfghjkl"];

impl Password {
    /// Accepts a password for somebody with this address and name.
    ///
    /// # Errors
    /// [`PasswordError`] says what is wrong with it.
    ///
    /// ```
    /// use nameplate::service::people::{Password, PasswordError};
    /// assert!(Password::new("seven quiet lanterns", "a@example.com", "Ada").is_ok());
    /// assert_eq!(Password::new("hunter2", "a@example.com", "Ada"), Err(PasswordError::TooShort));
    /// ```
    pub fn new(text: &str, email: &str, name: &str) -> Result<Self, PasswordError> {
        let length = text.chars().count();
        if length < SHORTEST {
            return Err(PasswordError::TooShort);
        }
        if length > LONGEST {
            return Err(PasswordError::TooLong);
        }
        let folded = text.to_lowercase();
        let different: BTreeSet<char> = folded.chars().collect();
        if different.len() < 6 || PLAIN.iter().any(|plain| folded.contains(plain)) {
            return Err(PasswordError::TooPlain);
        }
        let own = email.split('@').next().into_iter().chain(name.split_whitespace()).chain(["nameplate"]);
        if own.map(str::to_lowercase).any(|own| own.chars().count() >= 4 && folded.contains(&own)) {
            return Err(PasswordError::Personal);
        }
        Ok(Self(text.to_owned()))
    }

    /// The hash to be kept, in PHC form with its parameters and a random salt.
    ///
    /// # Errors
    /// [`ServiceError::Unexpected`] when the system gives no random bytes.
    pub async fn hash(self) -> Result<String, ServiceError> {
        let salt = random::<16>()?;
        let hash = move || {
            let hash = hasher()?.hash_password_with_salt(self.0.as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|e| e.to_string())
        };
        in_turn(hash).await?.map_err(ServiceError::Unexpected)
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(..)")
    }
}

fn hasher() -> Result<Argon2<'static>, String> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|e| e.to_string())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Whether a text is the password of a hash. Without a hash it takes the same time and answers no, so that nobody can tell
/// by the clock which addresses have an account.
///
/// # Errors
/// [`ServiceError::Unexpected`] for a defect.
pub async fn is_password(text: &str, hash: Option<&str>) -> Result<bool, ServiceError> {
    if text.chars().count() > LONGEST {
        return Ok(false);
    }
    let (text, hash) = (text.to_owned(), hash.map(str::to_owned));
    let check = move || -> Result<bool, String> {
        let Some(hash) = hash else {
            hasher()?.hash_password_with_salt(text.as_bytes(), b"no such account.").map_err(|e| e.to_string())?;
            return Ok(false);
        };
        let parsed = PasswordHash::new(&hash).map_err(|e| e.to_string())?;
        Ok(hasher()?.verify_password(text.as_bytes(), &parsed).is_ok())
    };
    in_turn(check).await?.map_err(ServiceError::Unexpected)
}

async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ServiceError> {
    let turn = TURNS.acquire().await.map_err(|e| ServiceError::Unexpected(e.to_string()))?;
    let done = tokio::task::spawn_blocking(work).await.map_err(|e| ServiceError::Unexpected(e.to_string()))?;
    drop(turn);
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_first_is_refused() {
        let refusal = |text: &str| Password::new(text, "lindqvist@borealis.example", "Astrid Lindqvist").err();
        assert_eq!(refusal("correct horse battery"), None);
        assert_eq!(refusal("盛夏的七盏安静的灯笼与海风"), None, "any script counts by its characters");
        assert_eq!(refusal("elevenchars"), Some(PasswordError::TooShort));
        assert_eq!(refusal(&"ab".repeat(101)), Some(PasswordError::TooLong));
        assert_eq!(refusal("aaaaaaaaaaaaaaa"), Some(PasswordError::TooPlain));
        assert_eq!(refusal("My-Password-2026"), Some(PasswordError::TooPlain));
        assert_eq!(refusal("astrid and the fox"), Some(PasswordError::Personal));
        assert_eq!(refusal("nameplate-rules!"), Some(PasswordError::Personal));
    }

    #[tokio::test]
    async fn a_hash_opens_for_its_password_only_and_never_repeats() {
        let password = Password::new("seven quiet lanterns", "a@b.example", "Ada").unwrap();
        let (one, two) = (password.clone().hash().await.unwrap(), password.hash().await.unwrap());
        assert_ne!(one, two);
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert!(is_password("seven quiet lanterns", Some(&one)).await.unwrap());
        assert!(!is_password("seven quiet lantern", Some(&one)).await.unwrap());
        assert!(!is_password("seven quiet lanterns", None).await.unwrap());
        assert!(!is_password(&"x".repeat(1_000_000), Some(&one)).await.unwrap());
    }
}
