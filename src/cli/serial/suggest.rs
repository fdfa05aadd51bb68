//! `nameplate serial suggest`: which good serials are one slip away.

use super::Input;
use super::check::{Bad, read};
use super::lines::{Line, Out, judge_each};
use super::rules::Rules;
use crate::cli::failure::Outcome;
use crate::cli::output::visible;
use crate::serial::{Edit, Rule, Suggestion};
use serde::Serialize;
use std::io::{self, Write};

/// How many suggestions are given for each rule.
const GIVEN: usize = 8;

#[derive(Serialize)]
struct Answer<'a> {
    /// Whether the text is good as it is.
    ok: bool,
    text: &'a str,
    suggestions: Vec<Meant<'a>>,
}

#[derive(Serialize)]
struct Meant<'a> {
    serial: String,
    printed: String,
    rule: &'a str,
    #[serde(flatten)]
    edit: Edit,
}

pub(super) fn run(input: &Input, known: &Rules) -> Outcome {
    judge_each(&input.serials, |out, line| {
        let found = read(&known.rules, &line);
        let Line::Text(text) = line else {
            return found.map_or_else(|bad| bad.write(out, input.json), |_| Ok(true));
        };
        let suggestions = known
            .rules
            .iter()
            .flat_map(|rule| rule.suggest(text, GIVEN).into_iter().map(move |suggestion| meant(rule, &suggestion)));
        let answer = Answer { ok: found.is_ok(), text, suggestions: suggestions.collect() };
        write(out, &answer, found.err(), input.json)?;
        Ok(answer.ok)
    })
}

fn meant<'r>(rule: &'r Rule, suggestion: &Suggestion) -> Meant<'r> {
    let serial = suggestion.parsed.serial;
    let (printed, edit) = (serial.grouped(rule).to_string(), suggestion.edit);
    Meant { serial: serial.to_string(), printed, rule: &rule.spec().code, edit }
}

fn write(out: &mut Out, answer: &Answer<'_>, bad: Option<Box<Bad<'_>>>, json: bool) -> io::Result<()> {
    if json {
        serde_json::to_writer(&mut *out, answer)?;
        return out.write_all(b"\n");
    }
    match bad {
        None => writeln!(out, "ok\t{}", visible(answer.text)),
        Some(bad) if answer.suggestions.is_empty() => bad.write(out, json).map(drop),
        Some(_) => {
            let meant: Vec<_> = answer.suggestions.iter().map(|s| s.printed.as_str()).collect();
            writeln!(out, "no\t{}\tperhaps {}", visible(answer.text), meant.join(" or "))
        }
    }
}
