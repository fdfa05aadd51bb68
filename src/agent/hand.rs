//! Printing by hand, without a server: a target that a person names, and one window after the other.

use super::client::Format;
use super::config::{Address, Confirm, Patience};
use super::drivers::{Driver, Hold, Sent, Window};
use super::ledger::{Name, Outcome, Span};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where labels go.
#[derive(Debug)]
pub struct Target(Way);

#[derive(Debug)]
enum Way {
    Driver(Driver),
    File(PathBuf),
}

/// Labels as one document.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// The job that they belong to.
    pub job: &'a Name,
    /// The lease that they belong to.
    pub lease: &'a Name,
    /// Which labels of it.
    pub span: Span,
    /// The bytes.
    pub bytes: &'a [u8],
}

/// How sending ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Certain: before the first byte, for this reason.
    Nothing(String),
    /// Some or all bytes left; this is what is known of the labels.
    Something(Outcome),
}

impl Target {
    /// Reads a target: `tcp://host:9100` for a printer that takes ZPL, a folder that is there, or a file that is not.
    ///
    /// # Errors
    ///
    /// In words, with what to write instead.
    pub fn parse(text: &str, confirm: Confirm) -> Result<Self, String> {
        let patience = Patience {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(3),
            confirm: Duration::from_secs(30),
            retry: Duration::from_secs(1),
            hold: Duration::from_secs(5),
        };
        if let Some(address) = text.strip_prefix("tcp://") {
            return Ok(Self(Way::Driver(Driver::raw(Address::parse(address)?, confirm, patience))));
        }
        let path = Path::new(text);
        if !path.exists() && text.contains(':') && Address::parse(text).is_ok() {
            return Err(format!("{text:?} looks like a printer: write tcp://{text}"));
        }
        if path.is_dir() {
            return Ok(Self(Way::Driver(Driver::folder(path.to_owned()))));
        }
        if text.contains("://") {
            return Err(format!("{text:?} is no target: write tcp://host:9100, a folder, or the name of a new file"));
        }
        Ok(Self(Way::File(path.to_owned())))
    }

    /// Makes sure that it would print now: then the next step is to note the labels as sent.
    ///
    /// # Errors
    ///
    /// Why not, in words.
    pub fn ready(&mut self, format: &str) -> Result<Ready<'_>, String> {
        let format = match format {
            "pdf" => Format::Pdf,
            "png" => Format::Png,
            _ => Format::Zpl,
        };
        match &mut self.0 {
            Way::File(path) if path.exists() => Err(format!("{} is there already: name a new file", path.display())),
            Way::File(path) => Ok(Ready { format, way: ReadyWay::File(path) }),
            Way::Driver(driver) if !driver.takes(format) => {
                Err("a printer on TCP takes ZPL: take a kit for ZPL".into())
            }
            Way::Driver(driver) => match driver.prepare(&mut || ()) {
                Ok(prepared) => Ok(Ready { format, way: ReadyWay::Driver(driver, Box::new(prepared)) }),
                Err(Hold { why, .. }) => Err(why),
            },
        }
    }

    /// The most labels that go together: one by one where each is confirmed or a file of its own.
    #[must_use]
    pub const fn window(&self, labels: u32) -> u32 {
        match self.0 {
            Way::File(_) => labels,
            Way::Driver(_) => 1,
        }
    }
}

/// A target that would print now.
#[derive(Debug)]
pub struct Ready<'a> {
    format: Format,
    way: ReadyWay<'a>,
}

#[derive(Debug)]
enum ReadyWay<'a> {
    Driver(&'a mut Driver, Box<super::drivers::Prepared>),
    File(&'a Path),
}

impl Ready<'_> {
    /// Sends labels. They are noted as sent already.
    #[must_use]
    pub fn print(self, document: &Document<'_>) -> Ended {
        match self.way {
            ReadyWay::Driver(driver, prepared) => {
                let Document { job, lease, span, bytes } = *document;
                let window = Window { job, lease, span, format: self.format, document: bytes };
                match driver.print(*prepared, &window, &mut || ()) {
                    Sent::Nothing(why) => Ended::Nothing(why),
                    Sent::Something(outcome) => Ended::Something(outcome),
                }
            }
            ReadyWay::File(path) => into_file(path, document.bytes),
        }
    }
}

fn into_file(path: &Path, bytes: &[u8]) -> Ended {
    let mut file = match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(file) => file,
        Err(error) => return Ended::Nothing(format!("{} cannot be made: {error}", path.display())),
    };
    match file.write_all(bytes).and_then(|()| file.sync_all()) {
        Ok(()) => Ended::Something(Outcome::unknown("a file cannot confirm")),
        // It had its name from the start: whoever watches the folder may have taken what was there.
        Err(error) => Ended::Something(Outcome::unknown(format!("the file was cut short: {error}"))),
    }
}
