//! `nameplate template`: label templates made, checked and looked at.

mod lint;
mod new;
mod preview;
mod publish;
mod reference;

use super::failure::Outcome;
use super::installation::Place;
use clap::Subcommand;
use std::path::Path;

/// Makes, checks and shows label templates, without any server
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  nameplate template new my-label --from unit-60x40 -o my-label.toml
  nameplate template lint my-label.toml
  nameplate template preview my-label.toml -o my-label.png --watch"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    New(new::Args),
    Lint(lint::Args),
    Preview(preview::Args),
    Publish(publish::Args),
    Schema(reference::SchemaArgs),
    Reference(reference::ReferenceArgs),
}

impl Args {
    pub(super) async fn run(self, place: &Place, rows: Option<&Path>) -> Outcome {
        match self.command {
            Command::New(args) => args.run(),
            Command::Lint(args) => args.run(rows),
            Command::Preview(args) => args.run(rows).await,
            Command::Publish(args) => args.run(place).await,
            Command::Schema(args) => args.run(),
            Command::Reference(args) => args.run(),
        }
    }
}
