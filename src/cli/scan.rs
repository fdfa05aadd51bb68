//! What a scan at a unit is typed as, with the server and without it.

use super::failure::{Failure, Outcome};
use crate::service::print::{Expected, InspectionResult, Marking, Scan};
use std::collections::BTreeMap;

/// A label on its unit, and what final inspection says.
#[derive(Debug, clap::Args)]
pub(super) struct ScanArgs {
    /// The serial, typed or scanned
    serial: String,
    /// The unit did not pass
    #[arg(long)]
    fail: bool,
    /// An id that others gave to the unit, KIND=VALUE; can be given many times
    #[arg(long, value_name = "KIND=VALUE", value_parser = pair)]
    id: Vec<(String, String)>,
    /// A part was exchanged: its id takes the place of the old one
    #[arg(long)]
    replace: bool,
    /// What else is to be said
    #[arg(long)]
    note: Option<String>,
}

impl ScanArgs {
    /// The scan, without a time of its own.
    pub(super) fn scan(self) -> Outcome<Scan> {
        let mut secondary_ids = BTreeMap::new();
        for (kind, value) in self.id {
            if secondary_ids.insert(kind.clone(), value).is_some() {
                return Err(Failure::Usage(format!("--id {kind} is given twice")));
            }
        }
        Ok(Scan {
            serial: self.serial,
            result: if self.fail { InspectionResult::Fail } else { InspectionResult::Pass },
            secondary_ids,
            replace: self.replace,
            marking: Marking::Printed,
            note: self.note,
            expect: Expected::default(),
            happened_at: None,
        })
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (kind, value) = text.split_once('=').ok_or("write it as KIND=VALUE, for example mac=00:11:62:0a:1b:2c")?;
    Ok((kind.to_owned(), value.to_owned()))
}
