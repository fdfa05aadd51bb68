//! Tests of reading fonts.

use super::*;
use crate::label::drawing::Ink;
use crate::label::fonts_shipped::{fonts_shipped, fonts_with};
use crate::label::text::{Align, TextPlan, TextStyle};

const SANS: &[u8] = include_bytes!("../../../fonts/IBMPlexSans-Regular.ttf");
const CJK: &[u8] = include_bytes!("../../../tests/fixtures/fonts/NameplateTestCJK-Regular.ttf");

fn operator(data: Vec<u8>) -> Result<FontSet, FontError> {
    fonts_with(vec![("mine".to_owned(), Cow::Owned(data))])
}

fn table<'a>(file: &'a mut [u8], tag: &[u8; 4]) -> &'a mut [u8] {
    let record = 12 + 16 * (0..).find(|i| &file[12 + 16 * i..16 + 16 * i] == tag).unwrap();
    &mut file[record..record + 16]
}

#[test]
fn what_is_no_font_is_refused() {
    assert!(matches!(operator(Vec::new()), Err(FontError::Unreadable { .. })));
    assert!(matches!(operator(b"not a font at all".to_vec()), Err(FontError::Unreadable { .. })));
    let error = operator(SANS[..5000].to_vec()).unwrap_err();
    assert!(
        error.to_string().starts_with("font mine: not a readable TrueType or OpenType font: its table "),
        "{error}"
    );
    assert!(matches!(operator(vec![0; MAX_FONT_BYTES + 1]), Err(FontError::Unreadable { .. })));
    assert!(matches!(
        fonts_with(vec![("sans".to_owned(), Cow::Borrowed(CJK))]),
        Err(FontError::Repeated(name)) if name == "sans"
    ));
    let many = (0..MAX_FACES).map(|i| (i.to_string(), Cow::Borrowed(CJK))).collect();
    assert!(matches!(fonts_with(many), Err(FontError::TooMany(_))));
}

#[test]
fn fonts_without_outlines_are_refused_with_the_reason() {
    for (tag, word) in [(b"CBDT", "pictures"), (b"sbix", "pictures"), (b"COLR", "colour"), (b"CFF2", "CFF2")] {
        let mut data = CJK.to_vec();
        table(&mut data, b"glyf")[..4].copy_from_slice(tag);
        let error = operator(data).unwrap_err();
        assert!(matches!(error, FontError::NoOutlines { .. }) && error.to_string().contains(word), "{error}");
    }
    // Every offset of `loca` the same: glyphs are there, but all are empty.
    let mut data = CJK.to_vec();
    let record = table(&mut data, b"loca").to_vec();
    let at = |i: usize| usize::try_from(u32::from_be_bytes(record[i..i + 4].try_into().unwrap())).unwrap();
    data[at(8)..at(8) + at(12)].fill(0);
    let error = operator(data).unwrap_err();
    assert!(matches!(error, FontError::NoOutlines { .. }) && error.to_string().contains("empty"), "{error}");
    let mut data = CJK.to_vec();
    table(&mut data, b"hmtx")[..4].copy_from_slice(b"xxxx");
    assert!(operator(data).unwrap_err().to_string().contains("no table hmtx"));
}

fn style(face: FaceId) -> TextStyle {
    let (size, width) = (Um(3000), Um(50_000));
    TextStyle {
        face,
        size,
        min_size: size,
        max_lines: 2,
        leading_percent: 120,
        align: Align::Start,
        width,
        may_truncate: true,
        language: None,
        ink: Ink::Black,
    }
}

#[test]
fn broken_bytes_never_panic() {
    for step in 1..400 {
        let mut data = CJK.to_vec();
        for at in (step * 17 % 97..data.len()).step_by(step + 40) {
            data[at] ^= u8::try_from(step % 255).unwrap() + 1;
        }
        let Ok(fonts) = operator(data) else { continue };
        let face = fonts.face(fonts.find("mine").unwrap());
        let glyphs = "日本 한국 A".chars().filter_map(|character| face.glyph(character));
        glyphs.for_each(|glyph| assert!(face.glyph_bounds(glyph.id).is_none_or(|[left, _, right, _]| left < right)));
        let style = style(fonts.find("mine").unwrap());
        let _ = TextPlan::new(&style, "日本国 東京 한국어", false, &fonts);
    }
}

#[test]
fn of_a_collection_the_first_face_is_used() {
    // A collection's header in front of the file: all offsets of tables move.
    let header = 16_u32;
    let mut file = CJK.to_vec();
    let tables = usize::from(u16::from_be_bytes([file[4], file[5]]));
    for record in 0..tables {
        let at = 12 + 16 * record + 8;
        let offset = u32::from_be_bytes(file[at..at + 4].try_into().unwrap()) + header;
        file[at..at + 4].copy_from_slice(&offset.to_be_bytes());
    }
    let mut collection = b"ttcf\0\x01\0\0\0\0\0\x01".to_vec();
    collection.extend(header.to_be_bytes());
    collection.extend(file);
    let fonts = operator(collection).unwrap();
    let face = fonts.face(fonts.find("mine").unwrap());
    assert_eq!(face.glyph('日'), fonts_with_cjk().face(fonts.find("mine").unwrap()).glyph('日'));
    assert!(face.font().table_directory().num_tables() > 0);
}

fn fonts_with_cjk() -> FontSet {
    operator(CJK.to_vec()).unwrap()
}

#[test]
fn faces_stand_in_by_weight_and_then_by_name() {
    let named = |name: &str| (name.to_owned(), Cow::Borrowed(CJK));
    let fonts = fonts_with(vec![named("zz"), named("aa"), named("mm")]).unwrap();
    let names = |wanted: &str| -> Vec<&str> {
        fonts.chain(fonts.find(wanted).unwrap()).map(|id| fonts.face(id).name()).collect()
    };
    let chain = names("serial");
    assert_eq!(chain[..3], ["serial", "sans-semibold", "sans-arabic-semibold"]);
    assert_eq!(chain[chain.len() - 3..], ["aa", "mm", "zz"], "whatever the order in which they were given");
    let first_regular = chain.iter().position(|name| *name == "sans").unwrap();
    assert!(chain[..first_regular].iter().all(|name| *name == "serial" || name.ends_with("semibold")));
    assert_eq!(chain.len(), fonts.len());
    assert_eq!(names("mm")[0], "mm");
    assert_eq!(fonts.face(fonts.find("aa").unwrap()).weight(), Weight::Regular);
}

#[test]
fn figures_are_those_of_the_file() {
    let fonts = fonts_shipped();
    let sans = fonts.face(fonts.find("sans").unwrap());
    assert_eq!(
        (sans.postscript_name(), sans.units_per_em(), sans.heights().capitals),
        ("IBMPlexSans-Regular", 1000, 698)
    );
    assert_eq!(sans.glyph('H').unwrap().advance, sans.advance(sans.glyph('H').unwrap().id));
    assert_eq!(sans.glyph('\u{65e5}'), None);
    assert_eq!(sans.glyph('\n'), None);
    let [_, bottom, _, top] = sans.glyph_bounds(sans.glyph('H').unwrap().id).unwrap();
    assert_eq!((bottom, top), (0, 698));
    assert_eq!(sans.glyph_bounds(sans.glyph(' ').unwrap().id), None);
    assert_eq!(sans.scale(500, Um(3000)), Um(1500));
    assert_eq!(sans.scale(-500, Um(3001)), Um(-1500));
    assert_eq!(*sans.digest(), <[u8; 32]>::from(Sha256::digest(SANS)));
}
