//! What the agent says about a printer: one line when something changes, not one a second.

use super::client::CallError;
use std::fmt::Display;
use std::time::{Duration, Instant};

/// Speaks for one printer.
#[derive(Debug)]
pub(super) struct Voice {
    printer: String,
    state: String,
    is_fresh: bool,
    said: Instant,
    trouble: Option<CallError>,
    failures: u32,
}

impl Voice {
    pub(super) fn new(printer: &str) -> Self {
        let printer = printer.to_owned();
        Self { printer, state: String::new(), is_fresh: false, said: Instant::now(), trouble: None, failures: 0 }
    }

    /// The printer's state, said if it is another than before.
    pub(super) fn state(&mut self, state: &str) {
        if self.is_another(state) {
            self.news(state);
        }
    }

    /// The same for a state in which labels do not come out as they should. Returns whether it is another than before.
    pub(super) fn held(&mut self, state: &str) -> bool {
        if self.is_another(state) {
            self.warn(state);
        }
        self.is_fresh
    }

    fn is_another(&mut self, state: &str) -> bool {
        self.is_fresh = self.state != state;
        if self.is_fresh {
            self.state = state.to_owned();
            self.said = Instant::now();
        }
        self.is_fresh
    }

    /// The last state was another than the one before it.
    pub(super) const fn is_fresh(&self) -> bool {
        self.is_fresh
    }

    /// Whether the same state has lasted so long that it should be told again, to the server.
    pub(super) fn is_due(&mut self, every: Duration) -> bool {
        let is_due = self.said.elapsed() >= every;
        if is_due {
            self.said = Instant::now();
        }
        is_due
    }

    /// Something happened.
    pub(super) fn news(&self, text: impl Display) {
        tracing::info!("{}: {text}", self.printer);
    }

    /// Something that people should look at.
    pub(super) fn warn(&self, text: impl Display) {
        tracing::warn!("{}: {text}", self.printer);
    }

    /// Something without which the printer's work does not go on.
    pub(super) fn fault(&self, text: impl Display) {
        tracing::error!("{}: {text}", self.printer);
    }

    /// A call failed; said if it failed otherwise before.
    pub(super) fn trouble(&mut self, error: &CallError) {
        self.failures = self.failures.saturating_add(1);
        if self.trouble.as_ref() != Some(error) {
            self.warn(error);
            self.trouble = Some(error.clone());
        }
    }

    /// How many calls failed in a row.
    pub(super) const fn failures(&self) -> u32 {
        self.failures
    }

    /// Calls succeed again.
    pub(super) fn calm(&mut self) {
        self.failures = 0;
        if self.trouble.take().is_some() {
            self.news("the server answers again");
        }
    }
}
