//! Whether the process lives, and whether it can do its work: for supervisors and load balancers, without a token.
//!
//! `/readyz` answers 503 only when this server can serve nobody (the database does not answer), so that a balancer
//! takes it out. When part of the work is stopped (allocation, until somebody recovers) it stays in: look-ups go on,
//! and the answer is 200 with the status `degraded`, for whoever watches it.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;

use crate::http::BoxFuture;
use crate::http::extract::Json;

/// What keeps the server from its work, in sentences: short ones without secrets, since they are shown to anybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// It can serve nobody because of these.
    pub blocking: Vec<String>,
    /// It can serve only some because of these.
    pub degrading: Vec<String>,
}

/// Finds out what keeps the server from its work.
pub type Readiness = Arc<dyn Fn() -> BoxFuture<Findings> + Send + Sync>;

#[derive(Debug, Serialize)]
struct Report {
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<String>,
}

/// `/healthz` and `/readyz`.
pub fn router(readiness: Readiness) -> Router {
    Router::new().route("/healthz", get(lives)).route("/readyz", get(ready)).with_state(readiness)
}

async fn lives() -> Json<Report> {
    Json(Report { status: "alive", reasons: Vec::new() })
}

async fn ready(State(readiness): State<Readiness>) -> Response {
    let Findings { blocking, degrading } = readiness().await;
    let (code, status) = match (blocking.is_empty(), degrading.is_empty()) {
        (true, true) => (StatusCode::OK, "ready"),
        (true, false) => (StatusCode::OK, "degraded"),
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "not ready"),
    };
    let reasons = blocking.into_iter().chain(degrading).collect();
    (code, Json(Report { status, reasons })).into_response()
}
