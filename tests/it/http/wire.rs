//! A client that can misbehave: it sends bytes as they are.

use std::net::SocketAddr;

use nameplate::service::token::Scope;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{PATIENCE, token};

/// One connection.
pub struct Wire {
    pub stream: TcpStream,
    /// Bytes received and not yet taken.
    received: Vec<u8>,
}

/// One answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let line = |line: &'_ str| line.split_once(':').is_some_and(|(given, _)| given.eq_ignore_ascii_case(name));
        self.head.lines().find(|given| line(given)).and_then(|line| Some(line.split_once(':')?.1.trim()))
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The last part of a problem's type, after checking its form.
    pub fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let body = self.json();
        assert_eq!(body["status"], self.status, "{body}");
        assert_eq!(body["instance"].as_str(), self.header("x-request-id"), "{body}");
        body["type"].as_str().unwrap().strip_prefix("/problems/").unwrap().to_owned()
    }
}

impl Wire {
    pub async fn connect(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.unwrap(), received: Vec::new() }
    }

    /// Sends bytes; a peer that has closed already is no failure, the answer tells.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        timeout(PATIENCE, self.stream.write_all(bytes.as_ref())).await.expect("the peer reads").is_ok()
    }

    async fn receive(&mut self) -> bool {
        let read =
            timeout(PATIENCE, self.stream.read_buf(&mut self.received)).await.expect("the peer answers or closes");
        read.is_ok_and(|count| count > 0)
    }

    /// The next answer; `None` if the connection closes before it is complete.
    pub async fn answer(&mut self) -> Option<Answer> {
        self.answer_to("GET").await
    }

    /// The next answer to a request of this method: the one to HEAD has no body.
    pub async fn answer_to(&mut self, method: &str) -> Option<Answer> {
        let end = loop {
            if let Some(at) = self.received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break at + 4;
            }
            if !self.receive().await {
                return None;
            }
        };
        let head = String::from_utf8(self.received.drain(..end).collect()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut answer = Answer { status, head, body: Vec::new() };
        if answer.header("transfer-encoding") == Some("chunked") && method != "HEAD" {
            answer.body = self.chunks().await?;
            return Some(answer);
        }
        let declared = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        let length: usize = if method == "HEAD" || status == 304 { 0 } else { declared };
        while self.received.len() < length {
            if !self.receive().await {
                return None;
            }
        }
        answer.body = self.received.drain(..length).collect();
        Some(answer)
    }

    /// A body in chunks (RFC 9112 section 7.1); `None` if it ends without its end mark.
    async fn chunks(&mut self) -> Option<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = loop {
                if let Some(at) = self.received.windows(2).position(|bytes| bytes == b"\r\n") {
                    break at;
                }
                if !self.receive().await {
                    return None;
                }
            };
            let size = usize::from_str_radix(std::str::from_utf8(&self.received[..line]).unwrap(), 16).unwrap();
            while self.received.len() < line + 2 + size + 2 {
                if !self.receive().await {
                    return None;
                }
            }
            body.extend_from_slice(&self.received[line + 2..line + 2 + size]);
            self.received.drain(..line + 2 + size + 2);
            if size == 0 {
                return Some(body);
            }
        }
    }

    /// Whether the server closes the connection, without sending anything more.
    pub async fn is_closed(&mut self) -> bool {
        self.received.is_empty() && !self.receive().await
    }

    /// Sends a request and reads its answer.
    pub async fn ask(&mut self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
        self.send(format!("{method} {path} HTTP/1.1\r\nhost: t\r\n{headers}{length}\r\n{body}")).await;
        self.answer_to(method).await.expect("an answer")
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, "", "").await
    }

    /// Posts JSON with the headers that the operation wants.
    pub async fn post(&mut self, path: &str, body: &str) -> Answer {
        self.ask("POST", path, &post_headers(), body).await
    }
}

/// Headers of a good POST: a planner's token, JSON, a key.
pub fn post_headers() -> String {
    format!("{}content-type: application/json\r\nidempotency-key: k1\r\n", bearer(Scope::Planner))
}

pub fn bearer(scope: Scope) -> String {
    format!("authorization: Bearer {}\r\n", token(scope).reveal())
}
