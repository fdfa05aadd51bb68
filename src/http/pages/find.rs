//! The look-up: whatever was typed or scanned leads to the record that it names.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::{PageApp, Pages, View, in_address, page, page_with, see_other};
use crate::http::extract::Query;
use crate::http::problem::Problem;
use crate::service::people::{Role, SignedIn};
use crate::service::resolve::{Resolved, Unknown};
use crate::trace::JobCode;

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
    if v.may("/printing") && JobCode::parse(text).is_ok() {
        let job = app.nameplate.job(&who.caller(), text).await?;
        return Ok(see_other(&format!("/printing/{}", in_address(&job.job))));
    }
    let path = match app.nameplate.resolve(&who.caller(), text).await? {
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

/// The page of the printer that is called so, for those who may see such pages.
async fn printer(app: &PageApp, v: &View, who: &SignedIn, text: &str) -> Option<String> {
    if !v.may("/printers") || text.len() > 40 || text.contains('\0') {
        return None;
    }
    let printer = app.nameplate.printer(&who.caller(), text).await.ok()?;
    Some(format!("/printers/{}", in_address(&printer.printer)))
}
