//! Large jobs: labels drawn on several threads, written in order, with memory that does not grow.

use std::io::{self, Write};
use std::sync::Arc;

use super::parallel::{Ordered, ordered};
use super::pdf::{PageMaker, PdfError, PdfJob, PdfOptions, PdfStream};
use super::zpl::graphic::{GraphicJob, GraphicMaker};
use super::zpl::native::{NativeJob, NativeMaker};
use super::zpl::{PrinterSetup, ZplError};
use crate::label::Compiled;

/// Labels that a thread draws at a time: few enough that the first ones come out at once.
const LABELS_A_BATCH: usize = 256;

/// A job with all that its labels share, by group.
pub enum BulkJob {
    /// PDF.
    Pdf(Box<PdfJob>),
    /// ZPL that lets the printer draw what differs.
    ZplNative(Vec<NativeJob>),
    /// ZPL with the dots of each label.
    ZplGraphic(Vec<GraphicJob>),
}

/// What takes the rows of a job, each with the number of its group.
pub type Sink<'s> = dyn FnMut(usize, &[&str]) -> io::Result<()> + 's;

impl BulkJob {
    /// A PDF job.
    ///
    /// # Errors
    /// As for [`PdfJob::new`].
    pub fn pdf(groups: Vec<Arc<Compiled>>, options: PdfOptions) -> Result<BulkJob, PdfError> {
        PdfJob::new(groups, options).map(|job| BulkJob::Pdf(Box::new(job)))
    }

    /// A native ZPL job.
    ///
    /// # Errors
    /// As for [`NativeJob::new`].
    pub fn zpl_native(groups: Vec<Arc<Compiled>>, setup: &PrinterSetup) -> Result<BulkJob, ZplError> {
        NativeJob::groups(groups, setup).map(BulkJob::ZplNative)
    }

    /// A graphic ZPL job.
    ///
    /// # Errors
    /// As for [`GraphicJob::new`].
    pub fn zpl_graphic(groups: Vec<Arc<Compiled>>, setup: &PrinterSetup) -> Result<BulkJob, ZplError> {
        groups.into_iter().map(|group| GraphicJob::new(group, setup)).collect::<Result<_, _>>().map(BulkJob::ZplGraphic)
    }

    /// Writes all labels whose rows `feed` gives, in their order, drawn on this many threads. The bytes do not depend on how
    /// many there are.
    ///
    /// # Errors
    /// What the writer or `feed` says, or why a label cannot be drawn; those before it have been written then.
    pub fn write<W: Write>(
        &self,
        threads: usize,
        out: W,
        feed: impl FnOnce(&mut Sink<'_>) -> io::Result<()>,
    ) -> io::Result<W> {
        match self {
            BulkJob::Pdf(job) => write_pdf(job, threads, out, feed),
            BulkJob::ZplNative(jobs) => {
                let work = |makers: &mut Vec<_>, rows: Batch| {
                    rows.drawn(|group, row, out| NativeMaker::label(&mut makers[group], row, out))
                };
                let makers = || jobs.iter().map(NativeJob::maker).collect();
                write_pieces(threads, out, |group| (jobs[group].store(), jobs[group].end()), makers, work, feed)
            }
            BulkJob::ZplGraphic(jobs) => {
                let work = |makers: &mut Vec<_>, rows: Batch| {
                    rows.drawn(|group, row, out| GraphicMaker::label(&mut makers[group], row, out))
                };
                let makers = || jobs.iter().map(GraphicJob::maker).collect();
                write_pieces(threads, out, |group| (jobs[group].start(), &b""[..]), makers, work, feed)
            }
        }
    }
}

/// Rows on their way to a thread, in one piece of memory.
#[derive(Default)]
struct Batch {
    text: String,
    /// Where each value ends.
    ends: Vec<usize>,
    /// Of each row its group and where its values begin in `ends`.
    rows: Vec<(usize, usize)>,
    /// Number of the first row, from 0.
    first: u64,
    /// What goes out before the labels.
    prefix: Vec<u8>,
}

impl Batch {
    fn push(&mut self, group: usize, row: &[&str]) {
        self.rows.push((group, self.ends.len()));
        for value in row {
            self.text.push_str(value);
            self.ends.push(self.text.len());
        }
    }

    /// Empties it; gives what it held.
    fn take(&mut self) -> Batch {
        let next = self.first + u64::try_from(self.rows.len()).unwrap_or(0);
        std::mem::replace(self, Batch { first: next, ..Batch::default() })
    }

    /// Each row in order with its group, until one fails.
    fn each<E>(&self, mut take: impl FnMut(usize, &[&str]) -> Result<(), E>) -> Result<(), (u64, E)> {
        let mut row: Vec<&str> = Vec::new();
        let mut start = 0;
        for (at, (group, first)) in self.rows.iter().enumerate() {
            row.clear();
            let last = self.rows.get(at + 1).map_or(self.ends.len(), |(_, next)| *next);
            for &end in &self.ends[*first..last] {
                row.push(&self.text[start..end]);
                start = end;
            }
            take(*group, &row).map_err(|e| (self.first + u64::try_from(at).unwrap_or(0), e))?;
        }
        Ok(())
    }

    /// The bytes of all labels, and why the next one could not be drawn.
    fn drawn<E: Into<io::Error>>(
        mut self,
        mut draw: impl FnMut(usize, &[&str], &mut Vec<u8>) -> Result<(), E>,
    ) -> Drawn {
        let mut bytes = std::mem::take(&mut self.prefix);
        bytes.reserve(self.rows.len() * 160);
        let failed = self.each(|group, row| draw(group, row, &mut bytes)).map_err(failed);
        Drawn { bytes, failed: failed.err() }
    }
}

/// What a thread has drawn.
struct Drawn {
    bytes: Vec<u8>,
    failed: Option<io::Error>,
}

fn failed<E: Into<io::Error>>((row, error): (u64, E)) -> io::Error {
    let error: io::Error = error.into();
    io::Error::new(error.kind(), format!("label {}: {error}", row + 1))
}

impl From<ZplError> for io::Error {
    fn from(error: ZplError) -> io::Error {
        match error {
            ZplError::Io(error) => error,
            other => io::Error::other(other),
        }
    }
}

impl From<PdfError> for io::Error {
    fn from(error: PdfError) -> io::Error {
        match error {
            PdfError::Io(error) => error,
            other => io::Error::other(other),
        }
    }
}

/// Writes labels one after the other. `frame` gives what goes before the first label of a group, and after the last label of
/// the job if it is of this group.
fn write_pieces<'j, W: Write, M>(
    threads: usize,
    mut out: W,
    frame: impl Fn(usize) -> (&'j [u8], &'j [u8]),
    maker: impl Fn() -> M + Sync,
    work: impl Fn(&mut M, Batch) -> Drawn + Sync,
    feed: impl FnOnce(&mut Sink<'_>) -> io::Result<()>,
) -> io::Result<W> {
    let mut write = |drawn: Drawn| {
        out.write_all(&drawn.bytes)?;
        drawn.failed.map_or(Ok(()), Err)
    };
    let last = ordered(threads, maker, work, |pipeline: &mut Ordered<Batch, Drawn>| {
        let mut batch = Batch::default();
        let mut open: Option<usize> = None;
        feed(&mut |group, row| {
            if open != Some(group) || batch.rows.len() >= LABELS_A_BATCH {
                if !batch.rows.is_empty() {
                    pipeline.push(batch.take()).map_or(Ok(()), &mut write)?;
                }
                if open != Some(group) {
                    batch.prefix.extend_from_slice(frame(group).0);
                    open = Some(group);
                }
            }
            batch.push(group, row);
            Ok(())
        })?;
        if !batch.rows.is_empty() {
            pipeline.push(batch.take()).map_or(Ok(()), &mut write)?;
        }
        while let Some(drawn) = pipeline.take() {
            write(drawn)?;
        }
        Ok::<Option<usize>, io::Error>(open)
    })?;
    out.write_all(last.map_or(&b""[..], |group| frame(group).1))?;
    out.flush()?;
    Ok(out)
}

/// Packed pages that a thread has drawn.
struct Pages {
    bytes: Vec<u8>,
    /// Where each page ends.
    ends: Vec<usize>,
    failed: Option<io::Error>,
}

/// Draws the pages of a batch, which begins with a page.
fn pages(maker: &mut PageMaker<'_>, rows: &Batch, (room, places): (usize, usize)) -> Pages {
    let mut pages = Pages { bytes: Vec::with_capacity(rows.rows.len() * 700), ends: Vec::new(), failed: None };
    let failed = rows.each(|group, row| {
        maker.label(group, row, maker.labels() + places - room)?;
        if maker.labels() == room {
            maker.end(&mut pages.bytes);
            pages.ends.push(pages.bytes.len());
        }
        Ok::<(), PdfError>(())
    });
    pages.failed = failed.map_err(self::failed).err();
    if maker.labels() > 0 {
        maker.end(&mut pages.bytes);
        pages.ends.push(pages.bytes.len());
    }
    pages
}

fn write_pdf<W: Write>(
    job: &PdfJob,
    threads: usize,
    out: W,
    feed: impl FnOnce(&mut Sink<'_>) -> io::Result<()>,
) -> io::Result<W> {
    let (first, others) = job.labels_a_page();
    let mut pdf: PdfStream<'_, W> = job.stream(out)?;
    // Whole pages; the first one, which may hold fewer labels, by itself.
    let whole = LABELS_A_BATCH.div_ceil(others) * others;
    let room = |batch: &Batch| if batch.first == 0 { first } else { others };
    let size = |batch: &Batch| if batch.first == 0 && first < others { first } else { whole };
    let work = |maker: &mut PageMaker<'_>, batch: Batch| {
        let drawn = pages(maker, &batch, (room(&batch), others));
        (batch, drawn)
    };
    let mut write = |(batch, drawn): (Batch, Pages)| {
        batch
            .each(|_, row| {
                pdf.note(row);
                Ok::<(), io::Error>(())
            })
            .map_err(failed)?;
        let mut start = 0;
        for end in drawn.ends {
            pdf.add_page(&drawn.bytes[start..end])?;
            start = end;
        }
        drawn.failed.map_or(Ok(()), Err)
    };
    ordered(
        threads,
        || job.page_maker(),
        work,
        |pipeline| {
            let mut batch = Batch::default();
            feed(&mut |group, row| {
                batch.push(group, row);
                if batch.rows.len() < size(&batch) {
                    return Ok(());
                }
                pipeline.push(batch.take()).map_or(Ok(()), &mut write)
            })?;
            if !batch.rows.is_empty() {
                pipeline.push(batch.take()).map_or(Ok(()), &mut write)?;
            }
            while let Some(drawn) = pipeline.take() {
                write(drawn)?;
            }
            Ok::<(), io::Error>(())
        },
    )?;
    Ok(pdf.finish()?)
}
