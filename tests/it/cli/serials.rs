//! From a block to its records: reserve, render, report, resolve, close; tokens, rules and receipts.

use super::Desk;
use std::fs;

fn args<'a>(sku: &'a str, batch: &'a str, count: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["reserve", "--sku", sku, "--batch", batch, "--count", count, "--station", "line-1"][..], more].concat()
}

#[test]
fn a_key_gives_the_same_block_again() {
    let desk = Desk::with_catalogue();
    let first = desk.reserve("5", "k1");
    assert_eq!(first.len(), 5);
    assert_eq!(desk.reserve("5", "k1"), first);
    let second = desk.reserve("5", "k2");
    assert!(second.len() == 5 && second.iter().all(|serial| !first.contains(serial)), "{second:?}");
    desk.run(&args("NT-H3-BOR", "HH/0007", "6", &["--key", "k1"])).refused(1, &["different request"]);
    let told = desk.run(&args("NT-H3-BOR", "HH/0007", "1", &[])).ok();
    assert!(told.err.contains("run it again with --key "), "{told:?}");
    assert!(!desk.run(&args("NT-H3-BOR", "HH/0007", "0", &[])).ended(1).err.contains("--key"));
    assert!(told.out.contains("block BLK-") && told.out.contains("receipt npr1."), "{told:?}");
}

#[test]
fn refusals_say_what_is_left_to_do() {
    let desk = Desk::with_catalogue();
    for (sku, batch, count, words) in [
        ("NOPE", "HH/0007", "1", &["NOPE", "no SKU"][..]),
        ("NT-H3-BOR", "NOPE", "1", &["NOPE", "no batch"]),
        ("NT-M2-BOR", "HH/0007", "1", &["does not hold", "NT-H3-BOR"]),
        ("HH/0007", "HH/0007", "1", &["this is a batch"]),
        ("NT-H3-BOR", "HH/0007", "0", &["1 to 1000000"]),
        ("NT-H3-BOR", "HH/0007", "-5", &["1 to 1000000"]),
        ("NT-H3-BOR", "HH/0007", "1000000000", &["1 to 1000000"]),
    ] {
        desk.run(&args(sku, batch, count, &[])).refused(1, words);
    }
    let serial = desk.reserve("1", "k").remove(0);
    desk.run(&args(&serial, "HH/0007", "1", &[])).refused(1, &["this is a serial"]);
}

#[test]
fn a_block_from_reservation_to_closed_batch() {
    let desk = Desk::with_catalogue();
    let answer = desk.run(&args("BO-G9", "HH/0007", "10", &["--format", "json"])).ok().json();
    let block = answer["block"].as_str().unwrap();
    let (first, last) = (answer["first_serial"].as_str().unwrap(), answer["last_serial"].as_str().unwrap());

    desk.run(&["report", block, "Printed", "--all"]).ok();
    assert_eq!(desk.run(&["report", block, "APPLIED", "--serial", first]).ok().out, "1 serial is now applied\n");
    desk.run(&["report", block, "void", "--serial", last]).refused(1, &["reason"]);
    desk.run(&["report", block, "void", "--serial", last, "--reason", "label torn"]).ok();
    desk.run(&["report", block, "returned", "--serial", first]).refused(1, &["applied", "cannot become returned"]);
    desk.run(&["report", block, "applied", "--serial", "nonsense"]).refused(1, &["nonsense"]);

    let unit = desk.run(&["resolve", "--json", &format!("s/n {}", first.to_lowercase())]).ok().json();
    assert_eq!((&unit["kind"], &unit["fate"]), (&"serial".into(), &"applied".into()));
    let told = desk.run(&["resolve", last]).ok().out;
    assert!(told.contains("label torn") && told.contains("Borealis Glut 9"), "{told}");
    assert!(desk.run(&["resolve", block]).ok().out.contains("adds up"));

    desk.run(&["batch", "close", "HH/0007"]).refused(1, &["8 serials", "unaccounted"]);
    desk.run(&["batch", "close", "HH/0007", "--unaccounted", "roll burnt"]).ok();
    let account = desk.run(&["batch", "account", "HH/0007", "--json"]).ok().json();
    assert_eq!((&account["state"], &account["account"]["unaccounted"]), (&"closed".into(), &8.into()));
    assert!(desk.run(&["batch", "list"]).ok().out.contains("closed"));
    desk.run(&args("BO-G9", "HH/0007", "1", &[])).refused(1, &["is closed"]);
    assert!(desk.run(&["audit", "verify"]).ok().out.contains("entries are whole"));
}

#[test]
fn a_report_that_changes_nothing_says_so() {
    let desk = Desk::with_catalogue();
    let answer = desk.run(&args("BO-G9", "HH/0007", "2", &["--format", "json"])).ok().json();
    let block = answer["block"].as_str().unwrap();
    let void = ["report", block, "void", "--all", "--reason", "roll burnt"];
    assert_eq!(desk.run(&void).ok().out, "2 serials are now void\n");
    assert_eq!(desk.run(&void).ok().out, "nothing was changed: all of them were void already\n");
    let rest = desk.run(&["report", block, "applied", "--rest"]).ok().out;
    assert_eq!(rest, "nothing was changed: none of the rest could become applied\n");
}

#[test]
fn a_typo_gets_the_issued_serial_that_was_meant() {
    let desk = Desk::with_catalogue();
    let serial = desk.reserve("20", "k").remove(7);
    let wrong = if serial.ends_with('7') { "8" } else { "7" };
    let typo = format!("{}{wrong}", &serial[..11]);
    let found = desk.run(&["resolve", "--json", &typo]).ended(1).json();
    assert_eq!(found["suggestions"][0]["serial"], serial.as_str());
    assert!(desk.run(&["resolve", &typo]).ended(1).out.contains("probably meant"));
}

#[test]
fn specimens_of_labels_are_drawn_without_a_server() {
    let desk = Desk::with_catalogue();
    let answer = desk.run(&args("BO-G9", "HH/0007", "3", &["--format", "json"])).ok().json();
    let block = answer["block"].as_str().unwrap();
    let draw = |format: &str, out: &str| desk.run(&["render", "--block", block, "--format", format, "-o", out]);
    let told = draw("pdf", "a.pdf").ok().err;
    assert!(
        told.contains("3 labels written to a.pdf") && told.contains("\"TEST - NOT A SERIAL\" across each"),
        "{told}"
    );
    draw("png", "one.png").refused(2, &["one.png", "-o labels/"]);
    assert!(!desk.path("one.png").exists());
    draw("pdf", "b.pdf").ok();
    let pdf = fs::read(desk.path("a.pdf")).unwrap();
    assert!(pdf.starts_with(b"%PDF") && pdf == fs::read(desk.path("b.pdf")).unwrap());
    let zpl = draw("zpl", "-").ok().out;
    // As people read it; the bar code's data may change its code set within the serial.
    let first = answer["first_serial"].as_str().unwrap();
    let printed = format!("{}-{}-{}", &first[..4], &first[4..8], &first[8..]);
    assert!(zpl.starts_with("~") || zpl.starts_with("^XA"), "{}", &zpl[..80]);
    assert!(!zpl.contains(first) && !zpl.contains(&printed), "{printed} is on paper and in no record");
    assert_eq!(zpl.matches("^FDTEST-ZZZZ-").count(), 3, "{zpl}");
    draw("png", "pictures").ok();
    assert_eq!(fs::read_dir(desk.path("pictures")).unwrap().count(), 3);
    draw("png", "pictures.zip").ok();
    assert!(fs::read(desk.path("pictures.zip")).unwrap().starts_with(b"PK"));
    draw("pdf", "no/such/folder.pdf").refused(1, &["no/such/folder.pdf"]);
    let wrong = ["render", "--block", block, "--format", "pdf", "-o", "c.pdf"];
    desk.run(&[&wrong[..], &["--template", "nope"]].concat()).refused(1, &["template", "nope"]);
    desk.run(&[&wrong[..], &["--dpi", "72"]].concat()).refused(2, &["203"]);
    assert!(!desk.path("c.pdf").exists());
}

#[test]
fn receipts_are_checked_offline() {
    let desk = Desk::with_catalogue();
    desk.run(&args("BO-G9", "HH/0007", "3", &["--receipt", "r.npr"])).ok();
    assert!(desk.run(&["receipt", "check", "r.npr"]).ok().out.contains("good: block BLK-"));
    let keys = desk.run(&["receipt", "keys"]).ok().out;
    let key = keys.split_whitespace().nth(1).unwrap();

    let elsewhere = Desk::new();
    let receipt = fs::read(desk.path("r.npr")).unwrap();
    elsewhere.feed(&["receipt", "check", "-"], b"").refused(3, &["--public-key"]);
    let check = ["receipt", "check", "-", "--json", "--public-key", key];
    let good = elsewhere.feed(&check, &receipt).ok().json();
    assert_eq!((&good["ok"], &good["receipt"]["sku"]), (&true.into(), &"NT-H3-BOR".into()));
    let mut forged = receipt.clone();
    forged[40] = if forged[40] == b'A' { b'B' } else { b'A' };
    assert_eq!(elsewhere.feed(&check, &forged).ended(1).json()["ok"], false);
    elsewhere.feed(&check, b"\n").refused(1, &["no receipt"]);
}

#[test]
fn tokens_are_made_replaced_and_ended() {
    let desk = Desk::with_catalogue();
    let new = ["token", "new", "--name", "line 3", "--scopes", "station,support", "--station", "line-3"];
    let made = desk.run(&new).ok();
    assert!(made.out.starts_with("npt_") && made.out.lines().count() == 1, "only the token: {made:?}");
    desk.run(&["token", "new", "--name", "x", "--scopes", "king"]).refused(1, &["`king` is not a scope"]);
    desk.run(&["token", "new", "--name", "x", "--scopes", "buyer", "--brand", "NO"]).refused(1, &["no brand"]);
    let list = desk.run(&["token", "list", "--json"]).ok().json();
    let line = list.as_array().unwrap().iter().find(|token| token["name"] == "line 3").unwrap();
    let id = line["id"].as_str().unwrap();
    assert!(desk.run(&["token", "rotate", id]).ok().err.contains(&format!("the old token {id} works until 2")));
    let listed = desk.run(&["token", "list"]).ok().out;
    let line = listed.lines().find(|line| line.starts_with(id)).unwrap();
    assert!(line.contains("live") && line.contains("until 2"), "{line}");
    let ended = desk.run(&["token", "rotate", id, "--overlap-s", "0"]).ok().err;
    assert!(ended.contains("works no longer"), "{ended}");
    desk.run(&["token", "revoke", id]).refused(1, &["no live token"]);
    desk.run(&["token", "revoke", "short"]).refused(2, &["token list"]);
    assert!(desk.run(&["token", "list"]).ok().out.contains("revoked"));
}

#[test]
fn rules_are_defined_from_files() {
    let desk = Desk::with_catalogue();
    let toml = "code = \"g7\"\nversion = 1\nsegments = [{ kind = \"literal\", text = \"G7\" }, \
                { kind = \"counter\", width = 4 }, { kind = \"check\", scheme = \"rs2\" }]\n";
    fs::write(desk.path("rule.toml"), toml).unwrap();
    desk.run(&["rule", "define", "rule.toml"]).ok();
    desk.run(&["rule", "define", "rule.toml"]).refused(1, &["the next is version 2"]);
    desk.feed(&["rule", "define", "-"], b"code = ").refused(1, &["-: "]);
    assert!(desk.run(&["rule", "list"]).ok().out.contains("g7"));
    assert_eq!(desk.run(&["rule", "show", "g7", "--json"]).ok().json()[0]["version"], 1);
    desk.run(&["rule", "show", "g8"]).refused(1, &["rule list"]);
    let sample = desk.run(&["serial", "new", "--definition", "rule.toml", "--rule", "g7"]).ok().out;
    let told = desk.run(&["serial", "check", "--data", "nameplate-data", sample.trim()]).ok().out;
    assert!(told.ends_with("\tg7\n"), "{told}");
}
