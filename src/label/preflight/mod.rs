//! The preflight: every rule that a label must keep, with figures, before anything is printed.
//!
//! It measures; it does not grade. Print quality (ISO/IEC 15416 for linear symbols, 15415 for matrix symbols, 29158 for
//! direct marks) needs a verifier and a print.

mod codes;
mod geometry;
mod legibility;
mod rule;
pub mod worst_case;

use std::fmt;

use serde::Serialize;

pub use rule::Rule;

use super::error::Cause;
use super::layout::Compiled;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The label is refused.
    Error,
    /// The label can be printed; somebody should look.
    Warning,
}

/// A rule that is not kept, or only just.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// How bad it is.
    pub severity: Severity,
    /// The element's id; empty if it is about the whole label.
    pub element: String,
    /// Its line in the template; 0 if it is about the whole label.
    pub line: usize,
    /// What is wrong and what to do, in words.
    pub message: String,
    /// The figure that was measured.
    pub measured: Option<String>,
    /// The figure that is required.
    pub required: Option<String>,
}

impl Finding {
    /// Whether the label is refused for it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    fn new(rule: Rule, severity: Severity, (element, line): (&str, usize), message: String) -> Finding {
        Finding { rule, severity, element: element.to_owned(), line, message, measured: None, required: None }
    }

    fn with_figures(mut self, measured: impl fmt::Display, required: impl fmt::Display) -> Finding {
        self.measured = Some(measured.to_string());
        self.required = Some(required.to_string());
        self
    }

    /// An element that cannot be laid out.
    pub(super) fn of_cause(element: &str, line: usize, cause: &Cause) -> Finding {
        let rule = Rule::of_cause(cause);
        let finding = Finding::new(rule, Severity::Error, (element, line), cause.to_string());
        match rule::figures(cause) {
            Some((measured, required)) => finding.with_figures(measured, required),
            None => finding,
        }
    }
}

/// `error [quiet-zone] element "serial-code" (line 40): .. (measured 1.5 mm, required 2.5 mm; source)`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{severity} [{}]", self.rule.id())?;
        if !self.element.is_empty() {
            write!(f, " element {:?} (line {})", self.element, self.line)?;
        }
        write!(f, ": {}", self.message)?;
        match (&self.measured, &self.required) {
            (Some(measured), Some(required)) => {
                write!(f, " (measured {measured}, required {required}; {})", self.rule.source())
            }
            _ => Ok(()),
        }
    }
}

/// Every finding about a label that could be laid out.
pub(super) fn inspect(compiled: &Compiled) -> Vec<Finding> {
    let mut findings = geometry::inspect(compiled);
    findings.extend(codes::inspect(compiled));
    findings.extend(legibility::inspect(compiled));
    findings
}
