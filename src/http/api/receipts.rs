//! Receipts: checked against the records, and the keys that check them offline.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use crate::http::extract::Json;
use crate::http::problem::{Problem, ProblemKind};
use crate::service::receipts::ReceiptChecked;
use crate::service::{Caller, ServiceError};

/// A receipt.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"receipt": "npr1.eyJkYXRhYmFzZSI6.c2lnbmF0dXJl"}))]
pub struct CheckRequest {
    /// Exactly as it was handed out.
    #[schema(max_length = 4096)]
    pub receipt: String,
}

crate::problems!(CheckProblems: ReceiptRefused, UnknownBlock);

/// Checks a receipt against the records.
///
/// A genuine receipt of a block that the records do not know means that they were restored from an older state:
/// reservations stop until an operator has recovered them, so that nothing is issued twice.
#[utoipa::path(
    post,
    path = "/api/v1/receipts/check",
    operation_id = "checkReceipt",
    tag = "Receipts",
    security(("token" = ["planner", "station", "support"])),
    request_body = CheckRequest,
    responses((status = 200, description = "What it is worth.", body = ReceiptChecked), CheckProblems),
)]
pub(super) async fn check(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<CheckRequest>,
) -> Result<Json<ReceiptChecked>, Problem> {
    let checked = app.nameplate.check_receipt(&caller.actor, &request.receipt).await?;
    // The alarm is raised whoever comes with the receipt; what it says is for those who may see its SKU.
    match app.nameplate.sku(&caller, &checked.sku).await {
        Err(ServiceError::NotFound { .. }) if caller.brand.is_some() => {
            Err(Problem::new(ProblemKind::UnknownBlock, "There is no such block."))
        }
        Err(error) if caller.brand.is_some() => Err(error.into()),
        _ => Ok(Json(checked)),
    }
}

/// What checks receipts without the server.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "database": "5b0f6c1e9a7d42e8b3c4d5e6f7a8b9c0",
    "keys": [{"id": "1f3a5c7e9b0d2f46", "algorithm": "Ed25519",
              "public_key": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"}]
}))]
pub struct PublishedKeys {
    /// Which database's receipts these keys check.
    pub database: String,
    /// The current key and those before it.
    pub keys: Vec<PublishedKey>,
}

/// A public key.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublishedKey {
    /// Its name in receipts (`key`).
    pub id: String,
    /// How it signs (RFC 8032).
    pub algorithm: &'static str,
    /// Its 32 bytes in hexadecimal.
    pub public_key: String,
}

/// Publishes the keys that check receipts offline.
///
/// A receipt is `npr1.BODY.SIGNATURE`, both parts base64url without padding: the body is JSON and names its key, the
/// Ed25519 signature is over everything before the last dot.
#[utoipa::path(
    get,
    path = "/api/v1/keys",
    operation_id = "listKeys",
    tag = "Receipts",
    security(()),
    responses((status = 200, description = "The public keys.", body = PublishedKeys)),
)]
pub(super) async fn keys(State(app): State<App>) -> Json<PublishedKeys> {
    let keys = app.nameplate.keys();
    let published = keys.verifying().published();
    Json(PublishedKeys {
        database: keys.database().to_owned(),
        keys: published.map(|(id, public_key)| PublishedKey { id, algorithm: "Ed25519", public_key }).collect(),
    })
}
