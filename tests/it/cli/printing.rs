//! Printing at the machine of the records, by commands alone: LAB6, UNI3, SER14, BAT7.

use super::Desk;
use serde_json::{Value, json};

const NEW: [&str; 12] = [
    "print",
    "new",
    "--sku",
    "NT-M2-BOR",
    "--batch",
    "2025-W27-M2",
    "--station",
    "fi-1",
    "--printer",
    "office",
    "--count",
    "3",
];

/// An installation with an approved label and a printer that is a folder.
fn installation() -> Desk {
    let desk = Desk::with_catalogue();
    desk.run(&["printer", "add", "office", "--driver", "folder", "--dpi", "203", "--media", "60x40"]).ok();
    desk.run(&["approval", "record", "NT-M2-BOR", "--approver", "A. Lindqvist"]).ok();
    desk
}

fn new(desk: &Desk, key: &str) -> Value {
    desk.run(&[&NEW[..], &["--key", key, "--json"]].concat()).ok().json()
}

fn job(desk: &Desk, job: &str) -> Value {
    desk.run(&["print", "show", job, "--json"]).ok().json()
}

fn unit(desk: &Desk, serial: &str) -> Value {
    desk.run(&["resolve", "--json", serial]).ok().json()
}

#[test]
fn lab6_uni3_from_the_first_label_to_the_unit_and_its_reprint() {
    let desk = installation();
    let made = new(&desk, "k1");
    assert_eq!(new(&desk, "k1")["job"], made["job"], "the same key is the same job");
    let (name, serial) = (made["job"]["job"].as_str().unwrap(), made["first_serial"].as_str().unwrap());
    desk.run(&["print", "file", "office", "-o", "labels"]).ok();
    let written = std::fs::read_dir(desk.path("labels")).unwrap().count();
    assert!(written >= 1);
    desk.run(&["print", "file", "office", "-o", "labels"]).ok();
    assert_eq!(std::fs::read_dir(desk.path("labels")).unwrap().count(), written, "nothing is written twice");
    assert_eq!(job(&desk, name)["counts"]["unconfirmed"], 3);
    assert_eq!(unit(&desk, serial)["labels"][0]["state"], "unconfirmed");

    // Scanned on its unit: that proves the label.
    let scanned = desk.run(&["inspect", serial, "--station", "fi-1", "--id", "mac=00:11:62:0a:1b:2c", "--json"]).ok();
    assert_eq!(scanned.json()["confirmed_jobs"], json!([name]));
    let again = desk.run(&["inspect", serial, "--station", "fi-1", "--id", "mac=00:11:62:0a:1b:2c"]).ok();
    assert!(again.err.contains("on record before"), "{}", again.err);
    let other = desk.run(&["inspect", serial, "--station", "fi-1", "--sku", "NT-H3-KES"]);
    other.refused(1, &["NT-M2-BOR", "NT-H3-KES"]);
    let shown = desk.run(&["resolve", "00-11-62-0A-1B-2C"]).ok().out;
    for expected in [serial, "confirmed, live", "template digest", "00:11:62:0a:1b:2c", "pass at", name] {
        assert!(shown.replace('-', "").contains(&expected.replace('-', "")), "{expected} in\n{shown}");
    }

    // The others came out, too; the debt of the batch is what was not scanned.
    desk.run(&["print", "settle", name, "--printed", made["last_serial"].as_str().unwrap()]).ok();
    let debt = desk.run(&["batch", "debt", "2025-W27-M2", "--json"]).ok().json();
    assert_eq!(debt["counts"], json!({"printed": 1, "handed_over": 0, "unconfirmed": 1}));

    // The label is spoilt: printed again, and counted.
    let reprint = ["print", "again", serial, "--printer", "office", "--reason", "scratched"];
    desk.run(&reprint).ended(2);
    let made = desk.run(&[&reprint[..], &["--destroyed", "torn, red box, L. Chen", "--json"]].concat()).ok().json();
    let second = &made["jobs"][0];
    assert_eq!((&second["copy"], &second["kind"]), (&json!(2), &json!("reprint")));
    desk.run(&["print", "file", "office", "-o", "labels"]).ok();
    desk.run(&["print", "settle", second["job"].as_str().unwrap(), "--printed", serial]).ok();
    let labels = unit(&desk, serial)["labels"].clone();
    let copies: Vec<_> = labels.as_array().unwrap().iter().map(|label| (&label["copy"], &label["state"])).collect();
    assert_eq!(copies, [(&json!(1), &json!("confirmed")), (&json!(2), &json!("confirmed"))]);
    assert_eq!(labels[0]["artwork"], labels[1]["artwork"], "the same artwork");
    desk.run(&["audit", "verify"]).ok();
}

#[test]
fn jobs_are_held_released_and_cancelled_by_command() {
    let desk = installation();
    let made = new(&desk, "k1");
    let name = made["job"]["job"].as_str().unwrap();
    desk.run(&["print", "hold", name, "--reason", "wrong ribbon"]).ok();
    desk.run(&["print", "file", "office", "-o", "labels"]).ok();
    assert_eq!(job(&desk, name)["counts"]["queued"], 3, "nothing of a held job is handed out");
    desk.run(&["print", "release", name]).ok();
    desk.run(&["print", "cancel", name, "--reason", "order cancelled"]).ok();
    let record = job(&desk, name);
    assert_eq!((&record["state"], &record["counts"]["canceled"]), (&json!("canceled"), &json!(3)));
    assert_eq!(unit(&desk, made["first_serial"].as_str().unwrap())["labels"], json!([]));
    desk.run(&["print", "hold", name, "--reason", "x"]).refused(1, &[name, "canceled"]);
    desk.run(&["print", "show", "JOB-0"]).refused(1, &["JOB-0"]);
    let test = desk.run(&["print", "test", "NT-M2-BOR", "--printer", "office", "--json"]).ok().json();
    assert_eq!((&test["kind"], &test["approval"]), (&json!("test"), &Value::Null));
}

#[test]
fn what_cannot_be_printed_is_refused_before_a_serial_is_reserved() {
    let desk = installation();
    desk.run(&["printer", "add", "fine", "--driver", "folder", "--dpi", "300", "--media", "60x40"]).ok();
    desk.run(&["printer", "add", "small", "--driver", "folder", "--dpi", "203", "--media", "50x30"]).ok();
    let with = |printer: &'static str| {
        let mut args = NEW;
        args[9] = printer;
        args
    };
    desk.run(&with("fine")).refused(1, &["300 dpi"]);
    desk.run(&with("small")).refused(1, &["60.0 x 40.0 mm"]);
    desk.run(&with("nowhere")).refused(1, &["nowhere"]);
    let batch = desk.run(&["batch", "account", "2025-W27-M2", "--json"]).ok().json();
    assert_eq!(batch["account"]["issued"], 0);
}
