//! Use case: the certificate of an approved proof, for both sides' files.

use super::super::print::Inputs;
use super::super::{Caller, Nameplate, ServiceError, rfc3339};
use super::certificate_pdf::certificate_pdf;
use super::error::ProofError;
use crate::store::proof::ProofRow;
use crate::store::{self, Connection, StoreError};
use crate::trace::{
    Certificate, CertifiedIssuer, CertifiedLabel, CertifiedProduct, CertifiedSample, CertifiedSignature,
    SignedCertificate, sealed,
};

impl Nameplate {
    /// The certificate of a proof that was approved, as JSON. It says what was approved, by whom and when, and is the same
    /// whatever happens later.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`]; [`ServiceError::Proof`] for a proof that was never approved.
    pub async fn proof_certificate(&self, caller: &Caller, code: &str) -> Result<String, ServiceError> {
        let mut conn = self.read().await?;
        let proof = self.proof_row(&mut conn, caller, code).await?;
        let certificate = self.certificate(&mut conn, &proof).await?;
        Ok(self.signed(certificate)?.as_str().to_owned())
    }

    /// The same as PDF, with the JSON as an embedded file and a seal over all of it.
    ///
    /// # Errors
    /// As for [`Nameplate::proof_certificate`].
    pub async fn proof_certificate_pdf(&self, caller: &Caller, code: &str) -> Result<Vec<u8>, ServiceError> {
        let mut conn = self.read().await?;
        let proof = self.proof_row(&mut conn, caller, code).await?;
        let certificate = self.certificate(&mut conn, &proof).await?;
        let signed = self.signed(certificate.clone())?;
        let corrupt = || StoreError::Corrupt { table: "proof_sample", column: "png", row: proof.code.clone() };
        let sample = store::proof_sample::png(&mut conn, proof.id, 1).await?.ok_or_else(corrupt)?;
        let fonts = self.fonts()?;
        let made = tokio::task::spawn_blocking(move || certificate_pdf(&certificate, &signed, &sample, fonts));
        let made = made.await.map_err(|e| ServiceError::Unexpected(e.to_string()))?;
        let pdf = made.map_err(|why| ServiceError::Label(format!("the certificate as PDF: {why}")))?;
        Ok(sealed(pdf, self.keys.signing()))
    }

    fn signed(&self, certificate: Certificate) -> Result<SignedCertificate, ServiceError> {
        let signed = SignedCertificate::sign(certificate, self.keys.signing());
        signed.map_err(|e| ServiceError::Unexpected(e.to_string()))
    }

    async fn certificate(&self, conn: &mut Connection, proof: &ProofRow) -> Result<Certificate, ServiceError> {
        let not_approved =
            || ProofError::NotApproved { proof: proof.code.clone(), state: proof.state.replace('_', " ") };
        let approval = store::approval::of_proof(conn, proof.id).await?.ok_or_else(not_approved)?;
        let corrupt = |column| StoreError::Corrupt { table: "proof", column, row: proof.code.clone() };
        let sku = store::sku::by_id(conn, proof.sku_id).await?.ok_or_else(|| corrupt("sku_id"))?;
        let inputs = Inputs::from_json(&proof.inputs, &proof.code)?;
        // As they stood on the label, should the catalogue say otherwise by now.
        let shown = |field: &str, otherwise: String| inputs.fields.get(field).cloned().unwrap_or(otherwise);
        let product = CertifiedProduct {
            name: shown("product.name", sku.name),
            brand: shown("brand.name", sku.brand_name),
            sku: proof.sku.clone(),
            revision: proof.revision.clone(),
            gtin: inputs.fields.get("gtin").cloned().or(sku.gtin),
        };
        let signatures = store::proof_word::signatures(conn, proof.id).await?.into_iter();
        let signatures = signatures.filter(|signature| signature.meaning == "approved").map(|s| CertifiedSignature {
            name: s.name,
            meaning: s.meaning,
            at: rfc3339(s.created_us),
            artwork: s.artwork,
            comment: s.comment,
        });
        let samples = store::proof_sample::of_proof(conn, proof.id).await?.into_iter();
        let samples = samples
            .map(|s| CertifiedSample { n: s.n, name: s.name, width: s.width, height: s.height, dots: s.dots })
            .collect();
        Ok(Certificate {
            format: Certificate::format(),
            proof: proof.code.clone(),
            approval: approval.id,
            approved_at: rfc3339(approval.created_us),
            product,
            label: CertifiedLabel {
                template: inputs.template,
                template_digest: inputs.template_digest,
                dpi: inputs.dpi,
                width_um: proof.width_um,
                height_um: proof.height_um,
                stock: proof.stock.clone(),
                artwork: proof.artwork.clone(),
                layout_version: inputs.layout_version,
                fields: inputs.fields,
                fonts: inputs.fonts,
            },
            samples,
            signatures: signatures.collect(),
            issuer: CertifiedIssuer::new(self.keys.database(), self.keys.signing()),
        })
    }
}
