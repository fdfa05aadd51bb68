//! `nameplate template schema` and `reference`: the template language, for editors and for the documentation.

use crate::cli::failure::Outcome;
use crate::cli::output::{print_json, stdout};
use crate::label::reference;
use std::io::Write;

/// Prints the JSON Schema of templates, for editors
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  nameplate template schema > template.schema.json")]
pub(in crate::cli) struct SchemaArgs {}

impl SchemaArgs {
    pub(in crate::cli) fn run(self) -> Outcome {
        print_json(&reference::json_schema())
    }
}

/// Prints every element and field of the template language
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  nameplate template reference | less")]
pub(in crate::cli) struct ReferenceArgs {}

impl ReferenceArgs {
    pub(in crate::cli) fn run(self) -> Outcome {
        let mut out = stdout();
        out.write_all(reference::markdown().as_bytes())?;
        Ok(out.flush()?)
    }
}
