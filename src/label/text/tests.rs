//! Tests of whole texts: what comes out as runs and glyphs.

use std::borrow::Cow;

use super::*;
use crate::label::drawing::{GlyphRun, Item};
use crate::label::fonts_shipped::{fonts_shipped, fonts_with};

mod fitting;
mod invariants;
mod units;
mod vectors;

const CJK: &[u8] = include_bytes!("../../../tests/fixtures/fonts/NameplateTestCJK-Regular.ttf");

fn fonts_with_cjk() -> FontSet {
    fonts_with(vec![("cjk".to_owned(), Cow::Borrowed(CJK))]).unwrap()
}

/// A style in the face `sans` at 8 pt, in a box of a width in millimetres.
fn style(width_mm: i32) -> TextStyle {
    let size = Um::from_pt(8.0).unwrap();
    TextStyle {
        face: fonts_shipped().find("sans").unwrap(),
        size,
        min_size: size,
        max_lines: 1,
        leading_percent: 120,
        align: Align::Start,
        width: Um(width_mm * 1000),
        may_truncate: false,
        language: None,
        ink: Ink::Black,
    }
}

fn place_with(style: &TextStyle, text: &str, fonts: &FontSet, origin: TextOrigin) -> Result<Drawing, TextError> {
    let plan = TextPlan::new(style, text, false, fonts)?;
    let mut drawing = Drawing::default();
    plan.place(text, origin, fonts, &mut drawing)?;
    Ok(drawing)
}

fn place(style: &TextStyle, text: &str) -> Result<Drawing, TextError> {
    place_with(style, text, &fonts_shipped(), TextOrigin::default())
}

fn runs(drawing: &Drawing) -> Vec<&GlyphRun> {
    let mut runs = Vec::new();
    for item in &drawing.items {
        if let Item::Text(run) = item {
            runs.push(run);
        }
    }
    runs
}

/// Name of the face and text of each run.
fn described(drawing: &Drawing, fonts: &FontSet) -> Vec<(String, String)> {
    let described = |run: &&GlyphRun| (fonts.face(run.face).name().to_owned(), drawing.run_text(run).to_owned());
    runs(drawing).iter().map(described).collect()
}

fn described_shipped(text: &str) -> Vec<(String, String)> {
    described(&place(&style(200), text).unwrap(), &fonts_shipped())
}

fn one_run(face: &str, text: &str) -> Vec<(String, String)> {
    vec![(face.to_owned(), text.to_owned())]
}

#[test]
fn latin_is_kerned_and_ligated() {
    let drawing = place(&style(100), "AVAVA").unwrap();
    let run = runs(&drawing)[0];
    let face = fonts_shipped();
    let face = face.face(run.face);
    let nominal: i64 = drawing.glyphs.iter().map(|glyph| i64::from(glyph.advance)).sum();
    assert!(run.width < face.scale(nominal, run.size), "A and V move together");
    assert!(!run.is_plain, "kerned text stands at other than nominal widths");
    let plain = place(&style(100), "HHnnHH").unwrap();
    assert!(runs(&plain)[0].is_plain);
    assert_eq!(runs(&plain)[0].width, face.scale(plain.glyphs.iter().map(|g| i64::from(g.advance)).sum(), run.size));
    let ligature = place(&style(100), "Profil fi").unwrap();
    let run = runs(&ligature)[0];
    assert_eq!(ligature.run_text(run), "Profil fi");
    assert!(ligature.glyphs.len() < "Profil fi".len(), "fi is one glyph");
    assert!(ligature.glyphs.iter().any(|glyph| glyph.character.is_none()) && !run.is_plain);
}

#[test]
fn arabic_letters_join() {
    let isolated = place(&style(100), "ب").unwrap();
    let joined = place(&style(100), "ببب").unwrap();
    let ids: Vec<u16> = joined.glyphs.iter().map(|glyph| glyph.id).collect();
    assert_eq!(ids.len(), 3);
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2], "final, medial, initial: {ids:?}");
    assert!(!ids.contains(&isolated.glyphs[0].id));
    assert!(joined.glyphs.windows(2).all(|pair| pair[0].x < pair[1].x), "from left to right");
    assert_eq!(described_shipped("الرقم التسلسلي"), one_run("sans-arabic", "الرقم التسلسلي"));
}

#[test]
fn letters_join_across_runs() {
    // The tatweel has the script Common; the letter before it must still take its initial form.
    let joined = place(&style(100), "بـ").unwrap();
    let alone = place(&style(100), "ب").unwrap();
    assert_ne!(joined.glyphs.last().unwrap().id, alone.glyphs[0].id);
}

#[test]
fn digits_and_latin_keep_their_direction_in_hebrew_and_arabic() {
    // UAX 9: in a right-to-left paragraph the first word stands rightmost, a number reads from left to right.
    let drawing = place(&style(100), "דגם AB-12 מתח 230").unwrap();
    let texts: Vec<&str> = runs(&drawing).iter().map(|run| drawing.run_text(run)).collect();
    let at = |word: &str| texts.iter().position(|text| text.contains(word)).unwrap();
    assert!(at("230") < at("מתח") && at("מתח") < at("AB-12") && at("AB-12") < at("דגם"), "{texts:?}");
    let number = runs(&drawing)[at("230")];
    let shown: String = drawing.run_glyphs(number).iter().filter_map(|glyph| glyph.character).collect();
    assert_eq!(shown, "230");
    let hebrew = runs(&drawing)[at("דגם")];
    let shown: String = drawing.run_glyphs(hebrew).iter().filter_map(|glyph| glyph.character).collect();
    assert_eq!(shown.trim(), "םגד", "glyphs from left to right are the letters from last to first");
    assert!(!hebrew.is_plain);
    // A right-to-left text starts at the right edge.
    let last = runs(&drawing).into_iter().next_back().unwrap();
    assert_eq!(last.x + last.width, Um(100_000));
    let arabic = place(&style(100), "الجهد 230 V").unwrap();
    let texts: Vec<&str> = runs(&arabic).iter().map(|run| arabic.run_text(run)).collect();
    assert!(texts[0].contains('V') && texts.last().unwrap().contains("الجهد"), "{texts:?}");
}

#[test]
fn brackets_are_mirrored_from_right_to_left() {
    let drawing = place(&style(100), "(א)").unwrap();
    let shown: Vec<Option<char>> = drawing.glyphs.iter().map(|glyph| glyph.character).collect();
    assert_eq!(shown, [Some(')'), Some('א'), Some('(')], "characters of the text, from right to left");
    let fonts = fonts_shipped();
    let run = runs(&drawing)[0];
    let opening = fonts.face(run.face).glyph('(').unwrap().id;
    assert_eq!(drawing.glyphs[0].id, opening, "the closing bracket is on the left and opens to the right");
}

#[test]
fn a_devanagari_conjunct_is_one_cluster() {
    let drawing = place(&style(100), "क्ष").unwrap();
    assert_eq!(described_shipped("क्ष"), one_run("sans-devanagari", "क्ष"));
    assert!(drawing.glyphs.len() < 3, "the virama joins the letters: {:?}", drawing.glyphs);
    assert!(drawing.glyphs.iter().all(|glyph| glyph.character.is_none()));
    // The vowel sign i is written after its consonant and stands before it.
    let drawing = place(&style(100), "कि").unwrap();
    let fonts = fonts_shipped();
    let face = fonts.face(runs(&drawing)[0].face);
    let consonant = face.glyph('क').unwrap().id;
    assert_eq!(drawing.glyphs.last().unwrap().id, consonant);
}

#[test]
fn thai_marks_stand_above_their_letters() {
    let fonts = fonts_shipped();
    let drawing = place(&style(100), "ที่").unwrap();
    assert_eq!(described(&drawing, &fonts), one_run("sans-thai", "ที่"));
    let tone = drawing.glyphs.last().unwrap();
    let letter = &drawing.glyphs[0];
    let alone = place(&style(100), "ท่").unwrap();
    let lower = alone.glyphs.last().unwrap();
    assert_eq!((tone.advance, letter.character), (0, Some('ท')));
    assert!(tone.y > lower.y || tone.id != lower.id, "the tone mark stands higher over a vowel: {tone:?} {lower:?}");
    assert_eq!(runs(&drawing)[0].width, runs(&alone)[0].width, "marks take no width");
}

#[test]
fn a_face_stands_in_for_what_the_wanted_one_lacks() {
    let expected = [("sans", "5 V "), ("symbols", "⎓"), ("sans", " 2 A")].map(|(f, t)| (f.to_owned(), t.to_owned()));
    let found = described_shipped("5 V ⎓ 2 A");
    assert_eq!(found.iter().map(|(_, t)| t.as_str()).collect::<String>(), "5 V ⎓ 2 A");
    assert_eq!(found.len(), expected.len());
    assert!(found.iter().any(|run| run == &("symbols".to_owned(), "⎓".to_owned()) || run.0 == "symbols"), "{found:?}");
    // The same weight is asked first.
    let fonts = fonts_shipped();
    let semibold = TextStyle { face: fonts.find("sans-semibold").unwrap(), ..style(100) };
    let drawing = place(&semibold, "Модель المنتج").unwrap();
    let faces: Vec<String> = described(&drawing, &fonts).into_iter().map(|(face, _)| face).collect();
    assert_eq!(faces, ["sans-semibold", "sans-arabic-semibold"]);
    // A word of one script stays in one face: Greek is not in the face for serials.
    let serial = TextStyle { face: fonts.find("serial").unwrap(), ..style(100) };
    assert_eq!(described(&place(&serial, "Ωμέγα").unwrap(), &fonts), one_run("sans-semibold", "Ωμέγα"));
}

#[test]
fn an_operators_font_brings_chinese_japanese_and_korean() {
    let fonts = fonts_with_cjk();
    let drawing = place_with(&style(100), "型式 AB 製造国 日本 제품번호", &fonts, TextOrigin::default()).unwrap();
    let found = described(&drawing, &fonts);
    assert!(found.contains(&("sans".to_owned(), " AB ".to_owned())), "{found:?}");
    assert!(found.iter().all(|(face, _)| face == "sans" || face == "cjk"), "{found:?}");
    // Lines break between ideographs.
    let narrow = TextStyle { max_lines: 9, ..style(9) };
    let drawing = place_with(&narrow, "日本国東京製造番号", &fonts, TextOrigin::default()).unwrap();
    assert_eq!(runs(&drawing).len(), 3);
}

#[test]
fn a_missing_glyph_is_named_with_the_wanted_face() {
    let error = place(&style(100), "Kamera 熱像儀").unwrap_err();
    assert_eq!(error, TextError::GlyphMissing { character: '熱', font: "sans".to_owned() });
    assert_eq!(
        error.to_string(),
        "the font \"sans\" has no glyph for '熱' (U+71B1), nor has a font that may stand in for it"
    );
    for text in ["a\u{E000}", "\u{F8FF}", "\u{10FFFF}", "\u{FFFF}", "\u{378}"] {
        assert!(matches!(place(&style(100), text), Err(TextError::GlyphMissing { .. })), "{text:?}");
    }
    assert_eq!(place(&style(100), "a\u{202E}b"), Err(TextError::ControlCharacter { character: '\u{202E}' }));
}

#[test]
fn composed_and_decomposed_letters_look_alike() {
    let (composed, decomposed) = (place(&style(100), "Größe").unwrap(), place(&style(100), "Gro\u{308}ße").unwrap());
    let ids = |drawing: &Drawing| drawing.glyphs.iter().map(|glyph| (glyph.id, glyph.x)).collect::<Vec<_>>();
    assert_eq!(ids(&composed), ids(&decomposed));
    assert_eq!(decomposed.chars, "Gro\u{308}ße", "the text stays as it was given");
}

#[test]
fn forms_follow_the_language() {
    let ids = |language: Option<&str>| {
        let style = TextStyle { language: language.map(str::to_owned), ..style(100) };
        place(&style, "бгдпт ŞşŢţ").unwrap().glyphs.iter().map(|glyph| glyph.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(Some("ru")), ids(None));
    assert_ne!(ids(Some("bg")), ids(Some("ru")), "the face has Bulgarian forms");
    assert_ne!(ids(Some("ro")), ids(None), "Romanian has commas below, not cedillas");
    assert_eq!(ids(Some("\u{0}-;'x")), ids(None), "no language at all");
}

#[test]
fn a_box_turns_about_its_corner() {
    let fonts = fonts_shipped();
    let style = TextStyle { max_lines: 3, align: Align::Center, ..style(20) };
    let text = "Importer: Borealis Optics, ש 12";
    let upright = place(&style, text).unwrap();
    for turn in [Turn::None, Turn::Quarter, Turn::Half, Turn::ThreeQuarters] {
        let origin = TextOrigin { x: Um(50_000), y: Um(70_000), turn };
        let turned = place_with(&style, text, &fonts, origin).unwrap();
        assert_eq!(turned.glyphs, upright.glyphs);
        for (turned_run, run) in runs(&turned).into_iter().zip(runs(&upright)) {
            assert_eq!((turned_run.turn, (turned_run.x, turned_run.y)), (turn, origin.at(run.x, run.y)));
            assert_eq!(turned_run.width, run.width);
            let Some([left, top, right, bottom]) = ink_bounds(run, &upright, &fonts) else { continue };
            let found = ink_bounds(turned_run, &turned, &fonts).unwrap();
            let (a, b) = (origin.at(left, top), origin.at(right, bottom));
            assert_eq!(found, [a.0.min(b.0), a.1.min(b.1), a.0.max(b.0), a.1.max(b.1)]);
            assert!(found[0] < found[2] && found[1] < found[3]);
        }
    }
    let at = |turn| TextOrigin { x: Um(10), y: Um(20), turn }.at(Um(3), Um(4));
    assert_eq!(at(Turn::Quarter), (Um(6), Um(23)));
    assert_eq!(at(Turn::ThreeQuarters), (Um(14), Um(17)));
}

#[test]
fn ink_starts_at_the_top_of_the_box() {
    let fonts = fonts_shipped();
    let drawing = place(&style(100), "H").unwrap();
    let [left, top, right, bottom] = ink_bounds(runs(&drawing)[0], &drawing, &fonts).unwrap();
    let (width, height) = TextPlan::new(&style(100), "H", false, &fonts).unwrap().extent("H", &fonts).unwrap();
    assert!((-1..=0).contains(&top.0), "{top:?}");
    assert!((0..=1).contains(&(bottom.0 - height.0)), "H stands on the baseline: {bottom:?} {height:?}");
    assert!(left > Um(0) && right < width);
    let drawing = place(&style(100), "g").unwrap();
    assert!(ink_bounds(runs(&drawing)[0], &drawing, &fonts).unwrap()[3] > height, "g reaches below the baseline");
    let blank = place(&style(100), "a\u{A0}").unwrap();
    assert!(ink_bounds(runs(&blank)[0], &blank, &fonts).is_some());
}
