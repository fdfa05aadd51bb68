//! Use case: catalogue files come in, all or nothing, and go out again.

use super::caller::Caller;
use super::{Nameplate, ServiceError};
use crate::catalogue::{
    Batch, Catalogue, ChangeCount, Changed, ChangedKeys, Changes, Sku, SkuCode, SkuRevision, SourceFile, import,
};
use crate::store::catalogue::BatchUse;
use crate::store::{self, Transaction};
use crate::trace::AuditEntry;
use std::collections::BTreeSet;

/// How many keys of a table the audit entry of an import lists.
const KEYS_RECORDED: usize = 200;

/// What an import did.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Imported {
    /// Table by table.
    pub tables: Vec<ChangeCount>,
    /// Rows added or changed in all; 0 when the files say what is known already.
    pub changes: usize,
    /// Which rows, table by table, as far as a record lists them.
    #[serde(skip)]
    pub keys: Vec<ChangedKeys>,
}

/// What the audit chain keeps of an import.
#[derive(serde::Serialize)]
struct Recorded<'a> {
    #[serde(flatten)]
    done: &'a Imported,
    keys: &'a [ChangedKeys],
}

impl Nameplate {
    /// Checks catalogue files against themselves and against what is known, and writes what they add and change.
    /// Files with one fault or more change nothing.
    ///
    /// # Errors
    /// [`ServiceError::Catalogue`] with one line a fault.
    pub async fn import_catalogue(&self, caller: &Caller, files: &[SourceFile]) -> Result<Imported, ServiceError> {
        self.import_or_try(caller, files, true).await
    }

    /// Does all that [`Nameplate::import_catalogue`] does, the database's own checks included, and takes it back.
    ///
    /// # Errors
    /// As [`Nameplate::import_catalogue`].
    pub async fn try_catalogue(&self, caller: &Caller, files: &[SourceFile]) -> Result<Imported, ServiceError> {
        self.import_or_try(caller, files, false).await
    }

    async fn import_or_try(&self, caller: &Caller, files: &[SourceFile], keep: bool) -> Result<Imported, ServiceError> {
        // Templates are never taken away: what is there now is there when the import commits.
        let templates = self.template_names().await?;
        let mut tx = self.store.begin().await?;
        // Held from the start, so that two imports at once do not check against the same old state. Not the chain's end:
        // reservations take that last, after rows that the import may change.
        store::meta::hold(&mut tx, "database").await?;
        let known = store::catalogue::load(&mut tx).await?;
        let catalogue = import(files, &known)
            .map_err(|faults| ServiceError::Catalogue(faults.to_string().lines().map(str::to_owned).collect()))?;
        let changes = catalogue.changes_from(&known);
        let keys = changes.keys(KEYS_RECORDED);
        let done = Imported { tables: changes.counts().to_vec(), changes: changes.count(), keys };
        if done.changes == 0 {
            return Ok(done);
        }
        self.refuse_unknown_rules(&mut tx, &changes).await?;
        refuse_unknown_templates(&templates, &changes)?;
        store::catalogue::apply(&mut tx, &changes).await?;
        // Nothing is issued while this transaction holds the chain's end: what is not in use now stays so until the commit.
        let head = store::audit::hold_head(&mut tx).await?.head;
        refuse_changes_to_issued(&mut tx, &changes).await?;
        if !keep {
            return Ok(done);
        }
        let entry = AuditEntry {
            recorded_us: self.clock.now_us(),
            actor: caller.actor.clone(),
            action: "catalogue.import".into(),
            subject: "catalogue".into(),
            detail: serde_json::to_string(&Recorded { done: &done, keys: &done.keys })
                .map_err(|e| ServiceError::Unexpected(e.to_string()))?,
        };
        store::audit::append(&mut tx, head, &[entry]).await?;
        store::commit(tx).await?;
        Ok(done)
    }

    /// The whole catalogue, as it can be imported again.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn catalogue(&self) -> Result<Catalogue, ServiceError> {
        let mut conn = self.read().await?;
        Ok(store::catalogue::load(&mut conn).await?)
    }

    async fn refuse_unknown_rules(&self, tx: &mut Transaction, changes: &Changes<'_>) -> Result<(), ServiceError> {
        // Another node may have defined one since.
        self.rules.reload(tx).await?;
        let rules = self.rules.all();
        let unknown: Vec<String> = written(changes)
            .filter(|sku| !rules.iter().any(|known| known.row.code == sku.rule.as_str()))
            .map(|sku| {
                format!("skus: {} names rule {:?}, which does not exist. Define it first", sku.code, sku.rule.as_str())
            })
            .collect();
        refuse(unknown)
    }
}

fn refuse(faults: Vec<String>) -> Result<(), ServiceError> {
    if faults.is_empty() { Ok(()) } else { Err(ServiceError::Catalogue(faults)) }
}

fn written<'a>(changes: &Changes<'a>) -> impl Iterator<Item = &'a Sku> {
    changes.skus.added.iter().copied().chain(changes.skus.changed.iter().map(|c| c.after))
}

fn refuse_unknown_templates(known: &[String], changes: &Changes<'_>) -> Result<(), ServiceError> {
    let unknown = written(changes).filter(|sku| !known.iter().any(|name| name == sku.template.as_str()));
    let line = |sku: &Sku| {
        let (code, name, known) = (&sku.code, sku.template.as_str(), known.join(", "));
        format!("skus: {code} names template {name:?}, which does not exist. There are: {known}")
    };
    refuse(unknown.map(line).collect())
}

/// What issued units refer to stays as it is: those units are out there.
async fn refuse_changes_to_issued(tx: &mut Transaction, changes: &Changes<'_>) -> Result<(), ServiceError> {
    let mut faults = Vec::new();
    for Changed { before, after } in changes.skus.changed.iter().filter(|c| sku_moved(c)) {
        if store::catalogue::sku_is_issued(tx, &before.code.key()).await? {
            faults.push(format!(
                "skus: {} has issued serials and keeps its product, brand and GTIN: make a new SKU instead",
                after.code
            ));
        }
    }
    for Changed { after, .. } in changes.sku_revisions.changed.iter().filter(|c| revision_differs(c)) {
        if store::catalogue::revision_is_issued(tx, &after.sku.key(), after.revision.as_str()).await? {
            faults.push(format!(
                "sku_revisions: {} revision {} has issued serials and stays as it is: make a new revision instead",
                after.sku, after.revision
            ));
        }
    }
    for change in &changes.batches.changed {
        let used = store::catalogue::batch_use(tx, &change.before.code.key()).await?;
        faults.extend(used.into_iter().flat_map(|used| batch_faults(change, &used)));
    }
    let attributes = &changes.batch_attributes;
    let changed = attributes.changed.iter().filter(|c| c.before.value != c.after.value).map(|c| c.after);
    for attribute in attributes.added.iter().copied().chain(changed) {
        let used = store::catalogue::batch_use(tx, &attribute.batch.key()).await?;
        if used.is_some_and(|used| used.closed) {
            faults.push(format!(
                "batch_attributes: {} of {} cannot be written, because the batch is closed: say it in the batch's note \
                 instead",
                attribute.name, attribute.batch
            ));
        }
    }
    refuse(faults)
}

fn sku_moved(Changed { before, after }: &Changed<'_, Sku>) -> bool {
    before.brand.key() != after.brand.key()
        || before.product.key() != after.product.key()
        || (before.gtin.is_some() && before.gtin != after.gtin)
}

/// Whether more differs than the spelling of the SKU's code, which is the SKU's to change.
fn revision_differs(Changed { before, after }: &Changed<'_, SkuRevision>) -> bool {
    **before != SkuRevision { sku: before.sku.clone(), ..(*after).clone() }
}

fn batch_faults(Changed { before, after }: &Changed<'_, Batch>, used: &BatchUse) -> Vec<String> {
    let code = &before.code;
    let keys = |batch: &Batch| batch.skus.iter().map(SkuCode::key).collect::<Vec<_>>();
    let moved = before.product.key() != after.product.key() || before.manufactured_on != after.manufactured_on;
    if used.closed {
        let differs = moved || before.code != after.code || keys(before) != keys(after);
        let line = format!("batches: {code} is closed, and only its note can change: make a new batch instead");
        return if differs { vec![line] } else { Vec::new() };
    }
    let mut faults = Vec::new();
    if moved && !used.sku_keys.is_empty() {
        faults.push(format!(
            "batches: {code} has issued serials and keeps its product and day of manufacture: make a new batch instead"
        ));
    }
    let kept: BTreeSet<String> = keys(after).into_iter().collect();
    for sku in before.skus.iter().filter(|sku| used.sku_keys.contains(&sku.key()) && !kept.contains(&sku.key())) {
        faults.push(format!(
            "batches: {code} has issued serials of {sku} and keeps it: leave {sku} in the list, and use another batch for \
             what is made from now on"
        ));
    }
    faults
}
