//! Steps of the desk that hand labels out, and that end leases.

use super::super::ServiceError;
use super::desk::{Done, Granted, Work};
use super::effect::{Effect, Happened};
use super::error::PrintError;
use super::facts::JobFacts;
use super::lease::LEASE_S;
use crate::print::{AttemptId, LabelState, Step};
use crate::service::caller::Serves;
use crate::store::print_attempt::{AttemptRow, ENDLESS_US, EndedBy};
use crate::store::printer::PrinterRow;
use crate::store::{self, StoreError};
use crate::trace::{AuditEntry, Fate, Span};

/// After so many labels the next job of the same priority has its turn.
const TURN: u64 = 500;
/// A job whose leases end without any result so often in a row is stopped, so that it does not block the queue.
const MOST_FAILURES: i64 = 3;

/// How long a lease lasts from now.
pub(super) fn expiry_us(now_us: i64) -> i64 {
    now_us + i64::from(LEASE_S) * 1_000_000
}

/// Until when a lease lasts of which something was heard now. A station's has no end.
pub(super) fn renewed_us(attempt: &AttemptRow, now_us: i64) -> i64 {
    if attempt.expires_us == ENDLESS_US { ENDLESS_US } else { expiry_us(now_us) }
}

/// The settings of a printer that a print's record keeps, as JSON.
pub(super) fn settings(printer: &PrinterRow) -> String {
    serde_json::json!({
        "format": printer.format, "dpi": printer.dpi, "darkness": printer.darkness,
        "speed_in_per_s": printer.speed_in_per_s, "media_um": [printer.media_width_um, printer.media_height_um],
        "offset_um": [printer.offset_x_um, printer.offset_y_um], "version": printer.edit_version,
    })
    .to_string()
}

impl Work<'_> {
    /// The next labels of a printer. What it held before is over: it asks for more.
    pub(super) async fn lease(&mut self, printer: i64, most: u32, name: &str) -> Result<Option<Granted>, ServiceError> {
        let row = store::printer::by_id(&mut self.tx, printer).await?;
        let row =
            row.ok_or_else(|| StoreError::Corrupt { table: "printer", column: "id", row: printer.to_string() })?;
        if row.state != "enabled" {
            return Err(PrintError::PrinterNotEnabled { printer: row.code, state: row.state }.into());
        }
        let mut open = store::print_attempt::open_of_printer(&mut self.tx, printer).await?;
        // What a station took along is not given back by its printer's poll.
        open.retain(|attempt| attempt.expires_us != ENDLESS_US);
        let mut next = store::print_job::next_for(&mut self.tx, printer, self.now_us).await?;
        if next.is_none() && !self.would_give_back(&open).await? {
            // A printer that asks for more while its labels come out keeps them.
            return Ok(None);
        }
        if !open.is_empty() {
            for open in open {
                self.end(&open, EndedBy::Superseded).await?;
            }
            next = store::print_job::next_for(&mut self.tx, printer, self.now_us).await?;
        }
        let Some((job, queued)) = next else { return Ok(None) };
        let facts = self.facts(job).await?;
        let last = queued.last().min(queued.first() + u64::from(most.max(1)) - 1);
        let span = Span::new(queued.first(), last).map_err(|_| StoreError::TooLarge(last))?;
        let mut attempt = AttemptRow {
            id: AttemptId(0),
            lease: name.to_owned(),
            printer_id: printer,
            job_id: job,
            span,
            settings: settings(&row),
            leased_us: self.now_us,
            expires_us: expiry_us(self.now_us),
            ended_us: None,
            ended_by: None,
        };
        attempt.id = store::print_attempt::insert(&mut self.tx, &attempt).await?;
        if self.advance(facts.job.lane(), span, Step::Lease(attempt.id)).await?.is_err() {
            return Err(StoreError::Corrupt { table: "print_label", column: "state", row: job.to_string() }.into());
        }
        if span.first() / TURN != (span.last() + 1) / TURN {
            store::print_job::set_turn(&mut self.tx, job, self.now_us).await?;
        }
        self.add(printer, [1, 0, 0]);
        self.keep_attempt(attempt.clone());
        Ok(Some(Granted { attempt, facts, printer: row }))
    }

    /// Whether labels could be leased again if these leases ended: some were never fetched.
    async fn would_give_back(&mut self, open: &[AttemptRow]) -> Result<bool, ServiceError> {
        for attempt in open {
            let lane = self.facts(attempt.job_id).await?.job.lane();
            let stored = store::print_label::around(&mut self.tx, lane, attempt.span).await?;
            if stored.iter().any(|piece| piece.state == LabelState::Leased(attempt.id))
                && store::print_job::state(&mut self.tx, attempt.job_id).await?.as_deref() == Some("ready")
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The lease with this name, if it is the caller's.
    pub(super) fn own_attempt(&self, lease: &str, serves: Serves) -> Result<AttemptRow, PrintError> {
        let own = |attempt: &&AttemptRow| match serves {
            Serves::Nothing => false,
            Serves::Printer(id) => attempt.printer_id == id,
            Serves::Any => true,
        };
        self.attempt(lease).filter(own).cloned().ok_or(PrintError::UnknownLease)
    }

    /// The same, if it goes on. One whose time is up is over, even if nobody has noted that yet.
    fn open_attempt(&self, lease: &str, serves: Serves) -> Result<AttemptRow, PrintError> {
        let attempt = self.own_attempt(lease, serves)?;
        match &attempt.ended_by {
            Some(by) => Err(PrintError::LeaseEnded { by: by.clone() }),
            None if attempt.expires_us <= self.now_us => Err(PrintError::LeaseEnded { by: "expired".into() }),
            None => Ok(attempt),
        }
    }

    /// Labels are about to be served: from here on they may exist on paper.
    pub(super) async fn hand_over(
        &mut self,
        lease: &str,
        serves: Serves,
        first: u64,
        last: u64,
    ) -> Result<Done, ServiceError> {
        let attempt = self.open_attempt(lease, serves)?;
        let span = positions(&attempt, first, last)?;
        let facts = self.facts(attempt.job_id).await?;
        let lane = facts.job.lane();
        let stored = store::print_label::around(&mut self.tx, lane, span).await?;
        let new = crate::print::advance(&stored, span, Step::HandOver(attempt.id));
        let new = new.map_err(|(_, refused)| PrintError::LeaseEnded { by: refused.from.to_string() })?;
        let fresh = stored.iter().filter(|piece| piece.state == LabelState::Leased(attempt.id));
        let fresh: Vec<Span> = fresh.filter_map(|piece| piece.span.intersection(span)).collect();
        if !fresh.is_empty() {
            self.refuse_late_doubts(&facts, &fresh).await?;
        }
        self.write(lane, &stored, &new).await?;
        self.handed_over.extend(fresh.into_iter().map(|span| (facts.job.code.clone(), attempt.id.0, span)));
        Ok(Done::HandedOver)
    }

    /// The last look before the first byte: the job goes on, and nobody has said anything of these serials meanwhile
    /// that a label of them would contradict.
    async fn refuse_late_doubts(&mut self, facts: &JobFacts, fresh: &[Span]) -> Result<(), ServiceError> {
        let job = &facts.job;
        let state = store::print_job::state(&mut self.tx, job.id).await?.unwrap_or_default();
        if state != "ready" {
            return Err(PrintError::LeaseEnded { by: state }.into());
        }
        let Some(serials) = &facts.serials else { return Ok(()) };
        for &span in fresh {
            let told = store::fate::overlapping(&mut self.tx, serials.block.series_id, span).await?;
            let in_the_way = told.iter().find(|piece| match piece.fate {
                Fate::Reserved => false,
                Fate::Void | Fate::Returned => true,
                // A reprint is of a label that exists.
                Fate::Printed | Fate::Applied | Fate::Unaccounted => job.copy == 1,
            });
            if let Some((piece, part)) = in_the_way.and_then(|p| Some((p, p.span.intersection(span)?))) {
                let (serial, state) = (facts.shown(part.first()), piece.fate.to_string());
                let why = format!("{serial} was reported {state} while its label was queued: cancel the job");
                self.stop(job.id, &why).await?;
                return Err(PrintError::AlreadyPrinted { serial, state, job: None }.into());
            }
        }
        Ok(())
    }

    /// A lease goes on for its full time from now.
    pub(super) async fn beat(&mut self, lease: &str, serves: Serves) -> Result<Done, ServiceError> {
        let mut attempt = self.open_attempt(lease, serves)?;
        attempt.expires_us = renewed_us(&attempt, self.now_us);
        store::print_attempt::extend(&mut self.tx, attempt.id, attempt.expires_us).await?;
        let job = store::print_job::by_id(&mut self.tx, attempt.job_id).await?;
        let printer = store::printer::by_id(&mut self.tx, attempt.printer_id).await?;
        let stop = job.is_none_or(|job| job.state != "ready") || printer.is_none_or(|p| p.state != "enabled");
        let expires_us = attempt.expires_us;
        self.keep_attempt(attempt);
        Ok(Done::Beat { expires_us, stop })
    }

    /// A lease's time is up.
    pub(super) async fn expire(&mut self, lease: &str) -> Result<Done, ServiceError> {
        let ahead_us = 2 * (expiry_us(0));
        // A heartbeat may have come since somebody saw that the time was up.
        let is_over = |attempt: &&AttemptRow| {
            attempt.ended_us.is_none()
                && attempt.expires_us != ENDLESS_US
                && (attempt.expires_us <= self.now_us || attempt.expires_us > self.now_us + ahead_us)
        };
        if let Some(attempt) = self.attempt(lease).filter(is_over).cloned() {
            self.end(&attempt, EndedBy::Expired).await?;
        }
        Ok(Done::Expired)
    }

    /// Ends a lease: labels of which not a byte was served are queued again, the others wait for a person.
    pub(super) async fn end(&mut self, attempt: &AttemptRow, by: EndedBy) -> Result<(), ServiceError> {
        let facts = self.facts(attempt.job_id).await?;
        let lane = facts.job.lane();
        let stored = store::print_label::around(&mut self.tx, lane, attempt.span).await?;
        let own = stored.iter().filter(
            |piece| matches!(piece.state, LabelState::Leased(id) | LabelState::HandedOver(id) if id == attempt.id),
        );
        let untouched: u64 = own.map(|piece| piece.span.len()).sum();
        let new = crate::print::advance(&stored, attempt.span, Step::End(attempt.id)).unwrap_or_default();
        let change = self.write(lane, &stored, &new).await?;
        self.forget_doubtful_tests(&facts).await?;
        let unconfirmed: Vec<Span> = new
            .iter()
            .zip(stored.iter().filter(|piece| piece.span.intersection(attempt.span).is_some()))
            .filter(|(after, before)| matches!(after.state, LabelState::Unconfirmed(_)) && after.state != before.state)
            .map(|(after, _)| after.span)
            .collect();
        self.add(attempt.printer_id, [0, 0, change.counts[4]]);
        if !unconfirmed.is_empty() {
            let note = format!("the lease ended ({}) before anybody said what became of them", by.as_str());
            let mut effect = Effect::new(&facts, Happened::Unconfirmed, unconfirmed, "nameplate");
            effect.attempt = Some(attempt.clone());
            effect.notes.push(note);
            self.effects.push(effect);
        }
        store::print_attempt::end(&mut self.tx, attempt.id, self.now_us, by).await?;
        let mut ended = attempt.clone();
        (ended.ended_us, ended.ended_by) = (Some(self.now_us), Some(by.as_str().to_owned()));
        self.keep_attempt(ended);
        self.ring(attempt.printer_id);
        // Whoever crashes at a label again and again never says what became of anything.
        if untouched == attempt.span.len() && matches!(by, EndedBy::Expired | EndedBy::Superseded) {
            let failures = store::print_job::add_failure(&mut self.tx, attempt.job_id).await?;
            if failures >= MOST_FAILURES {
                let why = format!("{failures} leases in a row ended without any result");
                self.stop(attempt.job_id, &why).await?;
            }
        }
        Ok(())
    }
}

impl Work<'_> {
    /// Test labels of which nobody knows whether they came out are cancelled: they stand for no unit, and nobody has to
    /// look for them. Answers whether there were any.
    pub(super) async fn forget_doubtful_tests(&mut self, facts: &JobFacts) -> Result<bool, StoreError> {
        if facts.serials.is_some() {
            return Ok(false);
        }
        let any_attempt = LabelState::Unconfirmed(AttemptId(0));
        Ok(super::control::forget(self, facts.job.lane(), any_attempt).await? > 0)
    }

    /// Stops a job that cannot go on by itself, and says so in the audit chain.
    pub(super) async fn stop(&mut self, job: i64, why: &str) -> Result<(), StoreError> {
        if let Some(code) = store::print_job::stop(&mut self.tx, job, why).await? {
            self.entries.push(AuditEntry {
                recorded_us: self.parts.clock.now_us(),
                actor: "nameplate".into(),
                action: "job.stop".into(),
                subject: code,
                detail: serde_json::json!({ "reason": why }).to_string(),
            });
        }
        Ok(())
    }
}

/// The ordinals of positions in a lease.
pub(super) fn positions(attempt: &AttemptRow, first: u64, last: u64) -> Result<Span, PrintError> {
    let labels = attempt.span.len();
    if first < 1 || last < first || last > labels {
        return Err(PrintError::Positions { labels, problem: format!("{first} to {last} are not among them") });
    }
    let base = attempt.span.first();
    Span::new(base + first - 1, base + last - 1).map_err(|e| PrintError::Positions { labels, problem: e.to_string() })
}
