//! Tests in a real browser: people who open pages, read, type, scan and click.
//!
//! A test is an `async fn(Site)` named in [`in_browser!`]. The calls of a [`Tab`] block its thread; the server runs on
//! others. Each person has cookies of their own ([`Browser::person`]); every test fails when one of its pages logged a
//! fault that it does not expect ([`Tab::expects`]).

mod chromium;
mod eyes;
mod hands;
mod judge;
mod keys;
mod site;
mod tab;
mod watch;
mod wire;

pub use site::{PASSWORD, Site, serve};
pub use tab::Tab;

use super::{Database, Engine};
use chromium::{Chromium, Turn};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use watch::Watch;

/// Longest wait for anything on a page: only what never comes takes that long.
const PATIENCE: Duration = Duration::from_secs(20);

/// Makes a test of each named `async fn(Site)`.
macro_rules! in_browser {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn in_browser() {
                crate::support::browser::on_site(super::$name).await;
            }
        }
    )*};
}
pub(crate) use in_browser;

/// Runs a test on a server of its own with the sample catalogue, or says that it cannot.
pub async fn on_site<F: Future<Output = ()>>(test: impl FnOnce(Site) -> F) {
    let on = |browser| async {
        let on = |database: Database| async { test(Site::start(browser, database).await).await };
        super::run(Engine::Sqlite, on).await;
    };
    run(on).await;
}

/// Runs a test in Chromium, or says that it cannot.
pub async fn run<F: Future<Output = ()>>(test: impl FnOnce(Browser) -> F) {
    let Some(chromium) = Chromium::shared() else {
        assert!(
            std::env::var_os("NAMEPLATE_REQUIRE_CHROMIUM").is_none_or(|v| v.is_empty() || v == "0"),
            "Chromium is required (NAMEPLATE_REQUIRE_CHROMIUM), but NAMEPLATE_CHROMIUM is not set and none is on the PATH"
        );
        println!("SKIPPED in the browser: NAMEPLATE_CHROMIUM is not set and no Chromium is on the PATH");
        return;
    };
    let watches = Watches::default();
    test(Browser { chromium, watches: Arc::clone(&watches), _turn: chromium.turn() }).await;
    let faults: Vec<String> = watches.lock().unwrap().iter().flat_map(|watch| watch.seen().faults()).collect();
    assert!(faults.is_empty(), "the pages logged faults:\n{}", faults.join("\n"));
}

type Watches = Arc<Mutex<Vec<Arc<Watch>>>>;

/// Chromium, for one test.
pub struct Browser {
    chromium: &'static Chromium,
    watches: Watches,
    _turn: Turn,
}

impl Browser {
    /// A tab of somebody who has not been here before, on a desktop, in English and by day. Paths are those of `base`.
    pub fn person(&self, base: &str) -> Tab {
        Tab::of_a_new_person(self.chromium, Arc::clone(&self.watches), base)
    }
}
