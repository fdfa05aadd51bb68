//! Specimens of the labels of a block of the installation.

use super::output::{Mode, OutputFormat, SheetArgs, file_name, write_labels};
use crate::cli::failure::{Failure, Outcome};
use crate::cli::installation::Place;
use crate::cli::labels::told;
use crate::cli::output::{note, stdout, write_file};
use crate::cli::progress::bar;
use crate::cli::render::tell;
use crate::label::{Overprint, Resolution};
use crate::service::Caller;
use crate::service::labels::{LabelFormat, LabelRequest, Specimens};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// A block of whose labels specimens are drawn.
pub(in crate::cli) struct Block<'a> {
    pub(in crate::cli) code: &'a str,
    /// The SKU's own if left out.
    pub(in crate::cli) template: Option<&'a str>,
    pub(in crate::cli) resolution: Resolution,
}

impl Block<'_> {
    /// Draws specimens of all labels of the block.
    pub(in crate::cli) async fn draw(
        &self,
        place: &Place,
        format: OutputFormat,
        mode: Mode,
        sheet: &SheetArgs,
        output: &Path,
    ) -> Outcome {
        if format == OutputFormat::Png && is_picture(output) {
            return Err(Failure::Usage(format!(
                "PNG is one file a label, so {} cannot hold them: name a folder (-o labels/) or an archive (-o labels.zip)",
                output.display()
            )));
        }
        let request = LabelRequest { template: self.template.map(str::to_owned), resolution: self.resolution };
        let caller = Caller::command_line();
        let labels =
            place.with(async |nameplate| Ok(nameplate.block_specimens(&caller, self.code, &request).await?)).await?;
        told(labels.artwork().compiled.findings().iter());
        write(&labels, format, mode, sheet, output)
    }
}

fn write(labels: &Specimens, format: OutputFormat, mode: Mode, sheet: &SheetArgs, output: &Path) -> Outcome {
    let to_stdout = output == Path::new("-");
    let progress = bar("drawing labels", labels.count());
    let mut tick = |done| progress.set_position(done);
    if format == OutputFormat::Png && (to_stdout || output.extension().is_some_and(|e| e == "zip")) {
        if to_stdout {
            let mut out = stdout();
            labels.write(LabelFormat::PngZip, &mut out, &mut tick)?;
            out.flush()?;
        } else {
            write_file(output, |file| labels.write(LabelFormat::PngZip, file, &mut tick))?;
        }
    } else {
        let imposition = sheet.imposition(labels.artwork().compiled.size())?;
        let groups = [Arc::clone(&labels.artwork().compiled)];
        write_labels(&groups, format, mode, imposition, output, |sink| {
            let mut at = 0;
            labels.each(&mut tick, &mut |values| {
                let name = file_name(at, Some(values.serial()));
                at += 1;
                sink(0, &name, &labels.artwork().row(values))
            })
        })?;
    }
    progress.finish_and_clear();
    tell(labels.count(), output);
    note(format_args!("they are specimens: no live serial, and \"{}\" across each", Overprint::Test.text()));
    Ok(())
}

/// Pictures go into a folder: a name that looks like one picture's was not meant as a folder's.
fn is_picture(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("png")) && !path.is_dir()
}
