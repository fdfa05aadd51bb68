//! `nameplate render`: labels without a server.

use super::failure::{Failure, Outcome};
use super::installation::Place;
use super::output::{note, stdout, write_file};
use super::progress::bar;
use crate::label::Resolution;
use crate::service::Caller;
use crate::service::labels::{BlockLabels, LabelFormat, LabelRequest};
use clap::ValueEnum;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Draws the labels of a block as PDF, ZPL or PNG
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The same block, template and catalogue give the same bytes at any time. PNG files go into a
folder, named by their serials, or into one archive if OUT ends in .zip.

Examples:
  nameplate render --block BLK-0123456789ABCDEF --format pdf -o labels.pdf
  nameplate render --block BLK-0123456789ABCDEF --format zpl -o - | nc printer.example 9100
  nameplate render --block BLK-0123456789ABCDEF --format zpl --mode graphic --dpi 300 -o labels.zpl
  nameplate render --block BLK-0123456789ABCDEF --format png -o labels/")]
pub(super) struct Args {
    /// Block whose labels to draw
    #[arg(long)]
    block: String,
    /// Label template; the SKU's own if left out
    #[arg(long)]
    template: Option<String>,
    /// What to draw
    #[arg(long, value_enum)]
    format: Format,
    /// How ZPL is written
    #[arg(long, value_enum, default_value_t = Mode::Native)]
    mode: Mode,
    /// Dots an inch of the printer: 203, 300 or 600 [default: 203 for ZPL, else 300]
    #[arg(long)]
    dpi: Option<u32>,
    /// File (- for standard output); for PNG a folder or a .zip file
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One page a label
    Pdf,
    /// ZPL II, for label printers
    Zpl,
    /// One picture a label
    Png,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// The printer draws symbols and serials: smallest and fastest
    Native,
    /// The very dots of the PNG
    Graphic,
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        let dpi = self.dpi.unwrap_or(if self.format == Format::Zpl { 203 } else { 300 });
        let resolution = Resolution::from_dpi(dpi).ok_or_else(|| {
            Failure::Usage(format!("labels are drawn for 203, 300 and 600 dots an inch, not for {dpi}"))
        })?;
        if self.format == Format::Png && is_picture(&self.output) {
            return Err(Failure::Usage(format!(
                "PNG is one file a label, so {} cannot hold them: name a folder (-o labels/) or an archive (-o labels.zip)",
                self.output.display()
            )));
        }
        let request = LabelRequest { template: self.template.clone(), resolution };
        let caller = Caller::command_line();
        let labels =
            place.with(async |nameplate| Ok(nameplate.block_labels(&caller, &self.block, &request).await?)).await?;
        self.write(&labels)
    }

    fn write(&self, labels: &BlockLabels) -> Outcome {
        let to_stdout = self.output == Path::new("-");
        let format = match (self.format, self.mode) {
            (Format::Pdf, _) => LabelFormat::Pdf,
            (Format::Zpl, Mode::Native) => LabelFormat::ZplNative,
            (Format::Zpl, Mode::Graphic) => LabelFormat::ZplGraphic,
            (Format::Png, _) if to_stdout || self.output.extension().is_some_and(|e| e == "zip") => LabelFormat::PngZip,
            (Format::Png, _) => return write_pngs(labels, &self.output),
        };
        let progress = bar("drawing labels", labels.count());
        let mut tick = |done| progress.set_position(done);
        if to_stdout {
            let mut out = stdout();
            labels.write(format, &mut out, &mut tick)?;
            out.flush()?;
        } else {
            write_file(&self.output, |file| labels.write(format, file, &mut tick))?;
        }
        progress.finish_and_clear();
        tell(labels, if to_stdout { Path::new("standard output") } else { &self.output });
        Ok(())
    }
}

/// Says what was written. Standard output may hold the labels themselves.
fn tell(labels: &BlockLabels, to: &Path) {
    let count = labels.count();
    note(format_args!("{count} label{} written to {}", if count == 1 { "" } else { "s" }, to.display()));
}

fn write_pngs(labels: &BlockLabels, folder: &Path) -> Outcome {
    let failed = |error: &std::io::Error| Failure::file(folder, "cannot be written", error);
    fs::create_dir_all(folder).map_err(|e| failed(&e))?;
    let progress = bar("drawing labels", labels.count());
    let mut tick = |done| progress.set_position(done);
    let write = |serial: &crate::serial::Serial, bytes: &[u8]| fs::write(folder.join(format!("{serial}.png")), bytes);
    labels.each_png(&mut tick, write).map_err(|e| failed(&e))?;
    progress.finish_and_clear();
    tell(labels, folder);
    Ok(())
}

/// Pictures go into a folder: a name that looks like one picture's was not meant as a folder's.
fn is_picture(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("png")) && !path.is_dir()
}
