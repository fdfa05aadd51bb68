//! Putting lines into a drawing: the only place where positions are rounded.

use harfrust::Direction;

use super::ems::Ems;
use super::lines::ELLIPSIS;
use super::plain::PlainLine;
use super::shape::{Line, Run};
use super::{TextOrigin, TextStyle};
use crate::label::drawing::{Drawing, Glyph, GlyphRun, Item};
use crate::label::font::{Face, FontSet};
use crate::label::units::Um;

/// Where the next line goes.
pub struct Placing<'p> {
    /// How it is set.
    pub style: &'p TextStyle,
    /// The type size.
    pub size: Um,
    /// Distance from baseline to baseline.
    pub leading: Um,
    /// The next baseline, downwards from the top of the box.
    pub baseline: Um,
    /// Where the box lies.
    pub origin: TextOrigin,
    /// Faces.
    pub fonts: &'p FontSet,
    /// What is drawn into.
    pub drawing: &'p mut Drawing,
}

impl Placing<'_> {
    /// Adds a shaped line.
    pub fn line(&mut self, line: &Line) {
        let spare = Um(self.style.width.0 - line.width().at(self.size).0);
        let left = self.style.align.offset(line.is_rtl, spare);
        let mut before = Ems::default();
        for run in &line.runs {
            let after = before + run.width;
            let (start, end) = (before.at(self.size), after.at(self.size));
            self.run(line, run, Um(left.0 + start.0), Um(end.0 - start.0));
            before = after;
        }
        self.baseline = self.baseline + self.leading;
    }

    fn run(&mut self, line: &Line, run: &Run, u: Um, width: Um) {
        let face = self.fonts.face(run.face);
        let (first_glyph, first_char) = (self.drawing.glyphs.len(), self.drawing.chars.len());
        self.drawing.chars.push_str(&line.text[run.text.clone()]);
        let size = self.size;
        self.drawing.glyphs.extend(line.glyphs[run.glyphs.clone()].iter().map(|glyph| Glyph {
            id: glyph.id,
            character: glyph.character,
            x: face.scale(glyph.x, size),
            y: face.scale(glyph.y, size),
            advance: glyph.nominal,
        }));
        let (x, y) = self.origin.at(u, self.baseline);
        self.drawing.items.push(Item::Text(GlyphRun {
            face: run.face,
            size,
            ink: self.style.ink,
            turn: self.origin.turn,
            x,
            y,
            width,
            glyphs: first_glyph..self.drawing.glyphs.len(),
            text: first_char..self.drawing.chars.len(),
            is_plain: run.is_plain && run.direction == Direction::LeftToRight,
        }));
    }

    /// Adds a plain line; a character without glyph is left out.
    pub fn plain_line(&mut self, line: PlainLine<'_>, face: &Face) {
        let (first_glyph, first_char) = (self.drawing.glyphs.len(), self.drawing.chars.len());
        self.drawing.chars.push_str(line.text);
        if line.is_cut {
            self.drawing.chars.push(ELLIPSIS);
        }
        let mut units = 0_i64;
        for character in line.text.chars().chain(line.is_cut.then_some(ELLIPSIS)) {
            if let Some(glyph) = face.glyph(character) {
                let x = face.scale(units, self.size);
                let (id, advance) = (glyph.id, glyph.advance);
                self.drawing.glyphs.push(Glyph { id, character: Some(character), x, y: Um(0), advance });
                units += i64::from(advance);
            }
        }
        let u = self.style.align.offset(false, Um(self.style.width.0 - line.width.0));
        let (x, y) = self.origin.at(u, self.baseline);
        self.drawing.items.push(Item::Text(GlyphRun {
            face: self.style.face,
            size: self.size,
            ink: self.style.ink,
            turn: self.origin.turn,
            x,
            y,
            width: line.width,
            glyphs: first_glyph..self.drawing.glyphs.len(),
            text: first_char..self.drawing.chars.len(),
            is_plain: true,
        }));
        self.baseline = self.baseline + self.leading;
    }
}
