//! Printers: how each is, its settings, its leases, and new ones with their token.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::floor::{Refused, fresh_key, given, key_of, media_words, millimetres, number, printer_address};
use super::{PageApp, Pages, Posted, View, in_address, page, page_with, see_other};
use crate::http::extract::{Cursor, Path, Query};
use crate::http::problem::{Problem, ProblemKind};
use crate::print::status::{Head, Media, PrinterStatus, Ribbon};
use crate::service::ServiceError;
use crate::service::people::{Role, SignedIn};
use crate::service::print::{
    AttemptRecord, Driver, Format, NewJob, NewPrinter, PrinterRecord, PrinterSettings, RegisteredPrinter, TestLabels,
};

const LOOKS: [Role; 3] = [Role::Planner, Role::Operator, Role::Viewer];
const ACTS: [Role; 2] = [Role::Planner, Role::Operator];
/// Rows of a page.
const ROWS: u32 = 50;

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get("/printers", &LOOKS, list)
        .get("/printers/new", &[Role::Admin], show_new)
        .post("/printers/new", &[Role::Admin], register)
        .get("/printers/{printer}", &LOOKS, show)
        .post("/printers/{printer}", &ACTS, edit)
        .post("/printers/{printer}/state", &ACTS, change_state)
        .post("/printers/{printer}/test", &ACTS, test)
}

/// Fields that show their own faults.
const FIELDS: [&str; 14] = [
    "printer",
    "site",
    "line",
    "driver",
    "format",
    "dpi",
    "media_width_um",
    "media_height_um",
    "offset_x_um",
    "offset_y_um",
    "darkness",
    "speed_in_per_s",
    "mac",
    "sku",
];

#[derive(Debug, Clone, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "pages/printers.html")]
struct Printers {
    v: View,
    wanted: Wanted,
    printers: Vec<PrinterRecord>,
    next: Option<String>,
}

impl Printers {
    fn address(&self, printer: &PrinterRecord) -> String {
        printer_address(&printer.printer)
    }

    fn state(&self, printer: &PrinterRecord) -> (&'static str, String) {
        state_of(&self.v, printer)
    }

    fn trouble(&self, printer: &PrinterRecord) -> String {
        trouble(&self.v, printer.status.as_ref())
    }

    fn media(&self, printer: &PrinterRecord) -> String {
        media_words(&self.v, &printer.settings)
    }
}

/// A printer in a word, with its colour: what a person has decided comes first, then whether it is there, then what it says.
fn state_of(v: &View, printer: &PrinterRecord) -> (&'static str, String) {
    let said =
        |status: &PrinterStatus| serde_json::to_value(status.state).ok().and_then(|s| s.as_str().map(str::to_owned));
    let (colour, key) = match (printer.settings.state.as_str(), printer.online, &printer.status) {
        ("retired", ..) => ("", "printers.state_retired".to_owned()),
        ("paused", ..) => ("warn", "printers.state_paused".to_owned()),
        (_, false, _) if printer.last_seen.is_none() => ("", "printers.never_seen".to_owned()),
        (_, false, _) => ("bad", "printers.offline".to_owned()),
        (_, true, None) => ("info", "printers.online".to_owned()),
        (_, true, Some(status)) => {
            let word = said(status).unwrap_or_default();
            let colour = match word.as_str() {
                "ready" => "ok",
                "error" | "unreachable" => "bad",
                "paused" => "warn",
                _ => "info",
            };
            (colour, format!("printers.says_{word}"))
        }
    };
    (colour, v.t(&key).to_owned())
}

/// What somebody has to do at the printer; empty if nothing is known.
fn trouble(v: &View, status: Option<&PrinterStatus>) -> String {
    let Some(status) = status else { return String::new() };
    let mut words = Vec::new();
    if status.media == Media::Out {
        words.push(v.t("printers.media_out").to_owned());
    }
    if status.ribbon == Ribbon::Out {
        words.push(v.t("printers.ribbon_out").to_owned());
    }
    if status.head == Head::Open {
        words.push(v.t("printers.head_open").to_owned());
    }
    words.extend(status.detail.clone());
    words.join(", ")
}

async fn list(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let after = given(&wanted.after).map(str::parse::<Cursor<String>>).transpose();
    let after = after.map_err(|_| Problem::new(ProblemKind::InvalidCursor, "").with("field", "after"))?;
    let after = after.map(|cursor| cursor.0).unwrap_or_default();
    let (printers, next) = app.nameplate.printers(&who.caller(), &after, ROWS).await?;
    let next = next.map(|next| format!("/printers?after={}", Cursor(next)));
    Ok(page(&Printers { v, wanted, printers, next }))
}

/// What is said of a printer, as the form sends it: lengths in millimetres, as people measure labels.
#[derive(Debug, Clone, Default, Deserialize)]
struct Form {
    #[serde(default)]
    printer: String,
    #[serde(default)]
    site: String,
    #[serde(default)]
    line: String,
    #[serde(default)]
    driver: String,
    #[serde(default)]
    format: String,
    #[serde(default)]
    dpi: String,
    #[serde(default)]
    width: String,
    #[serde(default)]
    height: String,
    #[serde(default)]
    offset_x: String,
    #[serde(default)]
    offset_y: String,
    #[serde(default)]
    darkness: String,
    #[serde(default)]
    speed: String,
    #[serde(default)]
    mac: String,
    #[serde(default)]
    version: String,
}

/// A length in millimetres, with a point or a comma, in micrometres.
fn micrometres(text: &str) -> Option<i64> {
    let text = text.trim().replace(',', ".");
    let (sign, text) = text.strip_prefix(['-', '\u{2212}']).map_or((1, text.as_str()), |rest| (-1, rest));
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + part.len() == 0 || whole.len() > 6 || part.len() > 3 || !is_digits(whole) || !is_digits(part) {
        return None;
    }
    let part: i64 = format!("{part:0<3}").parse().ok()?;
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    Some(sign * (whole * 1_000 + part))
}

impl Form {
    fn of(v: &View, settings: &PrinterSettings, version: i64) -> Self {
        let word = |value: serde_json::Value| value.as_str().map(str::to_owned).unwrap_or_default();
        let offset = |um: i32| {
            let text = millimetres(v, um.unsigned_abs());
            if um < 0 { format!("-{text}") } else { text }
        };
        Self {
            printer: String::new(),
            site: settings.site.clone(),
            line: settings.line.clone(),
            driver: word(serde_json::to_value(settings.driver).unwrap_or_default()),
            format: settings.format.map(|f| word(serde_json::to_value(f).unwrap_or_default())).unwrap_or_default(),
            dpi: settings.dpi.to_string(),
            width: millimetres(v, settings.media_width_um),
            height: millimetres(v, settings.media_height_um),
            offset_x: offset(settings.offset_x_um),
            offset_y: offset(settings.offset_y_um),
            darkness: settings.darkness.to_string(),
            speed: settings.speed_in_per_s.to_string(),
            mac: settings.mac.clone().unwrap_or_default(),
            version: version.to_string(),
        }
    }

    fn fresh() -> Self {
        Self {
            driver: "raw".into(),
            dpi: "203".into(),
            offset_x: "0".into(),
            offset_y: "0".into(),
            darkness: "15".into(),
            speed: "4".into(),
            ..Self::default()
        }
    }

    /// The settings, once they can be read; what they may be the use case knows.
    fn settings(&self, v: &View, state: &str) -> Result<PrinterSettings, Refused> {
        let length =
            |field, text: &str| micrometres(text).ok_or_else(|| Refused::field(field, v.t("printers.length_fault")));
        let whole = |field, text: &str| number(text).ok_or_else(|| Refused::field(field, v.t("printers.number_fault")));
        let unusable = |field| Refused::field(field, v.t("printers.number_fault"));
        let word = |text: &str| serde_json::Value::from(text);
        let driver: Driver = serde_json::from_value(word(&self.driver))
            .map_err(|_| Refused::field("driver", v.t("printers.driver_needed")))?;
        let format: Option<Format> = match given(&self.format) {
            Some(format) => Some(
                serde_json::from_value(word(format))
                    .map_err(|_| Refused::field("format", v.t("printers.driver_needed")))?,
            ),
            None => None,
        };
        let positive = |field, text| length(field, text).and_then(|um| u32::try_from(um).map_err(|_| unusable(field)));
        let signed = |field, text| length(field, text).and_then(|um| i32::try_from(um).map_err(|_| unusable(field)));
        let small = |field, text| whole(field, text).and_then(|n| u8::try_from(n).map_err(|_| unusable(field)));
        Ok(PrinterSettings {
            site: self.site.clone(),
            line: self.line.clone(),
            driver,
            format,
            dpi: whole("dpi", &self.dpi).and_then(|dpi| u32::try_from(dpi).map_err(|_| unusable("dpi")))?,
            media_width_um: positive("media_width_um", &self.width)?,
            media_height_um: positive("media_height_um", &self.height)?,
            offset_x_um: signed("offset_x_um", &self.offset_x)?,
            offset_y_um: signed("offset_y_um", &self.offset_y)?,
            darkness: small("darkness", &self.darkness)?,
            speed_in_per_s: small("speed_in_per_s", &self.speed)?,
            mac: given(&self.mac).map(str::to_owned),
            state: state.to_owned(),
        })
    }
}

#[derive(Template)]
#[template(path = "pages/printer_new.html")]
struct NewPage {
    v: View,
    form: Form,
    made: Option<RegisteredPrinter>,
    refused: Refused,
}

async fn show_new(v: View) -> Response {
    page(&NewPage { v, form: Form::fresh(), made: None, refused: Refused::default() })
}

/// Registers a printer. The answer shows the token, which is kept nowhere: so it is a page of its own and no redirect.
async fn register(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Posted(form): Posted<Form>,
) -> Result<Response, Problem> {
    let refused = match form.settings(&v, "enabled") {
        Ok(settings) => {
            let new = NewPrinter { printer: form.printer.clone(), settings };
            match app.nameplate.register_printer(&who.caller(), &new).await {
                Ok(made) => return Ok(page(&NewPage { v, form, made: Some(made), refused: Refused::default() })),
                Err(error) => Refused::by(&v, error)?,
            }
        }
        Err(refused) => refused,
    };
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &NewPage { v, form, made: None, refused }))
}

#[derive(Template)]
#[template(path = "pages/printer.html")]
struct Printer {
    v: View,
    printer: PrinterRecord,
    form: Form,
    attempts: Vec<AttemptRecord>,
    /// SKU of a test, as typed.
    sku: String,
    key: String,
    refused: Refused,
}

impl Printer {
    fn address(&self) -> String {
        printer_address(&self.printer.printer)
    }

    fn state(&self) -> (&'static str, String) {
        state_of(&self.v, &self.printer)
    }

    fn trouble(&self) -> String {
        trouble(&self.v, self.printer.status.as_ref())
    }

    fn media(&self) -> String {
        media_words(&self.v, &self.printer.settings)
    }

    fn ended(&self, by: &str) -> String {
        self.v.t(&format!("printing.ended_{by}")).to_owned()
    }

    fn acts(&self) -> bool {
        ACTS.iter().any(|role| self.v.has(role.name()))
    }

    fn queue(&self) -> String {
        format!("/printing?printer={}", in_address(&self.printer.printer))
    }
}

/// How many leases are shown.
const ATTEMPTS: u32 = 50;

async fn drawn(app: &PageApp, v: View, who: &SignedIn, code: &str) -> Result<Printer, Problem> {
    let caller = who.caller();
    let printer = app.nameplate.printer(&caller, code).await?;
    let attempts = app.nameplate.printer_attempts(&caller, code, ATTEMPTS).await?;
    let form = Form::of(&v, &printer.settings, printer.version);
    Ok(Printer { v, printer, form, attempts, sku: String::new(), key: fresh_key()?, refused: Refused::default() })
}

async fn show(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(code): Path<String>,
) -> Result<Response, Problem> {
    Ok(page(&drawn(&app, v, &who, &code).await?))
}

async fn edit(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(code): Path<String>,
    Posted(form): Posted<Form>,
) -> Result<Response, Problem> {
    let mut shown = drawn(&app, v.clone(), &who, &code).await?;
    let version = form.version.parse().unwrap_or(0);
    shown.refused = match form.settings(&v, &shown.printer.settings.state) {
        Ok(settings) => match app.nameplate.edit_printer(&who.caller(), &code, version, &settings).await {
            Ok(printer) => return Ok(see_other(&format!("{}?done=saved", printer_address(&printer.printer)))),
            Err(error) => Refused::by(&v, error)?,
        },
        Err(refused) => refused,
    };
    shown.form = form;
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
}

#[derive(Debug, Deserialize)]
struct NewState {
    #[serde(default)]
    state: String,
    #[serde(default)]
    version: String,
}

async fn change_state(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(code): Path<String>,
    Posted(form): Posted<NewState>,
) -> Result<Response, Problem> {
    let mut shown = drawn(&app, v.clone(), &who, &code).await?;
    let settings = PrinterSettings { state: form.state, ..shown.printer.settings.clone() };
    let version = form.version.parse().unwrap_or(0);
    match app.nameplate.edit_printer(&who.caller(), &code, version, &settings).await {
        Ok(printer) => Ok(see_other(&format!("{}?done=printer_changed", printer_address(&printer.printer)))),
        Err(error) => {
            shown.refused = Refused::by(&v, error)?;
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
    }
}

#[derive(Debug, Deserialize)]
struct Test {
    #[serde(default)]
    sku: String,
    #[serde(default)]
    key: String,
}

async fn test(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(code): Path<String>,
    Posted(form): Posted<Test>,
) -> Result<Response, Problem> {
    let mut shown = drawn(&app, v.clone(), &who, &code).await?;
    let mut job = NewJob::of_whole_block(&code, "", None);
    (job.block, job.test) = (None, Some(TestLabels { sku: form.sku.trim().to_owned(), count: 1 }));
    match app.nameplate.print(&who.caller(), key_of(&form.key)?, &job).await {
        Ok(job) => Ok(see_other(&format!("/printing/{}?done=queued", job.job))),
        Err(error @ ServiceError::NotFound { kind: "printer", .. }) => Err(error.into()),
        Err(error) => {
            (shown.refused, shown.sku) = (Refused::by(&v, error)?, form.sku);
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_in_millimetres() {
        for (text, um) in [("60", 60_000), ("66,7", 66_700), ("0.125", 125), ("-1.5", -1_500), (".5", 500)] {
            assert_eq!(micrometres(text), Some(um), "{text}");
        }
        for bad in ["", "-", "x", "6 0", "1.2.3", "0.0001", "99999999"] {
            assert_eq!(micrometres(bad), None, "{bad}");
        }
    }
}
