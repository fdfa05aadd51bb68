//! The audit chain: its entries, newest first, and whether it is whole.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::list::{Pager, ROWS};
use super::{PageApp, Pages, Posted, View, page};
use crate::http::extract::Query;
use crate::http::problem::{Problem, ProblemKind};
use crate::service::browse::AuditRecord;
use crate::service::people::{Role, SignedIn};
use crate::service::verify_audit::AuditVerified;

const ADMIN: [Role; 1] = [Role::Admin];

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get("/audit", &ADMIN, list).post("/audit/check", &ADMIN, check)
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    /// Where the page before ended.
    #[serde(default)]
    after: String,
    /// The number of the entry to begin with.
    #[serde(default)]
    number: String,
}

#[derive(Template)]
#[template(path = "pages/audit.html")]
struct Audit {
    v: View,
    number: String,
    entries: Vec<AuditRecord>,
    pager: Pager,
    /// What looking at the whole chain has found.
    verified: Option<AuditVerified>,
}

impl Audit {
    async fn of(app: &PageApp, v: View, asked: &Asked) -> Result<Self, Problem> {
        let from = asked.number.trim().parse::<u64>().ok().map(|number| number.saturating_add(1));
        let before = from.or_else(|| asked.after.parse().ok());
        let (entries, next) = app.nameplate.audit_entries(before, ROWS).await?;
        let after = if before.is_some() { "x" } else { "" };
        let pager = Pager::new("/audit", &[], after, next.map(|next| next.to_string()));
        Ok(Self { v, number: asked.number.clone(), entries, pager, verified: None })
    }
}

async fn list(State(app): State<PageApp>, v: View, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    Ok(page(&Audit::of(&app, v, &asked).await?))
}

#[derive(Debug, Deserialize)]
struct Nothing {}

/// Reads the whole chain. It takes about a second for 100,000 entries, so one look at a time is enough.
async fn check(State(app): State<PageApp>, v: View, who: SignedIn, _: Posted<Nothing>) -> Result<Response, Problem> {
    static TURN: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(1);
    let Ok(_turn) = TURN.try_acquire() else {
        let detail = "The chain is being checked for somebody else.";
        return Err(Problem::new(ProblemKind::Overloaded, detail).retry_after_s(10));
    };
    tracing::info!(user = who.user, "the audit chain is checked");
    let verified = app.nameplate.verify_audit().await?;
    let mut shown = Audit::of(&app, v, &Asked::default()).await?;
    shown.verified = Some(verified);
    Ok(page(&shown))
}
