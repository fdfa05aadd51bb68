//! Batches: listed, looked at with their account, closed.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use crate::http::extract::{Json, Page, PageParams, PageQuery, Path};
use crate::http::problem::Problem;
use crate::service::Caller;
use crate::service::print::{BatchDebt, DebtCounts, DebtCursor, DebtRange};
use crate::service::settle_batch::BatchRecord;

crate::problems!(ListProblems: InvalidCursor);

/// Lists batches in the order in which they were made known.
#[utoipa::path(
    get,
    path = "/api/v1/batches",
    operation_id = "listBatches",
    tag = "Batches",
    security(("token" = ["planner", "station", "support", "buyer"])),
    params(PageParams),
    responses((status = 200, description = "One page.", body = Page<BatchRecord>), ListProblems),
)]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    page: PageQuery<i64>,
) -> Result<Json<Page<BatchRecord>>, Problem> {
    let (items, next) = app.nameplate.batches(&caller, page.after.unwrap_or(0), page.limit.into()).await?;
    Ok(Json(Page::of(items, next)))
}

crate::problems!(OneProblems: UnknownBatch);

/// Shows a batch and the account of its serials.
#[utoipa::path(
    get,
    path = "/api/v1/batches/{code}",
    operation_id = "showBatch",
    tag = "Batches",
    security(("token" = ["planner", "station", "support", "buyer"])),
    params(("code" = String, Path, description = "Batch code, percent-encoded: `HH%2F0007` for HH/0007.")),
    responses((status = 200, description = "The batch.", body = BatchRecord), OneProblems),
)]
pub(super) async fn one(
    State(app): State<App>,
    caller: Caller,
    Path(code): Path<String>,
) -> Result<Json<BatchRecord>, Problem> {
    Ok(Json(app.nameplate.batch(&caller, &code).await?))
}

/// How to close a batch.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"unaccounted_reason": "two labels fell behind the press, searched twice"}))]
pub struct CloseRequest {
    /// Declares the serials whose fate is open unaccounted, for this reason. Without it, an open serial is a refusal.
    #[schema(max_length = 500)]
    pub unaccounted_reason: Option<String>,
}

crate::problems!(CloseProblems: UnknownBatch, BatchNotAccounted, JobState, BatchClosed, StorageFull);

/// Closes a batch once the fate of every serial is known.
///
/// A closed batch takes no more reservations and no more reports.
#[utoipa::path(
    post,
    path = "/api/v1/batches/{code}/close",
    operation_id = "closeBatch",
    tag = "Batches",
    security(("token" = ["planner"])),
    params(("code" = String, Path, description = "Batch code.")),
    request_body = CloseRequest,
    responses((status = 200, description = "Closed; the account adds up.", body = BatchRecord), CloseProblems),
)]
pub(super) async fn close(
    State(app): State<App>,
    caller: Caller,
    Path(code): Path<String>,
    Json(request): Json<CloseRequest>,
) -> Result<Json<BatchRecord>, Problem> {
    Ok(Json(app.nameplate.close_batch(&caller, &code, request.unaccounted_reason.as_deref()).await?))
}

/// Labels of a batch that wait to be scanned on a unit.
#[derive(Debug, Serialize, ToSchema)]
pub struct DebtPage {
    /// Batch code.
    pub batch: String,
    /// Sums over the whole batch.
    pub counts: DebtCounts,
    /// The labels as ranges of serials, newest block first.
    pub items: Vec<DebtRange>,
    /// Send it as `after` to get the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

crate::problems!(DebtProblems: UnknownBatch, InvalidCursor);

/// Lists the labels of a batch that exist, or may, and were not scanned on a unit.
///
/// Whoever closes a batch has to find each of them: on a unit (scan it), spoilt (report it void), or nowhere.
#[utoipa::path(
    get,
    path = "/api/v1/batches/{code}/debt",
    operation_id = "listBatchDebt",
    tag = "Batches",
    security(("token" = ["planner", "station", "support"])),
    params(("code" = String, Path, description = "Batch code."), PageParams),
    responses((status = 200, description = "One page.", body = DebtPage), DebtProblems),
)]
pub(super) async fn debt(
    State(app): State<App>,
    caller: Caller,
    Path(code): Path<String>,
    page: PageQuery<DebtCursor>,
) -> Result<Json<DebtPage>, Problem> {
    let (debt, next) = app.nameplate.batch_debt(&caller, &code, page.after, page.limit.into()).await?;
    let BatchDebt { batch, counts, items } = debt;
    let Page { items, next } = Page::of(items, next);
    Ok(Json(DebtPage { batch, counts, items, next }))
}
