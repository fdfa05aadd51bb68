//! `nameplate render --data` and `nameplate template`: labels without any server or installation.

use super::Desk;
use std::fs;
use std::io::Read as _;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

const TEMPLATE: &str = "nameplate = 1\nname = 'my-label'\ntitle = 'My label'\nwidth_mm = 60\nheight_mm = 40\n\
    placement = { zone = 'rear side', durability = 'PET' }\n\
    [[text]]\nid = 'name'\ntext = '{product.name}'\nsize_pt = 9\nmin_size_pt = 5\nx_mm = 3\ny_mm = 3\nwidth_mm = 54\n\
    [[text]]\nid = 'serial'\ntext = '{serial|group}'\nfont = 'serial'\nsize_pt = 10\nx_mm = 3\ny_mm = 9\nwidth_mm = 54\n\
    [[code128]]\nid = 'code'\ndata = '{serial}'\npurpose = 'serial'\nx_mm = 5\ny_mm = 15\nwidth_mm = 50\nheight_mm = 10\n";

const ROWS: &str =
    "serial,product.name,remark\n7K3M4QXT92PA,Lens,a\n7K3M4QXT92PB,Lens,b\n7K3M4QXT92PC,\"Hood, \"\"large\"\"\",c\n";

/// A desk with a template and rows, and no installation.
fn desk() -> Desk {
    let desk = Desk::new();
    fs::write(desk.path("my-label.toml"), TEMPLATE).unwrap();
    fs::write(desk.path("rows.csv"), ROWS).unwrap();
    desk
}

fn render<'a>(format: &'a str, out: &'a str) -> Vec<&'a str> {
    vec!["render", "--template", "my-label.toml", "--data", "rows.csv", "--format", format, "-o", out]
}

fn names(desk: &Desk, folder: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(desk.path(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn rows_become_labels_in_every_format() {
    let desk = desk();
    assert!(desk.run(&render("pdf", "a.pdf")).ok().err.contains("3 labels written to a.pdf"));
    desk.run(&render("pdf", "b.pdf")).ok();
    let pdf = fs::read(desk.path("a.pdf")).unwrap();
    assert!(pdf.starts_with(b"%PDF") && pdf == fs::read(desk.path("b.pdf")).unwrap());
    assert_eq!(hayro::hayro_syntax::Pdf::new(pdf).unwrap().pages().len(), 3);
    let zpl = desk.run(&render("zpl", "-")).ok();
    assert_eq!(zpl.out.matches("^PQ1^XZ").count(), 3, "{}", zpl.out);
    assert!(zpl.out.contains("^FD7K3M-4QXT-92PC^FS") && zpl.err.contains("3 labels written to standard output"));
    let graphic = desk.run(&[&render("zpl", "-")[..], &["--mode", "graphic", "--dpi", "300"]].concat()).ok().out;
    assert!(graphic.contains("^GFA,") && !graphic.contains("^FN"), "the very dots");
    let files = ["000001-7K3M4QXT92PA", "000002-7K3M4QXT92PB", "000003-7K3M4QXT92PC"];
    desk.run(&render("png", "png")).ok();
    assert_eq!(names(&desk, "png"), files.map(|name| format!("{name}.png")));
    desk.run(&render("svg", "svg")).ok();
    assert_eq!(names(&desk, "svg"), files.map(|name| format!("{name}.svg")));
    let svg = fs::read_to_string(desk.path("svg/000003-7K3M4QXT92PC.svg")).unwrap();
    assert!(svg.contains("aria-label=\"Hood, &quot;large&quot;\""), "quotes of the CSV and of XML");
    assert!(!desk.path("nameplate-data").exists(), "no installation is made");
}

#[test]
fn sheets_start_where_labels_are_left() {
    let desk = desk();
    let sheet = |more: &[&str]| desk.run(&[&render("pdf", "s.pdf")[..], more].concat());
    let count = || hayro::hayro_syntax::Pdf::new(fs::read(desk.path("s.pdf")).unwrap()).unwrap().pages().len();
    sheet(&["--sheet", "a4-60x40"]).ok();
    assert_eq!(count(), 1);
    sheet(&["--sheet", "a4-60x40", "--start", "17", "--crop-marks", "--offset-x", "-1.5", "--stretch-y", "0.3"]).ok();
    assert_eq!(count(), 2, "two places on the first sheet, one label on the second");
    sheet(&["--sheet", "a4-60x40", "--start", "19"]).refused(1, &["places 1 to 18", "no place 19"]);
    sheet(&["--sheet", "a4-60x40", "--start", "0"]).refused(1, &["no place 0"]);
    sheet(&["--sheet", "a4-40x20"]).refused(1, &["60 mm by 40 mm", "a4-40x20", "40 mm by 20 mm"]);
    sheet(&["--sheet", "a4-1x1"]).refused(1, &["there is no sheet a4-1x1", "a4-60x40", "letter-66.7x25.4"]);
    sheet(&["--sheet", "a4-60x40", "--offset-x", "1000"]).refused(2, &["too far"]);
    sheet(&["--sheet", "a4-60x40", "--stretch-x", "6"]).refused(2, &["-5 to 5"]);
    sheet(&["--start", "2"]).ended(2);
    let own = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/sheets/a4-60x40.toml")).unwrap();
    fs::write(desk.path("own.toml"), own.replace("rows = 6", "rows = 1")).unwrap();
    sheet(&["--sheet", "own.toml", "--start", "3"]).ok();
    assert_eq!(count(), 2, "a sheet of one's own with three places");
}

#[test]
fn data_may_have_a_byte_order_mark_semicolons_and_blank_lines() {
    let desk = desk();
    let zpl = |data: &[u8]| {
        fs::write(desk.path("rows.csv"), data).unwrap();
        desk.run(&render("zpl", "-"))
    };
    let usual = zpl(ROWS.as_bytes()).ok().out;
    assert!(zpl(format!("\u{feff}{ROWS}").as_bytes()).ok().out == usual, "a byte order mark");
    let windows = ROWS.replace('\n', "\r\n\r\n");
    assert!(zpl(windows.as_bytes()).ok().out == usual, "line ends of Windows, blank lines");
    let semicolons =
        "serial;product.name;remark\n7K3M4QXT92PA;Lens;a\n7K3M4QXT92PB;Lens;b\n7K3M4QXT92PC;Hood, \"large\";c\n";
    let semicolons = semicolons.replace("Hood, \"large\"", "\"Hood, \"\"large\"\"\"");
    assert!(zpl(semicolons.as_bytes()).ok().out == usual, "semicolons");
    zpl(b"serial,product.name\n7K3M4QXT92PA,\"Lens\n").refused(1, &["rows.csv"]);
    zpl(b"serial,product.name\n7K3M4QXT92PA,Lens,a\n")
        .refused(1, &["rows.csv, row 2", "it has 3 cells, but the header has 2"]);
    zpl(b"serial,product.name\nA\xed\xa0\x80B,Lens\n").refused(1, &["rows.csv"]);
    zpl(b"serial,remark\nA,b\n").refused(1, &["the template needs the field \"product.name\"", "serial, remark"]);
    zpl(b"serial,serial,product.name\nA,B,c\n").refused(1, &["two columns have the name \"serial\""]);
    zpl(b"serial,product.name\n").refused(1, &["there are no rows of data"]);
    zpl(b"").refused(1, &["rows.csv"]);
}

#[test]
fn refusals_name_the_row_and_leave_no_file() {
    let desk = desk();
    let with = |rows: &str, out: &str| {
        fs::write(desk.path("rows.csv"), rows).unwrap();
        desk.run(&render("pdf", out))
    };
    let long = "A name that is far too long for one line of a label that is sixty millimetres wide as anybody can see";
    with(&format!("serial,product.name\n7K3M4QXT92PA,Lens\n7K3M4QXT92PB,{long}\n"), "x.pdf")
        .refused(1, &["refused by the preflight", "data from row 3 on", "[text-fit] element \"name\" (line 7)"]);
    with("serial,product.name\nA\u{202e}B,Lens\n", "x.pdf").refused(1, &["element \"serial\"", "U+202E"]);
    assert!(!desk.path("x.pdf").exists());
    desk.run(&["render", "--template", "nope", "--data", "rows.csv", "--format", "pdf", "-o", "x.pdf"])
        .refused(1, &["no file nope", "shipped are", "unit-60x40"]);
    desk.run(&["render", "--template", "my-label.toml", "--data", "no.csv", "--format", "pdf", "-o", "x.pdf"])
        .refused(1, &["no.csv"]);
    desk.run(&["render", "--template", "my-label.toml", "--format", "pdf", "-o", "x.pdf"])
        .refused(2, &["--data rows.csv"]);
    desk.run(&[&render("pdf", "x.pdf")[..], &["--dpi", "72"]].concat()).refused(2, &["203, 300 and 600", "72"]);
    fs::write(desk.path("rows.csv"), ROWS).unwrap();
    desk.run(&render("png", "one.png")).refused(1, &["one file a label"]);
    desk.run(&render("pdf", "no/such/x.pdf")).refused(1, &["no/such/x.pdf"]);
}

#[test]
fn fields_and_pictures_can_be_given_for_all_labels() {
    let desk = desk();
    let picture = "[[image]]\nid = 'logo'\nimage = '{brand.logo}'\nx_mm = 3\ny_mm = 30\nwidth_mm = 10\nheight_mm = 5\n";
    fs::write(desk.path("my-label.toml"), format!("{TEMPLATE}{picture}")).unwrap();
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 2 1'><path d='M0 0H2V1z'/></svg>";
    fs::write(desk.path("logo.svg"), svg).unwrap();
    let with = |logo: &str| desk.run(&[&render("svg", "out")[..], &["--set", &format!("brand.logo={logo}")]].concat());
    with("logo.svg").ok();
    assert!(fs::read_to_string(desk.path("out/000001-7K3M4QXT92PA.svg")).unwrap().contains("overflow=\"hidden\""));
    with("nobody.svg").refused(1, &["element \"logo\"", "nobody.svg"]);
    desk.run(&render("svg", "out")).refused(1, &["the template needs the field \"brand.logo\""]);
    fs::write(desk.path("bad.svg"), svg.replace("<path", "<script/><path")).unwrap();
    with("bad.svg").refused(1, &["bad.svg", "a script cannot be used"]);
    fs::write(desk.path("bad.png"), b"\x89PNG\r\n\x1a\nnothing").unwrap();
    with("bad.png").refused(1, &["bad.png", "not a readable PNG"]);
    fs::create_dir(desk.path("fonts")).unwrap();
    fs::write(desk.path("fonts/house.ttf"), b"no font").unwrap();
    desk.run(&[&render("svg", "out")[..], &["--fonts", "fonts", "--set", "brand.logo=logo.svg"]].concat())
        .refused(1, &["house"]);
    let font = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/fonts/NameplateTestCJK-Regular.ttf");
    fs::copy(font, desk.path("fonts/house.ttf")).unwrap();
    desk.run(&[&render("svg", "out")[..], &["--fonts", "fonts", "--set", "brand.logo=logo.svg"]].concat()).ok();
    desk.run(&[&render("svg", "out")[..], &["--set", "novalue"]].concat()).ended(2);
}

#[test]
fn a_new_template_is_a_copy_that_can_be_checked_and_is_not_overwritten() {
    let desk = Desk::new();
    let list = desk.run(&["template", "new", "mine"]).ok().out;
    assert!(list.contains("unit-60x40") && list.contains("Unit label 60 x 40 mm"), "{list}");
    desk.run(&["template", "new", "mine", "--from", "unit-60x40"]).ok();
    let text = fs::read_to_string(desk.path("mine.toml")).unwrap();
    assert!(text.contains("name = \"mine\"") && text.starts_with('#'), "comments are kept");
    desk.run(&["template", "new", "mine", "--from", "unit-60x40"]).refused(1, &["mine.toml"]);
    desk.run(&["template", "new", "a b", "--from", "unit-60x40"]).refused(1, &["a name has 1 to 80"]);
    desk.run(&["template", "new", "x", "--from", "nope"]).refused(1, &["no shipped template \"nope\"", "unit-60x40"]);
    desk.run(&["template", "lint", "mine.toml", "--no-gate"]).ok();
}

#[test]
fn lint_tells_each_finding_once_and_ends_with_its_status() {
    let desk = desk();
    let good = desk.run(&["template", "lint", "my-label.toml"]).ok();
    assert!(good.out.contains("0 errors") && good.out.contains("decode gate passed 12 of 12"), "{good:?}");
    fs::write(
        desk.path("bad.toml"),
        TEMPLATE
            .replace("x_mm = 5\n", "x_mm = 1\n")
            .replace("size_pt = 9", "size_pt = 3")
            .replace("min_size_pt = 5", "min_size_pt = 3"),
    )
    .unwrap();
    let bad = desk.run(&["template", "lint", "bad.toml"]).ended(1);
    for words in
        ["error [quiet-zone] element \"code\" (line ", "error [text-height] element \"name\" (line 7)", "at 203 dpi"]
    {
        assert!(bad.out.contains(words), "{words:?} in {bad:?}");
    }
    let json = desk.run(&["template", "lint", "bad.toml", "--json", "--dpi", "203"]).ended(1).json();
    let found = json["findings"].as_array().unwrap();
    let quiet = found.iter().find(|finding| finding["rule"] == "quiet-zone").unwrap();
    assert_eq!((&quiet["severity"], &quiet["element"], &quiet["dpi"]), (&"error".into(), &"code".into(), &203.into()));
    assert!(quiet["measured"].is_string() && quiet["required"].is_string() && quiet["line"].is_number(), "{quiet}");
    fs::write(desk.path("broken.toml"), TEMPLATE.replace("size_pt = 9", "size_pt = 0\ncolor = 1")).unwrap();
    desk.run(&["template", "lint", "broken.toml"])
        .refused(1, &["broken.toml:10: ", "broken.toml:11: unknown field `color`"]);
    desk.run(&["template", "lint", "nope.toml"]).refused(1, &["no file nope.toml", "unit-60x40"]);
    let rows = desk.run(&["template", "lint", "my-label.toml", "--data", "rows.csv", "--dpi", "203"]).ok().out;
    assert!(rows.contains("2 sets of data at 203 dpi"), "one for each name: {rows}");
    let warned = TEMPLATE.replace("height_mm = 10", "height_mm = 4");
    fs::write(desk.path("warned.toml"), warned).unwrap();
    let warned = desk.run(&["template", "lint", "warned.toml", "--dpi", "203"]).ok().out;
    assert!(warned.contains("warning [symbol-height]") && warned.contains("0 errors, 1 warnings"), "{warned}");
}

#[test]
fn previews_show_the_case_or_the_row_that_is_asked_for() {
    let desk = desk();
    let preview = |more: &[&str]| desk.run(&[&["template", "preview", "my-label.toml"][..], more].concat());
    for (out, start) in [("a.png", &b"\x89PNG"[..]), ("a.svg", b"<svg"), ("a.pdf", b"%PDF"), ("a.zpl", b"~SD")] {
        preview(&["-o", out]).ok();
        assert!(fs::read(desk.path(out)).unwrap().starts_with(start), "{out}");
    }
    preview(&["-o", "a.gif"]).refused(2, &["end it in .png, .svg, .pdf or .zpl"]);
    preview(&["-o", "a.png", "--case", "nope"]).refused(2, &["no case \"nope\"", "longest", "widest"]);
    preview(&["-o", "row.svg", "--data", "rows.csv", "--row", "3"]).ok();
    assert!(fs::read_to_string(desk.path("row.svg")).unwrap().contains("7K3M-4QXT-92PC"));
    preview(&["-o", "row.svg", "--data", "rows.csv", "--row", "4"]).refused(1, &["3 rows", "no row 4"]);
    preview(&["-o", "a.png", "--dpi", "100"]).refused(2, &["203, 300 and 600"]);
    desk.run(&["template", "preview", "unit-60x40", "-o", "unit.png", "--case", "longest"]).ok();
}

#[test]
fn schema_and_reference_are_printed() {
    let desk = Desk::new();
    let schema = desk.run(&["template", "schema"]).ok().json();
    assert!(schema["properties"]["datamatrix"].is_object() && schema["$schema"].is_string());
    let reference = desk.run(&["template", "reference"]).ok().out;
    assert!(reference.contains("`[[datamatrix]]`") && reference.contains("| `ce` |"));
}

/// A preview that watches; ended when dropped.
struct Watch(Child);

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until something holds, at most half a minute.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < end, "waited for {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_watching_preview_draws_again_and_survives_a_broken_save() {
    let desk = desk();
    let (template, picture) = (desk.path("my-label.toml"), desk.path("p.svg"));
    let mut watch = Watch(desk.start(&["template", "preview", "my-label.toml", "-o", "p.svg", "--watch"]));
    let shows =
        |words: &str| fs::read_to_string(&picture).is_ok_and(|svg| svg.contains(words) && svg.ends_with("</svg>\n"));
    until("the first picture", || shows("7K3M-4QXT-92PA"));
    // Saved later than it was looked at for the first time.
    thread::sleep(Duration::from_millis(600));
    fs::write(&template, TEMPLATE.replace("'{serial|group}'", "'SN {serial|group}'")).unwrap();
    until("a second picture", || shows("SN 7K3M-4QXT-92PA"));
    thread::sleep(Duration::from_millis(600));
    fs::write(&template, "nameplate = 1\n[[text]]\nsize_pt = ").unwrap();
    thread::sleep(Duration::from_millis(600));
    assert!(shows("SN 7K3M-4QXT-92PA"), "the last good picture stays");
    fs::write(&template, TEMPLATE.replace("'{serial|group}'", "'NO {serial|group}'")).unwrap();
    until("a picture after the repair", || shows("NO 7K3M-4QXT-92PA"));
    watch.0.kill().unwrap();
    let mut told = String::new();
    watch.0.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert!(told.contains("watching; Ctrl-C ends") && told.contains("my-label.toml:3: "), "{told}");
}
