//! Use case: what waits for somebody, and what is wrong: for the start page.

use super::{Nameplate, ServiceError};
use crate::store;

const DAY_US: i64 = 24 * 60 * 60 * 1_000_000;
/// How early the end of a token is announced.
const ENDING_WITHIN_US: i64 = 14 * DAY_US;
/// How many printers are looked at.
const PRINTERS: u32 = 1_000;

/// What waits in the factory. Numbers end at [`MOST`](store::waiting::MOST): more is as good as many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Why allocation is stopped, if it is.
    pub stopped: Option<String>,
    /// Labels that a person has to say about what became of them.
    pub unconfirmed_labels: i64,
    /// In how many jobs.
    pub unconfirmed_jobs: i64,
    /// Jobs that are held or stopped and have labels left.
    pub resting_jobs: i64,
    /// Enabled printers that are not heard of, or say that something is wrong.
    pub printers_in_trouble: Vec<String>,
    /// Open batches with labels that are on no unit yet.
    pub batches_in_debt: i64,
    /// Mail that did not go out.
    pub unsent_notices: i64,
    /// Tokens that end within 14 days.
    pub ending_tokens: i64,
    /// Whether there is a catalogue.
    pub has_catalogue: bool,
    /// Whether there is a printer.
    pub has_printers: bool,
}

impl Nameplate {
    /// What waits in the factory. `mails`: there is a mail server, so what was never tried only waits its turn.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn waiting(&self, mails: bool) -> Result<Waiting, ServiceError> {
        let stopped = self.stopped().await?;
        let now_us = self.clock.now_us();
        let mut conn = self.read().await?;
        let (unconfirmed_labels, unconfirmed_jobs) = store::waiting::unconfirmed(&mut conn).await?;
        let printers = store::printer::list(&mut conn, "", PRINTERS).await?;
        let troubled = printers.iter().filter(|row| row.state == "enabled" && self.is_in_trouble(row));
        Ok(Waiting {
            stopped,
            unconfirmed_labels,
            unconfirmed_jobs,
            resting_jobs: store::waiting::resting_jobs(&mut conn).await?,
            printers_in_trouble: troubled.map(|row| row.code.clone()).collect(),
            batches_in_debt: store::waiting::batches_in_debt(&mut conn).await?,
            unsent_notices: store::waiting::unsent_notices(&mut conn, !mails).await?,
            ending_tokens: store::waiting::ending_tokens(&mut conn, now_us, now_us + ENDING_WITHIN_US).await?,
            has_catalogue: store::waiting::has_catalogue(&mut conn).await?,
            has_printers: !printers.is_empty(),
        })
    }
}
