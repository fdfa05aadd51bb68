//! Use cases of printers and their agents: take a lease, fetch its labels, keep it alive, say what became of them.

use super::super::{Caller, Nameplate, ServiceError, random, rfc3339};
use super::desk::{Asked, Done};
use super::desk_lease::positions;
use super::error::PrintError;
use super::lease::{
    Heartbeat, LEASE_S, LabelResult, Lease, LeaseRequest, MAX_LEASED, MAX_WAIT_S, Outcome, ResultsTaken,
};
use super::printer::Format;
use crate::print::status::PrinterStatus;
use crate::store;
use crate::trace::lease_name;
use std::time::Duration;

/// Most results of one report.
const MAX_RESULTS: usize = 500;
/// Longest note of a result, in characters.
const MAX_NOTE: usize = 300;

/// Labels as they are served: one document that is complete in itself.
#[derive(Debug, Clone)]
pub struct Served {
    /// The document.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub media_type: &'static str,
}

/// The media type of a printer's format.
pub(super) fn media_type(format: &str) -> &'static str {
    match Format::protocol_name(format) {
        "pdf" => "application/pdf",
        "png" => "image/png",
        _ => "application/zpl",
    }
}

fn invalid(field: &'static str, problem: impl Into<String>) -> ServiceError {
    ServiceError::Invalid { field, problem: problem.into() }
}

fn unexpected() -> ServiceError {
    ServiceError::Unexpected("the print desk gave the wrong answer".into())
}

impl Nameplate {
    /// The next labels of a printer, after waiting for some if there are none. A printer holds one lease at a time: a new
    /// one ends the old.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for a printer that is not the caller's; [`PrintError::PrinterNotEnabled`].
    pub async fn lease_labels(
        &self,
        caller: &Caller,
        printer: &str,
        request: &LeaseRequest,
    ) -> Result<Option<Lease>, ServiceError> {
        if !(1..=MAX_LEASED).contains(&request.max_labels) {
            return Err(invalid("max_labels", format!("is 1 to {MAX_LEASED}")));
        }
        if request.wait_s > MAX_WAIT_S {
            return Err(invalid("wait_s", format!("is at most {MAX_WAIT_S}: ask again after that")));
        }
        let row = self.own_printer(caller, printer).await?;
        self.hear(row.id, request.status.as_ref())?;
        let board = &self.print.parts.board;
        let until = tokio::time::Instant::now() + Duration::from_secs(request.wait_s.into());
        loop {
            let bell = board.bell(row.id);
            // Made before the look, so that what comes during it is heard.
            let rung = bell.notified();
            if let Some(ticket) = board.may_have_work(row.id) {
                if let Some(lease) = self.take_lease(row.id, request.max_labels).await? {
                    return Ok(Some(lease));
                }
                board.found_nothing(row.id, ticket);
            }
            if tokio::time::timeout_at(until, rung).await.is_err() {
                return Ok(None);
            }
        }
    }

    pub(super) async fn take_lease(&self, printer: i64, most: u32) -> Result<Option<Lease>, ServiceError> {
        let name = lease_name(random()?);
        let Done::Leased(granted) = self.print.ask(Asked::Lease { printer, most, name }).await? else {
            return Err(unexpected());
        };
        let Some(granted) = granted else { return Ok(None) };
        let format = &granted.printer.format;
        Ok(Some(Lease {
            labels_url: format!("/api/v1/leases/{}/labels", granted.attempt.lease),
            lease: granted.attempt.lease,
            job: granted.facts.job.code.clone(),
            kind: granted.facts.job.kind.clone(),
            format: Format::protocol_name(format).to_owned(),
            media_type: media_type(format).to_owned(),
            labels: granted.attempt.span.len(),
            lease_s: LEASE_S,
            expires_at: rfc3339(granted.attempt.expires_us),
        }))
    }

    /// Labels of a lease, by their positions in it. They are drawn first and count as handed over before the first byte
    /// goes out, so nothing is handed over that cannot be drawn.
    ///
    /// # Errors
    /// [`PrintError::UnknownLease`], [`PrintError::LeaseEnded`], [`PrintError::Positions`], [`ServiceError::Label`].
    pub async fn fetch_labels(
        &self,
        caller: &Caller,
        lease: &str,
        first: Option<u64>,
        last: Option<u64>,
    ) -> Result<Served, ServiceError> {
        let mut conn = self.read().await?;
        let attempt = store::print_attempt::by_lease(&mut conn, lease).await?;
        let attempt = attempt.filter(|attempt| caller.may_serve(attempt.printer_id)).ok_or(PrintError::UnknownLease)?;
        let (first, last) = (first.unwrap_or(1), last.or(first).unwrap_or(attempt.span.len()));
        let span = positions(&attempt, first, last)?;
        if let Some(by) = attempt.ended_by {
            return Err(PrintError::LeaseEnded { by }.into());
        }
        let facts = self.print.parts.job_facts(&mut conn, attempt.job_id).await?;
        let printer = store::printer::by_id(&mut conn, attempt.printer_id).await?.ok_or(PrintError::UnknownLease)?;
        drop(conn);
        if printer.format == "png" && span.len() > 1 {
            return Err(invalid("last", "a PNG holds one label: fetch them one by one"));
        }
        let drawn = async {
            let ready = self.ready(&facts, &printer).await?;
            let facts = std::sync::Arc::clone(&facts);
            tokio::task::spawn_blocking(move || ready.document(&facts, span))
                .await
                .map_err(|e| ServiceError::Unexpected(e.to_string()))?
        };
        let bytes = match drawn.await {
            Ok(bytes) => bytes,
            Err(error @ (ServiceError::Label(_) | ServiceError::Print(_))) => {
                // A label that cannot be drawn now cannot be drawn next time either: the queue goes on without it.
                self.stop_job(attempt.job_id, &error.to_string()).await?;
                return Err(error);
            }
            Err(error) => return Err(error),
        };
        let asked = Asked::HandOver { lease: lease.to_owned(), serves: caller.serves, first, last };
        match self.print.ask(asked).await? {
            Done::HandedOver => Ok(Served { bytes, media_type: media_type(&printer.format) }),
            _ => Err(unexpected()),
        }
    }

    /// A lease goes on for its full time from now.
    ///
    /// # Errors
    /// [`PrintError::UnknownLease`], [`PrintError::LeaseEnded`].
    pub async fn keep_lease(
        &self,
        caller: &Caller,
        lease: &str,
        status: Option<&PrinterStatus>,
    ) -> Result<Heartbeat, ServiceError> {
        self.hear_from(caller, status)?;
        let asked = Asked::Beat { lease: lease.to_owned(), serves: caller.serves };
        match self.print.ask(asked).await? {
            Done::Beat { expires_us, stop } => Ok(Heartbeat { expires_at: rfc3339(expires_us), stop }),
            _ => Err(unexpected()),
        }
    }

    fn hear_from(&self, caller: &Caller, status: Option<&PrinterStatus>) -> Result<(), ServiceError> {
        match caller.serves {
            crate::service::caller::Serves::Printer(printer) => self.hear(printer, status),
            _ => Ok(()),
        }
    }

    /// What became of labels of a lease, also when it is over.
    ///
    /// # Errors
    /// [`PrintError::UnknownLease`], [`PrintError::Positions`], [`PrintError::NotHandedOver`]: nothing was taken.
    /// [`PrintError::ResultRefused`]: all but what it names was taken.
    pub async fn take_results(
        &self,
        caller: &Caller,
        lease: &str,
        results: &[LabelResult],
        status: Option<&PrinterStatus>,
    ) -> Result<ResultsTaken, ServiceError> {
        if results.is_empty() || results.len() > MAX_RESULTS {
            return Err(invalid("results", format!("name 1 to {MAX_RESULTS} ranges")));
        }
        for result in results {
            if result.outcome == Outcome::Printed && result.evidence.is_none() {
                return Err(invalid(
                    "evidence",
                    "say why it is believed that they came out: counter, status, ipp, cloudprnt or person",
                ));
            }
            if result
                .note
                .as_ref()
                .is_some_and(|note| note.chars().count() > MAX_NOTE || note.chars().any(char::is_control))
            {
                return Err(invalid("note", format!("has at most {MAX_NOTE} characters, and no control characters")));
            }
        }
        self.hear_from(caller, status)?;
        let asked = Asked::Results {
            lease: lease.to_owned(),
            serves: caller.serves,
            actor: caller.actor.clone(),
            results: results.to_vec(),
        };
        match self.print.ask(asked).await? {
            Done::Taken { taken, refused: None } => Ok(taken),
            Done::Taken { refused: Some((label, problem)), .. } => {
                Err(PrintError::ResultRefused { label, problem }.into())
            }
            _ => Err(unexpected()),
        }
    }
}
