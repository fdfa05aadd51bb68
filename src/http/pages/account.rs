//! One's own account: name, language, one-time codes, and where one is signed in.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use data_encoding::{BASE32_NOPAD, BASE64};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{PageApp, Pages, Posted, View, page, page_with, see_other};
use crate::http::problem::{Problem, ProblemKind};
use crate::service::ServiceError;
use crate::service::people::session::SessionRecord;
use crate::service::people::{Role, SignedIn, totp};

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get("/account", &Role::ALL, show)
        .post("/account", &Role::ALL, save)
        .post("/account/codes", &Role::ALL, codes)
        .post("/account/codes/confirm", &Role::ALL, confirm)
        .post("/account/codes/end", &Role::ALL, end_codes)
        .post("/account/sessions/end", &Role::ALL, end_sessions)
}

#[derive(Template)]
#[template(path = "pages/account.html")]
struct Account {
    v: View,
    who: SignedIn,
    sessions: Vec<SessionRecord>,
    /// The secret of codes that are about to be turned on, in base 32, and its QR code as the address of a picture.
    codes: Option<(String, String)>,
    /// Field and fault.
    error: Option<(&'static str, String)>,
}

impl Account {
    fn fault(&self, field: &str) -> Option<&str> {
        self.error.as_ref().filter(|(at, _)| *at == field).map(|(_, fault)| fault.as_str())
    }

    async fn of(app: &PageApp, v: View, who: SignedIn) -> Result<Self, Problem> {
        let sessions = app.nameplate.sessions(&who).await?;
        Ok(Self { v, who, sessions, codes: None, error: None })
    }
}

async fn show(State(app): State<PageApp>, v: View, who: SignedIn) -> Result<Response, Problem> {
    Ok(page(&Account::of(&app, v, who).await?))
}

#[derive(Debug, Deserialize)]
struct Own {
    #[serde(default)]
    name: String,
    #[serde(default)]
    language: String,
}

async fn save(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Posted(own): Posted<Own>,
) -> Result<Response, Problem> {
    let tag = app.library.of(&own.language).map_or("en", |words| words.tag.as_str());
    match app.nameplate.change_self(&who, &own.name, tag).await {
        Ok(()) => Ok(see_other("/account?done=saved")),
        Err(ServiceError::Invalid { field, problem }) => {
            let mut shown = Account::of(&app, v, SignedIn { name: own.name, ..who }).await?;
            shown.error = Some((field, problem));
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Deserialize)]
struct Proof {
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
}

/// Shows the secret for the phone, once the password was given again.
async fn codes(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Posted(proof): Posted<Proof>,
) -> Result<Response, Problem> {
    if !again(&app, &who, &proof.password).await? {
        return wrong(&app, v, who, "password", "account.password_wrong").await;
    }
    let secret = app.nameplate.begin_codes(&who).await?;
    let mut shown = Account::of(&app, v, who).await?;
    shown.codes = Some(shown_codes(&secret, &shown.who.email));
    Ok(page(&shown))
}

async fn confirm(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Posted(proof): Posted<Proof>,
) -> Result<Response, Problem> {
    if app.nameplate.confirm_codes(&who, &proof.code).await? {
        return Ok(see_other("/account?done=codes_on"));
    }
    // Whoever has just given the password may look at the secret again.
    let is_fresh = app.nameplate.is_signed_now(&who);
    let secret = if is_fresh && !who.has_codes { Some(app.nameplate.begin_codes(&who).await?) } else { None };
    let fault = v.t("account.codes_wrong").to_owned();
    let mut shown = Account::of(&app, v, who).await?;
    shown.codes = secret.map(|secret| shown_codes(&secret, &shown.who.email));
    shown.error = Some(("code", fault));
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
}

async fn end_codes(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Posted(proof): Posted<Proof>,
) -> Result<Response, Problem> {
    if !again(&app, &who, &proof.password).await? {
        return wrong(&app, v, who, "password_end", "account.password_wrong").await;
    }
    app.nameplate.end_codes(&who).await?;
    Ok(see_other("/account?done=codes_off"))
}

#[derive(Debug, Deserialize)]
struct Nothing {}

async fn end_sessions(State(app): State<PageApp>, who: SignedIn, _: Posted<Nothing>) -> Result<Response, Problem> {
    app.nameplate.sign_out_elsewhere(&who).await?;
    Ok(see_other("/account?done=signed_out_elsewhere"))
}

async fn wrong(
    app: &PageApp,
    v: View,
    who: SignedIn,
    field: &'static str,
    message: &'static str,
) -> Result<Response, Problem> {
    let fault = v.t(message).to_owned();
    let mut shown = Account::of(app, v, who).await?;
    shown.error = Some((field, fault));
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
}

/// Takes the password of somebody who is signed in once more. Guessing is slowed down as at sign-in: whoever finds an open
/// browser must not find the password with it.
///
/// # Errors
/// 429 after too many failures.
pub(super) async fn again(app: &PageApp, who: &SignedIn, password: &str) -> Result<bool, Problem> {
    let account: [u8; 32] = Sha256::digest(who.email.to_lowercase().as_bytes()).into();
    if let Some(wait_s) = app.attempts.account_wait_s(account) {
        return Err(Problem::new(ProblemKind::TooManyAttempts, "").retry_after_s(wait_s));
    }
    let is_right = app.nameplate.password_again(who, password).await?;
    if !is_right {
        app.attempts.account_failed(account);
    }
    Ok(is_right)
}

/// The secret in groups of four, and the picture that a phone scans.
fn shown_codes(secret: &[u8], email: &str) -> (String, String) {
    let text = BASE32_NOPAD.encode(secret);
    let groups: Vec<&str> = (0..text.len()).step_by(4).filter_map(|at| text.get(at..text.len().min(at + 4))).collect();
    let picture = qr_picture(&totp::key_uri(secret, email));
    (groups.join(" "), picture)
}

/// A QR code as the address of a picture: an SVG of one path, four modules of white around it (ISO/IEC 18004 section 5.3.8).
fn qr_picture(text: &str) -> String {
    let Ok(code) = qrcode::QrCode::new(text) else { return String::new() };
    let width = code.width();
    let mut path = String::new();
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == qrcode::Color::Dark {
            path.push_str(&format!("M{} {}h1v1h-1z", at % width + 4, at / width + 4));
        }
    }
    let side = width + 8;
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/>\
         <path d=\"{path}\"/></svg>"
    );
    format!("data:image/svg+xml;base64,{}", BASE64.encode(svg.as_bytes()))
}
