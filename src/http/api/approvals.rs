//! Approvals of label artwork.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::App;
use crate::http::extract::{Json, Page, PageParams, PageQuery, Path};
use crate::http::problem::{Problem, ProblemKind};
use crate::service::Caller;
use crate::service::print::{ApprovalRecord, NewApproval};

crate::problems!(ListProblems: InvalidCursor);

/// Lists approvals, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/approvals",
    operation_id = "listApprovals",
    tag = "Printing",
    security(("token" = ["planner", "station", "support", "buyer"])),
    params(PageParams),
    responses((status = 200, description = "One page.", body = Page<ApprovalRecord>), ListProblems),
)]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    page: PageQuery<i64>,
) -> Result<Json<Page<ApprovalRecord>>, Problem> {
    let (items, next) = app.nameplate.approvals(&caller, page.after, page.limit.into()).await?;
    Ok(Json(Page::of(items, next)))
}

crate::problems!(ApproveProblems: UnknownSku, UnknownTemplate, LabelDoesNotFit, StorageFull);

/// Records that the label of a SKU revision was approved as it is now.
///
/// The approval holds the digest of everything that is the same on every label. When template, catalogue texts, logo or
/// fonts change, it covers the label no more and live serials are not printed until the new artwork is approved.
#[utoipa::path(
    post,
    path = "/api/v1/approvals",
    operation_id = "approveArtwork",
    tag = "Printing",
    security(("token" = ["admin"])),
    request_body = NewApproval,
    responses((status = 201, description = "Recorded.", body = ApprovalRecord), ApproveProblems),
)]
pub(super) async fn approve(
    State(app): State<App>,
    caller: Caller,
    Json(new): Json<NewApproval>,
) -> Result<(StatusCode, Json<ApprovalRecord>), Problem> {
    Ok((StatusCode::CREATED, Json(app.nameplate.approve(&caller, &new).await?)))
}

/// Why an approval is withdrawn.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "importer has moved"}))]
pub struct WithdrawRequest {
    /// Why.
    #[schema(max_length = 500)]
    pub reason: String,
}

crate::problems!(WithdrawProblems: NotFound, StorageFull);

/// Withdraws an approval. Jobs under it stop: nothing more of them is handed out.
#[utoipa::path(
    post,
    path = "/api/v1/approvals/{id}/withdraw",
    operation_id = "withdrawApproval",
    tag = "Printing",
    security(("token" = ["admin"])),
    params(("id" = String, Path, description = "The approval's number.")),
    request_body = WithdrawRequest,
    responses((status = 200, description = "Withdrawn.", body = ApprovalRecord), WithdrawProblems),
)]
pub(super) async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(request): Json<WithdrawRequest>,
) -> Result<Json<ApprovalRecord>, Problem> {
    let absent = |_| Problem::new(ProblemKind::NotFound, "There is no such approval.");
    let id: i64 = id.parse().map_err(absent)?;
    Ok(Json(app.nameplate.withdraw_approval(&caller, id, &request.reason).await?))
}
