//! Labels of an artwork, one after the other, in the form that a printer or a person wants.

use super::artwork::Artwork;
use super::unit::UnitValues;
use crate::label::Scratch;
use crate::render::bulk::BulkJob;
use crate::render::pdf::PdfOptions;
use crate::render::png::PngSeries;
use crate::render::zpl::PrinterSetup;
use crate::service::ServiceError;
use std::io::{self, Seek, Write};
use std::sync::Arc;
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};

/// An output that labels can be written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelFormat {
    /// One label a page.
    Pdf,
    /// ZPL II that lets the printer draw symbols and serials: smallest and fastest.
    ZplNative,
    /// ZPL II that sends the very dots of the PNG.
    ZplGraphic,
    /// One 1-bit PNG a label, in a ZIP archive.
    PngZip,
}

impl LabelFormat {
    /// The media type (IANA, or what printers' makers use).
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::ZplNative | Self::ZplGraphic => "application/zpl",
            Self::PngZip => "application/zip",
        }
    }
}

/// What takes the units of a job, one after the other.
pub type UnitSink<'s> = dyn FnMut(&UnitValues) -> io::Result<()> + 's;

/// Threads that draw the labels of one job: printers and browsers wait for others' jobs as well.
const THREADS: usize = 2;

impl Artwork {
    /// Makes sure that labels can be written in a format at all, before the first byte goes out.
    ///
    /// # Errors
    /// [`ServiceError::Label`] says what the format cannot do.
    pub fn check(&self, format: LabelFormat) -> Result<(), ServiceError> {
        let refused = |e: io::Error| ServiceError::Label(format!("template {}: {e}", self.template));
        self.job(format).map(drop).map_err(refused)
    }

    /// What the labels of a format share; none for PNG, where each is a file.
    fn job(&self, format: LabelFormat) -> io::Result<Option<BulkJob>> {
        let groups = vec![Arc::clone(&self.compiled)];
        let setup = PrinterSetup::default();
        Ok(match format {
            LabelFormat::Pdf => Some(BulkJob::pdf(groups, PdfOptions::default())?),
            LabelFormat::ZplNative => Some(BulkJob::zpl_native(groups, &setup)?),
            LabelFormat::ZplGraphic => Some(BulkJob::zpl_graphic(groups, &setup)?),
            LabelFormat::PngZip => None,
        })
    }

    /// Writes the labels of all units that `feed` gives; `count` is about how many there are.
    ///
    /// # Errors
    /// What the writer or `feed` says, or why a label cannot be drawn.
    pub fn write(
        &self,
        format: LabelFormat,
        count: u64,
        out: &mut dyn Write,
        feed: impl FnOnce(&mut UnitSink<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        match self.job(format)? {
            Some(job) => {
                let threads = if count < 1_000 { 1 } else { THREADS };
                job.write(threads, out, |sink| feed(&mut |values| sink(0, &self.row(values)))).map(drop)
            }
            None => self.write_zip(out, feed),
        }
    }

    /// Makes one PNG after the other of the units that `feed` gives; `take` gets each with its file's bytes.
    ///
    /// # Errors
    /// What `take` or `feed` says, or why a label cannot be drawn.
    pub fn each_png(
        &self,
        feed: impl FnOnce(&mut UnitSink<'_>) -> io::Result<()>,
        mut take: impl FnMut(&UnitValues, &[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut series = PngSeries::new(Arc::clone(&self.compiled)).map_err(io::Error::other)?;
        let (mut scratch, mut png) = (Scratch::default(), Vec::new());
        feed(&mut |values| {
            png.clear();
            series.push(&self.row(values), &mut scratch, &mut png).map_err(io::Error::other)?;
            take(values, &png)
        })
    }

    fn write_zip(&self, out: &mut dyn Write, feed: impl FnOnce(&mut UnitSink<'_>) -> io::Result<()>) -> io::Result<()> {
        // PNG is compressed already; entries carry the earliest date that ZIP knows, so that the same labels are the
        // same bytes.
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let mut zip: ZipWriter<StreamWriter<&mut dyn Write>> = ZipWriter::new_stream(out);
        let mut at = 0_u64;
        self.each_png(feed, |values, bytes| {
            at += 1;
            add_entry(&mut zip, &format!("{at:06}-{}.png", values.serial()), bytes, options)
        })?;
        zip.finish().map_err(io::Error::other).map(drop)
    }
}

fn add_entry<W: Write + Seek>(
    zip: &mut ZipWriter<W>,
    name: &str,
    bytes: &[u8],
    options: SimpleFileOptions,
) -> io::Result<()> {
    zip.start_file(name, options).map_err(io::Error::other)?;
    zip.write_all(bytes)
}
