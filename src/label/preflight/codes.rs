//! Codes: module size, height, purpose.

use super::{Finding, Rule, Severity};
use crate::label::layout::{Compiled, PlacedCode};
use crate::label::symbol::limits::symbol_limits;

pub fn inspect(compiled: &Compiled) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, code) in compiled.codes().iter().enumerate() {
        findings.extend(x_dimension(code, compiled));
        findings.extend(height(code, compiled));
        findings.extend(compiled.codes()[..at].iter().find_map(|earlier| duplicate(earlier, code, compiled)));
    }
    findings
}

fn place(code: &PlacedCode) -> (&str, usize) {
    (&code.element, code.line)
}

/// Modules outside of what symbology and use demand: an error where the demand is binding (the template says that the code is
/// scanned at the till or in distribution), else a warning with the figure.
fn x_dimension(code: &PlacedCode, compiled: &Compiled) -> Option<Finding> {
    let name = code.symbology.name();
    let Some(limits) = symbol_limits(code.symbology, code.usage) else {
        let message = format!("a {name} is not meant for the use that is declared; choose another symbology or use");
        return Some(Finding::new(Rule::XDimension, Severity::Error, place(code), message));
    };
    let module = compiled.resolution().length(code.module_dots);
    let severity = if limits.is_binding { Severity::Error } else { Severity::Warning };
    let (bound, word) = match limits.x_max {
        _ if module < limits.x_min => (format!("at least {}", limits.x_min), "narrower"),
        Some(most) if module > most => (format!("at most {most}"), "wider"),
        _ => return None,
    };
    let message = format!(
        "the modules of this {name} are {word} than its specification allows ({}): {} dots at {} dpi",
        limits.source,
        code.module_dots,
        compiled.resolution().dpi()
    );
    Some(Finding::new(Rule::XDimension, severity, place(code), message).with_figures(module, bound))
}

/// Bars that a hand-held scanner can hardly hit.
fn height(code: &PlacedCode, compiled: &Compiled) -> Option<Finding> {
    let limits = symbol_limits(code.symbology, code.usage)?;
    let zones = code.symbology.quiet_zones();
    let along = if code.turn.is_sideways() { code.zone.height } else { code.zone.width };
    let quiet = i32::try_from(zones.left + zones.right).unwrap_or(0) * code.module_dots;
    let required = limits.height?.min_of(compiled.resolution().length(along - quiet));
    if code.height >= required {
        return None;
    }
    let severity = if limits.is_binding { Severity::Error } else { Severity::Warning };
    let message = format!("the bars of this {} are low; scanners miss them unless held exactly", code.symbology.name());
    Some(
        Finding::new(Rule::SymbolHeight, severity, place(code), message)
            .with_figures(code.height, format!("at least {required}")),
    )
}

/// BAR3: two codes with the same content confuse unless each says what it is for.
fn duplicate(earlier: &PlacedCode, code: &PlacedCode, compiled: &Compiled) -> Option<Finding> {
    if earlier.sample != code.sample || earlier.purpose != code.purpose {
        return None;
    }
    // Samples that were made up for different fields may be alike.
    let is_made_up = |code: &PlacedCode| code.binding.fields().any(|field| compiled.is_per_unit(field));
    if earlier.binding != code.binding && (is_made_up(earlier) || is_made_up(code)) {
        return None;
    }
    let message = format!(
        "this code says the same as {:?} and both are declared for the purpose {:?}; leave one out or declare what each is for",
        earlier.element,
        code.purpose.name()
    );
    Some(Finding::new(Rule::DuplicateCode, Severity::Error, place(code), message))
}
