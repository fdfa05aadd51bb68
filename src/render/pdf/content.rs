//! Drawings to PDF content streams (ISO 32000-1, clauses 8 and 9).
//!
//! Whatever has a hard edge is drawn in the dots of the printer, y downwards from the top left corner of the label.
//! Every bar is filled on its own and is 0.04 dot narrower than its dots: renderers snap a lone rectangle to the dots,
//! but not the parts of a compound path, and the hair keeps rounding from adding a dot. Matrix symbols are one-bit image
//! masks on the dots.

use super::art::push_art;
use super::fonts::UsedFonts;
use super::number::{push_fixed, push_whole};
use super::text::push_run;
use crate::label::{
    Compiled, DotRect, Drawing, Ink, Item, MatrixBits, PlacedArt, PlacedImage, Resolution, Symbol, Turn, Um,
};

/// A content stream that is being written. The modules of a matrix symbol do not compress: those of the last symbol are kept
/// apart, at the end, so that nobody looks for repeats in them.
#[derive(Default)]
pub struct Content {
    head: Vec<u8>,
    tail: Vec<u8>,
    /// Number of the drawing's first image among those of the document.
    first_image: usize,
}

impl Content {
    /// For a drawing whose first image has this number in the document.
    pub fn starting_at(first_image: usize) -> Content {
        Content { first_image, ..Content::default() }
    }

    /// Starts anew.
    pub fn begin(&mut self, start: &[u8]) {
        self.head.clear();
        self.tail.clear();
        self.head.extend_from_slice(start);
    }

    /// Appends operators.
    pub fn push(&mut self, operators: &[u8]) {
        self.settle();
        self.head.extend_from_slice(operators);
    }

    /// Makes the tail part of the rest.
    pub fn settle(&mut self) {
        self.head.append(&mut self.tail);
    }

    /// What compresses.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// To append operators, after [`Content::settle`].
    pub fn head_mut(&mut self) -> &mut Vec<u8> {
        &mut self.head
    }

    /// What compresses and what does not.
    pub fn parts(&self) -> (&[u8], &[u8]) {
        (&self.head, &self.tail)
    }

    /// The whole stream.
    pub fn into_bytes(mut self) -> Vec<u8> {
        self.settle();
        self.head
    }
}

/// Art that the document holds once, as a form of its own, with its name.
pub type ArtForms = [(PlacedArt, String)];

/// Appends the operators that draw all items: in their order, but matrix symbols last, below nothing but an overprint.
pub fn push_drawing(
    drawing: &Drawing,
    compiled: &Compiled,
    fonts: &UsedFonts,
    art_forms: &ArtForms,
    content: &mut Content,
) {
    content.settle();
    let Content { head, tail, first_image } = content;
    let first_image = *first_image;
    let end = drawing.items.iter().rposition(|item| !matches!(item, Item::Art(_))).map_or(0, |last| last + 1);
    let (items, over) = drawing.items.split_at(end);
    let mut pen = Pen { drawing, compiled, fonts, art_forms, first_image, in_dots: false, ink: Ink::Black, out: head };
    for item in items {
        pen.item(item);
    }
    pen.leave_dots();
    pen.set_ink(Ink::Black);
    for item in &drawing.items {
        if let Item::Symbol(symbol) = item
            && let Some(matrix) = symbol.matrix.as_ref().filter(|matrix| !ends_too_early(drawing.matrix_bits(matrix)))
        {
            head.append(tail);
            push_mask_head(symbol, matrix, compiled, head);
            tail.extend_from_slice(drawing.matrix_bits(matrix));
            tail.extend_from_slice(b"\nEI Q\n");
        }
    }
    if !over.is_empty() {
        head.append(tail);
        let mut pen =
            Pen { drawing, compiled, fonts, art_forms, first_image, in_dots: false, ink: Ink::Black, out: head };
        over.iter().for_each(|item| pen.item(item));
    }
}

/// Opens a one-bit image mask on the dots of a matrix symbol.
fn push_mask_head(symbol: &Symbol, matrix: &MatrixBits, compiled: &Compiled, out: &mut Vec<u8>) {
    out.extend_from_slice(b"q ");
    push_box(symbol.area, compiled, out);
    out.extend_from_slice(b" cm BI/W ");
    push_whole(i64::from(matrix.columns), out);
    out.extend_from_slice(b"/H ");
    push_whole(i64::from(matrix.rows), out);
    out.extend_from_slice(b"/IM true/D[1 0]/BPC 1 ID ");
}

/// The state of a content stream that is being written.
struct Pen<'p> {
    drawing: &'p Drawing,
    compiled: &'p Compiled,
    fonts: &'p UsedFonts,
    art_forms: &'p ArtForms,
    first_image: usize,
    /// Whether coordinates are dots just now, within `q` and `Q`.
    in_dots: bool,
    ink: Ink,
    out: &'p mut Vec<u8>,
}

impl Pen<'_> {
    fn item(&mut self, item: &Item) {
        match item {
            Item::Rectangle { area, ink } => {
                self.set_ink(*ink);
                self.enter_dots();
                push_rectangle(*area, self.out);
            }
            Item::Symbol(symbol) => {
                self.set_ink(Ink::Black);
                self.symbol(symbol);
            }
            Item::Text(run) => {
                self.leave_dots();
                self.set_ink(run.ink);
                push_run(self.drawing, run, self.compiled, self.fonts, self.out);
            }
            Item::Image(placed) => {
                self.leave_dots();
                self.set_ink(Ink::Black);
                push_image(placed, self.first_image, self.compiled, self.out);
            }
            Item::Art(placed) => {
                self.leave_dots();
                self.set_ink(Ink::Black);
                match self.art_forms.iter().find(|(art, _)| art == placed) {
                    Some((_, name)) => self.out.extend_from_slice(format!("/{name} Do\n").as_bytes()),
                    None => push_art(placed, self.compiled, self.out),
                }
            }
        }
    }

    /// The ink is set outside of dots, so that leaving them does not bring an earlier one back.
    fn set_ink(&mut self, ink: Ink) {
        if self.ink != ink {
            self.leave_dots();
            self.out.extend_from_slice(match ink {
                Ink::Black => b"0 g\n",
                Ink::White => b"1 g\n",
            });
            self.ink = ink;
        }
    }

    fn enter_dots(&mut self) {
        if self.in_dots {
            return;
        }
        let dot = micropoints(1, self.compiled.resolution());
        self.out.extend_from_slice(b"q ");
        push_fixed(dot, 6, self.out);
        self.out.extend_from_slice(b" 0 0 -");
        push_fixed(dot, 6, self.out);
        self.out.push(b' ');
        push_fixed(dot / 50, 6, self.out);
        self.out.push(b' ');
        push_fixed(height_micropoints(self.compiled) - dot / 50, 6, self.out);
        self.out.extend_from_slice(b" cm\n");
        self.in_dots = true;
    }

    fn leave_dots(&mut self) {
        if self.in_dots {
            self.out.extend_from_slice(b"Q\n");
            self.in_dots = false;
        }
    }

    fn symbol(&mut self, symbol: &Symbol) {
        let Some(matrix) = &symbol.matrix else {
            self.enter_dots();
            for bar in self.drawing.symbol_bars(symbol) {
                push_rectangle(*bar, self.out);
            }
            return;
        };
        let bits = self.drawing.matrix_bits(matrix);
        if ends_too_early(bits) {
            self.enter_dots();
            push_runs(bits, symbol, matrix.columns, self.out);
        }
    }
}

/// Whether image data hold what a reader may take for their end (ISO 32000-1, 8.9.7).
fn ends_too_early(bits: &[u8]) -> bool {
    bits.windows(2).any(|pair| pair == b"EI")
}

/// A matrix symbol as one rectangle for each run of dark modules.
fn push_runs(bits: &[u8], symbol: &Symbol, columns: i32, out: &mut Vec<u8>) {
    let bytes_per_row = usize::try_from(columns).unwrap_or(0).div_ceil(8).max(1);
    for (y, row) in (0_i32..).zip(bits.chunks(bytes_per_row)) {
        let is_dark = |x: i32| {
            let at = usize::try_from(x).unwrap_or(0);
            x < columns && row.get(at / 8).is_some_and(|byte| byte & (0x80 >> (at % 8)) != 0)
        };
        let mut x = 0;
        while x < columns {
            let start = x;
            while is_dark(x) {
                x += 1;
            }
            if x > start {
                let dots = symbol.module_dots;
                push_rectangle(
                    DotRect {
                        x: symbol.area.x + start * dots,
                        y: symbol.area.y + y * dots,
                        width: (x - start) * dots,
                        height: dots,
                    },
                    out,
                );
            }
            x += 1;
        }
    }
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

/// The matrix that puts a unit square on a rectangle of dots: `width 0 0 height x y`.
fn push_box(area: DotRect, compiled: &Compiled, out: &mut Vec<u8>) {
    let at = |dots: i32| micropoints(dots, compiled.resolution());
    push_fixed(at(area.width), 6, out);
    out.extend_from_slice(b" 0 0 ");
    push_fixed(at(area.height), 6, out);
    out.push(b' ');
    push_fixed(at(area.x), 6, out);
    out.push(b' ');
    push_fixed(height_micropoints(compiled) - at(area.y + area.height), 6, out);
}

/// A picture in its box, turned clockwise.
fn push_image(placed: &PlacedImage, first_image: usize, compiled: &Compiled, out: &mut Vec<u8>) {
    out.extend_from_slice(b"q ");
    push_box(placed.area, compiled, out);
    out.extend_from_slice(b" cm ");
    // The unit square turned within itself.
    out.extend_from_slice(match placed.turn {
        Turn::None => b"",
        Turn::Quarter => b"0 -1 1 0 0 1 cm ",
        Turn::Half => b"-1 0 0 -1 1 1 cm ",
        Turn::ThreeQuarters => b"0 1 -1 0 1 0 cm ",
    });
    out.extend_from_slice(b"/I");
    push_whole(i64::try_from(first_image + placed.image).unwrap_or(0), out);
    out.extend_from_slice(b" Do Q\n");
}

/// Dots in millionths of a point, at the number of dots an inch under which the printer is sold.
///
/// A "203 dpi" print head has 203.2 dots an inch, but drivers rasterise its pages at 203: bars must stand on their dots, or
/// one in a thousand is lost, and near 60 mm from the edge a bar with it. The label grows by a thousandth.
pub fn micropoints(dots: i32, resolution: Resolution) -> i64 {
    let dpi = i64::from(resolution.dpi());
    (2 * i64::from(dots) * 72_000_000 + dpi).div_euclid(2 * dpi)
}

/// A length in ten thousandths of a point.
pub fn points(length: Um) -> i64 {
    (i64::from(length.0) * 720_000 * 2 + 25_400).div_euclid(25_400 * 2)
}

/// Height of the label in millionths of a point: whole dots, so that rasterisers that start at the top and those that start at
/// the bottom of a page have the same grid.
pub fn height_micropoints(compiled: &Compiled) -> i64 {
    micropoints(compiled.size_dots().1, compiled.resolution())
}
