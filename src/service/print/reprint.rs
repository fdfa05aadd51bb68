//! Use case: a label is printed again, because the first one is spoilt. Its serial stays, so this is done with a reason,
//! with somebody's word that the first label is destroyed, and where the brand demands it with a second person.

use super::super::report_fate::{Selection, select};
use super::super::{Caller, Nameplate, ServiceError};
use super::artwork::{Inputs, check_media};
use super::control::SECOND_PERSON;
use super::error::PrintError;
use super::job::{Draft, fingerprint, key_scope, words};
use super::job_record::JobRecord;
use crate::print::LabelState;
use crate::store::block::BlockRow;
use crate::store::print_job::JobRow;
use crate::store::printer::PrinterRow;
use crate::store::{self, Connection};
use crate::trace::{Fate, Span, merge};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Labels that shall be printed again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "printer": "line-3", "block": "BLK-7K3M9XQ2WVT0A1B2", "serials": {"serials": ["07K3-M9XQ-2WNF"]},
    "reason": "scratched in transit to the line", "old_label_destroyed": true,
    "attestation": "torn and put into the red box, L. Chen"
}))]
pub struct ReprintRequest {
    /// Which printer.
    #[schema(max_length = 40)]
    pub printer: String,
    /// The block of the serials; of a single serial it may be left out.
    #[serde(default)]
    pub block: Option<String>,
    /// Which serials.
    pub serials: Selection,
    /// Why.
    pub reason: String,
    /// Has to be true: two labels with one serial must not exist.
    pub old_label_destroyed: bool,
    /// Who destroyed the old labels, and how.
    pub attestation: String,
    /// Whether the label may look different from the first one: the artwork that is approved now. Without it a label
    /// that would not be the same is refused.
    #[serde(default)]
    pub reissue: bool,
}

/// The jobs that print labels again: one for each number of earlier copies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Reprinted {
    /// The jobs.
    pub jobs: Vec<JobRecord>,
}

impl Nameplate {
    /// Prints labels again. The same key and request find the jobs that were made before.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] without reason or attestation; [`PrintError::NeverPrinted`],
    /// [`PrintError::AlreadyPrinted`] while the last print of one of them is not settled, [`PrintError::Reissue`].
    pub async fn reprint(
        &self,
        caller: &Caller,
        key: &str,
        request: &ReprintRequest,
    ) -> Result<Reprinted, ServiceError> {
        let reason = words("reason", &request.reason, "why the labels are printed again")?;
        let attestation = words("attestation", &request.attestation, "who destroyed the old labels, and how")?;
        if !request.old_label_destroyed {
            let problem = "has to be true: destroy the old labels first, two with one serial must not exist";
            return Err(ServiceError::Invalid { field: "old_label_destroyed", problem: problem.into() });
        }
        let (scope, print) = (key_scope(caller), fingerprint(request)?);
        let block = self.reprint_block(caller, request).await?;
        let mut conn = self.read().await?;
        let block = self.block_row(&mut conn, caller, &block).await?;
        caller.speaks_for(&block.station)?;
        let before = self.known_reprints(&mut conn, &scope, key, &print).await?;
        if !before.is_empty() {
            return Ok(Reprinted { jobs: self.job_records(&mut conn, caller, before).await? });
        }
        let printer = self.open_printer(&mut conn, &request.printer).await?;
        let rule = self.rules.get(&mut conn, block.rule_version_id).await?;
        let spans = merge(select(&mut conn, &rule, &block, &request.serials, Fate::Printed).await?);
        let mut drafts = Vec::new();
        for ((copy, original), spans) in self.copies(&mut conn, &block, &spans).await? {
            let mut job = match original.filter(|_| !request.reissue) {
                Some(original) => self.same_again(&mut conn, &original, &printer, &spans).await?,
                None => self.issued_anew(&mut conn, caller, request, &block, &printer, &spans).await?,
            };
            job.copy = copy;
            job.actor = caller.actor.clone();
            (job.reason, job.attestation) = (Some(reason.clone()), Some(attestation.clone()));
            (job.key_scope, job.idempotency_key) = (scope.clone(), numbered(key, drafts.len()));
            job.fingerprint = print.clone();
            if store::brand::reprint_needs_second(&mut conn, block.brand_id).await? {
                (job.state, job.held_for) = ("held".into(), Some(SECOND_PERSON.into()));
            }
            drafts.push(Draft { job, spans });
        }
        drop(conn);
        Ok(Reprinted { jobs: self.queue_all(caller, drafts).await? })
    }

    async fn reprint_block(&self, caller: &Caller, request: &ReprintRequest) -> Result<String, ServiceError> {
        match (&request.block, &request.serials) {
            (Some(block), _) => Ok(block.clone()),
            (None, Selection::Serials(serials)) if serials.len() == 1 => {
                self.block_of_serial(caller, &serials[0]).await
            }
            _ => Err(ServiceError::Invalid {
                field: "block",
                problem: "is needed for more than one serial: all of them are of one block".into(),
            }),
        }
    }

    async fn known_reprints(
        &self,
        conn: &mut Connection,
        scope: &str,
        key: &str,
        fingerprint: &str,
    ) -> Result<Vec<JobRow>, ServiceError> {
        let mut jobs = Vec::new();
        while let Some(job) = self.known_job(conn, scope, &numbered(key, jobs.len()), fingerprint).await? {
            jobs.push(job);
        }
        Ok(jobs)
    }

    /// The serials by the number of their next copy and the job that printed them last.
    async fn copies(
        &self,
        conn: &mut Connection,
        block: &BlockRow,
        spans: &[Span],
    ) -> Result<BTreeMap<(i64, Option<OriginalId>), Vec<Span>>, ServiceError> {
        let mut groups: BTreeMap<(i64, Option<OriginalId>), Vec<Span>> = BTreeMap::new();
        for &span in spans {
            let mut latest: Vec<(Span, i64, i64)> = Vec::new();
            // Later copies come later and replace earlier ones.
            for (lane, piece) in store::print_label::of_serials(conn, block.series_id, span).await? {
                let Some(part) = piece.span.intersection(span) else { continue };
                if piece.state != LabelState::Confirmed {
                    let serial = self.shown_serial(conn, block.id, part.first()).await?;
                    let job = store::print_job::by_id(conn, lane.job).await?.map(|job| job.code);
                    return Err(PrintError::AlreadyPrinted { serial, state: piece.state.to_string(), job }.into());
                }
                let others: Vec<_> = latest
                    .into_iter()
                    .flat_map(|(old, copy, job)| {
                        crate::service::report_fate::rest(old, &[part]).into_iter().map(move |left| (left, copy, job))
                    })
                    .collect();
                latest = others;
                latest.push((part, lane.copy, lane.job));
            }
            for (part, copy, job) in &latest {
                groups.entry((copy + 1, Some(OriginalId(*job)))).or_default().push(*part);
            }
            let mut known: Vec<Span> = latest.iter().map(|(part, ..)| *part).collect();
            known.sort_unstable();
            for elsewhere in crate::service::report_fate::rest(span, &known) {
                // Printed by somebody who told only the fate: a label exists, but not what was on it.
                let told = store::fate::overlapping(conn, block.series_id, elsewhere).await?;
                let printed: Vec<Span> =
                    told.iter().filter(|p| matches!(p.fate, Fate::Printed | Fate::Applied)).map(|p| p.span).collect();
                if let Some(never) = crate::service::report_fate::rest(elsewhere, &printed).first() {
                    let serial = self.shown_serial(conn, block.id, never.first()).await?;
                    return Err(PrintError::NeverPrinted { serial }.into());
                }
                groups.entry((2, None)).or_default().push(elsewhere);
            }
            self.refuse_spent(conn, block, span).await?;
        }
        Ok(groups)
    }

    /// Void and returned serials get no label any more.
    async fn refuse_spent(&self, conn: &mut Connection, block: &BlockRow, span: Span) -> Result<(), ServiceError> {
        for piece in store::fate::overlapping(conn, block.series_id, span).await? {
            if let (Fate::Void | Fate::Returned, Some(part)) = (piece.fate, piece.span.intersection(span)) {
                let serial = self.shown_serial(conn, block.id, part.first()).await?;
                return Err(PrintError::AlreadyPrinted { serial, state: piece.fate.to_string(), job: None }.into());
            }
        }
        Ok(())
    }

    /// A job whose labels are the same as those of the original, digest by digest.
    async fn same_again(
        &self,
        conn: &mut Connection,
        original: &OriginalId,
        printer: &PrinterRow,
        spans: &[Span],
    ) -> Result<JobRow, ServiceError> {
        let facts = self.print.parts.job_facts(conn, original.0).await?;
        let original = &facts.job;
        let serial = spans.first().map_or_else(String::new, |span| facts.shown(span.first()));
        let refused = |why: String| PrintError::Reissue { serial: serial.clone(), why };
        if original.dpi != printer.dpi {
            let problem = format!("the first label was made for {} dpi, the printer has {}", original.dpi, printer.dpi);
            return Err(PrintError::PrinterMismatch { printer: printer.code.clone(), problem }.into());
        }
        let inputs = Inputs::from_json(&original.inputs, &original.code)?;
        let drawn = self.draw_again(&inputs, false).await?;
        if drawn.artwork.digest() != original.artwork {
            let now = Inputs::of(&drawn.artwork, inputs.dpi, &drawn.rule);
            let why = inputs.difference(&now).unwrap_or_else(|| "its pictures have changed".into());
            return Err(refused(why).into());
        }
        check_media(printer, &drawn.artwork)?;
        Ok(JobRow {
            kind: "reprint".into(),
            printer_id: printer.id,
            printer: printer.code.clone(),
            state: "ready".into(),
            priority: 7,
            held_for: None,
            expires_us: None,
            counts: [0; 6],
            canceled: 0,
            failures: 0,
            second_person: None,
            ..original.clone()
        })
    }

    /// A job with the artwork that is approved now.
    async fn issued_anew(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        request: &ReprintRequest,
        block: &BlockRow,
        printer: &PrinterRow,
        spans: &[Span],
    ) -> Result<JobRow, ServiceError> {
        if !request.reissue {
            let first = spans.first().map_or(0, |span| span.first());
            let serial = self.shown_serial(conn, block.id, first).await?;
            let why = "it was printed elsewhere, and what was on it is not on record".to_owned();
            return Err(PrintError::Reissue { serial, why }.into());
        }
        let rule = self.rules.get(conn, block.rule_version_id).await?;
        let job = self.live_job(conn, caller, block, &rule, printer, None).await?;
        Ok(JobRow { kind: "reissue".into(), priority: 7, ..job })
    }

    /// Says whether reprints of a brand need a second person.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for a brand that does not exist.
    pub async fn set_reprint_policy(&self, caller: &Caller, brand: &str, second: bool) -> Result<(), ServiceError> {
        let absent = || ServiceError::NotFound { kind: "brand", name: brand.chars().take(80).collect() };
        if brand.contains('\0') {
            return Err(absent());
        }
        let mut tx = self.store.begin().await?;
        let id = store::sku::brand_id(&mut tx, &crate::catalogue::name_key(brand)).await?.ok_or_else(absent)?;
        store::brand::set_reprint_needs_second(&mut tx, id, second).await?;
        let detail = serde_json::json!({ "reprint_second_person": second });
        self.audit(&mut tx, caller, "brand.policy", brand, detail.to_string()).await?;
        Ok(store::commit(tx).await?)
    }
}

/// The job that printed a serial last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct OriginalId(i64);

/// The key of the n-th job of one request.
fn numbered(key: &str, n: usize) -> String {
    format!("reprint {n} {key}")
}
