//! One connection from its acceptance to its close.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tower::Service;

use super::ServerLimits;
use super::body::{Answer, TimedBody};
use super::stream::{Phase, TimedStream};

/// The other end of the connection: an extension of each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// How much of request bodies may be held in memory: an extension of each request.
#[derive(Debug, Clone)]
pub struct BodyLimits {
    /// Bytes of one JSON body.
    pub json_bytes: usize,
    /// One permit for each byte held, by all requests together.
    pub memory: Arc<Semaphore>,
}

/// What all connections share.
pub(super) struct Shared {
    pub(super) limits: ServerLimits,
    pub(super) router: Router,
    pub(super) memory: Arc<Semaphore>,
}

/// Serves requests until the peer closes, a limit is passed, or `stopping` closes; then the request under way is
/// finished first.
pub(super) async fn run(
    stream: TcpStream,
    address: SocketAddr,
    shared: Arc<Shared>,
    mut stopping: watch::Receiver<()>,
) {
    // Answers are written whole; waiting for more to send would only delay them. A failure costs speed, nothing else.
    let _ = stream.set_nodelay(true);
    let phase = Phase::default();
    let limits = &shared.limits;
    let io = TokioIo::new(TimedStream::new(stream, phase.clone(), limits));
    let service = service_fn(|request| answer(request, &shared, Peer(address), phase.clone()));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // hyper counts from the end of the last answer, so this is the idle limit; `TimedStream` holds the header's.
        .header_read_timeout(limits.keep_alive_idle.max(limits.header))
        .max_buf_size(limits.header_bytes.max(8 << 10))
        .serve_connection(io, service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stopping.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%address, error = &error as &dyn std::error::Error, "connection ended early");
    }
}

async fn answer(
    request: Request<Incoming>,
    shared: &Shared,
    peer: Peer,
    phase: Phase,
) -> Result<Response<Answer>, Infallible> {
    phase.advance();
    let mut request = request.map(|body| Body::new(TimedBody::new(body, phase.clone(), &shared.limits)));
    request.extensions_mut().insert(peer);
    request
        .extensions_mut()
        .insert(BodyLimits { json_bytes: shared.limits.json_body_bytes, memory: Arc::clone(&shared.memory) });
    let response = shared.router.clone().call(request).await?;
    Ok(response.map(|body| Answer::new(body, phase)))
}
