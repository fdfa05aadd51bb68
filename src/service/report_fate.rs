//! Use case: a station reports what became of serials: printed, applied, returned, void, unaccounted.

use super::caller::Caller;
use super::rule_book::KnownRule;
use super::{Nameplate, ServiceError};
use crate::store::block::BlockRow;
use crate::store::event::NewEvent;
use crate::store::{self, Connection, StoreError, Transaction};
use crate::trace::{AuditEntry, Fate, FateChange, Span, change_fates, merge};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

mod schema;

/// Most serials or ranges that one report names one by one.
pub const MAX_SELECTED: usize = 10_000;

/// Longest reason, in characters.
const MAX_REASON: usize = 500;

/// Which serials of a block a report is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Selection {
    /// Every serial of the block.
    All,
    /// Every serial of the block whose fate is open, reserved or printed, and that can take this step.
    Rest,
    /// From this serial to the end of the block, in issuing order: an unprinted tail.
    From(String),
    /// These serials, in any spelling.
    Serials(Vec<String>),
    /// From one serial to another, both included, in issuing order.
    Range {
        /// The first.
        first: String,
        /// The last.
        last: String,
    },
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "fate": "void", "serials": {"serials": ["07K3-M9XQ-2WNF"]}, "reason": "label torn",
    "happened_at": "2025-07-10T11:58:00Z"
}))]
pub struct FateReport {
    /// What became of them: printed, applied, returned, void or unaccounted.
    #[schema(value_type = String, example = "printed")]
    pub fate: Fate,
    /// Which serials.
    pub serials: Selection,
    /// Why; required for void and unaccounted.
    #[serde(default)]
    pub reason: Option<String>,
    /// When it happened, RFC 3339; now if left out.
    #[serde(default)]
    pub happened_at: Option<String>,
}

/// What a report changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "block": "BLK-7K3M9XQ2WVT0A1B2", "fate": "void", "changed": 1, "event": 42
}))]
pub struct FateReported {
    /// Block code.
    pub block: String,
    /// What the serials are now.
    #[schema(value_type = String, example = "printed")]
    pub fate: Fate,
    /// How many serials changed; the others had this fate already.
    pub changed: u64,
    /// The event's number in the audit chain. A report that changes nothing is an event, too: the same key gets the same
    /// answer for ever.
    pub event: u64,
}

impl Nameplate {
    /// Records a report. Answers the JSON text of [`FateReported`]; the same key and report get the same text again.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::NotInBlock`], [`ServiceError::FateRefused`] (then nothing changed),
    /// [`ServiceError::Invalid`], [`ServiceError::BatchClosed`], [`ServiceError::KeyReused`].
    pub async fn report_fate(
        &self,
        caller: &Caller,
        block: &str,
        key: &str,
        report: &FateReport,
    ) -> Result<String, ServiceError> {
        let now_us = self.clock.now_us();
        let reason = checked_reason(report)?;
        let happened_us = happened(report.happened_at.as_deref(), now_us)?;
        let body = serde_json::to_string(report).map_err(|e| ServiceError::Unexpected(e.to_string()))?;
        let mut tx = self.store.begin().await?;
        let row = self.block_row(&mut tx, caller, block).await?;
        caller.speaks_for(&row.station)?;
        let fingerprint = HEXLOWER.encode(&Sha256::digest(format!("{}\n{body}", row.code)));
        // The batch is taken first: of two reports with one key at the same moment, the second finds the first's answer.
        let is_open = store::sku::hold_batch(&mut tx, row.batch_id).await? == Some(true);
        if let Some((before, answer)) = store::event::past_answer(&mut tx, &row.station, key).await? {
            return if before == fingerprint { Ok(answer) } else { Err(ServiceError::KeyReused) };
        }
        if !is_open {
            return Err(ServiceError::BatchClosed { batch: row.batch });
        }
        let rule = self.rules.get(&mut tx, row.rule_version_id).await?;
        let event = NewEvent {
            kind: report.fate.as_str().into(),
            happened_us,
            recorded_us: now_us,
            actor: caller.actor.clone(),
            station: Some(row.station.clone()),
            reason,
            idempotency_key: Some(key.to_owned()),
            fingerprint: Some(fingerprint),
            ..NewEvent::default()
        };
        let spans = select(&mut tx, &rule, &row, &report.serials, report.fate).await?;
        let in_hand = super::part(self.labels_in_the_way(&mut tx, row.series_id, &spans, report.fate)).await?;
        if !in_hand.is_empty() {
            return super::part(self.apply_in_hand(tx, &in_hand, (&rule, &row), &spans, event)).await;
        }
        let answer = record_fate(&mut tx, &rule, &row, &spans, report.fate, event).await?;
        store::commit(tx).await?;
        Ok(answer)
    }
}

/// The reason of a declaration that needs one, trimmed.
pub(super) fn reason_given(field: &'static str, text: &str) -> Result<String, ServiceError> {
    let invalid = |problem: &str| ServiceError::Invalid { field, problem: problem.to_owned() };
    match text.trim() {
        "" => Err(invalid("say why, in a few words")),
        r if r.chars().count() > MAX_REASON => Err(invalid("is longer than 500 characters")),
        r if r.chars().any(|c| c.is_control() && c != '\n') => Err(invalid("holds a control character")),
        r => Ok(r.to_owned()),
    }
}

fn checked_reason(report: &FateReport) -> Result<Option<String>, ServiceError> {
    let invalid = |field, problem: String| ServiceError::Invalid { field, problem };
    if report.fate == Fate::Reserved {
        let problem = "a serial is reserved once only: report printed, applied, returned, void or unaccounted";
        return Err(invalid("fate", problem.into()));
    }
    match report.reason.as_deref().filter(|reason| !reason.trim().is_empty()) {
        Some(reason) => reason_given("reason", reason).map(Some),
        None if report.fate.needs_reason() => {
            Err(invalid("reason", format!("say why the serials are {}", report.fate)))
        }
        None => Ok(None),
    }
}

/// When something happened, if it is said; else now.
pub(super) fn happened(text: Option<&str>, now_us: i64) -> Result<i64, ServiceError> {
    let invalid = |problem: String| ServiceError::Invalid { field: "happened_at", problem };
    let Some(text) = text else { return Ok(now_us) };
    let at: jiff::Timestamp = text
        .parse()
        .map_err(|_| invalid("is not a time like 2026-11-20T09:30:00Z or 2026-11-20T10:30:00+01:00".into()))?;
    let at = at.as_microsecond();
    // Stations' clocks run a little ahead; further in the future is a mistake.
    if at > now_us + 5 * 60 * 1_000_000 {
        return Err(invalid("lies in the future".into()));
    }
    Ok(at)
}

/// Turns what was selected into ranges of ordinals, all of them inside the block.
pub(super) async fn select(
    tx: &mut Connection,
    rule: &KnownRule,
    block: &BlockRow,
    selection: &Selection,
    to: Fate,
) -> Result<Vec<Span>, ServiceError> {
    let at = |text: &str| ordinal_in_block(rule, block, text);
    let span = |first, last| {
        Span::new(first, last).map_err(|_| ServiceError::Invalid {
            field: "serials",
            problem: "the range ends before it starts: its serials stand in issuing order".into(),
        })
    };
    Ok(match selection {
        Selection::All => vec![block.span],
        Selection::Rest => {
            let told = store::fate::overlapping(tx, block.series_id, block.span).await?;
            let out = told.iter().filter(|p| p.fate.is_settled() || !p.fate.possible().contains(&to));
            rest(block.span, &out.map(|p| p.span).collect::<Vec<_>>())
        }
        Selection::From(serial) => vec![span(at(serial)?, block.span.last())?],
        Selection::Range { first, last } => vec![span(at(first)?, at(last)?)?],
        Selection::Serials(serials) => {
            if serials.is_empty() || serials.len() > MAX_SELECTED {
                let problem = format!("name 1 to {MAX_SELECTED} serials, or a range");
                return Err(ServiceError::Invalid { field: "serials", problem });
            }
            let spans: Result<Vec<_>, _> = serials.iter().map(|s| at(s).and_then(|o| span(o, o))).collect();
            merge(spans?)
        }
    })
}

/// `whole` without `taken` (sorted, not overlapping).
pub(super) fn rest(whole: Span, taken: &[Span]) -> Vec<Span> {
    let mut out = Vec::new();
    let mut next = whole.first();
    for span in taken.iter().filter_map(|s| s.intersection(whole)) {
        if span.first() > next {
            out.extend(Span::new(next, span.first() - 1));
        }
        next = span.last() + 1;
    }
    out.extend(Span::new(next, whole.last()));
    out
}

fn ordinal_in_block(rule: &KnownRule, block: &BlockRow, text: &str) -> Result<u64, ServiceError> {
    let shown: String = text.chars().take(80).collect();
    let not_in =
        |problem: String| ServiceError::NotInBlock { serial: shown.clone(), block: block.code.clone(), problem };
    let parsed = rule.rule.parse(text).map_err(|fault| not_in(fault.to_string()))?;
    if parsed.context.as_str() != block.context || !(block.span.first()..=block.span.last()).contains(&parsed.ordinal) {
        return Err(not_in("it is a good serial, but belongs to another block or was never issued".into()));
    }
    Ok(parsed.ordinal)
}

/// Changes the fate of ranges of one block in the projection and in the counts of block and station.
pub(super) async fn change_fate(
    tx: &mut Transaction,
    rule: &KnownRule,
    block: &BlockRow,
    spans: &[Span],
    to: Fate,
) -> Result<FateChange, ServiceError> {
    let mut total = FateChange::default();
    for &wanted in spans {
        let current = store::fate::overlapping(tx, block.series_id, wanted).await?;
        let change = change_fates(&current, wanted, to).map_err(|refused| in_words(rule, block, refused))?;
        for &span in &change.changed {
            store::fate::set(tx, block.series_id, block.id, block.span, span, to).await?;
        }
        total.changed.extend(&change.changed);
        total.left.iter_mut().zip(change.left).for_each(|(sum, n)| *sum += n);
    }
    if total.count() > 0 {
        store::block::move_counts(tx, block.id, &total.left, to).await?;
    }
    let settled = i64::try_from(total.settled(to)).unwrap_or(i64::MAX);
    if settled > 0 {
        store::station::add(tx, &[(block.station.clone(), block.sku_id, -settled)]).await?;
    }
    Ok(total)
}

/// Changes the fate of ranges of one block: projection, counts, event, runs and audit entry. Answers the JSON text of
/// [`FateReported`]. The caller commits.
pub(super) async fn record_fate(
    tx: &mut Transaction,
    rule: &KnownRule,
    block: &BlockRow,
    spans: &[Span],
    to: Fate,
    mut event: NewEvent,
) -> Result<String, ServiceError> {
    let total = change_fate(tx, rule, block, spans, to).await?;
    let mut reported = FateReported { block: block.code.clone(), fate: to, changed: total.count(), event: 0 };
    let head = store::audit::hold_head(tx).await?.head;
    event.id = head.seq + 1;
    event.block_id = Some(block.id);
    event.batch_id = Some(block.batch_id);
    reported.event = event.id;
    let answer = answer(&reported)?;
    event.answer.get_or_insert_with(|| answer.clone());
    let ranges: Vec<[u64; 2]> = total.changed.iter().map(|s| [s.first(), s.last()]).collect();
    let detail = serde_json::json!({
        "block": block.code, "fate": to, "ranges": ranges, "reason": event.reason, "happened_us": event.happened_us,
    });
    let entry = AuditEntry {
        recorded_us: event.recorded_us,
        actor: event.actor.clone(),
        action: format!("serial.{to}"),
        subject: block.code.clone(),
        detail: detail.to_string(),
    };
    store::event::insert(tx, std::slice::from_ref(&event)).await?;
    store::event::insert_runs(tx, event.id, block.series_id, &total.changed).await?;
    store::audit::append(tx, head, &[entry]).await?;
    Ok(answer)
}

fn answer(reported: &FateReported) -> Result<String, ServiceError> {
    serde_json::to_string(reported).map_err(|e| ServiceError::Unexpected(e.to_string()))
}

/// A refusal in terms of serials instead of ordinals.
fn in_words(rule: &KnownRule, block: &BlockRow, refused: crate::trace::FateRefused) -> ServiceError {
    let serial = |ordinal: u64| -> Result<String, StoreError> {
        let corrupt = |_| StoreError::Corrupt { table: "series", column: "context", row: block.series_id.to_string() };
        let context = block.context.parse().map_err(|_| corrupt(()))?;
        let series = rule.rule.series(&context).map_err(|_| corrupt(()))?;
        Ok(series.serial(ordinal).map_err(|_| corrupt(()))?.grouped(&rule.rule).to_string())
    };
    let last = (refused.span.len() > 1).then(|| serial(refused.span.last())).transpose();
    match (serial(refused.span.first()), last) {
        (Ok(first_serial), Ok(last_serial)) => ServiceError::FateRefused { first_serial, last_serial, refused },
        (Err(e), _) | (_, Err(e)) => e.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_is_what_nobody_spoke_of() {
        let span = |a, b| Span::new(a, b).unwrap();
        assert_eq!(rest(span(10, 19), &[]), [span(10, 19)]);
        assert_eq!(rest(span(10, 19), &[span(5, 10), span(13, 14), span(19, 25)]), [span(11, 12), span(15, 18)]);
        assert_eq!(rest(span(10, 19), &[span(10, 19)]), []);
    }
}
