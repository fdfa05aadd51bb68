//! `nameplate serial`: what can be said of a serial without any record.

mod check;
mod explain;
mod lines;
mod rules;
mod sample;
mod suggest;

use super::failure::Outcome;
use super::installation::Place;
use clap::Subcommand;
use std::path::PathBuf;

/// Checks and explains serials, suggests what was meant, makes samples
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
These commands look at the number alone: whether it was ever issued is for `nameplate
resolve` to say. Without --data (or NAMEPLATE_DATA) they know the shipped rules s12 and s9;
with it, the rules and keys of that installation.

Examples:
  nameplate serial check 07K3-M9XQ-2WNF
  nameplate serial check --json < scanned.txt
  nameplate serial explain 07K3M9XQ2WNF
  nameplate serial suggest 07K3-M9QX-2WNF
  nameplate serial new --count 20"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Checks serials: form, alphabet and check symbols
    #[command(after_help = "\
One verdict a line, in the order of the lines: `ok`, the serial and its rule, or `no`, the
text and what is wrong with it, separated by tabs. One `no` makes the exit status 1.

Examples:
  nameplate serial check 07K3-M9XQ-2WNF
  nameplate serial check < scanned.txt
  nameplate serial check --json < scanned.txt | jq -c 'select(.ok | not)'
  nameplate serial check --definition rule.toml G705001200")]
    Check(Input),
    /// Takes serials apart, symbol by symbol
    #[command(after_help = "\
Serials of the command line are explained over several lines, those of standard input in
one line each.

Examples:
  nameplate serial explain 07K3-M9XQ-2WNF
  nameplate serial explain --data /srv/nameplate 07K3M9XQ2WNF
  nameplate serial explain --json < serials.txt")]
    Explain(Input),
    /// Suggests the good serials that are one slip away; ? stands for a symbol that cannot be read
    #[command(after_help = "\
A suggestion is a guess: look it up before it is used. `nameplate resolve` suggests issued
serials only.

Examples:
  nameplate serial suggest 07K3-M9QX-2WNF
  nameplate serial suggest '07K3-M9?Q-2WN?'
  nameplate serial suggest --json < misread.txt")]
    Suggest(Input),
    /// Makes sample serials for trying scanners and systems; they are issued to nobody
    New(sample::Args),
}

/// Which serials are looked at, and by which rules.
#[derive(Debug, clap::Args)]
struct Input {
    /// Serials, in any spelling; standard input, one a line, if left out
    #[arg(value_name = "SERIAL")]
    serials: Vec<String>,
    /// Rule definition in TOML, instead of the known rules; can be given many times
    #[arg(long, value_name = "FILE")]
    definition: Vec<PathBuf>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        match self.command {
            Command::Check(input) => check::run(&input, &rules::known(place, &input.definition).await?),
            Command::Explain(input) => explain::run(&input, &rules::known(place, &input.definition).await?),
            Command::Suggest(input) => suggest::run(&input, &rules::known(place, &input.definition).await?),
            Command::New(args) => args.run(place).await,
        }
    }
}
