//! Labels to files: one PDF or ZPL file, or one picture a label in a folder.

use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{stdout, write_file};
use crate::label::{Compiled, Scratch, Um};
use crate::render::bulk::BulkJob;
use crate::render::pdf::PdfOptions;
use crate::render::png::PngSeries;
use crate::render::sheet::{Calibration, Imposition, Sheet};
use crate::render::svg;
use crate::render::zpl::PrinterSetup;
use clap::ValueEnum;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What labels are drawn as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum OutputFormat {
    /// One page a label, or sheets of labels
    Pdf,
    /// ZPL II, for label printers
    Zpl,
    /// One picture a label, in black and white at the printer's dots
    Png,
    /// One drawing a label, for the web
    Svg,
}

/// How ZPL is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Mode {
    /// The printer draws symbols and serials: smallest and fastest
    Native,
    /// The very dots of the PNG
    Graphic,
}

/// Sheets of labels, for office printers.
#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct SheetArgs {
    /// Sheet of labels for PDF: a shipped one by its name, or a file
    #[arg(long, value_name = "SHEET")]
    sheet: Option<String>,
    /// First place on the first sheet that still has a label, counted from 1
    #[arg(long, value_name = "N", default_value_t = 1, requires = "sheet")]
    start: usize,
    /// Draws marks for cutting at the corners of the labels
    #[arg(long, requires = "sheet")]
    crop_marks: bool,
    /// Moves everything to the right by this many millimetres (negative: to the left), for a printer that is off
    #[arg(long, value_name = "MM", default_value_t = 0.0, allow_negative_numbers = true, requires = "sheet")]
    offset_x: f64,
    /// Moves everything down by this many millimetres (negative: up)
    #[arg(long, value_name = "MM", default_value_t = 0.0, allow_negative_numbers = true, requires = "sheet")]
    offset_y: f64,
    /// Prints this many percent wider (negative: narrower), for a printer that shrinks; up to 5
    #[arg(long, value_name = "PERCENT", default_value_t = 0.0, allow_negative_numbers = true, requires = "sheet")]
    stretch_x: f64,
    /// Prints this many percent higher (negative: lower)
    #[arg(long, value_name = "PERCENT", default_value_t = 0.0, allow_negative_numbers = true, requires = "sheet")]
    stretch_y: f64,
}

impl SheetArgs {
    /// How labels of this size stand on sheets.
    pub(in crate::cli) fn imposition(&self, label: (Um, Um)) -> Outcome<Option<Imposition>> {
        let Some(name) = &self.sheet else { return Ok(None) };
        let sheet = match Sheet::find(name) {
            Some(sheet) => sheet,
            None => {
                let path = Path::new(name);
                if !path.exists() {
                    let names: Vec<String> = Sheet::shipped().into_iter().map(|sheet| sheet.name).collect();
                    return Err(Failure::Failed(format!("there is no sheet {name}; shipped are {}", names.join(", "))));
                }
                let text = fs::read_to_string(path).map_err(|e| Failure::file(path, "cannot be read", &e))?;
                Sheet::parse(name, &text).map_err(Failure::failed)?
            }
        };
        let mut imposition = Imposition::new(sheet, label, self.start).map_err(Failure::failed)?;
        imposition.has_crop_marks = self.crop_marks;
        imposition.calibration = Calibration {
            offset_x: length(self.offset_x)?,
            offset_y: length(self.offset_y)?,
            stretch_x_ppm: ppm(self.stretch_x)?,
            stretch_y_ppm: ppm(self.stretch_y)?,
        };
        Ok(Some(imposition))
    }
}

fn length(mm: f64) -> Outcome<Um> {
    Um::from_mm(mm).filter(|um| um.0.abs() <= 50_000).ok_or_else(|| Failure::Usage(format!("{mm} mm is too far")))
}

fn ppm(percent: f64) -> Outcome<i32> {
    if percent.is_nan() || percent.abs() > 5.0 {
        return Err(Failure::Usage(format!("{percent} percent is too much; -5 to 5 are possible")));
    }
    Ok(Um::from_mm(percent * 10.0).map_or(0, |scaled| scaled.0))
}

/// What takes the rows, each with its group and its file name.
pub(in crate::cli) type LabelSink<'s> = dyn FnMut(usize, &str, &[&str]) -> io::Result<()> + 's;

/// Writes labels of one or more groups to where they shall go; `feed` gives the rows.
pub(in crate::cli) fn write_labels(
    groups: &[Arc<Compiled>],
    format: OutputFormat,
    mode: Mode,
    imposition: Option<Imposition>,
    output: &Path,
    feed: impl FnOnce(&mut LabelSink<'_>) -> io::Result<()>,
) -> Outcome {
    if imposition.is_some() && format != OutputFormat::Pdf {
        return Err(Failure::Usage("sheets are for PDF; leave --sheet out, or use --format pdf".to_owned()));
    }
    let setup = PrinterSetup::default();
    let failed = |e: io::Error| Failure::Failed(e.to_string());
    let job = match (format, mode) {
        (OutputFormat::Pdf, _) => {
            BulkJob::pdf(groups.to_vec(), PdfOptions { imposition, attachment: None }).map_err(|e| failed(e.into()))?
        }
        (OutputFormat::Zpl, Mode::Native) => {
            BulkJob::zpl_native(groups.to_vec(), &setup).map_err(|e| failed(e.into()))?
        }
        (OutputFormat::Zpl, Mode::Graphic) => {
            BulkJob::zpl_graphic(groups.to_vec(), &setup).map_err(|e| failed(e.into()))?
        }
        (OutputFormat::Png | OutputFormat::Svg, _) => return write_files(groups, format, output, feed),
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let rows = |sink: &mut crate::render::bulk::Sink<'_>| feed(&mut |group, _, row| sink(group, row));
    if output == Path::new("-") {
        let mut out = stdout();
        job.write(threads, &mut out, rows)?;
        Ok(out.flush()?)
    } else {
        write_file(output, |file| job.write(threads, file, rows).map(drop))
    }
}

/// One file a label.
fn write_files(
    groups: &[Arc<Compiled>],
    format: OutputFormat,
    output: &Path,
    feed: impl FnOnce(&mut LabelSink<'_>) -> io::Result<()>,
) -> Outcome {
    let failed = |error: &io::Error| Failure::file(output, "cannot be written", error);
    let mut series = Vec::new();
    if format == OutputFormat::Png {
        for group in groups {
            series.push(PngSeries::new(Arc::clone(group)).map_err(Failure::failed)?);
        }
    }
    let single = single_file(output, format);
    if !single {
        fs::create_dir_all(output).map_err(|e| failed(&e))?;
    }
    let ending = if format == OutputFormat::Png { "png" } else { "svg" };
    let (mut scratch, mut bytes, mut written) = (Scratch::default(), Vec::new(), 0_u64);
    feed(&mut |group, name, row| {
        bytes.clear();
        match series.get_mut(group) {
            Some(series) => series.push(row, &mut scratch, &mut bytes).map_err(io::Error::other)?,
            None => bytes.extend_from_slice(svg::encode(&groups[group], row).map_err(io::Error::other)?.as_bytes()),
        }
        written += 1;
        if single && written > 1 {
            return Err(io::Error::other("it is one file a label: name a folder instead"));
        }
        let path = if single { output.to_owned() } else { output.join(format!("{name}.{ending}")) };
        fs::write(path, &bytes)
    })
    .map_err(|e| failed(&e))
}

/// Whether the name is that of a picture, for a single label.
fn single_file(output: &Path, format: OutputFormat) -> bool {
    let ending = if format == OutputFormat::Png { "png" } else { "svg" };
    !output.is_dir() && output.extension().is_some_and(|e| e.eq_ignore_ascii_case(ending))
}

/// A name for the file of a row: its number, so that files sort as the rows do, and its serial if it is fit for a name.
pub(in crate::cli) fn file_name(row: u64, serial: Option<&str>) -> String {
    let fit = |s: &&str| !s.is_empty() && s.len() <= 80 && s.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let number = row + 1;
    serial.filter(fit).map_or_else(|| format!("{number:06}"), |serial| format!("{number:06}-{serial}"))
}

/// Where a picture of a preview goes.
pub(in crate::cli) fn format_of(output: &Path) -> Option<OutputFormat> {
    let ending = output.extension()?.to_str()?.to_ascii_lowercase();
    OutputFormat::value_variants()
        .iter()
        .copied()
        .find(|format| format.to_possible_value().is_some_and(|value| value.get_name() == ending))
}

/// The folder of a file, for what is named relative to it.
pub(in crate::cli) fn folder_of(path: &Path) -> PathBuf {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).map_or_else(|| PathBuf::from("."), Path::to_owned)
}
