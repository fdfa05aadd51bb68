//! The command line: one file a subcommand.
//!
//! Results go to standard output, everything else to standard error. The exit status is 0 when all went well, 1 when it
//! did not or when a check found faults, 2 for a command line that cannot be meant, 3 when the installation cannot be
//! used (data folder, keys, lock, database), and 130 after Ctrl-C.

mod agent;
mod approval;
mod audit;
mod batch;
mod demo;
mod export;
mod failure;
mod import;
mod init;
mod inspect;
mod installation;
mod label;
mod labels;
mod logging;
mod openapi;
mod output;
mod print;
mod printer;
mod progress;
mod proof;
mod receipt;
mod record;
mod recover;
mod render;
mod report;
mod reserve;
mod resolve;
mod rule;
mod scan;
mod serial;
mod serve;
mod signals;
mod site;
mod station;
mod template;
mod token;
mod user;

use clap::parser::ValueSource;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use failure::{Failure, Outcome};
use installation::Place;
use std::process::ExitCode;

/// Gives every physical unit one identity: unique serials, labels that scan, records that last.
#[derive(Debug, Parser)]
#[command(name = "nameplate", version, arg_required_else_help = true, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  nameplate demo                          try everything, in folders of its own
  nameplate init                          make an installation in ./nameplate-data
  nameplate import catalogue/             brands, products, SKUs, batches
  nameplate reserve --sku BO-G9 --batch HH/0007 --count 100 --station line-1
  nameplate serve --listen 127.0.0.1:8080
  nameplate agent --config agent.toml     carry labels to printers
  nameplate inspect '07K3-M9XQ-2WNF' --station fi-1
  nameplate resolve '07K3-M9XQ-2WNF'

Exit status: 0 all went well; 1 it did not, or a check found faults; 2 wrong usage;
3 the installation cannot be used (data folder, keys, lock, database); 130 interrupted.";

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Args),
    Serve(serve::Args),
    Agent(agent::Args),
    Demo(demo::Args),
    Import(import::Args),
    Export(export::Args),
    Reserve(reserve::Args),
    Proof(proof::Args),
    Approval(approval::Args),
    Printer(printer::Args),
    Print(print::Args),
    Inspect(inspect::Args),
    Station(station::Args),
    Render(render::Args),
    Template(template::Args),
    Label(label::Args),
    Report(report::Args),
    Resolve(resolve::Args),
    Batch(batch::Args),
    Serial(serial::Args),
    Rule(rule::Args),
    Receipt(receipt::Args),
    Token(token::Args),
    User(user::Args),
    Audit(audit::Args),
    Recover(recover::Args),
    Openapi(openapi::Args),
}

/// The whole command line, for tests and for generators of completions and manuals.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the program with the arguments of this process.
#[must_use]
pub fn main() -> ExitCode {
    let parsed = Cli::command()
        .try_get_matches()
        .and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches.value_source("data"))));
    let (cli, data_source) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            // Nobody may be reading: `nameplate --help | head`.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return end(&Failure::Failed(format!("the system gives no threads: {error}"))),
    };
    let typed = data_source == Some(ValueSource::CommandLine);
    match runtime.block_on(run(cli, typed)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => end(&failure),
    }
}

fn end(failure: &Failure) -> ExitCode {
    if let Some(message) = failure.message() {
        output::note(format_args!("error: {message}"));
    }
    ExitCode::from(failure.status())
}

/// `data_typed`: the data folder was named on the command line, not by the environment.
async fn run(Cli { place, command }: Cli, data_typed: bool) -> Outcome {
    match &command {
        Command::Serve(_) => logging::server(),
        Command::Agent(_) => logging::server(),
        Command::Demo(_) => logging::command(),
        _ => {
            logging::command();
            signals::end_when_asked();
        }
    }
    // Where labels are drawn without an installation, --data names the rows.
    let rows = data_typed.then(|| place.data().to_owned());
    match command {
        Command::Init(args) => args.run(&place).await,
        Command::Serve(args) => args.run(&place).await,
        Command::Agent(args) => args.run().await,
        Command::Demo(args) => args.run(data_typed).await,
        Command::Import(args) => args.run(&place).await,
        Command::Export(args) => args.run(&place).await,
        Command::Reserve(args) => args.run(&place).await,
        Command::Proof(args) => args.run(&place).await,
        Command::Approval(args) => args.run(&place).await,
        Command::Printer(args) => args.run(&place).await,
        Command::Print(args) => args.run(&place).await,
        Command::Inspect(args) => args.run(&place).await,
        Command::Station(args) => args.run(&place).await,
        Command::Render(args) => args.run(&place, rows.as_deref()).await,
        Command::Template(args) => args.run(&place, rows.as_deref()).await,
        Command::Label(args) => args.run(&place).await,
        Command::Report(args) => args.run(&place).await,
        Command::Resolve(args) => args.run(&place).await,
        Command::Batch(args) => args.run(&place).await,
        Command::Serial(args) => args.run(&place).await,
        Command::Rule(args) => args.run(&place).await,
        Command::Receipt(args) => args.run(&place).await,
        Command::Token(args) => args.run(&place).await,
        Command::User(args) => args.run(&place).await,
        Command::Audit(args) => args.run(&place).await,
        Command::Recover(args) => args.run(&place).await,
        Command::Openapi(args) => args.run().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All commands, the innermost too.
    fn commands(command: &clap::Command) -> Vec<clap::Command> {
        let inner = command.get_subcommands().filter(|c| c.get_name() != "help").flat_map(commands);
        std::iter::once(command.clone()).chain(inner).collect()
    }

    /// The words of a command line as a shell would split it, up to a pipe or redirection.
    fn words(line: &str) -> Vec<String> {
        let mut words = vec![String::new()];
        let mut quoted = false;
        for c in line.chars() {
            match c {
                '\'' => quoted = !quoted,
                ' ' if !quoted => words.push(String::new()),
                '|' | '<' | '>' if !quoted => break,
                c => words.last_mut().unwrap().push(c),
            }
        }
        words.retain(|word| !word.is_empty());
        words
    }

    #[test]
    fn the_definition_is_consistent() {
        command().debug_assert();
    }

    /// An example that the program itself would refuse is worse than none.
    #[test]
    fn every_command_has_examples_and_they_can_be_typed() {
        let mut tried = 0;
        for one in commands(&command()) {
            let after = one.get_after_help().map(ToString::to_string).unwrap_or_default();
            // As a shell reads it: a line that ends in a backslash goes on.
            let after = after.replace(" \\\n    ", " ");
            let lines = after.lines().skip_while(|l| !l.starts_with("Example")).skip(1);
            let lines =
                lines.filter_map(|l| l.starts_with("  ").then(|| l.find("nameplate ").map(|at| &l[at..])).flatten());
            let lines: Vec<&str> = lines.map(|l| l.split("   ").next().unwrap()).collect();
            assert!(!lines.is_empty(), "{} has no example", one.get_name());
            for line in lines {
                let parsed = command().try_get_matches_from(words(line));
                assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
                tried += 1;
            }
        }
        assert!(tried > 30, "{tried}");
    }

    /// Serials in help texts are looked at by the shipped rule: only the mistyped ones of `serial suggest` are bad.
    #[test]
    fn serials_in_help_texts_are_good() {
        use crate::serial::{PermutationKey, Rule, RuleSpec};
        let rule = Rule::compile(RuleSpec::s12(), &PermutationKey([0; 32])).unwrap();
        let looks_like_one = |word: &&str| {
            let groups: Vec<_> = word.split('-').collect();
            let is_symbol = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase() || c == '?';
            let lengths: Vec<_> = groups.iter().map(|group| group.len()).collect();
            (lengths == [4, 4, 4] || lengths == [12]) && groups.concat().chars().all(is_symbol)
        };
        let (mut good, mut mistyped) = (0, 0);
        for one in commands(&command()) {
            let help = one.get_after_help().map(ToString::to_string).unwrap_or_default();
            for line in help.lines() {
                for text in line.split([' ', '\'']).filter(looks_like_one) {
                    if line.contains("serial suggest") {
                        let meant = rule.suggest(text, 8);
                        assert!(rule.parse(text).is_err() && !meant.is_empty(), "{line}");
                        mistyped += 1;
                    } else {
                        assert!(rule.parse(text).is_ok(), "{line}: {:?}", rule.parse(text));
                        good += 1;
                    }
                }
            }
        }
        assert!(good >= 8 && mistyped >= 3, "{good} good, {mistyped} mistyped");
    }
}
