//! What is different from the label that was approved before.

use super::{Bureau, buyer, cli};
use crate::support::{Database, both_engines};
use nameplate::label::shipped_template;

both_engines!(the_difference_names_fields_lines_and_dots);

async fn the_difference_names_fields_lines_and_dots(database: Database) {
    let bureau = Bureau::on(&database).await;
    let buyer = buyer(&database, "A. Lindqvist").await;
    let first = bureau.approved(&buyer).await;
    let none = bureau.proof_difference(&cli(), &first.proof).await.unwrap();
    assert_eq!((none.previous, none.samples.len()), (None, 0), "there is nothing before the first");

    let source = shipped_template("unit-60x40").unwrap();
    let changed = source.replace("title = \"Unit label 60 x 40 mm\"", "title = \"Unit label\"");
    assert_ne!(source, changed);
    bureau.publish("unit-60x40", &changed).await;
    database.sql("UPDATE sku SET name = 'Borealis Fjord 35' WHERE code = 'NT-M2-BOR'").await;
    let second = bureau.requested().await;
    let difference = bureau.proof_difference(&bureau.brand, &second.proof).await.unwrap();
    assert_eq!(difference.previous.as_ref(), Some(&first.proof));
    let fields: Vec<_> =
        difference.fields.iter().map(|f| (f.field.as_str(), f.before.as_deref(), f.now.as_deref())).collect();
    assert_eq!(fields, [("product.name", Some("Borealis Fjäll 35"), Some("Borealis Fjord 35"))]);
    assert!(difference.template_changed && difference.template_before.is_none());
    let lines: Vec<_> = difference.template.iter().map(|line| (line.added, line.text.as_str())).collect();
    assert_eq!(lines, [(false, "title = \"Unit label 60 x 40 mm\""), (true, "title = \"Unit label\"")]);
    assert!(difference.fonts.is_empty() && !difference.layout_version_changed && !difference.rule_changed);
    for sample in &difference.samples {
        assert!(!sample.same && sample.dots.unwrap() > 20, "{sample:?}");
        // The name stands at the top right, and nothing else has moved.
        let area = sample.area.unwrap();
        assert!(area.x_um >= 27_000 && area.y_um + area.height_um <= 9_000, "{sample:?}");
    }
}
