//! Measuring, breaking and placing text. Left to right, without kerning; every character is one glyph.

use super::drawing::{Drawing, Glyph, GlyphRun, Item};
use super::error::LayoutError;
use super::font::{Face, FaceId, FontSet};
use super::template::{Align, TextElement};
use super::units::Um;

/// Type sizes are tried in steps of a quarter point.
const SIZE_STEP: Um = Um(88);

/// A text element whose face is known and whose size is decided.
#[derive(Clone, Debug)]
pub struct TextPlan {
    element: String,
    face: FaceId,
    size: Um,
    x: Um,
    top: Um,
    width: Um,
    max_lines: usize,
    leading: Um,
    align: Align,
}

impl TextPlan {
    /// Decides the largest size between the element's limits at which `sample` fits.
    ///
    /// # Errors
    /// A missing face or glyph, or the measured and the allowed width if it does not fit at the smallest size.
    pub fn new(element: &TextElement, sample: &str, fonts: &FontSet) -> Result<TextPlan, LayoutError> {
        let face = fonts.find(&element.font);
        let face =
            face.ok_or_else(|| LayoutError::FontMissing { element: element.id.clone(), font: element.font.clone() })?;
        let smallest = element.min_size_pt.map_or(element.size_pt.0, |size| size.0.min(element.size_pt.0));
        let mut plan = TextPlan {
            element: element.id.clone(),
            face,
            size: element.size_pt.0,
            x: element.x_mm.0,
            top: element.y_mm.0,
            width: element.width_mm.0,
            max_lines: usize::from(element.max_lines.max(1)),
            leading: Um(0),
            align: element.align,
        };
        loop {
            plan.leading = Um(plan.size.0 / 100 * i32::from(element.leading_percent));
            match plan.lines(sample, fonts.face(face)) {
                Err(LayoutError::TextTooWide { .. } | LayoutError::TooManyLines { .. }) if plan.size > smallest => {
                    plan.size = (plan.size - SIZE_STEP).max(smallest);
                }
                result => return result.map(|_| plan),
            }
        }
    }

    /// Adds the lines of a text to a drawing.
    ///
    /// # Errors
    /// As for [`TextPlan::new`], at the size that was decided.
    pub fn place(&self, text: &str, fonts: &FontSet, drawing: &mut Drawing) -> Result<(), LayoutError> {
        let face = fonts.face(self.face);
        let mut baseline = self.top + face.scale(i64::from(face.heights().capitals), self.size);
        if self.max_lines == 1 {
            let width = self.measured(text, face)?;
            self.place_line(text, width, baseline, face, drawing);
            return Ok(());
        }
        for line in self.lines(text, face)? {
            let width = self.measure(line, face)?;
            self.place_line(line, width, baseline, face, drawing);
            baseline = baseline + self.leading;
        }
        Ok(())
    }

    /// Lines of a text, broken at spaces and line feeds; an empty text has none.
    fn lines<'t>(&self, text: &'t str, face: &Face) -> Result<Vec<&'t str>, LayoutError> {
        let mut lines = Vec::new();
        for paragraph in text.split('\n') {
            let paragraph = paragraph.trim();
            if self.max_lines == 1 {
                self.measured(paragraph, face)?;
                lines.push(paragraph);
            } else if !paragraph.is_empty() {
                self.break_paragraph(paragraph, face, &mut lines)?;
            }
        }
        if lines.len() <= self.max_lines {
            return Ok(lines);
        }
        let (needed, allowed) = (lines.len(), self.max_lines);
        let element = self.element.clone();
        Err(LayoutError::TooManyLines { element, needed, allowed, width: self.width, size_pt: self.size_text() })
    }

    /// Fills line after line with as many words as fit.
    fn break_paragraph<'t>(
        &self,
        paragraph: &'t str,
        face: &Face,
        lines: &mut Vec<&'t str>,
    ) -> Result<(), LayoutError> {
        let mut start = 0;
        let mut end = 0;
        for (at, word) in words(paragraph) {
            self.measured(word, face)?;
            let after = at + word.len();
            if end > start && self.measure(&paragraph[start..after], face)? > self.width {
                lines.push(&paragraph[start..end]);
                start = at;
            }
            end = after;
        }
        lines.push(&paragraph[start..end]);
        Ok(())
    }

    /// Width of a line that must fit into the box.
    fn measured(&self, line: &str, face: &Face) -> Result<Um, LayoutError> {
        let measured = self.measure(line, face)?;
        if measured <= self.width {
            return Ok(measured);
        }
        Err(LayoutError::TextTooWide {
            element: self.element.clone(),
            text: line.to_owned(),
            measured,
            allowed: self.width,
            size_pt: self.size_text(),
        })
    }

    fn measure(&self, line: &str, face: &Face) -> Result<Um, LayoutError> {
        let mut advance = 0_i64;
        for character in line.chars() {
            let glyph = face.glyph(character).ok_or_else(|| LayoutError::GlyphMissing {
                element: self.element.clone(),
                character,
                font: face.name().to_owned(),
            })?;
            advance += i64::from(glyph.advance);
        }
        Ok(face.scale(advance, self.size))
    }

    fn size_text(&self) -> String {
        format!("{:.2}", self.size.pt())
    }

    fn place_line(&self, line: &str, width: Um, baseline: Um, face: &Face, drawing: &mut Drawing) {
        let x = self.x + aligned(self.align, self.width - width);
        push_run(line, Placed { face: self.face, size: self.size, x, baseline, width }, face, drawing);
    }
}

/// How far something narrower than its box by `spare` is moved to the right.
pub fn aligned(align: Align, spare: Um) -> Um {
    match align {
        Align::Left => Um(0),
        Align::Center => Um(spare.0 / 2),
        Align::Right => spare,
    }
}

/// Where a run goes.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    /// Face.
    pub face: FaceId,
    /// Type size.
    pub size: Um,
    /// Start.
    pub x: Um,
    /// Baseline.
    pub baseline: Um,
    /// Sum of advance widths.
    pub width: Um,
}

/// Adds a run whose characters all have glyphs; one without is left out.
pub fn push_run(line: &str, at: Placed, face: &Face, drawing: &mut Drawing) {
    if line.is_empty() {
        return;
    }
    let (first_glyph, first_char) = (drawing.glyphs.len(), drawing.chars.len());
    drawing.chars.push_str(line);
    let mut advance = 0_i64;
    for character in line.chars() {
        if let Some(glyph) = face.glyph(character) {
            drawing.glyphs.push(Glyph {
                id: glyph.id,
                character,
                x: face.scale(advance, at.size),
                advance: glyph.advance,
            });
            advance += i64::from(glyph.advance);
        }
    }
    drawing.items.push(Item::Text(GlyphRun {
        face: at.face,
        size: at.size,
        x: at.x,
        baseline: at.baseline,
        width: at.width,
        glyphs: first_glyph..drawing.glyphs.len(),
        text: first_char..drawing.chars.len(),
    }));
}

/// Words and where they start. A no-break space is part of a word.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split(' ').filter_map(move |word| {
        let start = at;
        at += word.len() + 1;
        (!word.is_empty()).then_some((start, word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::binding::Binding;
    use crate::label::fonts_shipped::fonts_shipped;
    use crate::label::template::{Mm, Pt};

    fn element(width_mm: f64, size_pt: f64, min_size_pt: f64, max_lines: u16) -> TextElement {
        TextElement {
            id: "importer".into(),
            text: Binding::parse("").unwrap(),
            x_mm: Mm(Um(1_000)),
            y_mm: Mm(Um(2_000)),
            width_mm: Mm::try_from(width_mm).unwrap(),
            font: "sans".into(),
            size_pt: Pt::try_from(size_pt).unwrap(),
            min_size_pt: Some(Pt::try_from(min_size_pt).unwrap()),
            max_lines,
            leading_percent: 120,
            align: Align::Right,
        }
    }

    fn lines(element: &TextElement, text: &str) -> Result<(Um, Vec<String>), LayoutError> {
        let fonts = fonts_shipped();
        let plan = TextPlan::new(element, text, &fonts)?;
        let mut drawing = Drawing::default();
        plan.place(text, &fonts, &mut drawing)?;
        let mut out = Vec::new();
        for item in &drawing.items {
            if let Item::Text(run) = item {
                out.push(drawing.chars[run.text.clone()].to_owned());
                assert_eq!(run.x + run.width, Um(1_000) + element.width_mm.0, "right edges align");
            }
        }
        Ok((plan.size, out))
    }

    #[test]
    fn text_shrinks_only_as_far_as_needed_and_allowed() {
        let (size, out) = lines(&element(30.0, 8.0, 5.0, 1), "Handheld imager").unwrap();
        assert_eq!((size, out.len()), (Um::from_pt(8.0).unwrap(), 1));
        let (smaller, _) = lines(&element(15.0, 8.0, 5.0, 1), "Handheld imager").unwrap();
        assert!(smaller < size && smaller >= Um::from_pt(5.0).unwrap());
        let error = lines(&element(5.0, 8.0, 5.0, 1), "Handheld imager").unwrap_err();
        let LayoutError::TextTooWide { element, measured, allowed, size_pt, .. } = error else { panic!("{error}") };
        assert_eq!((element.as_str(), allowed, size_pt.as_str()), ("importer", Um(5_000), "5.00"));
        assert!(measured > allowed);
    }

    #[test]
    fn text_breaks_at_spaces_into_as_many_lines_as_allowed() {
        let (_, out) = lines(&element(14.0, 5.0, 5.0, 4), "Importer: Borealis  Optics GmbH\nHamburg").unwrap();
        assert_eq!(out, ["Importer:", "Borealis  Optics", "GmbH", "Hamburg"]);
        let error = lines(&element(14.0, 5.0, 5.0, 1), "Importer: Borealis Optics GmbH").unwrap_err();
        assert!(matches!(error, LayoutError::TextTooWide { .. }));
        let error =
            lines(&element(14.0, 5.0, 5.0, 2), "Importer: Borealis Optics GmbH, 20259 Hamburg, Germany").unwrap_err();
        assert!(matches!(error, LayoutError::TooManyLines { allowed: 2, .. }), "{error}");
    }

    #[test]
    fn a_character_without_glyph_is_named_with_its_element() {
        let error = lines(&element(30.0, 8.0, 5.0, 1), "熱像儀").unwrap_err();
        assert_eq!(error.to_string(), "element \"importer\": the font \"sans\" has no glyph for '熱' (U+71B1)");
        assert!(matches!(lines(&element(30.0, 8.0, 5.0, 1), "a\u{7}"), Err(LayoutError::GlyphMissing { .. })));
    }
}
