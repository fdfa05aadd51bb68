//! Star CloudPRNT: what a printer says when it polls, what it is answered, and what its codes mean for a label.
//!
//! ```text
//! POST   how the printer is        ──► is there a job, and its token
//! GET    ?token&mac&type           ──► the job's data, as often as asked
//! DELETE ?token&mac&code(&retry)   ──► the job is over: printed, or why not
//! ```
//!
//! Codes are like those of HTTP but mean the printer (Star CloudPRNT Developer Guide 1.4, section 7): 2xx it is well,
//! 4xx something is wrong with it, 5xx it cannot make use of what it was sent. The description after the three digits
//! differs from model to model and is for people.

use super::status::{Head, Media, PrinterStatus, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The only media type that labels are made in for these printers.
pub const MEDIA_TYPE: &str = "image/png";
/// The longest description of a code that is kept, in characters.
const MAX_TEXT: usize = 120;

/// What a printer says when it polls. It sends more than this, from model to model different, and may send null for
/// anything: what is not known here is passed over.
///
/// # Examples
///
/// ```
/// use nameplate::print::cloudprnt::Poll;
///
/// let poll: Poll = serde_json::from_str(
///     r#"{"status":"23 6 0 0 0 0 0 0 0 ","printerMAC":"00:11:62:0a:1b:2c","statusCode":"200%20OK","clientAction":null,
///        "keyboard":[{"name":"k","keyPresses":"QQ=="}]}"#,
/// )
/// .unwrap();
/// assert_eq!(poll.printer_mac.as_deref(), Some("00:11:62:0a:1b:2c"));
/// assert!(poll.code().is_ready());
/// assert!(serde_json::from_str::<Poll>(r#"{"printerMAC": 5}"#).is_err());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Poll {
    /// The printer's own address, also where it polls over another interface.
    #[serde(rename = "printerMAC")]
    pub printer_mac: Option<String>,
    /// Its state, URL-encoded: `200%20OK`.
    #[serde(rename = "statusCode")]
    pub status_code: Option<String>,
    /// Whether it prints at this moment. Many models never say.
    #[serde(rename = "printingInProgress")]
    pub printing: Option<bool>,
    /// Answers to what it was asked.
    #[serde(rename = "clientAction")]
    pub actions: Option<Vec<ActionResult>>,
}

/// The answer of a printer to an [`ActionRequest`].
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ActionResult {
    /// What was asked.
    pub request: Option<String>,
    /// Mostly text; some answers are objects.
    pub result: Option<Value>,
}

impl Poll {
    /// How the printer is, by its code.
    #[must_use]
    pub fn code(&self) -> Code {
        Code::parse(self.status_code.as_deref().unwrap_or_default())
    }

    /// Whether it says that it prints.
    #[must_use]
    pub fn is_printing(&self) -> bool {
        self.printing == Some(true)
    }

    /// Its answer to a request, if it is text.
    #[must_use]
    pub fn answer_to(&self, request: &str) -> Option<&str> {
        let answers = self.actions.as_deref().unwrap_or_default();
        let answer = answers.iter().find(|answer| answer.request.as_deref() == Some(request))?;
        answer.result.as_ref()?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    /// How often it polls, in seconds, if it says so: 1 to 3,600.
    #[must_use]
    pub fn interval_s(&self) -> Option<u32> {
        self.answer_to(POLL_INTERVAL)?.parse().ok().filter(|seconds| (1..=3_600).contains(seconds))
    }

    /// What kind of printer it is, if it says so.
    #[must_use]
    pub fn client(&self) -> Option<String> {
        let words: Vec<&str> =
            [self.answer_to(CLIENT_TYPE), self.answer_to(CLIENT_VERSION)].into_iter().flatten().collect();
        (!words.is_empty()).then(|| tidy(&words.join(" ")))
    }
}

const POLL_INTERVAL: &str = "GetPollInterval";
const CLIENT_TYPE: &str = "ClientType";
const CLIENT_VERSION: &str = "ClientVersion";

/// What the server asks a printer to do besides printing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ActionRequest {
    /// What to do.
    pub request: String,
    /// How.
    pub options: String,
}

/// What a poll is answered. A printer that is asked for actions lets the job wait until its next poll, which follows at
/// once; so the two are never sent together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "jobReady": true, "mediaTypes": ["image/png"], "jobToken": "LSE-0123456789ABCDEFGHJKMNPQRS",
    "deleteMethod": "DELETE"
}))]
pub struct PollAnswer {
    /// Whether there is a label to fetch.
    pub job_ready: bool,
    /// In which forms.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub media_types: Vec<String>,
    /// Its token: what the printer fetches and confirms it with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_token: Option<String>,
    /// How it is to be confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_method: Option<String>,
    /// What the printer is asked to do first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub client_action: Vec<ActionRequest>,
}

impl PollAnswer {
    /// There is nothing to print.
    #[must_use]
    pub const fn idle() -> Self {
        Self {
            job_ready: false,
            media_types: Vec::new(),
            job_token: None,
            delete_method: None,
            client_action: Vec::new(),
        }
    }

    /// There is a label, under this token.
    #[must_use]
    pub fn offer(token: &str) -> Self {
        Self {
            job_ready: true,
            media_types: vec![MEDIA_TYPE.to_owned()],
            job_token: Some(token.to_owned()),
            delete_method: Some("DELETE".to_owned()),
            client_action: Vec::new(),
        }
    }

    /// The printer shall say what it is and how often it polls.
    #[must_use]
    pub fn introduce_yourself() -> Self {
        let ask = |request: &str| ActionRequest { request: request.to_owned(), options: String::new() };
        let client_action = [POLL_INTERVAL, CLIENT_TYPE, CLIENT_VERSION].map(ask).into();
        Self { client_action, ..Self::idle() }
    }
}

/// A code with its description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Three digits; `None` for anything that is no code.
    pub number: Option<u16>,
    /// The whole text, decoded.
    pub text: String,
}

/// What the end of a CloudPRNT job means for its label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The printer printed it.
    Printed,
    /// It may have been printed, in part or whole.
    Unknown,
    /// The printer refused the data before it began.
    Refused,
    /// The printer began with the data and could make nothing of it: another label of the job would fare no better.
    Garbled,
}

impl Code {
    /// Reads a code: `200%20OK`, `200 OK`, `OK`, `410 Out of paper`. What is none is kept as text.
    ///
    /// ```
    /// use nameplate::print::cloudprnt::{Code, Ending};
    /// assert_eq!(Code::parse("200%20OK").ending(), Ending::Printed);
    /// assert_eq!(Code::parse("twenty").ending(), Ending::Unknown);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = tidy(&decoded(text));
        let digits = text.get(..3).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
        let ends = text.as_bytes().get(3).is_none_or(|next| !next.is_ascii_alphanumeric());
        let number = match digits.filter(|_| ends) {
            Some(digits) => digits.parse().ok(),
            // Some models confirm with the word alone (section 5).
            None => text.eq_ignore_ascii_case("ok").then_some(200),
        };
        Self { number, text }
    }

    /// Whether the printer would print.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.number.is_some_and(|number| number / 100 == 2)
    }

    /// Whether the printer says that something is wrong with it.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        self.number.is_some_and(|number| number / 100 == 4)
    }

    /// How the printer is.
    #[must_use]
    pub fn status(&self) -> PrinterStatus {
        let (state, media, head) = match self.number {
            Some(200..=299) => (State::Ready, Media::Ok, Head::Closed),
            Some(410) => (State::Error, Media::Out, Head::Unknown),
            Some(420..=429) => (State::Error, Media::Unknown, Head::Open),
            Some(400..=599) => (State::Error, Media::Unknown, Head::Unknown),
            _ => (State::Unknown, Media::Unknown, Head::Unknown),
        };
        let detail = (!matches!(self.number, Some(200)) && !self.text.is_empty()).then(|| self.text.clone());
        PrinterStatus { state, media, head, detail, ..PrinterStatus::default() }
    }

    /// What it means for the label when a job ends with this code.
    ///
    /// Only where the printer refused the data as such is it certain that nothing came out: 510 a media type that it
    /// does not have, 512 a version that it does not have, 521 too large. After 511 (decoding failed) and 520 (the
    /// download took too long) the beginning of a label may be on paper, and after 4xx all of it.
    #[must_use]
    pub fn ending(&self) -> Ending {
        match self.number {
            Some(200..=299) => Ending::Printed,
            Some(510 | 512 | 521) => Ending::Refused,
            Some(511) => Ending::Garbled,
            _ => Ending::Unknown,
        }
    }
}

/// Decodes percent escapes; a broken escape stays as it is.
fn decoded(text: &str) -> String {
    let hex = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if let [b'%', high, low, after @ ..] = rest
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            bytes.push(high << 4 | low);
            rest = after;
        } else {
            bytes.push(if *first == b'+' { b' ' } else { *first });
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn tidy(text: &str) -> String {
    let shown: String = text.chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect();
    shown.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn codes_are_read_however_they_are_written() {
        for text in ["200%20OK", "200 OK", "200", "OK", "ok", "200+OK", " 200 OK "] {
            assert_eq!(Code::parse(text).number, Some(200), "{text}");
            assert!(Code::parse(text).is_ready(), "{text}");
        }
        assert_eq!(Code::parse("211%20Paper%20low").status().detail.as_deref(), Some("211 Paper low"));
        for text in ["", "20", "2000", "20a", "okay", "%", "%2", "\u{e4}\u{f6}\u{fc}", "-20 x"] {
            assert_eq!(Code::parse(text).number, None, "{text}");
            assert!(!Code::parse(text).is_ready(), "{text}");
        }
    }

    #[test]
    fn codes_tell_how_the_printer_is() {
        let of = |text| {
            let status = Code::parse(text).status();
            (status.state, status.media, status.head)
        };
        assert_eq!(of("200 OK"), (State::Ready, Media::Ok, Head::Closed));
        assert_eq!(of("210 Paper low"), (State::Ready, Media::Ok, Head::Closed));
        assert_eq!(of("410 Out of paper"), (State::Error, Media::Out, Head::Unknown));
        assert_eq!(of("411 Jam"), (State::Error, Media::Unknown, Head::Unknown));
        assert_eq!(of("420 Cover open"), (State::Error, Media::Unknown, Head::Open));
        assert_eq!(of("511 x"), (State::Error, Media::Unknown, Head::Unknown));
        assert_eq!(of("").0, State::Unknown);
    }

    #[test]
    fn only_a_refusal_of_the_data_as_such_is_certain() {
        let of = |number: u16| Code::parse(&number.to_string()).ending();
        for number in 0..1_000 {
            let expected = match number {
                200..=299 => Ending::Printed,
                510 | 512 | 521 => Ending::Refused,
                511 => Ending::Garbled,
                _ => Ending::Unknown,
            };
            assert_eq!(Code::parse(&format!("{number:03}")).ending(), expected, "{number}");
        }
        assert_eq!([of(410), of(420), of(520)], [Ending::Unknown; 3]);
    }

    #[test]
    fn polls_may_hold_anything_else_and_null_everywhere() {
        let nothing = r#"{"status":null,"printerMAC":null,"uniqueID":null,"statusCode":null,"printingInProgress":null,
            "clientAction":null,"barcodeReader":[],"jobToken":"x","display":{"a":[1,2]}}"#;
        assert_eq!(serde_json::from_str::<Poll>(nothing).unwrap(), Poll::default());
        assert_eq!(serde_json::from_str::<Poll>("{}").unwrap(), Poll::default());
    }

    #[test]
    fn printers_say_what_they_are() {
        let text = r#"{"clientAction":[{"request":"GetPollInterval","result":"10"},
            {"request":"ClientType","result":"Star mC-Label3"},{"request":"ClientVersion","result":"3.0.1"},
            {"request":"PageInfo","result":{"paperWidth":"80"}},{"result":"x"},{"request":"SetID","result":null}]}"#;
        let poll: Poll = serde_json::from_str(text).unwrap();
        assert_eq!((poll.interval_s(), poll.client().as_deref()), (Some(10), Some("Star mC-Label3 3.0.1")));
        assert_eq!((poll.answer_to("PageInfo"), poll.answer_to("SetID")), (None, None));
        for interval in ["0", "3601", "ten", "-1", ""] {
            let result = Some(Value::from(interval));
            let answer = ActionResult { request: Some(POLL_INTERVAL.into()), result };
            assert_eq!(Poll { actions: Some(vec![answer]), ..Poll::default() }.interval_s(), None, "{interval}");
        }
    }

    #[test]
    fn answers_are_written_as_the_protocol_says() {
        let text = |answer: &PollAnswer| serde_json::to_string(answer).unwrap();
        assert_eq!(text(&PollAnswer::idle()), r#"{"jobReady":false}"#);
        assert_eq!(
            text(&PollAnswer::offer("LSE-1")),
            r#"{"jobReady":true,"mediaTypes":["image/png"],"jobToken":"LSE-1","deleteMethod":"DELETE"}"#
        );
        let asked = PollAnswer::introduce_yourself();
        assert!(!asked.job_ready && asked.client_action.len() == 3 && asked.job_token.is_none());
    }

    proptest! {
        #[test]
        fn any_text_is_a_code_or_none(text in "\\PC{0,300}") {
            let code = Code::parse(&text);
            prop_assert!(code.text.chars().count() <= MAX_TEXT);
            prop_assert!(code.status().detail.is_none_or(|detail| detail.chars().count() <= MAX_TEXT));
        }
    }
}
