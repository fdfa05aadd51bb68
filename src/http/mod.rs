//! HTTP: the server, what surrounds every request, and the pages and operations it serves.
//!
//! ```text
//! server      connections and their limits
//!  └ envelope request id, panic, time limit, headers, problems, access log
//!     ├ assets, health, docs                   open to anybody
//!     ├ gate   session, roles, other sites     by the table of pages
//!     │  └ pages                               one family a file
//!     └ gate   token and scope, by the OpenAPI document
//!        └ operations of the API               one file each
//! ```

use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

pub mod api;
pub mod assets;
pub mod auth;
pub mod docs;
pub mod envelope;
pub mod extract;
pub mod health;
pub mod openapi;
pub mod packed;
pub mod pages;
pub mod problem;
pub mod request_id;
pub mod server;
pub mod stream;

use auth::{AccessError, AccessTable, Gate, TokenLookup};
use pages::{PageApp, PageRow};
use server::ServerLimits;

/// A boxed future, for the few calls that the wiring passes in.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Everything that is served, and its description.
pub struct Site {
    /// To be given to [`server::serve`].
    pub router: Router,
    /// The completed document: for `nameplate openapi` and for tests.
    pub document: OpenApi,
    /// Who may call what: for the access tests.
    pub table: AccessTable,
    /// Who may see which page: for the access tests.
    pub pages: Vec<PageRow>,
}

/// Puts the operations of `api` behind the gate and the pages beside them, and wraps it all. Without an installation there
/// are only the pages about problems.
///
/// # Errors
/// [`AccessError`] if an operation does not declare rightly who may call it.
pub fn assemble(
    api: OpenApiRouter,
    groups: &[openapi::Group],
    lookup: TokenLookup,
    readiness: health::Readiness,
    pages: Option<PageApp>,
    limits: &ServerLimits,
) -> Result<Site, AccessError> {
    let (operations, document) = api.split_for_parts();
    let document = openapi::complete(document, groups);
    let table = AccessTable::from_openapi(&document)?;
    let gate = Arc::new(Gate::new(table.clone(), lookup));
    let router = operations
        .layer(axum::middleware::from_fn_with_state(gate, auth::gate))
        .merge(assets::router())
        .merge(docs::router(&document))
        .merge(health::router(readiness));
    let (pages, rows) = match pages {
        Some(app) => pages::router(app),
        None => (pages::bare_router(), Vec::new()),
    };
    let router = router.merge(pages);
    Ok(Site { router: envelope::wrap(router, limits.handler), document, table, pages: rows })
}
