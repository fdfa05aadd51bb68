//! What the factory floor looks at: leases, labels that nobody knows about, and the work of a station.

use super::super::block_record::{BlockRecord, block_record};
use super::super::{Caller, Nameplate, ServiceError, rfc3339};
use super::job_record::{JobRecord, doubt};
use super::scan::Inspected;
use crate::store::print_attempt::{AttemptRow, ENDLESS_US};
use crate::store::print_queue::UnknownFilter;
use crate::store::{self, Connection};

/// Of a block that is larger passed and failed units are not counted: the screen of a station comes back after every scan.
const COUNTED: u64 = 20_000;

/// A lease as people look at it. Its name stays hidden: it is a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRecord {
    /// The job; none where it is not for the caller.
    pub job: Option<String>,
    /// How many labels it was for.
    pub labels: u64,
    /// When it began, RFC 3339.
    pub leased_at: String,
    /// When it ended, RFC 3339; none while it is open.
    pub ended_at: Option<String>,
    /// What ended it: settled, expired, superseded, canceled or recovered.
    pub ended_by: Option<String>,
    /// Whether a station took the labels along, to print them without the server.
    pub is_kit: bool,
}

impl AttemptRecord {
    fn new(row: AttemptRow, job: Option<String>) -> Self {
        Self {
            job,
            labels: row.span.len(),
            leased_at: rfc3339(row.leased_us),
            ended_at: row.ended_us.map(rfc3339),
            ended_by: row.ended_by,
            is_kit: row.expires_us == ENDLESS_US,
        }
    }
}

/// Labels that nobody knows about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRange {
    /// The first serial, as people read it.
    pub first_serial: String,
    /// The last serial, in issuing order.
    pub last_serial: String,
    /// How many there are.
    pub labels: u64,
    /// Their job.
    pub job: JobRecord,
    /// Since when they may be on paper, RFC 3339.
    pub since: String,
    /// Why nobody knows. None for callers bound to a brand.
    pub note: Option<String>,
}

/// What a station has done of a block, and what is left.
#[derive(Debug, Clone)]
pub struct StationWork {
    /// The block.
    pub block: BlockRecord,
    /// Units that passed last time and units that failed; none where the block is too large to count.
    pub results: Option<(u64, u64)>,
    /// Labels that wait for a printer.
    pub to_print: u64,
    /// Labels that were handed over, and nobody has said yet what became of them.
    pub handed_over: u64,
    /// Labels that may have come out: they wait for a person.
    pub unconfirmed: u64,
    /// The last scans of its units, newest first.
    pub scans: Vec<Inspected>,
}

impl StationWork {
    /// Serials that are not on a unit yet and may still get there.
    #[must_use]
    pub const fn left(&self) -> u64 {
        self.block.account.reserved + self.block.account.printed
    }
}

impl Nameplate {
    /// The last leases of a job, newest first.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`].
    pub async fn job_attempts(
        &self,
        caller: &Caller,
        code: &str,
        limit: u32,
    ) -> Result<Vec<AttemptRecord>, ServiceError> {
        let mut conn = self.read().await?;
        let job = self.job_row(&mut conn, caller, code).await?;
        let rows = store::print_attempt::of_job(&mut conn, job.id, limit).await?;
        Ok(rows.into_iter().map(|row| AttemptRecord::new(row, Some(job.code.clone()))).collect())
    }

    /// The last leases of a printer, newest first. What is another brand's or another station's has no job.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`].
    pub async fn printer_attempts(
        &self,
        caller: &Caller,
        code: &str,
        limit: u32,
    ) -> Result<Vec<AttemptRecord>, ServiceError> {
        let mut conn = self.read().await?;
        let printer = self.printer_row(&mut conn, code).await?;
        let rows = store::print_attempt::of_printer(&mut conn, printer.id, limit).await?;
        let seen = |of: store::print_attempt::AttemptOf| {
            let is_own_brand = caller.brand.is_none_or(|brand| brand == of.brand_id);
            let is_own_station = caller.station.is_none() || of.station.is_none() || of.station == caller.station;
            (is_own_brand && is_own_station).then_some(of.job)
        };
        Ok(rows.into_iter().map(|(row, of)| AttemptRecord::new(row, seen(of))).collect())
    }

    /// Labels that nobody knows about, of all jobs, the oldest first, behind a place in the list; and where to go on.
    /// Callers bound to a station see those of its blocks.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for a printer that is none.
    pub async fn unconfirmed_labels(
        &self,
        caller: &Caller,
        printer: Option<&str>,
        after: Option<(i64, u64)>,
        limit: u32,
    ) -> Result<(Vec<UnknownRange>, Option<(i64, u64)>), ServiceError> {
        let mut conn = self.read().await?;
        let printer_id = match printer {
            Some(code) => Some(self.printer_row(&mut conn, code).await?.id),
            None => None,
        };
        let (brand_id, station) = (caller.brand, caller.station.clone());
        let filter = UnknownFilter { printer_id, brand_id, station, after, limit: limit.saturating_add(1) };
        let mut rows = store::print_queue::unconfirmed(&mut conn, &filter).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|row| (row.attempt, row.span.first()));
        let mut ranges = Vec::with_capacity(rows.len());
        for row in rows {
            let facts = self.print.parts.job_facts(&mut conn, row.job.id).await?;
            let note = match facts.serials.as_ref().filter(|_| caller.brand.is_none()) {
                Some(of) => doubt(&mut conn, of.block.series_id, row.span.first()).await?,
                None => None,
            };
            ranges.push(UnknownRange {
                first_serial: facts.shown(row.span.first()),
                last_serial: facts.shown(row.span.last()),
                labels: row.span.len(),
                job: self.job_record(&mut conn, caller, row.job).await?,
                since: rfc3339(row.leased_us),
                note,
            });
        }
        Ok((ranges, next))
    }

    /// What a station has done of a block, and what is left.
    ///
    /// # Errors
    /// [`ServiceError::WrongStation`], [`ServiceError::NotFound`].
    pub async fn station_work(&self, caller: &Caller, station: &str, block: &str) -> Result<StationWork, ServiceError> {
        caller.speaks_for(station)?;
        let mut conn = self.read().await?;
        let row = self.block_row(&mut conn, caller, block).await?;
        let [queued, leased, handed_over, _, unconfirmed, _] =
            store::print_queue::counts_of_block(&mut conn, row.id).await?;
        let results = match row.span.len() <= COUNTED {
            true => Some(store::inspection::results(&mut conn, row.series_id, row.span).await?),
            false => None,
        };
        let scans = scans(store::event::scans_of_block(&mut conn, row.id, 10).await?)?;
        let serials = self.serials_of(&mut conn, &row).await?;
        let block = block_record(caller, row, &serials)?;
        Ok(StationWork { block, results, to_print: queued + leased, handed_over, unconfirmed, scans })
    }

    /// The scan of a station that is this event; none if the event is something else.
    ///
    /// # Errors
    /// [`ServiceError::WrongStation`], [`ServiceError::Store`].
    pub async fn station_scan(
        &self,
        caller: &Caller,
        station: &str,
        event: i64,
    ) -> Result<Option<Inspected>, ServiceError> {
        caller.speaks_for(station)?;
        let mut conn = self.read().await?;
        let answer = store::event::scan_answer(&mut conn, station, event).await?;
        let Some(scan) = scans(answer.into_iter().collect())?.pop() else { return Ok(None) };
        // Another brand's unit is not shown to whoever guesses its number.
        Ok(self.is_own_block(&mut conn, caller, &scan.block).await?.then_some(scan))
    }

    async fn is_own_block(&self, conn: &mut Connection, caller: &Caller, block: &str) -> Result<bool, ServiceError> {
        match self.block_row(conn, caller, block).await {
            Ok(_) => Ok(true),
            Err(ServiceError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn scans(answers: Vec<String>) -> Result<Vec<Inspected>, ServiceError> {
    let read = |answer: String| {
        serde_json::from_str(&answer).map_err(|e| ServiceError::Unexpected(format!("a stored answer: {e}")))
    };
    answers.into_iter().map(read).collect()
}
