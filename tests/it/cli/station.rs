//! A station without its server, with the real program: SER1, UNI3. Kit, labels into folders, kill -9 in between, scans,
//! a conflict made on purpose, and two syncs with a restart of the server in between.
//!
//! `NAMEPLATE_KILLS` says how many times it is killed (24 unless told otherwise).

use super::Desk;
use super::server::Serving;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

const LABELS: usize = 40;

fn random(below: u64) -> u64 {
    u64::from_be_bytes(nameplate::service::random().unwrap()) % below
}

/// An installation with an approved label, its server, and a station's token.
fn installation() -> (Desk, String) {
    let desk = Desk::with_catalogue();
    desk.run(&["approval", "record", "NT-M2-BOR", "--approver", "A. Lindqvist"]).ok();
    let issued =
        desk.run(&["token", "new", "--name", "fi-1", "--scopes", "station", "--station", "fi-1", "--json"]).ok();
    let token = issued.json()["token"].as_str().unwrap().to_owned();
    fs::write(desk.path("fi-1.token"), &token).unwrap();
    (desk, token)
}

fn serve(desk: &Desk) -> (Serving, String) {
    let server = Serving::start(desk, &["serve", "--listen", "127.0.0.1:0"]);
    let url = format!("http://{}", server.address);
    (server, url)
}

fn station<'a>(command: &'a str, url: &'a str) -> Vec<&'a str> {
    let mut args = vec!["station", command, "--dir", "fi-1"];
    if !url.is_empty() {
        args.extend(["--server", url, "--token-file", "fi-1.token"]);
    }
    args
}

fn kit<'a>(url: &'a str, count: &'a str) -> Vec<&'a str> {
    let rest =
        ["--station", "fi-1", "--sku", "NT-M2-BOR", "--batch", "2025-W27-M2", "--count", count, "--media", "60x40"];
    [station("kit", url), rest.to_vec()].concat()
}

fn status(desk: &Desk) -> Value {
    desk.run(&[&station("status", "")[..], &["--json"]].concat()).ok().json()
}

/// Every label in the folders that were printed into: how often each of its names is there.
fn labels(desk: &Desk, folders: usize) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for folder in 0..folders {
        for entry in fs::read_dir(desk.path(&format!("out-{folder}"))).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if !name.starts_with('.') {
                *found.entry(name).or_default() += 1;
            }
        }
    }
    found
}

#[test]
fn ser1_uni3_a_station_works_without_the_server_and_is_killed_at_any_moment() {
    let kills = std::env::var("NAMEPLATE_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(24_usize);
    let (desk, _token) = installation();
    let (server, url) = serve(&desk);
    let count = LABELS.to_string();
    desk.run(&kit(&url, &count)).ok();
    server.end("-TERM");
    let wrong = desk.run(&[&station("print", "")[..], &["-n", "1", "--to", "ftp://x"]].concat());
    wrong.refused(2, &["tcp://host:9100"]);

    // Killed while it prints; each run prints into a folder of its own, so that a label printed twice is in two.
    let mut folders = 0;
    while folders < kills {
        let out = format!("out-{folders}");
        fs::create_dir(desk.path(&out)).unwrap();
        folders += 1;
        let mut child = desk.start(&[&station("print", "")[..], &["-n", "1000", "--to", &out]].concat());
        std::thread::sleep(Duration::from_millis(20 + random(120)));
        child.kill().unwrap();
        child.wait().unwrap();
        let left = status(&desk)["kits"][0]["left"].as_u64().unwrap();
        if left < 4 {
            break;
        }
    }
    let out = format!("out-{folders}");
    fs::create_dir(desk.path(&out)).unwrap();
    folders += 1;
    let last = desk.run(&[&station("print", "")[..], &["-n", "1000", "--to", &out]].concat());
    last.refused(1, &["no more labels"]);
    let found = labels(&desk, folders);
    assert!(found.values().all(|times| *times == 1), "printed twice: {found:?}");
    let kit = &status(&desk)["kits"][0];
    assert_eq!((&kit["left"], kit["labels"].as_u64().unwrap()), (&Value::from(0), LABELS as u64));
    let unknown = kit["unknown"].as_u64().unwrap();
    assert_eq!(unknown, LABELS as u64, "a folder confirms nothing, and nothing is lost");
    assert!(found.len() + folders >= LABELS, "only what was cut off in the middle is missing: {}", found.len());

    // Serials by their positions, from the kit itself.
    let file = fs::read_dir(desk.path("fi-1/kits")).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&file).unwrap();
    let body = data_encoding::BASE64URL_NOPAD.decode(text.split('.').nth(1).unwrap().as_bytes()).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let serials: Vec<&str> = body["serials"].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect();
    let scan = |args: &[&str]| desk.run(&[&station("scan", "")[..], args].concat());
    scan(&[serials[0], "--id", "mac=00:11:62:0a:1b:2c"]).ok();
    scan(&[&serials[1].to_lowercase(), "--fail", "--note", "dead pixels"]).ok();
    scan(&[serials[2]]).ok();
    scan(&[serials[1], "--id", "mac=0011620A1B2C"]).refused(1, &["was scanned for unit", serials[0]]);
    scan(&["07K3-M9XQ-2WNF"]).refused(1, &["no kit of this station"]);
    scan(&["07K3-M9XQ-2WN8"]).refused(1, &["is no serial"]);

    // Meanwhile a person has given one of them up: a conflict, made on purpose.
    let job = body["job"].as_str().unwrap();
    desk.run(&["print", "cancel", job, "--reason", "station is away"]).ok();
    let settle = ["print", "settle", job, "--damaged", serials[2], "--reason", "burnt", "--no-replacement"];
    desk.run(&settle).ok();

    let (server, url) = serve(&desk);
    let first = desk.run(&[&station("sync", &url)[..], &["--json"]].concat()).ended(1).json();
    assert_eq!(first["conflicts"].as_array().unwrap().len(), 2, "its label and its scan: {first}");
    server.end("-TERM");
    let (server, url) = serve(&desk);
    let second = desk.run(&[&station("sync", &url)[..], &["--json"]].concat()).ok().json();
    assert_eq!(second, serde_json::json!({"accepted": 0, "known": 0, "conflicts": []}));
    server.end("-TERM");
    let now = status(&desk);
    assert_eq!(now["kits"][0]["untold"], 0);
    assert!(now["scans"].as_array().unwrap().iter().all(|scan| scan["answer"].is_object()), "{now}");

    let unit = |serial: &str| desk.run(&["resolve", serial, "--json"]).ok().json();
    assert_eq!(
        (&unit(serials[0])["fate"], &unit("00-11-62-0a-1b-2c")["serial"]),
        (&"applied".into(), &serials[0].into())
    );
    assert_eq!(unit(serials[1])["inspections"][0]["result"], "fail");
    assert_eq!(unit(serials[2])["fate"], "void", "the record was not overwritten");
    let debt = desk.run(&["batch", "debt", "2025-W27-M2", "--json"]).ok().json();
    assert_eq!(debt["counts"]["unconfirmed"], (LABELS - 3) as u64, "every other label waits for a person: {debt}");
    desk.run(&["audit", "verify"]).ok();
    let _all: BTreeSet<&str> = serials.into_iter().collect();
}

#[test]
fn a_kit_that_was_changed_is_not_printed() {
    let (desk, _token) = installation();
    let (server, url) = serve(&desk);
    desk.run(&kit(&url, "3")).ok();
    server.end("-TERM");
    let file = fs::read_dir(desk.path("fi-1/kits")).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&file).unwrap();
    let (signed, signature) = text.rsplit_once('.').unwrap();
    let body = data_encoding::BASE64URL_NOPAD.decode(signed.split('.').nth(1).unwrap().as_bytes()).unwrap();
    let forged = String::from_utf8(body).unwrap().replace("\"dpi\":203", "\"dpi\":300");
    let forged = data_encoding::BASE64URL_NOPAD.encode(forged.as_bytes());
    fs::write(&file, format!("npk1.{forged}.{signature}")).unwrap();
    fs::create_dir(desk.path("out")).unwrap();
    let print = [&station("print", "")[..], &["--to", "out"]].concat();
    desk.run(&print).refused(1, &["signature is wrong"]);
    fs::write(&file, &text).unwrap();
    desk.run(&print).ok();
    assert_eq!(fs::read_dir(desk.path("out")).unwrap().count(), 1);
    desk.run(&[&station("print", "")[..], &["--to", "127.0.0.1:9100"]].concat()).refused(2, &["tcp://127.0.0.1:9100"]);
    desk.run(&[&station("print", "")[..], &["-n", "2", "--to", "labels.zpl"]].concat()).ok();
    assert!(fs::read_to_string(desk.path("labels.zpl")).unwrap().matches("^XZ").count() >= 2);

    // Without its journal nobody knows what came out: nothing of the kit is printed any more.
    let journal = fs::read_dir(desk.path("fi-1/journals")).unwrap().map(|entry| entry.unwrap().path());
    let journal = journal.into_iter().find(|path| path.extension().is_some_and(|e| e == "journal")).unwrap();
    let whole = fs::read(&journal).unwrap();
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    fs::write(&journal, &damaged).unwrap();
    desk.run(&print).refused(1, &["damaged", "cancel job JOB-"]);
    fs::remove_file(&journal).unwrap();
    for _ in 0..2 {
        desk.run(&print).refused(1, &["journal is missing", "cancel job JOB-"]);
    }
}
