//! `nameplate print again`: labels are printed again, because the first ones are spoilt.

use super::settle::selection;
use super::{key_or_fresh, show};
use crate::cli::failure::Outcome;
use crate::cli::output::print_json;
use crate::service::print::ReprintRequest;
use crate::service::{Caller, Nameplate};

/// Prints labels again, because the first ones are spoilt and destroyed
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The new label is the same as the first one, digest by digest; with --reissue it may be the artwork that
is approved now. A brand can demand that a second person agrees, over the API.

Examples:
  nameplate print again 07K3-M9XQ-2WNF --printer line-3 --reason scratched \
--destroyed 'torn, red box, L. Chen'")]
pub(super) struct Args {
    /// Serials separated by commas, or FIRST..LAST
    serials: String,
    /// Their block; of a single serial it may be left out
    #[arg(long)]
    block: Option<String>,
    /// Printer
    #[arg(long)]
    printer: String,
    /// Why
    #[arg(long)]
    reason: String,
    /// Who destroyed the old labels, and how
    #[arg(long, value_name = "ATTESTATION")]
    destroyed: String,
    /// Let the label look different: the artwork that is approved now
    #[arg(long)]
    reissue: bool,
    /// Makes repeating the command safe
    #[arg(long)]
    key: Option<String>,
    /// Print the jobs as JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(super) async fn run(self, nameplate: &Nameplate) -> Outcome {
        let request = ReprintRequest {
            printer: self.printer,
            block: self.block,
            serials: selection(&self.serials),
            reason: self.reason,
            // Whoever writes the attestation says so.
            old_label_destroyed: true,
            attestation: self.destroyed,
            reissue: self.reissue,
        };
        let key = key_or_fresh(self.key.as_deref())?;
        let made = nameplate.reprint(&Caller::command_line(), &key, &request).await?;
        if self.json {
            return print_json(&made);
        }
        made.jobs.iter().try_for_each(show)
    }
}
