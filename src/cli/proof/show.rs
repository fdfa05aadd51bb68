//! A proof for people at a terminal.

use crate::cli::failure::Outcome;
use crate::cli::output::{field, print_json, stdout, visible};
use crate::service::proof::{ProofDifference, ProofRecord, Standing};
use crate::service::{Caller, Nameplate};
use std::io::{self, Write};

pub(super) async fn show(nameplate: &Nameplate, caller: &Caller, proof: &str, difference: bool, json: bool) -> Outcome {
    if difference {
        let difference = nameplate.proof_difference(caller, proof).await?;
        return if json { print_json(&difference) } else { print_difference(&difference) };
    }
    let record = nameplate.proof(caller, proof).await?;
    if json {
        return print_json(&record);
    }
    let mut out = stdout();
    print(&mut out, &record)?;
    Ok(out.flush()?)
}

fn print(out: &mut impl Write, record: &ProofRecord) -> io::Result<()> {
    writeln!(out, "{} is {}", record.proof, record.state)?;
    let mm = |um: i64| format!("{}.{}", um / 1_000, um % 1_000 / 100);
    field(out, 1, "SKU", Some(&record.sku))?;
    field(out, 1, "product", Some(format!("{}, {}", record.product, record.brand_name)))?;
    field(out, 1, "revision", record.revision.as_ref())?;
    let size =
        format!("{}, {} x {} mm, {} dpi", record.template, mm(record.width_um), mm(record.height_um), record.dpi);
    field(out, 1, "label", Some(size))?;
    field(out, 1, "stock", Some(&record.stock))?;
    field(out, 1, "artwork", Some(&record.artwork))?;
    field(out, 1, "note", Some(&record.note).filter(|note| !note.is_empty()))?;
    field(out, 1, "replaces", record.replaces.as_ref())?;
    field(out, 1, "replaced by", record.replaced_by.as_ref())?;
    field(out, 1, "approved before", record.previous.as_ref())?;
    field(out, 1, "waits for", Some(record.waits_for.join(", ")).filter(|names| !names.is_empty()))?;
    field(out, 1, "approval", record.approval)?;
    if let Some(validity) = &record.validity {
        let words = match validity.standing {
            Standing::Valid => "what would be printed now",
            Standing::CarriedOver => "what would be printed now, dot by dot",
            Standing::Expired => "expired",
        };
        let changed = validity.changed.as_ref().map_or_else(String::new, |changed| format!("; {changed}"));
        field(out, 1, "it shows", Some(format!("{words}{changed}")))?;
    }
    field(out, 1, "ended", record.ended_why.as_ref())?;
    for sample in &record.samples {
        writeln!(out, "  sample {}: {}", sample.n, sample.name)?;
        for (name, value) in &sample.fields {
            field(out, 2, name, Some(value))?;
        }
        for code in record.report.samples.iter().filter(|report| report.sample == sample.n).flat_map(|r| &r.codes) {
            writeln!(out, "    {}: {} {}", code.symbology, visible(&code.words), visible(&code.text))?;
        }
    }
    for finding in &record.report.findings {
        let figures = match (&finding.measured, &finding.required) {
            (Some(measured), Some(required)) => format!(" (measured {measured}, required {required})"),
            _ => String::new(),
        };
        writeln!(out, "  {} [{}] {}{figures}", finding.severity, finding.rule, visible(&finding.message))?;
    }
    for comment in &record.comments {
        let place = comment.sample.map_or_else(String::new, |sample| format!(" on sample {sample}"));
        let done = if comment.resolved_at.is_some() { " (dealt with)" } else { "" };
        let (author, text) = (visible(&comment.author), visible(&comment.text));
        writeln!(out, "  comment {}{place} by {author}, {}{done}: {text}", comment.comment, comment.at)?;
    }
    for signature in &record.signatures {
        let comment = if signature.comment.is_empty() { String::new() } else { format!(": {}", signature.comment) };
        let meaning = signature.meaning.replace('_', " ");
        writeln!(out, "  {meaning} by {}, {}{}", visible(&signature.name), signature.at, visible(&comment))?;
    }
    Ok(())
}

fn print_difference(difference: &ProofDifference) -> Outcome {
    let mut out = stdout();
    let Some(previous) = &difference.previous else {
        writeln!(out, "{}: no label of this SKU was approved before", difference.proof)?;
        return Ok(out.flush()?);
    };
    writeln!(out, "{} compared with {previous}, which was approved before", difference.proof)?;
    for one in &difference.fields {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        field(&mut out, 1, &one.field, Some(format!("{} -> {}", shown(&one.before), shown(&one.now))))?;
    }
    field(&mut out, 1, "template before", difference.template_before.as_ref())?;
    for line in &difference.template {
        writeln!(out, "  {} {:>4}  {}", if line.added { '+' } else { '-' }, line.line, visible(&line.text))?;
    }
    field(&mut out, 1, "fonts", Some(difference.fonts.join(", ")).filter(|fonts| !fonts.is_empty()))?;
    field(&mut out, 1, "stock before", difference.stock_before.as_ref())?;
    field(&mut out, 1, "layout", difference.layout_version_changed.then_some("another version of the program"))?;
    field(&mut out, 1, "serials", difference.rule_changed.then_some("another rule version"))?;
    for sample in &difference.samples {
        let words = match (sample.same, sample.dots, sample.before) {
            (true, ..) => "the very same dots".to_owned(),
            (false, Some(dots), _) => format!("{dots} dots differ"),
            (false, None, Some(_)) => "another size or resolution".to_owned(),
            (false, None, None) => "not there before".to_owned(),
        };
        field(&mut out, 1, &format!("sample {}", sample.sample), Some(format!("{}: {words}", sample.name)))?;
    }
    Ok(out.flush()?)
}
