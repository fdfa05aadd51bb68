//! `nameplate print file`: this command is the printer, and its paper is a folder.

use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{note, write_file};
use crate::cli::progress::bar;
use crate::service::print::{LabelResult, LeaseRequest, Outcome as Became};
use crate::service::{Caller, Nameplate};
use std::io::Write;
use std::path::{Path, PathBuf};

/// How many labels go into one file.
const LABELS: u32 = 500;

/// Writes what waits for a printer into files, for printers that no agent serves
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Files are named by job, lease and labels. A file cannot confirm that anything came out of a printer: the
labels wait until somebody says so with `nameplate print settle`. They are not written a second time.

Examples:
  nameplate print file office -o labels/")]
pub(super) struct Args {
    /// Printer, with driver folder
    printer: String,
    /// Folder
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
}

impl Args {
    pub(super) async fn run(self, nameplate: &Nameplate) -> Outcome {
        let printer = nameplate.printer(&Caller::command_line(), &self.printer).await?;
        if serde_json::to_value(printer.settings.driver)? != "folder" {
            return Err(Failure::Usage(format!(
                "{} has another driver: its own agent takes its labels. Register one with --driver folder",
                self.printer
            )));
        }
        std::fs::create_dir_all(&self.output).map_err(|e| Failure::file(&self.output, "cannot be made", &e))?;
        let labels = to_files(nameplate, &self.printer, &self.output).await?;
        note(format_args!("{labels} labels written to {}", self.output.display()));
        if labels > 0 {
            note("look what came out, and say so: nameplate print list --unconfirmed, then print settle");
        }
        Ok(())
    }
}

/// Writes everything that waits for a printer. Answers how many labels that were.
pub(in crate::cli) async fn to_files(nameplate: &Nameplate, printer: &str, folder: &Path) -> Outcome<u64> {
    let caller = Caller::command_line();
    let waiting = nameplate.printer(&caller, printer).await?.waiting_labels;
    let progress = bar("writing labels", u64::try_from(waiting).unwrap_or(0));
    let request = LeaseRequest { max_labels: LABELS, wait_s: 0, status: None };
    let mut labels = 0;
    while let Some(lease) = nameplate.lease_labels(&caller, printer, &request).await? {
        let step = if lease.format == "png" { 1 } else { lease.labels };
        let mut first = 1;
        while first <= lease.labels {
            let last = (first + step - 1).min(lease.labels);
            let name = format!("{}-{}-{first}-{last}.{}", lease.job, lease.lease, lease.format);
            let served = nameplate.fetch_labels(&caller, &lease.lease, Some(first), Some(last)).await?;
            write_file(&folder.join(name), |file| file.write_all(&served.bytes))?;
            labels += last - first + 1;
            progress.set_position(labels);
            first = last + 1;
        }
        let note = Some("a file cannot confirm that it was printed".to_owned());
        let result = LabelResult { first: 1, last: lease.labels, outcome: Became::Unknown, evidence: None, note };
        nameplate.take_results(&caller, &lease.lease, &[result], None).await?;
    }
    progress.finish_and_clear();
    Ok(labels)
}
