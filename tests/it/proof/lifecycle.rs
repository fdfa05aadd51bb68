//! From the draft to the printed label, and what can be done at each state.

use super::{Bureau, buyer, cli, key, new_proof, person, refused};
use crate::support::{Database, both_engines};
use nameplate::render::png::{dots_digest, dots_of};
use nameplate::service::ServiceError;
use nameplate::service::print::NewApproval;
use nameplate::service::proof::{Decision, NewProof, ProofError, Standing, WhichProofs};
use nameplate::service::resolve::Resolved;
use nameplate::trace::ProofState;

both_engines!(
    from_the_draft_to_the_printed_label,
    the_refusal_to_print_says_how_far_the_approval_is,
    a_newer_approval_takes_the_place_of_the_older,
    a_proof_is_withdrawn_with_its_approval,
    a_draft_is_the_factorys_own,
    the_same_key_is_the_same_proof,
);

async fn from_the_draft_to_the_printed_label(database: Database) {
    let bureau = Bureau::on(&database).await;
    let buyer = buyer(&database, "A. Lindqvist").await;
    assert!(bureau.why_not().await.contains("nobody has approved"));
    let draft = bureau.draft().await;
    assert_eq!((draft.state.as_str(), draft.revision.as_deref()), ("draft", Some("B")));
    assert_eq!((draft.width_um, draft.height_um, draft.dpi), (60_000, 40_000, 203));
    assert_eq!(draft.stock, "matt white polyester, resin ribbon", "the template says what it is made of");

    // The samples carry no live serial, and are the dots that they say they are.
    let names: Vec<_> = draft.samples.iter().map(|sample| sample.name.as_str()).collect();
    assert_eq!(names, ["typical", "widest serial", "narrowest serial"]);
    for sample in &draft.samples {
        let serial = &sample.fields["serial"];
        assert!(serial.starts_with("TEST"), "{serial}");
        let resolved = bureau.resolve(&cli(), serial).await;
        assert!(!matches!(resolved, Ok(Resolved::Serial(_))), "{serial} is nobody's");
        let png = bureau.proof_sample_png(&cli(), &draft.proof, sample.n).await.unwrap();
        let dots = dots_of(&png).unwrap();
        assert_eq!((dots.width(), dots.height()), (480, 320));
        let digest: String = dots_digest(&dots).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest, sample.dots);
    }
    assert_ne!(draft.samples[0].dots, draft.samples[1].dots);

    // Each code says in words what it is.
    for report in &draft.report.samples {
        assert!(report.passed && report.readings > 2, "{report:?}");
        let words: Vec<_> = report.codes.iter().map(|code| code.words.as_str()).collect();
        assert_eq!(words, ["This code is the serial.", "This code is the product GTIN."]);
    }
    assert_eq!(draft.report.samples[0].codes[1].text, "9521234000044");
    let finding = draft.report.findings.iter().find(|finding| finding.rule == "symbol-height").unwrap();
    assert_eq!((finding.measured.as_deref(), finding.samples.len()), (Some("9 mm"), 3), "with its figures");
    assert_eq!(draft.report.codes.len(), 2);

    let asked = bureau.request_proof(&cli(), &draft.proof).await.unwrap();
    assert_eq!(
        (asked.state.as_str(), asked.waits_for.as_slice()),
        ("requested", &["a buyer of Borealis Optics".into()][..])
    );
    let approved = bureau.decide(&buyer, &asked, Decision::Approved, "").await.unwrap();
    assert_eq!(approved.state, "approved");
    assert_eq!(
        (approved.signatures[0].name.as_str(), &approved.signatures[0].artwork),
        ("A. Lindqvist", &draft.artwork)
    );
    assert_eq!(approved.validity.unwrap().standing, Standing::Valid);
    let (approvals, _) = bureau.approvals(&cli(), None, 10).await.unwrap();
    assert_eq!((approvals[0].approval, approvals[0].approver.as_str()), (approved.approval.unwrap(), "A. Lindqvist"));
    assert_eq!(approvals[0].proof.as_deref(), Some(draft.proof.as_str()));

    let (_, job) = bureau.job(2).await.unwrap();
    assert_eq!(job.approval, approved.approval);
    bureau.assert_audit_is_whole().await;
}

async fn the_refusal_to_print_says_how_far_the_approval_is(database: Database) {
    let bureau = Bureau::on(&database).await;
    let buyer = buyer(&database, "B. Buyer").await;
    let draft = bureau.draft().await;
    assert_eq!(bureau.why_not().await, format!("proof {} is a draft: request its approval", draft.proof));
    let proof = bureau.request_proof(&cli(), &draft.proof).await.unwrap();
    assert_eq!(
        bureau.why_not().await,
        format!("proof {} is requested and waits for a buyer of Borealis Optics", proof.proof)
    );
    let back = bureau.decide(&buyer, &proof, Decision::ChangesRequested, "the address\nhas moved").await.unwrap();
    assert_eq!(back.state, "changes_requested");
    assert_eq!(
        bureau.why_not().await,
        format!("proof {} was sent back for changes by B. Buyer: the address has moved", proof.proof)
    );
    let anew = NewProof { replaces: Some(proof.proof.clone()), note: "address corrected".into(), ..new_proof() };
    let anew = bureau.new_proof(&cli(), &key(), &anew).await.unwrap();
    assert_eq!((anew.replaces.as_ref(), anew.note.as_str()), (Some(&proof.proof), "address corrected"));
    let replaced = bureau.proof(&cli(), &proof.proof).await.unwrap();
    assert_eq!(replaced.replaced_by.as_ref(), Some(&anew.proof));
    let anew = bureau.request_proof(&cli(), &anew.proof).await.unwrap();
    bureau.decide(&buyer, &anew, Decision::Rejected, "not ours").await.unwrap();
    assert_eq!(bureau.why_not().await, format!("proof {} was rejected by B. Buyer: not ours", anew.proof));
    let last = bureau.draft().await;
    bureau.withdraw_proof(&cli(), &last.proof, "made by mistake").await.unwrap();
    assert_eq!(bureau.why_not().await, format!("proof {} was withdrawn", last.proof));
    bureau.assert_audit_is_whole().await;
}

async fn a_newer_approval_takes_the_place_of_the_older(database: Database) {
    let bureau = Bureau::on(&database).await;
    let buyer = buyer(&database, "A. Lindqvist").await;
    // One on paper, then one by a proof of the same label, then another proof.
    let paper = NewApproval {
        sku: "NT-M2-BOR".into(),
        revision: None,
        template: None,
        dpi: 203,
        approver: "A. Lindqvist".into(),
        note: "file 4711".into(),
    };
    let paper = bureau.approve(&cli(), &paper).await.unwrap();
    let first = bureau.approved(&buyer).await;
    let (_, queued) = bureau.job(2).await.unwrap();
    let second = bureau.requested().await;
    assert_eq!(second.previous.as_ref(), Some(&first.proof));
    let second = bureau.decide(&buyer, &second, Decision::Approved, "").await.unwrap();
    let superseded = bureau.proof(&cli(), &first.proof).await.unwrap();
    assert_eq!(superseded.state, "superseded");
    assert!(superseded.ended_why.unwrap().contains(&second.proof));
    let (approvals, _) = bureau.approvals(&cli(), None, 10).await.unwrap();
    let ended: Vec<_> = approvals.iter().map(|a| (a.approval, a.superseded_at.is_some())).collect();
    let numbers = [second.approval.unwrap(), first.approval.unwrap(), paper.approval];
    assert_eq!(ended, [(numbers[0], false), (numbers[1], true), (numbers[2], true)]);
    // What was queued goes on; what is new goes under the newer one; a label that is printed again stays as it was.
    let press = crate::print::press::Press { factory: bureau.factory, agent: bureau.agent };
    let lease = press.take(5).await.unwrap();
    assert_eq!((&lease.job, lease.labels), (&queued.job, 2));
    press.fetch(&lease, 1, 2).await.unwrap();
    press.say(&lease, &[(1, 2, nameplate::service::print::Outcome::Printed)]).await.unwrap();
    let (block, newer) = press.job(1).await;
    assert_eq!(newer.approval, second.approval);
    assert_ne!(Some(&block.block), queued.block.as_ref());
    let again = nameplate::service::print::ReprintRequest {
        printer: "line-3".into(),
        block: queued.block.clone(),
        serials: nameplate::service::report_fate::Selection::All,
        reason: "scratched".into(),
        old_label_destroyed: true,
        attestation: "torn, red box".into(),
        reissue: false,
    };
    let again = press.reprint(&cli(), &key(), &again).await.unwrap().jobs;
    assert_eq!(again[0].approval, first.approval);
    press.assert_audit_is_whole().await;
}

async fn a_proof_is_withdrawn_with_its_approval(database: Database) {
    let bureau = Bureau::on(&database).await;
    let buyer = buyer(&database, "A. Lindqvist").await;
    let proof = bureau.approved(&buyer).await;
    let (_, job) = bureau.job(2).await.unwrap();
    assert!(matches!(
        bureau.withdraw_proof(&cli(), &proof.proof, " ").await,
        Err(ServiceError::Invalid { field: "reason", .. })
    ));
    let gone = bureau.withdraw_proof(&cli(), &proof.proof, "importer has moved").await.unwrap();
    assert_eq!((gone.state.as_str(), gone.ended_why.as_deref()), ("withdrawn", Some("importer has moved")));
    let stopped = bureau.factory.job(&cli(), &job.job).await.unwrap();
    assert_eq!(stopped.state, "stopped");
    assert!(bureau.why_not().await.contains("was withdrawn"));
    let again = refused(bureau.withdraw_proof(&cli(), &proof.proof, "once more").await);
    assert!(again.to_string().contains("is withdrawn and cannot be withdrawn"), "{again}");
    // The other way round it is the same.
    let other = bureau.approved(&buyer).await;
    bureau.withdraw_approval(&cli(), other.approval.unwrap(), "a mistake").await.unwrap();
    let other = bureau.proof(&cli(), &other.proof).await.unwrap();
    assert_eq!((other.state.as_str(), other.ended_why.as_deref()), ("withdrawn", Some("a mistake")));
    bureau.assert_audit_is_whole().await;
}

async fn a_draft_is_the_factorys_own(database: Database) {
    let bureau = Bureau::on(&database).await;
    let kestrel = bureau.buyer(&database, "KES").await;
    let all = WhichProofs::default();
    let draft = bureau.draft().await;
    let absent = |result: Result<_, ServiceError>| {
        matches!(
            result.map(|_: nameplate::service::proof::ProofRecord| ()),
            Err(ServiceError::NotFound { kind: "proof", .. })
        )
    };
    assert!(absent(bureau.proof(&bureau.brand, &draft.proof).await), "the brand does not see it yet");
    assert!(bureau.proofs(&bureau.brand, &all, 10).await.unwrap().0.is_empty());
    let proof = bureau.request_proof(&cli(), &draft.proof).await.unwrap();
    let seen = bureau.proof(&bureau.brand, &draft.proof.to_lowercase()).await.unwrap();
    assert_eq!((seen.made_by, seen.artwork), (None, proof.artwork.clone()));
    assert!(absent(bureau.proof(&kestrel, &draft.proof).await));
    assert!(bureau.proof_pdf(&kestrel, &draft.proof).await.is_err());
    assert!(bureau.proof_sample_png(&kestrel, &draft.proof, 1).await.is_err());
    assert!(bureau.proofs(&kestrel, &all, 10).await.unwrap().0.is_empty());
    let stranger = person(&database, "K. Estrel", "buyer", Some("KES")).await;
    let decision = nameplate::service::proof::ProofDecision {
        meaning: Decision::Approved,
        artwork: proof.artwork.clone(),
        comment: String::new(),
    };
    assert!(absent(bureau.decide_proof(&kestrel, &stranger, &proof.proof, &decision).await));
    assert!(absent(bureau.decide_proof(&cli(), &stranger, &proof.proof, &decision).await), "whoever calls for them");
    let requested = WhichProofs { state: Some(ProofState::Requested), ..WhichProofs::default() };
    let (listed, next) = bureau.proofs(&bureau.brand, &requested, 10).await.unwrap();
    assert_eq!((listed.len(), listed[0].proof.as_str(), next), (1, proof.proof.as_str(), None));
    // A draft that was never shown stays unseen when it is withdrawn.
    let unseen = bureau.draft().await;
    bureau.withdraw_proof(&cli(), &unseen.proof, "by mistake").await.unwrap();
    assert!(absent(bureau.proof(&bureau.brand, &unseen.proof).await));
}

async fn the_same_key_is_the_same_proof(database: Database) {
    let bureau = Bureau::on(&database).await;
    let new = new_proof();
    let (one, other) =
        tokio::join!(bureau.new_proof(&bureau.agent, "k1", &new), bureau.new_proof(&bureau.agent, "k1", &new),);
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.proof, other.proof, "of two at once one is made");
    let changed = NewProof { dpi: 300, ..new_proof() };
    let reused = bureau.new_proof(&bureau.agent, "k1", &changed).await;
    assert!(matches!(reused, Err(ServiceError::KeyReused)), "{reused:?}");
    // Two proofs of one label do not wait at once.
    let proof = bureau.request_proof(&cli(), &one.proof).await.unwrap();
    assert_eq!(bureau.request_proof(&cli(), &one.proof).await.unwrap().proof, proof.proof, "asking again is fine");
    let second = bureau.draft().await;
    let open = refused(bureau.request_proof(&cli(), &second.proof).await);
    assert_eq!(open, ProofError::OtherRequested { proof: second.proof.clone(), other: one.proof.clone() });
    let replacing = NewProof { replaces: Some(one.proof.clone()), ..new_proof() };
    refused(bureau.new_proof(&cli(), &key(), &replacing).await);
    let foreign = NewProof { sku: "NT-M2-KES".into(), replaces: Some(one.proof), ..new_proof() };
    assert!(matches!(
        bureau.new_proof(&cli(), &key(), &foreign).await,
        Err(ServiceError::Invalid { field: "replaces", .. })
    ));
    bureau.assert_audit_is_whole().await;
}
