//! Problems: every answer that is not what was asked for, in the form of RFC 9457 (`application/problem+json`).
//!
//! A handler returns `Result<_, Problem>`. [`Problem::into_response`](IntoResponse::into_response) writes the JSON and
//! leaves the problem itself in the response's extensions; the [envelope](crate::http::envelope) then adds the
//! request id as `instance`, shows it as a page where a browser asked for one, and logs it once.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

mod kind;

pub use kind::ProblemKind;

/// Media type of a problem (RFC 9457 section 3).
pub const PROBLEM_JSON: &str = "application/problem+json";
/// Longest `detail`, in characters: parsers repeat what they were given, and that may be a megabyte.
const DETAIL_CHARACTERS: usize = 300;

/// One occurrence of a [`ProblemKind`].
#[derive(Debug, Clone)]
pub struct Problem {
    kind: ProblemKind,
    detail: String,
    members: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<String>,
}

/// A problem as it is sent. Further members depend on the type.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(title = "Problem", example = json!({
    "type": "/problems/series-exhausted",
    "title": "The rule has too few serials left",
    "status": 409,
    "detail": "Rule TC-2 has 120 serials left, 500 were asked for.",
    "instance": "5f0c1f2b9d7e4a61",
    "remaining": 120
}))]
pub struct ProblemBody {
    /// What kind of problem it is: a stable address, also a page that says what to do.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in a few words; the same on each occurrence.
    pub title: &'static str,
    /// The status code, once more.
    pub status: u16,
    /// What happened this time, for people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The request id, as in `X-Request-Id` and in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Members that belong to the type, such as `field` or `remaining`.
    #[serde(flatten)]
    #[schema(inline, additional_properties = true)]
    pub members: Map<String, Value>,
}

impl Problem {
    /// A problem of `kind`; `detail` says in words what was wrong, where, and what to do. It is sent to the client, so
    /// it holds nothing secret; it is cut after 300 characters.
    #[must_use]
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        let mut detail = detail.into();
        if let Some((end, _)) = detail.char_indices().nth(DETAIL_CHARACTERS) {
            detail.truncate(end);
            detail.push('\u{2026}');
        }
        Self { kind, detail, members: Map::new(), headers: Vec::new(), cause: None }
    }

    /// An internal error: `cause` goes to the log only.
    #[must_use]
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::new(ProblemKind::Internal, "").with_cause(cause)
    }

    /// Adds a member that belongs to the type. The five standard members cannot be replaced.
    ///
    /// A value that cannot be written as JSON (a map with keys that are not text) is left out.
    #[must_use]
    pub fn with(mut self, member: &'static str, value: impl Serialize) -> Self {
        debug_assert!(!["type", "title", "status", "detail", "instance"].contains(&member), "standard member {member}");
        if let Ok(value) = serde_json::to_value(value) {
            self.members.insert(member.to_owned(), value);
        }
        self
    }

    /// Adds a response header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Puts a response header in the place of another of its name.
    #[must_use]
    pub fn replace_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.retain(|(given, _)| *given != name);
        self.with_header(name, value)
    }

    /// Tells the client when to come back.
    #[must_use]
    pub fn retry_after_s(self, seconds: u32) -> Self {
        self.with_header(header::RETRY_AFTER, seconds.into())
    }

    /// Ends the connection with this answer: the rest of the request body will not be read.
    #[must_use]
    pub fn closing(self) -> Self {
        self.with_header(header::CONNECTION, HeaderValue::from_static("close"))
    }

    /// Keeps what really happened, for the log only.
    #[must_use]
    pub fn with_cause(mut self, cause: impl std::fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// What happened this time.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What goes to the log only.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The status that goes with its kind.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.kind.status()
    }

    /// The JSON form, with the request id where it is known.
    #[must_use]
    pub fn body(&self, instance: Option<&str>) -> ProblemBody {
        ProblemBody {
            kind: self.kind.address(),
            title: self.kind.title(),
            status: self.kind.code(),
            detail: self.detail.clone(),
            instance: instance.map(str::to_owned),
            members: self.members.clone(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status(), Json(self.body(None))).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_has_the_members_of_rfc_9457_and_the_own_ones() {
        let problem = Problem::new(ProblemKind::SeriesExhausted, "Rule TC-2 has 120 left.").with("remaining", 120);
        let body = serde_json::to_value(problem.body(Some("abc"))).unwrap();
        assert_eq!(
            body,
            serde_json::json!({
                "type": "/problems/series-exhausted", "title": "The rule has too few serials left", "status": 409,
                "detail": "Rule TC-2 has 120 left.", "instance": "abc", "remaining": 120,
            })
        );
    }

    #[test]
    fn a_cause_is_never_sent() {
        let problem = Problem::internal("disk sector 7");
        let body = serde_json::to_string(&problem.body(None)).unwrap();
        assert!(!body.contains("sector"), "{body}");
        assert_eq!(problem.cause(), Some("disk sector 7"));
    }

    #[test]
    fn a_long_detail_is_cut_between_characters() {
        let problem = Problem::new(ProblemKind::Internal, "ä".repeat(1_000_000));
        assert_eq!(problem.detail().chars().count(), DETAIL_CHARACTERS + 1);
    }

    #[test]
    fn headers_and_media_type_are_set() {
        let response = Problem::new(ProblemKind::Overloaded, "").retry_after_s(2).closing().into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "2");
        assert_eq!(response.headers()["connection"], "close");
        assert_eq!(response.headers()["content-type"], PROBLEM_JSON);
    }
}
