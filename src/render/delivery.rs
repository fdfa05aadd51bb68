//! What a printer fetches: a complete document of a few labels.
//!
//! A document prints by itself. It sets everything that it depends on, whatever was printed before it, and leaves nothing in
//! the printer, so that nothing after it can depend on it:
//!
//! - A document of one native label stores nothing: format, graphics and fields go along. From two labels on it stores what
//!   they share, uses it and deletes it, because that is smaller.
//! - Stored objects are named after the job's digest, so documents of different jobs never mean each other's objects.
//!   Documents of one job store the same bytes under the same names; each stores them before it uses them and deletes them
//!   after its last label. A printer works through the bytes of a connection in their order, and whoever delivers sends one
//!   document after the other: so no document can delete what another still needs. (Two senders on one printer at the same
//!   time would mix their labels, whatever the format; a printer has one agent.)
//! - A document that broke off leaves its objects until the printer is switched off, or until the next document of the job
//!   stores them anew and deletes them. It may also leave a format that was begun and not ended, to which a printer would add
//!   what comes next: so whoever delivers sends [`CANCEL_HALF_A_FORMAT`](crate::print::zebra::CANCEL_HALF_A_FORMAT) before the next document. It is no part of documents,
//!   because there it would be refused by printers that imitate ZPL and do not know it.
//!
//! Each label is its own format with `^PQ1`: nothing counts or repeats by itself.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use thiserror::Error;

use super::pdf::{PdfError, PdfJob, PdfOptions};
use super::png::PngSeries;
use super::zpl::graphic::GraphicJob;
use super::zpl::native::NativeJob;
use super::zpl::{PrinterSetup, ZplError};
use crate::label::{Compiled, LayoutError, Scratch};

/// The most labels of one document.
pub const MAX_LABELS: usize = 500;

/// The form in which a printer takes labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryFormat {
    /// ZPL II; the printer draws symbols and serials. What it cannot draw goes along as dots.
    ZplNative,
    /// ZPL II with the dots of the PNG.
    ZplGraphic,
    /// One label a page.
    Pdf,
    /// The dots of one label.
    Png,
}

/// Formats with their names, in the order of the enum.
const FORMATS: [(DeliveryFormat, &str); 4] = [
    (DeliveryFormat::ZplNative, "zpl-native"),
    (DeliveryFormat::ZplGraphic, "zpl-graphic"),
    (DeliveryFormat::Pdf, "pdf"),
    (DeliveryFormat::Png, "png"),
];

/// A name that no format has.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no format {0:?}; labels are delivered as zpl-native, zpl-graphic, pdf or png")]
pub struct UnknownFormat(String);

impl DeliveryFormat {
    /// The name in records and settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        FORMATS.iter().find(|(format, _)| *format == self).map_or("", |(_, name)| name)
    }

    /// The media type (IANA, or what printers' makers use).
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            DeliveryFormat::ZplNative | DeliveryFormat::ZplGraphic => "application/zpl",
            DeliveryFormat::Pdf => "application/pdf",
            DeliveryFormat::Png => "image/png",
        }
    }

    /// The most labels that a document of this format holds.
    #[must_use]
    pub const fn max_labels(self) -> usize {
        match self {
            DeliveryFormat::Png => 1,
            DeliveryFormat::ZplNative | DeliveryFormat::ZplGraphic | DeliveryFormat::Pdf => MAX_LABELS,
        }
    }
}

impl fmt::Display for DeliveryFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for DeliveryFormat {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<DeliveryFormat, UnknownFormat> {
        let known = FORMATS.iter().find(|(_, name)| *name == text);
        known.map(|(format, _)| *format).ok_or_else(|| UnknownFormat(text.chars().take(80).collect()))
    }
}

/// Why there is no document.
#[derive(Debug, Error)]
pub enum DeliveryError {
    /// Too many labels, or none.
    #[error("a document holds 1 to {most} labels as {format}, not {found}")]
    LabelCount {
        /// Labels asked for.
        found: usize,
        /// The most that the format holds.
        most: usize,
        /// The format.
        format: DeliveryFormat,
    },
    /// A label cannot be drawn.
    #[error("label {number} of {count}: {cause}")]
    Label {
        /// Its place in the document, from 1.
        number: usize,
        /// How many labels the document has.
        count: usize,
        /// Why.
        cause: LayoutError,
    },
    /// The job cannot be drawn for this printer.
    #[error(transparent)]
    Zpl(ZplError),
    /// The job cannot be drawn as PDF.
    #[error(transparent)]
    Pdf(PdfError),
}

/// All that the documents of a job share: made once for a compiled label, a format and a printer's setup, and kept.
///
/// Documents can be made on several threads at the same time. The same rows give the same bytes at any time.
pub struct DeliveryJob {
    format: DeliveryFormat,
    compiled: Arc<Compiled>,
    kind: Kind,
    memory_bytes: usize,
}

enum Kind {
    Native(Box<NativeJob>),
    Graphic(Box<GraphicJob>),
    Pdf(Box<PdfJob>),
    Png(Box<PngSeries>),
}

impl fmt::Debug for DeliveryJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeliveryJob({} as {}, {} bytes)", self.compiled.name(), self.format, self.memory_bytes)
    }
}

impl DeliveryJob {
    /// Draws what is the same on all labels.
    ///
    /// Media, delivery, speed, darkness and offsets of `setup` are for ZPL. PDF and PNG have no words for them: there the
    /// printer's own settings, or those of its driver, hold.
    ///
    /// # Errors
    /// [`DeliveryError::Zpl`] if the printer's offset would cut something off; [`DeliveryError::Pdf`] if a font cannot be
    /// embedded.
    pub fn new(
        compiled: Arc<Compiled>,
        format: DeliveryFormat,
        setup: &PrinterSetup,
    ) -> Result<DeliveryJob, DeliveryError> {
        let all = Arc::clone(&compiled);
        let (kind, own_bytes) = match format {
            DeliveryFormat::ZplNative => {
                let job = NativeJob::new(all, setup).map_err(DeliveryError::Zpl)?;
                let bytes = job.memory_bytes();
                (Kind::Native(Box::new(job)), bytes)
            }
            DeliveryFormat::ZplGraphic => {
                let job = GraphicJob::new(all, setup).map_err(DeliveryError::Zpl)?.warmed();
                let bytes = job.memory_bytes();
                (Kind::Graphic(Box::new(job)), bytes)
            }
            DeliveryFormat::Pdf => {
                let job = PdfJob::new(vec![all], PdfOptions::default()).map_err(DeliveryError::Pdf)?;
                let bytes = job.memory_bytes();
                (Kind::Pdf(Box::new(job)), bytes)
            }
            DeliveryFormat::Png => {
                let series = PngSeries::new(all).map_err(|cause| DeliveryError::Zpl(cause.into()))?.warmed();
                let bytes = series.memory_bytes();
                (Kind::Png(Box::new(series)), bytes)
            }
        };
        let memory_bytes = own_bytes + compiled.memory_bytes();
        Ok(DeliveryJob { format, compiled, kind, memory_bytes })
    }

    /// The format of its documents.
    #[must_use]
    pub const fn format(&self) -> DeliveryFormat {
        self.format
    }

    /// The label without what differs from unit to unit.
    #[must_use]
    pub const fn compiled(&self) -> &Arc<Compiled> {
        &self.compiled
    }

    /// About how much memory it keeps, the compiled label included; fonts are shared by all jobs and not counted.
    #[must_use]
    pub const fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// Appends a complete document of these labels. Each row holds the variable fields in the order that the compiled label
    /// wants.
    ///
    /// # Errors
    /// [`DeliveryError`]; nothing is appended then.
    pub fn document<'v, R: AsRef<[&'v str]>>(&self, rows: &[R], out: &mut Vec<u8>) -> Result<(), DeliveryError> {
        let most = self.format.max_labels();
        if rows.is_empty() || rows.len() > most {
            return Err(DeliveryError::LabelCount { found: rows.len(), most, format: self.format });
        }
        let before = out.len();
        let written = match &self.kind {
            Kind::Native(job) => native(job, rows, out),
            Kind::Graphic(job) => graphic(job, rows, out),
            Kind::Pdf(job) => pdf(job, rows, out),
            Kind::Png(series) => png(series, rows, out),
        };
        if written.is_err() {
            out.truncate(before);
        }
        written
    }
}

/// Each label in order, until one cannot be drawn.
fn each<'v, R: AsRef<[&'v str]>>(
    rows: &[R],
    mut draw: impl FnMut(&[&str]) -> Result<(), ZplError>,
) -> Result<(), DeliveryError> {
    for (row, number) in rows.iter().zip(1..) {
        draw(row.as_ref()).map_err(|error| match error {
            ZplError::Layout(cause) => DeliveryError::Label { number, count: rows.len(), cause },
            other => DeliveryError::Zpl(other),
        })?;
    }
    Ok(())
}

fn native<'v, R: AsRef<[&'v str]>>(job: &NativeJob, rows: &[R], out: &mut Vec<u8>) -> Result<(), DeliveryError> {
    let mut maker = job.maker();
    if rows.len() == 1 {
        return each(rows, |row| maker.alone(row, out));
    }
    out.extend_from_slice(job.store());
    each(rows, |row| maker.label(row, out))?;
    out.extend_from_slice(job.end());
    Ok(())
}

fn graphic<'v, R: AsRef<[&'v str]>>(job: &GraphicJob, rows: &[R], out: &mut Vec<u8>) -> Result<(), DeliveryError> {
    let mut maker = job.maker();
    out.extend_from_slice(job.start());
    each(rows, |row| maker.label(row, out))
}

fn pdf<'v, R: AsRef<[&'v str]>>(job: &PdfJob, rows: &[R], out: &mut Vec<u8>) -> Result<(), DeliveryError> {
    let mut stream = job.stream(&mut *out).map_err(DeliveryError::Pdf)?;
    for (row, number) in rows.iter().zip(1..) {
        stream.add(row.as_ref()).map_err(|error| match error {
            PdfError::Layout(cause) => DeliveryError::Label { number, count: rows.len(), cause },
            other => DeliveryError::Pdf(other),
        })?;
    }
    stream.finish().map(drop).map_err(DeliveryError::Pdf)
}

fn png<'v, R: AsRef<[&'v str]>>(series: &PngSeries, rows: &[R], out: &mut Vec<u8>) -> Result<(), DeliveryError> {
    let (mut series, mut scratch) = (series.clone(), Scratch::default());
    each(rows, |row| Ok(series.push(row, &mut scratch, out)?))
}
