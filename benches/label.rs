//! Labels per CPU second, bytes a label and peak memory of each output, beside a baseline in the same run.
//!
//! `cargo bench --bench label`, with `-- quick` for a tenth of the labels.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a bench prints, and stops where it cannot go on")]
#![expect(clippy::cast_possible_truncation, reason = "five bits of a hash index an alphabet of 32")]

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use nameplate::label::{
    Assets, Compiled, Image, JobFields, Resolution, Template, VariableField, compile, fonts_shipped,
};
use nameplate::render::pdf::PdfStream;
use nameplate::render::png::{self, PngSeries};
use nameplate::render::zpl::PrinterSetup;
use nameplate::render::zpl::graphic::GraphicStream;
use nameplate::render::zpl::native::NativeStream;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn main() {
    let share = if std::env::args().any(|argument| argument == "quick") { 10 } else { 1 };
    let label = unit_label(Resolution::Dpi203);
    println!("60 x 40 mm unit label at 203 dpi: two fonts, logo, Code 128, EAN-13; CPU seconds of this process\n");
    println!("{:44} {:>9} {:>10} {:>9} {:>10}", "output", "labels", "labels/s", "B/label", "peak MB");
    let mut level_6 = 0.0;
    for count in [1_000, 10_000, 100_000 / share] {
        level_6 = line("PDF, level 6", count, |out| pdf(&label, count, 6, out));
    }
    let count = 20_000 / share;
    let level_1 = line("PDF, level 1", count, |out| pdf(&label, count, 1, out));
    let level_0 = line("PDF, not compressed", count, |out| pdf(&label, count, 0, out));
    let few = 1_000 / share;
    let alone = line("PDF, a file for each label", few, |out| {
        (0..few).for_each(|i| pdf_rows(&label, i..i + 1, 6, out));
    });
    let native = line("ZPL native", 100_000, |out| {
        let mut stream = NativeStream::new(out, &label, &PrinterSetup::default()).expect("native");
        serials(0..100_000, |serial| stream.add(&[serial]).expect("label"));
        stream.finish().expect("end");
    });
    let count = 10_000 / share;
    let graphic = line("ZPL graphic", count, |out| {
        let mut stream = GraphicStream::new(out, &label, &PrinterSetup::default()).expect("graphic");
        serials(0..count, |serial| stream.add(&[serial]).expect("label"));
        stream.finish().expect("end");
    });
    let series = line("PNG, static layer cached", count, |out| {
        let mut series = PngSeries::new(&label);
        serials(0..count, |serial| out.write_all(&series.encode(&[serial]).expect("label")).expect("count"));
    });
    let redrawn = line("PNG, all drawn anew (baseline)", few, |out| {
        serials(0..few, |serial| out.write_all(&png::encode(&label, &[serial]).expect("label")).expect("count"));
    });
    println!("\nratios in this run:");
    println!("  PDF level 6 : level 1 : none    1 : {:.2} : {:.2}", level_1 / level_6, level_0 / level_6);
    println!("  PDF shared file : file a label  {:.1}", level_6 / alone);
    println!("  ZPL native : graphic            {:.1}", native / graphic);
    println!("  PNG cached : drawn anew         {:.1}", series / redrawn);
}

fn pdf(label: &Compiled, count: u64, level: u32, out: &mut Counter) {
    pdf_rows(label, 0..count, level, out);
}

fn pdf_rows(label: &Compiled, rows: std::ops::Range<u64>, level: u32, out: &mut Counter) {
    let mut stream = PdfStream::with_level(out, label, level).expect("start");
    serials(rows, |serial| stream.add(&[serial]).expect("label"));
    stream.finish().expect("end");
}

/// Runs something, prints its line and says how many labels it made in a CPU second.
fn line(name: &str, count: u64, run: impl FnOnce(&mut Counter)) -> f64 {
    reset_peak();
    let mut out = Counter(0);
    let start = cpu_seconds();
    run(&mut out);
    let rate = count as f64 / (cpu_seconds() - start);
    println!("{name:44} {count:>9} {rate:>10.0} {:>9.0} {:>10.1}", out.0 as f64 / count as f64, peak_mb());
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

fn unit_label(resolution: Resolution) -> Compiled {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = |path: &str| std::fs::read(root.join(path)).expect("a file of the repository");
    let path = "templates/labels/unit-60x40.toml";
    let template = Template::parse(path, &file(path)).expect("the shipped template");
    let logo = Image::from_png(&file("templates/catalogue/logos/borealis.png")).expect("the shipped logo");
    let assets = Assets { fonts: fonts_shipped(), images: BTreeMap::from([("logo".to_owned(), Arc::new(logo))]) };
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
    let serial = VariableField { name: "serial".into(), alphabet, longest: 12 };
    compile(&template, &fields, &assets, resolution, &[serial]).expect("the shipped template fits")
}

/// User and system time of this process so far (Linux; elsewhere the time of day).
#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn cpu_seconds() -> f64 {
    let Ok(stat) = std::fs::read_to_string("/proc/self/schedstat") else {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        return now.map_or(0.0, |since| since.as_secs_f64());
    };
    stat.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
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
