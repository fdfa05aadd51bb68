//! What stations said that worked without the server, where the records say otherwise; and what people made of it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::floor::{Refused, given};
use super::printing::{ACTS, LOOKS, ROWS, acts};
use super::{PageApp, Pages, Posted, View, in_address, page, page_with, see_other};
use crate::http::extract::{Cursor, Path, Query};
use crate::http::problem::{Problem, ProblemKind};
use crate::service::people::SignedIn;
use crate::service::print::FloorConflict;

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get("/printing/conflicts", &LOOKS, list).post("/printing/conflicts/{conflict}/close", &ACTS, close)
}

/// Fields that show their own faults.
const FIELDS: [&str; 1] = ["note"];

#[derive(Debug, Clone, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    station: String,
    /// `closed`; anything else means those that wait for somebody.
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "pages/printing_conflicts.html")]
struct Conflicts {
    v: View,
    wanted: Wanted,
    conflicts: Vec<FloorConflict>,
    next: Option<String>,
    /// The conflict whose note was refused, and the note as typed.
    at: Option<(i64, String)>,
    refused: Refused,
}

impl Conflicts {
    fn acts(&self) -> bool {
        acts(&self.v)
    }

    fn is_closed(&self) -> bool {
        self.wanted.state == "closed"
    }

    /// What the station said, in the words of its journal.
    fn said(&self, conflict: &FloorConflict) -> String {
        serde_json::to_string_pretty(&conflict.conflict.said).unwrap_or_default()
    }

    fn is_at(&self, conflict: &FloorConflict) -> bool {
        self.at.as_ref().is_some_and(|(at, _)| *at == conflict.conflict.conflict)
    }

    fn note(&self, conflict: &FloorConflict) -> &str {
        self.at.as_ref().filter(|(at, _)| *at == conflict.conflict.conflict).map_or("", |(_, note)| note.as_str())
    }
}

async fn drawn(app: &PageApp, v: View, who: &SignedIn, wanted: Wanted) -> Result<Conflicts, Problem> {
    let before = given(&wanted.after).map(str::parse::<Cursor<i64>>).transpose();
    let before = before.map_err(|_| Problem::new(ProblemKind::InvalidCursor, "").with("field", "after"))?;
    let closed = wanted.state == "closed";
    // Whoever works at one station sees that one's, whatever the address says.
    let station = who.station.as_deref().or_else(|| given(&wanted.station));
    let (conflicts, next) =
        app.nameplate.conflicts(&who.caller(), station, closed, before.map(|cursor| cursor.0), ROWS).await?;
    let next = next.map(|next| {
        let [station, state] = [&wanted.station, &wanted.state].map(|text| in_address(text));
        format!("/printing/conflicts?station={station}&state={state}&after={}", Cursor(next))
    });
    Ok(Conflicts { v, wanted, conflicts, next, at: None, refused: Refused::default() })
}

async fn list(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    Ok(page(&drawn(&app, v, &who, wanted).await?))
}

#[derive(Debug, Deserialize)]
struct Note {
    #[serde(default)]
    note: String,
}

async fn close(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(conflict): Path<String>,
    Posted(Note { note }): Posted<Note>,
) -> Result<Response, Problem> {
    let absent = || Problem::new(ProblemKind::NotFound, "There is no such conflict.");
    let id: i64 = conflict.parse().map_err(|_| absent())?;
    match app.nameplate.close_conflict(&who.caller(), id, &note).await {
        Ok(_) => Ok(see_other("/printing/conflicts?done=conflict_closed")),
        Err(crate::service::ServiceError::NotFound { .. }) => Err(absent()),
        Err(error) => {
            let refused = Refused::by(&v, error)?;
            let mut shown = drawn(&app, v, &who, Wanted::default()).await?;
            (shown.refused, shown.at) = (refused, Some((id, note)));
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
    }
}
