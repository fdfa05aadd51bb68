//! The Chrome DevTools Protocol over two pipes: a request and its answer, and events to whoever watches the page.
//!
//! Each message is JSON and ends with a NUL byte. Requests can be sent ahead of the answers to earlier ones; Chromium
//! keeps their order.

use super::watch::Watch;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{ChildStdin, ChildStdout};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Longest wait for one answer: an accessibility check of a long page on a busy machine stays far below it.
const LONGEST_ANSWER: Duration = Duration::from_secs(120);

type Answer = Result<Value, String>;

/// The connection to one Chromium.
pub struct Wire {
    ends: Arc<Ends>,
    next: AtomicU64,
}

/// What the thread that reads shares with those who ask.
struct Ends {
    out: Mutex<ChildStdin>,
    /// Who waits for the answer to which request; none once Chromium has ended.
    waiting: Mutex<Option<HashMap<u64, Sender<Answer>>>>,
    watches: Mutex<HashMap<String, Arc<Watch>>>,
}

/// A request on its way.
pub struct Asked {
    method: String,
    answer: Receiver<Answer>,
}

impl Wire {
    pub fn new(out: ChildStdin, back: ChildStdout) -> Self {
        let ends = Ends { out: Mutex::new(out), waiting: Mutex::new(Some(HashMap::new())), watches: Mutex::default() };
        let ends = Arc::new(ends);
        let reader = Arc::clone(&ends);
        std::thread::Builder::new().name("chromium".into()).spawn(move || reader.read(back)).unwrap();
        Self { ends, next: AtomicU64::new(1) }
    }

    /// Events of this session go to this watch from now on.
    pub fn watch(&self, session: &str, watch: Arc<Watch>) {
        self.ends.watches.lock().unwrap().insert(session.to_owned(), watch);
    }

    pub fn forget(&self, session: &str) {
        self.ends.watches.lock().unwrap().remove(session);
    }

    /// Sends a request and does not wait. An empty session is Chromium itself.
    pub fn send(&self, session: &str, method: &str, params: Value) -> Asked {
        let (tell, answer) = channel();
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        if let Some(waiting) = self.ends.waiting.lock().unwrap().as_mut() {
            waiting.insert(id, tell);
        }
        self.ends.write(id, session, method, params);
        Asked { method: method.to_owned(), answer }
    }
}

impl Asked {
    /// What Chromium answered, or why it refused.
    pub fn answer(self) -> Answer {
        self.answer.recv_timeout(LONGEST_ANSWER).unwrap_or_else(|e| match e {
            RecvTimeoutError::Timeout => panic!("Chromium does not answer {}", self.method),
            RecvTimeoutError::Disconnected => Err(format!("Chromium has ended before it answered {}", self.method)),
        })
    }
}

impl Ends {
    fn write(&self, id: u64, session: &str, method: &str, params: Value) {
        let mut message = json!({"id": id, "method": method, "params": params});
        if !session.is_empty() {
            message["sessionId"] = session.into();
        }
        let mut bytes = serde_json::to_vec(&message).unwrap();
        bytes.push(0);
        // Whether it has ended shows when the answer is waited for.
        let _ = self.out.lock().unwrap().write_all(&bytes);
    }

    /// Runs until Chromium ends.
    fn read(&self, back: ChildStdout) {
        let mut back = BufReader::new(back);
        let mut message = Vec::new();
        while back.read_until(0, &mut message).is_ok_and(|length| length > 0) {
            message.pop();
            if let Ok(message) = serde_json::from_slice::<Value>(&message) {
                self.take(message);
            }
            message.clear();
        }
        *self.waiting.lock().unwrap() = None;
    }

    fn take(&self, mut message: Value) {
        if let Some(id) = message["id"].as_u64() {
            let waiting = self.waiting.lock().unwrap().as_mut().and_then(|waiting| waiting.remove(&id));
            let refusal = message["error"]["message"].as_str().map(str::to_owned);
            if let Some(waiting) = waiting {
                let _ = waiting.send(refusal.map_or(Ok(message["result"].take()), Err));
            }
            return;
        }
        let Some(session) = message["sessionId"].as_str().map(str::to_owned) else { return };
        let method = message["method"].as_str().unwrap_or_default().to_owned();
        if method == "Page.javascriptDialogOpening" {
            // Nobody looks at it, and until it is answered the page stands still. The watch notes it as a fault.
            self.write(0, &session, "Page.handleJavaScriptDialog", json!({"accept": false}));
        }
        let watch = self.watches.lock().unwrap().get(&session).cloned();
        if let Some(watch) = watch {
            watch.note(&method, &message["params"]);
        }
    }
}
