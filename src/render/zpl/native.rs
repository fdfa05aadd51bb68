//! Native mode: what is the same on all labels is stored in the printer once; a label then only names its fields.
//!
//! The printer draws the symbols, in the module size and at the place of the drawing, and the variable texts in its
//! own font 0 at the height of the drawing; all else is a stored graphic with the dots of the PNG.

use std::io::Write;

use data_encoding::BASE32_NOPAD;

use super::escape::{push_code128, push_text};
use super::z64::{Z64, bands};
use super::{PrinterSetup, ZplError};
use crate::label::symbol::code128::Code128;
use crate::label::{Compiled, Drawing, GlyphRun, Item, Resolution, Scratch, Symbol, Symbology};
use crate::render::raster::{GlyphCache, Layer, fixed_layer};

/// A print job that is being written.
pub struct NativeStream<'c, W: Write> {
    out: W,
    compiled: &'c Compiled,
    /// What all drawings must agree with: the format was made for this one.
    shape: Drawing,
    name: String,
    graphic_count: usize,
    head: String,
    scratch: Scratch,
    symbol: Code128,
    line: Vec<u8>,
}

impl<'c, W: Write> NativeStream<'c, W> {
    /// Starts a job: stores graphics and format.
    ///
    /// # Errors
    /// [`ZplError::NotNative`] for what the printer cannot draw itself, or [`ZplError::Io`].
    pub fn new(mut out: W, compiled: &'c Compiled, setup: &PrinterSetup) -> Result<NativeStream<'c, W>, ZplError> {
        let name = object_name(compiled.digest());
        let commands = setup.commands(compiled);
        let mut scratch = Scratch::default();
        let shape = compiled.draw_widest(&mut scratch)?.clone();
        let mut store = setup.immediate().into_bytes();
        let placed = push_graphics(compiled, &name, &mut store);
        write!(store, "^XA^DFR:{name}.ZPL^FS{commands}\n{}", placed.fields)?;
        let mut symbol = Code128::default();
        for item in &compiled.fixed().items {
            push_fixed_field(compiled.fixed(), item, &mut symbol, &mut store)?;
        }
        for (item, field) in shape.items.iter().zip(1..) {
            push_variable_field(&shape, item, field, compiled, &mut store)?;
        }
        store.extend_from_slice(b"^XZ\n");
        out.write_all(&store)?;
        let (_, height) = compiled.size_dots();
        let head = format!("^XA^CI28^LH0,0^LL{height}^XFR:{name}.ZPL^FS");
        let graphic_count = placed.count;
        Ok(NativeStream { out, compiled, shape, name, graphic_count, head, scratch, symbol, line: Vec::new() })
    }

    /// Adds one label.
    ///
    /// # Errors
    /// [`ZplError::Layout`] or [`ZplError::NotNative`], after which other labels can be added, or [`ZplError::Io`].
    pub fn add(&mut self, row: &[&str]) -> Result<(), ZplError> {
        let drawing = self.compiled.draw(row, &mut self.scratch)?;
        if drawing.items.len() != self.shape.items.len() {
            return Err(ZplError::NotNative("a text has another number of lines than the format was made for"));
        }
        self.line.clear();
        self.line.extend_from_slice(self.head.as_bytes());
        for ((item, shape), field) in drawing.items.iter().zip(&self.shape.items).zip(1..) {
            write!(self.line, "^FN{field}")?;
            match (item, shape) {
                (Item::Symbol(symbol), Item::Symbol(planned)) if is_at_same_place(symbol, planned) => {
                    self.line.extend_from_slice(b"^FD");
                    let most_dots = planned.area.width;
                    push_symbol_data(symbol, most_dots, drawing, &mut self.symbol, &mut self.line)?;
                }
                (Item::Text(run), Item::Text(planned)) if run.x == planned.x && run.baseline == planned.baseline => {
                    self.line.extend_from_slice(b"^FH_^FD");
                    push_text(latin(&drawing.chars[run.text.clone()])?, &mut self.line);
                }
                _ => return Err(ZplError::NotNative("something stands elsewhere from label to label")),
            }
            self.line.extend_from_slice(b"^FS");
        }
        self.line.extend_from_slice(b"^PQ1^XZ\n");
        Ok(self.out.write_all(&self.line)?)
    }

    /// Takes format and graphics out of the printer's memory, and gives the writer back.
    ///
    /// # Errors
    /// [`ZplError::Io`].
    pub fn finish(mut self) -> Result<W, ZplError> {
        let mut end = format!("^XA^IDR:{}.ZPL^FS", self.name);
        for part in 0..self.graphic_count {
            end.push_str(&format!("^IDR:{}{}.GRF^FS", self.name, part_letter(part)));
        }
        end.push_str("^XZ\n");
        self.out.write_all(end.as_bytes())?;
        self.out.flush()?;
        Ok(self.out)
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
    let layer = fixed_layer(compiled, Layer::WithoutSymbols, &mut GlyphCache::default());
    let is_inked = |row: &usize| layer.rows(*row, row + 1).iter().any(|byte| *byte != 0);
    let mut graphics = StoredGraphics { count: 0, fields: String::new() };
    let (Some(first), Some(last)) = ((0..layer.height()).find(is_inked), (0..layer.height()).rfind(is_inked)) else {
        return graphics;
    };
    let mut z64 = Z64::new(9);
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

/// A symbol that is the same on all labels; the rest is in the stored graphic.
fn push_fixed_field(
    drawing: &Drawing,
    item: &Item,
    encoder: &mut Code128,
    store: &mut Vec<u8>,
) -> Result<(), ZplError> {
    match item {
        Item::Symbol(symbol) => {
            push_symbol_head(symbol, store)?;
            store.extend_from_slice(b"^FD");
            push_symbol_data(symbol, symbol.area.width, drawing, encoder, store)?;
            store.extend_from_slice(b"^FS\n");
            Ok(())
        }
        Item::Rectangle(_) | Item::Text(_) | Item::Image(_) => Ok(()),
    }
}

/// A field whose data a label gives.
fn push_variable_field(
    shape: &Drawing,
    item: &Item,
    field: i32,
    compiled: &Compiled,
    store: &mut Vec<u8>,
) -> Result<(), ZplError> {
    match item {
        Item::Symbol(symbol) if symbol.symbology == Symbology::Ean13 => {
            return Err(ZplError::NotNative(
                "an EAN-13 differs from label to label, and its guard bars are in the graphic",
            ));
        }
        Item::Symbol(symbol) => push_symbol_head(symbol, store)?,
        Item::Text(run) => push_text_head(run, compiled, store)?,
        Item::Rectangle(_) | Item::Image(_) => debug_assert!(false, "{shape:?} has fixed items"),
    }
    Ok(writeln!(store, "^FN{field}^FS")?)
}

/// Place, module and kind of a symbol, without text of its own.
fn push_symbol_head(symbol: &Symbol, store: &mut Vec<u8>) -> Result<(), ZplError> {
    let area = symbol.area;
    write!(store, "^FO{},{}^BY{},3,{}", area.x, area.y, symbol.module_dots, area.height)?;
    match symbol.symbology {
        Symbology::Code128 => write!(store, "^BCN,{},N,N,N,N", area.height)?,
        Symbology::Ean13 => write!(store, "^BEN,{},N,N", area.height)?,
    }
    Ok(())
}

/// Data of a symbol. `^BE` takes twelve digits and adds the check digit, which was verified before.
///
/// Some imitations of ZPL stumble over `>5`, the switch to pairs of digits within Code 128. So it is written only where
/// the symbol would otherwise be wider than the widest one that was planned.
fn push_symbol_data(
    symbol: &Symbol,
    most_dots: i32,
    drawing: &Drawing,
    encoder: &mut Code128,
    out: &mut Vec<u8>,
) -> Result<(), ZplError> {
    let data = &drawing.chars[symbol.data.clone()];
    let refused = |_| ZplError::NotNative("a control character in Code 128");
    match symbol.symbology {
        Symbology::Code128 => {
            let beyond = |_| ZplError::NotNative("data beyond Code 128");
            encoder.encode_plain_into(data).map_err(beyond)?;
            if i64::from(encoder.module_count()) * i64::from(symbol.module_dots) > i64::from(most_dots) {
                encoder.encode_into(data).map_err(beyond)?;
            }
            push_code128(encoder.steps(), out).map_err(refused)
        }
        Symbology::Ean13 => {
            push_text(data.get(..12).unwrap_or(data), out);
            Ok(())
        }
    }
}

/// A line of text in font 0, as high as in the drawing: its capitals are about three quarters of the height given.
fn push_text_head(run: &GlyphRun, compiled: &Compiled, store: &mut Vec<u8>) -> Result<(), ZplError> {
    let resolution: Resolution = compiled.resolution();
    let face = compiled.fonts().face(run.face);
    let capitals = resolution.nearest_edge_dots(face.scale(i64::from(face.heights().capitals), run.size));
    let height = capitals * 4 / 3;
    let (x, y) = (resolution.nearest_edge_dots(run.x), resolution.nearest_edge_dots(run.baseline));
    Ok(write!(store, "^FT{x},{y}^A0N,{height},{height}")?)
}

fn is_at_same_place(symbol: &Symbol, planned: &Symbol) -> bool {
    (symbol.area.x, symbol.area.y, symbol.module_dots) == (planned.area.x, planned.area.y, planned.module_dots)
}

/// Text that the printer's own font is sure to have.
fn latin(text: &str) -> Result<&str, ZplError> {
    let known = |c: char| matches!(c, ' '..='~' | '\u{a1}'..='\u{ff}');
    if text.chars().all(known) {
        Ok(text)
    } else {
        Err(ZplError::NotNative("a letter beyond Latin-1 in a variable text"))
    }
}
