//! What came of a scan, in a word that is read from two metres, and the form that takes scans.

use axum::extract::State;
use axum::response::Response;

use super::floor::{Refusal, Refused, fresh_key, given, key_of};
use super::station::kinds;
use super::station_work::{Place, Step, Typed, Work};
use super::{PageApp, Posted, View, in_address, see_other};
use crate::http::extract::Path;
use crate::http::problem::{Problem, ProblemKind};
use crate::service::ServiceError;
use crate::service::people::SignedIn;
use crate::service::print::{Expected, Inspected, InspectionResult, Marking, Scan};

/// What came of a scan.
#[derive(Debug, Clone, Default)]
pub(super) struct Signal {
    /// `ok`, `warn`, `bad`; empty while nothing was scanned.
    pub(super) tone: &'static str,
    /// One word, or two.
    pub(super) word: String,
    /// Which unit, or what is the matter.
    pub(super) text: String,
    /// What to do.
    pub(super) advice: String,
    /// In the service's own words.
    pub(super) detail: String,
    /// Serials that were perhaps meant: as printed, and the address that puts each into the field.
    pub(super) meant: Vec<(String, String)>,
    /// Whether the part was perhaps exchanged: then the same can be sent once more, with that said.
    pub(super) may_replace: bool,
    /// Whether nothing was recorded.
    pub(super) is_refusal: bool,
}

/// The ids of a unit in words.
pub(super) fn ids_of(scan: &Inspected) -> String {
    let ids: Vec<String> = scan.secondary_ids.iter().map(|(kind, value)| format!("{kind} {value}")).collect();
    ids.join(", ")
}

impl Signal {
    /// Nothing was scanned yet.
    pub(super) fn ready(v: &View, next: &Step, fails: bool) -> Self {
        let (tone, word) = if fails { ("warn", "station.fail_next") } else { ("", "station.ready") };
        Self { tone, word: v.t(word).to_owned(), text: v.t1("station.scan_next", &next.words), ..Self::default() }
    }

    /// A scan was taken.
    pub(super) fn taken(v: &View, scan: &Inspected, block: &str) -> Self {
        let (tone, word) = match (scan.result, scan.known) {
            (InspectionResult::Pass, false) => ("ok", "station.passed"),
            (InspectionResult::Pass, true) => ("warn", "station.known"),
            (InspectionResult::Fail, _) => ("warn", "station.failed"),
        };
        let ids = ids_of(scan);
        let text = if ids.is_empty() { scan.printed.clone() } else { format!("{} · {ids}", scan.printed) };
        let is_other = !scan.block.eq_ignore_ascii_case(block.trim());
        let advice = match (scan.known, is_other) {
            (true, _) => v.t("station.known_advice").to_owned(),
            (false, true) => v.t1("station.other_block", &scan.block),
            (false, false) => String::new(),
        };
        Self { tone, word: v.t(word).to_owned(), text, advice, ..Self::default() }
    }

    /// A scan was not taken.
    fn refused(v: &View, refusal: &Refusal, scanned: &str, meant: Vec<(String, String)>) -> Self {
        let advice = match refusal.kind {
            ProblemKind::OtherUnit => "station.advice_other",
            ProblemKind::LabelOnItsWay => "station.advice_way",
            ProblemKind::LabelState => "station.advice_way",
            ProblemKind::RangeConflict => "station.advice_spent",
            ProblemKind::SecondaryIdTaken => "station.advice_taken",
            ProblemKind::SecondaryIdDiffers => "station.advice_differs",
            ProblemKind::BatchClosed => "station.advice_batch",
            ProblemKind::UnknownSerial => "station.advice_never",
            ProblemKind::NothingMatches if !meant.is_empty() => "station.advice_meant",
            _ => "station.advice_again",
        };
        let lead = if refusal.lead.is_empty() { v.t("station.not_taken") } else { refusal.lead.as_str() };
        Self {
            tone: "bad",
            word: v.t("station.stop").to_owned(),
            text: format!("{lead}: {scanned}"),
            advice: v.t(advice).to_owned(),
            detail: refusal.detail.clone(),
            meant,
            may_replace: refusal.kind == ProblemKind::SecondaryIdDiffers,
            is_refusal: true,
        }
    }
}

/// What a scanned or typed text tells the screen instead of naming a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    Fail,
    Pass,
    Clear,
}

impl Command {
    fn of(text: &str) -> Option<Self> {
        match text.trim().to_ascii_uppercase().as_str() {
            "F" | "FAIL" => Some(Self::Fail),
            "P" | "PASS" => Some(Self::Pass),
            "CLEAR" => Some(Self::Clear),
            _ => None,
        }
    }
}

/// Takes a scan, or the part of one that was scanned so far.
pub(super) async fn scan(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(station): Path<String>,
    Posted(pairs): Posted<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let text = |name: &str| pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
    let owned = |name: &str| text(name).trim().to_owned();
    let place =
        Place { station, block: owned("block"), printer: owned("printer"), ids: owned("ids"), ..Place::default() };
    let kinds = kinds(&place.ids).unwrap_or_default();
    let mut typed = Typed {
        serial: owned("serial"),
        ids: kinds.iter().map(|kind| owned(&format!("id_{kind}"))).collect(),
        fails: text("result") == "fail",
    };
    let is_command = obey(&mut typed);
    if is_command || typed.serial.is_empty() || typed.ids.iter().any(String::is_empty) {
        return Ok(Work::of(&app, v, &who, place, typed, None).await?.answer());
    }
    let caller = who.caller();
    let block = app.nameplate.block(&caller, &place.block).await?.0;
    let scan = Scan {
        serial: typed.serial.clone(),
        result: if typed.fails { InspectionResult::Fail } else { InspectionResult::Pass },
        secondary_ids: kinds.into_iter().zip(typed.ids.iter().cloned()).collect(),
        replace: text("replace") == "yes",
        marking: Marking::Printed,
        note: given(text("note")).map(str::to_owned),
        expect: Expected { sku: Some(block.sku), batch: Some(block.batch) },
        happened_at: None,
    };
    let key = key_of(text("key"))?;
    let taken = match app.nameplate.inspect(&caller, &place.station, key, &scan).await {
        // Another unit in a form that was sent before: somebody went back in the browser. It is a scan of its own.
        Err(ServiceError::KeyReused) => app.nameplate.inspect(&caller, &place.station, &fresh_key()?, &scan).await,
        taken => taken,
    };
    match taken {
        Ok(unit) => Ok(see_other(&format!("{}&scan={}", place.address(), unit.event))),
        Err(error) => {
            let meant = meant(&place, &error);
            let refused = Refused::by(&v, error)?;
            let signal = refused.any().map(|refusal| Signal::refused(&v, refusal, &shortened(&typed.serial), meant));
            if !signal.as_ref().is_some_and(|signal| signal.may_replace) {
                // The next unit comes; what is in the field would stand before it.
                typed = Typed { fails: typed.fails, ..Typed::default() };
            }
            Ok(Work::of(&app, v, &who, place, typed, signal).await?.answer())
        }
    }
}

/// Does what a command says. Answers whether there was one.
fn obey(typed: &mut Typed) -> bool {
    let mut is_command = false;
    let fields = std::iter::once(&mut typed.serial).chain(&mut typed.ids);
    let mut clears = false;
    for field in fields {
        let Some(command) = Command::of(field) else { continue };
        is_command = true;
        field.clear();
        match command {
            Command::Fail => typed.fails = true,
            Command::Pass => typed.fails = false,
            Command::Clear => clears = true,
        }
    }
    if clears {
        *typed = Typed::default();
    }
    is_command
}

/// What was probably meant, each with the address that puts it into the field. Nothing is taken for the answer by itself.
fn meant(place: &Place, error: &ServiceError) -> Vec<(String, String)> {
    let ServiceError::NoUnit(unknown) = error else { return Vec::new() };
    let one = |printed: &String| (printed.clone(), format!("{}&serial={}", place.address(), in_address(printed)));
    unknown.suggestions.iter().map(|meant| one(&meant.printed)).collect()
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::resolve::Unknown;
    use crate::words::Library;
    use std::sync::Arc;

    fn typed(serial: &str, ids: &[&str]) -> Typed {
        Typed { serial: serial.into(), ids: ids.iter().map(|id| (*id).to_owned()).collect(), fails: false }
    }

    #[test]
    fn commands_are_obeyed_wherever_they_are_scanned() {
        let mut one = typed("fail", &["", ""]);
        assert!(obey(&mut one) && one.fails && one.serial.is_empty());
        let mut later = typed("07K3", &["F"]);
        assert!(obey(&mut later) && later.fails && later.serial == "07K3" && later.ids[0].is_empty());
        let mut clear = Typed { fails: true, ..typed("07K3", &["CLEAR"]) };
        assert!(obey(&mut clear) && !clear.fails && clear.serial.is_empty());
        assert!(!obey(&mut typed("FAILURE", &["PASSPORT"])));
    }

    #[test]
    fn a_serial_that_was_never_issued_may_be_a_forgery() {
        let view = View::plain(&Arc::new(Library::shipped().unwrap()), "/station");
        let unknown = |well_formed_serial| {
            let (text, reason) = ("07K3M9XQ2WNF".to_owned(), "<b>".to_owned());
            let unknown = Unknown { text, reason, suggestions: Vec::new(), well_formed_serial };
            let refused = Refused::by(&view, ServiceError::NoUnit(Box::new(unknown))).unwrap();
            Signal::refused(&view, refused.any().unwrap(), "07K3", Vec::new())
        };
        let never = unknown(true);
        assert!(never.advice.contains("forgery") && never.tone == "bad" && never.is_refusal, "{never:?}");
        assert!(!unknown(false).advice.contains("forgery"));
    }

    #[test]
    fn what_was_scanned_is_shortened_between_characters() {
        assert_eq!(shortened("abc"), "abc");
        assert_eq!(shortened(&"ä".repeat(60)), format!("{}…", "ä".repeat(40)));
    }
}
