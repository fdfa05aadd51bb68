//! What the tests of store, service and faults stand on: an empty database on either engine, and a factory that works.

mod child;
mod cluster;
mod database;
mod factory;

pub use child::{child, instruction};
pub use database::{Backup, Database, Engine, run};
pub use factory::{Answer, Factory, NOW_US, tiny_rule};

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
