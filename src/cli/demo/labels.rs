//! The demo's labels: approved, printed once, and confirmed; and specimens for those who want to look.

use super::story::file_name;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::write_file;
use crate::cli::progress::bar;
use crate::cli::reserve::Answer;
use crate::label::Resolution;
use crate::service::labels::{LabelFormat, LabelRequest, Specimens, UnitValues};
use crate::service::print::{
    Evidence, LabelResult, LeaseRequest, MAX_LEASED, NewApproval, NewJob, NewPrinter, Outcome as Became,
};
use crate::service::{Caller, Nameplate, ServiceError};
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

/// What office printers and screens show.
const PAPER_DPI: u32 = 300;
/// What most label printers have.
const PRINTER_DPI: u32 = 203;

/// The printer of the demo: its paper is a folder.
const PRINTER: &str = "demo-office";

/// Prints the labels of each block into `folder` as PDF, once only, and draws specimens beside them: ZPL of all, PNG of
/// the first. Answers how many files there are.
pub(super) async fn labels(nameplate: &Nameplate, folder: &Path, blocks: &[Answer]) -> Outcome<usize> {
    let progress = bar("printing labels", blocks.len() as u64);
    approve(nameplate, blocks).await?;
    for block in blocks {
        let path = |ending: &str| folder.join(format!("{}.{ending}", file_name(block)));
        print(nameplate, block, &path("pdf")).await?;
        let for_printer = specimens(nameplate, block, PRINTER_DPI).await?;
        let on_paper = specimens(nameplate, block, PAPER_DPI).await?;
        write_file(&path("specimen.zpl"), |file| for_printer.write(LabelFormat::ZplNative, file, &mut |_| {}))?;
        write_file(&path("specimen.png"), |file| first_png(&on_paper, file))?;
        progress.inc(1);
    }
    progress.finish_and_clear();
    Ok(3 * blocks.len())
}

/// Registers the printer and has every SKU's label approved, unless an earlier run did.
async fn approve(nameplate: &Nameplate, blocks: &[Answer]) -> Outcome {
    let caller = Caller::command_line();
    if !matches!(nameplate.printer(&caller, PRINTER).await, Err(ServiceError::NotFound { .. })) {
        return Ok(());
    }
    let skus: BTreeSet<&str> = blocks.iter().map(|block| &*block.sku).collect();
    for sku in skus {
        let new = NewApproval {
            sku: sku.to_owned(),
            revision: None,
            template: None,
            dpi: PAPER_DPI,
            approver: "the demo's buyer".into(),
            note: "nobody has looked at it: this is a demo".into(),
        };
        nameplate.approve(&caller, &new).await?;
    }
    let settings = serde_json::json!({
        "driver": "folder", "format": "pdf", "dpi": PAPER_DPI, "media_width_um": 60_000, "media_height_um": 40_000,
    });
    let new = NewPrinter { printer: PRINTER.into(), settings: serde_json::from_value(settings)? };
    nameplate.register_printer(&caller, &new).await?;
    Ok(())
}

/// Prints the labels of a block into one file, unless an earlier run did.
async fn print(nameplate: &Nameplate, block: &Answer, file: &Path) -> Outcome {
    let caller = Caller { actor: "demo".into(), ..Caller::command_line() };
    let job = NewJob::of_whole_block(PRINTER, &block.block, None);
    nameplate.print(&caller, &format!("demo {}", block.block), &job).await?;
    let request = LeaseRequest { max_labels: MAX_LEASED, wait_s: 0, status: None };
    while let Some(lease) = nameplate.lease_labels(&caller, PRINTER, &request).await? {
        let served = nameplate.fetch_labels(&caller, &lease.lease, None, None).await?;
        write_file(file, |out| out.write_all(&served.bytes))?;
        let (outcome, evidence) = (Became::Printed, Some(Evidence::Person));
        let note = Some("in a demo the file is the paper".to_owned());
        let result = LabelResult { first: 1, last: lease.labels, outcome, evidence, note };
        nameplate.take_results(&caller, &lease.lease, &[result], None).await?;
    }
    Ok(())
}

async fn specimens(nameplate: &Nameplate, block: &Answer, dpi: u32) -> Outcome<Specimens> {
    let resolution = Resolution::from_dpi(dpi).ok_or_else(|| Failure::Failed(format!("{dpi} dpi is not drawn for")))?;
    let request = LabelRequest { template: None, resolution };
    Ok(nameplate.block_specimens(&Caller::command_line(), &block.block, &request).await?)
}

fn first_png(labels: &Specimens, file: &mut impl Write) -> io::Result<()> {
    let mut is_first = true;
    let take =
        |_: &UnitValues, bytes: &[u8]| if std::mem::take(&mut is_first) { file.write_all(bytes) } else { Ok(()) };
    labels.artwork().each_png(|sink| labels.each(&mut |_| {}, sink), take)
}
