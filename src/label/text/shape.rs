//! Shaping: from characters to glyphs and their places, in font units.

use std::ops::Range;

use harfrust::{Buffer, BufferFlags, ClusterLevel, Direction, Language, ShapeOptions, ShaperFont};

use super::Setting;
use super::ems::Ems;
use super::error::TextError;
use super::itemise::{Itemised, Piece};
use crate::label::font::{Face, FaceId};

/// One line, shaped; lengths do not depend on the type size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its text in logical order.
    pub text: String,
    /// Its runs from left to right.
    pub runs: Vec<Run>,
    /// Its glyphs, run by run.
    pub glyphs: Vec<ShapedGlyph>,
    /// Whether it belongs to a paragraph that is read from right to left.
    pub is_rtl: bool,
}

/// A stretch of a line in one face and direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its face.
    pub face: FaceId,
    /// Its direction.
    pub direction: Direction,
    /// Its text.
    pub text: Range<usize>,
    /// Its glyphs from left to right.
    pub glyphs: Range<usize>,
    /// Sum of its advance widths in font units.
    pub advance: i64,
    /// Sum of its advance widths.
    pub width: Ems,
    /// See [`crate::label::GlyphRun::is_plain`].
    pub is_plain: bool,
}

/// A glyph in font units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShapedGlyph {
    /// Glyph id.
    pub id: u16,
    /// Where the text starts that it shows.
    pub cluster: usize,
    /// The one character that it shows.
    pub character: Option<char>,
    /// Its origin from the run's, to the right.
    pub x: i64,
    /// Its origin above the baseline.
    pub y: i64,
    /// Width that it takes in this line.
    pub taken: i64,
    /// Its width by itself.
    pub nominal: u16,
}

impl Line {
    /// Shapes a part of a paragraph that stands on one line.
    ///
    /// # Errors
    /// [`TextError::GlyphMissing`] if a face turns out not to show a character after all.
    pub fn new(paragraph: &Itemised<'_>, part: Range<usize>, setting: &Setting<'_>) -> Result<Line, TextError> {
        let text = paragraph.text[part.clone()].to_owned();
        let mut line = Line { text, runs: Vec::new(), glyphs: Vec::new(), is_rtl: paragraph.is_rtl };
        for mut piece in paragraph.pieces(part.clone()) {
            piece.text = piece.text.start - part.start..piece.text.end - part.start;
            line.add(&piece, setting)?;
        }
        Ok(line)
    }

    /// Its width.
    pub fn width(&self) -> Ems {
        self.runs.iter().fold(Ems::default(), |sum, run| sum + run.width)
    }

    fn add(&mut self, piece: &Piece, setting: &Setting<'_>) -> Result<(), TextError> {
        let face = setting.fonts.face(piece.face);
        let buffer = shaped(face, &self.text, piece, setting.language.as_ref());
        let continues = self.runs.last().is_some_and(|run| run.is_continued_by(piece));
        if !continues {
            let at = self.glyphs.len();
            self.runs.push(Run {
                face: piece.face,
                direction: piece.direction,
                text: piece.text.clone(),
                glyphs: at..at,
                advance: 0,
                width: Ems::default(),
                is_plain: piece.direction == Direction::LeftToRight,
            });
        }
        let Some(run) = self.runs.last_mut() else { return Ok(()) };
        run.text = run.text.start.min(piece.text.start)..run.text.end.max(piece.text.end);
        let before = self.glyphs.len();
        read_glyphs(&buffer, &self.text, piece, face, &mut run.advance, &mut self.glyphs)?;
        run.glyphs.end = self.glyphs.len();
        run.width = Ems::of(run.advance, face.units_per_em());
        let added = &self.glyphs[before..];
        run.is_plain &= added.len() == self.text[piece.text.clone()].chars().count() && are_plain(added, face);
        Ok(())
    }
}

impl Run {
    /// Whether a piece to the right of it is part of the same run.
    fn is_continued_by(&self, piece: &Piece) -> bool {
        let is_next = match piece.direction {
            Direction::RightToLeft => piece.text.end == self.text.start,
            _ => piece.text.start == self.text.end,
        };
        is_next && self.face == piece.face && self.direction == piece.direction
    }
}

/// Whether every glyph stands for one character, on the baseline and at its nominal width.
fn are_plain(glyphs: &[ShapedGlyph], face: &Face) -> bool {
    let mut x = glyphs.first().map_or(0, |glyph| glyph.x);
    glyphs.iter().all(|glyph| {
        let usual = glyph.character.and_then(|character| face.glyph(character));
        let stands_plainly = glyph.x == x && glyph.y == 0 && glyph.taken == i64::from(glyph.nominal);
        x += glyph.taken;
        stands_plainly && usual.is_some_and(|usual| usual.id == glyph.id)
    })
}

/// Whether a face shows a grapheme cluster, if need be composed or decomposed.
pub fn has_glyphs(face: &Face, cluster: &str) -> bool {
    let mut buffer = Buffer::new();
    buffer.push_str(cluster);
    buffer.guess_segment_properties();
    buffer.set_flags(BufferFlags::REMOVE_DEFAULT_IGNORABLES | BufferFlags::DO_NOT_INSERT_DOTTED_CIRCLE);
    let font = ShaperFont::new(face.shared_font());
    harfrust::shape(&font, &mut buffer, ShapeOptions::new()).is_ok()
        && buffer.glyph_infos().iter().all(|glyph| glyph.glyph_id != 0)
}

/// Shapes a piece of a line; clusters are places in the line's text.
fn shaped(face: &Face, text: &str, piece: &Piece, language: Option<&Language>) -> Buffer {
    let mut buffer = Buffer::new();
    buffer.set_cluster_level(ClusterLevel::MonotoneCharacters);
    let mut flags = BufferFlags::REMOVE_DEFAULT_IGNORABLES;
    flags.set(BufferFlags::BEGINNING_OF_TEXT, piece.text.start == 0);
    flags.set(BufferFlags::END_OF_TEXT, piece.text.end == text.len());
    buffer.set_flags(flags);
    buffer.reserve(piece.text.len());
    for (at, character) in text[piece.text.clone()].char_indices() {
        let cluster = u32::try_from(piece.text.start + at).unwrap_or(u32::MAX);
        buffer.push(u32::from(character), cluster);
    }
    buffer.set_pre_context(&text[..piece.text.start]);
    buffer.set_post_context(&text[piece.text.end..]);
    buffer.set_direction(piece.direction);
    buffer.set_script(Some(piece.script));
    buffer.set_language(language.cloned());
    let plan = face.plan(piece.direction, piece.script, language);
    let font = ShaperFont::new(face.shared_font());
    // The plan is of the buffer's own direction and script: there is nothing else that shaping could complain of.
    if harfrust::shape(&font, &mut buffer, ShapeOptions::new().plan(Some(&plan))).is_err() {
        buffer.clear();
    }
    buffer
}

/// Copies glyphs out of a buffer, each with the character that it alone shows.
fn read_glyphs(
    buffer: &Buffer,
    text: &str,
    piece: &Piece,
    face: &Face,
    advance: &mut i64,
    glyphs: &mut Vec<ShapedGlyph>,
) -> Result<(), TextError> {
    let missing = |at: usize| {
        let character = text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or(' ');
        TextError::GlyphMissing { character, font: face.name().to_owned() }
    };
    let infos = buffer.glyph_infos();
    if (infos.is_empty() && !text[piece.text.clone()].chars().all(super::check::is_ignorable))
        || !buffer.allocation_successful()
    {
        return Err(missing(piece.text.start));
    }
    let is_rtl = piece.direction == Direction::RightToLeft;
    let place = |index: usize| infos.get(index).and_then(|info| usize::try_from(info.cluster).ok());
    let mut start = 0;
    while let Some(cluster) = place(start) {
        let mut end = start + 1;
        while place(end) == Some(cluster) {
            end += 1;
        }
        // The text of a cluster ends where the next one begins, which stands to its left if read from right to left.
        let following = if is_rtl { start.checked_sub(1).and_then(place) } else { place(end) };
        let shown = text.get(cluster..following.unwrap_or(piece.text.end)).unwrap_or("");
        let mut characters = shown.chars();
        let only = characters.next().filter(|_| characters.next().is_none() && end == start + 1);
        for (info, position) in infos[start..end].iter().zip(&buffer.glyph_positions()[start..end]) {
            let id = u16::try_from(info.glyph_id).ok().filter(|id| *id != 0).ok_or_else(|| missing(cluster))?;
            let x = *advance + i64::from(position.x_offset);
            let (y, taken) = (i64::from(position.y_offset), i64::from(position.x_advance));
            glyphs.push(ShapedGlyph { id, cluster, character: only, x, y, taken, nominal: face.advance(id) });
            *advance += taken;
        }
        start = end;
    }
    Ok(())
}
