//! Which printers may have work, and what printers said last: kept in memory, so that an idle fleet costs no writes.

use crate::print::status::PrinterStatus;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What is known of each printer between two looks into the database.
#[derive(Debug, Default)]
pub(super) struct Board {
    printers: Mutex<HashMap<i64, Entry>>,
}

#[derive(Debug)]
struct Entry {
    /// Goes up whenever work may have come; `None` once a look found nothing since.
    work: Option<u64>,
    comes: u64,
    bell: Arc<Notify>,
    /// When it was last heard of and what it said, and whether the database has that.
    seen: Option<(i64, PrinterStatus)>,
    is_noted: bool,
    /// Of a CloudPRNT printer: when it was asked who it is, how often it polls, and what it is.
    asked_us: Option<i64>,
    interval_s: Option<u32>,
    client: Option<String>,
}

impl Default for Entry {
    /// A printer that nobody has looked for may have work.
    fn default() -> Self {
        let (seen, asked_us, interval_s, client) = (None, None, None, None);
        Self { work: Some(0), comes: 0, bell: Arc::default(), seen, is_noted: true, asked_us, interval_s, client }
    }
}

impl Board {
    fn lock(&self) -> MutexGuard<'_, HashMap<i64, Entry>> {
        self.printers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Work may have come for a printer: whoever waits for it is woken.
    pub(super) fn ring(&self, printer: i64) {
        let mut printers = self.lock();
        let entry = printers.entry(printer).or_default();
        entry.comes += 1;
        entry.work = Some(entry.comes);
        entry.bell.notify_waiters();
    }

    /// Whether a printer may have work: a ticket to say so if a look finds none.
    pub(super) fn may_have_work(&self, printer: i64) -> Option<u64> {
        self.lock().entry(printer).or_default().work
    }

    /// A look with this ticket found nothing. What came since stays.
    pub(super) fn found_nothing(&self, printer: i64, ticket: u64) {
        let mut printers = self.lock();
        let entry = printers.entry(printer).or_default();
        if entry.work == Some(ticket) {
            entry.work = None;
        }
    }

    /// The bell that rings when work may have come.
    pub(super) fn bell(&self, printer: i64) -> Arc<Notify> {
        Arc::clone(&self.lock().entry(printer).or_default().bell)
    }

    /// Notes that a printer was heard of, and what it said if it said anything.
    pub(super) fn heard(&self, printer: i64, now_us: i64, status: Option<&PrinterStatus>) {
        let mut printers = self.lock();
        let entry = printers.entry(printer).or_default();
        let before = entry.seen.take().map(|(_, status)| status);
        entry.seen = Some((now_us, status.cloned().or(before).unwrap_or_default()));
        entry.is_noted = false;
    }

    /// When a printer was last heard of by this node, and what it said.
    pub(super) fn seen(&self, printer: i64) -> Option<(i64, PrinterStatus)> {
        self.lock().get(&printer).and_then(|entry| entry.seen.clone())
    }

    /// Keeps what a CloudPRNT printer says of itself, if it says anything. Answers what it is.
    pub(super) fn star_says(&self, printer: i64, interval_s: Option<u32>, client: Option<String>) -> Option<String> {
        let mut printers = self.lock();
        let entry = printers.entry(printer).or_default();
        entry.interval_s = interval_s.or(entry.interval_s);
        entry.client = client.or_else(|| entry.client.take());
        entry.client.clone()
    }

    /// Whether it is time to ask a CloudPRNT printer who it is. Whoever is told so asks.
    pub(super) fn star_introduction(&self, printer: i64, now_us: i64, every_us: i64) -> bool {
        let mut printers = self.lock();
        let entry = printers.entry(printer).or_default();
        let is_time = entry.asked_us.is_none_or(|asked_us| now_us - asked_us >= every_us);
        if is_time {
            entry.asked_us = Some(now_us);
        }
        is_time
    }

    /// How often a CloudPRNT printer polls, if it has said so.
    pub(super) fn star_interval_s(&self, printer: i64) -> Option<u32> {
        self.lock().get(&printer).and_then(|entry| entry.interval_s)
    }

    /// What the database does not have yet.
    pub(super) fn to_note(&self) -> Vec<(i64, i64, String)> {
        let mut out = Vec::new();
        for (printer, entry) in self.lock().iter_mut().filter(|(_, entry)| !entry.is_noted) {
            if let Some((seen_us, status)) = &entry.seen {
                out.push((*printer, *seen_us, serde_json::to_string(status).unwrap_or_else(|_| "{}".into())));
            }
            entry.is_noted = true;
        }
        out.sort_unstable_by_key(|(printer, ..)| *printer);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_comes_during_a_look_is_not_forgotten() {
        let board = Board::default();
        let ticket = board.may_have_work(1).unwrap();
        board.ring(1);
        board.found_nothing(1, ticket);
        let ticket = board.may_have_work(1).unwrap();
        board.found_nothing(1, ticket);
        assert_eq!(board.may_have_work(1), None);
        board.ring(1);
        assert!(board.may_have_work(1).is_some());
    }

    #[test]
    fn what_was_said_stays_until_something_else_is_said() {
        let board = Board::default();
        let status = PrinterStatus::unreachable("cable");
        board.heard(1, 10, Some(&status));
        board.heard(1, 20, None);
        assert_eq!(board.seen(1), Some((20, status)));
        assert_eq!(board.to_note().len(), 1);
        assert_eq!(board.to_note().len(), 0);
    }
}
