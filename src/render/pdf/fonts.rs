//! Faces in a PDF: subset, embedded, with a map back to text (ISO 32000-1, 9.7 and 9.10).

use std::collections::BTreeMap;
use std::sync::Arc;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Chunk, Filter, Finish as _, Name, Rect, Ref, Str};
use sha2::{Digest as _, Sha256};
use subsetter::GlyphRemapper;

use crate::label::{Compiled, Face, FaceId, FontSet, Glyph, Item, fonts_shipped};

/// Objects that each embedded face takes.
pub const OBJECTS_PER_FACE: i32 = 5;

/// Which glyphs of which faces a job may use, each with its code. They are known before the first label is drawn, so that
/// labels can be drawn on several threads and a single label needs no subset of its own.
#[derive(Clone)]
pub struct UsedFonts {
    fonts: Arc<FontSet>,
    used: Vec<UsedFace>,
}

/// Glyphs of one face.
#[derive(Clone, Default)]
struct UsedFace {
    remapper: GlyphRemapper,
    /// Code of each glyph id, 0 if it has none.
    codes: Vec<u16>,
    /// Text and advance width by code.
    glyphs: BTreeMap<u16, (Option<char>, u16)>,
}

impl UsedFonts {
    /// The glyphs of everything that is the same on all labels of each group, then those that its variable texts may need.
    /// All groups have the same set of faces.
    pub fn new(groups: &[Arc<Compiled>]) -> UsedFonts {
        let fonts = groups.first().map_or_else(fonts_shipped, |group| Arc::clone(group.fonts()));
        let mut used =
            UsedFonts { fonts: Arc::clone(&fonts), used: (0..fonts.len()).map(|_| UsedFace::default()).collect() };
        for group in groups {
            let fixed = group.fixed();
            for item in &fixed.items {
                if let Item::Text(run) = item {
                    fixed.run_glyphs(run).iter().for_each(|g| used.register(run.face, g.id, g.character, g.advance));
                }
            }
            for (face, character) in group.per_unit_characters() {
                if let Some(glyph) = fonts.face(face).glyph(character) {
                    used.register(face, glyph.id, Some(character), glyph.advance);
                }
            }
        }
        used
    }

    fn register(&mut self, face: FaceId, id: u16, character: Option<char>, advance: u16) {
        let used = &mut self.used[usize::from(face.0)];
        let code = used.remapper.remap(id);
        let at = usize::from(id);
        if used.codes.len() <= at {
            used.codes.resize(at + 1, 0);
        }
        used.codes[at] = code;
        let entry = used.glyphs.entry(code).or_insert((character, advance));
        entry.0 = entry.0.or(character);
    }

    /// The code of a glyph: its glyph id in the subset. `None` if the job did not announce it.
    pub fn code(&self, face: FaceId, glyph: &Glyph) -> Option<u16> {
        let code = self.used[usize::from(face.0)].codes.get(usize::from(glyph.id)).copied();
        code.filter(|code| *code != 0)
    }

    /// Faces of which a glyph may be used.
    pub fn used(&self) -> impl Iterator<Item = FaceId> {
        let used = self.used.iter().zip(0_u16..).filter(|(used, _)| !used.glyphs.is_empty());
        used.map(|(_, at)| FaceId(at))
    }

    /// The objects of a face, `first` to `first + OBJECTS_PER_FACE - 1`, each in a chunk of its own.
    ///
    /// # Errors
    /// What the subsetter says of a font that it cannot take apart.
    pub fn objects(
        &self,
        id: FaceId,
        first: Ref,
        pack: impl Fn(&[u8]) -> Vec<u8>,
    ) -> Result<[Chunk; 5], subsetter::Error> {
        let face = self.fonts.face(id);
        let used = &self.used[usize::from(id.0)];
        let subset = subsetter::subset(face.data(), 0, &used.remapper)?;
        let is_cff = subset.starts_with(b"OTTO");
        let refs: [Ref; 5] = [0, 1, 2, 3, 4].map(|i| Ref::new(first.get() + i));
        let name = format!("{}+{}", subset_tag(face, used), face.postscript_name());
        let name = Name(name.as_bytes());
        let mut chunks = [const { None }; 5].map(|_: Option<()>| Chunk::new());
        let kind = if is_cff { CidFontType::Type0 } else { CidFontType::Type2 };
        composite(&mut chunks[0], refs, name);
        descendant(&mut chunks[1], refs, name, kind, face, used);
        descriptor(&mut chunks[2], refs, name, is_cff, face);
        let packed = pack(&subset);
        let mut file = chunks[3].stream(refs[3], &packed);
        file.filter(Filter::FlateDecode);
        if is_cff {
            file.pair(Name(b"Subtype"), Name(b"OpenType"));
        } else {
            file.pair(Name(b"Length1"), i32::try_from(subset.len()).unwrap_or(i32::MAX));
        }
        file.finish();
        let mut unicode = UnicodeCmap::new(Name(b"Custom"), SYSTEM);
        for (code, (character, _)) in &used.glyphs {
            // Glyphs of ligatures and joined scripts get their text from the run that they stand in.
            if let Some(character) = character {
                unicode.pair(*code, *character);
            }
        }
        let packed = pack(&unicode.finish());
        chunks[4].stream(refs[4], &packed).filter(Filter::FlateDecode);
        Ok(chunks)
    }
}

const SYSTEM: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

fn composite(chunk: &mut Chunk, refs: [Ref; 5], name: Name<'_>) {
    let mut font = chunk.type0_font(refs[0]);
    font.base_font(name).encoding_predefined(Name(b"Identity-H")).descendant_font(refs[1]).to_unicode(refs[4]);
}

fn descendant(chunk: &mut Chunk, refs: [Ref; 5], name: Name<'_>, kind: CidFontType, face: &Face, used: &UsedFace) {
    let mut font = chunk.cid_font(refs[1]);
    font.subtype(kind).base_font(name).system_info(SYSTEM).font_descriptor(refs[2]).default_width(0.0);
    if kind == CidFontType::Type2 {
        font.cid_to_gid_map_predefined(Name(b"Identity"));
    }
    // Codes are given without gaps from 1.
    let widths = used.glyphs.values().map(|(_, advance)| thousandths(i32::from(*advance), face));
    font.widths().consecutive(1, widths);
}

fn descriptor(chunk: &mut Chunk, refs: [Ref; 5], name: Name<'_>, is_cff: bool, face: &Face) {
    let heights = face.heights();
    let [left, bottom, right, top] = heights.bounds.map(|units| thousandths(units, face));
    let mut flags = FontFlags::NON_SYMBOLIC;
    flags.set(FontFlags::FIXED_PITCH, heights.is_monospace);
    let mut descriptor = chunk.font_descriptor(refs[2]);
    descriptor.name(name).flags(flags).bbox(Rect::new(left, bottom, right, top)).italic_angle(0.0).stem_v(80.0);
    descriptor.ascent(thousandths(heights.ascent, face)).descent(thousandths(heights.descent, face));
    descriptor.cap_height(thousandths(heights.capitals, face));
    if is_cff {
        descriptor.font_file3(refs[3]);
    } else {
        descriptor.font_file2(refs[3]);
    }
}

/// Font units to thousandths of the type size.
#[expect(clippy::cast_precision_loss, reason = "font units are 16-bit figures")]
fn thousandths(units: i32, face: &Face) -> f32 {
    units as f32 * 1000.0 / f32::from(face.units_per_em())
}

/// Six capital letters that differ with face and glyphs (ISO 32000-1, 9.6.4).
fn subset_tag(face: &Face, used: &UsedFace) -> String {
    let mut hash = Sha256::new();
    hash.update(face.digest());
    used.remapper.remapped_gids().for_each(|glyph| hash.update(glyph.to_be_bytes()));
    hash.finalize().iter().take(6).map(|byte| char::from(b'A' + byte % 26)).collect()
}
