//! Reading a font file and refusing what no label can be set in.

use skrifa::font::{Blob, Font};
use skrifa::raw::TableProvider as _;
use skrifa::raw::types::F48Dot16;
use skrifa::string::StringId;
use skrifa::{FontRef, GlyphId, MetadataProvider as _, Tag};

use super::{FontError, GlyphMetrics, Heights, MAX_FONT_BYTES, Weight};

/// What a font file holds.
pub struct Contents {
    pub font: Font,
    pub postscript_name: String,
    pub units_per_em: u16,
    pub weight: Weight,
    pub heights: Heights,
    /// Glyphs of the ASCII characters; id 0 where there is none.
    pub ascii: [GlyphMetrics; 128],
}

/// From this OpenType weight class on a face counts as semibold (between Medium, 500, and Semi-bold, 600).
const SEMIBOLD_FROM: u16 = 550;
/// How many glyphs are looked at to find out whether a font has outlines at all.
const PROBED_GLYPHS: usize = 64;
/// Tables without which nothing can be set.
const NEEDED: [&[u8; 4]; 5] = [b"head", b"maxp", b"hhea", b"hmtx", b"cmap"];

impl Contents {
    /// Reads a file, of a collection the first face.
    pub fn read(name: &str, data: &Blob) -> Result<Contents, FontError> {
        let unreadable = |reason: String| FontError::Unreadable { name: name.to_owned(), reason };
        if data.len() > MAX_FONT_BYTES {
            return Err(unreadable(format!("it has {} bytes, at most {MAX_FONT_BYTES} are read", data.len())));
        }
        let tables = FontRef::from_index(data, 0).map_err(|e| unreadable(e.to_string()))?;
        check_tables(&tables, data.len()).map_err(unreadable)?;
        check_outline_tables(name, &tables)?;
        let font = Font::new(data.clone(), 0).ok_or_else(|| unreadable("its tables cannot be read".to_owned()))?;
        if font.metrics().raw_units_per_em != font.units_per_em() {
            let found = font.metrics().raw_units_per_em;
            return Err(unreadable(format!("it has {found} units per em; 16 to 16384 are possible")));
        }
        check_outlines(name, &font)?;
        let postscript_name = tables.localized_strings(StringId::POSTSCRIPT_NAME).english_or_first();
        let postscript_name = postscript_name.map_or_else(|| "Unnamed".to_owned(), |name| name.chars().collect());
        let class = tables.os2().map_or(400, |os2| os2.us_weight_class());
        let weight = if class >= SEMIBOLD_FROM { Weight::SemiBold } else { Weight::Regular };
        let mut contents = Contents {
            postscript_name,
            units_per_em: font.units_per_em(),
            weight,
            heights: heights(&font),
            ascii: [GlyphMetrics::default(); 128],
            font,
        };
        let charmap = contents.font.charmap();
        for (code, slot) in (0_u32..).zip(&mut contents.ascii) {
            if let Some(glyph) = charmap.map_unicode(code) {
                *slot = metrics(&contents.font, glyph).unwrap_or_default();
            }
        }
        Ok(contents)
    }

    /// The glyph of any character.
    pub fn glyph(&self, character: char) -> Option<GlyphMetrics> {
        self.font.charmap().map_unicode(character).and_then(|glyph| metrics(&self.font, glyph))
    }
}

fn metrics(font: &Font, glyph: GlyphId) -> Option<GlyphMetrics> {
    let id = u16::try_from(glyph.to_u32()).ok().filter(|_| glyph.to_u32() < font.num_glyphs())?;
    Some(GlyphMetrics { id, advance: advance(font, glyph) })
}

/// Advance width of a glyph.
pub fn advance(font: &Font, glyph: GlyphId) -> u16 {
    u16::try_from(whole(font.glyph_metrics().h_advance_exact(glyph))).unwrap_or(0)
}

/// The box around a glyph's outline: left, bottom, right, top.
pub fn bounds(font: &Font, glyph: GlyphId) -> Option<[i32; 4]> {
    let extents = font.glyph_metrics().extents_exact(glyph)?;
    let (left, top) = (floor(extents.x_bearing), -floor(-extents.y_bearing));
    let right = -floor(-(extents.x_bearing + extents.width));
    let bottom = floor(extents.y_bearing - extents.height);
    (left < right && bottom < top).then_some([left, bottom, right, top])
}

fn heights(font: &Font) -> Heights {
    let metrics = font.metrics();
    let line = metrics.h_line();
    let (ascent, descent) = line.map_or((0, 0), |line| (whole(line.ascender), whole(line.descender)));
    let of_h = || bounds(font, font.charmap().map_unicode('H')?).map(|[_, _, _, top]| top);
    let capitals = metrics.cap_height.map(whole).filter(|&top| top > 0).or_else(of_h).unwrap_or(ascent);
    let b = &metrics.bounds;
    let bounds = [b.x_min, b.y_min, b.x_max, b.y_max].map(whole);
    let is_monospace = font.style_metrics().is_fixed_pitch.unwrap_or(false);
    Heights { ascent, descent, capitals, bounds, is_monospace }
}

/// Tables are read when they are needed; a file that was cut off must be noticed now.
fn check_tables(font: &FontRef<'_>, file_bytes: usize) -> Result<(), String> {
    let file_bytes = u64::try_from(file_bytes).unwrap_or(u64::MAX);
    for table in font.table_directory().table_records() {
        if u64::from(table.offset()) + u64::from(table.length()) > file_bytes {
            return Err(format!("its table {} ends beyond the file; it was cut off", table.tag()));
        }
    }
    match NEEDED.into_iter().find(|tag| font.table_data(Tag::new(tag)).is_none()) {
        Some(tag) => Err(format!("it has no table {}", Tag::new(tag))),
        None => Ok(()),
    }
}

/// Refuses fonts that have no table of outlines.
fn check_outline_tables(name: &str, font: &FontRef<'_>) -> Result<(), FontError> {
    let has = |tag: &[u8; 4]| font.table_data(Tag::new(tag)).is_some();
    if (has(b"glyf") && has(b"loca")) || has(b"CFF ") {
        return Ok(());
    }
    let reason = if has(b"CFF2") {
        "it is a variable font with CFF2 outlines"
    } else if has(b"CBDT") || has(b"EBDT") || has(b"sbix") {
        "it holds its glyphs as pictures only"
    } else if has(b"SVG ") || has(b"COLR") {
        "it holds its glyphs in colour only"
    } else {
        "it has no outlines"
    };
    Err(FontError::NoOutlines { name: name.to_owned(), reason })
}

/// Refuses fonts whose outlines are all empty because their glyphs are coloured layers or pictures.
fn check_outlines(name: &str, font: &Font) -> Result<(), FontError> {
    let is_inked = |code: &u32| char::from_u32(*code).is_some_and(|c| !c.is_whitespace() && !c.is_control());
    let mapped = font.charmap().unicodes().take(4 * PROBED_GLYPHS).filter(|(code, _)| is_inked(code));
    let mut probed = mapped.take(PROBED_GLYPHS).map(|(_, glyph)| bounds(font, glyph)).peekable();
    if probed.peek().is_none() {
        let reason = "it has no glyph for any character";
        return Err(FontError::NoOutlines { name: name.to_owned(), reason });
    }
    if probed.all(|bounds| bounds.is_none()) {
        let reason = "its outlines are empty: it holds its glyphs in colour or as pictures only";
        return Err(FontError::NoOutlines { name: name.to_owned(), reason });
    }
    Ok(())
}

/// Rounds a figure in font units.
fn whole(value: F48Dot16) -> i32 {
    i32::try_from(value.round().to_i64()).unwrap_or(0)
}

fn floor(value: F48Dot16) -> i32 {
    i32::try_from(value.floor().to_i64()).unwrap_or(0)
}
