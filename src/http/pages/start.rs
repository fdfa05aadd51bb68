//! The start page: what needs me now.

use askama::Template;
use axum::response::Response;

use super::{Pages, View, page};
use crate::service::people::Role;

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get("/", &Role::ALL, show)
}

#[derive(Template)]
#[template(path = "pages/start.html")]
struct Start {
    v: View,
    version: &'static str,
}

async fn show(v: View) -> Response {
    page(&Start { v, version: env!("CARGO_PKG_VERSION") })
}
