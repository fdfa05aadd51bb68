//! Serials per CPU second: permute, check and format, against the naive way of doing the same.
//!
//! `cargo bench --bench serial`. The figures to look at are the ratios, which come from one run on one machine;
//! each is the best of three rounds.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::expect_used, reason = "a benchmark that cannot run shall stop")]

use std::hint::black_box;
use std::time::Instant;

use aes::Aes256;
use fpe::ff1::{FF1, FlexibleNumeralString};
use nameplate::serial::{Alphabet, CheckCoder, CheckScheme, PermutationKey, Rule, RuleSpec, Series};

const KEY: [u8; 32] = [0x5A; 32];

fn main() {
    let s12 = Rule::compile(RuleSpec::s12(), &PermutationKey(KEY)).expect("a shipped rule");
    let s9 = Rule::compile(RuleSpec::s9(), &PermutationKey(KEY)).expect("a shipped rule");
    let plain = RuleSpec::sequential("plain", "G", 9, CheckScheme::Mod97_10);
    let plain = Rule::compile(plain, &PermutationKey(KEY)).expect("a rule");
    let in_s12 = s12.series(&"epoch=0".parse().expect("a context")).expect("its context");
    let in_s9 = s9.series(&"".parse().expect("a context")).expect("its context");
    let in_plain = plain.series(&"".parse().expect("a context")).expect("its context");

    let naive = rate(20_000, naive);
    println!("{:<44} {:>12}  {:>7}", "path", "per CPU s", "ratio");
    let report = |name: &str, rate: f64| println!("{name:<44} {rate:>12.0}  {:>7.1}", rate / naive);
    report("S12, naive: crate fpe, string building", naive);
    report("S12, one by one", rate(200_000, |count| (0..count).for_each(|n| _ = black_box(in_s12.serial(n)))));
    report("S12, bulk", rate(2_000_000, |count| bulk(&in_s12, count)));
    report("S9, bulk", rate(2_000_000, |count| bulk(&in_s9, count)));
    report("sequential, MOD 97-10, bulk", rate(2_000_000, |count| bulk(&in_plain, count)));
    let mut lines = Vec::new();
    in_s12.write_range(0, 99_999, |serial| lines.push(format!("S/N: {}", serial.grouped(&s12)))).expect("in range");
    let parsing = |count: u64| {
        (0..count).zip(lines.iter().cycle()).for_each(|(_, line)| drop(black_box(s12.parse(line))));
    };
    report("S12, parse of a printed serial", rate(200_000, parsing));
}

fn bulk(series: &Series<'_>, count: u64) {
    series
        .write_range(0, count - 1, |serial| {
            black_box(serial.as_bytes()[0]);
        })
        .expect("in range");
}

/// What one would write first: numeral strings through `fpe`, a symbol at a time, the check by its definition.
fn naive(count: u64) {
    let ff1 = FF1::<Aes256>::new(&KEY, 32).expect("radix 32");
    let alphabet = Alphabet::crockford32();
    let coder = CheckCoder::new(CheckScheme::Rs2, &alphabet).expect("32 symbols");
    for ordinal in 0..count {
        let numerals: Vec<u16> =
            (0..9).rev().map(|place| u16::try_from(ordinal >> (5 * place) & 31).expect("5 bits")).collect();
        let numerals = FlexibleNumeralString::from(numerals);
        let permuted = ff1.encrypt(b"s12/1/epoch=0", &numerals).expect("in the domain");
        let mut serial = String::from("0");
        for numeral in Vec::<u16>::from(permuted) {
            serial.push(char::from(alphabet.symbols()[usize::from(numeral)]));
        }
        let check = coder.compute(serial.as_bytes()).expect("known symbols");
        serial += std::str::from_utf8(check.as_bytes()).expect("ASCII");
        black_box(&serial);
    }
}

/// Items per CPU second of this thread, the best of three rounds.
fn rate(count: u64, mut run: impl FnMut(u64)) -> f64 {
    run(count / 10);
    let seconds = (0..3).map(|_| {
        let (wall, cpu) = (Instant::now(), cpu_seconds());
        run(count);
        match (cpu, cpu_seconds()) {
            (Some(before), Some(after)) => after - before,
            _ => wall.elapsed().as_secs_f64(),
        }
    });
    count as f64 / seconds.fold(f64::INFINITY, f64::min)
}

/// CPU time of this process on Linux; wall time has to do elsewhere.
fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: u64 = text.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds as f64 / 1e9)
}
