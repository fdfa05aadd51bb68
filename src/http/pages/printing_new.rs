//! Labels are asked for: of a block, as a test, or once more because the first ones are spoilt.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::floor::{Refused, choice_words, fresh_key, given, key_of, number};
use super::printing::ACTS;
use super::{PageApp, Pages, Posted, View, page, page_with, see_other};
use crate::http::extract::Query;
use crate::http::problem::Problem;
use crate::service::people::SignedIn;
use crate::service::print::{MAX_PRIORITY, NewJob, PrinterChoice, ReprintRequest, TestLabels};
use crate::service::report_fate::Selection;

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get("/printing/new", &ACTS, show)
        .post("/printing/new", &ACTS, queue)
        .get("/printing/reprint", &ACTS, show_reprint)
        .post("/printing/reprint", &ACTS, reprint)
}

/// Fields that show their own faults.
const FIELDS: [&str; 12] = [
    "printer",
    "block",
    "serials",
    "sku",
    "count",
    "priority",
    "template",
    "reason",
    "attestation",
    "old_label_destroyed",
    "copies",
    "hold",
];

/// What shall be printed, in the address and in the form.
#[derive(Debug, Clone, Default, Deserialize)]
struct Wanted {
    /// `test` for test labels; else labels of a block.
    #[serde(default)]
    kind: String,
    #[serde(default)]
    printer: String,
    #[serde(default)]
    block: String,
    /// `all`, `rest`, `list` or `range`.
    #[serde(default)]
    which: String,
    #[serde(default)]
    serials: String,
    #[serde(default)]
    first: String,
    #[serde(default)]
    last: String,
    #[serde(default)]
    sku: String,
    #[serde(default)]
    count: String,
    #[serde(default)]
    priority: String,
    #[serde(default)]
    hold: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    attestation: String,
    #[serde(default)]
    destroyed: String,
    #[serde(default)]
    reissue: String,
    #[serde(default)]
    key: String,
}

/// Serials that were typed or scanned into a field, one a line or with commas between them.
pub(super) fn listed(text: &str) -> Vec<String> {
    let lines = text.split(['\n', '\r', ',', ';', '\t']).map(str::trim);
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

impl Wanted {
    /// Which serials, once they can be read.
    fn selection(&self, v: &View) -> Result<Selection, Refused> {
        match self.which.as_str() {
            "rest" => Ok(Selection::Rest),
            "range" => match (given(&self.first), given(&self.last)) {
                (Some(first), Some(last)) => Ok(Selection::Range { first: first.to_owned(), last: last.to_owned() }),
                _ => Err(Refused::field("serials", v.t("printing.range_needed"))),
            },
            "list" => match listed(&self.serials) {
                serials if serials.is_empty() => Err(Refused::field("serials", v.t("printing.serials_needed"))),
                serials => Ok(Selection::Serials(serials)),
            },
            _ => Ok(Selection::All),
        }
    }

    fn printer(&self, v: &View) -> Result<String, Refused> {
        given(&self.printer).map(str::to_owned).ok_or_else(|| Refused::field("printer", v.t("station.needed")))
    }

    fn job(&self, v: &View) -> Result<NewJob, Refused> {
        let printer = self.printer(v)?;
        if self.kind == "test" {
            let count = number(&self.count).and_then(|count| u32::try_from(count).ok());
            let count = count.ok_or_else(|| Refused::field("count", v.t("station.count_fault")))?;
            let sku = given(&self.sku).ok_or_else(|| Refused::field("sku", v.t("station.needed")))?;
            let mut job = NewJob::of_whole_block(&printer, "", None);
            (job.block, job.test) = (None, Some(TestLabels { sku: sku.to_owned(), count }));
            return Ok(job);
        }
        let block = given(&self.block).ok_or_else(|| Refused::field("block", v.t("station.needed")))?;
        let mut job = NewJob::of_whole_block(&printer, block, None);
        job.serials = Some(self.selection(v)?);
        job.hold = self.hold == "yes";
        if let Some(priority) = given(&self.priority) {
            let priority = number(priority).and_then(|number| u8::try_from(number).ok());
            let priority = priority.filter(|priority| *priority <= MAX_PRIORITY);
            job.priority = priority.ok_or_else(|| Refused::field("priority", v.t("printing.priority_fault")))?;
        }
        Ok(job)
    }

    fn again(&self, v: &View) -> Result<ReprintRequest, Refused> {
        let printer = self.printer(v)?;
        let serials = match self.which.as_str() {
            "range" => self.selection(v)?,
            _ => Self { which: "list".to_owned(), ..self.clone() }.selection(v)?,
        };
        let one = matches!(&serials, Selection::Serials(serials) if serials.len() == 1);
        Ok(ReprintRequest {
            printer,
            // Of a single serial the records know the block; one in the address may be another's.
            block: given(&self.block).filter(|_| !one).map(str::to_owned),
            serials,
            reason: self.reason.clone(),
            old_label_destroyed: self.destroyed == "yes",
            attestation: self.attestation.clone(),
            reissue: self.reissue == "yes",
        })
    }
}

#[derive(Template)]
#[template(path = "pages/printing_new.html")]
struct NewPage {
    v: View,
    wanted: Wanted,
    printers: Vec<PrinterChoice>,
    refused: Refused,
}

#[derive(Template)]
#[template(path = "pages/printing_reprint.html")]
struct ReprintPage {
    v: View,
    wanted: Wanted,
    printers: Vec<PrinterChoice>,
    refused: Refused,
}

impl NewPage {
    fn choice(&self, choice: &PrinterChoice) -> String {
        choice_words(&self.v, choice)
    }

    fn is_test(&self) -> bool {
        self.wanted.kind == "test"
    }
}

impl ReprintPage {
    fn choice(&self, choice: &PrinterChoice) -> String {
        choice_words(&self.v, choice)
    }
}

async fn new_page(app: &PageApp, v: View, mut wanted: Wanted, refused: Refused) -> Result<NewPage, Problem> {
    wanted.key = fresh_key()?;
    if wanted.which.is_empty() {
        wanted.which = "all".to_owned();
    }
    let printers = app.nameplate.printer_choices().await?;
    Ok(NewPage { v, wanted, printers, refused })
}

async fn reprint_page(app: &PageApp, v: View, mut wanted: Wanted, refused: Refused) -> Result<ReprintPage, Problem> {
    wanted.key = fresh_key()?;
    let printers = app.nameplate.printer_choices().await?;
    Ok(ReprintPage { v, wanted, printers, refused })
}

async fn show(State(app): State<PageApp>, v: View, Query(wanted): Query<Wanted>) -> Result<Response, Problem> {
    let kind = if wanted.kind.is_empty() && wanted.block.is_empty() && !wanted.sku.is_empty() { "test" } else { "" };
    let wanted = Wanted { kind: format!("{}{kind}", wanted.kind), ..wanted };
    Ok(page(&new_page(&app, v, wanted, Refused::default()).await?))
}

async fn queue(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Posted(wanted): Posted<Wanted>,
) -> Result<Response, Problem> {
    let key = key_of(&wanted.key)?;
    let refused = match wanted.job(&v) {
        Ok(job) => match app.nameplate.print(&who.caller(), key, &job).await {
            Ok(job) => return Ok(see_other(&format!("/printing/{}?done=queued", job.job))),
            Err(error) => Refused::by(&v, error)?,
        },
        Err(refused) => refused,
    };
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &new_page(&app, v, wanted, refused).await?))
}

async fn show_reprint(State(app): State<PageApp>, v: View, Query(wanted): Query<Wanted>) -> Result<Response, Problem> {
    Ok(page(&reprint_page(&app, v, wanted, Refused::default()).await?))
}

async fn reprint(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Posted(wanted): Posted<Wanted>,
) -> Result<Response, Problem> {
    let key = key_of(&wanted.key)?;
    let refused = match wanted.again(&v) {
        Ok(request) => match app.nameplate.reprint(&who.caller(), key, &request).await {
            Ok(reprinted) => {
                return Ok(match reprinted.jobs.as_slice() {
                    [job] if job.awaits_second => see_other(&format!("/printing/{}?done=second_needed", job.job)),
                    [job] => see_other(&format!("/printing/{}?done=queued", job.job)),
                    _ => see_other("/printing?done=queued"),
                });
            }
            Err(error) => Refused::by(&v, error)?,
        },
        Err(refused) => refused,
    };
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &reprint_page(&app, v, wanted, refused).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_are_listed_one_a_line_or_with_commas() {
        assert_eq!(listed("07K3-M9XQ\r\n 0ZZ3 M9XQ ,x;\n\n"), ["07K3-M9XQ", "0ZZ3 M9XQ", "x"]);
        assert!(listed(" \n,").is_empty());
    }
}
