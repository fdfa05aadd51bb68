//! Faults of template files: each is told with file, line and what would be right, all of a file at once, and nothing that
//! a file may hold makes the parser or the layout panic.

use nameplate::label::preflight::worst_case::cases;
use nameplate::label::{Resolution, Template, TemplateError, compile, shipped_templates};
use proptest::prelude::*;

use super::job::{assets, source};

/// What is refused about a file.
fn refused(text: &str) -> TemplateError {
    match Template::parse("my.toml", text.as_bytes()) {
        Ok(_) => panic!("this is taken:\n{text}"),
        Err(error) => error,
    }
}

/// The file has one fault, on the line that ends in `#!`, and the message holds these words.
#[track_caller]
fn assert_fault(text: &str, words: &str) {
    let line = text.lines().position(|line| line.ends_with("#!")).expect("a line is marked") + 1;
    let error = refused(text);
    let told = error.to_string();
    assert!(told.contains(&format!("my.toml:{line}: ")) && told.contains(words), "{words:?} on line {line}:\n{told}");
    assert_eq!(error.faults.len(), 1, "{told}");
}

/// Elements with one fault each.
#[track_caller]
fn assert_element_fault(elements: &str, words: &str) {
    assert_fault(&source(60.0, 40.0, elements), words);
}

/// A text with one line changed or added.
fn text(change: &str) -> String {
    let mut lines = vec!["[[text]]", "id = 'a'", "text = 'A'", "size_pt = 8", "x_mm = 3", "y_mm = 3", "width_mm = 9"];
    let name = change.split(" =").next().unwrap();
    lines.retain(|line| !line.starts_with(&format!("{name} =")));
    lines.push(change);
    lines.join("\n")
}

#[test]
fn values_of_the_wrong_kind_or_out_of_range_are_told_with_their_line() {
    for (change, words) in [
        ("text = 5 #!", "`text`: must be a text, or texts by language"),
        ("text = '{serial' #!", "has no partner"),
        ("text = '{Serial}' #!", "is no field name"),
        ("text = '{serial|lowr}' #!", "there is no filter \"lowr\""),
        ("text = '{made|date:%Q}' #!", "there is no filter"),
        ("text = {} #!", "must be a text, or texts by language"),
        ("text = { de = 'x' } #!", "needs a text in the template's own language, \"en\""),
        ("text = { en = 5 } #!", "must be a text, not 5"),
        ("size_pt = 0 #!", "must be a type size between 2 and 300 pt, not 0"),
        ("size_pt = 300.5 #!", "must be a type size between 2 and 300 pt"),
        ("size_pt = 'large' #!", "must be a type size between 2 and 300 pt, not the text \"large\""),
        ("min_size_pt = 9 #!", "`min_size_pt` is larger than `size_pt`"),
        ("width_mm = 0 #!", "`width_mm`: must be a length above 0 and up to 1000 mm, not 0"),
        ("width_mm = 0.0004 #!", "must be a length above 0"),
        ("width_mm = 1e9 #!", "up to 1000 mm"),
        ("width_mm = nan #!", "must be a length"),
        ("width_mm = inf #!", "must be a length"),
        ("width_mm = 0x10 #!", "must be a length"),
        ("width_mm = 2026-11-21 #!", "not the date 2026-11-21"),
        ("x_mm = -1 #!", "must be a length between 0 and 1000 mm, not -1"),
        ("x_mm = '3' #!", "must be a length between 0 and 1000 mm, not the text \"3\""),
        ("max_lines = 0 #!", "must be a whole number from 1 to 200, not 0"),
        ("max_lines = 1.5 #!", "must be a whole number"),
        ("max_lines = 99999999999999999999 #!", "must be a whole number"),
        ("leading_percent = 79 #!", "must be a whole number from 80 to 300"),
        ("truncate = 'yes' #!", "must be true or false"),
        ("align = 'middle' #!", "\"middle\" is none of \"start\", \"left\""),
        ("ink = 'red' #!", "\"red\" is none of \"black\", \"white\""),
        ("turn = 45 #!", "must be 0, 90, 180 or 270 degrees clockwise, not 45"),
        ("when = 'a b' #!", "is no condition"),
        ("when = 'brand.market = ' #!", "is no condition"),
        ("when = 'gtin &' #!", "is no condition"),
        ("id = 'A b' #!", "an id has 1 to 60 of a-z, 0-9, - and _"),
        ("id = '' #!", "an id has 1 to 60"),
        ("colour = 'red' #!", "unknown field `colour`; a text may have `align`"),
        ("gap_mm = 1 #!", "`gap_mm` is the distance to the element named by `below` or `right_of`; there is neither"),
    ] {
        assert_element_fault(&text(change), words);
    }
}

#[test]
fn missing_fields_and_places_are_told_where_the_element_starts() {
    let without = |name: &str, more: &str| {
        let all = text("max_lines = 1").replace("[[text]]", "[[text]] #!");
        let kept: Vec<&str> = all.lines().filter(|line| !line.starts_with(&format!("{name} ="))).collect();
        format!("{}\n{more}", kept.join("\n"))
    };
    assert_element_fault(&without("text", ""), "a text needs `text`");
    assert_element_fault(&without("size_pt", ""), "a text needs `size_pt`");
    assert_element_fault(&without("id", ""), "a text needs `id`");
    assert_element_fault(&without("width_mm", ""), "\"a\" needs `width_mm`");
    let nowhere = without("x_mm", "").replace("y_mm = 3\n", "");
    assert_element_fault(&nowhere, "\"a\" needs a place");
    let half = text("max_lines = 1").replace("x_mm = 3\n", "").replace("id = 'a'", "id = 'a' #!");
    assert_element_fault(&half, "a box needs one of `x_mm`, `right_mm`, `right_of` and one of");
    assert_element_fault(
        &text("right_mm = 3").replace("x_mm = 3", "x_mm = 3 #!"),
        "says where the box stands, not several",
    );
    assert_element_fault(
        &text("bottom_mm = 3").replace("y_mm = 3", "y_mm = 3 #!"),
        "says where the box stands, not several",
    );
}

#[test]
fn elements_that_nobody_knows_are_told() {
    assert_element_fault("[[txt]] #!\nid = 'a'", "unknown field `txt`; a template may have");
    assert_element_fault("[text] #!\nid = 'a'", "a text is written as [[text]]");
    assert_element_fault("text = 'A' #!", "a text is written as [[text]]");
    assert_element_fault("text = [1] #!", "a text is written as [[text]]");
    assert_element_fault("[extra] #!\na = 1", "unknown field `extra`");
}

#[test]
fn other_elements_say_what_they_want() {
    let place = "x_mm = 3\ny_mm = 3\n";
    for (element, words) in [
        ("[[mark]]\nid = 'a'\nheight_mm = 5\nmark = 'cee' #!", "\"cee\" is no mark; there are"),
        ("[[rectangle]]\nid = 'a'\nheight_mm = 5\nwidth_mm = 0 #!", "above 0"),
        ("[[line]]\nid = 'a'\nlength_mm = 5\ndirection = 'up' #!", "\"up\" is none of \"right\", \"down\""),
        ("[[line]]\nid = 'a'\nlength_mm = 5\nturn = 90 #!", "`turn`: texts, codes, images, marks and rectangles can"),
        ("[[image]]\nid = 'a'\nwidth_mm = 5\nheight_mm = 5\nimage = '{' #!", "has no partner"),
        ("[[code128]]\nid = 'a'\ndata = 'x'\nwidth_mm = 9\nheight_mm = 9\npurpose = 'fun' #!", "is none of \"serial\""),
        ("[[code128]] #!\nid = 'a'\ndata = 'x'\nwidth_mm = 9\nheight_mm = 9", "a code128 needs `purpose`"),
        ("[[qr]]\nid = 'a'\ndata = 'x'\nsize_mm = 9\npurpose = 'link'\ndigital_link = 'a/b' #!", "must be a host"),
        ("[[qr]]\nid = 'a'\ndata = 'x'\nsize_mm = 9\npurpose = 'link'\nerror_correction = 'X' #!", "is none of \"L\""),
        ("[[qr]]\nid = 'a'\ndata = 'x'\nsize_mm = 9\npurpose = 'link'\nwidth_mm = 9 #!", "unknown field `width_mm`"),
        ("[[qr]] #!\nid = 'a'\ndata = 'x'\nsize_mm = 9\npurpose = 'link'\ncaption = 'no'", "no element has this id"),
        (
            "[[ean8]]\nid = 'a'\ndata = 'x'\nwidth_mm = 9\nheight_mm = 9\npurpose = 'product'\ndigits_size_pt = 6 #!",
            "`digits_size_pt` needs `digits_font`",
        ),
        (
            "[[code39]]\nid = 'a'\ndata = 'x'\nwidth_mm = 9\nheight_mm = 9\npurpose = 'product'\nmodule_max_mm = 0.2\nmodule_min_mm = 0.3 #!",
            "`module_min_mm` is larger than `module_max_mm`",
        ),
        ("[[table]]\nid = 'a'\nsize_pt = 8\nwidth_mm = 9\nkey_width_mm = 3\nrows = [['a']] #!", "a pair [key, value]"),
        ("[[table]]\nid = 'a'\nsize_pt = 8\nwidth_mm = 9\nkey_width_mm = 3\nrows = [['a', '{']] #!", "has no partner"),
        ("[[table]]\nid = 'a'\nsize_pt = 8\nwidth_mm = 9\nkey_width_mm = 3\nrows = 'a' #!", "must be a list"),
        ("[[stack]]\nid = 'a'\nwidth_mm = 9\nitems = [1] #!", "must be the id of an element, not 1"),
        ("[[stack]] #!\nid = 'a'\nwidth_mm = 9\nitems = ['b']", "refers to \"b\", but no element has this id"),
        ("[[rectangle]] #!\nid = 'a'\nwidth_mm = 9\nheight_mm = 1\nbelow = 'b'", "no element has this id"),
    ] {
        let place = if element.contains("below") { "x_mm = 3\n" } else { place };
        assert_element_fault(&format!("{element}\n{place}"), words);
    }
    let caption = "[[qr]] #!\nid = 'a'\ndata = 'x'\nsize_mm = 9\npurpose = 'link'\ncaption = 'b'\nx_mm = 3\ny_mm = 3\n\
                   [[line]]\nid = 'b'\nlength_mm = 5\nx_mm = 20\ny_mm = 3";
    assert_element_fault(caption, "the caption \"b\" is no text but a line");
}

/// A rectangle of this id with these lines.
fn rectangle(id: &str, lines: &str) -> String {
    format!("[[rectangle]]\nid = '{id}'\nwidth_mm = 2\nheight_mm = 2\n{lines}\n")
}

fn stack(id: &str, items: &str, lines: &str) -> String {
    format!("[[stack]]\nid = '{id}'\nitems = [{items}]\nwidth_mm = 20\n{lines}\n")
}

#[test]
fn circles_of_any_kind_are_found() {
    let free = "x_mm = 1\ny_mm = 1";
    for elements in [
        rectangle("a", "x_mm = 1\nbelow = 'a'"),
        rectangle("a", "x_mm = 1\nbelow = 'b'") + &rectangle("b", "y_mm = 1\nright_of = 'a'"),
        stack("s", "'s'", ""),
        stack("s", "'t'", "") + &stack("t", "'s'", ""),
        stack("s", "'a'", "x_mm = 1\nbelow = 'b'") + &rectangle("a", "") + &rectangle("b", "x_mm = 1\nbelow = 'a'"),
        stack("s", "'t'", "x_mm = 1\nbelow = 'b'")
            + &stack("t", "'a'", "")
            + &rectangle("a", "")
            + &rectangle("b", "x_mm = 1\nbelow = 'a'"),
    ] {
        let told = refused(&source(60.0, 40.0, &elements)).to_string();
        assert!(told.contains("wait for each other"), "{elements}\n{told}");
        assert!(told.starts_with("my.toml:7: "), "{told}");
    }
    let good = stack("s", "'a'", free) + &rectangle("a", "") + &rectangle("b", "x_mm = 1\nbelow = 'a'");
    assert!(Template::parse("my.toml", source(60.0, 40.0, &good).as_bytes()).is_ok(), "below an item of a stack");
}

#[test]
fn stacks_place_each_element_once() {
    let free = "x_mm = 1\ny_mm = 1";
    let twice = stack("s", "'a', 'a'", free) + &rectangle("a", "");
    assert!(refused(&source(60.0, 40.0, &twice)).to_string().contains("placed by two stacks, or twice by one"));
    let two = stack("s", "'a'", free) + &stack("t", "'a'", free) + &rectangle("a", "");
    assert!(refused(&source(60.0, 40.0, &two)).to_string().contains("placed by two stacks"));
    let own = stack("s", "'a'", free) + &rectangle("a", free);
    assert!(refused(&source(60.0, 40.0, &own)).to_string().contains("so it has no place of its own"));
    let same = rectangle("a", free) + &rectangle("a", free);
    let error = refused(&source(60.0, 40.0, &same));
    assert_eq!((error.faults[0].line, error.faults.len()), (13, 1), "{error}");
    assert!(error.to_string().contains("two elements have the id \"a\""), "{error}");
}

#[test]
fn the_head_of_a_file_is_checked() {
    let head = source(60.0, 40.0, "");
    for (from, to, words) in [
        ("nameplate = 1", "nameplate = 2 #!", "`nameplate` is the version of the template language and must be 1"),
        ("nameplate = 1", "#!", "a template needs `nameplate`"),
        ("name = 'test'", "name = 'Test 1' #!", "a name has 1 to 80 of a-z"),
        ("name = 'test'", "name = '../x' #!", "a name has 1 to 80 of a-z"),
        ("title = 'Test'", "title = 7 #!", "`title`: must be a text, not 7"),
        ("width_mm = 60", "width_mm = 4.9 #!", "a label is 5 mm to 297 mm long on each side, not 4.9 mm"),
        ("width_mm = 60", "width_mm = 298 #!", "a label is 5 mm to 297 mm long on each side, not 298 mm"),
        ("height_mm = 40", "height_mm = 0.4 #!", "a label is 5 mm to 297 mm"),
        ("zone = 'rear', durability = 'PET' }", "zone = 'rear' } #!", "placement needs `durability`"),
        ("durability = 'PET' }", "durability = 'PET', ink_color = 'black' } #!", "is no colour; write one as"),
        ("durability = 'PET' }", "durability = 'PET', colour = 'a' } #!", "unknown field `colour`"),
        ("placement = { zone = 'rear', durability = 'PET' }", "#!", "a template needs `placement`"),
        ("title = 'Test'", "title = 'Test' #!\ntitle = 'Again'", ""),
    ] {
        let text = head.replacen(from, to, 1);
        assert!(text != head, "{from}");
        let error = refused(&text);
        let marked = text.lines().position(|line| line.ends_with("#!")).unwrap() + 1;
        // What is not there has no line of its own; what is there twice is told where it comes again.
        let lines = if to == "#!" { vec![1] } else { vec![marked, marked + 1] };
        assert!(error.to_string().contains(words) && lines.contains(&error.faults[0].line), "{to}: {error}");
    }
    for size in ["0", "-5", "1e12"] {
        let text = head.replacen("width_mm = 60", &format!("width_mm = {size}"), 1);
        assert_eq!(refused(&text).faults[0].line, 4, "{size}");
    }
}

#[test]
fn declarations_of_fields_are_checked() {
    for (fields, words) in [
        ("[fields.made.date] #!\nper_unit = true", "write the field's name in quotes: [fields.\"made.date\"]"),
        ("[fields.'Made Date'] #!", "is no field name"),
        ("[fields.mac]\nlongest = 3\nshortest = 4 #!", "`shortest` is more than `longest`"),
        ("[fields.mac]\nsamples = [1] #!", "must be a text, not 1"),
        ("[fields.mac]\nlongest = 10001 #!", "must be a whole number from 1 to 10000"),
        ("[fields.mac]\nunit = true #!", "unknown field `unit`; a field may have"),
        ("[fields]\nmac = 1 #!", "must be a table, not 1"),
    ] {
        assert_element_fault(fields, words);
    }
}

#[test]
fn files_that_are_no_templates_are_refused() {
    assert_eq!(refused("nameplate = 1\nname = \n").faults[0].line, 2);
    assert_eq!(refused("[[text]\n").faults[0].line, 1);
    let binary = Template::parse("my.toml", b"nameplate = 1\n\xFF\xFE").unwrap_err();
    assert_eq!(binary.to_string(), "my.toml:2: the file is not UTF-8 text");
    let giant = "#".repeat(256 * 1024 + 1);
    assert!(refused(&giant).to_string().contains("a template has at most 262144 bytes, this one 262145"));
    assert!(!refused(&giant[1..]).to_string().contains("at most 262144"));
    let many = |count: usize| {
        source(60.0, 40.0, &(0..count).map(|i| rectangle(&format!("r{i}"), "x_mm = 1\ny_mm = 1")).collect::<String>())
    };
    assert!(refused(&many(501)).to_string().contains("501 elements are too many, at most 500"));
    assert!(Template::parse("my.toml", many(500).as_bytes()).is_ok());
    assert!(Template::parse("my.toml", format!("\u{feff}{}", many(1)).as_bytes()).is_ok(), "a byte order mark");
}

#[test]
fn all_faults_of_a_file_are_told_in_its_order() {
    let elements = "[[text]]\nid = 'a'\ntext = '{serial'\nsize_pt = 1\nx_mm = 1\ny_mm = 1\nwidth_mm = 0\n\
                    [[qr]]\nid = 'a'\ndata = 'x'\nsize_mm = 9\nx_mm = 1\ny_mm = 1\ncolour = 1\n";
    let error = refused(&source(60.0, 400.0, elements));
    let lines: Vec<usize> = error.faults.iter().map(|fault| fault.line).collect();
    assert!(lines.is_sorted(), "{error}");
    for line in [5, 9, 10, 13, 14, 20] {
        assert!(lines.contains(&line), "line {line}: {error}");
    }
    let endless = refused(&source(60.0, 40.0, &"[[text]]\n".repeat(400)));
    assert!(endless.faults.len() <= 50, "{} faults", endless.faults.len());
}

/// A text with a stretch of bytes or lines deleted, doubled or overwritten.
fn mutated(source: &str, (how, at, length, with): (u8, usize, usize, String)) -> Vec<u8> {
    let pieces: Vec<&[u8]> = match how % 2 {
        0 => source.as_bytes().chunks(1).collect(),
        _ => source.as_bytes().split_inclusive(|byte| *byte == b'\n').collect(),
    };
    let from = at % pieces.len();
    let to = (from + length).min(pieces.len());
    let (before, stretch, after) = (&pieces[..from], &pieces[from..to], &pieces[to..]);
    let with = [with.as_bytes()];
    let parts: Vec<&[&[u8]]> = match how / 2 % 4 {
        0 => vec![before, after],
        1 => vec![before, stretch, stretch, after],
        2 => vec![before, &with, after],
        _ => vec![stretch, before, after],
    };
    parts.concat().concat()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    // Invariants: no panic; each fault has a line of the file and says something; what is taken can be laid out or refused.
    #[test]
    fn a_damaged_template_is_refused_with_a_line_or_laid_out(
        which in 0_usize..100,
        damage in prop::collection::vec(
            (any::<u8>(), any::<usize>(), 1_usize..40, "[a-z{}|=0-9.\"'\\[\\] \n-]{0,8}|[0-9]{1,12}|999.9|'.|\\PC{0,3}"),
            1..4,
        ),
    ) {
        let (name, source) = shipped_templates()[which % shipped_templates().len()];
        let mut bytes = source.as_bytes().to_vec();
        for damage in damage {
            bytes = mutated(&String::from_utf8_lossy(&bytes), damage);
            prop_assume!(!bytes.is_empty());
        }
        match Template::parse(name, &bytes) {
            Err(error) => {
                let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
                prop_assert!(!error.faults.is_empty());
                for fault in error.faults {
                    prop_assert!((1..=lines).contains(&fault.line) && !fault.message.is_empty(), "{:?}", fault);
                }
            }
            Ok(template) => {
                let case = cases(&template.content, &Default::default()).remove(0);
                let _ = compile(&template, &case.fields, &assets(), Resolution::Dpi203, &case.variable);
            }
        }
    }

    // Invariant: whatever numbers stand in a template, it is refused, or laid out without panic, and what is laid out has no
    // ink beyond the label.
    #[test]
    fn any_numbers_are_refused_or_laid_out(
        which in 0_usize..100,
        changes in prop::collection::vec(
            (any::<usize>(), prop_oneof![0.0..40.0_f64, 0.0..1000.0_f64, Just(0.001), Just(1000.0)]),
            1..6,
        ),
        resolution in prop::sample::select(&Resolution::ALL),
    ) {
        let (name, source) = shipped_templates()[which % shipped_templates().len()];
        let mut lines: Vec<String> = source.lines().map(str::to_owned).collect();
        let numbers: Vec<usize> = (0..lines.len())
            .filter(|at| lines[*at].split_once(" = ").is_some_and(|(name, value)| name != "nameplate" && value.parse::<f64>().is_ok()))
            .collect();
        for (at, value) in changes {
            let line = &mut lines[numbers[at % numbers.len()]];
            let field = line.split(" = ").next().unwrap().to_owned();
            let is_whole = field == "max_lines" || field == "leading_percent";
            *line = if is_whole { format!("{field} = {value:.0}") } else { format!("{field} = {value}") };
        }
        if let Ok(template) = Template::parse(name, lines.join("\n").as_bytes()) {
            let case = cases(&template.content, &Default::default()).remove(1);
            if let Ok(compiled) = compile(&template, &case.fields, &assets(), resolution, &case.variable) {
                let (width, height) = compiled.size_dots();
                for footprint in compiled.footprints() {
                    let ink = footprint.whole();
                    prop_assert!(ink.x >= 0 && ink.y >= 0 && ink.x + ink.width <= width && ink.y + ink.height <= height, "{:?}", footprint);
                }
                let row: Vec<&str> = case.row.iter().map(String::as_str).collect();
                prop_assert!(compiled.draw(&row, &mut Default::default()).is_ok());
            }
        }
    }
}
