//! What the use cases refuse, as problems: the one place where a status is chosen.

use crate::http::problem::{Problem, ProblemKind};
use crate::service::print::PrintError;
use crate::service::proof::ProofError;
use crate::service::resolve::Unknown;
use crate::service::{Lookalike, MAX_COUNT, ReserveError, ServiceError, StoreError};
use crate::trace::FateRefused;

/// When to come back after something that passes by itself.
const RETRY_S: u32 = 1;

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        let text = error.to_string();
        let of = |kind| Self::new(kind, sentence(&text));
        match error {
            ServiceError::NotFound { kind, name } => of(absent(kind)).with("name", name),
            ServiceError::NoUnit(found) => unknown(&found),
            ServiceError::Invalid { field, problem } => invalid(field, &problem),
            ServiceError::WrongStation { bound } => of(ProblemKind::WrongStation).with("bound", bound),
            ServiceError::NotInBlock { serial, block, .. } => {
                of(ProblemKind::NotInBlock).with("serial", serial).with("block", block)
            }
            ServiceError::FateRefused { first_serial, last_serial, refused } => {
                let FateRefused { from, to, .. } = refused;
                of(ProblemKind::RangeConflict)
                    .with("last_serial", last_serial.unwrap_or_else(|| first_serial.clone()))
                    .with("first_serial", first_serial)
                    .with("fate", from)
                    .with("wanted", to)
                    .with("possible", from.possible())
            }
            ServiceError::BatchOpen { batch, open } => {
                of(ProblemKind::BatchNotAccounted).with("batch", batch).with("open", open)
            }
            ServiceError::BatchClosed { batch } => of(ProblemKind::BatchClosed).with("batch", batch),
            ServiceError::Stale => of(ProblemKind::PreconditionFailed),
            ServiceError::KeyReused => of(ProblemKind::KeyReused),
            ServiceError::RuleRefused(_) => of(ProblemKind::RuleRefused),
            ServiceError::Receipt(_) => of(ProblemKind::ReceiptRefused).with("field", "receipt"),
            ServiceError::Label(_) => of(ProblemKind::LabelDoesNotFit),
            ServiceError::Catalogue(rows) => of(ProblemKind::RowsRefused).with("rows", rows),
            ServiceError::Reserve(error) => error.into(),
            ServiceError::Print(error) => error.into(),
            ServiceError::Proof(error) => error.into(),
            ServiceError::Busy => of(ProblemKind::Overloaded).retry_after_s(RETRY_S),
            ServiceError::Store(error) => error.into(),
            ServiceError::Unexpected(cause) => Self::internal(cause),
        }
    }
}

impl From<ReserveError> for Problem {
    fn from(error: ReserveError) -> Self {
        let text = error.to_string();
        let of = |kind| Self::new(kind, sentence(&text));
        match error {
            ReserveError::Count(_) => {
                of(ProblemKind::CountOutOfRange).with("field", "count").with("minimum", 1).with("maximum", MAX_COUNT)
            }
            ReserveError::Station(error) => invalid("station", &error.to_string()),
            ReserveError::Text { field, problem } => invalid(field, problem),
            ReserveError::KeyReused { .. } => of(ProblemKind::KeyReused),
            ReserveError::KeyInFlight => of(ProblemKind::KeyInFlight).retry_after_s(RETRY_S),
            ReserveError::UnknownSku { looks_like, .. } => misnamed(&of, ProblemKind::UnknownSku, "sku", looks_like),
            ReserveError::UnknownBatch { looks_like, .. } => {
                misnamed(&of, ProblemKind::UnknownBatch, "batch", looks_like)
            }
            ReserveError::BatchClosed { batch } => of(ProblemKind::BatchClosed).with("batch", batch),
            ReserveError::SkuNotInBatch { sku, batch, holds } => {
                of(ProblemKind::SkuOfOtherBatch).with("sku", sku).with("batch", batch).with("holds", holds)
            }
            ReserveError::Quota { station, sku, quota, held } => of(ProblemKind::QuotaExceeded)
                .with("remaining", quota.saturating_sub(held))
                .with("quota", quota)
                .with("held", held)
                .with("station", station)
                .with("sku", sku),
            ReserveError::Exhausted { rule, remaining, .. } => {
                of(ProblemKind::SeriesExhausted).with("remaining", remaining).with("rule", rule)
            }
            ReserveError::Rule { rule, .. } => of(ProblemKind::RuleCannotIssue).with("rule", rule),
            ReserveError::Stopped { .. } => of(ProblemKind::AllocationStopped),
            ReserveError::Busy => of(ProblemKind::Overloaded).retry_after_s(RETRY_S),
            ReserveError::Full => of(ProblemKind::StorageFull),
            ReserveError::Unavailable => of(ProblemKind::DatabaseUnavailable).retry_after_s(RETRY_S),
            ReserveError::Unexpected(cause) => Self::internal(cause),
        }
    }
}

impl From<PrintError> for Problem {
    fn from(error: PrintError) -> Self {
        let text = error.to_string();
        let of = |kind| Self::new(kind, sentence(&text));
        match error {
            PrintError::ApprovalMissing { sku, revision, template, dpi, why } => of(ProblemKind::ApprovalMissing)
                .with("sku", sku)
                .with("revision", revision)
                .with("template", template)
                .with("dpi", dpi)
                .with("why", why),
            PrintError::PrinterMismatch { printer, .. } => of(ProblemKind::PrinterMismatch).with("printer", printer),
            PrintError::PrinterNotEnabled { printer, state } => {
                of(ProblemKind::PrinterNotEnabled).with("printer", printer).with("state", state)
            }
            PrintError::PerhapsPrinted { serial } => of(ProblemKind::AlreadyPrinted).with("serial", serial),
            PrintError::AlreadyPrinted { serial, state, job } => {
                of(ProblemKind::AlreadyPrinted).with("serial", serial).with("state", state).with("job", job)
            }
            PrintError::NeverPrinted { serial } => of(ProblemKind::NeverPrinted).with("serial", serial),
            PrintError::Reissue { serial, why } => {
                of(ProblemKind::ReissueNeeded).with("serial", serial).with("why", why)
            }
            PrintError::SecondPerson { job, .. } => of(ProblemKind::SecondPersonNeeded).with("job", job),
            PrintError::JobState { job, state, .. } => of(ProblemKind::JobState).with("job", job).with("state", state),
            PrintError::UnknownLease => of(ProblemKind::UnknownLease),
            PrintError::LeaseEnded { by } => of(ProblemKind::LeaseEnded).with("by", by),
            PrintError::Positions { labels, .. } => of(ProblemKind::LabelNotInLease).with("labels", labels),
            PrintError::NotHandedOver { label } => of(ProblemKind::NotHandedOver).with("label", label),
            PrintError::ResultRefused { label, .. } => of(ProblemKind::ResultRefused).with("label", label),
            PrintError::Step { serial, refused } => {
                of(ProblemKind::LabelState).with("serial", serial).with("state", refused.from.as_str())
            }
            PrintError::OnItsWay { serial, state, job } => {
                of(ProblemKind::LabelOnItsWay).with("serial", serial).with("state", state.as_str()).with("job", job)
            }
            PrintError::OtherUnit { serial, kind, found, expected } => of(ProblemKind::OtherUnit)
                .with("serial", serial)
                .with("field", kind)
                .with("found", found)
                .with("expected", expected),
            PrintError::SecondaryIdDiffers { serial, kind, bound, value } => of(ProblemKind::SecondaryIdDiffers)
                .with("serial", serial)
                .with("kind", kind)
                .with("bound", bound)
                .with("value", value),
            PrintError::SecondaryIdTaken { kind, value, serial } => {
                of(ProblemKind::SecondaryIdTaken).with("kind", kind).with("value", value).with("serial", serial)
            }
        }
    }
}

impl From<ProofError> for Problem {
    fn from(error: ProofError) -> Self {
        let text = error.to_string();
        let of = |kind| Self::new(kind, sentence(&text));
        match error {
            ProofError::State { proof, refused } => {
                of(ProblemKind::ProofState).with("proof", proof).with("state", refused.from.as_str())
            }
            ProofError::NotApproved { proof, state } => {
                of(ProblemKind::ProofState).with("proof", proof).with("state", state)
            }
            ProofError::OtherRequested { proof, other } => {
                of(ProblemKind::ProofOpen).with("proof", proof).with("other", other)
            }
            ProofError::OtherArtwork { proof, artwork } => {
                of(ProblemKind::OtherArtwork).with("proof", proof).with("artwork", artwork)
            }
            ProofError::Expired { proof, changed } => {
                of(ProblemKind::ProofExpired).with("proof", proof).with("changed", changed)
            }
            ProofError::NotYet { proof, before } => {
                of(ProblemKind::NotYourTurn).with("proof", proof).with("before", before)
            }
            ProofError::NotAnApprover { proof, .. } => of(ProblemKind::NotAnApprover).with("proof", proof),
            ProofError::Signed { proof, meaning, .. } => {
                of(ProblemKind::AlreadySigned).with("proof", proof).with("meaning", meaning)
            }
        }
    }
}

impl From<StoreError> for Problem {
    /// What the database says is for the log: it may name files, hosts and columns.
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Full => Self::new(ProblemKind::StorageFull, "Nothing was changed."),
            StoreError::Unavailable(_) => {
                Self::new(ProblemKind::DatabaseUnavailable, "").retry_after_s(RETRY_S).with_cause(&error)
            }
            StoreError::Conflict(_)
            | StoreError::Corrupt { .. }
            | StoreError::NotOurs(_)
            | StoreError::Newer { .. }
            | StoreError::InUse(_)
            | StoreError::Unexpected(_) => Self::internal(&error),
            // Cursors are the only numbers of that size that anybody sends.
            StoreError::TooLarge(_) => Self::new(ProblemKind::InvalidCursor, ""),
        }
    }
}

/// A text that leads nowhere.
pub(super) fn unknown(unknown: &Unknown) -> Problem {
    let kind = if unknown.well_formed_serial { ProblemKind::UnknownSerial } else { ProblemKind::NothingMatches };
    Problem::new(kind, sentence(&unknown.reason))
        .with("text", &unknown.text)
        .with("reason", &unknown.reason)
        .with("suggestions", &unknown.suggestions)
}

/// Which problem it is that a thing of this kind does not exist.
fn absent(kind: &str) -> ProblemKind {
    match kind {
        "SKU" => ProblemKind::UnknownSku,
        "batch" => ProblemKind::UnknownBatch,
        "block" => ProblemKind::UnknownBlock,
        "template" => ProblemKind::UnknownTemplate,
        "live token" => ProblemKind::UnknownToken,
        "printer" => ProblemKind::UnknownPrinter,
        "print job" => ProblemKind::UnknownJob,
        "serial" => ProblemKind::UnknownSerial,
        "proof" => ProblemKind::UnknownProof,
        _ => ProblemKind::NotFound,
    }
}

fn invalid(field: &str, problem: &str) -> Problem {
    Problem::new(ProblemKind::InvalidField, format!("`{field}`: {problem}.")).with("field", field)
}

/// A field whose text names nothing of the kind wanted; perhaps something else, which is said then. A GTIN may stand
/// for a SKU, so one that nobody has is an unknown SKU and not of the wrong kind.
fn misnamed(
    of: &impl Fn(ProblemKind) -> Problem,
    absent: ProblemKind,
    expected: &'static str,
    looks_like: Option<Lookalike>,
) -> Problem {
    match looks_like {
        Some(Lookalike { kind, .. }) if kind != "gtin" => {
            of(ProblemKind::WrongKind).with("field", expected).with("kind", kind).with("expected", expected)
        }
        Some(Lookalike { kind, .. }) => of(absent).with("field", expected).with("kind", kind),
        None => of(absent).with("field", expected),
    }
}

/// An error's text as a sentence: errors begin small and without an end, so that they can stand inside others.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_ascii_uppercase());
    let mut sentence: String = first.into_iter().chain(characters).collect();
    if !sentence.is_empty() && !sentence.ends_with(['.', '?']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::StationName;
    use crate::trace::{Fate, ReceiptError, Span};
    use axum::response::IntoResponse;

    fn shown(error: impl Into<Problem>) -> (&'static str, u16) {
        let problem = error.into();
        (problem.kind().slug(), problem.kind().code())
    }

    #[test]
    fn every_refused_reservation_has_its_own_problem() {
        let text = || "x".to_owned();
        let serial = Lookalike { kind: "serial", names: text() };
        let gtin = Lookalike { kind: "gtin", names: text() };
        let cases = [
            (ReserveError::Count(0), ("count-out-of-range", 422)),
            (ReserveError::Station(StationName::parse("").unwrap_err()), ("invalid-field", 422)),
            (ReserveError::Text { field: "sku", problem: "is empty" }, ("invalid-field", 422)),
            (ReserveError::KeyReused { station: text() }, ("key-reused", 422)),
            (ReserveError::KeyInFlight, ("key-in-flight", 409)),
            (ReserveError::UnknownSku { text: text(), looks_like: None }, ("unknown-sku", 404)),
            (ReserveError::UnknownSku { text: text(), looks_like: Some(gtin) }, ("unknown-sku", 404)),
            (ReserveError::UnknownSku { text: text(), looks_like: Some(serial.clone()) }, ("wrong-kind", 422)),
            (ReserveError::UnknownBatch { text: text(), looks_like: None }, ("unknown-batch", 404)),
            (ReserveError::UnknownBatch { text: text(), looks_like: Some(serial) }, ("wrong-kind", 422)),
            (ReserveError::BatchClosed { batch: text() }, ("batch-closed", 409)),
            (
                ReserveError::SkuNotInBatch { sku: text(), batch: text(), holds: vec![text()] },
                ("sku-of-other-batch", 422),
            ),
            (ReserveError::Quota { station: text(), sku: text(), quota: 5, held: 3 }, ("quota-exceeded", 429)),
            (ReserveError::Exhausted { rule: text(), context: text(), remaining: 7 }, ("series-exhausted", 409)),
            (ReserveError::Rule { rule: text(), reason: text() }, ("rule-cannot-issue", 409)),
            (ReserveError::Stopped { reason: text() }, ("allocation-stopped", 503)),
            (ReserveError::Busy, ("overloaded", 503)),
            (ReserveError::Full, ("storage-full", 507)),
            (ReserveError::Unavailable, ("database-unavailable", 503)),
            (ReserveError::Unexpected(text()), ("internal", 500)),
        ];
        for (error, expected) in cases {
            let named = format!("{error:?}");
            assert_eq!(shown(ServiceError::Reserve(error)), expected, "{named}");
        }
    }

    #[test]
    fn every_other_refusal_has_its_own_problem() {
        let text = || "x".to_owned();
        let span = Span::new(0, 1).unwrap();
        let refused = FateRefused { span, from: Fate::Void, to: Fate::Printed };
        let cases = [
            (ServiceError::NotFound { kind: "block", name: text() }, ("unknown-block", 404)),
            (ServiceError::NotFound { kind: "batch", name: text() }, ("unknown-batch", 404)),
            (ServiceError::NotFound { kind: "SKU", name: text() }, ("unknown-sku", 404)),
            (ServiceError::NotFound { kind: "live token", name: text() }, ("unknown-token", 404)),
            (ServiceError::Invalid { field: "reason", problem: text() }, ("invalid-field", 422)),
            (ServiceError::WrongStation { bound: text() }, ("wrong-station", 403)),
            (ServiceError::NotInBlock { serial: text(), block: text(), problem: text() }, ("not-in-block", 422)),
            (ServiceError::FateRefused { first_serial: text(), last_serial: None, refused }, ("range-conflict", 409)),
            (ServiceError::BatchOpen { batch: text(), open: 2 }, ("batch-not-accounted", 409)),
            (ServiceError::BatchClosed { batch: text() }, ("batch-closed", 409)),
            (ServiceError::Stale, ("precondition-failed", 412)),
            (ServiceError::KeyReused, ("key-reused", 422)),
            (ServiceError::RuleRefused(text()), ("rule-refused", 422)),
            (ServiceError::Receipt(ReceiptError::Signature), ("receipt-refused", 422)),
            (ServiceError::Label(text()), ("label-does-not-fit", 422)),
            (ServiceError::Catalogue(vec![text()]), ("rows-refused", 422)),
            (ServiceError::Store(StoreError::Full), ("storage-full", 507)),
            (ServiceError::Store(StoreError::Unavailable(text())), ("database-unavailable", 503)),
            (ServiceError::Store(StoreError::TooLarge(1)), ("invalid-cursor", 400)),
            (ServiceError::Unexpected(text()), ("internal", 500)),
        ];
        for (error, expected) in cases {
            let named = format!("{error:?}");
            assert_eq!(shown(error), expected, "{named}");
        }
    }

    #[test]
    fn who_may_come_back_is_told_when() {
        let waits = |error: ReserveError| {
            let response = Problem::from(error).into_response();
            response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned())
        };
        for error in [ReserveError::Busy, ReserveError::KeyInFlight, ReserveError::Unavailable] {
            assert_eq!(waits(error).as_deref(), Some("1"));
        }
        assert_eq!(waits(ReserveError::Full), None);
    }

    #[test]
    fn what_the_database_says_is_not_sent() {
        let hidden = Problem::from(StoreError::Unavailable("host db7 refused".into()));
        let body = serde_json::to_string(&hidden.body(None)).unwrap();
        assert!(!body.contains("db7") && hidden.cause().unwrap().contains("db7"), "{body}");
    }

    #[test]
    fn errors_become_sentences() {
        assert_eq!(sentence("rule s12 is full"), "Rule s12 is full.");
        assert_eq!(sentence("batch x is closed. Use another"), "Batch x is closed. Use another.");
        assert_eq!(sentence(""), "");
    }
}
