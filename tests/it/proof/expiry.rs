//! An approval holds as long as every sample is the very same dots, and not longer.

use super::{Bureau, buyer, cli, key, new_proof};
use crate::support::{Database, both_engines};
use nameplate::label::shipped_template;
use nameplate::service::proof::{Decision, NewProof, Standing};

both_engines!(
    an_approval_carries_over_to_the_same_dots,
    a_label_that_looks_different_expires,
    batch_numbers_are_shown_at_their_longest,
    longer_serials_need_a_new_approval,
);

async fn an_approval_carries_over_to_the_same_dots(database: Database) {
    let bureau = Bureau::on(&database).await;
    let buyer = buyer(&database, "A. Lindqvist").await;
    let proof = bureau.approved(&buyer).await;
    let source = shipped_template("unit-60x40").unwrap();
    bureau.publish("unit-60x40", &format!("# A comment, and nothing else.\n{source}")).await;
    let validity = bureau.proof(&cli(), &proof.proof).await.unwrap().validity.unwrap();
    assert_eq!(validity.standing, Standing::CarriedOver);
    assert_eq!(validity.changed.unwrap(), "the template has another revision: all 3 samples look the same");
    let carried = || database.number("SELECT COUNT(*) FROM audit WHERE action = 'approval.carry'");
    assert_eq!(carried().await, 0, "looking changes nothing");
    for _ in 0..2 {
        let (_, job) = bureau.job(1).await.unwrap();
        assert_eq!(job.approval, proof.approval);
        assert_ne!(job.template_digest, proof.template_digest, "the newest revision is printed");
    }
    assert_eq!(carried().await, 1, "noted once");
    assert_eq!(database.number("SELECT COUNT(*) FROM approval_carry").await, 1);
    let press = crate::print::press::Press { factory: bureau.factory, agent: bureau.agent };
    let lease = press.take(1).await.unwrap();
    press.fetch(&lease, 1, 1).await.unwrap();
    press.assert_audit_is_whole().await;
    // Withdrawn is withdrawn, whatever was carried over.
    press.withdraw_proof(&cli(), &proof.proof, "importer has moved").await.unwrap();
    let block = press.reserve(1).await;
    assert!(press.print_all(&block.block).await.is_err());
}

async fn a_label_that_looks_different_expires(database: Database) {
    let bureau = Bureau::on(&database).await;
    let buyer = buyer(&database, "A. Lindqvist").await;
    let proof = bureau.approved(&buyer).await;
    database.sql("UPDATE brand SET importer_text = 'Borealis Optics AB, Stockholm' WHERE code = 'BOR'").await;
    let validity = bureau.proof(&cli(), &proof.proof).await.unwrap().validity.unwrap();
    assert_eq!(validity.standing, Standing::Expired);
    let why = bureau.why_not().await;
    let expected = format!(
        "approval {} (proof {}) was for other artwork: brand.importer has changed: 3 of 3 samples look different \
         (typical, widest serial, narrowest serial)",
        proof.approval.unwrap(),
        proof.proof
    );
    assert_eq!(why, expected);
    // The next one is on its way, and the refusal says whom it waits for.
    let next = bureau.requested().await;
    let why = bureau.why_not().await;
    assert!(
        why.ends_with(&format!("; proof {} is requested and waits for a buyer of Borealis Optics", next.proof)),
        "{why}"
    );
    bureau.decide(&buyer, &next, Decision::Approved, "").await.unwrap();
    bureau.job(1).await.unwrap();
    // A label that cannot be drawn at all any more is told of, too.
    database.sql("UPDATE sku SET name = 'A name that is much too long for any label of sixty millimetres, whatever the face' WHERE code = 'NT-M2-BOR'").await;
    let validity = bureau.proof(&cli(), &next.proof).await.unwrap().validity.unwrap();
    assert_eq!(validity.standing, Standing::Expired);
    assert!(validity.changed.unwrap().contains("cannot be drawn any more"));
}

/// A label that shows the batch.
pub fn batch_label(longest: &str) -> String {
    format!(
        r#"nameplate = 1
name = "batch-60x40"
title = "Unit label with batch"
width_mm = 60
height_mm = 40
placement = {{ zone = "rear", durability = "PET white, resin ribbon" }}
[fields]
"batch.code" = {{ samples = ["2025-W27-M2"] {longest} }}
[[text]]
id = "serial"
text = "S/N {{serial|group}}"
font = "serial"
size_pt = 12
x_mm = 3
y_mm = 4
width_mm = 54
[[code128]]
id = "serial-code"
data = "{{serial}}"
purpose = "serial"
caption = "serial"
x_mm = 5
y_mm = 10
width_mm = 50
height_mm = 10
[[text]]
id = "batch"
text = "Batch {{batch.code}}"
size_pt = 9
min_size_pt = 6
x_mm = 3
y_mm = 26
width_mm = 54
"#
    )
}

async fn batch_numbers_are_shown_at_their_longest(database: Database) {
    let bureau = Bureau::on(&database).await;
    bureau.publish("batch-60x40", &batch_label(", longest = 16")).await;
    let of_batch = NewProof { sku: "NT-H3-BOR".into(), template: Some("batch-60x40".into()), ..new_proof() };
    let proof = bureau.new_proof(&cli(), &key(), &of_batch).await.unwrap();
    let batches: Vec<_> =
        proof.samples.iter().map(|sample| (sample.name.as_str(), sample.fields["batch.code"].as_str())).collect();
    assert_eq!(
        batches,
        [
            ("typical", "SAMPLE-BATCH"),
            ("widest serial", "SAMPLE-BATCH"),
            ("narrowest serial", "SAMPLE-BATCH"),
            ("longest batch number", "Lot 25-118 (pilot)"),
            ("widest batch number", "WWWWWWWWWWWWWWWW"),
        ],
        "the longest that the catalogue knows, and the widest that the template allows"
    );
    // What cannot be drawn is told beforehand: a job of such a batch will be refused.
    bureau.publish("batch-60x40", &batch_label(", longest = 40")).await;
    let proof = bureau.new_proof(&cli(), &key(), &of_batch).await.unwrap();
    assert_eq!(proof.samples.len(), 4);
    let finding = proof.report.findings.iter().find(|finding| finding.message.contains("widest batch number")).unwrap();
    assert!(finding.message.contains("will be refused"), "{}", finding.message);
}

async fn longer_serials_need_a_new_approval(database: Database) {
    use nameplate::serial::{CheckScheme, RuleSpec};
    let bureau = Bureau::on(&database).await;
    let buyer = buyer(&database, "A. Lindqvist").await;
    let proof = bureau.approved(&buyer).await;
    let spec = RuleSpec::sequential("gauges", "G", 6, CheckScheme::Damm);
    bureau.define_rule(&cli(), spec, "2025-01-01").await.unwrap();
    database.sql("UPDATE sku SET rule_code = 'gauges' WHERE code = 'NT-M2-BOR'").await;
    let validity = bureau.proof(&cli(), &proof.proof).await.unwrap().validity.unwrap();
    assert_eq!(validity.standing, Standing::Expired, "the digest is the same, and serials take other room");
    assert!(validity.changed.unwrap().starts_with("its serials follow another rule version: 3 of 3"));
    assert!(bureau.why_not().await.contains("its serials follow another rule version"));
    // A rule whose every text is a serial has no samples.
    let free = RuleSpec::sequential("free", "", 11, CheckScheme::None);
    bureau.define_rule(&cli(), free, "2025-01-01").await.unwrap();
    database.sql("UPDATE sku SET rule_code = 'free' WHERE code = 'NT-M2-BOR'").await;
    let refused = bureau.new_proof(&cli(), &key(), &new_proof()).await.unwrap_err().to_string();
    assert!(refused.contains("a proof would show live serials"), "{refused}");
}
