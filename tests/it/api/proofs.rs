//! Proofs over HTTP: what programs of planners and buyers do with them. Decisions are made on the pages.

use serde_json::{Value, json};

use super::SKU;
use super::house::{Actor, House};
use nameplate::service::Caller;
use nameplate::service::people::link::LinkAnswer;
use nameplate::service::people::{NewUser, SecretText};
use nameplate::service::proof::{Decision, ProofDecision, Signer};
use nameplate::trace::SignedCertificate;

const PATH: &str = "/api/v1/proofs";

fn at(proof: &Value, rest: &str) -> String {
    format!("{PATH}/{}{rest}", proof["proof"].as_str().unwrap())
}

async fn made(planner: &mut Actor) -> Value {
    let answer = planner.post(PATH, &json!({"sku": SKU, "stock": "PET white 60x40, thermal transfer"})).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

/// A buyer of Borealis Optics who has just given the password.
async fn signer(house: &House) -> Signer {
    let (email, name) = ("a.lindqvist@example.com".to_owned(), "A. Lindqvist".to_owned());
    let brand = Some("BOR".to_owned());
    let new = NewUser {
        email: email.clone(),
        name: name.clone(),
        roles: "buyer".into(),
        brand,
        language: "en".into(),
        ..NewUser::default()
    };
    let link = house.nameplate.invite(&Caller::command_line(), &new).await.unwrap();
    let secret = SecretText::read(link.path.rsplit('/').next().unwrap()).unwrap();
    let answer =
        LinkAnswer { email: email.clone(), name: name.clone(), password: "quiet harbour violet ladder".into() };
    let who = house.nameplate.use_link(&secret, &answer, "a test").await.unwrap().who;
    Signer { user: who.user, name, email }
}

#[tokio::test]
async fn a_proof_goes_from_the_planner_to_the_buyer_and_back() {
    let house = House::new().await;
    let (mut planner, mut buyer) = (house.someone("planner").await, house.bound("buyer", Some("BOR"), None).await);
    let proof = made(&mut planner).await;
    assert_eq!((&proof["state"], &proof["stock"]), (&json!("draft"), &json!("PET white 60x40, thermal transfer")));
    assert_eq!(buyer.get(&at(&proof, "")).await.problem(), "unknown-proof", "a draft is the factory's own");
    for path in ["/certificate.json", "/certificate.pdf"] {
        let early = planner.get(&at(&proof, path)).await;
        assert_eq!((early.status, early.problem().as_str()), (409, "proof-state"));
    }
    let asked = planner.post(&at(&proof, "/request"), &json!({})).await;
    assert_eq!((asked.status, &asked.json()["state"]), (200, &json!("requested")));

    let seen = buyer.read(&at(&proof, "")).await;
    assert!(seen.get("made_by").is_none() && seen["waits_for"] == json!(["a buyer of Borealis Optics"]), "{seen}");
    assert_eq!(seen["report"]["samples"][0]["codes"][1]["meaning"], "gtin");
    let listed = buyer.read("/api/v1/proofs?state=requested").await;
    assert_eq!(listed["items"][0]["proof"], proof["proof"]);
    for (path, kind, start) in
        [("/samples/1.png", "image/png", &b"\x89PNG"[..]), ("/samples.pdf", "application/pdf", b"%PDF")]
    {
        let file = buyer.get(&at(&proof, path)).await;
        assert_eq!((file.status, file.header("content-type")), (200, Some(kind)), "{path}");
        assert!(file.body.starts_with(start), "{path}");
    }
    for path in ["/samples/9.png", "/samples/1.jpg", "/samples/-1.png", "/samples/x.png"] {
        assert_eq!(buyer.get(&at(&proof, path)).await.status, 404, "{path}");
    }
    let said = buyer
        .post(
            &at(&proof, "/comments"),
            &json!({"text": "The address has moved.", "sample": 1, "x_um": 45_500, "y_um": 25_600}),
        )
        .await;
    assert_eq!(said.status, 201, "{said:?}");
    let comment = said.json();
    let outside =
        buyer.post(&at(&proof, "/comments"), &json!({"text": "?", "sample": 1, "x_um": 1, "y_um": 40_001})).await;
    assert_eq!((outside.status, &outside.json()["field"]), (422, &json!("y_um")));
    let resolve = format!("/comments/{}/resolve", comment["comment"]);
    let resolved = planner.post(&at(&proof, &resolve), &json!({})).await;
    assert_eq!(resolved.status, 200, "{resolved:?}");
    assert_eq!(planner.post(&at(&proof, "/comments/x/resolve"), &json!({})).await.status, 404);

    // A person decides, on the pages; what comes of it is for both sides' files.
    let signer = signer(&house).await;
    let artwork = proof["artwork"].as_str().unwrap().to_owned();
    let decision = ProofDecision { meaning: Decision::Approved, artwork, comment: String::new() };
    let name = proof["proof"].as_str().unwrap();
    house.nameplate.decide_proof(&Caller::command_line(), &signer, name, &decision).await.unwrap();
    let approved = buyer.read(&at(&proof, "")).await;
    assert_eq!((&approved["state"], &approved["validity"]["standing"]), (&json!("approved"), &json!("valid")));
    let json = buyer.get(&at(&proof, "/certificate.json")).await;
    let certificate = SignedCertificate::verify(&json.body).unwrap();
    assert_eq!(certificate.signatures[0].name, "A. Lindqvist");
    assert!(buyer.get(&at(&proof, "/certificate.pdf")).await.body.starts_with(b"%PDF"));
    let none = buyer.read(&at(&proof, "/difference")).await;
    assert_eq!(none["previous"], Value::Null);
    let gone = planner.post(&at(&proof, "/withdraw"), &json!({"reason": "importer has moved"})).await;
    assert_eq!((gone.status, &gone.json()["state"]), (200, &json!("withdrawn")));
    let late = planner.post(&at(&proof, "/request"), &json!({})).await;
    assert_eq!((late.status, late.problem().as_str()), (409, "proof-state"));
    assert_eq!(late.json()["state"], "withdrawn");
}

#[tokio::test]
async fn what_cannot_be_proofed_is_a_problem_of_its_own() {
    let house = House::new().await;
    let mut planner = house.someone("planner").await;
    for (body, status, slug) in [
        (json!({"sku": "NO-SUCH"}), 404, "unknown-sku"),
        (json!({"sku": SKU, "template": "none"}), 404, "unknown-template"),
        (json!({"sku": SKU, "template": "pallet-a5"}), 422, "label-does-not-fit"),
        (json!({"sku": SKU, "replaces": "PRF-00000000"}), 404, "unknown-proof"),
        (json!({"sku": SKU, "dpi": 72}), 422, "invalid-field"),
        (json!({"sku": SKU, "stock": "x".repeat(5_000)}), 422, "invalid-field"),
        (json!({"sku": SKU, "colour": "red"}), 422, "invalid-field"),
    ] {
        let answer = planner.post(PATH, &body).await;
        assert_eq!((answer.status, answer.problem().as_str()), (status, slug), "{body}: {answer:?}");
    }
    let first = planner.post_with("k1", PATH, &json!({"sku": SKU})).await;
    let again = planner.post_with("k1", PATH, &json!({"sku": SKU})).await;
    assert_eq!((again.status, &again.json()["proof"]), (201, &first.json()["proof"]));
    let other = planner.post_with("k1", PATH, &json!({"sku": SKU, "dpi": 300})).await;
    assert_eq!((other.status, other.problem().as_str()), (422, "key-reused"));
    assert_eq!(planner.get("/api/v1/proofs?state=perhaps").await.problem(), "invalid-query");
    assert_eq!(planner.get("/api/v1/proofs?sku=NO-SUCH").await.problem(), "unknown-sku");
    assert_eq!(planner.get("/api/v1/proofs/PRF-%00").await.problem(), "invalid-uri");
    let first = first.json();
    planner.post(&at(&first, "/request"), &json!({})).await;
    let second = made(&mut planner).await;
    let open = planner.post(&at(&second, "/request"), &json!({})).await;
    assert_eq!((open.status, open.problem().as_str()), (409, "proof-open"));
    assert_eq!(open.json()["other"], first["proof"]);
    // Pages of lists.
    let page = planner.read("/api/v1/proofs?limit=1").await;
    let next = planner.read(&format!("/api/v1/proofs?limit=1&after={}", page["next"].as_str().unwrap())).await;
    assert_eq!((&page["items"][0]["proof"], &next["items"][0]["proof"]), (&second["proof"], &first["proof"]));
}

#[tokio::test]
async fn an_administrator_names_the_approvers_of_a_brand() {
    let house = House::new().await;
    let signer = signer(&house).await;
    let mut admin = house.someone("admin").await;
    let named = json!({"approvers": [{"email": signer.email, "position": 1}]});
    let put = async |admin: &mut Actor, body: &Value| {
        let headers = super::house::JSON;
        admin.ask("PUT", "/api/v1/brands/BOR/approvers", headers, &body.to_string()).await
    };
    let answer = put(&mut admin, &named).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut buyer = house.bound("buyer", Some("BOR"), None).await;
    let read = buyer.read("/api/v1/brands/bor/approvers").await;
    assert_eq!(read["approvers"][0]["name"], "A. Lindqvist");
    for wrong in [
        json!({"approvers": [{"email": "nobody@example.com", "position": 1}]}),
        json!({"approvers": [{"email": signer.email, "position": 100}]}),
    ] {
        let answer = put(&mut admin, &wrong).await;
        assert_eq!((answer.status, &answer.json()["field"]), (422, &json!("approvers")), "{wrong}");
    }
    let absent = admin.ask("PUT", "/api/v1/brands/XYZ/approvers", super::house::JSON, &named.to_string()).await;
    assert_eq!((absent.status, absent.problem().as_str()), (404, "not-found"));
}
