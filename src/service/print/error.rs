//! Why printing was refused.

use crate::print::{LabelState, StepRefused};

/// Why printing was refused. Nothing was changed, unless a variant says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrintError {
    /// Live serials are printed from approved artwork only.
    #[error("template {template} is not approved for {sku}{} at {dpi} dpi: {why}. To propose it to the buyer: nameplate proof new {sku} --dpi {dpi}", revision.as_ref().map_or(String::new(), |r| format!(" revision {r}")))]
    ApprovalMissing {
        /// SKU code.
        sku: String,
        /// Its revision in force.
        revision: Option<String>,
        /// Template name.
        template: String,
        /// Dots an inch.
        dpi: u32,
        /// No approval at all, or what has changed since.
        why: String,
    },
    /// The labels do not fit the printer.
    #[error("printer {printer} cannot print these labels: {problem}")]
    PrinterMismatch {
        /// Printer code.
        printer: String,
        /// What does not fit.
        problem: String,
    },
    /// The printer takes no jobs, or hands out no labels.
    #[error("printer {printer} is {state}")]
    PrinterNotEnabled {
        /// Printer code.
        printer: String,
        /// `paused` or `retired`.
        state: String,
    },
    /// A label with this serial exists already, or may.
    #[error("{serial} {}", in_job(.job.as_deref(), .state))]
    AlreadyPrinted {
        /// The first serial in the way.
        serial: String,
        /// Its label's state, or the serial's fate.
        state: String,
        /// The job that holds it.
        job: Option<String>,
    },
    /// The serial was reserved before the database was restored from a backup.
    #[error(
        "{serial} was reserved before the database was restored from a backup, so a label of it may exist that is not on \
         record: report it printed or applied if there is one, else void, and reserve a new one"
    )]
    PerhapsPrinted {
        /// The first of them.
        serial: String,
    },
    /// A serial that has never been printed cannot be printed again.
    #[error("{serial} has not been printed yet: make an ordinary print job")]
    NeverPrinted {
        /// The first of them.
        serial: String,
    },
    /// Today's label would look different: that is a re-issue, not a reprint.
    #[error("the label of {serial} would not be the same as before: {why}. Ask for a re-issue instead")]
    Reissue {
        /// The first of them.
        serial: String,
        /// What differs.
        why: String,
    },
    /// The brand demands that a second person agrees.
    #[error("job {job}: {problem}")]
    SecondPerson {
        /// Job code.
        job: String,
        /// Who is missing.
        problem: String,
    },
    /// The job cannot take this step.
    #[error("job {job} is {state}: {problem}")]
    JobState {
        /// Job code.
        job: String,
        /// Its state.
        state: String,
        /// Why not.
        problem: String,
    },
    /// There is no such lease, or it is another printer's.
    #[error("there is no such lease of this printer")]
    UnknownLease,
    /// The lease is over.
    #[error("this lease is over ({by}): stop printing from it, and take a new one")]
    LeaseEnded {
        /// What ended it: settled, expired, superseded, canceled.
        by: String,
    },
    /// Positions that the lease does not have.
    #[error("this lease has the labels 1 to {labels}: {problem}")]
    Positions {
        /// How many it has.
        labels: u64,
        /// What was asked.
        problem: String,
    },
    /// A result for a label that was never fetched.
    #[error("label {label} of this lease was never fetched, so it cannot have been printed from it")]
    NotHandedOver {
        /// Its position in the lease.
        label: u64,
    },
    /// A result that comes too late: the label went another way. The other results of the request were taken.
    #[error("the result for label {label} of this lease was not taken: {problem}. The others were")]
    ResultRefused {
        /// Its position in the lease.
        label: u64,
        /// What the label is now.
        problem: String,
    },
    /// What a person said does not fit the label.
    #[error("{serial}: {refused}")]
    Step {
        /// The first serial in the way.
        serial: String,
        /// Its state, and the step.
        refused: StepRefused,
    },
    /// A serial whose label waits, is on its way, or waits for a person.
    #[error("the label of {serial} is {state} in print job {job}: {}", next_step(.state))]
    OnItsWay {
        /// The first serial in the way.
        serial: String,
        /// Its label's state.
        state: LabelState,
        /// The job that holds it.
        job: String,
    },
    /// The unit is not what the station works on.
    #[error("{serial} is a unit of {kind} {found}, and {expected} was expected: look which label is on which unit")]
    OtherUnit {
        /// The unit.
        serial: String,
        /// `SKU` or `batch`.
        kind: &'static str,
        /// What it is.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// A secondary id that is another unit's.
    #[error("{kind} {value} is on record for {}: a unit has its own", unit(.serial.as_deref()))]
    SecondaryIdTaken {
        /// Its kind, e.g. `mac`.
        kind: String,
        /// As it was given.
        value: String,
        /// Whose it is; not told to callers of another brand.
        serial: Option<String>,
    },
    /// The unit has another secondary id of this kind.
    #[error("{serial} has {kind} {bound} on record, not {value}: if it was exchanged, say so with replace")]
    SecondaryIdDiffers {
        /// The unit.
        serial: String,
        /// The kind.
        kind: String,
        /// What is on record.
        bound: String,
        /// As it was given.
        value: String,
    },
}

fn unit(serial: Option<&str>) -> String {
    serial.map_or_else(|| "another unit".to_owned(), |serial| format!("unit {serial}"))
}

fn next_step(state: &LabelState) -> &'static str {
    match state {
        LabelState::Queued | LabelState::Leased(_) => "it is not printed yet. Wait for it, or cancel the job first",
        LabelState::HandedOver(_) => "its printer has not said yet what came out. Wait for that, or scan the label",
        _ => "nobody knows whether it came out. Settle that first: scan it, or say printed, not printed or damaged",
    }
}

/// What to do about a label that is in the way.
fn advice(state: &str) -> &'static str {
    match state {
        "queued" | "leased" | "handed over" => "wait for that job, or cancel it",
        "unconfirmed" => "first say what came out (settle it)",
        "void" | "returned" | "scrapped" => "it gets no label any more; reserve a new serial",
        _ => "a second label needs a reprint with its reason",
    }
}

fn in_job(job: Option<&str>, state: &str) -> String {
    match job {
        Some(job) => format!("is in print job {job} already ({state}): {}", advice(state)),
        None => format!("is {state} already: {}", advice(state)),
    }
}
