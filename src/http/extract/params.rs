//! Query and path parameters.

use std::error::Error;

use axum::extract::FromRequestParts;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::http::problem::{Problem, ProblemKind};

/// How axum's reader of queries reports a fault: `serde_urlencoded` uses serde's own error type.
type QueryFault = serde_path_to_error::Error<serde::de::value::Error>;

/// Query parameters. Repeated ones are refused, and unknown ones where the type has
/// `#[serde(deny_unknown_fields)]`; the problem names the parameter.
///
/// Good: `?limit=50`. Bad: `?limit=many`, `?limit=5&limit=6`.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let read = axum::extract::Query::<T>::try_from_uri(&parts.uri);
        read.map(|axum::extract::Query(value)| Self(value)).map_err(|rejection| query_problem(&rejection))
    }
}

fn query_problem(rejection: &QueryRejection) -> Problem {
    let mut causes = std::iter::successors(rejection.source(), |cause: &&(dyn Error + 'static)| (*cause).source());
    let fault = causes.find_map(|cause| cause.downcast_ref::<QueryFault>());
    let (field, message) = match fault {
        Some(fault) => (super::field_name(fault.path()), fault.inner().to_string()),
        None => (String::new(), rejection.body_text()),
    };
    if field.is_empty() {
        return Problem::new(ProblemKind::InvalidQuery, format!("Query parameters: {message}."));
    }
    Problem::new(ProblemKind::InvalidQuery, format!("`{field}`: {message}.")).with("field", field)
}

/// Parts of the path.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        read.map(|axum::extract::Path(value)| Self(value)).map_err(path_problem)
    }
}

fn path_problem(rejection: PathRejection) -> Problem {
    match rejection {
        PathRejection::FailedToDeserializePathParams(fault) => {
            Problem::new(ProblemKind::InvalidPath, format!("{}.", fault.kind()))
        }
        other => Problem::internal(other.body_text()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        #[serde(rename = "count")]
        _count: u32,
    }

    async fn fault(uri: &str) -> (String, serde_json::Value) {
        let (mut parts, ()) = Request::builder().uri(uri).body(()).unwrap().into_parts();
        let problem = Query::<Wanted>::from_request_parts(&mut parts, &()).await.unwrap_err();
        assert_eq!(problem.kind(), ProblemKind::InvalidQuery);
        let body = serde_json::to_value(problem.body(None)).unwrap();
        (problem.detail().to_owned(), body["field"].clone())
    }

    #[tokio::test]
    async fn the_parameter_at_fault_is_named() {
        assert_eq!(fault("/?count=many").await, ("`count`: invalid digit found in string.".into(), "count".into()));
        assert_eq!(fault("/?count=-1").await.1, "count");
        assert_eq!(fault("/?count=1&count=2").await.0, "Query parameters: duplicate field `count`.");
        assert!(fault("/?count=1&colour=2").await.0.contains("unknown field `colour`"));
        assert_eq!(fault("/").await.0, "Query parameters: missing field `count`.");
    }
}
