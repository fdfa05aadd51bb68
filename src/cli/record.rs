//! Records as people read them at a terminal.

use super::output::{field, visible};
use crate::service::resolve::{Resolved, SkuRecord, UnitRecord, Unknown};
use crate::service::settle_batch::BatchRecord;
use crate::service::{BlockRecord, HistoryEntry};
use std::io::{self, Write};

/// The record that a text leads to.
pub(super) fn resolved(out: &mut impl Write, found: &Resolved) -> io::Result<()> {
    match found {
        Resolved::Serial(record) => unit(out, record),
        Resolved::Sku(record) => sku(out, 0, record),
        Resolved::Batch(record) => batch(out, record),
        Resolved::Block(record) => block(out, record),
        Resolved::Unknown(answer) => unknown(out, answer),
    }
}

fn unit(out: &mut impl Write, record: &UnitRecord) -> io::Result<()> {
    field(out, 0, "serial", Some(&record.printed))?;
    field(out, 0, "fate", Some(record.fate))?;
    sku(out, 0, &record.sku)?;
    field(out, 0, "revision", record.revision.as_ref())?;
    field(out, 0, "batch", Some(&record.batch.batch))?;
    field(out, 1, "made on", record.batch.manufactured_on.as_ref())?;
    for (name, value) in &record.batch.attributes {
        writeln!(out, "  {}: {}", visible(name), visible(value))?;
    }
    field(out, 0, "block", Some(&record.block))?;
    field(out, 1, "order", record.order.as_ref())?;
    field(out, 1, "station", record.station.as_ref())?;
    for label in &record.labels {
        let copy = if label.copy > 1 { format!(", copy {}", label.copy) } else { String::new() };
        field(out, 0, "label", Some(format!("{}, {} {}{copy}", label.state, label.kind, label.template)))?;
        field(out, 1, "template digest", Some(&label.template_digest))?;
        field(out, 1, "job", label.job.as_ref())?;
        field(out, 1, "printer", label.printer.as_ref())?;
    }
    for id in &record.secondary_ids {
        let was = if id.current { "" } else { " (replaced)" };
        field(out, 0, &id.kind, Some(format!("{}{was}", id.value)))?;
    }
    if let Some(inspection) = record.inspections.first() {
        field(out, 0, "inspection", Some(format!("{} at {}", inspection.result, inspection.at)))?;
        field(out, 1, "note", (!inspection.note.is_empty()).then_some(&inspection.note))?;
    }
    writeln!(out, "history")?;
    record.history.iter().try_for_each(|entry| history(out, entry))
}

fn history(out: &mut impl Write, entry: &HistoryEntry) -> io::Result<()> {
    write!(out, "  {} {}", entry.happened_at, entry.kind)?;
    if let Some(actor) = &entry.actor {
        write!(out, " by {}", visible(actor))?;
    }
    if let Some(station) = &entry.station {
        write!(out, " at {}", visible(station))?;
    }
    match &entry.reason {
        Some(reason) => writeln!(out, ": {}", visible(reason)),
        None => writeln!(out),
    }
}

fn sku(out: &mut impl Write, depth: usize, record: &SkuRecord) -> io::Result<()> {
    field(out, depth, "SKU", Some(&record.code))?;
    field(out, depth + 1, "name", Some(&record.name))?;
    field(out, depth + 1, "GTIN", record.gtin.as_ref())?;
    let brand = &record.brand;
    field(out, depth + 1, "brand", Some(format!("{} ({}), {}", brand.name, brand.code, brand.market)))?;
    let factory = record.factory.as_ref();
    field(out, depth + 1, "product", factory.map(|f| format!("{} ({}), platform {}", f.name, f.product, f.platform)))?;
    field(out, depth + 1, "rule", Some(&record.rule))?;
    field(out, depth + 1, "template", Some(&record.template))?;
    let also = record.names.iter().map(|name| match &name.valid_to {
        Some(to) => format!("{} ({}, until {to})", name.value, name.kind),
        None => format!("{} ({})", name.value, name.kind),
    });
    let also: Vec<_> = also.collect();
    field(out, depth + 1, "also called", (!also.is_empty()).then(|| also.join(", ")))
}

/// A batch with its account.
pub(super) fn batch(out: &mut impl Write, record: &BatchRecord) -> io::Result<()> {
    field(out, 0, "batch", Some(&record.batch))?;
    field(out, 1, "state", Some(record.state))?;
    field(out, 1, "product", record.product.as_ref())?;
    field(out, 1, "made on", record.manufactured_on.as_ref())?;
    field(out, 1, "note", (!record.note.is_empty()).then_some(&record.note))?;
    field(out, 1, "SKUs", Some(record.skus.join(", ")))?;
    for (name, value) in &record.attributes {
        writeln!(out, "  {}: {}", visible(name), visible(value))?;
    }
    match &record.account {
        Some(of) => account(out, of),
        None => Ok(()),
    }
}

/// A block with its account.
fn block(out: &mut impl Write, record: &BlockRecord) -> io::Result<()> {
    field(out, 0, "block", Some(&record.block))?;
    field(out, 1, "SKU", Some(&record.sku))?;
    field(out, 1, "revision", record.revision.as_ref())?;
    field(out, 1, "batch", Some(&record.batch))?;
    field(out, 1, "station", record.station.as_ref())?;
    field(out, 1, "order", record.order.as_ref())?;
    field(out, 1, "reserved at", Some(&record.reserved_at))?;
    field(out, 1, "first serial", Some(&record.first_serial))?;
    field(out, 1, "last serial", Some(&record.last_serial))?;
    account(out, &record.account)
}

fn account(out: &mut impl Write, of: &crate::service::AccountRecord) -> io::Result<()> {
    writeln!(out, "account")?;
    let fates = [
        ("reserved", of.reserved),
        ("printed", of.printed),
        ("applied", of.applied),
        ("returned", of.returned),
        ("void", of.void),
        ("unaccounted", of.unaccounted),
    ];
    for (fate, count) in fates {
        writeln!(out, "  {fate:<12} {count:>10}")?;
    }
    let verdict = if of.adds_up { "adds up" } else { "DOES NOT ADD UP" };
    writeln!(out, "  {:<12} {:>10} issued: {verdict}", "sum", of.issued)
}

fn unknown(out: &mut impl Write, answer: &Unknown) -> io::Result<()> {
    writeln!(out, "{}: {}", visible(&answer.text), visible(&answer.reason))?;
    for meant in &answer.suggestions {
        writeln!(out, "  probably meant: {} (SKU {})", meant.printed, visible(&meant.sku))?;
    }
    Ok(())
}
