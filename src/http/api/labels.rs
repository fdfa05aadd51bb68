//! Specimens of a block's labels: one stream in the form that a printer or a person wants. Live serials are printed by jobs.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::App;
use crate::http::extract::{Path, Query};
use crate::http::problem::{Problem, ProblemKind};
use crate::http::stream::streamed;
use crate::label::Resolution;
use crate::service::Caller;
use crate::service::labels::{LabelFormat, LabelRequest};

/// Which template, and for which printer.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LabelQuery {
    /// A template's name; the SKU's own if left out.
    #[param(example = "unit-60x40")]
    template: Option<String>,
    /// Dots an inch of the printer: 203, 300 or 600. Bars stand on its dots, in a PDF, too.
    #[param(default = 203, example = 300)]
    dpi: Option<u32>,
}

/// How ZPL is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ZplMode {
    /// The printer draws symbols and serials: smallest and fastest.
    #[default]
    Native,
    /// The very dots of the PNG.
    Graphic,
}

/// Which template, for which printer, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ZplQuery {
    /// A template's name; the SKU's own if left out.
    #[param(example = "unit-60x40")]
    template: Option<String>,
    /// Dots an inch of the printer: 203, 300 or 600.
    #[param(default = 203, example = 203)]
    dpi: Option<u32>,
    /// native or graphic.
    #[serde(default)]
    #[param(inline, default = "native")]
    mode: ZplMode,
}

/// A file, as its bytes.
#[derive(Debug, ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct File(pub Vec<u8>);

crate::problems!(LabelProblems: UnknownBlock, UnknownTemplate, LabelDoesNotFit, Overloaded);

/// Specimens of a block's labels as PDF, one a page.
///
/// As many labels as the block has serials, with TEST - NOT A SERIAL across each and a text in place of the serial that no
/// rule accepts: for a look, and for setting up printers. Live serials are printed by print jobs only, where each label is
/// recorded. The same block, template and catalogue give the same bytes at any time.
#[utoipa::path(
    get,
    path = "/api/v1/blocks/{code}/labels.pdf",
    operation_id = "renderPdf",
    tag = "Labels",
    security(("token" = ["planner", "station", "printer"])),
    params(("code" = String, Path, description = "The block's name."), LabelQuery),
    responses((status = 200, description = "The PDF.", body = inline(File), content_type = "application/pdf"), LabelProblems),
)]
pub(super) async fn pdf(
    State(app): State<App>,
    caller: Caller,
    Path(code): Path<String>,
    Query(query): Query<LabelQuery>,
) -> Result<Response, Problem> {
    let request = request(query.template, query.dpi)?;
    labels(&app, &caller, &code, &request, LabelFormat::Pdf, "pdf").await
}

/// Specimens of a block's labels as ZPL II.
///
/// Labels as in the PDF: TEST - NOT A SERIAL across each, and no live serial. One format a label, printed once; the printer
/// never counts by itself.
#[utoipa::path(
    get,
    path = "/api/v1/blocks/{code}/labels.zpl",
    operation_id = "renderZpl",
    tag = "Labels",
    security(("token" = ["planner", "station", "printer"])),
    params(("code" = String, Path, description = "The block's name."), ZplQuery),
    responses((status = 200, description = "The ZPL.", body = String, content_type = "application/zpl",
         example = "^XA^CI28^FO40,60^BCN,80,N,N,N^FD>:TESTZZZZZZ4C^FS^XZ\n"), LabelProblems),
)]
pub(super) async fn zpl(
    State(app): State<App>,
    caller: Caller,
    Path(code): Path<String>,
    Query(query): Query<ZplQuery>,
) -> Result<Response, Problem> {
    let request = request(query.template, query.dpi)?;
    let format = match query.mode {
        ZplMode::Native => LabelFormat::ZplNative,
        ZplMode::Graphic => LabelFormat::ZplGraphic,
    };
    labels(&app, &caller, &code, &request, format, "zpl").await
}

/// Specimens of a block's labels as 1-bit PNG files, one a label, in a ZIP archive.
///
/// Labels as in the PDF: TEST - NOT A SERIAL across each, and no live serial.
#[utoipa::path(
    get,
    path = "/api/v1/blocks/{code}/labels.png.zip",
    operation_id = "renderPng",
    tag = "Labels",
    security(("token" = ["planner", "station", "printer"])),
    params(("code" = String, Path, description = "The block's name."), LabelQuery),
    responses((status = 200, description = "The archive.", body = inline(File), content_type = "application/zip"), LabelProblems),
)]
pub(super) async fn png(
    State(app): State<App>,
    caller: Caller,
    Path(code): Path<String>,
    Query(query): Query<LabelQuery>,
) -> Result<Response, Problem> {
    let request = request(query.template, query.dpi)?;
    labels(&app, &caller, &code, &request, LabelFormat::PngZip, "png.zip").await
}

/// Bars made for the coarsest printers read on finer ones, too.
const USUAL_DPI: u32 = 203;

fn request(template: Option<String>, dpi: Option<u32>) -> Result<LabelRequest, Problem> {
    let dpi = dpi.unwrap_or(USUAL_DPI);
    let resolution = Resolution::from_dpi(dpi).ok_or_else(|| {
        let detail = format!("`dpi`: {dpi} is not a resolution that labels are drawn for; 203, 300 and 600 are.");
        Problem::new(ProblemKind::InvalidQuery, detail).with("field", "dpi")
    })?;
    Ok(LabelRequest { template, resolution })
}

async fn labels(
    app: &App,
    caller: &Caller,
    code: &str,
    request: &LabelRequest,
    format: LabelFormat,
    ending: &str,
) -> Result<Response, Problem> {
    let labels = app.nameplate.block_specimens(caller, code, request).await?;
    labels.artwork().check(format)?;
    let name = format!("{}-specimens.{ending}", labels.block);
    Ok(streamed(format.media_type(), &name, move |out| labels.write(format, out, &mut |_| {})))
}
