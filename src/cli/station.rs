//! `nameplate station`: a work station, with the server or without it.

use super::failure::{Failure, Outcome};
use super::installation::{Place, read_text};
use super::output::{note, print_json, stdout, visible};
use super::scan::ScanArgs;
use crate::agent::api::Api;
use crate::agent::config::Confirm;
use crate::agent::hand::Target;
use crate::service::print::{NewKit, Scan};
use crate::service::{Caller, Clock, random, rfc3339};
use crate::station::{Station, StationError, Told};
use clap::Subcommand;
use data_encoding::HEXLOWER;
use std::io::Write;
use std::path::PathBuf;

/// How many conflicts are asked for at a time.
const PAGE: u32 = 500;

/// Prints and scans labels at a station without the server, and tells it later
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Take a kit while the server is there; print and scan whenever; sync when it is there again.
A label is noted before it is sent: no serial is printed twice, whenever this is killed.

Examples:
  nameplate station kit --dir fi-1 --server https://np.example --token-file fi-1.token --station fi-1 \\
    --sku BO-G9 --batch HH/0007 --count 100 --media 60x40
  nameplate station print --dir fi-1 -n 5 --to tcp://192.168.4.20:9100
  nameplate station scan --dir fi-1 07K3-M9XQ-2WNF --id mac=00:11:62:0a:1b:2c
  nameplate station sync --dir fi-1 --server https://np.example --token-file fi-1.token"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

/// The server, as this station reaches it.
#[derive(Debug, clap::Args)]
struct Server {
    /// Address of the server
    #[arg(long, value_name = "URL")]
    server: String,
    /// File with the station's token
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// File with certificates (PEM) to trust instead of those that browsers trust
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Takes labels along: reserves serials, and keeps all that is needed to print them
    #[command(
        override_usage = "nameplate station kit --dir <DIR> --server <URL> --token-file <FILE> --station <STATION>\n    \
            --sku <SKU> --batch <BATCH> --count <COUNT> --media <WxH> [OPTIONS]",
        after_help = "\
Should it be cut off, give the same command again: it gets the same kit. After a success it takes another.

Examples:
  nameplate station kit --dir fi-1 --server https://np.example --token-file fi-1.token --station fi-1 \\
    --sku BO-G9 --batch HH/0007 --count 100 --media 60x40"
    )]
    Kit {
        /// The station's folder
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        #[command(flatten)]
        server: Server,
        /// The station's name
        #[arg(long)]
        station: String,
        /// SKU
        #[arg(long)]
        sku: String,
        /// Batch
        #[arg(long)]
        batch: String,
        /// How many labels, at most 500
        #[arg(long)]
        count: i64,
        /// Size of the labels in the printer, in millimetres
        #[arg(long, value_name = "WxH", value_parser = millimetres)]
        media: (u32, u32),
        /// Dots an inch of the printer: 203, 300 or 600
        #[arg(long, default_value_t = 203)]
        dpi: u32,
        /// What the printer takes: zpl-graphic, zpl-native, pdf or png
        #[arg(long, default_value = "zpl-graphic", value_parser = format)]
        format: crate::service::print::Format,
        /// Template; the SKU's own if left out
        #[arg(long)]
        template: Option<String>,
        /// The order that the units are for
        #[arg(long)]
        order: Option<String>,
    },
    /// Prints the next labels of the kits
    #[command(after_help = "\
Goes to a ZPL printer (tcp://host:9100), into a folder, or into a new file.

Examples:
  nameplate station print --dir fi-1 -n 5 --to tcp://192.168.4.20:9100
  nameplate station print --dir fi-1 -n 1 --to /mnt/labels --json")]
    Print {
        /// The station's folder
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// How many
        #[arg(short, long, default_value_t = 1)]
        number: u32,
        /// Where to
        #[arg(long, value_name = "TARGET")]
        to: String,
        /// What confirms a label at a printer: status, counter or none
        #[arg(long, default_value = "status", value_parser = confirm)]
        confirm: Confirm,
        /// Labels of this kit only
        #[arg(long)]
        kit: Option<String>,
        /// Print each label's serial and fate as a line of JSON
        #[arg(long)]
        json: bool,
    },
    /// Notes a label that was scanned on its unit, with the result of final inspection
    #[command(after_help = "\
Examples:
  nameplate station scan --dir fi-1 07K3-M9XQ-2WNF --id mac=00:11:62:0a:1b:2c
  nameplate station scan --dir fi-1 07K3-M9XQ-2WNF --fail --note 'dead pixels'")]
    Scan {
        /// The station's folder
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        #[command(flatten)]
        scan: ScanArgs,
    },
    /// Shows what the folder holds, and what the server does not know yet
    #[command(
        after_help = "Examples:\n  nameplate station status --dir fi-1\n  nameplate station status --dir fi-1 --json"
    )]
    Status {
        /// The station's folder
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
    /// Tells the server what was printed and scanned
    #[command(after_help = "\
What the server's records say otherwise is listed and stays as it is there; a person has to look.

Examples:
  nameplate station sync --dir fi-1 --server https://np.example --token-file fi-1.token")]
    Sync {
        /// The station's folder
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        #[command(flatten)]
        server: Server,
        /// Print the answer as JSON
        #[arg(long)]
        json: bool,
    },
    /// Lists where a station's journal and the records differ, on the server's machine
    #[command(after_help = "\
Examples:
  nameplate station conflicts fi-1
  nameplate station conflicts fi-1 --json")]
    Conflicts {
        /// The station's name
        station: String,
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        if let Command::Conflicts { station, json } = self.command {
            return conflicts(place, &station, json).await;
        }
        // Files, printers and the server: all of it waits.
        tokio::task::spawn_blocking(move || self.command.run()).await.map_err(Failure::failed)?
    }
}

impl Server {
    fn api(&self) -> Outcome<Api> {
        let token = read_text(&self.token_file, 1_000)?;
        let ca = self.ca_file.as_deref().map(|path| read_text(path, 1 << 20)).transpose()?;
        Api::new(&self.server, &token, ca.as_deref().map(str::as_bytes)).map_err(Failure::Usage)
    }
}

impl Command {
    fn run(self) -> Outcome {
        match self {
            Self::Kit { dir, server, station, sku, batch, count, media, dpi, format, template, order } => {
                let wanted = NewKit {
                    sku,
                    batch,
                    count,
                    order,
                    template,
                    format,
                    dpi,
                    media_width_um: media.0,
                    media_height_um: media.1,
                    offset_x_um: 0,
                    offset_y_um: 0,
                    darkness: 15,
                    speed_in_per_s: 4,
                };
                let api = server.api()?;
                let key = HEXLOWER.encode(&random::<16>()?);
                let kit = Station::open(&dir)?.take(&api, &station, &wanted, key)?;
                writeln!(
                    stdout(),
                    "kit {}: {} labels of {}, batch {}",
                    kit.kit,
                    kit.serials.len(),
                    kit.sku,
                    kit.batch
                )?;
                Ok(())
            }
            Self::Print { dir, number, to, confirm, kit, json } => {
                let mut target = Target::parse(&to, confirm).map_err(Failure::Usage)?;
                print(&Station::open(&dir)?, number, kit.as_deref(), &mut target, json)
            }
            Self::Scan { dir, scan } => {
                let scan = Scan { happened_at: Some(rfc3339(Clock::System.now_us())), ..scan.scan()? };
                let noted = Station::open(&dir)?.scan(scan)?;
                writeln!(stdout(), "{} noted", noted.serial)?;
                Ok(())
            }
            // Answered before, since it asks the records.
            Self::Conflicts { .. } => Ok(()),
            Self::Status { dir, json } => status(&Station::open(&dir)?, json),
            Self::Sync { dir, server, json } => {
                let told = Station::open(&dir)?.sync(&server.api()?)?;
                report(&told, json)
            }
        }
    }
}

fn print(station: &Station, number: u32, kit: Option<&str>, target: &mut Target, json: bool) -> Outcome {
    let mut out = stdout();
    let mut broken = None;
    let (done, why) = station.print(number, kit, target, |label| {
        let line = match (json, &label.note) {
            (true, _) => serde_json::to_string(label).unwrap_or_default(),
            (false, None) => format!("{} printed", label.serial),
            (false, Some(why)) => format!("{} sent, not confirmed: {}", label.serial, visible(why)),
        };
        if let Err(error) = writeln!(out, "{line}").and_then(|()| out.flush()) {
            broken.get_or_insert(error);
        }
    })?;
    match (why, broken) {
        (Some(why), _) => Err(Failure::Failed(format!("{done} of {number} labels were sent: {}", visible(&why)))),
        (None, Some(error)) => Err(error.into()),
        (None, None) => Ok(()),
    }
}

async fn conflicts(place: &Place, station: &str, json: bool) -> Outcome {
    let caller = Caller::command_line();
    let all = place.with(async |nameplate| {
        let (mut all, mut before) = nameplate.station_conflicts(&caller, station, None, PAGE).await?;
        while before.is_some() {
            let (page, next) = nameplate.station_conflicts(&caller, station, before, PAGE).await?;
            all.extend(page);
            before = next;
        }
        Ok(all)
    });
    let all = all.await?;
    if json {
        return print_json(&all);
    }
    let mut out = stdout();
    for conflict in &all {
        writeln!(out, "{}  {}  {}", conflict.at, visible(&conflict.entry), visible(&conflict.reason))?;
    }
    Ok(out.flush()?)
}

fn status(station: &Station, json: bool) -> Outcome {
    let (kits, scans) = (station.status()?, station.scans()?);
    if json {
        return print_json(&serde_json::json!({ "kits": kits, "scans": scans.entries() }));
    }
    let mut out = stdout();
    for kit in &kits {
        let (left, printed, unknown, untold) = (kit.left, kit.printed, kit.unknown, kit.untold);
        writeln!(
            out,
            "{} ({}) {} {}: {} labels, {left} left, {printed} printed, {unknown} not confirmed, {untold} not told yet",
            kit.kit, kit.job, kit.sku, kit.batch, kit.labels
        )?;
        for serial in &kit.doubtful {
            writeln!(out, "  {serial}: look whether its label came out, and scan it if it did")?;
        }
    }
    let open = scans.entries().iter().filter(|noted| noted.answer.is_none()).count();
    writeln!(out, "{} scans, {open} not told yet", scans.entries().len())?;
    for noted in scans.entries() {
        let reason = noted.answer.as_ref().and_then(|answer| answer.reason.as_deref());
        if let (Some(scan), Some(reason)) = (&noted.entry.scan, reason) {
            writeln!(out, "conflict {}: {}", scan.serial, visible(reason))?;
        }
    }
    Ok(out.flush()?)
}

fn report(told: &Told, json: bool) -> Outcome {
    if json {
        print_json(told)?;
    } else {
        let mut out = stdout();
        writeln!(out, "{} accepted, {} known, {} conflicts", told.accepted, told.known, told.conflicts.len())?;
        for conflict in &told.conflicts {
            let reason = conflict.reason.as_deref().unwrap_or_default();
            writeln!(out, "conflict {}: {}", conflict.id, visible(reason))?;
        }
        out.flush()?;
    }
    if told.conflicts.is_empty() {
        return Ok(());
    }
    note("the server keeps its records; look at the units before anything is changed");
    Err(Failure::Found)
}

/// A size in millimetres as micrometres.
fn millimetres(text: &str) -> Result<(u32, u32), String> {
    let wrong = || "write it in millimetres as WIDTHxHEIGHT, for example 60x40".to_owned();
    let um = |text: &str| {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()) && text.len() <= 3;
        if whole.is_empty() || !is_number(whole) || !is_number(part) {
            return Err(wrong());
        }
        format!("{whole}{part:0<3}").parse::<u32>().map_err(|_| wrong())
    };
    let (width, height) = text.split_once('x').ok_or_else(wrong)?;
    Ok((um(width)?, um(height)?))
}

fn format(text: &str) -> Result<crate::service::print::Format, String> {
    serde_json::from_value(text.into()).map_err(|_| "it can be zpl-graphic, zpl-native, pdf or png".to_owned())
}

fn confirm(text: &str) -> Result<Confirm, String> {
    match text {
        "status" => Ok(Confirm::Status),
        "counter" => Ok(Confirm::Counter),
        "none" => Ok(Confirm::None),
        _ => Err("it can be status, counter or none".into()),
    }
}

impl From<StationError> for Failure {
    fn from(error: StationError) -> Self {
        Self::Failed(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_millimetres() {
        assert_eq!(millimetres("60x40"), Ok((60_000, 40_000)));
        assert_eq!(millimetres("101.6x50.805"), Ok((101_600, 50_805)));
        for text in ["", "60", "60 x 40", "x40", "60x", "-6x4", "60.1234x40", "1000x1e3"] {
            assert!(millimetres(text).is_err(), "{text}");
        }
    }
}
