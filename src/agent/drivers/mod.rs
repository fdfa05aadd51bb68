//! What stands between a document and a label: raw TCP, IPP, a folder.
//!
//! A window is printed in two steps. `prepare` makes sure that the printer would print now and costs no label; only then
//! the document is fetched and "sending" is written to the journal. `print` sends it and says what is certain.

mod conversation;
mod folder;
mod ipp;
mod raw;

use super::client::Format;
use super::config::{self, Printer};
use super::ledger::{Name, Outcome, Span};
use crate::print::status::PrinterStatus;

/// Called while something takes its time, so that the server hears a sign of life.
pub(super) type Tick<'a> = &'a mut dyn FnMut();

/// A printer that would not print now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hold {
    /// How it is.
    pub(super) status: PrinterStatus,
    /// Why it would not print, in words.
    pub(super) why: String,
}

impl Hold {
    /// What the status says is why.
    fn of(status: PrinterStatus) -> Self {
        let why = status.detail.clone().unwrap_or_else(|| "it does not say why".into());
        Self { status, why }
    }
}

/// The labels to print.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window<'a> {
    /// The job.
    pub(super) job: &'a Name,
    /// The lease.
    pub(super) lease: &'a Name,
    /// Which labels of it.
    pub(super) span: Span,
    /// What the document is.
    pub(super) format: Format,
    /// The document.
    pub(super) document: &'a [u8],
}

/// How sending ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sent {
    /// Certain: before the first byte, for this reason.
    Nothing(String),
    /// Some or all bytes left; this is what is known of the labels.
    Something(Outcome),
}

impl Sent {
    fn unknown(note: impl Into<String>) -> Self {
        Self::Something(Outcome::unknown(note))
    }
}

/// A printer that would print now, with the connection on which it said so.
#[derive(Debug)]
pub(super) struct Prepared {
    /// How it is.
    pub(super) status: PrinterStatus,
    link: Link,
}

#[derive(Debug)]
enum Link {
    Raw(raw::Link),
    Ipp(ipp::Link),
    Folder,
}

/// How a printer is reached.
#[derive(Debug)]
pub(super) enum Driver {
    /// ZPL over TCP.
    Raw(raw::Raw),
    /// PDF over IPP.
    Ipp(ipp::Ipp),
    /// Files in a folder.
    Folder(folder::Folder),
}

impl Driver {
    /// For a printer of the configuration.
    pub(super) fn new(printer: &Printer, http: &ureq::Agent) -> Self {
        match &printer.driver {
            config::Driver::Raw(address) => {
                Self::Raw(raw::Raw::new(address.clone(), printer.confirm, printer.patience))
            }
            config::Driver::Folder(path) => Self::Folder(folder::Folder::new(path.clone())),
            config::Driver::Ipp(uri) => {
                Self::Ipp(ipp::Ipp::new(http.clone(), uri.clone(), printer.confirm, printer.patience))
            }
        }
    }

    /// ZPL over TCP.
    pub(super) fn raw(address: config::Address, confirm: config::Confirm, patience: config::Patience) -> Self {
        Self::Raw(raw::Raw::new(address, confirm, patience))
    }

    /// Files in a folder.
    pub(super) const fn folder(path: std::path::PathBuf) -> Self {
        Self::Folder(folder::Folder::new(path))
    }

    /// Whether it takes such documents.
    pub(super) const fn takes(&self, format: Format) -> bool {
        match self {
            Self::Raw(_) => matches!(format, Format::Zpl),
            Self::Ipp(_) => matches!(format, Format::Pdf),
            Self::Folder(_) => true,
        }
    }

    /// Whether anything can tell that a label came out: where nothing can, "unknown" is no sign of trouble.
    pub(super) const fn can_confirm(&self) -> bool {
        match self {
            Self::Raw(raw) => raw.can_confirm(),
            Self::Ipp(ipp) => ipp.can_confirm(),
            Self::Folder(_) => false,
        }
    }

    /// Makes sure that the printer would print now. Costs no label.
    pub(super) fn prepare(&mut self, tick: Tick<'_>) -> Result<Prepared, Hold> {
        match self {
            Self::Raw(raw) => {
                let (status, link) = raw.prepare(tick)?;
                Ok(Prepared { status, link: Link::Raw(link) })
            }
            Self::Ipp(ipp) => {
                let (status, link) = ipp.prepare()?;
                Ok(Prepared { status, link: Link::Ipp(link) })
            }
            Self::Folder(folder) => Ok(Prepared { status: folder.prepare()?, link: Link::Folder }),
        }
    }

    /// Sends a window and waits for what can be known of it.
    pub(super) fn print(&mut self, prepared: Prepared, window: &Window<'_>, tick: Tick<'_>) -> Sent {
        match (self, prepared.link) {
            (Self::Raw(raw), Link::Raw(link)) => raw.print(link, window, tick),
            (Self::Ipp(ipp), Link::Ipp(link)) => ipp.print(&link, window, tick),
            (Self::Folder(folder), Link::Folder) => folder.print(window),
            _ => Sent::Nothing("it was prepared by another driver".into()),
        }
    }
}
