//! The use cases, one a file. Transactions and permissions live here; SQL does not, and neither does HTTP.

mod allocation;
mod block_record;
pub mod browse;
mod caller;
mod chain;
mod clock;
mod error;
pub mod fonts;
pub mod import_catalogue;
pub mod keys;
pub mod label_record;
pub mod labels;
mod open;
pub mod people;
pub mod print;
pub mod proof;
pub mod publish_template;
pub mod receipts;
pub mod recover;
pub mod report_fate;
mod reserve;
mod reserve_block;
pub mod resolve;
mod rule_book;
pub mod rules;
pub mod serials;
pub mod settle_batch;
pub mod skus;
pub mod studio;
pub mod token;
pub mod tokens;
pub mod verify_audit;
pub mod waiting;
mod witness;

pub use crate::store::{Engine, StoreError};
pub use allocation::Reserved;
pub use block_record::{AccountRecord, BlockRecord, HistoryEntry};
pub use caller::{Caller, Serves};
pub use clock::{Clock, date_of, rfc3339};
pub use error::ServiceError;
pub use open::{OpenError, Settings};
pub use reserve_block::{DEFAULT_QUOTA, Lookalike, MAX_COUNT, ReserveBlock, ReserveError, StationName};
pub use rule_book::{KnownRule, RuleBook};
pub use serials::BlockSerials;
pub use witness::{Memory as WitnessMemory, WITNESS_FILE, WitnessError};

use crate::store::{ReadConnection, Store};
use std::sync::Arc;

/// An open installation: database, keys, witness, and the one writer of this node.
#[derive(Debug)]
pub struct Nameplate {
    store: Store,
    keys: Arc<keys::Keys>,
    rules: Arc<RuleBook>,
    allocator: allocation::Allocator,
    print: print::Desk,
    /// How samples of proofs look today.
    compared: proof::ComparedCache,
    witness: allocation::SharedWitness,
    clock: Clock,
    /// Where the key file and the witness lie.
    data: std::path::PathBuf,
    /// Faces for labels, once they were needed.
    fonts: std::sync::OnceLock<Arc<crate::label::FontSet>>,
}

impl Nameplate {
    /// The database.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The clock.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The compiled rules.
    #[must_use]
    pub fn rules(&self) -> &RuleBook {
        &self.rules
    }

    /// Where the key file and the witness lie.
    #[must_use]
    pub fn data(&self) -> &std::path::Path {
        &self.data
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &keys::Keys {
        &self.keys
    }

    pub(in crate::service) async fn read(&self) -> Result<ReadConnection, ServiceError> {
        Ok(self.store.read().await?)
    }

    /// Takes no more reservations and print steps, answers those that wait, closes the database, and frees the data folder.
    pub async fn close(&self) {
        self.print.close().await;
        self.allocator.close().await;
        self.store.close().await;
    }
}

/// A use case that is part of another. For the compiler its future is one plain type: it would look through all of them
/// again and again, which takes it minutes.
pub(in crate::service) fn part<'a, T>(
    work: impl Future<Output = T> + Send + 'a,
) -> std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>> {
    Box::pin(work)
}

/// Fills bytes from the system's random source.
///
/// # Errors
/// [`ServiceError::Unexpected`] when the system has none.
pub fn random<const N: usize>() -> Result<[u8; N], ServiceError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| ServiceError::Unexpected(format!("no random bytes: {e}")))?;
    Ok(bytes)
}
