//! Use case: after a restored backup or a lossy failover, let allocation and printing go on without issuing or printing
//! anything twice.
//!
//! Run with every server stopped. Two ways, both recorded with a reason:
//! - **jump**: every counter goes on beyond the highest ordinal that any witness or receipt knows of, and a margin on
//!   top for what nobody remembers;
//! - **new epoch**: rules with an epoch segment start their next epoch; no serial of it can be an old one. Rules
//!   without one jump.
//!
//! Labels that were not settled in the backup may have come out since: they wait for a person. Serials that were reserved
//! before get no first label any more, as it may exist (`print::refuse_printed`).

use super::clock::Clock;
use super::open::{Ground, open_ground};
use super::rule_book::RuleBook;
use super::witness::{Memory, WITNESS_FILE, Witness, WitnessError};
use super::{OpenError, ServiceError, Settings};
use crate::serial::{ContextError, ContextInputs, Segment};
use crate::store::{self, Engine, StoreError, Transaction};
use crate::trace::{AuditEntry, ChainHead, Receipt};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How far a jump goes beyond what is known, unless told otherwise.
pub const DEFAULT_MARGIN: u64 = 10_000_000;

/// What a recovery is told.
#[derive(Debug, Clone, Default)]
pub struct Recovery {
    /// Why: it goes into the audit chain.
    pub reason: String,
    /// Witness files of other nodes.
    pub witnesses: Vec<PathBuf>,
    /// Receipts that stations hold.
    pub receipts: Vec<String>,
    /// How far to jump beyond what is known.
    pub margin: u64,
    /// Whether rules with an epoch segment start their next epoch.
    pub new_epoch: bool,
    /// Who does it.
    pub actor: String,
}

/// What a recovery did.
#[derive(Debug, Clone, Serialize)]
pub struct Recovered {
    /// Why allocation had been stopped.
    pub was_stopped: Option<String>,
    /// For each counter (its series key, or a rule's digest for counters that nobody remembers) the ordinal at which it
    /// goes on.
    pub floors: BTreeMap<String, u64>,
    /// For each rule that started an epoch, which.
    pub epochs: BTreeMap<String, u8>,
    /// Labels of print jobs that wait for a person now: they may have come out after the backup was made.
    pub doubtful_labels: i64,
    /// What the old witness was kept as.
    pub kept_witness: String,
}

/// Makes it safe to allocate again.
///
/// # Errors
/// [`OpenError`] when the installation cannot be opened or a witness or receipt is not ours; then nothing was changed.
pub async fn recover(settings: &Settings, clock: &Clock, recovery: &Recovery) -> Result<Recovered, OpenError> {
    if recovery.reason.trim().is_empty() {
        let problem = "say why, for those who read the audit chain later".into();
        return Err(ServiceError::Invalid { field: "reason", problem }.into());
    }
    let Ground { store, keys, locks } = open_ground(settings).await?;
    let now_us = clock.now_us();
    let Remembered { next: mut known, heads } = remembered(settings, recovery, keys.database())?;
    for text in &recovery.receipts {
        let body = Receipt::verify(text, keys.verifying()).map_err(ServiceError::Receipt)?;
        if body.database != keys.database() {
            let problem = format!("the receipt of block {} is another database's", body.block);
            return Err(ServiceError::Invalid { field: "receipts", problem }.into());
        }
        raise(&mut known, &body.series, body.last + 1);
    }
    let mut tx = store.begin().await?;
    let rules = RuleBook::new(keys.permutation());
    rules.reload(&mut tx).await?;
    let capacities: BTreeMap<String, u64> = {
        let series = store::rule::all_series(&mut tx).await?;
        series.iter().for_each(|s| raise(&mut known, &s.series_key, s.next_ordinal));
        series.into_iter().map(|s| (s.series_key, s.capacity)).collect()
    };
    let epochs = if recovery.new_epoch { start_epochs(&mut tx, &rules, &known, clock).await? } else { BTreeMap::new() };
    let several = settings.database.engine() == Engine::Postgres;
    if several || !is_ahead(&mut tx, &heads).await? {
        // Where nobody remembers more than the database does, or other nodes may have, there may be counters that nobody
        // remembers at all.
        rules.all().iter().for_each(|r| raise(&mut known, &r.row.digest, 0));
    }
    let largest = rules.all().iter().map(|r| r.rule.capacity()).max().unwrap_or(0);
    let mut floors = BTreeMap::new();
    for (key, next) in known {
        let capacity = capacities.get(&key).copied().unwrap_or(largest);
        let floor = next.saturating_add(recovery.margin).min(capacity.max(next));
        store::rule::raise_floor(&mut tx, &key, floor).await?;
        floors.insert(key, floor);
    }
    let held = store::audit::hold_head(&mut tx).await?;
    let doubtful_labels = super::print::doubt_all(&mut tx, now_us, held.head.seq).await?;
    store::audit::set_stopped(&mut tx, None).await?;
    let kept_witness = format!("{WITNESS_FILE}.before-{now_us}");
    let done = Recovered { was_stopped: held.stopped.clone(), floors, epochs, doubtful_labels, kept_witness };
    let detail = serde_json::json!({ "reason": recovery.reason.trim(), "did": done }).to_string();
    let entry = AuditEntry {
        recorded_us: now_us,
        actor: recovery.actor.clone(),
        action: "allocation.recover".into(),
        subject: keys.database().to_owned(),
        detail,
    };
    let head = store::audit::append(&mut tx, held.head, &[entry]).await?;
    store::commit(tx).await?;
    // Only now: were the power to fail before this, the old witness would stop allocation again, which is safe.
    let next = done.floors.clone();
    Witness::replace(
        &settings.data,
        Memory { database: keys.database().into(), head, recovery: head.seq, next },
        &done.kept_witness,
    )?;
    store.close().await;
    drop(locks);
    Ok(done)
}

/// What witnesses remember together.
struct Remembered {
    /// For each series key, the lowest ordinal never handed out.
    next: BTreeMap<String, u64>,
    /// The ends of the chain that they saw.
    heads: Vec<ChainHead>,
}

/// What this node's witness and the others' remember together. Of a damaged witness of our own counts what is whole, and
/// the margin stands in for the rest; another's must be whole, or it is the wrong file.
fn remembered(settings: &Settings, recovery: &Recovery, database: &str) -> Result<Remembered, OpenError> {
    let mut all = Remembered { next: BTreeMap::new(), heads: Vec::new() };
    let own = settings.data.join(WITNESS_FILE);
    let mut memories = Vec::new();
    match Memory::salvage(&own) {
        Ok(None) => {}
        Ok(Some((memory, damaged))) => {
            if let Some(line) = damaged {
                tracing::warn!(line, "the witness is damaged: the margin has to cover what it forgot");
            } else {
                all.heads.push(memory.head);
            }
            memories.push((own.clone(), memory));
        }
        Err(WitnessError::Damaged { .. }) => {
            tracing::warn!("the witness cannot be read: the margin has to cover what it forgot");
        }
        Err(e) => return Err(e.into()),
    }
    for path in &recovery.witnesses {
        let memory = Memory::read(path)?.ok_or_else(|| missing(path))?;
        all.heads.push(memory.head);
        memories.push((path.clone(), memory));
    }
    for (path, memory) in memories {
        if memory.database != database {
            let file = memory.database;
            return Err(WitnessError::Foreign { path, file, database: database.into() }.into());
        }
        memory.next.iter().for_each(|(key, next)| raise(&mut all.next, key, *next));
    }
    Ok(all)
}

/// Whether any of the ends of the chain is not in the database: whoever saw it remembers more.
async fn is_ahead(tx: &mut Transaction, heads: &[ChainHead]) -> Result<bool, StoreError> {
    for head in heads {
        if store::audit::hash_at(tx, head.seq).await? != Some(head.hash) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn missing(path: &Path) -> WitnessError {
    let source = std::io::Error::new(std::io::ErrorKind::NotFound, "there is no such file");
    WitnessError::Io { path: path.into(), source }
}

fn raise(known: &mut BTreeMap<String, u64>, key: &str, next: u64) {
    let floor = known.entry(key.to_owned()).or_default();
    *floor = next.max(*floor);
}

/// Starts the next epoch of every rule that has one. Whether the rule has issued is no guide: the database may be older
/// than its first serial. Epochs that a witness or receipt knows of are passed over.
async fn start_epochs(
    tx: &mut Transaction,
    rules: &RuleBook,
    known: &BTreeMap<String, u64>,
    clock: &Clock,
) -> Result<BTreeMap<String, u8>, StoreError> {
    let mut epochs = BTreeMap::new();
    for rule in rules.all() {
        let segments = &rule.rule.spec().segments;
        if !segments.iter().any(|s| matches!(s, Segment::Epoch { .. })) {
            continue;
        }
        let mut epoch = rule.row.epoch;
        let fresh = loop {
            epoch = epoch.saturating_add(1);
            // Any product will do to find out whether the rule has such an epoch.
            let symbol = rule.rule.alphabet().symbols().first().map_or('0', |&symbol| char::from(symbol));
            let product = segments.iter().find_map(|s| match s {
                Segment::Product { width } => Some(symbol.to_string().repeat(usize::from(*width))),
                _ => None,
            });
            let inputs = ContextInputs { epoch, date: clock.today(), product_code: product.as_deref() };
            match rule.rule.context(&inputs) {
                Ok(context) if known.contains_key(&rule.series_key(&context)) => {}
                Err(ContextError::Epoch { .. }) => break false,
                _ => break true,
            }
        };
        // A rule that has used up its epochs jumps like those that have none.
        if fresh {
            store::rule::set_epoch(tx, rule.row.id, epoch).await?;
            epochs.insert(format!("{} version {}", rule.row.code, rule.row.version), epoch);
        }
    }
    Ok(epochs)
}
