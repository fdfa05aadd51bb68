//! A serial taken apart, for people: what each symbol is and is not.

use std::fmt;

use serde::Serialize;

use crate::serial::segment::{Numerals, SegmentKind, YearForm};
use crate::serial::{Parsed, Rule, Segment, Serial, SeriesContext};

/// Requirement SER7: what a number says is never the source of a fact.
pub const RECORD_NOTE: &str = "What this unit is, when and where it was made and what happened to it is kept in its record; the number only finds it.";

/// A serial, segment by segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The serial as stored.
    pub serial: Serial,
    /// As printed.
    pub printed: String,
    /// Code of the rule.
    pub rule: String,
    /// Version of the rule.
    pub version: u32,
    /// Its series.
    pub context: SeriesContext,
    /// Its number in the series, from 0.
    pub ordinal: u64,
    /// From left to right, without empty ones.
    pub segments: Vec<SegmentExplanation>,
    /// [`RECORD_NOTE`].
    pub note: &'static str,
}

/// One segment of an [`Explanation`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SegmentExplanation {
    /// First place, from 1.
    pub from: usize,
    /// Last place.
    pub to: usize,
    /// The symbols.
    pub text: String,
    /// What kind of segment.
    pub kind: SegmentKind,
    /// What the symbols mean, in a sentence.
    pub meaning: String,
}

impl Rule {
    /// Takes a serial of this rule apart.
    pub fn explain(&self, parsed: &Parsed) -> Explanation {
        let segments = self.spec().segments.iter().zip(&self.layout.fields).filter(|(_, field)| field.width > 0);
        let segments = segments
            .map(|(segment, field)| {
                let text = parsed.serial.as_str().get(field.range()).unwrap_or_default().to_owned();
                let meaning = self.meaning(segment, &text, parsed.ordinal);
                SegmentExplanation {
                    from: field.from + 1,
                    to: field.from + field.width,
                    text,
                    kind: field.kind,
                    meaning,
                }
            })
            .collect();
        Explanation {
            serial: parsed.serial,
            printed: self.printed(&parsed.serial),
            rule: self.spec().code.clone(),
            version: self.spec().version,
            context: parsed.context.clone(),
            ordinal: parsed.ordinal,
            segments,
            note: RECORD_NOTE,
        }
    }

    /// The serial as it stands on a label: prefix and groups.
    pub fn printed(&self, serial: &Serial) -> String {
        match &self.spec().prefix {
            Some(prefix) => format!("{prefix} {}", serial.grouped(self)),
            None => serial.grouped(self).to_string(),
        }
    }

    fn meaning(&self, segment: &Segment, text: &str, ordinal: u64) -> String {
        match segment {
            Segment::Literal { checked: true, .. } => "The same in every serial of this rule.".into(),
            Segment::Literal { checked: false, .. } => {
                "The same in every serial of this rule; not covered by the check symbols.".into()
            }
            Segment::Epoch { .. } => {
                let epoch = self.layout.epochs.iter().position(|&symbol| text.as_bytes() == [symbol]);
                format!("Epoch {}: which key and counter made the number.", epoch.unwrap_or_default())
            }
            Segment::Year { form: YearForm::TwoDigits } => format!("A year that ends in {text}."),
            Segment::Year { form: YearForm::OneSymbol } => self.year_meaning(text),
            Segment::Week {} => format!("ISO week {text} of the year."),
            Segment::DayOfYear {} => format!("Day {text} of the year."),
            Segment::Product { .. } => format!("Product code {text} when the number was reserved."),
            Segment::Counter { numerals: Numerals::Decimal, .. } => format!("Number {ordinal} of its series."),
            Segment::Counter { numerals: Numerals::Alphabet, .. } => {
                format!("Number {ordinal} of its series, written with {} symbols.", self.alphabet().size())
            }
            Segment::Permuted { .. } => {
                format!("Number {ordinal} of its series, scrambled: neighbours cannot be guessed.")
            }
            Segment::Check { scheme } => format!("Computed from the rest ({scheme}). Undetected: {}", scheme.misses()),
        }
    }

    fn year_meaning(&self, text: &str) -> String {
        let value = text.bytes().next().and_then(|symbol| self.alphabet().index_of(symbol)).unwrap_or_default();
        format!("The year {}, or one a multiple of {} years away.", 2000 + u32::from(value), self.alphabet().size())
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.printed)?;
        writeln!(f, "rule {} version {}", self.rule, self.version)?;
        for SegmentExplanation { from, to, text, kind, meaning } in &self.segments {
            let places = if from == to { from.to_string() } else { format!("{from}-{to}") };
            writeln!(f, "  {places:>5}  {text:<12} {kind:<17} {meaning}")?;
        }
        writeln!(f, "{}", self.note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serial::{PermutationKey, RuleSpec};

    /// SER7: the explanation points to the record.
    #[test]
    fn ser7_every_segment_is_named_and_the_record_is_the_source() {
        let rule = Rule::compile(RuleSpec::s12(), &PermutationKey([5; 32])).unwrap();
        let serial = rule.series(&"epoch=3".parse().unwrap()).unwrap().serial(77).unwrap();
        let explanation = rule.explain(&rule.parse(serial.as_str()).unwrap());
        let pieces: String = explanation.segments.iter().map(|segment| segment.text.as_str()).collect();
        assert_eq!(pieces, serial.as_str());
        let text = explanation.to_string();
        for expected in
            ["S/N 3", "rule s12 version 1", "Epoch 3", "Number 77 of its series, scrambled", "(rs2)", "record"]
        {
            assert!(text.contains(expected), "{expected} in\n{text}");
        }
        let json = serde_json::to_value(&explanation).unwrap();
        assert_eq!(json["segments"][1]["kind"], "permuted");
        assert_eq!(json["context"], "epoch=3");
        assert_eq!(json["serial"], serial.as_str());
    }
}
