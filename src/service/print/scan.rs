//! Use case: final inspection scans the label that is on a unit. From then on serial and unit are one (UNI1, UNI3).

use super::super::report_fate::{change_fate, happened, reason_given};
use super::super::resolve::{Resolved, Unit};
use super::super::{Caller, Nameplate, ReserveError, ServiceError, StationName, part, rfc3339};
use super::desk::Work;
use super::error::PrintError;
use super::guard::InHand;
use super::job::fingerprint;
use super::secondary::{SecondaryId, parse_all};
use crate::catalogue::name_key;
use crate::print::LabelState;
use crate::store::event::NewEvent;
use crate::store::inspection::{InspectionRow, SecondaryRow};
use crate::store::{self, StoreError};
use crate::trace::{Fate, Span};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What final inspection says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum InspectionResult {
    /// The unit is good.
    Pass,
    /// It is not; it may pass after rework.
    Fail,
}

/// How the serial is on the unit (SER14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Marking {
    /// On a printed label.
    #[default]
    Printed,
    /// Engraved or etched.
    Engraved,
    /// In its memory.
    Embedded,
}

impl InspectionResult {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
        }
    }
}

impl Marking {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Printed => "printed",
            Self::Engraved => "engraved",
            Self::Embedded => "embedded",
        }
    }
}

/// What the station works on: a label of something else is not bound.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// SKU code, or another name of the SKU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// Batch code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
}

/// A label that was scanned on its unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "serial": "07K3-M9XQ-2WNF", "result": "pass", "secondary_ids": {"mac": "00:11:62:0a:1b:2c"},
    "expect": {"sku": "NT-M2-BOR", "batch": "2025-W27-M2"}
}))]
pub struct Scan {
    /// The serial, typed or scanned, in any spelling.
    #[schema(max_length = 256)]
    pub serial: String,
    /// What inspection says.
    pub result: InspectionResult,
    /// Names that others gave to the unit, by their kind (1 to 20 of a-z, 0-9 and -): MAC addresses (`mac`, `mac-wifi`),
    /// serials of parts, keys. At most 20, each 1 to 80 characters.
    #[serde(default)]
    pub secondary_ids: BTreeMap<String, String>,
    /// Whether a part was exchanged: then an id may take the place of another of its kind.
    #[serde(default)]
    pub replace: bool,
    /// How the serial is on the unit.
    #[serde(default)]
    pub marking: Marking,
    /// What else is to be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub note: Option<String>,
    /// What the station works on.
    #[serde(default)]
    pub expect: Expected,
    /// When it happened, RFC 3339; now if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened_at: Option<String>,
}

/// A unit after a scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({
    "serial": "07K3M9XQ2WNF", "printed": "07K3-M9XQ-2WNF", "sku": "NT-M2-BOR", "batch": "2025-W27-M2",
    "block": "BLK-7K3M9XQ2WVT0A1B2", "result": "pass", "marking": "printed", "note": "",
    "secondary_ids": {"mac": "00:11:62:0a:1b:2c"}, "event": 44, "known": false, "at": "2025-07-10T12:05:00Z",
    "confirmed_jobs": ["JOB-0123456789ABCDEF"]
}))]
pub struct Inspected {
    /// As stored.
    pub serial: String,
    /// As printed on the label.
    pub printed: String,
    /// SKU code.
    pub sku: String,
    /// Batch code.
    pub batch: String,
    /// Block code.
    pub block: String,
    /// What inspection said.
    pub result: InspectionResult,
    /// How the serial is on the unit.
    pub marking: Marking,
    /// In the inspector's words.
    pub note: String,
    /// All secondary ids that the unit has now.
    pub secondary_ids: BTreeMap<String, String>,
    /// The event's number in the audit chain.
    pub event: u64,
    /// Whether all of this was on record before.
    pub known: bool,
    /// When, RFC 3339.
    pub at: String,
    /// Print jobs that did not know what became of this label: now they do.
    pub confirmed_jobs: Vec<String>,
}

/// A scan whose texts were checked.
pub(super) struct Checked {
    pub(super) unit: Unit,
    result: InspectionResult,
    marking: Marking,
    note: String,
    ids: Vec<SecondaryId>,
    replace: bool,
    happened_us: i64,
}

impl Checked {
    fn printed(&self) -> String {
        self.unit.parsed.serial.grouped(&self.unit.rule.rule).to_string()
    }
}

impl Nameplate {
    /// A station has scanned the label on a unit: the serial is applied, inspection's result and the secondary ids are on
    /// record. The same facts again change nothing.
    ///
    /// # Errors
    /// [`ServiceError::NoUnit`], [`ServiceError::WrongStation`], [`ServiceError::FateRefused`] for serials that are
    /// void or returned, [`ServiceError::BatchClosed`], [`ServiceError::KeyReused`], [`PrintError::OnItsWay`],
    /// [`PrintError::OtherUnit`], [`PrintError::SecondaryIdTaken`], [`PrintError::SecondaryIdDiffers`].
    pub async fn inspect(
        &self,
        caller: &Caller,
        station: &str,
        key: &str,
        scan: &Scan,
    ) -> Result<Inspected, ServiceError> {
        let print = fingerprint(&("scan", scan))?;
        self.inspect_as(caller, station, key, scan, print).await
    }

    /// The same for a request with this fingerprint.
    pub(super) async fn inspect_as(
        &self,
        caller: &Caller,
        station: &str,
        key: &str,
        scan: &Scan,
        print: String,
    ) -> Result<Inspected, ServiceError> {
        caller.speaks_for(station)?;
        let station = StationName::parse(station).map_err(ReserveError::Station)?;
        let mut event = NewEvent {
            recorded_us: self.clock.now_us(),
            actor: caller.actor.clone(),
            station: Some(station.as_str().to_owned()),
            idempotency_key: Some(key.to_owned()),
            fingerprint: Some(print),
            ..NewEvent::default()
        };
        let checked = part(self.checked_scan(caller, scan)).await?;
        event.happened_us = checked.happened_us;
        match part(self.inspect_once(caller, &checked, event.clone())).await {
            // Another scan took the key or an id at the same moment: what it made of them decides now.
            Err(ServiceError::Store(StoreError::Conflict(_))) => part(self.inspect_once(caller, &checked, event)).await,
            done => done,
        }
    }

    async fn inspect_once(&self, caller: &Caller, scan: &Checked, event: NewEvent) -> Result<Inspected, ServiceError> {
        let parts = &self.print.parts;
        let mut work = Work::new(parts, parts.store.begin().await?).await?;
        let is_open = store::sku::hold_batch(&mut work.tx, scan.unit.block.batch_id).await? == Some(true);
        let (station, key) = (event.station.as_deref().unwrap_or(""), event.idempotency_key.as_deref().unwrap_or(""));
        if let Some((before, answer)) = store::event::past_answer(&mut work.tx, station, key).await? {
            if Some(before) != event.fingerprint {
                return Err(ServiceError::KeyReused);
            }
            return serde_json::from_str(&answer)
                .map_err(|e| ServiceError::Unexpected(format!("a stored answer: {e}")));
        }
        let inspected = part(self.bind(&mut work, caller, scan, is_open, event)).await?;
        work.finish().await?;
        Ok(inspected)
    }

    /// Checks what can be checked before anything is held.
    pub(super) async fn checked_scan(&self, caller: &Caller, scan: &Scan) -> Result<Checked, ServiceError> {
        let ids = parse_all(&scan.secondary_ids)?;
        let note = match scan.note.as_deref().map(str::trim).filter(|note| !note.is_empty()) {
            Some(note) => reason_given("note", note)?,
            None => String::new(),
        };
        let happened_us = happened(scan.happened_at.as_deref(), self.clock.now_us())?;
        let mut conn = self.read().await?;
        let unit = part(self.unit_of_serial(&mut conn, caller, &scan.serial)).await?;
        drop(conn);
        let (result, marking, replace) = (scan.result, scan.marking, scan.replace);
        let checked = Checked { unit, result, marking, note, ids, replace, happened_us };
        part(self.refuse_other_unit(caller, &checked, &scan.expect)).await?;
        Ok(checked)
    }

    async fn refuse_other_unit(
        &self,
        caller: &Caller,
        scan: &Checked,
        expected: &Expected,
    ) -> Result<(), ServiceError> {
        let block = &scan.unit.block;
        let other = |kind, found: &str, expected: &str| {
            let (found, expected) = (found.to_owned(), expected.chars().take(80).collect());
            PrintError::OtherUnit { serial: scan.printed(), kind, found, expected }
        };
        if let Some(sku) = expected.sku.as_deref().filter(|sku| name_key(sku.trim()) != name_key(&block.sku)) {
            let code = match part(self.resolve(caller, sku)).await? {
                Resolved::Sku(record) => record.code,
                _ => return Err(ServiceError::NotFound { kind: "SKU", name: sku.chars().take(80).collect() }),
            };
            if code != block.sku {
                return Err(other("SKU", &block.sku, &code).into());
            }
        }
        match expected.batch.as_deref() {
            Some(batch) if name_key(batch.trim()) != name_key(&block.batch) => {
                Err(other("batch", &block.batch, batch).into())
            }
            _ => Ok(()),
        }
    }

    /// Binds label and unit. The batch is held; `event` carries who, where, when and the key.
    pub(super) async fn bind(
        &self,
        work: &mut Work<'_>,
        caller: &Caller,
        scan: &Checked,
        batch_is_open: bool,
        mut event: NewEvent,
    ) -> Result<Inspected, ServiceError> {
        let Unit { rule, parsed, block } = &scan.unit;
        let (series, at) = (block.series_id, parsed.ordinal);
        let span = Span::new(at, at).map_err(|e| ServiceError::Unexpected(e.to_string()))?;
        let in_hand = part(self.scanned_label(work, series, span)).await?;
        let confirmed_jobs = part(work.see(&in_hand, &event.actor, "scan")).await?;
        let fate = store::fate::of(&mut work.tx, series, at).await?;
        if fate != Fate::Applied && fate.possible().contains(&Fate::Applied) && !batch_is_open {
            return Err(ServiceError::BatchClosed { batch: block.batch.clone() });
        }
        let (fresh, known) = part(self.new_ids(work, caller, scan)).await?;
        change_fate(&mut work.tx, rule, block, &[span], Fate::Applied).await?;
        let last = store::inspection::of_unit(&mut work.tx, series, at, 1).await?.pop();
        let says_the_same = |last: &InspectionRow| {
            let note = scan.note.is_empty() || scan.note == last.note;
            last.result == scan.result.as_str() && last.marking == scan.marking.as_str() && note
        };
        let is_known = fate == Fate::Applied && fresh.is_empty() && last.as_ref().is_some_and(says_the_same);
        let mut secondary_ids: BTreeMap<String, String> = known.into_iter().map(|row| (row.kind, row.value)).collect();
        let replaced: BTreeMap<&String, String> =
            fresh.iter().filter_map(|id| Some((&id.kind, secondary_ids.get(&id.kind)?.clone()))).collect();
        secondary_ids.extend(fresh.iter().map(|id| (id.kind.clone(), id.value.clone())));

        let head = store::audit::hold_head(&mut work.tx).await?.head;
        event.id = head.seq + 1;
        event.kind = if is_known { "scan" } else { "inspection" }.into();
        (event.block_id, event.batch_id) = (Some(block.id), Some(block.batch_id));
        event.reason = Some(in_words(scan, &fresh));
        let inspected = Inspected {
            serial: parsed.serial.to_string(),
            printed: scan.printed(),
            sku: block.sku.clone(),
            batch: block.batch.clone(),
            block: block.code.clone(),
            result: scan.result,
            marking: scan.marking,
            note: last.filter(|_| is_known).map_or_else(|| scan.note.clone(), |last| last.note),
            secondary_ids,
            event: event.id,
            known: is_known,
            at: rfc3339(scan.happened_us),
            confirmed_jobs,
        };
        event.answer = Some(serde_json::to_string(&inspected).map_err(|e| ServiceError::Unexpected(e.to_string()))?);
        store::event::insert(&mut work.tx, std::slice::from_ref(&event)).await?;
        store::event::insert_runs(&mut work.tx, event.id, series, &[span]).await?;
        if !is_known {
            part(self.keep_inspection(work, scan, &event, &fresh)).await?;
        }
        let detail = serde_json::json!({
            "serial": inspected.serial, "ordinal": at, "block": block.code, "sku": block.sku, "batch": block.batch,
            "station": event.station, "result": scan.result, "marking": scan.marking, "note": scan.note,
            "secondary_ids": inspected.secondary_ids, "replaced": replaced, "confirmed_jobs": inspected.confirmed_jobs,
            "happened_us": event.happened_us, "key": event.idempotency_key,
        });
        let action = if is_known { "unit.scan" } else { "unit.inspect" };
        let mut entry = self.entry(caller, action, &inspected.serial, detail.to_string());
        entry.actor.clone_from(&event.actor);
        store::audit::append(&mut work.tx, head, &[entry]).await?;
        Ok(inspected)
    }

    /// The label that was scanned, if its job does not know yet that it came out. One that is not printed yet cannot have
    /// been scanned.
    async fn scanned_label(&self, work: &mut Work<'_>, series: i64, span: Span) -> Result<Vec<InHand>, ServiceError> {
        let labels = store::print_label::of_serials(&mut work.tx, series, span).await?;
        let mut in_hand = Vec::new();
        for (lane, piece) in labels {
            match piece.state {
                LabelState::Queued | LabelState::Leased(_) => {
                    return Err(self.on_its_way(&mut work.tx, lane, span, piece.state).await?.into());
                }
                LabelState::HandedOver(_) | LabelState::Unconfirmed(_) => in_hand.push(InHand::new(lane, span)),
                LabelState::Confirmed | LabelState::Scrapped => {}
            }
        }
        Ok(in_hand)
    }

    /// The ids that are new to the unit, and those that it has.
    async fn new_ids<'s>(
        &self,
        work: &mut Work<'_>,
        caller: &Caller,
        scan: &'s Checked,
    ) -> Result<(Vec<&'s SecondaryId>, Vec<SecondaryRow>), ServiceError> {
        let (series, at) = (scan.unit.block.series_id, scan.unit.parsed.ordinal);
        let mut known = store::inspection::ids_of_unit(&mut work.tx, series, at).await?;
        known.retain(|row| row.ended_by.is_none());
        let mut fresh = Vec::new();
        for id in &scan.ids {
            let bound = known.iter().find(|row| row.kind == id.kind);
            if bound.is_some_and(|row| row.value_key == id.key) {
                continue;
            }
            if let Some(owner) = store::inspection::owner(&mut work.tx, &id.kind, &id.key).await? {
                let serial = self.shown_to(work, caller, &owner).await?;
                let (kind, value) = (id.kind.clone(), id.value.clone());
                return Err(PrintError::SecondaryIdTaken { kind, value, serial }.into());
            }
            if let Some(bound) = bound.filter(|_| !scan.replace) {
                return Err(PrintError::SecondaryIdDiffers {
                    serial: scan.printed(),
                    kind: id.kind.clone(),
                    bound: bound.value.clone(),
                    value: id.value.clone(),
                }
                .into());
            }
            fresh.push(id);
        }
        Ok((fresh, known))
    }

    /// The serial of a unit, if the caller may know of it.
    async fn shown_to(
        &self,
        work: &mut Work<'_>,
        caller: &Caller,
        row: &SecondaryRow,
    ) -> Result<Option<String>, ServiceError> {
        let block = store::block::holding(&mut work.tx, row.series_id, row.ordinal).await?;
        match block.filter(|block| caller.brand.is_none_or(|brand| brand == block.brand_id)) {
            Some(block) => Ok(Some(self.shown_serial(&mut work.tx, block.id, row.ordinal).await?)),
            None => Ok(None),
        }
    }

    async fn keep_inspection(
        &self,
        work: &mut Work<'_>,
        scan: &Checked,
        event: &NewEvent,
        fresh: &[&SecondaryId],
    ) -> Result<(), ServiceError> {
        let (series_id, ordinal) = (scan.unit.block.series_id, scan.unit.parsed.ordinal);
        let row = InspectionRow {
            event: event.id,
            result: scan.result.as_str().into(),
            marking: scan.marking.as_str().into(),
            note: scan.note.clone(),
            happened_us: event.happened_us,
            actor: event.actor.clone(),
            station: event.station.clone(),
        };
        store::inspection::insert(&mut work.tx, series_id, ordinal, &row).await?;
        for id in fresh {
            store::inspection::end(&mut work.tx, series_id, ordinal, &id.kind, event.id).await?;
            let row = SecondaryRow {
                kind: id.kind.clone(),
                value_key: id.key.clone(),
                value: id.value.clone(),
                series_id,
                ordinal,
                event: event.id,
                ended_by: None,
            };
            store::inspection::bind(&mut work.tx, &row).await?;
        }
        Ok(())
    }
}

/// What a history shows of a scan.
fn in_words(scan: &Checked, fresh: &[&SecondaryId]) -> String {
    let mut words = scan.result.as_str().to_owned();
    for id in fresh {
        words.push_str(&format!(", {} {}", id.kind, id.value));
    }
    if !scan.note.is_empty() {
        words.push_str(": ");
        words.push_str(&scan.note);
    }
    words
}
