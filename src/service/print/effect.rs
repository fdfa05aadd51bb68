//! What follows from steps of labels: the fate of serials, events, and the audit chain.

use super::super::ServiceError;
use super::facts::{JobFacts, SerialFacts};
use crate::store::event::NewEvent;
use crate::store::print_attempt::AttemptRow;
use crate::store::{self, Transaction};
use crate::trace::{AuditEntry, ChainHead, Fate, FateChange, Span, merge};
use serde_json::{Value, json};
use std::sync::Arc;

/// What happened to labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Happened {
    /// They came out.
    Printed,
    /// They may have come out.
    Unconfirmed,
    /// It is certain that they did not.
    NotPrinted,
}

impl Happened {
    /// The kind of the event, and the end of the audit entry's action.
    const fn kind(self, copy: i64) -> &'static str {
        match self {
            Self::Printed if copy > 1 => "reprinted",
            Self::Printed => "printed",
            Self::Unconfirmed => "print_unconfirmed",
            Self::NotPrinted => "not_printed",
        }
    }
}

/// Something that happened to labels of one job.
#[derive(Debug)]
pub(super) struct Effect {
    facts: Arc<JobFacts>,
    happened: Happened,
    spans: Vec<Span>,
    actor: String,
    /// In which lease.
    pub(super) attempt: Option<AttemptRow>,
    /// On what grounds.
    pub(super) evidence: Option<Value>,
    /// What else was said.
    pub(super) notes: Vec<String>,
    /// What the event holds besides, if it came by a request that may be repeated.
    pub(super) event: Option<NewEvent>,
}

impl Effect {
    pub(super) fn new(facts: &Arc<JobFacts>, happened: Happened, spans: Vec<Span>, actor: &str) -> Self {
        Self {
            facts: Arc::clone(facts),
            happened,
            spans: merge(spans),
            actor: actor.to_owned(),
            attempt: None,
            evidence: None,
            notes: Vec::new(),
            event: None,
        }
    }

    /// Everything that the audit chain keeps of a print: who, what, when, where, from which design, with which settings.
    fn detail(&self) -> String {
        let job = &self.facts.job;
        let labels: Vec<Value> = self
            .spans
            .iter()
            .map(|span| {
                let [first, last] = self.facts.ends(*span);
                json!({"first": first, "last": last, "ordinals": [span.first(), span.last()]})
            })
            .collect();
        let settings = self.attempt.as_ref().and_then(|a| serde_json::from_str::<Value>(&a.settings).ok());
        json!({
            "job": job.code, "kind": job.kind, "copy": job.copy, "printer": job.printer, "block": job.block,
            "sku": job.sku, "batch": job.batch, "template": job.template, "template_digest": job.template_digest,
            "artwork": job.artwork, "lease": self.attempt.as_ref().map(|a| &a.lease),
            "attempt": self.attempt.as_ref().map(|a| a.id.0), "settings": settings, "labels": labels,
            "outcome": self.happened.kind(job.copy), "evidence": self.evidence, "notes": self.notes,
        })
        .to_string()
    }

    fn event(&self, id: u64, now_us: i64, serials: &SerialFacts) -> NewEvent {
        let mut reason = format!("job {}, printer {}", self.facts.job.code, self.facts.job.printer);
        for note in &self.notes {
            reason.push_str("; ");
            reason.push_str(note);
        }
        let given = self.event.clone().unwrap_or_else(|| NewEvent {
            happened_us: now_us,
            recorded_us: now_us,
            actor: self.actor.clone(),
            ..NewEvent::default()
        });
        NewEvent {
            id,
            kind: self.happened.kind(self.facts.job.copy).into(),
            block_id: Some(serials.block.id),
            batch_id: Some(serials.block.batch_id),
            reason: Some(reason),
            ..given
        }
    }

    /// Serials that were only reserved are printed now. Whatever else they are, they stay.
    async fn set_fates(&self, tx: &mut Transaction) -> Result<(), ServiceError> {
        let Some(serials) = self.facts.serials.as_ref().filter(|_| self.happened == Happened::Printed) else {
            return Ok(());
        };
        let block = &serials.block;
        for &span in &self.spans {
            let told = store::fate::overlapping(tx, block.series_id, span).await?;
            let taken: Vec<Span> = told.iter().map(|piece| piece.span).collect();
            let mut change = FateChange::default();
            for reserved in crate::service::report_fate::rest(span, &taken) {
                change.left[Fate::Reserved as usize] += reserved.len();
                store::fate::set(tx, block.series_id, block.id, block.span, reserved, Fate::Printed).await?;
            }
            if change.left != [0; 6] {
                store::block::move_counts(tx, block.id, &change.left, Fate::Printed).await?;
            }
        }
        Ok(())
    }
}

/// Writes fates, events and audit entries of everything that happened in a transaction; takes the audit head
/// last, and answers it.
pub(super) async fn record(
    tx: &mut Transaction,
    now_us: i64,
    effects: Vec<Effect>,
    others: Vec<AuditEntry>,
) -> Result<Option<ChainHead>, ServiceError> {
    if effects.is_empty() && others.is_empty() {
        return Ok(None);
    }
    for effect in &effects {
        effect.set_fates(tx).await?;
    }
    let head = store::audit::hold_head(tx).await?.head;
    let (mut events, mut entries) = (Vec::new(), Vec::with_capacity(effects.len()));
    for (seq, effect) in (head.seq + 1..).zip(&effects) {
        entries.push(AuditEntry {
            recorded_us: now_us,
            actor: effect.actor.clone(),
            action: format!("label.{}", effect.happened.kind(effect.facts.job.copy)),
            subject: effect.facts.job.code.clone(),
            detail: effect.detail(),
        });
        if let Some(serials) = &effect.facts.serials {
            events.push((effect.event(seq, now_us, serials), serials.block.series_id, &effect.spans));
        }
    }
    entries.extend(others);
    let rows: Vec<NewEvent> = events.iter().map(|(event, ..)| event.clone()).collect();
    store::event::insert(tx, &rows).await?;
    for (event, series, spans) in &events {
        store::event::insert_runs(tx, event.id, *series, spans).await?;
    }
    Ok(Some(store::audit::append(tx, head, &entries).await?))
}

/// Serials become void, with the event that says why. Takes the audit head.
pub(super) async fn void(
    tx: &mut Transaction,
    serials: &SerialFacts,
    spans: &[Span],
    event: NewEvent,
) -> Result<(), ServiceError> {
    crate::service::report_fate::record_fate(tx, &serials.rule, &serials.block, spans, Fate::Void, event)
        .await
        .map(drop)
}
