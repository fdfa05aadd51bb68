//! What is the same on every label of a SKU: which template revision it is of, and what its digest covers.

use crate::support::{Database, Factory, both_engines};
use data_encoding::HEXLOWER;
use nameplate::label::{Overprint, Resolution, Template, shipped_template};
use nameplate::service::labels::{Artwork, LabelRequest, TemplateRef, UnitValues};
use nameplate::service::{Caller, ServiceError};
use std::collections::BTreeSet;

both_engines!(
    an_artwork_is_of_the_revision_that_is_named,
    lab6_artwork_and_record_have_the_same_digest,
    everything_that_a_label_shows_changes_its_digest,
);

const NAME: &str = "unit-60x40";
/// A template that shows batch and revision.
const HOUSE: &str = "nameplate = 1\nname = 'house'\ntitle = 'House label'\nwidth_mm = 60\nheight_mm = 40\n\
    placement = { zone = 'rear side', durability = 'PET' }\n\
    [fields]\n'sku.revision' = { optional = true }\n\
    [[text]]\nid = 'made'\ntext = '{batch.code} {sku.revision}'\nsize_pt = 9\nx_mm = 3\ny_mm = 3\nwidth_mm = 54\n\
    [[text]]\nid = 'serial'\ntext = '{serial|group}'\nfont = 'serial'\nsize_pt = 10\nx_mm = 3\ny_mm = 9\nwidth_mm = 54\n\
    [[code128]]\nid = 'code'\ndata = '{serial}'\npurpose = 'serial'\nx_mm = 5\ny_mm = 15\nwidth_mm = 50\nheight_mm = 10\n";

/// The artwork of the Borealis monocular's label.
async fn artwork(
    factory: &Factory,
    template: &TemplateRef,
    (revision, batch): (Option<&str>, &str),
    overprint: Option<Overprint>,
) -> Result<Artwork, ServiceError> {
    let mut conn = factory.store().read().await.unwrap();
    let sku = nameplate::store::sku::by_key(&mut conn, "NT-M2-BOR", None).await.unwrap().unwrap();
    let rule = factory.rules().all().into_iter().find(|rule| rule.row.code == sku.rule_code).unwrap();
    let dpi = Resolution::Dpi203;
    factory.artwork(&mut conn, &sku, revision, batch, template, dpi, overprint, &rule).await
}

fn digest_of(source: &str) -> String {
    HEXLOWER.encode(&Template::parse("x.toml", source.as_bytes()).unwrap().digest)
}

async fn an_artwork_is_of_the_revision_that_is_named(database: Database) {
    let factory = Factory::on(&database).await;
    let shipped = shipped_template(NAME).unwrap();
    let newer = format!("{shipped}\n# a newer revision\n");
    let of = async |template: &TemplateRef| artwork(&factory, template, (None, "B"), None).await;
    let first = of(&TemplateRef::newest(NAME)).await.unwrap();
    assert_eq!(first.template_digest, digest_of(shipped));
    factory.publish_template(&Caller::command_line(), "x.toml", &newer).await.unwrap();
    assert_eq!(of(&TemplateRef::newest(NAME)).await.unwrap().template_digest, digest_of(&newer));
    let old = of(&TemplateRef::revision(NAME, &digest_of(shipped))).await.unwrap();
    assert_eq!((old.digest(), old.template.as_str()), (first.digest(), NAME));
    let named = of(&TemplateRef::revision(NAME, &digest_of(&newer))).await.unwrap();
    assert_eq!(named.template_digest, digest_of(&newer));
    for (name, digest) in [(NAME, "00"), ("unit-40x20", digest_of(&newer).as_str()), ("nope", "00"), ("../x", "00")] {
        let refused = of(&TemplateRef::revision(name, digest)).await.unwrap_err();
        assert!(matches!(refused, ServiceError::NotFound { kind: "template", .. }), "{name} {digest}: {refused}");
    }
}

async fn lab6_artwork_and_record_have_the_same_digest(database: Database) {
    let factory = Factory::on(&database).await;
    let block = factory.reserve(2).await;
    let request = LabelRequest { template: Some(NAME.into()), resolution: Resolution::Dpi203 };
    let record = factory.label_record(&Caller::command_line(), &block.first_serial, &request).await.unwrap();
    let revision = record.fields.get("sku.revision").map(String::as_str);
    let artwork = artwork(&factory, &TemplateRef::newest(NAME), (revision, &block.batch), None).await.unwrap();
    let rule = factory.rules().all().into_iter().find(|rule| rule.row.code == block.rule).unwrap();
    let parsed = rule.rule.parse(&block.first_serial).unwrap();
    let series = rule.rule.series(&parsed.context).unwrap();
    let values = UnitValues::of(&rule.rule, &series, parsed.ordinal).unwrap();
    assert_eq!(values.serial(), block.first_serial);
    assert_eq!(artwork.label_digest(&values), record.digest);
    let next = UnitValues::of(&rule.rule, &series, parsed.ordinal + 1).unwrap();
    assert_ne!(artwork.label_digest(&next), record.digest);
}

async fn everything_that_a_label_shows_changes_its_digest(database: Database) {
    let factory = Factory::on(&database).await;
    factory.publish_template(&Caller::command_line(), "house.toml", HOUSE).await.unwrap();
    let mut digests = BTreeSet::new();
    let house = TemplateRef::newest("house");
    for (revision, batch) in [(Some("A"), "B1"), (Some("B"), "B1"), (Some("A"), "B2"), (None, "B2")] {
        for overprint in [None, Some(Overprint::Test), Some(Overprint::Proof)] {
            let made = artwork(&factory, &house, (revision, batch), overprint).await.unwrap();
            assert_eq!(made.compiled.overprint(), overprint);
            digests.insert(made.digest());
        }
    }
    assert_eq!(digests.len(), 12);
}
