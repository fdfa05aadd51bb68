//! The labels of a unit, for its record: which of them exist, and what is on them.

use super::super::{Nameplate, ServiceError};
use crate::store::{self, Connection};
use crate::trace::Span;
use serde::Serialize;

/// A label of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct UnitLabel {
    /// 1 for the first label; every reprint counts one more.
    pub copy: i64,
    /// `live`, `reprint`, or `reissue` if it may look different from the one before.
    pub kind: String,
    /// `queued`, `leased`, `handed_over`, `confirmed`, `unconfirmed` or `scrapped`.
    pub state: String,
    /// Template name.
    pub template: String,
    /// SHA-256 of the template's file: the label's revision.
    pub template_digest: String,
    /// SHA-256 of the approved artwork.
    pub artwork: String,
    /// The print job. Left out for callers bound to a brand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// The printer. Left out for callers bound to a brand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub printer: Option<String>,
}

impl Nameplate {
    /// The labels of a serial, the first copy first. `inside`: the reader may know where they were printed (PLB5).
    pub(in crate::service) async fn labels_of_unit(
        &self,
        conn: &mut Connection,
        series: i64,
        ordinal: u64,
        inside: bool,
    ) -> Result<Vec<UnitLabel>, ServiceError> {
        let Ok(span) = Span::new(ordinal, ordinal) else { return Ok(Vec::new()) };
        let mut labels = Vec::new();
        for (lane, piece) in store::print_label::of_serials(conn, series, span).await? {
            let facts = self.print.parts.job_facts(conn, lane.job).await?;
            let job = &facts.job;
            labels.push(UnitLabel {
                copy: lane.copy,
                kind: job.kind.clone(),
                state: piece.state.as_str().to_owned(),
                template: job.template.clone(),
                template_digest: job.template_digest.clone(),
                artwork: job.artwork.clone(),
                job: inside.then(|| job.code.clone()),
                printer: inside.then(|| job.printer.clone()),
            });
        }
        Ok(labels)
    }
}
