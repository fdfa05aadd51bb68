//! Tests of the whole module: files in, catalogue or faults out.

mod bad_files;
mod bad_relations;
mod bad_values;
mod large;
mod round_trip;
mod shipped;
mod workbooks;

use std::sync::LazyLock;

use super::*;

/// A CSV file.
fn csv(name: &str, text: &str) -> SourceFile {
    SourceFile { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
}

/// The shipped catalogue as something that is known.
fn known() -> Catalogue {
    static KNOWN: LazyLock<Catalogue> = LazyLock::new(|| import(&shipped_catalogue(), &Catalogue::default()).unwrap());
    KNOWN.clone()
}

/// The faults of files, with the shipped catalogue known.
fn faults(files: &[SourceFile]) -> Vec<Fault> {
    match import(files, &known()) {
        Ok(catalogue) => panic!("no fault was found: {catalogue:?}"),
        Err(faults) => faults.first,
    }
}

/// The one fault of a file, as its line.
fn fault(name: &str, text: &str) -> String {
    let faults = faults(&[csv(name, text)]);
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults[0].to_string()
}

/// Asserts that `line` begins with the place and holds the words.
#[track_caller]
fn assert_line(line: &str, place: &str, words: &str) {
    assert!(line.starts_with(place), "{line}\ndoes not start with\n{place}");
    assert!(line.contains(words), "{line}\ndoes not say\n{words}");
}
