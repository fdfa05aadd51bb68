//! Signing in and out, the language of the pages, and the password once more before a signature.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{PageApp, Pages, Posted, View, cookie, page, page_with, see_other};
use crate::http::extract::Query;
use crate::http::problem::{Problem, ProblemKind};
use crate::http::server::{AddressGroup, Peer};
use crate::service::people::session::SignIn;
use crate::service::people::{Role, SignInRefused, SignedIn};

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get_open("/sign-in", show)
        .post_open("/sign-in", sign_in)
        .post("/sign-out", &Role::ALL, sign_out)
        .post_open("/language", language)
}

#[derive(Template)]
#[template(path = "pages/sign_in.html")]
struct SignInPage {
    v: View,
    next: String,
    email: String,
    error: Option<String>,
    wrong_code: bool,
}

#[derive(Debug, Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

async fn show(v: View, Query(Next { next }): Query<Next>) -> Response {
    if v.who.is_some() {
        return see_other(own_page(&next));
    }
    page(&SignInPage { v, next, email: String::new(), error: None, wrong_code: false })
}

#[derive(Debug, Deserialize)]
struct Form {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

async fn sign_in(
    State(app): State<PageApp>,
    v: View,
    axum::Extension(Peer(peer)): axum::Extension<Peer>,
    headers: HeaderMap,
    Posted(form): Posted<Form>,
) -> Result<Response, Problem> {
    let address = AddressGroup::from(peer.ip());
    let account: [u8; 32] = Sha256::digest(form.email.trim().to_lowercase().as_bytes()).into();
    let refused = |status, error, wrong_code| {
        let (next, email) = (form.next.clone(), form.email.chars().take(254).collect());
        page_with(status, &SignInPage { v: v.clone(), next, email, error: Some(error), wrong_code })
    };
    if let Some(wait_s) = app.attempts.wait_s(address, account) {
        let mut response = refused(StatusCode::TOO_MANY_REQUESTS, v.count("signin.wait", wait_s), false);
        response.headers_mut().insert(header::RETRY_AFTER, wait_s.into());
        return Ok(response);
    }
    match app.nameplate.sign_in(&form.email, &form.password, &form.code, device(&headers)).await {
        Ok(signed_in) => Ok(begin(&app, &signed_in, own_page(&form.next))),
        Err(SignInRefused::Wrong) => {
            app.attempts.failed(address, account);
            Ok(refused(StatusCode::UNPROCESSABLE_ENTITY, v.t("signin.wrong").to_owned(), false))
        }
        Err(SignInRefused::Code) => {
            app.attempts.failed(address, account);
            Ok(refused(StatusCode::UNPROCESSABLE_ENTITY, v.t("signin.wrong_code").to_owned(), true))
        }
        Err(SignInRefused::Service(error)) => Err(error.into()),
    }
}

/// What the browser says of itself.
pub(super) fn device(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("")
}

/// Hands the session to the browser and goes to a page.
pub(super) fn begin(app: &PageApp, signed_in: &SignIn, path: &str) -> Response {
    let mut response = see_other(path);
    if let Some(value) = cookie::begin(&signed_in.secret, app.is_secure()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// A page of this site to go to, whatever was asked for: nothing that a browser takes for another site's address.
fn own_page(next: &str) -> &str {
    let plain = |c: char| c.is_ascii_graphic() && c != '\\';
    let is_own = next.starts_with('/') && !next.starts_with("//") && next.len() <= 1_000 && next.chars().all(plain);
    if is_own && !next.starts_with("/sign-") { next } else { "/" }
}

#[derive(Debug, Deserialize)]
struct Nothing {}

async fn sign_out(State(app): State<PageApp>, who: SignedIn, _: Posted<Nothing>) -> Result<Response, Problem> {
    app.nameplate.sign_out(&who).await?;
    let mut response = see_other("/sign-in?done=signed_out");
    response.headers_mut().append(header::SET_COOKIE, cookie::end(app.is_secure()));
    Ok(response)
}

#[derive(Debug, Deserialize)]
struct Language {
    #[serde(default)]
    language: String,
    #[serde(default)]
    next: String,
}

async fn language(
    State(app): State<PageApp>,
    v: View,
    Posted(Language { language, next }): Posted<Language>,
) -> Result<Response, Problem> {
    let words = app.library.of(&language);
    let words = words.ok_or_else(|| Problem::new(ProblemKind::InvalidField, "There is no such language here."))?;
    if let Some(who) = &v.who {
        app.nameplate.change_self(who, &who.name, &words.tag).await?;
    }
    let next = if next == "/sign-in" { "/sign-in" } else { own_page(&next) };
    let mut response = see_other(next);
    if let Some(value) = cookie::language(&words.tag) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response.into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_signing_in_nobody_is_sent_to_another_site() {
        for good in ["/", "/proofs/PRF-1?done=saved", "/find?q=a%20b"] {
            assert_eq!(own_page(good), good);
        }
        let long = format!("/{}", "a".repeat(2_000));
        for bad in [
            "",
            "proofs",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/\t/evil",
            "/a b",
            "/sign-out",
            &long,
        ] {
            assert_eq!(own_page(bad), "/", "{bad}");
        }
    }
}
