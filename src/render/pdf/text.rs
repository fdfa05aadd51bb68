//! Runs of glyphs as text that can be selected and searched (ISO 32000-1, 9.4 and 14.9.4).

use super::content::{height_micropoints, points};
use super::fonts::UsedFonts;
use super::number::{push_fixed, push_whole};
use crate::label::{Compiled, Drawing, GlyphRun, Turn, Um};

/// Whether the glyphs do not say by themselves what a run reads: each of them one character, in the order of the text or
/// in reverse. Readers turn right-to-left text round themselves; some of them would do so with a text given for it, too.
fn needs_text(drawing: &Drawing, run: &GlyphRun) -> bool {
    let (glyphs, text) = (drawing.run_glyphs(run), drawing.run_text(run));
    let shown = || glyphs.iter().map(|glyph| glyph.character);
    let is_forward = || shown().eq(text.chars().map(Some));
    let is_backward = || shown().eq(text.chars().rev().map(Some));
    !run.is_plain && !is_forward() && !is_backward()
}

/// Appends a run. Positions that differ from the face's own advance widths become adjustments; where glyphs are not the
/// characters in order, the text is given beside them.
pub fn push_run(drawing: &Drawing, run: &GlyphRun, compiled: &Compiled, fonts: &UsedFonts, out: &mut Vec<u8>) {
    let is_told = needs_text(drawing, run);
    if is_told {
        out.extend_from_slice(b"/Span<</ActualText<FEFF");
        for unit in drawing.run_text(run).encode_utf16() {
            out.extend_from_slice(data_encoding::HEXUPPER.encode(&unit.to_be_bytes()).as_bytes());
        }
        out.extend_from_slice(b">>>BDC\n");
    }
    let face = compiled.fonts().face(run.face);
    out.extend_from_slice(b"BT /F");
    push_whole(i64::from(run.face.0), out);
    out.push(b' ');
    push_fixed(points(run.size), 4, out);
    out.extend_from_slice(b" Tf ");
    push_origin(run, compiled, out);
    let mut string = StringWriter { is_open: false, rise: Um(0), out };
    let mut advance = 0_i64;
    for glyph in drawing.run_glyphs(run) {
        if glyph.y != string.rise {
            string.set_rise(glyph.y);
        }
        let drift = glyph.x.0 - face.scale(advance, run.size).0;
        if drift.abs() > 2 {
            string.move_by(-i64::from(drift) * 100_000 / i64::from(run.size.0.max(1)));
            advance += i64::from(drift) * i64::from(face.units_per_em()) / i64::from(run.size.0.max(1));
        }
        advance += i64::from(glyph.advance);
        if let Some(code) = fonts.code(run.face, glyph) {
            string.code(code);
        }
    }
    string.set_rise(Um(0));
    out.extend_from_slice(b"ET\n");
    if is_told {
        out.extend_from_slice(b"EMC\n");
    }
}

/// Where the run starts, and its direction.
fn push_origin(run: &GlyphRun, compiled: &Compiled, out: &mut Vec<u8>) {
    let (axes, operator): (&[u8], &[u8]) = match run.turn {
        Turn::None => (b"", b" Td "),
        Turn::Quarter => (b"0 -1 1 0 ", b" Tm "),
        Turn::Half => (b"-1 0 0 -1 ", b" Tm "),
        Turn::ThreeQuarters => (b"0 1 -1 0 ", b" Tm "),
    };
    out.extend_from_slice(axes);
    push_fixed(points(run.x), 4, out);
    out.push(b' ');
    push_fixed(height_micropoints(compiled) / 100 - points(run.y), 4, out);
    out.extend_from_slice(operator);
}

/// Strings and adjustments of `TJ`, and text rise between them.
struct StringWriter<'o> {
    is_open: bool,
    rise: Um,
    out: &'o mut Vec<u8>,
}

impl StringWriter<'_> {
    fn open(&mut self) {
        if !self.is_open {
            self.out.extend_from_slice(b"[(");
            self.is_open = true;
        }
    }

    fn close(&mut self) {
        if self.is_open {
            self.out.extend_from_slice(b")] TJ ");
            self.is_open = false;
        }
    }

    fn code(&mut self, code: u16) {
        self.open();
        for byte in code.to_be_bytes() {
            push_string_byte(byte, self.out);
        }
    }

    /// Moves by hundredths of a thousandth of the size, to the left if positive.
    fn move_by(&mut self, hundredths: i64) {
        self.open();
        self.out.extend_from_slice(b") ");
        push_fixed(hundredths, 2, self.out);
        self.out.extend_from_slice(b" (");
    }

    fn set_rise(&mut self, rise: Um) {
        self.close();
        if self.rise != rise {
            push_fixed(points(rise), 4, self.out);
            self.out.extend_from_slice(b" Ts ");
            self.rise = rise;
        }
    }
}

/// A byte of a literal string (ISO 32000-1, 7.3.4.2): what would end it or be changed by a reader is escaped.
fn push_string_byte(byte: u8, out: &mut Vec<u8>) {
    match byte {
        b'(' | b')' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
        b'\r' => out.extend_from_slice(b"\\r"),
        _ => out.push(byte),
    }
}
