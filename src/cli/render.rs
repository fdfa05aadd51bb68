//! `nameplate render`: labels as files, of a block or of rows of data.

use super::failure::{Failure, Outcome};
use super::installation::Place;
use super::labels::block::Block;
use super::labels::{
    Data, Fields, LabelFiles, Mode, OutputFormat, SheetArgs, file_name, folder_of, refused, told, write_labels,
};
use super::output::note;
use super::progress::bar;
use crate::label::Resolution;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Draws labels as PDF, ZPL, PNG or SVG: of rows of data without any server, or specimens of a block's
#[derive(Debug, clap::Args)]
#[command(after_help = "\
With --data each row of a CSV file is a label: its columns are the template's fields (serial, gtin,
product.name ..). With --block specimens of the labels of an installation's block are drawn, as many
as it has serials: TEST - NOT A SERIAL stands across each, and no rule accepts what stands in place
of the serial. Live serials are printed by print jobs, which record each label. The same inputs give
the same bytes at any time. PNG and SVG go into a folder, one file a label, named by row and serial.

Examples:
  nameplate render --block BLK-0123456789ABCDEF --format pdf -o specimens.pdf
  nameplate render --block BLK-0123456789ABCDEF --format zpl -o - | nc printer.example 9100
  nameplate render --block BLK-0123456789ABCDEF --format zpl --mode graphic --dpi 300 -o specimens.zpl
  nameplate render --block BLK-0123456789ABCDEF --format png -o specimens/
  nameplate render --template unit-60x40 --data rows.csv --format pdf --sheet a4-60x40 --start 4 -o sheets.pdf
  nameplate render --template my-label.toml --data rows.csv --set brand.logo=logo.svg --format png -o labels/")]
pub(super) struct Args {
    /// Block of whose labels to draw specimens; without it --data names a CSV file whose rows are drawn
    #[arg(long, conflicts_with_all = ["set", "fonts"])]
    block: Option<String>,
    /// Label template: a file, or the name of one that is shipped or kept; of a block the SKU's own if left out
    #[arg(long)]
    template: Option<String>,
    #[command(flatten)]
    fields: Fields,
    /// What to draw
    #[arg(long, value_enum)]
    format: OutputFormat,
    /// How ZPL is written
    #[arg(long, value_enum, default_value_t = Mode::Native)]
    mode: Mode,
    /// Dots an inch of the printer: 203, 300 or 600. Bars made for 203 read on finer printers, too
    #[arg(long, default_value_t = 203)]
    dpi: u32,
    #[command(flatten)]
    sheet: SheetArgs,
    /// File (- for standard output); for PNG and SVG a folder, or the file of a single label
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
}

/// A printer's resolution.
pub(super) fn resolution(dpi: u32) -> Outcome<Resolution> {
    Resolution::from_dpi(dpi)
        .ok_or_else(|| Failure::Usage(format!("labels are drawn for 203, 300 and 600 dots an inch, not for {dpi}")))
}

impl Args {
    pub(super) async fn run(self, place: &Place, rows: Option<&Path>) -> Outcome {
        let resolution = resolution(self.dpi)?;
        match (&self.block, rows, &self.template) {
            (Some(block), _, template) => {
                let block = Block { code: block, template: template.as_deref(), resolution };
                block.draw(place, self.format, self.mode, &self.sheet, &self.output).await
            }
            (None, Some(data), Some(template)) => self.draw_rows(template, data, resolution),
            _ => Err(Failure::Usage(
                "name a block (--block), or a template and rows of data (--template T --data rows.csv)".to_owned(),
            )),
        }
    }

    fn draw_rows(&self, template: &str, data: &Path, resolution: Resolution) -> Outcome {
        let files = LabelFiles::open(template, &self.fields, &folder_of(data))?;
        let data = Data::open(data)?;
        let plan = data.plan(&files.template.content, &self.fields.given())?;
        let mut groups = Vec::with_capacity(plan.groups.len());
        for (fields, first_row) in &plan.groups {
            let compiled = files.compile(fields, resolution, &plan.variable)?;
            let compiled = compiled.map_err(|r| refused(&r, &format!(", data from row {} on,", first_row + 2)))?;
            groups.push(Arc::new(compiled));
        }
        told(groups.iter().flat_map(|group| group.findings()));
        let size = groups.first().map(|group| group.size()).unwrap_or_default();
        let imposition = self.sheet.imposition(size)?;
        let count = data.count();
        let progress = bar("drawing labels", count);
        let serial = data.header.iter().position(|column| column == "serial");
        write_labels(&groups, self.format, self.mode, imposition, &self.output, |sink| {
            let mut at = 0;
            data.each(|row| {
                let name = file_name(at, serial.and_then(|column| row.get(column).copied()));
                let drawn = sink(plan.group(row), &name, &plan.unit_values(row));
                at += 1;
                progress.set_position(at);
                drawn.map_err(|e| in_row(&e, at))
            })
        })?;
        progress.finish_and_clear();
        tell(count, &self.output);
        Ok(())
    }
}

fn in_row(error: &io::Error, row: u64) -> io::Error {
    io::Error::new(error.kind(), format!("row {}: {error}", row + 1))
}

/// Says what was written. Standard output may hold the labels themselves.
pub(super) fn tell(count: u64, to: &Path) {
    let to = if to == Path::new("-") { "standard output".to_owned() } else { to.display().to_string() };
    note(format_args!("{count} label{} written to {to}", if count == 1 { "" } else { "s" }));
}
