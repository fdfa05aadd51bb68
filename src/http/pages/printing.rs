//! Print jobs: the queue, and labels of all jobs of which nobody knows what became.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::floor::{given, job_colour, job_word};
use super::{PageApp, Pages, View, in_address, page};
use crate::http::extract::{Cursor, Query};
use crate::http::problem::{Problem, ProblemKind};
use crate::service::ServiceError;
use crate::service::people::{Role, SignedIn};
use crate::service::print::{JobRecord, JobStatus, PrinterChoice, UnknownRange, WhichJobs};

/// Who looks at print jobs.
pub(super) const LOOKS: [Role; 4] = [Role::Planner, Role::Station, Role::Operator, Role::Viewer];
/// Who does something about them.
pub(super) const ACTS: [Role; 3] = [Role::Planner, Role::Station, Role::Operator];
/// Rows of a page.
pub(super) const ROWS: u32 = 50;

pub(super) fn pages(pages: Pages) -> Pages {
    let pages = pages.get("/printing", &LOOKS, queue).get("/printing/unconfirmed", &LOOKS, unconfirmed);
    let pages = super::printing_new::pages(pages);
    let pages = super::printing_conflicts::pages(pages);
    super::printing_job::pages(pages)
}

/// Whether whoever looks at a page may do something about print jobs.
pub(super) fn acts(v: &View) -> bool {
    ACTS.iter().any(|role| v.has(role.name()))
}

/// Which page of which list, in the address.
#[derive(Debug, Clone, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    printer: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

impl Wanted {
    fn cursor<K: serde::de::DeserializeOwned>(&self) -> Result<Option<K>, Problem> {
        let cursor = given(&self.after).map(str::parse::<Cursor<K>>).transpose();
        Ok(cursor.map_err(|_| Problem::new(ProblemKind::InvalidCursor, "").with("field", "after"))?.map(|c| c.0))
    }

    fn address(&self, path: &str, after: &str) -> String {
        let [printer, state] = [&self.printer, &self.state].map(|text| in_address(text));
        let after = if after.is_empty() { String::new() } else { format!("&after={after}") };
        format!("{path}?printer={printer}&state={state}{after}")
    }
}

/// States that the queue can be narrowed to; the first is what it shows by itself.
const STATES: [(&str, &str); 8] = [
    ("open", "printing.list_open"),
    ("pending", "printing.state_pending"),
    ("processing", "printing.state_processing"),
    ("held", "printing.state_held"),
    ("stopped", "printing.state_stopped"),
    ("completed", "printing.state_completed"),
    ("canceled", "printing.state_canceled"),
    ("all", "printing.list_all"),
];

/// What a state in the address asks for.
fn status(state: &str) -> Option<JobStatus> {
    Some(match state {
        "pending" => JobStatus::Pending,
        "processing" => JobStatus::Processing,
        "held" => JobStatus::Held,
        "stopped" => JobStatus::Stopped,
        "completed" => JobStatus::Completed,
        "canceled" => JobStatus::Canceled,
        _ => return None,
    })
}

#[derive(Template)]
#[template(path = "pages/printing.html")]
struct Queue {
    v: View,
    wanted: Wanted,
    printers: Vec<PrinterChoice>,
    jobs: Vec<JobRecord>,
    next: Option<String>,
}

impl Queue {
    fn states(&self) -> &'static [(&'static str, &'static str)] {
        &STATES
    }

    fn colour(&self, job: &JobRecord) -> &'static str {
        job_colour(job)
    }

    fn word(&self, job: &JobRecord) -> String {
        job_word(&self.v, &job.state)
    }

    fn kind(&self, job: &JobRecord) -> String {
        self.v.t(&format!("printing.kind_{}", job.kind)).to_owned()
    }

    fn acts(&self) -> bool {
        acts(&self.v)
    }
}

async fn queue(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Query(mut wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    if !STATES.iter().any(|(state, _)| *state == wanted.state) {
        wanted.state = "open".to_owned();
    }
    let which = WhichJobs {
        printer: given(&wanted.printer),
        open: wanted.state == "open",
        status: status(&wanted.state),
        station: who.station.as_deref(),
        ..WhichJobs::default()
    };
    let before = wanted.cursor::<i64>()?;
    let (jobs, next) = match app.nameplate.jobs(&who.caller(), &which, before, ROWS).await {
        // A printer that was typed into the address.
        Err(ServiceError::NotFound { .. }) => (Vec::new(), None),
        found => found?,
    };
    let next = next.map(|next| wanted.address("/printing", &Cursor(next).to_string()));
    let printers = app.nameplate.printer_choices().await?;
    Ok(page(&Queue { v, wanted, printers, jobs, next }))
}

#[derive(Template)]
#[template(path = "pages/printing_unconfirmed.html")]
struct Unconfirmed {
    v: View,
    wanted: Wanted,
    printers: Vec<PrinterChoice>,
    labels: Vec<UnknownRange>,
    next: Option<String>,
}

async fn unconfirmed(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let after = wanted.cursor::<(i64, u64)>()?;
    let (printer, caller) = (given(&wanted.printer), who.caller());
    let (labels, next) = match app.nameplate.unconfirmed_labels(&caller, printer, after, ROWS).await {
        Err(ServiceError::NotFound { .. }) => (Vec::new(), None),
        found => found?,
    };
    let next = next.map(|next| wanted.address("/printing/unconfirmed", &Cursor(next).to_string()));
    let printers = app.nameplate.printer_choices().await?;
    Ok(page(&Unconfirmed { v, wanted, printers, labels, next }))
}
