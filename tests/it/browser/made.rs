//! What the pages of the table show: made through the use cases, so that no page is judged empty. Each answers the address of
//! its page.

use super::station::Floor;
use crate::support::browser::Site;
use nameplate::service::Caller;
use nameplate::service::people::NewUser;
use nameplate::service::print::{LeaseRequest, NewJob, NewPrinter, Outcome};
use nameplate::service::proof::{NewComment, NewProof};
use serde_json::json;

/// The person at the command line, who may do everything.
pub fn anybody() -> Caller {
    Caller::command_line()
}

pub async fn a_unit(site: &Site) -> String {
    format!("/units/{}", site.factory.reserve(3).await.first_serial)
}

pub async fn a_block(site: &Site) -> String {
    format!("/blocks/{}", site.factory.reserve(30).await.block)
}

pub async fn blocks_with_some(site: &Site) -> String {
    for count in [5, 500, 12] {
        site.factory.reserve(count).await;
    }
    "/blocks".to_owned()
}

pub async fn a_batch(site: &Site) -> String {
    let block = site.factory.reserve(30).await;
    format!("/batches/{}", block.batch.replace(' ', "%20"))
}

pub async fn somebody(site: &Site) -> String {
    let new = NewUser { email: "bo@example.com".into(), roles: "planner".into(), ..NewUser::default() };
    format!("/users/{}", site.factory.invite(&anybody(), &new).await.unwrap().user)
}

/// A proof of the Borealis monocular that waits for its buyers, with a comment; answers its code.
pub async fn proof_that_waits(site: &Site) -> String {
    let new: NewProof = serde_json::from_value(json!({"sku": "NT-M2-BOR", "note": "The importer has moved."})).unwrap();
    let proof = site.factory.new_proof(&anybody(), "a proof", &new).await.unwrap().proof;
    let comment = NewComment { text: "New address.".into(), sample: Some(1), x_um: Some(45_500), y_um: Some(25_600) };
    site.factory.comment_proof(&anybody(), None, &proof, &comment).await.unwrap();
    site.factory.request_proof(&anybody(), &proof).await.unwrap().proof
}

pub async fn a_proof(site: &Site) -> String {
    format!("/proofs/{}", proof_that_waits(site).await)
}

pub async fn proofs_with_one(site: &Site) -> String {
    proof_that_waits(site).await;
    "/proofs".to_owned()
}

/// The printer `line-3` with labels of 60 x 40 mm; answers its agent.
pub async fn line_3(site: &Site) -> Caller {
    let settings = json!({"driver": "raw", "dpi": 203, "media_width_um": 60_000, "media_height_um": 40_000});
    let new = NewPrinter { printer: "line-3".into(), settings: serde_json::from_value(settings).unwrap() };
    let registered = site.factory.register_printer(&anybody(), &new).await.unwrap();
    let token = site.factory.token(registered.token.id.parse().unwrap()).await.unwrap().unwrap();
    Caller::from(&token.principal)
}

/// Approves the Borealis monocular's label, and queues a block of it at `line-3`; answers the job and the printer's agent.
async fn job_at_line_3(site: &Site) -> (String, Caller) {
    let agent = line_3(site).await;
    let approval = serde_json::from_value(json!({"sku": "NT-M2-BOR", "dpi": 203, "approver": "A. Lindqvist"})).unwrap();
    site.factory.approve(&anybody(), &approval).await.unwrap();
    let block = site.factory.reserve(20).await;
    let job = NewJob::of_whole_block("line-3", &block.block, None);
    (site.factory.print(&anybody(), "a job", &job).await.unwrap().job, agent)
}

/// A job with labels that nobody knows about, so that the page asks what became of them.
pub async fn a_job(site: &Site) -> String {
    let floor = Floor::new(site).await;
    let made = floor.order(5).await;
    floor.print(3, Outcome::Unknown).await;
    format!("/printing/{}", made.job.job)
}

pub async fn printing_with_a_job(site: &Site) -> String {
    job_at_line_3(site).await;
    "/printing".to_owned()
}

pub async fn print_of_a_block(site: &Site) -> String {
    line_3(site).await;
    format!("/printing/new?block={}", site.factory.reserve(5).await.block)
}

/// Labels that were handed over and of which nobody knows more.
pub async fn unconfirmed_labels(site: &Site) -> String {
    let (_, agent) = job_at_line_3(site).await;
    let request = LeaseRequest { max_labels: 5, wait_s: 0, status: None };
    let lease = site.factory.lease_labels(&agent, "line-3", &request).await.unwrap().unwrap();
    site.factory.fetch_labels(&agent, &lease.lease, None, None).await.unwrap();
    site.factory.wait(600);
    site.factory.tend_printing().await.unwrap();
    "/printing/unconfirmed".to_owned()
}

pub async fn printers_with_one(site: &Site) -> String {
    let floor = Floor::new(site).await;
    floor.order(5).await;
    floor.says(r#"{"state":"error","media":"out","detail":"the roll is empty"}"#).await;
    "/printers".to_owned()
}

pub async fn a_printer(site: &Site) -> String {
    let floor = Floor::new(site).await;
    floor.order(5).await;
    floor.print(3, Outcome::Printed).await;
    "/printers/line-3".to_owned()
}

pub async fn work_of_a_station(site: &Site) -> String {
    let floor = Floor::new(site).await;
    let made = floor.order(6).await;
    floor.print(4, Outcome::Printed).await;
    floor.print(1, Outcome::Unknown).await;
    floor.scan(&made.block, 0, true).await;
    floor.scan(&made.block, 1, false).await;
    format!("/station/fi-1/work?block={}&printer=line-3&ids=mac", made.block)
}

pub async fn a_conflict(site: &Site) -> String {
    let entry = json!({"id": "s-1", "scan": {"serial": "07K3-M9XQ-2WN8", "result": "pass"}});
    let entry = serde_json::from_value(entry).unwrap();
    site.factory.sync_journal(&anybody(), "fi-1", &[entry]).await.unwrap();
    "/printing/conflicts".to_owned()
}
