//! Proofs and approvals on both engines: what buyers approve is what is printed, and everything else is refused with words.

mod certificate;
mod decide;
mod difference;
mod expiry;
mod hostile;
mod lifecycle;

use crate::print::press::{printer, refusal};
use crate::support::{Answer, Database, Factory};
use nameplate::label::Template;
use nameplate::service::print::{JobRecord, NewJob, PrintError};
use nameplate::service::proof::{Decision, NewProof, ProofDecision, ProofError, ProofRecord, Signer};
use nameplate::service::{Caller, ServiceError};
use nameplate::store;
use std::ops::Deref;

/// A factory with a printer, and the people of Borealis Optics.
pub struct Bureau {
    pub factory: Factory,
    pub agent: Caller,
    /// Whoever buys for the brand sees the brand only.
    pub brand: Caller,
}

impl Deref for Bureau {
    type Target = Factory;

    fn deref(&self) -> &Factory {
        &self.factory
    }
}

/// The proof of the Borealis monocular's own label.
pub fn new_proof() -> NewProof {
    NewProof {
        sku: "NT-M2-BOR".into(),
        revision: None,
        template: None,
        dpi: 203,
        stock: None,
        note: String::new(),
        replaces: None,
    }
}

pub fn cli() -> Caller {
    Caller::command_line()
}

pub fn key() -> String {
    format!("key-{:032x}", u128::from_be_bytes(nameplate::service::random().unwrap()))
}

impl Bureau {
    pub async fn on(database: &Database) -> Self {
        let factory = Factory::on(database).await;
        let agent = printer(&factory, "line-3").await;
        let brand = factory.buyer(database, "BOR").await;
        Self { factory, agent, brand }
    }

    /// A draft of the Borealis monocular's label.
    pub async fn draft(&self) -> ProofRecord {
        self.new_proof(&cli(), &key(), &new_proof()).await.unwrap()
    }

    /// The same, shown to its approvers.
    pub async fn requested(&self) -> ProofRecord {
        let draft = self.draft().await;
        self.request_proof(&cli(), &draft.proof).await.unwrap()
    }

    /// The same, approved by somebody.
    pub async fn approved(&self, by: &Signer) -> ProofRecord {
        let proof = self.requested().await;
        self.decide(by, &proof, Decision::Approved, "").await.unwrap()
    }

    pub async fn decide(
        &self,
        by: &Signer,
        proof: &ProofRecord,
        meaning: Decision,
        comment: &str,
    ) -> Result<ProofRecord, ServiceError> {
        let decision = ProofDecision { meaning, artwork: proof.artwork.clone(), comment: comment.into() };
        self.decide_proof(&self.brand, by, &proof.proof, &decision).await
    }

    /// A job for a new block of Borealis monoculars.
    pub async fn job(&self, count: i64) -> Result<(Answer, JobRecord), ServiceError> {
        let block = self.reserve(count).await;
        let job = self.print(&cli(), &key(), &NewJob::of_whole_block("line-3", &block.block, None)).await?;
        Ok((block, job))
    }

    /// Why Borealis monoculars cannot be printed.
    pub async fn why_not(&self) -> String {
        match self.job(1).await.map_err(refusal) {
            Err(PrintError::ApprovalMissing { why, .. }) => why,
            other => panic!("{other:?}"),
        }
    }

    /// Publishes a template without the checks that take long: the newest of its name from now on.
    pub async fn publish(&self, name: &str, source: &str) {
        let template = Template::parse(name, source.as_bytes()).unwrap();
        let digest: String = template.digest.iter().map(|byte| format!("{byte:02x}")).collect();
        self.wait(1);
        let mut tx = self.store().begin().await.unwrap();
        store::template::keep(&mut tx, &digest, name, source, self.clock().now_us()).await.unwrap();
        store::commit(tx).await.unwrap();
    }
}

/// A person who may sign in, and has just given the password.
pub async fn person(database: &Database, name: &str, roles: &str, brand: Option<&str>) -> Signer {
    let user = 1_000_000 + database.number("SELECT COUNT(*) FROM app_user").await;
    let email = format!("{}@example.com", name.to_lowercase().replace([' ', '.'], ""));
    let brand = brand.map_or("NULL".to_owned(), |code| format!("(SELECT id FROM brand WHERE code = '{code}')"));
    let sql = format!(
        "INSERT INTO app_user (id, email, email_key, name, roles, brand_id, language, created_us) \
         VALUES ({user}, '{email}', '{email}', '{name}', '{roles}', {brand}, 'en', 1)"
    );
    assert_eq!(database.sql(&sql).await, 1);
    Signer { user, name: name.into(), email }
}

pub async fn buyer(database: &Database, name: &str) -> Signer {
    person(database, name, "buyer", Some("BOR")).await
}

/// What was refused.
pub fn refused<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> ProofError {
    match result {
        Err(ServiceError::Proof(refused)) => refused,
        other => panic!("not a refusal: {other:?}"),
    }
}
