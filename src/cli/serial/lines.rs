//! Serials from the command line or from standard input, one a line; memory stays flat whatever comes.

use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{note, stdout};
use crate::cli::progress::spinner;
use crate::serial::MAX_INPUT_BYTES;
use indicatif::ProgressBar;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Read, StdoutLock, Write};

/// What is kept of a line: one byte more than a serial may have shows that it is too long.
const KEPT: usize = MAX_INPUT_BYTES + 1;

/// How many lines pass between two steps of the progress.
const STEP: u64 = 4_096;

/// A line as it came, without its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// Text, not longer than a serial may be.
    Text(&'a str),
    /// More bytes than a serial may have.
    TooLong {
        /// How many.
        bytes: u64,
    },
    /// Bytes that are not UTF-8.
    NotUtf8(&'a [u8]),
}

/// Reads lines of any length and content.
struct Lines<R> {
    input: BufReader<R>,
    line: Vec<u8>,
    first: bool,
}

impl<R: Read> Lines<R> {
    fn new(input: R) -> Self {
        Self { input: BufReader::with_capacity(64 << 10, input), line: Vec::with_capacity(KEPT), first: true }
    }

    /// The next line. Before it waits for input it flushes `out`, so that whoever sends line by line gets each answer.
    fn next(&mut self, out: &mut impl Write) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let mut bytes = 0_u64;
        let ended = loop {
            if self.input.buffer().is_empty() {
                out.flush()?;
            }
            let available = match self.input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if available.is_empty() {
                break false;
            }
            let end = available.iter().position(|&byte| byte == b'\n');
            let piece = &available[..end.unwrap_or(available.len())];
            let taken = piece.len() + usize::from(end.is_some());
            self.line.extend_from_slice(&piece[..piece.len().min(KEPT - self.line.len())]);
            bytes += piece.len() as u64;
            self.input.consume(taken);
            if end.is_some() {
                break true;
            }
        };
        if !ended && bytes == 0 {
            return Ok(None);
        }
        let is_first = std::mem::take(&mut self.first);
        if bytes > MAX_INPUT_BYTES as u64 {
            return Ok(Some(Line::TooLong { bytes }));
        }
        let line = &self.line[..];
        // What some programs put in front of UTF-8 files, and the line ends of others.
        let line = if is_first { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        Ok(Some(std::str::from_utf8(line).map_or(Line::NotUtf8(line), Line::Text)))
    }
}

/// Where verdicts go.
pub(super) type Out = BufWriter<StdoutLock<'static>>;

/// Judges every serial of the command line, or every line of standard input if there is none, and prints the verdicts in
/// order. `judge` writes one verdict and answers whether it is good; a bad one is exit status 1.
pub(super) fn judge_each(serials: &[String], mut judge: impl FnMut(&mut Out, Line<'_>) -> io::Result<bool>) -> Outcome {
    let mut out = stdout();
    let mut all_good = true;
    for text in serials {
        let bytes = text.len() as u64;
        let line = if bytes > MAX_INPUT_BYTES as u64 { Line::TooLong { bytes } } else { Line::Text(text) };
        all_good &= judge(&mut out, line)?;
    }
    if serials.is_empty() {
        all_good = judge_input(&mut out, judge)?;
    }
    out.flush()?;
    if all_good { Ok(()) } else { Err(Failure::Found) }
}

fn judge_input(out: &mut Out, mut judge: impl FnMut(&mut Out, Line<'_>) -> io::Result<bool>) -> io::Result<bool> {
    let stdin = io::stdin().lock();
    if stdin.is_terminal() {
        note("type or scan serials, one a line; Ctrl-D ends");
    }
    // Beside typed lines or verdicts on the screen, progress would only be in the way.
    let progress = match stdin.is_terminal() || io::stdout().is_terminal() {
        true => ProgressBar::hidden(),
        false => spinner("lines"),
    };
    let mut lines = Lines::new(stdin);
    let (mut all_good, mut count) = (true, 0_u64);
    while let Some(line) = lines.next(out)? {
        all_good &= judge(out, line)?;
        count += 1;
        if count.is_multiple_of(STEP) {
            progress.set_message(format!("{count} lines"));
        }
    }
    progress.finish_and_clear();
    Ok(all_good)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(input: &[u8]) -> Vec<String> {
        let mut lines = Lines::new(input);
        let mut all = Vec::new();
        while let Some(line) = lines.next(&mut io::sink()).unwrap() {
            all.push(format!("{line:?}"));
        }
        all
    }

    #[test]
    fn line_ends_marks_and_the_last_line() {
        assert_eq!(read(b""), [""; 0]);
        assert_eq!(read(b"\xef\xbb\xbfa\r\n\nb"), ["Text(\"a\")", "Text(\"\")", "Text(\"b\")"]);
        assert_eq!(read(b"a\xff\n"), ["NotUtf8([97, 255])"]);
    }

    #[test]
    fn long_lines_are_counted_and_not_kept() {
        let longest = "x".repeat(MAX_INPUT_BYTES);
        assert_eq!(read(format!("{longest}\n").as_bytes()), [format!("Text({longest:?})")]);
        assert_eq!(read(format!("{longest}\r\nb").as_bytes()), ["TooLong { bytes: 257 }", "Text(\"b\")"]);
        let mut lines = Lines::new(io::repeat(b'x').take(3_000_000));
        assert_eq!(lines.next(&mut io::sink()).unwrap(), Some(Line::TooLong { bytes: 3_000_000 }));
        assert!(lines.line.capacity() < 2 * KEPT);
        assert_eq!(lines.next(&mut io::sink()).unwrap(), None);
    }

    /// Answers go out before the reader waits, not only when a buffer is full.
    #[test]
    fn nothing_is_held_back_while_waiting() {
        struct Flushes(usize);
        impl Write for Flushes {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                self.0 += 1;
                Ok(())
            }
        }
        let (first, second) = (&b"a\nb\n"[..], &b"c\n"[..]);
        let mut lines = Lines::new(first.chain(second));
        let mut flushes = Flushes(0);
        for expected in [1, 1, 2] {
            lines.next(&mut flushes).unwrap();
            assert_eq!(flushes.0, expected);
        }
    }
}
