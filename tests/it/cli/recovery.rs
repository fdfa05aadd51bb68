//! A database that was restored from an older copy must not issue anything twice.

use super::Desk;
use std::collections::HashSet;
use std::fs;

#[test]
fn after_a_restored_copy_nothing_is_issued_until_recovery_and_never_twice() {
    let desk = Desk::with_catalogue();
    let mut issued: HashSet<String> = desk.reserve("50", "first").into_iter().collect();
    let database = desk.path("nameplate-data/nameplate.db");
    fs::copy(&database, desk.path("monday.db")).unwrap();
    let lost = desk.reserve("50", "second");
    issued.extend(lost.iter().cloned());
    assert_eq!(issued.len(), 100);
    fs::copy(desk.path("monday.db"), &database).unwrap();

    let again = ["reserve", "--sku", "NT-H3-BOR", "--batch", "HH/0007", "--count", "50", "--station", "line-1"];
    desk.run(&again).refused(1, &["allocation is stopped", "older backup", "nameplate recover"]);
    desk.run(&["resolve", "HH/0007"]).ok();
    desk.run(&["resolve", &lost[0]]).ended(1);

    desk.run(&["recover", "--reason", "disk failed"]).refused(2, &["--yes"]);
    desk.run(&["recover", "--reason", " ", "--yes"]).refused(1, &["reason", "say why"]);
    let missing = ["recover", "--reason", "x", "--yes", "--witness", "no-such.log"];
    desk.run(&missing).refused(3, &["no-such.log"]);
    desk.run(&again).refused(1, &["allocation is stopped"]);

    let done = desk.run(&["recover", "--reason", "disk failed", "--yes", "--margin", "1000", "--json"]).ok().json();
    assert!(done["was_stopped"].as_str().unwrap().contains("older backup"));
    let floors: Vec<u64> = done["floors"].as_object().unwrap().values().map(|v| v.as_u64().unwrap()).collect();
    assert_eq!(floors, [1_100], "100 were issued, and the margin");
    let fresh = desk.reserve("50", "third");
    assert!(fresh.iter().all(|serial| issued.insert(serial.clone())), "a serial was issued twice");
    desk.run(&["audit", "verify"]).ok();
}

#[test]
fn a_receipt_raises_what_no_witness_knows() {
    let desk = Desk::with_catalogue();
    let database = desk.path("nameplate-data/nameplate.db");
    fs::copy(&database, desk.path("monday.db")).unwrap();
    let args = ["reserve", "--sku", "NT-H3-BOR", "--batch", "HH/0007", "--count", "70", "--station", "line-1"];
    desk.run(&[&args[..], &["--receipt", "block.npr"]].concat()).ok();
    fs::copy(desk.path("monday.db"), &database).unwrap();
    fs::remove_file(desk.path("nameplate-data/witness.log")).unwrap();

    fs::write(desk.path("forged.npr"), "npr1.e30.AAAA\n").unwrap();
    let recover = ["recover", "--reason", "x", "--yes", "--margin", "0", "--json", "--receipt"];
    desk.run(&[&recover[..], &["forged.npr"]].concat()).refused(1, &["receipt"]);
    let done = desk.run(&[&recover[..], &["block.npr"]].concat()).ok().json();
    let floors: Vec<u64> = done["floors"].as_object().unwrap().values().map(|v| v.as_u64().unwrap()).collect();
    assert_eq!(floors.into_iter().max(), Some(70));
}

#[test]
fn the_old_witness_is_named_where_there_was_one() {
    let desk = Desk::with_catalogue();
    desk.reserve("1", "k");
    let recover = ["recover", "--reason", "drill", "--yes"];
    let told = desk.run(&recover).ok().out;
    let kept = told.lines().find_map(|line| line.strip_prefix("the old witness is kept as ")).unwrap();
    assert!(desk.path(kept).exists(), "{told}");
    fs::remove_file(desk.path("nameplate-data/witness.log")).unwrap();
    assert!(!desk.run(&recover).ok().out.contains("old witness"));
}
