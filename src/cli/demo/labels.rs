//! Specimens of the demo's labels.

use super::story::file_name;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::write_file;
use crate::cli::progress::bar;
use crate::cli::reserve::Answer;
use crate::label::Resolution;
use crate::service::labels::{LabelFormat, LabelRequest, Specimens, UnitValues};
use crate::service::{Caller, Nameplate};
use std::io::{self, Write};
use std::path::Path;

/// What office printers and screens show.
const PAPER_DPI: u32 = 300;
/// What most label printers have.
const PRINTER_DPI: u32 = 203;

/// Draws specimens of the labels of each block into `folder`: all of them as PDF and as ZPL, the first one as PNG. Answers how many
/// files it wrote.
pub(super) async fn labels(nameplate: &Nameplate, folder: &Path, blocks: &[Answer]) -> Outcome<usize> {
    let progress = bar("drawing labels", blocks.len() as u64);
    for block in blocks {
        let path = |ending: &str| folder.join(format!("{}.{ending}", file_name(block)));
        let on_paper = ready(nameplate, block, PAPER_DPI).await?;
        let for_printer = ready(nameplate, block, PRINTER_DPI).await?;
        write_file(&path("pdf"), |file| on_paper.write(LabelFormat::Pdf, file, &mut |_| {}))?;
        write_file(&path("zpl"), |file| for_printer.write(LabelFormat::ZplNative, file, &mut |_| {}))?;
        write_file(&path("png"), |file| first_png(&on_paper, file))?;
        progress.inc(1);
    }
    progress.finish_and_clear();
    Ok(3 * blocks.len())
}

async fn ready(nameplate: &Nameplate, block: &Answer, dpi: u32) -> Outcome<Specimens> {
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
