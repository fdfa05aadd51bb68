//! Labels per CPU second, bytes a label and peak memory of each output, beside baselines in the same run.
//!
//! `cargo bench --bench label`; `-- quick` for a tenth of the labels, `-- million` for a million where flat cost and memory
//! are the question. With Python and its reportlab or pillow package, or gLabels, installed, the same job is done by
//! them as well (`benches/outside`), so that the ratios are of one machine and one run.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a bench prints, and stops where it cannot go on")]
#![expect(clippy::cast_possible_truncation, reason = "five bits of a hash index an alphabet of 32")]
#![expect(clippy::disallowed_methods, reason = "a bench measures time")]

#[path = "support/outside.rs"]
mod outside;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use nameplate::label::{
    Assets, Compiled, JobFields, Overprint, Picture, Resolution, Scratch, Template, VariableField, compile,
    fonts_shipped,
};
use nameplate::render::bulk::BulkJob;
use nameplate::render::delivery::{DeliveryFormat, DeliveryJob};
use nameplate::render::pdf::{PdfJob, PdfOptions};
use nameplate::render::png::PngSeries;
use nameplate::render::zpl::PrinterSetup;
use outside::compare;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// The job: two fonts, logo, Code 128, EAN-13, and a QR of 60 characters that differs on each label.
const TEMPLATE: &str = "templates/labels/unit-60x40-link.toml";

fn main() {
    let has = |word: &str| std::env::args().any(|argument| argument == word);
    let share = if has("quick") { 10 } else { 1 };
    let most = if has("million") { 1_000_000 } else { 100_000 / share };
    let label = unit_label(Resolution::Dpi203);
    println!(
        "60 x 40 mm label at 203 dpi: two fonts, logo, Code 128, EAN-13, QR with a link; CPU seconds of all threads\n"
    );
    println!("{:44} {:>9} {:>10} {:>9} {:>10}", "output", "labels", "labels/s", "B/label", "peak MB");
    let pdf = BulkJob::pdf(vec![Arc::clone(&label)], PdfOptions::default()).expect("PDF");
    let mut pdf_rate = 0.0;
    for count in [100, 1_000, 10_000, most] {
        pdf_rate = bulk("PDF", &pdf, count, 1);
    }
    let native = BulkJob::zpl_native(vec![Arc::clone(&label)], &PrinterSetup::default()).expect("ZPL");
    let native_rate = [1_000, most].map(|count| bulk("ZPL native", &native, count, 1))[1];
    let graphic = BulkJob::zpl_graphic(vec![Arc::clone(&label)], &PrinterSetup::default()).expect("ZPL");
    let graphic_rate = [1_000, 20_000 / share].map(|count| bulk("ZPL graphic", &graphic, count, 1))[1];
    let png_rate = [1_000, 20_000 / share].map(|count| png("PNG", &label, count))[1];
    let alone = single(&label, 2_000 / share);
    documents(&label);
    two_threads(&pdf, most);
    first_byte(&pdf);
    println!("\nratios in this run:");
    println!("  PDF in one file : a file a label (warm)  {:.1}", pdf_rate / alone);
    println!("  ZPL native : graphic                     {:.1}", native_rate / graphic_rate);
    compare(&[("pdf", pdf_rate), ("zpl", native_rate), ("png", png_rate)]);
}

/// Runs a job, prints its line and says how many labels it made in a CPU second.
fn bulk(name: &str, job: &BulkJob, count: u64, threads: usize) -> f64 {
    line(name, count, |out| {
        job.write(threads, out, |sink| {
            serials(0..count, |serial| sink(0, &[serial]).expect("label"));
            Ok(())
        })
        .expect("written");
    })
}

fn png(name: &str, label: &Arc<Compiled>, count: u64) -> f64 {
    let mut series = PngSeries::new(Arc::clone(label)).expect("PNG");
    let (mut scratch, mut bytes) = (Scratch::default(), Vec::new());
    line(name, count, |out| {
        serials(0..count, |serial| {
            bytes.clear();
            series.push(&[serial], &mut scratch, &mut bytes).expect("label");
            out.write_all(&bytes).expect("counted");
        });
    })
}

/// One label a file, as a server that has the job at hand answers a station.
fn single(label: &Arc<Compiled>, count: u64) -> f64 {
    let job = PdfJob::new(Arc::clone(label).into_groups(), PdfOptions::default()).expect("PDF");
    line("PDF, a file for each label (warm)", count, |out| {
        serials(0..count, |serial| {
            let mut stream = job.stream(&mut *out).expect("start");
            stream.add(&[serial]).expect("label");
            stream.finish().expect("end");
        });
    })
}

/// A document for each label, as a server that has the job at hand answers a printer: the median of wall time, and its bytes.
fn documents(label: &Arc<Compiled>) {
    println!(
        "\n{:44} {:>11} {:>10} {:>10}",
        "a document of one label (warm), or of 20", "median us", "20: us", "B; 20: B"
    );
    let made = |label: &Arc<Compiled>, format: DeliveryFormat, what: &str| {
        let start = Instant::now();
        let job = DeliveryJob::new(Arc::clone(label), format, &PrinterSetup::default()).expect("a job");
        let ready_ms = start.elapsed().as_secs_f64() * 1e3;
        let (one, bytes) = median_us(&job, 1, 2_000);
        let (twenty, all) = if format == DeliveryFormat::Png { (0.0, 0) } else { median_us(&job, 20, 200) };
        let name = format!("{format}{what}, ready in {ready_ms:.1} ms, {} kB", job.memory_bytes() / 1000);
        println!("{name:44} {one:>11.1} {twenty:>10.1} {:>10}", format!("{bytes}; {all}"));
    };
    let formats = [DeliveryFormat::ZplNative, DeliveryFormat::ZplGraphic, DeliveryFormat::Pdf, DeliveryFormat::Png];
    formats.into_iter().for_each(|format| made(label, format, ""));
    let test = Arc::try_unwrap(unit_label(Resolution::Dpi203)).expect("nobody else has it");
    let test = Arc::new(test.overprinted(Overprint::Test).expect("words"));
    formats.into_iter().for_each(|format| made(&test, format, ", test"));
}

fn median_us(job: &DeliveryJob, labels: u64, times: u64) -> (f64, usize) {
    let (mut out, mut taken) = (Vec::new(), Vec::new());
    for first in 0..times {
        let mut all = Vec::new();
        serials(first * labels..(first + 1) * labels, |serial| all.push(serial.to_owned()));
        let rows: Vec<[&str; 1]> = all.iter().map(|serial| [serial.as_str()]).collect();
        let start = Instant::now();
        out.clear();
        job.document(&rows, &mut out).expect("a document");
        taken.push(start.elapsed().as_secs_f64() * 1e6);
    }
    taken.sort_by(f64::total_cmp);
    (taken[taken.len() / 2], out.len())
}

fn two_threads(job: &BulkJob, count: u64) {
    let wall = |threads: usize| {
        let start = Instant::now();
        job.write(threads, io::sink(), |sink| {
            serials(0..count, |serial| sink(0, &[serial]).expect("label"));
            Ok(())
        })
        .expect("written");
        start.elapsed().as_secs_f64()
    };
    let (one, two) = (wall(1), wall(2));
    println!(
        "\n{count} labels as PDF on one thread {one:.2} s, on two {two:.2} s of wall time: {:.2} times as fast",
        one / two
    );
}

/// How long the first byte of a long stream takes.
fn first_byte(job: &BulkJob) {
    struct First(Instant, Option<f64>);
    impl Write for First {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1.get_or_insert(self.0.elapsed().as_secs_f64());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut page = 0.0;
    let out = job
        .write(2, First(Instant::now(), None), |sink| {
            let start = Instant::now();
            serials(0..1_000, |serial| sink(0, &[serial]).expect("label"));
            page = start.elapsed().as_secs_f64();
            Ok(())
        })
        .expect("written");
    println!(
        "first byte after {:.2} ms, 1,000 labels handed over after {:.1} ms",
        out.1.unwrap_or(0.0) * 1e3,
        page * 1e3
    );
}

/// The clock ticks in hundredths of a second: what is measured takes at least as long.
const LEAST_CPU_SECONDS: f64 = 1.0;

/// Runs a job until it has taken long enough to be measured, prints a line and says how many labels it made in a CPU second.
fn line(name: &str, count: u64, mut run: impl FnMut(&mut Counter)) -> f64 {
    reset_peak();
    let (mut out, mut runs) = (Counter(0), 0_u32);
    let start = cpu_seconds();
    while runs == 0 || cpu_seconds() - start < LEAST_CPU_SECONDS {
        run(&mut out);
        runs += 1;
    }
    let labels = count as f64 * f64::from(runs);
    let rate = labels / (cpu_seconds() - start);
    println!("{name:44} {count:>9} {rate:>10.0} {:>9.0} {:>10.1}", out.0 as f64 / labels, peak_mb());
    rate
}

/// Counts bytes and forgets them.
struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Serials without order, as a permuted counter gives them.
fn serials(ordinals: std::ops::Range<u64>, mut each: impl FnMut(&str)) {
    for ordinal in ordinals {
        let mut bits = (ordinal + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        bits ^= bits >> 29;
        let serial: [u8; 12] = std::array::from_fn(|i| ALPHABET[(bits >> (5 * i)) as usize % 32]);
        each(std::str::from_utf8(&serial).expect("ASCII"));
    }
}

/// A label alone is a job of one group.
trait IntoGroups {
    fn into_groups(self) -> Vec<Arc<Compiled>>;
}

impl IntoGroups for Arc<Compiled> {
    fn into_groups(self) -> Vec<Arc<Compiled>> {
        vec![self]
    }
}

fn unit_label(resolution: Resolution) -> Arc<Compiled> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = |path: &str| std::fs::read(root.join(path)).expect("a file of the repository");
    let template = Template::parse(TEMPLATE, &file(TEMPLATE)).expect("the shipped template");
    let logo = Picture::read(&file("templates/catalogue/logos/borealis.png")).expect("the shipped logo");
    let assets = Assets { fonts: fonts_shipped(), pictures: BTreeMap::from([("logo".to_owned(), logo)]) };
    let pairs = [
        ("brand.logo", "logo"),
        ("brand.name", "Borealis Optics"),
        ("brand.importer", "Imported by Borealis Optics GmbH, Lindenallee 12, 20259 Hamburg, Germany"),
        ("product.name", "TC-384 Thermal Camera"),
        ("sku.code", "BO-TC384-EU"),
        ("gtin", "4006381333931"),
    ];
    let fields: JobFields = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let alphabet = String::from_utf8_lossy(ALPHABET).into_owned();
    let serial =
        VariableField { name: "serial".into(), alphabet, longest: 12, samples: Vec::new(), extremes: Vec::new() };
    Arc::new(compile(&template, &fields, &assets, resolution, &[serial]).expect("the shipped template fits"))
}

/// CPU time of all threads so far, in ticks of a hundredth of a second (Linux; elsewhere the time of day).
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // User and system time are the 12th and 13th field after the name in brackets.
    let fields: Vec<f64> =
        stat.rsplit(')').next().unwrap_or("").split_whitespace().filter_map(|f| f.parse().ok()).collect();
    match fields.get(10..12) {
        Some(times) => times.iter().sum::<f64>() / 100.0,
        None => std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0.0, |t| t.as_secs_f64()),
    }
}

/// Forgets the peak so far (Linux).
fn reset_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The most memory held since the last reset (Linux, else 0).
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}
