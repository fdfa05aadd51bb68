//! LAB3: for every rule of the preflight a template that breaks it, with element, line, severity and figures, and a near
//! twin that keeps it.

use std::collections::BTreeSet;

use nameplate::label::preflight::{Finding, Rule, Severity};
use nameplate::label::{JobFields, Resolution};

use super::job::{fields_of, findings, line_of, of_rule, source, template};

/// A template that breaks a rule, and a change that mends it.
struct Case {
    rule: Rule,
    severity: Severity,
    element: &'static str,
    /// Figures that were measured and are required; empty where there are none.
    figures: (&'static str, &'static str),
    elements: &'static str,
    mend: (&'static str, &'static str),
    fields: &'static [(&'static str, &'static str)],
}

const SERIAL: &str = "[[text]]\nid = 'serial'\ntext = 'S/N {serial}'\nsize_pt = 9\nx_mm = 3\ny_mm = 3\nwidth_mm = 54\n";

use Rule::*;
use Severity::{Error, Warning};

const fn case(
    (rule, severity, element): (Rule, Severity, &'static str),
    figures: (&'static str, &'static str),
    elements: &'static str,
    mend: (&'static str, &'static str),
) -> Case {
    Case { rule, severity, element, figures, elements, mend, fields: &[] }
}

/// All on a label of 60 x 40 mm at 203 dpi, where a dot is an eighth of a millimetre.
#[rustfmt::skip]
const CASES: &[Case] = &[
    case((FieldMissing, Error, "a"), ("", ""),
        "[[text]]\nid = 'a'\ntext = '{color}'\nsize_pt = 8\nx_mm = 3\ny_mm = 9\nwidth_mm = 30\n",
        ("{color}", "{color|default:none}")),
    Case { fields: &[("made.date", "yesterday")], ..case((FieldValue, Error, "a"), ("", ""),
        "[[text]]\nid = 'a'\ntext = '{made.date|date:%Y}'\nsize_pt = 8\nx_mm = 3\ny_mm = 9\nwidth_mm = 30\n",
        ("{made.date|date:%Y}", "{made.date}")) },
    case((AssetMissing, Error, "a"), ("", ""),
        "[[image]]\nid = 'a'\nimage = 'nobody'\nx_mm = 3\ny_mm = 9\nwidth_mm = 10\nheight_mm = 5\n",
        ("'nobody'", "'borealis'")),
    case((AssetMissing, Error, "a"), ("", ""),
        "[[text]]\nid = 'a'\ntext = 'x'\nfont = 'comic'\nsize_pt = 8\nx_mm = 3\ny_mm = 9\nwidth_mm = 30\n",
        ("'comic'", "'sans'")),
    case((MissingGlyph, Error, "a"), ("", ""),
        "[[text]]\nid = 'a'\ntext = 'x \u{4e2d}'\nsize_pt = 8\nx_mm = 3\ny_mm = 9\nwidth_mm = 30\n",
        ("\u{4e2d}", "c")),
    Case { fields: &[("color", "red\u{202e}der")], ..case((HiddenCharacter, Error, "a"), ("", ""),
        "[[text]]\nid = 'a'\ntext = '{color}'\nsize_pt = 8\nx_mm = 3\ny_mm = 9\nwidth_mm = 30\n",
        ("{color}", "color")) },
    case((TextFit, Error, "a"), ("20.625 mm", "at most 20 mm"),
        "[[text]]\nid = 'a'\ntext = 'MMMMMMMM'\nsize_pt = 9\nmin_size_pt = 9\nx_mm = 3\ny_mm = 9\nwidth_mm = 20\n",
        ("min_size_pt = 9", "min_size_pt = 6")),
    case((TextFit, Error, "a"), ("3 lines", "at most 2"),
        "[[text]]\nid = 'a'\ntext = 'one two three'\nsize_pt = 9\nmax_lines = 2\nx_mm = 3\ny_mm = 9\nwidth_mm = 9\n",
        ("max_lines = 2", "max_lines = 3")),
    case((TextFit, Error, "s"), ("", "at most 30 mm"),
        "[[stack]]\nid = 's'\nitems = ['a', 'b']\ndirection = 'right'\nx_mm = 3\ny_mm = 9\nwidth_mm = 30\n\
         [[text]]\nid = 'a'\ntext = 'MMMMMMMM'\nsize_pt = 9\nmin_size_pt = 9\n\
         [[text]]\nid = 'b'\ntext = 'MMMMMMMM'\nsize_pt = 9\n",
        ("width_mm = 30", "width_mm = 50")),
    case((SymbolFit, Error, "a"), ("41.75 mm", "at most 41.7 mm"),
        "[[code128]]\nid = 'a'\ndata = '{serial}'\npurpose = 'serial'\nx_mm = 5\ny_mm = 9\nwidth_mm = 41.7\nheight_mm = 10\n",
        ("41.7", "41.75")),
    case((SymbolData, Error, "a"), ("", ""),
        "[[ean8]]\nid = 'a'\ndata = '96385075'\npurpose = 'product'\ndigits_font = 'sans'\nx_mm = 9\ny_mm = 9\nwidth_mm = 30\nheight_mm = 20\n",
        ("96385075", "96385074")),
    case((XDimension, Error, "a"), ("0.375 mm", "0.26 mm to 0.37 mm"),
        "[[code39]]\nid = 'a'\ndata = '12'\npurpose = 'product'\nx_mm = 9\ny_mm = 9\nwidth_mm = 40\nheight_mm = 10\nmodule_min_mm = 0.26\nmodule_max_mm = 0.37\n",
        ("module_max_mm = 0.37", "module_max_mm = 0.38")),
    case((XDimension, Error, "a"), ("0.25 mm", "0.1 mm to 0.2 mm"),
        "[[code39]]\nid = 'a'\ndata = '12'\npurpose = 'product'\nx_mm = 9\ny_mm = 9\nwidth_mm = 40\nheight_mm = 10\nmodule_min_mm = 0.1\nmodule_max_mm = 0.2\n",
        ("module_max_mm = 0.2", "module_max_mm = 0.25")),
    case((XDimension, Warning, "a"), ("0.25 mm", "at least 0.264 mm"),
        "[[ean8]]\nid = 'a'\ndata = '96385074'\npurpose = 'product'\ndigits_font = 'sans'\nx_mm = 9\ny_mm = 9\nwidth_mm = 30\nheight_mm = 20\nmodule_min_mm = 0.25\nmodule_max_mm = 0.26\n",
        ("module_max_mm = 0.26", "module_max_mm = 0.375")),
    case((XDimension, Error, "a"), ("0.25 mm", "at least 0.264 mm"),
        "[[ean8]]\nid = 'a'\ndata = '96385074'\npurpose = 'product'\nuse = 'pos'\ndigits_font = 'sans'\nx_mm = 9\ny_mm = 9\nwidth_mm = 30\nheight_mm = 20\nmodule_min_mm = 0.25\nmodule_max_mm = 0.26\n",
        ("module_max_mm = 0.26", "module_max_mm = 0.375")),
    case((XDimension, Error, "a"), ("", ""),
        "[[code128]]\nid = 'a'\ndata = '12'\npurpose = 'product'\nuse = 'pos'\nx_mm = 9\ny_mm = 9\nwidth_mm = 30\nheight_mm = 20\n",
        ("use = 'pos'", "use = 'general'")),
    case((SymbolHeight, Warning, "a"), ("5.875 mm", "at least 6.262 mm"),
        "[[code128]]\nid = 'a'\ndata = '{serial}'\npurpose = 'serial'\nx_mm = 5\ny_mm = 9\nwidth_mm = 42\nheight_mm = 5.875\n",
        ("5.875", "6.375")),
    case((SymbolHeight, Error, "a"), ("14.5 mm", "at least 14.58 mm"),
        "[[ean8]]\nid = 'a'\ndata = '96385074'\npurpose = 'product'\nuse = 'pos'\ndigits_font = 'sans'\nx_mm = 9\ny_mm = 9\nwidth_mm = 30\nheight_mm = 14.5\n",
        ("14.5", "14.625")),
    // Ten modules of two dots to the left: 2.5 mm.
    case((QuietZone, Error, "a"), ("2.375 mm left", "2.5 mm left"),
        "[[code128]]\nid = 'a'\ndata = '{serial}'\npurpose = 'serial'\nx_mm = 2.375\ny_mm = 9\nwidth_mm = 42\nheight_mm = 10\n",
        ("2.375", "2.5")),
    case((QuietZone, Error, "a"), ("2.375 mm to the bars", "2.5 mm left"),
        "[[code128]]\nid = 'a'\ndata = '{serial}'\npurpose = 'serial'\nx_mm = 7.375\ny_mm = 9\nwidth_mm = 42\nheight_mm = 10\n\
         [[line]]\nid = 'l'\nx_mm = 4.75\ny_mm = 9\nlength_mm = 10\nthickness_mm = 0.25\ndirection = 'down'\n",
        ("4.75", "4.625")),
    case((QuietZone, Error, "a"), ("0.875 mm left", "1 mm left, 1 mm above"),
        "[[qr]]\nid = 'a'\ndata = 'x'\npurpose = 'link'\ncaption = 'serial'\nx_mm = 0.875\ny_mm = 20\nsize_mm = 5.25\nmodule_max_mm = 0.25\n",
        ("0.875", "1")),
    case((OffLabel, Error, "a"), ("0.125 mm beyond", "0 mm"),
        "[[rectangle]]\nid = 'a'\nx_mm = 50.125\ny_mm = 20\nwidth_mm = 10\nheight_mm = 5\n",
        ("50.125", "50")),
    case((OffLabel, Error, "a"), ("4.5 mm beyond", "0 mm"),
        "[[text]]\nid = 'a'\ntext = 'M'\nsize_pt = 20\nx_mm = 30\ny_mm = 39.5\nwidth_mm = 20\n",
        ("39.5", "30")),
    case((EdgeDistance, Warning, "a"), ("0.875 mm", "at least 1 mm"),
        "[[image]]\nid = 'a'\nimage = 'square'\nx_mm = 0.875\ny_mm = 20\nwidth_mm = 15\nheight_mm = 10\n",
        ("0.875", "1")),
    case((Overlap, Error, "b"), ("5 mm by 0.125 mm", "no overlap"),
        "[[image]]\nid = 'a'\nimage = 'square'\nx_mm = 3\ny_mm = 9\nwidth_mm = 15\nheight_mm = 10\n\
         [[image]]\nid = 'b'\nimage = 'square'\nx_mm = 13\ny_mm = 18.875\nwidth_mm = 15\nheight_mm = 10\n",
        ("18.875", "19")),
    case((Hidden, Error, "b"), ("5 mm by 0.5 mm", "no overlap"),
        "[[rectangle]]\nid = 'a'\nx_mm = 3\ny_mm = 9\nwidth_mm = 20\nheight_mm = 20\n\
         [[rectangle]]\nid = 'b'\nx_mm = 10\ny_mm = 10\nwidth_mm = 5\nheight_mm = 5\nborder_mm = 0.5\nink = 'black'\n",
        ("ink = 'black'", "ink = 'white'")),
    case((Hidden, Error, "b"), ("", "no overlap"),
        "[[text]]\nid = 'a'\ntext = 'Seen'\nsize_pt = 8\nx_mm = 10\ny_mm = 15\nwidth_mm = 20\n\
         [[rectangle]]\nid = 'b'\nx_mm = 3\ny_mm = 9\nwidth_mm = 30\nheight_mm = 10\n",
        ("y_mm = 9\nwidth_mm = 30", "y_mm = 20\nwidth_mm = 30")),
    case((TextHeight, Error, "a"), ("3.90 pt", "at least 4.00 pt"),
        "[[text]]\nid = 'a'\ntext = 'Importer'\nsize_pt = 3.9\nx_mm = 3\ny_mm = 20\nwidth_mm = 30\n",
        ("3.9", "4")),
    case((TextHeight, Error, "a"), ("capitals of 1.", "at least 1.5 mm"),
        "[[text]]\nid = 'a'\ntext = '{serial|group}'\nsize_pt = 6\nx_mm = 3\ny_mm = 20\nwidth_mm = 50\n",
        ("size_pt = 6", "size_pt = 8")),
    case((Hierarchy, Warning, "serial"), ("9.00 pt", "at least 12.00 pt"),
        "[[text]]\nid = 'a'\ntext = 'PO 4500123456'\nsize_pt = 12\nx_mm = 3\ny_mm = 20\nwidth_mm = 50\n",
        ("size_pt = 12", "size_pt = 9")),
    case((Caption, Warning, "a"), ("", ""),
        "[[qr]]\nid = 'a'\ndata = 'https://example.com'\npurpose = 'link'\nx_mm = 30\ny_mm = 15\nsize_mm = 15\n\
         [[text]]\nid = 'what'\ntext = 'Manual'\nsize_pt = 8\nx_mm = 3\ny_mm = 15\nwidth_mm = 20\n",
        ("purpose = 'link'", "purpose = 'link'\ncaption = 'what'")),
    case((Caption, Warning, "a"), ("", ""),
        "[[ean8]]\nid = 'a'\ndata = '96385074'\npurpose = 'product'\nx_mm = 9\ny_mm = 9\nwidth_mm = 30\nheight_mm = 20\n",
        ("purpose = 'product'", "purpose = 'product'\ndigits_font = 'sans'")),
    case((DuplicateCode, Error, "b"), ("", ""),
        "[[datamatrix]]\nid = 'a'\ndata = '{serial}'\npurpose = 'serial'\nx_mm = 5\ny_mm = 15\nsize_mm = 10\n\
         [[qr]]\nid = 'b'\ndata = '{serial}'\npurpose = 'serial'\ncaption = 'serial'\nx_mm = 30\ny_mm = 15\nsize_mm = 15\n",
        ("purpose = 'serial'\ncaption", "purpose = 'link'\ncaption")),
    case((MarkHeight, Error, "a"), ("4.9 mm", "at least 5 mm"),
        "[[mark]]\nid = 'a'\nmark = 'ce'\nx_mm = 5\ny_mm = 15\nheight_mm = 4.9\n",
        ("4.9", "5")),
    case((Varies, Error, "a"), ("", ""),
        "[[image]]\nid = 'a'\nimage = '{serial}'\nx_mm = 5\ny_mm = 15\nheight_mm = 10\nwidth_mm = 10\n",
        ("image = '{serial}'", "image = 'borealis'")),
    case((Varies, Error, "a"), ("", ""),
        "[[mark]]\nid = 'a'\nmark = 'ce'\nx_mm = 5\ny_mm = 15\nheight_mm = 5\nwhen = 'serial'\n",
        ("when = 'serial'", "when = '!color'")),
];

fn found(source: &str, fields: &JobFields, rule: Rule) -> Vec<Finding> {
    let findings = findings(&template(source), fields, Resolution::Dpi203);
    of_rule(&findings, rule).into_iter().cloned().collect()
}

#[test]
fn lab3_every_rule_is_broken_by_a_template_and_kept_by_its_twin() {
    for case in CASES {
        let (rule, fields) = (case.rule, fields_of(case.fields));
        let bad = source(60.0, 40.0, &format!("{SERIAL}{}", case.elements));
        let told = found(&bad, &fields, rule);
        let [finding] = &told[..] else { panic!("{} once, but {told:?} in\n{}", rule.id(), case.elements) };
        assert_eq!((finding.severity, finding.element.as_str()), (case.severity, case.element), "{finding}");
        assert_eq!(finding.line, line_of(&bad, case.element), "{finding}");
        let figures = [&finding.measured, &finding.required].map(|figure| figure.as_deref().unwrap_or(""));
        for (figure, wanted) in figures.into_iter().zip([case.figures.0, case.figures.1]) {
            assert!(figure.contains(wanted) && (wanted.is_empty() || !figure.is_empty()), "{wanted:?} in {finding}");
        }
        let shown = finding.to_string();
        assert!(shown.contains(&format!("[{}]", rule.id())) && shown.contains(&format!("(line {})", finding.line)));
        assert!(bad.contains(case.mend.0), "{:?}", case.mend);
        let good = bad.replacen(case.mend.0, case.mend.1, 1);
        assert_eq!(found(&good, &fields, rule), [], "{good}");
    }
}

#[test]
fn every_rule_has_a_case() {
    let covered: BTreeSet<Rule> = CASES.iter().map(|case| case.rule).chain([Contrast]).collect();
    assert_eq!(covered, Rule::ALL.into_iter().collect());
    let ids: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
    assert!(ids.len() == Rule::ALL.len() && Rule::ALL.iter().all(|rule| !rule.source().is_empty()));
}

#[test]
fn contrast_is_what_scanners_see_in_red_light() {
    let code = format!(
        "{SERIAL}[[datamatrix]]\nid = 'a'\ndata = '{{serial}}'\npurpose = 'serial'\nx_mm = 5\ny_mm = 15\nsize_mm = 10\n"
    );
    let colored = |colors: &str, elements: &str| {
        let text = source(60.0, 40.0, elements).replace("durability = 'PET'", &format!("durability = 'PET', {colors}"));
        found(&text, &JobFields::new(), Contrast)
    };
    // Red ink on white is invisible to red light, blue on yellow is fine.
    let [finding] = &colored("ink_color = '#ff0000'", &code)[..] else { panic!("red on white") };
    assert_eq!((finding.severity, finding.element.as_str(), finding.line), (Error, "", 0));
    assert_eq!((finding.measured.as_deref(), finding.required.as_deref()), (Some("0 %"), Some("at least 55 %")));
    assert_eq!(colored("stock_color = '#0000ff'", &code).len(), 1, "black on blue");
    assert_eq!(colored("stock_color = '#000000', ink_color = '#ffffff'", &code).len(), 1, "white print on black");
    assert_eq!(colored("stock_color = '#ffff00', ink_color = '#0000ff'", &code), [], "blue on yellow");
    assert_eq!(colored("stock_color = '#bebebe'", &code), [], "55 % of the light");
    assert_eq!(colored("stock_color = '#bdbdbd'", &code).len(), 1, "54 % of the light");
    assert_eq!(colored("ink_color = '#ff0000'", SERIAL), [], "without codes only people read");
}

#[test]
fn white_on_black_needs_the_black() {
    let words = "[[text]]\nid = 'a'\ntext = 'Seen'\nsize_pt = 8\nx_mm = 10\ny_mm = 15\nwidth_mm = 20\nink = 'white'\n";
    let band = |y: &str| format!("[[rectangle]]\nid = 'band'\nx_mm = 3\ny_mm = {y}\nwidth_mm = 50\nheight_mm = 8\n");
    let hidden = |elements: String| found(&source(60.0, 40.0, &elements), &JobFields::new(), Hidden).len();
    assert_eq!(hidden(band("12") + words), 0);
    assert_eq!(hidden(words.to_owned()), 1, "white on the bare stock");
    assert_eq!(hidden(band("16") + words), 1, "white partly on the bare stock");
    assert_eq!(hidden(band("25") + words), 1, "white beside the black");
}

#[test]
fn nothing_stands_on_the_digits_and_guard_bars_of_an_ean() {
    let code = "[[ean13]]\nid = 'a'\ndata = '4006381333931'\npurpose = 'product'\ndigits_font = 'sans'\ndigits_size_pt = 7\n\
                x_mm = 6\ny_mm = 6\nwidth_mm = 36\nheight_mm = 20\n";
    let line = |y: &str| format!("{code}[[line]]\nid = 'l'\nx_mm = 6\ny_mm = {y}\nlength_mm = 30\n");
    let told = |elements: String| {
        let findings = findings(&template(&source(60.0, 40.0, &elements)), &JobFields::new(), Resolution::Dpi203);
        findings.into_iter().filter(Finding::is_error).collect::<Vec<_>>()
    };
    assert_eq!(told(line("30")), [], "below the digits");
    assert!(!told(line("27")).is_empty(), "through the digits");
    assert!(!told(line("25.5")).is_empty(), "through the bars");
}

#[test]
fn bar3_codes_differ_in_content_or_purpose() {
    let code = |id: &str, data: &str, purpose: &str, x: u8| {
        format!(
            "[[datamatrix]]\nid = '{id}'\ndata = '{data}'\npurpose = '{purpose}'\nx_mm = {x}\ny_mm = 15\nsize_mm = 10\n"
        )
    };
    let duplicates = |a: (&str, &str), b: (&str, &str)| {
        let elements = format!("{SERIAL}{}{}", code("a", a.0, a.1, 5), code("b", b.0, b.1, 30));
        found(&source(60.0, 40.0, &elements), &JobFields::new(), DuplicateCode).len()
    };
    assert_eq!(duplicates(("{serial}", "serial"), ("{serial}", "serial")), 1);
    assert_eq!(duplicates(("fixed", "product"), ("fixed", "product")), 1);
    assert_eq!(duplicates(("{serial}", "serial"), ("{serial}", "both")), 0);
    assert_eq!(duplicates(("{serial}", "serial"), ("X{serial}", "serial")), 0);
}

#[test]
fn lab2_a_code_of_a_serial_has_the_serial_beside_it() {
    let code = "[[datamatrix]]\nid = 'a'\ndata = '{serial}'\npurpose = 'serial'\nx_mm = 5\ny_mm = 15\nsize_mm = 10\n";
    let captions = |elements: String| found(&source(60.0, 40.0, &elements), &JobFields::new(), Caption);
    let [finding] = &captions(code.to_owned())[..] else { panic!("a code alone") };
    assert_eq!((finding.severity, finding.required.as_deref()), (Error, Some("one")), "{finding}");
    assert_eq!(captions(format!("{SERIAL}{code}")), []);
    assert_eq!(captions(format!("{SERIAL}{code}").replace("{serial}'\nsize", "{serial|group}'\nsize")), []);
    let other = format!("{}{code}", SERIAL.replace("S/N {serial}", "S/N"));
    assert_eq!(captions(other).len(), 1, "a caption without the serial");
    let both = code.replace("purpose = 'serial'", "purpose = 'both'");
    assert_eq!(captions(both).len(), 1, "product and unit together");
}

#[test]
fn ser5_alike_figures_of_a_serial_are_told_apart_by_its_size() {
    // SER5: at 1.5 mm capitals and more; the face in which 0 and O differ is tested with the fonts.
    let text = |size: &str| SERIAL.replace("size_pt = 9", &format!("font = 'serial'\nsize_pt = {size}"));
    let small = |size: &str| found(&source(60.0, 40.0, &text(size)), &JobFields::new(), TextHeight).len();
    assert_eq!((small("6"), small("6.2")), (1, 0), "698 of 1000 units are capitals: 1.5 mm are 6.09 pt");
}

#[test]
fn a_white_box_clears_the_quiet_zone_on_a_black_band() {
    let code = "[[code128]]\nid = 'a'\ndata = '{serial}'\npurpose = 'serial'\nx_mm = 8\ny_mm = 15\nwidth_mm = 42\nheight_mm = 10\n";
    let band = "[[rectangle]]\nid = 'band'\nx_mm = 0\ny_mm = 10\nwidth_mm = 60\nheight_mm = 20\n";
    let clear = |x: &str, width: &str| {
        format!(
            "[[rectangle]]\nid = 'clear'\nx_mm = {x}\ny_mm = 14\nwidth_mm = {width}\nheight_mm = 12\nink = 'white'\n"
        )
    };
    let quiet = |elements: String| found(&source(60.0, 40.0, &elements), &JobFields::new(), QuietZone).len();
    assert_eq!(quiet(format!("{SERIAL}{band}{code}")), 1);
    assert_eq!(quiet(format!("{SERIAL}{band}{}{code}", clear("5.5", "47"))), 0, "just as wide as bars and quiet zones");
    assert_eq!(quiet(format!("{SERIAL}{band}{}{code}", clear("5.625", "46.875"))), 1, "a dot too narrow");
    assert!(quiet(format!("{SERIAL}{band}{code}{}", clear("5.5", "47"))) > 0, "drawn over the code");
    let words = "[[text]]\nid = 'a'\ntext = 'Seen'\nsize_pt = 8\nx_mm = 10\ny_mm = 20\nwidth_mm = 20\n";
    let hidden = |elements: String| found(&source(60.0, 40.0, &elements), &JobFields::new(), Hidden).len();
    assert_eq!(hidden(format!("{band}{words}")), 1, "black on black");
    assert_eq!(hidden(format!("{band}{}{words}", clear("5.5", "47"))), 0, "black on white on black");
}
