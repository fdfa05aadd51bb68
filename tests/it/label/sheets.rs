//! Sheets of labels, and PDF files as other programs see them.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;

use nameplate::label::{Compiled, Resolution, Um};
use nameplate::render::sheet::{Calibration, Imposition, Sheet, SheetError};

use super::job::{BRANDS, fields_of, label, small, unit_label};
use super::outputs::{cut, pages, pdf, rows, sheets};
use super::read::{Pixels, assert_reads_as_drawn};

fn sheet() -> Sheet {
    Sheet::find("a4-60x40").unwrap()
}

fn starting_at(start: usize, compiled: &Compiled) -> Imposition {
    Imposition::new(sheet(), compiled.size(), start).unwrap()
}

/// The part of a page that belongs to a place, counted from 0; moved by so many micrometres.
fn place(page: &Pixels, at: usize, compiled: &Compiled, moved: (i32, i32)) -> Pixels {
    let (column, row) = (i32::try_from(at % 3).unwrap(), i32::try_from(at / 3).unwrap());
    let corner = (12_000 + 63_000 * column + moved.0, 13_500 + 46_000 * row + moved.1);
    let dots = |um: i32| usize::try_from(compiled.resolution().nearest_edge_dots(Um(um))).unwrap();
    let (width, height) = compiled.size_dots();
    cut(page, (dots(corner.0), dots(corner.1)), (usize::try_from(width).unwrap(), usize::try_from(height).unwrap()))
}

fn serials(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("7K3M{i:08}")).collect()
}

#[test]
fn a_job_begins_at_its_first_place_and_ends_within_a_sheet() {
    for resolution in [Resolution::Dpi203, Resolution::Dpi300] {
        let compiled = unit_label(BRANDS[0], resolution);
        let serials = serials(20);
        let texts: Vec<&str> = serials.iter().map(String::as_str).collect();
        let file = sheets(&[Arc::clone(&compiled)], starting_at(5, &compiled), &rows(&texts));
        let pages = pages(file, resolution, Some(127));
        assert_eq!(pages.len(), 2);
        let mut left = texts.iter();
        for (page, first, end) in [(&pages[0], 4, 18), (&pages[1], 0, 6)] {
            for at in 0..18 {
                let cut = place(page, at, &compiled, (0, 0));
                if (first..end).contains(&at) {
                    // The reading fails unless every edge is on whole dots of the printer.
                    assert_reads_as_drawn(&format!("place {at}"), &cut, &compiled, &[left.next().unwrap()]);
                } else {
                    assert_eq!(cut.ink(), 0, "place {at} stays free");
                }
            }
        }
        assert!(left.next().is_none());
    }
}

#[test]
fn a_full_first_sheet_and_the_last_place_work() {
    let compiled = unit_label(BRANDS[0], Resolution::Dpi203);
    let serials = serials(19);
    let texts: Vec<&str> = serials.iter().map(String::as_str).collect();
    let count = |start: usize, labels: usize| {
        let file = sheets(&[Arc::clone(&compiled)], starting_at(start, &compiled), &rows(&texts[..labels]));
        hayro::hayro_syntax::Pdf::new(file).unwrap().pages().len()
    };
    assert_eq!(
        [count(1, 18), count(1, 19), count(18, 1), count(18, 2), count(18, 19), count(1, 1)],
        [1, 2, 1, 2, 2, 1]
    );
}

#[test]
fn crop_marks_stand_outside_of_the_labels() {
    let compiled = unit_label(BRANDS[0], Resolution::Dpi203);
    let row = rows(&["7K3M4QXT92PA"]);
    let with = Imposition { has_crop_marks: true, ..starting_at(1, &compiled) };
    let page =
        |imposition| pages(sheets(&[Arc::clone(&compiled)], imposition, &row), Resolution::Dpi203, Some(64)).remove(0);
    let (marked, plain) = (page(with), page(starting_at(1, &compiled)));
    assert!(marked.ink() > plain.ink() + 1_000, "{} and {}", marked.ink(), plain.ink());
    for at in 0..18 {
        let [marked, plain] = [&marked, &plain].map(|page| place(page, at, &compiled, (0, 0)));
        assert!(marked == plain, "place {at} is as without marks");
    }
}

#[test]
fn calibration_moves_and_stretches_what_is_printed_and_leaves_the_digest_alone() {
    let compiled = unit_label(BRANDS[0], Resolution::Dpi203);
    let digest = compiled.label_digest(&["7K3M4QXT92PA"]);
    let row = rows(&["7K3M4QXT92PA"]);
    let file =
        |calibration| sheets(&[Arc::clone(&compiled)], Imposition { calibration, ..starting_at(1, &compiled) }, &row);
    let page = |calibration| pages(file(calibration), Resolution::Dpi203, Some(127)).remove(0);
    let moved = page(Calibration { offset_x: Um(25_400), offset_y: Um(25_400), ..Calibration::default() });
    let at_place = place(&page(Calibration::default()), 0, &compiled, (0, 0));
    assert!(place(&moved, 0, &compiled, (25_400, 25_400)) == at_place, "moved by whole dots it is the same");
    // Stretched by 1 % about the paper's top left corner: the right end of the rule at 69 mm moves by 0.69 mm.
    let stretched = page(Calibration { stretch_x_ppm: 10_000, ..Calibration::default() });
    let rule_end = |page: &Pixels| {
        let y = (13_500 + 9_000) / 125 + 1;
        (0..page.width).rev().find(|x| page.grey[y * page.width + x] < 128).unwrap()
    };
    let (before, after) = (rule_end(&page(Calibration::default())), rule_end(&stretched));
    assert!((5..=6).contains(&(after - before)), "{before} to {after}: 0.69 mm are 5.5 dots");
    assert_eq!(unit_label(BRANDS[0], Resolution::Dpi203).label_digest(&["7K3M4QXT92PA"]), digest);
    assert!(file(Calibration::default()) == file(Calibration::default()));
}

#[test]
fn labels_and_sheets_that_do_not_fit_together_are_refused() {
    let size = (Um(60_000), Um(40_000));
    assert!(Imposition::new(sheet(), (Um(60_100), Um(39_900)), 1).is_ok(), "makers round to a tenth of a millimetre");
    let error = Imposition::new(sheet(), (Um(60_101), Um(40_000)), 1).unwrap_err();
    assert!(matches!(error, SheetError::LabelSize { .. }) && error.to_string().contains("60 mm by 40 mm"), "{error}");
    for start in [0, 19] {
        let error = Imposition::new(sheet(), size, start).unwrap_err().to_string();
        assert!(error.contains("places 1 to 18") && error.contains(&format!("no place {start}")), "{error}");
    }
    assert!(Imposition::new(sheet(), size, 18).is_ok());
}

#[test]
fn sheets_that_cannot_be_are_refused() {
    let good = String::from_utf8(super::job::file("templates/sheets/a4-60x40.toml")).unwrap();
    assert!(Sheet::parse("s.toml", &good).is_ok());
    for (from, to, words) in [
        ("columns = 3", "columns = 0", "1 to 100 columns and rows"),
        ("columns = 3", "columns = 101", "1 to 100 columns and rows"),
        ("columns = 3", "columns = 4", "beyond the paper"),
        ("rows = 6", "rows = 7", "beyond the paper"),
        ("rows = 6", "rows = -1", "s.toml"),
        ("pitch_x_mm = 63", "pitch_x_mm = 59.9", "the labels overlap"),
        ("margin_left_mm = 12", "margin_left_mm = -1", "lengths are 0 to 1000 mm"),
        ("margin_left_mm = 12", "margin_left_mm = nan", "lengths are 0 to 1000 mm"),
        ("paper_width_mm = 210", "paper_width_mm = 1e9", "lengths are 0 to 1000 mm"),
        ("columns = 3", "column = 3", "unknown field `column`"),
        ("rows = 6", "", "missing field `rows`"),
    ] {
        assert!(good.contains(from));
        let error = Sheet::parse("s.toml", &good.replace(from, to)).unwrap_err().to_string();
        assert!(error.starts_with("s.toml") && error.contains(words), "{to}: {error}");
    }
}

/// What another program says about a file; `None`, and a line in the test's output, where it is not installed.
fn ask(program: &str, arguments: &[&str], input: &[u8]) -> Option<(bool, String)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.pdf");
    std::fs::File::create(&path).unwrap().write_all(input).unwrap();
    let path = path.to_str().unwrap();
    let arguments: Vec<&str> = arguments.iter().map(|a| if *a == "FILE" { path } else { a }).collect();
    match Command::new(program).args(arguments).stdin(Stdio::null()).output() {
        Ok(output) => Some((output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())),
        Err(error) => {
            println!("skipped: {program} is not installed ({error})");
            None
        }
    }
}

/// A label with texts that need shaping.
fn scripts() -> Arc<Compiled> {
    let text = |id: &str, text: &str, y: u8| {
        format!("[[text]]\nid = '{id}'\ntext = '{text}'\nsize_pt = 12\nx_mm = 3\ny_mm = {y}\nwidth_mm = 54\n")
    };
    let elements = text("arabic", "{ar}", 4)
        + &text("hindi", "{hi}", 12)
        + &text("thai", "ภาษาไทย", 20)
        + &text("office", "AVA office", 28);
    let fields = fields_of(&[("ar", "مرحبا بالعالم"), ("hi", "नमस्ते क्षत्रिय")]);
    label(&small(60.0, 40.0, &elements), &fields, Resolution::Dpi300)
}

#[test]
fn pdf_files_are_sound_for_qpdf() {
    let compiled = unit_label(BRANDS[0], Resolution::Dpi300);
    let serials = serials(70);
    let texts: Vec<&str> = serials.iter().map(String::as_str).collect();
    let crop = Imposition { has_crop_marks: true, ..starting_at(7, &compiled) };
    let groups = BRANDS.map(|brand| unit_label(brand, Resolution::Dpi300));
    let mixed: Vec<(usize, Vec<&str>)> = texts.iter().enumerate().map(|(i, text)| (i % 3, vec![*text])).collect();
    for (name, file) in [
        ("one label", pdf(&compiled, &[&["7K3M4QXT92PA"]])),
        ("70 pages", pdf(&compiled, &texts.iter().map(std::slice::from_ref).collect::<Vec<_>>())),
        ("sheets", sheets(&groups, crop, &mixed)),
        ("scripts", pdf(&scripts(), &[&[]])),
    ] {
        let Some((sound, told)) = ask("qpdf", &["--check", "FILE"], &file) else { return };
        assert!(sound && told.contains("No syntax or stream encoding errors"), "{name}: {told}");
    }
}

#[test]
fn text_of_pdf_files_can_be_searched_in_every_script() {
    let plain = |text: String| {
        text.chars().filter(|c| !matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}')).collect::<String>()
    };
    let unit = pdf(&unit_label(BRANDS[0], Resolution::Dpi300), &[&["7K3M4QXT92PA"]]);
    let Some((_, text)) = ask("pdftotext", &["-layout", "FILE", "-"], &unit) else { return };
    for words in ["7K3M-4QXT-92PA", "TC-384 Thermal Camera", "Borealis Optics · BO-TC384-EU", "Lindenallee 12"] {
        assert!(text.contains(words), "{words:?} in {text}");
    }
    let (_, text) = ask("pdftotext", &["FILE", "-"], &pdf(&scripts(), &[&[]])).unwrap();
    let text = plain(text);
    for words in ["مرحبا", "بالعالم", "नमस्ते", "क्षत्रिय", "ภาษาไทย", "AVA office"]
    {
        assert!(text.contains(words), "{words:?} in {text:?}");
    }
}

#[test]
fn every_page_has_the_size_of_its_label_or_sheet() {
    let compiled = unit_label(BRANDS[0], Resolution::Dpi300);
    let box_of = |file: Vec<u8>| {
        let file = hayro::hayro_syntax::Pdf::new(file).unwrap();
        file.pages().iter().map(|page| page.render_dimensions()).collect::<Vec<_>>()
    };
    let near = |(a, b): (f32, f32), mm: (f32, f32)| {
        (a - mm.0 * 72.0 / 25.4).abs() < 0.01 && (b - mm.1 * 72.0 / 25.4).abs() < 0.01
    };
    // A label's page has whole dots: 709 by 472 at 300 dpi, less than half a dot from its size.
    for size in box_of(pdf(&compiled, &[&["7K3M4QXT92PA"], &["000000000000"]])) {
        assert!(near(size, (709.0 * 25.4 / 300.0, 472.0 * 25.4 / 300.0)), "{size:?}");
    }
    let row = rows(&["7K3M4QXT92PA"]);
    let sheet = box_of(sheets(&[Arc::clone(&compiled)], starting_at(1, &compiled), &row));
    assert!(near(sheet[0], (210.0, 297.0)), "{sheet:?}");
}
