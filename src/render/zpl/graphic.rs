//! Graphic mode: each label is sent as the dots of its PNG.

use std::io::Write;

use super::z64::{Z64, bands};
use super::{PrinterSetup, ZplError};
use crate::label::Compiled;
use crate::render::raster::LabelRaster;

/// A print job that is being written.
pub struct GraphicStream<'c, W: Write> {
    out: W,
    raster: LabelRaster<'c>,
    setup: String,
    z64: Z64,
    line: Vec<u8>,
}

impl<'c, W: Write> GraphicStream<'c, W> {
    /// Starts a job.
    ///
    /// # Errors
    /// [`ZplError::Io`].
    pub fn new(mut out: W, compiled: &'c Compiled, setup: &PrinterSetup) -> Result<GraphicStream<'c, W>, ZplError> {
        out.write_all(setup.immediate().as_bytes())?;
        let raster = LabelRaster::new(compiled);
        Ok(GraphicStream { out, raster, setup: setup.commands(compiled), z64: Z64::new(6), line: Vec::new() })
    }

    /// Adds one label.
    ///
    /// # Errors
    /// [`ZplError::Layout`], after which other labels can be added, or [`ZplError::Io`].
    pub fn add(&mut self, row: &[&str]) -> Result<(), ZplError> {
        let bitmap = self.raster.draw(row)?;
        self.line.clear();
        writeln!(self.line, "^XA{}", self.setup)?;
        for (from, to) in bands(bitmap.bytes_per_row(), bitmap.height()) {
            let bytes = bitmap.rows(from, to);
            write!(self.line, "^FO0,{from}^GFA,{0},{0},{1},", bytes.len(), bitmap.bytes_per_row())?;
            self.z64.push(bytes, &mut self.line);
            self.line.extend_from_slice(b"^FS\n");
        }
        self.line.extend_from_slice(b"^PQ1^XZ\n");
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
