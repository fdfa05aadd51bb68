//! Documents as files in a folder, for whatever takes them from there. A folder cannot confirm.

use super::super::journal::sync_folder_of;
use super::{Hold, Sent, Window};
use crate::print::status::{PrinterStatus, State};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A folder that takes documents.
#[derive(Debug)]
pub(in super::super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Looks whether the folder is there. It is not made: a share that is not mounted is not a place for labels.
    pub(super) fn prepare(&self) -> Result<PrinterStatus, Hold> {
        match fs::metadata(&self.path) {
            Ok(meta) if meta.is_dir() => Ok(PrinterStatus { state: State::Ready, ..PrinterStatus::default() }),
            Ok(_) => Err(self.hold("it is not a folder")),
            Err(error) => Err(self.hold(&error.to_string())),
        }
    }

    /// Puts a document into the folder, whole or not at all.
    pub(super) fn print(&self, window: &Window<'_>) -> Sent {
        let Window { job, lease, span, format, document } = window;
        let name = format!("{job}-{lease}-{}-{}.{}", span.first, span.last, format.ending());
        let path = self.path.join(&name);
        let fresh = self.path.join(format!(".{name}.part"));
        match place(&fresh, &path, document) {
            Ok(()) => Sent::unknown("a folder cannot confirm"),
            Err(Placing::Before(error)) => {
                let _ = fs::remove_file(&fresh);
                Sent::Nothing(format!("{} cannot be written: {error}", path.display()))
            }
            Err(Placing::After(error)) => {
                Sent::unknown(format!("{} is perhaps there, perhaps not: {error}", path.display()))
            }
        }
    }

    fn hold(&self, why: &str) -> Hold {
        Hold::of(PrinterStatus::unreachable(format!("the folder {} cannot be used: {why}", self.path.display())))
    }
}

/// What went wrong: certainly before the file had its name, or perhaps after.
enum Placing {
    Before(io::Error),
    After(io::Error),
}

fn place(fresh: &Path, path: &Path, document: &[u8]) -> Result<(), Placing> {
    let written = File::create(fresh).and_then(|mut file| {
        file.write_all(document)?;
        file.sync_all()
    });
    written.map_err(Placing::Before)?;
    // A share may rename and lose the answer: then the file is there, and taken.
    fs::rename(fresh, path).and_then(|()| sync_folder_of(path)).map_err(Placing::After)
}
