//! Use case: a station reserves a block of serials.

use super::allocation::{Reserved, Ticket};
use super::caller::Caller;
use super::reserve_block::{Lookalike, ReserveBlock, ReserveError};
use super::resolve::Resolved;
use super::{Nameplate, ServiceError, random};
use crate::catalogue::{Gtin, GtinError, name_key};
use crate::store;
use crate::trace::{BlockCode, Shape, shape_of};
use serde::Deserialize;

impl Nameplate {
    /// Reserves a block, or answers what the same request got before. When this returns `Ok`, the block is durable and
    /// the witness knows of it.
    ///
    /// `key` is the caller's idempotency key; it is the station's own, so two stations may use the same.
    ///
    /// # Errors
    /// [`ServiceError::WrongStation`], or [`ServiceError::Reserve`] with the reason.
    pub async fn reserve_block(
        &self,
        caller: &Caller,
        key: &str,
        request: ReserveBlock,
    ) -> Result<Reserved, ServiceError> {
        caller.speaks_for(request.station.as_str())?;
        let now_us = self.clock.now_us();
        let mut ticket = Ticket {
            sku_key: name_key(&request.sku),
            batch_key: name_key(&request.batch),
            key: key.to_owned(),
            fingerprint: request.fingerprint(),
            code: BlockCode::from_random(random()?),
            actor: caller.actor.clone(),
            brand: caller.brand,
            now_us,
            today: super::date_of(now_us),
            request,
        };
        match self.submit(caller, ticket.clone()).await {
            Err(ServiceError::Reserve(ReserveError::UnknownSku { .. })) => {}
            other => return other,
        }
        // The slow path: another name of a SKU is as good as its code; anything else is explained.
        ticket.sku_key = self.sku_meant(caller, &ticket.request.sku).await?;
        let mut conn = self.read().await?;
        match store::sku::batch_by_key(&mut conn, &ticket.batch_key, caller.brand).await? {
            Some(_) => drop(conn),
            None => {
                drop(conn);
                let text = ticket.request.batch.clone();
                let looks_like = self.looks_like(caller, &text).await?;
                return Err(ReserveError::UnknownBatch { text, looks_like }.into());
            }
        }
        self.submit(caller, ticket).await
    }

    /// Hands a ticket to the writer; completes a refusal that the writer does not word itself.
    async fn submit(&self, caller: &Caller, ticket: Ticket) -> Result<Reserved, ServiceError> {
        let (sku_asked, batch_asked) = (ticket.request.sku.clone(), ticket.request.batch.clone());
        let batch_key = ticket.batch_key.clone();
        match self.allocator.submit(ticket).await {
            Err(ReserveError::SkuNotInBatch { sku, batch, .. }) => {
                let holds = self.skus_of_batch(caller, &batch_key).await?;
                if caller.brand.is_some() && holds.is_empty() {
                    // For this caller a batch with nothing of its brand does not exist.
                    return Err(ReserveError::UnknownBatch { text: batch_asked, looks_like: None }.into());
                }
                Err(ReserveError::SkuNotInBatch { sku, batch, holds }.into())
            }
            Err(refusal) if caller.brand.is_some() => Err(for_brand(refusal).into()),
            other => self.shown(caller, sku_asked, other?).await,
        }
    }

    /// Keeps the repeated answer of another brand's block from a caller who happens to use its station and key.
    async fn shown(&self, caller: &Caller, text: String, reserved: Reserved) -> Result<Reserved, ServiceError> {
        if reserved.replayed && caller.brand.is_some() {
            let mut conn = self.read().await?;
            let (block, _) = self.serials_of_answer(&reserved.answer).await?;
            if store::block::by_code(&mut conn, &block, caller.brand).await?.is_none() {
                return Err(ReserveError::UnknownSku { text, looks_like: None }.into());
            }
        }
        Ok(reserved)
    }

    async fn skus_of_batch(&self, caller: &Caller, batch_key: &str) -> Result<Vec<String>, ServiceError> {
        let mut conn = self.read().await?;
        let Some(batch) = store::sku::batch_by_key(&mut conn, batch_key, caller.brand).await? else {
            return Ok(Vec::new());
        };
        Ok(store::sku::batch_parts(&mut conn, batch.id, caller.brand).await?.0)
    }

    /// The code, as look-ups compare it, of the SKU that a text names in any way.
    pub(super) async fn sku_meant(&self, caller: &Caller, text: &str) -> Result<String, ServiceError> {
        let refused = |looks_like| ReserveError::UnknownSku { text: text.to_owned(), looks_like };
        let sku = match self.resolve(caller, text).await? {
            Resolved::Sku(sku) => sku,
            other => return Err(refused(lookalike(&other)).into()),
        };
        let asked = match shape_of(text) {
            Shape::GtinLength(digits) => name_key(&digits),
            _ => name_key(text.trim()),
        };
        let code = name_key(&sku.code);
        let is_own = asked == code || sku.gtin.as_deref().is_some_and(|gtin| name_key(gtin) == asked);
        // A name that is not valid today finds a record, but must not decide what new serials are for.
        if !is_own && self.named(&mut *self.read().await?, caller, &asked).await?.current.is_empty() {
            let names = format!("of {}, but not valid today", sku.code);
            return Err(refused(Some(Lookalike { kind: "name", names })).into());
        }
        Ok(code)
    }

    async fn looks_like(&self, caller: &Caller, text: &str) -> Result<Option<Lookalike>, ServiceError> {
        Ok(lookalike(&self.resolve(caller, text).await?))
    }
}

/// What is needed of the stored answer to a reservation.
#[derive(Debug, Deserialize)]
pub(super) struct Answered {
    pub(super) block: String,
    pub(super) count: u64,
    pub(super) first_serial: String,
    pub(super) last_serial: String,
    pub(super) receipt: String,
}

/// Reads the stored answer to a reservation.
pub(super) fn answered(answer: &str) -> Result<Answered, ServiceError> {
    serde_json::from_str(answer).map_err(|e| ServiceError::Unexpected(format!("a stored answer: {e}")))
}

/// The refusal without what only the factory may know: other brands' blocks, stations, product codes.
fn for_brand(refusal: ReserveError) -> ReserveError {
    match refusal {
        ReserveError::Stopped { .. } => ReserveError::Stopped { reason: "the operator knows why".into() },
        ReserveError::Exhausted { rule, remaining, .. } => {
            ReserveError::Exhausted { rule, context: String::new(), remaining }
        }
        ReserveError::Rule { rule, .. } => ReserveError::Rule { rule, reason: "ask the factory's planner".into() },
        other => other,
    }
}

fn lookalike(found: &Resolved) -> Option<Lookalike> {
    let (kind, names) = match found {
        Resolved::Serial(unit) => ("serial", format!("of SKU {}", unit.sku.code)),
        Resolved::Sku(sku) => ("sku", sku.name.clone()),
        Resolved::Batch(batch) => {
            ("batch", batch.product.as_ref().map_or_else(|| batch.batch.clone(), |p| format!("of product {p}")))
        }
        Resolved::Block(block) => ("block", format!("of SKU {}", block.sku)),
        Resolved::Unknown(unknown) if unknown.well_formed_serial => ("serial", "not issued here".into()),
        Resolved::Unknown(unknown) => match Gtin::new(&unknown.text) {
            Ok(_) => ("gtin", "it is a good GTIN, but no SKU has it".into()),
            Err(fault @ GtinError::CheckDigit { .. }) => ("gtin", fault.to_string()),
            Err(_) => return None,
        },
    };
    Some(Lookalike { kind, names })
}
