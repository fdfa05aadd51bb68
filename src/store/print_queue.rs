//! Lists of print jobs and of labels that nobody knows about, as the factory floor looks at them. Each finds what is open
//! without reading what is long settled.

use super::print_job::{JobRow, SELECT, read};
use super::rows::{db, unsigned};
use super::{Connection, StoreError};
use crate::trace::Span;
use sqlx::Row;
use sqlx::any::AnyRow;

/// What jobs are doing, as people ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobStatus {
    /// Labels wait for the printer.
    Pending,
    /// Somebody holds it.
    Held,
    /// Labels are leased or handed over.
    Processing,
    /// It stopped by itself, or its labels wait for a person.
    Stopped,
    /// It was cancelled.
    Canceled,
    /// All its labels are settled.
    Completed,
}

impl JobStatus {
    /// The jobs that show this state. Each condition on jobs that are not done holds that of the index of open jobs.
    const fn condition(self) -> &'static str {
        match self {
            Self::Pending => "j.leased + j.handed_over = 0 AND j.state = 'ready' AND j.queued > 0",
            Self::Held => "j.leased + j.handed_over = 0 AND j.state = 'held' AND j.queued > 0",
            Self::Processing => "j.leased + j.handed_over > 0",
            Self::Stopped => {
                "j.leased + j.handed_over = 0 AND (j.queued = 0 OR j.state = 'stopped') AND j.queued + j.unconfirmed > 0"
            }
            Self::Canceled => {
                "j.state = 'canceled' AND j.leased + j.handed_over = 0 AND (j.queued > 0 OR j.unconfirmed = 0)"
            }
            Self::Completed => "j.state <> 'canceled' AND j.queued + j.leased + j.handed_over + j.unconfirmed = 0",
        }
    }

    const fn is_open(self) -> bool {
        !matches!(self, Self::Canceled | Self::Completed)
    }
}

/// Which jobs to list.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    /// Of this printer.
    pub printer_id: Option<i64>,
    /// Of this block.
    pub block_id: Option<i64>,
    /// Of this batch.
    pub batch_id: Option<i64>,
    /// Of this brand.
    pub brand_id: Option<i64>,
    /// Of blocks of this station.
    pub station: Option<String>,
    /// Only jobs with labels that wait for a person.
    pub unconfirmed: bool,
    /// Only jobs with labels that are not settled.
    pub open: bool,
    /// Only jobs that show this state.
    pub status: Option<JobStatus>,
    /// Before this number.
    pub before: Option<i64>,
    /// At most this many.
    pub limit: u32,
}

/// Jobs, newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn list(conn: &mut Connection, filter: &JobFilter) -> Result<Vec<JobRow>, StoreError> {
    let is_open = filter.open || filter.unconfirmed || filter.status.is_some_and(JobStatus::is_open);
    // Open jobs are few, those of a printer many: the plus keeps the printer's index from being taken for them.
    let of_printer = if is_open { "+j.printer_id = " } else { "j.printer_id = " };
    // Written into the text only where asked for, so that each form can use its own index.
    let mut sql = format!("{SELECT} WHERE j.id < $1");
    let mut numbers = Vec::new();
    for (condition, value) in [
        (of_printer, filter.printer_id),
        ("j.block_id = ", filter.block_id),
        ("b.batch_id = ", filter.batch_id),
        ("s.brand_id = ", filter.brand_id),
    ] {
        if let Some(value) = value {
            numbers.push(value);
            sql.push_str(&format!(" AND {condition}${}", numbers.len() + 3));
        }
    }
    sql.push_str(if filter.station.is_some() { " AND b.station = $2" } else { " AND $2 = ''" });
    for (wanted, condition) in [
        (is_open, "j.queued + j.leased + j.handed_over + j.unconfirmed > 0"),
        (filter.unconfirmed, "j.unconfirmed > 0"),
        (filter.status.is_some(), filter.status.map_or("", JobStatus::condition)),
    ] {
        if wanted {
            sql.push_str(&format!(" AND {condition}"));
        }
    }
    sql.push_str(" ORDER BY j.id DESC LIMIT $3");
    let query = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(filter.before.unwrap_or(i64::MAX))
        .bind(filter.station.clone().unwrap_or_default())
        .bind(i64::from(filter.limit));
    let rows = numbers.into_iter().fold(query, sqlx::query::Query::bind).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// Labels that nobody knows about: consecutive serials of one job under one lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownLabels {
    /// The lease.
    pub attempt: i64,
    /// The serials, or numbers of test labels.
    pub span: Span,
    /// The job.
    pub job: JobRow,
    /// When the lease began.
    pub leased_us: i64,
}

/// Which labels that nobody knows about to list.
#[derive(Debug, Clone, Default)]
pub struct UnknownFilter {
    /// Of this printer.
    pub printer_id: Option<i64>,
    /// Of this brand.
    pub brand_id: Option<i64>,
    /// Of blocks of this station.
    pub station: Option<String>,
    /// Behind these labels of this lease.
    pub after: Option<(i64, u64)>,
    /// At most this many.
    pub limit: u32,
}

/// Labels that nobody knows about, of all jobs, the oldest lease first.
///
/// # Errors
/// Whatever the database says.
pub async fn unconfirmed(conn: &mut Connection, filter: &UnknownFilter) -> Result<Vec<UnknownLabels>, StoreError> {
    let labels = "l.attempt_id, l.first_ordinal, l.last_ordinal, a.leased_us, j.*";
    let joins = "FROM print_label l JOIN print_attempt a ON a.id = l.attempt_id JOIN print_job j ON j.id = l.job_id";
    let select = SELECT.replacen("j.*", labels, 1).replacen("FROM print_job j", joins, 1);
    let mut sql = format!("{select} WHERE l.state = 'unconfirmed' AND (l.attempt_id, l.first_ordinal) > ($1, $2)");
    sql.push_str(if filter.printer_id.is_some() { " AND +j.printer_id = $4" } else { " AND $4 = -1" });
    sql.push_str(if filter.brand_id.is_some() { " AND s.brand_id = $5" } else { " AND $5 = -1" });
    sql.push_str(if filter.station.is_some() { " AND b.station = $6" } else { " AND $6 = ''" });
    sql.push_str(" ORDER BY l.attempt_id, l.first_ordinal LIMIT $3");
    let (attempt, first) = filter.after.unwrap_or((0, 0));
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(attempt)
        .bind(db(first)?)
        .bind(i64::from(filter.limit))
        .bind(filter.printer_id.unwrap_or(-1))
        .bind(filter.brand_id.unwrap_or(-1))
        .bind(filter.station.clone().unwrap_or_default())
        .fetch_all(conn)
        .await?;
    rows.iter().map(read_unknown).collect()
}

fn read_unknown(row: &AnyRow) -> Result<UnknownLabels, StoreError> {
    let first = unsigned(row, "print_label", "first_ordinal")?;
    let span = Span::new(first, unsigned(row, "print_label", "last_ordinal")?)
        .map_err(|_| StoreError::corrupt("print_label", "last_ordinal", first))?;
    Ok(UnknownLabels {
        attempt: row.try_get("attempt_id")?,
        span,
        job: read(row)?,
        leased_us: row.try_get("leased_us")?,
    })
}

/// How many labels of a block are in which state, in the order of `LabelState::NAMES`, over all jobs.
///
/// # Errors
/// Whatever the database says.
pub async fn counts_of_block(conn: &mut Connection, block: i64) -> Result<[u64; 6], StoreError> {
    let sums: Vec<String> = crate::print::LabelState::NAMES
        .iter()
        .map(|name| format!("CAST(COALESCE(SUM({name}), 0) AS BIGINT) AS {name}"))
        .collect();
    let sql = format!("SELECT {} FROM print_job WHERE block_id = $1", sums.join(", "));
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(block).fetch_one(conn).await?;
    let mut counts = [0; 6];
    for (count, name) in counts.iter_mut().zip(crate::print::LabelState::NAMES) {
        *count = unsigned(&row, "print_job", name)?;
    }
    Ok(counts)
}
