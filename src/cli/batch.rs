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
  nameplate batch debt HH/0007
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
    /// Lists labels that exist, or may, and were not scanned on a unit
    #[command(
        after_help = "Examples:\n  nameplate batch debt HH/0007\n  nameplate batch debt HH/0007 --json | jq .counts"
    )]
    Debt {
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
                    Command::Debt { batch, json } => return debt(nameplate, batch, *json).await,
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

async fn debt(nameplate: &crate::service::Nameplate, batch: &str, json: bool) -> Outcome {
    let caller = Caller::command_line();
    let (mut all, mut after) = nameplate.batch_debt(&caller, batch, None, PAGE).await?;
    while after.is_some() {
        let (page, next) = nameplate.batch_debt(&caller, batch, after, PAGE).await?;
        all.items.extend(page.items);
        after = next;
    }
    if json {
        return print_json(&all);
    }
    let mut out = stdout();
    let counts = all.counts;
    let (printed, handed_over, unconfirmed) = (counts.printed, counts.handed_over, counts.unconfirmed);
    writeln!(out, "{printed} printed, {handed_over} handed over, {unconfirmed} unconfirmed, none of them on a unit")?;
    for range in &all.items {
        let (first, last) = (&range.first_serial, &range.last_serial);
        let serials = if range.labels == 1 { first.clone() } else { format!("{first} to {last}") };
        let job = range.job.as_deref().unwrap_or("no job");
        let (state, labels, station, since) = (&range.state, range.labels, &range.station, &range.since);
        let printer = range.printer.as_deref().unwrap_or("-");
        writeln!(out, "{state:<12} {labels:>7}  {serials:<32} {job:<20} {printer:<12} {station:<16} {since}")?;
    }
    Ok(out.flush()?)
}
