//! Catalogue files in and out.

use super::{Desk, sample_catalogue};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for sub in ["", "logos"] {
        for entry in fs::read_dir(folder.join(sub)).unwrap().map(Result::unwrap) {
            if entry.path().is_file() {
                let name = format!("{sub}/{}", entry.file_name().to_str().unwrap());
                found.insert(name, fs::read(entry.path()).unwrap());
            }
        }
    }
    found
}

#[test]
fn import_twice_changes_nothing_and_export_gives_the_files_back() {
    let desk = Desk::with_catalogue();
    let again = desk.run(&["import", "--json", &sample_catalogue()]).ok().json();
    assert_eq!((&again["imported"], &again["changes"]), (&true.into(), &0.into()));
    desk.run(&["export", "out", "--xlsx", "out.xlsx"]).ok();
    assert_eq!(files(&desk.path("out")), files(Path::new(&sample_catalogue())));
    desk.run(&["export", "out"]).refused(1, &["is there already", "--force"]);
    desk.run(&["export", "--force", "out"]).ok();

    let other = Desk::new();
    other.run(&["init"]).ok();
    other.run(&["import", desk.path("out.xlsx").to_str().unwrap(), "--dry-run"]).refused(1, &["faults"]);
    let from_folder = other.run(&["import", desk.path("out").to_str().unwrap(), "--json"]).ok().json();
    assert!(from_folder["changes"].as_u64().unwrap() > 70);
    let workbook = other.run(&["import", desk.path("out.xlsx").to_str().unwrap()]).ok().out;
    assert!(workbook.contains("nothing to change"), "{workbook}");
}

#[test]
fn a_dry_run_changes_nothing() {
    let desk = Desk::new();
    desk.run(&["init"]).ok();
    let told = desk.run(&["import", "--dry-run", &sample_catalogue()]).ok().out;
    assert!(told.contains("none was (--dry-run)"), "{told}");
    desk.run(&["resolve", "NT-H3-BOR"]).ended(1);
    desk.run(&["audit", "verify", "--json"]).ok();
    let told = desk.run(&["import", &sample_catalogue()]).ok().out;
    assert!(told.contains("changes made"), "{told}");
}

#[test]
fn every_fault_is_a_line_and_nothing_is_imported() {
    let desk = Desk::new();
    desk.run(&["init"]).ok();
    let folder = desk.path("bad");
    fs::create_dir(&folder).unwrap();
    let brands = "code,name\nBOR,Borealis\nBOR,Twice\nKES,=1+1\n";
    let skus = "code,product,brand,name,gtin,rule,template\nA,NONE,BOR,A,9521234000014,s12,unit-60x40\n";
    fs::write(folder.join("brands.csv"), brands).unwrap();
    fs::write(folder.join("skus.csv"), skus).unwrap();
    let ran = desk.run(&["import", "bad"]).refused(1, &["nothing was imported"]);
    for place in ["brands.csv, row 3", "brands.csv, row 4, column name", "skus.csv, row 2, column gtin"] {
        assert!(ran.err.lines().any(|line| line.starts_with(place)), "{place}: {}", ran.err);
    }
    let json = desk.run(&["import", "--json", "bad"]).ended(1).json();
    assert_eq!(json["imported"], false);
    assert_eq!(json["faults"].as_array().unwrap().len(), ran.err.lines().count() - 1);
    desk.run(&["resolve", "BOR"]).ended(1);
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let desk = Desk::new();
    desk.run(&["init"]).ok();
    for (name, bytes, words) in [
        ("skus.csv", &b"code,name\n\xff\xfe\n"[..], "skus.csv"),
        ("notes.csv", b"a,b\n", "notes.csv"),
        ("book.xlsx", b"PK\x03\x04 cut off", "book.xlsx"),
        ("brands.csv", b"", "brands.csv"),
        ("brands.csv", b"code,code,name\nA,B,C\n", "brands.csv"),
    ] {
        fs::write(desk.path(name), bytes).unwrap();
        desk.run(&["import", name]).refused(1, &[words]);
    }
    desk.run(&["import", "no-such-folder"]).refused(1, &["no-such-folder"]);
    fs::create_dir(desk.path("empty")).unwrap();
    desk.run(&["import", "empty"]).refused(1, &["nothing was imported"]);
    let large = fs::File::create(desk.path("products.csv")).unwrap();
    large.set_len(3_000_000_000).unwrap();
    desk.run(&["import", "products.csv"]).refused(1, &["products.csv", "in parts"]);
}
