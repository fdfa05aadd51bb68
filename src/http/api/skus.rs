//! SKUs: listed, looked at, edited one at a time; and how many serials a station may hold of each.

use axum::extract::State;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::App;
use crate::http::extract::{ETag, IfMatch, Json, Page, PageParams, PageQuery, Path};
use crate::http::problem::Problem;
use crate::service::Caller;
use crate::service::resolve::SkuRecord;
use crate::service::skus::{QuotaRecord, SkuEdit};

crate::problems!(ListProblems: InvalidCursor);

/// Lists SKUs in the order in which they were made known.
#[utoipa::path(
    get,
    path = "/api/v1/skus",
    operation_id = "listSkus",
    tag = "SKUs",
    security(("token" = ["planner", "station", "support", "buyer"])),
    params(PageParams),
    responses((status = 200, description = "One page.", body = Page<SkuRecord>), ListProblems),
)]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    page: PageQuery<i64>,
) -> Result<Json<Page<SkuRecord>>, Problem> {
    let (items, next) = app.nameplate.skus(&caller, page.after.unwrap_or(0), page.limit.into()).await?;
    Ok(Json(Page::of(items, next)))
}

crate::problems!(OneProblems: UnknownSku);

/// Shows a SKU with both its identities.
#[utoipa::path(
    get,
    path = "/api/v1/skus/{code}",
    operation_id = "showSku",
    tag = "SKUs",
    security(("token" = ["planner", "station", "support", "buyer"])),
    params(("code" = String, Path, description = "SKU code. Other names are found with resolve.")),
    responses(
        (status = 200, description = "The SKU.", body = SkuRecord,
         headers(("ETag" = String, description = "To be sent as If-Match with an edit."))),
        OneProblems,
    ),
)]
pub(super) async fn one(
    State(app): State<App>,
    caller: Caller,
    Path(code): Path<String>,
) -> Result<(ETag, Json<SkuRecord>), Problem> {
    let sku = app.nameplate.sku(&caller, &code).await?;
    Ok((ETag::of_version(sku.version), Json(sku)))
}

crate::problems!(EditProblems: UnknownSku, StorageFull);

/// Edits a SKU. What is left out stays as it is.
#[utoipa::path(
    patch,
    path = "/api/v1/skus/{code}",
    operation_id = "editSku",
    tag = "SKUs",
    security(("token" = ["planner"])),
    params(("code" = String, Path, description = "SKU code."), IfMatch),
    request_body = SkuEdit,
    responses(
        (status = 200, description = "Edited.", body = SkuRecord,
         headers(("ETag" = String, description = "Of the new state."))),
        EditProblems,
    ),
)]
pub(super) async fn edit(
    State(app): State<App>,
    caller: Caller,
    Path(code): Path<String>,
    seen: IfMatch,
    Json(edit): Json<SkuEdit>,
) -> Result<(ETag, Json<SkuRecord>), Problem> {
    let version = app.nameplate.sku(&caller, &code).await?.version;
    seen.check(&ETag::of_version(version))?;
    // Should somebody else be faster now, the use case finds another version and refuses.
    let sku = app.nameplate.edit_sku(&caller, &code, version, &edit).await?;
    Ok((ETag::of_version(sku.version), Json(sku)))
}

/// A station's limit for a SKU.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"quota": 5000}))]
pub struct QuotaRequest {
    /// How many serials whose fate is open the station may hold; null for the general limit.
    #[serde(deserialize_with = "given")]
    #[schema(required, minimum = 0, maximum = 1_000_000_000)]
    pub quota: Option<u64>,
}

/// Null is an answer here, leaving the field out is none: with a reader of its own, serde asks for the field.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Option::deserialize(deserializer)
}

crate::problems!(QuotaProblems: UnknownSku, StorageFull);

/// Sets how many serials a station may hold of a SKU.
///
/// Held are serials that are neither applied, returned, void nor declared unaccounted.
#[utoipa::path(
    put,
    path = "/api/v1/stations/{station}/quotas/{sku}",
    operation_id = "setQuota",
    tag = "SKUs",
    security(("token" = ["planner"])),
    params(
        ("station" = String, Path, description = "The station's name."),
        ("sku" = String, Path, description = "SKU code."),
    ),
    request_body = QuotaRequest,
    responses((status = 200, description = "What holds now.", body = QuotaRecord), QuotaProblems),
)]
pub(super) async fn set_quota(
    State(app): State<App>,
    caller: Caller,
    Path((station, sku)): Path<(String, String)>,
    Json(request): Json<QuotaRequest>,
) -> Result<Json<QuotaRecord>, Problem> {
    Ok(Json(app.nameplate.set_quota(&caller, &station, &sku, request.quota).await?))
}
