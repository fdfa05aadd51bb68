//! The manual of the API: the OpenAPI document itself, and one page that people can read, on a phone and without
//! scripts.

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa::openapi::OpenApi;

use crate::http::pages::{HTML, View, bare_view};
use crate::http::problem::Problem;

mod example;
mod manual;
mod prose;
mod schema;

use manual::Manual;
pub(in crate::http) use prose::filters;

#[derive(Template)]
#[template(path = "pages/docs.html")]
struct Docs<'a> {
    v: View,
    manual: &'a Manual,
}

/// `/openapi.json` and `/docs`, both rendered once.
pub fn router(document: &OpenApi) -> Router {
    let json = document.to_pretty_json().map(Bytes::from).map_err(|error| error.to_string());
    let value = serde_json::to_value(document).unwrap_or_default();
    let html = match bare_view() {
        Some(v) => Docs { v, manual: &Manual::of(&value) }.render().map(Bytes::from).map_err(|error| error.to_string()),
        None => Err("the shipped messages cannot be read".to_owned()),
    };
    Router::new()
        .route("/openapi.json", get(async move || rendered("application/json", json)))
        .route("/docs", get(async move || rendered(HTML, html)))
}

fn rendered(media_type: &'static str, body: Result<Bytes, String>) -> Response {
    match body {
        Ok(body) => ([(header::CONTENT_TYPE, HeaderValue::from_static(media_type))], body).into_response(),
        Err(error) => Problem::internal(error).into_response(),
    }
}
