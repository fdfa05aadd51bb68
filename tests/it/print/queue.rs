//! A printer's queue: turns, expiry, re-issues, and what the audit chain keeps of a print (LAB6).

use super::press::{Press, results};
use crate::support::{Database, both_engines};
use nameplate::service::print::{NewJob, Outcome};
use nameplate::service::{Caller, rfc3339};
use serde_json::json;

both_engines!(
    a_large_job_gives_others_their_turn,
    a_job_that_waits_too_long_is_cancelled,
    a_reissue_may_look_different_and_says_so,
    lab6_the_audit_chain_keeps_how_a_label_was_printed,
);

fn me() -> Caller {
    Caller::command_line()
}

async fn a_large_job_gives_others_their_turn(database: Database) {
    let press = Press::on(&database).await;
    let (_, large) = press.job(1_200).await;
    press.wait(1);
    let (_, small) = press.job(3).await;
    press.wait(1);
    let mut order = Vec::new();
    for _ in 0..30 {
        let Some(lease) = press.take(100).await else { break };
        press.fetch(&lease, 1, lease.labels).await.unwrap();
        press.say(&lease, &[(1, lease.labels, Outcome::Printed)]).await.unwrap();
        order.push((lease.job, lease.labels));
    }
    let at = order.iter().position(|(job, _)| *job == small.job).unwrap();
    let before: u64 = order[..at].iter().map(|(_, labels)| labels).sum();
    assert!((1..=500).contains(&before), "{before} labels of the large job came first");
    assert!(order[at + 1..].iter().all(|(job, _)| *job == large.job));
    assert_eq!(order.iter().map(|(_, labels)| labels).sum::<u64>(), 1_203);
}

async fn a_job_that_waits_too_long_is_cancelled(database: Database) {
    let press = Press::on(&database).await;
    let block = press.reserve(4).await;
    let expires_at = Some(rfc3339(press.clock().now_us() + 60_000_000));
    let new = NewJob { expires_at, ..NewJob::of_whole_block("line-3", &block.block, None) };
    let job = press.print(&me(), "k", &new).await.unwrap();
    let lease = press.take(1).await.unwrap();
    press.fetch(&lease, 1, 1).await.unwrap();
    press.say(&lease, &[(1, 1, Outcome::Printed)]).await.unwrap();
    press.wait(59);
    press.tend_printing().await.unwrap();
    assert_eq!(press.counts(&job).await, [3, 0, 0, 1, 0, 0, 0]);
    press.wait(2);
    press.tend_printing().await.unwrap();
    assert_eq!(press.counts(&job).await, [0, 0, 0, 1, 0, 0, 3]);
    assert!(press.take(5).await.is_none());
    press.assert_audit_is_whole().await;
}

async fn lab6_the_audit_chain_keeps_how_a_label_was_printed(database: Database) {
    let press = Press::on(&database).await;
    let (_, job) = press.job(1).await;
    let lease = press.take(1).await.unwrap();
    press.fetch(&lease, 1, 1).await.unwrap();
    press.take_results(&press.agent, &lease.lease, &results(&[(1, 1, Outcome::Printed)]), None).await.unwrap();
    let mut conn = press.store().read().await.unwrap();
    let entries = nameplate::store::audit::entries_after(&mut conn, 0, 1_000).await.unwrap();
    let found = |action: &str| {
        let entry = entries.iter().find(|(_, entry, _)| entry.action == action).unwrap();
        (entry.1.actor.clone(), serde_json::from_str::<serde_json::Value>(&entry.1.detail).unwrap())
    };
    let (actor, printed) = found("label.printed");
    assert!(actor.contains("line-3"), "{actor}");
    assert_eq!((&printed["printer"], &printed["job"]), (&json!("line-3"), &json!(job.job)));
    assert_eq!((&printed["artwork"], &printed["outcome"]), (&json!(job.artwork), &json!("printed")));
    assert_eq!(printed["template_digest"], json!(job.template_digest));
    let settings = &printed["settings"];
    assert_eq!((&settings["dpi"], &settings["media_um"]), (&json!(203), &json!([60_000, 40_000])));
    assert!(settings["darkness"].is_number() && settings["speed_in_per_s"].is_number(), "{settings}");
    assert_eq!(printed["lease"], json!(lease.lease));
    assert_eq!(found("labels.hand_over").1["labels"][0]["job"], json!(job.job));
}

async fn a_reissue_may_look_different_and_says_so(database: Database) {
    let press = Press::on(&database).await;
    let (block, _) = press.job(1).await;
    let lease = press.take(1).await.unwrap();
    press.fetch(&lease, 1, 1).await.unwrap();
    press.say(&lease, &[(1, 1, Outcome::Printed)]).await.unwrap();
    let request = serde_json::from_value(json!({
        "printer": "line-3", "serials": {"serials": [block.first_serial]}, "reason": "new importer",
        "old_label_destroyed": true, "attestation": "torn, L. Chen", "reissue": true
    }));
    let made = press.reprint(&me(), "r", &request.unwrap()).await.unwrap();
    assert_eq!((made.jobs[0].kind.as_str(), made.jobs[0].copy), ("reissue", 2));
    let lease = press.take(1).await.unwrap();
    press.fetch(&lease, 1, 1).await.unwrap();
    press.say(&lease, &[(1, 1, Outcome::Printed)]).await.unwrap();
    let labels = press.unit(&block.first_serial).await.labels;
    let kinds: Vec<_> = labels.iter().map(|label| (label.copy, label.kind.as_str())).collect();
    assert_eq!(kinds, [(1, "live"), (2, "reissue")]);
}
