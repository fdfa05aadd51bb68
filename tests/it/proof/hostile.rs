//! Texts and places that cannot be, and what is kept of those that can.

use super::{Bureau, buyer, cli, key, new_proof};
use crate::support::{Database, both_engines};
use nameplate::service::ServiceError;
use nameplate::service::proof::{Decision, NewComment, NewProof};

both_engines!(comments_are_kept_as_they_are_or_refused, the_database_itself_refuses_to_change_what_was_said);

fn comment(text: &str) -> NewComment {
    NewComment { text: text.into(), sample: None, x_um: None, y_um: None }
}

fn field<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> &'static str {
    match result {
        Err(ServiceError::Invalid { field, problem }) => {
            assert!(problem.len() < 300, "{problem}");
            field
        }
        other => panic!("{other:?}"),
    }
}

async fn comments_are_kept_as_they_are_or_refused(database: Database) {
    let bureau = Bureau::on(&database).await;
    let buyer = buyer(&database, "A. Lindqvist").await;
    let proof = bureau.requested().await;
    let write = async |new: NewComment| bureau.comment_proof(&bureau.brand, Some(&buyer), &proof.proof, &new).await;
    for text in ["", " \n ", &"x".repeat(5_000), "a\0b", "a\u{1b}[31mb", "a\u{202E}b", "tab\there"] {
        assert_eq!(field(write(comment(text)).await), "text", "{text:?}");
    }
    let html = "<script>alert(1)</script> & \"quotes\"\nsecond line";
    let kept = write(comment(html)).await.unwrap();
    assert_eq!((kept.text.as_str(), kept.author.as_str()), (html, "A. Lindqvist"));
    assert_eq!(write(comment(html)).await.unwrap().comment, kept.comment, "a form that was sent twice");
    let pin = |sample, x_um, y_um| NewComment { text: "here".into(), sample, x_um, y_um };
    for (new, wrong) in [
        (pin(None, Some(1), Some(1)), "sample"),
        (pin(Some(1), Some(1), None), "x_um"),
        (pin(Some(9), None, None), "sample"),
        (pin(Some(1), Some(60_001), Some(0)), "x_um"),
        (pin(Some(1), Some(0), Some(-1)), "y_um"),
        (pin(Some(1), Some(i64::MAX), Some(i64::MIN)), "x_um"),
    ] {
        assert_eq!(field(write(new.clone()).await), wrong, "{new:?}");
    }
    let pinned = write(pin(Some(2), Some(60_000), Some(40_000))).await.unwrap();
    assert_eq!((pinned.sample, pinned.x_um, pinned.y_um), (Some(2), Some(60_000), Some(40_000)));
    // By the factory: a token's name is not told to the brand.
    let reply = bureau.comment_proof(&cli(), None, &proof.proof, &comment("corrected")).await.unwrap();
    assert_eq!(reply.author, "cli");
    let done = bureau.resolve_comment(&cli(), None, &proof.proof, pinned.comment).await.unwrap();
    assert_eq!(done.resolved_by.as_deref(), Some("cli"));
    let again = bureau.resolve_comment(&cli(), None, &proof.proof, pinned.comment).await.unwrap();
    assert_eq!(again.resolved_at, done.resolved_at, "once");
    assert!(matches!(
        bureau.resolve_comment(&cli(), None, &proof.proof, 999_999).await,
        Err(ServiceError::NotFound { kind: "comment", .. })
    ));
    let seen = bureau.proof(&bureau.brand, &proof.proof).await.unwrap().comments;
    let authors: Vec<_> = seen.iter().map(|one| (one.author.as_str(), one.resolved_by.as_deref())).collect();
    assert_eq!(
        authors,
        [("A. Lindqvist", None), ("A. Lindqvist", Some("the manufacturer")), ("the manufacturer", None)]
    );
    assert_eq!(field(bureau.decide(&buyer, &proof, Decision::Rejected, &"x".repeat(5_000)).await), "comment");
    assert_eq!(field(bureau.decide(&buyer, &proof, Decision::Rejected, "a\0b").await), "comment");

    for (new, wrong) in [
        (NewProof { stock: Some("x".repeat(81)), ..new_proof() }, "stock"),
        (NewProof { stock: Some("a\nb".into()), ..new_proof() }, "stock"),
        (NewProof { note: "x".repeat(5_000), ..new_proof() }, "note"),
        (NewProof { dpi: 72, ..new_proof() }, "dpi"),
    ] {
        assert_eq!(field(bureau.new_proof(&cli(), &key(), &new).await), wrong, "{new:?}");
    }
    for new in [
        NewProof { sku: "no\0sku".into(), ..new_proof() },
        NewProof { revision: Some("Z\0".into()), ..new_proof() },
        NewProof { revision: Some("Z".into()), ..new_proof() },
        NewProof { template: Some("../etc".into()), ..new_proof() },
        NewProof { template: Some("none".into()), ..new_proof() },
        NewProof { replaces: Some("PRF-\0".into()), ..new_proof() },
    ] {
        let result = bureau.new_proof(&cli(), &key(), &new).await;
        assert!(matches!(result, Err(ServiceError::NotFound { .. })), "{new:?}: {result:?}");
    }
    for code in ["", "PRF-", "PRF-\0\0\0\0\0\0\0\0", "' OR 1=1", &"P".repeat(5_000)] {
        assert!(
            matches!(bureau.proof(&cli(), code).await, Err(ServiceError::NotFound { kind: "proof", .. })),
            "{code:?}"
        );
    }
    bureau.assert_audit_is_whole().await;
}

async fn the_database_itself_refuses_to_change_what_was_said(database: Database) {
    let bureau = Bureau::on(&database).await;
    let buyer = buyer(&database, "A. Lindqvist").await;
    let proof = bureau.approved(&buyer).await;
    bureau.comment_proof(&cli(), None, &proof.proof, &comment("good")).await.unwrap();
    for sql in [
        "UPDATE proof SET artwork = 'x'",
        "UPDATE proof SET report = '{}'",
        "UPDATE proof SET required = '[1]'",
        "DELETE FROM proof",
        "UPDATE proof_sample SET dots = 'x'",
        "DELETE FROM proof_sample",
        "UPDATE proof_pdf SET bytes = bytes",
        "UPDATE proof_comment SET text = 'bad'",
        "DELETE FROM proof_comment",
        "UPDATE proof_signature SET meaning = 'rejected'",
        "DELETE FROM proof_signature",
        "UPDATE approval SET proof_id = NULL",
        "UPDATE approval SET artwork = 'x'",
    ] {
        assert!(database.try_sql(sql).await.is_err(), "{sql}");
    }
    bureau.withdraw_proof(&cli(), &proof.proof, "over").await.unwrap();
    assert!(database.try_sql("UPDATE proof SET state = 'approved'").await.is_err());
}
