//! A work station takes scans: one field that always has the focus, what came of the last scan, and what is left.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use data_encoding::BASE64;
use serde::Deserialize;

use super::floor::{fresh_key, given};
use super::station::{kinds, work_address};
use super::station_signal::{Signal, ids_of};
use super::{PageApp, Pages, View, in_address, page, page_with, see_other};
use crate::http::extract::{Path, Query};
use crate::http::problem::Problem;
use crate::label::symbol::ModuleBar;
use crate::label::symbol::code128::{Code128, QUIET_ZONE_MODULES};
use crate::service::people::{Role, SignedIn};
use crate::service::print::{Inspected, InspectionResult, StationWork};

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get("/station/{station}/work", &[Role::Station], work)
        .post("/station/{station}/scan", &[Role::Station], super::station_signal::scan)
        .get("/station/{station}/card", &[Role::Station], card)
}

/// Which work, in the address.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Place {
    #[serde(skip)]
    pub(super) station: String,
    #[serde(default)]
    pub(super) block: String,
    #[serde(default)]
    pub(super) printer: String,
    #[serde(default)]
    pub(super) ids: String,
    /// The scan that was just taken, by its number.
    #[serde(default)]
    pub(super) scan: String,
    /// What a suggestion puts into the field.
    #[serde(default)]
    pub(super) serial: String,
}

impl Place {
    pub(super) fn address(&self) -> String {
        work_address(&self.station, &self.block, &self.printer, &self.ids)
    }
}

/// A field of the form: the serial, and what is scanned after it.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Name of the field, and its place in the page.
    pub(super) name: String,
    /// What people call it.
    pub(super) words: String,
    pub(super) value: String,
    /// Whether it is scanned next.
    pub(super) is_next: bool,
}

#[derive(Template)]
#[template(path = "pages/station_work.html")]
pub(super) struct Work {
    v: View,
    place: Place,
    work: StationWork,
    steps: Vec<Step>,
    /// Whether the next unit is not good.
    fails: bool,
    key: String,
    signal: Signal,
}

/// What somebody has scanned so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    pub(super) serial: String,
    /// Values of the ids, in the order of the sequence.
    pub(super) ids: Vec<String>,
    pub(super) fails: bool,
}

impl Work {
    /// The screen, with what was scanned so far.
    pub(super) async fn of(
        app: &PageApp,
        v: View,
        who: &SignedIn,
        place: Place,
        typed: Typed,
        signal: Option<Signal>,
    ) -> Result<Self, Problem> {
        let work = app.nameplate.station_work(&who.caller(), &place.station, &place.block).await?;
        let kinds = kinds(&place.ids).unwrap_or_default();
        let serial = Step {
            name: "serial".to_owned(),
            words: v.t("station.serial").to_owned(),
            value: typed.serial,
            is_next: false,
        };
        let ids = kinds.into_iter().enumerate().map(|(at, kind)| Step {
            name: format!("id_{kind}"),
            words: kind.to_uppercase(),
            value: typed.ids.get(at).cloned().unwrap_or_default(),
            is_next: false,
        });
        let mut steps: Vec<Step> = std::iter::once(serial).chain(ids).collect();
        let next = steps.iter().position(|step| step.value.is_empty()).unwrap_or(0);
        steps[next].is_next = true;
        let signal = signal.unwrap_or_else(|| Signal::ready(&v, &steps[next], typed.fails));
        Ok(Self { v, place, work, steps, fails: typed.fails, key: fresh_key()?, signal })
    }

    /// The screen as an answer to what was scanned.
    pub(super) fn answer(&self) -> Response {
        page_with(if self.signal.is_refusal { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, self)
    }

    fn left(&self) -> u64 {
        self.work.left()
    }

    fn done(&self) -> u64 {
        self.work.block.count - self.work.left().min(self.work.block.count)
    }

    fn passed(&self) -> Option<u64> {
        self.work.results.map(|(passed, _)| passed)
    }

    fn failed(&self) -> Option<u64> {
        self.work.results.map(|(_, failed)| failed)
    }

    /// Whether something moves by itself: then the figures are fetched again every few seconds.
    fn is_printing(&self) -> bool {
        self.work.to_print + self.work.handed_over > 0
    }

    fn is_pass(&self, scan: &Inspected) -> bool {
        scan.result == InspectionResult::Pass
    }

    fn ids(&self, scan: &Inspected) -> String {
        ids_of(scan)
    }

    fn again(&self) -> String {
        let block = in_address(&self.work.block.block);
        format!("/printing/reprint?block={block}&printer={}", in_address(&self.place.printer))
    }

    fn more(&self) -> String {
        let block = &self.work.block;
        let [station, sku, batch] = [&self.place.station, &block.sku, &block.batch].map(|text| in_address(text));
        let [printer, ids] = [&self.place.printer, &self.place.ids].map(|text| in_address(text));
        format!("/station?station={station}&sku={sku}&batch={batch}&printer={printer}&ids={ids}")
    }
}

async fn work(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(station): Path<String>,
    Query(place): Query<Place>,
) -> Result<Response, Problem> {
    let place = Place { station, ..place };
    let Some(block) = given(&place.block) else {
        return Ok(see_other(&format!("/station?station={}", in_address(&place.station))));
    };
    let place = Place { block: block.to_owned(), ..place };
    let signal = match place.scan.parse() {
        Ok(event) => {
            let scan = app.nameplate.station_scan(&who.caller(), &place.station, event).await?;
            scan.map(|scan| Signal::taken(&v, &scan, &place.block))
        }
        Err(_) => None,
    };
    let typed = Typed { serial: place.serial.chars().take(256).collect(), ..Typed::default() };
    Ok(page(&Work::of(&app, v, &who, place, typed, signal).await?))
}

/// Codes on a card for those whose hands are on a scanner.
const COMMANDS: [(&str, &str); 3] =
    [("FAIL", "station.command_fail"), ("PASS", "station.command_pass"), ("CLEAR", "station.command_clear")];

#[derive(Template)]
#[template(path = "pages/station_card.html")]
struct Card {
    v: View,
    station: String,
    /// Text, key of what it does, picture.
    commands: Vec<(&'static str, &'static str, String)>,
}

async fn card(v: View, who: SignedIn, Path(station): Path<String>) -> Result<Response, Problem> {
    who.caller().speaks_for(&station)?;
    let drawn = |(text, does)| bars(text).map(|picture| (text, does, picture));
    let commands = COMMANDS.into_iter().map(drawn).collect::<Result<_, _>>()?;
    Ok(page(&Card { v, station, commands }))
}

/// A Code 128 as the address of a picture: an SVG of one path with its quiet zones.
fn bars(text: &str) -> Result<String, Problem> {
    let symbol = Code128::encode(text).map_err(Problem::internal)?;
    let mut bars = Vec::new();
    symbol.push_bars(&mut bars);
    let width = symbol.module_count() + 2 * QUIET_ZONE_MODULES;
    let bar = |bar: &ModuleBar| format!("M{} 0h{}v40h-{}z", bar.start + QUIET_ZONE_MODULES, bar.width, bar.width);
    let path: String = bars.iter().map(bar).collect();
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 -4 {width} 48\"><path fill=\"#fff\" d=\"M0 -4h{width}v48H0z\"/>\
         <path d=\"{path}\"/></svg>"
    );
    Ok(format!("data:image/svg+xml;base64,{}", BASE64.encode(svg.as_bytes())))
}
