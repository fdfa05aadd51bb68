//! What the program logs, on standard error.

use super::output::note;
use std::io::{self, IsTerminal};
use tracing_subscriber::EnvFilter;

/// What a server logs, unless `RUST_LOG` says otherwise.
const SERVER: &str = "info,sqlx=warn";

/// What any other command logs: only what somebody has to do something about.
const COMMAND: &str = "error";

/// Starts logging with times and targets, for a server.
pub(super) fn server() {
    let (filter, fault) = filter(SERVER);
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // It is set once, at the start of the process: that it is set already cannot be.
    let _ = subscriber.with_ansi(io::stderr().is_terminal()).try_init();
    fault.inspect(note_fault);
}

/// Starts logging bare lines, for a command that a person waits for.
pub(super) fn command() {
    let (filter, fault) = filter(COMMAND);
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let _ = subscriber.without_time().with_target(false).with_ansi(io::stderr().is_terminal()).try_init();
    fault.inspect(note_fault);
}

/// The filter of `RUST_LOG`, or the usual one and what is wrong with `RUST_LOG`.
fn filter(usual: &str) -> (EnvFilter, Option<String>) {
    match std::env::var("RUST_LOG") {
        Ok(text) => match EnvFilter::try_new(&text) {
            Ok(filter) => (filter, None),
            Err(error) => (EnvFilter::new(usual), Some(error.to_string())),
        },
        Err(_) => (EnvFilter::new(usual), None),
    }
}

fn note_fault(fault: &String) {
    note(format_args!("RUST_LOG is passed over: {fault}"));
}
