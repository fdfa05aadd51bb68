//! ZPL II, the language of Zebra label printers and many others.
//!
//! Two modes: [`graphic`] sends the same dots as the PNG; [`native`] lets the printer draw symbols and serial and
//! sends about a hundred bytes a label. Both write one format per serial, never let the printer count, and set
//! everything that a label depends on, because printers keep settings from job to job.

pub mod escape;
pub mod graphic;
pub mod native;
mod patch;
mod symbol;
mod z64;

use std::io;

use thiserror::Error;

use crate::label::{Compiled, LayoutError};

/// How the printer is set up for a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrinterSetup {
    /// How labels are parted (`^MN`).
    pub media: Media,
    /// What happens after printing (`^MM`).
    pub delivery: Delivery,
    /// Inches a second (`^PR`), 1 to 14.
    pub speed_in_per_s: u8,
    /// Darkness (`~SD`), 0 to 30.
    pub darkness: u8,
}

/// How labels on the roll are parted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// By gaps or notches.
    Gap,
    /// By black marks on the back.
    Mark,
    /// Not at all.
    Continuous,
}

/// What happens with a printed label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It stops at the tear bar.
    TearOff,
    /// It is peeled from its liner.
    PeelOff,
    /// It is cut off.
    Cut,
}

impl Default for PrinterSetup {
    /// Die-cut labels torn off at 4 inches a second and middling darkness.
    fn default() -> PrinterSetup {
        PrinterSetup { media: Media::Gap, delivery: Delivery::TearOff, speed_in_per_s: 4, darkness: 15 }
    }
}

/// Why ZPL cannot be made.
#[derive(Debug, Error)]
pub enum ZplError {
    /// A label cannot be laid out; nothing of it was written.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The output cannot be written.
    #[error("the ZPL cannot be written: {0}")]
    Io(#[from] io::Error),
    /// The printer's own symbols and fonts cannot draw this label; nothing of it was written.
    #[error("this label cannot be drawn by the printer itself: {0}; use graphic mode")]
    NotNative(&'static str),
}

impl PrinterSetup {
    /// Commands that fix all settings a label depends on. They go inside a format, before its first field.
    ///
    /// `^JZN`: after a media or ribbon error the printer must not print a label again, it would repeat a serial.
    fn commands(&self, compiled: &Compiled) -> String {
        let (width, height) = compiled.size_dots();
        let media = match self.media {
            Media::Gap => 'Y',
            Media::Mark => 'M',
            Media::Continuous => 'N',
        };
        let delivery = match self.delivery {
            Delivery::TearOff => 'T',
            Delivery::PeelOff => 'P',
            Delivery::Cut => 'C',
        };
        let speed = self.speed_in_per_s.clamp(1, 14);
        format!(
            "^CI28^PW{width}^LL{height}^LH0,0^LT0^LS0^PON^PMN^FWN^LRN^MM{delivery}^MN{media}^PR{speed}^MD0^JZN^BY2,3,10"
        )
    }

    /// What acts at once and so cannot be inside a stored format.
    fn immediate(&self) -> String {
        format!("~SD{:02}\n", self.darkness.min(30))
    }
}
