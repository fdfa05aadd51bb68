//! Who may call what.
//!
//! The rule is written once, where an operation is declared: `security(("token" = ["planner"]))` in its
//! `#[utoipa::path]`. The OpenAPI document shows it and the [`Gate`] enforces it from there, so documentation and
//! enforcement cannot part, and an operation that declares nothing stops the server from starting.
//!
//! Deliberately absent: sessions and cookies (pages bring their own), and anything that depends on a brand. A token's
//! brand goes into the queries of the service layer; what it may not see answers 404 there.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::http::BoxFuture;
use crate::http::problem::{Problem, ProblemKind};
use crate::http::server::{AddressGroup, Peer};
use crate::service::token::{ApiToken, Principal, Scope, ScopeSet, TokenId};
pub use crate::service::tokens::{TokenRecord, TokenState};

mod access;
mod basic;
mod cache;
mod throttle;

pub use access::{Access, AccessError, AccessTable, PRINTER_SCHEME, TOKEN_SCHEME};

use cache::Cache;
pub(in crate::http) use throttle::Throttle;

/// Failed tokens in a row that an address is not made to wait for, and how often one more is forgiven.
const FAILURES: u32 = 10;
const FORGIVEN_EVERY_S: u64 = 2;

/// Finds a token by its id: a store call. A failing store answers with its problem.
pub type TokenLookup = Arc<dyn Fn(TokenId) -> BoxFuture<Result<Option<TokenRecord>, Problem>> + Send + Sync>;

/// Middleware state: tells whose request it is, and whether the operation is open to them.
pub struct Gate {
    table: AccessTable,
    lookup: TokenLookup,
    cache: Mutex<Cache>,
    throttle: Mutex<Throttle<AddressGroup>>,
}

impl Gate {
    /// A gate for the operations of `table`.
    #[must_use]
    pub fn new(table: AccessTable, lookup: TokenLookup) -> Self {
        Self { table, lookup, cache: Mutex::default(), throttle: Mutex::new(Throttle::new(FAILURES, FORGIVEN_EVERY_S)) }
    }

    /// Finds out who presents the token in `headers`.
    ///
    /// # Errors
    /// 401 for a token that is missing, damaged, unknown, expired or revoked; 429 once an address has failed too often;
    /// the problem of a store that fails.
    pub async fn principal(&self, headers: &HeaderMap, peer: AddressGroup) -> Result<Principal, Problem> {
        let token = presented(headers).ok_or_else(|| refusal(ProblemKind::TokenMissing, ""))?;
        let token = token.map(str::to_owned).map_err(|detail| format!("Bearer token: {detail}."));
        self.known(token, peer).await
    }

    /// Finds out which printer presents its token as the password of HTTP Basic. The user name does not matter.
    ///
    /// # Errors
    /// As [`Gate::principal`]; 403 for a token that is no printer's.
    pub async fn printer(&self, headers: &HeaderMap, peer: AddressGroup) -> Result<Principal, Problem> {
        let token = basic::password(headers).ok_or_else(|| refusal(ProblemKind::TokenMissing, ""));
        let found = match token {
            Ok(token) => self.known(token, peer).await,
            Err(missing) => Err(missing),
        };
        let principal = found.map_err(basic::challenge)?;
        match principal.printer.is_some() && principal.allows(Scope::Printer) {
            true => Ok(principal),
            false => Err(Problem::new(ProblemKind::ScopeMissing, "This is for the tokens of printers.")
                .with("needed", [Scope::Printer.name()])),
        }
    }

    async fn known(&self, token: Result<String, String>, peer: AddressGroup) -> Result<Principal, Problem> {
        let parsed = token.and_then(|text| text.parse::<ApiToken>().map_err(|error| format!("Token: {error}.")));
        let found = match parsed {
            Ok(token) => self.verify(&token, peer).await,
            Err(detail) => Err(refusal(ProblemKind::TokenMalformed, detail)),
        };
        if found.as_ref().is_err_and(|problem| problem.kind().code() == 401) {
            self.throttle.lock().unwrap_or_else(PoisonError::into_inner).failed(peer, Instant::now());
        }
        found
    }

    /// Working tokens are answered from the cache before the throttle is asked, so that failures of others behind the
    /// same address do not stop a busy station.
    async fn verify(&self, token: &ApiToken, peer: AddressGroup) -> Result<Principal, Problem> {
        let now = Instant::now();
        let hash = token.hash();
        let cached = self.cache.lock().unwrap_or_else(PoisonError::into_inner).get(token.id(), now);
        if let Some(record) = cached.filter(|record| record.hash.matches(&hash)) {
            return Ok(record.principal.clone());
        }
        if let Some(wait_s) = self.throttle.lock().unwrap_or_else(PoisonError::into_inner).wait_s(peer, now) {
            return Err(Problem::new(ProblemKind::TooManyAttempts, "").retry_after_s(wait_s));
        }
        let unknown = || refusal(ProblemKind::TokenUnknown, "");
        let record = (self.lookup)(token.id()).await?.ok_or_else(unknown)?;
        if !record.hash.matches(&hash) {
            return Err(unknown());
        }
        match record.state {
            TokenState::Expired => Err(refusal(ProblemKind::TokenExpired, "")),
            TokenState::Revoked => Err(refusal(ProblemKind::TokenRevoked, "")),
            TokenState::Live => {
                let principal = record.principal.clone();
                self.cache.lock().unwrap_or_else(PoisonError::into_inner).put(Arc::new(record), now);
                Ok(principal)
            }
        }
    }

    async fn admit(&self, request: &mut Request) -> Result<(), Problem> {
        let Some(path) = request.extensions().get::<MatchedPath>().cloned() else {
            return Ok(()); // No route matched: the fallback answers 404.
        };
        let access = self.table.access(request.method(), path.as_str())?;
        if access == Access::Public {
            return Ok(());
        }
        let peer = request.extensions().get::<Peer>().map(|peer| AddressGroup::from(peer.0.ip()));
        let peer =
            peer.ok_or_else(|| Problem::internal("requests carry no Peer: not served by http::server::serve"))?;
        let principal = match access {
            Access::Printer => self.printer(request.headers(), peer).await?,
            _ => self.principal(request.headers(), peer).await?,
        };
        if let Access::AnyOf(scopes) = access
            && !scopes.is_empty()
            && !scopes.iter().any(|scope| principal.allows(scope))
        {
            return Err(scope_missing(scopes));
        }
        request.extensions_mut().insert(principal);
        Ok(())
    }
}

/// Middleware around the operations of the API.
pub async fn gate(State(gate): State<Arc<Gate>>, mut request: Request, next: Next) -> Response {
    match gate.admit(&mut request).await {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Principal {
    type Rejection = Problem;

    /// Whom the [`gate`] let in. Asking for it in a public operation is a fault of the program: 500.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let principal = parts.extensions.get().cloned();
        principal.ok_or_else(|| Problem::internal("a public operation asks for a principal"))
    }
}

/// The token's text as presented; `None` without one (RFC 6750 section 2.1; the scheme's case does not matter).
fn presented(headers: &HeaderMap) -> Option<Result<&str, String>> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let first = given.next()?;
    if given.next().is_some() {
        return Some(Err("the request has more than one Authorization header".to_owned()));
    }
    let Ok(text) = first.to_str() else {
        return Some(Err("the Authorization header has characters that no token has".to_owned()));
    };
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| Ok(token.trim()))
}

/// A 401 with its challenge (RFC 6750 section 3).
fn refusal(kind: ProblemKind, detail: impl Into<String>) -> Problem {
    let challenge = match kind {
        ProblemKind::TokenMissing => "Bearer realm=\"nameplate\"",
        _ => "Bearer realm=\"nameplate\", error=\"invalid_token\"",
    };
    Problem::new(kind, detail).with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}

fn scope_missing(needed: ScopeSet) -> Problem {
    let names: Vec<_> = needed.iter().map(|scope| scope.name()).collect();
    let challenge = format!("Bearer realm=\"nameplate\", error=\"insufficient_scope\", scope=\"{needed}\"");
    let problem = Problem::new(ProblemKind::ScopeMissing, format!("This needs the scope {}.", names.join(" or ")));
    match HeaderValue::from_str(&challenge) {
        Ok(challenge) => problem.with_header(header::WWW_AUTHENTICATE, challenge),
        Err(_) => problem,
    }
    .with("needed", names)
}

#[cfg(test)]
mod tests;
