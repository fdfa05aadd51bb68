//! A small load client: threads with one keep-alive connection each, raw TCP, and a histogram of latencies. It shares
//! the machine with what it measures, so it does as little as it can: no parsing beyond the end of an answer.

use super::histogram::Histogram;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What a run gave.
#[derive(Debug)]
pub struct Figures {
    /// Latencies of the answers with a wanted status.
    pub latencies: Histogram,
    /// Answers with another status, and broken connections.
    pub failures: u64,
    /// How long the run took.
    pub elapsed: Duration,
}

impl Figures {
    /// Good answers a second.
    pub fn per_second(&self) -> f64 {
        self.latencies.count() as f64 / self.elapsed.as_secs_f64()
    }
}

/// Sends requests over `connections` connections for `duration`. `request` gives the bytes of request number `n` of
/// connection `c`; `wanted` is the status that counts as good, as in `b"201"`.
pub fn run(
    address: SocketAddr,
    connections: usize,
    duration: Duration,
    wanted: &'static [u8; 3],
    request: impl Fn(usize, u64) -> Vec<u8> + Sync,
) -> Figures {
    let stop = AtomicBool::new(false);
    let started = Instant::now();
    let client = |connection: usize| {
        let (mut latencies, mut failures) = (Histogram::new(), 0);
        let mut number = 0;
        while !stop.load(Ordering::Relaxed) {
            let Ok(mut stream) = TcpStream::connect(address) else {
                failures += 1;
                continue;
            };
            let _ = stream.set_nodelay(true);
            let mut buffer = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let bytes = request(connection, number);
                number += 1;
                let sent = Instant::now();
                let status = stream.write_all(&bytes).ok().and_then(|()| answer(&mut stream, &mut buffer));
                match status {
                    Some(status) if status == *wanted => latencies.add(sent.elapsed()),
                    Some(_) => failures += 1,
                    None => {
                        failures += 1;
                        break;
                    }
                }
            }
        }
        (latencies, failures)
    };
    let (mut latencies, mut failures) = (Histogram::new(), 0);
    std::thread::scope(|scope| {
        let client = &client;
        let clients: Vec<_> = (0..connections).map(|connection| scope.spawn(move || client(connection))).collect();
        std::thread::sleep(duration);
        stop.store(true, Ordering::Relaxed);
        for client in clients {
            if let Ok((own_latencies, own_failures)) = client.join() {
                latencies.merge(&own_latencies);
                failures += own_failures;
            }
        }
    });
    Figures { latencies, failures, elapsed: started.elapsed() }
}

/// Reads one answer with a `content-length`; gives its status. `buffer` keeps nothing between answers.
fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<[u8; 3]> {
    buffer.clear();
    let mut part = [0; 16 << 10];
    loop {
        let count = stream.read(&mut part).ok().filter(|count| *count > 0)?;
        buffer.extend_from_slice(&part[..count]);
        let Some(end) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n").map(|at| at + 4) else { continue };
        let length = content_length(&buffer[..end])?;
        while buffer.len() < end + length {
            let count = stream.read(&mut part).ok().filter(|count| *count > 0)?;
            buffer.extend_from_slice(&part[..count]);
        }
        return buffer.get(9..12)?.try_into().ok();
    }
}

fn content_length(head: &[u8]) -> Option<usize> {
    let name = b"content-length: ";
    let at = head.windows(name.len()).position(|bytes| bytes.eq_ignore_ascii_case(name))? + name.len();
    let digits = head[at..].iter().take_while(|byte| byte.is_ascii_digit());
    Some(digits.fold(0, |value, digit| value * 10 + usize::from(digit - b'0')))
}
