//! `store::block`, `store::event` and `store::fate`: ranges handed out, and what happened to them.

use crate::support::{Database, Factory, NOW_US, both_engines};
use nameplate::store::block::{self, BlockFilter, NewBlock};
use nameplate::store::event::{self, NewEvent};
use nameplate::store::{Connection, StoreError, fate, rule, sku};
use nameplate::trace::{Account, BlockCode, Fate, FatePiece, Span};

both_engines!(
    a_block_reads_back_with_its_names,
    an_ordinal_finds_its_block_and_no_other,
    blocks_are_listed_newest_first_under_every_filter,
    past_answers_are_found_by_key,
    counts_move_and_add_up,
    events_are_found_by_block_and_by_serial,
    fates_split_and_join,
);

fn span(first: u64, last: u64) -> Span {
    Span::new(first, last).unwrap()
}

fn piece(first: u64, last: u64, fate: Fate) -> FatePiece {
    FatePiece { span: span(first, last), fate }
}

/// What a block stands on: a series, two SKUs, a batch.
struct Ground {
    series: i64,
    skus: [i64; 2],
    brand: i64,
    batch: i64,
}

async fn ground(conn: &mut Connection) -> Ground {
    let rule = rule::effective(conn, "s12", "2025-07-10").await.unwrap().unwrap();
    let series = rule::create_series(conn, rule.id, "key", "epoch=0", 1_000_000).await.unwrap();
    let a = sku::by_key(conn, "NT-M2-BOR", None).await.unwrap().unwrap();
    let b = sku::by_key(conn, "NT-M2-KES", None).await.unwrap().unwrap();
    let batch = sku::batch_by_key(conn, "2025-W14-M2", None).await.unwrap().unwrap();
    Ground { series: series.id, skus: [a.id, b.id], brand: a.brand_id, batch: batch.id }
}

/// Writes block `id` over a range with its event; odd ones are of the first SKU and station fi-1.
async fn write(conn: &mut Connection, ground: &Ground, id: u64, ordinals: Span) -> Result<(), StoreError> {
    let first_sku = id % 2 == 1;
    let event = NewEvent {
        id,
        kind: "reserve".into(),
        recorded_us: NOW_US,
        actor: "test".into(),
        block_id: i64::try_from(id).ok(),
        ..NewEvent::default()
    };
    event::insert(conn, &[event]).await?;
    let block = NewBlock {
        id,
        code: BlockCode::from_random([u8::try_from(id % 251).unwrap(); 10]),
        series_id: ground.series,
        span: ordinals,
        sku_id: ground.skus[usize::from(!first_sku)],
        sku_revision_id: None,
        batch_id: ground.batch,
        station: if first_sku { "fi-1" } else { "fi-2" }.into(),
        order_ref: first_sku.then(|| "PO-1".into()),
        idempotency_key: format!("key-{id}"),
        fingerprint: format!("print-{id}"),
        answer: format!("{{\"n\":{id}}}"),
        created_us: NOW_US,
    };
    block::insert(conn, &[block]).await
}

async fn a_block_reads_back_with_its_names(database: Database) {
    let factory = Factory::on(&database).await;
    let mut tx = factory.store().begin().await.unwrap();
    let ground = ground(&mut tx).await;
    write(&mut tx, &ground, 101, span(10, 19)).await.unwrap();
    let code = BlockCode::from_random([101; 10]);
    let row = block::by_code(&mut tx, code.as_str(), None).await.unwrap().unwrap();
    assert_eq!((row.id, row.span, &*row.sku, &*row.batch), (101, span(10, 19), "NT-M2-BOR", "2025-W14-M2"));
    assert_eq!((row.revision, row.order_ref.as_deref(), &*row.context), (None, Some("PO-1"), "epoch=0"));
    assert_eq!(row.account, Account { issued: 10, reserved: 10, ..Account::default() });
    assert!(block::by_code(&mut tx, code.as_str(), Some(ground.brand)).await.unwrap().is_some());
    assert!(block::by_code(&mut tx, code.as_str(), Some(ground.brand + 1)).await.unwrap().is_none());
    write(&mut tx, &ground, 102, span(100, u64::try_from(i64::MAX).unwrap())).await.unwrap();
    drop(tx);
    for (id, ordinals) in [(103, span(19, 20)), (104, span(0, 10)), (105, span(12, 13))] {
        let mut tx = factory.store().begin().await.unwrap();
        let ground = self::ground(&mut tx).await;
        write(&mut tx, &ground, 101, span(10, 19)).await.unwrap();
        assert!(matches!(write(&mut tx, &ground, id, ordinals).await, Err(StoreError::Conflict(_))));
    }
}

async fn an_ordinal_finds_its_block_and_no_other(database: Database) {
    let factory = Factory::on(&database).await;
    let mut tx = factory.store().begin().await.unwrap();
    let ground = ground(&mut tx).await;
    write(&mut tx, &ground, 101, span(10, 19)).await.unwrap();
    write(&mut tx, &ground, 102, span(30, 30)).await.unwrap();
    for (ordinal, expected) in [(9, None), (10, Some(101)), (19, Some(101)), (20, None), (30, Some(102)), (31, None)] {
        let found = block::holding(&mut tx, ground.series, ordinal).await.unwrap();
        assert_eq!(found.map(|row| row.id), expected, "{ordinal}");
    }
    assert!(block::holding(&mut tx, ground.series + 1, 10).await.unwrap().is_none());
    let first = BlockCode::from_random([101; 10]).to_string();
    for (wanted, expected) in
        [(span(0, 9), None), (span(19, 25), Some(&first)), (span(20, 29), None), (span(0, 12), Some(&first))]
    {
        assert_eq!(block::overlapping(&mut tx, ground.series, wanted).await.unwrap().as_ref(), expected, "{wanted}");
    }
}

async fn blocks_are_listed_newest_first_under_every_filter(database: Database) {
    let factory = Factory::on(&database).await;
    let mut tx = factory.store().begin().await.unwrap();
    let ground = ground(&mut tx).await;
    for id in 101..=106 {
        write(&mut tx, &ground, id, span(id * 10, id * 10 + 4)).await.unwrap();
    }
    let all = BlockFilter { limit: 10, ..BlockFilter::default() };
    let of_sku = BlockFilter { sku_id: Some(ground.skus[0]), ..all.clone() };
    let of_station = BlockFilter { station: Some("fi-2".into()), batch_id: Some(ground.batch), ..all.clone() };
    let of_brand = BlockFilter { brand_id: Some(ground.brand), before: Some(105), ..all.clone() };
    let nothing = BlockFilter { batch_id: Some(ground.batch + 1), ..all.clone() };
    for (filter, expected) in [
        (BlockFilter { limit: 2, ..all.clone() }, vec![106, 105]),
        (BlockFilter { before: Some(103), ..all }, vec![102, 101]),
        (of_sku, vec![105, 103, 101]),
        (of_station, vec![106, 104, 102]),
        (of_brand, vec![103, 101]),
        (nothing, vec![]),
    ] {
        let rows = block::list(&mut tx, &filter).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), expected, "{filter:?}");
    }
    let stations = block::open_stations(&mut tx, ground.batch).await.unwrap();
    assert_eq!(stations.len(), 2);
    let skus = sku::list(&mut tx, None, 0, 10).await.unwrap();
    assert_eq!(skus.len(), 6);
    for key in ["NT-M2-BOR", "NT-H3-BOR"] {
        let issued = nameplate::store::catalogue::sku_is_issued(&mut tx, key).await.unwrap();
        assert_eq!(issued, key == "NT-M2-BOR", "{key}");
    }
}

async fn past_answers_are_found_by_key(database: Database) {
    let factory = Factory::on(&database).await;
    let mut tx = factory.store().begin().await.unwrap();
    let ground = ground(&mut tx).await;
    for id in 101..=103 {
        write(&mut tx, &ground, id, span(id, id)).await.unwrap();
    }
    assert!(block::past_answers(&mut tx, &[]).await.unwrap().is_empty());
    let mut found = block::past_answers(&mut tx, &["key-101", "key-none", "key-103"]).await.unwrap();
    found.sort_by(|a, b| a.idempotency_key.cmp(&b.idempotency_key));
    let found: Vec<_> = found.iter().map(|p| (&*p.idempotency_key, &*p.station, &*p.fingerprint, &*p.answer)).collect();
    assert_eq!(
        found,
        [("key-101", "fi-1", "print-101", "{\"n\":101}"), ("key-103", "fi-1", "print-103", "{\"n\":103}")]
    );
}

async fn counts_move_and_add_up(database: Database) {
    let factory = Factory::on(&database).await;
    let mut tx = factory.store().begin().await.unwrap();
    let ground = ground(&mut tx).await;
    write(&mut tx, &ground, 101, span(0, 9)).await.unwrap();
    write(&mut tx, &ground, 102, span(10, 12)).await.unwrap();
    block::move_counts(&mut tx, 101, &[6, 0, 0, 0, 0, 0], Fate::Printed).await.unwrap();
    block::move_counts(&mut tx, 101, &[1, 2, 0, 0, 0, 0], Fate::Void).await.unwrap();
    let account = block::batch_account(&mut tx, ground.batch).await.unwrap();
    assert_eq!(account, Account { issued: 13, reserved: 6, printed: 4, void: 3, ..Account::default() });
    assert!(account.adds_up());
    let empty = block::batch_account(&mut tx, ground.batch + 1).await.unwrap();
    assert_eq!(empty, Account::default());
    let too_many = block::move_counts(&mut tx, 102, &[4, 0, 0, 0, 0, 0], Fate::Applied).await;
    assert!(matches!(too_many, Err(StoreError::Conflict(_))));
}

async fn events_are_found_by_block_and_by_serial(database: Database) {
    let factory = Factory::on(&database).await;
    let mut tx = factory.store().begin().await.unwrap();
    let ground = ground(&mut tx).await;
    write(&mut tx, &ground, 101, span(0, 20_000)).await.unwrap();
    let told = NewEvent {
        id: 102,
        kind: "void".into(),
        actor: "anna".into(),
        block_id: Some(101),
        reason: Some("smudged".into()),
        idempotency_key: Some("k".into()),
        fingerprint: Some("f".into()),
        answer: Some("a".into()),
        happened_us: -5,
        station: Some("fi-1".into()),
        ..NewEvent::default()
    };
    event::insert(&mut tx, std::slice::from_ref(&told)).await.unwrap();
    event::insert_runs(&mut tx, 102, ground.series, &[span(7, 9), span(4_000, 12_300)]).await.unwrap();
    for (ordinal, touched) in
        [(6, false), (7, true), (10, false), (4_095, true), (4_096, true), (12_300, true), (12_301, false)]
    {
        let found = event::touching(&mut tx, ground.series, ordinal).await.unwrap();
        assert_eq!(found.len(), usize::from(touched), "{ordinal}");
    }
    let read = event::by_id(&mut tx, 102).await.unwrap().unwrap();
    assert_eq!(
        (read.happened_us, read.reason.as_deref(), read.station.as_deref()),
        (-5, Some("smudged"), Some("fi-1"))
    );
    let of_block = event::of_block(&mut tx, 101, 0, 10).await.unwrap();
    assert_eq!(of_block.iter().map(|e| e.id).collect::<Vec<_>>(), [101, 102]);
    assert_eq!(event::of_block(&mut tx, 101, 101, 1).await.unwrap()[0].kind, "void");
    assert_eq!(event::past_answer(&mut tx, "fi-1", "k").await.unwrap(), Some(("f".into(), "a".into())));
    assert_eq!(event::past_answer(&mut tx, "fi-2", "k").await.unwrap(), None);
    assert!(event::by_id(&mut tx, 103).await.unwrap().is_none());
    let again = event::insert(&mut tx, &[NewEvent { id: 103, ..told }]).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "one key, one report");
}

async fn fates_split_and_join(database: Database) {
    let factory = Factory::on(&database).await;
    let mut tx = factory.store().begin().await.unwrap();
    let ground = ground(&mut tx).await;
    let within = span(0, 99);
    write(&mut tx, &ground, 101, within).await.unwrap();
    write(&mut tx, &ground, 102, span(100, 199)).await.unwrap();
    let series = ground.series;
    fate::set(&mut tx, series, 102, span(100, 199), span(100, 101), Fate::Printed).await.unwrap();
    for ordinal in 90..=99 {
        fate::set(&mut tx, series, 101, within, span(ordinal, ordinal), Fate::Printed).await.unwrap();
    }
    let all = fate::overlapping(&mut tx, series, span(0, 199)).await.unwrap();
    assert_eq!(all, [piece(90, 99, Fate::Printed), piece(100, 101, Fate::Printed)], "joined, but not across blocks");
    fate::set(&mut tx, series, 101, within, span(94, 95), Fate::Void).await.unwrap();
    fate::set(&mut tx, series, 101, within, span(93, 93), Fate::Void).await.unwrap();
    let seen = fate::overlapping(&mut tx, series, span(92, 96)).await.unwrap();
    assert_eq!(seen, [piece(90, 92, Fate::Printed), piece(93, 95, Fate::Void), piece(96, 99, Fate::Printed)]);
    for (ordinal, expected) in
        [(0, Fate::Reserved), (90, Fate::Printed), (95, Fate::Void), (101, Fate::Printed), (102, Fate::Reserved)]
    {
        assert_eq!(fate::of(&mut tx, series, ordinal).await.unwrap(), expected, "{ordinal}");
    }
}
