//! `nameplate inspect`: the scan that makes serial and unit one.

use super::failure::Outcome;
use super::installation::Place;
use super::output::{field, note, print_json, stdout};
use super::scan::ScanArgs;
use crate::service::print::{Expected, Marking};
use crate::service::{Caller, random};
use clap::ValueEnum;
use data_encoding::HEXLOWER;
use std::io::Write;

/// Notes a label that was scanned on its unit, with the result of final inspection
#[derive(Debug, clap::Args)]
#[command(after_help = "\
From the scan on, serial and unit are one: the serial is applied, whatever the result. A label of which its print
job did not know what became is confirmed by the scan. The same facts again change nothing.

Examples:
  nameplate inspect 07K3-M9XQ-2WNF --station fi-1 --id mac=00:11:62:0a:1b:2c
  nameplate inspect 07K3-M9XQ-2WNF --station fi-1 --sku BO-G9 --batch HH/0007
  nameplate inspect 07K3-M9XQ-2WNF --station fi-1 --fail --note 'dead pixels'")]
pub(super) struct Args {
    #[command(flatten)]
    scan: ScanArgs,
    /// At which station
    #[arg(long)]
    station: String,
    /// How the serial is on the unit
    #[arg(long, value_enum, default_value_t = Mark::Printed)]
    marking: Mark,
    /// The SKU that the station works on: a label of another is refused
    #[arg(long)]
    sku: Option<String>,
    /// The batch that the station works on: a label of another is refused
    #[arg(long)]
    batch: Option<String>,
    /// Print the unit as JSON
    #[arg(long)]
    json: bool,
}

/// How the serial is on the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mark {
    /// On a printed label
    Printed,
    /// Engraved or etched
    Engraved,
    /// In its memory
    Embedded,
}

impl From<Mark> for Marking {
    fn from(mark: Mark) -> Self {
        match mark {
            Mark::Printed => Self::Printed,
            Mark::Engraved => Self::Engraved,
            Mark::Embedded => Self::Embedded,
        }
    }
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        let mut scan = self.scan.scan()?;
        scan.marking = self.marking.into();
        scan.expect = Expected { sku: self.sku, batch: self.batch };
        let key = format!("cli-{}", HEXLOWER.encode(&random::<12>()?));
        let caller = Caller::command_line();
        let unit =
            place.with(async |nameplate| Ok(nameplate.inspect(&caller, &self.station, &key, &scan).await?)).await?;
        if self.json {
            return print_json(&unit);
        }
        let mut out = stdout();
        field(&mut out, 0, "serial", Some(&unit.printed))?;
        field(&mut out, 1, "SKU", Some(&unit.sku))?;
        field(&mut out, 1, "batch", Some(&unit.batch))?;
        let result = serde_json::to_value(unit.result)?;
        field(&mut out, 1, "result", result.as_str())?;
        for (kind, value) in &unit.secondary_ids {
            field(&mut out, 1, kind, Some(value))?;
        }
        out.flush()?;
        if unit.known {
            note("all of this was on record before");
        }
        for job in &unit.confirmed_jobs {
            note(format_args!("{job} did not know what became of this label: now it does"));
        }
        Ok(())
    }
}
