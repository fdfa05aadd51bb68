//! Tokens: listed, made, rotated, ended. A secret is shown once, in the answer to the form that made it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::form::{Fault, Faults, fresh_key};
use super::list::{Pager, ROWS};
use super::{PageApp, Pages, Posted, View, page, page_with, see_other};
use crate::http::extract::{Path, Query};
use crate::http::problem::{Problem, ProblemKind};
use crate::service::browse::BrandRecord;
use crate::service::people::{Role, SignedIn};
use crate::service::token::{Scope, TokenId};
use crate::service::tokens::{DEFAULT_OVERLAP_S, IssuedToken, ListedToken, NewToken, TokenState};

const ADMIN: [Role; 1] = [Role::Admin];
/// How many printers a token can be chosen for.
const PRINTERS: u32 = 500;

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get("/tokens", &ADMIN, list)
        .get("/tokens/new", &ADMIN, blank)
        .post("/tokens", &ADMIN, issue)
        .post("/tokens/{id}/rotate", &ADMIN, rotate)
        .post("/tokens/{id}/revoke", &ADMIN, revoke)
}

#[derive(Debug, Default, Deserialize)]
struct After {
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "pages/tokens.html")]
struct List {
    v: View,
    tokens: Vec<ListedToken>,
    pager: Pager,
    /// For the forms of this page.
    key: String,
}

async fn list(State(app): State<PageApp>, v: View, Query(After { after }): Query<After>) -> Result<Response, Problem> {
    let (tokens, next) = app.nameplate.tokens(&after, ROWS).await?;
    let pager = Pager::new("/tokens", &[], &after, next);
    Ok(page(&List { v, tokens, pager, key: fresh_key()? }))
}

/// What the form of a new token holds.
#[derive(Debug, Clone, Default, Deserialize)]
struct Form {
    #[serde(default)]
    name: String,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    brand: String,
    #[serde(default)]
    station: String,
    #[serde(default)]
    printer: String,
    /// A day.
    #[serde(default)]
    expires_at: String,
    #[serde(default)]
    key: String,
}

impl Form {
    fn has(&self, scope: &Scope) -> bool {
        self.scopes.iter().any(|name| name == scope.name())
    }

    /// The token that is asked for. A day is meant to its end.
    fn token(&self) -> NewToken {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        NewToken {
            name: self.name.clone(),
            scopes: self.scopes.join(" "),
            brand: given(&self.brand),
            station: given(&self.station),
            printer: given(&self.printer),
            expires_at: given(&self.expires_at).map(|day| format!("{day}T23:59:59Z")),
        }
    }
}

#[derive(Template)]
#[template(path = "pages/tokens_new.html")]
struct New {
    v: View,
    form: Form,
    brands: Vec<BrandRecord>,
    printers: Vec<String>,
    faults: Faults,
}

impl New {
    async fn of(app: &PageApp, v: View, who: &SignedIn, form: Form, faults: Faults) -> Result<Self, Problem> {
        let brands = app.nameplate.brands(&who.caller()).await?;
        let printers = app.nameplate.printer_names(PRINTERS).await?;
        Ok(Self { v, form, brands, printers, faults })
    }
}

async fn blank(State(app): State<PageApp>, v: View, who: SignedIn) -> Result<Response, Problem> {
    let form = Form { key: fresh_key()?, ..Form::default() };
    Ok(page(&New::of(&app, v, &who, form, Faults::none()).await?))
}

/// A token that was just made.
#[derive(Template)]
#[template(path = "pages/tokens_issued.html")]
struct Issued {
    v: View,
    token: IssuedToken,
}

async fn issue(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Posted(form): Posted<Form>,
) -> Result<Response, Problem> {
    once(&app, &who, &form.key)?;
    match app.nameplate.issue_token(&who.caller(), &form.token()).await {
        Ok(token) => Ok(page(&Issued { v, token })),
        Err(error) => {
            app.taken.forget(who.user, &form.key);
            // A printer that does not exist is a field's fault here.
            let fault = match error {
                crate::service::ServiceError::NotFound { kind: "printer", .. } => {
                    Fault::new("printer", Problem::from(error).detail())
                }
                other => Fault::of(other)?,
            };
            let shown = New::of(&app, v, &who, form, fault.into()).await?;
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
    }
}

/// Takes a form once: a secret cannot be shown again, so a second sending must not make another token.
fn once(app: &PageApp, who: &SignedIn, key: &str) -> Result<(), Problem> {
    if !key.is_empty() && app.taken.is_new(who.user, key) {
        return Ok(());
    }
    let detail = "This form was sent before, and its answer showed the secret. Should that be lost, revoke the token and \
                  make another.";
    Err(Problem::new(ProblemKind::KeyReused, detail))
}

/// What is no id names no token.
fn token_id(text: &str) -> Result<TokenId, Problem> {
    text.parse().map_err(|error| Problem::new(ProblemKind::UnknownToken, format!("As a token's id: {error}.")))
}

#[derive(Debug, Deserialize)]
struct Sent {
    #[serde(default)]
    key: String,
}

async fn rotate(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(id): Path<String>,
    Posted(Sent { key }): Posted<Sent>,
) -> Result<Response, Problem> {
    let key = format!("{key} {id}");
    once(&app, &who, &key)?;
    match app.nameplate.rotate_token(&who.caller(), token_id(&id)?, DEFAULT_OVERLAP_S).await {
        Ok(token) => Ok(page(&Issued { v, token })),
        Err(error) => {
            app.taken.forget(who.user, &key);
            Err(error.into())
        }
    }
}

#[derive(Debug, Deserialize)]
struct Nothing {}

async fn revoke(
    State(app): State<PageApp>,
    who: SignedIn,
    Path(id): Path<String>,
    _: Posted<Nothing>,
) -> Result<Response, Problem> {
    app.nameplate.revoke_token(&who.caller(), token_id(&id)?).await?;
    Ok(see_other("/tokens?done=token_revoked"))
}
