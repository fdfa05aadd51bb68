//! Files that are broken as files.

use super::*;

#[test]
fn truncated_inside_quotes_names_the_row_where_the_quote_opens() {
    let line = fault("brands.csv", "code,name\nA,Aurora\nB,\"Bore");
    assert_line(&line, "brands.csv, row 3, \"B\": ", "cut off");
}

#[test]
fn truncated_inside_a_row_names_the_row_and_the_counts() {
    let line = fault("skus.csv", "code,product,brand,name\nX-1,NT-M2,BOR,One\nX-2,NT-M2");
    assert_line(&line, "skus.csv, row 3, \"X-2\": ", "2 cells, the header 4");
}

#[test]
fn every_truncation_of_a_table_is_refused_or_smaller() {
    // No cut may be taken for the whole: either it is refused, or rows are missing, never rows changed; but for a cut in a last
    // cell, which no reader can notice.
    for file in shipped_catalogue().into_iter().filter(|file| file.name == "brands.csv") {
        let last_cell = file.bytes.len() - "USA\",sentinel.png,US\n".len();
        for end in 0..last_cell {
            let cut = SourceFile { bytes: file.bytes[..end].to_vec(), ..file.clone() };
            if let Ok(catalogue) = import(&[cut], &known()) {
                let known = known();
                let changes = catalogue.changes_from(&known);
                let before_last_cell = changes.brands.changed.iter().all(|row| {
                    (&row.before.code, &row.before.importer_text) == (&row.after.code, &row.after.importer_text)
                });
                assert!(before_last_cell, "cut at byte {end}: {changes}");
            }
        }
    }
}

#[test]
fn other_encodings_say_which_byte_and_what_to_do() {
    let latin1 = b"code,name\nA,Gr\xF6\xDFe\n".to_vec();
    let line = faults(&[SourceFile { name: "brands.csv".into(), bytes: latin1 }])[0].to_string();
    assert_line(&line, "brands.csv: ", "byte 14 (0xF6) is not UTF-8");
    assert!(line.contains("save it as \"CSV UTF-8\""));
    let utf16: Vec<u8> = "\u{FEFF}code,name\nA,B\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let line = faults(&[SourceFile { name: "brands.csv".into(), bytes: utf16 }])[0].to_string();
    assert_line(&line, "brands.csv: ", "UTF-16");
}

#[test]
fn headers_are_exact_and_each_once() {
    let line = fault("brands.csv", "code,name,code\nA,B,C\n");
    assert_line(&line, "brands.csv, row 1, \"code\": ", "twice, as columns 1 and 3");
    let line = fault("brands.csv", "code,name,colour\nA,B,C\n");
    assert_line(&line, "brands.csv, row 1, \"colour\": ", "code, name, importer_text, logo, market");
    let line = fault("brands.csv", "code,name,\nA,B,\n");
    assert_line(&line, "brands.csv, row 1", "column 3 has no name");
    let lines = faults(&[csv("brands.csv", "Code,name\nA,B\n")]);
    assert_line(&lines[0].to_string(), "brands.csv, row 1, \"Code\": ", "has no column of this name");
    assert_line(&lines[1].to_string(), "brands.csv, row 1: ", "the column code is missing");
}

#[test]
fn a_missing_column_never_erases_what_is_known() {
    let line = fault("skus.csv", "code,product,brand,name,rule,template\nNT-M2-BOR,NT-M2,BOR,Borealis Fjäll 35,,\n");
    assert_line(&line, "skus.csv, row 2, column gtin: ", "add the column; its cells may be empty");
    // One fault a column, at the first row that would lose something.
    let lines = faults(&[csv("brands.csv", "code,name,market\nNEW,New,\nBOR,Borealis,EU\nKES,Kestrel,UK\n")]);
    let columns: Vec<_> = lines.iter().map(|fault| (fault.row, fault.column.as_deref())).collect();
    assert_eq!(columns, [(Some(3), Some("importer_text")), (Some(3), Some("logo"))]);
    // New rows have nothing to lose, and a known one may have nothing there: then the file can come again.
    let new = [csv("brands.csv", "code,name\nNEW,New\n")];
    let known = import(&new, &Catalogue::default()).unwrap();
    assert_eq!(import(&new, &known).unwrap().changes_from(&known).count(), 0);
    // An empty cell says that there is nothing.
    let text = "code,name,importer_text,logo,market\nBOR,Borealis,,,\n";
    assert!(import(&[csv("brands.csv", text)], &super::known()).is_ok());
}

#[test]
fn columns_come_in_any_order_and_delimiter() {
    for text in [
        "code,name,market\nA,Aurora,EU\n",
        "\u{FEFF}market;code;name\r\nEU;A;Aurora\r\n",
        "name\tmarket\tcode\nAurora\tEU\tA",
        "market,name,code\n\n\"EU\",  Aurora ,A\n,,\n",
    ] {
        let catalogue = import(&[csv("brands.csv", text)], &Catalogue::default()).unwrap();
        let brand = &catalogue.brands()[0];
        assert_eq!((brand.code.as_str(), brand.name.as_str()), ("A", "Aurora"), "{text:?}");
        assert_eq!(brand.market.as_ref().map(Line::as_str), Some("EU"));
    }
}

#[test]
fn empty_files_and_foreign_files_are_named() {
    for empty in ["", "\u{FEFF}", "\n \n"] {
        assert_line(&fault("skus.csv", empty), "skus.csv: ", "the file is empty");
    }
    assert_line(&fault("prices.csv", "a,b\n"), "prices.csv: ", "no file of a catalogue");
    assert_line(&fault("catalogue.xls", ""), "catalogue.xls: ", "save it as .xlsx");
    assert_line(&faults(&[])[0].to_string(), "the import: ", "no table and no logo");
    assert_line(&faults(&[csv(".DS_Store", ""), csv("~$brands.xlsx", "")])[0].to_string(), "the import: ", "no table");
    // A header alone is an empty table, and no fault.
    assert!(import(&[csv("brands.csv", "code,name\n")], &Catalogue::default()).is_ok());
}

#[test]
fn a_table_comes_once() {
    let faults = faults(&[csv("a/brands.csv", "code,name\n"), csv("b/Brands.csv", "code,name\n")]);
    assert_line(&faults[0].to_string(), "b/Brands.csv: ", "the table brands is given twice, also in a/brands.csv");
}

#[test]
fn limits_on_bytes_and_rows_are_named() {
    let files = [csv("brands.csv", "code,name\nA,A\nB,B\nC,C\n")];
    let limits = Limits { rows: 2, ..Limits::default() };
    let error = import_within(&files, &Catalogue::default(), &limits).unwrap_err();
    assert_line(&error.first[0].to_string(), "brands.csv, row 4: ", "more than 2 rows");
    let limits = Limits { bytes: 10, ..Limits::default() };
    let error = import_within(&files, &Catalogue::default(), &limits).unwrap_err();
    assert_line(&error.first[0].to_string(), "the import: ", "import it in parts");
}

#[test]
fn one_fault_brings_no_others_with_it() {
    // The brand is refused for its name, the product table for its header: SKUs that refer to both are not reported again.
    let lines = faults(&[
        csv("brands.csv", "code,name\nNEW,=A1\n"),
        csv("products.csv", "code,names\nP,P\n"),
        csv("skus.csv", "code,product,brand,name\nX,P,NEW,One\n"),
    ]);
    let files: Vec<&str> = lines.iter().map(|fault| fault.file.as_str()).collect();
    assert_eq!(files, ["brands.csv", "products.csv", "products.csv"]);
}

#[test]
fn faults_beyond_the_thousandth_are_counted() {
    let rows: String = (0..2_500).map(|n| format!("-{n},x\n")).collect();
    let error = import(&[csv("brands.csv", &format!("code,name\n{rows}"))], &Catalogue::default()).unwrap_err();
    assert_eq!((error.first.len(), error.more, error.count()), (FAULTS_MAX, 1_500, 2_500));
    assert!(error.to_string().ends_with("and 1500 more\n"));
}

#[test]
fn a_fault_is_one_line_whatever_the_file_says() {
    let line = fault("brands.csv", "code,name\n\"A\u{1b}[31m\nB\",x\n");
    assert!(!line.contains(['\n', '\u{1b}']), "{line:?}");
    let long = "x".repeat(500);
    let line = fault("brands.csv", &format!("code,name\n{long},x\n"));
    assert!(line.len() < 200, "{line}");
}

#[test]
fn logos_must_be_whole_png_files() {
    let brand = csv("brands.csv", "code,name,logo\nA,Aurora,aurora.png\n");
    let png = shipped_catalogue().into_iter().find(|file| file.name == "logos/kestrel.png").unwrap().bytes;
    let logo = |bytes: &[u8]| SourceFile { name: "logos/aurora.png".into(), bytes: bytes.to_vec() };

    assert!(import(&[brand.clone(), logo(&png)], &Catalogue::default()).is_ok());
    let lines = faults(&[brand.clone(), logo(&png[..png.len() - 5])]);
    assert_line(&lines[0].to_string(), "logos/aurora.png: ", "cut off");
    assert_eq!(lines.len(), 1, "the brand is not blamed for it");
    let lines = faults(&[brand.clone(), logo(b"GIF89a")]);
    assert_line(&lines[0].to_string(), "logos/aurora.png: ", "not a PNG file");
    assert_line(&faults(&[brand])[0].to_string(), "brands.csv, row 2, column logo", "no file logos/aurora.png");
    assert_line(&faults(&[logo(&png)])[0].to_string(), "logos/aurora.png: ", "no brand names this logo");
    let odd = SourceFile { name: "logos/Aurora.PNG".into(), bytes: png };
    assert_line(&faults(&[odd])[0].to_string(), "logos/Aurora.PNG: ", "small letters");
}
