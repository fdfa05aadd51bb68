//! The agent: carries labels from the server to the printers of a factory floor, over connections that it opens itself.
//!
//! No serial is printed twice. Before a label leaves, the [journal](journal) says so, durably; after a crash such a label
//! is reported as unknown and never sent again. What was certainly not sent goes back to the queue. `docs/agent.md` is for
//! those who run it, `docs/decisions/agent.md` says why it is as it is.

pub mod api;
pub mod check;
pub mod client;
pub mod config;
mod drivers;
pub mod hand;
pub mod journal;
mod lease;
pub mod ledger;
pub mod pace;
mod voice;
mod worker;

use config::Config;
use pace::{Backoff, Stop};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long the agent works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Until it is asked to end.
    Forever,
    /// Until there is nothing to print.
    Once,
}

/// What became of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// They came out.
    pub printed: u64,
    /// Sent, and nobody knows.
    pub unknown: u64,
    /// Given back.
    pub not_printed: u64,
}

/// How the work for a printer ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The printer.
    pub printer: String,
    /// What became of its labels.
    pub tally: Tally,
    /// What a person has to do something about.
    pub problem: Option<String>,
}

/// Why the agent does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The journals cannot be used.
    #[error(transparent)]
    Journal(#[from] journal::JournalError),
    /// The certificates are none.
    #[error("{0}")]
    Certificates(String),
    /// The system gives no thread.
    #[error("the system gives no thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// An agent at work.
#[derive(Debug)]
pub struct Running {
    stop: Stop,
    printers: Vec<Working>,
}

#[derive(Debug)]
struct Working {
    printer: String,
    is_idle: Arc<AtomicBool>,
    thread: JoinHandle<(Tally, Option<String>)>,
}

/// Starts a thread for each printer.
///
/// # Errors
///
/// [`StartError`] if the journals are in use by another agent, or the system refuses something.
pub fn start(config: &Config, mode: Mode) -> Result<Running, StartError> {
    let call = |peer| client::http(config.ca.as_deref(), peer).map_err(StartError::Certificates);
    let (server, nearby) = (call(client::Peer::Server)?, call(client::Peer::Printer)?);
    let folder = Arc::new(journal::Folder::open(&config.journal)?);
    let stop = Stop::default();
    let mut printers = Vec::new();
    for printer in &config.printers {
        let is_idle = Arc::new(AtomicBool::new(false));
        let worker = worker::Worker {
            client: client::Client::new(server.clone(), &config.server, &printer.name, &printer.token),
            driver: drivers::Driver::new(printer, &nearby),
            folder: Arc::clone(&folder),
            stop: stop.clone(),
            mode,
            wait_s: config.wait_s,
            voice: voice::Voice::new(&printer.name),
            backoff: Backoff::new(config.backoff),
            tally: Tally::default(),
            doubts: 0,
            pause: None,
            is_idle: Arc::clone(&is_idle),
            printer: printer.clone(),
        };
        let thread = thread::Builder::new().name(printer.name.clone()).spawn(move || worker.run())?;
        printers.push(Working { printer: printer.name.clone(), is_idle, thread });
    }
    Ok(Running { stop, printers })
}

impl Running {
    /// What asks the agent to end: labels in hand are finished and reported first.
    #[must_use]
    pub fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// Waits for the end. A printer that was only waiting for work when the agent was asked to end is not waited for:
    /// nothing is lost with it.
    #[must_use]
    pub fn wait(self) -> Vec<Ended> {
        self.printers.into_iter().map(|working| working.end(&self.stop)).collect()
    }
}

impl Working {
    fn end(self, stop: &Stop) -> Ended {
        while !self.thread.is_finished() {
            if stop.is_asked() && self.is_idle.load(Ordering::SeqCst) {
                break;
            }
            if !stop.wait(Duration::from_millis(100)) {
                continue;
            }
            thread::sleep(Duration::from_millis(10));
        }
        if !self.thread.is_finished() {
            return Ended { printer: self.printer, tally: Tally::default(), problem: None };
        }
        let gone = |_| (Tally::default(), Some("the agent has a fault: please report what it said before".to_owned()));
        let (tally, problem) = self.thread.join().unwrap_or_else(gone);
        Ended { printer: self.printer, tally, problem }
    }
}
