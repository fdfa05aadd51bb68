//! The stable problem types: one table, from which come the enum, the answers, the pages `/problems/{slug}` and the
//! OpenAPI document.
//!
//! A slug, once released, keeps its meaning and its status for ever: clients branch on it. Titles and advice may be
//! reworded.

use axum::http::StatusCode;

macro_rules! problem_kinds {
    ($($kind:ident $slug:literal $status:literal $title:literal $advice:literal;)+) => {
        /// Every kind of problem that an answer can name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ProblemKind {
            $(#[doc = concat!("`/problems/", $slug, "`, ", $status, ": ", $title, ".")] $kind,)+
        }

        impl ProblemKind {
            /// Every kind, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// Last part of the type's address.
            #[must_use]
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$kind => $slug),+ }
            }

            /// Status code as a number.
            #[must_use]
            pub const fn code(self) -> u16 {
                match self { $(Self::$kind => $status),+ }
            }

            /// The same short sentence on every occurrence (RFC 9457 section 3.1.3).
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$kind => $title),+ }
            }

            /// What whoever gets it can do.
            #[must_use]
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$kind => $advice),+ }
            }
        }
    };
}

problem_kinds! {
    // The request as such.
    InvalidUri "invalid-uri" 400 "The address is not valid"
        "Percent-encode the address as UTF-8, and leave out NUL bytes (%00).";
    InvalidPath "invalid-path" 400 "A part of the path is not valid"
        "Compare the path with the documentation of the operation.";
    InvalidQuery "invalid-query" 400 "A query parameter is not valid"
        "The detail names the parameter. Remove it or correct it; unknown and repeated parameters are refused.";
    InvalidCursor "invalid-cursor" 400 "The cursor is not valid"
        "Send `after` exactly as the previous page's `next` gave it, or leave it out to start from the first page.";
    InvalidHeader "invalid-header" 400 "A header is not valid"
        "The detail names the header and the form it must have.";
    BodyTimeout "body-timeout" 408 "The request body came too slowly"
        "Send the request again over a better connection. A retry with the same Idempotency-Key is safe.";
    BodyInterrupted "body-interrupted" 400 "The request body broke off"
        "Send the request again. A retry with the same Idempotency-Key is safe.";
    BodyTooLarge "body-too-large" 413 "The request body is too large"
        "Split the request. The detail gives the limit.";
    UnsupportedMediaType "unsupported-media-type" 415 "The request body is not of an accepted type"
        "Send `Content-Type: application/json` with a body in UTF-8.";
    BodyNotUtf8 "body-not-utf8" 400 "The request body is not UTF-8"
        "Encode the body as UTF-8; the detail gives the first wrong byte.";
    MalformedJson "malformed-json" 400 "The request body is not well-formed JSON"
        "The detail gives line and column of the fault.";
    JsonTooDeep "json-too-deep" 400 "The JSON is nested too deeply"
        "Flatten the document. The detail gives the limit.";
    NulInText "nul-in-text" 422 "A text holds a NUL character"
        "Remove the \\u0000 that the detail points to.";
    InvalidField "invalid-field" 422 "A field of the request is missing, unknown or of the wrong kind"
        "`field` names it and the detail says what was expected.";
    NotFound "not-found" 404 "There is nothing at this address"
        "Check the address against the documentation at /docs.";
    MethodNotAllowed "method-not-allowed" 405 "This address does not take that method"
        "Use one of the methods in the Allow header.";

    // Who is asking.
    TokenMissing "token-missing" 401 "A token is needed"
        "Send `Authorization: Bearer npt_...`. An administrator issues tokens with `nameplate token`.";
    TokenMalformed "token-malformed" 401 "The token was damaged in copying"
        "Copy the whole token again from where it was issued.";
    TokenUnknown "token-unknown" 401 "The token is not known here"
        "Check that the token belongs to this server, or ask for a new one.";
    TokenExpired "token-expired" 401 "The token has expired"
        "Ask an administrator to rotate it.";
    TokenRevoked "token-revoked" 401 "The token was revoked"
        "Ask an administrator for a new one.";
    ScopeMissing "scope-missing" 403 "The token may not do this"
        "`needed` names the scopes of which the token must hold one. Ask an administrator for a token that does.";
    RoleMissing "role-missing" 403 "Your account may not see this page"
        "`needed` names the roles of which you would need one. Ask an administrator.";
    ForeignForm "foreign-form" 403 "This form did not come from here"
        "Open the page on this site again, and send the form from there.";
    TooManyAttempts "too-many-attempts" 429 "Too many failed sign-ins from this address"
        "Wait for the seconds in Retry-After, then send a valid token.";

    // Safe repetition and concurrent edits.
    KeyMissing "key-missing" 400 "An Idempotency-Key is needed"
        "Send a fresh random key of 1 to 128 visible ASCII characters, and the same key again when retrying.";
    KeyInvalid "key-invalid" 400 "The Idempotency-Key is not valid"
        "Send the header once, with 1 to 128 visible ASCII characters.";
    KeyReused "key-reused" 422 "The Idempotency-Key was used for a different request"
        "Use a fresh key for each new request; repeat a key only with exactly the same request.";
    KeyInFlight "key-in-flight" 409 "A request with this Idempotency-Key is still being handled"
        "Wait for the seconds in Retry-After and send the same request with the same key again.";
    PreconditionRequired "precondition-required" 428 "If-Match is needed"
        "Read the resource first and send its ETag as If-Match, so that no one else's edit is overwritten.";
    PreconditionFailed "precondition-failed" 412 "The resource was changed in between"
        "Read it again, look at what changed, and repeat the edit with the new ETag.";

    // Catalogue and serials.
    UnknownSku "unknown-sku" 404 "No such SKU"
        "Check the spelling, or import the SKU.";
    UnknownBatch "unknown-batch" 404 "No such batch"
        "Check the spelling, or import the batch.";
    UnknownBlock "unknown-block" 404 "No such block"
        "Check the block's code; a receipt shows it.";
    UnknownToken "unknown-token" 404 "No such live token"
        "List the tokens and take the id of one that is live.";
    UnknownTemplate "unknown-template" 404 "No such label template"
        "List the templates and take one of their names.";
    UnknownSerial "unknown-serial" 404 "No such serial was issued here"
        "Compare the label character by character. A good serial that was never issued may be a forgery: ask the planner.";
    NothingMatches "nothing-matches" 404 "Nothing matches this text"
        "Type or scan a serial, GTIN, SKU or another name of it, batch or block. If `suggestions` is given, compare it \
         with the label; a suggestion is never accepted by itself.";
    WrongKind "wrong-kind" 422 "The text names something of another kind"
        "`kind` says what the text is and `expected` what belongs here. Scan the other code.";
    SkuOfOtherBatch "sku-of-other-batch" 422 "The batch does not hold this SKU"
        "`holds` lists the SKUs of the batch. Choose one of them, or the batch of this SKU.";
    BatchClosed "batch-closed" 409 "The batch is closed"
        "Use an open batch, or have the planner open a new one.";
    BatchNotAccounted "batch-not-accounted" 409 "Some serials of the batch have no known fate"
        "`open` says how many. Report them as applied, returned or void, or close with `unaccounted_reason`, which \
         declares the rest unaccounted.";
    CountOutOfRange "count-out-of-range" 422 "The count is out of range"
        "Ask for at least 1 and at most 1,000,000 serials in a request.";
    SeriesExhausted "series-exhausted" 409 "The rule has too few serials left"
        "`remaining` says how many are left. Ask for fewer, or have the planner make a new rule version.";
    RangeConflict "range-conflict" 409 "The serials cannot take this step"
        "`fate` says what they are and `possible` what they can become. Nothing was changed; read the block again.";
    NotInBlock "not-in-block" 422 "A serial does not belong to the block"
        "Compare the serial with the label. Look it up with `/api/v1/resolve` to find its block.";
    RuleRefused "rule-refused" 422 "The rule cannot be recorded"
        "The detail says what is wrong with it. Nothing was recorded.";
    RuleCannotIssue "rule-cannot-issue" 409 "The rule of the SKU cannot number it now"
        "The detail says why. Have the planner give the SKU another rule, or a rule version that is in force.";
    ReceiptRefused "receipt-refused" 422 "This is not a receipt of this installation"
        "Send the receipt exactly as it was handed out, from npr1 to its end.";
    WrongStation "wrong-station" 403 "The token speaks for another station"
        "`bound` names the station of the token. Use the token of the station that asks.";
    QuotaExceeded "quota-exceeded" 429 "The station's quota for this SKU is used up"
        "`remaining` says how many are left. Report what was applied or void, return what was not printed, or have the \
         planner raise the quota.";
    RowsRefused "rows-refused" 422 "The catalogue was not imported"
        "`rows` lists every fault with file, row, column and reason. Nothing was changed; correct and send again.";
    LabelDoesNotFit "label-does-not-fit" 422 "The label cannot be drawn with these data"
        "The detail names the element and what is wrong. Shorten the text or change the template.";

    // Printing.
    UnknownPrinter "unknown-printer" 404 "No such printer"
        "Check the printer's name. A printer's token opens its own queue only.";
    UnknownJob "unknown-job" 404 "No such print job"
        "Check the job's name, JOB- and 16 characters.";
    UnknownLease "unknown-lease" 404 "No such lease of this printer"
        "Take a new lease. A lease belongs to the printer whose token took it.";
    ApprovalMissing "approval-missing" 409 "The label is not approved"
        "`why` says what is missing or has changed. Propose a proof of this SKU revision, template and dpi, and have it \
         approved; until then only test labels can be printed.";
    PrinterMismatch "printer-mismatch" 422 "The labels do not fit the printer"
        "The detail says whether resolution or label stock differ. Choose another printer or template.";
    PrinterNotEnabled "printer-not-enabled" 409 "The printer is paused or retired"
        "Have it enabled, or choose another.";
    AlreadyPrinted "already-printed" 409 "A label with this serial exists, or may exist"
        "`job` and `state` say where it is. Settle unconfirmed labels; a spoilt label is reprinted with its reason.";
    NeverPrinted "never-printed" 409 "The serial was never printed"
        "Make an ordinary print job for it.";
    ReissueNeeded "reissue-needed" 409 "The label would not be the same as the first one"
        "`why` says what has changed. Send `reissue: true` to print the artwork that is approved now.";
    SecondPersonNeeded "second-person-needed" 409 "A second person has to agree"
        "The brand demands it. Somebody other than who asked sends the control `agree`.";
    JobState "job-state" 409 "The job cannot take this step"
        "`state` says what it is. Read the job again.";
    LeaseEnded "lease-ended" 409 "The lease is over"
        "Print nothing more from it. Report what was printed, then take a new lease.";
    LabelNotInLease "label-not-in-lease" 422 "The lease has no such label"
        "`labels` says how many it has; positions count from 1.";
    NotHandedOver "not-handed-over" 409 "The label was never fetched"
        "Fetch labels before they are printed. Nothing of this report was taken.";
    ResultRefused "result-refused" 409 "A result comes too late"
        "`label` names the first label that went another way meanwhile; the other results were taken. Do not print it again: a person decides.";
    LabelState "label-state" 409 "The label cannot take this step"
        "`state` says what it is. Nothing was changed.";
    LabelOnItsWay "label-on-its-way" 409 "The label is in a print job that is not done with it"
        "`job` and `state` say where it is. Wait for it, cancel the job, or settle what came out; then say it again.";
    OtherUnit "other-unit" 409 "The unit is not what was expected"
        "`found` says what it is. Compare the label with the unit; nothing was bound.";
    SecondaryIdDiffers "secondary-id-differs" 409 "The unit has another id of this kind"
        "`bound` is on record. If the part was exchanged, send `replace: true`; the old id stays in the record.";
    SecondaryIdTaken "secondary-id-taken" 409 "Another unit has this id"
        "`serial` names it. Compare both units.";

    // Proofs.
    UnknownProof "unknown-proof" 404 "No such proof"
        "Check the proof's name, PRF- and 8 characters. A brand sees its proofs from when they are requested.";
    ProofState "proof-state" 409 "The proof cannot take this step"
        "`state` says what it is. Read the proof again; a changed label needs a new proof.";
    ProofOpen "proof-open" 409 "Another proof of the same label waits for its approvers"
        "`other` names it. Withdraw it first, or let it be decided.";
    OtherArtwork "other-artwork" 409 "The decision is about other artwork"
        "`artwork` is what the proof has. Look at the proof again, then decide.";
    ProofExpired "proof-expired" 409 "The label has changed since the proof was made"
        "`changed` says what. Make a new proof.";
    NotYourTurn "not-your-turn" 409 "Others have to approve before"
        "`before` names them.";
    NotAnApprover "not-an-approver" 403 "This person does not decide on the proof"
        "The detail says who does.";
    AlreadySigned "already-signed" 409 "The person has signed the proof already"
        "A signature is not taken back: withdraw the proof, or make a new one.";

    // The server's own state.
    AllocationStopped "allocation-stopped" 503 "Reservations are stopped until an operator has looked"
        "The records may be older than what was already issued. Look-ups go on. An operator runs `nameplate recover`.";
    DatabaseUnavailable "database-unavailable" 503 "The database does not answer"
        "Send the request again after Retry-After. A retry with the same Idempotency-Key is safe.";
    StorageFull "storage-full" 507 "The disk is full"
        "Make room on the server; it recovers by itself. Nothing that was answered is lost.";
    Overloaded "overloaded" 503 "The server is busy"
        "Send the request again after Retry-After.";
    HandlerTimeout "handler-timeout" 503 "The answer took too long"
        "Whether it was carried out is not known: send the request again with the same Idempotency-Key.";
    Internal "internal" 500 "Something went wrong in the server"
        "Report the request id (`instance`) to the operator: the server's log has the cause.";
}

impl ProblemKind {
    /// The status that goes with it.
    #[must_use]
    pub fn status(self) -> StatusCode {
        // The table's test holds that each code is valid; 500 would be the honest answer otherwise.
        StatusCode::from_u16(self.code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The `type` member: an address of this server, relative so that it is the same on each.
    #[must_use]
    pub fn address(self) -> String {
        format!("/problems/{}", self.slug())
    }

    /// Finds a kind by its slug.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.slug() == slug)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_row_of_the_table_is_sound() {
        let mut slugs = HashSet::new();
        for &kind in ProblemKind::ALL {
            let slug = kind.slug();
            assert!(slugs.insert(slug), "{slug} twice");
            assert!(
                slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
                "{slug}"
            );
            assert!((400..600).contains(&kind.code()), "{slug}");
            assert_eq!(kind.status().as_u16(), kind.code(), "{slug}");
            assert!(!kind.title().ends_with('.'), "{slug}: a title is no sentence");
            assert!(kind.advice().ends_with('.'), "{slug}: advice is a sentence");
            assert_eq!(ProblemKind::from_slug(slug), Some(kind));
        }
        assert_eq!(ProblemKind::from_slug("nope"), None);
    }
}
