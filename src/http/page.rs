//! Server-rendered pages: the start page, and problems for people. The templates in `templates/pages/` are checked
//! when the program is compiled, and everything put into them is escaped.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::http::docs::filters;
use crate::http::problem::{Problem, ProblemKind};

/// Media type of every page.
pub const HTML: &str = "text/html; charset=utf-8";

#[derive(Template)]
#[template(path = "pages/start.html")]
struct Start {
    version: &'static str,
}

#[derive(Template)]
#[template(path = "pages/problem.html")]
struct ProblemPage<'a> {
    kind: ProblemKind,
    detail: &'a str,
    instance: &'a str,
    members: Vec<(&'a str, String)>,
}

#[derive(Template)]
#[template(path = "pages/problem_kind.html")]
struct KindPage {
    kind: ProblemKind,
}

#[derive(Template)]
#[template(path = "pages/problem_kinds.html")]
struct KindsPage {
    kinds: &'static [ProblemKind],
}

/// `/`, `/problems` and `/problems/{slug}`.
pub fn router() -> Router {
    Router::new()
        .route("/", get(async || page(&Start { version: env!("CARGO_PKG_VERSION") })))
        .route("/problems", get(async || page(&KindsPage { kinds: ProblemKind::ALL })))
        .route("/problems/{slug}", get(kind_page))
}

async fn kind_page(Path(slug): Path<String>) -> Response {
    match ProblemKind::from_slug(&slug) {
        Some(kind) => page(&KindPage { kind }),
        None => Problem::new(ProblemKind::NotFound, "No problem type has this name.").into_response(),
    }
}

/// One problem as a page, for a browser.
#[must_use]
pub fn problem(problem: &Problem, instance: &str) -> String {
    let body = problem.body(None);
    let members = body.members.iter().map(|(name, value)| (name.as_str(), value.to_string())).collect();
    let shown = ProblemPage { kind: problem.kind(), detail: problem.detail(), instance, members };
    shown.render().unwrap_or_else(|_| problem.kind().title().to_owned())
}

/// Renders a page. Rendering fails only if a value's own formatting does.
pub fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => ([(header::CONTENT_TYPE, HeaderValue::from_static(HTML))], html).into_response(),
        Err(error) => Problem::internal(error).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_sent_is_escaped() {
        let hostile = Problem::new(ProblemKind::InvalidField, "<script>alert(1)</script>").with("field", "\"><b>");
        let html = problem(&hostile, "<i>");
        assert!(!html.contains("<script>") && !html.contains("<b>") && !html.contains("<i>"), "{html}");
        assert!(html.contains("&#60;script&#62;"), "{html}");
    }

    #[test]
    fn every_kind_of_problem_has_a_page_that_says_what_to_do() {
        for &kind in ProblemKind::ALL {
            let html = KindPage { kind }.render().unwrap();
            assert!(html.contains(kind.slug()) && html.contains(&kind.code().to_string()), "{}", kind.slug());
        }
        let list = KindsPage { kinds: ProblemKind::ALL }.render().unwrap();
        assert!(ProblemKind::ALL.iter().all(|kind| list.contains(&format!("href=\"{}\"", kind.address()))));
    }
}
