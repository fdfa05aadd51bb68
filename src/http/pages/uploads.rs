//! Files between their dry run and the click that takes them: kept in memory, for one person, for a short time.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;

use crate::catalogue::SourceFile;
use crate::service::{ServiceError, random};

/// How long files wait.
const WAIT: Duration = Duration::from_secs(15 * 60);
/// Most bytes of all people's files together.
const BYTES: usize = 64 * 1024 * 1024;

/// What somebody has uploaded and not yet confirmed. A second upload takes the place of the first.
#[derive(Debug, Default)]
pub struct Uploads(Mutex<Vec<Waiting>>);

#[derive(Debug)]
struct Waiting {
    user: i64,
    token: String,
    until: Instant,
    files: Vec<SourceFile>,
}

impl Waiting {
    fn bytes(&self) -> usize {
        self.files.iter().map(|file| file.bytes.len()).sum()
    }
}

impl Uploads {
    /// Keeps files; answers the word that gives them back. Should there be too many, those that wait longest are given up.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn keep(&self, user: i64, files: Vec<SourceFile>) -> Result<String, ServiceError> {
        let token = HEXLOWER.encode(&random::<16>()?);
        let now = Instant::now();
        let kept = Waiting { user, token: token.clone(), until: now + WAIT, files };
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|other| other.user != user && other.until > now);
        waiting.push(kept);
        while waiting.len() > 1 && waiting.iter().map(Waiting::bytes).sum::<usize>() > BYTES {
            waiting.remove(0);
        }
        Ok(token)
    }

    /// The files, if they still wait. They stay, so that a failure in taking them loses nothing.
    #[must_use]
    pub fn look(&self, user: i64, token: &str) -> Option<Vec<SourceFile>> {
        let now = Instant::now();
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = waiting.iter().find(|kept| kept.user == user && kept.token == token && kept.until > now);
        own.map(|kept| kept.files.clone())
    }

    /// Gives the files of somebody up.
    pub fn drop_of(&self, user: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|kept| kept.user != user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: usize) -> Vec<SourceFile> {
        vec![SourceFile { name: "skus.csv".into(), bytes: vec![b'x'; bytes] }]
    }

    #[test]
    fn files_are_given_back_to_whoever_sent_them() {
        let uploads = Uploads::default();
        let token = uploads.keep(1, file(3)).unwrap();
        assert_eq!(uploads.look(1, &token), Some(file(3)));
        assert_eq!(uploads.look(1, &token), Some(file(3)), "as often as needed");
        assert_eq!(uploads.look(2, &token), None, "nobody else's");
        assert_eq!(uploads.look(1, ""), None);
        let newer = uploads.keep(1, file(4)).unwrap();
        assert_eq!((uploads.look(1, &token), uploads.look(1, &newer)), (None, Some(file(4))));
        uploads.drop_of(1);
        assert_eq!(uploads.look(1, &newer), None);
    }

    #[test]
    fn memory_ends_and_the_oldest_goes_first() {
        let uploads = Uploads::default();
        let tokens: Vec<String> = (0..5).map(|user| uploads.keep(user, file(BYTES / 4)).unwrap()).collect();
        assert_eq!(uploads.look(0, &tokens[0]), None);
        assert!((1..5).all(|user| uploads.look(user, &tokens[usize::try_from(user).unwrap()]).is_some()));
    }
}
