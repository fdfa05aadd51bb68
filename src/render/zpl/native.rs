//! Native mode: what is the same on all labels is stored in the printer once; a label then only names its fields.
//!
//! What differs from unit to unit is drawn by the printer: symbols in the module size and at the place of the drawing,
//! texts in its own font 0 at the height of the drawing. What it cannot draw so (EAN and UPC with their guard bars, turned
//! texts, letters beyond Latin-1, white on black, an overprint) goes along as a small graphic. All else is a stored graphic
//! with the dots of the PNG. So there is no label that native mode refuses.

use std::io::{self, Write};
use std::sync::Arc;

use data_encoding::BASE32_NOPAD;

use super::escape::push_escaped_field;
use super::patch::Patch;
use super::place::Origin;
use super::stock::{Stock, sent_along};
use super::symbol::{SymbolWriter, push_symbol_head};
use super::{PrinterSetup, ZplError};
use crate::label::{Bitmap, Compiled, Drawing, GlyphRun, Ink, Item, Resolution, Scratch, Symbol, Turn};
use crate::render::raster::{GlyphCache, fixed_layer, paint_item};

/// All that the labels of a job share: stored graphics, stored format.
pub struct NativeJob {
    compiled: Arc<Compiled>,
    /// What drawings are compared with: the format was made for this one.
    shape: Drawing,
    /// Which of its items are fields of the format.
    is_field: Vec<bool>,
    /// Something white stands on what differs: the order in which things are drawn matters, and printers draw the fields of
    /// a stored format when they like. Then labels bring all their fields along.
    is_layered: bool,
    constants: Vec<Constant>,
    origin: Origin,
    store: Vec<u8>,
    head: String,
    inline_head: Vec<u8>,
    alone_head: Vec<u8>,
    end: String,
}

/// What stands on every label alike, but over what differs: an overprint.
struct Constant {
    item: Item,
    /// Fields for it, stored in the printer.
    stored: Vec<u8>,
    /// Fields that bring it along.
    sent: Vec<u8>,
}

/// How a label gets at what all labels share.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shared {
    /// It was stored in the printer.
    Stored,
    /// The label brings it along.
    Sent,
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
        let origin = Origin::new(setup, &compiled)?;
        let commands = setup.commands(&compiled);
        let shape = compiled.draw_widest(&mut Scratch::default())?.clone();
        let layer = fixed_layer(&compiled, &mut GlyphCache::default());
        let mut stock = Stock::new(name);
        let sent = sent_along(&layer, Ink::Black, origin);
        let stored = stock.put(&layer, Ink::Black, origin).unwrap_or_else(|| sent.clone());
        let constants = constants(&shape, &compiled, origin, &mut stock);
        let mut store = setup.immediate().into_bytes();
        store.extend_from_slice(&stock.store);
        store.extend_from_slice(&[format!("^XA^DFR:{name}.ZPL^FS{commands}").as_bytes(), &stored, b"\n"].concat());
        let mut field = 0;
        let push = |item| push_stored_field(item, &mut field, &compiled, origin, &mut store);
        let is_field = shape.items.iter().map(push).collect();
        store.extend_from_slice(b"^XZ\n");
        let head = format!("^XA^XFR:{name}^FS");
        let inline_head = [b"^XA", commands.as_bytes(), &stored].concat();
        let alone_head = [setup.immediate().as_bytes(), b"^XA", commands.as_bytes(), &sent].concat();
        let is_layered = shape.items.iter().any(|item| item.ink() == Ink::White);
        let end = stock.end();
        Ok(NativeJob {
            compiled,
            shape,
            is_field,
            is_layered,
            constants,
            origin,
            store,
            head,
            inline_head,
            alone_head,
            end,
        })
    }

    /// What stores graphics and format in the printer; goes before the first label.
    pub fn store(&self) -> &[u8] {
        &self.store
    }

    /// What takes them out of the printer's memory; goes after the last label.
    pub fn end(&self) -> &[u8] {
        self.end.as_bytes()
    }

    /// Bytes that it keeps.
    pub(in crate::render) fn memory_bytes(&self) -> usize {
        let constants = self.constants.iter().map(|constant| constant.stored.len() + constant.sent.len());
        self.store.len() + self.inline_head.len() + self.alone_head.len() + constants.sum::<usize>()
    }

    /// What writes labels; one for each thread.
    pub fn maker(&self) -> NativeMaker<'_> {
        NativeMaker {
            job: self,
            scratch: Scratch::default(),
            symbols: SymbolWriter::default(),
            patch: Patch::new(self.origin),
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
        let job = self.job;
        let NativeMaker { scratch, symbols, patch, .. } = self;
        if job.is_layered {
            return self.inline(row, Shared::Stored, out);
        }
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
                return self.inline(row, Shared::Stored, out);
            }
        }
        patch.push(out);
        out.extend_from_slice(LABEL_END);
        Ok(())
    }

    /// Appends one label that prints by itself: nothing need be stored before it, and nothing is stored by it.
    ///
    /// # Errors
    /// [`ZplError::Layout`]; nothing is appended then.
    pub fn alone(&mut self, row: &[&str], out: &mut Vec<u8>) -> Result<(), ZplError> {
        self.inline(row, Shared::Sent, out)
    }

    /// A label that brings all its fields along.
    fn inline(&mut self, row: &[&str], shared: Shared, out: &mut Vec<u8>) -> Result<(), ZplError> {
        let NativeMaker { job, scratch, symbols, patch } = self;
        let drawing = job.compiled.draw(row, scratch)?;
        out.extend_from_slice(if shared == Shared::Stored { &job.inline_head } else { &job.alone_head });
        for item in &drawing.items {
            patch.turn_to(item.ink(), out);
            if let Some(constant) = job.constants.iter().find(|constant| constant.item == *item) {
                patch.push(out);
                out.extend_from_slice(if shared == Shared::Stored { &constant.stored } else { &constant.sent });
            } else {
                job.push_inline(drawing, item, symbols, patch, out);
            }
        }
        patch.push(out);
        out.extend_from_slice(LABEL_END);
        Ok(())
    }
}

/// Once, and no more.
const LABEL_END: &[u8] = b"^PQ1^XZ\n";

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

    /// A field with its own head, or a graphic of it.
    fn push_inline(
        &self,
        drawing: &Drawing,
        item: &Item,
        symbols: &mut SymbolWriter,
        patch: &mut Patch,
        out: &mut Vec<u8>,
    ) {
        let before = out.len();
        let drawn =
            push_head(item, &self.compiled, self.origin, out) && push_field(drawing, item, item, None, symbols, out);
        if !drawn {
            out.truncate(before);
            patch.paint(drawing, item, &self.compiled);
        }
    }
}

/// The overprint's pieces, as they stand on every label.
fn constants(shape: &Drawing, compiled: &Compiled, origin: Origin, stock: &mut Stock) -> Vec<Constant> {
    let side = |dots: i32| usize::try_from(dots).unwrap_or(0);
    let (width, height) = compiled.size_dots();
    let art = shape.items.iter().filter(|item| matches!(item, Item::Art(_)));
    art.map(|item| {
        let mut picture = Bitmap::new(side(width), side(height));
        paint_item(shape, &item.in_black(), compiled, &mut GlyphCache::default(), &mut picture);
        let sent = sent_along(&picture, item.ink(), origin);
        let stored = stock.put(&picture, item.ink(), origin).unwrap_or_else(|| sent.clone());
        Constant { item: item.clone(), stored, sent }
    })
    .collect()
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

/// A field of the stored format: its place and kind; a label gives the data. Whether the printer can draw it at all.
fn push_stored_field(item: &Item, field: &mut u32, compiled: &Compiled, origin: Origin, store: &mut Vec<u8>) -> bool {
    let before = store.len();
    if !push_head(item, compiled, origin, store) {
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
fn push_head(item: &Item, compiled: &Compiled, origin: Origin, out: &mut Vec<u8>) -> bool {
    match item {
        Item::Symbol(symbol) => push_symbol_head(symbol, origin, out).is_ok(),
        Item::Text(run) => {
            run.turn == Turn::None && run.ink == Ink::Black && push_text_head(run, compiled, origin, out).is_some()
        }
        Item::Rectangle { area, ink: Ink::Black } => {
            let thickness = area.width.min(area.height);
            let Some((x, y)) = origin.field(area.x, area.y) else { return false };
            writeln!(out, "^FO{x},{y}^GB{},{},{thickness}^FS", area.width, area.height).is_ok()
        }
        Item::Rectangle { .. } | Item::Image(_) | Item::Art(_) => false,
    }
}

/// A line of text in font 0, as high as in the drawing: its capitals are about three quarters of the height given.
fn push_text_head(run: &GlyphRun, compiled: &Compiled, origin: Origin, out: &mut Vec<u8>) -> Option<()> {
    let resolution: Resolution = compiled.resolution();
    let face = compiled.fonts().face(run.face);
    let capitals = resolution.nearest_edge_dots(face.scale(i64::from(face.heights().capitals), run.size));
    let height = capitals * 4 / 3;
    let (x, y) = origin.field(resolution.nearest_edge_dots(run.x), resolution.nearest_edge_dots(run.y))?;
    write!(out, "^FT{x},{y}^A0N,{height},{height}").ok()
}

fn is_at_same_place(symbol: &Symbol, planned: &Symbol) -> bool {
    (symbol.area.x, symbol.area.y, symbol.module_dots) == (planned.area.x, planned.area.y, planned.module_dots)
}

/// Whether the printer's own font is sure to have all letters.
fn is_latin(text: &str) -> bool {
    text.chars().all(|c| matches!(c, ' '..='~' | '\u{a1}'..='\u{ff}'))
}
