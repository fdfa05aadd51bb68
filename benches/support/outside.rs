//! Other ways to make the same label, run beside ours where they are installed.
//!
//! The programs are in `benches/outside`. They need Python 3 (`NAMEPLATE_BENCH_PYTHON`, else `python3`) and packages:
//! reportlab for PDF; pillow, qrcode and segno for PNG; zxing-cpp (with numpy) for the fastest QR in either; pillow for ZPL;
//! gLabels as `glabels-3-batch`. Nothing is installed from here: what is missing is named as skipped.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Output};

/// A program, how it is started, and which of our figures it is held against.
struct Baseline {
    name: &'static str,
    kind: &'static str,
    script: &'static str,
    mode: &'static str,
    /// What it imports or starts: without these it is skipped.
    modules: &'static [&'static str],
    /// So many labels that it runs for seconds, not minutes. The figure is a rate.
    labels: u32,
}

const BASELINES: [Baseline; 9] = [
    baseline("reportlab, its own barcodes", "pdf", "reportlab_label.py", "plain", &["reportlab"], 1_000),
    baseline(
        "reportlab, bars and QR by hand, segno",
        "pdf",
        "reportlab_label.py",
        "segno",
        &["reportlab", "segno"],
        2_000,
    ),
    baseline(
        "reportlab, the same, QR by zxing-cpp",
        "pdf",
        "reportlab_label.py",
        "tuned",
        &["reportlab", "zxingcpp"],
        10_000,
    ),
    baseline("gLabels", "pdf", "glabels/glabels_label.py", "merge", &[], 1_000),
    baseline("Python, whole label each time", "zpl", "zpl_format.py", "whole", &["PIL"], 100_000),
    baseline("Python, stored format", "zpl", "zpl_format.py", "stored", &["PIL"], 100_000),
    baseline("Pillow and qrcode", "png", "pillow_label.py", "plain", &["PIL", "qrcode"], 1_000),
    baseline("Pillow, bitmaps by hand, segno", "png", "pillow_label.py", "segno", &["PIL", "segno"], 2_000),
    baseline("Pillow, the same, QR by zxing-cpp", "png", "pillow_label.py", "tuned", &["PIL", "zxingcpp"], 10_000),
];

const fn baseline(
    name: &'static str,
    kind: &'static str,
    script: &'static str,
    mode: &'static str,
    modules: &'static [&'static str],
    labels: u32,
) -> Baseline {
    Baseline { name, kind, script, mode, modules, labels }
}

/// Runs each baseline that is installed and prints its labels per CPU second, bytes a label, and how many times as many
/// labels we make. `own` are our figures: ("pdf", labels per CPU second), and so on.
pub fn compare(own: &[(&str, f64)]) {
    println!("\n{:44} {:>9} {:>10} {:>9} {:>10}", "outside, same label", "labels", "labels/s", "B/label", "ours/it");
    for baseline in &BASELINES {
        let ours = own.iter().find(|(kind, _)| *kind == baseline.kind).map(|(_, rate)| *rate);
        let name = format!("{} {}", baseline.kind.to_uppercase(), baseline.name);
        match (run(baseline), ours) {
            (Ok((rate, bytes)), Some(ours)) => {
                println!("{name:44} {:>9} {rate:>10.0} {bytes:>9.0} {:>10.2}", baseline.labels, ours / rate);
            }
            (Ok((rate, bytes)), None) => println!("{name:44} {:>9} {rate:>10.0} {bytes:>9.0}", baseline.labels),
            (Err(reason), _) => println!("{name:44} skipped: {reason}"),
        }
    }
}

/// Labels per CPU second and bytes a label, or why there are none.
fn run(baseline: &Baseline) -> Result<(f64, f64), String> {
    let imports: String = baseline.modules.iter().map(|module| format!("import {module}\n")).collect();
    if !imports.is_empty() {
        python(["-c", &imports])?;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/outside").join(baseline.script);
    let labels = baseline.labels.to_string();
    let output = python([script.as_os_str(), labels.as_ref(), baseline.mode.as_ref()])?;
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_default();
    figures(last).ok_or_else(|| format!("its last line is not two numbers: {last:?}"))
}

/// `labels_per_cpu_second bytes_per_label`, both above zero.
fn figures(line: &str) -> Option<(f64, f64)> {
    let (rate, bytes) = line.trim().split_once(' ')?;
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite() && *number > 0.0);
    Some((number(rate)?, number(bytes)?))
}

/// Runs Python to its end; the error is the last line that it wrote about its failure.
fn python<A: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = A>) -> Result<Output, String> {
    let program = std::env::var_os("NAMEPLATE_BENCH_PYTHON").unwrap_or_else(|| OsString::from("python3"));
    let command = Command::new(&program).env("PYTHONDONTWRITEBYTECODE", "1").args(arguments).output();
    let output = command.map_err(|error| format!("{}: {error}", program.display()))?;
    if output.status.success() {
        return Ok(output);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(errors.lines().last().unwrap_or("it failed without a word").to_owned())
}
