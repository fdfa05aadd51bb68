//! A server for one test, in this process.

use super::{Browser, Tab};
use crate::support::{Database, Factory};
use axum::Router;
use nameplate::http::api::site;
use nameplate::http::server::{self, ServerLimits};
use tokio::net::TcpListener;

/// A factory with the sample catalogue, its server, and a browser.
pub struct Site {
    /// The installation, to arrange what a test begins with and to see what it led to.
    pub factory: Factory,
    base: String,
    browser: Browser,
    _database: Database,
}

impl Site {
    pub(super) async fn start(browser: Browser, database: Database) -> Self {
        let factory = Factory::on(&database).await;
        let router = site(factory.shared(), &ServerLimits::default()).unwrap().router;
        Self { factory, base: serve(router).await, browser, _database: database }
    }

    /// A tab of somebody who has not been here before.
    pub fn tab(&self) -> Tab {
        self.browser.person(&self.base)
    }
}

/// Serves until the test ends; answers where.
pub async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(server::serve(listener, router, ServerLimits::default(), std::future::pending()));
    format!("http://{address}")
}
