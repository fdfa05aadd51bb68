//! `nameplate report`: what became of serials.

use super::failure::Outcome;
use super::installation::Place;
use super::output::{note, stdout};
use crate::service::report_fate::{FateReport, Selection};
use crate::service::{Caller, random};
use crate::trace::Fate;
use data_encoding::HEXLOWER;
use serde::Deserialize;
use std::io::Write;

/// Reports what became of serials of a block: printed, applied, returned, void, unaccounted
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Void and unaccounted need a --reason. The same report twice changes nothing.

Examples:
  nameplate report BLK-0123456789ABCDEF printed --all
  nameplate report BLK-0123456789ABCDEF returned --from 07K3-M9XQ-2WNF
  nameplate report BLK-0123456789ABCDEF applied --first 07K3-M9XQ-2WNF --last 0ZZ3-M9XQ-2W76
  nameplate report BLK-0123456789ABCDEF void --serial 07K3-M9XQ-2WNF --reason 'label torn'")]
#[command(group = clap::ArgGroup::new("which").required(true).args(["all", "rest", "from", "first", "serial"]))]
pub(super) struct Args {
    /// Block
    block: String,
    /// What became of them
    #[arg(value_parser = parse_fate, value_name = "FATE")]
    fate: Fate,
    /// Every serial of the block
    #[arg(long)]
    all: bool,
    /// Every serial, reserved or printed, that can take this step
    #[arg(long)]
    rest: bool,
    /// From this serial to the end of the block
    #[arg(long, value_name = "SERIAL")]
    from: Option<String>,
    /// From this serial to --last, in issuing order
    #[arg(long, value_name = "SERIAL", requires = "last")]
    first: Option<String>,
    /// The last serial of a range that begins with --first
    #[arg(long, value_name = "SERIAL", requires = "first")]
    last: Option<String>,
    /// This serial; can be given many times
    #[arg(long, value_name = "SERIAL")]
    serial: Vec<String>,
    /// Why
    #[arg(long)]
    reason: Option<String>,
    /// When it happened, RFC 3339; now if left out
    #[arg(long, value_name = "TIME")]
    happened_at: Option<String>,
    /// Idempotency key; a random one if left out
    #[arg(long)]
    key: Option<String>,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

/// What is needed of the stored answer.
#[derive(Debug, Deserialize)]
struct Answer {
    changed: u64,
    event: u64,
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        let serials = match (self.all, self.rest, self.from, self.first.zip(self.last)) {
            (true, ..) => Selection::All,
            (_, true, ..) => Selection::Rest,
            (.., Some(from), _) => Selection::From(from),
            (.., Some((first, last))) => Selection::Range { first, last },
            _ => Selection::Serials(self.serial),
        };
        let report = FateReport { fate: self.fate, serials, reason: self.reason, happened_at: self.happened_at };
        let key = match self.key {
            Some(key) => key,
            None => HEXLOWER.encode(&random::<16>()?),
        };
        let caller = Caller::command_line();
        let text =
            place.with(async |nameplate| Ok(nameplate.report_fate(&caller, &self.block, &key, &report).await?)).await?;
        let mut out = stdout();
        if self.json {
            writeln!(out, "{text}")?;
            return Ok(out.flush()?);
        }
        let Answer { changed, event } = serde_json::from_str(&text)?;
        match changed {
            0 if report.serials == Selection::Rest => {
                writeln!(out, "nothing was changed: none of the rest could become {}", report.fate)?;
            }
            0 => writeln!(out, "nothing was changed: all of them were {} already", report.fate)?,
            1 => writeln!(out, "1 serial is now {}", report.fate)?,
            n => writeln!(out, "{n} serials are now {}", report.fate)?,
        }
        out.flush()?;
        note(format_args!("event {event}"));
        Ok(())
    }
}

fn parse_fate(text: &str) -> Result<Fate, String> {
    let possible = || Fate::ALL.into_iter().filter(|fate| *fate != Fate::Reserved);
    possible().find(|fate| fate.as_str().eq_ignore_ascii_case(text)).ok_or_else(|| {
        let names: Vec<_> = possible().map(Fate::as_str).collect();
        format!("it can be {}", names.join(", "))
    })
}
