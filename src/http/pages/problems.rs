//! Problems for people: what each kind means, and one that has just occurred.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::{Arc, OnceLock};

use super::{Pages, View, page};
use crate::http::docs::filters;
use crate::http::envelope::not_found;
use crate::http::problem::{Problem, ProblemKind};
use crate::words::Library;

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get_open("/problems", kinds).get_open("/problems/{slug}", kind)
}

#[derive(Template)]
#[template(path = "pages/problem.html")]
struct ProblemPage<'a> {
    v: View,
    kind: ProblemKind,
    detail: &'a str,
    instance: &'a str,
    members: Vec<(&'a str, String)>,
}

#[derive(Template)]
#[template(path = "pages/problem_kind.html")]
struct KindPage {
    v: View,
    kind: ProblemKind,
}

#[derive(Template)]
#[template(path = "pages/problem_kinds.html")]
struct KindsPage {
    v: View,
    kinds: &'static [ProblemKind],
}

async fn kinds(v: View) -> Response {
    page(&KindsPage { v, kinds: ProblemKind::ALL })
}

async fn kind(v: View, Path(slug): Path<String>) -> Response {
    match ProblemKind::from_slug(&slug) {
        Some(kind) => page(&KindPage { v, kind }),
        None => Problem::new(ProblemKind::NotFound, "No problem type has this name.").into_response(),
    }
}

/// A page in English for anybody; `None` only if the shipped messages are broken, which tests exclude.
#[must_use]
pub fn bare_view() -> Option<View> {
    static LIBRARY: OnceLock<Option<Arc<Library>>> = OnceLock::new();
    let library = LIBRARY.get_or_init(|| Library::shipped().ok().map(Arc::new));
    library.as_ref().map(|library| View::plain(library, ""))
}

/// The pages about problems alone, where there is no installation.
pub(in crate::http) fn bare_router() -> Router {
    let view = async |mut request: Request, next: Next| {
        if let Some(view) = bare_view() {
            request.extensions_mut().insert(view);
        }
        next.run(request).await
    };
    let router = Router::new().route("/problems", get(kinds)).route("/problems/{slug}", get(kind));
    router.fallback(not_found).layer(axum::middleware::from_fn(view))
}

/// One problem as a page, for a browser.
#[must_use]
pub fn problem(v: View, problem: &Problem, instance: &str) -> String {
    let body = problem.body(None);
    let members = body.members.iter().map(|(name, value)| (name.as_str(), value.to_string())).collect();
    let shown = ProblemPage { v, kind: problem.kind(), detail: problem.detail(), instance, members };
    shown.render().unwrap_or_else(|_| problem.kind().title().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> View {
        View::plain(&Arc::new(Library::shipped().unwrap()), "/problems")
    }

    #[test]
    fn what_a_client_sent_is_escaped() {
        let hostile = Problem::new(ProblemKind::InvalidField, "<script>alert(1)</script>").with("field", "\"><b>");
        let html = problem(view(), &hostile, "<i>");
        assert!(!html.contains("<script>alert") && !html.contains("<b>") && !html.contains("<i>"), "{html}");
        assert!(html.contains("&#60;script&#62;"), "{html}");
    }

    #[test]
    fn every_kind_of_problem_has_a_page_that_says_what_to_do() {
        for &kind in ProblemKind::ALL {
            let html = KindPage { v: view(), kind }.render().unwrap();
            assert!(html.contains(kind.slug()) && html.contains(&kind.code().to_string()), "{}", kind.slug());
        }
        let list = KindsPage { v: view(), kinds: ProblemKind::ALL }.render().unwrap();
        assert!(ProblemKind::ALL.iter().all(|kind| list.contains(&format!("href=\"{}\"", kind.address()))));
    }
}
