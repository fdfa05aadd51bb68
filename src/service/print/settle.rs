//! Use case: a person says what became of labels that nobody knows about.

use super::super::report_fate::{Selection, select};
use super::super::{Caller, Nameplate, ReserveBlock, ServiceError};
use super::desk::Work;
use super::effect::{Effect, Happened};
use super::error::PrintError;
use super::facts::{JobFacts, SerialFacts};
use super::job::{db, fingerprint, total, words};
use super::job_record::JobRecord;
use crate::print::{LabelPiece, LabelState, Step};
use crate::store::event::NewEvent;
use crate::store::print_label::Lane;
use crate::store::{self, StoreError};
use crate::trace::{Fate, Span, merge};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How many pieces are looked at a time.
const PAGE: u32 = 1_000;

/// What a person says of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The person has them in hand.
    Printed,
    /// The person is certain that they do not exist: they go back into the queue, with the same serials.
    NotPrinted,
    /// They are damaged, or nobody can say: their serials become void, and new ones take their place.
    Damaged,
}

/// What a person says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"verdict": "printed", "serials": {"serials": ["07K3-M9XQ-2WNF"]}}))]
pub struct Settlement {
    /// What became of them.
    pub verdict: Verdict,
    /// Which serials: scanned or typed one by one, or a range. `rest` means all unconfirmed labels of the job.
    pub serials: Selection,
    /// Why, in a few words: needed for not printed and damaged.
    #[serde(default)]
    pub reason: Option<String>,
    /// Whether new serials shall be printed for damaged ones.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub replace: bool,
}

fn yes() -> bool {
    true
}

/// What a settlement did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "job": {
        "job": "JOB-0123456789ABCDEF", "kind": "live", "state": "completed", "printer": "line-3", "sku": "NT-M2-BOR",
        "batch": "2025-W27-M2", "block": "BLK-7K3M9XQ2WVT0A1B2", "copy": 1, "labels": 250,
        "counts": {"queued": 0, "leased": 0, "handed_over": 0, "confirmed": 250, "unconfirmed": 0, "scrapped": 0,
        "canceled": 0}, "template": "unit-60x40", "template_digest": "9f86d081...", "artwork": "60303ae2...",
        "dpi": 203, "approval": 57, "priority": 5, "made_at": "2025-07-10T12:00:00Z",
        "made_by": "line 3, station B (0A1B2C3D4E)"
    },
    "labels": 1, "replacement": null
}))]
pub struct Settled {
    /// The job afterwards.
    pub job: JobRecord,
    /// How many labels it was about.
    pub labels: u64,
    /// The job that prints new serials for damaged ones.
    pub replacement: Option<JobRecord>,
}

impl Nameplate {
    /// Takes a person's word for labels of a job. The same key and settlement do nothing a second time.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::Invalid`], [`ServiceError::NotInBlock`], [`PrintError::Step`] for a
    /// label that cannot take the step: then nothing changed.
    pub async fn settle(
        &self,
        caller: &Caller,
        code: &str,
        key: &str,
        settlement: &Settlement,
    ) -> Result<Settled, ServiceError> {
        let reason = match (settlement.verdict, settlement.reason.as_deref()) {
            (Verdict::Printed, None) => None,
            (_, reason) => Some(words("reason", reason.unwrap_or_default(), "how you know")?),
        };
        let parts = &self.print.parts;
        let mut conn = self.read().await?;
        let job = self.job_row(&mut conn, caller, code).await?;
        let facts = parts.job_facts(&mut conn, job.id).await?;
        drop(conn);
        let Some(serials) = &facts.serials else {
            let problem = "a test has no serials: its labels settle by themselves".to_owned();
            return Err(PrintError::JobState { job: job.code, state: job.state, problem }.into());
        };
        caller.speaks_for(&serials.block.station)?;
        let print = fingerprint(&(&job.code, settlement))?;
        let mut work = Work::new(parts, parts.store.begin().await?).await?;
        let is_open = store::sku::hold_batch(&mut work.tx, serials.block.batch_id).await? == Some(true);
        store::printer::hold(&mut work.tx, job.printer_id, [0; 3]).await?;
        let past = store::event::past_answer(&mut work.tx, &serials.block.station, key).await?;
        let labels = match past {
            Some((before, answer)) if before == print => {
                // What follows opens transactions of its own.
                drop(work);
                answer.parse().unwrap_or(0)
            }
            Some(_) => return Err(ServiceError::KeyReused),
            // Said before anything is recorded, so that the labels can still be settled without.
            None if settlement.replace && settlement.verdict == Verdict::Damaged && !is_open => {
                return Err(ServiceError::BatchClosed { batch: serials.block.batch.clone() });
            }
            None => {
                let event = NewEvent {
                    happened_us: self.clock.now_us(),
                    recorded_us: self.clock.now_us(),
                    actor: caller.actor.clone(),
                    station: Some(serials.block.station.clone()),
                    reason: reason.clone(),
                    idempotency_key: Some(key.to_owned()),
                    fingerprint: Some(print),
                    ..NewEvent::default()
                };
                let count = self.apply_verdict(&mut work, &facts, serials, settlement, event).await?;
                work.ring(job.printer_id);
                work.finish().await?;
                count
            }
        };
        // A station without the server takes another kit.
        let mut conn = self.read().await?;
        let is_here = !store::print_attempt::was_taken_along(&mut conn, facts.job.id).await?;
        drop(conn);
        let replacement = match (settlement.verdict, settlement.replace) {
            (Verdict::Damaged, true) if labels > 0 && is_here => {
                Some(self.replace(caller, &facts, serials, key, labels).await?)
            }
            _ => None,
        };
        Ok(Settled { job: self.job(caller, code).await?, labels, replacement })
    }

    async fn apply_verdict(
        &self,
        work: &mut Work<'_>,
        facts: &Arc<JobFacts>,
        serials: &SerialFacts,
        settlement: &Settlement,
        event: NewEvent,
    ) -> Result<u64, ServiceError> {
        let lane = facts.job.lane();
        let block = &serials.block;
        if settlement.verdict == Verdict::NotPrinted
            && store::print_attempt::was_taken_along(&mut work.tx, facts.job.id).await?
        {
            let (job, state) = (facts.job.code.clone(), "taken along by a station".to_owned());
            let problem =
                "the station may still print its labels, so nobody can say that they will not exist: say printed, \
                           or damaged, which makes their serials void"
                    .to_owned();
            return Err(PrintError::JobState { job, state, problem }.into());
        }
        let spans = match &settlement.serials {
            Selection::Rest => waiting(work, lane).await?,
            named => merge(select(&mut work.tx, &serials.rule, block, named, Fate::Printed).await?),
        };
        let (step, happened) = match settlement.verdict {
            Verdict::Printed => (Step::Seen, Happened::Printed),
            Verdict::NotPrinted => (Step::NotSeen, Happened::NotPrinted),
            Verdict::Damaged => (Step::Scrap, Happened::Printed),
        };
        let (mut moved, mut scrapped) = (Vec::new(), Vec::new());
        for span in &spans {
            let before = covering(work, facts, lane, *span).await?;
            let those = |done: LabelState| {
                let open = before.iter().filter(move |piece| piece.state != done);
                open.filter_map(|piece| piece.span.intersection(*span))
            };
            moved.extend(those(LabelState::Confirmed));
            scrapped.extend(those(LabelState::Scrapped));
            if let Err((at, refused)) = work.advance(lane, *span, step).await? {
                return Err(PrintError::Step { serial: facts.shown(at.first()), refused }.into());
            }
        }
        if spans.is_empty() {
            let (job, problem) = (facts.job.code.clone(), "no label of it waits for a person".to_owned());
            return Err(PrintError::JobState { job, state: "settled".into(), problem }.into());
        }
        if settlement.verdict == Verdict::NotPrinted {
            super::control::forget_if_canceled(work, lane).await?;
        }
        // What was scrapped before was replaced then.
        let spans = if settlement.verdict == Verdict::Damaged { merge(scrapped) } else { spans };
        let labels = total(&spans);
        if settlement.verdict == Verdict::Damaged {
            // The fate says it all: its event and audit entry carry the reason.
            let event = NewEvent { kind: Fate::Void.as_str().into(), answer: Some(labels.to_string()), ..event };
            let open = void_able(work, serials, &spans).await?;
            super::effect::void(&mut work.tx, serials, &open, event).await?;
        } else {
            let moved_labels = total(&moved);
            let mut effect = Effect::new(facts, happened, moved, &event.actor);
            if settlement.verdict == Verdict::Printed {
                work.add(facts.job.printer_id, [0, db(moved_labels)?, 0]);
            }
            effect.notes.extend(event.reason.clone());
            effect.evidence = Some(serde_json::json!("person"));
            effect.event = Some(NewEvent { answer: Some(labels.to_string()), ..event });
            work.effects.push(effect);
        }
        Ok(labels)
    }

    /// New serials for damaged ones: the same SKU, batch and station, on the same printer.
    async fn replace(
        &self,
        caller: &Caller,
        facts: &JobFacts,
        serials: &SerialFacts,
        key: &str,
        count: u64,
    ) -> Result<JobRecord, ServiceError> {
        let block = &serials.block;
        let request =
            ReserveBlock::parse(&block.sku, &block.batch, db(count)?, &block.station, block.order_ref.as_deref())
                .map_err(ServiceError::from)?;
        let key = format!("replace {key}");
        let reserved = self.reserve_block(caller, &key, request).await?;
        let (new_block, _) = self.serials_of_answer(&reserved.answer).await?;
        let job = super::job::NewJob::of_whole_block(&facts.job.printer, &new_block, Some(&facts.job.template));
        self.print(caller, &key, &job).await
    }
}

/// Serials whose fate can still become void.
async fn void_able(work: &mut Work<'_>, serials: &SerialFacts, spans: &[Span]) -> Result<Vec<Span>, StoreError> {
    let mut open = Vec::new();
    for &span in spans {
        let told = store::fate::overlapping(&mut work.tx, serials.block.series_id, span).await?;
        let closed: Vec<Span> =
            told.iter().filter(|p| !p.fate.possible().contains(&Fate::Void)).map(|p| p.span).collect();
        open.extend(crate::service::report_fate::rest(span, &closed));
    }
    Ok(open)
}

/// All labels of a job that wait for a person.
async fn waiting(work: &mut Work<'_>, lane: Lane) -> Result<Vec<Span>, StoreError> {
    let (mut spans, mut from) = (Vec::new(), 0);
    loop {
        let pieces = store::print_label::of_job(&mut work.tx, lane.job, Some("unconfirmed"), from, PAGE).await?;
        let Some(last) = pieces.last() else { return Ok(merge(spans)) };
        from = last.span.last() + 1;
        spans.extend(pieces.into_iter().map(|piece| piece.span));
    }
}

/// The labels of a span as they are. Every serial that is spoken of must be a label of this job.
async fn covering(
    work: &mut Work<'_>,
    facts: &JobFacts,
    lane: Lane,
    span: Span,
) -> Result<Vec<LabelPiece>, ServiceError> {
    let stored = store::print_label::around(&mut work.tx, lane, span).await?;
    let covered: Vec<Span> = stored.iter().filter_map(|piece| piece.span.intersection(span)).collect();
    match crate::service::report_fate::rest(span, &covered).first() {
        None => Ok(stored),
        Some(missing) => Err(PrintError::JobState {
            job: facts.job.code.clone(),
            state: "without a label of it".into(),
            problem: format!("{} is not a label of this job", facts.shown(missing.first())),
        }
        .into()),
    }
}
