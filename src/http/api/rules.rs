//! Rules: looked at, defined.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use crate::http::extract::Json;
use crate::http::problem::Problem;
use crate::serial::RuleSpec;
use crate::service::Caller;
use crate::service::rules::RuleRecord;

/// All rule versions. They are few, so there are no pages.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleList {
    /// Oldest first.
    pub items: Vec<RuleRecord>,
}

/// Lists all versions of all rules with their figures.
#[utoipa::path(
    get,
    path = "/api/v1/rules",
    operation_id = "listRules",
    tag = "Rules",
    security(("token" = ["planner", "support"])),
    responses((status = 200, description = "All versions.", body = RuleList)),
)]
pub(super) async fn list(State(app): State<App>) -> Result<Json<RuleList>, Problem> {
    Ok(Json(RuleList { items: app.nameplate.rule_records().await? }))
}

/// A rule, or a new version of one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "effective_on": "2026-01-01",
    "rule": {
        "code": "gauges", "version": 1, "alphabet": "crockford32", "prefix": "S/N",
        "grouping": {"sizes": [5, 4, 4], "separator": "-"},
        "segments": [
            {"kind": "literal", "text": "G"}, {"kind": "permuted", "width": 10}, {"kind": "check", "scheme": "rs2"}
        ]
    }
}))]
pub struct RuleRequest {
    /// From which day it issues, e.g. 2026-01-01.
    #[schema(format = "date")]
    pub effective_on: String,
    /// `code`, `version` (the next one), `alphabet` (crockford32, gs1-32, digits or {"custom": "..."}), `segments`
    /// (literal, epoch, year, week, day-of-year, product, counter, permuted, and check as the last), `grouping`, `prefix`.
    #[schema(value_type = Object)]
    pub rule: RuleSpec,
}

crate::problems!(DefineProblems: RuleRefused, StorageFull);

/// Records a rule, or the next version of one.
///
/// Refused are rules whose serials could be those of another rule, or that cannot be checked or counted.
#[utoipa::path(
    post,
    path = "/api/v1/rules",
    operation_id = "defineRule",
    tag = "Rules",
    security(("token" = ["admin"])),
    request_body = RuleRequest,
    responses((status = 201, description = "Recorded.", body = RuleRecord), DefineProblems),
)]
pub(super) async fn define(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<RuleRequest>,
) -> Result<(StatusCode, Json<RuleRecord>), Problem> {
    let record = app.nameplate.define_rule(&caller, request.rule, &request.effective_on).await?;
    Ok((StatusCode::CREATED, Json(record)))
}
