//! Tests of breaking, shrinking and cutting.

use super::*;

fn lines(style: &TextStyle, text: &str) -> Result<(Um, Vec<String>), TextError> {
    let fonts = fonts_shipped();
    let plan = TextPlan::new(style, text, false, &fonts)?;
    let mut drawing = Drawing::default();
    plan.place(text, TextOrigin::default(), &fonts, &mut drawing)?;
    let mut lines: Vec<(Um, String)> = Vec::new();
    for run in runs(&drawing) {
        match lines.last_mut() {
            Some((y, line)) if *y == run.y => line.push_str(drawing.run_text(run)),
            _ => lines.push((run.y, drawing.run_text(run).to_owned())),
        }
    }
    Ok((plan.size(), lines.into_iter().map(|(_, line)| line).collect()))
}

fn shrinking(width_mm: i32, size_pt: f64, min_size_pt: f64, max_lines: usize) -> TextStyle {
    let (size, min_size) = (Um::from_pt(size_pt).unwrap(), Um::from_pt(min_size_pt).unwrap());
    TextStyle { size, min_size, max_lines, ..style(width_mm) }
}

#[test]
fn text_shrinks_only_as_far_as_needed_and_allowed() {
    let (size, out) = lines(&shrinking(30, 8.0, 5.0, 1), "Handheld imager").unwrap();
    assert_eq!((size, out.len()), (Um::from_pt(8.0).unwrap(), 1));
    let (smaller, _) = lines(&shrinking(15, 8.0, 5.0, 1), "Handheld imager").unwrap();
    assert!(smaller < size && smaller >= Um::from_pt(5.0).unwrap());
    let larger = TextStyle { size: smaller + SIZE_STEP, min_size: smaller + SIZE_STEP, ..style(15) };
    assert!(lines(&larger, "Handheld imager").is_err(), "the next larger size does not fit");
    let error = lines(&shrinking(5, 8.0, 5.0, 1), "Handheld imager").unwrap_err();
    assert!(error.to_string().contains("mm wide at 5.00 pt"), "{error}");
    let TextError::TooWide { text, measured, allowed, size } = error else { panic!("{error}") };
    assert_eq!((text.as_str(), allowed, size), ("Handheld imager", Um(5_000), Um::from_pt(5.0).unwrap()));
    assert!(measured > allowed);
}

#[test]
fn text_breaks_at_spaces_into_as_many_lines_as_allowed() {
    let (_, out) = lines(&shrinking(14, 5.0, 5.0, 4), "Importer: Borealis  Optics GmbH\nHamburg").unwrap();
    assert_eq!(out, ["Importer:", "Borealis  Optics", "GmbH", "Hamburg"]);
    let error = lines(&shrinking(14, 5.0, 5.0, 1), "Importer: Borealis Optics GmbH").unwrap_err();
    assert!(matches!(error, TextError::TooWide { .. }));
    let text = "Importer: Borealis Optics GmbH, 20259 Hamburg, Germany";
    let error = lines(&shrinking(14, 5.0, 5.0, 2), text).unwrap_err();
    assert!(matches!(error, TextError::TooManyLines { allowed: 2, needed: 4.., .. }), "{error}");
    let error = lines(&shrinking(50, 5.0, 5.0, 1), "one\ntwo").unwrap_err();
    assert!(matches!(error, TextError::TooManyLines { allowed: 1, needed: 2, .. }), "{error}");
    assert_eq!(lines(&shrinking(14, 5.0, 5.0, 2), " \n\n").unwrap().1, [""; 0], "nothing to set");
}

#[test]
fn lines_break_where_the_standard_allows() {
    let wide = |text: &str| lines(&shrinking(8, 5.0, 5.0, 9), text).unwrap().1;
    assert_eq!(wide("Typen-schild-halter"), ["Typen-", "schild-", "halter"]);
    assert_eq!(wide("5\u{A0}000\u{A0}V Akku"), ["5\u{A0}000\u{A0}V", "Akku"], "no-break spaces hold numbers together");
    assert_eq!(wide("สวัสดี\u{200B}ชาวโลก"), ["สวัสดี", "ชาวโลก"], "Thai at zero width spaces");
    let error = lines(&shrinking(8, 5.0, 5.0, 9), "สวัสดีชาวโลกทั้งหลายสวัสดีชาวโลก").unwrap_err();
    assert!(matches!(error, TextError::TooWide { .. }), "no dictionary: {error}");
}

#[test]
fn text_is_cut_only_where_allowed_and_only_at_the_smallest_size() {
    let cut = |style: TextStyle| TextStyle { may_truncate: true, ..style };
    let text = "Handheld thermal imager with two batteries";
    assert!(lines(&shrinking(20, 8.0, 6.0, 1), text).is_err());
    let (size, out) = lines(&cut(shrinking(20, 8.0, 6.0, 1)), text).unwrap();
    assert_eq!(size, Um::from_pt(6.0).unwrap());
    let kept = out[0].strip_suffix('…').unwrap();
    assert!(out.len() == 1 && text.starts_with(kept) && kept.len() > 10 && !kept.ends_with(' '), "{out:?}");
    let (size, out) = lines(&cut(shrinking(200, 8.0, 6.0, 1)), text).unwrap();
    assert_eq!((size, out.as_slice()), (Um::from_pt(8.0).unwrap(), [text.to_owned()].as_slice()));
    let (_, out) = lines(&cut(shrinking(20, 6.0, 6.0, 2)), text).unwrap();
    assert!(out.len() == 2 && !out[0].ends_with('…') && out[1].ends_with('…'), "{out:?}");
    let (_, out) = lines(&cut(shrinking(20, 6.0, 6.0, 3)), "Donaudampfschifffahrtsgesellschaft und so").unwrap();
    assert!(out.len() == 1 && out[0].ends_with('…'), "a word too wide is cut: {out:?}");
    assert!(matches!(lines(&cut(shrinking(0, 6.0, 6.0, 1)), text), Err(TextError::TooWide { .. })));
    let (_, out) = lines(&cut(shrinking(200, 6.0, 6.0, 1)), "one\ntwo").unwrap();
    assert_eq!(out, ["one…"]);
}

#[test]
fn text_is_cut_between_what_people_see_as_characters() {
    let narrow = TextStyle { may_truncate: true, ..style(4) };
    let text = "g\u{302}".repeat(20);
    let (_, out) = lines(&narrow, &text).unwrap();
    let kept = out[0].strip_suffix('…').unwrap();
    assert!(kept.ends_with('\u{302}') && kept.chars().count() % 2 == 0, "{out:?}");
    let drawing = place(&narrow, "שלום עולם ומלואו").unwrap();
    assert_eq!(drawing.glyphs[0].character, Some('…'), "from right to left the end is on the left");
}

#[test]
fn a_line_that_is_cut_keeps_the_direction_of_its_paragraph() {
    let style = TextStyle { may_truncate: true, max_lines: 2, ..style(16) };
    let drawing = place(&style, "שלום עולם HANDHELD THERMAL IMAGER").unwrap();
    let last = runs(&drawing).last().map(|run| run.y);
    let line: Vec<GlyphRun> = runs(&drawing).into_iter().filter(|run| Some(run.y) == last).cloned().collect();
    assert!(drawing.run_text(&line[0]).starts_with('…'), "{:?}", described(&drawing, &fonts_shipped()));
    let first = drawing.run_text(line.last().unwrap());
    assert!(first.starts_with("HANDHEL"), "{:?}", described(&drawing, &fonts_shipped()));
    assert_eq!(line.last().map(|run| run.x + run.width), Some(style.width), "it starts at the right edge");
}

#[test]
fn another_text_keeps_the_size_that_was_decided() {
    let fonts = fonts_shipped();
    let style = shrinking(20, 10.0, 5.0, 1);
    let plan = TextPlan::new(&style, "WWWWWWWW", false, &fonts).unwrap();
    assert!(plan.size() < style.size);
    let mut drawing = Drawing::default();
    plan.place("iiii", TextOrigin::default(), &fonts, &mut drawing).unwrap();
    assert_eq!(runs(&drawing)[0].size, plan.size());
    let before = drawing.clone();
    let wide = "W".repeat(20);
    assert!(plan.place(&wide, TextOrigin::default(), &fonts, &mut drawing).is_err());
    assert_eq!(drawing, before);
}

#[test]
fn lines_stand_where_they_are_aligned() {
    let x = |align, text| {
        let drawing = place(&TextStyle { align, ..style(50) }, text).unwrap();
        let run = runs(&drawing)[0].clone();
        (run.x, Um(50_000) - run.x - run.width)
    };
    for text in ["Serial", "סדרתי"] {
        let is_rtl = text == "סדרתי";
        let (left, right) = ((Um(0), x(Align::Left, text).1), (x(Align::Right, text).0, Um(0)));
        assert_eq!((x(Align::Left, text), x(Align::Right, text)), (left, right));
        assert_eq!(x(Align::Start, text), if is_rtl { right } else { left });
        assert_eq!(x(Align::End, text), if is_rtl { left } else { right });
        let (before, after) = x(Align::Center, text);
        assert!((0..=1).contains(&(after.0 - before.0)));
    }
}

#[test]
fn the_extent_is_that_of_the_lines() {
    let fonts = fonts_shipped();
    let style = TextStyle { max_lines: 3, ..style(25) };
    let text = "Importer: Borealis Optics GmbH";
    let plan = TextPlan::new(&style, text, false, &fonts).unwrap();
    let drawing = place(&style, text).unwrap();
    let (width, height) = plan.extent(text, &fonts).unwrap();
    assert_eq!(Some(width), runs(&drawing).iter().map(|run| run.width).max());
    assert_eq!(height, runs(&drawing).last().unwrap().y);
    assert_eq!(plan.extent("", &fonts).unwrap(), (Um(0), Um(0)));
    assert!(plan.extent("Hi", &fonts).unwrap().1 < height);
}

#[test]
fn hostile_texts_end_quickly() {
    let style = TextStyle { max_lines: 1000, may_truncate: true, ..shrinking(30, 20.0, 4.0, 1000) };
    let huge = "A".repeat(10_000_000);
    assert_eq!(place(&style, &huge), Err(TextError::TooLong { allowed: MAX_CHARACTERS }));
    let marks = format!("a{}", "\u{301}".repeat(9_999));
    assert!(matches!(place(&style, &marks), Err(TextError::TooManyMarks { .. })));
    for text in ["a ", "\u{5D0} ", "क्", "ب", "(", "\u{200B}a", "1\n", "A\u{301}\u{302}", "ﷺ"] {
        let text = text.repeat(MAX_CHARACTERS / text.chars().count());
        let _ = place(&style, &text).map(|drawing| assert!(!drawing.items.is_empty()));
    }
    let nothing = TextStyle { size: Um(0), min_size: Um(0), max_lines: 0, leading_percent: 0, ..style };
    let _ = place(&nothing, "text");
}
