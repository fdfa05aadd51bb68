//! Where elements stand: conditions, anchors, stacks, turns, languages, tables.

use nameplate::label::preflight::Rule;
use nameplate::label::{Compiled, DotRect, JobFields, Resolution, Um};

use super::job::{compile_with, fields_of, label, small, source, template};
use super::outputs::dots;

/// The dots of an element's ink; `None` if it is not there. At 203 dpi a dot is an eighth of a millimetre.
fn ink(compiled: &Compiled, id: &str) -> Option<DotRect> {
    compiled.footprints().iter().find(|footprint| footprint.element == id).map(|footprint| footprint.whole())
}

/// Left and top edge in dots.
fn corner(compiled: &Compiled, id: &str) -> (i32, i32) {
    let ink = ink(compiled, id).unwrap_or_else(|| panic!("no {id}"));
    (ink.x, ink.y)
}

fn drawn(elements: &str, pairs: &[(&str, &str)]) -> std::sync::Arc<Compiled> {
    label(&small(60.0, 40.0, elements), &fields_of(pairs), Resolution::Dpi203)
}

/// The type size of a text.
fn size(compiled: &Compiled, id: &str) -> Um {
    compiled.texts().iter().find(|text| text.element == id).unwrap_or_else(|| panic!("no text {id}")).size
}

fn rectangle(id: &str, lines: &str) -> String {
    format!("[[rectangle]]\nid = '{id}'\nwidth_mm = 4\nheight_mm = 2\n{lines}\n")
}

#[test]
fn boxes_stand_at_edges_and_after_others() {
    let elements = rectangle("a", "x_mm = 3\ny_mm = 5")
        + &rectangle("right", "right_mm = 3\ny_mm = 5")
        + &rectangle("bottom", "x_mm = 3\nbottom_mm = 4")
        + &rectangle("after", "right_of = 'a'\ny_mm = 5\ngap_mm = 1.5")
        + &rectangle("below", "x_mm = 3\nbelow = 'a'\ngap_mm = 0.5")
        + &rectangle("usual", "x_mm = 20\nbelow = 'after'")
        + &rectangle("turned", "right_mm = 3\nbottom_mm = 4\nturn = 90")
        + &rectangle("below-turned", "right_of = 'turned-left'\nbelow = 'turned-left'\ngap_mm = 0")
        + &rectangle("turned-left", "x_mm = 30\ny_mm = 20\nturn = 270");
    let label = drawn(&elements, &[]);
    for (id, place) in [
        ("a", (24, 40)),
        ("right", (424, 40)),
        ("bottom", (24, 272)),
        ("after", (68, 40)),
        ("below", (24, 60)),
        ("usual", (160, 64)),
        ("turned", (440, 256)),
        ("below-turned", (256, 192)),
    ] {
        assert_eq!(corner(&label, id), place, "{id}");
    }
    assert_eq!(ink(&label, "turned"), Some(DotRect { x: 440, y: 256, width: 16, height: 32 }));
}

#[test]
fn what_is_not_there_takes_neither_room_nor_gap() {
    let elements = rectangle("a", "x_mm = 3\ny_mm = 5\nwhen = 'gtin'")
        + &rectangle("b", "x_mm = 3\nbelow = 'a'\ngap_mm = 2")
        + &rectangle("c", "x_mm = 3\nbelow = 'b'\ngap_mm = 3\nwhen = '!color'")
        + &rectangle("d", "right_of = 'c'\nbelow = 'c'\ngap_mm = 1");
    let places = |pairs: &[(&str, &str)]| {
        let label = drawn(&elements, pairs);
        ["a", "b", "c", "d"].map(|id| ink(&label, id).map(|ink| (ink.x, ink.y)))
    };
    let all = places(&[("gtin", "1")]);
    assert_eq!(all, [Some((24, 40)), Some((24, 72)), Some((24, 112)), Some((64, 136))]);
    assert_eq!(places(&[]), [None, Some((24, 40)), Some((24, 80)), Some((64, 104))]);
    let few = places(&[("color", "red"), ("gtin", "")]);
    assert_eq!(few, [None, Some((24, 40)), None, Some((24, 80))], "an empty field counts as absent");
}

#[test]
fn conditions_follow_brand_and_market() {
    let elements = ["gtin & brand.market = EU", "brand.market = EU|UK", "brand.code != acme", "!gtin"]
        .iter()
        .enumerate()
        .map(|(at, when)| rectangle(&format!("r{at}"), &format!("x_mm = 3\ny_mm = {}\nwhen = '{when}'", 3 + 4 * at)))
        .collect::<String>();
    let there = |pairs: &[(&str, &str)]| {
        (0..4).map(|at| ink(&drawn(&elements, pairs), &format!("r{at}")).is_some()).collect::<Vec<_>>()
    };
    assert_eq!(there(&[]), [false, false, true, true]);
    assert_eq!(there(&[("gtin", "4"), ("brand.market", "EU")]), [true, true, true, false]);
    assert_eq!(there(&[("gtin", "4"), ("brand.market", "UK"), ("brand.code", "acme")]), [false, true, false, false]);
    assert_eq!(there(&[("brand.market", "eu"), ("brand.code", "Acme")]), [false, false, true, true], "letters count");
}

const HEAD: &str = "[[stack]]\nid = 's'\nitems = ['a', 'name', 'b']\ndirection = 'right'\nx_mm = 3\ny_mm = 3\n\
                    width_mm = 40\nitem_gap_mm = 2\nalign = 'center'\n\
                    [[text]]\nid = 'name'\ntext = '{name}'\nsize_pt = 10\nmin_size_pt = 5\nmax_lines = 2\n";

fn head(name: &str) -> Result<std::sync::Arc<Compiled>, nameplate::label::Refusal> {
    let elements = HEAD.to_owned() + &rectangle("a", "") + &rectangle("b", "");
    compile_with(&small(60.0, 40.0, &elements), &fields_of(&[("name", name)]), Resolution::Dpi203)
}

#[test]
fn a_long_name_pushes_then_shrinks_then_breaks_then_is_refused() {
    let wanted = Um::from_pt(10.0).unwrap();
    let least = Um::from_pt(5.0).unwrap();
    let [short, longer] = ["Lens", "Lens cover"].map(|name| head(name).unwrap());
    assert!(corner(&short, "b").0 < corner(&longer, "b").0, "natural width: a longer name pushes");
    assert_eq!((size(&short, "name"), size(&longer, "name")), (wanted, wanted));
    let shrunk = head("Thermal camera T-384").unwrap();
    assert!((least..wanted).contains(&size(&shrunk, "name")), "{}", size(&shrunk, "name"));
    let right = ink(&shrunk, "b").unwrap();
    assert!(right.x + right.width <= (3 + 40) * 8, "the stack holds its items: {right:?}");
    let broken = head("Thermal camera with a laser range finder and a very long name").unwrap();
    assert_eq!(size(&broken, "name"), least);
    let lines = |label: &Compiled| label.footprints().iter().find(|f| f.element == "name").unwrap().ink.len();
    assert_eq!((lines(&shrunk), lines(&broken)), (1, 2));
    let right = ink(&broken, "b").unwrap();
    assert!(right.x + right.width <= (3 + 40) * 8, "{right:?}");
    let refusal = head(&format!("{0} {0}", "wordwithoutanyplacewhereitmaybreak")).unwrap_err();
    let finding = refusal.errors().next().unwrap();
    assert_eq!(
        (finding.rule, finding.element.as_str(), finding.required.as_deref()),
        (Rule::TextFit, "s", Some("at most 40 mm"))
    );
}

#[test]
fn a_stack_down_pushes_and_keeps_its_limit() {
    let stack = |height: &str, lines: u8| {
        format!(
            "[[stack]]\nid = 's'\nitems = ['name', 'a']\nx_mm = 3\ny_mm = 3\nwidth_mm = 20\n{height}\nitem_gap_mm = 1\n\
             align = 'right'\n[[text]]\nid = 'name'\ntext = '{{name}}'\nsize_pt = 10\nmin_size_pt = 6\nmax_lines = {lines}\n"
        ) + &rectangle("a", "")
            + &rectangle("below", "x_mm = 3\nbelow = 's'")
    };
    let drawn_with = |height: &str, name: &str| {
        compile_with(&small(60.0, 40.0, &stack(height, 6)), &fields_of(&[("name", name)]), Resolution::Dpi203)
    };
    let short = drawn_with("", "One").unwrap();
    let long = drawn_with("", "One two three four five six").unwrap();
    assert!(corner(&short, "a").1 < corner(&long, "a").1 && corner(&short, "below").1 < corner(&long, "below").1);
    assert_eq!(corner(&short, "a").0, (3 + 20 - 4) * 8, "at the right");
    assert_eq!(size(&long, "name"), Um::from_pt(10.0).unwrap(), "without a limit nothing shrinks");
    let limited = drawn_with("height_mm = 8", "One two three four five six").unwrap();
    assert!(size(&limited, "name") < size(&long, "name"));
    let end = ink(&limited, "a").unwrap();
    assert!(end.y + end.height <= (3 + 8) * 8, "{end:?}");
    let refusal = drawn_with("height_mm = 4", "One two three four five six").unwrap_err();
    assert_eq!(refusal.errors().next().unwrap().required.as_deref(), Some("at most 4 mm"), "{refusal}");
}

#[test]
fn stacks_hold_stacks_and_leave_out_what_is_not_there() {
    let elements =
        "[[stack]]\nid = 'outer'\nitems = ['a', 'inner']\nx_mm = 3\ny_mm = 3\nwidth_mm = 40\nitem_gap_mm = 1\n\
                    [[stack]]\nid = 'inner'\nitems = ['b', 'c']\ndirection = 'right'\nwidth_mm = 30\nitem_gap_mm = 2\n"
            .to_owned()
            + &rectangle("a", "when = 'gtin'")
            + &rectangle("b", "when = 'gtin'")
            + &rectangle("c", "");
    let all = drawn(&elements, &[("gtin", "1")]);
    assert_eq!(["a", "b", "c"].map(|id| corner(&all, id)), [(24, 24), (24, 48), (72, 48)]);
    assert_eq!(corner(&drawn(&elements, &[]), "c"), (24, 24), "what is absent leaves no gap");
    let none = elements.replace("id = 'inner'", "id = 'inner'\nwhen = 'gtin'");
    assert_eq!(ink(&drawn(&none, &[]), "c"), None, "the items of a stack that is absent are absent");
}

/// The elements of a label, each given by its place from the left and the top in millimetres.
fn turned_label(turn: u16, elements: &[(&str, f64, f64)]) -> String {
    let place = |x: f64, y: f64| match turn {
        0 => format!("x_mm = {x}\ny_mm = {y}"),
        90 => format!("right_mm = {y}\ny_mm = {x}"),
        180 => format!("right_mm = {x}\nbottom_mm = {y}"),
        _ => format!("x_mm = {y}\nbottom_mm = {x}"),
    };
    let (width, height) = if turn.is_multiple_of(180) { (60.0, 40.0) } else { (40.0, 60.0) };
    let elements: String =
        elements.iter().map(|(element, x, y)| format!("{element}\nturn = {turn}\n{}\n", place(*x, *y))).collect();
    source(width, height, &elements)
}

#[test]
fn a_label_turned_as_a_whole_has_the_turned_dots() {
    let text = "[[text]]\nid = 't'\ntext = 'Ag {serial}'\nsize_pt = 10\nwidth_mm = 50";
    let lines = "[[text]]\nid = 'l'\ntext = 'Größe, four words on lines'\nsize_pt = 7\nmax_lines = 4\nwidth_mm = 20";
    let linear =
        "[[code128]]\nid = 'c'\ndata = '{serial}'\npurpose = 'serial'\nheight_mm = 9\nwidth_mm = 45\nalign = 'right'";
    let ean = "[[ean8]]\nid = 'e'\ndata = '96385074'\npurpose = 'product'\nheight_mm = 9\nwidth_mm = 27\ndigits_font = 'sans'";
    let itf = "[[itf14]]\nid = 'i'\ndata = '15400141288763'\npurpose = 'product'\nheight_mm = 9\nwidth_mm = 40\nmodule_min_mm = 0.25";
    let image = "[[image]]\nid = 'p'\nimage = 'borealis'\nheight_mm = 9\nwidth_mm = 30\nalign = 'right'";
    let art = "[[image]]\nid = 'v'\nimage = 'arrow'\nheight_mm = 9\nwidth_mm = 30";
    let mark = "[[mark]]\nid = 'm'\nmark = 'weee'\nheight_mm = 9";
    let filled = "[[rectangle]]\nid = 'r'\nwidth_mm = 20\nheight_mm = 5";
    let frame = "[[rectangle]]\nid = 'f'\nwidth_mm = 20\nheight_mm = 5\nborder_mm = 0.5";
    for (name, element) in [
        ("text", text),
        ("lines", lines),
        ("linear code", linear),
        ("EAN with digits", ean),
        ("ITF-14 with bearer bars", itf),
        ("picture", image),
        ("art", art),
        ("mark", mark),
        ("rectangle", filled),
        ("frame", frame),
    ] {
        let serial = "[[text]]\nid = 'serial'\ntext = '{serial}'\nsize_pt = 8\nwidth_mm = 50";
        let elements = [(serial, 5.0, 33.0), (element, 6.0, 8.0)];
        let row = ["7K3M4QXT92PA"];
        let dots_of = |turn| {
            let template = template(&turned_label(turn, &elements));
            dots(&label(&template, &JobFields::new(), Resolution::Dpi203), &row)
        };
        let mut upright = dots_of(0);
        assert!(upright.ink() > 200, "{name} is drawn");
        for turn in [90, 180, 270] {
            upright = upright.turned();
            let differ = upright.grey.iter().zip(&dots_of(turn).grey).filter(|(a, b)| a != b).count();
            // Slanted and round edges are measured on lines across, so a dot that is just half covered may go either way.
            let most = if name == "mark" { upright.ink() / 100 } else { 0 };
            assert!(differ <= most, "{name} turned by {turn}: {differ} dots differ");
        }
    }
}

#[test]
fn a_matrix_symbol_stays_upright_in_its_turned_box() {
    let qr = "[[qr]]\nid = 'q'\ndata = 'https://example.com'\npurpose = 'link'\nsize_mm = 15";
    let area = |turn| {
        let label = label(&template(&turned_label(turn, &[(qr, 6.0, 8.0)])), &JobFields::new(), Resolution::Dpi203);
        ink(&label, "q").unwrap()
    };
    let sides = [0, 90, 180, 270].map(|turn| (area(turn).width, area(turn).height));
    assert!(sides.iter().all(|side| *side == sides[0]), "{sides:?}");
}

#[test]
fn texts_are_in_the_language_of_the_job() {
    let elements = "[[text]]\nid = 't'\ntext = { en = 'Caution', de = 'Vorsicht', pt = 'Cuidado', 'zh-hant' = 'x' }\n\
                    size_pt = 8\nx_mm = 3\ny_mm = 3\nwidth_mm = 50\n\
                    [[table]]\nid = 'tab'\nrows = [[{ en = 'Made', de = 'Datum' }, '2026']]\nsize_pt = 8\nx_mm = 3\n\
                    y_mm = 9\nwidth_mm = 40\nkey_width_mm = 20\n";
    let said = |language: &str| {
        let label = drawn(elements, &[("language", language)]);
        label.texts().iter().map(|text| text.text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(said("de"), ["Vorsicht", "Datum", "2026"]);
    assert_eq!(said("DE-at"), ["Vorsicht", "Datum", "2026"]);
    assert_eq!(said("pt-br"), ["Cuidado", "Made", "2026"]);
    assert_eq!(said("zh-Hant"), ["x", "Made", "2026"]);
    assert_eq!((said("fr"), said("")), (said("en"), said("en")));
    let german = source(60.0, 40.0, elements).replacen("title", "language = 'de'\ntitle", 1);
    let label = label(&template(&german), &fields_of(&[("language", "fr")]), Resolution::Dpi203);
    assert_eq!(label.texts()[0].text, "Vorsicht", "the template's own language stands in");
}

#[test]
fn lines_of_a_table_without_value_are_left_out_and_long_ones_break() {
    let elements = "[[table]]\nid = 't'\nrows = [['Input', '{input}'], ['Mass', '{mass|default:}'], ['Made', '{made}']]\n\
                    size_pt = 8\nmin_size_pt = 6\nx_mm = 3\ny_mm = 3\nwidth_mm = 40\nkey_width_mm = 14\nrow_gap_mm = 1\nmax_lines = 2\n"
        .to_owned()
        + &rectangle("below", "x_mm = 3\nbelow = 't'\ngap_mm = 1");
    let table = |pairs: &[(&str, &str)]| drawn(&elements, pairs);
    let said = |label: &Compiled| label.texts().iter().map(|text| text.text.clone()).collect::<Vec<_>>().join(" ");
    let three = table(&[("input", "5 V"), ("mass", "2 kg"), ("made", "2026")]);
    let two = table(&[("input", "5 V"), ("made", "2026")]);
    let one = table(&[("input", " "), ("made", "2026")]);
    assert_eq!(said(&three), "Input 5 V Mass 2 kg Made 2026");
    assert_eq!((said(&two), said(&one)), ("Input 5 V Made 2026".to_owned(), "Made 2026".to_owned()));
    let [three, two, one] = [three, two, one].map(|label| corner(&label, "below").1);
    assert!(three > two && two > one, "what stands below moves up: {three} {two} {one}");
    assert!(((three - two) - (two - one)).abs() <= 1, "each line is as high as the next");
    let long = table(&[("input", "100 to 240 V AC, 50 to 60 Hz"), ("mass", "2 kg"), ("made", "2026")]);
    assert!(corner(&long, "below").1 > three, "a value on two lines");
}

#[test]
fn pictures_keep_their_proportions_in_their_boxes() {
    let image = |align: &str| {
        format!(
            "[[image]]\nid = 'p'\nimage = 'square'\nx_mm = 3\ny_mm = 3\nwidth_mm = 30\nheight_mm = 10\nalign = '{align}'\n"
        )
    };
    let place = |align: &str| ink(&drawn(&image(align), &[]), "p").unwrap();
    // The drawing is 30 by 20 units: 15 mm wide at a height of 10 mm.
    assert_eq!(place("left"), DotRect { x: 24, y: 24, width: 120, height: 80 });
    assert_eq!(place("center").x, 24 + 60);
    assert_eq!(place("right").x, 24 + 120);
}
