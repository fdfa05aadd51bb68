//! What the tests of store, service and faults stand on: an empty database on either engine, and a factory that works.
//! For those of the agent: a printer and a server. For those of the pages: a browser.

pub mod browser;
mod child;
mod cluster;
mod database;
mod factory;
mod fake_desk;
mod fake_printer;
mod pdf_pages;

pub use child::{child, instruction};
pub use database::{Backup, Database, Engine, run};
pub use factory::{Answer, Factory, NOW_US, tiny_rule};
pub use fake_desk::{At, FakeDesk, Trouble, token};
pub use fake_printer::FakePrinter;
use pdf_pages::pdf_pages;

/// Makes two tests of each named `async fn(Database)`: `name::sqlite` and `name::postgres`.
macro_rules! both_engines {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                crate::support::run(crate::support::Engine::Sqlite, super::$name).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                crate::support::run(crate::support::Engine::Postgres, super::$name).await;
            }
        }
    )*};
}

/// Makes a test of each named `async fn(Database)` for what SQLite does not have: several nodes, connections.
macro_rules! postgres_only {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                crate::support::run(crate::support::Engine::Postgres, super::$name).await;
            }
        }
    )*};
}

pub(crate) use {both_engines, postgres_only};
