//! Answers that are made while they are sent: serial lists and label files of any size in little memory.
//!
//! ```text
//! blocking thread: write() ──► 64 KiB chunks ──► channel of 4 ──► body ──► connection
//! ```
//! The writer waits when the reader is slow, and its next write fails when the reader is gone.

use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use http_body::Frame;
use tokio::sync::{Semaphore, mpsc};

use crate::http::problem::{Problem, ProblemKind};

/// Bytes of a chunk.
const CHUNK: usize = 64 << 10;
/// Chunks that wait for a slow reader.
const WAITING: usize = 4;
/// Answers that are made at the same time. Each holds a blocking thread, also while its reader is slow, and the writer
/// of reservations needs such threads, too.
const AT_ONCE: usize = 64;

static SLOTS: Semaphore = Semaphore::const_new(AT_ONCE);

/// An answer of this media type, to be saved as `file_name`, whose body `write` makes on a blocking thread.
///
/// An error of `write` comes too late for a problem: it ends the body without its end mark, so that no client takes the
/// part for the whole, and is logged. A reader that goes away ends `write` with [`io::ErrorKind::BrokenPipe`]. When too
/// many such answers are under way already, this is the problem `overloaded`.
pub fn streamed(
    content_type: &'static str,
    file_name: &str,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
) -> Response {
    let Ok(slot) = SLOTS.try_acquire() else {
        let detail = "Too many long answers are being sent.";
        return Problem::new(ProblemKind::Overloaded, detail).retry_after_s(2).into_response();
    };
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::task::spawn_blocking(move || {
        let mut out = ChunkWriter { chunk: Vec::with_capacity(CHUNK), sender };
        let written = write(&mut out).and_then(|()| out.flush());
        let end = match written {
            Ok(()) => Piece::End,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return,
            Err(error) => {
                tracing::error!(%error, "an answer broke off while it was made");
                Piece::Fault(error)
            }
        };
        // A reader that has gone needs no end.
        let _ = out.sender.blocking_send(end);
        drop(slot);
    });
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{}\"", plain(file_name)));
    let mut response = Response::new(Body::new(Stream { receiver, ended: false }));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(disposition) = disposition {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

/// A file name that means the same to every system: other characters become `_`.
fn plain(name: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    name.chars().map(|c| if fits(c) { c } else { '_' }).collect()
}

enum Piece {
    Data(Bytes),
    Fault(io::Error),
    /// Everything was written. A channel that closes without it belongs to a writer that panicked.
    End,
}

struct ChunkWriter {
    chunk: Vec<u8>,
    sender: mpsc::Sender<Piece>,
}

impl Write for ChunkWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..taken]);
        if self.chunk.len() == CHUNK {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.chunk.is_empty() {
            return Ok(());
        }
        let full = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK));
        self.sender.blocking_send(Piece::Data(full.into())).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

struct Stream {
    receiver: mpsc::Receiver<Piece>,
    ended: bool,
}

impl http_body::Body for Stream {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let piece = ready!(self.receiver.poll_recv(cx));
        self.ended = !matches!(piece, Some(Piece::Data(_)));
        Poll::Ready(match piece {
            Some(Piece::Data(data)) => Some(Ok(Frame::data(data))),
            Some(Piece::End) => None,
            Some(Piece::Fault(error)) => Some(Err(error)),
            None => Some(Err(io::Error::other("the writer of this answer ended before its end"))),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;
    use std::sync::mpsc as std_mpsc;
    use std::time::Duration;

    #[tokio::test]
    async fn what_is_written_arrives_whole_and_with_its_name() {
        let response =
            streamed("text/csv", "Lot 25/\"x\".csv", |out| (0..50_000).try_for_each(|n| writeln!(out, "{n}")));
        assert_eq!(response.headers()["content-type"], "text/csv");
        assert_eq!(response.headers()["content-disposition"], "attachment; filename=\"Lot_25__x_.csv\"");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let expected: String = (0..50_000).map(|n| format!("{n}\n")).collect();
        assert_eq!(body, expected);
    }

    #[tokio::test]
    async fn an_error_or_a_panic_ends_the_body_with_a_fault() {
        let failing = streamed("text/plain", "a", |out| {
            out.write_all(b"part")?;
            Err(io::Error::other("disk"))
        });
        assert!(failing.into_body().collect().await.is_err());
        let panicking = streamed("text/plain", "a", |_| panic!("a defect"));
        assert!(panicking.into_body().collect().await.is_err());
    }

    #[tokio::test]
    async fn a_reader_that_goes_away_stops_the_writer() {
        let (told, tell) = std_mpsc::channel();
        let response = streamed("text/plain", "a", move |out| {
            let error = loop {
                if let Err(error) = out.write_all(&[b'x'; 1024]) {
                    break error;
                }
            };
            told.send(error.kind()).map_err(io::Error::other)?;
            Err(error)
        });
        let mut body = response.into_body();
        assert!(body.frame().await.unwrap().is_ok());
        drop(body);
        let kind = tokio::task::spawn_blocking(move || tell.recv_timeout(Duration::from_secs(20))).await.unwrap();
        assert_eq!(kind, Ok(io::ErrorKind::BrokenPipe));
    }

    #[tokio::test]
    async fn a_slow_reader_holds_the_writer_back() {
        let (told, tell) = std_mpsc::channel();
        let response = streamed("text/plain", "a", move |out| {
            for n in 0..100 {
                out.write_all(&[b'x'; CHUNK])?;
                let _ = told.send(n);
            }
            Ok(())
        });
        // Nobody reads: the channel fills, and the chunk after it cannot be written, however long one waits.
        let beyond = tokio::task::spawn_blocking(move || {
            for _ in 0..WAITING {
                tell.recv_timeout(Duration::from_secs(20)).unwrap();
            }
            tell.recv_timeout(Duration::from_millis(50))
        });
        assert!(beyond.await.unwrap().is_err());
        drop(response);
    }
}
