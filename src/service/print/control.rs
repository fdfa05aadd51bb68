//! Use cases: jobs are held, released, cancelled, and agreed to by a second person.

use super::super::{Caller, Nameplate, ServiceError};
use super::desk::{DeskParts, Work};
use super::error::PrintError;
use super::job_record::JobRecord;
use crate::print::LabelState;
use crate::service::report_fate::reason_given;
use crate::store::print_attempt::EndedBy;
use crate::store::print_job::JobRow;
use crate::store::print_label::Lane;
use crate::store::{self, Engine, StoreError};
use crate::trace::AuditEntry;
use serde::{Deserialize, Serialize};

/// What shall become of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Control {
    /// Nothing more of it is handed out until it is released.
    Hold,
    /// It goes on: one that was held, or stopped after failures.
    Release,
    /// Labels that were not handed out are cancelled, and their serials can be printed by another job.
    Cancel,
    /// A second person agrees to a reprint that waits for one.
    Agree,
}

/// A control of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"control": "hold", "reason": "ribbon of the wrong kind"}))]
pub struct ControlRequest {
    /// What shall become of it.
    pub control: Control,
    /// Why: needed for hold and cancel.
    #[serde(default)]
    pub reason: Option<String>,
}

/// How many pieces of labels are cancelled at a time.
const PAGE: u32 = 1_000;
/// Why a reprint is held that needs a second person.
pub(super) const SECOND_PERSON: &str = "waits for a second person";

fn refuse(job: &JobRow, problem: &str) -> ServiceError {
    PrintError::JobState { job: job.code.clone(), state: job.state.clone(), problem: problem.to_owned() }.into()
}

impl Nameplate {
    /// Holds, releases, cancels or agrees to a job. Doing so twice is fine.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::Invalid`] without a reason, [`PrintError::JobState`],
    /// [`PrintError::SecondPerson`].
    pub async fn control_job(
        &self,
        caller: &Caller,
        code: &str,
        request: &ControlRequest,
    ) -> Result<JobRecord, ServiceError> {
        let reason = match (&request.control, request.reason.as_deref()) {
            (Control::Hold | Control::Cancel, reason) => Some(reason_given("reason", reason.unwrap_or_default())?),
            (_, Some(reason)) if !reason.trim().is_empty() => Some(reason_given("reason", reason)?),
            _ => None,
        };
        let mut conn = self.read().await?;
        let job = self.job_row(&mut conn, caller, code).await?;
        let facts = self.print.parts.job_facts(&mut conn, job.id).await?;
        drop(conn);
        if let Some(serials) = &facts.serials {
            caller.speaks_for(&serials.block.station)?;
        }
        let parts = &self.print.parts;
        let mut work = hold(parts, job.printer_id).await?;
        let now = store::print_job::by_id(&mut work.tx, job.id).await?;
        let job =
            now.ok_or_else(|| StoreError::Corrupt { table: "print_job", column: "id", row: job.id.to_string() })?;
        let detail = serde_json::json!({ "reason": reason, "state": job.state });
        match request.control {
            Control::Hold if job.state == "held" => {}
            Control::Hold if job.state == "canceled" => return Err(refuse(&job, "there is nothing to hold")),
            Control::Hold => store::print_job::set_state(&mut work.tx, job.id, "held", reason.as_deref()).await?,
            Control::Release => release(&mut work, &job).await?,
            Control::Cancel if job.state == "canceled" => {}
            Control::Cancel if job.counts[..3] == [0; 3] && job.counts[4] == 0 => {
                return Err(refuse(&job, "all its labels are done with: there is nothing to cancel"));
            }
            Control::Cancel => {
                let why = reason.as_deref().unwrap_or_default();
                cancel(&mut work, &job, "canceled", why).await?;
            }
            Control::Agree => agree(&mut work, caller, &job).await?,
        }
        let what = serde_json::to_value(&request.control).unwrap_or_default();
        let action = format!("job.{}", what.as_str().unwrap_or("control"));
        work.entries.push(self.entry(caller, &action, &job.code, detail.to_string()));
        work.ring(job.printer_id);
        work.finish().await?;
        self.job(caller, code).await
    }

    /// Stops a job that cannot be printed, so that the queue goes on without it.
    pub(super) async fn stop_job(&self, id: i64, why: &str) -> Result<(), ServiceError> {
        let why: String = why.chars().take(500).collect();
        tracing::warn!(job = id, %why, "a print job is stopped");
        let mut work = Work::new(&self.print.parts, self.store.begin().await?).await?;
        work.stop(id, &why).await?;
        work.finish().await
    }
}

/// Takes a printer for a transaction outside the desk's own.
pub(super) async fn hold(parts: &DeskParts, printer: i64) -> Result<Work<'_>, ServiceError> {
    let mut work = Work::new(parts, parts.store.begin().await?).await?;
    if parts.store.engine() == Engine::Postgres {
        store::printer::hold(&mut work.tx, printer, [0; 3]).await?;
    }
    Ok(work)
}

async fn release(work: &mut Work<'_>, job: &JobRow) -> Result<(), ServiceError> {
    match job.state.as_str() {
        "ready" => return Ok(()),
        "canceled" => return Err(refuse(job, "make a new one")),
        _ => {}
    }
    if job.held_for.as_deref() == Some(SECOND_PERSON) && job.second_person.is_none() {
        let problem = "a second person has to agree first".to_owned();
        return Err(PrintError::SecondPerson { job: job.code.clone(), problem }.into());
    }
    if let Some(id) = job.approval_id
        && !store::approval::hold(&mut work.tx, id).await?
    {
        return Err(refuse(job, &format!("its approval {id} was withdrawn: cancel it")));
    }
    Ok(store::print_job::set_state(&mut work.tx, job.id, "ready", None).await?)
}

async fn agree(work: &mut Work<'_>, caller: &Caller, job: &JobRow) -> Result<(), ServiceError> {
    let refused = |problem: &str| PrintError::SecondPerson { job: job.code.clone(), problem: problem.to_owned() };
    if job.second_person.as_ref() == Some(&caller.actor) {
        return Ok(());
    }
    if job.held_for.as_deref() != Some(SECOND_PERSON) {
        return Err(refuse(job, "it does not wait for a second person"));
    }
    if job.actor == caller.actor {
        return Err(refused("whoever asked for it cannot agree to it: another person has to").into());
    }
    store::print_job::set_second_person(&mut work.tx, job.id, &caller.actor).await?;
    Ok(store::print_job::set_state(&mut work.tx, job.id, "ready", None).await?)
}

/// Cancels what was not handed out. Leases of the job end: labels that were fetched wait for a person.
pub(super) async fn cancel(work: &mut Work<'_>, job: &JobRow, state: &str, why: &str) -> Result<(), ServiceError> {
    for attempt in store::print_attempt::open_of_job(&mut work.tx, job.id).await? {
        work.end(&attempt, EndedBy::Canceled).await?;
    }
    forget_queued(work, job.lane()).await?;
    Ok(store::print_job::set_state(&mut work.tx, job.id, state, Some(why)).await?)
}

/// Takes the queued labels of a cancelled job away. Their serials can be printed by another job.
pub(super) async fn forget_queued(work: &mut Work<'_>, lane: Lane) -> Result<(), StoreError> {
    forget(work, lane, LabelState::Queued).await.map(drop)
}

/// Takes the labels of a job that are in a state, of whichever attempt, away: they count as cancelled. Answers how many.
pub(super) async fn forget(work: &mut Work<'_>, lane: Lane, state: LabelState) -> Result<u64, StoreError> {
    let mut canceled = 0;
    loop {
        let pieces = store::print_label::of_job(&mut work.tx, lane.job, Some(state.as_str()), 0, PAGE).await?;
        let count: u64 = pieces.iter().map(|piece| piece.span.len()).sum();
        if count == 0 {
            break;
        }
        store::print_label::forget(&mut work.tx, lane, &pieces, &[]).await?;
        canceled += count;
    }
    if canceled == 0 {
        return Ok(0);
    }
    let mut counts = [0; 6];
    counts[state.index()] = -i64::try_from(canceled).map_err(|_| StoreError::TooLarge(canceled))?;
    store::print_job::count(&mut work.tx, lane.job, &counts, canceled).await?;
    Ok(canceled)
}

/// Labels that came back to a job which was cancelled meanwhile are cancelled, too. Answers whether it was.
pub(super) async fn forget_if_canceled(work: &mut Work<'_>, lane: Lane) -> Result<bool, StoreError> {
    let is_canceled = store::print_job::state(&mut work.tx, lane.job).await?.as_deref() == Some("canceled");
    if is_canceled {
        forget_queued(work, lane).await?;
    }
    Ok(is_canceled)
}

/// Cancels the queued labels of a job that has waited too long.
pub(super) async fn cancel_overdue(parts: &DeskParts, id: i64) -> Result<(), ServiceError> {
    let mut conn = parts.store.read().await?;
    let Some(job) = store::print_job::by_id(&mut conn, id).await? else { return Ok(()) };
    drop(conn);
    let mut work = hold(parts, job.printer_id).await?;
    let why = "it waited longer than it was allowed to";
    cancel(&mut work, &job, "canceled", why).await?;
    work.entries.push(AuditEntry {
        recorded_us: parts.clock.now_us(),
        actor: "nameplate".into(),
        action: "job.expire".into(),
        subject: job.code,
        detail: serde_json::json!({ "reason": why }).to_string(),
    });
    work.finish().await
}
