//! What the pages of the factory floor share: refusals in words beside the form, keys of forms, states with their colours.

use askama::Template;
use data_encoding::HEXLOWER;

use super::View;
use crate::http::problem::{Problem, ProblemKind};
use crate::service::print::{JobRecord, PrinterChoice};
use crate::service::{ServiceError, random};

/// Why a form was not taken, for whoever sent it.
#[derive(Debug, Clone, Default)]
pub(super) struct Refused(Option<Refusal>);

/// One reason.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    /// The field that it is about; none for the form as a whole.
    pub(super) field: Option<String>,
    /// In a few words of the reader's language; empty for what is rare.
    pub(super) lead: String,
    /// In the service's own words.
    pub(super) detail: String,
    /// Where to go on: an address, and the key of its words.
    pub(super) link: Option<(String, &'static str)>,
    pub(super) kind: ProblemKind,
}

impl Refused {
    /// A fault of one field, found by the page itself.
    pub(super) fn field(field: &str, words: &str) -> Self {
        Self(Some(Refusal {
            field: Some(field.to_owned()),
            lead: words.to_owned(),
            detail: String::new(),
            link: None,
            kind: ProblemKind::InvalidField,
        }))
    }

    /// What a use case refused, if whoever sent the form can do something about it.
    ///
    /// # Errors
    /// The problem, for what the server itself has to answer for.
    pub(super) fn by(v: &View, error: ServiceError) -> Result<Self, Problem> {
        let problem = Problem::from(error);
        if problem.kind().code() >= 500 {
            return Err(problem);
        }
        let kind = problem.kind();
        let members = problem.body(None).members;
        let text = |name: &str| members.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        let link = match kind {
            ProblemKind::ApprovalMissing if v.may("/proofs") => Some(("/proofs".to_owned(), "printing.go_proofs")),
            ProblemKind::PrinterMismatch | ProblemKind::PrinterNotEnabled if v.may("/printers") => {
                text("printer").map(|printer| (printer_address(&printer), "printing.go_printer"))
            }
            ProblemKind::AlreadyPrinted | ProblemKind::LabelOnItsWay if v.may("/printing") => {
                text("job").map(|job| (format!("/printing/{job}"), "printing.go_job"))
            }
            _ => None,
        };
        let field = match kind {
            ProblemKind::InvalidField => text("field"),
            kind => field_of(kind).map(str::to_owned),
        };
        let lead = lead(kind).map_or_else(String::new, |key| v.t(key).to_owned());
        Ok(Self(Some(Refusal { field, lead, detail: problem.detail().to_owned(), link, kind })))
    }

    /// What is wrong with a field.
    pub(super) fn at(&self, field: &str) -> Option<&Refusal> {
        self.0.as_ref().filter(|refusal| refusal.field.as_deref() == Some(field))
    }

    /// What is wrong with none of these fields.
    pub(super) fn beside(&self, fields: &[&str]) -> Option<&Refusal> {
        self.0.as_ref().filter(|refusal| refusal.field.as_deref().is_none_or(|field| !fields.contains(&field)))
    }

    /// What is wrong with a field, as HTML before it: use it with `|safe`.
    pub(super) fn error(&self, v: &View, field: &str) -> String {
        let Some(refusal) = self.at(field) else { return String::new() };
        FaultShown { v, refusal, field }.render().unwrap_or_default()
    }

    /// What a field at fault says of itself, as attributes: use it with `|safe`. `field` is a name in a template.
    pub(super) fn aria(&self, field: &str) -> String {
        match self.at(field) {
            Some(_) => format!(" aria-invalid=\"true\" aria-describedby=\"{field}-error\" autofocus"),
            None => String::new(),
        }
    }

    /// What was refused.
    pub(super) fn any(&self) -> Option<&Refusal> {
        self.0.as_ref()
    }
}

/// The field that a refusal is about, in forms that have it.
const fn field_of(kind: ProblemKind) -> Option<&'static str> {
    match kind {
        ProblemKind::UnknownSku | ProblemKind::WrongKind => Some("sku"),
        ProblemKind::UnknownBatch | ProblemKind::SkuOfOtherBatch | ProblemKind::BatchClosed => Some("batch"),
        ProblemKind::CountOutOfRange | ProblemKind::QuotaExceeded | ProblemKind::SeriesExhausted => Some("count"),
        ProblemKind::UnknownPrinter | ProblemKind::PrinterMismatch | ProblemKind::PrinterNotEnabled => Some("printer"),
        ProblemKind::UnknownBlock => Some("block"),
        ProblemKind::NotInBlock | ProblemKind::UnknownSerial | ProblemKind::NothingMatches => Some("serials"),
        _ => None,
    }
}

/// What a refusal is called on the floor. Its detail says the rest.
const fn lead(kind: ProblemKind) -> Option<&'static str> {
    Some(match kind {
        ProblemKind::ApprovalMissing => "printing.why_approval",
        ProblemKind::PrinterMismatch => "printing.why_mismatch",
        ProblemKind::PrinterNotEnabled => "printing.why_printer",
        ProblemKind::AlreadyPrinted => "printing.why_printed",
        ProblemKind::NeverPrinted => "printing.why_never",
        ProblemKind::ReissueNeeded => "printing.why_reissue",
        ProblemKind::SecondPersonNeeded => "printing.why_second",
        ProblemKind::JobState => "printing.why_job",
        ProblemKind::LabelState => "printing.why_label",
        ProblemKind::LabelOnItsWay => "printing.why_way",
        ProblemKind::LabelDoesNotFit => "printing.why_fit",
        ProblemKind::NotInBlock => "printing.why_block",
        ProblemKind::UnknownSerial => "printing.why_serial",
        ProblemKind::NothingMatches => "printing.why_nothing",
        ProblemKind::RangeConflict => "printing.why_fate",
        ProblemKind::OtherUnit => "printing.why_unit",
        ProblemKind::SecondaryIdTaken => "printing.why_taken",
        ProblemKind::SecondaryIdDiffers => "printing.why_differs",
        ProblemKind::BatchClosed => "printing.why_batch",
        ProblemKind::UnknownSku => "printing.why_sku",
        ProblemKind::UnknownBatch => "printing.why_no_batch",
        ProblemKind::SkuOfOtherBatch => "printing.why_other_batch",
        ProblemKind::UnknownPrinter => "printing.why_no_printer",
        ProblemKind::UnknownBlock => "printing.why_no_block",
        ProblemKind::QuotaExceeded => "printing.why_quota",
        ProblemKind::SeriesExhausted => "printing.why_exhausted",
        ProblemKind::WrongStation => "printing.why_station",
        ProblemKind::KeyReused => "printing.why_key",
        ProblemKind::PreconditionFailed => "printing.why_stale",
        _ => return None,
    })
}

/// A refusal beside no field.
#[derive(Template)]
#[template(path = "pages/printing_refusal.html")]
struct RefusalShown<'a> {
    v: &'a View,
    refusal: &'a Refusal,
}

/// A refusal beside its field.
#[derive(Template)]
#[template(path = "pages/printing_fault.html")]
struct FaultShown<'a> {
    v: &'a View,
    refusal: &'a Refusal,
    field: &'a str,
}

impl Refusal {
    /// The refusal as HTML: use it with `|safe`.
    pub(super) fn shown(&self, v: &View) -> String {
        RefusalShown { v, refusal: self }.render().unwrap_or_default()
    }
}

/// The address of a printer's page.
pub(super) fn printer_address(printer: &str) -> String {
    match printer {
        // A printer of this name would be hidden by the page that makes new ones; names do not differ by case.
        "new" => "/printers/NEW".to_owned(),
        printer => format!("/printers/{}", super::in_address(printer)),
    }
}

/// A key for a form that makes something, drawn with the page.
///
/// # Errors
/// 500 when the system gives no random bytes.
pub(super) fn fresh_key() -> Result<String, Problem> {
    Ok(format!("page-{}", HEXLOWER.encode(&random::<12>()?)))
}

/// The key that a form brought back.
///
/// # Errors
/// 400 for one that no page of ours has drawn.
pub(super) fn key_of(key: &str) -> Result<&str, Problem> {
    if (1..=100).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(key);
    }
    let detail = "The form's key is missing or damaged. Open the page again and send it from there.";
    Err(Problem::new(ProblemKind::KeyInvalid, detail))
}

/// A number that was typed, in any of the ways people write thousands.
pub(super) fn number(text: &str) -> Option<i64> {
    let digits: String = text.trim().chars().filter(|c| !matches!(c, ' ' | '\u{202f}' | '\u{a0}')).collect();
    digits.parse().ok()
}

/// A text of a form, if anything was typed.
pub(super) fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// The colour that goes with the state of a job.
pub(super) fn job_colour(job: &JobRecord) -> &'static str {
    match job.state.as_str() {
        "completed" => "ok",
        "processing" => "info",
        "held" => "warn",
        "stopped" => "bad",
        _ => "",
    }
}

/// The word of a state of jobs.
pub(super) fn job_word(v: &View, state: &str) -> String {
    v.t(&format!("printing.state_{state}")).to_owned()
}

/// What sets a printer apart where people choose one: its name, its dots and its stock.
pub(super) fn choice_words(v: &View, choice: &PrinterChoice) -> String {
    let PrinterChoice { printer, settings } = choice;
    let mut words = format!("{printer} ({} dpi, {})", settings.dpi, media_words(v, settings));
    if settings.state == "paused" {
        words.push_str(&format!(", {}", v.t("printers.state_paused")));
    }
    words
}

/// The size of the stock in a printer.
pub(super) fn media_words(v: &View, settings: &crate::service::print::PrinterSettings) -> String {
    format!("{} × {} mm", millimetres(v, settings.media_width_um), millimetres(v, settings.media_height_um))
}

/// Micrometres as millimetres, with no more digits than there are.
pub(super) fn millimetres(v: &View, um: u32) -> String {
    let digits = if um.is_multiple_of(1_000) {
        0
    } else if um.is_multiple_of(100) {
        1
    } else {
        3
    };
    v.f(f64::from(um) / 1_000.0, digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Library;
    use std::sync::Arc;

    #[test]
    fn every_lead_has_its_words() {
        let library = Arc::new(Library::shipped().unwrap());
        let keys: Vec<_> = ProblemKind::ALL.iter().filter_map(|kind| lead(*kind)).collect();
        assert!(keys.len() > 20);
        for key in keys {
            assert!(library.english().text(key).is_some(), "{key}");
        }
        for state in ["pending", "held", "processing", "stopped", "canceled", "completed"] {
            assert!(library.english().text(&format!("printing.state_{state}")).is_some(), "{state}");
        }
    }

    #[test]
    fn what_the_server_answers_for_is_no_fault_of_the_form() {
        let view = View::plain(&Arc::new(Library::shipped().unwrap()), "/printing");
        assert!(Refused::by(&view, ServiceError::Busy).is_err());
        assert!(Refused::by(&view, ServiceError::Unexpected("x".into())).is_err());
        let refused = Refused::by(&view, ServiceError::BatchClosed { batch: "<b>".into() }).unwrap();
        assert!(refused.at("batch").is_some() && refused.beside(&["batch"]).is_none());
        let html = refused.beside(&["sku"]).unwrap().shown(&view);
        assert!(html.contains("&#60;b&#62;") && !html.contains("<b>"), "{html}");
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        assert_eq!(number(" 1 200 "), Some(1_200));
        for bad in ["", "x", "1.5", "1,200", "--1"] {
            assert_eq!(number(bad), None, "{bad}");
        }
        assert!(key_of("page-0").is_ok() && key_of("").is_err() && key_of("a b").is_err());
    }
}
