//! The work for one printer, on a thread of its own: look, lease, print, report, over and over.

use super::client::{CallError, Client};
use super::config::Printer;
use super::drivers::{Driver, Hold};
use super::journal::{Folder, Journal, JournalError};
use super::ledger::{Outcome, Report, SpanResult};
use super::pace::{Backoff, Stop};
use super::voice::Voice;
use super::{Mode, Tally};
use crate::print::status::{PrinterStatus, State};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Most labels of a lease.
const LEASE: u32 = 100;

/// Between two reports of a state that does not change.
const STATE_EVERY: Duration = Duration::from_secs(60);

/// Two requests for work are at least so far apart, if the server does not let the first wait.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// Between two attempts to use a journal that the file system refuses.
const JOURNAL_EVERY: Duration = Duration::from_secs(30);

/// A pause lasts so many times as long as the printer's `retry_s`: a minute unless told otherwise.
const PAUSE: u32 = 12;

/// How often something is tried that is not tried for ever.
const ATTEMPTS: u32 = 3;

/// Why a printer's work ended with something left to do for people.
pub(super) type Problem = String;

/// Why the work pauses or ends.
pub(super) enum Halt {
    /// It was asked to end, or there is nothing more to do.
    Ended,
    /// The journal cannot be used.
    Journal(JournalError),
    /// With `--once`: it cannot be done now.
    Problem(Problem),
}

impl From<JournalError> for Halt {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

/// What works for one printer.
pub(super) struct Worker {
    pub(super) printer: Printer,
    pub(super) client: Client,
    pub(super) driver: Driver,
    pub(super) folder: Arc<Folder>,
    pub(super) stop: Stop,
    pub(super) mode: Mode,
    pub(super) wait_s: u32,
    pub(super) voice: Voice,
    pub(super) backoff: Backoff,
    pub(super) tally: Tally,
    /// Windows in a row of which the printer could not say that they came out, though it can confirm.
    pub(super) doubts: u32,
    /// Why no new lease is taken for a while.
    pub(super) pause: Option<Problem>,
    /// Set while nothing would be lost if the process ended.
    pub(super) is_idle: Arc<AtomicBool>,
}

impl Worker {
    /// Works until it is asked to end, or cannot go on.
    pub(super) fn run(mut self) -> (Tally, Option<Problem>) {
        loop {
            let halt = match self.folder.clone().journal(&self.printer.name) {
                Ok(mut journal) => self.work(&mut journal),
                Err(error) => Err(Halt::Journal(error)),
            };
            self.is_idle.store(true, Ordering::SeqCst);
            match halt {
                Ok(()) | Err(Halt::Ended) => return (self.tally, None),
                Err(Halt::Problem(problem)) => return (self.tally, Some(problem)),
                Err(Halt::Journal(error)) => {
                    self.voice.fault(&error);
                    if error.is_final() || self.mode == Mode::Once || self.stop.wait(JOURNAL_EVERY) {
                        return (self.tally, Some(error.to_string()));
                    }
                }
            }
        }
    }

    fn work(&mut self, journal: &mut Journal) -> Result<(), Halt> {
        if journal.settle_after_crash()? {
            self.voice.news("taking up after an interruption: what was not sent goes back, what was is unconfirmed");
        }
        self.deliver_all(journal)?;
        while !self.stop.is_asked() {
            let Some(status) = self.look()? else { continue };
            let asked = Instant::now();
            self.is_idle.store(true, Ordering::SeqCst);
            let wait_s = if self.mode == Mode::Once { 0 } else { self.wait_s };
            let answer = self.client.lease(LEASE, wait_s, &status);
            // In this order: who asks us to end looks whether we are idle after having asked.
            self.is_idle.store(false, Ordering::SeqCst);
            if self.stop.is_asked() {
                // A lease that came meanwhile ends by itself: nothing of it was fetched.
                break;
            }
            match answer {
                Ok(Some(lease)) => {
                    self.reached();
                    self.print(journal, &lease)?;
                    self.deliver_all(journal)?;
                    self.rest_if_need_be()?;
                }
                Ok(None) => {
                    self.reached();
                    self.voice.state("ready, nothing to print");
                    if self.mode == Mode::Once {
                        break;
                    }
                    self.stop.wait(ASK_EVERY.saturating_sub(asked.elapsed()));
                }
                Err(error) => self.failed(&error)?,
            }
        }
        Ok(())
    }

    /// Something is wrong that another lease would not mend: says so, to the server too, and waits.
    fn rest_if_need_be(&mut self) -> Result<(), Halt> {
        let Some(why) = self.pause.take() else { return Ok(()) };
        self.voice.held(&format!("pauses: {why}"));
        let status = PrinterStatus { state: State::Error, detail: Some(why.clone()), ..PrinterStatus::default() };
        if let Err(error) = self.client.status(&status) {
            self.voice.trouble(&error);
        }
        if self.mode == Mode::Once {
            return Err(Halt::Problem(why));
        }
        self.stop.wait(self.printer.patience.retry * PAUSE);
        Ok(())
    }

    /// How the printer is, if it would print.
    fn look(&mut self) -> Result<Option<PrinterStatus>, Halt> {
        match self.driver.prepare(&mut || {}) {
            Ok(prepared) => Ok(Some(prepared.status)),
            Err(Hold { status, why }) => {
                let is_new = self.voice.held(&format!("holds back: {why}")) || self.voice.is_due(STATE_EVERY);
                if let Some(Err(error)) = is_new.then(|| self.client.status(&status)) {
                    self.voice.trouble(&error);
                }
                if self.mode == Mode::Once {
                    return Err(Halt::Problem(why));
                }
                self.stop.wait(self.printer.patience.retry);
                Ok(None)
            }
        }
    }

    /// All is well with the server.
    pub(super) fn reached(&mut self) {
        self.backoff.reset();
        self.voice.calm();
    }

    /// Waits after a failed call.
    pub(super) fn failed(&mut self, error: &CallError) -> Result<(), Halt> {
        self.voice.trouble(error);
        let failures = self.voice.failures();
        if self.mode == Mode::Once && (failures >= ATTEMPTS || error.status().is_some()) {
            return Err(Halt::Problem(error.to_string()));
        }
        // A refusal would be said again: there is no hurry.
        let asked = error.wait().or(error.status().map(|_| self.printer.patience.retry));
        let wait = self.backoff.after_failure(asked);
        self.stop.wait(wait);
        Ok(())
    }

    /// Reports until the server took all results of the lease, then ends the lease.
    fn deliver_all(&mut self, journal: &mut Journal) -> Result<(), Halt> {
        let mut last_attempts = ATTEMPTS;
        while journal.ledger().lease().is_some_and(|lease| !lease.is_done()) {
            match self.deliver(journal)? {
                None => self.reached(),
                Some(error) => {
                    if self.stop.is_asked() {
                        last_attempts -= 1;
                        if last_attempts == 0 {
                            self.voice.news("results are kept in the journal and reported after the next start");
                            return Err(Halt::Ended);
                        }
                        std::thread::sleep(self.backoff.after_failure(None).min(ASK_EVERY));
                    }
                    self.failed(&error)?;
                }
            }
        }
        if journal.ledger().lease().is_some() {
            journal.done()?;
        }
        Ok(())
    }

    /// Reports what the server did not take yet, once. What it refuses for good is settled too: it knows better.
    pub(super) fn deliver(&mut self, journal: &mut Journal) -> Result<Option<CallError>, Halt> {
        let Some(open) = journal.ledger().lease() else { return Ok(None) };
        let (lease, results) = (open.lease.clone(), open.untaken());
        if results.is_empty() {
            return Ok(None);
        }
        let call = |results: &[SpanResult]| self.client.results(&lease, &Report { results, status: None });
        match call(&results) {
            Ok(_) => {
                for result in &results {
                    journal.taken(result.span)?;
                }
                Ok(None)
            }
            Err(error) if !is_settled(&error) => Ok(Some(error)),
            // Which of them are meant is found out by asking one by one.
            Err(_) => {
                for one in &results {
                    match call(std::slice::from_ref(one)) {
                        Ok(_) => {}
                        Err(error) if is_settled(&error) => self.voice.warn(format_args!(
                            "labels {} to {} of {lease}: the server decided otherwise: {error}",
                            one.span.first, one.span.last
                        )),
                        Err(error) => return Ok(Some(error)),
                    }
                    journal.taken(one.span)?;
                }
                Ok(None)
            }
        }
    }

    /// Writes down what became of labels.
    pub(super) fn settle(
        &mut self,
        journal: &mut Journal,
        span: super::ledger::Span,
        outcome: Outcome,
    ) -> Result<(), Halt> {
        match &outcome {
            Outcome::Printed { .. } => self.tally.printed += u64::from(span.count()),
            Outcome::Unknown { .. } => self.tally.unknown += u64::from(span.count()),
            Outcome::NotPrinted { .. } => self.tally.not_printed += u64::from(span.count()),
        }
        Ok(journal.result(span, outcome)?)
    }
}

/// The server will never take these results: it went on without them, does not know the lease any more, or cannot read
/// them. A person decides there, and the queue goes on.
fn is_settled(error: &CallError) -> bool {
    matches!(error.status(), Some(400 | 404 | 409 | 410 | 413 | 422))
}
