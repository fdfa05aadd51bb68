//! `nameplate proof`: what a label will look like, for the people whose brand is on it.

mod show;
mod verify;

use super::failure::{Failure, Outcome};
use super::installation::Place;
use super::output::{note, print_json, stdout, visible, write_file};
use crate::service::proof::{NewProof, ProofRecord, WhichProofs};
use crate::service::{Caller, Nameplate, random};
use crate::trace::ProofState;
use clap::Subcommand;
use data_encoding::HEXLOWER;
use std::io::Write;
use std::path::{Path, PathBuf};

const PAGE: u32 = 500;

/// Shows buyers what their labels will look like, and asks them to approve
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
A proof holds samples with the worst data that production can bring, what each code says, and the digests of all that the
label is made of. Buyers decide on the pages, where they sign in; nothing is printed from artwork that they have not approved.

Examples:
  nameplate proof new BO-G9 --dpi 203 --request
  nameplate proof list --state requested
  nameplate proof show PRF-0123ABCD
  nameplate proof certificate PRF-0123ABCD -o certificate.pdf
  nameplate proof verify certificate.pdf"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes a proof of a SKU's label as it is now
    #[command(after_help = "\
It is a draft until it is requested: the brand does not see it before.

Examples:
  nameplate proof new BO-G9
  nameplate proof new BO-G9 --revision B --dpi 300 --stock 'PET white 60x40, thermal transfer' --request
  nameplate proof new BO-G9 --replaces PRF-0123ABCD --note 'address corrected' --request")]
    New(New),
    /// Lists proofs, newest first
    #[command(
        after_help = "Examples:\n  nameplate proof list\n  nameplate proof list --state requested --sku BO-G9 --json"
    )]
    List {
        /// Only those in this state: draft, requested, changes_requested, approved, rejected, superseded, withdrawn
        #[arg(long)]
        state: Option<String>,
        /// Only those of this SKU
        #[arg(long)]
        sku: Option<String>,
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// Shows a proof: what its codes say, figures, comments, signatures
    #[command(after_help = "\
Examples:
  nameplate proof show PRF-0123ABCD
  nameplate proof show PRF-0123ABCD --difference
  nameplate proof show PRF-0123ABCD --json")]
    Show {
        /// Proof
        proof: String,
        /// Show what is different from the label that was approved before
        #[arg(long)]
        difference: bool,
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
    /// Shows a draft to the approvers of its brand and asks them
    #[command(after_help = "Examples:\n  nameplate proof request PRF-0123ABCD")]
    Request {
        /// Proof
        proof: String,
    },
    /// Takes a proof back; if it was approved, jobs under its approval stop
    #[command(after_help = "Examples:\n  nameplate proof withdraw PRF-0123ABCD --reason 'importer has moved'")]
    Withdraw {
        /// Proof
        proof: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Writes the samples into a folder: a PNG of the printer's dots each, and all as PDF
    #[command(after_help = "Examples:\n  nameplate proof samples PRF-0123ABCD -o proof/")]
    Samples {
        /// Proof
        proof: String,
        /// Folder
        #[arg(short, long, value_name = "DIR")]
        output: PathBuf,
    },
    /// Writes the signed certificate of an approved proof, as PDF or JSON
    #[command(after_help = "\
Examples:
  nameplate proof certificate PRF-0123ABCD -o certificate.pdf
  nameplate proof certificate PRF-0123ABCD -o certificate.json")]
    Certificate {
        /// Proof
        proof: String,
        /// File, whose name ends in .pdf or .json
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    Verify(verify::Args),
}

/// What the proof is of.
#[derive(Debug, clap::Args)]
struct New {
    /// SKU
    sku: String,
    /// Its revision; the one in force if left out
    #[arg(long)]
    revision: Option<String>,
    /// Template; the SKU's own if left out
    #[arg(long)]
    template: Option<String>,
    /// Dots an inch of the printers: 203, 300 or 600
    #[arg(long, default_value_t = 203)]
    dpi: u32,
    /// Label stock and ribbon; what the template says if left out
    #[arg(long)]
    stock: Option<String>,
    /// What the approvers should know
    #[arg(long, default_value = "")]
    note: String,
    /// The proof that it takes the place of: one that was sent back, rejected or withdrawn
    #[arg(long, value_name = "PROOF")]
    replaces: Option<String>,
    /// Ask the approvers at once
    #[arg(long)]
    request: bool,
    /// Key of this request; the same key finds the proof that was made before
    #[arg(long)]
    key: Option<String>,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        let caller = Caller::command_line();
        match self.command {
            Command::New(new) => place.with(async |nameplate| new.run(nameplate, &caller).await).await,
            Command::List { state, sku, json } => {
                place.with(async |nameplate| list(nameplate, &caller, state.as_deref(), sku, json).await).await
            }
            Command::Show { proof, difference, json } => {
                place.with(async |nameplate| show::show(nameplate, &caller, &proof, difference, json).await).await
            }
            Command::Request { proof } => {
                place
                    .with(async |nameplate| {
                        let record = nameplate.request_proof(&caller, &proof).await?;
                        waits(&record);
                        Ok(())
                    })
                    .await
            }
            Command::Withdraw { proof, reason } => {
                place
                    .with(async |nameplate| {
                        let record = nameplate.withdraw_proof(&caller, &proof, &reason).await?;
                        note(format_args!("proof {} is withdrawn", record.proof));
                        Ok(())
                    })
                    .await
            }
            Command::Samples { proof, output } => {
                place.with(async |nameplate| samples(nameplate, &caller, &proof, &output).await).await
            }
            Command::Certificate { proof, output } => {
                place.with(async |nameplate| certificate(nameplate, &caller, &proof, &output).await).await
            }
            Command::Verify(args) => args.run(),
        }
    }
}

impl New {
    async fn run(self, nameplate: &Nameplate, caller: &Caller) -> Outcome {
        let Self { sku, revision, template, dpi, stock, note: text, replaces, request, key, json } = self;
        let key = match key {
            Some(key) => key,
            None => HEXLOWER.encode(&random::<16>()?),
        };
        let new = NewProof { sku, revision, template, dpi, stock, note: text, replaces };
        let mut record = nameplate.new_proof(caller, &key, &new).await?;
        if request {
            record = nameplate.request_proof(caller, &record.proof).await?;
        }
        if json {
            return print_json(&record);
        }
        let mut out = stdout();
        writeln!(out, "{}", record.proof)?;
        out.flush()?;
        match request {
            true => waits(&record),
            false => note(format_args!("a draft: `nameplate proof request {}` asks the approvers", record.proof)),
        }
        Ok(())
    }
}

/// Says whom a proof waits for.
fn waits(record: &ProofRecord) {
    let names: Vec<_> = record.waits_for.iter().map(|name| visible(name).into_owned()).collect();
    note(format_args!("proof {} is {} and waits for {}", record.proof, record.state, names.join(", ")));
}

async fn list(nameplate: &Nameplate, caller: &Caller, state: Option<&str>, sku: Option<String>, json: bool) -> Outcome {
    let state = match state.map(|name| (name, ProofState::from_name(name))) {
        Some((name, None)) => {
            let names = ProofState::ALL.map(ProofState::as_str).join(", ");
            return Err(Failure::Usage(format!("{} is no state of a proof; states are {names}", visible(name))));
        }
        Some((_, state)) => state,
        None => None,
    };
    let (mut all, mut which) = (Vec::new(), WhichProofs { state, sku, before: None });
    loop {
        let (page, next) = nameplate.proofs(caller, &which, PAGE).await?;
        all.extend(page);
        which.before = next;
        if next.is_none() {
            break;
        }
    }
    if json {
        return print_json(&all);
    }
    let mut out = stdout();
    for one in all {
        let revision = one.revision.as_deref().unwrap_or("-");
        let waits = one.waits_for.join(", ");
        writeln!(
            out,
            "{}  {:<17}  {:<20} {revision:<8} {:<20} {:>4} dpi  {}",
            one.proof,
            one.state,
            visible(&one.sku),
            one.template,
            one.dpi,
            visible(&waits)
        )?;
    }
    Ok(out.flush()?)
}

async fn samples(nameplate: &Nameplate, caller: &Caller, proof: &str, folder: &Path) -> Outcome {
    let record = nameplate.proof(caller, proof).await?;
    std::fs::create_dir_all(folder).map_err(|e| Failure::file(folder, "cannot be made", &e))?;
    for sample in &record.samples {
        let png = nameplate.proof_sample_png(caller, proof, sample.n).await?;
        let path = folder.join(format!("{}-{}.png", record.proof, sample.n));
        write_file(&path, |out| out.write_all(&png))?;
    }
    let pdf = nameplate.proof_pdf(caller, proof).await?;
    write_file(&folder.join(format!("{}.pdf", record.proof)), |out| out.write_all(&pdf))?;
    note(format_args!("{} samples of {} are in {}", record.samples.len(), record.proof, folder.display()));
    Ok(())
}

async fn certificate(nameplate: &Nameplate, caller: &Caller, proof: &str, path: &Path) -> Outcome {
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    let bytes = match ending.as_deref() {
        Some("pdf") => nameplate.proof_certificate_pdf(caller, proof).await?,
        Some("json") => nameplate.proof_certificate(caller, proof).await?.into_bytes(),
        _ => return Err(Failure::Usage("the file's name ends in .pdf or in .json: that decides which it is".into())),
    };
    write_file(path, |out| out.write_all(&bytes))
}
