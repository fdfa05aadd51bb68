//! `nameplate print new`: serials for a station and their labels, in one go.

use super::{key_or_fresh, show};
use crate::cli::failure::Outcome;
use crate::cli::output::{note, print_json};
use crate::service::print::StationPrint;
use crate::service::{Caller, Nameplate};

/// Reserves serials for a station and queues their labels, in one go
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What can be refused (no approval, wrong resolution or stock) is refused before a serial is reserved. If the
command breaks off, run it again with the key that it printed: it is the same block and the same job.

Examples:
  nameplate print new --sku BO-G9 --batch HH/0007 --count 12 --station fi-1 --printer line-3
  nameplate print new --sku BO-G9 --batch HH/0007 --count 1 --station fi-1 --printer line-3 --key unit-81")]
pub(super) struct Args {
    /// SKU: its code, GTIN or another name
    #[arg(long)]
    sku: String,
    /// Batch
    #[arg(long)]
    batch: String,
    /// How many labels, 1 to 1,000,000
    #[arg(long)]
    count: i64,
    /// Which station answers for the serials
    #[arg(long)]
    station: String,
    /// Printer
    #[arg(long)]
    printer: String,
    /// The order that the units are for
    #[arg(long)]
    order: Option<String>,
    /// Template; the SKU's own if left out
    #[arg(long)]
    template: Option<String>,
    /// 0 to 9; higher goes first
    #[arg(long, default_value_t = 5)]
    priority: u8,
    /// Idempotency key; a random one is made and printed if left out
    #[arg(long)]
    key: Option<String>,
    /// Print block, receipt and job as JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(super) async fn run(self, nameplate: &Nameplate) -> Outcome {
        let key = key_or_fresh(self.key.as_deref())?;
        if self.key.is_none() {
            note(format_args!("If this command breaks off, run it again with --key {key}: nothing is printed twice."));
        }
        let wanted = StationPrint {
            sku: self.sku,
            batch: self.batch,
            count: self.count,
            printer: self.printer,
            order: self.order,
            template: self.template,
            priority: self.priority,
        };
        let made = nameplate.station_print(&Caller::command_line(), &self.station, &key, &wanted).await?;
        if self.json { print_json(&made) } else { show(&made.job) }
    }
}
