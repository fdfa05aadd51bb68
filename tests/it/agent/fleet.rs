//! Many printers of one agent.

use crate::support::{FakeDesk, FakePrinter, token};
use nameplate::agent::config::Config;
use nameplate::agent::{Mode, start};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// A printer in trouble holds up nobody but itself, and each printer gets its own labels.
#[test]
fn one_in_trouble_holds_up_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let desk = FakeDesk::new();
    let printers: BTreeMap<String, FakePrinter> =
        (1..=12).map(|number| (format!("line-{number}"), FakePrinter::new())).collect();
    let mut text = format!("server = \"http://{}\"\njournal = \"j\"\nwait_s = 1\nbackoff_s = 0.05\n", desk.address);
    for (name, printer) in &printers {
        desk.queue(name, 10);
        let keys = format!(
            "name = \"{name}\"\ntoken = \"{}\"\ndriver = \"raw\"\naddress = \"{}\"",
            token(name),
            printer.address
        );
        text.push_str(&format!("[[printer]]\n{keys}\nanswer_s = 0.5\nretry_s = 0.05\n"));
    }
    let path = folder.path().join("agent.toml");
    std::fs::write(&path, text).unwrap();
    printers["line-3"].machine().paper = 0;
    std::fs::create_dir(folder.path().join("j")).unwrap();
    std::fs::write(folder.path().join("j/line-5.journal"), "not a journal\n").unwrap();

    let running = start(&Config::read(&path).unwrap(), Mode::Forever).unwrap();
    let begun = Instant::now();
    while desk.counts().0 < 100 {
        assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", desk.counts());
        std::thread::sleep(Duration::from_millis(10));
    }
    running.stop().ask();
    let ended = running.wait();
    for (name, printer) in &printers {
        let theirs: Vec<String> = desk
            .desk()
            .labels
            .iter()
            .filter(|label| label.printer == *name)
            .map(|label| label.serial.clone())
            .collect();
        let is_in_trouble = name == "line-3" || name == "line-5";
        assert_eq!(printer.came_out(), if is_in_trouble { Vec::new() } else { theirs }, "{name}");
        let problem = ended.iter().find(|ended| ended.printer == *name).unwrap().problem.clone();
        assert_eq!(problem.is_some_and(|problem| problem.contains("is damaged at line 1")), name == "line-5", "{name}");
    }
}
