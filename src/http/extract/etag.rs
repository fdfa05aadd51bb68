//! Entity tags: whoever edits says which state they saw, so that no edit overwrites another unseen (RFC 9110
//! sections 8.8.3 and 13.1.1).

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponseParts, ResponseParts};
use sha2::{Digest, Sha256};
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::http::problem::{Problem, ProblemKind};

/// A strong entity tag, with its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// The tag of a row's version, which goes up with each edit.
    #[must_use]
    pub fn of_version(version: i64) -> Self {
        Self(format!("\"v{version}\""))
    }

    /// The tag of the bytes that are sent: the first 128 bit of their SHA-256.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let digest = Sha256::digest(bytes);
        Self(format!("\"{}\"", data_encoding::HEXLOWER.encode(&digest[..16])))
    }

    /// The tag with its quotes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the client, by its `If-None-Match`, already has this state (compared weakly: RFC 9110 section 13.1.2).
    #[must_use]
    pub fn is_known_to(&self, headers: &HeaderMap) -> bool {
        let given = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        tags(given).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.0)
    }
}

impl IntoResponseParts for ETag {
    type Error = std::convert::Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Self::Error> {
        if let Ok(value) = HeaderValue::from_str(&self.0) {
            response.headers_mut().insert(header::ETAG, value);
        }
        Ok(response)
    }
}

/// The required `If-Match` of an edit. Missing: 428 (RFC 6585 section 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IfMatch(Vec<String>);

impl IfMatch {
    /// Lets the edit go on if the client saw the `current` state. `*` lets it go on whatever the state is. Weak tags
    /// never match: the comparison is the strong one.
    ///
    /// # Errors
    /// 412 with the `current` tag as a member.
    pub fn check(&self, current: &ETag) -> Result<(), Problem> {
        if self.0.iter().any(|tag| tag == "*" || *tag == current.0) {
            return Ok(());
        }
        Err(Problem::new(ProblemKind::PreconditionFailed, "").with("current", current.as_str()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let name: HeaderName = header::IF_MATCH;
        if !parts.headers.contains_key(&name) {
            return Err(Problem::new(ProblemKind::PreconditionRequired, ""));
        }
        let given = parts.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        Ok(Self(tags(given).map(str::to_owned).collect()))
    }
}

impl IntoParams for IfMatch {
    /// Describes the header, for the `params(...)` of an operation.
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = ParameterBuilder::new()
            .name("If-Match")
            .parameter_in(ParameterIn::Header)
            .required(Required::True)
            .description(Some("The `ETag` of the state that was read, with its quotes."))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()));
        vec![parameter.build()]
    }
}

/// The tags of a list. Tags of this server hold no comma, so one that does cannot match whole, nor in pieces: a piece
/// lacks a quote.
fn tags<'a>(values: impl Iterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    values.flat_map(|value| value.split(',')).map(str::trim).filter(|tag| !tag.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    async fn check(if_match: Option<&str>, current: &ETag) -> Result<(), u16> {
        let mut request = Request::builder();
        if let Some(value) = if_match {
            request = request.header(header::IF_MATCH, value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        let checked = async { IfMatch::from_request_parts(&mut parts, &()).await?.check(current) };
        checked.await.map_err(|problem| problem.kind().code())
    }

    #[tokio::test]
    async fn only_the_seen_state_may_be_edited() {
        let current = ETag::of_version(12);
        for given in ["\"v12\"", "*", "\"v11\", \"v12\"", "\"v12\","] {
            assert_eq!(check(Some(given), &current).await, Ok(()), "{given}");
        }
        for given in ["\"v11\"", "W/\"v12\"", "v12", "", "\"v12"] {
            assert_eq!(check(Some(given), &current).await, Err(412), "{given}");
        }
        assert_eq!(check(None, &current).await, Err(428));
    }

    #[test]
    fn an_unchanged_state_is_known_by_its_tag() {
        let tag = ETag::of_bytes(b"body");
        let known = |given: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, given.parse().unwrap());
            tag.is_known_to(&headers)
        };
        assert!(known(tag.as_str()));
        assert!(known(&format!("W/{}", tag.as_str())));
        assert!(!known(ETag::of_bytes(b"other").as_str()));
        assert!(!tag.is_known_to(&HeaderMap::new()));
    }
}
