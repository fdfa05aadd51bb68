//! The agent's configuration: one TOML file, in which nothing that is not known is passed over.

mod address;
mod text;

pub use address::{Address, IppUri};
use serde::Deserialize;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest file of configuration, certificates or a token, in bytes.
const LONGEST_FILE: u64 = 1 << 20;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("{path} cannot be read: {error}", path = path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The text says something that cannot be meant.
    #[error("{path}{at}: {why}", path = path.display(), at = Line(*line))]
    Wrong {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1, where it is known.
        line: Option<usize>,
        /// What is wrong and what to write.
        why: String,
    },
}

struct Line(Option<usize>);

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |line| write!(f, ", line {line}"))
    }
}

/// A configuration that makes sense.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the server is, without a slash at the end.
    pub server: String,
    /// Folder of the journals.
    pub journal: PathBuf,
    /// Certificates to trust instead of those that browsers trust, as PEM.
    pub ca: Option<Vec<u8>>,
    /// The first wait after the server could not be reached; it doubles up to [`super::pace::LONGEST_WAIT`].
    pub backoff: Duration,
    /// How long a request for work may wait at the server, in seconds.
    pub wait_s: u32,
    /// The printers; no two have the same name.
    pub printers: Vec<Printer>,
}

/// A printer.
#[derive(Debug, Clone)]
pub struct Printer {
    /// Its name at the server.
    pub name: String,
    /// Its token.
    pub token: Token,
    /// How it is reached.
    pub driver: Driver,
    /// What confirms a label.
    pub confirm: Confirm,
    /// Labels sent at once.
    pub window: u32,
    /// How long things may take.
    pub patience: Patience,
}

/// How a printer is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Driver {
    /// ZPL over TCP.
    Raw(Address),
    /// PDF over IPP, to the printer's own URI.
    Ipp(IppUri),
    /// Files in a folder.
    Folder(PathBuf),
}

/// What confirms a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confirm {
    /// The printer says afterwards that it is idle and well.
    Status,
    /// Its label counter went up by exactly the labels sent.
    Counter,
    /// Nothing: every label is unconfirmed until a person says otherwise.
    None,
}

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// To connect to the printer.
    pub connect: Duration,
    /// For an answer of the printer, and for it to take bytes.
    pub answer: Duration,
    /// For labels to come out, after the last byte.
    pub confirm: Duration,
    /// Between two looks at a printer that does not print.
    pub retry: Duration,
    /// For a printer that stopped within a lease to go on, before its labels are given back.
    pub hold: Duration,
}

/// A token. Shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        match text.starts_with("npt_") && text.len() <= 200 && text.bytes().all(|b| b.is_ascii_graphic()) {
            true => Ok(Self(text.to_owned())),
            false => Err("a printer's token begins with npt_; an administrator issues it with the printer".into()),
        }
    }

    /// The value of the header that shows it to the server.
    pub(super) fn bearer(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("npt_(secret)")
    }
}

impl Config {
    /// Reads a file. Paths in it are relative to its folder.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the file and the line, and says what to write.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = read_file(path)?;
        let wrong = |line, why| ConfigError::Wrong { path: path.to_owned(), line, why };
        let text = String::from_utf8(text).map_err(|_| wrong(None, "it is not UTF-8 text".into()))?;
        let line = |at: usize| text.get(..at).map(|before| before.matches('\n').count() + 1);
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        let parsed: text::ConfigText = toml::from_str(&text).map_err(|error| {
            wrong(error.span().and_then(|span| line(span.start)), error.message().trim_end().to_owned())
        })?;
        text::understand(parsed, folder).map_err(|fault| match fault {
            text::Either::Fault(text::Fault(at, why)) => wrong(at.and_then(line), why),
            text::Either::File(error) => error,
        })
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, ConfigError> {
    use std::io::Read;
    let unreadable = |error| ConfigError::Unreadable { path: path.to_owned(), error };
    let mut bytes = Vec::new();
    std::fs::File::open(path).and_then(|file| file.take(LONGEST_FILE).read_to_end(&mut bytes)).map_err(unreadable)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
