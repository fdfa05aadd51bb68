//! `nameplate demo`: the first command that anybody runs.

use super::Desk;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let read = |entry: fs::DirEntry| (entry.file_name().to_str().unwrap().to_owned(), fs::read(entry.path()).unwrap());
    fs::read_dir(folder).unwrap().map(|entry| read(entry.unwrap())).collect()
}

#[test]
fn twice_gives_the_same_serials_and_labels_and_a_new_token() {
    let desk = Desk::new();
    let first = desk.run(&["demo", "--once"]).ok();
    let folders = ["serials", "receipts", "labels"].map(|name| desk.path("demo-out").join(name));
    let before = folders.each_ref().map(|folder| contents(folder));
    assert_eq!(before.each_ref().map(BTreeMap::len), [10, 10, 30]);
    for (name, bytes) in &before[0] {
        assert_eq!(bytes.iter().filter(|b| **b == b'\n').count(), 25, "{name}: a header and 24 serials");
    }
    for brand in ["BOR", "KES", "SEN"] {
        for (ending, start) in [("pdf", &b"%PDF"[..]), ("specimen.zpl", b""), ("specimen.png", b"\x89PNG")] {
            let name = format!("NT-M2-{brand}_2025-W14-M2.{ending}");
            let bytes = &before[2][&name];
            assert!(bytes.len() > 500 && bytes.starts_with(start), "{name}");
        }
    }
    let second = desk.run(&["demo", "--once"]).ok();
    assert_eq!(folders.each_ref().map(|folder| contents(folder)), before);
    // Printed once, and on record.
    let jobs = desk.run(&["print", "list", "--data", "demo-data", "--json"]).ok().json();
    let jobs = jobs.as_array().unwrap();
    assert_eq!(jobs.len(), 10);
    assert!(jobs.iter().all(|job| job["state"] == "completed" && job["counts"]["confirmed"] == 24), "{jobs:?}");
    let token = |out: &str| out.lines().find(|line| line.starts_with("  npt_")).unwrap().to_owned();
    assert_ne!(token(&first.out), token(&second.out));

    let shown = |what: &str| {
        let line = first.out.lines().skip_while(|line| !line.ends_with(what)).nth(1).unwrap();
        line.rsplit_once("q=").unwrap().1.trim_end_matches('\'').to_owned()
    };
    let (serial, typo) = (shown("# a serial"), shown("mistyped"));
    let unit = desk.run(&["resolve", "--data", "demo-data", "--json", &serial]).ok().json();
    assert_eq!(unit["fate"], "applied");
    let meant = desk.run(&["resolve", "--data", "demo-data", "--json", &typo]).ended(1).json();
    assert_eq!(meant["suggestions"][0]["serial"], serial.as_str());
    desk.run(&["receipt", "check", "--data", "demo-data", "demo-out/receipts/NT-H3-BOR_HH_0007.npr"]).ok();
}

#[test]
fn a_real_installation_is_never_filled_with_samples() {
    let desk = Desk::new();
    desk.run(&["init"]).ok();
    desk.run(&["demo", "--once", "--data", "nameplate-data"]).refused(2, &["real installation"]);
    let output = desk.command(&["demo", "--once"]).env("NAMEPLATE_DATA", "nameplate-data").output().unwrap();
    super::Ran::from(output).ok();
    assert!(desk.path("demo-data").exists());
    desk.run(&["resolve", "NT-H3-BOR"]).ended(1);
}
