//! Faces of type: their glyphs, widths and heights, read from the bytes of a font file when they are first used.

mod read;

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use harfrust::{Direction, Language, Script, ShapePlan, ShapePlanKey};
use sha2::{Digest as _, Sha256};
use skrifa::font::{Blob, Font};
use skrifa::{FontRef, GlyphId};
use thiserror::Error;

use super::units::Um;
use read::Contents;

/// The largest font file that is read.
pub const MAX_FONT_BYTES: usize = 32 * 1024 * 1024;
/// The most faces in a set.
pub const MAX_FACES: usize = 500;
/// How many ways of shaping (script, direction, language) are kept ready for a face.
const MAX_PLANS: usize = 32;

/// Index of a face in its [`FontSet`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FaceId(pub u16);

/// The faces that templates can name: the shipped ones as given, then the operator's by name.
#[derive(Debug)]
pub struct FontSet {
    faces: Vec<Face>,
}

/// A font file and the name that templates use for it.
#[derive(Clone, Debug)]
pub struct FontSource {
    /// Name of the face.
    pub name: String,
    /// Bytes of a `.ttf`, `.otf` or `.ttc` file; of a collection the first face is used.
    pub data: Cow<'static, [u8]>,
    /// Who put it there.
    pub origin: Origin,
}

/// Where a face comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Part of the product and known to be readable: it is read when it is first used.
    Shipped(Weight),
    /// Given by the operator: it is read, checked and weighed at once.
    Operator,
}

/// How heavy a face is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Weight {
    /// For running text; up to 500 (Medium) of the OpenType weight classes.
    Regular,
    /// For what must stand out; from 600 on.
    SemiBold,
}

/// One face.
pub struct Face {
    name: String,
    data: Blob,
    weight: Weight,
    is_shipped: bool,
    digest: OnceLock<[u8; 32]>,
    contents: OnceLock<Contents>,
    plans: RwLock<Vec<Arc<ShapePlan>>>,
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    /// A font without outlines that a printer could fill.
    #[error("font {name}: {reason}; a font with plain black outlines (TrueType or CFF) is needed")]
    NoOutlines {
        /// The face's name.
        name: String,
        /// What it has instead.
        reason: &'static str,
    },
    /// Two faces of one name.
    #[error("two fonts have the name {0}")]
    Repeated(String),
    /// More faces than a set may have.
    #[error("there are {0} fonts, at most {MAX_FACES} can be used")]
    TooMany(usize),
}

impl FontSet {
    /// Makes a set; the operator's fonts are read at once.
    ///
    /// # Errors
    /// [`FontError`] for an operator's file that is no font, is broken, has no outlines or is larger than 32 MB, a name
    /// that is repeated, or too many files.
    pub fn new(sources: Vec<FontSource>) -> Result<FontSet, FontError> {
        if sources.len() > MAX_FACES {
            return Err(FontError::TooMany(sources.len()));
        }
        let (shipped, mut operator): (Vec<_>, Vec<_>) = sources.into_iter().partition(|s| s.origin != Origin::Operator);
        operator.sort_by(|a, b| a.name.cmp(&b.name));
        let mut faces: Vec<Face> = Vec::with_capacity(shipped.len() + operator.len());
        for source in shipped.into_iter().chain(operator) {
            if faces.iter().any(|face| face.name == source.name) {
                return Err(FontError::Repeated(source.name));
            }
            faces.push(Face::new(source)?);
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

    /// Every face, in the order of their indices.
    pub fn faces(&self) -> impl Iterator<Item = &Face> {
        self.faces.iter()
    }

    /// How many faces there are.
    pub fn len(&self) -> usize {
        self.faces.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.faces.is_empty()
    }

    /// The faces that are asked for a glyph, in order: the wanted one, the shipped ones of its weight, the other
    /// shipped ones, then the operator's of its weight and the operator's others, by name.
    pub fn chain(&self, wanted: FaceId) -> impl Iterator<Item = FaceId> {
        let weight = self.face(wanted).weight;
        let groups = [(true, true), (true, false), (false, true), (false, false)];
        let others = groups.into_iter().flat_map(move |(is_shipped, is_same_weight)| {
            (0_u16..).map(FaceId).zip(&self.faces).filter_map(move |(id, face)| {
                let is_asked = face.is_shipped == is_shipped && (face.weight == weight) == is_same_weight;
                (is_asked && id != wanted).then_some(id)
            })
        });
        std::iter::once(wanted).chain(others)
    }
}

impl Face {
    fn new(source: FontSource) -> Result<Face, FontError> {
        let FontSource { name, data, origin } = source;
        let data = match data {
            Cow::Borrowed(bytes) => Blob::Static(bytes),
            Cow::Owned(bytes) => Blob::from(bytes),
        };
        let (contents, weight) = match origin {
            Origin::Shipped(weight) => (OnceLock::new(), weight),
            Origin::Operator => {
                let contents = Contents::read(&name, &data)?;
                let weight = contents.weight;
                (OnceLock::from(contents), weight)
            }
        };
        let (digest, plans) = (OnceLock::new(), RwLock::default());
        Ok(Face { name, data, weight, is_shipped: origin != Origin::Operator, digest, contents, plans })
    }

    #[expect(clippy::expect_used, reason = "an operator's font was read before, and tests read every shipped one")]
    fn contents(&self) -> &Contents {
        self.contents.get_or_init(|| Contents::read(&self.name, &self.data).expect("a shipped font"))
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
        self.digest.get_or_init(|| Sha256::digest(self.data()).into())
    }

    /// How heavy it is.
    pub fn weight(&self) -> Weight {
        self.weight
    }

    /// The name inside the font file.
    pub fn postscript_name(&self) -> &str {
        &self.contents().postscript_name
    }

    /// Font units in the type size.
    pub fn units_per_em(&self) -> u16 {
        self.contents().units_per_em
    }

    /// Vertical figures in font units.
    pub fn heights(&self) -> &Heights {
        &self.contents().heights
    }

    /// The glyph of a character, if the face has one.
    pub fn glyph(&self, character: char) -> Option<GlyphMetrics> {
        let contents = self.contents();
        match usize::try_from(u32::from(character)).ok().and_then(|at| contents.ascii.get(at)) {
            Some(glyph) => Some(*glyph).filter(|glyph| glyph.id != 0),
            None => contents.glyph(character),
        }
    }

    /// Nominal advance width of a glyph in font units.
    pub(super) fn advance(&self, id: u16) -> u16 {
        read::advance(&self.contents().font, GlyphId::from(id))
    }

    /// The box around a glyph's outline in font units, y upwards: left, bottom, right, top; `None` without outline.
    pub fn glyph_bounds(&self, id: u16) -> Option<[i32; 4]> {
        read::bounds(&self.contents().font, GlyphId::from(id))
    }

    /// A length in font units at a type size, to the nearest micrometre.
    pub fn scale(&self, font_units: i64, size: Um) -> Um {
        let per_em = i64::from(self.units_per_em());
        super::text::narrow((2 * font_units * i64::from(size.0) + per_em).div_euclid(2 * per_em))
    }

    /// The parsed font, for outlines.
    #[expect(clippy::expect_used, reason = "Contents::read read the same bytes")]
    pub(crate) fn font(&self) -> FontRef<'_> {
        FontRef::from_index(&self.data, 0).expect("a font that was read before")
    }

    /// The parsed font, for shaping.
    pub(super) fn shared_font(&self) -> &Font {
        &self.contents().font
    }

    /// How text of one script, direction and language is shaped.
    pub(super) fn plan(&self, direction: Direction, script: Script, language: Option<&Language>) -> Arc<ShapePlan> {
        let font = self.shared_font();
        let key = ShapePlanKey::new(font, Some(script), direction).language(language);
        let plans = self.plans.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = plans.iter().find(|plan| key.matches(plan)) {
            return Arc::clone(plan);
        }
        drop(plans);
        let plan = Arc::new(ShapePlan::new(font, direction, Some(script), language, &[]));
        let mut plans = self.plans.write().unwrap_or_else(PoisonError::into_inner);
        if plans.len() < MAX_PLANS {
            plans.push(Arc::clone(&plan));
        }
        plan
    }
}

impl fmt::Debug for Face {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Face").field("name", &self.name).field("weight", &self.weight).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
