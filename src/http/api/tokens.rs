//! Tokens: listed, made, rotated, revoked.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::App;
use crate::http::extract::{Json, Page, PageParams, PageQuery, Path};
use crate::http::problem::{Problem, ProblemKind};
use crate::service::Caller;
use crate::service::token::TokenId;
use crate::service::tokens::{DEFAULT_OVERLAP_S, IssuedToken, ListedToken, NewToken};

crate::problems!(ListProblems: InvalidCursor);

/// Lists tokens by id, without their secrets.
#[utoipa::path(
    get,
    path = "/api/v1/tokens",
    operation_id = "listTokens",
    tag = "Administration",
    security(("token" = ["admin"])),
    params(PageParams),
    responses((status = 200, description = "One page.", body = Page<ListedToken>), ListProblems),
)]
pub(super) async fn list(State(app): State<App>, page: PageQuery<String>) -> Result<Json<Page<ListedToken>>, Problem> {
    let (items, next) = app.nameplate.tokens(page.after.as_deref().unwrap_or(""), page.limit.into()).await?;
    Ok(Json(Page::of(items, next)))
}

crate::problems!(IssueProblems: StorageFull);

/// Makes a token. Its secret is in this answer and nowhere else.
///
/// A token that is bound to a brand sees that brand's records only; for it, all others do not exist. Admin and planner
/// work on what all brands share, so tokens with these scopes cannot be bound to one.
#[utoipa::path(
    post,
    path = "/api/v1/tokens",
    operation_id = "issueToken",
    tag = "Administration",
    security(("token" = ["admin"])),
    request_body = NewToken,
    responses((status = 201, description = "Made.", body = IssuedToken), IssueProblems),
)]
pub(super) async fn issue(
    State(app): State<App>,
    caller: Caller,
    Json(new): Json<NewToken>,
) -> Result<(StatusCode, Json<IssuedToken>), Problem> {
    Ok((StatusCode::CREATED, Json(app.nameplate.issue_token(&caller, &new).await?)))
}

/// How to rotate a token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"overlap_s": 3600}))]
pub struct RotateRequest {
    /// For how many seconds the old token works on beside the new one; at most 30 days.
    #[serde(default = "default_overlap_s")]
    #[schema(default = 86_400, maximum = 2_592_000)]
    pub overlap_s: u32,
}

fn default_overlap_s() -> u32 {
    DEFAULT_OVERLAP_S
}

crate::problems!(RotateProblems: UnknownToken, StorageFull);

/// Makes a successor with the same rights; the old token works on for a while.
#[utoipa::path(
    post,
    path = "/api/v1/tokens/{id}/rotate",
    operation_id = "rotateToken",
    tag = "Administration",
    security(("token" = ["admin"])),
    params(("id" = String, Path, description = "The token's public id.")),
    request_body = RotateRequest,
    responses((status = 201, description = "The successor.", body = IssuedToken), RotateProblems),
)]
pub(super) async fn rotate(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(request): Json<RotateRequest>,
) -> Result<(StatusCode, Json<IssuedToken>), Problem> {
    let issued = app.nameplate.rotate_token(&caller, token_id(&id)?, request.overlap_s).await?;
    Ok((StatusCode::CREATED, Json(issued)))
}

crate::problems!(RevokeProblems: UnknownToken, StorageFull);

/// Ends a token. It opens nothing from a second later at the latest.
#[utoipa::path(
    delete,
    path = "/api/v1/tokens/{id}",
    operation_id = "revokeToken",
    tag = "Administration",
    security(("token" = ["admin"])),
    params(("id" = String, Path, description = "The token's public id.")),
    responses((status = 204, description = "Ended."), RevokeProblems),
)]
pub(super) async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    app.nameplate.revoke_token(&caller, token_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is no id names no token.
fn token_id(text: &str) -> Result<TokenId, Problem> {
    text.parse().map_err(|error| Problem::new(ProblemKind::UnknownToken, format!("As a token's id: {error}.")))
}
