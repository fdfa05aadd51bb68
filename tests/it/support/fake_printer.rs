//! A printer on port 9100 as far as bytes can tell: it takes ZPL, prints at its own pace, answers `~HS`, `~HQES` and its
//! label counter, and can be put into every trouble a printer gets into. What physically came out is on record.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How the printer is, and what it did. Set what you want to happen.
#[derive(Debug)]
pub struct Machine {
    /// Labels left on the roll.
    pub paper: u32,
    pub head_open: bool,
    pub paused: bool,
    /// Answers nothing at all.
    pub mute: bool,
    /// Answers something that is no status.
    pub babble: bool,
    /// As the manuals say: no answer to `~HS` at media out and head open.
    pub mute_at_fault: bool,
    /// How long an answer takes.
    pub answers_after: Duration,
    /// How long it does not yet know of a label that it took: asked meanwhile, it says that it is idle.
    pub begins_after: Duration,
    /// How long a label takes.
    pub prints_for: Duration,
    /// Closes the connection after so many bytes of labels. What was whole by then is printed.
    pub cut_after: Option<usize>,
    /// Keeps half a label when a connection ends: what comes next is added to it, as at many models.
    pub keeps_half: bool,
    /// Loses everything in its buffers and all connections as soon as it holds a whole label.
    pub reboot_at_label: bool,
    /// The same at each label: a printer for the workshop.
    pub is_broken: bool,
    /// Has no counter.
    pub no_counter: bool,
    /// The serials that came out, in order.
    pub came_out: Vec<String>,
    /// Labels in its life.
    pub counter: u64,
    /// Whole formats that wait.
    waiting: VecDeque<String>,
    /// Whole formats that it does not know of yet, with the time when it will.
    unread: VecDeque<(Instant, String)>,
    /// A label is on its way through.
    pub is_printing: bool,
    /// Bytes that are not understood yet.
    pending: Vec<u8>,
    connections: Vec<TcpStream>,
    is_gone: bool,
}

/// A printer that listens.
pub struct FakePrinter {
    pub address: SocketAddr,
    machine: Arc<Mutex<Machine>>,
}

impl FakePrinter {
    pub fn new() -> Self {
        let machine = Machine {
            paper: u32::MAX,
            head_open: false,
            paused: false,
            mute: false,
            babble: false,
            mute_at_fault: true,
            answers_after: Duration::ZERO,
            begins_after: Duration::ZERO,
            prints_for: Duration::from_millis(2),
            cut_after: None,
            keeps_half: false,
            reboot_at_label: false,
            is_broken: false,
            no_counter: false,
            came_out: Vec::new(),
            counter: 4711,
            waiting: VecDeque::new(),
            unread: VecDeque::new(),
            is_printing: false,
            pending: Vec::new(),
            connections: Vec::new(),
            is_gone: false,
        };
        let machine = Arc::new(Mutex::new(machine));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (network, mechanics) = (Arc::clone(&machine), Arc::clone(&machine));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let machine = Arc::clone(&network);
                if machine.lock().unwrap().is_gone {
                    return;
                }
                machine.lock().unwrap().connections.push(stream.try_clone().unwrap());
                thread::spawn(move || converse(stream, &machine));
            }
        });
        thread::spawn(move || while print_one(&mechanics) {});
        Self { address, machine }
    }

    /// The machine, to look at or to change.
    pub fn machine(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The serials that came out.
    pub fn came_out(&self) -> Vec<String> {
        self.machine().came_out.clone()
    }
}

impl Drop for FakePrinter {
    fn drop(&mut self) {
        self.machine().is_gone = true;
        let _ = TcpStream::connect(self.address);
    }
}

impl Machine {
    const fn has_fault(&self) -> bool {
        self.paper == 0 || self.head_open
    }

    fn reboot(&mut self) {
        self.waiting.clear();
        self.unread.clear();
        self.pending.clear();
        self.is_printing = false;
        self.hang_up();
    }

    fn hang_up(&mut self) {
        for connection in self.connections.drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    /// Takes bytes; what it answers to them, if anything.
    fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.pending.extend_from_slice(bytes);
        let mut answers = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&self.pending).into_owned();
            let format = text.find("^XA");
            if let Some(cancel) = text.find("~JX").filter(|at| !text[..*at].contains("^XZ")) {
                let Some(length) = text[cancel..].find('\n') else { break };
                self.pending.drain(..=cancel + length);
                continue;
            }
            // Immediate commands act wherever they stand.
            let first = ["~HS", "~HQES", "! U1 getvar"].iter().filter_map(|c| text.find(c).map(|at| (at, *c))).min();
            match (first, format) {
                (Some((at, command)), format) if format.is_none_or(|format| at < format || !text.contains("^XZ")) => {
                    let Some(length) = text[at..].find('\n') else { break };
                    self.pending.drain(at..=at + length);
                    answers.extend(self.answer(command));
                }
                (_, Some(at)) => {
                    let Some(end) = text.find("^XZ") else { break };
                    self.pending.drain(..end + 3);
                    self.receive(&text[at..end]);
                }
                _ => break,
            }
        }
        answers
    }

    fn begin(&mut self) {
        while let Some((_, serial)) = self.unread.pop_front_if(|(at, _)| *at <= Instant::now()) {
            self.waiting.push_back(serial);
        }
    }

    fn receive(&mut self, format: &str) {
        // A format without a field prints nothing.
        let Some((_, rest)) = format.split_once("^FD") else { return };
        let serial = rest.split("^FS").next().unwrap().to_owned();
        if self.reboot_at_label || self.is_broken {
            self.reboot_at_label = false;
            self.reboot();
            return;
        }
        self.unread.push_back((Instant::now() + self.begins_after, serial));
        self.begin();
    }

    fn answer(&self, command: &str) -> Vec<u8> {
        if self.mute || (command == "~HS" && self.mute_at_fault && self.has_fault()) {
            return Vec::new();
        }
        if self.babble {
            return b"\x02hello\x03\x02you\x03\x02there\x03\r\n".to_vec();
        }
        let bit = u8::from;
        let (paper_out, waiting) = (self.paper == 0, self.waiting.len() + usize::from(self.is_printing));
        match command {
            "~HS" => format!(
                "\x02030,{},{},0480,{waiting:03},0,0,{},000,0,0,0\x03\r\n\x02000,0,{},0,1,2,4,0,{:08},1,000\x03\r\n\x021234,0\x03\r\n",
                bit(paper_out),
                bit(self.paused),
                bit(self.pending.windows(3).any(|w| w == b"^XA")),
                bit(self.head_open),
                usize::from(self.is_printing),
            ),
            "~HQES" => {
                let flags = u32::from(paper_out) | u32::from(self.head_open) << 2 | u32::from(self.paused) << 16;
                let any = u32::from(flags != 0);
                format!("\x02\r\n  PRINTER STATUS\r\n   ERRORS:         {any} 00000000 {flags:08X}\r\n   WARNINGS:       0 00000000 00000000\r\n\x03")
            }
            _ if self.no_counter => "\"?\"".into(),
            _ => format!("\"{}\"", self.counter),
        }
        .into_bytes()
    }
}

/// One connection, until it ends.
fn converse(mut stream: TcpStream, machine: &Mutex<Machine>) {
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut bytes) {
        let mut machine = machine.lock().unwrap();
        let mut taken = &bytes[..count];
        let mut is_cut = false;
        let is_label = taken.windows(3).any(|w| w == b"^XA") || !machine.pending.is_empty();
        if let (Some(left), true) = (machine.cut_after, is_label) {
            taken = &taken[..left.min(count)];
            is_cut = taken.len() < count;
            machine.cut_after = if is_cut { None } else { Some(left - count) };
        }
        let answer = machine.take(taken);
        if is_cut {
            if !machine.keeps_half {
                machine.pending.clear();
            }
            machine.hang_up();
            return;
        }
        let delay = machine.answers_after;
        drop(machine);
        if !answer.is_empty() {
            thread::sleep(delay);
            let _ = stream.write_all(&answer);
        }
    }
}

/// The mechanics: the next label, if there is one and nothing is the matter. False when the printer is gone.
fn print_one(machine: &Mutex<Machine>) -> bool {
    let mut now = machine.lock().unwrap();
    if now.is_gone {
        return false;
    }
    now.begin();
    let time = now.prints_for;
    if now.has_fault() || now.paused || now.waiting.is_empty() {
        drop(now);
        thread::sleep(Duration::from_millis(1));
        return true;
    }
    let serial = now.waiting.pop_front().unwrap();
    now.is_printing = true;
    drop(now);
    thread::sleep(time);
    let mut now = machine.lock().unwrap();
    // A reboot meanwhile has stopped it.
    if now.is_printing {
        now.is_printing = false;
        now.came_out.push(serial);
        now.counter += 1;
        now.paper -= 1;
    }
    true
}
