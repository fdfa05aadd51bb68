//! SVG for previews on the web: text as outlines, so that it looks the same everywhere and nothing is fetched.

use std::fmt::Write;

use data_encoding::BASE64;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{GlyphId, MetadataProvider};

use super::png::encode_once;
use super::turn::turned;
use crate::label::art::{FillRule, Segment};
use crate::label::{
    Compiled, DotRect, Drawing, GlyphRun, Ink, Item, LayoutError, MatrixBits, PlacedArt, PlacedImage, Scratch, Symbol,
};

/// One label as an SVG document; its user unit is a dot of the printer.
///
/// # Errors
/// As for [`Compiled::draw`].
pub fn encode(compiled: &Compiled, row: &[&str]) -> Result<String, LayoutError> {
    let mut scratch = Scratch::default();
    let drawing = compiled.draw(row, &mut scratch)?;
    let (width, height) = compiled.size_dots();
    let (width_mm, height_mm) = (f64::from(compiled.size().0.0) / 1000.0, f64::from(compiled.size().1.0) / 1000.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width_mm}mm\" height=\"{height_mm}mm\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    for (drawing, item) in compiled.items(drawing) {
        push_item(drawing, item, compiled, &mut out);
    }
    out.push_str("</svg>\n");
    Ok(out)
}

fn color(ink: Ink) -> &'static str {
    match ink {
        Ink::Black => "#000",
        Ink::White => "#fff",
    }
}

fn push_item(drawing: &Drawing, item: &Item, compiled: &Compiled, out: &mut String) {
    match item {
        Item::Rectangle { area, ink } => {
            out.push_str("<path d=\"");
            push_rectangle(*area, out);
            let _ = writeln!(out, "\" fill=\"{}\"/>", color(*ink));
        }
        Item::Symbol(symbol) => push_symbol(drawing, symbol, out),
        Item::Text(run) => push_run(drawing, run, compiled, out),
        Item::Image(placed) => push_image(placed, compiled, out),
        Item::Art(placed) => push_art(placed, compiled, out),
    }
}

fn push_rectangle(area: DotRect, out: &mut String) {
    let _ = write!(out, "M{} {}h{}v{}h-{}z", area.x, area.y, area.width, area.height, area.width);
}

/// Bars or modules in one path with hard edges, named by what they say.
fn push_symbol(drawing: &Drawing, symbol: &Symbol, out: &mut String) {
    out.push_str("<path shape-rendering=\"crispEdges\" aria-label=\"");
    push_escaped(&format!("{}: {}", symbol.symbology.name(), drawing.symbol_data(symbol)), out);
    out.push_str("\" d=\"");
    for bar in drawing.symbol_bars(symbol) {
        push_rectangle(*bar, out);
    }
    if let Some(matrix) = &symbol.matrix {
        push_modules(drawing.matrix_bits(matrix), symbol, matrix, out);
    }
    out.push_str("\"/>\n");
}

fn push_modules(bits: &[u8], symbol: &Symbol, matrix: &MatrixBits, out: &mut String) {
    let bytes_per_row = usize::try_from(matrix.columns).unwrap_or(0).div_ceil(8).max(1);
    let dots = symbol.module_dots;
    for (y, row) in (0_i32..).zip(bits.chunks(bytes_per_row)) {
        let is_dark = |x: &i32| {
            let at = usize::try_from(*x).unwrap_or(0);
            row.get(at / 8).is_some_and(|byte| byte & (0x80 >> (at % 8)) != 0)
        };
        for x in (0..matrix.columns).filter(is_dark) {
            let area = DotRect { x: symbol.area.x + x * dots, y: symbol.area.y + y * dots, width: dots, height: dots };
            push_rectangle(area, out);
        }
    }
}

fn push_run(drawing: &Drawing, run: &GlyphRun, compiled: &Compiled, out: &mut String) {
    let face = compiled.fonts().face(run.face);
    let font = face.font();
    let dots = |um: i32| f64::from(um) * f64::from(compiled.resolution().dots_per_254_mm()) / 254_000.0;
    let scale = dots(run.size.0) / f64::from(face.units_per_em());
    out.push_str("<path aria-label=\"");
    push_escaped(drawing.run_text(run), out);
    let _ = write!(
        out,
        "\" fill=\"{}\" transform=\"translate({:.3} {:.3}) rotate({}) scale({scale:.6} -{scale:.6})\" d=\"",
        color(run.ink),
        dots(run.x.0),
        dots(run.y.0),
        run.turn.degrees()
    );
    for glyph in drawing.run_glyphs(run) {
        let Some(outline) = font.outline_glyphs().get(GlyphId::new(u32::from(glyph.id))) else { continue };
        let mut pen = PathPen { x: dots(glyph.x.0) / scale, y: dots(glyph.y.0) / scale, out };
        // A glyph without outline, such as a space, draws nothing.
        let _ = outline.draw(DrawSettings::unhinted(Size::unscaled(), LocationRef::default()), &mut pen);
    }
    out.push_str("\"/>\n");
}

/// Outlines as path data.
struct PathPen<'o> {
    x: f64,
    y: f64,
    out: &'o mut String,
}

impl PathPen<'_> {
    fn push(&mut self, command: char, points: &[(f32, f32)]) {
        self.out.push(command);
        for (i, (x, y)) in points.iter().enumerate() {
            let gap = if i == 0 { "" } else { " " };
            let _ = write!(self.out, "{gap}{:.0} {:.0}", self.x + f64::from(*x), self.y + f64::from(*y));
        }
    }
}

impl OutlinePen for PathPen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.push('M', &[(x, y)]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.push('L', &[(x, y)]);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.push('Q', &[(cx, cy), (x, y)]);
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.push('C', &[(cx0, cy0), (cx1, cy1), (x, y)]);
    }

    fn close(&mut self) {
        self.out.push('z');
    }
}

/// A picture as the dots that are printed, within the document.
fn push_image(placed: &PlacedImage, compiled: &Compiled, out: &mut String) {
    let Some(image) = compiled.images().get(placed.image) else { return };
    let side = |dots: i32| usize::try_from(dots).unwrap_or(0);
    let (width, height) = placed.turn.size((placed.area.width, placed.area.height));
    let dots = turned(&image.to_dots(side(width), side(height)), placed.turn);
    let png = BASE64.encode(&encode_once(&dots, compiled.resolution()));
    let DotRect { x, y, width, height } = placed.area;
    let _ = writeln!(
        out,
        "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" style=\"image-rendering:pixelated\" \
         href=\"data:image/png;base64,{png}\"/>"
    );
}

fn push_art(placed: &PlacedArt, compiled: &Compiled, out: &mut String) {
    let Some(art) = compiled.arts().get(placed.art) else { return };
    let (width, height) = placed.turn.size((placed.area.width, placed.area.height));
    let corner = placed.turn.corner((placed.area.width, placed.area.height));
    let _ = write!(
        out,
        "<g transform=\"translate({} {}) rotate({}) scale({:.9} {:.9})\"><svg width=\"{}\" height=\"{}\" overflow=\"hidden\">",
        placed.area.x + corner.0,
        placed.area.y + corner.1,
        placed.turn.degrees(),
        f64::from(width) / f64::from(art.width().max(1)),
        f64::from(height) / f64::from(art.height().max(1)),
        art.width(),
        art.height(),
    );
    for outline in art.outlines() {
        let is_white = (outline.ink == Ink::White) != (placed.ink == Ink::White);
        let rule = match outline.rule {
            FillRule::NonZero => "nonzero",
            FillRule::EvenOdd => "evenodd",
        };
        let fill = color(if is_white { Ink::White } else { Ink::Black });
        let _ = write!(out, "<path fill=\"{fill}\" fill-rule=\"{rule}\" d=\"");
        for segment in &outline.segments {
            let _ = match *segment {
                Segment::MoveTo([x, y]) => write!(out, "M{x} {y}"),
                Segment::LineTo([x, y]) => write!(out, "L{x} {y}"),
                Segment::QuadTo([a, b], [x, y]) => write!(out, "Q{a} {b} {x} {y}"),
                Segment::CubicTo([a, b], [c, d], [x, y]) => write!(out, "C{a} {b} {c} {d} {x} {y}"),
                Segment::Close => write!(out, "z"),
            };
        }
        out.push_str("\"/>");
    }
    out.push_str("</svg></g>\n");
}

/// Text within an attribute (XML 1.0, 2.2 and 2.4); characters that XML does not know are left out.
fn push_escaped(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => out.push(character),
        }
    }
}
