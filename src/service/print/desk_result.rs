//! The step of the desk that takes results.

use super::super::ServiceError;
use super::desk::{Done, Work};
use super::desk_lease::{positions, renewed_us};
use super::effect::{Effect, Happened};
use super::error::PrintError;
use super::facts::JobFacts;
use super::lease::{LabelResult, Outcome, ResultsTaken};
use crate::print::{LabelPiece, LabelState, Step};
use crate::service::caller::Serves;
use crate::store::print_attempt::{AttemptRow, EndedBy};
use crate::store::{self, StoreError};
use crate::trace::{AuditEntry, Span};
use std::sync::Arc;

/// What one result did.
#[derive(Default)]
struct Told {
    /// Labels that it moved.
    moved: Vec<Span>,
    /// Labels of which it said what was known already.
    already: u64,
    /// The first label whose result was not taken: its ordinal, and why.
    refused: Option<(u64, String)>,
    /// Labels that were about to be printed again, against this evidence: a person looks at them first.
    reopened: Vec<Span>,
    /// Labels that came out of this attempt by its word, and of another one, too.
    contradicted: Vec<Span>,
    /// Labels that came out of this attempt by its word, after they were taken as not printed and cancelled.
    gone: Vec<Span>,
}

impl Work<'_> {
    /// Takes results, also late ones, each label by itself: what went another way meanwhile is refused, the rest is taken.
    pub(super) async fn results(
        &mut self,
        lease: &str,
        serves: Serves,
        actor: &str,
        results: &[LabelResult],
    ) -> Result<Done, ServiceError> {
        let attempt = self.own_attempt(lease, serves)?;
        let mut spans = Vec::with_capacity(results.len());
        for result in results {
            spans.push(positions(&attempt, result.first, result.last)?);
        }
        let facts = self.facts(attempt.job_id).await?;
        let mut stored = store::print_label::around(&mut self.tx, facts.job.lane(), attempt.span).await?;
        // Looked at before anything is written: such a report is wrong as a whole.
        for (span, result) in spans.iter().zip(results) {
            refuse_never_fetched(&stored, &attempt, *span, result.outcome)?;
        }
        let mut taken = ResultsTaken::default();
        let mut refused = None;
        for (span, result) in spans.iter().zip(results) {
            let mut told = self.result(&facts, &attempt, &mut stored, *span, result.outcome).await?;
            let moved: u64 = told.moved.iter().map(|span| span.len()).sum();
            match result.outcome {
                Outcome::Printed => taken.confirmed += moved + told.already,
                Outcome::Unknown => taken.unconfirmed += moved + told.already,
                Outcome::NotPrinted => taken.queued += moved + told.already,
            }
            refused = refused.or_else(|| told.refused.take());
            self.note_contradictions(&facts, &attempt, actor, result, &mut told);
            self.note(&facts, &attempt, actor, result, told.moved);
        }
        taken.open = self.go_on(&stored, &attempt).await?;
        let refused = refused.map(|(ordinal, why)| (ordinal - attempt.span.first() + 1, why));
        Ok(Done::Taken { taken, refused })
    }

    async fn result(
        &mut self,
        facts: &JobFacts,
        attempt: &AttemptRow,
        stored: &mut Vec<LabelPiece>,
        span: Span,
        outcome: Outcome,
    ) -> Result<Told, StoreError> {
        let lane = facts.job.lane();
        let step = match outcome {
            Outcome::Printed => Step::Printed(attempt.id),
            Outcome::Unknown => Step::Unknown(attempt.id),
            Outcome::NotPrinted => Step::NotPrinted(attempt.id),
        };
        let (mut told, mut new) = (Told::default(), Vec::new());
        let mut known = 0;
        for piece in stored.iter() {
            let Some(part) = piece.span.intersection(span) else { continue };
            known += part.len();
            match piece.state.after(step) {
                Ok(state) if state == piece.state => told.already += part.len(),
                Ok(state) => {
                    new.push(LabelPiece { span: part, state });
                    told.moved.push(part);
                }
                Err(_) => {
                    let is_newest = store::print_attempt::newest_with(&mut self.tx, lane.job, part.first()).await?
                        == Some(attempt.id);
                    match (outcome, piece.state) {
                        (Outcome::Printed, LabelState::Confirmed) | (Outcome::NotPrinted, LabelState::Queued)
                            if is_newest =>
                        {
                            told.already += part.len();
                        }
                        (Outcome::Printed, LabelState::Queued | LabelState::Leased(_)) => {
                            // It was taken as not printed, and here is evidence that it was. Before it is printed a
                            // second time, somebody looks again.
                            new.push(LabelPiece { span: part, state: LabelState::Unconfirmed(attempt.id) });
                            told.reopened.push(part);
                            let why = "it was taken as not printed meanwhile, and waits for a person now".to_owned();
                            told.refused.get_or_insert((part.first(), why));
                        }
                        (outcome, state) => {
                            if outcome == Outcome::Printed && !is_newest {
                                told.contradicted.push(part);
                            }
                            told.refused.get_or_insert((part.first(), format!("it is {state} meanwhile")));
                        }
                    }
                }
            }
        }
        if known < span.len() {
            let first = stored.iter().fold(span.first(), |next, piece| {
                if piece.span.first() <= next && next <= piece.span.last() { piece.span.last() + 1 } else { next }
            });
            told.refused.get_or_insert((first, "it was cancelled meanwhile".to_owned()));
            if outcome == Outcome::Printed {
                let covered: Vec<Span> = stored.iter().map(|piece| piece.span).collect();
                told.gone = crate::service::report_fate::rest(span, &covered);
            }
        }
        let change = self.write(lane, stored, &new).await?;
        stored.retain(|piece| !change.remove.contains(&piece.span.first()));
        stored.extend(change.insert);
        stored.sort_unstable_by_key(|piece| piece.span);
        if self.forget_doubtful_tests(facts).await? {
            stored.retain(|piece| !matches!(piece.state, LabelState::Unconfirmed(_)));
        }
        if outcome == Outcome::NotPrinted && !new.is_empty() && super::control::forget_if_canceled(self, lane).await? {
            // A later result of the same report must not find what is gone.
            stored.retain(|piece| piece.state != LabelState::Queued);
        }
        Ok(told)
    }

    /// What an attempt says against what was decided before is never passed over: it goes on record.
    fn note_contradictions(
        &mut self,
        facts: &Arc<JobFacts>,
        attempt: &AttemptRow,
        actor: &str,
        result: &LabelResult,
        told: &mut Told,
    ) {
        let evidence = result.evidence.and_then(|evidence| serde_json::to_value(evidence).ok());
        if !told.reopened.is_empty() {
            let labels: u64 = told.reopened.iter().map(|span| span.len()).sum();
            self.add(attempt.printer_id, [0, 0, i64::try_from(labels).unwrap_or(i64::MAX)]);
            let mut effect = Effect::new(facts, Happened::Unconfirmed, std::mem::take(&mut told.reopened), actor);
            effect.attempt = Some(attempt.clone());
            effect.evidence.clone_from(&evidence);
            effect.notes.push("there is evidence that it was printed, after it was taken as not printed".to_owned());
            self.effects.push(effect);
        }
        if !told.gone.is_empty() {
            // Another job may have their serials by now: from here on they are printed, and it stops at them.
            let mut effect = Effect::new(facts, Happened::Printed, told.gone.clone(), actor);
            effect.attempt = Some(attempt.clone());
            effect.evidence.clone_from(&evidence);
            effect.notes.push("there is evidence that it was printed, after its job was cancelled".to_owned());
            self.effects.push(effect);
            told.contradicted.append(&mut told.gone);
        }
        for span in told.contradicted.drain(..) {
            let [first, last] = facts.ends(span);
            let detail = serde_json::json!({
                "lease": attempt.lease, "attempt": attempt.id.0, "first": first, "last": last,
                "ordinals": [span.first(), span.last()], "evidence": evidence, "note": result.note,
                "problem": "this lease says that they came out, after another had them: there may be two labels",
            });
            tracing::warn!(job = %facts.job.code, %first, %last, "two leases may have printed the same labels");
            self.entries.push(AuditEntry {
                recorded_us: self.parts.clock.now_us(),
                actor: actor.to_owned(),
                action: "label.contradicted".into(),
                subject: facts.job.code.clone(),
                detail: detail.to_string(),
            });
        }
    }

    fn note(
        &mut self,
        facts: &Arc<JobFacts>,
        attempt: &AttemptRow,
        actor: &str,
        result: &LabelResult,
        moved: Vec<Span>,
    ) {
        let labels: u64 = moved.iter().map(|span| span.len()).sum();
        if labels == 0 {
            return;
        }
        let count = i64::try_from(labels).unwrap_or(i64::MAX);
        let happened = match result.outcome {
            Outcome::Printed => {
                self.add(attempt.printer_id, [0, count, 0]);
                Happened::Printed
            }
            Outcome::Unknown => {
                self.add(attempt.printer_id, [0, 0, count]);
                Happened::Unconfirmed
            }
            Outcome::NotPrinted => {
                self.ring(attempt.printer_id);
                Happened::NotPrinted
            }
        };
        let mut effect = Effect::new(facts, happened, moved, actor);
        effect.attempt = Some(attempt.clone());
        effect.evidence = result.evidence.and_then(|evidence| serde_json::to_value(evidence).ok());
        effect.notes.extend(result.note.clone());
        self.effects.push(effect);
    }

    /// Ends a lease all of whose labels have a result; gives the others more time. Answers how many labels have none.
    async fn go_on(&mut self, stored: &[LabelPiece], attempt: &AttemptRow) -> Result<u64, StoreError> {
        let open = stored
            .iter()
            .filter(|p| matches!(p.state, LabelState::Leased(id) | LabelState::HandedOver(id) if id == attempt.id));
        let open = open.filter_map(|piece| piece.span.intersection(attempt.span)).map(|span| span.len()).sum();
        if attempt.ended_us.is_some() {
            return Ok(open);
        }
        let mut attempt = attempt.clone();
        if open == 0 {
            store::print_attempt::end(&mut self.tx, attempt.id, self.now_us, EndedBy::Settled).await?;
            (attempt.ended_us, attempt.ended_by) = (Some(self.now_us), Some(EndedBy::Settled.as_str().to_owned()));
        } else if attempt.expires_us > self.now_us {
            attempt.expires_us = renewed_us(&attempt, self.now_us);
            store::print_attempt::extend(&mut self.tx, attempt.id, attempt.expires_us).await?;
        }
        self.keep_attempt(attempt);
        Ok(open)
    }
}

/// Labels that nobody fetched cannot have been printed.
fn refuse_never_fetched(
    stored: &[LabelPiece],
    attempt: &AttemptRow,
    span: Span,
    outcome: Outcome,
) -> Result<(), PrintError> {
    if outcome == Outcome::NotPrinted {
        return Ok(());
    }
    let leased = stored.iter().filter(|piece| piece.state == LabelState::Leased(attempt.id));
    match leased.filter_map(|piece| piece.span.intersection(span)).next() {
        Some(part) => Err(PrintError::NotHandedOver { label: part.first() - attempt.span.first() + 1 }),
        None => Ok(()),
    }
}
