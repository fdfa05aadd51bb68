//! Divides a paragraph into stretches of one script that one face can show.

use std::ops::Range;

use harfrust::{Direction, Script};
use unicode_bidi::{BidiClass, Level, LevelRun, ParagraphBidiInfo, bidi_class};
use unicode_segmentation::UnicodeSegmentation as _;

use super::Setting;
use super::check::{is_ignorable, is_private, script};
use super::error::TextError;
use super::shape::has_glyphs;
use crate::label::font::{Face, FaceId};

/// A paragraph whose directions, scripts and faces are known.
pub struct Itemised<'t> {
    /// Its text, without line feeds.
    pub text: &'t str,
    /// Whether it is read from right to left.
    pub is_rtl: bool,
    bidi: Option<ParagraphBidiInfo<'t>>,
    stretches: Vec<Stretch>,
}

/// A stretch of text of one script in one face, in logical order.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stretch {
    text: Range<usize>,
    face: FaceId,
    script: Script,
}

/// What is shaped at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its text.
    pub text: Range<usize>,
    /// Its face.
    pub face: FaceId,
    /// Its script.
    pub script: Script,
    /// Its direction.
    pub direction: Direction,
}

impl<'t> Itemised<'t> {
    /// Finds the direction of every character (UAX 9), its script (UAX 24) and a face that shows it.
    ///
    /// `is_rtl`: whether it is read from right to left; if not given, its first strong character says so.
    ///
    /// # Errors
    /// [`TextError::GlyphMissing`] if no face has a character.
    pub fn new(text: &'t str, is_rtl: Option<bool>, setting: &Setting<'_>) -> Result<Itemised<'t>, TextError> {
        let base = is_rtl.map(|is_rtl| if is_rtl { Level::rtl() } else { Level::ltr() });
        let is_mixed = is_rtl == Some(true) || has_right_to_left(text);
        let bidi = is_mixed.then(|| ParagraphBidiInfo::new(text, base));
        let is_rtl = bidi.as_ref().is_some_and(|bidi| bidi.paragraph_level.is_rtl());
        let mut stretches: Vec<Stretch> = Vec::new();
        for (text, face, script) in scripts(text, faces(text, setting)?) {
            match stretches.last_mut() {
                Some(last) if last.face == face && last.script == script => last.text.end = text.end,
                _ => stretches.push(Stretch { text, face, script }),
            }
        }
        Ok(Itemised { text, is_rtl, bidi, stretches })
    }

    /// The pieces of a part of the paragraph that stands on one line, from left to right.
    pub fn pieces(&self, line: Range<usize>) -> Vec<Piece> {
        let (levels, runs) = match &self.bidi {
            Some(bidi) => bidi.visual_runs(line),
            None => (vec![Level::ltr(); line.end], vec![LevelRun::from(line)]),
        };
        let mut pieces = Vec::with_capacity(runs.len());
        for run in runs {
            let is_rtl = levels.get(run.start).is_some_and(Level::is_rtl);
            let first = pieces.len();
            let from = self.stretches.partition_point(|stretch| stretch.text.end <= run.start);
            for stretch in self.stretches[from..].iter().take_while(|stretch| stretch.text.start < run.end) {
                pieces.push(Piece {
                    text: stretch.text.start.max(run.start)..stretch.text.end.min(run.end),
                    face: stretch.face,
                    script: stretch.script,
                    direction: if is_rtl { Direction::RightToLeft } else { Direction::LeftToRight },
                });
            }
            if is_rtl {
                pieces[first..].reverse();
            }
        }
        pieces
    }
}

fn has_right_to_left(text: &str) -> bool {
    !text.is_ascii() && text.chars().any(|c| matches!(bidi_class(c), BidiClass::R | BidiClass::AL | BidiClass::AN))
}

/// Stretches of text with the face that shows them. A letter's marks are in its face; letters of one script that stand
/// together are in one face if one has them all.
fn faces(text: &str, setting: &Setting<'_>) -> Result<Vec<(Range<usize>, FaceId)>, TextError> {
    let wanted = setting.face();
    if !text.is_empty() && text.chars().all(|character| has(wanted, character)) {
        return Ok(vec![(0..text.len(), setting.face)]);
    }
    let mut found: Vec<(Range<usize>, FaceId)> = Vec::new();
    for word in words(text) {
        let part = &text[word.clone()];
        let before = found.last().map(|(_, face)| *face);
        let is_space = part.chars().all(|character| character.is_whitespace() || is_ignorable(character));
        // A space in the face of the word before it keeps the two in one run.
        let face = before.filter(|&face| is_space && has_all(setting.fonts.face(face), part));
        match face.or_else(|| setting.chain().find(|&face| has_all(setting.fonts.face(face), part))) {
            Some(face) => push(&mut found, word, face),
            None => {
                for (at, cluster) in part.grapheme_indices(true) {
                    let at = word.start + at;
                    push(&mut found, at..at + cluster.len(), face_of_cluster(cluster, setting)?);
                }
            }
        }
    }
    Ok(found)
}

fn push(found: &mut Vec<(Range<usize>, FaceId)>, text: Range<usize>, face: FaceId) {
    match found.last_mut() {
        Some((last, last_face)) if *last_face == face => last.end = text.end,
        _ => found.push((text, face)),
    }
}

/// Stretches of grapheme clusters of one script; a sign that many scripts use is by itself.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut last = Script::COMMON;
    for (at, cluster) in text.grapheme_indices(true) {
        let script = cluster.chars().next().map_or(Script::COMMON, script);
        let end = at + cluster.len();
        match words.last_mut() {
            Some(word) if script == last && script != Script::COMMON => word.end = end,
            _ => words.push(at..end),
        }
        last = script;
    }
    words
}

fn has(face: &Face, character: char) -> bool {
    is_ignorable(character) || (!is_private(character) && face.glyph(character).is_some())
}

fn has_all(face: &Face, text: &str) -> bool {
    text.chars().all(|character| has(face, character))
}

/// The first face that has all of a cluster's characters, or that can show it by composing or decomposing them.
fn face_of_cluster(cluster: &str, setting: &Setting<'_>) -> Result<FaceId, TextError> {
    let by_character = setting.chain().find(|&face| has_all(setting.fonts.face(face), cluster));
    let is_private = cluster.chars().any(is_private);
    let found = by_character
        .or_else(|| setting.chain().find(|&face| !is_private && has_glyphs(setting.fonts.face(face), cluster)));
    found.ok_or_else(|| {
        let is_nowhere = |c: &char| !setting.chain().any(|face| has(setting.fonts.face(face), *c));
        let character = cluster.chars().find(is_nowhere).or_else(|| cluster.chars().next());
        TextError::GlyphMissing { character: character.unwrap_or(' '), font: setting.face().name().to_owned() }
    })
}

/// Adds scripts: a sign that many scripts use is of the script before it, or else of the one after it.
fn scripts(text: &str, faces: Vec<(Range<usize>, FaceId)>) -> Vec<(Range<usize>, FaceId, Script)> {
    let own = |c: char| Some(script(c)).filter(|s| ![Script::COMMON, Script::INHERITED, Script::UNKNOWN].contains(s));
    let mut current = text.chars().find_map(own).unwrap_or(Script::COMMON);
    let mut out: Vec<(Range<usize>, FaceId, Script)> = Vec::with_capacity(faces.len());
    for (range, face) in faces {
        let mut start = range.start;
        for (at, character) in text[range.clone()].char_indices() {
            let at = range.start + at;
            if let Some(script) = own(character).filter(|script| *script != current) {
                if at > start {
                    out.push((start..at, face, current));
                }
                (start, current) = (at, script);
            }
        }
        out.push((start..range.end, face, current));
    }
    out
}
