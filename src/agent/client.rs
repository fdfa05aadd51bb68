//! The print protocol from the agent's side: leases, documents, heartbeats, results, over HTTP with a token per printer.
//!
//! Whatever is not exactly what the protocol says is an error with words: a proxy's page with status 200, a document that
//! does not fit its digest, a redirect.

use super::config::Token;
use super::ledger::{MOST_LABELS, Name, Report, Span};
use crate::print::status::PrinterStatus;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::time::Duration;
use ureq::http::{HeaderMap, Response};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body};

/// Largest answer other than a document, in bytes.
const LARGEST_ANSWER: u64 = 64 << 10;

/// Largest document, in bytes: a window of graphic labels at 600 dpi.
const LARGEST_DOCUMENT: u64 = 64 << 20;

/// How long a call may take beyond what it waits at the server.
const CALL: Duration = Duration::from_secs(15);

/// How long a document may take.
const DOCUMENT: Duration = Duration::from_secs(60);

/// How the agent calls itself.
pub const AGENT: &str = concat!("nameplate-agent/", env!("CARGO_PKG_VERSION"));

/// Why a call had no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Nobody answered.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// The server asks for time, or has a fault of its own.
    #[error("the server is not able to serve now ({detail})")]
    Later {
        /// How long it asks for.
        wait: Option<Duration>,
        /// What it says.
        detail: String,
    },
    /// What answered does not speak the protocol.
    #[error("the answer is not one of a nameplate server: {0}")]
    Garbage(String),
    /// The server says no, and would say so again.
    #[error("the server refuses ({status} {problem}): {detail}")]
    Refused {
        /// HTTP status, 400 to 499.
        status: u16,
        /// The problem's short name, such as `lease-ended`.
        problem: String,
        /// What it says to people.
        detail: String,
    },
}

impl CallError {
    /// How long the server wants to be left alone.
    pub(super) const fn wait(&self) -> Option<Duration> {
        match self {
            Self::Later { wait, .. } => *wait,
            _ => None,
        }
    }

    /// The status of a refusal.
    pub(super) const fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }
}

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// ZPL II.
    Zpl,
    /// PDF, a page a label.
    Pdf,
    /// PNG, one label.
    Png,
}

impl Format {
    /// The ending of a file's name; also its name for people.
    pub(super) const fn ending(self) -> &'static str {
        match self {
            Self::Zpl => "zpl",
            Self::Pdf => "pdf",
            Self::Png => "png",
        }
    }
}

/// Labels that this agent may print, once.
#[derive(Debug, Clone, Deserialize)]
pub struct Lease {
    /// Its name: every request about it carries it.
    pub lease: Name,
    /// The job it is part of.
    pub job: Name,
    /// What its documents are.
    pub format: Format,
    /// The media type of its documents.
    pub media_type: String,
    /// How many labels, 1 to [`MOST_LABELS`].
    pub labels: u32,
    /// How long it lasts after each sign of life, in seconds.
    pub lease_s: u32,
}

/// What the server answers to a sign of life.
#[derive(Debug, Deserialize)]
pub struct Heartbeat {
    /// The job was held or cancelled: nothing more is to be fetched.
    pub stop: bool,
}

/// What the server answers to results.
#[derive(Debug, Deserialize)]
pub struct Taken {
    /// Labels of the lease without result.
    #[serde(rename = "open")]
    pub _open: u32,
}

#[derive(Serialize)]
struct LeaseRequest<'a> {
    max_labels: u32,
    wait_s: u32,
    status: &'a PrinterStatus,
}

#[derive(Serialize)]
struct StatusOnly<'a> {
    status: &'a PrinterStatus,
}

#[derive(Deserialize)]
struct Problem {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    detail: String,
}

/// Who is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    /// The server, through the proxy that the environment names.
    Server,
    /// A printer nearby: never through a proxy.
    Printer,
}

/// What is used for all calls of a kind: connections and certificates.
///
/// # Errors
///
/// In words, if the certificates are none.
pub(super) fn http(ca: Option<&[u8]>, peer: Peer) -> Result<Agent, String> {
    let roots = match ca {
        None => RootCerts::WebPki,
        Some(pem) => {
            let items: Result<Vec<_>, _> = parse_pem(pem).collect();
            let items = items.map_err(|error| format!("ca_file: {error}"))?;
            let certificates: Vec<Certificate<'static>> = items
                .into_iter()
                .filter_map(|i| if let PemItem::Certificate(c) = i { Some(c) } else { None })
                .collect();
            if certificates.is_empty() {
                return Err("ca_file: it holds no certificate; it wants PEM, with -----BEGIN CERTIFICATE-----".into());
            }
            RootCerts::new_with_certs(&certificates)
        }
    };
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(Duration::from_secs(10)))
        .proxy(if peer == Peer::Server { ureq::Proxy::try_from_env() } else { None })
        .user_agent(AGENT)
        .tls_config(TlsConfig::builder().root_certs(roots).build());
    Ok(config.build().new_agent())
}

/// Speaks with the server for one printer.
#[derive(Debug)]
pub struct Client {
    http: Agent,
    server: String,
    printer: String,
    bearer: String,
}

impl Client {
    pub(super) fn new(http: Agent, server: &str, printer: &str, token: &Token) -> Self {
        Self { http, server: server.to_owned(), printer: printer.to_owned(), bearer: token.bearer() }
    }

    /// Asks for work and waits for it at the server. None if there is none.
    ///
    /// # Errors
    ///
    /// As [`CallError`] says.
    pub fn lease(&self, max_labels: u32, wait_s: u32, status: &PrinterStatus) -> Result<Option<Lease>, CallError> {
        let body = LeaseRequest { max_labels, wait_s, status: &told(status) };
        let time = CALL + Duration::from_secs(wait_s.into());
        let answer = self.post(&format!("/printers/{}/leases", self.printer), &body, time)?;
        if answer.status() == 204 {
            return Ok(None);
        }
        let lease: Lease = json(answer)?;
        match (1..=MOST_LABELS.min(max_labels)).contains(&lease.labels) && lease.lease_s > 0 {
            true => Ok(Some(lease)),
            false => Err(CallError::Garbage(format!("a lease of {} labels, {} s", lease.labels, lease.lease_s))),
        }
    }

    /// Fetches the document of some labels. From then on they count as handed over.
    ///
    /// # Errors
    ///
    /// As [`CallError`] says; [`CallError::Garbage`] if it is not the document that the server meant to send.
    pub fn labels(&self, lease: &Lease, span: Span) -> Result<Vec<u8>, CallError> {
        let path = format!("/leases/{}/labels?first={}&last={}", lease.lease, span.first, span.last);
        let request = self.http.get(self.url(&path)).header("authorization", &self.bearer);
        let answer = good(request.config().timeout_global(Some(DOCUMENT)).build().call())?;
        let header = |name: &str| text(answer.headers(), name).map(str::to_owned);
        let (digest, media) = (header("etag"), header("content-type").unwrap_or_default());
        if media.split(';').next().map(str::trim) != Some(lease.media_type.as_str()) {
            return Err(CallError::Garbage(format!("{media} where {} was to come", lease.media_type)));
        }
        let mut answer = answer;
        let bytes = answer.body_mut().with_config().limit(LARGEST_DOCUMENT).read_to_vec().map_err(|e| transport(&e))?;
        match digest.as_deref().map(|digest| digest.trim_matches('"')) {
            Some(digest) if digest == hex(&Sha256::digest(&bytes)) && !bytes.is_empty() => Ok(bytes),
            Some(_) => Err(CallError::Garbage("a document that does not fit its digest".into())),
            None => Err(CallError::Garbage("a document without digest (ETag)".into())),
        }
    }

    /// Gives a sign of life.
    ///
    /// # Errors
    ///
    /// As [`CallError`] says.
    pub fn heartbeat(&self, lease: &Name, status: &PrinterStatus) -> Result<Heartbeat, CallError> {
        let body = StatusOnly { status: &told(status) };
        json(self.post(&format!("/leases/{lease}/heartbeat"), &body, CALL)?)
    }

    /// Reports results.
    ///
    /// # Errors
    ///
    /// As [`CallError`] says.
    pub fn results(&self, lease: &Name, report: &Report<'_>) -> Result<Taken, CallError> {
        json(self.post(&format!("/leases/{lease}/results"), report, CALL)?)
    }

    /// Tells how the printer is.
    ///
    /// # Errors
    ///
    /// As [`CallError`] says.
    pub fn status(&self, status: &PrinterStatus) -> Result<(), CallError> {
        self.post(&format!("/printers/{}/status", self.printer), &told(status), CALL).map(drop)
    }

    fn url(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.server)
    }

    fn post(&self, path: &str, body: &impl Serialize, time: Duration) -> Result<Response<Body>, CallError> {
        let body = serde_json::to_vec(body).map_err(|error| CallError::Garbage(error.to_string()))?;
        let request = self.http.post(self.url(path)).header("authorization", &self.bearer);
        let request = request.header("content-type", "application/json");
        good(request.config().timeout_global(Some(time)).build().send(&body[..]))
    }
}

/// With the agent's name.
fn told(status: &PrinterStatus) -> PrinterStatus {
    PrinterStatus { agent: Some(AGENT.to_owned()), ..status.clone() }
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn transport(error: &ureq::Error) -> CallError {
    CallError::Unreachable(error.to_string())
}

/// The answer if its status is 2xx, else what went wrong.
pub(super) fn good(answer: Result<Response<Body>, ureq::Error>) -> Result<Response<Body>, CallError> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(ureq::Error::Protocol(error)) => return Err(CallError::Garbage(error.to_string())),
        Err(error) => return Err(transport(&error)),
    };
    let status = answer.status().as_u16();
    let wait = text(answer.headers(), "retry-after").and_then(|text| text.parse().ok()).map(Duration::from_secs);
    match status {
        200..=299 => Ok(answer),
        408 | 425 | 429 | 500..=599 => Err(CallError::Later { wait, detail: in_words(answer, status) }),
        400..=499 => Err(refusal(answer, status)),
        _ => Err(CallError::Garbage(format!("status {status}; is the server's URL right, with https://?"))),
    }
}

/// The problem in an answer's body, if it is one.
fn problem(mut answer: Response<Body>) -> Option<Problem> {
    let is_problem = text(answer.headers(), "content-type")?.starts_with("application/problem+json");
    let bytes = answer.body_mut().with_config().limit(LARGEST_ANSWER).read_to_vec().ok()?;
    is_problem.then(|| serde_json::from_slice(&bytes).ok()).flatten()
}

fn in_words(answer: Response<Body>, status: u16) -> String {
    match problem(answer) {
        Some(problem) if !problem.detail.is_empty() => format!("{status}: {}", problem.detail),
        Some(problem) => format!("{status}: {}", problem.title),
        None => format!("status {status}"),
    }
}

/// A 4xx that is no problem document comes from something in between, or from another server.
fn refusal(answer: Response<Body>, status: u16) -> CallError {
    match problem(answer) {
        None => CallError::Garbage(format!("status {status} without a word; is the server's URL right?")),
        Some(Problem { kind, title, detail }) => CallError::Refused {
            status,
            problem: kind.rsplit('/').next().unwrap_or_default().to_owned(),
            detail: if detail.is_empty() { title } else { detail },
        },
    }
}

fn json<T: serde::de::DeserializeOwned>(answer: Response<Body>) -> Result<T, CallError> {
    json_up_to(answer, LARGEST_ANSWER)
}

/// Reads an answer of at most `largest` bytes as JSON.
pub(super) fn json_up_to<T: serde::de::DeserializeOwned>(
    mut answer: Response<Body>,
    largest: u64,
) -> Result<T, CallError> {
    let bytes = answer.body_mut().with_config().limit(largest).read_to_vec().map_err(|e| transport(&e))?;
    serde_json::from_slice(&bytes).map_err(|error| CallError::Garbage(error.to_string()))
}
