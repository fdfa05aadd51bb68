//! The JSON API, one family of operations a file. Handlers read the request, call one use case and write its answer;
//! what a use case refuses becomes a problem in `refusal`.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::{AccessError, TokenLookup};
use super::health::{Findings, Readiness};
use super::openapi::Group;
use super::pages::{PageApp, SiteSettings};
use super::problem::Problem;
use super::server::ServerLimits;
use super::{Site, assemble};
use crate::service::token::Principal;
use crate::service::{Caller, Nameplate};
use crate::words::WordsError;

pub mod approvals;
pub mod batches;
pub mod blocks;
pub mod cloudprnt;
pub mod installation;
pub mod jobs;
pub mod labels;
pub mod leases;
pub mod printers;
pub mod proof_words;
pub mod proofs;
pub mod receipts;
mod refusal;
pub mod reports;
pub mod resolve;
pub mod rules;
pub mod serials;
pub mod skus;
pub mod stations;
pub mod tokens;

/// How long the database may take to show that it answers.
const READY_WITHIN: Duration = Duration::from_secs(2);

/// What every handler has.
#[derive(Debug, Clone)]
pub struct App {
    /// The open installation.
    pub nameplate: Arc<Nameplate>,
}

/// The groups of the manual, in the order in which people meet them.
const GROUPS: [Group; 11] = [
    Group { name: "Look-up", description: "Whatever was typed or scanned leads to its record." },
    Group {
        name: "Blocks",
        description: "A block is a range of serials that a station reserved for one SKU and batch. No serial is ever \
                      issued twice.",
    },
    Group {
        name: "Labels",
        description: "Labels of a block for printers: PDF, ZPL II and PNG, made while they are sent.",
    },
    Group {
        name: "Proofs",
        description: "What a label will look like, for the people whose brand is on it: samples, what the codes say, what has \
                      changed since. Decisions are made by people who sign in, on the pages; a token cannot sign.",
    },
    Group {
        name: "Printing",
        description: "Approved artwork goes to printers as jobs. Every label has a state of its own, and no serial is \
                      ever silently printed twice: from its first byte on a label is not sent again unless a person \
                      says so.",
    },
    Group {
        name: "Stations",
        description: "A work station asks for labels in one call, and scans each label on its unit: from then on serial and \
                      unit are one.",
    },
    Group { name: "Batches", description: "Production batches, the account of their serials, and closing them." },
    Group {
        name: "SKUs",
        description: "What is sold under which name, and how many serials a station may hold of it.",
    },
    Group { name: "Rules", description: "How serials are made. A rule that has issued never changes." },
    Group {
        name: "Receipts",
        description: "Signed proofs of reservations, which stations keep and can check offline.",
    },
    Group { name: "Administration", description: "Tokens, the audit chain, and the state of the installation." },
];

/// Why the site cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// An operation does not declare rightly who may call it.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// A file of messages cannot be used.
    #[error(transparent)]
    Words(#[from] WordsError),
}

/// Everything that is served, on an open installation.
///
/// # Errors
/// [`SiteError`].
pub fn site(nameplate: Arc<Nameplate>, limits: &ServerLimits, settings: SiteSettings) -> Result<Site, SiteError> {
    let pages = PageApp::new(Arc::clone(&nameplate), settings)?;
    let lookup = lookup(Arc::clone(&nameplate));
    let readiness = readiness(Arc::clone(&nameplate));
    Ok(assemble(operations(App { nameplate }), &GROUPS, lookup, readiness, Some(pages), limits)?)
}

fn operations(app: App) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(resolve::resolve))
        .routes(routes!(blocks::reserve, blocks::list))
        .routes(routes!(blocks::one))
        .routes(routes!(blocks::history))
        .routes(routes!(serials::serials))
        .routes(routes!(reports::report))
        .routes(routes!(labels::pdf))
        .routes(routes!(labels::zpl))
        .routes(routes!(labels::png))
        .routes(routes!(approvals::list, approvals::approve))
        .routes(routes!(approvals::withdraw))
        .routes(routes!(proofs::list, proofs::propose))
        .routes(routes!(proofs::one))
        .routes(routes!(proofs::sample))
        .routes(routes!(proofs::pdf))
        .routes(routes!(proofs::difference))
        .routes(routes!(proofs::certificate_json))
        .routes(routes!(proofs::certificate_pdf))
        .routes(routes!(proof_words::request))
        .routes(routes!(proof_words::withdraw))
        .routes(routes!(proof_words::comment))
        .routes(routes!(proof_words::resolve))
        .routes(routes!(proof_words::approvers, proof_words::set_approvers))
        .routes(routes!(printers::list, printers::register))
        .routes(routes!(printers::one, printers::edit))
        .routes(routes!(printers::say))
        .routes(routes!(jobs::list, jobs::print))
        .routes(routes!(jobs::one))
        .routes(routes!(jobs::labels))
        .routes(routes!(jobs::control))
        .routes(routes!(jobs::settle))
        .routes(routes!(jobs::reprint))
        .routes(routes!(jobs::policy))
        .routes(routes!(leases::lease))
        .routes(routes!(leases::fetch))
        .routes(routes!(leases::beat))
        .routes(routes!(leases::results))
        .routes(routes!(cloudprnt::poll, cloudprnt::fetch, cloudprnt::end))
        .routes(routes!(stations::print))
        .routes(routes!(stations::inspect))
        .routes(routes!(stations::kit))
        .routes(routes!(stations::journal))
        .routes(routes!(stations::conflicts))
        .routes(routes!(batches::list))
        .routes(routes!(batches::one))
        .routes(routes!(batches::close))
        .routes(routes!(batches::debt))
        .routes(routes!(skus::list))
        .routes(routes!(skus::one, skus::edit))
        .routes(routes!(skus::set_quota))
        .routes(routes!(rules::list, rules::define))
        .routes(routes!(receipts::check))
        .routes(routes!(receipts::keys))
        .routes(routes!(tokens::list, tokens::issue))
        .routes(routes!(tokens::rotate))
        .routes(routes!(tokens::revoke))
        .routes(routes!(installation::verify_audit))
        .routes(routes!(installation::status))
        .with_state(app)
}

fn lookup(nameplate: Arc<Nameplate>) -> TokenLookup {
    Arc::new(move |id| {
        let nameplate = Arc::clone(&nameplate);
        Box::pin(async move { Ok(nameplate.token(id).await?) })
    })
}

/// Ready while the database answers. Stopped allocation degrades: look-ups go on, so no balancer shall take the server
/// out. Why it is stopped is not for anybody; `GET /api/v1/status` tells those who sign in.
fn readiness(nameplate: Arc<Nameplate>) -> Readiness {
    Arc::new(move || {
        let nameplate = Arc::clone(&nameplate);
        Box::pin(async move {
            let mut findings = Findings::default();
            match tokio::time::timeout(READY_WITHIN, nameplate.stopped()).await {
                Ok(Ok(None)) => {}
                Ok(Ok(Some(_))) => findings.degrading.push("Reservations are stopped; look-ups go on.".to_owned()),
                Ok(Err(_)) | Err(_) => findings.blocking.push("The database does not answer.".to_owned()),
            }
            findings
        })
    })
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    /// Whom the gate let in, as the use cases know it.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Self::from(&Principal::from_request_parts(parts, state).await?))
    }
}
