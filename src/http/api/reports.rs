//! Reports of what became of serials.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::App;
use crate::http::extract::{IdempotencyKey, Json, Path};
use crate::http::problem::Problem;
use crate::service::Caller;
use crate::service::report_fate::{FateReport, FateReported};

crate::problems!(
    ReportProblems: UnknownBlock, NotInBlock, RangeConflict, LabelOnItsWay, LabelState, BatchClosed, WrongStation, StorageFull
);

/// Reports what became of serials of a block.
///
/// printed: a label exists. applied: the label is on a unit. returned: given back unprinted. void: spoilt or scrapped,
/// with a reason. unaccounted: nobody knows, with a reason. A report changes all the serials it names or none. Reporting
/// again what is known already changes nothing. Serials whose label is in a print job that is not done with it are refused;
/// `applied` of labels that nobody knows about confirms them.
#[utoipa::path(
    post,
    path = "/api/v1/blocks/{code}/reports",
    operation_id = "reportFate",
    tag = "Blocks",
    security(("token" = ["planner", "station"])),
    params(("code" = String, Path, description = "The block's name."), IdempotencyKey),
    request_body = FateReport,
    responses((status = 200, description = "Recorded, now or when the same report came first.", body = FateReported), ReportProblems),
)]
pub(super) async fn report(
    State(app): State<App>,
    caller: Caller,
    Path(code): Path<String>,
    key: IdempotencyKey,
    Json(report): Json<FateReport>,
) -> Result<Response, Problem> {
    let answer = app.nameplate.report_fate(&caller, &code, key.as_str(), &report).await?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], answer).into_response())
}
