//! Jobs go into the queues of their printers: all jobs of a request in one transaction.

use super::super::report_fate::MAX_SELECTED;
use super::super::{Caller, Nameplate, ServiceError, random};
use super::error::PrintError;
use super::job::{Draft, db, invalid, total};
use super::job_record::JobRecord;
use crate::print::{LabelPiece, LabelState};
use crate::store::print_job::JobRow;
use crate::store::print_label::Lane;
use crate::store::{self, Connection, StoreError, Transaction};
use crate::trace::{Fate, JobCode, Span};

impl Nameplate {
    /// Puts a job into its printer's queue.
    pub(super) async fn queue(&self, caller: &Caller, draft: Draft) -> Result<JobRecord, ServiceError> {
        let made = self.queue_all(caller, vec![draft]).await?.pop();
        made.ok_or_else(|| ServiceError::Unexpected("a job was made of nothing".into()))
    }

    /// Puts the jobs of one request into their queues: all of them or none. They are of one block, or one test.
    pub(super) async fn queue_all(
        &self,
        caller: &Caller,
        mut drafts: Vec<Draft>,
    ) -> Result<Vec<JobRecord>, ServiceError> {
        if drafts.iter().any(|draft| draft.spans.is_empty() || draft.spans.len() > MAX_SELECTED) {
            return Err(invalid("serials", "name at least one serial, in at most 10,000 ranges"));
        }
        let mut tx = self.store.begin().await?;
        let block = drafts.iter().find_map(|draft| draft.job.block_id);
        if let Some(block) = block {
            let batch = store::block::batch_of(&mut tx, block).await?;
            // Held, so that of two jobs for one serial the second finds the first.
            let is_open = store::sku::hold_batch(&mut tx, batch).await? == Some(true);
            if let Some(known) = self.known_jobs(&mut tx, &drafts).await? {
                return self.job_records(&mut tx, caller, known).await;
            }
            for Draft { job, spans } in drafts.iter().filter(|draft| draft.job.kind == "live") {
                if !is_open {
                    let code = store::sku::batch_code(&mut tx, batch).await?;
                    return Err(ServiceError::BatchClosed { batch: code.unwrap_or_default() });
                }
                self.refuse_printed(&mut tx, job, spans).await?;
                if super::doubt::may_have_labels(&mut tx, block).await? {
                    let first = spans.first().map_or(0, |span| span.first());
                    let mut conn = self.read().await?;
                    let serial = self.shown_serial(&mut conn, block, first).await?;
                    return Err(PrintError::PerhapsPrinted { serial }.into());
                }
            }
        }
        for Draft { job, .. } in &drafts {
            refuse_ended(&mut tx, job).await?;
        }
        let head = store::audit::hold_head(&mut tx).await?.head;
        if block.is_none()
            && let Some(known) = self.known_jobs(&mut tx, &drafts).await?
        {
            // Nobody else makes a job while the head is held: of two requests with one key the second finds the first.
            return self.job_records(&mut tx, caller, known).await;
        }
        let mut entries = Vec::with_capacity(drafts.len());
        for (seq, Draft { job, spans }) in (head.seq + 1..).zip(&mut drafts) {
            job.id = db(seq)?;
            self.complete(job, spans)?;
            entries.push(self.entry(caller, "job.queue", &job.code, queued_detail(job, spans)));
            store::print_job::insert(&mut tx, job).await?;
            self.insert_labels(&mut tx, job, spans).await?;
        }
        store::audit::append(&mut tx, head, &entries).await?;
        store::commit(tx).await?;
        let mut conn = self.read().await?;
        let mut records = Vec::with_capacity(drafts.len());
        for Draft { job, .. } in drafts {
            self.print.parts.board.ring(job.printer_id);
            let row = store::print_job::by_id(&mut conn, job.id).await?;
            records.push(self.job_record(&mut conn, caller, row.unwrap_or(job)).await?);
        }
        Ok(records)
    }

    /// The jobs that these drafts became when the same request came before.
    async fn known_jobs(&self, conn: &mut Connection, drafts: &[Draft]) -> Result<Option<Vec<JobRow>>, ServiceError> {
        let mut known = Vec::with_capacity(drafts.len());
        for Draft { job, .. } in drafts {
            match self.known_job(conn, &job.key_scope, &job.idempotency_key, &job.fingerprint).await? {
                Some(job) => known.push(job),
                None => return Ok(None),
            }
        }
        Ok(Some(known))
    }

    pub(super) async fn job_records(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        rows: Vec<JobRow>,
    ) -> Result<Vec<JobRecord>, ServiceError> {
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            records.push(self.job_record(conn, caller, row).await?);
        }
        Ok(records)
    }

    /// What a job has only once it is queued. Its id is known.
    fn complete(&self, job: &mut JobRow, spans: &[Span]) -> Result<(), ServiceError> {
        job.code = JobCode::from_random(random()?).as_str().to_owned();
        job.labels = db(total(spans))?;
        job.created_us = self.clock.now_us();
        job.turn_us = job.created_us;
        if job.block_id.is_none() {
            job.lane = -job.id;
        }
        Ok(())
    }

    async fn insert_labels(&self, tx: &mut Transaction, job: &JobRow, spans: &[Span]) -> Result<(), ServiceError> {
        match insert_labels(tx, job.lane(), spans).await {
            Err(ServiceError::Store(StoreError::Conflict(_))) => {
                // Two reprints of one serial at the same moment.
                let first = spans.first().map_or(0, |span| span.first());
                let mut conn = self.read().await?;
                let serial = self.shown_serial(&mut conn, job.block_id.unwrap_or(0), first).await?;
                Err(PrintError::AlreadyPrinted { serial, state: "queued".into(), job: None }.into())
            }
            done => done,
        }
    }

    /// Makes sure that no label of these serials exists, is promised, or may exist.
    async fn refuse_printed(&self, tx: &mut Transaction, job: &JobRow, spans: &[Span]) -> Result<(), ServiceError> {
        let ends = |first: u64, last: u64| Span::new(first, last).ok();
        let (Some(first), Some(last)) = (spans.first(), spans.last()) else { return Ok(()) };
        let Some(whole) = ends(first.first(), last.last()) else { return Ok(()) };
        let wanted = |piece: Span| spans.iter().find_map(|span| span.intersection(piece));
        let shown = |at: u64| async move {
            let mut conn = self.read().await?;
            self.shown_serial(&mut conn, job.block_id.unwrap_or(0), at).await
        };
        for (lane, piece) in store::print_label::of_serials(tx, job.lane, whole).await? {
            if let Some(part) = wanted(piece.span) {
                let other = store::print_job::by_id(tx, lane.job).await?.map(|job| job.code);
                let serial = shown(part.first()).await?;
                return Err(PrintError::AlreadyPrinted { serial, state: piece.state.to_string(), job: other }.into());
            }
        }
        for piece in store::fate::overlapping(tx, job.lane, whole).await? {
            if let Some(part) = wanted(piece.span).filter(|_| piece.fate != Fate::Reserved) {
                let serial = shown(part.first()).await?;
                return Err(PrintError::AlreadyPrinted { serial, state: piece.fate.to_string(), job: None }.into());
            }
        }
        Ok(())
    }
}

/// An approval may have been withdrawn or superseded since the draft was made. A label that is printed again is the same as
/// the first one, and so keeps the approval of the first one, whatever was approved since.
async fn refuse_ended(tx: &mut Transaction, job: &JobRow) -> Result<(), ServiceError> {
    let Some(id) = job.approval_id else { return Ok(()) };
    let stands = match job.kind == "reprint" {
        true => store::approval::hold(tx, id).await?,
        false => store::approval::hold_standing(tx, id).await?,
    };
    if stands {
        return Ok(());
    }
    let row = store::approval::by_id(tx, id).await?;
    let ended =
        if row.is_some_and(|row| row.withdrawn_us.is_none()) { "superseded by a newer one" } else { "withdrawn" };
    Err(PrintError::ApprovalMissing {
        sku: job.sku.clone(),
        revision: None,
        template: job.template.clone(),
        dpi: u32::try_from(job.dpi).unwrap_or(0),
        why: format!("approval {id} was {ended}"),
    }
    .into())
}

/// Rows of queued labels.
async fn insert_labels(tx: &mut Transaction, lane: Lane, spans: &[Span]) -> Result<(), ServiceError> {
    let pieces: Vec<LabelPiece> =
        spans.iter().map(|span| LabelPiece { span: *span, state: LabelState::Queued }).collect();
    Ok(store::print_label::insert(tx, lane, &pieces).await?)
}

fn queued_detail(job: &JobRow, spans: &[Span]) -> String {
    let ranges: Vec<[u64; 2]> = spans.iter().map(|span| [span.first(), span.last()]).collect();
    serde_json::json!({
        "kind": job.kind, "copy": job.copy, "printer": job.printer, "sku": job.sku, "block_id": job.block_id,
        "series": job.lane, "ranges": ranges, "labels": job.labels, "approval": job.approval_id,
        "template": job.template, "template_digest": job.template_digest, "dpi": job.dpi, "artwork": job.artwork,
        "priority": job.priority, "state": job.state, "reason": job.reason, "attestation": job.attestation,
    })
    .to_string()
}
