//! What happens in the demo. Every step has a key made of names, so that a second run finds what the first one did.

use super::labels::labels;
use crate::catalogue::shipped_catalogue;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::write_file;
use crate::cli::progress::bar;
use crate::cli::reserve::Answer;
use crate::service::report_fate::{FateReport, Selection};
use crate::service::serials::SerialFormat;
use crate::service::{Caller, Nameplate, ReserveBlock, ServiceError};
use crate::trace::Fate;
use std::fs;
use std::io::Write;
use std::path::Path;

/// Serials of each block.
const COUNT: i64 = 24;
const STATION: &str = "demo-line-1";

/// What there is to tell about.
pub(super) struct Story {
    pub(super) brands: usize,
    pub(super) skus: usize,
    pub(super) batches: usize,
    pub(super) blocks: Vec<Answer>,
    pub(super) serials: u64,
    /// How many label files there are.
    pub(super) labels: usize,
    /// A serial that was issued, and the same with two neighbours exchanged.
    pub(super) serial: String,
    pub(super) typo: String,
}

/// Imports the sample catalogue, reserves a block for every SKU of every batch, and writes what came of it.
pub(super) async fn play(nameplate: &Nameplate, out: &Path) -> Outcome<Story> {
    let caller = Caller { actor: "demo".into(), ..Caller::command_line() };
    nameplate.import_catalogue(&caller, &shipped_catalogue()).await?;
    let catalogue = nameplate.catalogue().await?;
    let wanted: Vec<(String, String)> = catalogue
        .batches()
        .iter()
        .flat_map(|batch| batch.skus.iter().map(|sku| (batch.code.to_string(), sku.to_string())))
        .collect();
    let progress = bar("reserving", wanted.len() as u64);
    let mut blocks = Vec::with_capacity(wanted.len());
    for (batch, sku) in &wanted {
        blocks.push(reserve(nameplate, &caller, batch, sku).await?);
        progress.inc(1);
    }
    progress.finish_and_clear();
    let (serials_folder, receipts_folder) = (folder(out, "serials")?, folder(out, "receipts")?);
    for answer in &blocks {
        let name = file_name(answer);
        let (_, serials) = nameplate.block(&caller, &answer.block).await?;
        let path = serials_folder.join(format!("{name}.csv"));
        write_file(&path, |file| serials.write(SerialFormat::Csv, 0, file))?;
        write_file(&receipts_folder.join(format!("{name}.npr")), |file| writeln!(file, "{}", answer.receipt))?;
    }
    let labels = labels(nameplate, &folder(out, "labels")?, &blocks).await?;
    let first = blocks.first().ok_or_else(|| Failure::Failed("the sample catalogue has no batch".into()))?;
    let serial = use_some(nameplate, &caller, first).await?;
    Ok(Story {
        brands: catalogue.brands().len(),
        skus: catalogue.skus().len(),
        batches: catalogue.batches().len(),
        serials: blocks.iter().map(|block| block.count).sum(),
        labels,
        typo: with_neighbours_exchanged(&serial),
        serial,
        blocks,
    })
}

async fn reserve(nameplate: &Nameplate, caller: &Caller, batch: &str, sku: &str) -> Outcome<Answer> {
    let request = ReserveBlock::parse(sku, batch, COUNT, STATION, Some("DEMO-1")).map_err(ServiceError::from)?;
    let reserved = nameplate.reserve_block(caller, &format!("demo {batch} {sku}"), request).await?;
    Ok(serde_json::from_str(&reserved.answer)?)
}

/// Applies some labels of a block, spoils one; answers the serial of a unit.
async fn use_some(nameplate: &Nameplate, caller: &Caller, block: &Answer) -> Outcome<String> {
    let (_, serials) = nameplate.block(caller, &block.block).await?;
    let serial = |n: u64| -> Outcome<String> {
        let page = serials.page(n, 1)?;
        page.first().map(ToString::to_string).ok_or_else(|| Failure::Failed("the block has no serials".into()))
    };
    let (unit, last_unit, spoilt) = (serial(0)?, serial(9)?, serial(10)?);
    let steps = [
        (Fate::Applied, Selection::Range { first: unit.clone(), last: last_unit }, None),
        (Fate::Void, Selection::Serials(vec![spoilt]), Some("label creased")),
    ];
    for (fate, serials, reason) in steps {
        let report = FateReport { fate, serials, reason: reason.map(str::to_owned), happened_at: None };
        nameplate.report_fate(caller, &block.block, &format!("demo {} {fate}", block.block), &report).await?;
    }
    Ok(unit)
}

fn folder(out: &Path, name: &str) -> Outcome<std::path::PathBuf> {
    let path = out.join(name);
    fs::create_dir_all(&path).map_err(|e| Failure::file(&path, "cannot be made", &e))?;
    Ok(path)
}

/// SKU and batch, with what file systems do not take replaced.
pub(super) fn file_name(answer: &Answer) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    format!("{}_{}", answer.sku, answer.batch).chars().map(plain).collect()
}

/// The commonest slip of typists: the first two neighbours that differ, exchanged.
fn with_neighbours_exchanged(serial: &str) -> String {
    let mut symbols: Vec<char> = serial.chars().collect();
    // From the middle on, where people are least careful.
    let middle = symbols.len() / 2;
    if let Some(at) = (middle..symbols.len().saturating_sub(1)).find(|&at| symbols[at] != symbols[at + 1]) {
        symbols.swap(at, at + 1);
    }
    symbols.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_is_one_exchange() {
        assert_eq!(with_neighbours_exchanged("07K3M9XQ2WNF"), "07K3M9QX2WNF");
        assert_eq!(with_neighbours_exchanged("AAAAAA"), "AAAAAA");
    }
}
