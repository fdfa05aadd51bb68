//! Whether what was approved is still what would be printed.
//!
//! An approval is of artwork by its digest. The digest changes with every comment in a template and every version of the
//! program; what the approvers saw may not. So the samples are drawn again: as long as each is the very same dots, the approval
//! holds.

use super::super::print::Inputs;
use super::super::{KnownRule, Nameplate, ServiceError, part};
use super::samples::{DrawnSample, Subject};
use crate::label::Resolution;
use crate::render::png::dots_digest;
use crate::service::labels::TemplateRef;
use crate::service::labels::unit::look_alike;
use crate::store::proof::{ProofOf, ProofRow};
use crate::store::sku::SkuRow;
use crate::store::{self, Connection};
use crate::trace::{Approver, ProofState, Round};
use data_encoding::HEXLOWER;
use serde::Serialize;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// How many comparisons are kept in memory.
const KEPT: usize = 1_024;

/// Whether an approved proof covers what would be printed now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The artwork is the one that was approved.
    Valid,
    /// The artwork has another digest, and every sample is the very same dots.
    CarriedOver,
    /// Labels would look different: nothing is printed under it.
    Expired,
}

/// Whether an approved proof covers what would be printed now, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Validity {
    /// valid, carried_over or expired.
    pub standing: Standing,
    /// What has changed since; none if nothing has.
    pub changed: Option<String>,
}

/// How the samples of a proof look when they are drawn from other records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::service) struct Compared {
    /// Names of those that look different or cannot be drawn.
    pub(in crate::service) differing: Vec<String>,
    /// How many there are.
    pub(in crate::service) samples: usize,
}

impl Compared {
    /// Whether every sample is the very same dots.
    pub(in crate::service) fn is_same(&self) -> bool {
        self.differing.is_empty() && self.samples > 0
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { differing, samples } = self;
        match differing.len() {
            0 => write!(f, "all {samples} samples look the same"),
            count => write!(f, "{count} of {samples} samples look different ({})", differing.join(", ")),
        }
    }
}

/// What was compared: proof, digest of today's artwork, rule version.
type Key = (i64, String, i64);

/// Comparisons of late: records and program give the same again.
#[derive(Debug, Default)]
pub(in crate::service) struct ComparedCache(Mutex<HashMap<Key, Arc<Compared>>>);

impl ComparedCache {
    fn get(&self, key: &Key) -> Option<Arc<Compared>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn put(&self, key: Key, compared: &Arc<Compared>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            // Whoever still needs one draws it again.
            kept.clear();
        }
        kept.insert(key, Arc::clone(compared));
    }
}

impl Nameplate {
    /// Draws the samples of a proof from other records, and compares their dots.
    #[expect(clippy::too_many_arguments, reason = "all that a label depends on is named by whoever asks for it")]
    pub(in crate::service) async fn compare(
        &self,
        conn: &mut Connection,
        proof: i64,
        sku: SkuRow,
        revision: Option<(i64, String)>,
        template: &str,
        resolution: Resolution,
        rule: &Arc<KnownRule>,
        artwork: &str,
    ) -> Result<Arc<Compared>, ServiceError> {
        let template = TemplateRef::newest(template);
        let subject = Subject { sku, revision, template, resolution, rule: Arc::clone(rule) };
        self.compare_with(conn, proof, &subject, artwork).await
    }

    async fn compare_with(
        &self,
        conn: &mut Connection,
        proof: i64,
        subject: &Subject,
        artwork: &str,
    ) -> Result<Arc<Compared>, ServiceError> {
        let key = (proof, artwork.to_owned(), subject.rule.row.id);
        if let Some(known) = self.compared.get(&key) {
            return Ok(known);
        }
        let samples = store::proof_sample::of_proof(conn, proof).await?;
        let drawn = part(self.draw_again_samples(conn, subject, &samples)).await?;
        let is_same = |drawn: &Result<DrawnSample, _>, dots: &str| {
            drawn.as_ref().is_ok_and(|drawn| HEXLOWER.encode(&dots_digest(&drawn.dots)) == dots)
        };
        let differing = samples.iter().zip(&drawn).filter(|(sample, drawn)| !is_same(drawn, &sample.dots));
        let differing = differing.map(|(sample, _)| sample.name.clone()).collect();
        let compared = Arc::new(Compared { differing, samples: samples.len() });
        self.compared.put(key, &compared);
        Ok(compared)
    }

    /// Whether a proof shows what would be printed now.
    pub(super) async fn validity(&self, conn: &mut Connection, proof: &ProofRow) -> Result<Validity, ServiceError> {
        let subject = self.subject_of(conn, proof).await?;
        let (artwork, now) = match self.present(conn, &subject).await {
            Ok(present) => present,
            Err(ServiceError::Label(why)) => {
                let changed = Some(format!("the label cannot be drawn any more: {why}"));
                return Ok(Validity { standing: Standing::Expired, changed });
            }
            Err(other) => return Err(other),
        };
        let then = Inputs::from_json(&proof.inputs, &proof.code)?;
        let before = self.rules.get(conn, then.rule_version).await?;
        if artwork.digest() == proof.artwork && look_alike(&before.rule, &subject.rule.rule) {
            return Ok(Validity { standing: Standing::Valid, changed: None });
        }
        let changed = then.difference(&now).unwrap_or_else(|| "its pictures have changed".into());
        let compared = self.compare_with(conn, proof.id, &subject, &artwork.digest()).await?;
        let standing = if compared.is_same() { Standing::CarriedOver } else { Standing::Expired };
        Ok(Validity { standing, changed: Some(format!("{changed}: {compared}")) })
    }

    /// How far the newest proof of a label has come, where it keeps labels from being printed; none if there is no proof.
    pub(in crate::service) async fn how_far(
        &self,
        conn: &mut Connection,
        label: &ProofOf<'_>,
    ) -> Result<Option<String>, ServiceError> {
        let Some(proof) = store::proof::latest(conn, label).await? else { return Ok(None) };
        let code = &proof.code;
        let words = match ProofState::from_name(&proof.state) {
            Some(ProofState::Draft) => format!("proof {code} is a draft: request its approval"),
            Some(ProofState::Requested) => {
                format!("proof {code} is requested and waits for {}", self.waits_for(conn, &proof).await?.join(", "))
            }
            Some(state @ (ProofState::ChangesRequested | ProofState::Rejected)) => {
                let signatures = store::proof_word::signatures(conn, proof.id).await?;
                let last = signatures.last().map_or_else(String::new, |last| {
                    let comment: String = last.comment.split_whitespace().collect::<Vec<_>>().join(" ");
                    format!(" by {}: {}", last.name, comment.chars().take(120).collect::<String>())
                });
                format!("proof {code} was {state}{last}")
            }
            Some(ProofState::Withdrawn) => format!("proof {code} was withdrawn"),
            _ => return Ok(None),
        };
        Ok(Some(words))
    }

    /// Names of those who have to decide next.
    pub(super) async fn waits_for(&self, conn: &mut Connection, proof: &ProofRow) -> Result<Vec<String>, ServiceError> {
        let round = self.round(conn, proof).await?;
        if !round.required().is_empty() {
            return Ok(round.turn().map(|approver: &Approver| approver.name.clone()).collect());
        }
        let sku = store::sku::by_id(conn, proof.sku_id).await?;
        Ok(vec![format!("a buyer of {}", sku.map_or_else(String::new, |sku| sku.brand_name))])
    }

    /// Who must approve a proof, and who has.
    pub(super) async fn round(&self, conn: &mut Connection, proof: &ProofRow) -> Result<Round, ServiceError> {
        let required: Vec<Approver> = serde_json::from_str(&proof.required)
            .map_err(|_| store::StoreError::Corrupt { table: "proof", column: "required", row: proof.code.clone() })?;
        let signatures = store::proof_word::signatures(conn, proof.id).await?;
        let approved = signatures.iter().filter(|signature| signature.meaning == "approved").map(|s| s.user_id);
        Ok(Round::new(required, approved))
    }
}
