//! Ctrl-C and SIGTERM.

use super::failure::INTERRUPTED;
use super::output::note;
use std::io;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Completes when the process is asked to end: by Ctrl-C, or by a supervisor's SIGTERM. From this call on, not only from
/// the first wait, neither ends the process by itself.
pub(super) fn asked_to_end() -> impl Future<Output = ()> + Send {
    let (interrupt, terminate) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async move {
        tokio::select! {
            () = received(interrupt) => {}
            () = received(terminate) => {}
        }
    }
}

/// Waits for a signal; for ever if the system does not tell of it, as it then still ends the process by itself.
async fn received(signal: io::Result<Signal>) {
    match signal {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    }
}

/// Ends the process with [`INTERRUPTED`] when it is asked to end.
///
/// Commands need no undoing: the database rolls back what was not committed, files get their names when they are whole,
/// and a reservation can be asked for again with its key.
pub(super) fn end_when_asked() {
    let asked = asked_to_end();
    tokio::spawn(async {
        asked.await;
        note("interrupted");
        std::process::exit(i32::from(INTERRUPTED));
    });
}
