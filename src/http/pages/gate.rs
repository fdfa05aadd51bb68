//! Who may see which page, and whose forms are taken.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;

use super::{Open, PageApp, PageRow, View, cookie, in_address, see_other};
use crate::http::problem::{Problem, ProblemKind};
use crate::service::people::SignedIn;

/// The table of pages, with what is needed to find out who looks at them.
#[derive(Debug)]
pub(super) struct Gate {
    app: PageApp,
    open: HashMap<(Method, &'static str), Open>,
}

impl Gate {
    pub(super) fn new(app: PageApp, rows: Vec<PageRow>) -> Self {
        Self { app, open: rows.into_iter().map(|row| ((row.method, row.path), row.open)).collect() }
    }

    /// For whom a page is open; `None` for a method that the router will refuse.
    fn open(&self, method: &Method, path: &str) -> Option<Open> {
        let method = if method == Method::HEAD { Method::GET } else { method.clone() };
        self.open.iter().find(|((known, route), _)| *known == method && *route == path).map(|(_, open)| *open)
    }

    async fn view(&self, headers: &HeaderMap, uri: &Uri) -> Result<View, Problem> {
        let who = match cookie::session(headers, self.app.is_secure()) {
            Some(secret) => self.app.nameplate.who(&secret).await?,
            None => None,
        };
        let library = &self.app.library;
        let chosen = who.as_ref().map(|who| who.language.as_str()).or_else(|| cookie::value(headers, cookie::LANGUAGE));
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let words = chosen.and_then(|tag| library.of(tag)).unwrap_or_else(|| library.accepted(accepted));
        let view = View::new(Arc::clone(library), Arc::clone(words), zone(headers), who, uri.path());
        let query = uri.query().unwrap_or("");
        Ok(view.with_done(query.split('&').find_map(|pair| pair.strip_prefix("done="))))
    }
}

/// The browser's time zone, if it is one that the system knows; else UTC.
fn zone(headers: &HeaderMap) -> TimeZone {
    let name = cookie::value(headers, cookie::ZONE).map(|name| name.replace("%2F", "/"));
    let plain = |name: &String| {
        name.len() <= 64
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+-".contains(&b))
            && !name.starts_with('/')
    };
    name.filter(plain).and_then(|name| TimeZone::get(&name).ok()).unwrap_or(TimeZone::UTC)
}

/// Whether a form came from a page of this site. Browsers say where a request comes from (`Origin`, RFC 6454, and
/// `Sec-Fetch-Site`); one that says nothing is no browser, and then there is no browser's session to misuse either.
///
/// # Errors
/// 403 for a request that another site has caused.
pub fn same_site(headers: &HeaderMap, public_url: Option<&str>) -> Result<(), Problem> {
    let refused = || {
        let detail = "This form was sent from another site. Open the page here and send it again.";
        Err(Problem::new(ProblemKind::ForeignForm, detail))
    };
    let text = |name| headers.get(name).map(|value: &axum::http::HeaderValue| value.to_str().unwrap_or("?"));
    if text("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") {
        return refused();
    }
    let Some(origin) = text("origin") else { return Ok(()) };
    let is_ours = match public_url {
        Some(url) => origin.eq_ignore_ascii_case(origin_of(url)),
        None => {
            let host = text("host").unwrap_or("");
            let (scheme, authority) = origin.split_once("://").unwrap_or(("", ""));
            matches!(scheme, "http" | "https") && !host.is_empty() && authority.eq_ignore_ascii_case(host)
        }
    };
    if is_ours { Ok(()) } else { refused() }
}

/// Scheme and authority of an address.
fn origin_of(url: &str) -> &str {
    let after = url.find("://").map_or(0, |at| at + 3);
    let end = url[after..].find('/').map_or(url.len(), |at| after + at);
    &url[..end]
}

/// Middleware around the pages.
pub(super) async fn gate(State(gate): State<Arc<Gate>>, mut request: Request, next: Next) -> Response {
    // A request cannot be looked at from two threads, so what is needed of it is taken out.
    let (headers, uri) = (request.headers().clone(), request.uri().clone());
    let view = match gate.view(&headers, &uri).await {
        Ok(view) => view,
        Err(problem) => return problem.into_response(),
    };
    let mut response = match gate.admit(&request, &view) {
        Ok(()) => {
            if let Some(who) = view.who.clone() {
                request.extensions_mut().insert(who);
            }
            request.extensions_mut().insert(view.clone());
            next.run(request).await
        }
        Err(refusal) => *refusal,
    };
    // For the page of a problem, which is drawn further out.
    response.extensions_mut().insert(view);
    response
}

impl Gate {
    fn admit(&self, request: &Request, view: &View) -> Result<(), Box<Response>> {
        let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let Some(open) = self.open(request.method(), path) else { return Ok(()) };
        if request.method() == Method::POST {
            let public_url = self.app.settings.public_url.as_deref();
            same_site(request.headers(), public_url).map_err(|problem| Box::new(problem.into_response()))?;
        }
        let Open::To(roles) = open else { return Ok(()) };
        let Some(who) = &view.who else { return Err(Box::new(to_sign_in(request))) };
        if who.may(roles) {
            return Ok(());
        }
        let problem = Problem::new(ProblemKind::RoleMissing, "")
            .with("needed", roles.iter().map(|r| r.name()).collect::<Vec<_>>());
        Err(Box::new(problem.into_response()))
    }
}

/// Sends somebody to the sign-in page, and from there back to what was asked for.
fn to_sign_in(request: &Request) -> Response {
    let is_get = matches!(*request.method(), Method::GET | Method::HEAD);
    let wanted = request.uri().path_and_query().map_or("/", |path| path.as_str());
    match wanted {
        wanted if is_get && wanted != "/" => see_other(&format!("/sign-in?next={}", in_address(wanted))),
        _ => see_other("/sign-in"),
    }
}

impl<S: Send + Sync> FromRequestParts<S> for View {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or_else(|| Problem::internal("a view outside the pages"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    /// Whoever the gate let in. Asking for it on a page for anybody is a fault of the program: 500.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or_else(|| Problem::internal("a page for anybody asks who it is"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn taken(pairs: &[(&'static str, &'static str)], public_url: Option<&str>) -> bool {
        let headers = pairs
            .iter()
            .map(|(name, value)| (axum::http::HeaderName::from_static(name), HeaderValue::from_static(value)));
        same_site(&headers.collect(), public_url).is_ok()
    }

    #[test]
    fn forms_of_other_sites_are_refused() {
        let ours = ("host", "labels.example:8080");
        assert!(taken(&[ours, ("origin", "http://labels.example:8080"), ("sec-fetch-site", "same-origin")], None));
        assert!(taken(&[ours], None), "no browser");
        for foreign in
            ["http://evil.example", "https://labels.example", "null", "file://", "http://labels.example:8080.evil", ""]
        {
            let headers = [ours, ("origin", foreign)];
            assert!(!taken(&headers, None), "{foreign}");
        }
        assert!(!taken(&[ours, ("sec-fetch-site", "cross-site")], None));
        assert!(!taken(&[ours, ("sec-fetch-site", "same-site")], None), "a sister site is another site");
    }

    #[test]
    fn a_site_that_knows_its_address_believes_no_host_header() {
        let url = Some("https://labels.example/");
        assert!(taken(&[("host", "inside:8080"), ("origin", "https://labels.example")], url));
        assert!(!taken(&[("host", "evil.example"), ("origin", "https://evil.example")], url));
        assert!(!taken(&[("origin", "http://labels.example")], url));
    }

    #[test]
    fn a_time_zone_is_never_a_path() {
        let zone_of = |value: &'static str| {
            zone(&HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(value))]))
                .iana_name()
                .map(str::to_owned)
        };
        for bad in ["tz=../../etc/passwd", "tz=/etc/passwd", "tz=", "tz=Nowhere/At_All", "x=1"] {
            assert_eq!(zone_of(bad).as_deref(), Some("UTC"), "{bad}");
        }
    }
}
