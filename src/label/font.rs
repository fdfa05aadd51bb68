//! Faces of type: their glyphs, widths and heights, read once from the bytes of a font file.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider, string::StringId};
use thiserror::Error;

use super::units::Um;

/// The largest font file that is read.
pub const MAX_FONT_BYTES: usize = 32 * 1024 * 1024;

/// Index of a face in its [`FontSet`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FaceId(pub u16);

/// The faces that templates can name.
#[derive(Debug)]
pub struct FontSet {
    faces: Vec<Face>,
}

/// One face.
#[derive(Debug)]
pub struct Face {
    name: String,
    data: Cow<'static, [u8]>,
    digest: [u8; 32],
    postscript_name: String,
    units_per_em: u16,
    heights: Heights,
    glyphs: Vec<(char, GlyphMetrics)>,
}

/// Vertical figures of a face in font units, upwards from the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heights {
    /// Top of accented capitals.
    pub ascent: i32,
    /// Bottom of descenders, negative.
    pub descent: i32,
    /// Top of capitals.
    pub capitals: i32,
    /// Bounding box of all glyphs: left, bottom, right, top.
    pub bounds: [i32; 4],
    /// Whether all glyphs are equally wide.
    pub is_monospace: bool,
}

/// A glyph and its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GlyphMetrics {
    /// Glyph id.
    pub id: u16,
    /// Advance width in font units.
    pub advance: u16,
}

/// Why bytes are no face that can be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FontError {
    /// Not a font file, or a broken one.
    #[error("font {name}: not a readable TrueType or OpenType font: {reason}")]
    Unreadable {
        /// The face's name.
        name: String,
        /// What the reader says.
        reason: String,
    },
    /// Two faces of one name.
    #[error("two fonts have the name {0}")]
    Repeated(String),
}

impl FontSet {
    /// Reads faces from `(name, bytes of a .ttf or .otf file)`.
    ///
    /// # Errors
    /// [`FontError`] for a file that is no font, is broken or larger than 32 MB, or a name that is repeated.
    pub fn new(sources: Vec<(String, Cow<'static, [u8]>)>) -> Result<FontSet, FontError> {
        let mut faces: Vec<Face> = Vec::with_capacity(sources.len());
        for (name, data) in sources {
            if faces.iter().any(|face| face.name == name) {
                return Err(FontError::Repeated(name));
            }
            faces.push(Face::new(name, data)?);
        }
        Ok(FontSet { faces })
    }

    /// The face of this name.
    pub fn find(&self, name: &str) -> Option<FaceId> {
        let at = self.faces.iter().position(|face| face.name == name)?;
        u16::try_from(at).ok().map(FaceId)
    }

    /// The face with this index.
    ///
    /// # Panics
    /// If the index is from another, larger set.
    pub fn face(&self, id: FaceId) -> &Face {
        &self.faces[usize::from(id.0)]
    }

    /// How many faces there are.
    pub fn len(&self) -> usize {
        self.faces.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.faces.is_empty()
    }
}

impl Face {
    fn new(name: String, data: Cow<'static, [u8]>) -> Result<Face, FontError> {
        let unreadable = |reason: String| FontError::Unreadable { name: name.clone(), reason };
        if data.len() > MAX_FONT_BYTES {
            return Err(unreadable(format!("it has {} bytes, at most {MAX_FONT_BYTES} are read", data.len())));
        }
        let font = FontRef::new(&data).map_err(|e| unreadable(e.to_string()))?;
        let metrics = font.metrics(Size::unscaled(), LocationRef::default());
        if metrics.units_per_em == 0 {
            return Err(unreadable("it has no units per em".to_owned()));
        }
        // Tables are read when they are needed; a file that was cut off must be noticed now.
        for table in font.table_directory().table_records() {
            let end = u64::from(table.offset()) + u64::from(table.length());
            if end > u64::try_from(data.len()).unwrap_or(u64::MAX) {
                return Err(unreadable(format!("its table {} ends beyond the file", table.tag())));
            }
        }
        let advances = font.glyph_metrics(Size::unscaled(), LocationRef::default());
        let mut glyphs: Vec<(char, GlyphMetrics)> = Vec::new();
        for (code, glyph) in font.charmap().mappings() {
            if let (Some(character), Ok(id)) = (char::from_u32(code), u16::try_from(glyph.to_u32())) {
                let advance = units(advances.advance_width(glyph).unwrap_or(0.0));
                glyphs.push((character, GlyphMetrics { id, advance: u16::try_from(advance).unwrap_or(0) }));
            }
        }
        glyphs.sort_unstable_by_key(|(character, _)| *character);
        let bounds = metrics.bounds.map_or([0; 4], |b| [b.x_min, b.y_min, b.x_max, b.y_max].map(units));
        let heights = Heights {
            ascent: units(metrics.ascent),
            descent: units(metrics.descent),
            capitals: units(metrics.cap_height.unwrap_or(metrics.ascent)),
            bounds,
            is_monospace: metrics.is_monospace,
        };
        let postscript_name = font.localized_strings(StringId::POSTSCRIPT_NAME).english_or_first();
        let postscript_name = postscript_name.map_or_else(|| "Unnamed".to_owned(), |name| name.chars().collect());
        let units_per_em = metrics.units_per_em;
        let digest = Sha256::digest(&data).into();
        Ok(Face { name, data, digest, postscript_name, units_per_em, heights, glyphs })
    }

    /// The name that templates use.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The font file.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// SHA-256 of the font file.
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// The name inside the font file.
    pub fn postscript_name(&self) -> &str {
        &self.postscript_name
    }

    /// Font units in the type size.
    pub fn units_per_em(&self) -> u16 {
        self.units_per_em
    }

    /// Vertical figures in font units.
    pub fn heights(&self) -> &Heights {
        &self.heights
    }

    /// The glyph of a character, if the face has one.
    pub fn glyph(&self, character: char) -> Option<GlyphMetrics> {
        let at = self.glyphs.binary_search_by_key(&character, |(c, _)| *c).ok()?;
        Some(self.glyphs[at].1).filter(|glyph| glyph.id != 0)
    }

    /// A length in font units at a type size, to the nearest micrometre.
    pub fn scale(&self, font_units: i64, size: Um) -> Um {
        let per_em = i64::from(self.units_per_em);
        let um = (2 * font_units * i64::from(size.0) + per_em).div_euclid(2 * per_em);
        Um(i32::try_from(um).unwrap_or(i32::MAX / 4))
    }

    /// The parsed font, for outlines.
    #[expect(clippy::expect_used, reason = "Face::new read the same bytes")]
    pub(crate) fn font(&self) -> FontRef<'_> {
        FontRef::new(&self.data).expect("a font that was read before")
    }
}

/// Rounds a figure of the font's own tables, which hold 16-bit integers, to whole units.
#[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and font tables hold 16-bit figures")]
fn units(value: f32) -> i32 {
    value.round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::fonts_shipped::fonts_shipped;

    #[test]
    fn shipped_faces_have_what_labels_need() {
        let fonts = fonts_shipped();
        for name in ["sans", "sans-semibold", "serial"] {
            let face = fonts.face(fonts.find(name).unwrap());
            for character in (' '..='~').chain("ÄÖÜäöüßéèçñåøæłžАя€–·".chars()) {
                assert!(face.glyph(character).is_some_and(|g| g.advance > 0), "{name} lacks {character}");
            }
            assert!(face.heights().capitals > 0 && face.heights().descent < 0);
        }
        let serial = fonts.face(fonts.find("serial").unwrap());
        assert!(serial.heights().is_monospace);
        assert_eq!(serial.glyph('\u{65e5}'), None);
    }

    #[test]
    fn what_is_no_font_is_refused() {
        let fonts = |bytes: &'static [u8]| FontSet::new(vec![("x".to_owned(), Cow::Borrowed(bytes))]);
        assert!(matches!(fonts(b""), Err(FontError::Unreadable { .. })));
        assert!(matches!(fonts(b"not a font at all"), Err(FontError::Unreadable { .. })));
        let half = fonts_shipped().face(FaceId(0)).data()[..5000].to_vec();
        assert!(FontSet::new(vec![("x".to_owned(), Cow::Owned(half))]).is_err());
    }
}
