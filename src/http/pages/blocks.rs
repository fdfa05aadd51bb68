//! Blocks: listed, reserved, looked at; their serials, receipts and specimens; what became of serials.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::form::{Fault, Faults, fresh_key};
use super::list::{Pager, ROWS, address};
use super::{PageApp, Pages, Posted, View, in_address, page, page_with, see_other};
use crate::http::extract::{Path, Query};
use crate::http::problem::{Problem, ProblemKind};
use crate::http::stream::streamed;
use crate::label::Resolution;
use crate::service::labels::{LabelFormat, LabelRequest};
use crate::service::people::{Role, SignedIn};
use crate::service::report_fate::{FateReport, Selection};
use crate::service::serials::SerialFormat;
use crate::service::{AccountRecord, BlockRecord, HistoryEntry, ReserveBlock, ReserveError, ServiceError};
use crate::trace::Fate;

const LOOK: [Role; 4] = [Role::Planner, Role::Station, Role::Support, Role::Viewer];
const WORK: [Role; 2] = [Role::Planner, Role::Station];
/// How many events of a block are shown.
const EVENTS: u32 = 50;
/// How many serials are shown.
const SHOWN: u64 = 10;

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get("/blocks", &LOOK, list)
        .get("/blocks/new", &WORK, blank)
        .post("/blocks", &WORK, reserve)
        .get("/blocks/{code}", &Role::ALL, one)
        .post("/blocks/{code}/report", &WORK, report)
        .get("/blocks/{code}/serials.csv", &LOOK, serials)
        .get("/blocks/{code}/receipt.txt", &LOOK, receipt)
        .get("/blocks/{code}/specimens/{form}", &[Role::Planner, Role::Station, Role::Operator], specimens)
}

#[derive(Debug, Default, Deserialize)]
struct Filters {
    #[serde(default)]
    sku: String,
    #[serde(default)]
    batch: String,
    #[serde(default)]
    station: String,
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "pages/blocks.html")]
struct List {
    v: View,
    filters: Filters,
    blocks: Vec<BlockRecord>,
    pager: Pager,
    /// A filter that names nothing.
    faults: Faults,
}

impl List {
    fn is_filtered(&self) -> bool {
        [&self.filters.sku, &self.filters.batch, &self.filters.station].iter().any(|filter| !filter.is_empty())
    }
}

fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

async fn list(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Query(filters): Query<Filters>,
) -> Result<Response, Problem> {
    let (batch, sku, station) = (given(&filters.batch), given(&filters.sku), given(&filters.station));
    let before = filters.after.parse().ok();
    let found = app.nameplate.blocks(&who.caller(), batch, sku, station, before, ROWS).await;
    let (blocks, next, faults) = match found {
        Ok((blocks, next)) => (blocks, next, Faults::none()),
        Err(error @ ServiceError::NotFound { kind, .. }) => {
            let field = if kind == "batch" { "batch" } else { "sku" };
            (Vec::new(), None, Fault::new(field, Problem::from(error).detail()).into())
        }
        Err(error) => return Err(error.into()),
    };
    let pairs = [("sku", filters.sku.as_str()), ("batch", &filters.batch), ("station", &filters.station)];
    let pager = Pager::new("/blocks", &pairs, &filters.after, next.map(|next| next.to_string()));
    Ok(page(&List { v, filters, blocks, pager, faults }))
}

/// What a reservation needs.
#[derive(Debug, Clone, Default, Deserialize)]
struct Reservation {
    #[serde(default)]
    sku: String,
    #[serde(default)]
    batch: String,
    #[serde(default)]
    count: String,
    #[serde(default)]
    station: String,
    #[serde(default)]
    order: String,
    #[serde(default)]
    key: String,
}

#[derive(Template)]
#[template(path = "pages/blocks_new.html")]
struct New {
    v: View,
    form: Reservation,
    /// The only station that the person works at.
    bound: Option<String>,
    faults: Faults,
}

async fn blank(v: View, who: SignedIn, Query(form): Query<Reservation>) -> Result<Response, Problem> {
    let form = Reservation { key: fresh_key()?, ..form };
    Ok(page(&New { v, form, bound: who.station, faults: Faults::none() }))
}

async fn reserve(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Posted(mut form): Posted<Reservation>,
) -> Result<Response, Problem> {
    if let Some(bound) = &who.station {
        form.station.clone_from(bound);
    }
    match reserved(&app, &who, &form).await {
        Ok(block) => Ok(see_other(&format!("/blocks/{}?done=reserved", in_address(&block)))),
        Err(error) => {
            // Another request has this key: what is sent next is a new one.
            if matches!(error, ServiceError::Reserve(ReserveError::KeyReused { .. })) || form.key.is_empty() {
                form.key = fresh_key()?;
            }
            let faults = Fault::of(error)?.into();
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &New { v, form, bound: who.station, faults }))
        }
    }
}

/// Reserves; answers the block's name.
async fn reserved(app: &PageApp, who: &SignedIn, form: &Reservation) -> Result<String, ServiceError> {
    let count = form
        .count
        .trim()
        .parse()
        .map_err(|_| ServiceError::Invalid { field: "count", problem: "write a whole number, like 250".into() })?;
    let order = given(&form.order);
    let request = ReserveBlock::parse(&form.sku, &form.batch, count, form.station.trim(), order)?;
    let key = if form.key.is_empty() { Err(ServiceError::KeyReused) } else { Ok(form.key.as_str()) }?;
    let reserved = app.nameplate.reserve_block(&who.caller(), key, request).await?;
    Ok(app.nameplate.serials_of_answer(&reserved.answer).await?.0)
}

/// An account as pages show it: its fates add up to what was issued.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account {
    /// Fate and number.
    pub(super) rows: [(&'static str, u64); 6],
    /// Everything that was handed out.
    pub(super) issued: u64,
    /// Whether they do add up.
    pub(super) adds_up: bool,
}

impl Account {
    pub(super) fn of(account: &AccountRecord) -> Self {
        let rows = [
            ("reserved", account.reserved),
            ("printed", account.printed),
            ("applied", account.applied),
            ("returned", account.returned),
            ("void", account.void),
            ("unaccounted", account.unaccounted),
        ];
        Self { rows, issued: account.issued, adds_up: account.adds_up }
    }
}

/// What is said of serials.
#[derive(Debug, Clone, Default, Deserialize)]
struct Report {
    #[serde(default)]
    fate: String,
    #[serde(default)]
    which: String,
    #[serde(default)]
    first: String,
    #[serde(default)]
    last: String,
    #[serde(default)]
    serials: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    key: String,
}

#[derive(Template)]
#[template(path = "pages/block.html")]
struct One {
    v: View,
    block: BlockRecord,
    serials: Vec<(String, String)>,
    history: Vec<HistoryEntry>,
    account: Account,
    report: Report,
    faults: Faults,
}

impl One {
    async fn of(app: &PageApp, v: View, who: &SignedIn, code: &str) -> Result<Self, Problem> {
        let caller = who.caller();
        let (block, serials) = app.nameplate.block(&caller, code).await?;
        let history = app.nameplate.block_events(&caller, code, EVENTS).await?;
        let rule = &serials.rule().rule;
        let first = serials.page(0, SHOWN).map_err(Problem::from)?;
        let serials = first.iter().map(|serial| (serial.to_string(), serial.grouped(rule).to_string())).collect();
        let report = Report { key: fresh_key()?, which: "serials".into(), ..Report::default() };
        let account = Account::of(&block.account);
        Ok(Self { v, block, serials, history, account, report, faults: Faults::none() })
    }

    /// The address of the form of another print job.
    fn printing(&self) -> String {
        address("/printing/new", &[("block", &self.block.block)])
    }
}

async fn one(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(code): Path<String>,
) -> Result<Response, Problem> {
    Ok(page(&One::of(&app, v, &who, &code).await?))
}

/// The fates that are reported here. What came out of a printer and what is on a unit is said by printing and scanning.
const REPORTED: [Fate; 3] = [Fate::Void, Fate::Returned, Fate::Unaccounted];

async fn report(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(code): Path<String>,
    Posted(report): Posted<Report>,
) -> Result<Response, Problem> {
    let caller = who.caller();
    let outcome = match fate_report(&report) {
        Ok(told) => app.nameplate.report_fate(&caller, &code, &report.key, &told).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("/blocks/{}?done=reported", in_address(&code)))),
        Err(error) => {
            let fault = Fault::of(error)?;
            let mut shown = One::of(&app, v, &who, &code).await?;
            shown.report = report;
            shown.faults = fault.into();
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
    }
}

fn fate_report(report: &Report) -> Result<FateReport, ServiceError> {
    let invalid = |field, problem: &str| ServiceError::Invalid { field, problem: problem.into() };
    if report.key.is_empty() {
        return Err(invalid("key", "the form is incomplete: open the page again"));
    }
    let fate = Fate::from_name(&report.fate).filter(|fate| REPORTED.contains(fate));
    let fate = fate.ok_or_else(|| invalid("fate", "choose what became of the serials"))?;
    let serials = match report.which.as_str() {
        "rest" => Selection::Rest,
        "range" => Selection::Range { first: report.first.trim().into(), last: report.last.trim().into() },
        "serials" => {
            let lines = report.serials.split(['\n', ',', ';']).map(str::trim).filter(|serial| !serial.is_empty());
            Selection::Serials(lines.map(str::to_owned).collect())
        }
        _ => return Err(invalid("which", "choose which serials")),
    };
    let reason = given(&report.reason).map(str::to_owned);
    Ok(FateReport { fate, serials, reason, happened_at: None })
}

async fn serials(State(app): State<PageApp>, who: SignedIn, Path(code): Path<String>) -> Result<Response, Problem> {
    let (block, serials) = app.nameplate.block(&who.caller(), &code).await?;
    let name = format!("{}.csv", block.block);
    Ok(streamed("text/csv; charset=utf-8", &name, move |mut out| serials.write(SerialFormat::Csv, 0, &mut out)))
}

async fn receipt(State(app): State<PageApp>, who: SignedIn, Path(code): Path<String>) -> Result<Response, Problem> {
    let receipt = app.nameplate.block_receipt(&who.caller(), &code).await?;
    let kept = HeaderValue::from_static("attachment; filename=\"receipt.txt\"");
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    let headers = [(header::CONTENT_TYPE, plain), (header::CONTENT_DISPOSITION, kept)];
    Ok((headers, format!("{receipt}\n")).into_response())
}

#[derive(Debug, Deserialize)]
struct Dpi {
    #[serde(default)]
    dpi: String,
}

async fn specimens(
    State(app): State<PageApp>,
    who: SignedIn,
    Path((code, form)): Path<(String, String)>,
    Query(Dpi { dpi }): Query<Dpi>,
) -> Result<Response, Problem> {
    let format = match form.as_str() {
        "pdf" => LabelFormat::Pdf,
        "zpl" => LabelFormat::ZplNative,
        "png.zip" => LabelFormat::PngZip,
        _ => return Err(Problem::new(ProblemKind::NotFound, "Specimens come as pdf, zpl and png.zip.")),
    };
    let dpi = given(&dpi).unwrap_or("203").parse().ok().and_then(Resolution::from_dpi);
    let detail = "`dpi`: labels are drawn for 203, 300 and 600.";
    let resolution = dpi.ok_or_else(|| Problem::new(ProblemKind::InvalidQuery, detail))?;
    let request = LabelRequest { template: None, resolution };
    let labels = app.nameplate.block_specimens(&who.caller(), &code, &request).await?;
    labels.artwork().check(format)?;
    let name = format!("{}-specimens.{form}", labels.block);
    Ok(streamed(format.media_type(), &name, move |out| labels.write(format, out, &mut |_| {})))
}
