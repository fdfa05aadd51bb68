//! Properties of any text.
//!
//! 1. No line is wider than its box, and the runs of a line follow each other from left to right without gaps.
//! 2. Every character that is set is in the text of exactly one run.
//! 3. The same text gives the same drawing, whichever faces were used before.
//! 4. A run that is plain has one glyph for each character of its text, in order, at its nominal width.
//! 5. A turned box holds what the upright one holds.

use proptest::prelude::*;

use super::*;

/// Words and signs of many writings.
fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[A-Za-z0-9]{1,9}",
        "[a-zäöüéñșžА-Яа-яΑ-ΡΣ-Ωα-ω]{1,9}",
        Just("AVA Tofi".to_owned()),
        Just("السعة".to_owned()),
        Just("٢٣٠".to_owned()),
        Just("מספר".to_owned()),
        Just("क्षमता".to_owned()),
        Just("แรงดันที่".to_owned()),
        Just("日本製造".to_owned()),
        Just("한국".to_owned()),
        Just("5 V ⎓".to_owned()),
        Just("(12/34)".to_owned()),
        Just("e\u{301}o\u{308}\u{323}".to_owned()),
        Just("a\u{200B}b".to_owned()),
    ];
    let gap = prop_oneof![4 => Just(" "), 1 => Just("\n"), 1 => Just("-"), 1 => Just("")];
    prop::collection::vec((word, gap), 0..12).prop_map(|parts| parts.into_iter().map(|(w, g)| w + g).collect())
}

fn seen(text: &str) -> Vec<char> {
    let mut seen: Vec<char> = text.chars().filter(|c| !lines::BLANKS.contains(c) && *c != '\n').collect();
    seen.sort_unstable();
    seen
}

fn turns() -> impl Strategy<Value = Turn> {
    prop::sample::select(vec![Turn::None, Turn::Quarter, Turn::Half, Turn::ThreeQuarters])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn lines_hold_their_text(text in text(), width in 8..90, align in 0..5_usize, turn in turns(), cut in any::<bool>()) {
        let fonts = fonts_with_cjk();
        let align = [Align::Start, Align::Left, Align::Center, Align::Right, Align::End][align];
        let style = TextStyle {
            align, max_lines: 12, may_truncate: cut, min_size: Um::from_pt(6.0).unwrap(), ..style(width)
        };
        let Ok(plan) = TextPlan::new(&style, &text, false, &fonts) else {
            prop_assert!(!cut, "what may be cut fits: {text:?}");
            return Ok(());
        };
        let mut drawing = Drawing::default();
        plan.place(&text, TextOrigin::default(), &fonts, &mut drawing).unwrap();
        let runs = runs(&drawing);
        let is_cut = drawing.chars.contains('…');
        prop_assert!(is_cut || seen(&drawing.chars) == seen(&text), "{:?} of {:?}", drawing.chars, text);
        let mut position: Option<(Um, Um)> = None;
        let mut used = (0, 0);
        for run in &runs {
            if let Some((y, end)) = position.filter(|(y, _)| *y == run.y) {
                prop_assert_eq!((y, run.x), (run.y, end));
            }
            position = Some((run.y, run.x + run.width));
            prop_assert!(run.x >= Um(0) && run.x + run.width <= style.width);
            prop_assert_eq!((run.text.start, run.glyphs.start), used);
            used = (run.text.end, run.glyphs.end);
            let glyphs = drawing.run_glyphs(run);
            if run.is_plain {
                let shown: Option<String> = glyphs.iter().map(|glyph| glyph.character).collect();
                prop_assert_eq!(shown.as_deref(), Some(drawing.run_text(run)));
                let face = fonts.face(run.face);
                let mut units = 0;
                for glyph in glyphs {
                    prop_assert_eq!((glyph.x, glyph.y), (face.scale(units, run.size), Um(0)));
                    units += i64::from(glyph.advance);
                }
            }
        }
        prop_assert_eq!(used, (drawing.chars.len(), drawing.glyphs.len()));
        let again = place_with(&style, &text, &fonts_with_cjk(), TextOrigin::default()).unwrap();
        prop_assert_eq!(&again, &drawing);
        let turned = place_with(&style, &text, &fonts, TextOrigin { x: Um(7), y: Um(9), turn }).unwrap();
        prop_assert_eq!(&turned.glyphs, &drawing.glyphs);
        let (widest, height) = plan.extent(&text, &fonts).unwrap();
        prop_assert!(widest <= style.width && runs.last().is_none_or(|run| run.y == height));
    }

    #[test]
    fn any_string_is_set_or_refused(text in "\\PC{0,60}|.{0,60}", is_per_unit in any::<bool>()) {
        let fonts = fonts_shipped();
        let style = TextStyle { max_lines: 3, may_truncate: true, ..style(40) };
        if let Ok(plan) = TextPlan::new(&style, &text, is_per_unit, &fonts) {
            let mut drawing = Drawing::default();
            plan.place(&text, TextOrigin::default(), &fonts, &mut drawing).unwrap();
            for run in runs(&drawing) {
                prop_assert!(run.width <= style.width && !run.text.is_empty());
                prop_assert!(drawing.run_glyphs(run).iter().all(|glyph| glyph.id != 0));
                let _ = ink_bounds(run, &drawing, &fonts);
            }
        }
    }
}
