//! The command: configuration, `--check`, `--once`, refusals, and a clean end.

use super::{Floor, program, started};
use std::fs;
use std::process::Output;

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn check_finds_everything_as_it_should_be() {
    let floor = Floor::with_labels(1);
    floor.configure("");
    let output = program(&floor, &["--check"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("ok    line-1: would print; its status confirms labels"), "{}", said(&output));
    assert_eq!(floor.desk.counts(), (0, 0, 1), "nothing was taken");
}

#[test]
fn check_says_what_is_wrong() {
    let floor = Floor::new();
    let path = floor.configure("");
    floor.printer.machine().head_open = true;
    let text = fs::read_to_string(&path).unwrap().replace("npt_line-1", "npt_line-9");
    fs::write(&path, text).unwrap();
    let output = program(&floor, &["--check"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = said(&output);
    assert!(said.contains("FAULT line-1: the print head is open"), "{said}");
    assert!(said.contains("Is this the token of this very printer"), "{said}");
}

#[test]
fn faults_of_the_configuration_name_file_and_line() {
    let floor = Floor::new();
    for (keys, wanted) in [
        ("speed = 4", "agent.toml, line 11: unknown field `speed`"),
        ("window = 9", "more than one label at once needs confirm = \"counter\""),
    ] {
        floor.configure(keys);
        let output = program(&floor, &[]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains(wanted), "{}", said(&output));
    }
    floor.write("driver = \"raw\"\naddress = \"http://192.168.4.20:9100/\"");
    let output = program(&floor, &[]).output().unwrap();
    assert!(said(&output).contains("write 192.168.4.20:9100"), "{}", said(&output));
    fs::remove_file(floor.folder.path().join("agent.toml")).unwrap();
    assert!(said(&program(&floor, &[]).output().unwrap()).contains("agent.toml cannot be read"));
}

#[test]
fn once_prints_what_there_is_and_sums_up() {
    let floor = Floor::with_labels(3);
    floor.configure("");
    let output = program(&floor, &["--once"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("line-1: 3 labels confirmed, 0 unconfirmed, 0 given back"), "{}", said(&output));
}

#[test]
fn two_agents_do_not_share_a_journal() {
    let floor = Floor::with_labels(1);
    floor.configure("");
    let mut first = started(&floor);
    floor.until("the first works", |f| f.desk.counts() == (1, 0, 0));
    let second = program(&floor, &[]).output().unwrap();
    assert_eq!(second.status.code(), Some(3));
    assert!(said(&second).contains("another agent uses the journal folder"), "{}", said(&second));
    first.kill().unwrap();
    first.wait().unwrap();
}

#[test]
fn a_damaged_journal_stops_the_printer_with_a_word() {
    let floor = Floor::with_labels(2);
    floor.once("");
    let text = fs::read_to_string(floor.journal()).unwrap().replacen("sending", "sanding", 1);
    fs::write(floor.journal(), text).unwrap();
    floor.desk.queue("line-1", 1);
    let output = program(&floor, &[]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("is damaged at line 3 (its checksum does not fit)"), "{}", said(&output));
    assert_eq!(floor.printer.came_out().len(), 2, "it prints nothing on a guess");
}

#[test]
fn a_signal_ends_it_cleanly() {
    let floor = Floor::with_labels(2);
    floor.configure("");
    let agent = program(&floor, &[]).spawn().unwrap();
    floor.until("it worked", |f| f.desk.counts() == (2, 0, 0));
    std::process::Command::new("kill").args(["-TERM", &agent.id().to_string()]).status().unwrap();
    let output = agent.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("labels in hand are finished first"), "{}", said(&output));
}

/// One line when something changes, not one a look.
#[test]
fn it_says_things_once() {
    let floor = Floor::with_labels(1);
    floor.configure("answer_s = 0.05\nretry_s = 0.01");
    floor.printer.machine().paper = 0;
    let agent = program(&floor, &[]).spawn().unwrap();
    floor.until("it looked", |f| !f.desk.desk().statuses.is_empty());
    std::thread::sleep(std::time::Duration::from_millis(500));
    floor.printer.machine().paper = 9;
    floor.until("it printed", |f| f.desk.counts() == (1, 0, 0));
    std::process::Command::new("kill").args(["-TERM", &agent.id().to_string()]).status().unwrap();
    let said = said(&agent.wait_with_output().unwrap());
    assert_eq!(said.matches("holds back: no labels are loaded").count(), 1, "{said}");
}
