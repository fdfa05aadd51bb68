//! The shipped sample catalogue.

use super::*;

#[test]
fn it_holds_what_it_promises() {
    let catalogue = known();
    assert_eq!(catalogue.brands().len(), 3);
    assert_eq!(catalogue.products().len(), 2);
    assert_eq!(catalogue.skus().len(), 6);
    assert_eq!(catalogue.batches().len(), 4);
    assert_eq!(catalogue.logos().count(), 3);
    for sku in catalogue.skus() {
        assert!(sku.gtin.is_some_and(|gtin| gtin.written_digits() == 13), "{}", sku.code);
        let kinds: Vec<AliasKind> = catalogue.aliases_of(&sku.code).iter().map(|row| row.alias.kind()).collect();
        assert!(AliasKind::ALL.iter().all(|kind| kinds.contains(kind)), "{}: {kinds:?}", sku.code);
        assert!(!catalogue.revisions_of(&sku.code).is_empty(), "{}", sku.code);
    }
    for brand in catalogue.brands() {
        assert!(brand.importer_text.is_some() && brand.market.is_some());
        assert!(catalogue.logo(brand.logo.as_ref().unwrap()).is_some());
    }
    for batch in catalogue.batches() {
        assert!(catalogue.attributes_of(&batch.code).len() >= 3, "{}", batch.code);
    }
}

#[test]
fn export_gives_the_very_same_files() {
    assert_eq!(known().to_csv(), shipped_catalogue());
}

#[test]
fn importing_it_twice_changes_nothing() {
    let empty = Catalogue::default();
    let first = known();
    assert_eq!(first.changes_from(&empty).count(), 3 + 2 + 6 + 31 + 9 + 4 + 20 + 3);
    let second = import(&shipped_catalogue(), &first).unwrap();
    let changes = second.changes_from(&first);
    assert_eq!(changes.count(), 0);
    assert!(changes.to_string().ends_with("\n0 changes"));
}

#[test]
fn one_edit_is_one_change_and_missing_rows_are_no_deletions() {
    let known = known();
    let edited = csv("products.csv", "code,name,platform,description\nnt-m2,Northlight M2,M2,\n");
    let catalogue = import(&[edited], &known).unwrap();
    let changes = catalogue.changes_from(&known);
    assert_eq!(changes.count(), 1);
    let change = &changes.products.changed[0];
    assert_eq!(change.before.code.as_str(), "NT-M2");
    assert_eq!(change.after.description, None);
}

#[test]
fn plb1_sku5_one_platform_has_its_branded_skus_with_all_their_names() {
    let catalogue = known();
    let of_platform: Vec<&str> =
        catalogue.skus().iter().filter(|sku| sku.product.as_str() == "NT-M2").map(|sku| sku.brand.as_str()).collect();
    assert_eq!(of_platform, ["BOR", "KES", "SEN"]);

    let code = SkuCode::new("nt-m2-bor").unwrap();
    let sku = catalogue.sku(&code).unwrap();
    assert_eq!(sku.name.as_str(), "Borealis Fjäll 35");
    assert_eq!(catalogue.product(&sku.product).unwrap().name.as_str(), "Northlight M2 thermal monocular");
    let alias = |kind| {
        let mut of_kind = catalogue.aliases_of(&code).iter().filter(move |row| row.alias.kind() == kind);
        of_kind.next().unwrap().alias.value()
    };
    assert_eq!(alias(AliasKind::Branded), "BO-F35");
    assert_eq!(alias(AliasKind::Model), "Fjäll 35");
    assert_eq!(alias(AliasKind::Factory), "FM2-004");
    let revision = catalogue.revisions_of(&code).last().unwrap();
    assert!(revision.packaging.is_some() && revision.label.is_some() && revision.document.is_some());
    assert!(revision.bundle.is_some() && revision.configuration.is_some() && revision.firmware.is_some());
}

#[test]
fn bat2_a_batch_has_its_attributes() {
    let catalogue = known();
    let batch = BatchCode::new("2025-W27-M2").unwrap();
    let value = |name: &str| {
        let attributes = catalogue.attributes_of(&batch);
        attributes.iter().find(|row| row.name.as_str() == name).map(|row| row.value.as_str())
    };
    for name in AttributeName::KNOWN {
        assert!(value(name).is_some(), "{name}");
    }
    assert_eq!(value("release_record"), Some("QA-2025-0698"));
}

#[test]
fn a_database_with_a_key_twice_is_noticed() {
    let catalogue = known();
    let mut rows = Rows { brands: catalogue.brands().to_vec(), ..Rows::default() };
    assert_eq!(Catalogue::from_rows(rows.clone()).unwrap().brands(), catalogue.brands());
    rows.brands.push(rows.brands[0].clone());
    let error = Catalogue::from_rows(rows).unwrap_err();
    assert_eq!(error, DuplicateKey { table: Table::Brands, key: "BOR".into() });
}
