//! A server that speaks the print protocol and keeps the state of every label as strictly as the protocol says: what it
//! would not allow is answered as the protocol says, and on record.

use nameplate::print::status::PrinterStatus;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Where a label is. The number is the attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    Queued,
    Leased(u32),
    HandedOver(u32),
    Confirmed(u32),
    Unconfirmed(u32),
}

#[derive(Debug)]
pub struct Label {
    pub serial: String,
    pub printer: String,
    pub at: At,
    /// The attempt that last had it.
    attempt: u32,
}

#[derive(Debug)]
struct Lease {
    printer: String,
    labels: Vec<usize>,
    expires: Instant,
    is_open: bool,
    stop: bool,
}

/// What happens to a request instead of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The connection ends before the request is understood.
    Cut,
    /// It is done, but the answer is lost.
    AnswerLost,
    /// A page of some proxy, with status 200.
    Page,
    /// Status 500.
    Fault,
    /// Status 429 with Retry-After.
    Busy,
    /// Half of the answer, as if it were the whole.
    Torn,
}

#[derive(Debug)]
pub struct Desk {
    pub labels: Vec<Label>,
    leases: BTreeMap<u32, Lease>,
    /// The next requests whose path holds the text meet with trouble.
    pub troubles: VecDeque<(&'static str, Trouble)>,
    /// Every so-many-th request meets with trouble, by turns.
    pub trouble_every: Option<u32>,
    /// All requests are cut off.
    pub is_down: bool,
    /// How long a lease lasts.
    pub lease_s: u32,
    pub format: &'static str,
    /// What agents said of printers, last first.
    pub statuses: Vec<PrinterStatus>,
    /// Requests that were refused, as "409 result-refused".
    pub refused: Vec<String>,
    /// Notes of results.
    pub notes: Vec<String>,
    /// Evidence of results.
    pub evidence: Vec<String>,
    /// The largest number of labels in one document.
    pub largest_document: usize,
    requests: u32,
    is_gone: bool,
}

pub struct FakeDesk {
    pub address: SocketAddr,
    desk: Arc<Mutex<Desk>>,
}

/// The token of a printer.
pub fn token(printer: &str) -> String {
    format!("npt_{printer}_secret")
}

struct Answer {
    status: u16,
    media: &'static str,
    headers: String,
    body: Vec<u8>,
}

impl Answer {
    fn json(value: &Value) -> Self {
        Self { status: 200, media: "application/json", headers: String::new(), body: value.to_string().into_bytes() }
    }

    fn empty() -> Self {
        Self { status: 204, media: "", headers: String::new(), body: Vec::new() }
    }

    fn problem(status: u16, slug: &str, detail: &str) -> Self {
        let body = json!({"type": format!("/problems/{slug}"), "title": slug, "status": status, "detail": detail});
        Self { status, media: "application/problem+json", headers: String::new(), body: body.to_string().into_bytes() }
    }
}

impl FakeDesk {
    pub fn new() -> Self {
        let desk = Desk {
            labels: Vec::new(),
            leases: BTreeMap::new(),
            troubles: VecDeque::new(),
            trouble_every: None,
            is_down: false,
            lease_s: 60,
            format: "zpl",
            statuses: Vec::new(),
            refused: Vec::new(),
            notes: Vec::new(),
            evidence: Vec::new(),
            largest_document: 0,
            requests: 0,
            is_gone: false,
        };
        let desk = Arc::new(Mutex::new(desk));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::clone(&desk);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.lock().unwrap().is_gone {
                    return;
                }
                let desk = Arc::clone(&shared);
                thread::spawn(move || serve(&stream.unwrap(), &desk));
            }
        });
        Self { address, desk }
    }

    pub fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues labels with serials that were never used before.
    pub fn queue(&self, printer: &str, count: usize) {
        let mut desk = self.desk();
        for _ in 0..count {
            let serial = format!("SER-{:06}", desk.labels.len());
            desk.labels.push(Label { serial, printer: printer.into(), at: At::Queued, attempt: 0 });
        }
    }

    /// How many labels are confirmed, unconfirmed, and neither.
    pub fn counts(&self) -> (usize, usize, usize) {
        let desk = self.desk();
        let count = |wanted: fn(&At) -> bool| desk.labels.iter().filter(|label| wanted(&label.at)).count();
        let (confirmed, unconfirmed) =
            (count(|at| matches!(at, At::Confirmed(_))), count(|at| matches!(at, At::Unconfirmed(_))));
        (confirmed, unconfirmed, desk.labels.len() - confirmed - unconfirmed)
    }

    /// The serials whose label is so.
    pub fn serials(&self, wanted: fn(&At) -> bool) -> Vec<String> {
        self.desk().labels.iter().filter(|label| wanted(&label.at)).map(|label| label.serial.clone()).collect()
    }

    /// Tells the agent to fetch nothing more.
    pub fn stop_leases(&self) {
        self.desk().leases.values_mut().for_each(|lease| lease.stop = true);
    }

    /// Ends all leases, as if their time were over.
    pub fn expire_leases(&self) {
        let mut desk = self.desk();
        desk.leases.values_mut().for_each(|lease| lease.expires = Instant::now());
        desk.expire();
    }
}

impl Drop for FakeDesk {
    fn drop(&mut self) {
        self.desk().is_gone = true;
        let _ = TcpStream::connect(self.address);
    }
}

impl Desk {
    fn expire(&mut self) {
        let now = Instant::now();
        let over: Vec<u32> =
            self.leases.iter().filter(|(_, l)| l.is_open && l.expires <= now).map(|(n, _)| *n).collect();
        over.into_iter().for_each(|number| self.end(number));
    }

    fn end(&mut self, number: u32) {
        let lease = self.leases.get_mut(&number).unwrap();
        lease.is_open = false;
        for &label in &lease.labels {
            let label = &mut self.labels[label];
            label.at = match label.at {
                At::Leased(attempt) if attempt == number => At::Queued,
                At::HandedOver(attempt) if attempt == number => At::Unconfirmed(attempt),
                at => at,
            };
        }
    }

    fn lease(&mut self, printer: &str, most: usize) -> Option<Answer> {
        // Who asks for work has none: an answer may have been lost.
        let open = |(number, lease): (&u32, &Lease)| (lease.is_open && lease.printer == printer).then_some(*number);
        let before: Vec<u32> = self.leases.iter().filter_map(open).collect();
        before.into_iter().for_each(|number| self.end(number));
        let queued = |label: &Label| label.printer == printer && label.at == At::Queued;
        let labels: Vec<usize> = (0..self.labels.len()).filter(|&i| queued(&self.labels[i])).take(most).collect();
        if labels.is_empty() {
            return None;
        }
        let number = u32::try_from(self.leases.len()).unwrap() + 1;
        for &label in &labels {
            self.labels[label].at = At::Leased(number);
            self.labels[label].attempt = number;
        }
        let expires = Instant::now() + Duration::from_secs(self.lease_s.into());
        let answer = json!({
            "lease": format!("LSE-{number}"), "job": "JOB-1", "kind": "live", "format": self.format,
            "media_type": media(self.format), "labels": labels.len(), "lease_s": self.lease_s,
            "expires_at": "2026-01-01T00:00:00Z", "labels_url": format!("/api/v1/leases/LSE-{number}/labels"),
        });
        self.leases.insert(number, Lease { printer: printer.into(), labels, expires, is_open: true, stop: false });
        Some(Answer::json(&answer))
    }

    fn fetch(&mut self, number: u32, first: usize, last: usize) -> Answer {
        let lease = &self.leases[&number];
        if !lease.is_open {
            return Answer::problem(409, "lease-ended", "the lease has ended");
        }
        let Some(labels) = lease.labels.get(first - 1..last) else {
            return Answer::problem(400, "no-such-labels", "the lease has fewer labels");
        };
        let labels = labels.to_vec();
        for &label in &labels {
            let label = &mut self.labels[label];
            match label.at {
                At::Leased(_) | At::HandedOver(_) => label.at = At::HandedOver(number),
                _ => return Answer::problem(409, "lease-ended", "this label has a result already"),
            }
        }
        self.largest_document = self.largest_document.max(labels.len());
        let serials: Vec<&str> = labels.iter().map(|&label| self.labels[label].serial.as_str()).collect();
        let body = document(self.format, &serials);
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(&body));
        Answer { status: 200, media: media(self.format), headers: format!("etag: \"{digest}\"\r\n"), body }
    }

    fn results(&mut self, number: u32, body: &Value) -> Answer {
        let mut refused = None;
        for result in body["results"].as_array().unwrap() {
            let (first, last) = (result["first"].as_u64().unwrap(), result["last"].as_u64().unwrap());
            let outcome = result["outcome"].as_str().unwrap();
            self.notes.extend(result["note"].as_str().map(str::to_owned));
            self.evidence.extend(result["evidence"].as_str().map(str::to_owned));
            assert_eq!(outcome == "printed", result["evidence"].is_string(), "{result}");
            for position in first..=last {
                let index = self.leases[&number].labels[usize::try_from(position - 1).unwrap()];
                let label = &mut self.labels[index];
                let is_ours = |attempt| attempt == number;
                match (label.at, outcome) {
                    (At::HandedOver(a) | At::Unconfirmed(a), "printed") if is_ours(a) => label.at = At::Confirmed(a),
                    (At::HandedOver(a) | At::Unconfirmed(a), "unknown") if is_ours(a) => label.at = At::Unconfirmed(a),
                    (At::HandedOver(a) | At::Unconfirmed(a) | At::Leased(a), "not_printed") if is_ours(a) => {
                        label.at = At::Queued;
                    }
                    (At::Confirmed(a), "printed") if is_ours(a) => {}
                    (At::Queued, "not_printed") if is_ours(label.attempt) => {}
                    (At::Leased(a), _) if is_ours(a) => refused = refused.or(Some((409, "not-handed-over"))),
                    _ => refused = refused.or(Some((409, "result-refused"))),
                }
            }
        }
        if let Some((status, slug)) = refused {
            return Answer::problem(status, slug, "the label went another way");
        }
        let open = |at: At| matches!(at, At::Leased(a) | At::HandedOver(a) if a == number);
        let open = self.leases[&number].labels.iter().filter(|&&label| open(self.labels[label].at)).count();
        if open == 0 {
            self.leases.get_mut(&number).unwrap().is_open = false;
        }
        Answer::json(&json!({"confirmed": 0, "unconfirmed": 0, "queued": 0, "open": open}))
    }

    fn heard(&mut self, status: &Value) {
        if !status.is_null() {
            self.statuses.insert(0, serde_json::from_value(status.clone()).expect("a status as the protocol says"));
        }
    }

    fn next_trouble(&mut self, path: &str) -> Option<Trouble> {
        use Trouble::{AnswerLost, Busy, Cut, Fault, Page, Torn};
        self.requests += 1;
        if self.is_down {
            return Some(Cut);
        }
        if let Some(at) = self.troubles.iter().position(|(part, _)| path.contains(part)) {
            return self.troubles.remove(at).map(|(_, trouble)| trouble);
        }
        let every = self.trouble_every?;
        let kinds = [AnswerLost, Fault, Page, Cut, AnswerLost, Busy, Torn];
        self.requests.is_multiple_of(every).then(|| kinds[(self.requests / every) as usize % kinds.len()])
    }

    /// The answer. None: nothing to print yet.
    fn answer(&mut self, path: &str, query: &str, printer: &str, body: &Value) -> Option<Answer> {
        self.expire();
        let parts: Vec<&str> = path.trim_start_matches("/api/v1/").split('/').collect();
        match parts.as_slice() {
            ["printers", name, _] if *name != printer => {
                Some(Answer::problem(404, "unknown-printer", "no printer of this name"))
            }
            ["printers", name, "leases"] => {
                self.heard(&body["status"]);
                self.lease(name, usize::try_from(body["max_labels"].as_u64().unwrap()).unwrap())
            }
            ["printers", _, "status"] => {
                self.heard(body);
                Some(Answer::empty())
            }
            ["leases", lease, what] => {
                let number: u32 = lease.trim_start_matches("LSE-").parse().unwrap();
                let Some(found) = self.leases.get_mut(&number).filter(|lease| lease.printer == printer) else {
                    return Some(Answer::problem(404, "unknown-lease", "no such lease"));
                };
                match *what {
                    "heartbeat" if !found.is_open => Some(Answer::problem(409, "lease-ended", "the lease has ended")),
                    "heartbeat" => {
                        found.expires = Instant::now() + Duration::from_secs(self.lease_s.into());
                        let stop = found.stop;
                        self.heard(&body["status"]);
                        Some(Answer::json(&json!({"expires_at": "2026-01-01T00:00:00Z", "stop": stop})))
                    }
                    "results" => Some(self.results(number, body)),
                    "labels" => {
                        let number_of = |key: &str| {
                            query
                                .split('&')
                                .find_map(|p| p.strip_prefix(key)?.strip_prefix('='))
                                .unwrap()
                                .parse()
                                .unwrap()
                        };
                        Some(self.fetch(number, number_of("first"), number_of("last")))
                    }
                    _ => Some(Answer::problem(404, "unknown-path", "no such thing")),
                }
            }
            _ => Some(Answer::problem(404, "unknown-path", "no such thing")),
        }
    }
}

fn media(format: &str) -> &'static str {
    match format {
        "zpl" => "application/zpl",
        "pdf" => "application/pdf",
        _ => "image/png",
    }
}

fn document(format: &str, serials: &[&str]) -> Vec<u8> {
    match format {
        "pdf" => super::pdf_pages(serials.len()),
        "zpl" => {
            let label = |serial: &&str| format!("^XA^CI28^LH0,0^FO10,10^A0N,20,20^FH_^FD{serial}^FS^PQ1^XZ\n");
            format!("^XA^PW480^LL320^JZN^XZ\n{}", serials.iter().map(label).collect::<String>()).into_bytes()
        }
        _ => serials.concat().into_bytes(),
    }
}

/// One request, then the connection ends.
fn serve(stream: &TcpStream, desk: &Mutex<Desk>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    let value = |name: &str| {
        head.lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, v)| v)
    };
    let length = value("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let target = head.split(' ').nth(1).unwrap().to_owned();
    let trouble = desk.lock().unwrap().next_trouble(&target);
    let mut answer = match trouble {
        Some(Trouble::Cut) => return,
        Some(Trouble::Page) => {
            let body = b"<html>Please log in to the wireless network</html>".to_vec();
            Answer { status: 200, media: "text/html", headers: String::new(), body }
        }
        Some(Trouble::Fault) => {
            Answer { status: 500, media: "text/plain", headers: String::new(), body: b"oh".to_vec() }
        }
        Some(Trouble::Busy) => {
            Answer { headers: "retry-after: 0\r\n".into(), ..Answer::problem(429, "too-many-requests", "slower") }
        }
        _ => authorized(desk, &target, value("authorization"), &body),
    };
    if answer.status >= 400 {
        let slug = serde_json::from_slice::<Value>(&answer.body).map_or(String::new(), |p| p["title"].to_string());
        desk.lock().unwrap().refused.push(format!("{} {}", answer.status, slug.trim_matches('"')));
    }
    match trouble {
        Some(Trouble::AnswerLost) => return,
        Some(Trouble::Torn) if answer.status == 200 => answer.body.truncate(answer.body.len() / 2),
        _ => {}
    }
    let Answer { status, media, headers, body } = answer;
    let content = if status == 204 {
        String::new()
    } else {
        format!("content-type: {media}\r\ncontent-length: {}\r\n", body.len())
    };
    let head = format!("HTTP/1.1 {status} X\r\n{content}{headers}connection: close\r\n\r\n");
    let mut stream = stream;
    let _ = stream.write_all(&[head.as_bytes(), &body].concat());
}

fn authorized(desk: &Mutex<Desk>, target: &str, authorization: Option<&str>, body: &[u8]) -> Answer {
    let printer = authorization.and_then(|a| a.strip_prefix("Bearer npt_")?.strip_suffix("_secret"));
    let Some(printer) = printer else { return Answer::problem(401, "token-unknown", "this token is not known") };
    if printer == "other" {
        return Answer::problem(403, "scope-missing", "this token may not print");
    }
    let body: Value = if body.is_empty() { Value::Null } else { serde_json::from_slice(body).unwrap() };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let until = Instant::now() + Duration::from_secs(body["wait_s"].as_u64().unwrap_or(0));
    loop {
        if let Some(answer) = desk.lock().unwrap().answer(path, query, printer, &body) {
            return answer;
        }
        if Instant::now() >= until {
            return Answer::empty();
        }
        thread::sleep(Duration::from_millis(5));
    }
}
