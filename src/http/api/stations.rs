//! What work stations use: labels in one call, and the scan of each label on its unit.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use crate::http::extract::{IdempotencyKey, Json, Page, PageParams, PageQuery, Path};
use crate::http::problem::Problem;
use crate::service::Caller;
use crate::service::print::{
    ConflictRecord, EntryAnswer, Inspected, JournalEntry, Kit, NewKit, Scan, StationPrint, StationPrinted,
};

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

crate::problems!(
    KitProblems: UnknownSku, UnknownBatch, WrongKind, SkuOfOtherBatch, BatchClosed, CountOutOfRange, QuotaExceeded,
    SeriesExhausted, RuleCannotIssue, WrongStation, AllocationStopped, UnknownTemplate, ApprovalMissing, PrinterMismatch,
    PrinterNotEnabled, LeaseEnded, LabelDoesNotFit, StorageFull
);

/// Hands labels to a station, to be printed without the server.
///
/// The kit holds the serials, the template and all that the labels show, signed like receipts are. Its labels count as
/// handed over until the station sends its journal, or a person settles them after cancelling the job.
#[utoipa::path(
    post,
    path = "/api/v1/stations/{station}/kits",
    operation_id = "issueKit",
    tag = "Stations",
    security(("token" = ["planner", "station"])),
    params(("station" = String, Path, description = "The station's name."), IdempotencyKey),
    request_body = NewKit,
    responses((status = 201, description = "Issued, now or when the same request came first.", body = Kit), KitProblems),
)]
pub(super) async fn kit(
    State(app): State<App>,
    caller: Caller,
    Path(station): Path<String>,
    key: IdempotencyKey,
    Json(wanted): Json<NewKit>,
) -> Result<(StatusCode, Json<Kit>), Problem> {
    let kit = app.nameplate.station_kit(&caller, &station, key.as_str(), &wanted).await?;
    Ok((StatusCode::CREATED, Json(kit)))
}

/// Entries of a station's journal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JournalUpload {
    /// In the order in which things happened.
    #[schema(min_items = 1, max_items = 500)]
    pub entries: Vec<JournalEntry>,
}

/// What became of the entries.
#[derive(Debug, Serialize, ToSchema)]
pub struct JournalTaken {
    /// One answer an entry, in their order.
    pub answers: Vec<EntryAnswer>,
}

crate::problems!(JournalProblems: WrongStation, StorageFull);

/// Takes the journal of a station that worked without the server.
///
/// Each entry is answered: accepted, known (it came before), or conflict with what the records say instead. Conflicts are
/// kept for people to look at; nothing is overwritten. Entries can be sent as often as it takes.
#[utoipa::path(
    post,
    path = "/api/v1/stations/{station}/journal",
    operation_id = "syncJournal",
    tag = "Stations",
    security(("token" = ["planner", "station"])),
    params(("station" = String, Path, description = "The station's name.")),
    request_body = JournalUpload,
    responses((status = 200, description = "Each entry is answered.", body = JournalTaken), JournalProblems),
)]
pub(super) async fn journal(
    State(app): State<App>,
    caller: Caller,
    Path(station): Path<String>,
    Json(upload): Json<JournalUpload>,
) -> Result<Json<JournalTaken>, Problem> {
    let answers = app.nameplate.sync_journal(&caller, &station, &upload.entries).await?;
    Ok(Json(JournalTaken { answers }))
}

crate::problems!(ConflictProblems: WrongStation, InvalidCursor);

/// Lists where a station's journal and the records differ, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/stations/{station}/conflicts",
    operation_id = "listConflicts",
    tag = "Stations",
    security(("token" = ["planner", "station", "support"])),
    params(("station" = String, Path, description = "The station's name."), PageParams),
    responses((status = 200, description = "One page.", body = Page<ConflictRecord>), ConflictProblems),
)]
pub(super) async fn conflicts(
    State(app): State<App>,
    caller: Caller,
    Path(station): Path<String>,
    page: PageQuery<i64>,
) -> Result<Json<Page<ConflictRecord>>, Problem> {
    let (items, next) = app.nameplate.station_conflicts(&caller, &station, page.after, page.limit.into()).await?;
    Ok(Json(Page::of(items, next)))
}
