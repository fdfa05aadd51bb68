//! The certificate: what it says, and that no byte of it can be another.

use super::{Bureau, buyer, cli, person, refused};
use crate::support::{Database, Engine, both_engines, run};
use nameplate::label::{Image, Picture};
use nameplate::render::pdf::attached;
use nameplate::service::proof::{Decision, NewApprover, ProofError};
use nameplate::trace::{CertificateError, SignedCertificate, unsealed};

both_engines!(a_certificate_says_who_approved_what);

async fn a_certificate_says_who_approved_what(database: Database) {
    let bureau = Bureau::on(&database).await;
    let buyer = buyer(&database, "A. Lindqvist").await;
    let open = bureau.requested().await;
    let early = refused(bureau.proof_certificate(&cli(), &open.proof).await);
    assert_eq!(early, ProofError::NotApproved { proof: open.proof.clone(), state: "requested".into() });
    let proof = bureau.decide(&buyer, &open, Decision::Approved, "Looks right, thank you").await.unwrap();
    let json = bureau.proof_certificate(&bureau.brand, &proof.proof).await.unwrap();
    let certificate = SignedCertificate::verify(json.as_bytes()).unwrap();
    assert_eq!((&certificate.proof, certificate.approval), (&proof.proof, proof.approval.unwrap()));
    assert_eq!(
        (certificate.product.brand.as_str(), certificate.product.gtin.as_deref()),
        ("Borealis Optics", Some("9521234000044"))
    );
    assert_eq!(certificate.label.artwork, proof.artwork);
    assert_eq!(
        certificate.samples.iter().map(|s| &s.dots).collect::<Vec<_>>(),
        proof.samples.iter().map(|s| &s.dots).collect::<Vec<_>>()
    );
    let signature = &certificate.signatures[0];
    assert_eq!((signature.name.as_str(), signature.meaning.as_str()), ("A. Lindqvist", "approved"));
    assert_eq!(signature.comment, "Looks right, thank you");
    let (key, public) = bureau.keys().verifying().published().next().unwrap();
    assert_eq!((&certificate.issuer.key, &certificate.issuer.public_key), (&key, &public));
    // It is about what was approved, and stays the same whatever comes later.
    bureau.withdraw_proof(&cli(), &proof.proof, "importer has moved").await.unwrap();
    database.sql("UPDATE sku SET name = 'Another name' WHERE code = 'NT-M2-BOR'").await;
    assert_eq!(bureau.proof_certificate(&cli(), &proof.proof).await.unwrap(), json);
}

#[tokio::test]
async fn a_pdf_verifies_by_itself_and_every_changed_byte_is_found() {
    run(Engine::Sqlite, |database| async move {
        let bureau = Bureau::on(&database).await;
        // Names of several scripts, one that no face has, and more people than fit on a line.
        let names = ["A. Lindqvist", "محمد علي", "李雷", "דוד כהן", "Zoë <b>Ångström</b>"];
        let mut approvers = Vec::new();
        for name in names {
            let mut signer = person(&database, &format!("p{}", approvers.len()), "buyer", Some("BOR")).await;
            database.sql(&format!("UPDATE app_user SET name = '{name}' WHERE id = {}", signer.user)).await;
            signer.name = name.to_owned();
            approvers.push(signer);
        }
        let list: Vec<_> =
            approvers.iter().map(|signer| NewApprover { email: signer.email.clone(), position: 1 }).collect();
        bureau.set_approvers(&cli(), "BOR", &list).await.unwrap();
        let proof = bureau.requested().await;
        for signer in &approvers {
            bureau.decide(signer, &proof, Decision::Approved, &"word ".repeat(399)).await.unwrap();
        }
        let pdf = bureau.proof_certificate_pdf(&bureau.brand, &proof.proof).await.unwrap();
        assert_eq!(pdf, bureau.proof_certificate_pdf(&cli(), &proof.proof).await.unwrap(), "the same bytes every time");
        if let Some(folder) = std::env::var_os("NAMEPLATE_KEEP_PICTURES") {
            std::fs::write(std::path::Path::new(&folder).join("certificate.pdf"), &pdf).unwrap();
        }
        let json = attached(&pdf).unwrap();
        let certificate = SignedCertificate::verify(json).unwrap();
        assert_eq!(certificate.signatures.len(), 5);
        assert_eq!(json, bureau.proof_certificate(&cli(), &proof.proof).await.unwrap().as_bytes());
        let body = unsealed(&pdf, &certificate.issuer).unwrap();
        let pages = hayro::hayro_syntax::Pdf::new(body.to_vec()).unwrap();
        assert_eq!(pages.pages().len(), 1);
        // One byte in a hundred, and all of the last ones.
        let is_good = |bytes: &[u8]| {
            let certificate = attached(bytes).map(SignedCertificate::verify);
            matches!(&certificate, Some(Ok(found)) if unsealed(bytes, &found.issuer).is_ok())
        };
        assert!(is_good(&pdf));
        for at in (0..pdf.len()).filter(|at| at % 101 == 0 || at + 120 > pdf.len()) {
            let mut forged = pdf.clone();
            forged[at] ^= 0x01;
            assert!(!is_good(&forged), "byte {at}");
        }
        let with_more = [&pdf[..], b"%\n"].concat();
        assert_eq!(unsealed(&with_more, &certificate.issuer), Err(CertificateError::NoSeal));
        // A sample's picture is what an approver saw.
        let png = bureau.proof_sample_png(&cli(), &proof.proof, 1).await.unwrap();
        assert!(matches!(Picture::read(&png), Ok(Picture::Image(image)) if Image::width(&image) == 480));
    })
    .await;
}
