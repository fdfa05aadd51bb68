//! What is said of proofs: requests, comments, withdrawals; and who must approve.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::approvals::WithdrawRequest;
use crate::http::extract::{Json, Path};
use crate::http::problem::{Problem, ProblemKind};
use crate::service::Caller;
use crate::service::proof::{ApproverRecord, CommentRecord, NewApprover, NewComment, ProofRecord};

/// Nothing more needs to be said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct NothingMore {}

crate::problems!(RequestProblems: UnknownProof, ProofState, ProofOpen, ProofExpired, StorageFull);

/// Shows a draft to the approvers of its brand and asks them. Asking again changes nothing.
///
/// Whom it waits for is kept with the proof as it is now. They decide on the pages, where they sign in: a token cannot sign.
#[utoipa::path(
    post,
    path = "/api/v1/proofs/{proof}/request",
    operation_id = "requestProof",
    tag = "Proofs",
    security(("token" = ["planner"])),
    params(("proof" = String, Path, description = "The proof's name.")),
    request_body = NothingMore,
    responses((status = 200, description = "Requested.", body = ProofRecord), RequestProblems),
)]
pub(super) async fn request(
    State(app): State<App>,
    caller: Caller,
    Path(proof): Path<String>,
    Json(NothingMore {}): Json<NothingMore>,
) -> Result<Json<ProofRecord>, Problem> {
    Ok(Json(app.nameplate.request_proof(&caller, &proof).await?))
}

crate::problems!(WithdrawProblems: UnknownProof, ProofState, StorageFull);

/// Takes a proof back. If it was approved, jobs under its approval stop.
#[utoipa::path(
    post,
    path = "/api/v1/proofs/{proof}/withdraw",
    operation_id = "withdrawProof",
    tag = "Proofs",
    security(("token" = ["planner"])),
    params(("proof" = String, Path, description = "The proof's name.")),
    request_body = WithdrawRequest,
    responses((status = 200, description = "Withdrawn.", body = ProofRecord), WithdrawProblems),
)]
pub(super) async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    Path(proof): Path<String>,
    Json(request): Json<WithdrawRequest>,
) -> Result<Json<ProofRecord>, Problem> {
    Ok(Json(app.nameplate.withdraw_proof(&caller, &proof, &request.reason).await?))
}

crate::problems!(CommentProblems: UnknownProof, StorageFull);

/// Writes a comment about a proof: pinned to a place of a sample, to a sample, or about the whole.
///
/// A comment is no decision. The same comment once more is the one that is there.
#[utoipa::path(
    post,
    path = "/api/v1/proofs/{proof}/comments",
    operation_id = "commentProof",
    tag = "Proofs",
    security(("token" = ["planner", "support", "buyer"])),
    params(("proof" = String, Path, description = "The proof's name.")),
    request_body = NewComment,
    responses((status = 201, description = "Written.", body = CommentRecord), CommentProblems),
)]
pub(super) async fn comment(
    State(app): State<App>,
    caller: Caller,
    Path(proof): Path<String>,
    Json(new): Json<NewComment>,
) -> Result<(StatusCode, Json<CommentRecord>), Problem> {
    Ok((StatusCode::CREATED, Json(app.nameplate.comment_proof(&caller, None, &proof, &new).await?)))
}

crate::problems!(ResolveProblems: UnknownProof, NotFound, StorageFull);

/// Says that a comment was dealt with.
#[utoipa::path(
    post,
    path = "/api/v1/proofs/{proof}/comments/{comment}/resolve",
    operation_id = "resolveComment",
    tag = "Proofs",
    security(("token" = ["planner", "buyer"])),
    params(
        ("proof" = String, Path, description = "The proof's name."),
        ("comment" = String, Path, description = "The comment's number."),
    ),
    request_body = NothingMore,
    responses((status = 200, description = "Dealt with.", body = CommentRecord), ResolveProblems),
)]
pub(super) async fn resolve(
    State(app): State<App>,
    caller: Caller,
    Path((proof, comment)): Path<(String, String)>,
    Json(NothingMore {}): Json<NothingMore>,
) -> Result<Json<CommentRecord>, Problem> {
    let absent = |_| Problem::new(ProblemKind::NotFound, "There is no such comment.");
    let comment: i64 = comment.parse().map_err(absent)?;
    Ok(Json(app.nameplate.resolve_comment(&caller, None, &proof, comment).await?))
}

/// Who must approve the labels of a brand.
#[derive(Debug, Serialize, ToSchema)]
pub struct BrandApprovers {
    /// In order; nobody means: any one of the brand's buyers.
    pub approvers: Vec<ApproverRecord>,
}

/// Who shall have to approve the labels of a brand.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"approvers": [{"email": "a.lindqvist@example.com", "position": 1}]}))]
pub struct ApproversRequest {
    /// Each with the position; nobody means: any one of the brand's buyers.
    #[schema(max_items = 12)]
    pub approvers: Vec<NewApprover>,
}

crate::problems!(BrandProblems: NotFound);

/// Tells who must approve the labels of a brand, and in which order.
#[utoipa::path(
    get,
    path = "/api/v1/brands/{brand}/approvers",
    operation_id = "listApprovers",
    tag = "Proofs",
    security(("token" = ["planner", "buyer"])),
    params(("brand" = String, Path, description = "The brand's code.")),
    responses((status = 200, description = "The approvers.", body = BrandApprovers), BrandProblems),
)]
pub(super) async fn approvers(
    State(app): State<App>,
    caller: Caller,
    Path(brand): Path<String>,
) -> Result<Json<BrandApprovers>, Problem> {
    Ok(Json(BrandApprovers { approvers: app.nameplate.approvers(&caller, &brand).await? }))
}

crate::problems!(SetProblems: NotFound, StorageFull);

/// Says who must approve the labels of a brand from now on. Proofs that were requested keep theirs.
#[utoipa::path(
    put,
    path = "/api/v1/brands/{brand}/approvers",
    operation_id = "setApprovers",
    tag = "Proofs",
    security(("token" = ["admin"])),
    params(("brand" = String, Path, description = "The brand's code.")),
    request_body = ApproversRequest,
    responses((status = 200, description = "The approvers.", body = BrandApprovers), SetProblems),
)]
pub(super) async fn set_approvers(
    State(app): State<App>,
    caller: Caller,
    Path(brand): Path<String>,
    Json(request): Json<ApproversRequest>,
) -> Result<Json<BrandApprovers>, Problem> {
    Ok(Json(BrandApprovers { approvers: app.nameplate.set_approvers(&caller, &brand, &request.approvers).await? }))
}
