//! Who decides, in which order, and several at once.

use super::{Bureau, buyer, cli, person, refused};
use crate::support::{Database, both_engines};
use nameplate::service::ServiceError;
use nameplate::service::proof::{Decision, NewApprover, ProofDecision, ProofError};

both_engines!(
    several_approve_in_the_order_of_the_brand,
    two_who_approve_at_once_both_count,
    the_same_decision_twice_is_one_signature,
    of_two_who_disagree_one_is_told,
    who_does_not_decide_is_refused,
    a_decision_names_what_was_shown,
);

fn approver(signer: &nameplate::service::proof::Signer, position: i64) -> NewApprover {
    NewApprover { email: signer.email.to_uppercase(), position }
}

async fn several_approve_in_the_order_of_the_brand(database: Database) {
    let bureau = Bureau::on(&database).await;
    let (first, second) = (buyer(&database, "A. First").await, buyer(&database, "B. Second").await);
    let quality = person(&database, "Q. Uality", "planner", None).await;
    let list = [approver(&quality, 3), approver(&first, 1), approver(&second, 2)];
    let named = bureau.set_approvers(&cli(), "bor", &list).await.unwrap();
    let order: Vec<_> = named.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(order, ["A. First", "B. Second", "Q. Uality"]);
    assert_eq!(bureau.approvers(&bureau.brand, "BOR").await.unwrap(), named);
    let proof = bureau.requested().await;
    // What was asked for stays, whatever the brand says from now on.
    bureau.set_approvers(&cli(), "BOR", &[]).await.unwrap();
    assert_eq!(proof.waits_for, ["A. First"]);
    let early = refused(bureau.decide(&second, &proof, Decision::Approved, "").await);
    assert_eq!(early, ProofError::NotYet { proof: proof.proof.clone(), before: vec!["A. First".into()] });
    let after = bureau.decide(&first, &proof, Decision::Approved, "fine").await.unwrap();
    assert_eq!((after.state.as_str(), after.waits_for.as_slice()), ("requested", &["B. Second".to_owned()][..]));
    assert!(bureau.why_not().await.contains("waits for B. Second"));
    assert_eq!(after.required.iter().map(|one| one.approved).collect::<Vec<_>>(), [true, false, false]);
    bureau.decide(&second, &proof, Decision::Approved, "").await.unwrap();
    let decision =
        ProofDecision { meaning: Decision::Approved, artwork: proof.artwork.clone(), comment: String::new() };
    let done = bureau.decide_proof(&cli(), &quality, &proof.proof, &decision).await.unwrap();
    assert_eq!(done.state, "approved");
    let (approvals, _) = bureau.approvals(&cli(), None, 5).await.unwrap();
    assert_eq!(approvals[0].approver, "A. First, B. Second, Q. Uality");
    bureau.assert_audit_is_whole().await;
}

async fn two_who_approve_at_once_both_count(database: Database) {
    let bureau = Bureau::on(&database).await;
    let (one, other) = (buyer(&database, "A. One").await, buyer(&database, "B. Other").await);
    bureau.set_approvers(&cli(), "BOR", &[approver(&one, 1), approver(&other, 1)]).await.unwrap();
    let proof = bureau.requested().await;
    let (a, b) = tokio::join!(
        bureau.decide(&one, &proof, Decision::Approved, ""),
        bureau.decide(&other, &proof, Decision::Approved, ""),
    );
    let mut states = [a.unwrap().state, b.unwrap().state];
    states.sort();
    assert_eq!(states[0], "approved", "{states:?}");
    let proof = bureau.proof(&cli(), &proof.proof).await.unwrap();
    assert_eq!((proof.state.as_str(), proof.signatures.len()), ("approved", 2));
    assert_eq!(database.number("SELECT COUNT(*) FROM approval").await, 1);
    bureau.assert_audit_is_whole().await;
}

async fn the_same_decision_twice_is_one_signature(database: Database) {
    let bureau = Bureau::on(&database).await;
    let buyer = buyer(&database, "A. Lindqvist").await;
    let proof = bureau.requested().await;
    let (one, other) = tokio::join!(
        bureau.decide(&buyer, &proof, Decision::Approved, ""),
        bureau.decide(&buyer, &proof, Decision::Approved, ""),
    );
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!((one.signatures.len(), one.approval), (1, other.approval));
    let later = bureau.decide(&buyer, &proof, Decision::Approved, "").await.unwrap();
    assert_eq!((later.signatures.len(), later.approval), (1, one.approval), "a page that was open for an hour");
    let changed = refused(bureau.decide(&buyer, &proof, Decision::Rejected, "on second thoughts").await);
    assert!(matches!(&changed, ProofError::Signed { meaning, .. } if meaning == "approved"), "{changed}");
    assert_eq!(database.number("SELECT COUNT(*) FROM proof_signature").await, 1);
    bureau.assert_audit_is_whole().await;
}

async fn of_two_who_disagree_one_is_told(database: Database) {
    let bureau = Bureau::on(&database).await;
    let (one, other) = (buyer(&database, "A. One").await, buyer(&database, "B. Other").await);
    let proof = bureau.requested().await;
    let (a, b) = tokio::join!(
        bureau.decide(&one, &proof, Decision::Approved, ""),
        bureau.decide(&other, &proof, Decision::Rejected, "the logo is the old one"),
    );
    let states: Vec<String> = [a, b]
        .into_iter()
        .map(|result| match result {
            Ok(record) => record.state,
            Err(ServiceError::Proof(ProofError::State { refused, .. })) => {
                assert!(!refused.to_string().is_empty());
                "refused".to_owned()
            }
            Err(other) => panic!("{other}"),
        })
        .collect();
    assert_eq!(states.iter().filter(|state| *state == "refused").count(), 1, "{states:?}");
    let proof = bureau.proof(&cli(), &proof.proof).await.unwrap();
    assert_eq!(proof.signatures.len(), 1);
    assert!(states.contains(&proof.state), "{states:?}");
    let approvals = database.number("SELECT COUNT(*) FROM approval").await;
    assert_eq!(approvals, i64::from(proof.state == "approved"));
    bureau.assert_audit_is_whole().await;
}

async fn who_does_not_decide_is_refused(database: Database) {
    let bureau = Bureau::on(&database).await;
    let admin = person(&database, "A. Dmin", "admin", None).await;
    let planner = person(&database, "P. Lanner", "planner", None).await;
    let proof = bureau.requested().await;
    let decide = async |by, comment: &str| {
        let comment = comment.to_owned();
        let decision = ProofDecision { meaning: Decision::Approved, artwork: proof.artwork.clone(), comment };
        bureau.decide_proof(&cli(), by, &proof.proof, &decision).await
    };
    // Where the brand has no buyers who could sign in, an administrator says where the paper is.
    assert!(refused(decide(&planner, "ok").await).to_string().contains("an administrator does"));
    match decide(&admin, "").await {
        Err(ServiceError::Invalid { field: "comment", problem }) => assert!(problem.contains("on file"), "{problem}"),
        other => panic!("{other:?}"),
    }
    let buyer = buyer(&database, "B. Buyer").await;
    assert!(refused(decide(&admin, "mail of 2025-07-01").await).to_string().contains("the buyers of the brand do"));
    assert_eq!(database.sql(&format!("UPDATE app_user SET state = 'disabled' WHERE id = {}", buyer.user)).await, 1);
    assert!(refused(decide(&buyer, "").await).to_string().contains("may not sign in"));
    let approved = decide(&admin, "mail of 2025-07-01, file 4711").await.unwrap();
    assert_eq!(
        (approved.state.as_str(), approved.signatures[0].comment.as_str()),
        ("approved", "mail of 2025-07-01, file 4711")
    );
    // Whoever the brand names alone decides.
    let named = super::buyer(&database, "N. Amed").await;
    bureau.set_approvers(&cli(), "BOR", &[approver(&named, 1)]).await.unwrap();
    let other = bureau.requested().await;
    let decision = ProofDecision { meaning: Decision::Rejected, artwork: other.artwork.clone(), comment: "no".into() };
    let not_named = refused(bureau.decide_proof(&cli(), &admin, &other.proof, &decision).await);
    assert!(not_named.to_string().contains("N. Amed"), "{not_named}");
    // People of other brands, unknown ones and doubles cannot be named.
    let stranger = person(&database, "K. Estrel", "buyer", Some("KES")).await;
    let unknown = NewApprover { email: "no\0body@example.com".into(), position: 1 };
    for list in [
        vec![approver(&stranger, 1)],
        vec![unknown],
        vec![approver(&named, 1), approver(&named, 2)],
        vec![approver(&named, 0)],
        vec![approver(&named, 1); 13],
    ] {
        let result = bureau.set_approvers(&cli(), "BOR", &list).await;
        assert!(matches!(result, Err(ServiceError::Invalid { field: "approvers", .. })), "{list:?}: {result:?}");
    }
    assert_eq!(bureau.approvers(&cli(), "BOR").await.unwrap().len(), 1, "nothing was changed");
    let kestrel = bureau.buyer(&database, "KES").await;
    assert!(matches!(bureau.approvers(&kestrel, "BOR").await, Err(ServiceError::NotFound { kind: "brand", .. })));
    bureau.assert_audit_is_whole().await;
}

async fn a_decision_names_what_was_shown(database: Database) {
    let bureau = Bureau::on(&database).await;
    let buyer = buyer(&database, "A. Lindqvist").await;
    let draft = bureau.draft().await;
    let early = refused(bureau.decide(&buyer, &draft, Decision::Approved, "").await.map_err(|error| match error {
        // For the brand there is no draft.
        ServiceError::NotFound { .. } => ProofError::NotApproved { proof: String::new(), state: String::new() }.into(),
        other => other,
    }));
    assert!(matches!(early, ProofError::NotApproved { .. }));
    let proof = bureau.request_proof(&cli(), &draft.proof).await.unwrap();
    for meaning in [Decision::ChangesRequested, Decision::Rejected] {
        let silent = bureau.decide(&buyer, &proof, meaning, " \n ").await;
        assert!(matches!(silent, Err(ServiceError::Invalid { field: "comment", .. })), "{silent:?}");
    }
    let other = ProofDecision { meaning: Decision::Approved, artwork: "0".repeat(64), comment: String::new() };
    let other = refused(bureau.decide_proof(&bureau.brand, &buyer, &proof.proof, &other).await);
    assert_eq!(other, ProofError::OtherArtwork { proof: proof.proof.clone(), artwork: proof.artwork.clone() });

    // The logo changes while the page is open: nothing is approved, but whoever objects may.
    let changed =
        "UPDATE logo SET digest = (SELECT digest FROM logo WHERE name = 'kestrel.png') WHERE name = 'borealis.png'";
    assert_eq!(database.sql(changed).await, 1);
    let expired = refused(bureau.decide(&buyer, &proof, Decision::Approved, "").await);
    match &expired {
        ProofError::Expired { changed, .. } => {
            assert!(changed.starts_with("brand.logo has changed: 3 of 3 samples look different"), "{changed}");
        }
        other => panic!("{other}"),
    }
    assert_eq!(database.number("SELECT COUNT(*) FROM proof_signature").await, 0);
    let back = bureau.decide(&buyer, &proof, Decision::ChangesRequested, "the logo").await.unwrap();
    assert_eq!(back.state, "changes_requested");
    let late = refused(bureau.decide(&super::buyer(&database, "B. Late").await, &proof, Decision::Approved, "").await);
    assert!(late.to_string().contains("is sent back for changes and cannot be approved"), "{late}");
    // A draft whose label has changed is not shown to anybody.
    let draft = bureau.draft().await;
    database.sql("UPDATE brand SET importer_text = 'Borealis Optics AB, Stockholm' WHERE code = 'BOR'").await;
    let stale = refused(bureau.request_proof(&cli(), &draft.proof).await);
    assert!(stale.to_string().contains("brand.importer has changed"), "{stale}");
    bureau.assert_audit_is_whole().await;
}
