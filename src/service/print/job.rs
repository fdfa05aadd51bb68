//! Use case: a print job is made. Everything that could keep its labels from being printed shows here, before the first
//! of them is queued.

use super::super::report_fate::{Selection, select};
use super::super::{Caller, Nameplate, ServiceError};
use super::approval::text_given;
use super::approved::Approved;
use super::artwork::{Inputs, check_media, resolution};
use super::error::PrintError;
use super::job_record::JobRecord;
use crate::label::Overprint;
use crate::service::labels::TemplateRef;
use crate::service::rule_book::KnownRule;
use crate::store::block::BlockRow;
use crate::store::print_job::JobRow;
use crate::store::printer::PrinterRow;
use crate::store::{self, Connection};
use crate::trace::{Fate, Span, merge};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Highest priority.
pub const MAX_PRIORITY: u8 = 9;
/// Most labels of a test job.
pub const MAX_TEST: u32 = 1_000;

/// What shall be printed, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"printer": "line-3", "block": "BLK-7K3M9XQ2WVT0A1B2", "serials": "all"}))]
pub struct NewJob {
    /// Which printer.
    #[schema(max_length = 40)]
    pub printer: String,
    /// Serials of this block; `serials` says which.
    #[serde(default)]
    pub block: Option<String>,
    /// Which serials of the block: all of them if left out.
    #[serde(default)]
    pub serials: Option<Selection>,
    /// One unit, by its serial, instead of a block.
    #[serde(default)]
    pub unit: Option<String>,
    /// Test labels instead of live serials.
    #[serde(default)]
    pub test: Option<TestLabels>,
    /// Template name; the SKU's own if left out.
    #[serde(default)]
    pub template: Option<String>,
    /// 0 to 9; higher goes first.
    #[serde(default = "default_priority")]
    #[schema(maximum = 9, default = 5)]
    pub priority: u8,
    /// Whether it waits until somebody releases it.
    #[serde(default)]
    pub hold: bool,
    /// Copies of each label: always 1, since no two units may have one serial.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 1, default = 1)]
    pub copies: u32,
    /// When labels that are still queued are cancelled, RFC 3339; never if left out.
    #[serde(default)]
    pub expires_at: Option<String>,
}

fn default_priority() -> u8 {
    5
}
fn one() -> u32 {
    1
}

impl NewJob {
    /// All labels of a block, as soon as the printer comes to them.
    #[must_use]
    pub fn of_whole_block(printer: &str, block: &str, template: Option<&str>) -> Self {
        Self {
            printer: printer.to_owned(),
            block: Some(block.to_owned()),
            serials: None,
            unit: None,
            test: None,
            template: template.map(str::to_owned),
            priority: default_priority(),
            hold: false,
            copies: 1,
            expires_at: None,
        }
    }
}

/// Labels that look like a SKU's, carry no live serial, and say TEST - NOT A SERIAL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"sku": "NT-M2-BOR", "count": 3}))]
pub struct TestLabels {
    /// SKU code.
    pub sku: String,
    /// How many.
    #[schema(minimum = 1, maximum = 1_000)]
    pub count: u32,
}

/// A job on its way into the database.
pub(super) struct Draft {
    pub(super) job: JobRow,
    /// Its serials, or the numbers of its test labels.
    pub(super) spans: Vec<Span>,
}

pub(super) fn invalid(field: &'static str, problem: impl Into<String>) -> ServiceError {
    ServiceError::Invalid { field, problem: problem.into() }
}

/// SHA-256 of a request, in hex.
pub(in crate::service) fn fingerprint(request: &impl Serialize) -> Result<String, ServiceError> {
    let text = serde_json::to_string(request).map_err(|e| ServiceError::Unexpected(e.to_string()))?;
    Ok(HEXLOWER.encode(&Sha256::digest(text)))
}

/// Whose idempotency keys a caller uses: its station's, else its own.
pub(in crate::service) fn key_scope(caller: &Caller) -> String {
    caller.station.clone().unwrap_or_else(|| caller.actor.clone())
}

pub(super) fn total(spans: &[Span]) -> u64 {
    spans.iter().map(|span| span.len()).sum()
}

pub(in crate::service) fn db(number: u64) -> Result<i64, ServiceError> {
    i64::try_from(number).map_err(|_| ServiceError::Unexpected(format!("{number} is too large")))
}

impl Nameplate {
    /// Makes a print job. The same key and request find the job that was made before.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::Invalid`], [`ServiceError::NotInBlock`], [`ServiceError::KeyReused`],
    /// [`ServiceError::Label`], or [`ServiceError::Print`] with what is in the way.
    pub async fn print(&self, caller: &Caller, key: &str, new: &NewJob) -> Result<JobRecord, ServiceError> {
        let (scope, print) = (key_scope(caller), fingerprint(new)?);
        let mut conn = self.read().await?;
        if let Some(job) = self.known_job(&mut conn, &scope, key, &print).await? {
            return self.job_record(&mut conn, caller, job).await;
        }
        let expires_us = self.checked(new)?;
        let printer = self.open_printer(&mut conn, &new.printer).await?;
        let mut draft = match (&new.block, &new.unit, &new.test) {
            (Some(block), None, None) => self.of_block(&mut conn, caller, new, block, &printer).await?,
            (None, Some(unit), None) => self.of_unit(&mut conn, caller, new, unit, &printer).await?,
            (None, None, Some(test)) => self.of_test(&mut conn, caller, new, test, &printer).await?,
            _ => return Err(invalid("block", "name exactly one of block, unit and test")),
        };
        drop(conn);
        draft.job.priority = new.priority.into();
        draft.job.state = if new.hold { "held" } else { "ready" }.to_owned();
        draft.job.held_for = new.hold.then(|| "held when it was made".to_owned());
        draft.job.expires_us = expires_us;
        (draft.job.key_scope, draft.job.idempotency_key, draft.job.fingerprint) = (scope, key.to_owned(), print);
        self.queue(caller, draft).await
    }

    /// A job that was made with this key before.
    pub(super) async fn known_job(
        &self,
        conn: &mut Connection,
        scope: &str,
        key: &str,
        fingerprint: &str,
    ) -> Result<Option<JobRow>, ServiceError> {
        match store::print_job::by_key(conn, scope, key).await? {
            Some(job) if job.fingerprint == fingerprint => Ok(Some(job)),
            Some(_) => Err(ServiceError::KeyReused),
            None => Ok(None),
        }
    }

    fn checked(&self, new: &NewJob) -> Result<Option<i64>, ServiceError> {
        if new.priority > MAX_PRIORITY {
            return Err(invalid("priority", "is 0 to 9, 9 goes first"));
        }
        if new.copies != 1 {
            return Err(invalid(
                "copies",
                "is always 1: no two units may have one serial. A spoilt label is reprinted with its reason",
            ));
        }
        if new.block.is_none() && new.serials.is_some() {
            return Err(invalid("serials", "goes with a block"));
        }
        let Some(text) = &new.expires_at else { return Ok(None) };
        let at: jiff::Timestamp =
            text.parse().map_err(|_| invalid("expires_at", "is not a time like 2027-01-31T12:00:00Z"))?;
        if at.as_microsecond() <= self.clock.now_us() {
            return Err(invalid("expires_at", "lies in the past"));
        }
        Ok(Some(at.as_microsecond()))
    }

    /// A printer that takes jobs.
    pub(super) async fn open_printer(&self, conn: &mut Connection, code: &str) -> Result<PrinterRow, ServiceError> {
        let printer = self.printer_row(conn, code).await?;
        if printer.state == "retired" {
            return Err(PrintError::PrinterNotEnabled { printer: printer.code, state: printer.state }.into());
        }
        Ok(printer)
    }

    async fn of_unit(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        new: &NewJob,
        unit: &str,
        printer: &PrinterRow,
    ) -> Result<Draft, ServiceError> {
        let block = self.block_of_serial(caller, unit).await?;
        let of_block = NewJob { serials: Some(Selection::Serials(vec![unit.to_owned()])), ..new.clone() };
        self.of_block(conn, caller, &of_block, &block, printer).await
    }

    /// The block that a serial, typed or scanned, was reserved in.
    pub(super) async fn block_of_serial(&self, caller: &Caller, serial: &str) -> Result<String, ServiceError> {
        match self.resolve(caller, serial).await? {
            super::super::resolve::Resolved::Serial(unit) => Ok(unit.block),
            _ => Err(ServiceError::NotFound { kind: "serial", name: serial.chars().take(80).collect() }),
        }
    }

    pub(super) async fn of_block(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        new: &NewJob,
        block: &str,
        printer: &PrinterRow,
    ) -> Result<Draft, ServiceError> {
        let block = self.block_row(conn, caller, block).await?;
        caller.speaks_for(&block.station)?;
        let rule = self.rules.get(conn, block.rule_version_id).await?;
        let spans =
            merge(select(conn, &rule, &block, new.serials.as_ref().unwrap_or(&Selection::All), Fate::Printed).await?);
        let job = self.live_job(conn, caller, &block, &rule, printer, new.template.as_deref()).await?;
        Ok(Draft { job, spans })
    }

    /// A job for serials of a block, under the approval that covers them; what differs from job to job is for the caller
    /// to fill in.
    pub(super) async fn live_job(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        block: &BlockRow,
        rule: &Arc<KnownRule>,
        printer: &PrinterRow,
        template: Option<&str>,
    ) -> Result<JobRow, ServiceError> {
        let gone = || ServiceError::Unexpected(format!("the SKU of block {} is gone", block.code));
        let sku = store::sku::by_id(conn, block.sku_id).await?.ok_or_else(gone)?;
        let revision = block.revision.as_deref();
        let Approved { resolution, approval, template } =
            crate::service::part(self.approved(caller, conn, &sku, revision, rule, printer, template)).await?;
        let artwork = self.artwork(conn, &sku, revision, &block.batch, &template, resolution, None, rule).await?;
        let inputs = Inputs::of(&artwork, resolution.dpi(), rule);
        Ok(JobRow {
            kind: "live".into(),
            printer_id: printer.id,
            lane: block.series_id,
            copy: 1,
            block_id: Some(block.id),
            sku_id: sku.id,
            approval_id: Some(approval.id),
            template: artwork.template.clone(),
            template_digest: artwork.template_digest.clone(),
            dpi: resolution.dpi().into(),
            artwork: artwork.digest(),
            inputs: inputs.to_json()?,
            actor: caller.actor.clone(),
            priority: default_priority().into(),
            state: "ready".into(),
            printer: printer.code.clone(),
            sku: sku.code,
            ..JobRow::default()
        })
    }

    async fn of_test(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        new: &NewJob,
        test: &TestLabels,
        printer: &PrinterRow,
    ) -> Result<Draft, ServiceError> {
        if !(1..=MAX_TEST).contains(&test.count) {
            return Err(invalid("count", format!("a test has 1 to {MAX_TEST} labels")));
        }
        let sku = self.sku_row(conn, caller, &test.sku).await?;
        let today = self.clock.today().to_string();
        let rule = store::rule::effective(conn, &sku.rule_code, &today).await?;
        let rule = rule.ok_or_else(|| ServiceError::NotFound { kind: "rule", name: sku.rule_code.clone() })?;
        let rule = self.rules.get(conn, rule.id).await?;
        let revision = store::sku::revision(conn, sku.id, None, &today).await?.map(|(_, name)| name);
        let template = TemplateRef::newest(new.template.as_deref().unwrap_or(&sku.template));
        let resolution = resolution(printer)?;
        let sample = super::artwork::SAMPLE_BATCH;
        let overprint = Some(Overprint::Test);
        let artwork =
            self.artwork(conn, &sku, revision.as_deref(), sample, &template, resolution, overprint, &rule).await?;
        check_media(printer, &artwork)?;
        let source = self.template_source(conn, &template).await?;
        let mut tx = self.store.begin().await?;
        store::template::keep(&mut tx, &artwork.template_digest, &artwork.template, &source, self.clock.now_us())
            .await?;
        store::commit(tx).await?;
        let job = JobRow {
            kind: "test".into(),
            printer_id: printer.id,
            copy: 1,
            sku_id: sku.id,
            template: artwork.template.clone(),
            template_digest: artwork.template_digest.clone(),
            dpi: resolution.dpi().into(),
            artwork: artwork.digest(),
            inputs: Inputs::of(&artwork, resolution.dpi(), &rule).to_json()?,
            actor: caller.actor.clone(),
            printer: printer.code.clone(),
            sku: sku.code,
            ..JobRow::default()
        };
        let last = u64::from(test.count) - 1;
        Ok(Draft { job, spans: vec![Span::new(0, last).map_err(|e| invalid("count", e.to_string()))?] })
    }

    /// A serial of a block as people read it.
    pub(super) async fn shown_serial(
        &self,
        conn: &mut Connection,
        block: i64,
        ordinal: u64,
    ) -> Result<String, ServiceError> {
        let Some(code) = store::block::code_of(conn, block).await? else { return Ok(format!("ordinal {ordinal}")) };
        let Some(row) = store::block::by_code(conn, &code, None).await? else {
            return Ok(format!("ordinal {ordinal}"));
        };
        let rule = self.rules.get(conn, row.rule_version_id).await?;
        let serials = self.serials_of(conn, &row).await?;
        let page = serials.page(ordinal.saturating_sub(row.span.first()), 1)?;
        Ok(page.first().map_or_else(String::new, |serial| serial.grouped(&rule.rule).to_string()))
    }
}

/// A reason and an attestation that people have to give in their own words.
pub(super) fn words(field: &'static str, text: &str, what: &str) -> Result<String, ServiceError> {
    text_given(field, text, 500, what)
}
