//! The look-up: whatever was typed or scanned leads to the record that it names.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::{PageApp, Pages, View, in_address, page, page_with, see_other};
use crate::http::extract::Query;
use crate::http::problem::Problem;
use crate::service::ServiceError;
use crate::service::people::{Role, SignedIn};
use crate::service::resolve::{Resolved, Unknown};
use crate::trace::{JobCode, ProofCode};

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get("/find", &Role::ALL, find)
}

#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "pages/find.html")]
struct Find {
    v: View,
    /// Nothing was asked for, or what was asked for leads nowhere.
    found: Option<Unknown>,
}

async fn find(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Query(Asked { q }): Query<Asked>,
) -> Result<Response, Problem> {
    let text = q.trim();
    if text.is_empty() {
        return Ok(page(&Find { v, found: None }));
    }
    let caller = who.caller();
    if v.may("/printing") && JobCode::parse(text).is_ok() {
        let job = app.nameplate.job(&caller, text).await.map(|job| job.job);
        return named(v, "/printing", text, job);
    }
    if v.may("/proofs") && ProofCode::parse(text).is_ok() {
        let proof = app.nameplate.proof(&caller, text).await.map(|proof| proof.proof);
        return named(v, "/proofs", text, proof);
    }
    let path = match app.nameplate.resolve(&caller, text).await? {
        Resolved::Serial(unit) => format!("/units/{}", in_address(&unit.serial)),
        Resolved::Sku(sku) => format!("/catalogue/{}", in_address(&sku.code)),
        Resolved::Batch(batch) => format!("/batches/{}", in_address(&batch.batch)),
        Resolved::Block(block) => format!("/blocks/{}", in_address(&block.block)),
        Resolved::Unknown(found) => {
            if let Some(path) = printer(&app, &v, &who, text).await {
                return Ok(see_other(&path));
            }
            return Ok(page_with(StatusCode::NOT_FOUND, &Find { v, found: Some(*found) }));
        }
    };
    Ok(see_other(&path))
}

/// The page of something whose code was typed, or that there is no such thing.
fn named(v: View, folder: &str, text: &str, code: Result<String, ServiceError>) -> Result<Response, Problem> {
    match code {
        Ok(code) => Ok(see_other(&format!("{folder}/{}", in_address(&code)))),
        Err(error @ ServiceError::NotFound { .. }) => {
            let reason = error.to_string();
            let found = Unknown {
                text: text.chars().take(80).collect(),
                reason,
                suggestions: Vec::new(),
                well_formed_serial: false,
                skus: Vec::new(),
                units: Vec::new(),
            };
            Ok(page_with(StatusCode::NOT_FOUND, &Find { v, found: Some(found) }))
        }
        Err(error) => Err(error.into()),
    }
}

/// The page of the printer that is called so, for those who may see such pages.
async fn printer(app: &PageApp, v: &View, who: &SignedIn, text: &str) -> Option<String> {
    if !v.may("/printers") || text.len() > 40 || text.contains('\0') {
        return None;
    }
    let printer = app.nameplate.printer(&who.caller(), text).await.ok()?;
    Some(format!("/printers/{}", in_address(&printer.printer)))
}
