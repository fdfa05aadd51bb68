//! `nameplate approval`: which label artwork is approved.

use super::failure::Outcome;
use super::installation::Place;
use super::output::{note, print_json, stdout, visible};
use crate::service::Caller;
use crate::service::print::{ApprovalRecord, NewApproval};
use clap::Subcommand;
use std::io::Write;

const PAGE: u32 = 500;

/// Records approvals that were given on paper; buyers who sign in approve proofs
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  nameplate approval record BO-G9 --dpi 203 --approver 'A. Lindqvist, Borealis Optics'
  nameplate approval list
  nameplate approval withdraw 57 --reason 'importer has moved'"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Records that the label of a SKU revision was approved as it is now
    #[command(after_help = "\
The approval holds the digest of everything that is the same on every label. When template, texts, logo
or fonts change, it covers the label no more.

Examples:
  nameplate approval record BO-G9 --approver 'A. Lindqvist' --note 'signed proof of 2025-07-01'
  nameplate approval record BO-G9 --revision B --template unit-60x40 --dpi 300 --approver 'A. Lindqvist'")]
    Record {
        /// SKU
        sku: String,
        /// Its revision; the one in force if left out
        #[arg(long)]
        revision: Option<String>,
        /// Template; the SKU's own if left out
        #[arg(long)]
        template: Option<String>,
        /// Dots an inch of the printers: 203, 300 or 600
        #[arg(long, default_value_t = 203)]
        dpi: u32,
        /// Who approved
        #[arg(long)]
        approver: String,
        /// Where the approval is on file, or what it says
        #[arg(long, default_value = "")]
        note: String,
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
    /// Lists approvals, newest first
    #[command(after_help = "Examples:\n  nameplate approval list\n  nameplate approval list --json")]
    List {
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// Withdraws an approval: jobs under it stop
    #[command(after_help = "Examples:\n  nameplate approval withdraw 57 --reason 'importer has moved'")]
    Withdraw {
        /// Its number
        approval: i64,
        /// Why
        #[arg(long)]
        reason: String,
    },
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        let caller = Caller::command_line();
        place
            .with(async |nameplate| match self.command {
                Command::Record { sku, revision, template, dpi, approver, note: text, json } => {
                    let new = NewApproval { sku, revision, template, dpi, approver, note: text };
                    let record = nameplate.approve(&caller, &new).await?;
                    if json { print_json(&record) } else { lines(&[record]) }
                }
                Command::List { json } => {
                    let (mut all, mut before) = (Vec::new(), None);
                    loop {
                        let (page, next) = nameplate.approvals(&caller, before, PAGE).await?;
                        all.extend(page);
                        if next.is_none() {
                            break;
                        }
                        before = next;
                    }
                    if json { print_json(&all) } else { lines(&all) }
                }
                Command::Withdraw { approval, reason } => {
                    nameplate.withdraw_approval(&caller, approval, &reason).await?;
                    note(format_args!("approval {approval} is withdrawn; jobs under it are stopped"));
                    Ok(())
                }
            })
            .await
    }
}

fn lines(records: &[ApprovalRecord]) -> Outcome {
    let mut out = stdout();
    for one in records {
        let revision = one.revision.as_deref().unwrap_or("-");
        let state = match (&one.withdrawn_at, &one.superseded_at) {
            (Some(_), _) => "withdrawn",
            (None, Some(_)) => "superseded",
            (None, None) => "stands",
        };
        writeln!(
            out,
            "{:>8}  {:<20} {revision:<8} {:<20} {:>4} dpi  {state:<10}  {}  {}{}",
            one.approval,
            visible(&one.sku),
            one.template,
            one.dpi,
            &one.artwork[..one.artwork.len().min(12)],
            visible(&one.approver),
            one.proof.as_ref().map_or_else(String::new, |proof| format!("  {proof}"))
        )?;
    }
    Ok(out.flush()?)
}
