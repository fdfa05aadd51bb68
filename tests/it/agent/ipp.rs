//! IPP printers: `ippeveprinter` of CUPS where it is installed, and a printer made of scripted answers for what it does
//! not do by itself.
//!
//! `ippeveprinter` wants dbus and avahi to run. Where it cannot start the test says so and passes, unless
//! `NAMEPLATE_REQUIRE_IPP` is set.

use super::{Floor, once};
use crate::support::At;
use nameplate::agent::config::Config;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The printer program, which hands each document to a command.
struct IppEvePrinter {
    child: Child,
    port: u16,
}

impl IppEvePrinter {
    /// None if it is not installed or does not start. `script` gets the document as `$1`.
    fn start(floor: &Floor, script: &str) -> Option<Self> {
        let command = floor.folder.path().join("print.sh");
        fs::write(&command, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&command, fs::Permissions::from_mode(0o755)).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut program = Command::new("ippeveprinter");
        program.args(["-n", "localhost", "-f", "application/pdf", "-p", &port.to_string(), "-c"]).arg(&command);
        program.arg(format!("nameplate {port}")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut printer = Self { child: program.spawn().ok()?, port };
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(10) {
            if TcpStream::connect(("localhost", port)).is_ok() {
                return Some(printer);
            }
            if printer.child.try_wait().unwrap().is_some() {
                return None;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        None
    }
}

impl Drop for IppEvePrinter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a test with the real program, or says why not.
fn with_printer(floor: &Floor, script: &str, test: impl FnOnce(u16)) {
    match IppEvePrinter::start(floor, script) {
        Some(printer) => test(printer.port),
        None if std::env::var_os("NAMEPLATE_REQUIRE_IPP").is_some() => panic!("ippeveprinter does not start"),
        None => println!("skipped: ippeveprinter is not installed, or dbus and avahi do not run"),
    }
}

fn pdf_floor(labels: usize) -> Floor {
    let floor = Floor::with_labels(labels);
    floor.desk.desk().format = "pdf";
    floor
}

fn config(floor: &Floor, port: u16, keys: &str) -> Config {
    let printer =
        format!("driver = \"ipp\"\nuri = \"ipp://localhost:{port}/ipp/print\"\nanswer_s = 5\nconfirm_s = 20\n{keys}");
    Config::read(&floor.write(&printer)).unwrap()
}

#[test]
fn a_real_printer_prints_and_confirms() {
    let floor = pdf_floor(3);
    let out = floor.folder.path().join("paper");
    with_printer(
        &floor,
        &format!("cat \"$1\" >> {}\necho ATTR: job-impressions-completed=1 >&2", out.display()),
        |port| {
            let ended = once(&config(&floor, port, "confirm = \"status\""));
            let notes = floor.desk.desk().notes.clone();
            assert_eq!((ended.problem, floor.desk.counts()), (None, (3, 0, 0)), "{notes:?}");
            assert!(floor.desk.desk().evidence.iter().all(|evidence| evidence == "ipp"));
            let paper = fs::read(&out).unwrap();
            assert_eq!(paper.windows(5).filter(|w| w == b"%PDF-").count(), 3, "each document came out once");
        },
    );
}

#[test]
fn a_real_printer_that_gives_up_leaves_labels_unconfirmed() {
    let floor = pdf_floor(1);
    with_printer(&floor, "exit 1", |port| {
        once(&config(&floor, port, "confirm = \"status\""));
        assert_eq!(floor.desk.counts(), (0, 1, 0));
        assert!(floor.desk.desk().notes[0].contains("gave the job up"), "{:?}", floor.desk.desk().notes);
    });
}

#[test]
fn completed_is_no_proof_where_it_is_not_asked_to_be() {
    let floor = pdf_floor(1);
    with_printer(&floor, "exit 0", |port| {
        once(&config(&floor, port, ""));
        assert_eq!(floor.desk.counts(), (0, 1, 0));
    });
}

/// What the scripted printer answers: to each operation, for the first time and later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    /// All goes well.
    Well,
    /// It never answers to the document, but prints it.
    DocumentAnswerLost,
    /// As before, and it knows no Create-Job.
    PrintJobAnswerLost,
    /// It refuses to make jobs.
    Full,
    /// It counts two sheets.
    TwoSheets,
    /// No labels are loaded.
    Empty,
    /// It answers like a web server.
    Page,
}

/// A printer of scripted answers; what came out is the number of documents.
fn scripted(script: Script) -> (u16, Arc<Mutex<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let documents = Arc::new(Mutex::new(0));
    let shared = Arc::clone(&documents);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            serve(stream.unwrap(), script, &shared);
        }
    });
    (port, documents)
}

fn serve(mut stream: TcpStream, script: Script, documents: &Mutex<usize>) {
    let mut request = Vec::new();
    let mut bytes = [0; 4096];
    let body = loop {
        let Ok(count @ 1..) = stream.read(&mut bytes) else { return };
        request.extend_from_slice(&bytes[..count]);
        let Some(head) = request.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
        let length =
            text.split("content-length: ").nth(1).and_then(|t| t.lines().next()).unwrap().parse::<usize>().unwrap();
        if request.len() >= head + 4 + length {
            break request.split_off(head + 4);
        }
    };
    let operation = body[3];
    if body.windows(5).any(|w| w == b"%PDF-") {
        *documents.lock().unwrap() += 1;
        if matches!(script, Script::DocumentAnswerLost | Script::PrintJobAnswerLost) {
            return;
        }
    }
    let answer = if script == Script::Page { b"<html></html>".to_vec() } else { answer(script, operation) };
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/ipp\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.len()
    );
    let _ = stream.write_all(&[head.as_bytes(), &answer].concat());
}

fn attribute(bytes: &mut Vec<u8>, tag: u8, name: &str, value: &[u8]) {
    bytes.push(tag);
    for part in [name.as_bytes(), value] {
        bytes.extend(u16::try_from(part.len()).unwrap().to_be_bytes());
        bytes.extend(part);
    }
}

fn answer(script: Script, operation: u8) -> Vec<u8> {
    let refused = script == Script::Full && operation == 5;
    let mut bytes = vec![1, 1, if refused { 5 } else { 0 }, if refused { 7 } else { 0 }, 0, 0, 0, 1];
    let number = |value: i32| value.to_be_bytes();
    match operation {
        0x0B => {
            bytes.push(4);
            attribute(&mut bytes, 0x23, "printer-state", &number(3));
            let reason: &[u8] = if script == Script::Empty { b"media-empty-error" } else { b"none" };
            attribute(&mut bytes, 0x44, "printer-state-reasons", reason);
            attribute(&mut bytes, 0x23, "operations-supported", &number(2));
            if script != Script::PrintJobAnswerLost {
                attribute(&mut bytes, 0x23, "", &number(5));
                attribute(&mut bytes, 0x23, "", &number(6));
            }
        }
        0x09 => {
            bytes.push(2);
            attribute(&mut bytes, 0x23, "job-state", &number(9));
            let sheets = if script == Script::TwoSheets { 2 } else { 1 };
            attribute(&mut bytes, 0x21, "job-media-sheets-completed", &number(sheets));
        }
        _ => {
            bytes.push(2);
            attribute(&mut bytes, 0x21, "job-id", &number(12));
        }
    }
    bytes.push(3);
    bytes
}

#[test]
fn what_a_printer_may_do_and_what_becomes_of_the_label() {
    // Documents that came out, confirmed, unconfirmed, still queued.
    for (script, wanted) in [
        (Script::Well, (1, (1, 0, 0))),
        (Script::DocumentAnswerLost, (1, (1, 0, 0))),
        (Script::PrintJobAnswerLost, (1, (0, 1, 0))),
        (Script::TwoSheets, (1, (0, 1, 0))),
        (Script::Empty, (0, (0, 0, 1))),
        (Script::Page, (0, (0, 0, 1))),
    ] {
        let floor = pdf_floor(1);
        let (port, documents) = scripted(script);
        let ended = once(&config(&floor, port, "confirm = \"status\""));
        assert_eq!((*documents.lock().unwrap(), floor.desk.counts()), wanted, "{script:?} {ended:?}");
    }
}

#[test]
fn a_printer_that_makes_no_jobs_holds_back_and_then_gives_back() {
    let floor = pdf_floor(2);
    let (port, documents) = scripted(Script::Full);
    let config = config(&floor, port, "confirm = \"status\"\nhold_s = 0.2");
    let running = nameplate::agent::start(&config, nameplate::agent::Mode::Forever).unwrap();
    floor.until("labels are given back", |f| f.desk.desk().notes.iter().any(|note| note.contains("takes no jobs now")));
    super::end(running);
    assert_eq!(*documents.lock().unwrap(), 0);
    // The agent asks again at once: a lease that it got while it ended, and never fetched from, ends by itself.
    assert_eq!(floor.desk.serials(|at| matches!(at, At::Queued | At::Leased(_))).len(), 2);
}

#[test]
fn nobody_at_the_uri() {
    let floor = pdf_floor(1);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let problem = once(&config(&floor, port, "")).problem.unwrap();
    assert!(problem.contains("nothing answers at ipp://localhost"), "{problem}");
}
