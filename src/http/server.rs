//! The accept loop: every connection is counted, every wait on a peer has an end.
//!
//! `axum::serve` waits for ever on a peer that says nothing, sends half a header or drips a body (observed on axum
//! 0.8). Here each phase of a connection has a limit of [`ServerLimits`]:
//!
//! ```text
//! accept ── header ──► body ──────────► handler ──► response ──► idle ──► header ...
//!           header     body_idle        handler     write_idle   keep_alive_idle
//!                      body_total
//! ```
//! Deliberately absent: HTTP/2 and TLS (a reverse proxy in front speaks them), and upgrades.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

mod admission;
mod body;
mod connection;
mod stream;

pub use admission::AddressGroup;
pub use body::BodyFault;
pub use connection::{BodyLimits, Peer};

use admission::Admission;

/// Shortest and longest pause after the system refused to accept (out of file descriptors or memory).
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));

/// Every limit of the HTTP server. The defaults are those of production; tests shorten the times.
#[derive(Debug, Clone)]
pub struct ServerLimits {
    /// From the connection, or from the first byte of a later request, to the end of its header.
    pub header: Duration,
    /// From the end of an answer to the first byte of the next request.
    pub keep_alive_idle: Duration,
    /// Between two pieces of a request body.
    pub body_idle: Duration,
    /// From the first wait for a request body to its end.
    pub body_total: Duration,
    /// From the complete header to the start of the answer, reading the body included.
    pub handler: Duration,
    /// How long a peer may take no byte of an answer. The kernel wakes a writer only once a third of the send buffer
    /// is free (Linux `sk_stream_write_space`), so a peer cannot stretch this by taking single bytes.
    pub write_idle: Duration,
    /// How long a closing connection still reads, so that a peer in the midst of sending gets to see the answer
    /// (RFC 9112 section 9.6).
    pub linger: Duration,
    /// How long [`serve`] waits for open requests after it was told to stop.
    pub drain: Duration,
    /// Open connections in all.
    pub connections: usize,
    /// Open connections of one [`AddressGroup`]. Behind a reverse proxy all share the proxy's: raise it there.
    pub connections_per_address: usize,
    /// Bytes of a request's header; also the size of the write buffer.
    pub header_bytes: usize,
    /// Bytes of a JSON request body.
    pub json_body_bytes: usize,
    /// Bytes of all request bodies that are held in memory at the same moment.
    pub body_memory_bytes: usize,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            header: Duration::from_secs(5),
            keep_alive_idle: Duration::from_secs(60),
            body_idle: Duration::from_secs(10),
            body_total: Duration::from_secs(30),
            handler: Duration::from_secs(60),
            write_idle: Duration::from_secs(20),
            linger: Duration::from_secs(1),
            drain: Duration::from_secs(20),
            connections: 1_024,
            connections_per_address: 256,
            header_bytes: 32 << 10,
            json_body_bytes: 1 << 20,
            body_memory_bytes: 64 << 20,
        }
    }
}

/// How serving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    /// Connections that were still busy when [`ServerLimits::drain`] ran out, and were cut.
    pub cut: usize,
}

/// Serves `router` on `listener` until `shutdown` completes, then stops accepting, closes idle connections, lets open
/// requests finish for at most [`ServerLimits::drain`], and returns.
///
/// Each request carries [`Peer`] and [`BodyLimits`] as extensions.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ServerLimits,
    shutdown: impl Future<Output = ()> + Send,
) -> Drained {
    let admission = Admission::new(limits.connections, limits.connections_per_address);
    let memory = Arc::new(Semaphore::new(limits.body_memory_bytes.min(Semaphore::MAX_PERMITS)));
    let shared = Arc::new(connection::Shared { limits, router, memory });
    let (stop, stopping) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    let mut refused_in_a_row = 0;
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) => {
                refused_in_a_row = 0;
                match admission.admit(address.ip()) {
                    Some(permit) => {
                        let connection = connection::run(stream, address, Arc::clone(&shared), stopping.clone());
                        connections.spawn(async move {
                            connection.await;
                            drop(permit);
                        });
                    }
                    None => admission::refuse(stream, address),
                }
            }
            Err(error) => {
                let Some(pause) = pause_after(&error, refused_in_a_row) else { continue };
                refused_in_a_row += 1;
                tracing::warn!(%error, "cannot accept connections; trying again");
                tokio::select! {
                    () = &mut shutdown => break,
                    () = tokio::time::sleep(pause) => {}
                }
            }
        }
    }
    drop(listener);
    drop(stop);
    drain(connections, shared.limits.drain).await
}

async fn drain(mut connections: JoinSet<()>, limit: Duration) -> Drained {
    let all_ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(limit, all_ended).await.is_ok() {
        return Drained { cut: 0 };
    }
    let cut = connections.len();
    tracing::warn!(cut, "requests were still open when the time to finish them ran out");
    connections.shutdown().await;
    Drained { cut }
}

/// How long to wait after a failed accept: not at all if only that one connection failed, else longer each time.
fn pause_after(error: &io::Error, refused_in_a_row: u32) -> Option<Duration> {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted) {
        return None;
    }
    Some(BACK_OFF.0.saturating_mul(1 << refused_in_a_row.min(10)).min(BACK_OFF.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_by_the_system_pauses_and_ever_longer_up_to_a_second() {
        let reset = io::Error::from(io::ErrorKind::ConnectionReset);
        assert_eq!(pause_after(&reset, 5), None);
        let out_of_files = io::Error::from_raw_os_error(24);
        assert_eq!(pause_after(&out_of_files, 0), Some(Duration::from_millis(10)));
        assert_eq!(pause_after(&out_of_files, 3), Some(Duration::from_millis(80)));
        assert_eq!(pause_after(&out_of_files, u32::MAX), Some(Duration::from_secs(1)));
    }
}
