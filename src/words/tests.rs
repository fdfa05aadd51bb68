//! Invariants: 1. every shipped language has every key, with the same places; 2. templates and code name only keys that
//! exist, and every key is named somewhere; 3. a file with another set of texts falls back to English.

use super::*;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn places(text: &str) -> BTreeSet<usize> {
    let starts = text.split('{').skip(1);
    starts.filter_map(|part| part.split('}').next().and_then(|n| n.parse().ok())).collect()
}

#[test]
fn every_shipped_language_has_every_text_with_the_same_places() {
    let library = Library::shipped().unwrap();
    let english = library.english();
    for book in &library.books()[1..] {
        // A language without a plural has no text for one; kinds of problems have their English in a table of their own.
        let keys = |words: &Words| -> BTreeSet<String> {
            let own = |key: &String| !key.ends_with(".one") && !key.starts_with("kind.");
            words.texts().map(|(key, _)| key.to_owned()).filter(own).collect()
        };
        let (ours, theirs) = (keys(english), keys(book));
        assert_eq!(ours.difference(&theirs).collect::<Vec<_>>(), [""; 0], "{} lacks these", book.tag);
        assert_eq!(theirs.difference(&ours).collect::<Vec<_>>(), [""; 0], "only {} has these", book.tag);
        for (key, text) in book.texts().filter(|(key, _)| !key.starts_with("kind.")) {
            let other = english.text(key).unwrap();
            assert_eq!(places(text), places(other), "{}: {key}: {text:?} and {other:?}", book.tag);
        }
    }
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        match path.is_dir() {
            true => files(&path, out),
            false => out.push(path),
        }
    }
}

/// Texts in quotes behind one of the calls that take a key.
fn keys_named(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for call in [".t(", ".t1(", ".t2(", ".t3(", ".count(", "done=", "key!("] {
        for rest in source.split(call).skip(1) {
            let rest = rest.trim_start_matches(['\n', ' ', '&']);
            let key = match call {
                "done=" => {
                    let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len());
                    (end > 0).then(|| format!("done.{}", &rest[..end]))
                }
                _ => rest.strip_prefix('"').and_then(|rest| rest.split('"').next()).map(str::to_owned),
            };
            found.extend(key.map(|key| if call == ".count(" { format!("{key}.other") } else { key }));
        }
    }
    found
}

#[test]
fn pages_name_only_texts_that_exist() {
    let library = Library::shipped().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    files(&root.join("templates/pages"), &mut paths);
    files(&root.join("src/http"), &mut paths);
    let mut unknown = Vec::new();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|e| e == "html" || e == "rs")) {
        let text = fs::read_to_string(path).unwrap();
        let named = keys_named(text.split("\n#[cfg(test)]").next().unwrap());
        let missing = named.into_iter().filter(|key| key.contains('.') && library.english().text(key).is_none());
        unknown.extend(missing.map(|key| format!("{}: {key}", path.strip_prefix(root).unwrap().display())));
    }
    assert_eq!(unknown, [""; 0]);
}

#[test]
fn a_text_is_filled_whatever_it_holds() {
    assert_eq!(fill("{0} of {1}", &[&3, &"{0}"]), "3 of {0}");
    assert_eq!(fill("{2} { {x} {0}", &[&1]), "{2} { {x} 1");
    assert_eq!(fill("", &[]), "");
}

#[test]
fn the_language_that_a_browser_asks_for_first_is_taken() {
    let library = Library::shipped().unwrap();
    let tag = |header: &str| library.accepted(header).tag.clone();
    assert_eq!(tag("de-AT,de;q=0.9,en;q=0.8"), "de");
    assert_eq!(tag("fr;q=0.9, zh-CN;q=0.5"), "zh");
    assert_eq!(tag("xx"), "en");
    assert_eq!(tag(""), "en");
}

#[test]
fn a_language_is_added_by_a_file_and_lacks_nothing() {
    let file = "[language]\ntag = \"fr\"\nname = \"Français\"\n[nav]\nbatches = \"Lots\"\n";
    let library = Library::shipped().unwrap().with(Words::read("fr.toml", file).unwrap());
    let french = library.of("FR").unwrap();
    assert_eq!(library.text(french, "nav.batches"), "Lots");
    assert_eq!(library.text(french, "nav.rules"), library.english().text("nav.rules").unwrap());
    let house = "[language]\ntag = \"en\"\nname = \"English\"\n[nav]\nbatches = \"Lots\"\n";
    let library = library.with(Words::read("en.toml", house).unwrap());
    assert_eq!(library.text(library.english(), "nav.batches"), "Lots");
    assert_ne!(library.text(library.english(), "nav.rules"), "nav.rules");
    for bad in
        ["x", "[language]\nname = \"F\"", "[language]\ntag = \"f r\"\nname = \"F\"", &format!("{file}[a]\nb = 1\n")]
    {
        assert!(Words::read("fr.toml", bad).is_err(), "{bad}");
    }
}

#[test]
fn numbers_days_and_moments_are_written_as_the_language_does() {
    let library = Library::shipped().unwrap();
    let figures = |tag: &str| library.of(tag).unwrap().figures.clone();
    assert_eq!(figures("en").number(1_234_567), "1,234,567");
    assert_eq!(figures("de").number(-1_234_567), "\u{2212}1.234.567");
    assert_eq!(figures("de").number(2_026), "2026");
    assert_eq!(figures("de").fraction(1.25, 1), "1,2");
    let day = jiff::civil::date(2026, 11, 21);
    assert_eq!(figures("en").day(day), "21 Nov 2026");
    assert_eq!(figures("de").day(day), "21. Nov. 2026");
    assert_eq!(figures("zh").day(day), "2026年11月21日");
    assert_eq!(Figures::default().day(day), "2026-11-21");
    let at: jiff::Timestamp = "2026-11-21T23:30:00Z".parse().unwrap();
    assert_eq!(figures("en").moment(at, &jiff::tz::TimeZone::UTC), "21 Nov 2026, 23:30 UTC");
    let east = jiff::tz::TimeZone::posix("EAST-1").unwrap();
    assert_eq!(figures("en").moment(at, &east), "22 Nov 2026, 00:30", "only UTC is marked: no wall shows it");
}
