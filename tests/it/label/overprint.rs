//! Words over test labels and proofs: in every output, over black and over white, at every size, never with the digest of a
//! good label.
//!
//! Invariants: where the words are, every output is black; where their rim is, every output is white, whatever the label
//! shows there; everywhere else a label looks as it would without them. A label with words never has the digest of one
//! without, or of one with other words.

use std::path::Path;
use std::sync::Arc;

use nameplate::label::preflight::worst_case::{cases, sample_pictures};
use nameplate::label::{
    Assets, Compiled, Overprint, Resolution, compile, fonts_shipped, shipped_template, shipped_templates,
};
use nameplate::render::svg;

use super::job::{file, serial_field, small, template};
use super::outputs::{decode_png, dots, fitted, graphic, native, pages, pdf, png};
use super::printer::Printer;
use super::read::Pixels;

/// A shipped template laid out for its first case, with its row.
fn shipped(name: &str, resolution: Resolution) -> (Compiled, Vec<String>) {
    let template = template(shipped_template(name).unwrap());
    let case = cases(&template.content, &Default::default()).remove(0);
    let assets = Assets { fonts: fonts_shipped(), pictures: sample_pictures() };
    (compile(&template, &case.fields, &assets, resolution, &case.variable).unwrap(), case.row)
}

fn strs(row: &[String]) -> Vec<&str> {
    row.iter().map(String::as_str).collect()
}

/// A blank label of this size, or a black one, with the words.
fn plain(size_mm: (f64, f64), is_black: bool, overprint: Overprint, resolution: Resolution) -> Pixels {
    let (width, height) = if is_black { size_mm } else { (0.3, 0.3) };
    let rectangle = format!("[[rectangle]]\nid = 'r'\nx_mm = 0\ny_mm = 0\nwidth_mm = {width}\nheight_mm = {height}\n");
    let template = small(size_mm.0, size_mm.1, &rectangle);
    let assets = Assets { fonts: fonts_shipped(), pictures: sample_pictures() };
    let compiled = compile(&template, &Default::default(), &assets, resolution, &[]).unwrap();
    let mut pixels = dots(&Arc::new(compiled.overprinted(overprint).unwrap()), &[]);
    if !is_black {
        let side = usize::try_from(resolution.dpi() / 60).unwrap();
        (0..side * side).for_each(|at| pixels.grey[at / side * pixels.width + at % side] = 255);
    }
    pixels
}

/// Which pixels are the words', and which their rim's.
struct Words {
    words: Vec<bool>,
    rim: Vec<bool>,
}

impl Words {
    fn of(compiled: &Compiled, overprint: Overprint) -> Words {
        let (width, height) = compiled.size();
        let size = (f64::from(width.0) / 1000.0, f64::from(height.0) / 1000.0);
        let on = |is_black| plain(size, is_black, overprint, compiled.resolution());
        let words = on(false).grey.iter().map(|grey| *grey == 0).collect();
        Words { words, rim: on(true).grey.iter().map(|grey| *grey == 255).collect() }
    }

    /// Shares of words, of rim and of everything else that an output shows as it must.
    #[track_caller]
    fn check(&self, what: &str, shown: &Pixels, bare: &Pixels, most_wrong_percent: usize) {
        assert_eq!((shown.width, shown.height), (bare.width, bare.height), "{what}");
        let (mut wrong, mut all) = ([0, 0, 0], [0, 0, 0]);
        for (at, grey) in shown.grey.iter().enumerate() {
            let (part, is_right) = match (self.words[at], self.rim[at]) {
                (true, _) => (0, *grey < 128),
                (false, true) => (1, *grey >= 128),
                _ => (2, (*grey < 128) == (bare.grey[at] < 128)),
            };
            all[part] += 1;
            wrong[part] += usize::from(!is_right);
        }
        assert!(all.iter().all(|count| *count > 0), "{what}: {all:?}");
        for part in 0..3 {
            assert!(wrong[part] * 100 <= all[part] * most_wrong_percent, "{what}: {wrong:?} of {all:?} are wrong");
        }
    }
}

#[test]
fn words_stand_over_everything_in_every_output() {
    for (name, resolution) in [
        ("unit-60x40", Resolution::Dpi203),
        ("unit-66.7x25.4", Resolution::Dpi300),
        ("carton-100x150", Resolution::Dpi203),
        // The words stand on its Data Matrix.
        ("unit-40x20", Resolution::Dpi600),
    ] {
        for overprint in Overprint::ALL {
            let (bare, row) = shipped(name, resolution);
            let over = Arc::new(shipped(name, resolution).0.overprinted(overprint).unwrap());
            let (bare, row) = (Arc::new(bare), strs(&row));
            let words = Words::of(&over, overprint);
            let what = |output: &str| format!("{name}, {overprint:?}, {output}");
            let (shown, without) = (decode_png(&png(&over, &row), resolution), dots(&bare, &row));
            words.check(&what("PNG"), &shown, &without, 0);
            assert!(Printer::default().print(&graphic(&over, &[&row]))[0] == shown, "{}", what("graphic ZPL"));
            let printed = |compiled| Printer::default().print(&native(compiled, &[&row, &row]).unwrap()).remove(1);
            words.check(&what("native ZPL"), &printed(&over), &printed(&bare), 0);
            let paged = |compiled: &Arc<Compiled>| {
                fitted(&pages(pdf(compiled, &[&row, &row]), resolution, None).remove(1), compiled)
            };
            words.check(&what("PDF"), &paged(&over), &paged(&bare), 4);
        }
    }
}

#[test]
fn words_come_last_in_svg() {
    let (bare, row) = shipped("unit-40x20", Resolution::Dpi203);
    let bare_svg = svg::encode(&bare, &strs(&row)).unwrap();
    let svg = svg::encode(&bare.overprinted(Overprint::Test).unwrap(), &strs(&row)).unwrap();
    let rest = svg.strip_prefix(bare_svg.trim_end_matches("</svg>\n")).expect("the label is below the words");
    let fills: Vec<&str> = rest.split("fill=\"").skip(1).map(|fill| &fill[..4]).collect();
    assert_eq!(fills, ["#fff", "#fff", "#000"], "white letters and their rim, then black words");
}

#[test]
fn the_words_are_readable_on_labels_of_every_size() {
    let tiny = [(10.0, 5.0), (5.0, 10.0), (100.0, 8.0), (8.0, 100.0), (20.0, 20.0)];
    let shipped = shipped_templates().iter().map(|(_, source)| {
        let content = template(source).content;
        (f64::from(content.width.0) / 1000.0, f64::from(content.height.0) / 1000.0)
    });
    for size in tiny.into_iter().chain(shipped) {
        for overprint in Overprint::ALL {
            let pixels = plain(size, false, overprint, Resolution::Dpi203);
            let inked = || (0..pixels.grey.len()).filter(|at| pixels.grey[*at] == 0);
            let spread = |place: fn(usize, usize) -> usize, side: usize| {
                let places = || inked().map(|at| place(at, pixels.width));
                (places().max().unwrap() - places().min().unwrap()) * 100 / side
            };
            let (across, down) =
                (spread(|at, width| at % width, pixels.width), spread(|at, width| at / width, pixels.height));
            assert!(across >= 75 || down >= 75, "{size:?}: the words take {across} % and {down} %");
            let share = inked().count() * 1000 / pixels.grey.len();
            assert!((15..400).contains(&share), "{size:?}: {share} thousandths are black");
        }
    }
}

#[test]
fn no_label_with_words_has_the_digest_of_one_without() {
    let digests = |overprint: Option<Overprint>| {
        let (bare, row) = shipped("unit-60x40", Resolution::Dpi203);
        let compiled = match overprint {
            Some(overprint) => bare.overprinted(overprint).unwrap(),
            None => bare,
        };
        assert_eq!(compiled.overprint(), overprint);
        (*compiled.digest(), compiled.label_digest(&strs(&row)))
    };
    let all = [None, Some(Overprint::Test), Some(Overprint::Proof)].map(digests);
    let mut each: Vec<[u8; 32]> = all.iter().flat_map(|(job, label)| [*job, *label]).collect();
    each.sort_unstable();
    each.dedup();
    assert_eq!(each.len(), 6);
    assert_eq!(digests(Some(Overprint::Test)), all[1], "the same again");
}

/// White text that differs from unit to unit, on black: the same trick, without any overprint.
#[test]
fn white_text_on_black_is_white_in_native_zpl() {
    let elements = "[[rectangle]]\nid = 'box'\nx_mm = 1\ny_mm = 1\nwidth_mm = 38\nheight_mm = 8\n\
        [[text]]\nid = 't'\ntext = '{serial}'\nfont = 'serial'\nink = 'white'\nsize_pt = 10\nx_mm = 3\ny_mm = 2\nwidth_mm = 34\n";
    let assets = Assets { fonts: fonts_shipped(), pictures: sample_pictures() };
    let template = small(40.0, 12.0, elements);
    let compiled = compile(&template, &Default::default(), &assets, Resolution::Dpi203, &[serial_field()]).unwrap();
    let (compiled, rows) = (Arc::new(compiled), [["7K3M4QXT92PA"], ["000000000000"]]);
    let labels = Printer::default().print(&native(&compiled, &[&rows[0], &rows[1]]).unwrap());
    for (label, row) in labels.iter().zip(&rows) {
        assert!(*label == dots(&compiled, row), "{row:?}");
    }
}

/// The approved look. `NAMEPLATE_BLESS=1` accepts a new one.
#[test]
fn test_labels_look_as_they_were_approved() {
    for name in ["unit-60x40", "unit-25x10", "rating-plate-70x40"] {
        let resolution = Resolution::Dpi203;
        let (bare, row) = shipped(name, resolution);
        let bytes = png(&Arc::new(bare.overprinted(Overprint::Test).unwrap()), &strs(&row));
        let path = format!("tests/golden/{name}-test-{}.png", resolution.dpi());
        if std::env::var_os("NAMEPLATE_BLESS").is_some() {
            std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path), &bytes).unwrap();
        }
        let (now, approved) = (decode_png(&bytes, resolution), decode_png(&file(&path), resolution));
        assert!(now.grey == approved.grey, "{path} differs; look at both, then run with NAMEPLATE_BLESS=1");
    }
}
