//! `nameplate receipt`: checks receipts without a server and without a database.

use super::failure::{Failure, Outcome};
use super::installation::{Place, read_text};
use super::output::{field, stdout, visible};
use crate::service::keys::{KEY_FILE, Keys};
use crate::service::rfc3339;
use crate::trace::{Receipt, ReceiptBody, VerifyingKeys};
use clap::Subcommand;
use data_encoding::HEXLOWER_PERMISSIVE;
use ed25519_dalek::VerifyingKey;
use std::io::{self, Write};
use std::path::PathBuf;

/// A file of receipts: a few hundred bytes each.
const LONGEST_FILE: u64 = 16 << 20;

/// Checks receipts offline, and prints the public keys that stations check them with
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  nameplate receipt check receipt.npr
  nameplate receipt keys"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Checks the signatures of receipts, one a line
    #[command(after_help = "\
With --public-key it works on any machine; without, the key file of the data folder says
which keys are ours. One receipt that is not ours makes the exit status 1.

Examples:
  nameplate receipt check receipt.npr
  cat *.npr | nameplate receipt check -
  nameplate receipt check receipt.npr --public-key 3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29")]
    Check {
        /// File with receipts; - for standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Public key in hex, as printed by `nameplate receipt keys`; can be given many times
        #[arg(long, value_name = "HEX")]
        public_key: Vec<String>,
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Prints id and public key of every signing key
    #[command(after_help = "Examples:\n  nameplate receipt keys --data /srv/nameplate")]
    Keys,
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        match self.command {
            Command::Keys => {
                let mut out = stdout();
                for (id, key) in own_keys(place)?.published() {
                    writeln!(out, "{id} {key}")?;
                }
                Ok(out.flush()?)
            }
            Command::Check { file, public_key, json } => {
                let keys = if public_key.is_empty() { own_keys(place)? } else { given_keys(&public_key)? };
                check(&read_text(&file, LONGEST_FILE)?, &keys, json)
            }
        }
    }
}

fn own_keys(place: &Place) -> Outcome<VerifyingKeys> {
    let keys = Keys::load(place.data()).map_err(|e| Failure::Installation(e.to_string()))?;
    let keys = keys.ok_or_else(|| {
        let path = place.data().join(KEY_FILE);
        Failure::Installation(format!(
            "there is no key file {}: name the data folder with --data, or the key with --public-key",
            path.display()
        ))
    })?;
    Ok(keys.verifying().clone())
}

fn given_keys(texts: &[String]) -> Outcome<VerifyingKeys> {
    let key = |text: &String| {
        let bytes = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok()?;
        VerifyingKey::from_bytes(&bytes.try_into().ok()?).ok()
    };
    let keys: Option<Vec<_>> = texts.iter().map(key).collect();
    let problem = "--public-key takes the 64 hexadecimal digits that `nameplate receipt keys` prints";
    Ok(VerifyingKeys::new(keys.ok_or_else(|| Failure::Usage(problem.into()))?))
}

fn check(text: &str, keys: &VerifyingKeys, json: bool) -> Outcome {
    let mut out = stdout();
    let (mut good, mut bad) = (0_u64, 0_u64);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let verdict = Receipt::verify(line, keys);
        if verdict.is_ok() {
            good += 1
        } else {
            bad += 1
        }
        match verdict {
            Ok(body) if json => writeln!(out, "{}", serde_json::json!({ "ok": true, "receipt": body }))?,
            Ok(body) => print(&mut out, &body)?,
            Err(fault) if json => {
                writeln!(out, "{}", serde_json::json!({ "ok": false, "message": fault.to_string() }))?;
            }
            Err(fault) => writeln!(out, "not good: {}", visible(&fault.to_string()))?,
        }
    }
    out.flush()?;
    match (good, bad) {
        (0, 0) => Err(Failure::Failed("there is no receipt to check".into())),
        (_, 0) => Ok(()),
        _ => Err(Failure::Found),
    }
}

fn print(out: &mut impl Write, body: &ReceiptBody) -> io::Result<()> {
    writeln!(out, "good: block {}", body.block)?;
    field(out, 1, "SKU", Some(&body.sku))?;
    field(out, 1, "batch", Some(&body.batch))?;
    field(out, 1, "station", Some(&body.station))?;
    field(out, 1, "serials", Some(body.last.saturating_sub(body.first).saturating_add(1)))?;
    field(out, 1, "first serial", Some(&body.first_serial))?;
    field(out, 1, "last serial", Some(&body.last_serial))?;
    field(out, 1, "reserved at", Some(rfc3339(body.created_us)))?;
    field(out, 1, "database", Some(&body.database))?;
    field(out, 1, "signed with", Some(&body.key))
}
