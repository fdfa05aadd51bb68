//! After a restored backup: what the backup says of labels that were not settled is not the last that happened to them.

use super::super::{ServiceError, random};
use crate::print::AttemptId;
use crate::store::print_attempt::{AttemptRow, EndedBy};
use crate::store::{self, Connection, StoreError, Transaction};
use crate::trace::{Span, lease_name};

/// Under this name `meta` keeps the end of the audit chain at the last recovery.
const RESTORED_AT: &str = "restored_at";
/// How many jobs are looked at a time.
const PAGE: u32 = 500;
/// Why their jobs do not go on by themselves.
const WHY: &str = "the database was restored from a backup: say what came out since, then release the job";

/// Ends all leases; every label that is queued, leased or handed over waits for a person, and its job is stopped. Serials
/// of blocks up to `head` get no first label any more, and tests are cancelled. Answers how many labels wait.
pub(in crate::service) async fn doubt_all(tx: &mut Transaction, now_us: i64, head: u64) -> Result<i64, ServiceError> {
    store::print_attempt::end_all(tx, now_us, EndedBy::Recovered).await?;
    store::print_doubt::forget_tests(tx).await?;
    let (mut labels, mut after) = (0, 0);
    loop {
        let jobs = store::print_doubt::with_open_labels(tx, after, PAGE).await?;
        let Some(last) = jobs.last() else { break };
        after = last.job;
        for open in jobs {
            let span = Span::new(open.first, open.last).map_err(|_| StoreError::TooLarge(open.last))?;
            let mut attempt = AttemptRow {
                id: AttemptId(0),
                lease: lease_name(random()?),
                printer_id: open.printer,
                job_id: open.job,
                span,
                settings: "{}".into(),
                leased_us: now_us,
                expires_us: now_us,
                ended_us: None,
                ended_by: None,
            };
            attempt.id = store::print_attempt::insert(tx, &attempt).await?;
            store::print_attempt::end(tx, attempt.id, now_us, EndedBy::Recovered).await?;
            labels += store::print_doubt::labels(tx, open.job, attempt.id).await?;
            store::print_doubt::stop(tx, open.job, WHY).await?;
        }
    }
    store::meta::set(tx, RESTORED_AT, &head.to_string()).await?;
    Ok(labels)
}

/// Whether a block was reserved before the last recovery: labels of its serials may exist that are not on record.
pub(super) async fn may_have_labels(conn: &mut Connection, block: i64) -> Result<bool, StoreError> {
    let restored_at = store::meta::get(conn, RESTORED_AT).await?;
    Ok(restored_at.and_then(|seq| seq.parse::<i64>().ok()).is_some_and(|seq| block <= seq))
}
