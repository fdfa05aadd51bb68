//! `store::sku`, `store::template` and `store::token`: finding what people name, and who they are.

use crate::support::{Database, Factory, both_engines};
use nameplate::store::token::{self, TokenRow};
use nameplate::store::{StoreError, catalogue, sku, template};

both_engines!(
    a_target_is_a_sku_in_a_batch_on_a_day,
    a_batch_takes_serials_until_it_is_closed,
    skus_and_batches_show_to_their_brand_only,
    an_edit_needs_the_version_that_was_read,
    templates_are_kept_by_digest,
    tokens_are_kept_and_revoked,
);

async fn a_target_is_a_sku_in_a_batch_on_a_day(database: Database) {
    let factory = Factory::on(&database).await;
    let mut conn = factory.store().read().await.unwrap();
    let early = sku::target(&mut conn, "NT-M2-BOR", "2025-W14-M2", "2025-05-31").await.unwrap().unwrap();
    let late = sku::target(&mut conn, "NT-M2-BOR", "2025-W14-M2", "2025-06-01").await.unwrap().unwrap();
    assert!(early.revision_id.is_some() && early.revision_id != late.revision_id, "revision B is valid from June");
    let never = sku::target(&mut conn, "NT-M2-BOR", "2025-W14-M2", "2024-01-01").await.unwrap().unwrap();
    assert_eq!(never.revision_id, None);
    assert_eq!(
        (&*late.product, &*late.rule_code, late.manufactured_on.as_deref()),
        ("NT-M2", "s12", Some("2025-04-03"))
    );
    assert!(late.batch_open && late.batch_has_sku);
    let elsewhere = sku::target(&mut conn, "NT-H3-KES", "LOT 25-118 (PILOT)", "2025-06-01").await.unwrap().unwrap();
    assert!(!elsewhere.batch_has_sku);
    for (sku, batch) in [("NT-M2-BOR", "NONE"), ("NONE", "2025-W14-M2"), ("nt-m2-bor", "2025-W14-M2")] {
        assert!(sku::target(&mut conn, sku, batch, "2025-06-01").await.unwrap().is_none());
    }
}

async fn a_batch_takes_serials_until_it_is_closed(database: Database) {
    let factory = Factory::on(&database).await;
    let mut tx = factory.store().begin().await.unwrap();
    let batch = sku::batch_by_key(&mut tx, "HH/0007", None).await.unwrap().unwrap();
    assert!(sku::add_issued(&mut tx, batch.id, 5).await.unwrap());
    assert_eq!(sku::hold_batch(&mut tx, batch.id).await.unwrap(), Some(true));
    sku::close_batch(&mut tx, batch.id).await.unwrap();
    assert!(!sku::add_issued(&mut tx, batch.id, 5).await.unwrap());
    assert_eq!(sku::hold_batch(&mut tx, batch.id).await.unwrap(), Some(false));
    assert_eq!(sku::hold_batch(&mut tx, batch.id + 100).await.unwrap(), None);
    let closed = sku::batch_by_key(&mut tx, "HH/0007", None).await.unwrap().unwrap();
    assert!(!closed.open && closed.edit_version == batch.edit_version + 1);
}

async fn skus_and_batches_show_to_their_brand_only(database: Database) {
    let factory = Factory::on(&database).await;
    let mut conn = factory.store().read().await.unwrap();
    let kes = sku::brand_id(&mut conn, "KES").await.unwrap();
    assert!(kes.is_some() && sku::brand_id(&mut conn, "NONE").await.unwrap().is_none());
    let own = sku::by_key(&mut conn, "NT-M2-KES", kes).await.unwrap().unwrap();
    assert!(sku::by_key(&mut conn, "NT-M2-BOR", kes).await.unwrap().is_none());
    assert!(sku::by_gtin_14(&mut conn, "09521234000051", kes).await.unwrap().is_some());
    assert!(sku::by_gtin_14(&mut conn, "09521234000044", kes).await.unwrap().is_none());
    assert_eq!(sku::by_id(&mut conn, own.id).await.unwrap().unwrap().code, "NT-M2-KES");
    let listed = sku::list(&mut conn, kes, 0, 10).await.unwrap();
    assert_eq!(listed.iter().map(|s| &*s.code).collect::<Vec<_>>(), ["NT-H3-KES", "NT-M2-KES"]);
    assert_eq!(sku::list(&mut conn, kes, listed[0].id, 10).await.unwrap().len(), 1);
    assert_eq!(sku::named(&mut conn, "HOVER 35").await.unwrap()[0].valid_to.as_deref(), Some("2025-08-31"));
    assert_eq!(sku::aliases(&mut conn, own.id).await.unwrap().len(), 6);
    let batches = sku::batches(&mut conn, kes, 0, 10).await.unwrap();
    assert_eq!(batches.len(), 3, "the pilot lot holds nothing of Kestrel");
    assert!(sku::batch_by_key(&mut conn, "LOT 25-118 (PILOT)", kes).await.unwrap().is_none());
    let (skus, attributes) = sku::batch_parts(&mut conn, batches[0].id, kes).await.unwrap();
    assert_eq!((skus, attributes.is_empty()), (vec!["NT-M2-KES".to_owned()], false));
}

async fn an_edit_needs_the_version_that_was_read(database: Database) {
    let factory = Factory::on(&database).await;
    let mut tx = factory.store().begin().await.unwrap();
    let mut row = sku::by_key(&mut tx, "NT-M2-KES", None).await.unwrap().unwrap();
    row.name = "Kestrel 'Hover' M35 \u{2013} größer".into();
    assert!(!sku::edit(&mut tx, &row, row.edit_version + 1).await.unwrap());
    assert!(sku::edit(&mut tx, &row, row.edit_version).await.unwrap());
    assert!(!sku::edit(&mut tx, &row, row.edit_version).await.unwrap());
    let read = sku::by_key(&mut tx, "NT-M2-KES", None).await.unwrap().unwrap();
    assert_eq!((read.name, read.edit_version), (row.name, row.edit_version + 1));
}

async fn templates_are_kept_by_digest(database: Database) {
    let factory = Factory::on(&database).await;
    let mut tx = factory.store().begin().await.unwrap();
    assert_eq!(template::newest(&mut tx, "unit").await.unwrap(), None);
    for (digest, source, at) in [("d1", "old", 1), ("d2", "new", 2), ("d1", "another text under a known digest", 3)] {
        template::keep(&mut tx, digest, "unit", source, at).await.unwrap();
    }
    assert_eq!(template::newest(&mut tx, "unit").await.unwrap(), Some(("d2".into(), "new".into())));
    let pairs = [("unit", "d2"), ("unit", "d1")].map(|(name, digest)| (name.to_owned(), digest.to_owned()));
    assert_eq!(template::list(&mut tx).await.unwrap(), pairs);
    let digest = sha2_of_first_logo();
    assert!(catalogue::asset(&mut tx, &digest).await.unwrap().is_some_and(|bytes| bytes.starts_with(b"\x89PNG")));
    assert_eq!(catalogue::asset(&mut tx, "none").await.unwrap(), None);
}

/// The digest under which the first shipped logo is kept.
fn sha2_of_first_logo() -> String {
    use sha2::{Digest, Sha256};
    let files = nameplate::catalogue::shipped_catalogue();
    let logo = files.iter().find(|file| file.name.ends_with(".png")).unwrap();
    data_encoding::HEXLOWER.encode(&Sha256::digest(&logo.bytes))
}

async fn tokens_are_kept_and_revoked(database: Database) {
    let store = database.open().await;
    let mut tx = store.begin().await.unwrap();
    assert!(!token::any(&mut tx).await.unwrap());
    let row = |id: &str| TokenRow {
        id: id.into(),
        name: "line 3".into(),
        secret_hash: (0..32).collect(),
        scopes: "station printer".into(),
        brand_id: None,
        station: Some("fi-1".into()),
        printer_id: None,
        created_us: 5,
        expires_us: None,
        revoked_us: None,
        replaced_by: None,
    };
    for id in ["A", "B", "C"] {
        token::insert(&mut tx, &row(id)).await.unwrap();
    }
    assert!(token::any(&mut tx).await.unwrap());
    assert_eq!(token::by_id(&mut tx, "A").await.unwrap(), Some(row("A")));
    assert_eq!(token::by_id(&mut tx, "Z").await.unwrap(), None);
    let page = token::list(&mut tx, "A", 1).await.unwrap();
    assert_eq!(page.iter().map(|t| &*t.id).collect::<Vec<_>>(), ["B"]);
    assert!(token::revoke(&mut tx, "A", 100, Some("B")).await.unwrap());
    assert!(!token::revoke(&mut tx, "A", 100, None).await.unwrap(), "revoked by then already");
    assert!(token::revoke(&mut tx, "A", 50, None).await.unwrap(), "earlier is possible");
    let revoked = token::by_id(&mut tx, "A").await.unwrap().unwrap();
    assert_eq!((revoked.revoked_us, revoked.replaced_by.as_deref()), (Some(50), Some("B")));
    assert!(!token::revoke(&mut tx, "Z", 50, None).await.unwrap());
    assert!(matches!(token::insert(&mut tx, &row("A")).await, Err(StoreError::Conflict(_))));
}
