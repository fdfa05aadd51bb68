//! Blocks: reserved, listed, looked at.

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::App;
use crate::http::extract::{IdempotencyKey, Json, Page, PageParams, PageQuery, Path, Query};
use crate::http::problem::Problem;
use crate::service::{BlockRecord, BlockSerials, Caller, HistoryEntry, ReserveBlock};

/// How many serials the answer to a reservation holds itself. Part of answers that are repeated for ever: never change
/// it.
const ANSWERED_SERIALS: u64 = 100;

/// Tells that an answer is the repetition of an earlier one.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// What a station asks for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "sku": "NT-M2-BOR", "batch": "2025-W27-M2", "count": 250, "station": "final-inspection.2", "order": "PO-4711"
}))]
pub struct ReserveRequest {
    /// SKU code, or another name of the SKU such as its GTIN.
    #[schema(max_length = 80)]
    pub sku: String,
    /// Batch code.
    #[schema(max_length = 80)]
    pub batch: String,
    /// How many serials.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub count: i64,
    /// Who asks: 1 to 40 letters, digits, dots, underscores or hyphens.
    #[schema(max_length = 40)]
    pub station: String,
    /// The order that the units are for, as you write it.
    #[schema(max_length = 80)]
    pub order: Option<String>,
}

/// A reserved block: what a station needs to go on, also without the server.
///
/// The text is made when the block is reserved and stays the same, byte by byte.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "block": "BLK-7K3M9XQ2WVT0A1B2", "sku": "NT-M2-BOR", "batch": "2025-W27-M2", "station": "final-inspection.2",
    "order": "PO-4711", "count": 3, "rule": "s12", "rule_version": 1, "first_serial": "07K3M9XQ2WNF",
    "last_serial": "0ZZ3M9XQ2W76", "reserved_at": "2025-07-10T12:00:00Z", "receipt": "npr1.eyJkYXRhYmFzZSI6.c2lnbmF0dXJl",
    "serials": ["07K3M9XQ2WNF", "0B1C2D3E4FKK", "0ZZ3M9XQ2W76"],
    "serials_url": "/api/v1/blocks/BLK-7K3M9XQ2WVT0A1B2/serials"
}))]
pub struct ReservedBlock {
    /// The block's name.
    pub block: String,
    /// SKU code, as in the catalogue.
    pub sku: String,
    /// Batch code, as in the catalogue.
    pub batch: String,
    /// Who reserved it.
    pub station: String,
    /// The order, if one was given.
    #[serde(default)]
    pub order: Option<String>,
    /// How many serials.
    pub count: u64,
    /// The rule that makes them.
    pub rule: String,
    /// Its version.
    pub rule_version: u32,
    /// The first serial in issuing order.
    pub first_serial: String,
    /// The last serial in issuing order.
    pub last_serial: String,
    /// When, RFC 3339.
    pub reserved_at: String,
    /// Signed proof, to be kept. `GET /api/v1/keys` gives what checks it offline.
    pub receipt: String,
    /// The first 100 serials in issuing order, in their stored form.
    #[schema(max_items = 100)]
    pub serials: Vec<String>,
    /// Where all of them are, also as JSON lines and CSV.
    pub serials_url: String,
}

crate::problems!(
    ReserveProblems: UnknownSku, UnknownBatch, WrongKind, SkuOfOtherBatch, BatchClosed, CountOutOfRange, QuotaExceeded,
    SeriesExhausted, RuleCannotIssue, WrongStation, AllocationStopped, StorageFull
);

/// Reserves a block of serials.
///
/// When this answers 201 the block is on disk and its serials will never be issued again. After any doubt (a time-out,
/// a broken connection) send the same request with the same key: the answer is the same, byte by byte, and its header
/// `Idempotent-Replayed` is `true`. Keys belong to the station.
#[utoipa::path(
    post,
    path = "/api/v1/blocks",
    operation_id = "reserveBlock",
    tag = "Blocks",
    security(("token" = ["planner", "station"])),
    params(IdempotencyKey),
    request_body = ReserveRequest,
    responses(
        (status = 201, description = "Reserved, now or when the same request came first.", body = ReservedBlock,
         headers(
             ("Location" = String, description = "The block's record."),
             ("Idempotent-Replayed" = String, description = "`true` when the same request was answered before."),
         )),
        ReserveProblems,
    ),
)]
pub(super) async fn reserve(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    Json(body): Json<ReserveRequest>,
) -> Result<Response, Problem> {
    let ReserveRequest { sku, batch, count, station, order } = body;
    let request = ReserveBlock::parse(&sku, &batch, count, &station, order.as_deref())?;
    let reserved = app.nameplate.reserve_block(&caller, key.as_str(), request).await?;
    let (block, serials) = app.nameplate.serials_of_answer(&reserved.answer).await?;
    let location = format!("/api/v1/blocks/{block}");
    let body = with_serials(&reserved.answer, &location, &serials)?;
    let mut response = (StatusCode::CREATED, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::LOCATION, HeaderValue::from_str(&location).map_err(Problem::internal)?);
    if reserved.replayed {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Adds the first serials and the way to all of them to the stored answer. Both follow from the answer alone, so the
/// whole is the same whenever it is asked for.
fn with_serials(answer: &str, location: &str, serials: &BlockSerials) -> Result<String, Problem> {
    let open = answer.strip_suffix('}').ok_or_else(|| Problem::internal("a stored answer is no JSON object"))?;
    let first: Vec<String> = serials.page(0, ANSWERED_SERIALS)?.iter().map(ToString::to_string).collect();
    let first = serde_json::to_string(&first).map_err(Problem::internal)?;
    Ok(format!(r#"{open},"serials":{first},"serials_url":"{location}/serials"}}"#))
}

/// Which blocks to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct BlockQuery {
    /// Only blocks of this batch.
    batch: Option<String>,
    /// Only blocks of this SKU.
    sku: Option<String>,
    /// Only blocks of this station.
    station: Option<String>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u16>,
    /// `next` of the page before; without it, the first page.
    after: Option<String>,
}

crate::problems!(ListProblems: UnknownSku, UnknownBatch, InvalidCursor);

/// Lists blocks, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/blocks",
    operation_id = "listBlocks",
    tag = "Blocks",
    security(("token" = ["planner", "station", "support", "buyer"])),
    params(BlockQuery),
    responses((status = 200, description = "One page.", body = Page<BlockRecord>), ListProblems),
)]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<BlockQuery>,
) -> Result<Json<Page<BlockRecord>>, Problem> {
    let BlockQuery { batch, sku, station, limit, after } = query;
    let page = PageQuery::<i64>::from_params(&PageParams { limit, after })?;
    let (batch, sku, station) = (batch.as_deref(), sku.as_deref(), station.as_deref());
    let (items, next) = app.nameplate.blocks(&caller, batch, sku, station, page.after, page.limit.into()).await?;
    Ok(Json(Page::of(items, next)))
}

crate::problems!(OneProblems: UnknownBlock);

/// Shows a block and the account of its serials.
#[utoipa::path(
    get,
    path = "/api/v1/blocks/{code}",
    operation_id = "showBlock",
    tag = "Blocks",
    security(("token" = ["planner", "station", "support", "buyer"])),
    params(("code" = String, Path, description = "The block's name, in any case, with or without hyphens.")),
    responses((status = 200, description = "The block.", body = BlockRecord), OneProblems),
)]
pub(super) async fn one(
    State(app): State<App>,
    caller: Caller,
    Path(code): Path<String>,
) -> Result<Json<BlockRecord>, Problem> {
    Ok(Json(app.nameplate.block(&caller, &code).await?.0))
}

crate::problems!(HistoryProblems: UnknownBlock, InvalidCursor);

/// Lists what happened to a block and to serials in it, oldest first.
#[utoipa::path(
    get,
    path = "/api/v1/blocks/{code}/history",
    operation_id = "listBlockHistory",
    tag = "Blocks",
    security(("token" = ["planner", "station", "support"])),
    params(("code" = String, Path, description = "The block's name."), PageParams),
    responses((status = 200, description = "One page.", body = Page<HistoryEntry>), HistoryProblems),
)]
pub(super) async fn history(
    State(app): State<App>,
    caller: Caller,
    Path(code): Path<String>,
    page: PageQuery<u64>,
) -> Result<Json<Page<HistoryEntry>>, Problem> {
    let wanted = u32::from(page.limit) + 1;
    let entries = app.nameplate.block_history(&caller, &code, page.after.unwrap_or(0), wanted).await?;
    Ok(Json(Page::cut(entries, page.limit, |entry| entry.event)))
}
