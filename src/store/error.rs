//! What can go wrong between us and the database. Absence is not an error: look-ups answer `Ok(None)`.

/// A failure of the database or of what it holds.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be reached, or did not answer in time. Trying again later may help.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// No room is left where the database lies. Reading goes on.
    #[error("the disk that holds the database is full")]
    Full,
    /// A rule of the schema refused the change.
    #[error("the database refused the change: {0}")]
    Conflict(String),
    /// A row holds something that cannot be.
    #[error("the record {row} in table {table} has an impossible value in {column}")]
    Corrupt {
        /// Which table.
        table: &'static str,
        /// Which column.
        column: &'static str,
        /// Which row, as a person would look for it.
        row: String,
    },
    /// The file or database holds something else.
    #[error("{0} is not a nameplate database")]
    NotOurs(String),
    /// A newer program has been here.
    #[error(
        "the database was written by a newer nameplate (schema {found}, this program knows {known}): install that version or a later one"
    )]
    Newer {
        /// The schema version found.
        found: i64,
        /// The latest that this program knows.
        known: i64,
    },
    /// Another process has it.
    #[error("another nameplate process is using {0}: ask it over HTTP (its manual is at /docs), or stop it first")]
    InUse(String),
    /// A number does not fit the database's signed 64 bits.
    #[error("the number {0} is too large to store")]
    TooLarge(u64),
    /// Something that should not happen.
    #[error("unexpected database error: {0}")]
    Unexpected(String),
}

impl StoreError {
    /// A row that holds something impossible.
    pub(super) fn corrupt(table: &'static str, column: &'static str, row: impl ToString) -> Self {
        Self::Corrupt { table, column, row: row.to_string() }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match &error {
            E::Database(inner) => {
                let code = inner.code().unwrap_or_default();
                // PostgreSQL's codes have five characters, SQLite's are numbers of one to four digits.
                let kind = match code.parse() {
                    Ok(number) if code.len() < 5 => sqlite_kind(number),
                    _ => postgres_kind(&code),
                };
                let message = inner.message().to_owned();
                match kind {
                    Kind::Full => Self::Full,
                    Kind::Unavailable => Self::Unavailable(message),
                    Kind::Conflict => Self::Conflict(message),
                    Kind::NotOurs => Self::NotOurs("the file".into()),
                    Kind::Other => Self::Unexpected(error.to_string()),
                }
            }
            E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed => {
                Self::Unavailable(error.to_string())
            }
            _ => Self::Unexpected(error.to_string()),
        }
    }
}

/// What an engine's error code means for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Full,
    Unavailable,
    Conflict,
    NotOurs,
    Other,
}

/// SQLite's result codes (sqlite.org/rescode.html); the low byte of an extended code is the primary one.
fn sqlite_kind(code: u32) -> Kind {
    match code & 0xff {
        // SQLITE_FULL.
        13 => Kind::Full,
        // SQLITE_BUSY, SQLITE_LOCKED, SQLITE_IOERR, SQLITE_CANTOPEN.
        5 | 6 | 10 | 14 => Kind::Unavailable,
        // SQLITE_CONSTRAINT.
        19 => Kind::Conflict,
        // SQLITE_NOTADB.
        26 => Kind::NotOurs,
        _ => Kind::Other,
    }
}

/// PostgreSQL's error codes (its manual, appendix A); the first two characters are the class.
fn postgres_kind(code: &str) -> Kind {
    match code {
        // disk_full.
        "53100" => Kind::Full,
        // lock_not_available, query_canceled (a timeout), read_only_sql_transaction.
        "55P03" | "57014" | "25006" => Kind::Unavailable,
        // raise_exception: our triggers.
        "P0001" => Kind::Conflict,
        _ => match code.get(..2) {
            // Connection, rolled back (deadlock, serialisation), resources, operator intervention, system error.
            Some("08" | "40" | "53" | "57" | "58") => Kind::Unavailable,
            // Integrity constraint violation, exclusion included.
            Some("23") => Kind::Conflict,
            _ => Kind::Other,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_engines_are_told_apart() {
        assert_eq!(sqlite_kind(13), Kind::Full);
        // SQLITE_IOERR_SHMSIZE, SQLITE_BUSY_SNAPSHOT, SQLITE_CONSTRAINT_TRIGGER, SQLITE_MISMATCH.
        assert_eq!(
            [4874, 517, 1811, 20].map(sqlite_kind),
            [Kind::Unavailable, Kind::Unavailable, Kind::Conflict, Kind::Other]
        );
        assert_eq!(
            ["53100", "53300", "40P01", "08006", "23P01", "42601"].map(postgres_kind),
            [Kind::Full, Kind::Unavailable, Kind::Unavailable, Kind::Unavailable, Kind::Conflict, Kind::Other]
        );
    }
}
