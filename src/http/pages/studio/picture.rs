//! A preview as its page shows it: the picture with rulers in dots, and the lines that have faults.

use data_encoding::BASE64;

use crate::label::Resolution;
use crate::service::studio::{Preview, PreviewLabel};

/// Characters of a faulty line that are shown.
const LINE_SHOWN: usize = 120;
/// Steps between the figures of a ruler, in dots.
const STEPS: [i32; 8] = [10, 20, 50, 100, 200, 500, 1_000, 2_000];
/// Most figures on a side.
const FIGURES: i32 = 12;

/// A preview with what its page needs besides.
#[derive(Debug)]
pub(super) struct Shown {
    pub preview: Preview,
    /// What stands in each faulty line, in the order of the faults.
    lines: Vec<String>,
    /// The picture as an address.
    pub picture: String,
    pub across: Vec<Tick>,
    pub down: Vec<Tick>,
    pub dpi: u32,
}

/// A line of a ruler.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    /// Its place as a share of the side, in percent.
    pub percent: String,
    /// The dot, at every fifth line.
    pub dot: Option<i32>,
}

impl Shown {
    pub(super) fn new(preview: Preview, source: &str, resolution: Resolution) -> Self {
        let line = |at: usize| source.lines().nth(at.saturating_sub(1)).unwrap_or("").trim();
        let lines = preview.faults.iter().map(|fault| line(fault.line).chars().take(LINE_SHOWN).collect()).collect();
        let label = preview.label.as_ref();
        let address = |label: &PreviewLabel| format!("data:image/png;base64,{}", BASE64.encode(&label.png));
        Self {
            lines,
            picture: label.map(address).unwrap_or_default(),
            across: label.map(|label| ticks(label.width_dots)).unwrap_or_default(),
            down: label.map(|label| ticks(label.height_dots)).unwrap_or_default(),
            dpi: resolution.dpi(),
            preview,
        }
    }

    /// Line, message and text of each fault.
    pub(super) fn faults(&self) -> impl Iterator<Item = (usize, &str, &str)> {
        let faults = self.preview.faults.iter().zip(&self.lines);
        faults.map(|(fault, line)| (fault.line, fault.message.as_str(), line.as_str()))
    }

    /// Findings that keep labels from being printed.
    pub(super) fn errors(&self) -> usize {
        self.preview.findings.iter().filter(|finding| finding.is_error()).count()
    }

    /// Findings that somebody should look at.
    pub(super) fn warnings(&self) -> usize {
        self.preview.findings.len() - self.errors()
    }

    /// Lines that have something wrong, for the numbers beside the text.
    pub(super) fn bad_lines(&self) -> String {
        let faults = self.preview.faults.iter().map(|fault| fault.line);
        let errors = self.preview.findings.iter().filter(|finding| finding.is_error()).map(|finding| finding.line);
        let lines: Vec<String> = faults.chain(errors).filter(|line| *line > 0).map(|line| line.to_string()).collect();
        lines.join(" ")
    }
}

/// Lines so many dots apart that their figures have room, with four short ones between two long ones.
fn ticks(dots: i32) -> Vec<Tick> {
    let step = STEPS.into_iter().find(|step| dots / step <= FIGURES).unwrap_or(2_000);
    let short = usize::try_from(step / 5).unwrap_or(1);
    let tick = |dot: i32| Tick {
        percent: format!("{:.3}", 100.0 * f64::from(dot) / f64::from(dots.max(1))),
        dot: (dot % step == 0).then_some(dot),
    };
    (0..=dots).step_by(short).map(tick).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rulers_have_room_for_their_figures() {
        for dots in [1, 39, 200, 472, 709, 4_961, 7_016] {
            let ticks = ticks(dots);
            assert!((ticks.iter().filter(|tick| tick.dot.is_some()).count()) <= 13, "{dots}");
            assert_eq!((ticks[0].percent.as_str(), ticks[0].dot), ("0.000", Some(0)));
            assert!(ticks.iter().all(|tick| tick.percent.parse::<f64>().unwrap() <= 100.0));
        }
        assert_eq!(ticks(100)[5], Tick { percent: "10.000".to_owned(), dot: Some(10) });
    }
}
