//! The key file: what must never be in the database or its backups.
//!
//! It holds the key of the serial permutation and the Ed25519 keys that sign receipts. Whoever has it can tell how many
//! serials were issued and can forge receipts; whoever loses it can no longer issue in the same rules. So it lies
//! beside the database, readable by its owner only, and is backed up apart from it.

use crate::serial::PermutationKey;
use crate::trace::VerifyingKeys;
use data_encoding::HEXLOWER;
use ed25519_dalek::SigningKey;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The file's name in the data folder.
pub const KEY_FILE: &str = "nameplate.keys";

const FORMAT: u32 = 1;

/// The keys of one installation, in memory. `Debug` shows none of them.
pub struct Keys {
    database: String,
    permutation: [u8; 32],
    signing: SigningKey,
    verifying: VerifyingKeys,
}

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The database is in use already, but there is no key file.
    #[error(
        "the key file {0} is missing. It was made together with the database and cannot be made anew: \
         put it back from its backup"
    )]
    Missing(PathBuf),
    /// Others on this machine could read it.
    #[error("the key file {path} can be read by others (mode {mode:03o}). Run: chmod 600 {path}")]
    TooOpen {
        /// Where it is.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It is not what we wrote.
    #[error("the key file {path} is damaged: {reason}")]
    Damaged {
        /// Where it is.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// It belongs to another database.
    #[error(
        "the key file {path} belongs to database {file}, but this is database {database}: use the key file that was made with it"
    )]
    Foreign {
        /// Where it is.
        path: PathBuf,
        /// The database that the file names.
        file: String,
        /// The database that is open.
        database: String,
    },
    /// The file system refused.
    #[error("the key file {path} cannot be read or written: {source}")]
    Io {
        /// Where it is.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    format: u32,
    database: String,
    permutation: String,
    /// Seeds; the last one signs, the others only verify receipts that are already out.
    signing: Vec<String>,
}

impl Keys {
    /// Reads the key file; `Ok(None)` when there is none.
    ///
    /// # Errors
    /// [`KeyError::TooOpen`], [`KeyError::Damaged`], [`KeyError::Io`].
    pub fn load(folder: &Path) -> Result<Option<Self>, KeyError> {
        let path = folder.join(KEY_FILE);
        let io = |source| KeyError::Io { path: path.clone(), source };
        let metadata = match fs::metadata(&path) {
            Ok(metadata) => metadata,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(io(e)),
        };
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyError::TooOpen { path, mode });
        }
        let text = fs::read_to_string(&path).map_err(io)?;
        Self::parse(&text).map(Some).map_err(|reason| KeyError::Damaged { path, reason })
    }

    /// Makes a key file from 80 random bytes: 16 name the database, 32 key the permutation, 32 sign.
    ///
    /// # Errors
    /// [`KeyError::Io`], also when a file is there already.
    pub fn create(folder: &Path, random: &[u8; 80]) -> Result<Self, KeyError> {
        let path = folder.join(KEY_FILE);
        let file = KeyFile {
            format: FORMAT,
            database: HEXLOWER.encode(&random[..16]),
            permutation: HEXLOWER.encode(&random[16..48]),
            signing: vec![HEXLOWER.encode(&random[48..])],
        };
        let damaged = |reason: String| KeyError::Damaged { path: path.clone(), reason };
        let body = toml::to_string(&file).map_err(|e| damaged(e.to_string()))?;
        let text = format!(
            "# The keys of one nameplate installation. Keep a copy apart from the database's backups, and show it to nobody.\n{body}"
        );
        write_new(&path, text.as_bytes()).map_err(|source| KeyError::Io { path: path.clone(), source })?;
        Self::parse(&text).map_err(damaged)
    }

    fn parse(text: &str) -> Result<Self, String> {
        // The parser's own message would quote the line, and the line is a secret.
        let file: KeyFile = toml::from_str(text).map_err(|_| "it is not the TOML that nameplate writes".to_owned())?;
        if file.format != FORMAT {
            return Err(format!("its format is {}, this program knows {FORMAT}", file.format));
        }
        let key = |hex: &str| -> Result<[u8; 32], String> {
            let bytes = HEXLOWER.decode(hex.as_bytes()).map_err(|_| "a key is not hexadecimal".to_owned())?;
            bytes.try_into().map_err(|_| "a key does not have 32 bytes".to_owned())
        };
        let signing: Vec<SigningKey> =
            file.signing.iter().map(|hex| key(hex).map(|k| SigningKey::from_bytes(&k))).collect::<Result<_, _>>()?;
        let verifying = VerifyingKeys::new(signing.iter().map(SigningKey::verifying_key));
        let signing = signing.into_iter().next_back().ok_or("there is no signing key")?;
        Ok(Self { database: file.database, permutation: key(&file.permutation)?, signing, verifying })
    }

    /// Which database these keys were made for.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The key of the serial permutation.
    #[must_use]
    pub fn permutation(&self) -> PermutationKey {
        PermutationKey(self.permutation)
    }

    /// The key that signs receipts.
    #[must_use]
    pub fn signing(&self) -> &SigningKey {
        &self.signing
    }

    /// The keys whose receipts count as ours.
    #[must_use]
    pub fn verifying(&self) -> &VerifyingKeys {
        &self.verifying
    }

    /// The secret of somebody's one-time codes: 160 bits, as RFC 4226 section 4 asks for. It is computed, so that neither the
    /// database nor its backups hold it.
    #[must_use]
    pub fn one_time_codes(&self, user: i64, salt: &str) -> Vec<u8> {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.permutation) else { return Vec::new() };
        mac.update(b"nameplate one-time codes");
        mac.update(&user.to_be_bytes());
        mac.update(salt.as_bytes());
        mac.finalize().into_bytes()[..20].to_vec()
    }

    /// A fingerprint of the permutation key, kept in the database: another key would issue other serials for ordinals
    /// that were issued already.
    #[must_use]
    pub fn permutation_check(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(b"nameplate permutation check");
        hasher.update(self.permutation);
        HEXLOWER.encode(&hasher.finalize()[..8])
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("database", &self.database).finish_non_exhaustive()
    }
}

/// Writes a new file that only its owner can read, durable before this returns.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    match path.parent() {
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_reads_back_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Keys::load(folder.path()).unwrap().is_none());
        // The first 16 bytes name the database, which is no secret.
        let random: [u8; 80] = std::array::from_fn(|at| if at < 16 { 1 } else { 9 });
        let made = Keys::create(folder.path(), &random).unwrap();
        let read = Keys::load(folder.path()).unwrap().unwrap();
        assert_eq!(made.database(), read.database());
        assert_eq!(made.permutation_check(), read.permutation_check());
        assert!(Keys::create(folder.path(), &[8; 80]).is_err(), "an existing key file is never overwritten");
        assert!(!format!("{read:?}").contains("0909090909"), "Debug must not show keys");
    }

    #[test]
    fn a_world_readable_or_damaged_key_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        Keys::create(folder.path(), &[9; 80]).unwrap();
        let path = folder.path().join(KEY_FILE);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(Keys::load(folder.path()), Err(KeyError::TooOpen { mode: 0o644, .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "format = 1\npermutation = \"c0ffee\"").unwrap();
        let error = Keys::load(folder.path()).unwrap_err();
        assert!(matches!(error, KeyError::Damaged { .. }));
        assert!(!error.to_string().contains("c0ffee"), "an error must not quote a key");
    }
}
