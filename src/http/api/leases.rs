//! What printers and their agents use: leases, the labels of a lease, heartbeats and results.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use super::App;
use crate::http::extract::{Json, Path, Query};
use crate::http::problem::Problem;
use crate::print::status::PrinterStatus;
use crate::service::Caller;
use crate::service::print::{Heartbeat, LabelResult, Lease, LeaseRequest, ResultsTaken};

crate::problems!(LeaseProblems: UnknownPrinter, PrinterNotEnabled, Overloaded, StorageFull);

/// Takes the next labels of a printer, after waiting for some if there are none.
///
/// A lease is one attempt at printing; its name is the fencing token. A printer has one lease at a time: taking another
/// ends the one before. Labels of it that were not fetched are queued again, those that were wait for a person or for
/// that lease's own results.
#[utoipa::path(
    post,
    path = "/api/v1/printers/{printer}/leases",
    operation_id = "leaseLabels",
    tag = "Printing",
    security(("token" = ["printer"])),
    params(("printer" = String, Path, description = "The printer's name.")),
    request_body = LeaseRequest,
    responses(
        (status = 200, description = "A lease.", body = Lease),
        (status = 204, description = "Nothing to print."),
        LeaseProblems,
    ),
)]
pub(super) async fn lease(
    State(app): State<App>,
    caller: Caller,
    Path(printer): Path<String>,
    Json(request): Json<LeaseRequest>,
) -> Result<Response, Problem> {
    Ok(match app.nameplate.lease_labels(&caller, &printer, &request).await? {
        Some(lease) => Json(lease).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// Which labels of the lease.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FetchQuery {
    /// The first label, counted from 1.
    #[param(minimum = 1, default = 1)]
    first: Option<u64>,
    /// The last label; if left out `first`, or without `first` the lease's last.
    #[param(minimum = 1)]
    last: Option<u64>,
}

crate::problems!(
    FetchProblems: UnknownLease, LeaseEnded, LabelNotInLease, LabelDoesNotFit, PrinterMismatch, AlreadyPrinted,
    Overloaded, StorageFull
);

/// Labels of a lease, ready for the printer.
///
/// From the moment this is answered they count as handed over: they may exist on paper. Asking again while the lease is
/// open gives the same bytes; the `ETag` is their SHA-256.
#[utoipa::path(
    get,
    path = "/api/v1/leases/{lease}/labels",
    operation_id = "fetchLabels",
    tag = "Printing",
    security(("token" = ["printer"])),
    params(("lease" = String, Path, description = "The lease's name."), FetchQuery),
    responses(
        (status = 200, description = "One complete document: ZPL, PDF or PNG.",
         headers(("ETag" = String, description = "SHA-256 of the document."))),
        FetchProblems,
    ),
)]
pub(super) async fn fetch(
    State(app): State<App>,
    caller: Caller,
    Path(lease): Path<String>,
    Query(query): Query<FetchQuery>,
) -> Result<Response, Problem> {
    let served = app.nameplate.fetch_labels(&caller, &lease, query.first, query.last).await?;
    let tag = format!("\"{}\"", HEXLOWER.encode(&Sha256::digest(&served.bytes)));
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(served.media_type));
    headers.insert(header::ETAG, HeaderValue::from_str(&tag).map_err(Problem::internal)?);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok((headers, served.bytes).into_response())
}

/// A sign of life.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"status": {"state": "ready", "media": "ok"}}))]
pub struct HeartbeatRequest {
    /// How the printer is.
    #[serde(default)]
    pub status: Option<PrinterStatus>,
}

crate::problems!(BeatProblems: UnknownLease, LeaseEnded, Overloaded, StorageFull);

/// Keeps a lease: it lasts its full time from now.
#[utoipa::path(
    post,
    path = "/api/v1/leases/{lease}/heartbeat",
    operation_id = "keepLease",
    tag = "Printing",
    security(("token" = ["printer"])),
    params(("lease" = String, Path, description = "The lease's name.")),
    request_body = HeartbeatRequest,
    responses((status = 200, description = "It goes on.", body = Heartbeat), BeatProblems),
)]
pub(super) async fn beat(
    State(app): State<App>,
    caller: Caller,
    Path(lease): Path<String>,
    Json(request): Json<HeartbeatRequest>,
) -> Result<Json<Heartbeat>, Problem> {
    Ok(Json(app.nameplate.keep_lease(&caller, &lease, request.status.as_ref()).await?))
}

/// What became of labels.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "results": [
        {"first": 1, "last": 3, "outcome": "printed", "evidence": "counter"},
        {"first": 4, "last": 4, "outcome": "unknown", "note": "link lost"},
        {"first": 5, "last": 20, "outcome": "not_printed", "note": "paper out"}
    ]
}))]
pub struct ResultsRequest {
    /// Results by ranges of positions in the lease.
    #[schema(min_items = 1, max_items = 500)]
    pub results: Vec<LabelResult>,
    /// How the printer is.
    #[serde(default)]
    pub status: Option<PrinterStatus>,
}

crate::problems!(
    ResultProblems: UnknownLease, LabelNotInLease, NotHandedOver, ResultRefused, Overloaded, StorageFull
);

/// Says what became of labels of a lease, label by label.
///
/// The same result twice is fine. A result that comes after the lease ended is taken for labels that still wait for a
/// person because of this very lease; where they went another way it is refused, and nothing is overwritten.
#[utoipa::path(
    post,
    path = "/api/v1/leases/{lease}/results",
    operation_id = "acknowledgeLabels",
    tag = "Printing",
    security(("token" = ["printer"])),
    params(("lease" = String, Path, description = "The lease's name.")),
    request_body = ResultsRequest,
    responses((status = 200, description = "Taken.", body = ResultsTaken), ResultProblems),
)]
pub(super) async fn results(
    State(app): State<App>,
    caller: Caller,
    Path(lease): Path<String>,
    Json(request): Json<ResultsRequest>,
) -> Result<Json<ResultsTaken>, Problem> {
    let ResultsRequest { results, status } = request;
    Ok(Json(app.nameplate.take_results(&caller, &lease, &results, status.as_ref()).await?))
}
