//! What print jobs hold of serials when something else is said of them: nobody reports around a label that is on its way.

use super::super::report_fate::record_fate;
use super::super::rule_book::KnownRule;
use super::super::{Nameplate, ServiceError, part};
use super::desk::Work;
use super::effect::{Effect, Happened};
use super::error::PrintError;
use crate::print::{LabelState, Step};
use crate::store::block::BlockRow;
use crate::store::event::NewEvent;
use crate::store::print_label::Lane;
use crate::store::{self, Connection, Transaction};
use crate::trace::{Fate, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Labels of a job that somebody has in hand.
#[derive(Debug, Clone, Copy)]
pub(in crate::service) struct InHand {
    lane: Lane,
    span: Span,
}

impl Nameplate {
    /// The labels whose existence a report proves, since their serials are on units. A label that waits, is on its way,
    /// or waits for a person is in the way of any other report.
    ///
    /// Costs one look where no job ever printed of the series.
    pub(in crate::service) async fn labels_in_the_way(
        &self,
        conn: &mut Connection,
        series: i64,
        spans: &[Span],
        to: Fate,
    ) -> Result<Vec<InHand>, ServiceError> {
        let (Some(first), Some(last)) = (spans.first(), spans.last()) else { return Ok(Vec::new()) };
        let Ok(whole) = Span::new(first.first(), last.last()) else { return Ok(Vec::new()) };
        let mut seen = Vec::new();
        for (lane, piece) in store::print_label::of_serials(conn, series, whole).await? {
            if !piece.state.is_open() {
                continue;
            }
            let start = spans.partition_point(|span| span.last() < piece.span.first());
            let parts = spans[start..].iter().take_while(|span| span.first() <= piece.span.last());
            for span in parts.filter_map(|span| span.intersection(piece.span)) {
                let proves = to == Fate::Applied
                    && matches!(piece.state, LabelState::HandedOver(_) | LabelState::Unconfirmed(_));
                if !proves {
                    return Err(part(self.on_its_way(conn, lane, span, piece.state)).await?.into());
                }
                seen.push(InHand { lane, span });
            }
        }
        Ok(seen)
    }

    pub(super) async fn on_its_way(
        &self,
        conn: &mut Connection,
        lane: Lane,
        span: Span,
        state: LabelState,
    ) -> Result<PrintError, ServiceError> {
        let facts = self.print.parts.job_facts(conn, lane.job).await?;
        Ok(PrintError::OnItsWay { serial: facts.shown(span.first()), state, job: facts.job.code.clone() })
    }

    /// Serials are on units, which proves their labels: both are recorded in one transaction, which this commits.
    pub(in crate::service) async fn apply_in_hand(
        &self,
        tx: Transaction,
        in_hand: &[InHand],
        (rule, block): (&KnownRule, &BlockRow),
        spans: &[Span],
        event: NewEvent,
    ) -> Result<String, ServiceError> {
        let mut work = Work::new(&self.print.parts, tx).await?;
        part(work.see(in_hand, &event.actor, "report")).await?;
        let answer = record_fate(&mut work.tx, rule, block, spans, Fate::Applied, event).await?;
        work.finish().await?;
        Ok(answer)
    }
}

impl Work<'_> {
    /// Labels are in somebody's hand, and so they came out. Takes their printers, in order; the batch is held already.
    /// What follows is recorded at once, before whatever the caller records of the serials.
    pub(super) async fn see(
        &mut self,
        in_hand: &[InHand],
        actor: &str,
        evidence: &str,
    ) -> Result<Vec<String>, ServiceError> {
        let (mut printers, mut jobs) = (BTreeSet::new(), BTreeMap::new());
        for one in in_hand {
            let facts = self.facts(one.lane.job).await?;
            printers.insert(facts.job.printer_id);
            let (_, spans) = jobs.entry(one.lane.job).or_insert_with(|| (facts, Vec::new()));
            spans.push(*one);
        }
        for printer in printers {
            store::printer::hold(&mut self.tx, printer, [0; 3]).await?;
        }
        let jobs_of: Vec<_> = jobs.values().map(|(facts, _)| std::sync::Arc::clone(facts)).collect();
        let mut codes = Vec::with_capacity(jobs.len());
        for (_, (facts, labels)) in jobs {
            for InHand { lane, span } in &labels {
                if let Err((at, refused)) = self.advance(*lane, *span, Step::Seen).await? {
                    return Err(PrintError::Step { serial: facts.shown(at.first()), refused }.into());
                }
                self.add(facts.job.printer_id, [0, i64::try_from(span.len()).unwrap_or(i64::MAX), 0]);
            }
            let spans = labels.iter().map(|one| one.span).collect();
            let mut effect = Effect::new(&facts, Happened::Printed, spans, actor);
            effect.evidence = Some(serde_json::json!(evidence));
            self.effects.push(effect);
            codes.push(facts.job.code.clone());
        }
        for facts in jobs_of {
            // Taken before the audit head, as everywhere: what the caller does next may move it.
            if let Some(serials) = &facts.serials {
                let holding = (serials.block.station.clone(), serials.block.sku_id, 0);
                store::station::add(&mut self.tx, &[holding]).await?;
            }
        }
        let (now_us, effects) = (self.parts.clock.now_us(), std::mem::take(&mut self.effects));
        part(super::effect::record(&mut self.tx, now_us, effects, Vec::new())).await?;
        Ok(codes)
    }
}

impl InHand {
    pub(super) const fn new(lane: Lane, span: Span) -> Self {
        Self { lane, span }
    }
}
