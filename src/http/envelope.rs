//! What surrounds every request: its id, a time limit, the catching of panics, the headers of every answer, problems
//! shown in the form that was asked for, and one line in the log.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::task::Poll;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::http::pages::{self, View};
use crate::http::problem::{Problem, ProblemKind};
use crate::http::request_id::{REQUEST_ID, RequestId};

/// Pages: nothing but what this server itself sends, no script or style within a page, never in a frame.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
                           font-src 'self'; connect-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; \
                           frame-ancestors 'none'";
/// Everything else is data: a browser that shows it runs and loads nothing.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// Middleware: see the module's head. `handler_limit` is [`ServerLimits::handler`](crate::http::server::ServerLimits).
pub async fn envelope(State(handler_limit): State<Duration>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    let asked = Asked::of(&request);
    request.extensions_mut().insert(id.clone());
    let mut response = match uri_fault(request.uri()) {
        Some(problem) => problem.into_response(),
        None => guarded(next.run(request), handler_limit).await,
    };
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        log_problem(&problem, &id);
        show(&mut response, &problem, &id, &asked);
    }
    finish_headers(response.headers_mut(), &id);
    tracing::info!(
        target: "nameplate::access",
        method = %asked.method,
        path = asked.route(),
        status = response.status().as_u16(),
        duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        request = id.as_str(),
    );
    response
}

/// Answers a path that no route has.
pub async fn not_found() -> Problem {
    Problem::new(ProblemKind::NotFound, "No page and no operation has this address.")
}

/// Answers a method that the path's route does not take; the router adds `Allow`.
pub async fn method_not_allowed(method: Method) -> Problem {
    Problem::new(ProblemKind::MethodNotAllowed, format!("This address does not take {method}."))
}

/// What the log and the form of a problem need to know of the request. The query and the headers are left behind on
/// purpose: they can hold secrets and personal data.
struct Asked {
    method: Method,
    matched: Option<MatchedPath>,
    wants_page: bool,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let accepts_html = request
            .headers()
            .get(header::ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"));
        Self {
            method: request.method().clone(),
            matched: request.extensions().get().cloned(),
            wants_page: accepts_html && !request.uri().path().starts_with("/api/"),
        }
    }

    /// The route's pattern; a path that matched none is not logged, since anybody can write anything there.
    fn route(&self) -> &str {
        self.matched.as_ref().map_or("(none)", MatchedPath::as_str)
    }
}

/// Runs the handler; a panic or too long a wait becomes a problem.
///
/// A handler that is cut is dropped where it waits. What must not be torn in two (a commit and its answer) therefore
/// runs in a task of its own, and repeating the request with its key gives the same answer.
async fn guarded(handler: impl Future<Output = Response>, limit: Duration) -> Response {
    let mut handler = std::pin::pin!(handler);
    let caught =
        std::future::poll_fn(|cx| match std::panic::catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(cx))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(response)) => Poll::Ready(Ok(response)),
            Err(panic) => Poll::Ready(Err(panic)),
        });
    match tokio::time::timeout(limit, caught).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            Problem::internal(format_args!("a handler panicked: {}", panic_text(&*panic))).into_response()
        }
        Err(_) => Problem::new(ProblemKind::HandlerTimeout, "").closing().into_response(),
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("(no text)")
}

/// NUL bytes and broken UTF-8 in the address are refused here, once for all routes.
fn uri_fault(uri: &Uri) -> Option<Problem> {
    let fault = |part: &str, why: &str| Problem::new(ProblemKind::InvalidUri, format!("The {part} {why}."));
    for (part, text) in [("path", Some(uri.path())), ("query", uri.query())] {
        let decoded = percent_decoded(text.unwrap_or("").as_bytes());
        if decoded.contains(&0) {
            return Some(fault(part, "holds a NUL byte (%00)"));
        }
        if std::str::from_utf8(&decoded).is_err() {
            return Some(fault(part, "is not UTF-8 once its percent escapes are decoded"));
        }
    }
    None
}

fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let hex = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        if let [b'%', high, low, after @ ..] = rest
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            decoded.push(high << 4 | low);
            rest = after;
        } else {
            decoded.push(*first);
            rest = tail;
        }
    }
    decoded
}

fn log_problem(problem: &Problem, id: &RequestId) {
    let (kind, request) = (problem.kind().slug(), id.as_str());
    let (detail, cause) = (problem.detail(), problem.cause().unwrap_or(""));
    if problem.kind().code() >= 500 {
        tracing::error!(kind, request, detail, cause, "problem");
    } else {
        tracing::debug!(kind, request, detail, cause, "problem");
    }
}

/// Writes the problem's body anew: with the request id, and as a page for a browser.
fn show(response: &mut Response, problem: &Problem, id: &RequestId, asked: &Asked) {
    if asked.wants_page {
        let view = response.extensions_mut().remove::<View>().or_else(pages::bare_view);
        let Some(view) = view else { return };
        let shown = pages::problem(view, problem, id.as_str());
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(pages::HTML));
        replace_body(response, shown);
    } else if let Ok(json) = serde_json::to_string(&problem.body(Some(id.as_str()))) {
        replace_body(response, json);
    }
}

fn replace_body(response: &mut Response, body: String) {
    response.headers_mut().insert(header::CONTENT_LENGTH, body.len().into());
    *response.body_mut() = body.into();
}

/// Adds what every answer carries. What a handler has set itself stays.
fn finish_headers(headers: &mut HeaderMap, id: &RequestId) {
    let is_page = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    // With no-referrer a browser sends its own forms with `Origin: null`, as if they came from nowhere.
    let (policy, referrer) = if is_page { (PAGE_POLICY, "same-origin") } else { (DATA_POLICY, "no-referrer") };
    let defaults: [(HeaderName, &'static str); 7] = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, referrer),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        // For browsers that know no frame-ancestors.
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in defaults {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.insert(REQUEST_ID, id.header());
}

/// Adds [`envelope`] and the fallback for methods: the last thing done to the whole router.
pub fn wrap(router: axum::Router, handler_limit: Duration) -> axum::Router {
    router
        .method_not_allowed_fallback(method_not_allowed)
        .layer(axum::middleware::from_fn_with_state(handler_limit, envelope))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_and_broken_utf_8_are_found_in_path_and_query() {
        let fault = |uri: &str| uri_fault(&uri.parse().unwrap()).map(|problem| problem.detail().to_owned());
        assert_eq!(fault("/a%20b/%C3%A4?q=100%&r=%zz"), None);
        assert_eq!(fault("/a%00b").unwrap(), "The path holds a NUL byte (%00).");
        assert_eq!(fault("/a?q=%00").unwrap(), "The query holds a NUL byte (%00).");
        assert_eq!(fault("/a%ff").unwrap(), "The path is not UTF-8 once its percent escapes are decoded.");
        assert_eq!(fault("/?q=%C3").unwrap(), "The query is not UTF-8 once its percent escapes are decoded.");
    }

    #[test]
    fn a_handlers_own_header_stays() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        finish_headers(&mut headers, &RequestId::of(&HeaderMap::new()));
        assert_eq!(headers["cache-control"], "no-cache");
        assert_eq!(headers["content-security-policy"], DATA_POLICY);
    }
}
