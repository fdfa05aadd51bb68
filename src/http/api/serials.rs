//! The serials of a block: in pages, or all of them in one stream.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use crate::http::extract::{Json, Page, PageParams, PageQuery, Path, Query};
use crate::http::problem::{Problem, ProblemKind};
use crate::http::stream::streamed;
use crate::service::serials::SerialFormat;
use crate::service::{BlockSerials, Caller};

/// How the serials are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// One page as a JSON object.
    #[default]
    Json,
    /// All of them, one JSON object a line.
    Jsonl,
    /// All of them as CSV with a header line.
    Csv,
}

/// Which serials, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SerialQuery {
    /// How they are written.
    #[serde(default)]
    #[param(inline, default = "json")]
    format: Form,
    /// Rows of a page; with the format json only.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u16>,
    /// `next` of the page before; with the format json only.
    after: Option<String>,
}

/// A serial of a block.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"n": 1, "serial": "07K3M9XQ2WNF", "printed": "07K3-M9XQ-2WNF"}))]
pub struct ListedSerial {
    /// Its place in the block, from 1.
    pub n: u64,
    /// As stored.
    pub serial: String,
    /// As printed on the label.
    pub printed: String,
}

crate::problems!(SerialProblems: UnknownBlock, InvalidCursor);

/// Lists the serials of a block in issuing order.
///
/// The formats jsonl and csv send the whole block, a million serials if need be, in one stream. A stream that ends
/// without its proper end (an HTTP client reports that as an error) is incomplete.
#[utoipa::path(
    get,
    path = "/api/v1/blocks/{code}/serials",
    operation_id = "listBlockSerials",
    tag = "Blocks",
    security(("token" = ["planner", "station", "support", "buyer"])),
    params(("code" = String, Path, description = "The block's name."), SerialQuery),
    responses(
        (status = 200, description = "One page, or the whole block.", content(
            (Page<ListedSerial> = "application/json"),
            (String = "application/jsonl", example = "{\"n\":1,\"serial\":\"07K3M9XQ2WNF\",\"printed\":\"07K3-M9XQ-2WNF\"}\n"),
            (String = "text/csv", example = "n,serial,printed\n1,07K3M9XQ2WNF,07K3-M9XQ-2WNF\n"),
        )),
        SerialProblems,
    ),
)]
pub(super) async fn serials(
    State(app): State<App>,
    caller: Caller,
    Path(code): Path<String>,
    Query(query): Query<SerialQuery>,
) -> Result<Response, Problem> {
    let SerialQuery { format, limit, after } = query;
    if format != Form::Json && (limit.is_some() || after.is_some()) {
        let field = if limit.is_some() { "limit" } else { "after" };
        let detail = format!("`{field}`: jsonl and csv give the whole block; pages have the format json.");
        return Err(Problem::new(ProblemKind::InvalidQuery, detail).with("field", field));
    }
    let page = PageQuery::<u64>::from_params(&PageParams { limit, after })?;
    let (block, serials) = app.nameplate.block(&caller, &code).await?;
    let name = |ending: &str| format!("{}.{ending}", block.block);
    Ok(match format {
        Form::Json => Json(listed(&serials, page)?).into_response(),
        Form::Jsonl => all(serials, SerialFormat::JsonLines, "application/jsonl", &name("jsonl")),
        Form::Csv => all(serials, SerialFormat::Csv, "text/csv; charset=utf-8", &name("csv")),
    })
}

fn listed(serials: &BlockSerials, page: PageQuery<u64>) -> Result<Page<ListedSerial>, Problem> {
    let skip = page.after.unwrap_or(0);
    let rule = &serials.rule().rule;
    let row = |(n, serial): (u64, &crate::serial::Serial)| ListedSerial {
        n,
        serial: serial.to_string(),
        printed: serial.grouped(rule).to_string(),
    };
    let found = serials.page(skip, u64::from(page.limit) + 1)?;
    let rows = (skip.saturating_add(1)..).zip(&found).map(row).collect();
    Ok(Page::cut(rows, page.limit, |row| row.n))
}

fn all(serials: BlockSerials, format: SerialFormat, content_type: &'static str, name: &str) -> Response {
    streamed(content_type, name, move |mut out| serials.write(format, 0, &mut out))
}
