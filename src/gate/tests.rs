//! The gate against symbols from other people's encoders. LAB5: every symbol says what it must, also badly printed.
//!
//! Invariants of the property tests:
//! 1. Whatever is drawn, wherever the zone is, the gate ends without a panic and gives a reading for every distortion.
//! 2. Serials of our alphabet read back from Code 128, Data Matrix and QR; another serial is never taken for them.

mod draw;

use super::*;
use draw::{Label, encode, matrix, qr_in_utf8, qr_with_fnc1, sample, samples};
use proptest::prelude::*;

fn gate(label: &Label) -> GateReport {
    check(&label.bitmap, &[label.expected()])
}

fn as_drawn(label: &Label) -> Result<String, ReadError> {
    gate(label).readings[0].result.clone()
}

#[test]
fn bar6_every_format_passes_from_2_dots_a_module() {
    for module_dots in [2, 3, 4, 6] {
        for sample in samples() {
            let report = gate(&sample.draw(module_dots));
            assert!(report.passed(), "{module_dots} dots: {report}");
            assert_eq!(report.readings.len(), Distortion::ALL.len());
            assert_eq!(report.unexpected, []);
        }
    }
}

#[test]
fn a_module_of_one_dot_does_not_survive_printing() {
    for sample in samples() {
        let report = gate(&sample.draw(1));
        assert!(!report.passed(), "{report}");
        assert!(report.readings[0].ok(), "it can be read as long as nothing is printed: {report}");
    }
}

#[test]
fn turned_symbols_are_read_where_they_stand() {
    for sample in samples() {
        let mut label = sample.draw(3);
        for _ in 0..4 {
            label = label.turned();
            let report = gate(&label);
            assert!(report.passed(), "{:?}: {report}", label.turn);
        }
        // A linear symbol across the scan lines is not read.
        let askew = Label { turn: Turn::None, ..label.turned() };
        assert!(sample.format.is_matrix() || as_drawn(&askew).is_err());
    }
}

#[test]
fn other_data_fail() {
    for sample in samples() {
        let mut label = sample.draw(3);
        let drawn = std::mem::replace(&mut label.sample.text, "7K3M-9QXD3".to_owned());
        let report = gate(&label);
        assert_eq!(report.failures().count(), Distortion::ALL.len(), "{report}");
        assert_eq!(report.readings[0].result.as_deref(), Ok(drawn.as_str()));
        let text = report.to_string();
        assert!(text.starts_with("decode gate failed: 6 of 6 readings\n"), "{text}");
        assert!(text.contains(&format!("as drawn: says {drawn:?} instead of \"7K3M-9QXD3\"")), "{text}");
    }
}

#[test]
fn another_format_fails_with_the_same_data() {
    for (drawn, claimed) in [
        (CodeFormat::Code128, CodeFormat::Gs1_128),
        (CodeFormat::Gs1_128, CodeFormat::Code128),
        (CodeFormat::DataMatrix, CodeFormat::Gs1DataMatrix),
        (CodeFormat::Gs1DataMatrix, CodeFormat::DataMatrix),
    ] {
        let mut label = sample(drawn).draw(3);
        label.sample.format = claimed;
        assert_eq!(as_drawn(&label), Err(ReadError::OtherFormat { found: drawn.name() }));
    }
    for (drawn, claimed) in [
        (CodeFormat::Code128, CodeFormat::Code39),
        (CodeFormat::Ean13, CodeFormat::UpcA),
        (CodeFormat::Qr, CodeFormat::MicroQr),
        (CodeFormat::Qr, CodeFormat::DataMatrix),
    ] {
        let mut label = sample(drawn).draw(3);
        label.sample.format = claimed;
        assert_eq!(as_drawn(&label), Err(ReadError::NotRead), "{drawn:?} as {claimed:?}");
    }
}

#[test]
fn a_qr_of_element_strings_is_not_a_plain_one() {
    let label = qr_with_fnc1("0109506000134352217K3M").draw(3);
    assert_eq!(as_drawn(&label), Err(ReadError::OtherFormat { found: "another symbology" }));
}

#[test]
fn a_lost_separator_is_seen() {
    for format in [CodeFormat::Gs1_128, CodeFormat::Gs1DataMatrix] {
        let mut label = encode(format, "010950600013435210B42217K3M").draw(3);
        label.sample.text = "010950600013435210B42\u{1D}217K3M".to_owned();
        assert_eq!(as_drawn(&label).as_deref(), Ok("010950600013435210B42217K3M"));
        assert!(!gate(&label).passed());
    }
}

#[test]
fn the_check_character_of_code_128_is_not_data() {
    // The check characters of these have the values of FNC1 (the first two), FNC2 and FNC2.
    for (format, text) in [
        (CodeFormat::Code128, "B-UP0RLNZDUVEHRL"),
        (CodeFormat::Gs1_128, "016573940896549510P\u{1D}21D"),
        (CodeFormat::Code128, "KYZB9Y-NG"),
        (CodeFormat::Gs1_128, "018135522329387210JDANDTX\u{1D}21C9PCZU6"),
    ] {
        let report = gate(&encode(format, text).draw(2));
        assert!(report.passed(), "{report}");
    }
    // A separator that is really there, at the end, is data.
    let mut label = encode(CodeFormat::Gs1_128, "0109506000134352217K3M\u{1D}").draw(2);
    label.sample.text.pop();
    assert_eq!(as_drawn(&label).as_deref(), Ok("0109506000134352217K3M\u{1D}"));
}

#[test]
fn a_lost_bar_fails_even_in_a_part_of_the_height() {
    for sample in samples().into_iter().filter(|sample| !sample.format.is_matrix()) {
        let label = sample.draw(3);
        let (first, band) = (label.quiet_dots(), label.zone.height / 2..label.zone.height * 7 / 10);
        let everywhere = label.changed(|x, _, black| black && !(first..first + 6).contains(&x));
        assert_eq!(gate(&everywhere).failures().count(), Distortion::ALL.len(), "{:?}", sample.format);
        let in_part = label.changed(|x, y, black| black && !((first..first + 6).contains(&x) && band.contains(&y)));
        assert!(as_drawn(&in_part).is_err(), "{:?}", sample.format);
        // Half a module of the first bar: it reads, and the edge is not where it belongs.
        let nibbled = label.changed(|x, y, black| black && !(x == first && band.contains(&y)));
        assert!(matches!(as_drawn(&nibbled), Err(ReadError::OffGrid { .. })), "{:?}", sample.format);
    }
}

#[test]
fn a_spoilt_matrix_fails() {
    for sample in samples().into_iter().filter(|sample| sample.format.is_matrix()) {
        let label = sample.draw(3);
        let (width, quiet) = (label.zone.width, label.quiet_dots());
        let spoilt = label.changed(|x, y, black| black != (x > width / 2 && y > width / 2 && (x / 3 + y / 3) % 3 == 0));
        assert!(!gate(&spoilt).passed(), "{:?}", sample.format);
        let without_corner = label.changed(|x, y, black| black && (x > quiet + 21 || y > quiet + 21));
        assert!(gate(&without_corner).failures().count() >= 5, "{:?}", sample.format);
    }
}

#[test]
fn ink_in_a_quiet_zone_fails() {
    for sample in samples() {
        let label = sample.draw(3);
        let (left, right) = (label.quiet_dots(), label.zone.width - 3);
        let sides: [&dyn Fn(i32, i32) -> bool; 4] =
            [&|x, _| x < left, &|x, _| x >= right, &|_, y| y < left, &|_, y| y >= right];
        let sides = if sample.format.is_matrix() { &sides[..] } else { &sides[..2] };
        for (at, side) in sides.iter().enumerate() {
            let filled = label.changed(|x, y, black| black || side(x, y));
            assert!(as_drawn(&filled).is_err(), "{:?}, side {at}", sample.format);
        }
    }
}

#[test]
fn scaled_pictures_of_symbols_fail() {
    for sample in samples() {
        for (numerator, denominator) in [(5, 4), (6, 5), (8, 9), (4, 3)] {
            let label = sample.draw_scaled(3, numerator, denominator);
            assert!(as_drawn(&label).is_err(), "{:?} {numerator}/{denominator}", sample.format);
        }
        assert!(gate(&sample.draw_scaled(3, 7, 7)).passed());
    }
}

#[test]
fn white_on_black_fails() {
    for sample in samples() {
        let inverted = sample.draw(4).changed(|_, _, black| !black);
        assert_eq!(gate(&inverted).failures().count(), Distortion::ALL.len(), "{:?}", sample.format);
    }
}

#[test]
fn a_mirrored_data_matrix_fails() {
    // ISO/IEC 18004 lets readers take a mirrored QR, and this one does.
    for format in [CodeFormat::DataMatrix, CodeFormat::Gs1DataMatrix] {
        let label = sample(format).draw(4);
        let mirrored = label.changed(|x, y, _| {
            let (x, y) = (label.zone.x + label.zone.width - 1 - x, label.zone.y + y);
            label.bitmap.is_black(usize::try_from(x).unwrap(), usize::try_from(y).unwrap())
        });
        assert_eq!(as_drawn(&mirrored), Err(ReadError::Mirrored));
        assert_eq!(gate(&mirrored).failures().count(), Distortion::ALL.len());
    }
}

#[test]
fn only_the_own_zone_counts() {
    let label = sample(CodeFormat::Code128).draw(2);
    let blank = ExpectedCode { zone: DotRect { x: 0, y: 0, width: label.zone.width, height: 10 }, ..label.expected() };
    let report = check(&label.bitmap, &[blank]);
    assert_eq!(report.failures().count(), Distortion::ALL.len());
    let found = FoundCode { format: CodeFormat::Code128, text: label.sample.text.clone() };
    assert_eq!(report.unexpected, [found]);
    assert!(report.to_string().ends_with("\n  not expected: Code 128 \"7K3M-9QXD2\""), "{report}");
}

#[test]
fn codes_that_nobody_declared_are_reported_and_do_not_fail() {
    for (sample, turns) in samples().into_iter().flat_map(|sample| [(sample.clone(), 0), (sample, 1)]) {
        let label = (0..turns).fold(sample.draw(4), |label, _| label.turned());
        let report = check(&label.bitmap, &[]);
        assert!(report.passed());
        let found: Vec<&str> = report.unexpected.iter().map(|found| found.text.as_str()).collect();
        assert_eq!(found, [sample.text.as_str()], "{:?}", sample.format);
        assert_eq!(report.unexpected[0].format, sample.format);
    }
}

#[test]
fn zones_off_the_label_and_impossible_modules() {
    let label = sample(CodeFormat::Ean13).draw(3);
    let far = DotRect { x: 100_000, y: 0, width: 300, height: 50 };
    let negative = DotRect { x: 0, y: 0, width: -300, height: i32::MIN };
    let nothing = DotRect { x: i32::MIN, y: i32::MIN, width: i32::MAX, height: i32::MAX };
    for (zone, module_dots) in [
        (far, 3),
        (negative, 3),
        (nothing, 3),
        (label.zone, 0),
        (label.zone, -3),
        (label.zone, 1_000),
        (label.zone, i32::MAX),
    ] {
        let report = check(&label.bitmap, &[ExpectedCode { zone, module_dots, ..label.expected() }]);
        assert!(report.readings.iter().all(|reading| reading.result == Err(ReadError::NoZone)), "{report}");
    }
    for (width, height) in [(0, 0), (5, 0), (0, 5), (1, 1)] {
        assert!(!check(&Bitmap::new(width, height), &[label.expected()]).passed());
    }
    let sheet = Bitmap::new(5_000, 7_000);
    let zone = DotRect { x: 0, y: 0, width: 5_000, height: 7_000 };
    let report = check(&sheet, &[ExpectedCode { zone, ..label.expected() }]);
    let too_large = ReadError::TooLarge { width_dots: 5_000, height_dots: 7_000 };
    assert!(report.readings.iter().all(|reading| reading.result == Err(too_large.clone())));
}

#[test]
fn text_beyond_ascii_reads_where_the_symbol_says_its_encoding() {
    for label in [
        encode(CodeFormat::DataMatrix, "Küche").draw(3),
        qr_in_utf8("型号 X1 家用").draw(3),
        qr_in_utf8("https://example.com/?m=Küche").draw(3),
    ] {
        let report = gate(&label);
        assert!(report.passed(), "{report}");
    }
    // The decoder cannot read a Data Matrix with an ECI: the gate refuses it, and does not take it for right.
    assert!(!gate(&encode(CodeFormat::DataMatrix, "型号 X1").draw(3)).passed());
    // Without an ECI a reader guesses, and what it guesses is what the gate reports.
    assert_eq!(as_drawn(&encode(CodeFormat::Qr, "型号 X1 家用").draw(3)).as_deref(), Ok("蝙句捷 X1 家用"));
}

#[test]
fn micro_qr_of_each_size_reads() {
    // M1, M2-L, M3-L and M3-M drawn by Segno 1.6 (https://github.com/heuer/segno), which follows ISO/IEC 18004:2015.
    let m1 = "1111111010110000010110101110101001011101000010111010111100000100111111111010000000000011110011100110101000110\
              011110000011";
    let m2 = "1111111010101100000100101110111010111011011101011101101110101011110000010010011111111010000000000000011011010\
              101111100110000100101110010001111101000111110011101110110000";
    let m3 = "1111111010101011000001010001011011101011101111011101011100101011101010011101000001000010111111111001101010000\
              00001110011111100110001001010010111001110110100000111101010010111111100100101000000101000101100000110110000100\
              111110";
    let m3_m = "11111110101010110000010101010110111010000011110111010011001010111010110111010000010001101111111110111010100\
                0000001110011100000111001001010110010001110100111001111101000111110111100100111001000111001001011000110100110\
                111111010";
    let vectors = [("12345", 11, m1), ("7K3M9Q", 13, m2), ("7K3M9QXD2", 15, m3), ("7K3M9QXD", 15, m3_m)];
    for (text, columns, modules) in vectors {
        let report = gate(&matrix(CodeFormat::MicroQr, text, columns, modules, 2).draw(3));
        assert!(report.passed(), "{report}");
    }
}

#[test]
fn readings_are_the_same_every_time() {
    let label = sample(CodeFormat::Qr).draw(2);
    let first = gate(&label);
    assert!((0..5).all(|_| gate(&label) == first));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_makes_the_gate_panic(
        (width, height) in (1_usize..90, 1_usize..90),
        ink in prop::collection::vec((0..90_i32, 0..90_i32, 0..30_i32, 0..30_i32), 0..60),
        (x, y, w, h) in (-20..90_i32, -20..90_i32, -5..120_i32, -5..120_i32),
        (module_dots, format) in (-1..9_i32, prop::sample::select(CodeFormat::ALL.to_vec())),
    ) {
        let mut bitmap = Bitmap::new(width, height);
        ink.into_iter().for_each(|(x, y, width, height)| bitmap.fill(DotRect { x, y, width, height }));
        let zone = DotRect { x, y, width: w, height: h };
        let code = ExpectedCode { element: "e", format, zone, module_dots, turn: Turn::Quarter, text: "12345670" };
        let report = check(&bitmap, &[code]);
        prop_assert_eq!(report.readings.len(), Distortion::ALL.len());
        prop_assert!(!report.passed());
    }

    #[test]
    fn spoilt_symbols_do_not_make_the_gate_panic(
        format in prop::sample::select(CodeFormat::ALL.to_vec()),
        patches in prop::collection::vec((0..300_i32, 0..300_i32, 1..40_i32, 1..40_i32), 1..12),
    ) {
        let label = sample(format).draw(2);
        let spoilt = label.changed(|x, y, black| {
            black != patches.iter().any(|&(left, top, width, height)| {
                (left..left + width).contains(&x) && (top..top + height).contains(&y)
            })
        });
        for reading in gate(&spoilt).readings {
            // Error correction may mend it; what is read is never something else.
            prop_assert!(reading.ok() || reading.result.is_err() || !format.is_matrix(), "{}", reading);
        }
    }

    #[test]
    fn serials_read_back(
        serial in "[0-9A-HJ-NP-Z]{6,14}",
        format in prop::sample::select(vec![CodeFormat::Code128, CodeFormat::DataMatrix, CodeFormat::Qr]),
    ) {
        let label = encode(format, &serial).draw(2);
        let report = gate(&label);
        prop_assert!(report.passed(), "{}", report);
    }
}
