//! What the desk does by itself: leases whose time is up end, jobs that waited too long are cancelled, work that another
//! node made is noticed, and what printers said goes to the database.

use super::desk::{Asked, DeskParts, Sender, lease_now_us};
use super::lease::LEASE_S;
use crate::service::{Nameplate, ServiceError};
use crate::store::{self, StoreError};
use std::sync::Arc;
use std::time::Duration;

/// How often.
const EVERY: Duration = Duration::from_secs(1);
/// What printers said is written every so many rounds.
const NOTE_EVERY: u32 = 5;

pub(super) async fn run(parts: Arc<DeskParts>, desk: Sender) {
    let mut round = 0_u32;
    loop {
        tokio::time::sleep(EVERY).await;
        round = round.wrapping_add(1);
        if let Err(error) = tend(&parts, &desk, round.is_multiple_of(NOTE_EVERY)).await {
            tracing::debug!(%error, "the print desk could not be tended");
        }
    }
}

impl Nameplate {
    /// Does at once what the desk does every second by itself.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn tend_printing(&self) -> Result<(), ServiceError> {
        Ok(tend(&self.print.parts, &self.print.sender()?, true).await?)
    }
}

async fn tend(parts: &DeskParts, desk: &Sender, note: bool) -> Result<(), StoreError> {
    let mut conn = parts.store.read().await?;
    let now_us = lease_now_us(parts, &mut conn).await?;
    // A lease that ends later than any lease can was made by a clock that has been set back since.
    let ahead_us = 2 * i64::from(LEASE_S) * 1_000_000;
    let expired = store::print_attempt::expired(&mut conn, now_us, ahead_us).await?;
    let overdue = store::print_job::overdue(&mut conn, parts.clock.now_us()).await?;
    let with_work = store::printer::with_work(&mut conn).await?;
    drop(conn);
    for printer in with_work {
        if parts.board.may_have_work(printer).is_none() {
            parts.board.ring(printer);
        }
    }
    for attempt in expired {
        if let Err(error) = desk.ask(Asked::Expire { lease: attempt.lease }).await {
            tracing::debug!(%error, "a lease could not be ended");
        }
    }
    for job in overdue {
        if let Err(error) = super::control::cancel_overdue(parts, job).await {
            tracing::debug!(%error, "a job could not be cancelled");
        }
    }
    if note {
        let told = parts.board.to_note();
        if !told.is_empty() {
            let mut tx = parts.store.begin().await?;
            store::printer::note_status(&mut tx, &told).await?;
            store::commit(tx).await?;
        }
    }
    Ok(())
}
