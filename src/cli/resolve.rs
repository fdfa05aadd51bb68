//! `nameplate resolve`: from whatever was typed or scanned to the record.

use super::failure::{Failure, Outcome};
use super::installation::Place;
use super::output::{print_json, stdout};
use super::record;
use crate::service::Caller;
use crate::service::resolve::Resolved;
use std::io::Write;

/// Finds the record of a serial, GTIN, SKU, batch or block, in any spelling
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A text that leads nowhere is exit status 1, with what is wrong with it and which issued
serial was probably meant.

Examples:
  nameplate resolve '07K3-M9XQ-2WNF'
  nameplate resolve 's/n 07k3 m9xq 2wvt'
  nameplate resolve --json 9521234000013")]
pub(super) struct Args {
    /// What was typed or scanned; several words are one text
    #[arg(required = true, value_name = "TEXT")]
    text: Vec<String>,
    /// Print the record as JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        let text = self.text.join(" ");
        let caller = Caller::command_line();
        let found = place.with(async |nameplate| Ok(nameplate.resolve(&caller, &text).await?)).await?;
        if self.json {
            print_json(&found)?;
        } else {
            let mut out = stdout();
            record::resolved(&mut out, &found)?;
            out.flush()?;
        }
        if matches!(found, Resolved::Unknown(_)) { Err(Failure::Found) } else { Ok(()) }
    }
}
