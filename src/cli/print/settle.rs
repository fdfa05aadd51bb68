//! `nameplate print settle`: a person says what became of labels.

use super::key_or_fresh;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{note, print_json};
use crate::service::print::{Settlement, Verdict};
use crate::service::report_fate::Selection;
use crate::service::{Caller, Nameplate};

/// Says what became of labels that nobody knows about: printed, not printed, or damaged
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Scan or type the labels that came out. What certainly does not exist is queued again with the same
serials. Damaged labels, and those of which nobody can say, are scrapped: their serials become void
and new ones are printed.

Examples:
  nameplate print settle JOB-0123456789ABCDEF --printed 07K3-M9XQ-2WNF
  nameplate print settle JOB-0123456789ABCDEF --not-printed rest --reason 'roll was empty'
  nameplate print settle JOB-0123456789ABCDEF --damaged 07K3-M9XQ-2WNF --reason crumpled")]
pub(super) struct Args {
    /// Job
    job: String,
    /// These came out: serials separated by commas, FIRST..LAST, or `rest` for all that are unconfirmed
    #[arg(long, value_name = "SERIALS", group = "verdict")]
    printed: Option<String>,
    /// These certainly do not exist
    #[arg(long, value_name = "SERIALS", group = "verdict")]
    not_printed: Option<String>,
    /// These are damaged, or nobody can say
    #[arg(long, value_name = "SERIALS", group = "verdict")]
    damaged: Option<String>,
    /// How you know
    #[arg(long)]
    reason: Option<String>,
    /// Print no new serials for damaged ones
    #[arg(long)]
    no_replacement: bool,
    /// Makes repeating the command safe
    #[arg(long)]
    key: Option<String>,
    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

/// Serials as they are written on the command line.
pub(super) fn selection(text: &str) -> Selection {
    if text.eq_ignore_ascii_case("rest") {
        return Selection::Rest;
    }
    match text.split_once("..") {
        Some((first, last)) => Selection::Range { first: first.trim().to_owned(), last: last.trim().to_owned() },
        None => Selection::Serials(text.split(',').map(|serial| serial.trim().to_owned()).collect()),
    }
}

impl Args {
    pub(super) async fn run(self, nameplate: &Nameplate) -> Outcome {
        let (verdict, serials) = match (&self.printed, &self.not_printed, &self.damaged) {
            (Some(serials), ..) => (Verdict::Printed, serials),
            (_, Some(serials), _) => (Verdict::NotPrinted, serials),
            (.., Some(serials)) => (Verdict::Damaged, serials),
            _ => return Err(Failure::Usage("say --printed, --not-printed or --damaged, and which serials".into())),
        };
        let settlement =
            Settlement { verdict, serials: selection(serials), reason: self.reason, replace: !self.no_replacement };
        let key = key_or_fresh(self.key.as_deref())?;
        let settled = nameplate.settle(&Caller::command_line(), &self.job, &key, &settlement).await?;
        if self.json {
            return print_json(&settled);
        }
        note(format_args!("{} labels settled; {} is {}", settled.labels, settled.job.job, settled.job.state));
        if let Some(job) = &settled.replacement {
            note(format_args!("{} new serials are queued in {}", job.labels, job.job));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_are_written_in_three_ways() {
        assert_eq!(selection("Rest"), Selection::Rest);
        assert_eq!(selection("a, b"), Selection::Serials(vec!["a".into(), "b".into()]));
        assert_eq!(selection("a..b"), Selection::Range { first: "a".into(), last: "b".into() });
    }
}
