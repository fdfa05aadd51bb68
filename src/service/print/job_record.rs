//! What is known of print jobs, their labels and leases.

use super::super::{Caller, Nameplate, ServiceError, rfc3339};
use super::control::SECOND_PERSON;
use crate::print::LabelState;
use crate::store::print_job::JobRow;
use crate::store::print_queue::{JobFilter, JobStatus};
use crate::store::{self, Connection};
use serde::Serialize;

/// A print job as people and machines read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "job": "JOB-0123456789ABCDEF", "kind": "live", "state": "processing", "printer": "line-3", "sku": "NT-M2-BOR",
    "batch": "2025-W27-M2", "block": "BLK-7K3M9XQ2WVT0A1B2", "copy": 1, "labels": 250,
    "counts": {"queued": 180, "leased": 12, "handed_over": 8, "confirmed": 50, "unconfirmed": 0, "scrapped": 0,
    "canceled": 0}, "template": "unit-60x40", "template_digest": "9f86d081...", "artwork": "60303ae2...", "dpi": 203,
    "approval": 57, "priority": 5, "made_at": "2025-07-10T12:00:00Z", "made_by": "line 3, station B (0A1B2C3D4E)"
}))]
pub struct JobRecord {
    /// Its name.
    pub job: String,
    /// `live`, `reprint`, `reissue` or `test`.
    pub kind: String,
    /// In the words of IPP (RFC 8011): pending, held, processing, stopped, canceled, completed. A job with unconfirmed
    /// labels and nothing else to do is stopped: it waits for a person.
    pub state: String,
    /// Why it is held or stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_reason: Option<String>,
    /// Its printer.
    pub printer: String,
    /// SKU code.
    pub sku: String,
    /// Batch code.
    pub batch: Option<String>,
    /// Block code.
    pub block: Option<String>,
    /// 1 for the first print of its serials.
    pub copy: i64,
    /// How many labels it was made for.
    pub labels: i64,
    /// How many are in which state.
    pub counts: LabelCounts,
    /// Template name.
    pub template: String,
    /// SHA-256 of the template's file: its revision.
    pub template_digest: String,
    /// SHA-256 of everything that is the same on every label.
    pub artwork: String,
    /// Dots an inch.
    pub dpi: i64,
    /// Under which approval.
    pub approval: Option<i64>,
    /// Higher goes first.
    pub priority: i64,
    /// When queued labels are cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// Why: of a reprint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was said of the label that it replaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attestation: Option<String>,
    /// Who agreed, where a second person has to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_person: Option<String>,
    /// When it was made, RFC 3339.
    pub made_at: String,
    /// Who made it. Left out for callers bound to a brand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_by: Option<String>,
    /// The station that reserved the block; none of a test.
    #[serde(skip)]
    pub station: Option<String>,
    /// Whether a second person has to agree before anything is printed.
    #[serde(skip)]
    pub awaits_second: bool,
}

/// How many labels of a job are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LabelCounts {
    /// Waiting for the printer.
    pub queued: i64,
    /// Promised to the printer, not a byte served.
    pub leased: i64,
    /// Served; nobody has said yet what became of them.
    pub handed_over: i64,
    /// Came out.
    pub confirmed: i64,
    /// May have come out: they wait for a person.
    pub unconfirmed: i64,
    /// Their serials are void.
    pub scrapped: i64,
    /// Cancelled before they left the queue.
    pub canceled: i64,
}

/// Labels of a job with one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "first_serial": "07K3-M9XQ-2WNF", "last_serial": "0ZZ3-M9XQ-2W76", "labels": 3, "state": "unconfirmed",
    "note": "job JOB-0123456789ABCDEF, printer line-3; the connection was lost within the label"
}))]
pub struct LabelRange {
    /// The first serial, as people read it.
    pub first_serial: String,
    /// The last serial, in issuing order.
    pub last_serial: String,
    /// How many there are.
    pub labels: u64,
    /// Their state.
    pub state: String,
    /// Why they are unconfirmed. Left out for other states and for callers bound to a brand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What display calls the state of a job.
fn display_state(job: &JobRow) -> &'static str {
    let [queued, leased, handed_over, _, unconfirmed, _] = job.counts;
    if leased + handed_over > 0 {
        return "processing";
    }
    match (job.state.as_str(), queued, unconfirmed) {
        (_, _, 1..) if queued == 0 => "stopped",
        ("canceled", ..) => "canceled",
        (_, 0, 0) => "completed",
        ("held", ..) => "held",
        ("stopped", ..) => "stopped",
        _ => "pending",
    }
}

impl Nameplate {
    pub(super) async fn job_record(
        &self,
        _conn: &mut Connection,
        caller: &Caller,
        job: JobRow,
    ) -> Result<JobRecord, ServiceError> {
        let [queued, leased, handed_over, confirmed, unconfirmed, scrapped] = job.counts;
        let state = display_state(&job);
        let waits = (state == "stopped" && queued == 0)
            .then(|| "labels wait for a person to say what became of them".to_owned());
        let awaits_second = job.held_for.as_deref() == Some(SECOND_PERSON) && job.second_person.is_none();
        Ok(JobRecord {
            state: state.to_owned(),
            state_reason: waits.or(job.held_for).filter(|_| state != "completed"),
            counts: LabelCounts {
                queued,
                leased,
                handed_over,
                confirmed,
                unconfirmed,
                scrapped,
                canceled: job.canceled,
            },
            job: job.code,
            kind: job.kind,
            printer: job.printer,
            sku: job.sku,
            batch: job.batch,
            block: job.block,
            copy: job.copy,
            labels: job.labels,
            template: job.template,
            template_digest: job.template_digest,
            artwork: job.artwork,
            dpi: job.dpi,
            approval: job.approval_id,
            priority: job.priority,
            expires_at: job.expires_us.map(rfc3339),
            reason: job.reason,
            attestation: job.attestation,
            second_person: job.second_person,
            made_at: rfc3339(job.created_us),
            made_by: caller.brand.is_none().then_some(job.actor),
            station: job.station,
            awaits_second: awaits_second && job.state == "held",
        })
    }

    /// A job by its name.
    pub(super) async fn job_row(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        code: &str,
    ) -> Result<JobRow, ServiceError> {
        let absent = || ServiceError::NotFound { kind: "print job", name: code.chars().take(80).collect() };
        let code = crate::trace::JobCode::parse(code).map_err(|_| absent())?;
        store::print_job::by_code(conn, code.as_str(), caller.brand).await?.ok_or_else(absent)
    }

    /// The job with this name.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], also when it is another brand's.
    pub async fn job(&self, caller: &Caller, code: &str) -> Result<JobRecord, ServiceError> {
        let mut conn = self.read().await?;
        let row = self.job_row(&mut conn, caller, code).await?;
        self.job_record(&mut conn, caller, row).await
    }

    /// The labels of a job as ranges of one state, in issuing order, from an ordinal on; and where to go on.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`]; [`ServiceError::Invalid`] for a state that is none.
    pub async fn job_labels(
        &self,
        caller: &Caller,
        code: &str,
        state: Option<&str>,
        after: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<LabelRange>, Option<i64>), ServiceError> {
        if let Some(state) = state.filter(|state| !LabelState::NAMES.contains(state)) {
            let problem = format!("{state:?} is none: states are {}", LabelState::NAMES.join(", "));
            return Err(ServiceError::Invalid { field: "state", problem });
        }
        let mut conn = self.read().await?;
        let job = self.job_row(&mut conn, caller, code).await?;
        let facts = self.print.parts.job_facts(&mut conn, job.id).await?;
        let from = after.map_or(0, |after| u64::try_from(after).unwrap_or(0) + 1);
        let mut pieces = store::print_label::of_job(&mut conn, job.id, state, from, limit.saturating_add(1)).await?;
        let more = pieces.len() > limit as usize;
        pieces.truncate(limit as usize);
        let last = pieces.last().map(|piece| i64::try_from(piece.span.first()).unwrap_or(i64::MAX));
        let next = if more { last } else { None };
        let mut ranges = Vec::with_capacity(pieces.len());
        for piece in &pieces {
            let is_doubtful = matches!(piece.state, LabelState::Unconfirmed(_)) && caller.brand.is_none();
            let note = match facts.serials.as_ref().filter(|_| is_doubtful) {
                Some(of) => doubt(&mut conn, of.block.series_id, piece.span.first()).await?,
                None => None,
            };
            ranges.push(LabelRange {
                first_serial: facts.shown(piece.span.first()),
                last_serial: facts.shown(piece.span.last()),
                labels: piece.span.len(),
                state: piece.state.as_str().to_owned(),
                note,
            });
        }
        Ok((ranges, next))
    }

    /// Jobs, newest first, and the cursor for the next page.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when the printer, block or batch of the filter does not exist for this caller.
    pub async fn jobs(
        &self,
        caller: &Caller,
        which: &WhichJobs<'_>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<JobRecord>, Option<i64>), ServiceError> {
        let mut conn = self.read().await?;
        let mut filter = JobFilter {
            brand_id: caller.brand,
            unconfirmed: which.unconfirmed,
            open: which.open,
            status: which.status,
            station: which.station.map(str::to_owned),
            before,
            limit: limit.saturating_add(1),
            ..JobFilter::default()
        };
        if let Some(code) = which.printer {
            filter.printer_id = Some(self.printer_row(&mut conn, code).await?.id);
        }
        if let Some(code) = which.block {
            filter.block_id = Some(self.block_row(&mut conn, caller, code).await?.id);
        }
        if let Some(code) = which.batch {
            filter.batch_id = Some(self.batch_row(&mut conn, caller, code).await?.id);
        }
        let mut rows = store::print_queue::list(&mut conn, &filter).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = if more { rows.last().map(|row| row.id) } else { None };
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            records.push(self.job_record(&mut conn, caller, row).await?);
        }
        Ok((records, next))
    }
}

/// Why nobody knows what became of a label.
pub(super) async fn doubt(conn: &mut Connection, series: i64, ordinal: u64) -> Result<Option<String>, ServiceError> {
    let events = store::event::touching(conn, series, ordinal).await?;
    Ok(events.into_iter().rev().find(|event| event.kind == "print_unconfirmed").and_then(|event| event.reason))
}

/// Which jobs to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct WhichJobs<'a> {
    /// Of this printer.
    pub printer: Option<&'a str>,
    /// Of this block.
    pub block: Option<&'a str>,
    /// Of this batch.
    pub batch: Option<&'a str>,
    /// With labels that wait for a person.
    pub unconfirmed: bool,
    /// With labels that are not settled.
    pub open: bool,
    /// Of blocks of this station.
    pub station: Option<&'a str>,
    /// That show this state.
    pub status: Option<JobStatus>,
}
