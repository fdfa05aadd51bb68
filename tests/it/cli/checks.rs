//! `nameplate serial`, above all over standard input.

use super::{Desk, signal};
use std::io::{BufRead, BufReader, Read, Write};

fn samples(desk: &Desk, count: &str) -> Vec<String> {
    let ran = desk.run(&["serial", "new", "--count", count, "--seed", "tests", "--format", "csv"]).ok();
    assert!(ran.err.contains("never put them on units"), "{ran:?}");
    ran.out.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().to_owned()).collect()
}

#[test]
fn one_verdict_a_line_in_order_whatever_comes() {
    let desk = Desk::new();
    let good = samples(&desk, "3");
    let mut input = b"\xef\xbb\xbf".to_vec();
    input.extend(format!("{}\r\n\ns/n {}\n", good[0], good[1].to_lowercase()).bytes());
    input.extend(b"\xff\xfe\0\n");
    input.extend(vec![b'x'; 5_000_000]);
    input.extend(format!("\n{}\u{200b}\n\u{1b}[31mred\n{}", good[1], good[2]).bytes());
    let ran = desk.feed(&["serial", "check"], &input).ended(1);
    let lines: Vec<&str> = ran.out.lines().collect();
    let verdicts: Vec<&str> = lines.iter().map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(verdicts, ["ok", "no", "ok", "no", "no", "no", "no", "ok"], "{}", ran.out);
    assert_eq!(lines[0], format!("ok\t{}\ts12", good[0]));
    assert!(lines[3].contains("not UTF-8"));
    assert!(lines[4].contains("5000000 bytes"));
    assert!(lines[5].contains("invisible"));
    assert!(!ran.out.contains('\u{1b}'), "nothing drives the terminal");

    let json = desk.feed(&["serial", "check", "--json"], &input).ended(1).out;
    let json: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ok: Vec<bool> = json.iter().map(|verdict| verdict["ok"].as_bool().unwrap()).collect();
    assert_eq!(ok, [true, false, true, false, false, false, false, true]);
    assert_eq!(json[3]["fault"]["fault"], "not-utf8");
    assert_eq!(json[4]["fault"]["fault"], "too-long");
    assert!(json[0].get("ordinal").is_none(), "without the key nobody knows it");
}

#[test]
fn many_lines_keep_their_order() {
    let desk = Desk::new();
    let good = samples(&desk, "20000");
    let ran = desk.feed(&["serial", "check"], good.join("\n").as_bytes()).ok();
    assert!(ran.out.lines().map(|line| line.split('\t').nth(1).unwrap()).eq(good.iter()));
    assert!(ran.err.is_empty(), "quiet in a pipe: {}", ran.err);
}

#[test]
fn ordinals_need_the_key() {
    let desk = Desk::with_catalogue();
    let serial = desk.reserve("3", "k").remove(2);
    let keyed = desk.run(&["serial", "check", "--json", "--data", "nameplate-data", &serial]).ok().json();
    assert_eq!((&keyed["ordinal"], &keyed["context"]), (&2.into(), &"epoch=0".into()));
    let told = desk.run(&["serial", "explain", &serial]).ok().out;
    assert!(told.contains("only the key of its installation tells") && !told.contains("Number "), "{told}");
    let told = desk.run(&["serial", "explain", "--data", "nameplate-data", &serial]).ok().out;
    assert!(told.contains("Number 2 of its series"), "{told}");
    let lines = desk.feed(&["serial", "explain"], format!("{serial}\nfoo\n").as_bytes()).ended(1).out;
    assert_eq!(lines.lines().count(), 2, "{lines}");
    let json = desk.feed(&["serial", "explain", "--json"], serial.as_bytes()).ok().json();
    assert!(json["segments"].is_array() && json.get("ordinal").is_none());
    desk.run(&["serial", "check", "--data", "nowhere", &serial]).refused(3, &["nowhere"]);
}

#[test]
fn suggestions_are_one_slip_away() {
    let desk = Desk::new();
    let good = samples(&desk, "1").remove(0);
    let illegible = format!("{}?{}", &good[..4], &good[5..]);
    let ran = desk.feed(&["serial", "suggest"], format!("{illegible}\n{good}\nfoo\n").as_bytes()).ended(1);
    let lines: Vec<&str> = ran.out.lines().collect();
    let printed = format!("{}-{}-{}", &good[..4], &good[4..8], &good[8..]);
    assert_eq!(lines[0], format!("no\t{illegible}\tperhaps {printed}"));
    assert_eq!(lines[1], format!("ok\t{good}"));
    assert!(lines[2].starts_with("no\tfoo\t"));
    let json = desk.run(&["serial", "suggest", "--json", &illegible]).ended(1).json();
    assert_eq!(json["suggestions"][0]["edit"], "illegible");
}

#[test]
fn samples_repeat_with_their_seed_only() {
    let desk = Desk::new();
    assert_eq!(samples(&desk, "5"), samples(&desk, "5"));
    let random = || desk.run(&["serial", "new", "--rule", "s9", "--count", "2"]).ok().out;
    assert_ne!(random(), random());
    let checked = desk.feed(&["serial", "check"], random().as_bytes()).ok().out;
    assert!(checked.lines().all(|line| line.starts_with("ok\t") && line.ends_with("\ts9")), "{checked}");
}

/// `| head -1` is no error.
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let desk = Desk::new();
    let mut child = desk.start(&["serial", "new", "--count", "2000000"]);
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    drop(stdout);
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{err}");
    assert!(!err.contains("error") && !err.contains("panicked"), "{err}");
}

/// Whoever sends line by line gets each answer at once; Ctrl-C then ends it with 130.
#[test]
fn answers_come_line_by_line_and_ctrl_c_ends_it() {
    let desk = Desk::new();
    let good = samples(&desk, "2");
    let mut child = desk.start(&["serial", "check"]);
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for serial in &good {
        writeln!(stdin, "{serial}").unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line, format!("ok\t{serial}\ts12\n"));
    }
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
