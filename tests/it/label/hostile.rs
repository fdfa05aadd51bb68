//! Hostile data in any field never change the structure of an output, and hostile files are refused with a clear word.
//!
//! Invariants, for any text in a field:
//! 1. A label in ZPL has exactly the commands of any other label, and only printable ASCII; what is read back from the
//!    printed label is the text that was given.
//! 2. A PDF has as many objects and pages, an SVG the same elements, a PNG the same chunks as with harmless data.
//! 3. Where a label cannot be made, it is an error that names the element, and the next label is as if nothing had happened.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use nameplate::label::{Compiled, JobFields, LayoutError, Resolution, Scratch, compile};
use nameplate::render::svg;
use nameplate::render::zpl::native::{NativeJob, NativeStream};
use nameplate::render::zpl::{PrinterSetup, ZplError};
use proptest::prelude::*;

use super::job::{assets, fields_of, small, variable};
use super::outputs::{fitted, graphic, native, pages, pdf, png};
use super::printer::Printer;
use super::read::assert_reads_as_drawn;

/// What attackers and bad imports put into fields; printable, so that labels can show it.
const ATTACKS: [&str; 22] = [
    "^XZ~JR",
    "~HS~DGR:X,1,1",
    "_5E^FS",
    "^FN1^FDx",
    "^CC#",
    "~CD;",
    ">:>5>8",
    "^FH^FD_5E",
    "</text>",
    "<script>",
    "'\"<>&",
    "]]>--><!",
    "&#60;&lt;",
    ") Tj ET",
    "\\) endobj",
    "%PDF-1.7",
    "<</S/JS>>",
    "endstream",
    "{serial}",
    "{{}}|default",
    "%s%n%x",
    "../../etc",
];

/// Texts and codes, from job fields and from the unit.
fn elements() -> String {
    let text = |id: &str, text: &str, y: u8| {
        format!(
            "[[text]]\nid = '{id}'\ntext = '{text}'\nsize_pt = 8\nmin_size_pt = 5\nx_mm = 3\ny_mm = {y}\nwidth_mm = 100\n"
        )
    };
    text("name", "N {name}", 3)
        + &text("serial", "S {serial}", 8)
        + "[[table]]\nid = 'table'\nrows = [['K', '{name}'], ['{name|upper}', '{name}']]\nsize_pt = 7\nmin_size_pt = 5\nx_mm = 3\n\
           y_mm = 13\nwidth_mm = 90\nkey_width_mm = 30\n"
        + "[[code128]]\nid = 'bars'\ndata = '{serial}'\npurpose = 'serial'\nx_mm = 5\ny_mm = 24\nwidth_mm = 100\nheight_mm = 9\nmodule_max_mm = 0.25\n"
        + "[[datamatrix]]\nid = 'matrix'\ndata = '{serial}'\npurpose = 'both'\nx_mm = 5\ny_mm = 38\nsize_mm = 12\n"
        + "[[qr]]\nid = 'unit'\ndata = '{serial}'\npurpose = 'link'\nx_mm = 30\ny_mm = 38\nsize_mm = 14\nmodule_max_mm = 0.4\n"
        + "[[qr]]\nid = 'fixed'\ndata = '{name}'\npurpose = 'product'\nx_mm = 60\ny_mm = 38\nsize_mm = 14\n"
}

/// A label with a name for a job of printable serials.
fn labelled(name: &str) -> Arc<Compiled> {
    let printable: String = (' '..='~').collect();
    let template = small(110.0, 60.0, &elements());
    let fields = fields_of(&[("name", name)]);
    let label = compile(&template, &fields, &assets(), Resolution::Dpi203, &[variable("serial", &printable, 13)]);
    Arc::new(label.unwrap_or_else(|e| panic!("{name:?}: {e}")))
}

/// Harmless data of the same length.
fn harmless(attack: &str) -> String {
    "ABCDEFGHJKMNPQRSTUVWXYZ"[..attack.chars().count()].to_owned()
}

fn commands(job: &[u8]) -> Vec<String> {
    let job = std::str::from_utf8(job).unwrap();
    assert!(job.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)), "control bytes in the stream");
    let names = job.match_indices(['^', '~']).map(|(at, _)| job[at..(at + 3).min(job.len())].to_owned());
    // Written only where something must be escaped; it says nothing but that.
    names.filter(|name| name != "^FH").collect()
}

/// A line of a job.
fn line(job: &[u8], at: usize) -> &[u8] {
    job.split(|byte| *byte == b'\n').nth(at).unwrap()
}

/// Whether a line is a label that brings all its fields along: one format, printed once, of commands that draw and no others.
fn is_whole_label(names: &[String]) -> bool {
    const SETUP: [&str; 16] = [
        "^XA", "^CI", "^PW", "^LL", "^LH", "^LT", "^LS", "^PO", "^PM", "^FW", "^LR", "^MM", "^MN", "^PR", "^MD", "^JZ",
    ];
    const DRAWING: [&str; 10] = ["^BY", "^FO", "^FT", "^XG", "^FS", "^A0", "^FD", "^BC", "^GF", "^PQ"];
    let (setup, rest) = names.split_at(SETUP.len().min(names.len()));
    let (last, fields) = rest.split_last().unwrap();
    let drawing =
        |name: &String| DRAWING.contains(&name.as_str()) || name.starts_with("^BX") || name.starts_with("^BQ");
    setup == SETUP && last == "^XZ" && fields.iter().all(drawing) && fields.iter().filter(|n| *n == "^PQ").count() == 1
}

/// Numbers of objects and pages of a PDF.
fn shape_of_pdf(file: &[u8]) -> (String, usize) {
    let tail = String::from_utf8_lossy(&file[file.len().saturating_sub(400)..]).into_owned();
    let size = tail.split("/Size ").nth(1).unwrap().split('/').next().unwrap().to_owned();
    (size, hayro::hayro_syntax::Pdf::new(file.to_vec()).unwrap().pages().len())
}

/// How many elements of each name an SVG has; its texts must be the given ones.
fn shape_of_svg(file: &str) -> BTreeMap<String, usize> {
    let document = usvg::roxmltree::Document::parse(file).unwrap_or_else(|e| panic!("{e}: {file}"));
    let mut names = BTreeMap::new();
    for node in document.descendants().filter(|node| node.is_element()) {
        let attributes: Vec<&str> = node.attributes().map(|attribute| attribute.name()).collect();
        *names.entry(format!("{} {attributes:?}", node.tag_name().name())).or_default() += 1;
    }
    names
}

fn chunks_of_png(file: &[u8]) -> Vec<String> {
    let mut chunks = Vec::new();
    let mut at = 8;
    while at < file.len() {
        let length = u32::from_be_bytes(file[at..at + 4].try_into().unwrap());
        chunks.push(String::from_utf8(file[at + 4..at + 8].to_vec()).unwrap());
        at += 12 + usize::try_from(length).unwrap();
    }
    chunks
}

#[test]
fn printable_attacks_are_only_text_in_every_output() {
    for attack in ATTACKS {
        let plain = harmless(attack);
        let (bad, good) = (labelled(attack), labelled(&plain));
        let (row, other): ([&str; 1], [&str; 1]) = ([attack], [&plain]);
        let zpl = native(&bad, &[&row]).unwrap_or_else(|e| panic!("{attack}: {e}"));
        let usual = native(&good, &[&other]).unwrap();
        let same = |at: usize| commands(line(&zpl, at)) == commands(line(&usual, at));
        let count = |job: &[u8]| job.iter().filter(|byte| **byte == b'\n').count();
        let label = count(&zpl) - 2;
        let is_label = same(label) || is_whole_label(&commands(line(&zpl, label)));
        assert!(is_label && count(&zpl) == count(&usual), "{attack} in native ZPL: {}", String::from_utf8_lossy(&zpl));
        assert!((0..=label + 1).all(|at| at == label || same(at)), "{attack} around a label in native ZPL");
        let dots = graphic(&bad, &[&row]);
        assert_eq!(commands(&dots), commands(&graphic(&good, &[&other])), "{attack} in graphic ZPL");
        let file = pdf(&bad, &[&row]);
        assert_eq!(shape_of_pdf(&file), shape_of_pdf(&pdf(&good, &[&other])), "{attack} in PDF");
        let drawn = svg::encode(&bad, &row).unwrap();
        assert_eq!(shape_of_svg(&drawn), shape_of_svg(&svg::encode(&good, &other).unwrap()), "{attack} in SVG");
        assert_eq!(chunks_of_png(&png(&bad, &row)), ["IHDR", "pHYs", "IDAT", "IEND"]);
        // What is printed is what was given.
        for (name, label) in [("native", Printer::default().print(&zpl)), ("graphic", Printer::default().print(&dots))]
        {
            assert_reads_as_drawn(&format!("{attack} in {name} ZPL"), &label[0], &bad, &row);
        }
        let page = pages(file, Resolution::Dpi203, Some(127)).remove(0);
        assert_reads_as_drawn(&format!("{attack} in PDF"), &fitted(&page, &bad), &bad, &row);
        assert_eq!(bad.scanned_texts(&row).unwrap(), [attack, attack, attack, attack]);
    }
}

/// A label that carries the serial as text and as Code 128.
static ANY_LABEL: LazyLock<Arc<Compiled>> = LazyLock::new(|| labelled("Name"));
static ANY_JOB: LazyLock<NativeJob> =
    LazyLock::new(|| NativeJob::new(Arc::clone(&ANY_LABEL), &PrinterSetup::default()).unwrap());

/// The line of a label in native ZPL, and whether the next label is as it always is.
fn line_of_label(serial: &str) -> Option<String> {
    let mut stream = NativeStream::new(Vec::new(), &ANY_JOB).unwrap();
    let result = stream.add(&[serial]);
    stream.add(&["7K3M4QXT92PA"]).unwrap();
    let job = String::from_utf8(stream.finish().unwrap()).unwrap();
    let lines: Vec<&str> = job.lines().collect();
    assert!(lines[lines.len() - 2].contains("7K3M4QXT92PA"), "{job}");
    match result {
        Ok(()) => Some(lines[lines.len() - 3].to_owned()),
        Err(ZplError::Io(error)) => panic!("{error}"),
        Err(_) => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_serial_becomes_a_command(serial in "[ -~]{1,12}|(\\^XZ|~JR|_5E|>:|\\^FN3|~HS){1,4}|\\PC{1,12}|[\\u{0}-\\u{20}A]{1,12}") {
        let usual = line_of_label("ABCDEFGHJKMN").unwrap();
        if let Some(line) = line_of_label(&serial) {
            let names = commands(line.as_bytes());
            prop_assert!(names == commands(usual.as_bytes()) || is_whole_label(&names), "{}", line);
        }
    }

    #[test]
    fn no_serial_breaks_a_pdf_or_an_svg(serial in "[ -~]{1,12}|\\PC{1,12}|[\\u{0}-\\u{20}A<&]{1,12}") {
        let row: &[&str] = &[&serial];
        if let Ok(drawn) = svg::encode(&ANY_LABEL, row) {
            let usual = shape_of_svg(&svg::encode(&ANY_LABEL, &["ABCDEFGHJKMN"]).unwrap());
            prop_assert_eq!(shape_of_svg(&drawn), usual);
            prop_assert_eq!(shape_of_pdf(&pdf(&ANY_LABEL, &[row])), shape_of_pdf(&pdf(&ANY_LABEL, &[&["ABCDEFGHJKMN"]])));
        }
    }
}

/// The element and the words with which a unit is refused.
fn refused(serial: &str) -> (String, String) {
    match ANY_LABEL.draw(&[serial], &mut Scratch::default()) {
        Err(LayoutError::Element { element, cause }) => (element, cause.to_string()),
        other => panic!("{serial:?}: {other:?}"),
    }
}

#[test]
fn what_is_not_seen_is_refused_with_the_element() {
    for character in
        ['\u{200b}', '\u{200d}', '\u{feff}', '\u{202e}', '\u{2066}', '\0', '\n', '\t', '\u{1b}', '\u{7f}', '\u{85}']
    {
        let (element, words) = refused(&format!("7K3M{character}4QXT"));
        assert_eq!(element, "serial", "{character:?}: {words}");
        let template = small(110.0, 60.0, &elements());
        let bad = fields_of(&[("name", &format!("Na{character}me"))]);
        let joined = matches!(character, '\n' | '\u{200b}');
        match compile(&template, &bad, &assets(), Resolution::Dpi203, &[variable("serial", "ABC", 4)]) {
            Err(refusal) => {
                // The text, and the code that carries the same.
                let text = refusal.to_string();
                assert!(
                    text.contains("element \"name\"") || text.contains("element \"fixed\""),
                    "{character:?}: {text}"
                );
            }
            // Fixed text may be broken into lines, and at a zero width space.
            Ok(_) => assert!(joined, "{character:?} is taken"),
        }
    }
    let (_, words) = refused("7K\u{202e}3M");
    assert!(words.contains("U+202E") && words.contains("remove it"), "{words}");
}

#[test]
fn alphabets_with_characters_that_are_not_seen_do_not_begin_a_job() {
    let template = small(110.0, 60.0, &elements());
    for alphabet in ["ABC\u{200b}", "ABC\u{202e}", "ABC\n"] {
        let unit = [variable("serial", alphabet, 4)];
        let refusal =
            compile(&template, &fields_of(&[("name", "A")]), &assets(), Resolution::Dpi203, &unit).unwrap_err();
        assert!(refusal.to_string().contains("[hidden-character] element \"serial\""), "{refusal}");
    }
}

#[test]
fn ten_megabytes_in_a_field_are_refused_in_few_words() {
    let giant = "W".repeat(10_000_000);
    for (element, words) in [refused(&giant), refused(&"\u{301}".repeat(5_000_000)), refused(&" ".repeat(10_000_000))] {
        assert!(element == "serial" && words.len() < 400, "{element}: {}", words.len());
    }
    let code = "[[qr]]\nid = 'q'\ndata = '{a}'\npurpose = 'link'\nx_mm = 5\ny_mm = 5\nsize_mm = 14\n";
    let bars =
        "[[code128]]\nid = 'q'\ndata = '{a}'\npurpose = 'product'\nx_mm = 5\ny_mm = 5\nwidth_mm = 40\nheight_mm = 14\n";
    let gs1 =
        "[[gs1_128]]\nid = 'q'\ndata = '{a}'\npurpose = 'product'\nx_mm = 5\ny_mm = 5\nwidth_mm = 40\nheight_mm = 14\n";
    let matrix = "[[datamatrix]]\nid = 'q'\ndata = '{a}'\npurpose = 'product'\nx_mm = 5\ny_mm = 5\nsize_mm = 14\n";
    let text = "[[text]]\nid = 'q'\ntext = '{a|upper|group}'\nsize_pt = 8\nx_mm = 5\ny_mm = 5\nwidth_mm = 40\ntruncate = true\n";
    let image = "[[image]]\nid = 'q'\nimage = '{a}'\nx_mm = 5\ny_mm = 5\nwidth_mm = 40\nheight_mm = 14\n";
    let date = "[[text]]\nid = 'q'\ntext = '{a|date:%Y}'\nsize_pt = 8\nx_mm = 5\ny_mm = 5\nwidth_mm = 40\n";
    for element in [code, bars, gs1, matrix, text, image, date] {
        let template = small(60.0, 40.0, element);
        for giant in [giant.clone(), "(01)".repeat(2_500_000), "7".repeat(10_000_000)] {
            let refusal =
                compile(&template, &fields_of(&[("a", &giant)]), &assets(), Resolution::Dpi203, &[]).unwrap_err();
            let told = refusal.to_string();
            assert!(told.contains("element \"q\"") && told.len() < 1_000, "{} bytes: {}", told.len(), &told[..300]);
        }
    }
}

#[test]
fn lengths_that_add_up_beyond_all_labels_are_refused() {
    let rows = "['a', 'b'],".repeat(4_000);
    let table = format!(
        "[[table]]\nid = 't'\nrows = [{rows}]\nsize_pt = 8\nx_mm = 5\ny_mm = 5\nwidth_mm = 40\nkey_width_mm = 9\nrow_gap_mm = 1000\n"
    );
    let tall: String = (0..60)
        .map(|i| {
            let place = if i == 0 { "y_mm = 3".to_owned() } else { format!("below = 't{}'\ngap_mm = 1000", i - 1) };
            format!("[[text]]\nid = 't{i}'\ntext = \"{}\"\nsize_pt = 300\nleading_percent = 300\nmax_lines = 200\nx_mm = 3\nwidth_mm = 1000\n{place}\n", "a\\n".repeat(199))
        })
        .collect();
    for elements in [table, tall] {
        let template = small(60.0, 40.0, &elements);
        let refusal = compile(&template, &JobFields::new(), &assets(), Resolution::Dpi600, &[]).unwrap_err();
        assert!(refusal.errors().count() > 0);
    }
}
