//! Proofs on pages: made by a planner, looked at and signed by a buyer, and printed from only then.

use super::House;
use super::house::{PASSWORD, Person};
use nameplate::catalogue::SourceFile;
use nameplate::service::Caller;
use nameplate::service::proof::{Decision, NewProof, ProofDecision, Signer};

/// A proof of the Borealis monocular, requested; answers its code.
pub async fn requested(house: &House) -> String {
    let caller = Caller::command_line();
    let new: NewProof = serde_json::from_value(serde_json::json!({"sku": "NT-M2-BOR", "dpi": 203})).unwrap();
    let proof = house.nameplate.new_proof(&caller, "a proof", &new).await.unwrap();
    house.nameplate.request_proof(&caller, &proof.proof).await.unwrap().proof
}

/// The same, approved by a buyer.
pub async fn approved(house: &House) -> String {
    let proof = requested(house).await;
    let buyer = house.person("buyer").await;
    let who = buyer.who();
    let signer = Signer { user: who.user, name: who.name.clone(), email: who.email.clone() };
    let artwork = house.nameplate.proof(&who.caller(), &proof).await.unwrap().artwork;
    let decision = ProofDecision { meaning: Decision::Approved, artwork, comment: String::new() };
    house.nameplate.decide_proof(&who.caller(), &signer, &proof, &decision).await.unwrap();
    proof
}

/// What the decision form of a page sends.
async fn decide(buyer: &Person, proof: &str, meaning: &str, comment: &str, password: &str) -> super::house::Shown {
    let page = buyer.get(&format!("/proofs/{proof}")).await.is(200);
    let artwork = page.field("artwork");
    let fields = [("artwork", artwork.as_str()), ("meaning", meaning), ("comment", comment), ("password", password)];
    buyer.post(&format!("/proofs/{proof}/decide"), &fields).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_draft_to_the_print() {
    let house = House::new().await;
    let (planner, buyer) = (house.person("planner").await, house.person("buyer").await);
    house.a_printer("line-3", serde_json::json!({})).await;
    let block = house.someone("station").await.reserve(5).await["block"].as_str().unwrap().to_owned();
    planner.get("/proofs").await.says("No proofs yet");
    let form = planner.get("/proofs/new").await.is(200);
    let key = form.field("key");
    let fields = [
        ("key", key.as_str()),
        ("sku", "NT-M2-BOR"),
        ("dpi", "203"),
        ("stock", "PET white"),
        ("note", "new <b>logo</b>"),
    ];
    let made = planner.post("/proofs/new", &fields).await;
    let place = made.leads_to().trim_end_matches("?done=proof_made").to_owned();
    assert_eq!(planner.post("/proofs/new", &fields).await.leads_to(), made.leads_to(), "a double submit makes one");
    let proof = place.rsplit('/').next().unwrap().to_owned();
    let draft = planner.get(&place).await.is(200);
    draft.says("A draft").says("This code is the serial").says("This is the first proof").says("new <b>logo</b>");
    buyer.get(&place).await.is(404);
    assert!(!buyer.read("/proofs").await.contains(&proof), "a draft is the factory's own");
    // Nothing is printed without an approval.
    let mut office = house.someone("planner").await;
    let job = serde_json::json!({"printer": "line-3", "block": block});
    assert_eq!(office.post("/api/v1/print-jobs", &job).await.problem(), "approval-missing");
    planner.post(&format!("{place}/request"), &[]).await.leads_to();
    buyer.get("/proofs").await.says("Waiting for you");
    let page = buyer.get(&place).await.is(200);
    page.says("Please look at this label").says("This code is the product GTIN");
    // A comment on a place, in the way that people of any language write lengths.
    let comment = [("sample", "1"), ("text", "Move <i>this</i> up."), ("x_mm", "12,5"), ("y_mm", "7")];
    let made = buyer.post(&format!("{place}/comments"), &comment).await;
    assert!(made.leads_to().contains("done=comment_made#comment-"), "{}", made.leads_to());
    let page = planner.read(&place).await;
    assert!(page.contains("Move &#60;i&#62;this") && page.contains("x=\"20.83%\" y=\"17.50%\""), "{page}");
    // A decision needs a reason unless it approves, and the password.
    decide(&buyer, &proof, "rejected", "", PASSWORD).await.is(422);
    let wrong = decide(&buyer, &proof, "approved", "kept words", "not the password").await.is(422);
    wrong.says("This is not your password").says("kept words");
    let done = decide(&buyer, &proof, "approved", "", PASSWORD).await;
    assert_eq!(done.leads_to(), format!("{place}?done=proof_approved"));
    assert_eq!(decide_again(&buyer, &proof, &page).await, 303, "a double submit signs once");
    buyer.get(&place).await.says("Labels are printed exactly like this").says("has approved");
    assert_eq!(office.post("/api/v1/print-jobs", &job).await.status, 201);
    for (file, kind) in [
        ("proof.pdf", "application/pdf"),
        ("certificate.pdf", "application/pdf"),
        ("certificate.json", "application/json"),
    ] {
        let got = buyer.get(&format!("{place}/{file}")).await.is(200);
        assert_eq!(got.header("content-type"), Some(kind));
    }
    let png = buyer.get(&format!("{place}/samples/1")).await.is(200);
    assert!(png.body.starts_with(b"\x89PNG") && buyer.get(&format!("{place}/samples/99")).await.status == 404);
}

/// Sends an approval of the artwork that an older page showed.
async fn decide_again(buyer: &Person, proof: &str, page: &str) -> u16 {
    let artwork = page.split("<dd><code>").nth(1).unwrap().split("</code>").next().unwrap();
    let fields = [("artwork", artwork), ("meaning", "approved"), ("password", PASSWORD)];
    buyer.post(&format!("/proofs/{proof}/decide"), &fields).await.status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_page_approves_nothing_new() {
    let house = House::new().await;
    let buyer = house.person("buyer").await;
    let proof = requested(&house).await;
    let place = format!("/proofs/{proof}");
    let other = [("artwork", "00"), ("meaning", "approved"), ("password", PASSWORD)];
    buyer.post(&format!("{place}/decide"), &other).await.is(409).says("showed other artwork");
    // The importer moves while the page is open.
    let brands = std::str::from_utf8(include_bytes!("../../../templates/catalogue/brands.csv")).unwrap();
    let moved = brands.replace("Köhlerkai 14", "Elbchaussee 9");
    assert_ne!(moved, brands);
    let file = SourceFile { name: "brands.csv".into(), bytes: moved.into_bytes() };
    house.nameplate.import_catalogue(&Caller::command_line(), &[file]).await.unwrap();
    decide(&buyer, &proof, "approved", "", PASSWORD).await.is(409).says("has changed");
    assert_eq!(decide(&buyer, &proof, "rejected", "The importer has moved.", PASSWORD).await.status, 303);
    buyer.get(&place).await.says("The importer has moved.").says("rejected");
    let planner = house.person("planner").await;
    planner.get(&place).await.says("Make a new proof in its place");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_approvers_at_once_sign_both_and_one_decision_each() {
    let house = House::new().await;
    let planner = house.person("planner").await;
    let (one, two) = (house.person("buyer").await, house.person("buyer").await);
    let rows = [
        ("position", "1"),
        ("email", one.who().email.as_str()),
        ("position", "1"),
        ("email", two.who().email.as_str()),
        ("position", ""),
        ("email", ""),
    ];
    assert_eq!(planner.post("/brands/BOR/approvers", &rows).await.leads_to(), "/brands/BOR/approvers?done=saved");
    let bad = [("position", "1"), ("email", "nobody@example.com")];
    planner.post("/brands/BOR/approvers", &bad).await.is(422).says("nobody signs in as");
    let proof = requested(&house).await;
    let (first, second) =
        tokio::join!(decide(&one, &proof, "approved", "", PASSWORD), decide(&two, &proof, "approved", "", PASSWORD));
    assert_eq!((first.status, second.status), (303, 303));
    let page = planner.read(&format!("/proofs/{proof}")).await;
    assert_eq!(page.matches("has approved</strong>").count(), 2);
    let third = house.person("buyer").await;
    let fields = [("artwork", "x"), ("meaning", "rejected"), ("comment", "too late"), ("password", PASSWORD)];
    third.post(&format!("/proofs/{proof}/decide"), &fields).await.is(409);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_texts_stay_texts_and_long_ones_are_refused() {
    let house = House::new().await;
    let (planner, buyer) = (house.person("planner").await, house.person("buyer").await);
    let proof = requested(&house).await;
    let place = format!("/proofs/{proof}");
    let long = "x".repeat(5_000);
    for fields in [
        [("sample", "1"), ("text", long.as_str()), ("x_mm", ""), ("y_mm", "")],
        [("sample", "1"), ("text", " "), ("x_mm", ""), ("y_mm", "")],
        [("sample", "1"), ("text", "a"), ("x_mm", "1e308"), ("y_mm", "1")],
        [("sample", "1"), ("text", "a"), ("x_mm", "70"), ("y_mm", "1")],
        [("sample", "1"), ("text", "a"), ("x_mm", "1"), ("y_mm", "")],
        [("sample", "99"), ("text", "a"), ("x_mm", "1"), ("y_mm", "1")],
    ] {
        let refused = buyer.post(&format!("{place}/comments"), &fields).await.is(422);
        assert!(refused.html().contains("class=\"error\""), "{fields:?}");
    }
    let script = "</textarea><script>alert(1)</script>";
    let fields = [("sample", "1"), ("text", script), ("x_mm", "no"), ("y_mm", "\"><svg onload=x>")];
    let kept = buyer.post(&format!("{place}/comments"), &fields).await.is(422);
    assert!(!kept.html().contains("<script>alert") && !kept.html().contains("<svg onload"), "escaped where it is kept");
    buyer.post(&format!("{place}/comments"), &[("sample", "1"), ("text", script)]).await.leads_to();
    assert!(!planner.read(&place).await.contains("<script>alert"));
    for (field, value) in
        [("sku", long.as_str()), ("sku", "<b>"), ("template", "../../etc/passwd"), ("dpi", "72"), ("stock", &long)]
    {
        let mut fields = vec![("key", "k"), ("sku", "NT-M2-BOR"), ("dpi", "203")];
        fields.retain(|(name, _)| *name != field);
        fields.push((field, value));
        let refused = planner.post("/proofs/new", &fields).await;
        assert_eq!(refused.status, 422, "{field}: {}", refused.words());
        assert!(!refused.html().contains("<b>"));
    }
    // Guessing the password of a browser that was left open is slowed down.
    let mut last = 0;
    for guess in 0..10 {
        last = decide(&buyer, &proof, "approved", "", &format!("guess number {guess}")).await.status;
    }
    assert_eq!(last, 429);
}
