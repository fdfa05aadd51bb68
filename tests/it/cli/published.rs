//! Templates, fonts and label digests of an installation.

use super::Desk;
use std::fs;
use std::path::Path;

/// A file of the repository.
fn file(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// LAB6: a label's digest can be computed again from the records, and changes with what it covers.
#[test]
fn lab6_a_digest_is_verified_from_the_records() {
    let desk = Desk::with_catalogue();
    let serial = desk.reserve("2", "digest-1").remove(0);
    let shown = desk.run(&["label", "show", &serial]).ok().json();
    let digest = shown["digest"].as_str().unwrap();
    assert_eq!((shown["serial"].as_str(), shown["dpi"].as_u64()), (Some(serial.as_str()), Some(203)));
    assert!(!shown["zone"].as_str().unwrap().is_empty() && shown["fonts"]["serial"].is_string(), "{shown}");
    desk.run(&["label", "verify", &serial, "--digest", digest]).ok();
    let other = desk.run(&["label", "verify", &serial, "--digest", digest, "--dpi", "300"]).ended(1);
    assert!(other.err.contains("another label") && other.json()["dpi"] == 300, "{other:?}");
    // A newer revision of the template gives another label.
    let changed = file("templates/labels/unit-60x40.toml").replacen("size_pt = 12.25", "size_pt = 12", 1);
    let changed = if changed.contains("size_pt = 12\n") { changed } else { format!("{changed}\n# a newer revision\n") };
    fs::write(desk.path("unit.toml"), changed).unwrap();
    desk.run(&["template", "publish", "unit.toml"]).ok();
    desk.run(&["label", "verify", &serial, "--digest", digest]).ended(1);
    desk.run(&["label", "verify", &serial, "--digest", "12"]).refused(2, &["64 hexadecimal digits"]);
    desk.run(&["label", "show", "NOTASERIAL0"]).refused(1, &["NOTASERIAL0"]);
}

/// A template that fails preflight or decode gate is not published.
#[test]
fn only_what_passes_is_published() {
    let desk = Desk::with_catalogue();
    let good = file("templates/labels/unit-40x20.toml").replace("name = \"unit-40x20\"", "name = \"house-40x20\"");
    fs::write(desk.path("good.toml"), &good).unwrap();
    let published = desk.run(&["template", "publish", "good.toml"]).ok();
    assert!(published.err.contains("house-40x20 published as revision"), "{published:?}");
    desk.run(&["audit", "verify"]).ok();
    let bad = good.replace("width_mm = 40", "width_mm = 20");
    assert_ne!(bad, good);
    fs::write(desk.path("bad.toml"), bad).unwrap();
    desk.run(&["template", "publish", "bad.toml"]).refused(1, &["house-40x20 is not published", "error ["]);
}

/// A font in the data folder stands in where the shipped ones have no glyph.
#[test]
fn fonts_of_the_data_folder_stand_in() {
    let desk = Desk::with_catalogue();
    desk.reserve("1", "font-1");
    let source = file("templates/labels/unit-40x20.toml").replace("name = \"unit-40x20\"", "name = \"cjk-40x20\"");
    let text = "\n[[text]]\nid = \"cjk\"\ntext = \"日本\"\nsize_pt = 5\nx_mm = 30\ny_mm = 1.5\nwidth_mm = 8\n";
    fs::write(desk.path("cjk.toml"), format!("{source}{text}")).unwrap();
    desk.run(&["template", "publish", "cjk.toml"]).refused(1, &["missing-glyph", "日"]);
    let fonts = desk.path("nameplate-data/fonts");
    fs::create_dir_all(&fonts).unwrap();
    let font = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/fonts/NameplateTestCJK-Regular.ttf");
    fs::copy(font, fonts.join("cjk.ttf")).unwrap();
    let published = desk.run(&["template", "publish", "cjk.toml"]);
    assert!(!published.err.contains("missing-glyph"), "{published:?}");
    fs::write(fonts.join("broken.ttf"), b"no font").unwrap();
    desk.run(&["template", "publish", "cjk.toml"]).refused(1, &["broken"]);
}
