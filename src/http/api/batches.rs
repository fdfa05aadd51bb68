//! Batches: listed, looked at with their account, closed.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::App;
use crate::http::extract::{Json, Page, PageParams, PageQuery, Path};
use crate::http::problem::Problem;
use crate::service::Caller;
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

crate::problems!(CloseProblems: UnknownBatch, BatchNotAccounted, BatchClosed, StorageFull);

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
