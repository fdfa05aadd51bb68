//! `nameplate serial explain`: what each symbol is and is not.

use super::Input;
use super::check::read;
use super::lines::{Out, judge_each};
use super::rules::Rules;
use crate::cli::failure::Outcome;
use crate::serial::{Explanation, Recognised, SegmentKind};
use std::io::{self, Write};

/// What is said of a scrambled number where its key is not known.
const WITHOUT_KEY: &str = "A scrambled number of its series; which one, only the key of its installation tells.";

pub(super) fn run(input: &Input, known: &Rules) -> Outcome {
    let one_line = input.serials.is_empty();
    judge_each(&input.serials, |out, line| {
        let Recognised { rule, parsed } = match read(&known.rules, &line) {
            Ok(found) => found,
            Err(bad) => return bad.write(out, input.json),
        };
        let mut explanation = rule.explain(&parsed);
        let without_key = !known.keyed && rule.is_permuted();
        if without_key {
            let scrambled = explanation.segments.iter_mut().filter(|s| s.kind == SegmentKind::Permuted);
            scrambled.for_each(|segment| segment.meaning = WITHOUT_KEY.to_owned());
        }
        match (input.json, one_line) {
            (true, _) => write_json(out, &explanation, without_key)?,
            (false, true) => write_line(out, &explanation)?,
            (false, false) => write!(out, "{explanation}")?,
        }
        Ok(true)
    })
}

fn write_json(out: &mut Out, explanation: &Explanation, without_key: bool) -> io::Result<()> {
    let mut value = serde_json::to_value(explanation)?;
    if let Some(fields) = value.as_object_mut() {
        fields.insert("ok".to_owned(), true.into());
        if without_key {
            fields.remove("ordinal");
        }
    }
    serde_json::to_writer(&mut *out, &value)?;
    out.write_all(b"\n")
}

fn write_line(out: &mut Out, explanation: &Explanation) -> io::Result<()> {
    write!(out, "ok\t{}\t{} version {}", explanation.serial, explanation.rule, explanation.version)?;
    for segment in &explanation.segments {
        write!(out, "; {} {}: {}", segment.kind, segment.text, segment.meaning)?;
    }
    out.write_all(b"\n")
}
