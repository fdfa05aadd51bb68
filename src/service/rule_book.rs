//! The rules as compiled tables: made once from the recorded definitions, shared by everything that makes or reads
//! serials.

use crate::serial::{PermutationKey, Rule, RuleSpec, SeriesContext};
use crate::store::rule::RuleRow;
use crate::store::{self, Connection, StoreError};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::sync::{Arc, PoisonError, RwLock};

/// A recorded rule version, compiled.
#[derive(Debug)]
pub struct KnownRule {
    /// As recorded.
    pub row: RuleRow,
    /// Ready to make and read serials.
    pub rule: Rule,
}

impl KnownRule {
    fn compile(row: RuleRow, key: &PermutationKey) -> Result<Self, StoreError> {
        let corrupt = || StoreError::Corrupt { table: "rule_version", column: "definition", row: row.id.to_string() };
        let spec: RuleSpec = serde_json::from_str(&row.definition).map_err(|_| corrupt())?;
        let rule = Rule::compile(spec, key).map_err(|_| corrupt())?;
        Ok(Self { row, rule })
    }

    /// The name of the counter of this rule in a context: SHA-256 over the definition's digest and the context, in
    /// hex. It stays the same in every database, so that receipts and witnesses can name it.
    #[must_use]
    pub fn series_key(&self, context: &SeriesContext) -> String {
        HEXLOWER.encode(&Sha256::digest(format!("{} {}", self.row.digest, context.as_str())))
    }
}

/// All rules. Recorded versions never change, so a copy that lacks the newest is the worst that can happen; then
/// [`RuleBook::reload`] helps.
#[derive(Debug)]
pub struct RuleBook {
    key: PermutationKey,
    rules: RwLock<Vec<Arc<KnownRule>>>,
}

impl RuleBook {
    /// An empty book.
    #[must_use]
    pub fn new(key: PermutationKey) -> Self {
        Self { key, rules: RwLock::default() }
    }

    /// Reads the rules that are not in the book yet.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a definition cannot be read any more.
    pub async fn reload(&self, conn: &mut Connection) -> Result<(), StoreError> {
        let rows = store::rule::all(conn).await?;
        let known = self.all();
        let mut fresh = Vec::with_capacity(rows.len());
        for row in rows {
            fresh.push(match known.iter().find(|k| k.row == row) {
                Some(known) => Arc::clone(known),
                None => Arc::new(KnownRule::compile(row, &self.key)?),
            });
        }
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// Every rule version, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<KnownRule>> {
        self.rules.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The rule version with this row id, read anew if the book lacks it.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when there is none.
    pub async fn get(&self, conn: &mut Connection, id: i64) -> Result<Arc<KnownRule>, StoreError> {
        for attempt in 0..2 {
            if let Some(known) = self.all().into_iter().find(|k| k.row.id == id) {
                return Ok(known);
            }
            if attempt == 0 {
                self.reload(conn).await?;
            }
        }
        Err(StoreError::Corrupt { table: "series", column: "rule_version_id", row: id.to_string() })
    }
}
