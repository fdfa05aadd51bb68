//! The `Idempotency-Key` header: what makes repeating a request safe.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::http::problem::{Problem, ProblemKind};

/// Longest key, in characters.
const LONGEST: usize = 128;
const HEADER: &str = "idempotency-key";

/// The required key of a request that must happen once: 1 to 128 visible ASCII characters, compared byte by byte
/// (draft-ietf-httpapi-idempotency-key-header; a quoted key is another key than the same without quotes).
///
/// Good: `8f14e45f-ceea-4671`. Bad: a key with a space or an umlaut, two headers, none.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let invalid = |detail: &str| Problem::new(ProblemKind::KeyInvalid, detail);
        let mut given = parts.headers.get_all(HEADER).iter();
        let key = given.next().ok_or_else(|| Problem::new(ProblemKind::KeyMissing, ""))?.as_bytes();
        if given.next().is_some() {
            return Err(invalid("The request has more than one Idempotency-Key."));
        }
        if !(1..=LONGEST).contains(&key.len()) {
            return Err(invalid("The key is empty or has more than 128 characters."));
        }
        let foreign = key.iter().position(|byte| !byte.is_ascii_graphic());
        match (foreign, std::str::from_utf8(key)) {
            (None, Ok(key)) => Ok(Self(key.to_owned())),
            (at, _) => Err(invalid(&format!(
                "Character {} of the key is not a visible ASCII character.",
                at.unwrap_or_default() + 1
            ))),
        }
    }
}

impl IntoParams for IdempotencyKey {
    /// Describes the header, for the `params(...)` of an operation.
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let form = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(LONGEST)).build();
        let parameter = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::True)
            .description(Some("Fresh and random for each new request; the same again when that request is repeated."))
            .schema(Some(form));
        vec![parameter.build()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderValue, Request};

    async fn extract(values: &[&[u8]]) -> Result<IdempotencyKey, &'static str> {
        let mut request = Request::builder();
        for value in values {
            request = request.header(HEADER, HeaderValue::from_bytes(value).unwrap());
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        IdempotencyKey::from_request_parts(&mut parts, &()).await.map_err(|problem| problem.kind().slug())
    }

    #[tokio::test]
    async fn a_key_of_1_to_128_visible_characters_is_taken_as_it_is() {
        for key in ["a", "\"quoted\"", "8f14e45f-ceea-4671", &"~".repeat(128)] {
            assert_eq!(extract(&[key.as_bytes()]).await.unwrap().as_str(), key);
        }
    }

    #[tokio::test]
    async fn anything_else_is_refused() {
        assert_eq!(extract(&[]).await, Err("key-missing"));
        for key in ["", "a b", "ä", "a\tb", &"a".repeat(129)] {
            assert_eq!(extract(&[key.as_bytes()]).await, Err("key-invalid"), "{key}");
        }
        assert_eq!(extract(&[b"a", b"a"]).await, Err("key-invalid"));
    }
}
