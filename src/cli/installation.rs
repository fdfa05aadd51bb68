//! Which installation a command works on.

use super::failure::{Failure, Outcome};
use crate::service::{Clock, Nameplate, Settings};
use crate::store::Database;
use clap::Args;
use std::path::{Path, PathBuf};

/// The data folder, unless told otherwise.
const DATA: &str = "nameplate-data";

/// Where the installation is.
#[derive(Debug, Clone, Args)]
pub(super) struct Place {
    /// Data folder [default: nameplate-data]; where labels are drawn of rows: their CSV file, or -
    #[arg(long, global = true, value_name = "DIR", env = "NAMEPLATE_DATA", help_heading = "Installation")]
    pub(super) data: Option<PathBuf>,
    /// Database: postgres://.. or a SQLite file [default: nameplate.db in the data folder]
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "NAMEPLATE_DATABASE_URL",
        hide_env_values = true,
        help_heading = "Installation"
    )]
    pub(super) database: Option<String>,
}

impl Place {
    /// An installation with SQLite in this folder, whatever the environment says.
    pub(super) fn folder(data: PathBuf) -> Self {
        Self { data: Some(data), database: None }
    }

    /// The data folder.
    pub(super) fn data(&self) -> &Path {
        self.data.as_deref().unwrap_or(Path::new(DATA))
    }

    /// How to open it.
    pub(super) fn settings(&self) -> Settings {
        let settings = Settings::in_folder(self.data());
        match &self.database {
            Some(text) => Settings { database: Database::parse(text), ..settings },
            None => settings,
        }
    }

    /// Opens it, and makes it first if `create` says so and it is not there.
    pub(super) async fn open(&self, create: bool) -> Outcome<Nameplate> {
        self.open_as(create, false).await
    }

    /// Opens it, also as a new node of a database that others use (`join`).
    pub(super) async fn open_as(&self, create: bool, join: bool) -> Outcome<Nameplate> {
        let settings = Settings { create, join, ..self.settings() };
        Ok(Nameplate::open(&settings, Clock::System).await?)
    }

    /// Opens it, does `work`, and closes it.
    pub(super) async fn with<T>(&self, work: impl AsyncFnOnce(&Nameplate) -> Outcome<T>) -> Outcome<T> {
        let nameplate = self.open(false).await?;
        let done = work(&nameplate).await;
        nameplate.close().await;
        done
    }
}

/// Reads a small text file that the user named; `-` is standard input.
pub(super) fn read_text(path: &Path, longest_bytes: u64) -> Outcome<String> {
    let bytes = read_bytes(path, longest_bytes)?;
    String::from_utf8(bytes).map_err(|_| Failure::Failed(format!("{} is not UTF-8 text", path.display())))
}

/// Reads a small file that the user named; `-` is standard input.
pub(super) fn read_bytes(path: &Path, longest_bytes: u64) -> Outcome<Vec<u8>> {
    use std::io::Read;
    let failed = |error: std::io::Error| Failure::file(path, "cannot be read", &error);
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(longest_bytes + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(longest_bytes + 1).read_to_end(&mut bytes))
    };
    if read.map_err(failed)? as u64 > longest_bytes {
        return Err(Failure::Failed(format!("{} is longer than {longest_bytes} bytes", path.display())));
    }
    Ok(bytes)
}
