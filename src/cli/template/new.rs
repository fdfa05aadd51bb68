//! `nameplate template new`: a template to start from.

use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{note, stdout};
use crate::label::{Template, shipped_template, shipped_templates};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

/// Writes a new template, as a copy of a shipped one
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without --from the shipped templates are listed.

Examples:
  nameplate template new my-label
  nameplate template new my-label --from unit-60x40 -o my-label.toml")]
pub(in crate::cli) struct Args {
    /// Name of the new template: a-z, 0-9, - and _
    name: String,
    /// Shipped template to start from
    #[arg(long)]
    from: Option<String>,
    /// File to write [default: NAME.toml]
    #[arg(short, long)]
    output: Option<PathBuf>,
}

impl Args {
    pub(in crate::cli) fn run(self) -> Outcome {
        let Some(from) = &self.from else { return list() };
        let Some(source) = shipped_template(from) else {
            let names: Vec<&str> = shipped_templates().iter().map(|(name, _)| *name).collect();
            return Err(Failure::Failed(format!(
                "there is no shipped template {from:?}; there are {}",
                names.join(", ")
            )));
        };
        let line = format!("name = \"{from}\"");
        let source = source.replacen(&line, &format!("name = \"{}\"", self.name), 1);
        Template::parse(&self.name, source.as_bytes()).map_err(Failure::failed)?;
        let path = self.output.unwrap_or_else(|| PathBuf::from(format!("{}.toml", self.name)));
        let failed = |error: &std::io::Error| Failure::file(&path, "cannot be written", error);
        // A template that somebody has worked on is not overwritten.
        let mut file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(|e| failed(&e))?;
        file.write_all(source.as_bytes()).map_err(|e| failed(&e))?;
        note(format_args!(
            "{} written; look at it with: nameplate template preview {0} -o preview.png",
            path.display()
        ));
        Ok(())
    }
}

fn list() -> Outcome {
    let mut out = stdout();
    writeln!(out, "Name one of these with --from:")?;
    for (name, source) in shipped_templates() {
        let template = Template::parse(name, source.as_bytes()).map_err(Failure::failed)?;
        writeln!(out, "  {name:<24} {}", template.content.title)?;
    }
    Ok(out.flush()?)
}
