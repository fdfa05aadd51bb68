//! Star CloudPRNT: printers poll by themselves, fetch their labels and confirm them. Errors are problems as everywhere;
//! printers read the status code only.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::App;
use crate::http::extract::{Json, Query};
use crate::http::problem::{Problem, ProblemKind};
use crate::print::cloudprnt::{MEDIA_TYPE, Poll, PollAnswer};
use crate::service::print::PrintError;
use crate::service::{Caller, ServiceError};

crate::problems!(PollProblems: UnknownPrinter, Overloaded, StorageFull);

/// A CloudPRNT printer says how it is, and asks for work.
///
/// The address of the printer has to be the one that it was registered with. A label is offered under its job token,
/// which is a lease; while the printer has not ended that job, there is no second one. The server passes over what it
/// does not know of the printer's message.
#[utoipa::path(
    post,
    path = "/cloudprnt/v1",
    operation_id = "cloudprntPoll",
    tag = "Printing",
    security(("printer_basic" = [])),
    request_body(
        content = Object,
        content_type = "application/json",
        description = "What the printer says of itself.",
        example = json!({
            "status": "23 6 0 0 0 0 0 0 0 ", "printerMAC": "00:11:62:0a:1b:2c", "statusCode": "200%20OK",
            "printingInProgress": false, "clientAction": null
        })
    ),
    responses((status = 200, description = "A label, or nothing yet.", body = PollAnswer), PollProblems),
)]
pub(super) async fn poll(
    State(app): State<App>,
    caller: Caller,
    Json(poll): Json<Poll>,
) -> Result<Json<PollAnswer>, Problem> {
    Ok(Json(app.nameplate.star_poll(&caller, &poll).await?))
}

/// Which label. Printers send more than this.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct JobQuery {
    /// The printer's address.
    #[param(example = "00:11:62:0a:1b:2c")]
    mac: Option<String>,
    /// The job token.
    token: Option<String>,
    /// The media type that the printer would like.
    #[serde(rename = "type")]
    #[param(rename = "type", default = "image/png")]
    media_type: Option<String>,
}

crate::problems!(JobProblems: UnknownPrinter, UnknownLease, UnsupportedMediaType, Overloaded, StorageFull);

/// The label of a job token.
///
/// From the moment this is answered it counts as handed over: it may exist on paper. Asking again gives the same bytes
/// until the job ends, and does nothing else.
#[utoipa::path(
    get,
    path = "/cloudprnt/v1",
    operation_id = "cloudprntFetch",
    tag = "Printing",
    security(("printer_basic" = [])),
    params(JobQuery),
    responses(
        (status = 200, description = "The label as a PNG of one bit a dot, not to be dithered.",
         headers(("X-Star-ImageDitherPattern" = String, description = "Always `none`."))),
        JobProblems,
    ),
)]
pub(super) async fn fetch(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<JobQuery>,
) -> Result<Response, Problem> {
    let wanted = query.media_type.as_deref().unwrap_or(MEDIA_TYPE);
    if !wanted.split(';').next().is_some_and(|wanted| wanted.trim().eq_ignore_ascii_case(MEDIA_TYPE)) {
        return Err(Problem::new(
            ProblemKind::UnsupportedMediaType,
            "Labels are made as `image/png` for these printers.",
        ));
    }
    let token = query.token.as_deref().unwrap_or_default();
    let served = app.nameplate.star_fetch(&caller, query.mac.as_deref(), token).await.map_err(gone)?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(served.media_type));
    headers.insert(HeaderName::from_static("x-star-imageditherpattern"), HeaderValue::from_static("none"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok((headers, served.bytes).into_response())
}

/// The protocol knows one answer for a job that is not there, or not any more, or cannot be drawn.
fn gone(error: ServiceError) -> Problem {
    match error {
        ServiceError::Print(refused @ (PrintError::LeaseEnded { .. } | PrintError::AlreadyPrinted { .. }))
        | ServiceError::Print(refused @ PrintError::PrinterMismatch { .. }) => {
            Problem::new(ProblemKind::UnknownLease, refused.to_string())
        }
        ServiceError::Label(why) => Problem::new(ProblemKind::UnknownLease, why),
        other => other.into(),
    }
}

/// Which job ended, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct EndQuery {
    /// The printer's address.
    #[param(example = "00:11:62:0a:1b:2c")]
    mac: Option<String>,
    /// The job token.
    token: Option<String>,
    /// How it ended: `200 OK`, or what was wrong.
    #[param(example = "200 OK")]
    code: Option<String>,
}

crate::problems!(EndProblems: UnknownPrinter, UnknownLease, NotHandedOver, Overloaded, StorageFull);

/// A CloudPRNT printer ends a job.
///
/// 2xx confirms the label. 510, 512 and 521 say that the printer refused the data: the label is queued again and its job
/// stopped. After anything else the label may be on paper, in part or whole, and waits for a person. The same again is
/// fine, and so is what comes too late.
#[utoipa::path(
    delete,
    path = "/cloudprnt/v1",
    operation_id = "cloudprntEnd",
    tag = "Printing",
    security(("printer_basic" = [])),
    params(EndQuery),
    responses((status = 200, description = "Noted."), EndProblems),
)]
pub(super) async fn end(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<EndQuery>,
) -> Result<StatusCode, Problem> {
    let (token, code) = (query.token.unwrap_or_default(), query.code.unwrap_or_default());
    app.nameplate.star_done(&caller, query.mac.as_deref(), &token, &code).await?;
    Ok(StatusCode::OK)
}
