//! The Internet Printing Protocol as far as a label needs it: RFC 8010 (encoding) and RFC 8011 (operations).
//!
//! Requests are written, responses are read, and what they say about a printer and a job is put in terms of this product.
//! Collections are passed over: nothing that is asked for is one.

mod request;

use super::status::{Head, Media, PrinterStatus, Ribbon, State};
pub use request::{Operation, Request};

/// Longest response that is read, in bytes.
pub const LONGEST_RESPONSE: usize = 256 << 10;

/// Most values of a response.
const MOST_VALUES: usize = 20_000;

/// The media type of requests and responses (RFC 8010, 3.).
pub const MEDIA_TYPE: &str = "application/ipp";

/// Value tags (RFC 8010, 3.5.2).
mod tag {
    pub(super) const OPERATION: u8 = 0x01;
    pub(super) const JOB: u8 = 0x02;
    pub(super) const END: u8 = 0x03;
    pub(super) const PRINTER: u8 = 0x04;
    pub(super) const LAST_DELIMITER: u8 = 0x0F;
    pub(super) const INTEGER: u8 = 0x21;
    pub(super) const BOOLEAN: u8 = 0x22;
    pub(super) const ENUM: u8 = 0x23;
    pub(super) const BEGIN_COLLECTION: u8 = 0x34;
    pub(super) const END_COLLECTION: u8 = 0x37;
    pub(super) const TEXT: u8 = 0x41;
    pub(super) const NAME: u8 = 0x42;
    pub(super) const KEYWORD: u8 = 0x44;
    pub(super) const URI: u8 = 0x45;
    pub(super) const CHARSET: u8 = 0x47;
    pub(super) const LANGUAGE: u8 = 0x48;
    pub(super) const MIME: u8 = 0x49;
}

/// Why bytes are no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It ends too early.
    #[error("the printer's answer is cut short")]
    Short,
    /// It is longer, or holds more, than any printer says.
    #[error("the printer's answer is too long")]
    Long,
    /// A value without attribute, or an attribute outside of a group.
    #[error("the printer's answer is not IPP")]
    Disorder,
}

/// A value of an attribute. What nothing here asks for is `Other`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Integer(i32),
    Boolean(bool),
    Text(String),
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Attribute {
    group: u8,
    name: String,
    values: Vec<Value>,
}

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Status (RFC 8011, appendix B.1): below 0x0100 it is a success.
    pub status: u16,
    /// The id of the request that it answers.
    pub id: u32,
    attributes: Vec<Attribute>,
}

/// How a job is (RFC 8011, 5.3.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// Pending, held, processing or stopped: not over.
    UnderWay,
    /// Cancelled by a person or a program.
    Canceled,
    /// Given up by the printer.
    Aborted,
    /// Over, and well as far as the printer knows.
    Completed,
}

/// What a printer says of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// How it is.
    pub state: JobState,
    /// Sides printed, where the printer counts them.
    pub impressions: Option<i32>,
    /// Sheets (labels) printed, where the printer counts them.
    pub sheets: Option<i32>,
    /// Why, as the printer says.
    pub reasons: Vec<String>,
}

impl Job {
    /// It is completed, the printer saw no error, and what it counts are the labels.
    ///
    /// # Errors
    ///
    /// What speaks against it, in words.
    pub fn proves(&self, labels: u32) -> Result<(), String> {
        let labels = i32::try_from(labels).unwrap_or(i32::MAX);
        match self {
            Self { state: JobState::UnderWay, .. } => Err("the printer did not come to an end with the job".into()),
            Self { state: JobState::Canceled, .. } => Err("the job was cancelled at the printer".into()),
            Self { state: JobState::Aborted, .. } => {
                Err(format!("the printer gave the job up ({})", self.reasons.join(", ")))
            }
            Self { reasons, .. } if reasons.iter().any(|reason| reason == "job-completed-with-errors") => {
                Err("the printer completed the job with errors".into())
            }
            Self { impressions: Some(count), .. } if *count != labels => {
                Err(format!("the printer counted {count} impressions for {labels} labels"))
            }
            Self { sheets: Some(count), .. } if *count != labels => {
                Err(format!("the printer counted {count} sheets for {labels} labels"))
            }
            _ => Ok(()),
        }
    }
}

/// What a printer says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printer {
    /// As the server is told.
    pub status: PrinterStatus,
    /// It takes a job and its document one after the other.
    pub creates_jobs: bool,
    /// It takes PDF, or does not say what it takes.
    pub takes_pdf: bool,
}

impl Response {
    /// Reads a response.
    ///
    /// # Errors
    ///
    /// [`Malformed`] for anything that is not a whole one.
    ///
    /// # Examples
    ///
    /// ```
    /// use nameplate::print::ipp::{Malformed, Response};
    ///
    /// let answer = [1, 1, 0, 0, 0, 0, 0, 7, 3];
    /// assert_eq!(Response::parse(&answer).unwrap().id, 7);
    /// assert_eq!(Response::parse(b"HTTP/1.1 200 OK"), Err(Malformed::Disorder));
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > LONGEST_RESPONSE {
            return Err(Malformed::Long);
        }
        let mut rest = bytes;
        let [major, _] = array::<2>(&mut rest)?;
        if !(1..=2).contains(&major) {
            return Err(Malformed::Disorder);
        }
        let status = u16::from_be_bytes(array(&mut rest)?);
        let id = u32::from_be_bytes(array(&mut rest)?);
        Ok(Self { status, id, attributes: attributes(&mut rest)? })
    }

    /// The printer did what it was asked.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        self.status < 0x0100
    }

    /// Why not, in words.
    #[must_use]
    pub fn refusal(&self) -> String {
        let said = self.text(tag::OPERATION, "status-message").unwrap_or_default();
        let words = match self.status {
            0x0401..=0x0403 => "it wants to know who prints",
            0x0406 => "it does not know the job or its own URI",
            0x040A => "it does not take this kind of document",
            0x0501 => "it does not know the operation",
            0x0504 | 0x0506 | 0x0507 => "it takes no jobs now",
            _ => "it refuses",
        };
        if said.is_empty() {
            format!("{words} (0x{:04x})", self.status)
        } else {
            format!("{words} (0x{:04x}, {said})", self.status)
        }
    }

    /// The number of the job that was made.
    #[must_use]
    pub fn job_id(&self) -> Option<i32> {
        self.integer(tag::JOB, "job-id")
    }

    /// What it says of a job. None if it does not say how the job is.
    #[must_use]
    pub fn job(&self) -> Option<Job> {
        let state = match self.integer(tag::JOB, "job-state")? {
            3..=6 => JobState::UnderWay,
            7 => JobState::Canceled,
            8 => JobState::Aborted,
            9 => JobState::Completed,
            _ => return None,
        };
        Some(Job {
            state,
            impressions: self.integer(tag::JOB, "job-impressions-completed"),
            sheets: self.integer(tag::JOB, "job-media-sheets-completed"),
            reasons: self.texts(tag::JOB, "job-state-reasons"),
        })
    }

    /// What it says of the printer. None if it does not say how the printer is.
    #[must_use]
    pub fn printer(&self) -> Option<Printer> {
        let state = self.integer(tag::PRINTER, "printer-state")?;
        let reasons = self.texts(tag::PRINTER, "printer-state-reasons");
        let accepts = self.values(tag::PRINTER, "printer-is-accepting-jobs").first() != Some(&Value::Boolean(false));
        let operations = self.values(tag::PRINTER, "operations-supported");
        let supports = |operation: Operation| operations.contains(&Value::Integer(operation.code().into()));
        let formats = self.texts(tag::PRINTER, "document-format-supported");
        Some(Printer {
            status: status(state, &reasons, accepts),
            creates_jobs: supports(Operation::CreateJob) && supports(Operation::SendDocument),
            takes_pdf: formats.is_empty() || formats.iter().any(|format| format == "application/pdf"),
        })
    }

    fn values(&self, group: u8, name: &str) -> &[Value] {
        let found = self.attributes.iter().find(|attribute| attribute.group == group && attribute.name == name);
        found.map_or(&[], |attribute| &attribute.values)
    }

    fn integer(&self, group: u8, name: &str) -> Option<i32> {
        match self.values(group, name) {
            [Value::Integer(value)] => Some(*value),
            _ => None,
        }
    }

    fn texts(&self, group: u8, name: &str) -> Vec<String> {
        let text = |value: &Value| if let Value::Text(text) = value { Some(text.clone()) } else { None };
        self.values(group, name).iter().filter_map(text).collect()
    }

    fn text(&self, group: u8, name: &str) -> Option<String> {
        self.texts(group, name).into_iter().next()
    }
}

/// Printer states (RFC 8011, 5.4.11) and reasons (5.4.12). Only what is an error keeps labels back.
fn status(state: i32, reasons: &[String], accepts: bool) -> PrinterStatus {
    let is_error = |reason: &&str| !reason.ends_with("-report") && !reason.ends_with("-warning") && *reason != "none";
    let errors: Vec<&str> = reasons.iter().map(|r| r.as_str()).filter(is_error).collect();
    let any = |names: &[&str]| errors.iter().any(|e| names.contains(&e.strip_suffix("-error").unwrap_or(e)));
    let media_out = any(&["media-empty", "media-needed"]);
    let head_open = any(&["cover-open", "door-open", "interlock-open"]);
    let ribbon_out = any(&["marker-supply-empty"]);
    let is_stuck =
        any(&["media-jam", "paused", "shutdown", "offline", "stopped-partly", "connecting-to-device", "timed-out"]);
    let (state, detail) = match state {
        _ if media_out => (State::Error, Some("no labels are loaded".to_owned())),
        _ if head_open => (State::Error, Some("its cover is open".to_owned())),
        _ if ribbon_out => (State::Error, Some("ribbon or ink is used up".to_owned())),
        _ if any(&["paused"]) => (State::Paused, Some("it is paused".to_owned())),
        3 | 4 if !is_stuck && accepts => (State::Ready, None),
        3 | 4 if !accepts => (State::Error, Some("it takes no jobs now".to_owned())),
        3..=5 => (State::Error, Some(format!("it stands still ({})", reasons.join(", ")))),
        _ => (State::Unknown, Some("it says nothing of its state".to_owned())),
    };
    let is_told = state == State::Ready;
    PrinterStatus {
        state,
        media: if media_out {
            Media::Out
        } else if is_told {
            Media::Ok
        } else {
            Media::Unknown
        },
        ribbon: if ribbon_out {
            Ribbon::Out
        } else if is_told {
            Ribbon::Ok
        } else {
            Ribbon::Unknown
        },
        head: if head_open {
            Head::Open
        } else if is_told {
            Head::Closed
        } else {
            Head::Unknown
        },
        detail,
        ..PrinterStatus::default()
    }
}

fn attributes(rest: &mut &[u8]) -> Result<Vec<Attribute>, Malformed> {
    let mut found: Vec<Attribute> = Vec::new();
    let (mut group, mut depth, mut values) = (None, 0_usize, 0_usize);
    loop {
        let [kind] = array::<1>(rest)?;
        if kind == tag::END {
            return if depth == 0 { Ok(found) } else { Err(Malformed::Disorder) };
        }
        if kind <= tag::LAST_DELIMITER {
            if depth > 0 {
                return Err(Malformed::Disorder);
            }
            group = Some(kind);
            continue;
        }
        let (name, value) = (bytes(rest)?, bytes(rest)?);
        let group = group.ok_or(Malformed::Disorder)?;
        values += 1;
        if values > MOST_VALUES {
            return Err(Malformed::Long);
        }
        if depth == 0 {
            if name.is_empty() {
                found
                    .last_mut()
                    .filter(|a| a.group == group)
                    .ok_or(Malformed::Disorder)?
                    .values
                    .push(understand(kind, value)?);
            } else {
                let name = String::from_utf8_lossy(name).into_owned();
                found.push(Attribute { group, name, values: vec![understand(kind, value)?] });
            }
        }
        match kind {
            tag::BEGIN_COLLECTION => depth += 1,
            tag::END_COLLECTION => depth = depth.checked_sub(1).ok_or(Malformed::Disorder)?,
            _ => {}
        }
    }
}

fn understand(kind: u8, value: &[u8]) -> Result<Value, Malformed> {
    Ok(match kind {
        tag::INTEGER | tag::ENUM => {
            Value::Integer(i32::from_be_bytes(value.try_into().map_err(|_| Malformed::Disorder)?))
        }
        tag::BOOLEAN => match value {
            [0] => Value::Boolean(false),
            [1] => Value::Boolean(true),
            _ => return Err(Malformed::Disorder),
        },
        tag::TEXT | tag::NAME | tag::KEYWORD | tag::URI | tag::MIME => {
            Value::Text(String::from_utf8_lossy(value).into_owned())
        }
        _ => Value::Other,
    })
}

/// A length of two bytes and so many bytes.
fn bytes<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], Malformed> {
    let length = u16::from_be_bytes(array(rest)?);
    let (taken, after) = rest.split_at_checked(length.into()).ok_or(Malformed::Short)?;
    *rest = after;
    Ok(taken)
}

fn array<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Malformed> {
    let (taken, after) = rest.split_first_chunk::<N>().ok_or(Malformed::Short)?;
    *rest = after;
    Ok(*taken)
}

#[cfg(test)]
mod tests;
