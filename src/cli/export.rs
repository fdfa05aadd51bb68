//! `nameplate export`: the catalogue goes out, as it came in.

use super::failure::{Failure, Outcome};
use super::installation::Place;
use super::output::{stdout, write_file};
use crate::catalogue::{Catalogue, SourceFile};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes the whole catalogue as CSV files and logos, or as a workbook
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Importing what was exported changes nothing. A workbook has no logos; the folder has.

Examples:
  nameplate export catalogue/
  nameplate export --xlsx catalogue.xlsx
  nameplate export --force catalogue/ --xlsx catalogue.xlsx")]
pub(super) struct Args {
    /// Folder for the CSV files and logos
    #[arg(value_name = "FOLDER", required_unless_present = "xlsx")]
    folder: Option<PathBuf>,
    /// Workbook to write
    #[arg(long, value_name = "FILE")]
    xlsx: Option<PathBuf>,
    /// Overwrite files that are there
    #[arg(long)]
    force: bool,
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        if let Some(folder) = self.folder.as_deref().filter(|folder| is_file_name(folder)) {
            let name = folder.display();
            return Err(Failure::Usage(format!(
                "{name} looks like a file, and CSV files and logos go into a folder: nameplate export catalogue/. \
                 A workbook is written by nameplate export --xlsx catalogue.xlsx"
            )));
        }
        let catalogue = place.with(async |nameplate| Ok(nameplate.catalogue().await?)).await?;
        let files = self.files(&catalogue)?;
        if !self.force
            && let Some((path, _)) = files.iter().find(|(path, _)| path.exists())
        {
            let path = path.display();
            return Err(Failure::Failed(format!(
                "{path} is there already; nothing was written. --force overwrites it"
            )));
        }
        let mut out = stdout();
        for (path, bytes) in &files {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(|e| Failure::file(folder, "cannot be made", &e))?;
            }
            write_file(path, |file| file.write_all(bytes))?;
            writeln!(out, "{}", path.display())?;
        }
        Ok(out.flush()?)
    }

    /// All files with where they go.
    fn files(&self, catalogue: &Catalogue) -> Outcome<Vec<(PathBuf, Vec<u8>)>> {
        let within = |folder: &Path, SourceFile { name, bytes }| (folder.join(name), bytes);
        let mut files = match &self.folder {
            Some(folder) => catalogue.to_csv().into_iter().map(|file| within(folder, file)).collect(),
            None => Vec::new(),
        };
        if let Some(path) = &self.xlsx {
            files.push((path.clone(), catalogue.to_xlsx().map_err(Failure::failed)?));
        }
        Ok(files)
    }
}

/// Whether a folder's name was meant as a file's: it ends as one, and no such folder is there.
fn is_file_name(path: &Path) -> bool {
    let endings = ["xlsx", "xls", "csv", "zip"];
    let looks = path.extension().is_some_and(|e| endings.iter().any(|ending| e.eq_ignore_ascii_case(ending)));
    looks && !path.is_dir()
}
