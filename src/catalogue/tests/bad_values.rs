//! Values that are wrong by themselves.

use super::*;

#[test]
fn a_formula_in_a_cell_is_refused_with_the_reason() {
    for (cell, first) in
        [("=1+1", '='), ("+1", '+'), ("-1", '-'), ("@SUM(A1)", '@'), ("\"\t=1\"", '\t'), ("\"\r=1\"", '\r')]
    {
        let line = fault("brands.csv", &format!("code,name\nA,{cell}\n"));
        assert_line(&line, "brands.csv, row 2, column name, ", "run as a formula");
        assert!(line.contains(&format!("starts with {first:?}")), "{line}");
    }
    // Marked as text it is text.
    let good = import(&[csv("brands.csv", "code,name\nA,'-10 °C Optics\n")], &Catalogue::default()).unwrap();
    assert_eq!(good.brands()[0].name.as_str(), "-10 °C Optics");
}

#[test]
fn wrong_gtin_check_digit_names_the_expected_one() {
    let line = fault("skus.csv", "code,product,brand,name,gtin\nX,NT-M2,BOR,One,9506000134353\n");
    assert_line(&line, "skus.csv, row 2, column gtin, \"9506000134353\": ", "would be 2, but it ends in 3");
    let line = fault("sku_aliases.csv", "sku,kind,value,valid_from\nNT-M2-BOR,gtin,9506000134353,2025-01-01\n");
    assert_line(&line, "sku_aliases.csv, row 2, column value", "would be 2");
}

#[test]
fn ser10_numbers_that_a_spreadsheet_has_rounded_are_seen() {
    let line = fault("skus.csv", "code,product,brand,name,gtin\nX,NT-M2,BOR,One,8.41E+12\n");
    assert_line(&line, "skus.csv, row 2, column gtin, \"8.41E+12\": ", "format the column as text");
    let line = fault("sku_aliases.csv", "sku;kind;value;valid_from\nNT-M2-BOR;customer;8,41E+12;2025-01-01\n");
    assert_line(&line, "sku_aliases.csv, row 2, column value, \"8,41E+12\": ", "its digits are lost");
}

#[test]
fn ser10_leading_zeros_and_long_digits_are_kept() {
    let aliases = "sku,kind,value,valid_from\nNT-M2-BOR,customer,00012345678901234567890,2025-01-01\n";
    let known = known();
    let catalogue = import(&[csv("sku_aliases.csv", aliases)], &known).unwrap();
    assert_eq!(catalogue.sku_aliases()[0].alias.value(), "00012345678901234567890");
    let written = &catalogue.to_csv()[3];
    assert!(String::from_utf8_lossy(&written.bytes).contains(",00012345678901234567890,"));
}

#[test]
fn control_characters_and_nul_are_refused() {
    for (value, code) in [("A\0B", "U+0000"), ("A\u{7f}B", "U+007F"), ("A\u{202E}B", "U+202E"), ("A\tB", "U+0009")] {
        let line = fault("brands.csv", &format!("code,name\nA,{value}\n"));
        assert_line(&line, "brands.csv, row 2, column name, ", code);
    }
    assert_line(&fault("brands.csv", "code,name\nA\0B,x\n"), "brands.csv, row 2, column code, ", "letters A-Z");
}

#[test]
fn texts_have_limits() {
    let name = "é".repeat(201);
    let line = fault("brands.csv", &format!("code,name\nA,{name}\n"));
    assert_line(&line, "brands.csv, row 2, column name, ", "201 characters; 200 are possible");
    let text = "é".repeat(1_001);
    let line = fault("brands.csv", &format!("code,name,importer_text\nA,x,{text}\n"));
    assert_line(&line, "brands.csv, row 2, column importer_text, ", "1001 characters; 1000 are possible");
    let code = "a".repeat(41);
    assert_line(
        &fault("brands.csv", &format!("code,name\n{code},x\n")),
        "brands.csv, row 2, column code, ",
        "at most 40",
    );
    assert_line(&fault("brands.csv", "code,name\nA,\"a\nb\"\n"), "brands.csv, row 2, column name, ", "one line");
}

#[test]
fn every_wrong_value_of_a_row_is_reported() {
    let lines = faults(&[csv(
        "sku_aliases.csv",
        "sku,kind,value,owner,valid_from,valid_to\n,nickname,,B R,01.02.2025,2025-02-30\n",
    )]);
    let columns: Vec<&str> = lines.iter().filter_map(|fault| fault.column.as_deref()).collect();
    assert_eq!(columns, ["sku", "kind", "value", "owner", "valid_from", "valid_to"]);
    assert!(lines.iter().all(|fault| fault.row == Some(2)));
    assert_line(
        &lines[1].to_string(),
        "sku_aliases.csv, row 2, column kind, \"nickname\": ",
        "branded, factory, model",
    );
}

#[test]
fn required_values_are_required_and_blanks_are_trimmed() {
    let line = fault("brands.csv", "code,name\nA,   \n");
    assert_line(&line, "brands.csv, row 2, column name: ", "a value is missing");
    let line = fault("brands.csv", "code,name\n A , \"Aurora\"\n");
    assert_line(&line, "brands.csv, row 2", "delete the blank");
    let good = import(&[csv("brands.csv", "code,name\n A ,\" Aurora \"\n")], &Catalogue::default()).unwrap();
    assert_eq!(good.brands()[0].name.as_str(), "Aurora");
    assert_eq!(good.brands()[0].code.as_str(), "A");
}

#[test]
fn dates_are_iso_and_validity_runs_forward() {
    let row = |from: &str, to: &str| format!("sku,kind,value,valid_from,valid_to\nNT-M2-BOR,customer,C1,{from},{to}\n");
    let line = fault("sku_aliases.csv", &row("03/31/2025", ""));
    assert_line(&line, "sku_aliases.csv, row 2, column valid_from, \"03/31/2025\": ", "like 2025-03-31");
    let line = fault("sku_aliases.csv", &row("2025-03-31", "2025-03-30"));
    assert_line(&line, "sku_aliases.csv, row 2, column valid_to, \"2025-03-30\": ", "begins on 2025-03-31");
    assert!(import(&[csv("sku_aliases.csv", &row("2025-03-31", "2025-03-31"))], &known()).is_ok());
}

#[test]
fn bat6_batch_numbers_are_free_but_visible() {
    let rows = "code,product,skus\nPosten 7 / März,NT-M2,nt-m2-bor| NT-M2-KES\n";
    let catalogue = import(&[csv("batches.csv", rows)], &known()).unwrap();
    assert_eq!(catalogue.batches()[0].code.as_str(), "Posten 7 / März");
    let line = fault("batches.csv", "code,product,skus\nA\u{200B}1,NT-M2,NT-M2-BOR\n");
    assert_line(&line, "batches.csv, row 2, column code, \"A\\u{200b}1\": ", "U+200B");
    let line = fault("batches.csv", "code,product,skus\nA1,NT-M2,NT-M2-BOR|nt-m2-bor\n");
    assert_line(&line, "batches.csv, row 2, column skus, ", "nt-m2-bor is listed twice");
}

#[test]
fn bat2_attributes_are_named_in_one_way() {
    let good = "batch,name,value\nHH/0007,accessory_source,Lot 3\nhh/0007,curing_oven,2\n";
    let catalogue = import(&[csv("batch_attributes.csv", good)], &known()).unwrap();
    assert_eq!(catalogue.attributes_of(&BatchCode::new("hh/0007").unwrap()).len(), 2);
    let line = fault("batch_attributes.csv", "batch,name,value\nHH/0007,Curing oven,2\n");
    assert_line(&line, "batch_attributes.csv, row 2, column name, \"Curing oven\": ", "small letters");
}
