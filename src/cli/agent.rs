//! `nameplate agent`: carries labels from a server to the printers of a factory floor.

use super::failure::{Failure, Outcome};
use super::output::{note, stdout, visible};
use super::signals::{asked_to_end, end_when_asked};
use crate::agent::check::{Finding, check};
use crate::agent::config::Config;
use crate::agent::{Ended, Mode, StartError, start};
use std::io::Write;
use std::path::PathBuf;

/// Carries labels from a server to printers, and tells it what became of each
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Only outgoing connections are made: to the server, and to the printers. Labels in hand are
finished when it is asked to end. It can be killed at any moment: no label is sent twice.
docs/agent.md explains the configuration and what confirms a label on which printer.

Examples:
  nameplate agent --config agent.toml
  nameplate agent --config agent.toml --check    is everything as it should be?
  nameplate agent --config agent.toml --once     print what there is, then end")]
pub(super) struct Args {
    /// The configuration, a TOML file
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Look at the configuration, the server and the printers, and print nothing
    #[arg(long)]
    check: bool,
    /// End when there is nothing to print
    #[arg(long, conflicts_with = "check")]
    once: bool,
}

impl Args {
    pub(super) async fn run(self) -> Outcome {
        let config = Config::read(&self.config).map_err(Failure::failed)?;
        if self.check {
            end_when_asked();
            let found = tokio::task::spawn_blocking(move || check(&config)).await.map_err(Failure::failed)?;
            return report(&found);
        }
        let asked = asked_to_end();
        let mode = if self.once { Mode::Once } else { Mode::Forever };
        let running = start(&config, mode).map_err(|error| match error {
            StartError::Journal(error) => Failure::Installation(error.to_string()),
            error => Failure::failed(error),
        })?;
        note(format_args!(
            "nameplate {} carries labels from {} to {} printers (Ctrl-C ends it)",
            env!("CARGO_PKG_VERSION"),
            config.server,
            config.printers.len()
        ));
        let stop = running.stop();
        tokio::spawn(async move {
            asked.await;
            note("ending: labels in hand are finished first; Ctrl-C again ends at once");
            end_when_asked();
            stop.ask();
        });
        let ended = tokio::task::spawn_blocking(move || running.wait()).await.map_err(Failure::failed)?;
        summary(&ended)
    }
}

fn report(found: &[Finding]) -> Outcome {
    let mut out = stdout();
    for Finding { printer, is_well, text } in found {
        let mark = if *is_well { "ok   " } else { "FAULT" };
        let printer = printer.as_ref().map(|printer| format!("{printer}: ")).unwrap_or_default();
        writeln!(out, "{mark} {printer}{}", visible(text))?;
    }
    out.flush()?;
    if found.iter().all(|finding| finding.is_well) { Ok(()) } else { Err(Failure::Found) }
}

fn summary(ended: &[Ended]) -> Outcome {
    let mut problems = String::new();
    for Ended { printer, tally, problem } in ended {
        if tally.printed + tally.unknown + tally.not_printed > 0 {
            note(format_args!(
                "{printer}: {} labels confirmed, {} unconfirmed, {} given back",
                tally.printed, tally.unknown, tally.not_printed
            ));
        }
        if let Some(problem) = problem {
            problems.push_str(&format!("\n  {printer}: {}", visible(problem)));
        }
    }
    match problems.is_empty() {
        true => Ok(()),
        false => Err(Failure::Failed(format!("not everything went well:{problems}"))),
    }
}
