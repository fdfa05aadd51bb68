//! The one look-up.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{App, refusal};
use crate::http::extract::{Json, Query};
use crate::http::problem::Problem;
use crate::service::Caller;
use crate::service::resolve::Resolved;

/// What to look up.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ResolveQuery {
    /// As typed or scanned: case, spaces, hyphens and a prefix such as S/N do not matter.
    #[param(example = "S/N 07k3-m9xq-2wvt", max_length = 256)]
    q: String,
}

crate::problems!(ResolveProblems: NothingMatches, UnknownSerial);

/// Finds the record of whatever was typed or scanned.
///
/// A serial in any spelling, a GTIN, a SKU code or another name of a SKU, a batch, a block: `kind` says which it is. A text
/// that leads nowhere is a problem with `reason` and `suggestions`: issued serials that are one slip away from it.
#[utoipa::path(
    get,
    path = "/api/v1/resolve",
    operation_id = "resolve",
    tag = "Look-up",
    security(("token" = ["planner", "station", "support", "buyer"])),
    params(ResolveQuery),
    responses((status = 200, description = "The record.", body = Resolved), ResolveProblems),
)]
pub(super) async fn resolve(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ResolveQuery>,
) -> Result<Json<Resolved>, Problem> {
    match app.nameplate.resolve(&caller, &query.q).await? {
        Resolved::Unknown(unknown) => Err(refusal::unknown(&unknown)),
        found => Ok(Json(found)),
    }
}
