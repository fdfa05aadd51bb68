//! `nameplate rule`: what serials look like.

use super::failure::{Failure, Outcome};
use super::installation::{Place, read_text};
use super::output::{field, print_json, stdout, visible};
use crate::serial::RuleSpec;
use crate::service::rules::RuleRecord;
use crate::service::{Caller, Nameplate};
use clap::Subcommand;
use std::io::{self, Write};
use std::path::PathBuf;

/// A rule is a few lines of TOML.
const LONGEST_RULE: u64 = 64 << 10;

/// Lists, shows and defines the rules that serials are made by
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  nameplate rule list
  nameplate rule show s12
  nameplate rule define rule.toml"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists all rule versions
    #[command(after_help = "Examples:\n  nameplate rule list\n  nameplate rule list --json")]
    List {
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// Shows the versions of a rule with their figures
    #[command(after_help = "Examples:\n  nameplate rule show s12\n  nameplate rule show s12 --json")]
    Show {
        /// Rule
        rule: String,
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
    /// Records a new rule, or a new version of one
    #[command(after_help = "\
A definition looks like this:
  code = \"g7\"
  version = 1
  prefix = \"S/N\"
  grouping = { sizes = [4, 4] }
  segments = [
      { kind = \"literal\", text = \"G7\" },
      { kind = \"counter\", width = 4 },
      { kind = \"check\", scheme = \"rs2\" },
  ]
A rule whose serials could be another rule's is refused. A recorded version never changes.

Examples:
  nameplate rule define rule.toml
  nameplate rule define rule.toml --effective-on 2027-01-01")]
    Define {
        /// TOML file; - for standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// From which day it issues; today if left out
        #[arg(long, value_name = "DAY")]
        effective_on: Option<String>,
        /// Print the record as JSON
        #[arg(long)]
        json: bool,
    },
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        match self.command {
            Command::List { json } => place.with(async |nameplate| list(nameplate, json).await).await,
            Command::Show { rule, json } => place.with(async |nameplate| show(nameplate, &rule, json).await).await,
            Command::Define { file, effective_on, json } => {
                let text = read_text(&file, LONGEST_RULE)?;
                let spec =
                    RuleSpec::from_toml(&text).map_err(|e| Failure::Failed(format!("{}: {e}", file.display())))?;
                place
                    .with(async |nameplate| {
                        let day = effective_on.unwrap_or_else(|| nameplate.clock().today().to_string());
                        let record = nameplate.define_rule(&Caller::command_line(), spec, &day).await?;
                        print(&[record], json)
                    })
                    .await
            }
        }
    }
}

async fn list(nameplate: &Nameplate, json: bool) -> Outcome {
    let rules = nameplate.rule_records().await?;
    if json {
        return print_json(&rules);
    }
    let mut out = stdout();
    for rule in &rules {
        let used: u64 = rule.series.iter().map(|series| series.used).sum();
        let state = if rule.issued { "issued" } else { "unused" };
        writeln!(out, "{:<16} version {:<3} {state:<7} {used:>12} serials", rule.code, rule.version)?;
    }
    Ok(out.flush()?)
}

async fn show(nameplate: &Nameplate, code: &str, json: bool) -> Outcome {
    let mut rules = nameplate.rule_records().await?;
    rules.retain(|rule| rule.code == code);
    if rules.is_empty() {
        return Err(Failure::Failed(format!("there is no rule {code:?}: nameplate rule list names them")));
    }
    print(&rules, json)
}

fn print(rules: &[RuleRecord], json: bool) -> Outcome {
    if json {
        return print_json(&rules);
    }
    let mut out = stdout();
    rules.iter().try_for_each(|rule| print_one(&mut out, rule))?;
    Ok(out.flush()?)
}

fn print_one(out: &mut impl Write, rule: &RuleRecord) -> io::Result<()> {
    writeln!(out, "rule {} version {}", rule.code, rule.version)?;
    field(out, 1, "effective on", Some(&rule.effective_on))?;
    field(out, 1, "has issued", Some(if rule.issued { "yes: it can no longer change" } else { "no" }))?;
    field(out, 1, "digest", Some(&rule.digest))?;
    field(out, 1, "definition", Some(&rule.definition))?;
    field(out, 1, "undetected", Some(&rule.undetected))?;
    rule.confusable.iter().chain(&rule.warnings).try_for_each(|text| field(out, 1, "warning", Some(text)))?;
    for series in &rule.series {
        let name = if series.context.is_empty() { "(the only one)" } else { &series.context };
        write!(out, "  series {}: {} used, {} left", visible(name), series.used, series.remaining)?;
        match series.guesses_per_hit {
            Some(guesses) => writeln!(out, ", a guess hits once in {guesses}")?,
            None => writeln!(out)?,
        }
    }
    Ok(())
}
