//! Use case: SKUs and other parts of the catalogue are listed, and edited one at a time.

use super::caller::Caller;
use super::resolve::{SkuRecord, sku_record};
use super::{Nameplate, ServiceError};
use crate::catalogue::{Line, RuleName, TemplateName};
use crate::store;
use crate::trace::AuditEntry;
use serde::{Deserialize, Serialize};

/// What can be edited of a SKU one at a time. What is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Borealis Fjäll 35 II"}))]
pub struct SkuEdit {
    /// Product name on the label.
    pub name: Option<String>,
    /// Which rule numbers its units from now on.
    pub rule: Option<String>,
    /// Which template labels its units from now on.
    pub template: Option<String>,
}

impl Nameplate {
    /// SKUs in the order in which they were made known, and the cursor for the next page.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn skus(
        &self,
        caller: &Caller,
        after: i64,
        limit: u32,
    ) -> Result<(Vec<SkuRecord>, Option<i64>), ServiceError> {
        let mut conn = self.read().await?;
        let mut rows = store::sku::list(&mut conn, caller.brand, after, limit.saturating_add(1)).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = if more { rows.last().map(|row| row.id) } else { None };
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            records.push(sku_record(&mut conn, caller, row).await?);
        }
        Ok((records, next))
    }

    /// One SKU.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], also when it is another brand's.
    pub async fn sku(&self, caller: &Caller, code: &str) -> Result<SkuRecord, ServiceError> {
        let mut conn = self.read().await?;
        let row = self.sku_row(&mut conn, caller, code).await?;
        sku_record(&mut conn, caller, row).await
    }

    /// Edits a SKU that still has the version that the caller read.
    ///
    /// # Errors
    /// [`ServiceError::Stale`] when it has another; [`ServiceError::Invalid`]; [`ServiceError::NotFound`].
    pub async fn edit_sku(
        &self,
        caller: &Caller,
        code: &str,
        version: i64,
        edit: &SkuEdit,
    ) -> Result<SkuRecord, ServiceError> {
        let invalid = |field, problem: String| ServiceError::Invalid { field, problem };
        if *edit == SkuEdit::default() {
            return Err(invalid("name", "name at least one thing to change: name, rule or template".into()));
        }
        let mut tx = self.store.begin().await?;
        let mut row = self.sku_row(&mut tx, caller, code).await?;
        if let Some(name) = &edit.name {
            row.name = Line::<200>::new(name).map_err(|e| invalid("name", e.to_string()))?.to_string();
        }
        if let Some(rule) = &edit.rule {
            let rule = RuleName::new(rule).map_err(|e| invalid("rule", e.to_string()))?;
            self.rules.reload(&mut tx).await?;
            if !self.rules.all().iter().any(|known| known.row.code == rule.as_str()) {
                return Err(invalid("rule", format!("there is no rule {rule}")));
            }
            row.rule_code = rule.to_string();
        }
        if let Some(template) = &edit.template {
            row.template = TemplateName::new(template).map_err(|e| invalid("template", e.to_string()))?.to_string();
        }
        if !store::sku::edit(&mut tx, &row, version).await? {
            return Err(ServiceError::Stale);
        }
        let head = store::audit::hold_head(&mut tx).await?.head;
        let entry = AuditEntry {
            recorded_us: self.clock.now_us(),
            actor: caller.actor.clone(),
            action: "sku.edit".into(),
            subject: row.code.clone(),
            detail: serde_json::to_string(edit).map_err(|e| ServiceError::Unexpected(e.to_string()))?,
        };
        store::audit::append(&mut tx, head, &[entry]).await?;
        row.edit_version = version + 1;
        let record = sku_record(&mut tx, caller, row).await?;
        store::commit(tx).await?;
        Ok(record)
    }

    /// Sets how many unsettled serials a station may hold of a SKU, or takes its own limit away (`None`).
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::Invalid`].
    pub async fn set_quota(
        &self,
        caller: &Caller,
        station: &str,
        sku: &str,
        quota: Option<u64>,
    ) -> Result<QuotaRecord, ServiceError> {
        let station = super::StationName::parse(station)
            .map_err(|e| ServiceError::Invalid { field: "station", problem: e.to_string() })?;
        if quota.is_some_and(|q| q > 1_000_000_000) {
            let problem = "is more than 1,000,000,000".into();
            return Err(ServiceError::Invalid { field: "quota", problem });
        }
        let mut tx = self.store.begin().await?;
        let row = self.sku_row(&mut tx, caller, sku).await?;
        store::station::set_quota(&mut tx, station.as_str(), row.id, quota).await?;
        let holding = store::station::holding(&mut tx, station.as_str(), row.id).await?;
        let head = store::audit::hold_head(&mut tx).await?.head;
        let record = QuotaRecord {
            station: station.as_str().to_owned(),
            sku: row.code,
            held: holding.held,
            quota: quota.unwrap_or(super::DEFAULT_QUOTA),
        };
        let entry = AuditEntry {
            recorded_us: self.clock.now_us(),
            actor: caller.actor.clone(),
            action: "station.quota".into(),
            subject: record.station.clone(),
            detail: serde_json::to_string(&record).map_err(|e| ServiceError::Unexpected(e.to_string()))?,
        };
        store::audit::append(&mut tx, head, &[entry]).await?;
        store::commit(tx).await?;
        Ok(record)
    }
}

/// What a station holds of a SKU and may hold.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(example = json!({"station": "final-inspection.2", "sku": "NT-M2-BOR", "held": 50, "quota": 5000}))]
pub struct QuotaRecord {
    /// Station.
    pub station: String,
    /// SKU code.
    pub sku: String,
    /// Serials whose fate is open.
    pub held: u64,
    /// The limit.
    pub quota: u64,
}
