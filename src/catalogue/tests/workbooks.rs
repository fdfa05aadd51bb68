//! XLSX files, good and bad.

use std::io::{Cursor, Write};

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;

fn book(bytes: Vec<u8>) -> SourceFile {
    SourceFile { name: "catalogue.xlsx".into(), bytes }
}

/// A workbook of one sheet, its header written as text.
fn sheet(name: &str, header: &[&str], fill: impl FnOnce(&mut Worksheet)) -> SourceFile {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name(name).unwrap();
    for (column, header) in (0..).zip(header) {
        sheet.write_string(0, column, *header).unwrap();
    }
    fill(sheet);
    book(workbook.save_to_buffer().unwrap())
}

/// A workbook of one SKU row whose GTIN cell is up to the caller.
fn sku(fill: impl FnOnce(&mut Worksheet)) -> SourceFile {
    sheet("skus", &["code", "product", "brand", "name", "gtin"], |sheet| {
        for (column, value) in (0..).zip(["X", "NT-M2", "BOR", "One"]) {
            sheet.write_string(2, column, value).unwrap();
        }
        fill(sheet);
    })
}

fn line(file: SourceFile) -> String {
    let faults = faults(&[file]);
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults[0].to_string()
}

const GTIN_CELL: &str = "catalogue.xlsx, sheet skus, row 3, column gtin, ";

#[test]
fn ser10_text_cells_keep_leading_zeros_and_numbers_without_loss_are_taken() {
    let text = sku(|sheet| {
        sheet.write_string(2, 4, "012345678905").unwrap();
    });
    let catalogue = import(&[text], &known()).unwrap();
    assert_eq!(catalogue.skus()[0].gtin.unwrap().to_string(), "012345678905");
    let number = sku(|sheet| {
        sheet.write_number(2, 4, 9_506_000_134_352.0).unwrap();
    });
    let catalogue = import(&[number], &known()).unwrap();
    assert_eq!(catalogue.skus()[0].gtin.unwrap().to_string(), "9506000134352");
}

#[test]
fn ser10_numbers_that_lost_zeros_or_digits_are_refused_with_advice() {
    for (number, words) in [
        (12_345_678_905.0, "this has 11"),
        (9_506_000_134_353.0, "would be 2"),
        (8.41, "not whole"),
        (-5.0, "negative"),
        (1.234_567_890_123_456_8e17, "longer than 15 digits"),
    ] {
        let line = line(sku(|sheet| {
            sheet.write_number(2, 4, number).unwrap();
        }));
        assert_line(&line, GTIN_CELL, words);
        assert!(line.contains("format the column as text"), "{line}");
    }
}

#[test]
fn a_formula_cell_is_refused_also_when_its_value_would_do() {
    let formula = sku(|sheet| {
        sheet.write_formula(2, 4, Formula::new("=9506000134352").set_result("9506000134352")).unwrap();
    });
    assert_line(&line(formula), GTIN_CELL, "holds a formula");
}

#[test]
fn cells_of_other_types_are_refused_in_text_columns() {
    let truth = sku(|sheet| {
        sheet.write_boolean(2, 4, true).unwrap();
    });
    assert_line(&line(truth), GTIN_CELL, "TRUE or FALSE");
    let date = sku(|sheet| {
        let format = Format::new().set_num_format("yyyy-mm-dd");
        sheet.write_with_format(2, 4, ExcelDateTime::from_ymd(2025, 3, 31).unwrap(), &format).unwrap();
    });
    assert_line(&line(date), GTIN_CELL, "the cell holds a date");
}

#[test]
fn date_cells_are_dates_in_date_columns() {
    let batch = |moment: ExcelDateTime| {
        sheet("batches", &["code", "product", "skus", "manufactured_on"], |sheet| {
            for (column, value) in (0..).zip(["B-1", "NT-M2", "NT-M2-BOR"]) {
                sheet.write_string(1, column, value).unwrap();
            }
            let format = Format::new().set_num_format("dd.mm.yyyy");
            sheet.write_with_format(1, 3, moment, &format).unwrap();
        })
    };
    let catalogue = import(&[batch(ExcelDateTime::from_ymd(2025, 3, 31).unwrap())], &known()).unwrap();
    assert_eq!(catalogue.batches()[0].manufactured_on, Some(jiff::civil::date(2025, 3, 31)));
    let moment = ExcelDateTime::from_ymd(2025, 3, 31).unwrap().and_hms(7, 0, 0).unwrap();
    assert_line(
        &line(batch(moment)),
        "catalogue.xlsx, sheet batches, row 2, column manufactured_on",
        "a date with a time",
    );
}

#[test]
fn sheets_are_tables() {
    let notes = sheet("Notes", &["remember the milk"], |_| {});
    assert_line(&line(notes), "catalogue.xlsx, sheet Notes: ", "named after no table");
    let duplicate = sheet("brands", &["code", "name", "code"], |_| {});
    assert_line(&line(duplicate), "catalogue.xlsx, sheet brands, row 1, \"code\": ", "columns 1 and 3");
    let empty = sheet("brands", &[], |_| {});
    assert_line(&line(empty), "catalogue.xlsx, sheet brands: ", "is empty");
    let outside = sheet("brands", &["code", "name"], |sheet| {
        sheet.write_string(1, 0, "A").unwrap();
        sheet.write_string(1, 1, "Aurora").unwrap();
        sheet.write_string(1, 16_383, "stray").unwrap();
    });
    assert_line(&line(outside), "catalogue.xlsx, sheet brands, row 2: ", "in column 16384");
    let twice = [book(known().to_xlsx().unwrap()), csv("brands.csv", "code,name\n")];
    assert_line(&faults(&twice)[0].to_string(), "brands.csv: ", "also in catalogue.xlsx, sheet brands");
}

#[test]
fn every_truncation_of_a_workbook_is_refused() {
    let whole = known().to_xlsx().unwrap();
    for end in (0..whole.len()).step_by(37) {
        let line = line(book(whole[..end].to_vec()));
        assert!(line.contains("not a whole .xlsx file") || line.contains("is empty"), "cut at {end}: {line}");
    }
}

#[test]
fn what_is_no_workbook_is_told_apart() {
    assert_line(&line(book(b"code,name\nA,B\n".to_vec())), "catalogue.xlsx: ", "not a whole .xlsx file");
    assert_line(&line(book(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec())), "catalogue.xlsx: ", "with a password");
    assert_line(&line(book(zip(&[("readme.txt", b"hello")]))), "catalogue.xlsx: ", "not a whole .xlsx file");
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in members {
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn zip_bombs_are_refused_before_they_unfold() {
    let bomb = zip(&[("xl/workbook.xml", &vec![b' '; 5_000_000])]);
    assert!(bomb.len() < 50_000, "{} bytes", bomb.len());
    let limits = Limits { inflated_bytes: 4_000_000, ..Limits::default() };
    let error = import_within(&[book(bomb.clone())], &Catalogue::default(), &limits).unwrap_err();
    assert_line(&error.first[0].to_string(), "catalogue.xlsx: ", "more than 4 MB");

    // The same archive that lies about its size: 1 byte, in both of its headers.
    let size = 5_000_000_u32.to_le_bytes();
    let mut lying = bomb;
    let places: Vec<usize> = (0..lying.len() - 4).filter(|&at| lying[at..at + 4] == size).collect();
    assert!(!places.is_empty());
    for at in places {
        lying[at..at + 4].copy_from_slice(&1_u32.to_le_bytes());
    }
    let error = import_within(&[book(lying)], &Catalogue::default(), &limits).unwrap_err();
    let line = error.first[0].to_string();
    assert!(line.contains("more than 4 MB") || line.contains("not a whole"), "{line}");
}

#[test]
fn a_workbook_that_promises_too_many_strings_is_refused() {
    let promise = br#"<sst uniqueCount="99999999999999"></sst>"#;
    let line = line(book(zip(&[("xl/workbook.xml", b"<workbook/>"), ("xl/sharedStrings.xml", promise)])));
    assert_line(&line, "catalogue.xlsx: ", "claims to hold more strings than it can");
}

/// A workbook around the XML of one sheet.
fn hand_made(sheet_data: &str) -> SourceFile {
    let types = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
    let root = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    let workbook = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="brands" sheetId="1" r:id="r1"/></sheets></workbook>"#;
    let relations = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    let sheet = format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{sheet_data}</sheetData></worksheet>"#
    );
    book(zip(&[
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ]))
}

#[test]
fn crafted_cell_references_are_refused_and_never_panic() {
    let cell = |reference: &str, text: &str| format!(r#"<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>"#);
    let header = format!(r#"<row r="1">{}{}</row>"#, cell("A1", "code"), cell("B1", "name"));
    let good = format!(r#"{header}<row r="2">{}{}</row>"#, cell("A2", "A"), cell("B2", "Aurora"));
    assert_eq!(import(&[hand_made(&good)], &Catalogue::default()).unwrap().brands().len(), 1);
    for reference in ["AAAAAAAAAAAA2", "A99999999999", "A0", "2", "XFE2", "A1", "ü2", ""] {
        let crafted = format!(r#"{header}<row r="2">{}</row>"#, cell(reference, "A"));
        let line = faults(&[hand_made(&crafted)])[0].to_string();
        assert!(line.contains("not a whole .xlsx file") || line.contains("missing"), "{reference}: {line}");
    }
}
