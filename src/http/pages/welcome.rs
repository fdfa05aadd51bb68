//! What one-time links open: a new account, or a new password. Looking at it changes nothing.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;

use super::sign_in::{begin, device};
use super::{PageApp, Pages, Posted, View, page, page_with};
use crate::http::extract::Path;
use crate::http::problem::Problem;
use crate::service::ServiceError;
use crate::service::people::link::LinkAnswer;
use crate::service::people::{LinkPurpose, OpenedLink, SecretText};

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get_open("/welcome/{secret}", show).post_open("/welcome/{secret}", open)
}

#[derive(Template)]
#[template(path = "pages/welcome.html")]
struct Welcome {
    v: View,
    link: Option<OpenedLink>,
    email: String,
    name: String,
    /// Field and fault.
    error: Option<(&'static str, String)>,
}

impl Welcome {
    fn is_password(&self) -> bool {
        self.link.as_ref().is_some_and(|link| link.purpose == LinkPurpose::Password)
    }

    fn fault(&self, field: &str) -> Option<&str> {
        self.error.as_ref().filter(|(at, _)| *at == field).map(|(_, fault)| fault.as_str())
    }
}

fn gone(v: View) -> Response {
    let shown = Welcome { v, link: None, email: String::new(), name: String::new(), error: None };
    page_with(StatusCode::NOT_FOUND, &shown)
}

async fn show(State(app): State<PageApp>, v: View, Path(secret): Path<String>) -> Result<Response, Problem> {
    let Some(secret) = SecretText::read(&secret) else { return Ok(gone(v)) };
    match app.nameplate.opened_link(&secret).await {
        Ok(link) => {
            let (email, name) = (link.email.clone(), link.name.clone());
            Ok(page(&Welcome { v, link: Some(link), email, name, error: None }))
        }
        Err(ServiceError::NotFound { .. }) => Ok(gone(v)),
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Deserialize)]
struct Form {
    #[serde(default)]
    email: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
}

async fn open(
    State(app): State<PageApp>,
    v: View,
    Path(secret): Path<String>,
    headers: HeaderMap,
    Posted(form): Posted<Form>,
) -> Result<Response, Problem> {
    let Some(secret) = SecretText::read(&secret) else { return Ok(gone(v)) };
    let link = match app.nameplate.opened_link(&secret).await {
        Ok(link) => link,
        Err(ServiceError::NotFound { .. }) => return Ok(gone(v)),
        Err(error) => return Err(error.into()),
    };
    let answer = LinkAnswer { email: form.email.clone(), name: form.name.clone(), password: form.password };
    match app.nameplate.use_link(&secret, &answer, device(&headers)).await {
        Ok(signed_in) => Ok(begin(&app, &signed_in, "/?done=welcome")),
        Err(ServiceError::NotFound { .. }) => Ok(gone(v)),
        Err(ServiceError::Invalid { field, problem }) => {
            let error = Some((field, problem));
            let shown = Welcome { v, link: Some(link), email: form.email, name: form.name, error };
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
        Err(error) => Err(error.into()),
    }
}
