//! `nameplate serve` as a process: start, refusals while it runs, orderly end.

use super::{Desk, Ran, signal};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout};

/// A command that serves.
pub(super) struct Serving {
    child: Child,
    /// Held open: a server that nobody reads goes on, but its first words are needed.
    _stdout: BufReader<ChildStdout>,
    pub(super) address: String,
    /// What it said until it served.
    said: String,
}

impl Serving {
    /// Starts a command and waits for its address.
    pub(super) fn start(desk: &Desk, args: &[&str]) -> Self {
        let mut child = desk.start(args);
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        let address = loop {
            let mut line = String::new();
            assert!(stdout.read_line(&mut line).unwrap() > 0, "it ended: {said}\n{}", rest(&mut child));
            said.push_str(&line);
            if let Some((_, rest)) = line.split_once(" serves http://") {
                break rest.split_whitespace().next().unwrap().to_owned();
            }
        };
        Self { child, _stdout: stdout, address, said }
    }

    fn token(&self) -> &str {
        self.said.split_whitespace().find(|word| word.starts_with("npt_")).unwrap()
    }

    fn get(&self, path: &str) -> String {
        get(&self.address, path, self.token())
    }

    /// Sends a signal and waits for an orderly end.
    pub(super) fn end(self, name: &str) -> Ran {
        signal(&self.child, name);
        Ran::from(self.child.wait_with_output().unwrap()).ok()
    }
}

fn rest(child: &mut Child) -> String {
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    err
}

fn get(address: &str, path: &str, token: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: t\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_server_starts_holds_its_installation_and_ends_in_order() {
    let desk = Desk::new();
    desk.run(&["serve", "--listen", "127.0.0.1:0"]).refused(3, &["nameplate init"]);
    let server = Serving::start(&desk, &["serve", "--create", "--listen", "127.0.0.1:0"]);
    assert!(server.get("/healthz").starts_with("HTTP/1.1 200"));
    let answer = server.get("/api/v1/resolve?q=nothing");
    assert!(answer.starts_with("HTTP/1.1 404") && answer.contains("nothing-matches"), "{answer}");

    desk.run(&["resolve", "x"]).refused(3, &["another nameplate process", "stop it first"]);
    desk.run(&["recover", "--reason", "x", "--yes"]).refused(3, &["another nameplate process"]);
    let address = server.address.clone();
    desk.run(&["serve", "--data", "b", "--create", "--listen", &address]).refused(1, &[&address, "--listen"]);
    assert!(!desk.path("b").exists(), "nothing is made before the port is known to be free");
    desk.run(&["init", "--data", "b", "--database", "nameplate-data/nameplate.db"]).refused(3, &["another nameplate"]);

    let ran = server.end("-TERM");
    assert!(ran.err.contains("requests under way are finished first"), "{ran:?}");
    desk.run(&["resolve", "x"]).ended(1);
}

#[test]
fn the_first_token_is_shown_once() {
    let desk = Desk::new();
    for expected in [true, false] {
        let server = Serving::start(&desk, &["serve", "--create", "--listen", "127.0.0.1:0"]);
        assert_eq!(server.said.contains("npt_"), expected, "{}", server.said);
        server.end("-INT");
    }
}

#[test]
fn the_demo_serves_what_it_tells() {
    let desk = Desk::new();
    let server = Serving::start(&desk, &["demo", "--listen", "127.0.0.1:0"]);
    let query = server.said.lines().skip_while(|line| !line.ends_with("# a serial")).nth(1).unwrap();
    let path = query.split(&server.address).nth(1).unwrap().trim_end_matches('\'');
    let answer = server.get(path);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"fate\":\"applied\""), "{answer}");
    server.end("-INT");
}

#[test]
fn addresses_that_cannot_be_are_told() {
    let desk = Desk::new();
    for address in ["nonsense", "127.0.0.1", "127.0.0.1:99999"] {
        desk.run(&["serve", "--create", "--listen", address]).refused(1, &[address]);
    }
    assert!(!desk.path("nameplate-data").exists());
}
