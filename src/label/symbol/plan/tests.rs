//! Plans of every symbology: read back, refused, and the same whatever came before.

use proptest::prelude::*;
use rxing::BarcodeFormat;

use super::super::read_back::{Pixels, read_with, render_bars, render_matrix, symbology_identifier};
use super::*;

fn plan(symbology: Symbology, sample: &str) -> SymbolPlan {
    SymbolPlan::new(symbology, &SymbolOptions::default(), &[sample]).unwrap()
}

fn render(symbology: Symbology, encoded: Encoded<'_>) -> Pixels {
    let quiet = symbology.quiet_zones().left;
    match encoded {
        Encoded::Linear { bars, modules } => render_bars(bars, modules, quiet),
        Encoded::Matrix(matrix) => render_matrix(matrix, quiet.max(2)),
    }
}

fn format(symbology: Symbology) -> BarcodeFormat {
    match symbology {
        Symbology::Code128 | Symbology::Gs1_128 => BarcodeFormat::CODE_128,
        Symbology::Ean13 => BarcodeFormat::EAN_13,
        Symbology::Ean8 => BarcodeFormat::EAN_8,
        Symbology::UpcA => BarcodeFormat::UPC_A,
        Symbology::Itf14 => BarcodeFormat::ITF,
        Symbology::Code39 => BarcodeFormat::CODE_39,
        Symbology::DataMatrix | Symbology::Gs1DataMatrix => BarcodeFormat::DATA_MATRIX,
        Symbology::Qr => BarcodeFormat::QR_CODE,
        Symbology::MicroQr => BarcodeFormat::MICRO_QR_CODE,
    }
}

/// What a reader reports, in the form of [`scanned_text`].
fn scanned(symbology: Symbology, data: &str) -> Result<String, String> {
    let mut scratch = SymbolScratch::default();
    let plan = plan(symbology, data);
    let pixels = render(symbology, plan.encode(data, &mut scratch).unwrap());
    let text = read_with(pixels, format(symbology), symbology == Symbology::Gs1_128)?;
    Ok(match symbology {
        // The reader leaves out the leading 0 and puts the symbology identifier in front of GS1-128.
        Symbology::UpcA => format!("0{text}"),
        Symbology::Gs1_128 => text.strip_prefix("]C1").ok_or("no GS1-128")?.to_owned(),
        _ => text,
    })
}

const EXAMPLES: [(Symbology, &str, (u32, u32)); 11] = [
    (Symbology::Code128, "K7-0001-23AB", (167, 1)),
    (Symbology::Gs1_128, "(01)09506000134352(21)7K3M", (200, 1)),
    (Symbology::Ean13, "4006381333931", (95, 1)),
    (Symbology::Ean8, "96385074", (67, 1)),
    (Symbology::UpcA, "036000291452", (95, 1)),
    (Symbology::Itf14, "15400141288763", (135, 1)),
    (Symbology::Code39, "K7-0001", (143, 1)),
    (Symbology::DataMatrix, "K7-0001-23AB", (16, 16)),
    (Symbology::Gs1DataMatrix, "(01)09506000134352(10)B42(21)7K3M", (18, 18)),
    (Symbology::Qr, "https://id.gs1.org/01/09506000134352/21/7K3M", (29, 29)),
    (Symbology::MicroQr, "K70001", (13, 13)),
];

#[test]
fn lab5_every_symbology_is_read_by_another_decoder() {
    for (symbology, data, modules) in EXAMPLES {
        assert_eq!(scanned(symbology, data), Ok(scanned_text(symbology, data).unwrap()), "{symbology:?}");
        assert_eq!(plan(symbology, data).modules(), modules, "{symbology:?}");
        assert_eq!(plan(symbology, data).symbology(), symbology);
    }
}

/// Digits with their check digit.
fn checked(digits: &str) -> String {
    let values: Vec<u8> = digits.bytes().map(|byte| byte - b'0').collect();
    format!("{digits}{}", crate::label::symbol::ean_digits::check_digit(&values))
}

// Invariants:
// 1. What a decoder that is not ours reports is the scanned text, for any data.
// 2. The symbol of some data does not depend on what was encoded before with the same scratch.
// 3. No text makes a plan or an encoder panic.
proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn bar4_random_data_read_back(
        text in "[!-~]{1,24}", digits in "[0-9]{13}", serial in "[A-Z0-9a-z!%&()*+,./:;<=>?_-]{1,12}"
    ) {
        let gs1 = format!("(01){}(10){serial}(21){serial}", checked(&digits));
        let short = format!("(01){}(21){}", checked(&digits), &serial);
        for (symbology, data) in [
            (Symbology::Code128, text.clone()),
            (Symbology::DataMatrix, text),
            (Symbology::Ean13, checked(&digits[..12])),
            (Symbology::Ean8, checked(&digits[..7])),
            (Symbology::UpcA, checked(&digits[..11])),
            (Symbology::Itf14, checked(&digits)),
            (Symbology::Gs1_128, short),
            (Symbology::Gs1DataMatrix, gs1),
        ] {
            let expected = scanned_text(symbology, &data);
            if let Ok(expected) = expected {
                prop_assert_eq!(scanned(symbology, &data), Ok(expected), "{:?} {}", symbology, data);
            }
        }
    }

    #[test]
    fn nothing_is_left_over_from_the_symbol_before(first in "[A-Z0-9]{1,10}", second in "[A-Z0-9]{1,10}") {
        for symbology in [Symbology::Code128, Symbology::Code39, Symbology::DataMatrix, Symbology::Qr, Symbology::MicroQr] {
            let plan = SymbolPlan::new(symbology, &SymbolOptions::default(), &[&first, &second]).unwrap();
            let (mut used, mut fresh) = (SymbolScratch::default(), SymbolScratch::default());
            plan.encode(&first, &mut used).unwrap();
            prop_assert_eq!(plan.encode(&second, &mut used).unwrap(), plan.clone().encode(&second, &mut fresh).unwrap());
        }
    }

    #[test]
    fn no_text_does_harm(text in "\\PC{0,50}|[\u{0}-\u{ff}]{0,30}|[0-9]{0,20}|\\([0-9]{2}\\)[ -~]{0,20}") {
        for symbology in Symbology::ALL {
            if let Ok(plan) = SymbolPlan::new(symbology, &SymbolOptions::default(), &[&text]) {
                prop_assert!(plan.encode(&text, &mut SymbolScratch::default()).is_ok());
            }
        }
    }
}

#[test]
fn gs1_data_matrix_is_announced_as_gs1() {
    let mut scratch = SymbolScratch::default();
    let data = "(01)09506000134352(10)B42(21)7K3M";
    let encoded = plan(Symbology::Gs1DataMatrix, data).encode(data, &mut scratch).unwrap();
    let identifier = symbology_identifier(render(Symbology::Gs1DataMatrix, encoded), BarcodeFormat::DATA_MATRIX);
    // ISO/IEC 15424: ]d2 is Data Matrix with FNC1 in the first position.
    assert_eq!(identifier, Ok("]d2".to_owned()));
}

#[test]
fn longer_data_than_planned_are_refused() {
    let cases = [
        (Symbology::Code128, "ABC", "ABCD"),
        (Symbology::Gs1_128, "(01)09506000134352(21)A", "(01)09506000134352(21)ABC"),
        (Symbology::Code39, "ABC", "ABCD"),
        (Symbology::DataMatrix, "ABC", "ABCDEFGHIJ"),
        (Symbology::Gs1DataMatrix, "(01)09506000134352", "(01)09506000134352(21)ABCDEFGHIJKLM"),
        (Symbology::Qr, "ABC", "abcdefghijklmnopqrstuvwxyz"),
        (Symbology::MicroQr, "123", "ABCDEFGHIJ"),
    ];
    for (symbology, sample, longer) in cases {
        let error = plan(symbology, sample).encode(longer, &mut SymbolScratch::default()).unwrap_err();
        assert!(matches!(error, SymbolError::LongerThanPlanned { .. }), "{symbology:?}: {error}");
        assert!(error.to_string().contains("is laid out for at most"), "{error}");
    }
}

#[test]
fn ser5_a_gs1_128_holds_48_characters_and_code_128_no_fnc1() {
    let data = |count: usize| format!("(01)09506000134352(21){}(10){}", "A".repeat(20), "B".repeat(count));
    let modules =
        |data: &str| SymbolPlan::new(Symbology::Gs1_128, &SymbolOptions::default(), &[data]).map(|p| p.modules());
    assert!(modules(&data(7)).is_ok(), "16 + 22 + 1 + 9 characters");
    assert_eq!(modules(&data(8)), Err(SymbolError::TooLong { found: 49, limit: 48 }));
    let fnc1 = SymbolPlan::new(Symbology::Code128, &SymbolOptions::default(), &["A\u{f8f1}B"]).unwrap_err();
    assert!(matches!(fnc1, SymbolError::Character { .. }));
}

#[test]
fn options_choose_level_and_shape() {
    let with = |symbology, options: SymbolOptions, data: &str| {
        SymbolPlan::new(symbology, &options, &[data]).unwrap().modules()
    };
    let level = |level| SymbolOptions { error_correction: Some(level), ..SymbolOptions::default() };
    let url = "https://example.com/K7-0001";
    let sizes = [ErrorCorrection::L, ErrorCorrection::M, ErrorCorrection::Q, ErrorCorrection::H]
        .map(|l| with(Symbology::Qr, level(l), url).0);
    assert_eq!(sizes, [25, 25, 29, 33]);
    let rectangle = SymbolOptions { shape: MatrixShape::Rectangle, ..SymbolOptions::default() };
    assert_eq!(with(Symbology::DataMatrix, rectangle, "K7-0001-23AB"), (32, 8));
}

#[test]
fn samples_are_needed_where_lengths_vary() {
    for symbology in Symbology::ALL {
        let plan = SymbolPlan::new(symbology, &SymbolOptions::default(), &[]);
        let is_fixed = matches!(symbology, Symbology::Ean13 | Symbology::Ean8 | Symbology::UpcA | Symbology::Itf14);
        assert_eq!(plan.is_ok(), is_fixed, "{symbology:?}");
    }
}

#[test]
fn plans_go_to_other_threads() {
    fn is_shared<T: Clone + Send + Sync>() {}
    is_shared::<SymbolPlan>();
}
