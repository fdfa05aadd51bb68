//! `nameplate template lint`: preflight and decode gate with worst-case data at every resolution.

use crate::cli::failure::{Failure, Outcome};
use crate::cli::labels::{Data, Fields, LabelFiles, folder_of};
use crate::cli::output::{note, print_json, stdout, visible};
use crate::cli::render::resolution;
use crate::gate::{Found, LintReport};
use crate::label::preflight::Severity;
use crate::label::preflight::worst_case::{Case, cases};
use crate::label::{JobFields, Resolution};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Checks a template: every rule of the preflight, every code read back, with the longest, shortest and widest data
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The data are made from the template's [fields], or taken from the rows of --data. Exit status 1 if
there is an error; warnings alone are 0.

Examples:
  nameplate template lint my-label.toml
  nameplate template lint unit-60x40 --dpi 203 --json
  nameplate template lint my-label.toml --data rows.csv --set brand.logo=logo.svg")]
pub(in crate::cli) struct Args {
    /// Template: a file, or the name of a shipped one
    template: String,
    /// Only this resolution: 203, 300 or 600 [default: all three]
    #[arg(long)]
    dpi: Option<u32>,
    /// Leaves the decode gate out
    #[arg(long)]
    no_gate: bool,
    /// Prints the findings as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    fields: Fields,
}

impl Args {
    pub(in crate::cli) fn run(self, rows: Option<&Path>) -> Outcome {
        let folder = rows.map_or_else(|| PathBuf::from("."), folder_of);
        let files = LabelFiles::open(&self.template, &self.fields, &folder)?;
        let resolutions = match self.dpi {
            Some(dpi) => vec![resolution(dpi)?],
            None => Resolution::ALL.to_vec(),
        };
        let cases = self.cases(&files, rows)?;
        let mut report = LintReport::default();
        for case in &cases {
            for resolution in &resolutions {
                let laid_out = files.compile(&case.fields, *resolution, &case.variable)?;
                report.add(case, *resolution, laid_out, !self.no_gate);
            }
        }
        let failed =
            report.findings.iter().any(|found| found.finding.is_error()) || report.gate.iter().any(|gate| !gate.passed);
        if self.json {
            print_json(&report)?;
        } else {
            self.print(&report, cases.len(), &resolutions)?;
        }
        if failed { Err(Failure::Found) } else { Ok(()) }
    }

    /// Worst cases of the template's own making, or one for each group of rows.
    fn cases(&self, files: &LabelFiles, rows: Option<&Path>) -> Outcome<Vec<Case>> {
        let given: JobFields = self.fields.given();
        let Some(data) = rows else { return Ok(cases(&files.template.content, &given)) };
        let data = Data::open(data)?;
        let plan = data.plan(&files.template.content, &given)?;
        let mut all: Vec<Case> = Vec::new();
        for (fields, row) in &plan.groups {
            let name = format!("row {}", row + 2);
            all.push(Case { name, fields: fields.clone(), variable: plan.variable.clone(), row: Vec::new() });
        }
        data.each(|row| {
            let group = &mut all[plan.group(row)];
            if group.row.is_empty() {
                group.row = plan.unit_values(row).into_iter().map(str::to_owned).collect();
            }
            Ok(())
        })?;
        Ok(all)
    }

    /// Each finding once, with the cases and resolutions in which it was found.
    fn print(&self, report: &LintReport, cases: usize, resolutions: &[Resolution]) -> Outcome {
        let mut out = stdout();
        let mut seen: Vec<(&Found, Vec<String>)> = Vec::new();
        for found in &report.findings {
            let place = format!("{} at {} dpi", found.case, found.dpi);
            let same = |earlier: &Found| {
                let (a, b) = (&earlier.finding, &found.finding);
                (a.rule, a.severity, &a.element, &a.message) == (b.rule, b.severity, &b.element, &b.message)
            };
            match seen.iter_mut().find(|(earlier, _)| same(earlier)) {
                Some((_, places)) => places.push(place),
                None => seen.push((found, vec![place])),
            }
        }
        seen.sort_by_key(|(found, _)| (found.finding.severity, found.finding.line));
        for (found, places) in &seen {
            writeln!(out, "{}", visible(&found.finding.to_string()))?;
            writeln!(out, "    with {}", visible(&shortened(places)))?;
        }
        for gate in report.gate.iter().filter(|gate| !gate.passed) {
            for failure in &gate.failures {
                writeln!(out, "error [decode-gate] {} ({} at {} dpi)", visible(failure), gate.case, gate.dpi)?;
            }
        }
        let count = |severity| seen.iter().filter(|(found, _)| found.finding.severity == severity).count();
        let read = report.gate.iter().filter(|gate| gate.passed).count();
        let dpis: Vec<String> = resolutions.iter().map(|r| r.dpi().to_string()).collect();
        writeln!(
            out,
            "{}: {} errors, {} warnings; {cases} sets of data at {} dpi; decode gate passed {read} of {}",
            visible(&self.template),
            count(Severity::Error) + report.gate.iter().filter(|gate| !gate.passed).count(),
            count(Severity::Warning),
            dpis.join(", "),
            report.gate.len()
        )?;
        if read > 0 {
            note("print quality (ISO/IEC 15416, 15415) is graded by a verifier on a print, not here");
        }
        Ok(out.flush()?)
    }
}

/// The first places and how many more there are.
fn shortened(places: &[String]) -> String {
    let first = places.iter().take(3).cloned().collect::<Vec<_>>().join("; ");
    match places.len() {
        0..=3 => first,
        more => format!("{first} and {} more", more - 3),
    }
}
