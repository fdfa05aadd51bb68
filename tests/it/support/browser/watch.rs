//! What a page did, put together from its events: whether it is loading, what it fetched, and what went wrong.

use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// Watches one page.
pub struct Watch {
    /// The page's own frame; what happens in others is not the person's navigation.
    frame: String,
    seen: Mutex<Seen>,
    changed: Condvar,
}

/// What has been seen so far.
#[derive(Default)]
pub struct Seen {
    loading: Loading,
    /// Status of the last document.
    pub status: Option<u64>,
    pub transfer: Transfer,
    requests: HashMap<String, Request>,
    faults: Vec<String>,
    expected: Vec<String>,
}

/// What came over the wire for the last document and everything it asked for, without images.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Transfer {
    /// Heads and bodies, as they were sent.
    pub bytes: u64,
    /// Redirects count.
    pub requests: u64,
}

#[derive(Default, PartialEq, Eq)]
enum Loading {
    #[default]
    Done,
    /// A click or a key asked for another document.
    Asked,
    Begun,
}

struct Request {
    url: String,
    is_image: bool,
    is_document: bool,
}

/// Browsers ask for it without being told to.
const UNASKED: &str = "/favicon.ico";

impl Watch {
    pub fn of(frame: &str) -> Self {
        Self { frame: frame.to_owned(), seen: Mutex::default(), changed: Condvar::new() }
    }

    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    /// Waits until the last navigation has ended; whether it has.
    pub fn settled(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        let mut seen = self.seen();
        while seen.loading != Loading::Done {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else { return false };
            seen = self.changed.wait_timeout(seen, left).unwrap().0;
        }
        true
    }

    /// An event.
    pub fn note(&self, method: &str, event: &Value) {
        let mut seen = self.seen();
        let of_page = event["frameId"] == self.frame.as_str();
        match method {
            "Page.frameScheduledNavigation" | "Page.frameRequestedNavigation" if of_page => {
                let elsewhere = event["disposition"].as_str().is_some_and(|place| place != "currentTab");
                if seen.loading == Loading::Done && !elsewhere {
                    seen.loading = Loading::Asked;
                }
            }
            "Page.frameStartedLoading" if of_page => seen.loading = Loading::Begun,
            "Page.frameStoppedLoading" if of_page && seen.loading == Loading::Begun => seen.loading = Loading::Done,
            "Page.frameClearedScheduledNavigation" | "Page.navigatedWithinDocument"
                if of_page && seen.loading == Loading::Asked =>
            {
                seen.loading = Loading::Done;
            }
            "Network.requestWillBeSent" => seen.sent(event, of_page),
            "Network.responseReceived" => seen.received(event, of_page),
            "Network.loadingFinished" => seen.finished(event),
            "Network.loadingFailed" => seen.failed(event),
            "Runtime.exceptionThrown" => {
                let details = &event["exceptionDetails"];
                let thrown = details["exception"]["description"].as_str().or(details["text"].as_str());
                seen.fault(format!("script: {}", thrown.unwrap_or("?")));
            }
            "Runtime.consoleAPICalled" => seen.console(event),
            "Log.entryAdded" => seen.log(&event["entry"]),
            "Audits.issueAdded" => seen.issue(&event["issue"]),
            "Page.javascriptDialogOpening" => {
                seen.fault(format!("dialog: {}", event["message"].as_str().unwrap_or_default()));
            }
            "Inspector.targetCrashed" => seen.fault("the page crashed".to_owned()),
            _ => return,
        }
        self.changed.notify_all();
    }
}

impl Seen {
    /// The test is about this: a fault that holds these words is none, and its absence is one.
    pub fn expect(&mut self, words: &str) {
        self.expected.push(words.to_owned());
    }

    /// What went wrong and was not expected, and what was expected and did not happen.
    pub fn faults(&self) -> Vec<String> {
        let holds = |fault: &String, words: &String| fault.contains(words.as_str());
        let unexpected = self.faults.iter().filter(|fault| !self.expected.iter().any(|words| holds(fault, words)));
        let missing = self.expected.iter().filter(|words| !self.faults.iter().any(|fault| holds(fault, words)));
        unexpected.cloned().chain(missing.map(|words| format!("expected, but nothing logged {words:?}"))).collect()
    }

    fn fault(&mut self, fault: String) {
        // The log and the issues both tell of some faults, and a page reports one for each of its elements.
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    fn sent(&mut self, event: &Value, of_page: bool) {
        let id = event["requestId"].as_str().unwrap_or_default();
        let url = event["request"]["url"].as_str().unwrap_or_default();
        let is_document = of_page && event["type"] == "Document" && event["loaderId"] == id;
        let redirect = &event["redirectResponse"];
        if !redirect.is_null() {
            self.transfer.bytes += length(&redirect["encodedDataLength"]);
            self.transfer.requests += 1;
        } else if is_document {
            self.transfer = Transfer::default();
        }
        let is_image = event["type"] == "Image" || url.ends_with(UNASKED);
        self.requests.insert(id.to_owned(), Request { url: url.to_owned(), is_image, is_document });
    }

    fn received(&mut self, event: &Value, of_page: bool) {
        let status = event["response"]["status"].as_u64().unwrap_or_default();
        let request = self.requests.get(event["requestId"].as_str().unwrap_or_default());
        if of_page && request.is_some_and(|request| request.is_document) {
            self.status = Some(status);
        } else if let Some(url) = request.map(|request| request.url.clone())
            && status >= 400
            && !url.ends_with(UNASKED)
        {
            self.fault(format!("answered {status}: {url}"));
        }
    }

    fn finished(&mut self, event: &Value) {
        let request = self.requests.get(event["requestId"].as_str().unwrap_or_default());
        if request.is_some_and(|request| !request.is_image && !request.url.starts_with("data:")) {
            self.transfer.bytes += length(&event["encodedDataLength"]);
            self.transfer.requests += 1;
        }
    }

    fn failed(&mut self, event: &Value) {
        let request = self.requests.get(event["requestId"].as_str().unwrap_or_default());
        // Given up by the page itself, by leaving it, or because the answer was a file to keep.
        let given_up = event["canceled"] == true || event["errorText"] == "net::ERR_ABORTED";
        // What the policy forbids, the log tells in better words.
        let forbidden = event["blockedReason"] == "csp";
        if let Some(url) = request.map(|request| request.url.clone())
            && !given_up
            && !forbidden
        {
            let why = event["blockedReason"].as_str().or(event["errorText"].as_str()).unwrap_or("?");
            self.fault(format!("not fetched ({why}): {url}"));
        }
    }

    fn console(&mut self, event: &Value) {
        let kind = event["type"].as_str().unwrap_or_default();
        if ["error", "warning", "assert"].contains(&kind) {
            let words = event["args"].as_array().into_iter().flatten();
            let words = words.filter_map(|arg| arg["value"].as_str().or(arg["description"].as_str()));
            self.fault(format!("console {kind}: {}", words.collect::<Vec<_>>().join(" ")));
        }
    }

    fn log(&mut self, entry: &Value) {
        let (source, level) = (entry["source"].as_str().unwrap_or_default(), entry["level"].as_str());
        // Requests are judged above: an answer 422 to a form is not a fault of the page.
        if source != "network" && matches!(level, Some("error" | "warning")) {
            self.fault(format!("{source}: {}", entry["text"].as_str().unwrap_or_default()));
        }
    }

    fn issue(&mut self, issue: &Value) {
        let code = issue["code"].as_str().unwrap_or_default();
        match issue["details"]["genericIssueDetails"]["errorType"].as_str() {
            Some(kind) => self.fault(format!("{code}: {kind}")),
            // The log has said it in better words.
            None if code == "ContentSecurityPolicyIssue" => {}
            None => self.fault(format!("{code}: {}", issue["details"])),
        }
    }
}

fn length(bytes: &Value) -> u64 {
    bytes.as_u64().unwrap_or_default()
}
