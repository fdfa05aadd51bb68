//! How a printer is, as agents and drivers tell the server.

use serde::{Deserialize, Serialize};

/// How a printer is. Whatever is not known is said to be unknown: nothing here defaults to "ok".
///
/// # Examples
///
/// ```
/// use nameplate::print::status::{Media, PrinterStatus};
///
/// let status: PrinterStatus = serde_json::from_str(r#"{"state":"error","media":"out","labels_total":1208}"#).unwrap();
/// assert_eq!(status.media, Media::Out);
/// // A member that nobody knows is refused rather than passed over.
/// assert!(serde_json::from_str::<PrinterStatus>(r#"{"state":"ready","paper":"ok"}"#).is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"state": "error", "media": "out", "labels_total": 1208, "detail": "the roll is empty"}))]
pub struct PrinterStatus {
    /// Whether it would print.
    pub state: State,
    /// Labels, tags or paper.
    pub media: Media,
    /// The ribbon of a thermal transfer printer.
    pub ribbon: Ribbon,
    /// The print head or the cover over it.
    pub head: Head,
    /// Labels printed in its life, as the printer itself counts.
    pub labels_total: Option<u64>,
    /// What is the matter, in words for people.
    pub detail: Option<String>,
    /// Name and version of the program that says so.
    pub agent: Option<String>,
}

impl PrinterStatus {
    /// Whether it says that something is wrong. What is not known is no trouble.
    #[must_use]
    pub fn is_trouble(&self) -> bool {
        matches!(self.state, State::Error | State::Unreachable)
            || self.media == Media::Out
            || self.ribbon == Ribbon::Out
            || self.head == Head::Open
    }
}

/// Whether a printer would print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It said that it is ready.
    Ready,
    /// It was paused, at its panel or by a command.
    Paused,
    /// It said that something is wrong.
    Error,
    /// Nobody answers at its address.
    Unreachable,
    /// It says nothing, or nothing that can be understood.
    #[default]
    Unknown,
}

/// Labels, tags or paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Media {
    /// Loaded.
    Ok,
    /// Used up.
    Out,
    /// It did not say.
    #[default]
    Unknown,
}

/// The ribbon of a thermal transfer printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Ribbon {
    /// Loaded, or none is needed.
    Ok,
    /// Used up.
    Out,
    /// It did not say.
    #[default]
    Unknown,
}

/// The print head or the cover over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Head {
    /// In its place.
    Closed,
    /// Open.
    Open,
    /// It did not say.
    #[default]
    Unknown,
}

impl PrinterStatus {
    /// Nobody answers at the printer's address, for the reason given.
    #[must_use]
    pub fn unreachable(detail: impl Into<String>) -> Self {
        Self { state: State::Unreachable, detail: Some(detail.into()), ..Self::default() }
    }

    /// Nothing is known of it, for the reason given.
    #[must_use]
    pub fn unknown(detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::default() }
    }

    /// It said that it is ready.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.state == State::Ready
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_said_is_nothing_known() {
        let status: PrinterStatus = serde_json::from_str("{}").unwrap();
        assert_eq!(status, PrinterStatus::default());
        assert!(!status.is_ready());
        assert_eq!((status.media, status.ribbon, status.head), (Media::Unknown, Ribbon::Unknown, Head::Unknown));
    }

    #[test]
    fn it_is_written_as_the_protocol_says() {
        let status = PrinterStatus {
            state: State::Error,
            media: Media::Out,
            ribbon: Ribbon::Ok,
            head: Head::Closed,
            labels_total: Some(12_345),
            detail: Some("paper out".into()),
            agent: None,
        };
        let text = r#"{"state":"error","media":"out","ribbon":"ok","head":"closed","labels_total":12345,"detail":"paper out","agent":null}"#;
        assert_eq!(serde_json::to_string(&status).unwrap(), text);
        assert_eq!(serde_json::from_str::<PrinterStatus>(text).unwrap(), status);
    }

    #[test]
    fn unknown_members_and_words_are_refused() {
        for text in [r#"{"paper":"ok"}"#, r#"{"state":"fine"}"#, r#"{"labels_total":-1}"#, r#"{"head":"ok"}"#] {
            assert!(serde_json::from_str::<PrinterStatus>(text).is_err(), "{text}");
        }
    }
}
