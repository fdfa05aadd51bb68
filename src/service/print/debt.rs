//! Use case: labels of a batch that exist, or may, and were never scanned on a unit.

use super::super::{Caller, Nameplate, ServiceError, part, rfc3339};
use crate::print::{LabelPiece, LabelState};
use crate::store::block::BlockRow;
use crate::store::print_label::Lane;
use crate::store::{self, Connection};
use crate::trace::{Fate, Span, merge};
use serde::{Deserialize, Serialize};

/// So many serials of a block are looked at together.
const WINDOW: u64 = 16_384;

/// Where a list of debt goes on: a block, and a serial of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DebtCursor(i64, u64);

/// How many labels of a batch wait to be scanned on a unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DebtCounts {
    /// They came out.
    pub printed: u64,
    /// Served to a printer; nobody has said yet what became of them.
    pub handed_over: u64,
    /// They may have come out.
    pub unconfirmed: u64,
}

/// Labels in a row that wait to be scanned on a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "first_serial": "07K3-M9XQ-2WNF", "last_serial": "0ZZ3-M9XQ-2W76", "labels": 3, "state": "printed", "sku": "NT-M2-BOR",
    "block": "BLK-7K3M9XQ2WVT0A1B2", "station": "final-inspection.2", "job": "JOB-0123456789ABCDEF", "printer": "line-3",
    "since": "2025-07-10T12:00:00Z"
}))]
pub struct DebtRange {
    /// The first serial, as people read it.
    pub first_serial: String,
    /// The last serial, in issuing order.
    pub last_serial: String,
    /// How many there are.
    pub labels: u64,
    /// `printed`, `handed_over` or `unconfirmed`.
    pub state: String,
    /// SKU code.
    pub sku: String,
    /// Block code.
    pub block: String,
    /// The station that reserved it.
    pub station: String,
    /// The print job; none for labels that were made without one.
    pub job: Option<String>,
    /// Its printer.
    pub printer: Option<String>,
    /// Since when the first of them is so, RFC 3339.
    pub since: String,
}

/// The debt of a batch, or a page of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct BatchDebt {
    /// Batch code.
    pub batch: String,
    /// Sums over the whole batch.
    pub counts: DebtCounts,
    /// The labels, newest block first.
    pub items: Vec<DebtRange>,
}

/// Debt in terms of ordinals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    span: Span,
    state: &'static str,
    job: Option<i64>,
    /// The state of its label.
    label: Option<LabelState>,
}

impl Nameplate {
    /// The labels of a batch that came out, were handed over or may have come out, and were not scanned on a unit since;
    /// and where to go on.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`]: also for callers bound to a brand, since a batch may hold others' units.
    pub async fn batch_debt(
        &self,
        caller: &Caller,
        code: &str,
        after: Option<DebtCursor>,
        limit: u32,
    ) -> Result<(BatchDebt, Option<DebtCursor>), ServiceError> {
        if caller.brand.is_some() {
            return Err(ServiceError::NotFound { kind: "batch", name: code.to_owned() });
        }
        let mut conn = self.read().await?;
        let batch = self.batch_row(&mut conn, caller, code).await?;
        let (handed_over, unconfirmed) = store::print_job::on_their_way(&mut conn, batch.id).await?;
        let printed = store::block::batch_account(&mut conn, batch.id).await?.printed;
        let counts = DebtCounts { printed, handed_over, unconfirmed };
        let mut debt = BatchDebt { batch: batch.code, counts, items: Vec::new() };
        if counts == DebtCounts::default() {
            return Ok((debt, None));
        }
        let mut from = after;
        loop {
            let before = from.map(|DebtCursor(block, _)| block.saturating_add(1));
            let blocks = store::block::with_labels_out(&mut conn, batch.id, before, 50).await?;
            let Some(last) = blocks.last().map(|block| block.id) else { return Ok((debt, None)) };
            for block in &blocks {
                let first = from.filter(|DebtCursor(id, _)| *id == block.id).map_or(0, |DebtCursor(_, at)| at);
                let room = limit as usize - debt.items.len();
                let mut next = None;
                let mut pieces = part(pieces_of_block(&mut conn, block, first, room + 1)).await?;
                if pieces.len() > room {
                    next = pieces.get(room).map(|piece| DebtCursor(block.id, piece.span.first()));
                    pieces.truncate(room);
                }
                for piece in pieces {
                    debt.items.push(part(self.debt_range(&mut conn, block, piece)).await?);
                }
                if next.is_some() {
                    return Ok((debt, next));
                }
            }
            // An ordinal that no block has: the next block from its start.
            from = Some(DebtCursor(last - 1, 0));
        }
    }

    async fn debt_range(
        &self,
        conn: &mut Connection,
        block: &BlockRow,
        piece: Piece,
    ) -> Result<DebtRange, ServiceError> {
        let facts = match piece.job {
            Some(job) => Some(self.print.parts.job_facts(conn, job).await?),
            None => None,
        };
        let attempt = piece.label.filter(|label| label.is_open()).and_then(LabelState::attempt);
        let leased = match attempt {
            Some(attempt) => store::print_attempt::leased_us(conn, attempt).await?,
            None => None,
        };
        let since = match leased {
            Some(leased) => leased,
            None => {
                let events = store::event::touching(conn, block.series_id, piece.span.first()).await?;
                events.last().map_or(block.created_us, |event| event.happened_us)
            }
        };
        let serials = self.serials_of(conn, block).await?;
        let rule = self.rules.get(conn, block.rule_version_id).await?;
        let shown = |ordinal: u64| -> Result<String, ServiceError> {
            let page = serials.page(ordinal - block.span.first(), 1)?;
            Ok(page.first().map_or_else(String::new, |serial| serial.grouped(&rule.rule).to_string()))
        };
        Ok(DebtRange {
            first_serial: shown(piece.span.first())?,
            last_serial: shown(piece.span.last())?,
            labels: piece.span.len(),
            state: piece.state.to_owned(),
            sku: block.sku.clone(),
            block: block.code.clone(),
            station: block.station.clone(),
            job: facts.as_ref().map(|facts| facts.job.code.clone()),
            printer: facts.map(|facts| facts.job.printer.clone()),
            since: rfc3339(since),
        })
    }
}

/// The debt of a block from an ordinal on: at least `most` pieces, if there are so many.
async fn pieces_of_block(
    conn: &mut Connection,
    block: &BlockRow,
    from: u64,
    most: usize,
) -> Result<Vec<Piece>, ServiceError> {
    let mut found: Vec<Piece> = Vec::new();
    let mut first = from.max(block.span.first());
    while first <= block.span.last() && found.len() <= most {
        let last = block.span.last().min(first + (WINDOW - 1));
        let window = Span::new(first, last).map_err(|e| ServiceError::Unexpected(e.to_string()))?;
        let labels = store::print_label::of_serials(conn, block.series_id, window).await?;
        let fates = store::fate::overlapping(conn, block.series_id, window).await?;
        let printed = fates.iter().filter(|piece| piece.fate == Fate::Printed).map(|piece| piece.span);
        for piece in pieces_of_window(&labels, printed.collect(), window) {
            match found.last_mut() {
                Some(before) if before.joins(&piece) => {
                    before.span = Span::new(before.span.first(), piece.span.last()).unwrap_or(before.span);
                }
                _ => found.push(piece),
            }
        }
        first = last + 1;
    }
    Ok(found)
}

impl Piece {
    fn joins(&self, next: &Self) -> bool {
        self.span.last() + 1 == next.span.first()
            && (self.state, self.job, self.label) == (next.state, next.job, next.label)
    }
}

/// The debt of a stretch of a block: labels on their way, and printed serials with the job that printed them last.
fn pieces_of_window(labels: &[(Lane, LabelPiece)], printed: Vec<Span>, window: Span) -> Vec<Piece> {
    let mut pieces = Vec::new();
    // The newest copy tells where a label is, so it comes first and takes its serials.
    let mut newest: Vec<&(Lane, LabelPiece)> = labels.iter().collect();
    newest.sort_by_key(|(lane, piece)| (-lane.copy, piece.span));
    let mut open = printed;
    for (lane, piece) in &newest {
        let Some(span) = piece.span.intersection(window) else { continue };
        let state = match piece.state {
            LabelState::HandedOver(_) => "handed_over",
            LabelState::Unconfirmed(_) => "unconfirmed",
            LabelState::Queued | LabelState::Leased(_) | LabelState::Confirmed | LabelState::Scrapped => continue,
        };
        pieces.push(Piece { span, state, job: Some(lane.job), label: Some(piece.state) });
        open = without(&open, span);
    }
    for (lane, piece) in newest.iter().filter(|(_, piece)| piece.state == LabelState::Confirmed) {
        for span in open.iter().filter_map(|span| span.intersection(piece.span)) {
            pieces.push(Piece { span, state: "printed", job: Some(lane.job), label: Some(piece.state) });
        }
        open = without(&open, piece.span);
    }
    let rest = open.iter().filter_map(|span| span.intersection(window));
    pieces.extend(rest.map(|span| Piece { span, state: "printed", job: None, label: None }));
    pieces.retain_mut(|piece| match piece.span.intersection(window) {
        Some(span) => {
            piece.span = span;
            true
        }
        None => false,
    });
    pieces.sort_by_key(|piece| piece.span);
    pieces
}

fn without(spans: &[Span], taken: Span) -> Vec<Span> {
    merge(spans.iter().flat_map(|span| crate::service::report_fate::rest(*span, &[taken])).collect())
}
