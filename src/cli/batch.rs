//! `nameplate batch`: the account of a batch.

use super::failure::Outcome;
use super::installation::Place;
use super::output::{print_json, stdout};
use super::record;
use crate::service::Caller;
use clap::Subcommand;
use std::io::Write;

/// How many batches are asked for at a time.
const PAGE: u32 = 500;

/// Shows what became of a batch's serials, and closes it
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  nameplate batch list
  nameplate batch account HH/0007
  nameplate batch close HH/0007"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists the batches
    #[command(after_help = "Examples:\n  nameplate batch list\n  nameplate batch list --json | jq -r '.[].batch'")]
    List {
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// Shows a batch and how many of its serials have which fate
    #[command(after_help = "Examples:\n  nameplate batch account HH/0007\n  nameplate batch account HH/0007 --json")]
    Account {
        /// Batch
        batch: String,
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
    /// Closes a batch once every serial's fate is known
    #[command(after_help = "\
With --unaccounted, serials whose fate is open are declared unaccounted first.

Examples:
  nameplate batch close HH/0007
  nameplate batch close HH/0007 --unaccounted 'roll damaged by water, 3 labels missing'")]
    Close {
        /// Batch
        batch: String,
        /// Declare open serials unaccounted, for this reason
        #[arg(long, value_name = "REASON")]
        unaccounted: Option<String>,
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        let caller = Caller::command_line();
        place
            .with(async |nameplate| {
                let (record, json) = match &self.command {
                    Command::List { json } => return list(nameplate, *json).await,
                    Command::Account { batch, json } => (nameplate.batch(&caller, batch).await?, json),
                    Command::Close { batch, unaccounted, json } => {
                        (nameplate.close_batch(&caller, batch, unaccounted.as_deref()).await?, json)
                    }
                };
                if *json {
                    return print_json(&record);
                }
                let mut out = stdout();
                record::batch(&mut out, &record)?;
                Ok(out.flush()?)
            })
            .await
    }
}

async fn list(nameplate: &crate::service::Nameplate, json: bool) -> Outcome {
    let caller = Caller::command_line();
    let (mut all, mut after) = (Vec::new(), Some(0));
    while let Some(start) = after {
        let (page, next) = nameplate.batches(&caller, start, PAGE).await?;
        all.extend(page);
        after = next;
    }
    if json {
        return print_json(&all);
    }
    let mut out = stdout();
    for record in &all {
        let issued = record.account.map_or(0, |account| account.issued);
        let day = record.manufactured_on.as_deref().unwrap_or("-");
        let product = record.product.as_deref().unwrap_or("-");
        writeln!(out, "{:<24} {:<7} {day:<11} {product:<16} {issued:>9} issued", record.batch, record.state)?;
    }
    Ok(out.flush()?)
}
