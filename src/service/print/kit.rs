//! Use case: a station takes labels along to print them without the server.
//!
//! All labels of a kit are handed over at once, in a lease without end: from then on only the station's own journal, a
//! scan, or a person can say what became of them.

use super::super::reserve::answered;
use super::super::{Caller, Nameplate, ReserveBlock, ReserveError, ServiceError, StationName, part, random};
use super::artwork::Inputs;
use super::desk::Work;
use super::desk_lease::settings;
use super::error::PrintError;
use super::job::{Draft, NewJob, fingerprint};
use super::printer::{Driver, Format, OFFLINE, PrinterSettings};
use crate::print::{AttemptId, Step};
use crate::service::labels::TemplateRef;
use crate::store::print_attempt::{AttemptRow, ENDLESS_US};
use crate::store::print_job::JobRow;
use crate::store::printer::PrinterRow;
use crate::store::{self, StoreError};
use crate::trace::{KitBody, VerifyingKeys, lease_name};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most labels of a kit.
pub const MAX_KIT: i64 = 500;

/// What a station takes along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "sku": "NT-M2-BOR", "batch": "2025-W27-M2", "count": 100, "media_width_um": 60000, "media_height_um": 40000
}))]
pub struct NewKit {
    /// SKU code, or another name of the SKU such as its GTIN.
    #[schema(max_length = 80)]
    pub sku: String,
    /// Batch code.
    #[schema(max_length = 80)]
    pub batch: String,
    /// How many labels.
    #[schema(minimum = 1, maximum = 500)]
    pub count: i64,
    /// The order that the units are for.
    #[serde(default)]
    pub order: Option<String>,
    /// Template name; the SKU's own if left out.
    #[serde(default)]
    pub template: Option<String>,
    /// What the station's printer takes.
    #[serde(default = "zpl")]
    pub format: Format,
    /// Its dots an inch: 203, 300 or 600.
    #[serde(default = "dpi")]
    #[schema(default = 203)]
    pub dpi: u32,
    /// Width of the labels in it, in micrometres.
    #[schema(minimum = 1_000, maximum = 1_000_000)]
    pub media_width_um: u32,
    /// Height of the labels in it, in micrometres.
    #[schema(minimum = 1_000, maximum = 1_000_000)]
    pub media_height_um: u32,
    /// How far to the right everything is moved, in micrometres.
    #[serde(default)]
    pub offset_x_um: i32,
    /// How far down everything is moved, in micrometres.
    #[serde(default)]
    pub offset_y_um: i32,
    /// Darkness, 0 to 30.
    #[serde(default = "darkness")]
    #[schema(maximum = 30, default = 15)]
    pub darkness: u8,
    /// Speed in inches a second, 1 to 14.
    #[serde(default = "speed")]
    #[schema(minimum = 1, maximum = 14, default = 4)]
    pub speed_in_per_s: u8,
}

const fn zpl() -> Format {
    Format::ZplGraphic
}
const fn dpi() -> u32 {
    203
}
const fn darkness() -> u8 {
    15
}
const fn speed() -> u8 {
    4
}

/// A kit as it is handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({
    "kit": "a1b2c3d4e5f6", "station": "final-inspection.2", "block": "BLK-7K3M9XQ2WVT0A1B2",
    "job": "JOB-0123456789ABCDEF", "count": 100, "signed": "npk1.eyJraXQi.c2lnbmF0dXJl"
}))]
pub struct Kit {
    /// Its name.
    pub kit: String,
    /// For which station.
    pub station: String,
    /// The block of its serials.
    pub block: String,
    /// The job of its labels.
    pub job: String,
    /// How many labels.
    pub count: u64,
    /// Everything that is needed to print them, signed: `npk1.BODY.SIGNATURE`, both parts base64url without padding; the
    /// body is JSON, and `GET /api/v1/keys` gives what checks the signature.
    pub signed: String,
}

impl NewKit {
    fn settings(&self) -> PrinterSettings {
        PrinterSettings {
            site: String::new(),
            line: String::new(),
            driver: Driver::Folder,
            format: Some(self.format),
            dpi: self.dpi,
            media_width_um: self.media_width_um,
            media_height_um: self.media_height_um,
            offset_x_um: self.offset_x_um,
            offset_y_um: self.offset_y_um,
            darkness: self.darkness,
            speed_in_per_s: self.speed_in_per_s,
            mac: None,
            state: "enabled".into(),
        }
    }
}

impl Nameplate {
    /// Hands labels over to a station, which prints them without the server. The same key and request give the same kit.
    ///
    /// # Errors
    /// As [`Nameplate::station_print`]; [`PrintError::LeaseEnded`] for a kit that was taken back meanwhile.
    pub async fn station_kit(
        &self,
        caller: &Caller,
        station: &str,
        key: &str,
        wanted: &NewKit,
    ) -> Result<Kit, ServiceError> {
        caller.speaks_for(station)?;
        let name = StationName::parse(station).map_err(ReserveError::Station)?;
        if !(1..=MAX_KIT).contains(&wanted.count) {
            let problem = format!("a kit has 1 to {MAX_KIT} labels: take several");
            return Err(ServiceError::Invalid { field: "count", problem });
        }
        let request = ReserveBlock::parse(&wanted.sku, &wanted.batch, wanted.count, station, wanted.order.as_deref())?;
        // No header can hold a space, so this is nobody's own key.
        let key = format!("kit {key}");
        let printer = part(self.offline_printer(caller, name.as_str(), wanted)).await?;
        let mut conn = self.read().await?;
        let known = store::block::past_answers(&mut conn, &[&key]).await?.iter().any(|past| past.station == station);
        if !known {
            part(self.approved_for(caller, &mut conn, &wanted.sku, &printer, wanted.template.as_deref())).await?;
        }
        drop(conn);
        let reserved = part(self.reserve_block(caller, &key, request)).await?;
        let block = answered(&reserved.answer)?;
        let job = part(self.kit_job(caller, name.as_str(), &key, wanted, &block.block, &printer)).await?;
        let attempt = part(self.take_over(caller, &job, &printer, name.as_str())).await?;
        let body = part(self.kit_body(&job, &attempt, name.as_str(), &printer, block.receipt)).await?;
        Ok(Kit {
            kit: attempt.lease,
            station: station.to_owned(),
            block: block.block,
            job: job.code,
            count: block.count,
            signed: body.sign(self.keys().signing()),
        })
    }

    /// What stands for a station's own printer: nobody leases from it. Its settings are the kit's.
    async fn offline_printer(
        &self,
        caller: &Caller,
        station: &str,
        wanted: &NewKit,
    ) -> Result<PrinterRow, ServiceError> {
        let code = format!("{OFFLINE}{station}");
        let base = PrinterRow {
            code_key: code.to_uppercase(),
            code,
            created_us: self.clock.now_us(),
            ..PrinterRow::default()
        };
        let mut row = wanted.settings().put_into(base)?;
        let mut tx = self.store.begin().await?;
        // The chain is taken first, so that of two first kits the second finds the printer.
        let head = store::audit::hold_head(&mut tx).await?.head;
        match store::printer::by_key(&mut tx, &row.code_key).await? {
            Some(known) if known.state != "enabled" => {
                return Err(PrintError::PrinterNotEnabled { printer: known.code, state: known.state }.into());
            }
            Some(known) => (row.id, row.code) = (known.id, known.code),
            None => {
                row.id = store::printer::insert(&mut tx, &row).await?;
                let detail = serde_json::json!({ "settings": wanted.settings(), "station": station });
                let entry = self.entry(caller, "printer.register", &row.code, detail.to_string());
                store::audit::append(&mut tx, head, &[entry]).await?;
                store::commit(tx).await?;
            }
        }
        row.edit_version = 1;
        Ok(row)
    }

    async fn kit_job(
        &self,
        caller: &Caller,
        station: &str,
        key: &str,
        wanted: &NewKit,
        block: &str,
        printer: &PrinterRow,
    ) -> Result<JobRow, ServiceError> {
        let print = fingerprint(&(wanted, block))?;
        let mut conn = self.read().await?;
        if let Some(job) = self.known_job(&mut conn, station, key, &print).await? {
            return Ok(job);
        }
        let new = NewJob::of_whole_block(&printer.code, block, wanted.template.as_deref());
        let mut draft: Draft = part(self.of_block(&mut conn, caller, &new, block, printer)).await?;
        drop(conn);
        draft.job.priority = 5;
        draft.job.state = "ready".into();
        (draft.job.key_scope, draft.job.idempotency_key, draft.job.fingerprint) =
            (station.to_owned(), key.to_owned(), print.clone());
        part(self.queue(caller, draft)).await?;
        let mut conn = self.read().await?;
        let made = self.known_job(&mut conn, station, key, &print).await?;
        made.ok_or_else(|| ServiceError::Unexpected("a job that was made is gone".into()))
    }

    /// Hands all labels of a job over, in a lease without end; or finds that lease.
    async fn take_over(
        &self,
        caller: &Caller,
        job: &JobRow,
        printer: &PrinterRow,
        station: &str,
    ) -> Result<AttemptRow, ServiceError> {
        let parts = &self.print.parts;
        let mut work = Work::new(parts, parts.store.begin().await?).await?;
        store::printer::hold(&mut work.tx, printer.id, [0; 3]).await?;
        if let Some(stop) = work.in_the_way().await? {
            return Err(super::seen::refused(&stop));
        }
        if let Some(known) = store::print_attempt::of_job(&mut work.tx, job.id, 1).await?.pop() {
            return match known.ended_by {
                Some(by) if by != "settled" => Err(PrintError::LeaseEnded { by }.into()),
                _ => Ok(known),
            };
        }
        let facts = work.facts(job.id).await?;
        let serials = facts.serials.as_ref();
        let span = serials.map(|serials| serials.block.span);
        let span = span.ok_or_else(|| ServiceError::Unexpected("a kit without serials".into()))?;
        let mut attempt = AttemptRow {
            id: AttemptId(0),
            lease: lease_name(random()?),
            printer_id: printer.id,
            job_id: job.id,
            span,
            settings: settings(printer),
            leased_us: work.now_us,
            expires_us: ENDLESS_US,
            ended_us: None,
            ended_by: None,
        };
        attempt.id = store::print_attempt::insert(&mut work.tx, &attempt).await?;
        for step in [Step::Lease(attempt.id), Step::HandOver(attempt.id)] {
            let after = work.advance(job.lane(), span, step).await?;
            let after = after.map_err(|(_, refused)| PrintError::LeaseEnded { by: refused.from.to_string() })?;
            // A job that was cancelled meanwhile has no labels any more, and another may have its serials.
            if after.iter().map(|piece| piece.span.len()).sum::<u64>() != span.len() {
                return Err(PrintError::LeaseEnded { by: "canceled".into() }.into());
            }
        }
        work.handed_over.push((job.code.clone(), attempt.id.0, span));
        work.add(printer.id, [1, 0, 0]);
        let detail = serde_json::json!({
            "station": station, "kit": attempt.lease, "block": job.block, "labels": span.len(),
            "template": job.template, "template_digest": job.template_digest, "artwork": job.artwork,
        });
        work.entries.push(self.entry(caller, "kit.issue", &job.code, detail.to_string()));
        work.finish().await?;
        Ok(attempt)
    }

    async fn kit_body(
        &self,
        job: &JobRow,
        attempt: &AttemptRow,
        station: &str,
        printer: &PrinterRow,
        receipt: String,
    ) -> Result<KitBody, ServiceError> {
        let inputs = Inputs::from_json(&job.inputs, &job.code)?;
        let mut conn = self.read().await?;
        let facts = self.print.parts.job_facts(&mut conn, job.id).await?;
        let gone = || {
            ServiceError::from(StoreError::Corrupt { table: "print_job", column: "block_id", row: job.code.clone() })
        };
        let serials = facts.serials.as_ref().ok_or_else(gone)?;
        let block = &serials.block;
        let template = TemplateRef::revision(&inputs.template, &inputs.template_digest);
        let template_source = self.template_source(&mut conn, &template).await?;
        let mut pictures = BTreeMap::new();
        if let Some(digest) = inputs.fields.get("brand.logo")
            && let Some(bytes) = store::catalogue::asset(&mut conn, digest).await?
        {
            pictures.insert(digest.clone(), BASE64.encode(&bytes));
        }
        let all = self.serials_of(&mut conn, block).await?.page(0, block.span.len())?;
        Ok(KitBody {
            kit: attempt.lease.clone(),
            database: self.keys().database().to_owned(),
            station: station.to_owned(),
            job: job.code.clone(),
            block: block.code.clone(),
            sku: block.sku.clone(),
            batch: block.batch.clone(),
            receipt,
            rule: serials.rule.row.definition.clone(),
            serials: all.iter().map(ToString::to_string).collect(),
            template: inputs.template,
            template_digest: inputs.template_digest,
            template_source,
            fields: inputs.fields,
            pictures,
            fonts: inputs.fonts,
            dpi: inputs.dpi,
            format: printer.format.clone(),
            darkness: printer.darkness,
            speed_in_per_s: printer.speed_in_per_s,
            offset_x_um: printer.offset_x_um,
            offset_y_um: printer.offset_y_um,
            artwork: job.artwork.clone(),
            issued_us: attempt.leased_us,
            key: VerifyingKeys::key_id(&self.keys().signing().verifying_key()),
        })
    }
}
