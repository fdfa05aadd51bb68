//! A factory with a printer and approved labels.

use crate::support::{Answer, Database, Factory};
use nameplate::print::status::PrinterStatus;
use nameplate::service::print::{
    Control, ControlRequest, Evidence, JobRecord, LabelResult, Lease, LeaseRequest, NewApproval, NewJob, NewPrinter,
    Outcome, PrintError, PrinterSettings, ResultsTaken,
};
use nameplate::service::{Caller, Serves, ServiceError};
use std::ops::Deref;

/// A factory whose Borealis monocular has an approved label, and the printer `line-3`.
pub struct Press {
    pub factory: Factory,
    /// The printer's own agent.
    pub agent: Caller,
}

impl Deref for Press {
    type Target = Factory;

    fn deref(&self) -> &Factory {
        &self.factory
    }
}

/// Settings of a printer with labels of 60 x 40 mm.
pub fn settings(dpi: u32) -> PrinterSettings {
    serde_json::from_value(serde_json::json!({
        "driver": "raw", "format": "zpl-native", "dpi": dpi, "media_width_um": 60_000, "media_height_um": 40_000,
    }))
    .unwrap()
}

/// The approval of the Borealis monocular's own label.
pub fn approval() -> NewApproval {
    NewApproval {
        sku: "NT-M2-BOR".into(),
        revision: None,
        template: None,
        dpi: 203,
        approver: "A. Lindqvist".into(),
        note: String::new(),
    }
}

pub fn control(control: Control, reason: &str) -> ControlRequest {
    ControlRequest { control, reason: Some(reason.to_owned()) }
}

pub fn results(list: &[(u64, u64, Outcome)]) -> Vec<LabelResult> {
    let evidence = |outcome| (outcome == Outcome::Printed).then_some(Evidence::Counter);
    let one = |&(first, last, outcome)| LabelResult { first, last, outcome, evidence: evidence(outcome), note: None };
    list.iter().map(one).collect()
}

impl Press {
    pub async fn on(database: &Database) -> Self {
        let factory = Factory::on(database).await;
        factory.approve(&Caller::command_line(), &approval()).await.unwrap();
        let agent = printer(&factory, "line-3").await;
        Self { factory, agent }
    }

    /// Ends the server and starts it again.
    pub async fn restarted(self) -> Self {
        Self { factory: self.factory.restarted().await, agent: self.agent }
    }

    /// A block and a job that prints all of it.
    pub async fn job(&self, count: i64) -> (Answer, JobRecord) {
        let block = self.reserve(count).await;
        let job = self.print_all(&block.block).await.unwrap();
        (block, job)
    }

    pub async fn print_all(&self, block: &str) -> Result<JobRecord, ServiceError> {
        let key = format!("key-{:032x}", u128::from_be_bytes(nameplate::service::random().unwrap()));
        self.print(&Caller::command_line(), &key, &NewJob::of_whole_block("line-3", block, None)).await
    }

    pub async fn take(&self, most: u32) -> Option<Lease> {
        let request = LeaseRequest { max_labels: most, wait_s: 0, status: None };
        self.lease_labels(&self.agent, "line-3", &request).await.unwrap()
    }

    pub async fn fetch(&self, lease: &Lease, first: u64, last: u64) -> Result<Vec<u8>, PrintError> {
        let served = self.fetch_labels(&self.agent, &lease.lease, Some(first), Some(last)).await;
        served.map(|served| served.bytes).map_err(refusal)
    }

    pub async fn say(&self, lease: &Lease, list: &[(u64, u64, Outcome)]) -> Result<ResultsTaken, PrintError> {
        let status = PrinterStatus::default();
        self.take_results(&self.agent, &lease.lease, &results(list), Some(&status)).await.map_err(refusal)
    }

    /// How many labels of a job are queued, leased, handed over, confirmed, unconfirmed, scrapped, cancelled.
    pub async fn counts(&self, job: &JobRecord) -> [i64; 7] {
        let counts = self.factory.job(&Caller::command_line(), &job.job).await.unwrap().counts;
        [
            counts.queued,
            counts.leased,
            counts.handed_over,
            counts.confirmed,
            counts.unconfirmed,
            counts.scrapped,
            counts.canceled,
        ]
    }

    /// Lets leases run out, and waits until the desk has seen it.
    pub async fn let_leases_end(&self, job: &JobRecord) {
        self.wait(200);
        for _ in 0..100 {
            let counts = self.counts(job).await;
            if counts[1] + counts[2] == 0 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("leases do not end");
    }
}

/// Registers a printer; answers its agent.
pub async fn printer(factory: &Factory, name: &str) -> Caller {
    let new = NewPrinter { printer: name.into(), settings: settings(203) };
    let registered = factory.register_printer(&Caller::command_line(), &new).await.unwrap();
    let id = registered.token.id.parse().unwrap();
    let principal = factory.token(id).await.unwrap().unwrap().principal;
    let agent = Caller::from(&principal);
    assert!(matches!(agent.serves, Serves::Printer(_)));
    agent
}

pub fn refusal(error: ServiceError) -> PrintError {
    match error {
        ServiceError::Print(refused) => refused,
        other => panic!("not a refusal of the print desk: {other}"),
    }
}
