//! The strict reader of JSON bodies.

use axum::body::{Body, HttpBody};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::SemaphorePermit;

use super::json_scan::{DEEPEST, ScanFault, line_and_column, scan};
use crate::http::problem::{Problem, ProblemKind};
use crate::http::server::{BodyFault, BodyLimits};

/// A JSON body: read strictly, or written.
///
/// Refused, each with its own problem: another content type (415), more than
/// [`json_body_bytes`](crate::http::server::ServerLimits::json_body_bytes) (413, before the body is read where its
/// length was declared), a body that stalls (408), bytes that are not UTF-8, malformed JSON and anything after its end
/// (400), nesting deeper than 32 (400), NUL characters (422), and fields that are missing, repeated, of the wrong kind
/// or, with `#[serde(deny_unknown_fields)]` on the type, unknown (422; `field` names the place).
/// [`openapi::lenient_bodies`](crate::http::openapi::lenient_bodies) finds types that forgot the attribute.
///
/// Good: `{"sku": "TC-2", "count": 5}`. Bad: `{"sku": "TC-2", "count": "5"}` answers 422 with `"field": "count"`.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        check_content_type(request.headers())?;
        let limits = request.extensions().get::<BodyLimits>().cloned().ok_or_else(|| {
            Problem::internal("requests carry no BodyLimits: the router is not served by http::server::serve")
        })?;
        let (bytes, held) = read_body(request.into_body(), &limits).await?;
        let value = parse(&bytes)?;
        drop(held);
        Ok(Self(value))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// `application/json`, with no parameter but `charset=utf-8`.
fn check_content_type(headers: &HeaderMap) -> Result<(), Problem> {
    let refused = |detail: &str| Err(Problem::new(ProblemKind::UnsupportedMediaType, detail));
    let Some(given) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return refused("The request has no readable Content-Type; it must be `application/json`.");
    };
    let mut parts = given.split(';').map(str::trim);
    if !parts.next().is_some_and(|media_type| media_type.eq_ignore_ascii_case("application/json")) {
        return refused("The Content-Type must be `application/json`.");
    }
    let is_utf8 = |part: &str| part.is_empty() || part.replace('"', "").eq_ignore_ascii_case("charset=utf-8");
    if parts.all(is_utf8) { Ok(()) } else { refused("JSON is always UTF-8: leave out the charset.") }
}

/// Reads the whole body. The permits count its bytes against the memory of all bodies, until they are dropped.
pub(in crate::http) async fn read_body<'a>(
    mut body: Body,
    limits: &'a BodyLimits,
) -> Result<(Vec<u8>, Vec<SemaphorePermit<'a>>), Problem> {
    if body.size_hint().lower() > limits.json_bytes as u64 {
        return Err(too_large(limits));
    }
    let (mut bytes, mut held) = (Vec::new(), Vec::new());
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(body_fault)?.into_data() else { continue };
        if bytes.len() + data.len() > limits.json_bytes {
            return Err(too_large(limits));
        }
        let permits = u32::try_from(data.len()).ok().and_then(|count| limits.memory.try_acquire_many(count).ok());
        held.push(permits.ok_or_else(|| {
            Problem::new(ProblemKind::Overloaded, "Too many requests are being read.").retry_after_s(1).closing()
        })?);
        bytes.extend_from_slice(&data);
    }
    Ok((bytes, held))
}

fn too_large(limits: &BodyLimits) -> Problem {
    let limit = limits.json_bytes;
    Problem::new(ProblemKind::BodyTooLarge, format!("A body of this kind may have at most {limit} bytes."))
        .with("limit_bytes", limit)
        .closing()
}

/// A body that did not arrive leaves the connection out of step, so it ends with the answer.
fn body_fault(error: axum::Error) -> Problem {
    let error = error.into_inner();
    let kind = match error.downcast_ref::<BodyFault>() {
        Some(BodyFault::Idle | BodyFault::Total) => ProblemKind::BodyTimeout,
        Some(BodyFault::Broken(_)) | None => ProblemKind::BodyInterrupted,
    };
    Problem::new(kind, "").with_cause(error).closing()
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        let detail = format!("Byte {offset}, counted from 0, is not part of a UTF-8 character.");
        Problem::new(ProblemKind::BodyNotUtf8, detail).with("offset", offset)
    })?;
    scan(bytes).map_err(|fault| scan_problem(fault, bytes))?;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let field = super::field_name(error.path());
        json_problem(error.inner(), &field)
    })?;
    reader.end().map_err(|error| json_problem(&error, ""))?;
    Ok(value)
}

fn scan_problem(fault: ScanFault, bytes: &[u8]) -> Problem {
    let (kind, offset, what) = match fault {
        ScanFault::TooDeep { offset } => {
            (ProblemKind::JsonTooDeep, offset, format!("More than {DEEPEST} objects and lists stand within each other"))
        }
        ScanFault::Nul { offset } => (ProblemKind::NulInText, offset, "A text holds \\u0000".to_owned()),
    };
    let (line, column) = line_and_column(bytes, offset);
    Problem::new(kind, format!("{what} at line {line} column {column}.")).with("line", line).with("column", column)
}

fn json_problem(error: &serde_json::Error, field: &str) -> Problem {
    use serde_json::error::Category;
    let (line, column) = (error.line(), error.column());
    let message = error.to_string();
    let place = format!(" at line {line} column {column}");
    let message = message.strip_suffix(&place).unwrap_or(&message);
    let problem = match error.classify() {
        Category::Data if field.is_empty() => {
            Problem::new(ProblemKind::InvalidField, format!("{}{place}.", capitalised(message)))
        }
        Category::Data => {
            Problem::new(ProblemKind::InvalidField, format!("`{field}`: {message}{place}.")).with("field", field)
        }
        Category::Syntax | Category::Eof | Category::Io => {
            Problem::new(ProblemKind::MalformedJson, format!("{}{place}.", capitalised(message)))
        }
    };
    problem.with("line", line).with("column", column)
}

fn capitalised(message: &str) -> String {
    let mut characters = message.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Order {
        #[serde(rename = "sku")]
        _sku: String,
        lines: Vec<Line>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Line {
        #[serde(rename = "count")]
        _count: u32,
    }

    fn problem(body: impl AsRef<[u8]>) -> (&'static str, String, serde_json::Value) {
        let problem = parse::<Order>(body.as_ref()).unwrap_err();
        let members = serde_json::to_value(problem.body(None)).unwrap();
        (problem.kind().slug(), problem.detail().to_owned(), members["field"].clone())
    }

    #[test]
    fn a_sound_body_is_read() {
        let order: Order = parse(br#"{"sku": "T\u00fcr", "lines": [{"count": 1}, {"count": 2}]}"#).unwrap();
        assert_eq!(order.lines.len(), 2);
    }

    #[test]
    fn faults_of_form_are_told_apart_from_faults_of_content() {
        for (body, slug) in [
            (r#"{"sku": "a", "lines": []"#, "malformed-json"),
            (r#"{"sku": "a", "lines": []} x"#, "malformed-json"),
            (r#"{"sku": "a", "lines": []}{}"#, "malformed-json"),
            ("", "malformed-json"),
            ("{\"sku\": \"\0\"}", "malformed-json"),
            (r#"{"sku": "\ud800", "lines": []}"#, "malformed-json"),
            (r#"{"sku": "\u0000", "lines": []}"#, "nul-in-text"),
            (r#"{"sku": 7, "lines": []}"#, "invalid-field"),
            (r#"{"sku": "a"}"#, "invalid-field"),
            (r#"{"sku": "a", "sku": "b", "lines": []}"#, "invalid-field"),
            (r#"{"sku": "a", "lines": [], "x": 1}"#, "invalid-field"),
            ("[]", "invalid-field"),
            ("null", "invalid-field"),
        ] {
            assert_eq!(problem(body).0, slug, "{body}");
        }
        assert_eq!(problem("[".repeat(10_000)).0, "json-too-deep");
        assert_eq!(problem(b"{\"sku\": \"\xFF\"}").1, "Byte 9, counted from 0, is not part of a UTF-8 character.");
    }

    #[test]
    fn the_field_and_the_place_are_named() {
        let (_, detail, field) = problem(r#"{"sku": "a", "lines": [{"count": 1}, {"count": -2}]}"#);
        assert_eq!(field, "lines[1].count");
        assert_eq!(detail, "`lines[1].count`: invalid value: integer `-2`, expected u32 at line 1 column 49.");
        let (_, detail, field) = problem(r#"{"sku": "a", "lines": [{"count": 1, "colour": 2}]}"#);
        assert_eq!(field, "lines[0].colour");
        assert!(detail.contains("unknown field `colour`, expected `count`"), "{detail}");
        assert_eq!(problem("{}").1, "Missing field `sku` at line 1 column 2.");
    }

    #[test]
    fn a_megabyte_of_wrong_text_is_not_sent_back() {
        let body = format!(r#"{{"sku": "a", "lines": "{}"}}"#, "x".repeat(1_000_000));
        assert!(problem(body).1.len() < 400);
    }

    #[test]
    fn only_json_in_utf_8_is_accepted() {
        let accepts = |given: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, given.parse().unwrap());
            check_content_type(&headers).is_ok()
        };
        for given in ["application/json", "Application/JSON", "application/json; charset=utf-8", "application/json;"] {
            assert!(accepts(given), "{given}");
        }
        for given in ["text/json", "application/jsonx", "application/json; charset=latin1", "text/plain", ""] {
            assert!(!accepts(given), "{given}");
        }
        assert!(check_content_type(&HeaderMap::new()).is_err());
    }
}
