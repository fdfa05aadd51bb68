//! What work stations use: labels in one call, and the scan of each label on its unit.

use axum::extract::State;
use axum::http::StatusCode;

use super::App;
use crate::http::extract::{IdempotencyKey, Json, Path};
use crate::http::problem::Problem;
use crate::service::Caller;
use crate::service::print::{Inspected, Scan, StationPrint, StationPrinted};

crate::problems!(
    PrintProblems: UnknownSku, UnknownBatch, WrongKind, SkuOfOtherBatch, BatchClosed, CountOutOfRange, QuotaExceeded,
    SeriesExhausted, RuleCannotIssue, WrongStation, AllocationStopped, UnknownPrinter, UnknownTemplate, ApprovalMissing,
    PrinterMismatch, PrinterNotEnabled, LabelDoesNotFit, StorageFull
);

/// Reserves serials for a station and prints their labels, in one call.
///
/// What can be refused (the approval, the printer's resolution and stock, the station) is refused before a serial is
/// reserved. After any doubt send the same request with the same key: it is the same block and the same job.
#[utoipa::path(
    post,
    path = "/api/v1/stations/{station}/prints",
    operation_id = "stationPrint",
    tag = "Stations",
    security(("token" = ["planner", "station"])),
    params(("station" = String, Path, description = "The station's name."), IdempotencyKey),
    request_body = StationPrint,
    responses((status = 201, description = "Queued, now or when the same request came first.", body = StationPrinted), PrintProblems),
)]
pub(super) async fn print(
    State(app): State<App>,
    caller: Caller,
    Path(station): Path<String>,
    key: IdempotencyKey,
    Json(wanted): Json<StationPrint>,
) -> Result<(StatusCode, Json<StationPrinted>), Problem> {
    let printed = app.nameplate.station_print(&caller, &station, key.as_str(), &wanted).await?;
    Ok((StatusCode::CREATED, Json(printed)))
}

crate::problems!(
    InspectProblems: UnknownSerial, NothingMatches, UnknownSku, WrongStation, RangeConflict, BatchClosed, LabelOnItsWay,
    LabelState, OtherUnit, SecondaryIdTaken, SecondaryIdDiffers, StorageFull
);

/// Scans the label on a unit: final inspection binds the serial to it.
///
/// The serial is applied, whatever the result; result and secondary ids are on record and can be looked up. A label of
/// which its print job did not know what became is confirmed by the scan. The same facts again change nothing; other
/// facts are a new inspection, and an id takes another's place only with `replace`.
#[utoipa::path(
    post,
    path = "/api/v1/stations/{station}/units",
    operation_id = "inspectUnit",
    tag = "Stations",
    security(("token" = ["planner", "station"])),
    params(("station" = String, Path, description = "The station's name."), IdempotencyKey),
    request_body = Scan,
    responses((status = 200, description = "On record, now or when the same request came first.", body = Inspected), InspectProblems),
)]
pub(super) async fn inspect(
    State(app): State<App>,
    caller: Caller,
    Path(station): Path<String>,
    key: IdempotencyKey,
    Json(scan): Json<Scan>,
) -> Result<Json<Inspected>, Problem> {
    Ok(Json(app.nameplate.inspect(&caller, &station, key.as_str(), &scan).await?))
}
