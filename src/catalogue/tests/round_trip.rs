//! Invariants:
//! 1. Any valid catalogue comes back the same from its CSV files, and the files come back the same.
//! 2. Any valid catalogue comes back the same from its workbook (logos aside); writing it twice gives the same bytes.
//! 3. Importing again what is known changes nothing.
//! 4. Arbitrary bytes, and good files with bytes changed, never panic: they give a catalogue or at least one fault.
//! 5. An import is refused for an alias exactly if two SKUs have it on one day.
//! 6. For any digits before it, exactly one check digit makes a GTIN.

use proptest::prelude::*;

use super::*;

/// A line of text: any script, formula starts, quotes, delimiters and what XLSX escapes.
fn line() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[ -~]{1,12}",
        "[=+@'-]{1,3}[a-z0-9]{1,4}",
        "[äßéЖ批号\u{200D}]{1,5}",
        Just("_x0041_".to_owned()),
        Just("_x000D_".to_owned()),
        Just("&lt;<b>]]>".to_owned()),
        Just("00012345678901234567890".to_owned()),
    ];
    prop::collection::vec(part, 1..3)
        .prop_map(|parts| parts.concat())
        .prop_filter("blank, or what a spreadsheet makes of numbers", |text| {
            Line::<200>::new(text).is_ok() && !text.contains("E+") && !text.contains("e+")
        })
}

fn paragraph() -> impl Strategy<Value = String> {
    prop::collection::vec(line(), 1..4).prop_map(|lines| lines.join("\n"))
}

fn date() -> impl Strategy<Value = jiff::civil::Date> {
    (1_900_i16..=9_999, 1_i8..=12, 1_i8..=28).prop_map(|(year, month, day)| jiff::civil::date(year, month, day))
}

/// What differs from catalogue to catalogue; codes are numbered, so that relations hold.
#[derive(Debug, Clone)]
struct Seed {
    text: String,
    paragraph: Option<String>,
    option: Option<String>,
    date: jiff::civil::Date,
    end: Option<jiff::civil::Date>,
    gtin: Option<u32>,
}

fn seed() -> impl Strategy<Value = Seed> {
    let short = line().prop_filter("too long for a market", |text| Line::<40>::new(text).is_ok());
    let option = proptest::option::of(short);
    let ends = proptest::option::of(date());
    (line(), proptest::option::of(paragraph()), option, date(), ends, proptest::option::of(0_u32..100))
        .prop_map(|(text, paragraph, option, date, end, gtin)| Seed { text, paragraph, option, date, end, gtin })
}

fn optional<const MAX: usize>(text: &Option<String>) -> Option<Line<MAX>> {
    text.as_deref().map(|text| Line::new(text).unwrap())
}

fn gtin(payload: u64) -> Gtin {
    (0..10).find_map(|check| Gtin::new(&format!("{payload:012}{check}")).ok()).unwrap()
}

fn catalogue(seeds: &[Seed]) -> Catalogue {
    let mut rows = Rows::default();
    for (n, seed) in seeds.iter().enumerate() {
        let brand = BrandCode::new(&format!("b{n}")).unwrap();
        let product = ProductCode::new(&format!("P.{n}")).unwrap();
        let sku = SkuCode::new(&format!("S/{n}")).unwrap();
        let batch = BatchCode::new(&format!("Lot #{n} é")).unwrap();
        let paragraph = seed.paragraph.as_deref().map(|text| Paragraph::new(text).unwrap());
        rows.brands.push(Brand {
            code: brand.clone(),
            name: Line::new(&seed.text).unwrap(),
            importer_text: paragraph.clone(),
            logo: None,
            market: optional(&seed.option),
        });
        rows.products.push(Product {
            code: product.clone(),
            name: Line::new(&seed.text).unwrap(),
            platform: optional(&seed.option),
            description: paragraph.clone(),
        });
        rows.skus.push(Sku {
            code: sku.clone(),
            product: product.clone(),
            brand: brand.clone(),
            name: Line::new(&seed.text).unwrap(),
            gtin: seed.gtin.map(|low| gtin(u64::from(low) * 1_000 + n as u64 + 1)),
            rule: RuleName::default(),
            template: TemplateName::default(),
        });
        rows.sku_aliases.push(SkuAlias {
            sku: sku.clone(),
            alias: Alias::new(AliasKind::Customer, &format!("{n} {}", seed.text)).unwrap(),
            owner: seed.option.as_ref().map(|_| brand),
            valid_from: seed.date,
            valid_to: seed.end.filter(|end| *end >= seed.date),
        });
        rows.sku_revisions.push(SkuRevision {
            sku: sku.clone(),
            revision: RevisionCode::new("0A").unwrap(),
            packaging: optional(&seed.option),
            label: None,
            document: optional(&Some(seed.text.clone())),
            bundle: None,
            configuration: optional(&seed.option),
            firmware: None,
            valid_from: seed.date,
        });
        rows.batches.push(Batch {
            code: batch.clone(),
            product,
            skus: vec![sku],
            manufactured_on: seed.end,
            note: paragraph,
        });
        let name = AttributeName::new("release_record").unwrap();
        rows.batch_attributes.push(BatchAttribute { batch, name, value: Line::new(&seed.text).unwrap() });
    }
    Catalogue::from_rows(rows).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn csv_round_trip(seeds in prop::collection::vec(seed(), 1..6)) {
        let before = catalogue(&seeds);
        let files = before.to_csv();
        let after = import(&files, &Catalogue::default()).map_err(|faults| TestCaseError::fail(faults.to_string()))?;
        prop_assert_eq!(&after, &before);
        prop_assert_eq!(after.to_csv(), files.clone());
        let again = import(&files, &before).map_err(|faults| TestCaseError::fail(faults.to_string()))?;
        prop_assert_eq!(again.changes_from(&before).count(), 0);
    }

    #[test]
    fn xlsx_round_trip(seeds in prop::collection::vec(seed(), 1..6)) {
        let before = catalogue(&seeds);
        let bytes = before.to_xlsx().unwrap();
        prop_assert_eq!(&bytes, &before.to_xlsx().unwrap());
        let file = SourceFile { name: "any name.xlsx".into(), bytes };
        let after = import(&[file], &Catalogue::default()).map_err(|faults| TestCaseError::fail(faults.to_string()))?;
        prop_assert_eq!(&after, &before);
    }

    #[test]
    fn arbitrary_bytes_never_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        name in prop::sample::select(vec!["brands.csv", "skus.csv", "x.xlsx", "logos/x.png", "x"]),
        start in prop::sample::select(vec![&b""[..], b"PK\x03\x04", b"code,name\n", b"\x89PNG\r\n\x1a\n"]),
    ) {
        let file = SourceFile { name: name.to_owned(), bytes: [start, &bytes].concat() };
        if let Err(faults) = import(&[file], &Catalogue::default()) {
            prop_assert!(faults.count() > 0);
            prop_assert!(!faults.to_string().is_empty());
        }
    }

    #[test]
    fn changed_files_never_panic(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        which in any::<prop::sample::Index>(),
    ) {
        let mut files = shipped_catalogue();
        files.push(SourceFile { name: "b.xlsx".into(), bytes: known().to_xlsx().unwrap() });
        let file = which.get_mut(&mut files);
        for (at, byte) in edits {
            *at.get_mut(&mut file.bytes[..]) = byte;
        }
        let one = [file.clone()];
        if let Err(faults) = import(&one, &known()) {
            prop_assert!(faults.count() > 0);
        }
    }

    #[test]
    fn aliases_clash_exactly_when_their_days_meet(
        spans in prop::collection::vec((0_usize..3, 1_i8..=28, 0_i8..=27), 1..8),
    ) {
        let skus = ["NT-M2-BOR", "NT-M2-KES", "NT-M2-SEN"];
        let mut spans: Vec<(&str, i8, i8)> =
            spans.into_iter().map(|(sku, first, days)| (skus[sku], first, (first + days).min(28))).collect();
        spans.sort_unstable();
        spans.dedup_by_key(|(sku, first, _)| (*sku, *first));
        let rows: String = spans
            .iter()
            .map(|(sku, first, last)| format!("{sku},model,Twin,2025-02-{first:02},2025-02-{last:02}\n"))
            .collect();
        let clash = spans.iter().any(|left| {
            spans.iter().any(|right| left.0 != right.0 && left.1 <= right.2 && right.1 <= left.2)
        });
        let file = csv("sku_aliases.csv", &format!("sku,kind,value,valid_from,valid_to\n{rows}"));
        prop_assert_eq!(import(&[file], &known()).is_err(), clash, "{}", rows);
    }

    #[test]
    fn one_check_digit_fits(payload in 1_u64..10_000_000_000_000, length in prop::sample::select(vec![7_usize, 11, 12, 13])) {
        let digits = format!("{payload:013}");
        let payload = &digits[13 - length..];
        prop_assume!(payload.bytes().any(|digit| digit != b'0'));
        let fitting = (0..10).filter(|check| Gtin::new(&format!("{payload}{check}")).is_ok()).count();
        prop_assert_eq!(fitting, 1);
    }

    #[test]
    fn a_changed_digit_is_noticed(payload in 1_u64..1_000_000_000_000, at in 0_usize..13, by in 1_u8..10) {
        let good = gtin(payload).to_string();
        let mut changed = good.into_bytes();
        changed[at] = b'0' + (changed[at] - b'0' + by) % 10;
        prop_assert!(Gtin::new(std::str::from_utf8(&changed).unwrap()).is_err());
    }
}
