//! The agent between a server and printers that do what servers and printers do.
//!
//! What every test holds against what physically came out: no serial twice, nothing confirmed that did not come out.

mod config;
mod fleet;
mod folder;
mod ipp;
mod kill;
mod raw;
mod server;
mod tls;

use crate::support::{At, FakeDesk, FakePrinter, token};
use nameplate::agent::config::Config;
use nameplate::agent::{Ended, Mode, Running, start};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Nothing takes longer, however slow the machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server, a printer, and the folder of an agent between them.
struct Floor {
    folder: tempfile::TempDir,
    desk: FakeDesk,
    printer: FakePrinter,
}

impl Floor {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), desk: FakeDesk::new(), printer: FakePrinter::new() }
    }

    /// A floor with labels queued for the printer "line-1".
    fn with_labels(count: usize) -> Self {
        let floor = Self::new();
        floor.desk.queue("line-1", count);
        floor
    }

    /// Writes the configuration of one raw printer, with more keys.
    fn configure(&self, keys: &str) -> PathBuf {
        self.write(&format!("driver = \"raw\"\naddress = \"{}\"\n{keys}", self.printer.address))
    }

    /// Writes the configuration of the printer "line-1".
    fn write(&self, printer: &str) -> PathBuf {
        let path = self.folder.path().join("agent.toml");
        // Times that a test can wait for.
        let usual = [("answer_s", 0.4), ("confirm_s", 2.0), ("retry_s", 0.05), ("hold_s", 20.0), ("connect_s", 2.0)];
        let usual: String = usual
            .iter()
            .filter(|(key, _)| !printer.lines().any(|line| line.starts_with(&format!("{key} "))))
            .map(|(key, seconds)| format!("{key} = {seconds:?}\n"))
            .collect();
        let general =
            format!("server = \"http://{}\"\njournal = \"journal\"\nbackoff_s = 0.02\nwait_s = 1\n", self.desk.address);
        let text =
            format!("{general}\n[[printer]]\nname = \"line-1\"\ntoken = \"{}\"\n{printer}\n{usual}", token("line-1"));
        std::fs::write(&path, text).unwrap();
        path
    }

    fn config(&self, keys: &str) -> Config {
        Config::read(&self.configure(keys)).unwrap()
    }

    /// Works until there is nothing to print.
    fn once(&self, keys: &str) -> Ended {
        once(&self.config(keys))
    }

    fn start(&self, keys: &str) -> Running {
        start(&self.config(keys), Mode::Forever).unwrap()
    }

    fn journal(&self) -> PathBuf {
        self.folder.path().join("journal/line-1.journal")
    }

    /// Waits until something holds.
    fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !holds(self) {
            assert!(start.elapsed() < PATIENCE, "never: {what}; {}", self.state());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn state(&self) -> String {
        let desk = self.desk.desk();
        let labels: Vec<_> = desk.labels.iter().map(|label| (&label.serial, label.at)).collect();
        let said = desk.statuses.first();
        format!("labels {labels:?}\nrefused {:?}\nnotes {:?}\nlast status {said:?}", desk.refused, desk.notes)
    }

    /// What holds at every moment: LAB6, SER14.
    fn hold_paper_against_records(&self) {
        let confirmed: BTreeSet<String> = self.desk.serials(|at| matches!(at, At::Confirmed(_))).into_iter().collect();
        let came_out = self.printer.came_out();
        let distinct: BTreeSet<&String> = came_out.iter().collect();
        assert_eq!(distinct.len(), came_out.len(), "a serial came out twice: {came_out:?}");
        let phantom: Vec<_> = confirmed.iter().filter(|serial| !distinct.contains(serial)).collect();
        assert!(phantom.is_empty(), "confirmed, but not on paper: {phantom:?}");
    }
}

fn once(config: &Config) -> Ended {
    start(config, Mode::Once).unwrap().wait().pop().unwrap()
}

/// Asks a running agent to end, and waits for it.
fn end(running: Running) -> Ended {
    running.stop().ask();
    running.wait().pop().unwrap()
}

/// The program itself.
fn program(floor: &Floor, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nameplate"));
    command.arg("agent").args(["--config", "agent.toml"]).args(args).current_dir(floor.folder.path());
    command.env_remove("RUST_LOG").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Starts the program where nobody reads what it says.
fn started(floor: &Floor) -> Child {
    program(floor, &[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}
