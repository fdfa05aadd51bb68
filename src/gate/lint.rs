//! A template checked with all its worst cases: what must pass before it is published.

use std::sync::Arc;

use serde::Serialize;

use super::check_label;
use crate::label::preflight::Finding;
use crate::label::preflight::worst_case::Case;
use crate::label::{Compiled, Refusal, Resolution};

/// A finding and the data that brought it about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The set of data.
    pub case: String,
    /// Dots an inch.
    pub dpi: u32,
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
}

/// What was read back of one label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gate {
    /// The set of data.
    pub case: String,
    /// Dots an inch.
    pub dpi: u32,
    /// Whether every code said what it must.
    pub passed: bool,
    /// What failed, in words.
    pub failures: Vec<String>,
}

/// Everything that was found.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct LintReport {
    /// By the preflight.
    pub findings: Vec<Found>,
    /// By the decode gate.
    pub gate: Vec<Gate>,
}

impl LintReport {
    /// Whether the template may be published.
    pub fn passed(&self) -> bool {
        !self.findings.iter().any(|found| found.finding.is_error()) && self.gate.iter().all(|gate| gate.passed)
    }

    /// Adds what one set of data shows at one resolution; the codes are read back if `with_gate` says so.
    pub fn add(&mut self, case: &Case, resolution: Resolution, laid_out: Result<Compiled, Refusal>, with_gate: bool) {
        let dpi = resolution.dpi();
        let found = |finding: &Finding| Found { case: case.name.clone(), dpi, finding: finding.clone() };
        let compiled = match laid_out {
            Ok(compiled) => Arc::new(compiled),
            Err(refusal) => return self.findings.extend(refusal.findings.iter().map(found)),
        };
        self.findings.extend(compiled.findings().iter().map(found));
        if !with_gate {
            return;
        }
        let row: Vec<&str> = case.row.iter().map(String::as_str).collect();
        let (passed, failures) = match check_label(&compiled, &row) {
            Ok(gate) => (gate.passed(), gate.failures().map(ToString::to_string).collect()),
            Err(error) => (false, vec![error.to_string()]),
        };
        self.gate.push(Gate { case: case.name.clone(), dpi, passed, failures });
    }
}
