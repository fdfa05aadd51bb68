//! A million rows.

use std::fmt::Write;

use super::*;

/// An alias table of that many rows, each of its own value.
fn aliases(rows: u32) -> SourceFile {
    let mut text = String::from("sku,kind,value,owner,valid_from,valid_to\n");
    for row in 0..rows {
        writeln!(text, "NT-M2-BOR,customer,C-{row:07},BOR,2025-01-01,").unwrap();
    }
    csv("sku_aliases.csv", &text)
}

#[test]
fn a_million_rows_are_imported() {
    let catalogue = import(&[aliases(1_000_000)], &known()).unwrap();
    assert_eq!(catalogue.sku_aliases().len(), 1_000_000);
    assert_eq!(catalogue.sku_aliases()[999_999].alias.value(), "C-0999999");
}

#[test]
fn rows_beyond_the_limit_are_refused_with_the_row() {
    let limits = Limits { rows: 50_000, ..Limits::default() };
    let error = import_within(&[aliases(60_000)], &known(), &limits).unwrap_err();
    assert_eq!(error.count(), 1);
    assert_line(&error.first[0].to_string(), "sku_aliases.csv, row 50002: ", "more than 50000 rows");
}
