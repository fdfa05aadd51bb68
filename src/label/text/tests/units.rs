//! Tests of text that differs from unit to unit.

use super::*;

fn serial(width_mm: i32) -> TextStyle {
    TextStyle { face: fonts_shipped().find("serial").unwrap(), ..style(width_mm) }
}

fn plan(style: &TextStyle, sample: &str) -> Result<TextPlan, TextError> {
    TextPlan::new(style, sample, true, &fonts_shipped())
}

fn set(style: &TextStyle, sample: &str, text: &str) -> Result<Drawing, TextError> {
    let mut drawing = Drawing::default();
    plan(style, sample)?.place(text, TextOrigin::default(), &fonts_shipped(), &mut drawing)?;
    Ok(drawing)
}

#[test]
fn a_serial_is_one_plain_run() {
    let drawing = set(&serial(60), "W", "BX26-00AV-1742").unwrap();
    let fonts = fonts_shipped();
    let run = runs(&drawing)[0];
    assert!(run.is_plain && drawing.items.len() == 1);
    assert_eq!(drawing.run_text(run), "BX26-00AV-1742");
    let face = fonts.face(run.face);
    for (i, (glyph, character)) in (0_i64..).zip(drawing.glyphs.iter().zip("BX26-00AV-1742".chars())) {
        assert_eq!((glyph.id, glyph.character), (face.glyph(character).unwrap().id, Some(character)));
        assert_eq!(glyph.x, face.scale(i * 600, run.size), "nothing drifts");
    }
    assert_eq!(run.width, face.scale(14 * 600, run.size));
}

#[test]
fn the_size_follows_the_sample_not_the_unit() {
    let style = TextStyle { min_size: Um::from_pt(5.0).unwrap(), ..serial(20) };
    let size = plan(&style, "WWWWWWWWWWWWWW").unwrap().size();
    assert!(size < style.size);
    for text in ["A", "BX26-00AV-1742"] {
        assert_eq!(runs(&set(&style, "WWWWWWWWWWWWWW", text).unwrap())[0].size, size);
    }
    let longer = "BX26-00AV-1742-77";
    assert!(matches!(set(&style, "WWWWWWWWWWWWWW", longer), Err(TextError::TooWide { .. })));
}

#[test]
fn what_needs_shaping_is_refused() {
    let refused = |text: &str| set(&style(60), "A", text).unwrap_err();
    for (text, character) in [("ABب1", 'ب'), ("שA", 'ש'), ("कA", 'क'), ("A\u{301}", '\u{301}'), ("ก1", 'ก')]
    {
        assert_eq!(refused(text), TextError::NeedsShaping { character }, "{text}");
    }
    for text in ["A\u{202E}B", "A\u{200B}B", "A\u{AD}B", "A\tB", "A\u{7}", "A\u{200D}B"] {
        assert!(matches!(refused(text), TextError::ControlCharacter { .. }), "{text:?}");
    }
    assert_eq!(refused("A⎓"), TextError::GlyphMissing { character: '⎓', font: "sans".into() }, "one face for all");
    assert!(matches!(refused("A\u{E000}"), TextError::NeedsShaping { .. } | TextError::GlyphMissing { .. }));
    assert_eq!(refused(&"A".repeat(10_000_000)), TextError::TooLong { allowed: MAX_CHARACTERS });
    assert!(set(&style(60), "A", "Größe 5 µm Жук").is_ok());
}

#[test]
fn a_refused_text_leaves_the_drawing_as_it_was() {
    let fonts = fonts_shipped();
    for (max_lines, may_truncate) in [(1, false), (3, false), (1, true), (3, true)] {
        let style = TextStyle { max_lines, may_truncate, ..serial(20) };
        let plan = plan(&style, "A").unwrap();
        let mut drawing = Drawing::default();
        plan.place("before", TextOrigin::default(), &fonts, &mut drawing).unwrap();
        let before = drawing.clone();
        for text in ["one\ntwo\nthree\nfour\u{7}", "AAAA AAAA AAAA AAAA\u{301}", "a\nb\u{202E}"] {
            assert!(plan.place(text, TextOrigin::default(), &fonts, &mut drawing).is_err(), "{text:?}");
            assert_eq!(drawing, before);
        }
    }
}

#[test]
fn text_of_units_breaks_and_is_cut_like_other_text() {
    let texts = |style: &TextStyle, text: &str| {
        let drawing = set(style, "A", text)?;
        let texts: Vec<String> = runs(&drawing).iter().map(|run| drawing.run_text(run).to_owned()).collect();
        assert!(runs(&drawing).iter().all(|run| run.x + run.width <= style.width));
        assert_eq!(drawing.glyphs.len(), drawing.chars.chars().count());
        Ok::<_, TextError>(texts)
    };
    let narrow = TextStyle { max_lines: 3, ..serial(12) };
    assert_eq!(texts(&narrow, "AAAA BBB CC\nD").unwrap(), ["AAAA", "BBB CC", "D"]);
    let error = texts(&narrow, "AAAA BBBB CCCC DDDD EEEE").unwrap_err();
    assert!(matches!(error, TextError::TooManyLines { needed: 5, allowed: 3, .. }), "{error:?}");
    let cut = TextStyle { may_truncate: true, ..narrow };
    assert_eq!(texts(&cut, "AAAA BBBB CCCC DDDD EEEE").unwrap(), ["AAAA", "BBBB", "CCCC D…"]);
    assert_eq!(texts(&TextStyle { max_lines: 1, ..cut.clone() }, "AAAAAAAAAAAA").unwrap(), ["AAAAAA…"]);
    assert_eq!(texts(&TextStyle { max_lines: 1, ..cut.clone() }, "A\nB").unwrap(), ["A…"]);
    assert_eq!(texts(&cut, "  ").unwrap(), [""; 0]);
}

#[test]
fn plain_and_shaped_text_agree_where_nothing_is_kerned() {
    let style = serial(60);
    let (plain, shaped) = (set(&style, "A", "BX26-0042").unwrap(), place(&style, "BX26-0042").unwrap());
    assert_eq!(plain, shaped);
}
