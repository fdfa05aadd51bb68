//! Text that differs from unit to unit: one glyph a character, nominal widths, one face, nothing allocated.

use unicode_linebreak::linebreaks;

use super::TextStyle;
use super::check::{check_length, check_plain, is_private};
use super::error::TextError;
use super::lines::ELLIPSIS;
use crate::label::font::{Face, FontSet, GlyphMetrics};
use crate::label::units::Um;

/// Where a line may end: as UAX 14 says, and after every hyphen, also before a digit, so that groups of a serial can be parted.
fn breaks(text: &str) -> impl Iterator<Item = usize> {
    let mut start = 0;
    linebreaks(text).flat_map(move |(end, _)| {
        let from = std::mem::replace(&mut start, end);
        let hyphens = text[from..end].match_indices('-').map(move |(at, _)| from + at + 1);
        hyphens.filter(move |at| *at < end).chain([end])
    })
}

/// Sets plain text at a size.
pub struct Plain<'p> {
    /// The only face.
    pub face: &'p Face,
    style: &'p TextStyle,
    size: Um,
}

/// A line of plain text; every character of it has a glyph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlainLine<'t> {
    /// Its text.
    pub text: &'t str,
    /// Whether "…" follows.
    pub is_cut: bool,
    /// Its width.
    pub width: Um,
}

impl<'p> Plain<'p> {
    /// For a style at a size.
    pub fn new(style: &'p TextStyle, size: Um, fonts: &'p FontSet) -> Plain<'p> {
        Plain { face: fonts.face(style.face), style, size }
    }

    /// Whether a text can be set.
    ///
    /// # Errors
    /// Any [`TextError`].
    pub fn check(&self, text: &str) -> Result<(), TextError> {
        self.each_line(text, super::may_cut(self.style, self.size), |_| ())
    }

    /// Calls `emit` with one line after the other. A line that follows may still turn out not to fit, unless there is
    /// only one.
    ///
    /// # Errors
    /// Any [`TextError`].
    pub fn each_line<'t>(
        &self,
        text: &'t str,
        may_cut: bool,
        mut emit: impl FnMut(PlainLine<'t>),
    ) -> Result<(), TextError> {
        check_length(text)?;
        if may_cut || self.style.max_lines > 1 {
            // What is cut off or stands on a later line is checked before anything is emitted.
            text.split('\n').try_for_each(|paragraph| self.units(paragraph).map(drop))?;
        }
        let mut count = 0;
        let mut paragraphs = text.split('\n').map(|text| text.trim_matches(' ')).filter(|text| !text.is_empty());
        let mut next = paragraphs.next();
        while let Some(paragraph) = next {
            next = paragraphs.next();
            let mut start = 0;
            while start < paragraph.len() {
                let rest = &paragraph[start..];
                count += 1;
                let is_last_line = count >= self.style.max_lines;
                match self.first_line(rest) {
                    Ok((line, end)) => {
                        let is_end = start + end == paragraph.len() && next.is_none();
                        if may_cut && is_last_line && !is_end {
                            emit(self.cut(rest)?);
                            return Ok(());
                        }
                        if count == 1 && is_last_line && !is_end {
                            // Nothing may be emitted for a text that does not fit.
                            return Err(self.too_many(2 + paragraphs.count()));
                        }
                        emit(line);
                        start += end;
                    }
                    Err(TextError::TooWide { .. }) if may_cut => {
                        emit(self.cut(rest)?);
                        return Ok(());
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        if count > self.style.max_lines.max(1) { Err(self.too_many(count)) } else { Ok(()) }
    }

    /// The first line of a paragraph and where the next one starts.
    fn first_line<'t>(&self, text: &'t str) -> Result<(PlainLine<'t>, usize), TextError> {
        if self.style.max_lines <= 1 {
            let line = self.line(text, self.units(text)?, false);
            return if line.width <= self.style.width { Ok((line, text.len())) } else { Err(self.too_wide(line)) };
        }
        let (mut fitting, mut next, mut units) = (None, 0, 0);
        for end in breaks(text) {
            let part = &text[next..end];
            let content = part.trim_end_matches(' ');
            let content_units = units + self.units(content)?;
            let line = self.line(&text[..next + content.len()], content_units, false);
            if line.width > self.style.width {
                return fitting.ok_or_else(|| self.too_wide(line));
            }
            units = content_units + self.units(&part[content.len()..])?;
            (fitting, next) = (Some((line, end)), end);
        }
        Ok(fitting.unwrap_or((self.line("", 0, false), text.len())))
    }

    /// As much of a text as fits with "…" behind it.
    fn cut<'t>(&self, text: &'t str) -> Result<PlainLine<'t>, TextError> {
        let ellipsis = i64::from(self.glyph(ELLIPSIS)?.advance);
        let (mut units, mut best) = (0, self.line("", ellipsis, true));
        for (at, character) in text.char_indices() {
            units += i64::from(self.glyph(character)?.advance);
            let line = self.line(&text[..at + character.len_utf8()], units + ellipsis, true);
            if line.width > self.style.width {
                break;
            }
            if character != ' ' {
                best = line;
            }
        }
        if best.width <= self.style.width { Ok(best) } else { Err(self.too_wide(best)) }
    }

    fn line<'t>(&self, text: &'t str, units: i64, is_cut: bool) -> PlainLine<'t> {
        PlainLine { text, is_cut, width: self.face.scale(units, self.size) }
    }

    fn units(&self, text: &str) -> Result<i64, TextError> {
        text.chars().try_fold(0, |sum, character| Ok(sum + i64::from(self.glyph(character)?.advance)))
    }

    fn glyph(&self, character: char) -> Result<GlyphMetrics, TextError> {
        if !matches!(character, ' '..='~') {
            check_plain(character)?;
        }
        let glyph = self.face.glyph(character).filter(|_| !is_private(character));
        glyph.ok_or_else(|| TextError::GlyphMissing { character, font: self.face.name().to_owned() })
    }

    fn too_many(&self, needed: usize) -> TextError {
        let allowed = self.style.max_lines.max(1);
        TextError::TooManyLines { needed, allowed, width: self.style.width, size: self.size }
    }

    fn too_wide(&self, line: PlainLine<'_>) -> TextError {
        let text = line.text.to_owned();
        TextError::TooWide { text, measured: line.width, allowed: self.style.width, size: self.size }
    }
}
