//! A TCP stream whose peer cannot make it wait for ever.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

use super::ServerLimits;

/// Most bytes that a closing connection still takes and throws away.
const LINGER_BYTES: usize = 4 << 20;

/// Where a connection stands, told by its service to its stream. Both run in the same task; the atomics are for `Send`,
/// not for ordering.
#[derive(Debug, Clone, Default)]
pub(super) struct Phase(Arc<PhaseState>);

#[derive(Debug, Default)]
struct PhaseState {
    /// Even while a request's header is awaited, odd while a request is answered.
    count: AtomicU64,
    /// Whether some request's body was not read to its end: the peer may still be sending it.
    body_left: AtomicBool,
}

impl Phase {
    /// A request's header is complete, or its answer is written.
    pub(super) fn advance(&self) {
        self.0.count.fetch_add(1, Ordering::Relaxed);
    }

    /// A request's body is given up.
    pub(super) fn leave_body(&self) {
        self.0.body_left.store(true, Ordering::Relaxed);
    }

    fn now(&self) -> u64 {
        self.0.count.load(Ordering::Relaxed)
    }

    fn is_body_left(&self) -> bool {
        self.0.body_left.load(Ordering::Relaxed)
    }
}

/// A time limit that is armed and disarmed often and rarely runs out.
#[derive(Debug, Default)]
struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    fn arm_once(&mut self, limit: Duration) {
        if self.0.is_none() {
            self.0 = Some(Box::pin(tokio::time::sleep(limit)));
        }
    }

    fn disarm(&mut self) {
        self.0 = None;
    }

    fn is_armed(&self) -> bool {
        self.0.is_some()
    }

    /// Ready once the limit has passed; else the task is woken then. Never ready while disarmed.
    fn poll_passed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.0 {
            Some(sleep) if sleep.deadline() <= Instant::now() => Poll::Ready(()),
            Some(sleep) => sleep.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}

/// See the module's head. Limits on header, writing and lingering; the body's are in [`super::body`], and idling
/// between requests is hyper's.
#[derive(Debug)]
pub(super) struct TimedStream {
    inner: TcpStream,
    phase: Phase,
    seen: u64,
    header_limit: Duration,
    header: Alarm,
    write_limit: Duration,
    write: Alarm,
    linger_limit: Duration,
    linger: Alarm,
    lingered_bytes: usize,
    write_half_closed: bool,
}

impl TimedStream {
    /// The time for the first header starts now.
    pub(super) fn new(inner: TcpStream, phase: Phase, limits: &ServerLimits) -> Self {
        let mut header = Alarm::default();
        header.arm_once(limits.header);
        Self {
            inner,
            seen: phase.now(),
            phase,
            header_limit: limits.header,
            header,
            write_limit: limits.write_idle,
            write: Alarm::default(),
            linger_limit: limits.linger,
            linger: Alarm::default(),
            lingered_bytes: 0,
            write_half_closed: false,
        }
    }

    /// Passes `written` on, unless the peer has taken nothing for too long.
    fn judge_write(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.write.disarm();
            return written;
        }
        self.write.arm_once(self.write_limit);
        self.write.poll_passed(cx).map(|()| Err(timed_out("the peer does not read")))
    }
}

impl AsyncRead for TimedStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let phase = this.phase.now();
        if phase != this.seen {
            this.seen = phase;
            this.header.disarm();
        }
        let awaits_header = phase.is_multiple_of(2);
        if awaits_header && this.header.poll_passed(cx).is_ready() {
            return Poll::Ready(Err(timed_out("the request header did not arrive")));
        }
        let before = buf.filled().len();
        let read = Pin::new(&mut this.inner).poll_read(cx, buf);
        if awaits_header && buf.filled().len() > before {
            this.header.arm_once(this.header_limit);
        }
        read
    }
}

impl AsyncWrite for TimedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.judge_write(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.judge_write(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    /// Closes the own direction. A peer in the midst of a request is then read to the end, for a while, and what it
    /// says forgotten: closing with unread input would make the kernel send a reset, which can destroy an answer that
    /// the peer has not read yet.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !this.write_half_closed {
            ready!(Pin::new(&mut this.inner).poll_shutdown(cx))?;
            this.write_half_closed = true;
        }
        if !this.phase.is_body_left() && !this.header.is_armed() {
            return Poll::Ready(Ok(()));
        }
        this.linger.arm_once(this.linger_limit);
        let mut sink = [0_u8; 8 << 10];
        while this.lingered_bytes < LINGER_BYTES && this.linger.poll_passed(cx).is_pending() {
            let mut buf = ReadBuf::new(&mut sink);
            let read = ready!(Pin::new(&mut this.inner).poll_read(cx, &mut buf));
            if read.is_err() || buf.filled().is_empty() {
                break;
            }
            this.lingered_bytes += buf.filled().len();
        }
        Poll::Ready(Ok(()))
    }
}

fn timed_out(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, why)
}
