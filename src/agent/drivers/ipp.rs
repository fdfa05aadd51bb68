//! PDF over IPP, to the printer's own URI.
//!
//! Where the printer can, the job is made first and its document sent second: then a lost answer to the document leaves a
//! job whose fate can still be asked for.

use super::super::config::{Confirm, IppUri, Patience};
use super::super::ledger::{Evidence, Outcome};
use super::{Hold, Sent, Tick, Window};
use crate::print::ipp::{Job, JobState, LONGEST_RESPONSE, MEDIA_TYPE, Operation, Request, Response};
use crate::print::status::PrinterStatus;
use std::thread::sleep;
use std::time::{Duration, Instant};
use ureq::Agent;

/// Between two looks at a job.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// Name of the user that printers show.
const USER: &str = "nameplate";

/// A printer that speaks IPP.
#[derive(Debug)]
pub(in super::super) struct Ipp {
    http: Agent,
    uri: IppUri,
    confirm: Confirm,
    patience: Patience,
    requests: u32,
}

/// How the printer wants its jobs.
#[derive(Debug)]
pub(super) struct Link {
    creates_jobs: bool,
}

/// A request without answer.
struct Failed {
    /// Bytes may have reached the printer.
    any: bool,
    why: String,
}

impl Ipp {
    pub(super) const fn new(http: Agent, uri: IppUri, confirm: Confirm, patience: Patience) -> Self {
        Self { http, uri, confirm, patience, requests: 0 }
    }

    pub(super) const fn can_confirm(&self) -> bool {
        !matches!(self.confirm, Confirm::None)
    }

    pub(super) fn prepare(&mut self) -> Result<(PrinterStatus, Link), Hold> {
        let wanted = [
            "printer-state",
            "printer-state-reasons",
            "printer-is-accepting-jobs",
            "operations-supported",
            "document-format-supported",
        ];
        let request = self.request(Operation::GetPrinterAttributes).user(USER).wanted(&wanted);
        let response = self.send(request, &[]).map_err(|failed| {
            Hold::of(PrinterStatus::unreachable(format!("nothing answers at {}: {}", self.uri.uri, failed.why)))
        })?;
        if !response.is_success() {
            return Err(Hold::of(PrinterStatus::unknown(response.refusal())));
        }
        let unclear = || Hold::of(PrinterStatus::unknown("it does not say how it is"));
        let printer = response.printer().ok_or_else(unclear)?;
        if !printer.status.is_ready() {
            return Err(Hold::of(printer.status));
        }
        if !printer.takes_pdf {
            let why = "it does not take PDF: use a raw printer with ZPL, or a folder";
            return Err(Hold::of(PrinterStatus { detail: Some(why.into()), ..printer.status }));
        }
        Ok((printer.status, Link { creates_jobs: printer.creates_jobs }))
    }

    pub(super) fn print(&mut self, link: &Link, window: &Window<'_>, tick: Tick<'_>) -> Sent {
        let name = format!("{} {}-{}", window.lease, window.span.first, window.span.last);
        let job_id = if link.creates_jobs {
            let request = self.request(Operation::CreateJob).user(USER).job_name(&name).one_copy();
            // Nothing of the label is in it: without an answer there is a job without document, which comes to nothing.
            let job_id = match self.send(request, &[]) {
                Ok(response) if response.is_success() => response.job_id(),
                Ok(response) => return Sent::Nothing(response.refusal()),
                Err(failed) => return Sent::Nothing(failed.why),
            };
            let Some(job_id) = job_id else { return Sent::Nothing("it made a job without number".into()) };
            let request = self.request(Operation::SendDocument).job(job_id).user(USER);
            let request = request.document_format("application/pdf").last_document();
            match self.send(request, window.document) {
                Ok(response) if response.is_success() => {}
                Ok(response) => return Sent::unknown(format!("the document was refused: {}", response.refusal())),
                Err(failed) if !failed.any => return Sent::Nothing(failed.why),
                // The job has a number: it can be asked for.
                Err(_) => {}
            }
            job_id
        } else {
            let request = self.request(Operation::PrintJob).user(USER).job_name(&name);
            let request = request.document_format("application/pdf").one_copy();
            match self.send(request, window.document) {
                Ok(response) if !response.is_success() => {
                    return Sent::unknown(format!("the job was refused: {}", response.refusal()));
                }
                Ok(response) => match response.job_id() {
                    Some(job_id) => job_id,
                    None => return Sent::unknown("the printer took the job without a number"),
                },
                Err(failed) if !failed.any => return Sent::Nothing(failed.why),
                Err(failed) => return Sent::unknown(format!("no answer to the job: {}", failed.why)),
            }
        };
        self.wait_for(job_id, window.span.count(), tick)
    }

    /// Waits until the job is over.
    fn wait_for(&mut self, job_id: i32, labels: u32, tick: Tick<'_>) -> Sent {
        let mut until = Instant::now() + self.patience.confirm;
        let mut last: Option<Job> = None;
        loop {
            let wanted = ["job-state", "job-state-reasons", "job-impressions-completed", "job-media-sheets-completed"];
            let request = self.request(Operation::GetJobAttributes).job(job_id).user(USER).wanted(&wanted);
            let now = self.send(request, &[]).ok().filter(Response::is_success).and_then(|response| response.job());
            if let Some(job) = now {
                if job.state != JobState::UnderWay {
                    return self.judge(&job, labels);
                }
                if last.as_ref() != Some(&job) {
                    last = Some(job);
                    until = Instant::now() + self.patience.confirm;
                }
            }
            if Instant::now() >= until {
                return Sent::unknown(match last {
                    Some(job) => {
                        format!("the printer did not come to an end with the job ({})", job.reasons.join(", "))
                    }
                    None => "the printer does not say what became of the job".into(),
                });
            }
            tick();
            sleep(LOOK_EVERY);
        }
    }

    fn judge(&self, job: &Job, labels: u32) -> Sent {
        match job.proves(labels) {
            Err(why) => Sent::unknown(why),
            Ok(()) if self.confirm == Confirm::Status => Sent::Something(Outcome::Printed { evidence: Evidence::Ipp }),
            Ok(()) => Sent::unknown("the printer reports the job as completed, which is not taken for proof here"),
        }
    }

    fn request(&mut self, operation: Operation) -> Request {
        self.requests = self.requests.wrapping_add(1).max(1);
        Request::new(operation, self.requests, &self.uri.uri)
    }

    fn send(&self, request: Request, document: &[u8]) -> Result<Response, Failed> {
        let mut body = request.into_bytes();
        body.extend_from_slice(document);
        let call = self.http.post(&self.uri.url).header("content-type", MEDIA_TYPE).config();
        let call = call
            .timeout_connect(Some(self.patience.connect))
            .timeout_global(Some(self.patience.answer.max(self.patience.connect) * 3));
        let mut answer = call
            .build()
            .send(&body[..])
            .map_err(|error| Failed { any: may_have_sent(&error), why: error.to_string() })?;
        let failed = |why: String| Failed { any: true, why };
        if answer.status() != 200 {
            return Err(failed(format!("HTTP status {}", answer.status().as_u16())));
        }
        let limit = u64::try_from(LONGEST_RESPONSE).unwrap_or(u64::MAX);
        let bytes =
            answer.body_mut().with_config().limit(limit).read_to_vec().map_err(|error| failed(error.to_string()))?;
        Response::parse(&bytes).map_err(|error| failed(error.to_string()))
    }
}

/// Anything but a connection that was never made.
fn may_have_sent(error: &ureq::Error) -> bool {
    use ureq::Timeout;
    match error {
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed | ureq::Error::BadUri(_) => false,
        ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => false,
        ureq::Error::Io(error) => error.kind() != std::io::ErrorKind::ConnectionRefused,
        _ => true,
    }
}
