//! A work station begins: which station, what is built there, how many labels.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::floor::{Refused, choice_words, fresh_key, given, key_of, number};
use super::{PageApp, Pages, Posted, View, in_address, page, page_with, see_other};
use crate::http::extract::Query;
use crate::http::problem::Problem;
use crate::service::people::{Role, SignedIn};
use crate::service::print::{MAX_SECONDARY_IDS, PrinterChoice, StationPrint};
use crate::service::{BlockRecord, StationName};

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get("/station", &[Role::Station], show).post("/station", &[Role::Station], print)
}

/// How many blocks of the station are offered to go on with.
const RECENT: u32 = 8;
/// Fields that show their own faults.
const FIELDS: [&str; 7] = ["station", "sku", "batch", "printer", "count", "order", "ids"];

/// What is made at a station, in the address and in the form.
#[derive(Debug, Clone, Default, Deserialize)]
struct Order {
    #[serde(default)]
    station: String,
    #[serde(default)]
    sku: String,
    #[serde(default)]
    batch: String,
    #[serde(default)]
    printer: String,
    #[serde(default)]
    count: String,
    #[serde(default)]
    order: String,
    /// Kinds of ids that are scanned after the serial.
    #[serde(default)]
    ids: String,
    #[serde(default)]
    key: String,
}

#[derive(Template)]
#[template(path = "pages/station.html")]
struct Station {
    v: View,
    order: Order,
    /// Whether the person works at one station only.
    is_bound: bool,
    printers: Vec<PrinterChoice>,
    recent: Vec<BlockRecord>,
    refused: Refused,
}

impl Station {
    fn choice(&self, choice: &PrinterChoice) -> String {
        choice_words(&self.v, choice)
    }

    /// Where a block of the station goes on.
    fn work(&self, block: &BlockRecord) -> String {
        work_address(&self.order.station, &block.block, &self.order.printer, &self.order.ids)
    }
}

/// The address of the screen that takes scans.
pub(super) fn work_address(station: &str, block: &str, printer: &str, ids: &str) -> String {
    let [station, block, printer, ids] = [station, block, printer, ids].map(in_address);
    format!("/station/{station}/work?block={block}&printer={printer}&ids={ids}")
}

/// The kinds of ids in a list like `mac, rom`; none for a list that cannot be one.
pub(super) fn kinds(text: &str) -> Option<Vec<String>> {
    let words = text.split([',', ' ', ';']).map(str::trim).filter(|word| !word.is_empty());
    let mut kinds: Vec<String> = Vec::new();
    for word in words.map(str::to_lowercase) {
        let is_kind = word.len() <= 20 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !is_kind || kinds.len() == MAX_SECONDARY_IDS {
            return None;
        }
        if !kinds.contains(&word) {
            kinds.push(word);
        }
    }
    Some(kinds)
}

async fn drawn(app: &PageApp, v: View, who: &SignedIn, mut order: Order, refused: Refused) -> Result<Station, Problem> {
    let is_bound = who.station.is_some();
    if let Some(own) = &who.station {
        order.station.clone_from(own);
    }
    order.key = fresh_key()?;
    let caller = who.caller();
    let recent = match given(&order.station) {
        Some(station) => app.nameplate.blocks(&caller, None, None, Some(station), None, RECENT).await?.0,
        None => Vec::new(),
    };
    let printers = app.nameplate.printer_choices().await?;
    Ok(Station { v, order, is_bound, printers, recent, refused })
}

async fn show(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Query(mut order): Query<Order>,
) -> Result<Response, Problem> {
    let mut refused = Refused::default();
    if let Some(Err(error)) = given(&order.station).map(StationName::parse) {
        refused = Refused::field("station", &error.to_string());
        order.station.clear();
    }
    Ok(page(&drawn(&app, v, &who, order, refused).await?))
}

async fn print(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Posted(order): Posted<Order>,
) -> Result<Response, Problem> {
    let key = key_of(&order.key)?.to_owned();
    let refused = match wanted(&v, &order) {
        Ok(wanted) => {
            let station = who.station.clone().unwrap_or_else(|| order.station.trim().to_owned());
            match app.nameplate.station_print(&who.caller(), &station, &key, &wanted).await {
                Ok(made) => {
                    let address = work_address(&station, &made.block, &wanted.printer, &order.ids);
                    return Ok(see_other(&format!("{address}&done=queued")));
                }
                Err(error) => Refused::by(&v, error)?,
            }
        }
        Err(refused) => refused,
    };
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &drawn(&app, v, &who, order, refused).await?))
}

/// What the form asks for, once it can be read.
fn wanted(v: &View, order: &Order) -> Result<StationPrint, Refused> {
    let needed = |field, text: &str| match given(text) {
        Some(text) => Ok(text.to_owned()),
        None => Err(Refused::field(field, v.t("station.needed"))),
    };
    if kinds(&order.ids).is_none() {
        return Err(Refused::field("ids", v.t("station.ids_fault")));
    }
    Ok(StationPrint {
        sku: needed("sku", &order.sku)?,
        batch: needed("batch", &order.batch)?,
        printer: needed("printer", &order.printer)?,
        count: number(&order.count).ok_or_else(|| Refused::field("count", v.t("station.count_fault")))?,
        order: given(&order.order).map(str::to_owned),
        template: None,
        priority: 5,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_of_ids_is_a_list_of_kinds() {
        assert_eq!(kinds("MAC, rom;mac").unwrap(), ["mac", "rom"]);
        assert!(kinds("").unwrap().is_empty());
        for bad in ["m@c", "<b>", &"k".repeat(21)] {
            assert_eq!(kinds(bad), None, "{bad}");
        }
        let many: Vec<String> = (0..30).map(|n| format!("k{n}")).collect();
        assert_eq!(kinds(&many.join(" ")), None);
    }

    #[test]
    fn an_address_holds_any_text_as_text() {
        let address = work_address("fi-1", "BLK-1", "a&b=c", "mac rom");
        assert_eq!(address, "/station/fi-1/work?block=BLK-1&printer=a%26b%3Dc&ids=mac%20rom");
    }
}
