//! Graphic mode: each label is sent as the dots of its PNG.

use std::io::{self, Write};
use std::sync::Arc;

use super::place::Origin;
use super::z64::Z64;
use super::{PrinterSetup, ZplError};
use crate::label::{Compiled, Scratch};
use crate::render::deflate::Deflate;
use crate::render::raster::LabelRaster;

/// All that the labels of a job share.
pub struct GraphicJob {
    raster: LabelRaster,
    start: String,
    setup: String,
    origin: Origin,
    z64: Z64,
}

impl GraphicJob {
    /// Draws what is the same on all labels.
    ///
    /// # Errors
    /// [`ZplError::OffLabel`]; [`ZplError::Layout`] is not expected: the same was laid out before.
    pub fn new(compiled: Arc<Compiled>, setup: &PrinterSetup) -> Result<GraphicJob, ZplError> {
        let origin = Origin::new(setup, &compiled)?;
        let raster = LabelRaster::new(Arc::clone(&compiled));
        let sample = raster.clone().widest()?;
        let z64 = Z64::new(Deflate::for_rows(sample.bytes_per_row(), sample.bytes()));
        Ok(GraphicJob { raster, start: setup.immediate(), setup: setup.commands(&compiled), origin, z64 })
    }

    /// With all glyphs drawn that labels may need: for jobs that are kept, of which a label is drawn now and then.
    pub(in crate::render) fn warmed(mut self) -> GraphicJob {
        self.raster.warm();
        self
    }

    /// Bytes that it keeps.
    pub(in crate::render) fn memory_bytes(&self) -> usize {
        self.raster.memory_bytes() + self.z64.memory_bytes()
    }

    /// What goes before the first label.
    pub fn start(&self) -> &[u8] {
        self.start.as_bytes()
    }

    /// What writes labels; one for each thread.
    pub fn maker(&self) -> GraphicMaker<'_> {
        GraphicMaker { job: self, raster: self.raster.clone(), z64: self.z64.clone(), scratch: Scratch::default() }
    }
}

/// Writes labels of a job.
pub struct GraphicMaker<'j> {
    job: &'j GraphicJob,
    raster: LabelRaster,
    z64: Z64,
    scratch: Scratch,
}

impl GraphicMaker<'_> {
    /// Appends one label.
    ///
    /// # Errors
    /// [`ZplError::Layout`]; nothing is appended then.
    pub fn label(&mut self, row: &[&str], out: &mut Vec<u8>) -> Result<(), ZplError> {
        let bitmap = self.raster.draw(row, &mut self.scratch)?;
        writeln!(out, "^XA{}", self.job.setup)?;
        self.job.origin.graphics(bitmap, 0..bitmap.height(), |graphic| {
            let (x, y, count) = (graphic.x, graphic.y, graphic.bytes.len());
            // Writing to memory does not fail.
            let _ = write!(out, "^FO{x},{y}^GFA,{count},{count},{},", graphic.bytes_per_row);
            self.z64.push(graphic.bytes, out);
            out.extend_from_slice(b"^FS\n");
        });
        out.extend_from_slice(b"^PQ1^XZ\n");
        Ok(())
    }
}

/// A print job that is being written.
pub struct GraphicStream<'j, W: Write> {
    out: W,
    maker: GraphicMaker<'j>,
    line: Vec<u8>,
}

impl<'j, W: Write> GraphicStream<'j, W> {
    /// Starts a job.
    ///
    /// # Errors
    /// What the writer says.
    pub fn new(mut out: W, job: &'j GraphicJob) -> io::Result<GraphicStream<'j, W>> {
        out.write_all(job.start())?;
        Ok(GraphicStream { out, maker: job.maker(), line: Vec::new() })
    }

    /// Adds one label.
    ///
    /// # Errors
    /// [`ZplError::Layout`], after which other labels can be added, or [`ZplError::Io`].
    pub fn add(&mut self, row: &[&str]) -> Result<(), ZplError> {
        self.line.clear();
        self.maker.label(row, &mut self.line)?;
        Ok(self.out.write_all(&self.line)?)
    }

    /// Ends the job and gives the writer back.
    ///
    /// # Errors
    /// [`ZplError::Io`].
    pub fn finish(mut self) -> Result<W, ZplError> {
        self.out.flush().map_err(ZplError::Io)?;
        Ok(self.out)
    }
}
