//! One print job: its labels, its leases, and what people decide about it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::floor::{Refused, fresh_key, given, job_colour, job_word, key_of};
use super::printing::{ACTS, LOOKS, ROWS, acts};
use super::{PageApp, Pages, Posted, View, in_address, page, page_with, see_other};
use crate::http::extract::{Cursor, Path, Query};
use crate::http::problem::{Problem, ProblemKind};
use crate::http::server::{AddressGroup, Peer};
use crate::service::ServiceError;
use crate::service::people::{Roles, SignInRefused, SignedIn};
use crate::service::print::{AttemptRecord, Control, ControlRequest, JobRecord, LabelRange, Settlement, Verdict};
use crate::service::report_fate::Selection;

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get("/printing/{job}", &LOOKS, show)
        .post("/printing/{job}/control", &ACTS, control)
        .post("/printing/{job}/settle", &ACTS, settle)
        .post("/printing/{job}/agree", &ACTS, agree)
}

/// How many leases are shown.
const ATTEMPTS: u32 = 20;
/// Fields that show their own faults.
const FIELDS: [&str; 5] = ["reason", "serials", "settle_reason", "email", "password"];

/// Which labels, in the address.
#[derive(Debug, Clone, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

/// What somebody says of labels, as the form sends it.
#[derive(Debug, Clone, Default, Deserialize)]
struct Said {
    #[serde(default)]
    verdict: String,
    /// `rest`, `list` or `range`.
    #[serde(default)]
    which: String,
    #[serde(default)]
    serials: String,
    #[serde(default)]
    first: String,
    #[serde(default)]
    last: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    no_replacement: String,
    #[serde(default)]
    key: String,
}

#[derive(Template)]
#[template(path = "pages/printing_job.html")]
struct Job {
    v: View,
    job: JobRecord,
    wanted: Wanted,
    labels: Vec<LabelRange>,
    next: Option<String>,
    attempts: Vec<AttemptRecord>,
    said: Said,
    /// Why the job is held or cancelled, as typed.
    reason: String,
    /// The second person's address, as typed.
    email: String,
    refused: Refused,
}

impl Job {
    fn colour(&self) -> &'static str {
        job_colour(&self.job)
    }

    fn word(&self) -> String {
        job_word(&self.v, &self.job.state)
    }

    fn kind(&self) -> String {
        self.v.t(&format!("printing.kind_{}", self.job.kind)).to_owned()
    }

    fn label_word(&self, state: &str) -> String {
        self.v.t(&format!("printing.label_{state}")).to_owned()
    }

    fn ended(&self, by: &str) -> String {
        self.v.t(&format!("printing.ended_{by}")).to_owned()
    }

    fn acts(&self) -> bool {
        acts(&self.v)
    }

    /// States with how many labels are in each.
    fn states(&self) -> [(&'static str, i64); 6] {
        let counts = &self.job.counts;
        [
            ("queued", counts.queued),
            ("leased", counts.leased),
            ("handed_over", counts.handed_over),
            ("confirmed", counts.confirmed),
            ("unconfirmed", counts.unconfirmed),
            ("scrapped", counts.scrapped),
        ]
    }

    fn can_hold(&self) -> bool {
        matches!(self.job.state.as_str(), "pending" | "processing" | "stopped") && self.job.counts.queued > 0
    }

    fn can_release(&self) -> bool {
        matches!(self.job.state.as_str(), "held" | "stopped") && self.job.counts.queued > 0 && !self.job.awaits_second
    }

    fn can_cancel(&self) -> bool {
        let counts = &self.job.counts;
        self.job.state != "canceled" && counts.queued + counts.leased + counts.handed_over > 0
    }

    /// Whether it changes by itself.
    fn is_moving(&self) -> bool {
        matches!(self.job.state.as_str(), "pending" | "processing")
    }
}

/// A job, if it is for whoever looks at it: people of a station see its own.
async fn job_of(app: &PageApp, who: &SignedIn, code: &str) -> Result<JobRecord, Problem> {
    let job = app.nameplate.job(&who.caller(), code).await?;
    match (&who.station, &job.station) {
        (Some(own), Some(station)) if own != station => {
            Err(ServiceError::NotFound { kind: "print job", name: code.chars().take(80).collect() }.into())
        }
        _ => Ok(job),
    }
}

async fn drawn(app: &PageApp, v: View, who: &SignedIn, job: JobRecord, wanted: Wanted) -> Result<Job, Problem> {
    let caller = who.caller();
    let after = given(&wanted.after).map(str::parse::<Cursor<i64>>).transpose();
    let after = after.map_err(|_| Problem::new(ProblemKind::InvalidCursor, "").with("field", "after"))?;
    let state = given(&wanted.state);
    let (labels, next) = match app.nameplate.job_labels(&caller, &job.job, state, after.map(|c| c.0), ROWS).await {
        // A state that was typed into the address.
        Err(ServiceError::Invalid { .. }) => (Vec::new(), None),
        found => found?,
    };
    let next = next
        .map(|next| format!("/printing/{}?state={}&after={}#labels", job.job, in_address(&wanted.state), Cursor(next)));
    let attempts = app.nameplate.job_attempts(&caller, &job.job, ATTEMPTS).await?;
    let said = Said { key: fresh_key()?, which: "list".to_owned(), ..Said::default() };
    let (reason, email) = (String::new(), String::new());
    Ok(Job { v, job, wanted, labels, next, attempts, said, reason, email, refused: Refused::default() })
}

async fn show(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(code): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let job = job_of(&app, &who, &code).await?;
    Ok(page(&drawn(&app, v, &who, job, wanted).await?))
}

#[derive(Debug, Deserialize)]
struct Controlled {
    #[serde(default)]
    control: String,
    #[serde(default)]
    reason: String,
}

async fn control(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(code): Path<String>,
    Posted(form): Posted<Controlled>,
) -> Result<Response, Problem> {
    let job = job_of(&app, &who, &code).await?;
    let control = match form.control.as_str() {
        "hold" => Control::Hold,
        "release" => Control::Release,
        "cancel" => Control::Cancel,
        _ => return Err(Problem::new(ProblemKind::InvalidField, "`control` is hold, release or cancel.")),
    };
    let request = ControlRequest { control, reason: Some(form.reason.clone()) };
    match app.nameplate.control_job(&who.caller(), &job.job, &request).await {
        Ok(job) => Ok(see_other(&format!("/printing/{}?done=job_changed", job.job))),
        Err(error) => {
            let refused = Refused::by(&v, error)?;
            let mut shown = drawn(&app, v, &who, job, Wanted::default()).await?;
            (shown.refused, shown.reason) = (refused, form.reason);
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
    }
}

/// What a form says of labels, once it can be read.
fn settlement(v: &View, said: &Said) -> Result<Settlement, Refused> {
    let verdict = match said.verdict.as_str() {
        "printed" => Verdict::Printed,
        "not_printed" => Verdict::NotPrinted,
        "damaged" => Verdict::Damaged,
        _ => return Err(Refused::field("verdict", v.t("printing.verdict_needed"))),
    };
    let serials = match said.which.as_str() {
        "rest" => Selection::Rest,
        "range" => match (given(&said.first), given(&said.last)) {
            (Some(first), Some(last)) => Selection::Range { first: first.to_owned(), last: last.to_owned() },
            _ => return Err(Refused::field("serials", v.t("printing.range_needed"))),
        },
        _ => Selection::Serials(super::printing_new::listed(&said.serials)),
    };
    if matches!(&serials, Selection::Serials(serials) if serials.is_empty()) {
        return Err(Refused::field("serials", v.t("printing.serials_needed")));
    }
    let reason = given(&said.reason).map(str::to_owned);
    Ok(Settlement { verdict, serials, reason, replace: said.no_replacement != "yes" })
}

async fn settle(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(code): Path<String>,
    Posted(said): Posted<Said>,
) -> Result<Response, Problem> {
    let job = job_of(&app, &who, &code).await?;
    let key = key_of(&said.key)?;
    let refused = match settlement(&v, &said) {
        Ok(settlement) => match app.nameplate.settle(&who.caller(), &job.job, key, &settlement).await {
            Ok(settled) => {
                let place = settled.replacement.as_ref().unwrap_or(&settled.job);
                let done = if settled.replacement.is_some() { "settled_replaced" } else { "settled" };
                return Ok(see_other(&format!("/printing/{}?done={done}", place.job)));
            }
            Err(ServiceError::Invalid { field: "reason", problem }) => Refused::field("settle_reason", &problem),
            Err(error) => Refused::by(&v, error)?,
        },
        Err(refused) => refused,
    };
    let mut shown = drawn(&app, v, &who, job, Wanted::default()).await?;
    let key = std::mem::take(&mut shown.said.key);
    (shown.refused, shown.said) = (refused, Said { key, ..said });
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
}

#[derive(Debug, Deserialize)]
struct Second {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
}

/// Another person agrees in this person's browser, with address and password. Guessing is slowed down as at sign-in.
async fn agree(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    axum::Extension(Peer(peer)): axum::Extension<Peer>,
    Path(code): Path<String>,
    Posted(second): Posted<Second>,
) -> Result<Response, Problem> {
    let job = job_of(&app, &who, &code).await?;
    let address = AddressGroup::from(peer.ip());
    let account: [u8; 32] = Sha256::digest(second.email.trim().to_lowercase().as_bytes()).into();
    if let Some(wait_s) = app.attempts.wait_s(address, account) {
        return Err(Problem::new(ProblemKind::TooManyAttempts, "").retry_after_s(wait_s));
    }
    let request = ControlRequest { control: Control::Agree, reason: None };
    let refused = match app.nameplate.check_person(&second.email, &second.password, &second.code).await {
        Ok(person) if !person.roles.may(Roles::of(&ACTS)) => Refused::field("email", v.t("printing.second_role")),
        Ok(person) => match app.nameplate.control_job(&person.caller, &job.job, &request).await {
            Ok(job) => return Ok(see_other(&format!("/printing/{}?done=agreed", job.job))),
            // A person of another brand does not learn of the job.
            Err(ServiceError::NotFound { .. }) => Refused::field("email", v.t("printing.second_role")),
            Err(error) => Refused::by(&v, error)?,
        },
        Err(SignInRefused::Service(error)) => return Err(error.into()),
        Err(wrong) => {
            app.attempts.failed(address, account);
            let words = if matches!(wrong, SignInRefused::Code) { "signin.wrong_code" } else { "signin.wrong" };
            Refused::field("password", v.t(words))
        }
    };
    let mut shown = drawn(&app, v, &who, job, Wanted::default()).await?;
    (shown.refused, shown.email) = (refused, second.email.chars().take(254).collect());
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
}
