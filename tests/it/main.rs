//! The integration tests: their folders mirror the product.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says so by panicking")]
#![expect(clippy::print_stdout, reason = "a test that was skipped says so")]

mod agent;
mod api;
mod browser;
mod cli;
mod faults;
mod http;
mod label;
mod pages;
mod people;
mod print;
mod proof;
mod service;
mod store;
mod support;
