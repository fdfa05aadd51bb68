//! `nameplate label`: what a label is made of, and whether it still is.

use super::failure::{Failure, Outcome};
use super::installation::Place;
use super::output::{note, print_json};
use super::render::resolution;
use crate::service::Caller;
use crate::service::label_record::LabelRecord;
use crate::service::labels::LabelRequest;
use clap::Subcommand;

/// Shows what a label is made of, and checks a digest against the records
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  nameplate label show 07K3-M9XQ-2WNF --dpi 203
  nameplate label verify 07K3-M9XQ-2WNF --dpi 203 --digest 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Show(Show),
    Verify(Verify),
}

/// Which label.
#[derive(Debug, clap::Args)]
struct Which {
    /// The unit's serial, in any spelling
    serial: String,
    /// Label template; the SKU's own if left out
    #[arg(long)]
    template: Option<String>,
    /// Dots an inch of the printer: 203, 300 or 600
    #[arg(long, default_value_t = 203)]
    dpi: u32,
}

/// Prints a label's digest and all that it covers, as JSON
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The digest covers the template's revision, the data, fonts, pictures, resolution and renderer.

Examples:
  nameplate label show 07K3-M9XQ-2WNF --dpi 203")]
struct Show {
    #[command(flatten)]
    which: Which,
}

/// Computes a label's digest again from the records and compares it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status 1 if the records would now give another label; what they hold is then printed.

Examples:
  nameplate label verify 07K3-M9XQ-2WNF --dpi 203 --digest 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
struct Verify {
    #[command(flatten)]
    which: Which,
    /// The digest that was noted when the label was made
    #[arg(long)]
    digest: String,
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        match self.command {
            Command::Show(show) => print_json(&show.which.record(place).await?),
            Command::Verify(verify) => verify.run(place).await,
        }
    }
}

impl Which {
    async fn record(&self, place: &Place) -> Outcome<LabelRecord> {
        let request = LabelRequest { template: self.template.clone(), resolution: resolution(self.dpi)? };
        let caller = Caller::command_line();
        place.with(async |nameplate| Ok(nameplate.label_record(&caller, &self.serial, &request).await?)).await
    }
}

impl Verify {
    async fn run(&self, place: &Place) -> Outcome {
        let wanted = self.digest.trim().to_ascii_lowercase();
        if wanted.len() != 64 || !wanted.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Failure::Usage("a digest has 64 hexadecimal digits".to_owned()));
        }
        let record = self.which.record(place).await?;
        if record.digest == wanted {
            note(format_args!("the records give the same label of {} at {} dpi", record.serial, record.dpi));
            return Ok(());
        }
        print_json(&record)?;
        note(format_args!(
            "the records now give another label of {} at {} dpi than the digest says; above is what they hold",
            record.serial, record.dpi
        ));
        Err(Failure::Found)
    }
}
