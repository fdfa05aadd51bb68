//! `nameplate serial new`: serials to try things with.

use super::rules;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::installation::Place;
use crate::cli::output::{note, stdout};
use crate::cli::progress::bar;
use crate::serial::{ContextInputs, PermutationKey, Rule, RuleSpec};
use crate::service::{Clock, random};
use clap::ValueEnum;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::PathBuf;

/// How many serials are made between two steps of the progress.
const STEP: u64 = 1 << 14;

/// Makes sample serials
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Samples pass every check of form, but come out of a throw-away key: they are recorded
nowhere and must not be put on units. Serials for units come from `nameplate reserve`.

Examples:
  nameplate serial new
  nameplate serial new --rule s9 --count 20 --seed trial
  nameplate serial new --count 1000000 --format csv > samples.csv
  nameplate serial new --definition rule.toml --rule g7 --count 5")]
pub(super) struct Args {
    /// Rule
    #[arg(long, default_value = "s12")]
    rule: String,
    /// How many
    #[arg(long, default_value_t = 1)]
    count: u64,
    /// The same seed gives the same samples; each time others if left out
    #[arg(long)]
    seed: Option<String>,
    /// Product code, for rules that have one in the serial
    #[arg(long)]
    product_code: Option<String>,
    /// Day, for rules that have it in the serial; today if left out
    #[arg(long, value_name = "DAY")]
    date: Option<jiff::civil::Date>,
    /// Rule definition in TOML, instead of the known rules; can be given many times
    #[arg(long, value_name = "FILE")]
    definition: Vec<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One serial a line, in groups as printed
    Text,
    /// CSV: n, serial, printed
    Csv,
    /// JSON, one a line
    Jsonl,
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        let known = rules::known(place, &self.definition).await?;
        let rule = self.sample_rule(&known.rules)?;
        let inputs = ContextInputs {
            epoch: 0,
            date: self.date.unwrap_or_else(|| Clock::System.today()),
            product_code: self.product_code.as_deref(),
        };
        let context = rule.context(&inputs).map_err(Failure::failed)?;
        let series = rule.series(&context).map_err(Failure::failed)?;
        if self.count == 0 || self.count > rule.capacity() {
            return Err(Failure::Usage(format!("--count takes 1 to {} with this rule", rule.capacity())));
        }
        note("these are samples of a throw-away key: never put them on units (nameplate reserve issues serials)");
        let mut out = stdout();
        let progress = bar("making samples", self.count);
        if self.format == Format::Csv {
            out.write_all(b"n,serial,printed\n")?;
        }
        for (n, serial) in (1_u64..).zip(series.serials(0, self.count - 1).map_err(Failure::failed)?) {
            let (stored, printed) = (serial.as_str(), serial.grouped(&rule));
            match self.format {
                Format::Text => writeln!(out, "{printed}")?,
                Format::Csv => writeln!(out, "{n},{stored},{printed}")?,
                Format::Jsonl => {
                    writeln!(out, r#"{{"n":{n},"serial":"{stored}","printed":"{printed}","sample":true}}"#)?;
                }
            }
            if n.is_multiple_of(STEP) {
                progress.set_position(n);
            }
        }
        progress.finish_and_clear();
        Ok(out.flush()?)
    }

    /// The rule under a key that is used for nothing else. The newest version counts.
    fn sample_rule(&self, known: &[Rule]) -> Outcome<Rule> {
        let named = known.iter().map(Rule::spec).filter(|spec| spec.code == self.rule);
        let spec: RuleSpec = named.max_by_key(|spec| spec.version).cloned().ok_or_else(|| {
            let names: Vec<_> = known.iter().map(|rule| rule.spec().code.as_str()).collect();
            Failure::Usage(format!("there is no rule {:?} here; there is {}", self.rule, names.join(", ")))
        })?;
        let key = match &self.seed {
            Some(seed) => Sha256::digest(format!("nameplate sample key {seed}")).into(),
            None => random::<32>()?,
        };
        Rule::compile(spec, &PermutationKey(key)).map_err(Failure::failed)
    }
}
