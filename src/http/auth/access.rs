//! The access table: which scopes each operation needs, read from the OpenAPI document.

use std::collections::BTreeMap;

use axum::http::{HeaderValue, Method, header};
use serde_json::Value;
use utoipa::openapi::OpenApi;

use crate::http::problem::{Problem, ProblemKind};
use crate::service::token::{Scope, ScopeSet, UnknownScope};

/// Name of the security scheme that operations refer to.
pub const TOKEN_SCHEME: &str = "token";
/// Name of the security scheme of printers that can do HTTP Basic only.
pub const PRINTER_SCHEME: &str = "printer_basic";

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody: declared by `security(())`.
    Public,
    /// Bearers of at least one of these scopes; of any live token if the set is empty.
    AnyOf(ScopeSet),
    /// Printers, with their token as the password of HTTP Basic (RFC 7617). A bearer token opens nothing here, and
    /// HTTP Basic nothing elsewhere.
    Printer,
}

/// What is wrong with an operation's declaration: the server does not start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// `security(..)` is missing.
    #[error("{operation} declares no security: write security((\"token\" = [..])) or, for all the world, security(())")]
    Undeclared {
        /// Method and path.
        operation: String,
    },
    /// A second scheme beside [`PRINTER_SCHEME`], or scopes for it.
    #[error("{operation} declares more than security((\"{PRINTER_SCHEME}\" = [])): it stands alone")]
    NotAlone {
        /// Method and path.
        operation: String,
    },
    /// Another scheme than [`TOKEN_SCHEME`] and [`PRINTER_SCHEME`].
    #[error("{operation} refers to the security scheme `{scheme}`, which does not exist")]
    UnknownScheme {
        /// Method and path.
        operation: String,
        /// The name found.
        scheme: String,
    },
    /// A name that is no scope.
    #[error("{operation}: {source}")]
    UnknownScope {
        /// Method and path.
        operation: String,
        /// Which name.
        source: UnknownScope,
    },
}

/// Every operation with who may call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessTable(BTreeMap<String, Vec<(Method, Access)>>);

impl AccessTable {
    /// Reads the table from the document.
    ///
    /// # Errors
    /// The first operation whose declaration is missing or wrong.
    pub fn from_openapi(document: &OpenApi) -> Result<Self, AccessError> {
        let paths = serde_json::to_value(&document.paths).unwrap_or_default();
        let mut table = BTreeMap::new();
        for (path, item) in paths.as_object().into_iter().flatten() {
            let mut rows = Vec::new();
            for (name, operation) in item.as_object().into_iter().flatten() {
                let Some(method) = method(name) else { continue };
                let named = format!("{method} {path}");
                rows.push((method, declared(&named, operation)?));
            }
            table.insert(path.clone(), rows);
        }
        Ok(Self(table))
    }

    /// Every operation: what the access tests run through.
    pub fn rows(&self) -> impl Iterator<Item = (&Method, &str, Access)> {
        self.0.iter().flat_map(|(path, rows)| rows.iter().map(move |(method, access)| (method, path.as_str(), *access)))
    }

    /// Who may call `method` on the route `path` (the pattern, with its placeholders).
    ///
    /// # Errors
    /// 405 with `Allow` for a method that is not in the document. A route that is not in it is shut: 500.
    pub(super) fn access(&self, method: &Method, path: &str) -> Result<Access, Problem> {
        let rows = self.0.get(path);
        let rows = rows.ok_or_else(|| Problem::internal(format_args!("{path} is not in the OpenAPI document")))?;
        // HEAD is GET without the body (RFC 9110 section 9.3.2).
        let wanted = if method == Method::HEAD { &Method::GET } else { method };
        let found = rows.iter().find(|(candidate, _)| candidate == wanted);
        found.map(|(_, access)| *access).ok_or_else(|| method_not_allowed(method, rows))
    }
}

fn method_not_allowed(method: &Method, rows: &[(Method, Access)]) -> Problem {
    let mut allowed: Vec<_> = rows.iter().map(|(method, _)| method.as_str()).collect();
    if allowed.contains(&"GET") {
        allowed.push("HEAD");
    }
    let problem = Problem::new(
        ProblemKind::MethodNotAllowed,
        format!("This operation takes {}, not {method}.", allowed.join(", ")),
    );
    match HeaderValue::from_str(&allowed.join(",")) {
        Ok(value) => problem.with_header(header::ALLOW, value),
        Err(_) => problem,
    }
}

/// The operations of a path item; its other members (`summary`, `parameters`, ..) are no methods.
fn method(name: &str) -> Option<Method> {
    let known = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
    known.contains(&name).then(|| Method::from_bytes(name.to_ascii_uppercase().as_bytes()).ok()).flatten()
}

/// The alternatives of `security`: one of them must be met (OpenAPI 3.1, Operation Object).
fn declared(named: &str, operation: &Value) -> Result<Access, AccessError> {
    let alternatives = operation["security"].as_array().filter(|alternatives| !alternatives.is_empty());
    let alternatives = alternatives.ok_or_else(|| AccessError::Undeclared { operation: named.to_owned() })?;
    if alternatives.iter().any(|requirement| requirement.get(PRINTER_SCHEME).is_some()) {
        let alone = serde_json::json!([{ PRINTER_SCHEME: [] }]);
        return match operation["security"] == alone {
            true => Ok(Access::Printer),
            false => Err(AccessError::NotAlone { operation: named.to_owned() }),
        };
    }
    let mut scopes = Vec::new();
    let mut any_token = false;
    for requirement in alternatives.iter().filter_map(Value::as_object) {
        if requirement.is_empty() {
            return Ok(Access::Public);
        }
        for (scheme, names) in requirement {
            if scheme != TOKEN_SCHEME {
                return Err(AccessError::UnknownScheme { operation: named.to_owned(), scheme: scheme.clone() });
            }
            let names: Vec<_> = names.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            any_token |= names.is_empty();
            for name in names {
                let scope: Result<Scope, _> = name.parse();
                scopes.push(scope.map_err(|source| AccessError::UnknownScope { operation: named.to_owned(), source })?);
            }
        }
    }
    Ok(Access::AnyOf(if any_token { ScopeSet::default() } else { scopes.into_iter().collect() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(security: Value) -> Result<Access, AccessError> {
        declared("GET /x", &json!({ "security": security }))
    }

    fn scopes(text: &str) -> Access {
        Access::AnyOf(text.parse().unwrap())
    }

    #[test]
    fn alternatives_and_lists_of_scopes_mean_one_of_them() {
        assert_eq!(read(json!([{}])), Ok(Access::Public));
        assert_eq!(read(json!([{"token": []}])), Ok(scopes("")));
        assert_eq!(read(json!([{"token": ["planner", "station"]}])), Ok(scopes("planner station")));
        assert_eq!(read(json!([{"token": ["planner"]}, {"token": ["station"]}])), Ok(scopes("planner station")));
    }

    #[test]
    fn the_scheme_of_printers_stands_alone() {
        assert_eq!(read(json!([{"printer_basic": []}])), Ok(Access::Printer));
        let operation = "GET /x".to_owned();
        for security in [
            json!([{"printer_basic": []}, {"token": []}]),
            json!([{"printer_basic": [], "token": ["admin"]}]),
            json!([{"printer_basic": ["printer"]}]),
            json!([{}, {"printer_basic": []}]),
        ] {
            assert_eq!(read(security), Err(AccessError::NotAlone { operation: operation.clone() }));
        }
    }

    #[test]
    fn what_is_not_declared_rightly_is_an_error() {
        let operation = "GET /x".to_owned();
        assert_eq!(declared("GET /x", &json!({})), Err(AccessError::Undeclared { operation: operation.clone() }));
        assert_eq!(read(json!([])), Err(AccessError::Undeclared { operation: operation.clone() }));
        let scheme = "cookie".to_owned();
        assert_eq!(read(json!([{"cookie": []}])), Err(AccessError::UnknownScheme { operation, scheme }));
        assert!(read(json!([{"token": ["root"]}])).unwrap_err().to_string().contains("`root` is not a scope"));
    }

    #[test]
    fn a_route_or_method_outside_the_document_is_shut() {
        let table = AccessTable(BTreeMap::from([("/x".to_owned(), vec![(Method::GET, Access::Public)])]));
        assert_eq!(table.access(&Method::HEAD, "/x").unwrap(), Access::Public);
        assert_eq!(table.access(&Method::POST, "/x").unwrap_err().kind(), ProblemKind::MethodNotAllowed);
        assert_eq!(table.access(&Method::GET, "/y").unwrap_err().kind(), ProblemKind::Internal);
    }
}
