//! `nameplate printer`: the printers of the factory.

use super::failure::Outcome;
use super::installation::Place;
use super::output::{field, note, print_json, stdout, visible};
use crate::service::print::{Driver, Format, NewPrinter, PrinterRecord, PrinterSettings};
use crate::service::{Caller, Nameplate};
use clap::Subcommand;
use std::io::{self, Write};

const PAGE: u32 = 500;

/// Registers printers, shows how they are, pauses and retires them
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  nameplate printer add line-3 --driver raw --dpi 203 --media 60x40
  nameplate printer list
  nameplate printer pause line-3"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Registers a printer and prints its token, this once only
    #[command(after_help = "\
The token goes into the agent's configuration (see `nameplate agent --help`), or for CloudPRNT into
the printer's own settings as the password. Sizes are in millimetres, width x height.

Examples:
  nameplate printer add line-3 --driver raw --format zpl-graphic --dpi 203 --media 60x40
  nameplate printer add office --driver ipp --dpi 300 --media 60x40 --site Shenzhen
  nameplate printer add star-1 --driver cloudprnt --dpi 203 --media 60x40 --mac 00:11:62:0a:1b:2c")]
    Add {
        /// Its name
        printer: String,
        #[command(flatten)]
        settings: Settings,
        /// Print printer and token as JSON
        #[arg(long)]
        json: bool,
    },
    /// Changes settings of a printer: those that are named
    #[command(after_help = "\
Examples:
  nameplate printer set line-3 --media 60x40 --darkness 20
  nameplate printer set line-3 --offset-x-um 500")]
    Set {
        /// Its name
        printer: String,
        #[command(flatten)]
        change: Change,
    },
    /// Lists the printers
    #[command(after_help = "Examples:\n  nameplate printer list\n  nameplate printer list --json")]
    List {
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// Shows a printer, what it said last, and its counters
    #[command(after_help = "Examples:\n  nameplate printer show line-3\n  nameplate printer show line-3 --json")]
    Show {
        /// Its name
        printer: String,
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
    /// Hands no more labels out to a printer
    #[command(after_help = "Examples:\n  nameplate printer pause line-3")]
    Pause {
        /// Its name
        printer: String,
    },
    /// Lets a paused printer go on
    #[command(after_help = "Examples:\n  nameplate printer enable line-3")]
    Enable {
        /// Its name
        printer: String,
    },
    /// Takes a printer out of use
    #[command(after_help = "Examples:\n  nameplate printer retire line-3")]
    Retire {
        /// Its name
        printer: String,
    },
}

#[derive(Debug, clap::Args)]
struct Settings {
    /// How labels reach it: raw, ipp, cloudprnt, folder
    #[arg(long, value_parser = word::<Driver>)]
    driver: Driver,
    /// Dots an inch: 203, 300 or 600
    #[arg(long)]
    dpi: u32,
    /// Label size in it, in millimetres: 60x40
    #[arg(long, value_parser = size)]
    media: (u32, u32),
    /// Address of its network card, for CloudPRNT
    #[arg(long)]
    mac: Option<String>,
    #[command(flatten)]
    change: Common,
}

/// What can be left out when a printer is registered.
#[derive(Debug, clap::Args)]
struct Common {
    /// Site
    #[arg(long)]
    site: Option<String>,
    /// Production line
    #[arg(long)]
    line: Option<String>,
    /// What is sent to it: zpl-native, zpl-graphic, pdf, png
    #[arg(long, value_parser = word::<Format>)]
    format: Option<Format>,
    /// Moves everything to the right, in micrometres; negative: to the left
    #[arg(long, allow_negative_numbers = true)]
    offset_x_um: Option<i32>,
    /// Moves everything down, in micrometres; negative: up
    #[arg(long, allow_negative_numbers = true)]
    offset_y_um: Option<i32>,
    /// Darkness, 0 to 30
    #[arg(long)]
    darkness: Option<u8>,
    /// Speed in inches a second, 1 to 14
    #[arg(long)]
    speed: Option<u8>,
}

#[derive(Debug, clap::Args)]
struct Change {
    /// Dots an inch: 203, 300 or 600
    #[arg(long)]
    dpi: Option<u32>,
    /// Label size in it, in millimetres: 60x40
    #[arg(long, value_parser = size)]
    media: Option<(u32, u32)>,
    /// Address of its network card, for CloudPRNT
    #[arg(long)]
    mac: Option<String>,
    #[command(flatten)]
    change: Common,
}

impl Common {
    fn into_settings(self, mut settings: PrinterSettings) -> PrinterSettings {
        settings.site = self.site.unwrap_or(settings.site);
        settings.line = self.line.unwrap_or(settings.line);
        settings.format = self.format.or(settings.format);
        settings.offset_x_um = self.offset_x_um.unwrap_or(settings.offset_x_um);
        settings.offset_y_um = self.offset_y_um.unwrap_or(settings.offset_y_um);
        settings.darkness = self.darkness.unwrap_or(settings.darkness);
        settings.speed_in_per_s = self.speed.unwrap_or(settings.speed_in_per_s);
        settings
    }
}

/// A word as the API spells it.
fn word<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(text.into()).map_err(|e| e.to_string())
}

/// A size in millimetres, in micrometres.
fn size(text: &str) -> Result<(u32, u32), String> {
    let um = |text: &str| -> Option<u32> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let part = format!("{part:0<3}");
        let digits = |text: &str| text.len() <= 4 && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || part.len() != 3 || !digits(&part) {
            return None;
        }
        Some(whole.parse::<u32>().ok()? * 1_000 + part.parse::<u32>().ok()?)
    };
    let (width, height) = text.split_once(['x', 'X']).ok_or("write width x height in millimetres, e.g. 60x40")?;
    um(width).zip(um(height)).ok_or_else(|| "write width x height in millimetres, e.g. 60x40 or 57.5x32".to_owned())
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        place.with(async |nameplate| self.command.run(nameplate).await).await
    }
}

impl Command {
    async fn run(self, nameplate: &Nameplate) -> Outcome {
        let caller = Caller::command_line();
        match self {
            Self::Add { printer, settings, json } => add(nameplate, printer, settings, json).await,
            Self::Set { printer, change } => {
                let now = nameplate.printer(&caller, &printer).await?;
                let mut settings = change.change.into_settings(now.settings);
                settings.dpi = change.dpi.unwrap_or(settings.dpi);
                settings.mac = change.mac.or(settings.mac);
                if let Some((width, height)) = change.media {
                    (settings.media_width_um, settings.media_height_um) = (width, height);
                }
                let record = nameplate.edit_printer(&caller, &printer, now.version, &settings).await?;
                show(&record)
            }
            Self::List { json } => list(nameplate, json).await,
            Self::Show { printer, json } => {
                let record = nameplate.printer(&caller, &printer).await?;
                if json { print_json(&record) } else { show(&record) }
            }
            Self::Pause { printer } => set_state(nameplate, &printer, "paused").await,
            Self::Enable { printer } => set_state(nameplate, &printer, "enabled").await,
            Self::Retire { printer } => set_state(nameplate, &printer, "retired").await,
        }
    }
}

async fn add(nameplate: &Nameplate, printer: String, settings: Settings, json: bool) -> Outcome {
    let base = PrinterSettings {
        site: String::new(),
        line: String::new(),
        driver: settings.driver,
        format: None,
        dpi: settings.dpi,
        media_width_um: settings.media.0,
        media_height_um: settings.media.1,
        offset_x_um: 0,
        offset_y_um: 0,
        darkness: 15,
        speed_in_per_s: 4,
        mac: settings.mac,
        state: "enabled".into(),
    };
    let new = NewPrinter { printer, settings: settings.change.into_settings(base) };
    let registered = nameplate.register_printer(&Caller::command_line(), &new).await?;
    if json {
        return print_json(&registered);
    }
    note(format_args!("{} is registered. Its token, shown this once only:", registered.printer.printer));
    let mut out = stdout();
    writeln!(out, "{}", registered.token.token)?;
    Ok(out.flush()?)
}

async fn set_state(nameplate: &Nameplate, printer: &str, state: &str) -> Outcome {
    let caller = Caller::command_line();
    let now = nameplate.printer(&caller, printer).await?;
    let settings = PrinterSettings { state: state.to_owned(), ..now.settings };
    let record = nameplate.edit_printer(&caller, printer, now.version, &settings).await?;
    note(format_args!("{} is {}", record.printer, record.settings.state));
    Ok(())
}

async fn list(nameplate: &Nameplate, json: bool) -> Outcome {
    let (mut all, mut after) = (Vec::new(), Some(String::new()));
    while let Some(start) = after {
        let (page, next) = nameplate.printers(&Caller::command_line(), &start, PAGE).await?;
        all.extend(page);
        after = next;
    }
    if json {
        return print_json(&all);
    }
    let mut out = stdout();
    for one in &all {
        let is = if one.online { "online" } else { "offline" };
        writeln!(
            out,
            "{:<20} {:<9} {:<7} {:<10} {:<12} {:>4} dpi {:>9} {:>7} waiting {:>9} printed",
            visible(&one.printer),
            one.settings.state,
            is,
            name(&one.settings.driver),
            name(&one.settings.format),
            one.settings.dpi,
            media(&one.settings),
            one.waiting_labels,
            one.confirmed,
        )?;
    }
    Ok(out.flush()?)
}

fn name(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn media(settings: &PrinterSettings) -> String {
    let mm = |um: u32| {
        let text = format!("{}.{:03}", um / 1_000, um % 1_000);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    format!("{}x{}", mm(settings.media_width_um), mm(settings.media_height_um))
}

fn show(record: &PrinterRecord) -> Outcome {
    let mut out = stdout();
    let place = [&record.settings.site, &record.settings.line].map(String::as_str).join(" ");
    field(&mut out, 0, "printer", Some(&record.printer))?;
    field(&mut out, 1, "state", Some(&record.settings.state))?;
    field(&mut out, 1, "place", Some(place.trim()).filter(|place| !place.is_empty()))?;
    field(&mut out, 1, "driver", Some(name(&record.settings.driver)))?;
    field(&mut out, 1, "format", Some(name(&record.settings.format)))?;
    field(&mut out, 1, "dpi", Some(record.settings.dpi))?;
    field(&mut out, 1, "media (mm)", Some(media(&record.settings)))?;
    field(&mut out, 1, "darkness", Some(record.settings.darkness))?;
    field(&mut out, 1, "speed (in/s)", Some(record.settings.speed_in_per_s))?;
    said(&mut out, record)?;
    field(&mut out, 1, "current job", record.current_job.as_ref())?;
    field(&mut out, 1, "waiting", Some(format!("{} labels of {} jobs", record.waiting_labels, record.waiting_jobs)))?;
    field(&mut out, 1, "printed", Some(record.confirmed))?;
    field(&mut out, 1, "unconfirmed", Some(record.unconfirmed))?;
    Ok(out.flush()?)
}

fn said(out: &mut impl Write, record: &PrinterRecord) -> io::Result<()> {
    field(out, 1, "online", Some(if record.online { "yes" } else { "no" }))?;
    field(out, 1, "last seen", record.last_seen.as_ref())?;
    let Some(status) = &record.status else { return Ok(()) };
    field(out, 1, "says", Some(name(&status.state)))?;
    field(out, 2, "media", Some(name(&status.media)))?;
    field(out, 2, "ribbon", Some(name(&status.ribbon)))?;
    field(out, 2, "head", Some(name(&status.head)))?;
    field(out, 2, "detail", status.detail.as_ref())?;
    field(out, 2, "agent", status.agent.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_millimetres() {
        assert_eq!(size("60x40"), Ok((60_000, 40_000)));
        assert_eq!(size("57.5X32.125"), Ok((57_500, 32_125)));
        for bad in ["60", "60x", "x40", "60mm x 40", "6e1x40", "-60x40", "60.0000x40", "99999x1"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }
}
