//! Request bodies with time limits, and response bodies that tell when they are done.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};

use super::ServerLimits;
use super::stream::Phase;

/// Why a request body did not arrive whole.
#[derive(Debug, thiserror::Error)]
pub enum BodyFault {
    /// Nothing came for [`ServerLimits::body_idle`].
    #[error("no part of the request body came for a while")]
    Idle,
    /// It was not complete after [`ServerLimits::body_total`].
    #[error("the request body took too long")]
    Total,
    /// The connection broke, or the chunks were malformed.
    #[error("the request body broke off")]
    Broken(#[source] hyper::Error),
}

/// A request body whose every wait has an end. Times start with the first wait: a body that came with its header needs
/// no timer.
pub(super) struct TimedBody {
    inner: Incoming,
    idle: Duration,
    total: Duration,
    /// When the body must be complete; known from the first wait on.
    end: Option<Instant>,
    wait: Option<Pin<Box<Sleep>>>,
    is_complete: bool,
    phase: Phase,
}

impl TimedBody {
    pub(super) fn new(inner: Incoming, phase: Phase, limits: &ServerLimits) -> Self {
        let is_complete = inner.is_end_stream();
        Self { inner, idle: limits.body_idle, total: limits.body_total, end: None, wait: None, is_complete, phase }
    }
}

impl Drop for TimedBody {
    fn drop(&mut self) {
        if !self.is_complete {
            self.phase.leave_body();
        }
    }
}

impl HttpBody for TimedBody {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(cx) {
            this.wait = None;
            this.is_complete = frame.is_none() || this.inner.is_end_stream();
            return Poll::Ready(frame.map(|frame| frame.map_err(BodyFault::Broken)));
        }
        let now = Instant::now();
        let end = *this.end.get_or_insert(now + this.total);
        let wait = this.wait.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(end.min(now + this.idle))));
        ready!(wait.as_mut().poll(cx));
        let fault = if end <= Instant::now() { BodyFault::Total } else { BodyFault::Idle };
        Poll::Ready(Some(Err(fault)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// A response body that advances the connection's phase once it is written or given up.
pub(super) struct Answer {
    inner: Body,
    phase: Phase,
}

impl Answer {
    pub(super) fn new(inner: Body, phase: Phase) -> Self {
        Self { inner, phase }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.phase.advance();
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
