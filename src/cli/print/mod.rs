//! `nameplate print`: print jobs, from the queue to what became of each label.

mod again;
mod file;
mod new;
mod settle;

use super::failure::Outcome;
use super::installation::Place;
use super::output::{field, note, print_json, stdout, visible};
use crate::service::print::{Control, ControlRequest, JobRecord, NewJob, TestLabels, WhichJobs};
use crate::service::report_fate::Selection;
use crate::service::{Caller, Nameplate, random};
use clap::Subcommand;
use data_encoding::HEXLOWER;
use std::io::Write;

const PAGE: u32 = 500;

/// Queues labels for printers, and says what became of them
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  nameplate print new --sku BO-G9 --batch HH/0007 --count 12 --station fi-1 --printer line-3
  nameplate print block BLK-0123456789ABCDEF --printer line-3
  nameplate print list --unconfirmed
  nameplate print settle JOB-0123456789ABCDEF --printed 07K3-M9XQ-2WNF"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    New(new::Args),
    /// Queues the labels of a block
    #[command(after_help = "\
Each serial is printed once; the artwork must be approved for SKU revision, template and resolution.

Examples:
  nameplate print block BLK-0123456789ABCDEF --printer line-3
  nameplate print block BLK-0123456789ABCDEF --printer line-3 --from 07K3-M9XQ-2WNF --priority 8
  nameplate print block BLK-0123456789ABCDEF --printer line-3 --serials 07K3-M9XQ-2WNF --hold")]
    Block {
        /// Block
        block: String,
        /// Only these serials, separated by commas
        #[arg(long, value_delimiter = ',', conflicts_with = "from")]
        serials: Vec<String>,
        /// Only from this serial to the end of the block
        #[arg(long)]
        from: Option<String>,
        #[command(flatten)]
        job: Job,
    },
    /// Queues the label of one unit
    #[command(after_help = "Examples:\n  nameplate print unit 07K3-M9XQ-2WNF --printer line-3")]
    Unit {
        /// Serial
        serial: String,
        #[command(flatten)]
        job: Job,
    },
    /// Queues test labels: no live serial, and TEST - NOT A SERIAL across each
    #[command(after_help = "Examples:\n  nameplate print test BO-G9 --count 2 --printer line-3")]
    Test {
        /// SKU
        sku: String,
        /// How many
        #[arg(long, default_value_t = 1)]
        count: u32,
        #[command(flatten)]
        job: Job,
    },
    /// Lists print jobs, newest first
    #[command(after_help = "\
Examples:
  nameplate print list
  nameplate print list --unconfirmed
  nameplate print list --printer line-3 --open --json")]
    List {
        /// Only jobs of this printer
        #[arg(long)]
        printer: Option<String>,
        /// Only jobs of this batch
        #[arg(long)]
        batch: Option<String>,
        /// Only jobs with labels that wait for a person
        #[arg(long)]
        unconfirmed: bool,
        /// Only jobs with labels that are not settled
        #[arg(long)]
        open: bool,
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// Shows a job and its labels
    #[command(after_help = "\
Examples:
  nameplate print show JOB-0123456789ABCDEF
  nameplate print show JOB-0123456789ABCDEF --state unconfirmed")]
    Show {
        /// Job
        job: String,
        /// Only labels of this state
        #[arg(long)]
        state: Option<String>,
        /// Print the job as JSON
        #[arg(long)]
        json: bool,
    },
    /// Hands nothing more of a job out until it is released
    #[command(after_help = "Examples:\n  nameplate print hold JOB-0123456789ABCDEF --reason 'wrong ribbon'")]
    Hold {
        /// Job
        job: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Lets a held or stopped job go on
    #[command(after_help = "Examples:\n  nameplate print release JOB-0123456789ABCDEF")]
    Release {
        /// Job
        job: String,
    },
    /// Cancels the labels of a job that were not handed out
    #[command(after_help = "Examples:\n  nameplate print cancel JOB-0123456789ABCDEF --reason 'order cancelled'")]
    Cancel {
        /// Job
        job: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
    Settle(settle::Args),
    Again(again::Args),
    File(file::Args),
}

/// What all new jobs share.
#[derive(Debug, clap::Args)]
struct Job {
    /// Printer
    #[arg(long)]
    printer: String,
    /// Template; the SKU's own if left out
    #[arg(long)]
    template: Option<String>,
    /// 0 to 9; higher goes first
    #[arg(long, default_value_t = 5)]
    priority: u8,
    /// Wait until somebody releases it
    #[arg(long)]
    hold: bool,
    /// Cancel what is still queued then, RFC 3339
    #[arg(long, value_name = "TIME")]
    expires_at: Option<String>,
    /// Makes repeating the command safe: the same key finds the same job
    #[arg(long)]
    key: Option<String>,
    /// Print the job as JSON
    #[arg(long)]
    json: bool,
}

/// A key that was given, or one of its own.
fn key_or_fresh(key: Option<&str>) -> Outcome<String> {
    match key {
        Some(key) => Ok(key.to_owned()),
        None => Ok(format!("cli-{}", HEXLOWER.encode(&random::<12>()?))),
    }
}

impl Job {
    async fn queue(&self, nameplate: &Nameplate, what: NewJob) -> Outcome {
        let new = NewJob {
            printer: self.printer.clone(),
            template: self.template.clone(),
            priority: self.priority,
            hold: self.hold,
            expires_at: self.expires_at.clone(),
            ..what
        };
        let key = key_or_fresh(self.key.as_deref())?;
        let record = nameplate.print(&Caller::command_line(), &key, &new).await?;
        if self.json { print_json(&record) } else { show(&record) }
    }
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        place.with(async |nameplate| self.command.run(nameplate).await).await
    }
}

impl Command {
    async fn run(self, nameplate: &Nameplate) -> Outcome {
        let empty = NewJob { block: None, ..NewJob::of_whole_block("", "", None) };
        match self {
            Self::New(args) => args.run(nameplate).await,
            Self::Block { block, serials, from, job } => {
                let serials = match (serials.is_empty(), from) {
                    (false, _) => Some(Selection::Serials(serials)),
                    (true, Some(from)) => Some(Selection::From(from)),
                    (true, None) => None,
                };
                job.queue(nameplate, NewJob { block: Some(block), serials, ..empty }).await
            }
            Self::Unit { serial, job } => job.queue(nameplate, NewJob { unit: Some(serial), ..empty }).await,
            Self::Test { sku, count, job } => {
                job.queue(nameplate, NewJob { test: Some(TestLabels { sku, count }), ..empty }).await
            }
            Self::List { printer, batch, unconfirmed, open, json } => {
                let which = WhichJobs {
                    printer: printer.as_deref(),
                    batch: batch.as_deref(),
                    unconfirmed,
                    open,
                    ..Default::default()
                };
                list(nameplate, &which, json).await
            }
            Self::Show { job, state, json } => show_job(nameplate, &job, state.as_deref(), json).await,
            Self::Hold { job, reason } => control(nameplate, &job, Control::Hold, Some(reason)).await,
            Self::Release { job } => control(nameplate, &job, Control::Release, None).await,
            Self::Cancel { job, reason } => control(nameplate, &job, Control::Cancel, Some(reason)).await,
            Self::Settle(args) => args.run(nameplate).await,
            Self::Again(args) => args.run(nameplate).await,
            Self::File(args) => args.run(nameplate).await,
        }
    }
}

async fn control(nameplate: &Nameplate, job: &str, control: Control, reason: Option<String>) -> Outcome {
    let request = ControlRequest { control, reason };
    let record = nameplate.control_job(&Caller::command_line(), job, &request).await?;
    note(format_args!("{} is {}", record.job, record.state));
    Ok(())
}

async fn list(nameplate: &Nameplate, which: &WhichJobs<'_>, json: bool) -> Outcome {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let (page, next) = nameplate.jobs(&Caller::command_line(), which, before, PAGE).await?;
        all.extend(page);
        if next.is_none() {
            break;
        }
        before = next;
    }
    if json {
        return print_json(&all);
    }
    let mut out = stdout();
    for job in &all {
        let counts = &job.counts;
        writeln!(
            out,
            "{}  {:<8} {:<10} {:<16} {:<16} {:>8} labels {:>8} printed {:>6} unconfirmed",
            job.job,
            job.kind,
            job.state,
            visible(&job.printer),
            visible(&job.sku),
            job.labels,
            counts.confirmed,
            counts.unconfirmed
        )?;
    }
    Ok(out.flush()?)
}

async fn show_job(nameplate: &Nameplate, job: &str, state: Option<&str>, json: bool) -> Outcome {
    let caller = Caller::command_line();
    let record = nameplate.job(&caller, job).await?;
    if json {
        return print_json(&record);
    }
    show(&record)?;
    let (mut out, mut after) = (stdout(), None);
    loop {
        let (page, next) = nameplate.job_labels(&caller, job, state, after, PAGE).await?;
        for range in page {
            let (first, last) = (&range.first_serial, &range.last_serial);
            let serials = if first == last { first.clone() } else { format!("{first} to {last}") };
            let note = range.note.as_deref().map_or(String::new(), |note| format!("  ({})", visible(note)));
            writeln!(out, "  {:<12} {:>8}  {serials}{note}", range.state, range.labels)?;
        }
        if next.is_none() {
            return Ok(out.flush()?);
        }
        after = next;
    }
}

/// A job in lines.
fn show(record: &JobRecord) -> Outcome {
    let mut out = stdout();
    let counts = &record.counts;
    field(&mut out, 0, "job", Some(&record.job))?;
    field(&mut out, 1, "kind", Some(&record.kind))?;
    field(&mut out, 1, "state", Some(&record.state))?;
    field(&mut out, 1, "because", record.state_reason.as_ref())?;
    field(&mut out, 1, "printer", Some(&record.printer))?;
    field(&mut out, 1, "SKU", Some(&record.sku))?;
    field(&mut out, 1, "batch", record.batch.as_ref())?;
    field(&mut out, 1, "block", record.block.as_ref())?;
    field(&mut out, 1, "copy", Some(record.copy).filter(|copy| *copy > 1))?;
    field(&mut out, 1, "template", Some(&record.template))?;
    field(&mut out, 1, "artwork", Some(&record.artwork))?;
    field(&mut out, 1, "approval", record.approval)?;
    field(&mut out, 1, "labels", Some(record.labels))?;
    let rows = [
        ("queued", counts.queued),
        ("leased", counts.leased),
        ("handed over", counts.handed_over),
        ("printed", counts.confirmed),
        ("unconfirmed", counts.unconfirmed),
        ("scrapped", counts.scrapped),
        ("cancelled", counts.canceled),
    ];
    for (name, count) in rows {
        field(&mut out, 2, name, Some(count).filter(|count| *count > 0))?;
    }
    Ok(out.flush()?)
}
