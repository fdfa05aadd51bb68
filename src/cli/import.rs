//! `nameplate import`: catalogue files come in.

use super::failure::{Failure, Outcome};
use super::installation::Place;
use super::output::{note, print_json, stdout};
use super::progress::spinner;
use crate::catalogue::{Limits, SourceFile};
use crate::service::import_catalogue::Imported;
use crate::service::{Caller, ServiceError};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// How deep folders are looked into: the tables, and the logos beneath them.
const DEEPEST: usize = 4;

/// Imports a catalogue: CSV files (UTF-8, comma or semicolon), a workbook, logos
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A folder holds brands.csv, products.csv, skus.csv, sku_aliases.csv, sku_revisions.csv,
batches.csv, batch_attributes.csv and logos/*.png, as many of them as there are; a workbook
has the same names as sheets. Everything is checked first: with one fault, nothing is
imported and every fault is printed with file, row and column. Running it again changes
nothing. What the files leave out is not deleted; a missing column is a fault where a known
row has a value in it, and an empty cell deletes the value. What issued units refer to (their
revision, their batch's product and date) cannot be changed.

Examples:
  nameplate import catalogue/
  nameplate import --dry-run skus.csv
  nameplate import --json catalogue.xlsx")]
pub(super) struct Args {
    /// Folder, CSV file or XLSX workbook
    #[arg(value_name = "FOLDER|FILE")]
    path: PathBuf,
    /// Check everything and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the figures or the faults as JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        let files = read(&self.path)?;
        let done = place
            .with(async |nameplate| {
                let spinner = spinner(format!("checking {}", self.path.display()));
                let caller = Caller::command_line();
                let done = match self.dry_run {
                    true => nameplate.try_catalogue(&caller, &files).await,
                    false => nameplate.import_catalogue(&caller, &files).await,
                };
                spinner.finish_and_clear();
                Ok(done)
            })
            .await?;
        match done {
            Ok(imported) => self.print(&imported),
            Err(ServiceError::Catalogue(faults)) => self.print_faults(&faults),
            Err(error) => Err(error.into()),
        }
    }

    fn print(&self, imported: &Imported) -> Outcome {
        if self.json {
            return print_json(&serde_json::json!({
                "imported": !self.dry_run, "changes": imported.changes, "tables": imported.tables,
            }));
        }
        let mut out = stdout();
        for count in &imported.tables {
            let (table, added, changed, unchanged) = (count.table, count.added, count.changed, count.unchanged);
            writeln!(out, "{table:<17} {added:>8} added {changed:>8} changed {unchanged:>8} unchanged")?;
        }
        match (imported.changes, self.dry_run) {
            (0, _) => writeln!(out, "nothing to change: all of it is known already")?,
            (n, true) => writeln!(out, "no faults; {n} changes would be made, none was (--dry-run)")?,
            (n, false) => writeln!(out, "{n} changes made")?,
        }
        Ok(out.flush()?)
    }

    fn print_faults(&self, faults: &[String]) -> Outcome {
        if self.json {
            print_json(&serde_json::json!({ "imported": false, "faults": faults }))?;
            return Err(Failure::Found);
        }
        for fault in faults {
            note(fault);
        }
        Err(Failure::Failed("the catalogue has the faults above; nothing was imported".into()))
    }
}

/// Reads the file, or the files of a folder with their names inside it. Stops before memory fills up.
fn read(path: &Path) -> Outcome<Vec<SourceFile>> {
    let mut reader = Reader { files: Vec::new(), left_bytes: Limits::default().bytes as u64 };
    let metadata = fs::metadata(path).map_err(|e| Failure::file(path, "cannot be read", &e))?;
    if metadata.is_dir() {
        reader.folder(path, "", 1)?;
        reader.files.sort_by(|a, b| a.name.cmp(&b.name));
    } else {
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        reader.file(path, name)?;
    }
    Ok(reader.files)
}

struct Reader {
    files: Vec<SourceFile>,
    left_bytes: u64,
}

impl Reader {
    fn folder(&mut self, folder: &Path, prefix: &str, depth: usize) -> Outcome {
        let failed = |e: std::io::Error| Failure::file(folder, "cannot be read", &e);
        for entry in fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let base = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
            if base.starts_with('.') {
                continue;
            }
            let name = format!("{prefix}{base}");
            if !path.is_dir() {
                self.file(&path, name)?;
            } else if depth < DEEPEST {
                self.folder(&path, &format!("{name}/"), depth + 1)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, name: String) -> Outcome {
        let failed = |e: std::io::Error| Failure::file(path, "cannot be read", &e);
        let metadata = fs::metadata(path).map_err(failed)?;
        if !metadata.is_file() {
            return Err(Failure::Failed(format!("{} is neither a file nor a folder", path.display())));
        }
        self.left_bytes = self.left_bytes.checked_sub(metadata.len()).ok_or_else(|| {
            let limit_mb = Limits::default().bytes / 1_000_000;
            Failure::Failed(format!(
                "{} makes the import larger than {limit_mb} MB: import it in parts",
                path.display()
            ))
        })?;
        self.files.push(SourceFile { name, bytes: fs::read(path).map_err(failed)? });
        Ok(())
    }
}
