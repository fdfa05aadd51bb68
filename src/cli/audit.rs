//! `nameplate audit`: the chain of everything that was changed.

use super::failure::{Failure, Outcome};
use super::installation::Place;
use super::output::{print_json, stdout};
use super::progress::spinner;
use clap::Subcommand;
use std::io::Write;

/// Checks the audit chain
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true, after_help = "Examples:\n  nameplate audit verify")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Recomputes every hash; a changed, inserted or removed entry is exit status 1
    #[command(after_help = "\
Keep the printed head elsewhere: a chain that was cut off shows by a lower number of entries.

Examples:
  nameplate audit verify
  nameplate audit verify --json >> audit-heads.log")]
    Verify {
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        let Command::Verify { json } = self.command;
        let spinner = spinner("checking the audit chain");
        let verified = place.with(async |nameplate| Ok(nameplate.verify_audit().await?)).await?;
        spinner.finish_and_clear();
        if json {
            print_json(&verified)?;
        } else {
            let mut out = stdout();
            writeln!(out, "{} entries are whole, head {}", verified.entries, verified.head)?;
            out.flush()?;
        }
        match verified.fault {
            Some(_) if json => Err(Failure::Found),
            Some(fault) => Err(Failure::Failed(format!("the audit chain is broken: {fault}"))),
            None => Ok(()),
        }
    }
}
