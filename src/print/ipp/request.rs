//! Requests as bytes.

use super::tag;

/// What is asked of a printer (RFC 8011, 5.4.15).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A job with its document.
    PrintJob,
    /// A job whose document follows.
    CreateJob,
    /// The document of a job.
    SendDocument,
    /// How a job is.
    GetJobAttributes,
    /// How the printer is.
    GetPrinterAttributes,
}

impl Operation {
    pub(super) const fn code(self) -> u16 {
        match self {
            Self::PrintJob => 0x0002,
            Self::CreateJob => 0x0005,
            Self::SendDocument => 0x0006,
            Self::GetJobAttributes => 0x0009,
            Self::GetPrinterAttributes => 0x000B,
        }
    }
}

/// A request, ready to be sent; a document follows its bytes.
#[derive(Debug)]
pub struct Request(Vec<u8>);

impl Request {
    /// Begins a request with the attributes that each must have, in their order (RFC 8011, 4.1.4, 4.1.5).
    #[must_use]
    pub fn new(operation: Operation, id: u32, printer_uri: &str) -> Self {
        // 1.1 is what every printer speaks.
        let mut bytes = vec![1, 1];
        bytes.extend(operation.code().to_be_bytes());
        bytes.extend(id.to_be_bytes());
        bytes.push(tag::OPERATION);
        Self(bytes)
            .attribute(tag::CHARSET, "attributes-charset", b"utf-8")
            .attribute(tag::LANGUAGE, "attributes-natural-language", b"en")
            .attribute(tag::URI, "printer-uri", printer_uri.as_bytes())
    }

    /// The job that is meant.
    #[must_use]
    pub fn job(self, job_id: i32) -> Self {
        self.attribute(tag::INTEGER, "job-id", &job_id.to_be_bytes())
    }

    /// Who asks.
    #[must_use]
    pub fn user(self, name: &str) -> Self {
        self.attribute(tag::NAME, "requesting-user-name", name.as_bytes())
    }

    /// The job's name at the printer's panel.
    #[must_use]
    pub fn job_name(self, name: &str) -> Self {
        self.attribute(tag::NAME, "job-name", name.as_bytes())
    }

    /// What the document is.
    #[must_use]
    pub fn document_format(self, media_type: &str) -> Self {
        self.attribute(tag::MIME, "document-format", media_type.as_bytes())
    }

    /// No further document follows.
    #[must_use]
    pub fn last_document(self) -> Self {
        self.attribute(tag::BOOLEAN, "last-document", &[1])
    }

    /// Which attributes the response shall hold.
    #[must_use]
    pub fn wanted(mut self, names: &[&str]) -> Self {
        for (at, name) in names.iter().enumerate() {
            let key = if at == 0 { "requested-attributes" } else { "" };
            self = self.attribute(tag::KEYWORD, key, name.as_bytes());
        }
        self
    }

    /// One copy, whatever the printer's default is. Ends the operation's attributes.
    #[must_use]
    pub fn one_copy(mut self) -> Self {
        self.0.push(tag::JOB);
        self.attribute(tag::INTEGER, "copies", &1_i32.to_be_bytes())
    }

    /// The bytes; the document comes right behind them.
    #[must_use]
    pub fn into_bytes(mut self) -> Vec<u8> {
        self.0.push(tag::END);
        self.0
    }

    /// Adds a value. Names and values are ours and short; what is longer than the format allows is cut.
    fn attribute(mut self, tag: u8, name: &str, value: &[u8]) -> Self {
        self.0.push(tag);
        for part in [name.as_bytes(), value] {
            let length = u16::try_from(part.len()).unwrap_or(u16::MAX).min(1023);
            self.0.extend(length.to_be_bytes());
            self.0.extend(part.iter().take(length.into()));
        }
        self
    }
}
