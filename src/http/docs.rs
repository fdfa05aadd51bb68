//! The manual of the API: the OpenAPI document itself, and one page that people can read, on a phone and without
//! scripts.

use askama::Template;
use axum::Router;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa::openapi::OpenApi;

use crate::http::pages::{HTML, View, bare_view};
use crate::http::packed::Packed;
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

/// `/openapi.json` and `/docs`, both rendered and packed once.
pub fn router(document: &OpenApi) -> Router {
    let json = document.to_pretty_json().map_err(|error| error.to_string());
    let value = serde_json::to_value(document).unwrap_or_default();
    let html = match bare_view() {
        Some(v) => Docs { v, manual: &Manual::of(&value) }.render().map_err(|error| error.to_string()),
        None => Err("the shipped messages cannot be read".to_owned()),
    };
    let json = json.map(|json| Packed::new("application/json", json));
    let html = html.map(|html| Packed::new(HTML, html));
    Router::new()
        .route("/openapi.json", get(async move |headers: HeaderMap| rendered(json.as_ref(), &headers)))
        .route("/docs", get(async move |headers: HeaderMap| rendered(html.as_ref(), &headers)))
}

fn rendered(packed: Result<&Packed, &String>, headers: &HeaderMap) -> Response {
    match packed {
        Ok(packed) => packed.answer(headers),
        Err(error) => Problem::internal(error).into_response(),
    }
}
