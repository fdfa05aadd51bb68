//! Drawings to PDF content streams (ISO 32000-1, clauses 8 and 9).
//!
//! Whatever has a hard edge is drawn in the dots of the printer, y downwards from the top left corner of the label.
//! Every bar is filled on its own and is 0.04 dot narrower than its dots: renderers snap a lone rectangle to the dots,
//! but not the parts of a compound path, and the hair keeps rounding from adding a dot.

use super::fonts::UsedFonts;
use super::number::{push_fixed, push_whole};
use crate::label::{Compiled, DotRect, Drawing, GlyphRun, Item, Resolution, Um};

/// Appends the operators that draw all items.
pub fn push_drawing(drawing: &Drawing, compiled: &Compiled, fonts: &mut UsedFonts, out: &mut Vec<u8>) {
    push_hard_edges(drawing, compiled, out);
    for item in &drawing.items {
        match item {
            Item::Text(run) => push_run(drawing, run, compiled, fonts, out),
            Item::Image(placed) => push_image(placed.image, placed.area, compiled, out),
            Item::Rectangle(_) | Item::Symbol(_) => {}
        }
    }
}

/// Rectangles and bars, in dots.
fn push_hard_edges(drawing: &Drawing, compiled: &Compiled, out: &mut Vec<u8>) {
    if !drawing.items.iter().any(|item| matches!(item, Item::Rectangle(_) | Item::Symbol(_))) {
        return;
    }
    let dot = micropoints(1, compiled.resolution());
    out.extend_from_slice(b"q ");
    push_fixed(dot, 6, out);
    out.extend_from_slice(b" 0 0 -");
    push_fixed(dot, 6, out);
    out.push(b' ');
    push_fixed(dot / 50, 6, out);
    out.push(b' ');
    push_fixed(height_micropoints(compiled) - dot / 50, 6, out);
    out.extend_from_slice(b" cm\n");
    for item in &drawing.items {
        match item {
            Item::Rectangle(area) => push_rectangle(*area, out),
            Item::Symbol(symbol) => drawing.symbol_bars(symbol).iter().for_each(|bar| push_rectangle(*bar, out)),
            Item::Text(_) | Item::Image(_) => {}
        }
    }
    out.extend_from_slice(b"Q\n");
}

/// One filled rectangle, a hair narrower and lower than its dots.
fn push_rectangle(area: DotRect, out: &mut Vec<u8>) {
    push_whole(i64::from(area.x), out);
    out.push(b' ');
    push_whole(i64::from(area.y), out);
    for side in [area.width, area.height] {
        out.push(b' ');
        push_fixed(i64::from(side) * 100 - 4, 2, out);
    }
    out.extend_from_slice(b" re f\n");
}

/// One line of text. Positions that differ from the face's own advance widths become adjustments.
fn push_run(drawing: &Drawing, run: &GlyphRun, compiled: &Compiled, fonts: &mut UsedFonts, out: &mut Vec<u8>) {
    let face = compiled.fonts().face(run.face);
    out.extend_from_slice(b"BT /F");
    push_whole(i64::from(run.face.0), out);
    out.push(b' ');
    push_fixed(points(run.size), 4, out);
    out.extend_from_slice(b" Tf ");
    push_fixed(points(run.x), 4, out);
    out.push(b' ');
    push_fixed(height_micropoints(compiled) / 100 - points(run.baseline), 4, out);
    out.extend_from_slice(b" Td [(");
    let mut advance = 0_i64;
    for glyph in drawing.run_glyphs(run) {
        let drift = glyph.x.0 - face.scale(advance, run.size).0;
        if drift.abs() > 2 {
            out.extend_from_slice(b") ");
            push_fixed(-i64::from(drift) * 100_000 / i64::from(run.size.0.max(1)), 2, out);
            out.extend_from_slice(b" (");
            advance += i64::from(drift) * i64::from(face.units_per_em()) / i64::from(run.size.0.max(1));
        }
        advance += i64::from(glyph.advance);
        for byte in fonts.code(run.face, glyph).to_be_bytes() {
            push_string_byte(byte, out);
        }
    }
    out.extend_from_slice(b")] TJ ET\n");
}

/// A byte of a literal string (ISO 32000-1, 7.3.4.2): what would end it or be changed by a reader is escaped.
fn push_string_byte(byte: u8, out: &mut Vec<u8>) {
    match byte {
        b'(' | b')' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
        b'\r' => out.extend_from_slice(b"\\r"),
        _ => out.push(byte),
    }
}

/// A picture in its box.
fn push_image(image: usize, area: DotRect, compiled: &Compiled, out: &mut Vec<u8>) {
    let at = |dots: i32| micropoints(dots, compiled.resolution());
    out.extend_from_slice(b"q ");
    push_fixed(at(area.width), 6, out);
    out.extend_from_slice(b" 0 0 ");
    push_fixed(at(area.height), 6, out);
    out.push(b' ');
    push_fixed(at(area.x), 6, out);
    out.push(b' ');
    push_fixed(height_micropoints(compiled) - at(area.y + area.height), 6, out);
    out.extend_from_slice(b" cm /I");
    push_whole(i64::try_from(image).unwrap_or(0), out);
    out.extend_from_slice(b" Do Q\n");
}

/// Dots in millionths of a point. Ten inches are 720 points.
pub fn micropoints(dots: i32, resolution: Resolution) -> i64 {
    let per_254_mm = i64::from(resolution.dots_per_254_mm());
    (2 * i64::from(dots) * 720_000_000 + per_254_mm).div_euclid(2 * per_254_mm)
}

/// A length in ten thousandths of a point.
pub fn points(length: Um) -> i64 {
    (i64::from(length.0) * 720_000 * 2 + 25_400).div_euclid(25_400 * 2)
}

/// Height of the label in millionths of a point.
fn height_micropoints(compiled: &Compiled) -> i64 {
    points(compiled.size().1) * 100
}
