//! `nameplate template publish`: a template into the installation.

use crate::cli::failure::{Failure, Outcome};
use crate::cli::installation::Place;
use crate::cli::output::note;
use crate::service::Caller;
use std::fs;
use std::path::PathBuf;

/// Puts a template into the installation, after preflight and decode gate with worst-case data at every resolution
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A template with an error is not published. SKUs name a template by its name and get its newest
revision; earlier ones are kept.

Examples:
  nameplate template publish my-label.toml")]
pub(in crate::cli) struct Args {
    /// The template's file
    file: PathBuf,
}

impl Args {
    pub(in crate::cli) async fn run(self, place: &Place) -> Outcome {
        let source = fs::read_to_string(&self.file).map_err(|e| Failure::file(&self.file, "cannot be read", &e))?;
        let name = self.file.display().to_string();
        let caller = Caller::command_line();
        let published =
            place.with(async |nameplate| Ok(nameplate.publish_template(&caller, &name, &source).await?)).await?;
        note(format_args!(
            "template {} published as revision {}; {} labels drawn and read back",
            published.name,
            &published.digest[..12],
            published.labels_checked
        ));
        Ok(())
    }
}
