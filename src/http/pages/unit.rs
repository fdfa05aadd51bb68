//! The record of a unit: everything that is known of it, in one page.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::{PageApp, Pages, View, page};
use crate::http::extract::Path;
use crate::http::problem::{Problem, ProblemKind};
use crate::service::people::{Role, SignedIn};
use crate::service::resolve::{Resolved, UnitRecord};

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get("/units/{serial}", &Role::ALL, one)
}

#[derive(Template)]
#[template(path = "pages/unit.html")]
struct Unit {
    v: View,
    unit: UnitRecord,
}

impl Unit {
    /// How a fate is shown.
    fn shade(&self) -> &'static str {
        shade(self.unit.fate.as_str())
    }

    /// The beginning of a digest: enough to tell two apart by eye.
    fn short(&self, digest: &str) -> String {
        digest.chars().take(12).collect()
    }
}

/// The class of a state: good, bad, in doubt, on its way.
pub(super) fn shade(state: &str) -> &'static str {
    match state {
        "applied" | "confirmed" | "pass" => "ok",
        "void" | "scrapped" | "fail" => "bad",
        "unaccounted" | "unconfirmed" => "warn",
        "printed" | "queued" | "leased" | "handed_over" => "info",
        _ => "",
    }
}

async fn one(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(serial): Path<String>,
) -> Result<Response, Problem> {
    match app.nameplate.resolve(&who.caller(), &serial).await? {
        Resolved::Serial(unit) => Ok(page(&Unit { v, unit: *unit })),
        _ => {
            let shown: String = serial.chars().take(80).collect();
            Err(Problem::new(ProblemKind::UnknownSerial, format!("No unit is called {shown:?}.")))
        }
    }
}
