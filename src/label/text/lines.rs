//! Breaking paragraphs into lines (UAX 14), and cutting what does not fit.

use unicode_linebreak::linebreaks;
use unicode_segmentation::UnicodeSegmentation as _;

use super::check::ZERO_WIDTH_SPACE;
use super::ems::Ems;
use super::error::TextError;
use super::itemise::Itemised;
use super::shape::Line;
use super::{Setting, TextStyle};
use crate::label::units::Um;

/// What a text that was cut ends in.
pub const ELLIPSIS: char = '…';
/// What is not set at the ends of a line.
pub const BLANKS: [char; 2] = [' ', ZERO_WIDTH_SPACE];

/// The paragraphs of a text, shaped once; their lines depend on the size.
pub struct Breaker<'t, 's> {
    paragraphs: Vec<Paragraph<'t>>,
    style: &'s TextStyle,
    setting: &'s Setting<'s>,
}

struct Paragraph<'t> {
    itemised: Itemised<'t>,
    /// The whole paragraph as one line.
    whole: Line,
    segments: Vec<Segment>,
}

/// Text between two places where a line may end. Its width is measured within the whole paragraph.
#[derive(Clone, Copy, Debug)]
struct Segment {
    start: usize,
    /// End without blanks.
    content_end: usize,
    /// Width without blanks at the end.
    content: Ems,
    total: Ems,
}

impl<'t, 's> Breaker<'t, 's> {
    /// Shapes the paragraphs of a text; those without anything to set are left out.
    ///
    /// # Errors
    /// [`TextError::GlyphMissing`].
    pub fn new(text: &'t str, style: &'s TextStyle, setting: &'s Setting<'s>) -> Result<Breaker<'t, 's>, TextError> {
        let mut paragraphs = Vec::new();
        for text in text.split('\n').map(|paragraph| paragraph.trim_matches(BLANKS)).filter(|text| !text.is_empty()) {
            let itemised = Itemised::new(text, None, setting)?;
            let whole = Line::new(&itemised, 0..text.len(), setting)?;
            let segments = segments(&whole, style.max_lines > 1, setting);
            paragraphs.push(Paragraph { itemised, whole, segments });
        }
        Ok(Breaker { paragraphs, style, setting })
    }

    /// The lines at a type size.
    ///
    /// # Errors
    /// [`TextError::TooWide`] or [`TextError::TooManyLines`], or only the former if the text may be cut and not even
    /// "…" fits.
    pub fn lines(&self, size: Um, may_cut: bool) -> Result<Vec<Line>, TextError> {
        let fitted = self.estimate(size).and_then(|()| self.fill(size));
        match fitted {
            Err(error) if error.is_misfit() && may_cut => self.cut_to_fit(size),
            result => result,
        }
    }

    /// Counts lines by the widths that words have in their paragraphs, without shaping each line.
    fn estimate(&self, size: Um) -> Result<(), TextError> {
        let mut count = 0;
        for paragraph in &self.paragraphs {
            let mut from = 0;
            while from < paragraph.segments.len() {
                from = self.line_end(paragraph, from, size)?;
                count += 1;
            }
        }
        self.check_count(count, size)
    }

    fn check_count(&self, needed: usize, size: Um) -> Result<(), TextError> {
        let allowed = self.style.max_lines.max(1);
        if needed <= allowed {
            return Ok(());
        }
        Err(TextError::TooManyLines { needed, allowed, width: self.style.width, size })
    }

    fn fill(&self, size: Um) -> Result<Vec<Line>, TextError> {
        let mut lines = Vec::new();
        for paragraph in &self.paragraphs {
            let mut from = 0;
            while from < paragraph.segments.len() {
                let to = self.line_end(paragraph, from, size)?;
                let (line, to) = self.line(paragraph, from, to, size)?;
                lines.push(line);
                from = to;
            }
        }
        self.check_count(lines.len(), size)?;
        Ok(lines)
    }

    /// Behind the last segment that fits on a line from segment `from` on.
    fn line_end(&self, paragraph: &Paragraph<'_>, from: usize, size: Um) -> Result<usize, TextError> {
        let fits = |width: Ems| width.at(size) <= self.style.width;
        let first = paragraph.segments[from];
        if !fits(first.content) {
            return Err(self.too_wide(&paragraph.itemised.text[first.start..first.content_end], first.content, size));
        }
        let mut width = first.total;
        for (at, segment) in paragraph.segments.iter().enumerate().skip(from + 1) {
            if !fits(width + segment.content) {
                return Ok(at);
            }
            width = width + segment.total;
        }
        Ok(paragraph.segments.len())
    }

    /// Shapes the line from one segment to another. Without its neighbours it may turn out wider, and is then shorter.
    fn line(&self, paragraph: &Paragraph<'_>, from: usize, to: usize, size: Um) -> Result<(Line, usize), TextError> {
        let segments = &paragraph.segments;
        for to in (from + 1..=to).rev() {
            let line = if (from, to) == (0, segments.len()) {
                paragraph.whole.clone()
            } else {
                let part = segments[from].start..segments[to - 1].content_end;
                Line::new(&paragraph.itemised, part, self.setting)?
            };
            if line.width().at(size) <= self.style.width {
                return Ok((line, to));
            }
            if to == from + 1 {
                return Err(self.too_wide(&line.text, line.width(), size));
            }
        }
        Err(self.too_wide("", Ems::default(), size))
    }

    fn too_wide(&self, text: &str, width: Ems, size: Um) -> TextError {
        TextError::TooWide { text: text.to_owned(), measured: width.at(size), allowed: self.style.width, size }
    }

    /// Fills as many lines as are allowed and ends the last one, or one with a word too wide, in "…".
    fn cut_to_fit(&self, size: Um) -> Result<Vec<Line>, TextError> {
        let mut lines: Vec<Line> = Vec::new();
        for (at, paragraph) in self.paragraphs.iter().enumerate() {
            let mut from = 0;
            while from < paragraph.segments.len() {
                let end = self.line_end(paragraph, from, size).and_then(|to| self.line(paragraph, from, to, size));
                let is_last_line = lines.len() + 1 >= self.style.max_lines;
                let is_end = |to: usize| to == paragraph.segments.len() && at + 1 == self.paragraphs.len();
                match end {
                    Ok((line, to)) if !is_last_line || is_end(to) => {
                        lines.push(line);
                        from = to;
                    }
                    Ok(_) | Err(TextError::TooWide { .. }) => {
                        let rest = &paragraph.itemised.text[paragraph.segments[from].start..];
                        lines.push(self.cut(rest, paragraph.itemised.is_rtl, size)?);
                        return Ok(lines);
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(lines)
    }

    /// As much of a text as fits with "…" behind it, cut between grapheme clusters.
    fn cut(&self, text: &str, is_rtl: bool, size: Um) -> Result<Line, TextError> {
        let ends: Vec<usize> = text.grapheme_indices(true).map(|(at, cluster)| at + cluster.len()).collect();
        let shaped = |clusters: usize| {
            let end = clusters.checked_sub(1).and_then(|last| ends.get(last)).copied().unwrap_or(0);
            let cut = format!("{}{ELLIPSIS}", text[..end].trim_end_matches(BLANKS));
            Line::new(&Itemised::new(&cut, Some(is_rtl), self.setting)?, 0..cut.len(), self.setting)
        };
        let fits = |line: &Line| line.width().at(size) <= self.style.width;
        let (mut fitting, mut tried) = (0, ends.len() + 1);
        while tried - fitting > 1 {
            let middle = fitting.midpoint(tried);
            if fits(&shaped(middle)?) {
                fitting = middle;
            } else {
                tried = middle;
            }
        }
        let line = shaped(fitting)?;
        if fits(&line) { Ok(line) } else { Err(self.too_wide(&line.text, line.width(), size)) }
    }
}

/// Divides a paragraph where its lines may end; if they may not, it is one segment.
fn segments(whole: &Line, is_broken: bool, setting: &Setting<'_>) -> Vec<Segment> {
    if !is_broken {
        let (end, width) = (whole.text.len(), whole.width());
        return vec![Segment { start: 0, content_end: end, content: width, total: width }];
    }
    let mut widths: Vec<(usize, Ems)> = Vec::with_capacity(whole.glyphs.len());
    for run in &whole.runs {
        let per_em = setting.fonts.face(run.face).units_per_em();
        let glyphs = &whole.glyphs[run.glyphs.clone()];
        widths.extend(glyphs.iter().map(|glyph| (glyph.cluster, Ems::of(glyph.taken, per_em))));
    }
    widths.sort_by_key(|(cluster, _)| *cluster);
    let mut widths = widths.into_iter().peekable();
    let mut width_before = |end: usize| {
        let mut sum = Ems::default();
        while let Some((_, width)) = widths.next_if(|(cluster, _)| *cluster < end) {
            sum = sum + width;
        }
        sum
    };
    let mut segments = Vec::new();
    let mut start = 0;
    for (end, _) in linebreaks(&whole.text) {
        let content_end = start + whole.text[start..end].trim_end_matches(BLANKS).len();
        let content = width_before(content_end);
        segments.push(Segment { start, content_end, content, total: content + width_before(end) });
        start = end;
    }
    segments
}
