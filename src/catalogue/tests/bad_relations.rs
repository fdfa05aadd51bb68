//! Rows that do not go together.

use super::*;

#[test]
fn duplicate_keys_name_both_rows() {
    let line = fault("brands.csv", "code,name\nAur,Aurora\nB,Bora\nAUR,Aurora again\n");
    assert_line(&line, "brands.csv, row 4, column code", "this brand is there already in brands.csv, row 2");
    let twice = "batch,name,value\nHH/0007,label_version,1\nHH/0007,label_version,2\n";
    assert_line(&fault("batch_attributes.csv", twice), "batch_attributes.csv, row 3", "in batch_attributes.csv, row 2");
}

#[test]
fn plb3_a_branded_sku_without_a_supplier_side_product_is_refused() {
    let line = fault("skus.csv", "code,product,brand,name\nX,NT-X9,BOR,Borealis X\n");
    assert_line(&line, "skus.csv, row 2, column product, \"NT-X9\": ", "there is no product NT-X9");
    let line = fault("skus.csv", "code,product,brand,name\nX,,BOR,Borealis X\n");
    assert_line(&line, "skus.csv, row 2, column product: ", "a value is missing");
    let line = fault("sku_aliases.csv", "sku,kind,value,valid_from\nX-9,branded,BO-X9,2025-01-01\n");
    assert_line(&line, "sku_aliases.csv, row 2, column sku, \"X-9\": ", "there is no SKU X-9");
}

#[test]
fn every_reference_must_lead_somewhere() {
    let cases = [
        ("skus.csv", "code,product,brand,name\nX,NT-M2,NOPE,One\n", "column brand, \"NOPE\": there is no brand NOPE"),
        (
            "sku_aliases.csv",
            "sku,kind,value,owner,valid_from\nNT-M2-BOR,model,M,NOPE,2025-01-01\n",
            "column owner, \"NOPE\": there is no brand NOPE",
        ),
        (
            "sku_revisions.csv",
            "sku,revision,valid_from\nNOPE,A,2025-01-01\n",
            "column sku, \"NOPE\": there is no SKU NOPE",
        ),
        ("batches.csv", "code,product,skus\nB,NOPE,NT-M2-BOR\n", "column product, \"NOPE\": there is no product NOPE"),
        ("batches.csv", "code,product,skus\nB,NT-M2,NOPE\n", "column skus, \"NOPE\": there is no SKU NOPE"),
        ("batch_attributes.csv", "batch,name,value\nNOPE,a,b\n", "column batch, \"NOPE\": there is no batch NOPE"),
    ];
    for (name, text, words) in cases {
        let lines = faults(&[csv(name, text)]);
        assert_line(&lines[0].to_string(), &format!("{name}, row 2, {words}"), "");
    }
}

#[test]
fn partial_files_lead_to_what_is_known_and_take_its_spelling() {
    let rows = "code,product,brand,name\nNT-M2-NEW,nt-m2,Bor,Borealis Neu\n";
    let catalogue = import(&[csv("skus.csv", rows)], &known()).unwrap();
    let sku = &catalogue.skus()[0];
    assert_eq!((sku.product.as_str(), sku.brand.as_str()), ("NT-M2", "BOR"));
    assert_eq!((sku.rule.as_str(), sku.template.as_str()), ("s12", "unit-60x40"));
    assert!(import(&[csv("skus.csv", rows)], &Catalogue::default()).is_err());
}

#[test]
fn a_gtin_belongs_to_one_sku() {
    // Against the database, in another form, among the files, and as an alias.
    let line = fault("skus.csv", "code,product,brand,name,gtin\nX,NT-M2,BOR,One,09521234000044\n");
    assert_line(&line, "skus.csv, row 2, column gtin", "the GTIN of SKU NT-M2-BOR (in the database)");
    let rows = "code,product,brand,name,gtin\nX,NT-M2,BOR,One,614141000036\nY,NT-M2,BOR,Two,0614141000036\n";
    assert_line(&fault("skus.csv", rows), "skus.csv, row 3, column gtin", "the GTIN of SKU X (in skus.csv, row 2)");
    let alias = "sku,kind,value,owner,valid_from\nNT-M2-BOR,gtin,9521234000051,BOR,2030-01-01\n";
    assert_line(&fault("sku_aliases.csv", alias), "sku_aliases.csv, row 2, column value", "the GTIN of SKU NT-M2-KES");
    // A SKU may repeat its own, and give it up to another in one import.
    let own = "sku,kind,value,valid_from\nNT-M2-BOR,gtin,9521234000044,2025-01-01\n";
    assert!(import(&[csv("sku_aliases.csv", own)], &known()).is_ok());
    let swapped = "code,product,brand,name,gtin\nNT-M2-BOR,NT-M2,BOR,One,\nX,NT-M2,BOR,Two,9521234000044\n";
    assert!(import(&[csv("skus.csv", swapped)], &known()).is_ok());
}

#[test]
fn one_owner_has_one_sku_for_an_alias_on_a_day() {
    let head = "sku,kind,value,owner,valid_from,valid_to\n";
    let refused = [
        "NT-M2-BOR,model,Twin,,2025-01-01,2025-06-30\nNT-M2-KES,model,TWIN,,2025-06-30,\n",
        "NT-M2-BOR,model,Twin,BOR,2025-01-01,\nNT-M2-KES,customer,twin,BOR,2025-03-01,2025-03-01\n",
        // The first SKU's long validity is not hidden by its own later, shorter one.
        "NT-M2-BOR,model,Twin,,2025-01-01,\nNT-M2-BOR,model,Twin,,2025-02-01,2025-02-02\nNT-M2-KES,model,twin,,2025-03-01,\n",
    ];
    for rows in refused {
        let line = fault("sku_aliases.csv", &format!("{head}{rows}"));
        assert_line(&line, "sku_aliases.csv, row ", "the SKU NT-M2-BOR has this alias on the same days");
    }
    let possible = [
        "NT-M2-BOR,model,Twin,,2025-01-01,2025-06-29\nNT-M2-KES,model,TWIN,,2025-06-30,\n",
        "NT-M2-BOR,customer,1001,BOR,2025-01-01,\nNT-M2-KES,customer,1001,KES,2025-01-01,\n",
        "NT-M2-BOR,model,Same,,2025-01-01,\nNT-M2-BOR,branded,Same,,2025-01-01,\n",
    ];
    for rows in possible {
        let result = import(&[csv("sku_aliases.csv", &format!("{head}{rows}"))], &known());
        assert!(result.is_ok(), "{result:?}");
    }
    let line = fault("sku_aliases.csv", &format!("{head}NT-M2-BOR,model,hover m35,KES,2026-01-01,\n"));
    assert_line(&line, "sku_aliases.csv, row 2", "the SKU NT-M2-KES has this alias on the same days (in the database)");
}

#[test]
fn a_text_means_one_kind_of_thing() {
    let alias = |value: &str| format!("sku,kind,value,valid_from\nNT-M2-BOR,customer,{value},2025-01-01\n");
    let line = fault("sku_aliases.csv", &alias("nt-m2-kes"));
    assert_line(&line, "sku_aliases.csv, row 2, column value", "the code of SKU NT-M2-KES (in the database)");
    let line = fault("sku_aliases.csv", &alias("2025-w14-m2"));
    assert_line(&line, "sku_aliases.csv, row 2, column value", "the number of batch 2025-W14-M2");
    let line = fault("sku_aliases.csv", &alias("9521234000051"));
    assert_line(&line, "sku_aliases.csv, row 2, column value", "the GTIN of SKU NT-M2-KES");
    let line = fault("batches.csv", "code,product,skus\nNT-M2-bor,NT-M2,NT-M2-BOR\n");
    assert_line(&line, "batches.csv, row 2, column code", "the code of SKU NT-M2-BOR");
    let line = fault("batches.csv", "code,product,skus\nfjäll 35,NT-M2,NT-M2-BOR\n");
    assert_line(&line, "batches.csv, row 2, column code", "an alias of SKU NT-M2-BOR");
    let line = fault("skus.csv", "code,product,brand,name\nko-1,NT-M2,BOR,One\nHH/0007,NT-M2,BOR,Two\n");
    assert_line(&line, "skus.csv, row 3, column code", "the number of batch HH/0007");
    assert!(import(&[csv("sku_aliases.csv", &alias("NT-M2-BOR"))], &known()).is_ok(), "its own code");
}

#[test]
fn a_batch_lists_skus_of_its_own_product() {
    let line = fault("batches.csv", "code,product,skus\nB,NT-M2,NT-M2-BOR|NT-H3-BOR\n");
    assert_line(
        &line,
        "batches.csv, row 2, column skus",
        "the SKU NT-H3-BOR is of product NT-H3, but the batch B is of product NT-M2",
    );
    // The same from the other side: a SKU that a known batch lists moves to another product.
    let lines = faults(&[csv("skus.csv", "code,product,brand,name,gtin\nNT-M2-BOR,NT-H3,BOR,One,\n")]);
    assert_eq!(lines.len(), 2, "two batches list it: {lines:?}");
    assert_line(&lines[0].to_string(), "skus.csv, row 2, column product", "the batch 2025-W14-M2 is of product NT-M2");
}
