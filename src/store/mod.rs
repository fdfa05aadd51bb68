//! All SQL. One file an aggregate; the same text runs on SQLite and on PostgreSQL.
//!
//! Callers get a [`Connection`] from [`Store::read`] or a transaction from [`Store::begin`] and hand it to the free
//! functions of the aggregate modules. Nothing outside this folder names `sqlx`.

pub mod approval;
pub mod audit;
pub mod block;
pub mod brand;
pub mod brand_approver;
pub mod browse;
pub mod catalogue;
mod error;
pub mod event;
pub mod fate;
pub mod inspection;
pub mod meta;
pub mod notice;
mod open;
pub mod print_attempt;
pub mod print_doubt;
pub mod print_job;
pub mod print_label;
pub mod print_queue;
pub mod printer;
pub mod proof;
pub mod proof_sample;
pub mod proof_word;
mod rows;
pub mod rule;
pub mod session;
pub mod sku;
pub mod station;
pub mod station_conflict;
pub mod template;
pub mod token;
pub mod user;
pub mod waiting;

pub use error::StoreError;
pub use open::{Database, Engine};

use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyPool};

/// What the functions of this layer run on: a pooled connection or an open transaction.
pub type Connection = sqlx::AnyConnection;

/// A connection for reading, given back when dropped.
pub type ReadConnection = PoolConnection<Any>;

/// An open transaction; rolled back when dropped without [`commit`].
pub type Transaction = sqlx::Transaction<'static, Any>;

/// An open database.
///
/// On SQLite every write goes through one connection, whose users queue fairly: nobody ever sees "busy". On PostgreSQL
/// there are several.
#[derive(Debug, Clone)]
pub struct Store {
    read: AnyPool,
    write: AnyPool,
    engine: Engine,
}

impl Store {
    /// Which engine holds the records.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        self.engine
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when none can be had in time.
    pub async fn read(&self) -> Result<ReadConnection, StoreError> {
        Ok(self.read.acquire().await?)
    }

    /// Opens a transaction for writing; on SQLite it waits for the one writer.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database cannot be reached.
    pub async fn begin(&self) -> Result<Transaction, StoreError> {
        Ok(match self.engine {
            // Given as a statement, the driver refuses it inside another transaction instead of nesting.
            Engine::Sqlite => self.write.begin_with("BEGIN IMMEDIATE").await?,
            Engine::Postgres => self.write.begin().await?,
        })
    }

    /// Closes all connections; open transactions are rolled back.
    pub async fn close(&self) {
        self.write.close().await;
        self.read.close().await;
    }
}

/// Makes a transaction durable. When this returns, a power cut does not take it back.
///
/// # Errors
/// Any [`StoreError`]. After one the outcome is unknown: the same request must be safe to repeat.
pub async fn commit(transaction: Transaction) -> Result<(), StoreError> {
    Ok(transaction.commit().await?)
}
