//! Printers: registered, changed, listed; and what they say of themselves.

use axum::extract::State;
use axum::http::StatusCode;

use super::App;
use crate::http::extract::{ETag, IfMatch, Json, Page, PageParams, PageQuery, Path};
use crate::http::problem::Problem;
use crate::print::status::PrinterStatus;
use crate::service::Caller;
use crate::service::print::{NewPrinter, PrinterRecord, PrinterSettings, RegisteredPrinter};

crate::problems!(ListProblems: InvalidCursor);

/// Lists printers by name, with what is known of each.
#[utoipa::path(
    get,
    path = "/api/v1/printers",
    operation_id = "listPrinters",
    tag = "Printing",
    security(("token" = ["planner", "station", "support"])),
    params(PageParams),
    responses((status = 200, description = "One page.", body = Page<PrinterRecord>), ListProblems),
)]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    page: PageQuery<String>,
) -> Result<Json<Page<PrinterRecord>>, Problem> {
    let (items, next) = app.nameplate.printers(&caller, page.after.as_deref().unwrap_or(""), page.limit.into()).await?;
    Ok(Json(Page::of(items, next)))
}

crate::problems!(RegisterProblems: StorageFull);

/// Registers a printer and makes the token that opens its queue and nothing else.
///
/// The token is in this answer and nowhere else: put it into the agent's configuration, or into the printer.
#[utoipa::path(
    post,
    path = "/api/v1/printers",
    operation_id = "registerPrinter",
    tag = "Printing",
    security(("token" = ["admin"])),
    request_body = NewPrinter,
    responses((status = 201, description = "Registered.", body = RegisteredPrinter), RegisterProblems),
)]
pub(super) async fn register(
    State(app): State<App>,
    caller: Caller,
    Json(new): Json<NewPrinter>,
) -> Result<(StatusCode, Json<RegisteredPrinter>), Problem> {
    Ok((StatusCode::CREATED, Json(app.nameplate.register_printer(&caller, &new).await?)))
}

crate::problems!(OneProblems: UnknownPrinter);

/// One printer: settings, whether it is online, what it said last, what it prints, and its counters.
#[utoipa::path(
    get,
    path = "/api/v1/printers/{printer}",
    operation_id = "getPrinter",
    tag = "Printing",
    security(("token" = ["planner", "station", "support"])),
    params(("printer" = String, Path, description = "Its name.")),
    responses((status = 200, description = "The printer.", body = PrinterRecord,
               headers(("ETag" = String, description = "Its version, for `If-Match`."))), OneProblems),
)]
pub(super) async fn one(
    State(app): State<App>,
    caller: Caller,
    Path(printer): Path<String>,
) -> Result<(ETag, Json<PrinterRecord>), Problem> {
    let record = app.nameplate.printer(&caller, &printer).await?;
    Ok((ETag::of_version(record.version), Json(record)))
}

crate::problems!(EditProblems: UnknownPrinter, PrinterMismatch, StorageFull);

/// Changes what is said of a printer; also pauses and retires it.
///
/// All settings are replaced. Labels that were handed out keep the settings that they were handed out with.
#[utoipa::path(
    put,
    path = "/api/v1/printers/{printer}",
    operation_id = "editPrinter",
    tag = "Printing",
    security(("token" = ["admin", "planner"])),
    params(("printer" = String, Path, description = "Its name."), IfMatch),
    request_body = PrinterSettings,
    responses((status = 200, description = "Changed.", body = PrinterRecord,
               headers(("ETag" = String, description = "Its version, for `If-Match`."))), EditProblems),
)]
pub(super) async fn edit(
    State(app): State<App>,
    caller: Caller,
    Path(printer): Path<String>,
    seen: IfMatch,
    Json(settings): Json<PrinterSettings>,
) -> Result<(ETag, Json<PrinterRecord>), Problem> {
    let version = app.nameplate.printer(&caller, &printer).await?.version;
    seen.check(&ETag::of_version(version))?;
    // Should somebody else be faster now, the use case finds another version and refuses.
    let record = app.nameplate.edit_printer(&caller, &printer, version, &settings).await?;
    Ok((ETag::of_version(record.version), Json(record)))
}

crate::problems!(SayProblems: UnknownPrinter);

/// A printer, or its agent, says how it is.
#[utoipa::path(
    post,
    path = "/api/v1/printers/{printer}/status",
    operation_id = "reportPrinterStatus",
    tag = "Printing",
    security(("token" = ["printer"])),
    params(("printer" = String, Path, description = "Its name.")),
    request_body = PrinterStatus,
    responses((status = 204, description = "Noted."), SayProblems),
)]
pub(super) async fn say(
    State(app): State<App>,
    caller: Caller,
    Path(printer): Path<String>,
    Json(status): Json<PrinterStatus>,
) -> Result<StatusCode, Problem> {
    app.nameplate.printer_says(&caller, &printer, &status).await?;
    Ok(StatusCode::NO_CONTENT)
}
