//! Use cases of printers that speak Star CloudPRNT: one label at a time, whose lease is the job token.
//!
//! The protocol wants a job to be offered until the printer deletes it, and would print it again after a fault. Here a
//! label that was fetched once is out: it is not offered again, and without a word from the printer it waits for a person.

use super::super::{Caller, Nameplate, ServiceError};
use super::desk::{Asked, lease_now_us};
use super::error::PrintError;
use super::fetch::Served;
use super::lease::{Evidence, LEASE_S, LabelResult, Outcome};
use super::printer::mac_key;
use crate::print::LabelState;
use crate::print::cloudprnt::{Code, Ending, Poll, PollAnswer};
use crate::store::print_attempt::AttemptRow;
use crate::store::printer::PrinterRow;
use crate::store::{self, Connection};

/// A printer is asked what it is and how often it polls once in this time.
const INTRODUCTION_US: i64 = 24 * 3_600 * 1_000_000;

/// What has become of the label that a printer holds.
enum Out {
    /// It was offered and not fetched: it can be offered again.
    Offered,
    /// It was offered, and its job does not go on.
    Withdrawn,
    /// It was fetched.
    Fetched,
}

impl Nameplate {
    /// What a printer gets that says how it is: a label, or nothing yet.
    ///
    /// An idle printer costs a few reads and no write.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when the caller's printer has another address, or none.
    pub async fn star_poll(&self, caller: &Caller, poll: &Poll) -> Result<PollAnswer, ServiceError> {
        let mut conn = self.read().await?;
        let printer = self.star_printer(&mut conn, caller, poll.printer_mac.as_deref()).await?;
        let (board, code) = (&self.print.parts.board, poll.code());
        let now_us = self.clock.now_us();
        let client = board.star_says(printer.id, poll.interval_s(), poll.client());
        let mut status = code.status();
        status.agent = client;
        self.hear(printer.id, Some(&status))?;
        if let Some((attempt, out)) = self.held_by(&mut conn, printer.id).await? {
            drop(conn);
            match out {
                Out::Offered if code.is_ready() && !poll.is_printing() => return Ok(PollAnswer::offer(&attempt.lease)),
                Out::Offered => return Ok(PollAnswer::idle()),
                Out::Fetched => {
                    self.still_out(caller, &attempt, poll, &code).await?;
                    return Ok(PollAnswer::idle());
                }
                Out::Withdrawn => {}
            }
        } else {
            drop(conn);
        }
        if !code.is_ready() || poll.is_printing() || printer.state != "enabled" {
            return Ok(PollAnswer::idle());
        }
        if board.star_introduction(printer.id, now_us, INTRODUCTION_US) {
            return Ok(PollAnswer::introduce_yourself());
        }
        let Some(ticket) = board.may_have_work(printer.id) else { return Ok(PollAnswer::idle()) };
        match self.take_lease(printer.id, 1).await {
            Ok(Some(lease)) => Ok(PollAnswer::offer(&lease.lease)),
            Ok(None) => {
                board.found_nothing(printer.id, ticket);
                Ok(PollAnswer::idle())
            }
            Err(ServiceError::Print(PrintError::PrinterNotEnabled { .. })) => Ok(PollAnswer::idle()),
            Err(error) => Err(error),
        }
    }

    /// The label of a job token, as often as it is asked for until the job ends.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] as for polls; [`PrintError::UnknownLease`], [`PrintError::LeaseEnded`].
    pub async fn star_fetch(&self, caller: &Caller, mac: Option<&str>, token: &str) -> Result<Served, ServiceError> {
        let mut conn = self.read().await?;
        let printer = self.star_printer(&mut conn, caller, mac).await?;
        drop(conn);
        self.hear(printer.id, None)?;
        self.fetch_labels(caller, token, Some(1), Some(1)).await
    }

    /// A printer ends a job. Saying it again is fine, and so is saying it late: what a person has decided meanwhile
    /// stays, and the printer has nothing more to do.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] as for polls; [`PrintError::UnknownLease`]; [`PrintError::NotHandedOver`] for success
    /// with a label that was never fetched.
    pub async fn star_done(
        &self,
        caller: &Caller,
        mac: Option<&str>,
        token: &str,
        code: &str,
    ) -> Result<(), ServiceError> {
        let mut conn = self.read().await?;
        let printer = self.star_printer(&mut conn, caller, mac).await?;
        let attempt = self.star_attempt(&mut conn, caller, token).await?;
        drop(conn);
        self.hear(printer.id, None)?;
        let code = Code::parse(code);
        let outcome = match code.ending() {
            Ending::Printed => Outcome::Printed,
            Ending::Refused => Outcome::NotPrinted,
            Ending::Unknown | Ending::Garbled => Outcome::Unknown,
        };
        match self.star_result(caller, &attempt, outcome, &code).await {
            Ok(()) => {}
            // The label was offered and never fetched: the printer gives it back.
            Err(ServiceError::Print(PrintError::NotHandedOver { .. })) if outcome == Outcome::Unknown => {
                self.star_result(caller, &attempt, Outcome::NotPrinted, &code).await?;
            }
            Err(ServiceError::Print(PrintError::ResultRefused { problem, .. })) => {
                tracing::info!(lease = %attempt.lease, %problem, "the end of a CloudPRNT job comes too late");
            }
            Err(error) => return Err(error),
        }
        if matches!(code.ending(), Ending::Refused | Ending::Garbled) {
            // The next label would fare no better, and the queue shall go on.
            let why = format!("printer {} cannot print what it is sent: {}", printer.code, code.text);
            self.stop_job(attempt.job_id, &why).await?;
        }
        Ok(())
    }

    async fn star_result(
        &self,
        caller: &Caller,
        attempt: &AttemptRow,
        outcome: Outcome,
        code: &Code,
    ) -> Result<(), ServiceError> {
        let evidence = (outcome == Outcome::Printed).then_some(Evidence::Cloudprnt);
        let note = (outcome != Outcome::Printed).then(|| format!("the printer said: {}", code.text));
        let result = LabelResult { first: 1, last: 1, outcome, evidence, note };
        self.take_results(caller, &attempt.lease, &[result], None).await.map(drop)
    }

    /// The caller's printer, if it has this address.
    async fn star_printer(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        mac: Option<&str>,
    ) -> Result<PrinterRow, ServiceError> {
        let shown: String = mac.unwrap_or("without an address").chars().take(40).collect();
        let absent = || ServiceError::NotFound { kind: "printer", name: shown.clone() };
        let key = mac_key(mac.unwrap_or_default()).map_err(|_| absent())?;
        let printer = store::printer::by_mac(conn, &key).await?;
        printer.filter(|printer| caller.may_serve(printer.id) && printer.driver == "cloudprnt").ok_or_else(absent)
    }

    async fn star_attempt(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        token: &str,
    ) -> Result<AttemptRow, ServiceError> {
        let attempt = store::print_attempt::by_lease(conn, token).await?;
        Ok(attempt.filter(|attempt| caller.may_serve(attempt.printer_id)).ok_or(PrintError::UnknownLease)?)
    }

    /// The lease that a printer holds, and what has become of its label.
    async fn held_by(&self, conn: &mut Connection, printer: i64) -> Result<Option<(AttemptRow, Out)>, ServiceError> {
        let Some(attempt) = store::print_attempt::open_of_printer(conn, printer).await?.pop() else { return Ok(None) };
        if attempt.expires_us <= lease_now_us(&self.print.parts, conn).await? {
            return Ok(None);
        }
        let facts = self.print.parts.job_facts(conn, attempt.job_id).await?;
        let stored = store::print_label::around(conn, facts.job.lane(), attempt.span).await?;
        let is = |state| stored.iter().any(|piece| piece.state == state);
        let out = if is(LabelState::HandedOver(attempt.id)) {
            Out::Fetched
        } else if !is(LabelState::Leased(attempt.id)) {
            // A person has settled it.
            return Ok(None);
        } else if store::print_job::state(conn, attempt.job_id).await?.as_deref() == Some("ready") {
            Out::Offered
        } else {
            Out::Withdrawn
        };
        Ok(Some((attempt, out)))
    }

    /// A printer polls while its label is out. One that prints keeps its lease; one that says that something is wrong
    /// leaves the label to a person: a part of it may have come out.
    async fn still_out(
        &self,
        caller: &Caller,
        attempt: &AttemptRow,
        poll: &Poll,
        code: &Code,
    ) -> Result<(), ServiceError> {
        if code.is_fault() && !poll.is_printing() {
            return match self.star_result(caller, attempt, Outcome::Unknown, code).await {
                // It was confirmed at the same moment.
                Err(ServiceError::Print(PrintError::ResultRefused { .. })) => Ok(()),
                done => done,
            };
        }
        let lease_us = i64::from(LEASE_S) * 1_000_000;
        let mut conn = self.read().await?;
        let now_us = lease_now_us(&self.print.parts, &mut conn).await?;
        drop(conn);
        if poll.is_printing() && attempt.expires_us - now_us < lease_us / 2 {
            let asked = Asked::Beat { lease: attempt.lease.clone(), serves: caller.serves };
            match self.print.ask(asked).await {
                Ok(_) | Err(ServiceError::Print(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
