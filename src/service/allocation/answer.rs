//! What is written for each granted reservation: event, block, audit entry, and the answer with its receipt.

use super::targets::Candidate;
use super::ticket::Ticket;
use crate::service::clock::rfc3339;
use crate::service::keys::Keys;
use crate::store::StoreError;
use crate::store::block::NewBlock;
use crate::store::event::NewEvent;
use crate::trace::{AuditEntry, ChainHead, Receipt, ReceiptBody, Span, VerifyingKeys};
use serde::Serialize;

/// The rows of one reservation.
pub(super) struct Entry {
    /// The ticket's place in the group.
    pub(super) ticket: usize,
    pub(super) block: NewBlock,
    pub(super) event: NewEvent,
    pub(super) entry: AuditEntry,
}

/// The answer as stored. The serials themselves are added from the range when it goes out.
#[derive(Serialize)]
struct Answer<'a> {
    block: &'a str,
    sku: &'a str,
    batch: &'a str,
    station: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<&'a str>,
    count: u64,
    rule: &'a str,
    rule_version: u32,
    first_serial: &'a str,
    last_serial: &'a str,
    reserved_at: String,
    receipt: &'a str,
}

/// Makes the rows of all granted reservations, numbered after `head` in the order in which they asked.
pub(super) fn entries(
    keys: &Keys,
    tickets: &[Ticket],
    granted: &[(Candidate, u64)],
    head: ChainHead,
) -> Result<Vec<Entry>, StoreError> {
    let key_id = VerifyingKeys::key_id(&keys.signing().verifying_key());
    (head.seq + 1..)
        .zip(granted)
        .map(|(seq, (candidate, first))| entry(keys, &key_id, &tickets[candidate.ticket], candidate, *first, seq))
        .collect()
}

fn entry(
    keys: &Keys,
    key_id: &str,
    ticket: &Ticket,
    candidate: &Candidate,
    first: u64,
    seq: u64,
) -> Result<Entry, StoreError> {
    let span = Span::new(first, first + candidate.count - 1).map_err(|_| StoreError::TooLarge(first))?;
    let [first_serial, last_serial] = ends(candidate, span)?;
    let request = &ticket.request;
    let (rule, target) = (&candidate.rule.row, &candidate.target);
    let body = ReceiptBody {
        database: keys.database().to_owned(),
        block: ticket.code.as_str().to_owned(),
        series: candidate.series.series_key.clone(),
        first: span.first(),
        last: span.last(),
        first_serial,
        last_serial,
        sku: target.sku.clone(),
        batch: target.batch.clone(),
        station: request.station.as_str().to_owned(),
        audit_seq: seq,
        created_us: ticket.now_us,
        key: key_id.to_owned(),
    };
    let receipt = Receipt::sign(&body, keys.signing());
    let answer = Answer {
        block: &body.block,
        sku: &body.sku,
        batch: &body.batch,
        station: &body.station,
        order: request.order.as_deref(),
        count: span.len(),
        rule: &rule.code,
        rule_version: rule.version,
        first_serial: &body.first_serial,
        last_serial: &body.last_serial,
        reserved_at: rfc3339(ticket.now_us),
        receipt: receipt.as_str(),
    };
    let unexpected = |e: serde_json::Error| StoreError::Unexpected(e.to_string());
    let answer = serde_json::to_string(&answer).map_err(unexpected)?;
    let detail = serde_json::to_string(&body).map_err(unexpected)?;
    let block_id = i64::try_from(seq).map_err(|_| StoreError::TooLarge(seq))?;
    Ok(Entry {
        ticket: candidate.ticket,
        event: NewEvent {
            id: seq,
            kind: "reserve".into(),
            happened_us: ticket.now_us,
            recorded_us: ticket.now_us,
            actor: ticket.actor.clone(),
            station: Some(body.station.clone()),
            block_id: Some(block_id),
            batch_id: Some(target.batch_id),
            ..NewEvent::default()
        },
        entry: AuditEntry {
            recorded_us: ticket.now_us,
            actor: ticket.actor.clone(),
            action: "block.reserve".into(),
            subject: body.block,
            detail,
        },
        block: NewBlock {
            id: seq,
            code: ticket.code.clone(),
            series_id: candidate.series.id,
            span,
            sku_id: target.sku_id,
            sku_revision_id: target.revision_id,
            batch_id: target.batch_id,
            station: body.station,
            order_ref: request.order.clone(),
            idempotency_key: ticket.key.clone(),
            fingerprint: ticket.fingerprint.clone(),
            answer,
            created_us: ticket.now_us,
        },
    })
}

/// The first and the last serial of a block.
fn ends(candidate: &Candidate, span: Span) -> Result<[String; 2], StoreError> {
    let corrupt = |_| StoreError::Corrupt { table: "series", column: "context", row: candidate.series.id.to_string() };
    let series = candidate.rule.rule.series(&candidate.context).map_err(|e| corrupt(e.to_string()))?;
    let serial = |ordinal| series.serial(ordinal).map(|s| s.to_string()).map_err(|e| corrupt(e.to_string()));
    Ok([serial(span.first())?, serial(span.last())?])
}
