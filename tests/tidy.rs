//! Holds the house rules that no compiler knows: layers, purity, file lengths, migration pairs, documents.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const LONGEST_FILE: usize = 500;

/// Folders of pure code: no I/O, no clock, no randomness, nothing above them.
const PURE: [&str; 8] =
    ["src/serial", "src/catalogue", "src/trace", "src/label", "src/render", "src/gate", "src/print", "src/words"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    fn walk(folder: &Path, endings: &[&str], out: &mut Vec<PathBuf>) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for path in entries.map(|e| e.unwrap().path()) {
            if path.is_dir() {
                walk(&path, endings, out);
            } else if path.extension().is_some_and(|e| endings.iter().any(|&wanted| e == wanted)) {
                out.push(path);
            }
        }
    }
    let mut out = Vec::new();
    walk(&root().join(folder), endings, &mut out);
    out.sort();
    assert!(!out.is_empty(), "{folder} holds no {endings:?}: the test looks in the wrong place");
    out
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

/// Lines of code with what they say, without comments and without the tests at the end of a file.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("\n#[cfg(test)]\nmod tests").next().unwrap();
    let line = |(i, line): (usize, &str)| (i + 1, line.split("//").next().unwrap_or("").to_owned());
    text.lines().enumerate().map(line).collect()
}

/// Every place in `folder` whose code holds one of `words`.
fn places(folder: &str, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let is_test = |path: &Path| path.ends_with("tests.rs") || path.components().any(|part| part.as_os_str() == "tests");
    for path in files(folder, &["rs"]).into_iter().filter(|path| !is_test(path.strip_prefix(root()).unwrap())) {
        for (number, line) in code(&path) {
            if let Some(word) = words.iter().find(|word| line.contains(**word)) {
                found.push(format!("{}:{number}: {word}", shown(&path)));
            }
        }
    }
    found
}

fn outside(folders: &[&str], found: Vec<String>) -> Vec<String> {
    found.into_iter().filter(|place| !folders.iter().any(|folder| place.starts_with(folder))).collect()
}

#[test]
fn sql_lives_in_store_only() {
    assert_eq!(outside(&["src/store/"], places("src", &["sqlx::"])), [""; 0]);
}

#[test]
fn http_types_live_in_http_only() {
    let found = places("src", &["axum::", "hyper::", "hyper_util::"]);
    assert_eq!(outside(&["src/http/"], found), [""; 0]);
}

#[test]
fn layers_import_downwards_only() {
    let pure = ["crate::store", "crate::service", "crate::http", "crate::cli", "crate::agent"];
    for folder in PURE {
        assert_eq!(places(folder, &pure), [""; 0], "{folder} is pure and knows nothing above it");
    }
    assert_eq!(places("src/store", &["crate::service", "crate::http", "crate::cli"]), [""; 0]);
    assert_eq!(places("src/service", &["crate::http", "crate::cli"]), [""; 0]);
    assert_eq!(places("src/http", &["crate::store", "crate::cli"]), [""; 0]);
    let others = ["store", "service", "http", "cli", "serial", "catalogue", "trace", "label", "render", "gate"];
    let others = others.map(|module| format!("crate::{module}"));
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    assert_eq!(places("src/agent", &others), [""; 0], "the agent knows printers and the protocol, not the server");
    for folder in ["src/store", "src/service", "src/http"] {
        let found = places(folder, &["crate::agent", "crate::station"]);
        assert_eq!(found, [""; 0], "the server knows agents and stations by the protocol only");
    }
    let inside = ["crate::store", "crate::http", "crate::cli", "Nameplate"];
    assert_eq!(places("src/station", &inside), [""; 0], "a station knows the words of the protocol, not the server");
    assert_eq!(outside(&["src/agent/"], places("src", &["ureq::"])), [""; 0], "only the agent opens connections");
    assert_eq!(places("src/label", &["crate::render", "crate::gate"]), [""; 0], "layout knows no output");
    assert_eq!(places("src/render", &["crate::gate"]), [""; 0], "outputs are judged, they do not judge");
}

#[test]
fn the_pure_core_reads_no_clock_no_files_and_no_random_source() {
    let impure = [
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "SystemTime",
        "Instant::now",
        "Timestamp::now",
        "Zoned::now",
        "getrandom",
        "tokio",
        "async fn",
    ];
    for folder in PURE {
        assert_eq!(places(folder, &impure), [""; 0]);
    }
}

#[test]
fn files_stay_short() {
    let mut long = Vec::new();
    for path in ["src", "tests", "benches"].iter().flat_map(|folder| files(folder, &["rs"])) {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        if lines > LONGEST_FILE {
            long.push(format!("{} has {lines} lines", shown(&path)));
        }
    }
    assert_eq!(long, [""; 0], "is a second thing living in it?");
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent = |path: &PathBuf| !fs::read_to_string(path).unwrap().trim_start().starts_with("//!");
    let found: Vec<String> = files("src", &["rs"]).iter().filter(|p| silent(p)).map(|p| shown(p)).collect();
    assert_eq!(found, [""; 0]);
}

#[test]
fn migrations_come_in_pairs_and_say_why() {
    let names = |engine: &str| -> BTreeSet<String> {
        files(&format!("migrations/{engine}"), &["sql"])
            .iter()
            .map(|p| p.file_name().unwrap().to_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    for path in files("migrations", &["sql"]) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("-- ") && text.contains("-- Why: "), "{} does not say why it exists", shown(&path));
    }
}

#[test]
fn nothing_is_left_open() {
    let open = ["todo!(", "unimplemented!(", "FIXME", "dbg!("];
    assert_eq!(places("src", &open), [""; 0]);
}

#[test]
fn pages_fetch_nothing_from_outside() {
    for path in files("templates/pages", &["html", "css", "js"]) {
        let text = fs::read_to_string(&path).unwrap();
        for word in ["src=\"http", "href=\"http", "src=\"//", "href=\"//", "@import", "url(http", "<script>"] {
            assert!(!text.contains(word), "{} holds {word}", shown(&path));
        }
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut broken = Vec::new();
    for path in files("docs", &["md"]).into_iter().chain(["README.md", "CHANGELOG.md"].map(|f| root().join(f))) {
        let text = fs::read_to_string(&path).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap();
            if file.is_empty() || file.contains("://") || file.starts_with("mailto:") {
                continue;
            }
            if !path.parent().unwrap().join(file).exists() {
                broken.push(format!("{}: {target}", shown(&path)));
            }
        }
    }
    assert_eq!(broken, [""; 0]);
}

#[test]
fn decisions_are_short_and_whole() {
    for path in files("docs/decisions", &["md"]) {
        if path.ends_with("README.md") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for part in ["## Context", "## Choice", "## Why", "## Cost"] {
            assert!(text.contains(part), "{} lacks {part:?}", shown(&path));
        }
        assert!(text.lines().count() <= 80, "{} is not short", shown(&path));
    }
}
