//! Use case: a station presents a receipt. A receipt of ours that the database does not know means that the database
//! has lost something: allocation stops before a serial is issued twice.

use super::{Nameplate, ServiceError};
use crate::store;
use crate::trace::{AuditEntry, Receipt, ReceiptBody, Span};
use serde::Serialize;
use std::sync::PoisonError;

/// What a receipt is worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReceiptState {
    /// The block is on record.
    Known,
    /// The block is not on record, but its serials can never be issued again: a recovery jumped over them.
    Lost,
    /// The block is not on record and its serials could have been issued again. Allocation is stopped now.
    Alarm,
    /// The block is not on record and serials of it have been issued again. Allocation is stopped now.
    Twice,
}

/// The answer to a presented receipt.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "state": "known", "block": "BLK-7K3M9XQ2WVT0A1B2", "sku": "NT-M2-BOR", "batch": "2025-W27-M2",
    "station": "final-inspection.2", "count": 250, "message": "block BLK-7K3M9XQ2WVT0A1B2 is on record"
}))]
pub struct ReceiptChecked {
    /// What it is worth.
    pub state: ReceiptState,
    /// Block code.
    pub block: String,
    /// SKU code.
    pub sku: String,
    /// Batch code.
    pub batch: String,
    /// Station.
    pub station: String,
    /// How many serials.
    pub count: u64,
    /// In words.
    pub message: String,
}

impl Nameplate {
    /// Checks a receipt against the records.
    ///
    /// # Errors
    /// [`ServiceError::Receipt`] when it is not one of ours; [`ServiceError::Invalid`] when it is another database's.
    pub async fn check_receipt(&self, actor: &str, text: &str) -> Result<ReceiptChecked, ServiceError> {
        let body = Receipt::verify(text, self.keys.verifying())?;
        if body.database != self.keys.database() {
            let problem = format!("was issued by database {}, this is {}", body.database, self.keys.database());
            return Err(ServiceError::Invalid { field: "receipt", problem });
        }
        let mut conn = self.read().await?;
        let (state, again) = self.state_of(&mut conn, &body).await?;
        drop(conn);
        let message = match state {
            ReceiptState::Known => format!("block {} is on record", body.block),
            ReceiptState::Lost => {
                format!("block {} was lost with an older database; its serials will not be issued again", body.block)
            }
            ReceiptState::Alarm | ReceiptState::Twice => {
                let mut message = format!(
                    "block {} was issued to station {}, but the database does not know it: it was restored from an older backup",
                    body.block, body.station
                );
                if let Some(again) = again {
                    message.push_str(&format!(". Serials of it were issued AGAIN in block {again}: find those units"));
                }
                self.stop_allocation(actor, &body.block, &message).await?;
                message
            }
        };
        let count = body.last - body.first + 1;
        let ReceiptBody { block, sku, batch, station, .. } = body;
        Ok(ReceiptChecked { state, block, sku, batch, station, count, message })
    }

    /// What the records say of a receipt, and the block that has some of its serials now, if one has.
    async fn state_of(
        &self,
        conn: &mut store::Connection,
        body: &ReceiptBody,
    ) -> Result<(ReceiptState, Option<String>), ServiceError> {
        if store::block::by_code(conn, &body.block, None).await?.is_some() {
            return Ok((ReceiptState::Known, None));
        }
        let floor = match store::rule::series_by_key(conn, &body.series).await? {
            Some(series) => {
                let span = Span::new(body.first, body.last).map_err(|e| ServiceError::Unexpected(e.to_string()))?;
                if let Some(again) = store::block::overlapping(conn, series.id, span).await? {
                    return Ok((ReceiptState::Twice, Some(again)));
                }
                series.next_ordinal
            }
            None => {
                let rule = self.recognise(&body.first_serial).ok().map(|(rule, _)| rule.row.digest.clone());
                let of_rule = store::rule::floor(conn, &rule.unwrap_or_default()).await?;
                store::rule::floor(conn, &body.series).await?.max(of_rule)
            }
        };
        Ok((if floor > body.last { ReceiptState::Lost } else { ReceiptState::Alarm }, None))
    }

    /// Stops allocation on all nodes until somebody recovers.
    async fn stop_allocation(&self, actor: &str, subject: &str, reason: &str) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        let held = store::audit::hold_head(&mut tx).await?;
        if held.stopped.is_none() {
            tracing::error!(%reason, "allocation is stopped");
            store::audit::set_stopped(&mut tx, Some(reason)).await?;
            let entry = AuditEntry {
                recorded_us: self.clock.now_us(),
                actor: actor.to_owned(),
                action: "allocation.stop".into(),
                subject: subject.to_owned(),
                detail: serde_json::json!({ "reason": reason }).to_string(),
            };
            store::audit::append(&mut tx, held.head, &[entry]).await?;
        }
        Ok(store::commit(tx).await?)
    }

    /// Why allocation is stopped, everywhere or on this node, if it is.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn stopped(&self) -> Result<Option<String>, ServiceError> {
        let mut conn = self.read().await?;
        let stopped = store::audit::head(&mut conn).await?.stopped;
        let own = || self.witness.lock().unwrap_or_else(PoisonError::into_inner).as_ref().err().cloned();
        Ok(stopped.or_else(own))
    }
}
