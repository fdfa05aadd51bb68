//! `nameplate recover`: lets allocation go on after a restored backup.

use super::failure::{Failure, Outcome};
use super::installation::{Place, read_text};
use super::output::{note, print_json, stdout};
use crate::service::Clock;
use crate::service::recover::{DEFAULT_MARGIN, Recovered, Recovery, recover};
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;

/// A file of receipts: a few hundred bytes each.
const LONGEST_FILE: u64 = 16 << 20;

/// What has to be typed to go on.
const CONFIRMATION: &str = "recover";

/// Makes it safe to issue serials again after a restored backup or a lossy failover
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Stop every server first, and collect the witness files of all nodes and the receipts that
stations hold. Every counter then jumps beyond whatever any of them knows, and --margin
further for what nobody remembers. --new-epoch also begins a new epoch in rules that have
one: no serial of it can be an old one. The reason goes into the audit chain.

Examples:
  nameplate recover --reason 'disk failed, restored the backup of Monday'
  nameplate recover --reason 'failover' --witness node-b/witness.log --receipt receipts.txt --yes
  nameplate recover --reason 'witness lost' --margin 1000000 --new-epoch --yes")]
pub(super) struct Args {
    /// Why
    #[arg(long)]
    reason: String,
    /// Witness file of another node; can be given many times
    #[arg(long, value_name = "FILE")]
    witness: Vec<PathBuf>,
    /// File with receipts, one a line; can be given many times
    #[arg(long, value_name = "FILE")]
    receipt: Vec<PathBuf>,
    /// How many serials to jump beyond what is known
    #[arg(long, value_name = "N", default_value_t = DEFAULT_MARGIN)]
    margin: u64,
    /// Begin a new epoch in rules that have one
    #[arg(long)]
    new_epoch: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        let mut receipts = Vec::new();
        for path in &self.receipt {
            let text = read_text(path, LONGEST_FILE)?;
            receipts.extend(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
        }
        if !self.yes {
            confirm(place)?;
        }
        let recovery = Recovery {
            reason: self.reason,
            witnesses: self.witness,
            receipts,
            margin: self.margin,
            new_epoch: self.new_epoch,
            actor: "cli".into(),
        };
        let done = recover(&place.settings(), &Clock::System, &recovery).await?;
        if self.json { print_json(&done) } else { print(&done, place) }
    }
}

/// Asks at a terminal; in a script nobody could answer.
fn confirm(place: &Place) -> Outcome {
    if !io::stdin().is_terminal() {
        return Err(Failure::Usage("recovery wants to be confirmed: add --yes".into()));
    }
    note(format_args!(
        "This lets the installation in {} issue serials again, beyond all that is known to be issued.\n\
         Is every server stopped? Type {CONFIRMATION} to go on:",
        place.data().display()
    ));
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    match answer.trim() == CONFIRMATION {
        true => Ok(()),
        false => Err(Failure::Failed("nothing was changed".into())),
    }
}

fn print(done: &Recovered, place: &Place) -> Outcome {
    let mut out = stdout();
    match &done.was_stopped {
        Some(reason) => writeln!(out, "allocation had been stopped: {reason}")?,
        None => writeln!(out, "allocation had not been stopped")?,
    }
    for (series, next) in &done.floors {
        writeln!(out, "counter {} goes on at {next}", series.get(..12).unwrap_or(series))?;
    }
    for (rule, epoch) in &done.epochs {
        writeln!(out, "rule {rule} begins epoch {epoch}")?;
    }
    if done.doubtful_labels > 0 {
        writeln!(
            out,
            "{} labels may have come out after the backup was made: look, and say so (nameplate print list --unconfirmed)",
            done.doubtful_labels
        )?;
    }
    let kept = place.data().join(&done.kept_witness);
    // A witness that was lost before cannot be kept.
    if kept.exists() {
        writeln!(out, "the old witness is kept as {}", kept.display())?;
    }
    writeln!(out, "allocation can go on: start the server")?;
    Ok(out.flush()?)
}
