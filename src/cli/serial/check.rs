//! `nameplate serial check`: a verdict for each serial.

use super::Input;
use super::lines::{Line, Out, judge_each};
use super::rules::Rules;
use crate::cli::failure::Outcome;
use crate::cli::output::visible;
use crate::serial::{NotRecognised, ParseFault, Recognised, Rule, recognise};
use serde::Serialize;
use std::io::{self, Write};

/// What is wrong with a line.
#[derive(Debug, Serialize, thiserror::Error)]
#[serde(untagged)]
pub(super) enum LineFault {
    /// It is not a serial.
    #[error(transparent)]
    Serial(ParseFault),
    /// It is not text.
    #[error("this is not UTF-8 text")]
    NotUtf8 {
        /// `not-utf8`, where [`ParseFault`] has its name.
        fault: &'static str,
    },
}

/// A bad line: what it holds, as far as it can be shown, and what is wrong by which rule.
#[derive(Serialize)]
pub(super) struct Bad<'r> {
    ok: bool,
    text: String,
    /// The rule that it comes nearest to.
    rule: Option<&'r str>,
    fault: LineFault,
    message: String,
}

/// A good line.
#[derive(Serialize)]
struct Good<'r> {
    ok: bool,
    serial: &'r str,
    printed: String,
    rule: &'r str,
    version: u32,
    context: &'r str,
    /// Left out where the key is not known that it takes to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    ordinal: Option<u64>,
}

pub(super) fn run(input: &Input, known: &Rules) -> Outcome {
    judge_each(&input.serials, |out, line| match (read(&known.rules, &line), input.json) {
        (Ok(found), json) => good(out, &found, known.keyed, json),
        (Err(bad), json) => bad.write(out, json),
    })
}

/// Reads a line as a serial.
pub(super) fn read<'r>(rules: &'r [Rule], line: &Line<'_>) -> Result<Recognised<'r>, Box<Bad<'r>>> {
    let bad = |text: String, rule: Option<&'r Rule>, fault: LineFault| {
        let rule = rule.map(|rule| rule.spec().code.as_str());
        Box::new(Bad { ok: false, text, rule, message: fault.to_string(), fault })
    };
    match line {
        Line::Text(text) => recognise(rules, text)
            .map_err(|NotRecognised { nearest, fault }| bad((*text).to_owned(), nearest, LineFault::Serial(fault))),
        Line::TooLong { bytes } => {
            let bytes = usize::try_from(*bytes).unwrap_or(usize::MAX);
            Err(bad(String::new(), None, LineFault::Serial(ParseFault::TooLong { bytes })))
        }
        Line::NotUtf8(bytes) => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            Err(bad(text, None, LineFault::NotUtf8 { fault: "not-utf8" }))
        }
    }
}

fn good(out: &mut Out, found: &Recognised<'_>, keyed: bool, json: bool) -> io::Result<bool> {
    let Recognised { rule, parsed } = found;
    let spec = rule.spec();
    if json {
        let good = Good {
            ok: true,
            serial: parsed.serial.as_str(),
            printed: parsed.serial.grouped(rule).to_string(),
            rule: &spec.code,
            version: spec.version,
            context: parsed.context.as_str(),
            ordinal: (keyed || !rule.is_permuted()).then_some(parsed.ordinal),
        };
        serde_json::to_writer(&mut *out, &good)?;
        out.write_all(b"\n")?;
    } else {
        writeln!(out, "ok\t{}\t{}", parsed.serial.as_str(), spec.code)?;
    }
    Ok(true)
}

impl Bad<'_> {
    /// Writes the verdict; answers `false`, as it is none that is good.
    pub(super) fn write(&self, out: &mut Out, json: bool) -> io::Result<bool> {
        if json {
            serde_json::to_writer(&mut *out, self)?;
            out.write_all(b"\n")?;
        } else {
            writeln!(out, "no\t{}\t{}", visible(&self.text), visible(&self.message))?;
        }
        Ok(false)
    }
}
