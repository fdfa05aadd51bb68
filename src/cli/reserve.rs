//! `nameplate reserve`: a block of serials.

use super::failure::{Failure, Outcome};
use super::installation::Place;
use super::output::{field, note, stdout, write_file};
use super::progress::bar;
use crate::service::serials::SerialFormat;
use crate::service::{BlockSerials, Caller, ReserveBlock, ServiceError, random};
use clap::ValueEnum;
use data_encoding::HEXLOWER;
use serde::Deserialize;
use std::io::{self, Write};
use std::path::PathBuf;

/// Longest idempotency key, in characters; as in the HTTP API.
const LONGEST_KEY: usize = 128;

/// Reserves a block of serials and prints them with the signed receipt
#[derive(Debug, clap::Args)]
#[command(after_help = "\
For machines without a server: while one runs, ask it over HTTP. The same --key gives the
same block again: if a command breaks off, run it again with the key that it printed.

Examples:
  nameplate reserve --sku BO-G9 --batch HH/0007 --count 100 --station line-1
  nameplate reserve --sku NT-M2-KES --batch 2025-W14-M2 --count 5000 --station line-1 --key po-4711 --format csv > serials.csv
  nameplate reserve --sku 9521234000013 --batch HH/0007 --count 1 --station line-1 --format json | jq -r .receipt")]
pub(super) struct Args {
    /// SKU: its code, GTIN or another name
    #[arg(long)]
    sku: String,
    /// Batch
    #[arg(long)]
    batch: String,
    /// How many serials, 1 to 1,000,000
    #[arg(long, allow_negative_numbers = true)]
    count: i64,
    /// Who asks: the station that answers for the serials
    #[arg(long)]
    station: String,
    /// The order that it is for
    #[arg(long)]
    order: Option<String>,
    /// Idempotency key; a random one is made and printed if left out
    #[arg(long)]
    key: Option<String>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write the receipt to this file, too
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Block, serials and receipt, for people
    Text,
    /// The serials as CSV
    Csv,
    /// The serials as JSON, one a line
    Jsonl,
    /// The answer with the receipt, without the serials
    Json,
}

/// What is needed of the stored answer.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    pub(super) block: String,
    pub(super) sku: String,
    pub(super) batch: String,
    pub(super) station: String,
    pub(super) count: u64,
    pub(super) rule: String,
    pub(super) reserved_at: String,
    pub(super) receipt: String,
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        let request = ReserveBlock::parse(&self.sku, &self.batch, self.count, &self.station, self.order.as_deref())
            .map_err(ServiceError::from)?;
        let key = self.key()?;
        place
            .with(async |nameplate| {
                if self.key.is_none() {
                    // Before anything is reserved: whoever kills the command has to know its key.
                    note(format_args!(
                        "If this command breaks off, run it again with --key {key}: you get the same serials."
                    ));
                }
                let caller = Caller::command_line();
                let reserved = nameplate.reserve_block(&caller, &key, request).await?;
                let answer: Answer = serde_json::from_str(&reserved.answer)?;
                if reserved.replayed {
                    note("this key was used before: this is the block that was reserved then");
                }
                if let Some(path) = &self.receipt {
                    write_file(path, |file| writeln!(file, "{}", answer.receipt))?;
                }
                let (_, serials) = nameplate.block(&caller, &answer.block).await?;
                self.print(&reserved.answer, &answer, &serials)
            })
            .await
    }

    /// The key given, or a fresh one.
    fn key(&self) -> Outcome<String> {
        let Some(key) = &self.key else {
            return Ok(HEXLOWER.encode(&random::<16>()?));
        };
        let fits = (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
        if fits {
            Ok(key.clone())
        } else {
            Err(Failure::Usage(format!("--key takes 1 to {LONGEST_KEY} visible ASCII characters without spaces")))
        }
    }

    fn print(&self, raw: &str, answer: &Answer, serials: &BlockSerials) -> Outcome {
        let mut out = stdout();
        match self.format {
            Format::Json => writeln!(out, "{raw}")?,
            Format::Text => print_text(&mut out, answer, serials)?,
            Format::Csv | Format::Jsonl => {
                let format = if self.format == Format::Csv { SerialFormat::Csv } else { SerialFormat::JsonLines };
                let bar = bar("writing serials", serials.count());
                serials.write(format, 0, &mut bar.wrap_write(&mut out))?;
                bar.finish_and_clear();
                note(format_args!("block {}, {} serials\nreceipt {}", answer.block, answer.count, answer.receipt));
            }
        }
        Ok(out.flush()?)
    }
}

fn print_text(out: &mut impl Write, answer: &Answer, serials: &BlockSerials) -> io::Result<()> {
    writeln!(out, "block {}", answer.block)?;
    field(out, 1, "SKU", Some(&answer.sku))?;
    field(out, 1, "batch", Some(&answer.batch))?;
    field(out, 1, "station", Some(&answer.station))?;
    field(out, 1, "rule", Some(&answer.rule))?;
    field(out, 1, "reserved at", Some(&answer.reserved_at))?;
    field(out, 1, "serials", Some(answer.count))?;
    let rule = &serials.rule().rule;
    serials.each(0, u64::MAX, |_, serial| writeln!(out, "{}", serial.grouped(rule)))?;
    writeln!(out, "receipt {}", answer.receipt)
}
