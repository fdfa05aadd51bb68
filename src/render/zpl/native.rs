//! Native mode: what is the same on all labels is stored in the printer once; a label then only names its fields.
//!
//! What differs from unit to unit is drawn by the printer: symbols in the module size and at the place of the drawing,
//! texts in its own font 0 at the height of the drawing. What it cannot draw so (EAN and UPC with their guard bars, turned
//! texts, letters beyond Latin-1) goes along as a small graphic. All else is a stored graphic with the dots of the PNG.

use std::io::{self, Write};
use std::sync::Arc;

use data_encoding::BASE32_NOPAD;

use super::escape::push_escaped_field;
use super::patch::Patch;
use super::symbol::{SymbolWriter, push_symbol_head};
use super::z64::{Z64, bands};
use super::{PrinterSetup, ZplError};
use crate::label::{Compiled, Drawing, GlyphRun, Ink, Item, Resolution, Scratch, Symbol, Turn};
use crate::render::deflate::Deflate;
use crate::render::raster::{GlyphCache, fixed_layer};

/// All that the labels of a job share: stored graphics, stored format.
pub struct NativeJob {
    compiled: Arc<Compiled>,
    /// What drawings are compared with: the format was made for this one.
    shape: Drawing,
    /// Which of its items are fields of the format.
    is_field: Vec<bool>,
    store: Vec<u8>,
    head: String,
    inline_head: String,
    end: String,
}

impl NativeJob {
    /// Makes graphics and format.
    ///
    /// # Errors
    /// [`ZplError::Layout`] is not expected: the same was laid out before.
    pub fn new(compiled: Arc<Compiled>, setup: &PrinterSetup) -> Result<NativeJob, ZplError> {
        let name = object_name(compiled.digest());
        NativeJob::named(&name, compiled, setup)
    }

    /// The groups of one job. They use the same names in the printer, one after the other, so that nothing need be deleted
    /// between them.
    ///
    /// # Errors
    /// As for [`NativeJob::new`].
    pub fn groups(compiled: Vec<Arc<Compiled>>, setup: &PrinterSetup) -> Result<Vec<NativeJob>, ZplError> {
        let name = compiled.first().map(|first| object_name(first.digest())).unwrap_or_default();
        let mut jobs: Vec<NativeJob> =
            compiled.into_iter().map(|group| NativeJob::named(&name, group, setup)).collect::<Result<_, _>>()?;
        // Whichever group comes last takes away what the largest has stored.
        if let Some(longest) = jobs.iter().map(|job| job.end.clone()).max_by_key(String::len) {
            jobs.iter_mut().for_each(|job| job.end.clone_from(&longest));
        }
        Ok(jobs)
    }

    fn named(name: &str, compiled: Arc<Compiled>, setup: &PrinterSetup) -> Result<NativeJob, ZplError> {
        let commands = setup.commands(&compiled);
        let shape = compiled.draw_widest(&mut Scratch::default())?.clone();
        let mut store = setup.immediate().into_bytes();
        let placed = push_graphics(&compiled, name, &mut store);
        write!(store, "^XA^DFR:{name}.ZPL^FS{commands}\n{}", placed.fields)?;
        let mut field = 0;
        let is_field =
            shape.items.iter().map(|item| push_stored_field(item, &mut field, &compiled, &mut store)).collect();
        store.extend_from_slice(b"^XZ\n");
        let head = format!("^XA^XFR:{name}^FS");
        let mut end = format!("^XA^IDR:{name}.ZPL^FS");
        for part in 0..placed.count {
            end.push_str(&format!("^IDR:{name}{}.GRF^FS", part_letter(part)));
        }
        end.push_str("^XZ\n");
        let inline_head = format!("^XA{commands}{}", placed.fields.replace('\n', ""));
        Ok(NativeJob { compiled, shape, is_field, store, head, inline_head, end })
    }

    /// What stores graphics and format in the printer; goes before the first label.
    pub fn store(&self) -> &[u8] {
        &self.store
    }

    /// What takes them out of the printer's memory; goes after the last label.
    pub fn end(&self) -> &[u8] {
        self.end.as_bytes()
    }

    /// What writes labels; one for each thread.
    pub fn maker(&self) -> NativeMaker<'_> {
        NativeMaker {
            job: self,
            scratch: Scratch::default(),
            symbols: SymbolWriter::default(),
            patch: Patch::new(&self.compiled),
        }
    }
}

/// Writes labels of a job.
pub struct NativeMaker<'j> {
    job: &'j NativeJob,
    scratch: Scratch,
    symbols: SymbolWriter,
    patch: Patch,
}

impl NativeMaker<'_> {
    /// Appends one label.
    ///
    /// # Errors
    /// [`ZplError::Layout`]; nothing is appended then.
    pub fn label(&mut self, row: &[&str], out: &mut Vec<u8>) -> Result<(), ZplError> {
        let NativeMaker { job, scratch, symbols, patch } = self;
        let before = out.len();
        // The printer draws bars and modules: most labels need none of ours.
        let outline = job.compiled.draw_outlines(row, scratch);
        let is_done =
            outline.is_ok_and(|outline| job.has_all_fields() && job.push_fields(outline, symbols, patch, out));
        if !is_done {
            out.truncate(before);
            let drawing = job.compiled.draw(row, scratch)?;
            if !job.push_fields(drawing, symbols, patch, out) {
                out.truncate(before);
                job.push_inline(drawing, symbols, patch, out);
            }
        }
        patch.push(out);
        out.extend_from_slice(b"^PQ1^XZ\n");
        Ok(())
    }
}

impl NativeJob {
    /// Whether nothing of a label goes along as a graphic.
    fn has_all_fields(&self) -> bool {
        self.is_field.iter().all(|is_field| *is_field)
    }

    /// A label that gives the data of the stored format's fields. Whether it could give all of them: a field without data is
    /// not left blank by every printer.
    fn push_fields(&self, drawing: &Drawing, symbols: &mut SymbolWriter, patch: &mut Patch, out: &mut Vec<u8>) -> bool {
        if drawing.items.len() != self.shape.items.len() {
            return false;
        }
        out.extend_from_slice(self.head.as_bytes());
        let mut field = 0;
        let mut graphics = 0;
        for ((item, planned), is_field) in drawing.items.iter().zip(&self.shape.items).zip(&self.is_field) {
            if !is_field {
                graphics += 1;
                continue;
            }
            field += u32::from(!matches!(item, Item::Rectangle { .. }));
            if !push_field(drawing, item, planned, Some(field), symbols, out) {
                return false;
            }
        }
        if graphics > 0 {
            let drawn = drawing.items.iter().zip(&self.is_field).filter(|(_, is_field)| !**is_field);
            drawn.for_each(|(item, _)| patch.paint(drawing, item, &self.compiled));
        }
        true
    }

    /// A label that brings all its fields along, for data that the stored format does not fit.
    fn push_inline(&self, drawing: &Drawing, symbols: &mut SymbolWriter, patch: &mut Patch, out: &mut Vec<u8>) {
        out.extend_from_slice(self.inline_head.as_bytes());
        for item in &drawing.items {
            let before = out.len();
            let drawn = push_head(item, &self.compiled, out) && push_field(drawing, item, item, None, symbols, out);
            if !drawn {
                out.truncate(before);
                patch.paint(drawing, item, &self.compiled);
            }
        }
    }
}

/// Appends the data of a field, with its number in the stored format or behind its own head; whether the printer can draw it
/// as it was planned.
fn push_field(
    drawing: &Drawing,
    item: &Item,
    planned: &Item,
    field: Option<u32>,
    symbols: &mut SymbolWriter,
    out: &mut Vec<u8>,
) -> bool {
    match (item, planned) {
        (Item::Symbol(symbol), Item::Symbol(planned)) if is_at_same_place(symbol, planned) => {
            push_field_number(field, out);
            if symbols.push_data(symbol, planned, drawing, out).is_err() {
                return false;
            }
        }
        (Item::Text(run), Item::Text(planned)) if (run.x, run.y) == (planned.x, planned.y) => {
            let text = drawing.run_text(run);
            if !is_latin(text) {
                return false;
            }
            push_field_number(field, out);
            push_escaped_field(text, out);
        }
        (Item::Rectangle { .. }, Item::Rectangle { .. }) => return item == planned,
        _ => return false,
    }
    out.extend_from_slice(b"^FS");
    true
}

/// A print job that is being written.
pub struct NativeStream<'j, W: Write> {
    out: W,
    maker: NativeMaker<'j>,
    line: Vec<u8>,
}

impl<'j, W: Write> NativeStream<'j, W> {
    /// Starts a job: stores graphics and format.
    ///
    /// # Errors
    /// What the writer says.
    pub fn new(mut out: W, job: &'j NativeJob) -> io::Result<NativeStream<'j, W>> {
        out.write_all(job.store())?;
        Ok(NativeStream { out, maker: job.maker(), line: Vec::new() })
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

    /// Takes format and graphics out of the printer's memory, and gives the writer back.
    ///
    /// # Errors
    /// [`ZplError::Io`].
    pub fn finish(mut self) -> Result<W, ZplError> {
        self.out.write_all(self.maker.job.end())?;
        self.out.flush()?;
        Ok(self.out)
    }
}

fn push_field_number(field: Option<u32>, out: &mut Vec<u8>) {
    let Some(field) = field else { return };
    out.extend_from_slice(b"^FN");
    if field >= 10 {
        out.extend_from_slice(field.to_string().as_bytes());
    } else {
        out.push(b'0' + u8::try_from(field).unwrap_or(0));
    }
}

/// Seven characters that differ with the job, so that two jobs on one printer do not mix up their objects.
fn object_name(digest: &[u8; 32]) -> String {
    let text = BASE32_NOPAD.encode(digest);
    format!("N{}", &text[..6])
}

/// Names have at most eight characters: seven and a letter for the part.
fn part_letter(part: usize) -> char {
    u8::try_from(part % 26).map_or('A', |part| char::from(b'A' + part))
}

/// Graphics that were stored.
struct StoredGraphics {
    count: usize,
    fields: String,
}

/// Stores the fixed layer as graphics, white rows above and below left out.
fn push_graphics(compiled: &Compiled, name: &str, store: &mut Vec<u8>) -> StoredGraphics {
    let layer = fixed_layer(compiled, &mut GlyphCache::default());
    let is_inked = |row: &usize| layer.rows(*row, row + 1).iter().any(|byte| *byte != 0);
    let mut graphics = StoredGraphics { count: 0, fields: String::new() };
    let (Some(first), Some(last)) = ((0..layer.height()).find(is_inked), (0..layer.height()).rfind(is_inked)) else {
        return graphics;
    };
    let mut z64 = Z64::new(Deflate::for_rows(layer.bytes_per_row(), layer.rows(first, last + 1)));
    for (from, to) in bands(layer.bytes_per_row(), last + 1 - first) {
        let bytes = layer.rows(first + from, first + to);
        let letter = part_letter(graphics.count);
        let head = format!("~DGR:{name}{letter}.GRF,{},{},", bytes.len(), layer.bytes_per_row());
        store.extend_from_slice(head.as_bytes());
        z64.push(bytes, store);
        store.push(b'\n');
        graphics.fields.push_str(&format!("^FO0,{}^XGR:{name}{letter}.GRF,1,1^FS\n", first + from));
        graphics.count += 1;
    }
    graphics
}

/// A field of the stored format: its place and kind; a label gives the data. Whether the printer can draw it at all.
fn push_stored_field(item: &Item, field: &mut u32, compiled: &Compiled, store: &mut Vec<u8>) -> bool {
    let before = store.len();
    if !push_head(item, compiled, store) {
        store.truncate(before);
        return false;
    }
    if !matches!(item, Item::Rectangle { .. }) {
        *field += 1;
        push_field_number(Some(*field), store);
        store.extend_from_slice(b"^FS\n");
    }
    true
}

/// Place and kind of what the printer draws itself, a rectangle whole; whether it can.
fn push_head(item: &Item, compiled: &Compiled, out: &mut Vec<u8>) -> bool {
    match item {
        Item::Symbol(symbol) => push_symbol_head(symbol, out).is_ok(),
        Item::Text(run) => {
            run.turn == Turn::None && run.ink == Ink::Black && push_text_head(run, compiled, out).is_ok()
        }
        Item::Rectangle { area, ink: Ink::Black } => {
            let thickness = area.width.min(area.height);
            writeln!(out, "^FO{},{}^GB{},{},{thickness}^FS", area.x, area.y, area.width, area.height).is_ok()
        }
        Item::Rectangle { .. } | Item::Image(_) | Item::Art(_) => false,
    }
}

/// A line of text in font 0, as high as in the drawing: its capitals are about three quarters of the height given.
fn push_text_head(run: &GlyphRun, compiled: &Compiled, store: &mut Vec<u8>) -> io::Result<()> {
    let resolution: Resolution = compiled.resolution();
    let face = compiled.fonts().face(run.face);
    let capitals = resolution.nearest_edge_dots(face.scale(i64::from(face.heights().capitals), run.size));
    let height = capitals * 4 / 3;
    let (x, y) = (resolution.nearest_edge_dots(run.x), resolution.nearest_edge_dots(run.y));
    write!(store, "^FT{x},{y}^A0N,{height},{height}")
}

fn is_at_same_place(symbol: &Symbol, planned: &Symbol) -> bool {
    (symbol.area.x, symbol.area.y, symbol.module_dots) == (planned.area.x, planned.area.y, planned.module_dots)
}

/// Whether the printer's own font is sure to have all letters.
fn is_latin(text: &str) -> bool {
    text.chars().all(|c| matches!(c, ' '..='~' | '\u{a1}'..='\u{ff}'))
}
