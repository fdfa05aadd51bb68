//! How a printer is set up for a job: what the printer's record says, checked once.

use thiserror::Error;

use crate::label::Compiled;

/// How the printer is set up for a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PrinterSetup {
    /// How labels are parted (`^MN`).
    pub media: Media,
    /// What happens after printing (`^MM`).
    pub delivery: Delivery,
    /// `^PR`.
    pub speed: Speed,
    /// `~SD`.
    pub darkness: Darkness,
    /// How far the printer must move labels to the right to hit the stock; to the left if negative.
    pub offset_x_dots: OffsetDots,
    /// How far the printer must move labels down; up if negative.
    pub offset_y_dots: OffsetDots,
}

impl Default for PrinterSetup {
    /// Die-cut labels torn off at 4 inches a second and middling darkness, not moved.
    fn default() -> PrinterSetup {
        PrinterSetup {
            media: Media::Gap,
            delivery: Delivery::TearOff,
            speed: Speed(4),
            darkness: Darkness(15),
            offset_x_dots: OffsetDots(0),
            offset_y_dots: OffsetDots(0),
        }
    }
}

/// How labels on the roll are parted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Media {
    /// By gaps or notches.
    Gap,
    /// By black marks on the back.
    Mark,
    /// Not at all.
    Continuous,
}

/// What happens with a printed label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// It stops at the tear bar.
    TearOff,
    /// It is peeled from its liner.
    PeelOff,
    /// It is cut off.
    Cut,
}

/// Why a printer cannot be set up like this.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SetupError {
    /// A number that printers do not know.
    #[error("the {what} is {found}; it can be {least} to {most}{unit}")]
    OutOfRange {
        /// What the number is for.
        what: &'static str,
        /// The number.
        found: i64,
        /// The least that is possible.
        least: i64,
        /// The most that is possible.
        most: i64,
        /// Its unit, with a space in front.
        unit: &'static str,
    },
    /// A word that is not known.
    #[error("the {what} is {found:?}; it can be {known}")]
    Unknown {
        /// What the word is for.
        what: &'static str,
        /// The word.
        found: String,
        /// The words that are known.
        known: &'static str,
    },
}

/// A checked number with its range.
macro_rules! ranged {
    ($(#[$doc:meta])* $name:ident($number:ty), $what:literal, $range:expr, $unit:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($number);

        impl $name {
            /// Takes a number in its range.
            ///
            /// # Errors
            /// [`SetupError::OutOfRange`] says what the range is.
            pub fn new(number: i64) -> Result<$name, SetupError> {
                let range: std::ops::RangeInclusive<$number> = $range;
                let (least, most) = (i64::from(*range.start()), i64::from(*range.end()));
                let unit = $unit;
                let refused = SetupError::OutOfRange { what: $what, found: number, least, most, unit };
                let number = <$number>::try_from(number).ok().filter(|number| range.contains(number));
                number.map($name).ok_or(refused)
            }

            /// The number.
            #[must_use]
            pub const fn get(self) -> $number {
                self.0
            }
        }
    };
}

ranged!(
    /// How hot the print head gets: 0 to 30, as `~SD` counts.
    ///
    /// ```
    /// use nameplate::render::zpl::Darkness;
    /// assert_eq!(Darkness::new(15).map(Darkness::get), Ok(15));
    /// assert!(Darkness::new(31).is_err_and(|e| e.to_string() == "the darkness is 31; it can be 0 to 30"));
    /// ```
    Darkness(u8), "darkness", 0..=30, ""
);

ranged!(
    /// Inches a second: 1 to 14, as `^PR` counts.
    Speed(u8), "print speed", 1..=14, " inches a second"
);

ranged!(
    /// Dots by which a printer moves labels: at most 600, an inch of the finest print head.
    OffsetDots(i16), "offset", -600..=600, " dots"
);

/// Words of an enum, for records and people.
macro_rules! words {
    ($name:ident, $what:literal, $known:literal, $($word:literal => $value:ident),+) => {
        impl $name {
            /// The word for it in records and settings.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $($name::$value => $word,)+
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = SetupError;

            fn from_str(text: &str) -> Result<$name, SetupError> {
                match text {
                    $($word => Ok($name::$value),)+
                    other => Err(SetupError::Unknown {
                        what: $what,
                        found: other.chars().take(80).collect(),
                        known: $known,
                    }),
                }
            }
        }
    };
}

words!(Media, "kind of media", "gap, mark or continuous", "gap" => Gap, "mark" => Mark, "continuous" => Continuous);
words!(Delivery, "delivery", "tear-off, peel-off or cut", "tear-off" => TearOff, "peel-off" => PeelOff, "cut" => Cut);

impl PrinterSetup {
    /// From a printer's settings: darkness 0 to 30, inches a second, and how far to the right and down everything is moved,
    /// in micrometres.
    ///
    /// # Errors
    /// [`SetupError`] for settings that no printer has.
    pub fn of_settings(
        dpi: i64,
        darkness: i64,
        speed_in_per_s: i64,
        [right_um, down_um]: [i64; 2],
    ) -> Result<Self, SetupError> {
        let dots = |um: i64| OffsetDots::new(um.saturating_mul(dpi) / 25_400);
        Ok(Self {
            darkness: Darkness::new(darkness)?,
            speed: Speed::new(speed_in_per_s)?,
            offset_x_dots: dots(right_um)?,
            offset_y_dots: dots(down_um)?,
            ..Self::default()
        })
    }

    /// Commands that fix all settings a label depends on. They go inside a format, before its first field.
    ///
    /// `^JZN`: after a media or ribbon error the printer must not print a label again, it would repeat a serial.
    ///
    /// `^LT` and `^LS` stay 0: labels are moved by the coordinates of their fields. `^LT` reaches 120 dots, less on some
    /// printers, and pulls media back out of the platen on others; whether `^LS` outlives a job depends on the firmware.
    pub(super) fn commands(&self, compiled: &Compiled) -> String {
        let (width, height) = compiled.size_dots();
        // What was moved to the right or down must not be cut off there.
        let width = width + i32::from(self.offset_x_dots.get().max(0));
        let height = height + i32::from(self.offset_y_dots.get().max(0));
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
        let speed = self.speed.get();
        format!(
            "^CI28^PW{width}^LL{height}^LH0,0^LT0^LS0^PON^PMN^FWN^LRN^MM{delivery}^MN{media}^PR{speed}^MD0^JZN^BY2,3,10"
        )
    }

    /// What acts at once and so cannot be inside a stored format.
    pub(super) fn immediate(&self) -> String {
        format!("~SD{:02}\n", self.darkness.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_beyond_what_printers_know_are_refused_in_words() {
        let words = |result: Result<(), SetupError>| result.unwrap_err().to_string();
        assert_eq!(words(Darkness::new(-1).map(drop)), "the darkness is -1; it can be 0 to 30");
        assert_eq!(words(Speed::new(0).map(drop)), "the print speed is 0; it can be 1 to 14 inches a second");
        assert_eq!(words(Speed::new(270).map(drop)), "the print speed is 270; it can be 1 to 14 inches a second");
        assert_eq!(words(OffsetDots::new(601).map(drop)), "the offset is 601; it can be -600 to 600 dots");
        assert_eq!(OffsetDots::new(-600).map(OffsetDots::get), Ok(-600));
        assert_eq!((Darkness::new(30).map(Darkness::get), Speed::new(14).map(Speed::get)), (Ok(30), Ok(14)));
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for media in [Media::Gap, Media::Mark, Media::Continuous] {
            assert_eq!(media.name().parse(), Ok(media));
        }
        for delivery in [Delivery::TearOff, Delivery::PeelOff, Delivery::Cut] {
            assert_eq!(delivery.name().parse(), Ok(delivery));
        }
        let refused = "web".parse::<Media>().unwrap_err().to_string();
        assert_eq!(refused, "the kind of media is \"web\"; it can be gap, mark or continuous");
    }
}
