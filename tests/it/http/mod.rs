//! The HTTP layer over real sockets, with small operations of its own. Times are shortened through `ServerLimits`; tests
//! look at what happens in the end (an answer, a problem, a closed connection), never at how long it takes.

mod access;
mod answers;
mod bodies;
mod docs;
mod lifecycle;
mod sample;
mod slow_peers;
pub(crate) mod wire;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use nameplate::http::auth::{TokenLookup, TokenRecord, TokenState};
use nameplate::http::health::Findings;
use nameplate::http::openapi::Group;
use nameplate::http::server::{Drained, ServerLimits, serve};
use nameplate::http::{Site, assemble};
use nameplate::service::token::{ApiToken, Principal, Scope};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// Longest wait for anything in a test: only a hanging server comes near it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A running server.
struct Server {
    address: SocketAddr,
    /// Tells of each endless answer that was given up.
    abandoned: mpsc::UnboundedReceiver<()>,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<Drained>,
}

impl Server {
    /// Starts with limits long enough for a busy machine.
    async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// Starts with changed limits.
    async fn with(change: impl FnOnce(&mut ServerLimits)) -> Self {
        let mut limits = ServerLimits::default();
        change(&mut limits);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (abandon, abandoned) = mpsc::unbounded_channel();
        let router = site(&limits, abandon).router;
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(serve(listener, router, limits, async {
            let _ = stopped.await;
        }));
        Self { address, abandoned, stop: Some(stop), running }
    }

    async fn connect(&self) -> wire::Wire {
        wire::Wire::connect(self.address).await
    }

    /// Tells it to stop, without waiting for it.
    fn tell_to_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    async fn ended(self) -> Drained {
        tokio::time::timeout(PATIENCE, self.running).await.expect("the server ends").unwrap()
    }
}

/// The site with the operations of [`sample`]. Not ready until told so by nobody: it gives one reason.
fn site(limits: &ServerLimits, abandon: mpsc::UnboundedSender<()>) -> Site {
    let groups = [Group { name: "Parcels", description: "Things to try." }];
    let readiness = Arc::new(|| -> nameplate::http::BoxFuture<Findings> {
        Box::pin(async { Findings { blocking: vec!["The catalogue is empty.".to_owned()], ..Findings::default() } })
    });
    assemble(sample::operations(abandon), &groups, lookup(), readiness, None, limits).unwrap()
}

/// The token whose only scope is `scope`.
fn token(scope: Scope) -> ApiToken {
    ApiToken::from_random([scope as u8 + 1; 39])
}

/// A store that knows one live token for each scope.
fn lookup() -> TokenLookup {
    Arc::new(|id| {
        let record = |scope| {
            let (token, scopes) = (token(scope), [scope].into_iter().collect());
            let name = format!("{scope} of the tests");
            let principal = Principal { token_id: token.id(), name, scopes, brand: None, station: None, printer: None };
            TokenRecord { hash: token.hash(), state: TokenState::Live, principal }
        };
        let found = Scope::ALL.into_iter().map(record).find(|record| record.principal.token_id == id);
        Box::pin(async move { Ok(found) })
    })
}
