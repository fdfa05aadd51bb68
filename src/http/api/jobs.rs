//! Print jobs: made, listed, controlled, settled, and printed again.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::App;
use crate::http::extract::{IdempotencyKey, Json, Page, PageParams, PageQuery, Path, Query};
use crate::http::problem::Problem;
use crate::service::Caller;
use crate::service::print::{
    ControlRequest, JobRecord, LabelRange, NewJob, ReprintRequest, Reprinted, Settled, Settlement, WhichJobs,
};

crate::problems!(
    PrintProblems: UnknownPrinter, UnknownBlock, UnknownSku, UnknownSerial, UnknownTemplate, NotInBlock, ApprovalMissing,
    PrinterMismatch, PrinterNotEnabled, AlreadyPrinted, BatchClosed, LabelDoesNotFit, WrongStation, StorageFull
);

/// Makes a print job.
///
/// Live serials need an approval of the artwork that covers SKU revision, template and resolution, and each is printed
/// once. Test labels need none: they carry no live serial and say TEST - NOT A SERIAL. The same key and request find the
/// job that was made before.
#[utoipa::path(
    post,
    path = "/api/v1/print-jobs",
    operation_id = "print",
    tag = "Printing",
    security(("token" = ["planner", "station"])),
    params(IdempotencyKey),
    request_body = NewJob,
    responses((status = 201, description = "Queued, now or when the same request came first.", body = JobRecord), PrintProblems),
)]
pub(super) async fn print(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    Json(new): Json<NewJob>,
) -> Result<(StatusCode, Json<JobRecord>), Problem> {
    Ok((StatusCode::CREATED, Json(app.nameplate.print(&caller, key.as_str(), &new).await?)))
}

/// Which jobs to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct JobQuery {
    /// Only jobs of this printer.
    printer: Option<String>,
    /// Only jobs of this block.
    block: Option<String>,
    /// Only jobs of this batch.
    batch: Option<String>,
    /// Only jobs with labels that wait for a person.
    #[serde(default)]
    unconfirmed: bool,
    /// Only jobs with labels that are not settled.
    #[serde(default)]
    open: bool,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u16>,
    /// `next` of the page before; without it, the first page.
    after: Option<String>,
}

crate::problems!(ListProblems: UnknownPrinter, UnknownBlock, UnknownBatch, InvalidCursor);

/// Lists print jobs, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/print-jobs",
    operation_id = "listPrintJobs",
    tag = "Printing",
    security(("token" = ["planner", "station", "support"])),
    params(JobQuery),
    responses((status = 200, description = "One page.", body = Page<JobRecord>), ListProblems),
)]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<JobQuery>,
) -> Result<Json<Page<JobRecord>>, Problem> {
    let JobQuery { printer, block, batch, unconfirmed, open, limit, after } = query;
    let page = PageQuery::<i64>::from_params(&PageParams { limit, after })?;
    let (printer, block, batch) = (printer.as_deref(), block.as_deref(), batch.as_deref());
    let which = WhichJobs { printer, block, batch, unconfirmed, open, ..WhichJobs::default() };
    let (items, next) = app.nameplate.jobs(&caller, &which, page.after, page.limit.into()).await?;
    Ok(Json(Page::of(items, next)))
}

crate::problems!(OneProblems: UnknownJob);

/// One print job with the counts of its labels.
#[utoipa::path(
    get,
    path = "/api/v1/print-jobs/{job}",
    operation_id = "showPrintJob",
    tag = "Printing",
    security(("token" = ["planner", "station", "support"])),
    params(("job" = String, Path, description = "Its name.")),
    responses((status = 200, description = "The job.", body = JobRecord), OneProblems),
)]
pub(super) async fn one(
    State(app): State<App>,
    caller: Caller,
    Path(job): Path<String>,
) -> Result<Json<JobRecord>, Problem> {
    Ok(Json(app.nameplate.job(&caller, &job).await?))
}

/// Which labels to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LabelQuery {
    /// Only labels of this state: queued, leased, handed_over, confirmed, unconfirmed or scrapped.
    state: Option<String>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u16>,
    /// `next` of the page before; without it, the first page.
    after: Option<String>,
}

crate::problems!(LabelProblems: UnknownJob, InvalidCursor);

/// Lists the labels of a job as ranges of serials with one state.
#[utoipa::path(
    get,
    path = "/api/v1/print-jobs/{job}/labels",
    operation_id = "listJobLabels",
    tag = "Printing",
    security(("token" = ["planner", "station", "support"])),
    params(("job" = String, Path, description = "Its name."), LabelQuery),
    responses((status = 200, description = "One page.", body = Page<LabelRange>), LabelProblems),
)]
pub(super) async fn labels(
    State(app): State<App>,
    caller: Caller,
    Path(job): Path<String>,
    Query(query): Query<LabelQuery>,
) -> Result<Json<Page<LabelRange>>, Problem> {
    let LabelQuery { state, limit, after } = query;
    let page = PageQuery::<i64>::from_params(&PageParams { limit, after })?;
    let (items, next) =
        app.nameplate.job_labels(&caller, &job, state.as_deref(), page.after, page.limit.into()).await?;
    Ok(Json(Page::of(items, next)))
}

crate::problems!(ControlProblems: UnknownJob, JobState, SecondPersonNeeded, StorageFull);

/// Holds, releases or cancels a job, or agrees to a reprint that waits for a second person.
#[utoipa::path(
    post,
    path = "/api/v1/print-jobs/{job}/control",
    operation_id = "controlPrintJob",
    tag = "Printing",
    security(("token" = ["planner", "station"])),
    params(("job" = String, Path, description = "Its name.")),
    request_body = ControlRequest,
    responses((status = 200, description = "The job afterwards.", body = JobRecord), ControlProblems),
)]
pub(super) async fn control(
    State(app): State<App>,
    caller: Caller,
    Path(job): Path<String>,
    Json(request): Json<ControlRequest>,
) -> Result<Json<JobRecord>, Problem> {
    Ok(Json(app.nameplate.control_job(&caller, &job, &request).await?))
}

crate::problems!(
    SettleProblems: UnknownJob, NotInBlock, JobState, LabelState, RangeConflict, WrongStation, QuotaExceeded,
    SeriesExhausted, AllocationStopped, ApprovalMissing, StorageFull
);

/// A person says what became of labels that nobody knows about.
///
/// Scan what came out and send it as `printed`; what certainly does not exist goes back into the queue as `not_printed`;
/// damaged labels, and those of which nobody can say, are scrapped: their serials become void and new ones are printed.
#[utoipa::path(
    post,
    path = "/api/v1/print-jobs/{job}/settlements",
    operation_id = "settleLabels",
    tag = "Printing",
    security(("token" = ["planner", "station"])),
    params(("job" = String, Path, description = "Its name."), IdempotencyKey),
    request_body = Settlement,
    responses((status = 200, description = "Recorded, now or when the same request came first.", body = Settled), SettleProblems),
)]
pub(super) async fn settle(
    State(app): State<App>,
    caller: Caller,
    Path(job): Path<String>,
    key: IdempotencyKey,
    Json(settlement): Json<Settlement>,
) -> Result<Json<Settled>, Problem> {
    Ok(Json(app.nameplate.settle(&caller, &job, key.as_str(), &settlement).await?))
}

crate::problems!(
    ReprintProblems: UnknownPrinter, UnknownBlock, UnknownSerial, NotInBlock, NeverPrinted, AlreadyPrinted, ReissueNeeded,
    ApprovalMissing, PrinterMismatch, PrinterNotEnabled, BatchClosed, LabelDoesNotFit, WrongStation, StorageFull
);

/// Prints labels again, because the first ones are spoilt.
///
/// Needs a reason and somebody's word that the old labels are destroyed. The new label is the same as the first one,
/// digest by digest; anything else is a re-issue. Where a brand demands it the job waits until a second person agrees.
#[utoipa::path(
    post,
    path = "/api/v1/reprints",
    operation_id = "reprint",
    tag = "Printing",
    security(("token" = ["planner", "station"])),
    params(IdempotencyKey),
    request_body = ReprintRequest,
    responses((status = 201, description = "Queued, now or when the same request came first.", body = Reprinted), ReprintProblems),
)]
pub(super) async fn reprint(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    Json(request): Json<ReprintRequest>,
) -> Result<(StatusCode, Json<Reprinted>), Problem> {
    Ok((StatusCode::CREATED, Json(app.nameplate.reprint(&caller, key.as_str(), &request).await?)))
}

/// What a brand demands.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reprint_second_person": true}))]
pub struct BrandPolicy {
    /// Whether reprints wait until a second person agrees.
    pub reprint_second_person: bool,
}

crate::problems!(PolicyProblems: NotFound, StorageFull);

/// Says what a brand demands before its serials are printed again.
#[utoipa::path(
    put,
    path = "/api/v1/brands/{brand}/policy",
    operation_id = "setBrandPolicy",
    tag = "Printing",
    security(("token" = ["admin"])),
    params(("brand" = String, Path, description = "Brand code.")),
    request_body = BrandPolicy,
    responses((status = 204, description = "Set."), PolicyProblems),
)]
pub(super) async fn policy(
    State(app): State<App>,
    caller: Caller,
    Path(brand): Path<String>,
    Json(policy): Json<BrandPolicy>,
) -> Result<StatusCode, Problem> {
    app.nameplate.set_reprint_policy(&caller, &brand, policy.reprint_second_person).await?;
    Ok(StatusCode::NO_CONTENT)
}
