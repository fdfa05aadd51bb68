//! The installation itself: its audit chain and its state.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use crate::http::extract::Json;
use crate::http::problem::Problem;
use crate::service::verify_audit::AuditVerified;
use crate::service::{Caller, Engine};

/// Recomputes the audit chain.
///
/// Every act is hashed together with the one before it, so an entry that was changed, inserted or removed shows. Keep
/// `head` elsewhere: then a chain cut at its end shows, too.
#[utoipa::path(
    get,
    path = "/api/v1/audit/verify",
    operation_id = "verifyAudit",
    tag = "Administration",
    security(("token" = ["admin"])),
    responses((status = 200, description = "What was found.", body = AuditVerified)),
)]
pub(super) async fn verify_audit(State(app): State<App>) -> Result<Json<AuditVerified>, Problem> {
    Ok(Json(app.nameplate.verify_audit().await?))
}

/// The state of the installation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "version": "0.1.0", "database": "5b0f6c1e9a7d42e8b3c4d5e6f7a8b9c0", "engine": "sqlite", "allocation": "open"
}))]
pub struct Status {
    /// Version of the program.
    pub version: &'static str,
    /// Which database this is; receipts name it.
    pub database: String,
    /// `sqlite` or `postgresql`.
    #[schema(pattern = "^(sqlite|postgresql)$")]
    pub engine: &'static str,
    /// `open`, or `stopped` until an operator has recovered.
    #[schema(pattern = "^(open|stopped)$")]
    pub allocation: &'static str,
    /// Why it is stopped. Left out for callers bound to a brand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped_because: Option<String>,
}

/// Shows the state of the installation.
#[utoipa::path(
    get,
    path = "/api/v1/status",
    operation_id = "showStatus",
    tag = "Administration",
    security(("token" = [])),
    responses((status = 200, description = "The state.", body = Status)),
)]
pub(super) async fn status(State(app): State<App>, caller: Caller) -> Result<Json<Status>, Problem> {
    let stopped = app.nameplate.stopped().await?;
    Ok(Json(Status {
        version: env!("CARGO_PKG_VERSION"),
        database: app.nameplate.keys().database().to_owned(),
        engine: match app.nameplate.store().engine() {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgresql",
        },
        allocation: if stopped.is_some() { "stopped" } else { "open" },
        stopped_because: stopped.filter(|_| caller.brand.is_none()),
    }))
}
