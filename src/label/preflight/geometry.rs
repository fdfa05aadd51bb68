//! Where ink is: on the label, out of quiet zones, not on other ink.

use super::{Finding, Rule, Severity};
use crate::label::bitmap::DotRect;
use crate::label::drawing::Ink;
use crate::label::footprint::Footprint;
use crate::label::layout::Compiled;
use crate::label::units::Um;

/// Die-cut stock and printers shift by up to about a millimetre.
const EDGE_DISTANCE: Um = Um(1_000);

pub fn inspect(compiled: &Compiled) -> Vec<Finding> {
    let (width, height) = compiled.size_dots();
    let label = DotRect { x: 0, y: 0, width, height };
    let mut findings = Vec::new();
    for footprint in compiled.footprints() {
        edges(footprint, label, compiled, &mut findings);
    }
    for (at, footprint) in compiled.footprints().iter().enumerate() {
        if footprint.is_symbol() {
            quiet_zone(at, footprint, label, compiled, &mut findings);
        }
        findings.extend(on_bare_stock(at, compiled));
        for later in at + 1..compiled.footprints().len() {
            findings.extend(overlap(at, later, compiled));
        }
    }
    findings
}

fn place(footprint: &Footprint) -> (&str, usize) {
    (&footprint.element, footprint.line)
}

/// Ink beyond the label is an error, ink near its edge a warning.
fn edges(footprint: &Footprint, label: DotRect, compiled: &Compiled, findings: &mut Vec<Finding>) {
    let ink = footprint.whole();
    if ink.width == 0 || ink.height == 0 {
        return;
    }
    let resolution = compiled.resolution();
    if !label.contains(ink) {
        let (width, height) = compiled.size();
        let beyond = [-ink.x, -ink.y, ink.x + ink.width - label.width, ink.y + ink.height - label.height];
        let most = resolution.length(beyond.into_iter().max().unwrap_or(0));
        let message = format!(
            "this {} reaches {most} beyond the edge of the label, which is {width} by {height}; move it or make it smaller",
            footprint.kind
        );
        findings.push(
            Finding::new(Rule::OffLabel, Severity::Error, place(footprint), message)
                .with_figures(format!("{most} beyond"), "0 mm"),
        );
        return;
    }
    // Bands and frames may run along the edge.
    let distance = [ink.x, ink.y, label.width - ink.x - ink.width, label.height - ink.y - ink.height];
    let distance = resolution.length(distance.into_iter().min().unwrap_or(0));
    if distance < EDGE_DISTANCE && !footprint.is_background && footprint.kind != "line" && footprint.kind != "rectangle"
    {
        let message = format!(
            "this {} stands {distance} from the edge of the label; stock and printers shift by about a millimetre",
            footprint.kind
        );
        findings.push(
            Finding::new(Rule::EdgeDistance, Severity::Warning, place(footprint), message)
                .with_figures(distance, format!("at least {EDGE_DISTANCE}")),
        );
    }
}

/// Nothing but the symbol's own ink in its bars and quiet zones.
fn quiet_zone(at: usize, symbol: &Footprint, label: DotRect, compiled: &Compiled, findings: &mut Vec<Finding>) {
    let zone = symbol.zone();
    let resolution = compiled.resolution();
    let required = {
        let [left, top, right, bottom] = symbol.quiet_zones_dots.map(|dots| resolution.length(dots));
        format!("{left} left, {top} above, {right} right, {bottom} below")
    };
    if !label.contains(zone) {
        let message = "the edge of the label cuts into the quiet zone of this code; move it inwards or make it smaller";
        let free = [
            symbol.bars.x,
            symbol.bars.y,
            label.width - symbol.bars.x - symbol.bars.width,
            label.height - symbol.bars.y - symbol.bars.height,
        ]
        .map(|dots| resolution.length(dots));
        let measured = format!("{} left, {} above, {} right, {} below", free[0], free[1], free[2], free[3]);
        findings.push(
            Finding::new(Rule::QuietZone, Severity::Error, place(symbol), message.to_owned())
                .with_figures(measured, required.clone()),
        );
    }
    for (other_at, other) in compiled.footprints().iter().enumerate() {
        // White under a code, drawn before it, is what a quiet zone needs.
        let is_white_under = other.color == Ink::White && other.is_background && other_at < at;
        let is_outside = other.is_background && other_at < at && is_cleared(at, zone, compiled.footprints());
        if other_at == at || is_white_under || is_outside {
            continue;
        }
        if let Some(intruder) = other.ink.iter().find(|ink| ink.overlaps(zone)) {
            let measured = gap(symbol.bars, *intruder);
            let message = format!(
                "{:?}, a {}, stands in the bars or the quiet zone of this code; move it away",
                other.element, other.kind
            );
            findings.push(
                Finding::new(Rule::QuietZone, Severity::Error, place(symbol), message)
                    .with_figures(format!("{} to the bars", resolution.length(measured)), required.clone()),
            );
        }
    }
}

/// Whether a white rectangle lies under the whole zone, on top of everything that was drawn before it.
fn is_cleared(at: usize, zone: DotRect, footprints: &[Footprint]) -> bool {
    footprints[..at]
        .iter()
        .any(|other| other.color == Ink::White && other.is_background && other.ink.iter().any(|ink| ink.contains(zone)))
}

/// Dots between two rectangles, 0 if they touch or overlap.
fn gap(a: DotRect, b: DotRect) -> i32 {
    let across = (b.x - (a.x + a.width)).max(a.x - (b.x + b.width));
    let down = (b.y - (a.y + a.height)).max(a.y - (b.y + b.height));
    across.max(down).max(0)
}

/// White ink shows only on black that was drawn before it.
fn on_bare_stock(at: usize, compiled: &Compiled) -> Option<Finding> {
    let footprint = &compiled.footprints()[at];
    if footprint.color != Ink::White || footprint.is_background {
        return None;
    }
    let black = |other: &Footprint| other.is_background && other.color == Ink::Black;
    let before = compiled.footprints()[..at].iter().filter(|other| black(other));
    let backgrounds: Vec<DotRect> = before.flat_map(|other| other.ink.iter().copied()).collect();
    let bare = footprint.ink.iter().find(|ink| !backgrounds.iter().any(|black| black.contains(**ink)))?;
    let (width, height) = (compiled.resolution().length(bare.width), compiled.resolution().length(bare.height));
    let message = format!(
        "this {} is white, but does not stand wholly on a black rectangle that is listed before it, so it cannot be seen",
        footprint.kind
    );
    Some(
        Finding::new(Rule::Hidden, Severity::Error, place(footprint), message)
            .with_figures(format!("{width} by {height} not on black"), "all on black"),
    )
}

/// Two elements on the same dots, the second drawn later.
fn overlap(earlier_at: usize, later_at: usize, compiled: &Compiled) -> Option<Finding> {
    let (footprints, resolution) = (compiled.footprints(), compiled.resolution());
    let (earlier, later) = (&footprints[earlier_at], &footprints[later_at]);
    // A code's bars and quiet zone have their own rule; digits and guard bars reach beyond.
    let is_told = |symbol: &Footprint, ink: DotRect| symbol.is_symbol() && ink.overlaps(symbol.zone());
    // What was cleared in between is not there any more.
    let is_cleared = |ink: DotRect| {
        footprints[earlier_at + 1..later_at].iter().any(|between| {
            between.is_background && between.color != earlier.color && between.ink.iter().any(|area| area.contains(ink))
        })
    };
    let shared = |a: &Footprint, b: &Footprint| {
        let pairs = a.ink.iter().flat_map(|a| b.ink.iter().map(move |b| (*a, *b)));
        let pairs = pairs.filter(|(a, b)| a.overlaps(*b) && !is_told(earlier, *b) && !is_told(later, *a));
        let pairs = pairs.filter(|(_, later)| !earlier.is_background || !is_cleared(*later));
        pairs.map(|(a, b)| common(a, b)).max_by_key(|area| area.width * area.height)
    };
    let area = shared(earlier, later)?;
    let size = format!("{} by {}", resolution.length(area.width), resolution.length(area.height));
    if earlier.is_background && earlier.color != later.color {
        return None;
    }
    if later.is_background {
        let message =
            format!("this {} covers {:?}, which was drawn before it; list it earlier", later.kind, earlier.element);
        return Some(
            Finding::new(Rule::Hidden, Severity::Error, place(later), message).with_figures(size, "no overlap"),
        );
    }
    if earlier.is_background {
        let message = format!(
            "this {} has the colour of {:?}, on which it stands, and cannot be seen; give it the other `ink`",
            later.kind, earlier.element
        );
        return Some(
            Finding::new(Rule::Hidden, Severity::Error, place(later), message).with_figures(size, "no overlap"),
        );
    }
    let lines = |f: &Footprint| f.kind == "line" || f.kind == "rectangle";
    // Lines may cross lines.
    if lines(earlier) && lines(later) {
        return None;
    }
    let message = format!("this {} overlaps {:?}, a {}; move one of them", later.kind, earlier.element, earlier.kind);
    Some(Finding::new(Rule::Overlap, Severity::Error, place(later), message).with_figures(size, "no overlap"))
}

fn common(a: DotRect, b: DotRect) -> DotRect {
    let (x, y) = (a.x.max(b.x), a.y.max(b.y));
    let right = (a.x + a.width).min(b.x + b.width);
    let bottom = (a.y + a.height).min(b.y + b.height);
    DotRect { x, y, width: right - x, height: bottom - y }
}
