//! Printing one lease: window after window, each fetched only when the printer would print it.

use super::client::{CallError, Lease};
use super::drivers::{Hold, Sent, Window};
use super::journal::Journal;
use super::ledger::{Outcome, Span};
use super::worker::{Halt, Worker};
use crate::print::status::PrinterStatus;
use std::time::{Duration, Instant};

/// A document older than this is not sent: meanwhile the lease may have ended and a person may have decided.
const FRESH: Duration = Duration::from_secs(20);

/// Results are reported together up to this time or number.
const REPORT_EVERY: Duration = Duration::from_secs(1);
const REPORT_LABELS: u32 = 20;

/// After so many windows in a row that could not be confirmed the rest of a lease is given back: a broken printer must not
/// spoil a whole job.
const MOST_DOUBTS: u32 = 3;

/// Signs of life during a lease.
struct Pulse {
    every: Duration,
    last: Instant,
    /// Why the rest of the lease is not to be printed.
    ended: Option<String>,
}

impl Pulse {
    fn new(lease_s: u32) -> Self {
        Self { every: Duration::from_secs(lease_s.into()) / 3, last: Instant::now(), ended: None }
    }
}

/// How far a lease has come.
struct Progress {
    /// Since when nothing went on, and why.
    held: Option<(Instant, String)>,
    reported: Instant,
    unreported: u32,
}

impl Worker {
    /// Prints a lease, or as much of it as can be; whatever was not sent is given back.
    pub(super) fn print(&mut self, journal: &mut Journal, lease: &Lease) -> Result<(), Halt> {
        journal.lease(lease.lease.clone(), lease.job.clone(), lease.labels)?;
        self.voice.state(&format!("prints {} labels of {}", lease.labels, lease.job));
        let mut pulse = Pulse::new(lease.lease_s);
        let mut progress = Progress { held: None, reported: Instant::now(), unreported: 0 };
        let why = if self.driver.takes(lease.format) {
            self.windows(journal, lease, &mut pulse, &mut progress)?
        } else {
            let why = format!("this printer does not take {}", lease.format.ending());
            let pause = format!("cannot print {}: {why}. Its driver here is not the one at the server", lease.job);
            self.pause = Some(pause);
            Some(why)
        };
        let mut kept = 0;
        while let Some(span) = journal.ledger().lease().and_then(|open| open.next(lease.labels)) {
            self.settle(journal, span, Outcome::not_printed(why.clone().unwrap_or_default()))?;
            kept += span.count();
        }
        if let (Some(why), 1..) = (why, kept) {
            self.voice.news(format_args!("gives back {kept} labels of {}: {why}", lease.job));
        }
        Ok(())
    }

    /// Prints window after window. Why the rest is not printed, if so.
    fn windows(
        &mut self,
        journal: &mut Journal,
        lease: &Lease,
        pulse: &mut Pulse,
        progress: &mut Progress,
    ) -> Result<Option<String>, Halt> {
        let most = if lease.format == super::client::Format::Png { 1 } else { self.printer.window };
        while let Some(span) = journal.ledger().lease().and_then(|open| open.next(most)) {
            if self.stop.is_asked() {
                return Ok(Some("the agent was asked to end".into()));
            }
            if self.doubts >= MOST_DOUBTS {
                // One more try after the pause.
                self.doubts = MOST_DOUBTS - 1;
                let why = "labels came out unconfirmed one after the other: look at the printer, and settle them";
                self.pause = Some(why.into());
                return Ok(Some(why.into()));
            }
            match self.window(journal, lease, span, pulse)? {
                Step::Printed => {
                    progress.held = None;
                    progress.unreported += span.count();
                    if progress.unreported >= REPORT_LABELS || progress.reported.elapsed() >= REPORT_EVERY {
                        self.report(journal)?;
                        (progress.unreported, progress.reported) = (0, Instant::now());
                    }
                }
                Step::Held(why) => {
                    let (since, _) = progress.held.get_or_insert_with(|| (Instant::now(), why.clone()));
                    if since.elapsed() >= self.printer.patience.hold {
                        return Ok(Some(why));
                    }
                }
                Step::Over(why) => return Ok(Some(why)),
            }
            if let Some(why) = pulse.ended.take() {
                return Ok(Some(why));
            }
        }
        Ok(None)
    }

    /// One window. Waits by itself where the printer or the server wants to be waited for.
    fn window(&mut self, journal: &mut Journal, lease: &Lease, span: Span, pulse: &mut Pulse) -> Result<Step, Halt> {
        let Self { client, driver, .. } = self;
        let unknown = PrinterStatus::default();
        let prepared = match driver.prepare(&mut || beat(client, lease, &unknown, pulse)) {
            Ok(prepared) => prepared,
            Err(Hold { status, why }) => {
                self.voice.held(&format!("holds back: {why}"));
                self.hold(lease, &status, pulse);
                return Ok(Step::Held(why));
            }
        };
        beat(client, lease, &prepared.status, pulse);
        if let Some(why) = pulse.ended.take() {
            return Ok(Step::Over(why));
        }
        let asked = Instant::now();
        let document = match client.labels(lease, span) {
            Ok(document) => document,
            Err(error @ CallError::Refused { .. }) => {
                return Ok(Step::Over(error.to_string()));
            }
            Err(error) => {
                drop(prepared);
                self.failed_within(&error);
                return Ok(Step::Held(error.to_string()));
            }
        };
        journal.sending(span)?;
        if asked.elapsed() > FRESH {
            journal.withheld(span)?;
            return Ok(Step::Held("the server answers too slowly".into()));
        }
        let status = prepared.status.clone();
        let window = Window { job: &lease.job, lease: &lease.lease, span, format: lease.format, document: &document };
        let sent = driver.print(prepared, &window, &mut || beat(client, lease, &status, pulse));
        drop(document);
        self.reached();
        match sent {
            Sent::Something(outcome) => {
                if let Outcome::Unknown { note } = &outcome {
                    self.doubts += u32::from(self.driver.can_confirm());
                    self.voice.held(&format!("cannot confirm labels: {note}"));
                } else {
                    self.doubts = 0;
                    self.voice.state(&format!("prints {} labels of {}", lease.labels, lease.job));
                }
                self.settle(journal, span, outcome)?;
                Ok(Step::Printed)
            }
            Sent::Nothing(why) => {
                journal.withheld(span)?;
                self.voice.held(&format!("holds back: {why}"));
                self.hold(lease, &PrinterStatus::unknown(why.clone()), pulse);
                Ok(Step::Held(why))
            }
        }
    }

    /// Waits for a printer that does not print, with signs of life.
    fn hold(&mut self, lease: &Lease, status: &PrinterStatus, pulse: &mut Pulse) {
        // The first one tells the server at once how the printer is.
        if self.voice.is_fresh() {
            pulse.last = Instant::now().checked_sub(pulse.every).unwrap_or(pulse.last);
        }
        beat(&self.client, lease, status, pulse);
        self.stop.wait(self.printer.patience.retry);
    }

    /// Waits after a failed call within a lease; `--once` goes on here as well, up to the printer's patience.
    fn failed_within(&mut self, error: &CallError) {
        self.voice.trouble(error);
        let wait = self.backoff.after_failure(error.wait());
        self.stop.wait(wait);
    }

    /// Reports what there is; what the server does not take now it will take at the end of the lease.
    fn report(&mut self, journal: &mut Journal) -> Result<(), Halt> {
        if let Some(error) = self.deliver(journal)? {
            self.voice.trouble(&error);
        }
        Ok(())
    }
}

/// What came of a window.
enum Step {
    /// It was sent; what became of it is in the journal.
    Printed,
    /// Nothing was sent, and it may be tried again.
    Held(String),
    /// Nothing was sent, and nothing more of this lease will be.
    Over(String),
}

/// Gives a sign of life when it is time. If that fails, the next one will do.
fn beat(client: &super::client::Client, lease: &Lease, status: &PrinterStatus, pulse: &mut Pulse) {
    if pulse.last.elapsed() < pulse.every || pulse.ended.is_some() {
        return;
    }
    pulse.last = Instant::now();
    match client.heartbeat(&lease.lease, status) {
        Ok(heartbeat) if heartbeat.stop => pulse.ended = Some("the job was stopped at the server".into()),
        Ok(_) => {}
        Err(error @ CallError::Refused { status: 404 | 409 | 410, .. }) => pulse.ended = Some(error.to_string()),
        Err(_) => {}
    }
}
