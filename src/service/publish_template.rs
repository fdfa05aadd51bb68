//! Use case: a template is published, so that jobs can name it. What fails the preflight or the decode gate is not.

use super::caller::Caller;
use super::{Nameplate, ServiceError};
use crate::gate::{Found, LintReport};
use crate::label::preflight::worst_case::{cases, sample_pictures};
use crate::label::{Assets, JobFields, Resolution, Template, compile};
use crate::store;
use crate::trace::AuditEntry;
use data_encoding::HEXLOWER;
use serde::Serialize;

/// A template that jobs can name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublishedTemplate {
    /// Its name.
    pub name: String,
    /// SHA-256 of its file: its revision.
    pub digest: String,
    /// Labels that were drawn and read back.
    pub labels_checked: usize,
}

impl Nameplate {
    /// Checks a template with worst-case data at every resolution and keeps it. The newest revision of a name is the one
    /// that jobs get; older ones stay under their digests.
    ///
    /// # Errors
    /// [`ServiceError::Label`] with what keeps it from being published.
    pub async fn publish_template(
        &self,
        caller: &Caller,
        file: &str,
        source: &str,
    ) -> Result<PublishedTemplate, ServiceError> {
        self.publish(caller, file, source, None).await
    }

    /// The same for somebody who has `seen` the newest revision, by its digest.
    ///
    /// # Errors
    /// [`ServiceError::Stale`] when another revision has become the newest.
    pub(super) async fn publish(
        &self,
        caller: &Caller,
        file: &str,
        source: &str,
        seen: Option<&str>,
    ) -> Result<PublishedTemplate, ServiceError> {
        let template = Template::parse(file, source.as_bytes()).map_err(|e| ServiceError::Label(e.to_string()))?;
        let (name, digest) = (template.content.name.clone(), HEXLOWER.encode(&template.digest));
        let assets = Assets { fonts: self.fonts()?, pictures: sample_pictures() };
        let report = tokio::task::spawn_blocking(move || checked(&template, &assets))
            .await
            .map_err(|e| ServiceError::Unexpected(e.to_string()))?;
        if !report.passed() {
            return Err(ServiceError::Label(format!("template {name} is not published:\n{}", reasons(&report))));
        }
        let published = PublishedTemplate { name, digest, labels_checked: report.gate.len() };
        let now_us = self.clock.now_us();
        let mut tx = self.store.begin().await?;
        // Held first: of two who publish at once the second sees what the first has done.
        let head = store::audit::hold_head(&mut tx).await?.head;
        if let Some(seen) = seen {
            let newest = super::studio::list::newest(&mut tx, &published.name).await?;
            if newest.map_or(String::new(), |(revision, _)| revision.digest) != seen {
                return Err(ServiceError::Stale);
            }
        }
        store::template::keep(&mut tx, &published.digest, &published.name, source, now_us).await?;
        let entry = AuditEntry {
            recorded_us: now_us,
            actor: caller.actor.clone(),
            action: "template.publish".into(),
            subject: published.name.clone(),
            detail: serde_json::to_string(&published).map_err(|e| ServiceError::Unexpected(e.to_string()))?,
        };
        store::audit::append(&mut tx, head, &[entry]).await?;
        store::commit(tx).await?;
        Ok(published)
    }
}

fn checked(template: &Template, assets: &Assets) -> LintReport {
    let mut report = LintReport::default();
    for case in cases(&template.content, &JobFields::new()) {
        for resolution in Resolution::ALL {
            let laid_out = compile(template, &case.fields, assets, resolution, &case.variable);
            report.add(&case, resolution, laid_out, true);
        }
    }
    report
}

/// The errors, each once.
fn reasons(report: &LintReport) -> String {
    let errors = report.findings.iter().filter(|found| found.finding.is_error());
    let findings = errors.map(|Found { finding, .. }| finding.to_string());
    let failures = report.gate.iter().flat_map(|gate| gate.failures.iter().cloned());
    let mut all: Vec<String> = findings.chain(failures).collect();
    all.sort();
    all.dedup();
    all.join("\n")
}
