//! One TCP connection to a printer: at most one question is open, and an answer belongs to it or to nothing.
//!
//! A late answer to an earlier question would tell of a time before the label. So after a question without answer the
//! connection is of no further use, and bytes that nobody asked for make it so too.

use super::super::config::Address;
use super::Tick;
use crate::print::zebra::LONGEST_ANSWER;
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

/// How long a read or write blocks before the caller's tick is called.
const SLICE: Duration = Duration::from_millis(100);

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoAnswer {
    /// Nothing, or half an answer, came in time.
    #[error("the printer did not answer")]
    Silence,
    /// The connection broke.
    #[error("the connection was lost: {0}")]
    Lost(String),
    /// Something came that was not asked for.
    #[error("the printer said something that was not asked for")]
    Muddled,
}

/// Where sending ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SendEnded {
    /// Bytes may have reached the printer.
    pub(super) any: bool,
    /// Why it ended.
    pub(super) why: String,
}

#[derive(Debug)]
pub(super) struct Conversation {
    stream: TcpStream,
    heard: Vec<u8>,
}

impl Conversation {
    /// Connects, trying every address of the host.
    pub(super) fn connect(address: &Address, patience: Duration) -> io::Result<Self> {
        let mut last = io::Error::new(io::ErrorKind::NotFound, "no such host");
        for address in (address.host.as_str(), address.port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, patience) {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    stream.set_read_timeout(Some(SLICE))?;
                    stream.set_write_timeout(Some(SLICE))?;
                    return Ok(Self { stream, heard: Vec::new() });
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Asks, and waits for the bytes that `whole` takes for an answer.
    pub(super) fn ask(
        &mut self,
        question: &[u8],
        whole: impl Fn(&[u8]) -> Option<usize>,
        patience: Duration,
        tick: Tick<'_>,
    ) -> Result<Vec<u8>, NoAnswer> {
        self.hold_still()?;
        self.send(question, patience, tick).map_err(|ended| NoAnswer::Lost(ended.why))?;
        let until = Instant::now() + patience;
        loop {
            if let Some(end) = whole(&self.heard) {
                return Ok(self.heard.drain(..end).collect());
            }
            if self.heard.len() > LONGEST_ANSWER {
                return Err(NoAnswer::Muddled);
            }
            if Instant::now() >= until {
                return Err(NoAnswer::Silence);
            }
            self.hear()?;
            tick();
        }
    }

    /// Sends all bytes as long as the printer takes some within `patience`.
    pub(super) fn send(&mut self, bytes: &[u8], patience: Duration, tick: Tick<'_>) -> Result<(), SendEnded> {
        let mut sent = 0;
        let mut until = Instant::now() + patience;
        while let Some(rest) = bytes.get(sent..).filter(|rest| !rest.is_empty()) {
            match self.stream.write(rest) {
                Ok(0) => return Err(SendEnded { any: sent > 0, why: "the printer takes no bytes".into() }),
                Ok(count) => {
                    sent += count;
                    until = Instant::now() + patience;
                }
                Err(error) if is_pause(&error) && Instant::now() < until => {}
                Err(error) if is_pause(&error) => {
                    return Err(SendEnded { any: sent > 0, why: "the printer stopped taking bytes".into() });
                }
                Err(error) => return Err(SendEnded { any: sent > 0, why: error.to_string() }),
            }
            tick();
        }
        Ok(())
    }

    /// Makes sure that the connection stands and nothing was said on it that was not asked for; line ends after the last
    /// answer belong to that.
    pub(super) fn hold_still(&mut self) -> Result<(), NoAnswer> {
        self.stream.set_nonblocking(true).map_err(|error| NoAnswer::Lost(error.to_string()))?;
        let heard = self.hear();
        self.stream.set_nonblocking(false).map_err(|error| NoAnswer::Lost(error.to_string()))?;
        heard?;
        match self.heard.iter().all(u8::is_ascii_whitespace) {
            true => {
                self.heard.clear();
                Ok(())
            }
            false => Err(NoAnswer::Muddled),
        }
    }

    fn hear(&mut self) -> Result<(), NoAnswer> {
        let mut bytes = [0; 512];
        match self.stream.read(&mut bytes) {
            Ok(0) => Err(NoAnswer::Lost("the printer closed it".into())),
            Ok(count) => {
                self.heard.extend_from_slice(bytes.get(..count).unwrap_or_default());
                Ok(())
            }
            Err(error) if is_pause(&error) => Ok(()),
            Err(error) => Err(NoAnswer::Lost(error.to_string())),
        }
    }
}

fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}
