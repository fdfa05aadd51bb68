//! Proofs: the list, making one, its files. What a buyer looks at and signs is in [`show`] and [`act`].

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{PageApp, Pages, Posted, View, in_address, page, page_with, see_other};
use crate::http::extract::{Path, Query};
use crate::http::problem::{Problem, ProblemKind};
use crate::service::ServiceError;
use crate::service::people::{Role, Roles, SecretText, SignedIn};
use crate::service::proof::{NewApprover, NewProof, ProofSummary, WhichProofs};
use crate::trace::ProofState;

mod act;
mod show;

/// Who looks at proofs.
const LOOK: [Role; 3] = [Role::Planner, Role::Buyer, Role::Viewer];
/// Who makes them.
const MAKE: [Role; 1] = [Role::Planner];
/// Who may be asked to approve one.
const DECIDE: [Role; 2] = [Role::Planner, Role::Buyer];
/// Proofs of a page of the list.
const A_PAGE: u32 = 50;

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get("/proofs", &LOOK, list)
        .get("/proofs/new", &MAKE, ask)
        .post("/proofs/new", &MAKE, make)
        .get("/proofs/{proof}", &LOOK, show::show)
        .get("/proofs/{proof}/samples/{n}", &LOOK, sample)
        .get("/proofs/{proof}/proof.pdf", &LOOK, pdf)
        .get("/proofs/{proof}/certificate.pdf", &LOOK, certificate_pdf)
        .get("/proofs/{proof}/certificate.json", &LOOK, certificate_json)
        .post("/proofs/{proof}/request", &MAKE, act::request)
        .post("/proofs/{proof}/withdraw", &MAKE, act::withdraw)
        .post("/proofs/{proof}/comments", &DECIDE, act::comment)
        .post("/proofs/{proof}/comments/{comment}/resolve", &DECIDE, act::resolve)
        .post("/proofs/{proof}/decide", &DECIDE, act::decide)
        .get("/brands/{brand}/approvers", &MAKE, approvers)
        .post("/brands/{brand}/approvers", &MAKE, set_approvers)
}

/// Whether a proof waits for this person: by name, or as one of the brand's buyers where nobody is named.
pub(super) fn waits_for(summary: &ProofSummary, who: &SignedIn) -> bool {
    let of_any_buyer = summary.turn.is_empty() && who.roles.contains(Role::Buyer);
    summary.state == "requested" && (of_any_buyer || summary.turn.contains(&who.user))
}

#[derive(Template)]
#[template(path = "pages/proofs.html")]
struct List {
    v: View,
    mine: Vec<ProofSummary>,
    proofs: Vec<ProofSummary>,
    state: String,
    sku: String,
    next: Option<i64>,
    /// A SKU that does not exist.
    fault: Option<String>,
}

impl List {
    fn may_make(&self) -> bool {
        self.v.who.as_ref().is_some_and(|who| who.may(Roles::of(&MAKE)))
    }

    fn states(&self) -> [&'static str; 7] {
        ProofState::ALL.map(ProofState::as_str)
    }

    fn is_filtered(&self) -> bool {
        !self.state.is_empty() || !self.sku.is_empty()
    }
}

#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    state: String,
    #[serde(default)]
    sku: String,
    #[serde(default)]
    before: String,
    /// What was just done; the gate has read it.
    #[serde(default, rename = "done")]
    _done: String,
}

async fn list(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let caller = who.caller();
    let state = ProofState::ALL.into_iter().find(|state| state.as_str() == wanted.state);
    let sku = Some(wanted.sku.trim().to_owned()).filter(|sku| !sku.is_empty());
    let which = WhichProofs { state, sku, before: wanted.before.parse().ok() };
    let found = app.nameplate.proofs(&caller, &which, A_PAGE).await;
    let (proofs, next, fault) = match found {
        Ok((proofs, next)) => (proofs, next, None),
        Err(error @ ServiceError::NotFound { .. }) => (Vec::new(), None, Some(error.to_string())),
        Err(error) => return Err(error.into()),
    };
    let requested = WhichProofs { state: Some(ProofState::Requested), ..WhichProofs::default() };
    let mine = app.nameplate.proofs(&caller, &requested, A_PAGE).await?.0;
    let mine = mine.into_iter().filter(|summary| waits_for(summary, &who)).collect();
    let state = state.map_or("", ProofState::as_str).to_owned();
    Ok(page(&List { v, mine, proofs, state, sku: wanted.sku, next, fault }))
}

#[derive(Template)]
#[template(path = "pages/proof_new.html")]
struct Ask {
    v: View,
    form: NewForm,
    templates: Vec<String>,
    /// Field and fault; a field that is not on the page stands for all of it.
    error: Option<(&'static str, String)>,
}

impl Ask {
    fn fault(&self, field: &str) -> Option<&str> {
        self.error.as_ref().filter(|(at, _)| *at == field).map(|(_, fault)| fault.as_str())
    }

    fn other_fault(&self) -> Option<&str> {
        let own = ["sku", "revision", "template", "dpi", "stock", "note"];
        self.error.as_ref().filter(|(at, _)| !own.contains(at)).map(|(_, fault)| fault.as_str())
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
struct NewForm {
    #[serde(default)]
    key: String,
    #[serde(default)]
    sku: String,
    #[serde(default)]
    revision: String,
    #[serde(default)]
    template: String,
    #[serde(default)]
    dpi: String,
    #[serde(default)]
    stock: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    replaces: String,
}

async fn ask(State(app): State<PageApp>, v: View, Query(mut form): Query<NewForm>) -> Result<Response, Problem> {
    form.key = SecretText::fresh()?.reveal().to_owned();
    let templates = app.nameplate.template_names().await?;
    Ok(page(&Ask { v, form, templates, error: None }))
}

async fn make(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Posted(form): Posted<NewForm>,
) -> Result<Response, Problem> {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let new = NewProof {
        sku: form.sku.trim().to_owned(),
        revision: given(&form.revision),
        template: given(&form.template),
        dpi: form.dpi.trim().parse().unwrap_or(0),
        stock: given(&form.stock),
        note: form.note.clone(),
        replaces: given(&form.replaces),
    };
    let error = match app.nameplate.new_proof(&who.caller(), &form.key, &new).await {
        Ok(proof) => return Ok(see_other(&format!("/proofs/{}?done=proof_made", proof.proof))),
        Err(ServiceError::Invalid { field, problem }) => (field, problem),
        Err(error @ ServiceError::NotFound { kind, .. }) => {
            let field = match kind {
                "SKU" => "sku",
                "SKU revision" => "revision",
                "template" => "template",
                _ => "",
            };
            (field, error.to_string())
        }
        Err(error @ (ServiceError::Label(_) | ServiceError::Proof(_))) => ("", error.to_string()),
        Err(error) => return Err(error.into()),
    };
    let templates = app.nameplate.template_names().await?;
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &Ask { v, form, templates, error: Some(error) }))
}

/// A file of a proof. It never changes, so browsers may keep it, each for its own person.
fn file(media_type: &'static str, name: Option<String>, bytes: Vec<u8>) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600"));
    let attached = name.and_then(|name| HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).ok());
    if let Some(attached) = attached {
        headers.insert(header::CONTENT_DISPOSITION, attached);
    }
    response
}

async fn sample(
    State(app): State<PageApp>,
    who: SignedIn,
    Path((proof, n)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let n = n.parse().map_err(|_| Problem::new(ProblemKind::NotFound, "There is no such sample."))?;
    Ok(file("image/png", None, app.nameplate.proof_sample_png(&who.caller(), &proof, n).await?))
}

async fn pdf(State(app): State<PageApp>, who: SignedIn, Path(proof): Path<String>) -> Result<Response, Problem> {
    let bytes = app.nameplate.proof_pdf(&who.caller(), &proof).await?;
    Ok(file("application/pdf", Some(format!("{proof}.pdf")), bytes))
}

async fn certificate_pdf(
    State(app): State<PageApp>,
    who: SignedIn,
    Path(proof): Path<String>,
) -> Result<Response, Problem> {
    let bytes = app.nameplate.proof_certificate_pdf(&who.caller(), &proof).await?;
    Ok(file("application/pdf", Some(format!("{proof}-certificate.pdf")), bytes))
}

async fn certificate_json(
    State(app): State<PageApp>,
    who: SignedIn,
    Path(proof): Path<String>,
) -> Result<Response, Problem> {
    let text = app.nameplate.proof_certificate(&who.caller(), &proof).await?;
    Ok(file("application/json", Some(format!("{proof}-certificate.json")), text.into_bytes()))
}

#[derive(Template)]
#[template(path = "pages/approvers.html")]
struct ApproversPage {
    v: View,
    brand: String,
    /// Position and address, as they are or as they were typed.
    rows: Vec<(String, String)>,
    fault: Option<String>,
}

/// Rows that are free to be filled in.
const FREE_ROWS: usize = 3;

fn with_free_rows(mut rows: Vec<(String, String)>) -> Vec<(String, String)> {
    rows.extend(std::iter::repeat_n((String::new(), String::new()), FREE_ROWS));
    rows
}

async fn approvers(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(brand): Path<String>,
) -> Result<Response, Problem> {
    let known = app.nameplate.approvers(&who.caller(), &brand).await?;
    let rows = known.into_iter().map(|approver| (approver.position.to_string(), approver.email)).collect();
    Ok(page(&ApproversPage { v, brand, rows: with_free_rows(rows), fault: None }))
}

#[derive(Debug, Deserialize)]
struct ApproversForm {
    #[serde(default)]
    position: Vec<String>,
    #[serde(default)]
    email: Vec<String>,
}

async fn set_approvers(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(brand): Path<String>,
    Posted(form): Posted<ApproversForm>,
) -> Result<Response, Problem> {
    let rows: Vec<(String, String)> = form.position.into_iter().zip(form.email).collect();
    let rows: Vec<(String, String)> = rows.into_iter().filter(|(_, email)| !email.trim().is_empty()).collect();
    let new: Vec<NewApprover> = rows
        .iter()
        .map(|(position, email)| NewApprover {
            email: email.trim().to_owned(),
            // A position that is no number is out of range, and is told so.
            position: if position.trim().is_empty() { 1 } else { position.trim().parse().unwrap_or(0) },
        })
        .collect();
    match app.nameplate.set_approvers(&who.caller(), &brand, &new).await {
        Ok(_) => Ok(see_other(&format!("/brands/{}/approvers?done=saved", in_address(&brand)))),
        Err(ServiceError::Invalid { problem, .. }) => {
            let shown = ApproversPage { v, brand, rows: with_free_rows(rows), fault: Some(problem) };
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
        Err(error) => Err(error.into()),
    }
}
