//! What people must read: sizes, captions, contrast, marks.

use super::{Finding, Rule, Severity};
use crate::label::layout::{Compiled, PlacedCode, PrintedText};
use crate::label::template::Purpose;
use crate::label::units::Um;

/// The serial's letters and digits are at least this high.
const SERIAL_HEIGHT: Um = Um(1_500);
/// Any other text is at least 4 pt.
const TEXT_SIZE: Um = Um(1_411);
/// Least difference of reflectances, in hundredths: symbol contrast of grade B (ISO/IEC 15416, table 3: 55 %).
const CONTRAST_PERCENT: i32 = 55;

pub fn inspect(compiled: &Compiled) -> Vec<Finding> {
    let mut findings: Vec<Finding> = compiled.texts().iter().filter_map(|text| text_height(text, compiled)).collect();
    findings.extend(compiled.codes().iter().filter_map(|code| caption(code, compiled)));
    findings.extend(hierarchy(compiled));
    findings.extend(contrast(compiled));
    findings.extend(marks(compiled));
    findings
}

/// Whether a text is the serial for people.
fn shows_serial(text: &PrintedText) -> bool {
    text.binding.fields().any(|field| field.starts_with("serial"))
}

fn capitals(text: &PrintedText, compiled: &Compiled) -> Um {
    let face = compiled.fonts().face(text.face);
    face.scale(i64::from(face.heights().capitals), text.size)
}

fn text_height(text: &PrintedText, compiled: &Compiled) -> Option<Finding> {
    let place = (text.element.as_str(), text.line);
    if shows_serial(text) {
        let height = capitals(text, compiled);
        let message = "the serial is printed too small to be read off a product without mistakes".to_owned();
        return (height < SERIAL_HEIGHT).then(|| {
            Finding::new(Rule::TextHeight, Severity::Error, place, message)
                .with_figures(format!("capitals of {height}"), format!("at least {SERIAL_HEIGHT}"))
        });
    }
    let points = |size: Um| format!("{:.2} pt", size.pt());
    (text.size < TEXT_SIZE && !text.text.trim().is_empty()).then(|| {
        Finding::new(Rule::TextHeight, Severity::Error, place, "this text is too small to be read".to_owned())
            .with_figures(points(text.size), format!("at least {}", points(TEXT_SIZE)))
    })
}

/// Letters and digits of a text, without the separators that make it easier to read.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// LAB2: what a code of a serial says stands beside it; other codes have their digits or a caption.
fn caption(code: &PlacedCode, compiled: &Compiled) -> Option<Finding> {
    let place = (code.element.as_str(), code.line);
    let named = code.caption.as_deref().and_then(|id| compiled.texts().iter().find(|text| text.element == id));
    match code.purpose {
        Purpose::Serial | Purpose::Both => {
            let carried: Vec<&str> = code.binding.fields().filter(|field| compiled.is_per_unit(field)).collect();
            let shows_carried = |text: &PrintedText| text.binding.fields().any(|field| carried.contains(&field));
            let said = compiled.texts().iter().any(|text| shows_serial(text) || shows_carried(text));
            let wide = plain(&code.sample);
            let same = compiled.texts().iter().any(|text| !text.text.is_empty() && plain(&text.text) == wide);
            let message =
                "no text on the label shows the serial that this code carries; whoever cannot scan it cannot read it";
            (!said && !same).then(|| {
                Finding::new(Rule::Caption, Severity::Error, place, message.to_owned())
                    .with_figures("no text with {serial}", "one")
            })
        }
        Purpose::Product | Purpose::Logistic => {
            let wide = plain(&code.sample);
            let same = compiled.texts().iter().any(|text| plain(&text.text) == wide);
            let message = "neither digits under this code nor a text say what it carries; add `digits_font`, a text or a `caption`";
            (!code.has_digits && !same && named.is_none())
                .then(|| Finding::new(Rule::Caption, Severity::Warning, place, message.to_owned()))
        }
        Purpose::Link => {
            let message = "nothing says what is found behind this code; name the text that does in `caption`";
            named.is_none().then(|| Finding::new(Rule::Caption, Severity::Warning, place, message.to_owned()))
        }
    }
}

/// Where the serial is smaller than another number, people read the wrong one out.
fn hierarchy(compiled: &Compiled) -> Option<Finding> {
    let serial = compiled.texts().iter().filter(|text| shows_serial(text)).max_by_key(|text| text.size)?;
    let numbers = compiled.texts().iter().filter(|text| {
        let digits = text.text.chars().filter(char::is_ascii_digit).count();
        !shows_serial(text) && digits >= 6 && digits * 2 > text.text.chars().count()
    });
    let larger = numbers.max_by_key(|text| text.size).filter(|text| text.size > serial.size)?;
    let message = format!(
        "the number in {:?} is printed larger than the serial; people will read out the wrong one",
        larger.element
    );
    let points = |size: Um| format!("{:.2} pt", size.pt());
    Some(
        Finding::new(Rule::Hierarchy, Severity::Warning, (&serial.element, serial.line), message)
            .with_figures(points(serial.size), format!("at least {}", points(larger.size))),
    )
}

/// Scanners see with red light of about 660 nm: what counts is the red share. Eyes see all three.
fn contrast(compiled: &Compiled) -> Option<Finding> {
    let placement = compiled.placement();
    let reflects = |value: u8| i32::from(value) * i32::from(value) * 100 / (255 * 255);
    let difference = reflects(placement.stock_color[0]) - reflects(placement.ink_color[0]);
    if difference >= CONTRAST_PERCENT || compiled.codes().is_empty() {
        return None;
    }
    let message = "for the red light of scanners this print hardly differs from this stock; black on white is best";
    Some(
        Finding::new(Rule::Contrast, Severity::Error, ("", 0), message.to_owned())
            .with_figures(format!("{difference} %"), format!("at least {CONTRAST_PERCENT} %")),
    )
}

/// Regulatory marks have smallest sizes.
fn marks(compiled: &Compiled) -> Vec<Finding> {
    let mut findings = Vec::new();
    for mark in compiled.marks() {
        let Some(least) = crate::label::art::mark(&mark.mark).and_then(|known| known.min_height_um) else { continue };
        if mark.height < least {
            let title = crate::label::art::mark(&mark.mark).map_or("", |known| known.title);
            let message = format!("{title}: the mark is smaller than allowed; enlarge it or put it on the packaging");
            findings.push(
                Finding::new(Rule::MarkHeight, Severity::Error, (&mark.element, mark.line), message)
                    .with_figures(mark.height, format!("at least {least}")),
            );
        }
    }
    findings
}
