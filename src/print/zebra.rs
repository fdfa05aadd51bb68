//! What Zebra printers, and others that speak ZPL, answer on port 9100.
//!
//! - [`HostStatus`]: the answer to `~HS`, three lines between STX and ETX (ZPL II Programming Guide, "~HS Host Status
//!   Return").
//! - [`ErrorFlags`]: the answer to `~HQES`, one STX..ETX block with bit fields ("~HQ Host Query", "Error Flags").
//! - [`label_count`]: the answer to [`GET_LABEL_COUNT`], one quoted text (Set-Get-Do, "odometer.total_label_count").
//!   `~HQOD` is no substitute: it tells lengths of media, not labels.
//!
//! At media out, ribbon out and head open many models answer nothing to `~HS`: silence is no answer, and no answer is
//! never "ok".

use super::status::{Head, Media, PrinterStatus, Ribbon, State};

/// Drops a format that was begun and not ended (`~JX`, Zebra's ZPL programming guide). Without it, what comes after a
/// connection that was lost within a label could become a label with fields of two units.
pub const CANCEL_HALF_A_FORMAT: &[u8] = b"~JX\n";

/// Asks for [`HostStatus`]. Acted upon as soon as the printer reads it, behind all that was sent before it.
pub const GET_HOST_STATUS: &[u8] = b"~HS\r\n";

/// Asks for [`ErrorFlags`].
pub const GET_ERROR_FLAGS: &[u8] = b"~HQES\r\n";

/// Asks for the number of labels printed in the printer's life, see [`label_count`].
pub const GET_LABEL_COUNT: &[u8] = b"! U1 getvar \"odometer.total_label_count\"\r\n";

/// No answer is longer: `~HS` takes about 80 bytes, `~HQES` about 100.
pub const LONGEST_ANSWER: usize = 1024;

const STX: u8 = 2;
const ETX: u8 = 3;

/// What a printer answered to `~HS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the answer is a row of flags")]
pub struct HostStatus {
    /// No media.
    pub paper_out: bool,
    /// Paused at its panel, by a command, or by an error.
    pub paused: bool,
    /// Formats that were received and are not printed yet.
    pub formats_waiting: u32,
    /// It takes no more bytes for now.
    pub buffer_full: bool,
    /// Half a format was received.
    pub partial_format: bool,
    /// Its configuration was lost.
    pub memory_corrupt: bool,
    /// Too cold or too warm to print.
    pub temperature: bool,
    /// The head is open.
    pub head_open: bool,
    /// No ribbon, in thermal transfer mode.
    pub ribbon_out: bool,
    /// A printed label waits in the peeler to be taken.
    pub label_waiting: bool,
    /// Labels of the present batch that are still to come.
    pub labels_remaining: u32,
}

impl HostStatus {
    /// Understands a whole answer: exactly three STX..ETX lines with nothing but line ends around them.
    ///
    /// None for anything else; there is no half-understood status.
    ///
    /// # Examples
    ///
    /// ```
    /// use nameplate::print::zebra::HostStatus;
    ///
    /// let answer = b"\x02030,0,0,0480,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,1,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n";
    /// assert!(HostStatus::parse(answer).unwrap().is_idle());
    /// assert_eq!(HostStatus::parse(b"\x02030,0,0,0480,000\x03\r\n"), None);
    /// ```
    #[must_use]
    pub fn parse(answer: &[u8]) -> Option<Self> {
        let lines = frames(answer)?;
        let [communication, mechanics, _password] = lines.as_slice() else { return None };
        let (first, second) = (fields(communication)?, fields(mechanics)?);
        // Newer firmware may add fields at the end; none may be missing.
        if first.len() < 12 || second.len() < 9 {
            return None;
        }
        Some(Self {
            paper_out: flag(first[1])?,
            paused: flag(first[2])?,
            formats_waiting: number(first[4])?,
            buffer_full: flag(first[5])?,
            partial_format: flag(first[7])?,
            memory_corrupt: flag(first[9])?,
            temperature: flag(first[10])? || flag(first[11])?,
            head_open: flag(second[2])?,
            ribbon_out: flag(second[3])?,
            label_waiting: flag(second[7])?,
            labels_remaining: number(second[8])?,
        })
    }

    /// What keeps it from printing, in words; the worst first.
    #[must_use]
    pub const fn fault(&self) -> Option<&'static str> {
        Some(match self {
            Self { paper_out: true, .. } => "no labels are loaded (media out)",
            Self { head_open: true, .. } => "the print head is open",
            Self { ribbon_out: true, .. } => "the ribbon is used up",
            Self { memory_corrupt: true, .. } => "its memory is corrupt: load its settings again",
            Self { temperature: true, .. } => "its head is too cold or too warm",
            Self { paused: true, .. } => "it is paused",
            _ => return None,
        })
    }

    /// Nothing is the matter, nothing waits in its buffers, and nothing is being printed.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        self.fault().is_none() && !self.is_busy()
    }

    /// It holds something that is not printed yet.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        self.formats_waiting > 0 || self.labels_remaining > 0 || self.partial_format || self.buffer_full
    }

    /// As the server is told.
    #[must_use]
    pub fn status(&self) -> PrinterStatus {
        let state = match (self.fault(), self.paused) {
            (None, _) => State::Ready,
            (Some(_), true) if !(self.paper_out || self.head_open || self.ribbon_out || self.memory_corrupt) => {
                State::Paused
            }
            (Some(_), _) => State::Error,
        };
        PrinterStatus {
            state,
            media: if self.paper_out { Media::Out } else { Media::Ok },
            ribbon: if self.ribbon_out { Ribbon::Out } else { Ribbon::Ok },
            head: if self.head_open { Head::Open } else { Head::Closed },
            detail: self.fault().map(Into::into),
            ..PrinterStatus::default()
        }
    }
}

/// What a printer answered to `~HQES`: its error bits, group 2 above group 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorFlags(u64);

impl ErrorFlags {
    const MEDIA_OUT: u64 = 0x1;
    const RIBBON_OUT: u64 = 0x2;
    const HEAD_OPEN: u64 = 0x4;
    const CUTTER: u64 = 0x8;
    const PAUSED: u64 = 0x1_0000;

    /// Understands a whole answer: one STX..ETX block with a line `ERRORS: 1 00000000 00000005`.
    ///
    /// # Examples
    ///
    /// ```
    /// use nameplate::print::{status::Media, zebra::ErrorFlags};
    ///
    /// let answer = b"\x02\r\n  PRINTER STATUS\r\n   ERRORS:         1 00000000 00000001\r\n   WARNINGS:       0 00000000 00000000\x03";
    /// assert_eq!(ErrorFlags::parse(answer).unwrap().status().media, Media::Out);
    /// assert_eq!(ErrorFlags::parse(b"\x02ERRORS: none\x03"), None);
    /// ```
    #[must_use]
    pub fn parse(answer: &[u8]) -> Option<Self> {
        let blocks = frames(answer)?;
        let [block] = blocks.as_slice() else { return None };
        let text = str::from_utf8(block).ok()?;
        let errors = text.lines().find_map(|line| line.trim().strip_prefix("ERRORS:"))?;
        let words: Vec<&str> = errors.split_ascii_whitespace().collect();
        let [any, high, low] = words.as_slice() else { return None };
        let bits = |word: &str| {
            let is_hex = word.len() == 8 && word.bytes().all(|b| b.is_ascii_hexdigit());
            is_hex.then(|| u32::from_str_radix(word, 16).ok()).flatten()
        };
        match (*any, bits(high)?, bits(low)?) {
            ("0", 0, 0) => Some(Self(0)),
            ("1", high, low) if high != 0 || low != 0 => Some(Self(u64::from(high) << 32 | u64::from(low))),
            _ => None,
        }
    }

    /// No error at all.
    #[must_use]
    pub const fn is_clear(self) -> bool {
        self.0 == 0
    }

    /// What keeps it from printing, in words; the worst first.
    #[must_use]
    pub const fn fault(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => return None,
            bits if bits & Self::MEDIA_OUT != 0 => "no labels are loaded (media out)",
            bits if bits & Self::HEAD_OPEN != 0 => "the print head is open",
            bits if bits & Self::RIBBON_OUT != 0 => "the ribbon is used up",
            bits if bits & Self::CUTTER != 0 => "the cutter is stuck",
            bits if bits == Self::PAUSED => "it is paused",
            _ => "it reports an error: look at its display",
        })
    }

    /// As the server is told.
    #[must_use]
    pub fn status(self) -> PrinterStatus {
        let is = |bit: u64| self.0 & bit != 0;
        PrinterStatus {
            state: match self.0 {
                0 => State::Ready,
                Self::PAUSED => State::Paused,
                _ => State::Error,
            },
            media: if is(Self::MEDIA_OUT) { Media::Out } else { Media::Ok },
            ribbon: if is(Self::RIBBON_OUT) { Ribbon::Out } else { Ribbon::Ok },
            head: if is(Self::HEAD_OPEN) { Head::Open } else { Head::Closed },
            detail: self.fault().map(Into::into),
            ..PrinterStatus::default()
        }
    }
}

/// The number in the answer to [`GET_LABEL_COUNT`]: digits in quotes, and nothing else but white space.
///
/// Printers without the variable answer `"?"`: None.
#[must_use]
pub fn label_count(answer: &[u8]) -> Option<u64> {
    let digits = answer.trim_ascii().strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let is_number = !digits.is_empty() && digits.len() <= 18 && digits.iter().all(u8::is_ascii_digit);
    is_number.then(|| str::from_utf8(digits).ok()?.parse().ok()).flatten()
}

/// How many bytes the first `blocks` STX..ETX blocks of a stream take with what stands before them, if they are whole.
#[must_use]
pub fn whole_blocks(stream: &[u8], blocks: usize) -> Option<usize> {
    let ends = stream.iter().enumerate().filter(|(_, byte)| **byte == ETX);
    ends.map(|(at, _)| at + 1).nth(blocks.checked_sub(1)?)
}

/// How many bytes the first quoted text of a stream takes with what stands before it, if it is whole.
#[must_use]
pub fn whole_quoted(stream: &[u8]) -> Option<usize> {
    stream.iter().enumerate().filter(|(_, byte)| **byte == b'"').map(|(at, _)| at + 1).nth(1)
}

/// The contents of all STX..ETX blocks. None if anything but line ends stands outside of them, or one is not ended.
fn frames(answer: &[u8]) -> Option<Vec<&[u8]>> {
    if answer.len() > LONGEST_ANSWER {
        return None;
    }
    let mut found = Vec::new();
    let mut rest = answer;
    loop {
        rest = rest.trim_ascii();
        let Some(inner) = rest.strip_prefix(&[STX]) else { return rest.is_empty().then_some(found) };
        let end = inner.iter().position(|byte| *byte == ETX)?;
        let (content, after) = inner.split_at(end);
        if content.contains(&STX) {
            return None;
        }
        found.push(content);
        rest = &after[1..];
    }
}

fn fields(line: &[u8]) -> Option<Vec<&str>> {
    let is_plain = line.iter().all(|byte| byte.is_ascii_digit() || *byte == b',');
    is_plain.then(|| str::from_utf8(line).ok().map(|text| text.split(',').collect())).flatten()
}

fn flag(field: &str) -> Option<bool> {
    match field {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

fn number(field: &str) -> Option<u32> {
    (field.len() <= 9).then(|| field.parse().ok()).flatten()
}

#[cfg(test)]
mod tests;
