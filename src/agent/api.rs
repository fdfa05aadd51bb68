//! Calls of the server's JSON API with a token: for stations, which tell what they did and take labels along.

use super::client::{CallError, Peer, good, http, json_up_to};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;
use ureq::Agent;

/// Largest answer, in bytes: a kit with its picture.
const LARGEST: u64 = 32 << 20;
/// How long a call may take: a kit of many labels is drawn and reserved meanwhile.
const CALL: Duration = Duration::from_secs(60);

/// A server, and who speaks with it.
#[derive(Debug)]
pub struct Api {
    http: Agent,
    server: String,
    bearer: String,
}

impl Api {
    /// Speaks with the server at this address (`https://..`), with this token.
    ///
    /// # Errors
    ///
    /// In words, if the address or the certificates are none.
    pub fn new(server: &str, token: &str, ca: Option<&[u8]>) -> Result<Self, String> {
        let server = server.trim().trim_end_matches('/');
        if !server.starts_with("http://") && !server.starts_with("https://") {
            return Err(format!("{server:?} is not the address of a server: write it as https://nameplate.example"));
        }
        let token = token.trim();
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err("the token is empty or damaged: it begins with npt_".into());
        }
        Ok(Self { http: http(ca, Peer::Server)?, server: server.to_owned(), bearer: format!("Bearer {token}") })
    }

    /// Reads something.
    ///
    /// # Errors
    ///
    /// As [`CallError`] says.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, CallError> {
        let request = self.http.get(format!("{}/api/v1{path}", self.server)).header("authorization", &self.bearer);
        json_up_to(good(request.config().timeout_global(Some(CALL)).build().call())?, LARGEST)
    }

    /// Sends something, with an idempotency key where one is needed.
    ///
    /// # Errors
    ///
    /// As [`CallError`] says.
    pub fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        key: Option<&str>,
        body: &impl Serialize,
    ) -> Result<T, CallError> {
        let body = serde_json::to_vec(body).map_err(|error| CallError::Garbage(error.to_string()))?;
        let request = self.http.post(format!("{}/api/v1{path}", self.server)).header("authorization", &self.bearer);
        let mut request = request.header("content-type", "application/json");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let answer = good(request.config().timeout_global(Some(CALL)).build().send(&body[..]))?;
        json_up_to(answer, LARGEST)
    }
}
