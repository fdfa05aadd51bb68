//! A small HTTP client for printers whose server may die at any moment: an answer came whole, or not at all.

use super::model::Dice;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Asks one of some servers, whichever; keeps no connection.
pub struct Patient {
    servers: Vec<String>,
    token: String,
    dice: Dice,
}

impl Patient {
    pub fn new(servers: Vec<String>, token: String, dice: Dice) -> Self {
        Self { servers, token, dice }
    }

    /// Status and body; `None` when no whole answer came, whatever the server may have done.
    pub fn ask(&mut self, method: &str, path: &str, body: &Value) -> Option<(u16, Vec<u8>)> {
        let server = &self.servers[self.dice.under(self.servers.len())];
        let mut stream = TcpStream::connect(server).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: t\r\nauthorization: Bearer {}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.token,
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
        let head = std::str::from_utf8(&answer[..end]).ok()?.to_ascii_lowercase();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let body = answer.split_off(end);
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length = length.map_or(Ok(0), |length| length.trim().parse::<usize>()).ok()?;
        (body.len() == length).then_some((status, body))
    }
}

/// The serials that stand on labels in native ZPL, each once, in the order in which they come out.
pub fn serials_in(zpl: &[u8], known: &BTreeSet<String>) -> Vec<String> {
    let text = String::from_utf8_lossy(zpl);
    let mut found = Vec::new();
    for label in text.split("^XZ") {
        let words = label.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let serial = words.map(|word| word.replace('-', "")).find_map(|word| {
            // The text may stand behind the two letters of its command.
            let bare = word.strip_prefix("FD").map(str::to_owned);
            [Some(word), bare].into_iter().flatten().find(|word| known.contains(word))
        });
        found.extend(serial);
    }
    found
}
