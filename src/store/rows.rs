//! Reading rows and writing many of them with few statements.

use super::{Connection, StoreError};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe, Row};
use std::sync::{Arc, OnceLock};

/// A number for the database, which knows signed 64-bit integers only.
///
/// # Errors
/// [`StoreError::TooLarge`] from 2^63 upwards.
pub(super) fn db(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::TooLarge(number))
}

/// A column that can never be negative.
pub(super) fn unsigned(row: &AnyRow, table: &'static str, column: &'static str) -> Result<u64, StoreError> {
    let value: i64 = row.try_get(column)?;
    u64::try_from(value).map_err(|_| StoreError::corrupt(table, column, value))
}

/// How many rows one statement carries: few different texts, so that each is prepared once.
const CHUNKS: [usize; 5] = [64, 16, 4, 2, 1];

/// An `INSERT` of any number of rows with as few statements as [`CHUNKS`] allows.
pub(super) struct MultiInsert {
    head: &'static str,
    columns: usize,
    tail: &'static str,
    texts: OnceLock<[Arc<str>; CHUNKS.len()]>,
}

impl MultiInsert {
    /// `head` ends in `VALUES`; `tail` is empty or what follows the rows.
    pub(super) const fn new(head: &'static str, columns: usize, tail: &'static str) -> Self {
        Self { head, columns, tail, texts: OnceLock::new() }
    }

    /// Runs the insert over `rows`; `bind` adds one row's values, in column order. Answers what `RETURNING` gave.
    ///
    /// # Errors
    /// Whatever the database says; earlier chunks may have been written, so this belongs in a transaction.
    pub(super) async fn run<'a, T>(
        &self,
        conn: &mut Connection,
        mut rows: &'a [T],
        bind: impl Fn(Query<'a, Any, AnyArguments>, &'a T) -> Query<'a, Any, AnyArguments>,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let texts = self.texts.get_or_init(|| CHUNKS.map(|rows| self.text(rows)));
        let mut out = Vec::new();
        while !rows.is_empty() {
            let which = CHUNKS.iter().position(|&c| c <= rows.len()).unwrap_or(CHUNKS.len() - 1);
            let (now, later) = rows.split_at(CHUNKS[which]);
            let query = sqlx::query(AssertSqlSafe(Arc::clone(&texts[which])));
            let query = now.iter().fold(query, &bind);
            if self.tail.contains("RETURNING") {
                out.extend(query.fetch_all(&mut *conn).await?);
            } else {
                query.execute(&mut *conn).await?;
            }
            rows = later;
        }
        Ok(out)
    }

    fn text(&self, rows: usize) -> Arc<str> {
        let mut sql = String::from(self.head);
        for row in 0..rows {
            sql.push_str(if row == 0 { " (" } else { ", (" });
            for column in 1..=self.columns {
                if column > 1 {
                    sql.push_str(", ");
                }
                sql.push('$');
                sql.push_str(&(row * self.columns + column).to_string());
            }
            sql.push(')');
        }
        if !self.tail.is_empty() {
            sql.push(' ');
            sql.push_str(self.tail);
        }
        sql.into()
    }
}

/// `$1, $2, ...` for an `IN` list, padded to the next power of two so that few different texts exist.
pub(super) fn in_list(values: usize) -> (String, usize) {
    let padded = values.max(1).next_power_of_two();
    let list = (1..=padded).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
    (list, padded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_numbers_its_parameters_in_order() {
        let insert = MultiInsert::new("INSERT INTO t (a, b) VALUES", 2, "RETURNING a");
        assert_eq!(&*insert.text(2), "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4) RETURNING a");
        assert_eq!(in_list(3), ("$1, $2, $3, $4".into(), 4));
    }
}
