//! Proofs by commands, and what `proof verify` finds without any installation. The commands of `docs/proofs.md` run here.

use super::{Desk, Ran};
use nameplate::service::people::link::LinkAnswer;
use nameplate::service::people::{NewUser, SecretText};
use nameplate::service::proof::{Decision, ProofDecision, Signer};
use nameplate::service::{Caller, Clock, Nameplate, Settings};
use serde_json::json;
use std::fs;

/// The name that the manual's proof has.
const NAME: &str = "PRF-0123ABCD";

/// A buyer signs in and decides, as on the page of the proof.
fn decide(desk: &Desk, proof: &str, meaning: Decision, comment: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let settings = Settings::in_folder(&desk.path("nameplate-data"));
        let nameplate = Nameplate::open(&settings, Clock::System).await.unwrap();
        let caller = Caller::command_line();
        let email = format!("{}@example.com", proof.to_lowercase());
        let name = "A. Lindqvist".to_owned();
        let (roles, brand, language) = ("buyer".to_owned(), Some("BOR".to_owned()), "en".to_owned());
        let new = NewUser { email: email.clone(), name: name.clone(), roles, brand, language, ..NewUser::default() };
        let link = nameplate.invite(&caller, &new).await.unwrap();
        let secret = SecretText::read(link.path.rsplit('/').next().unwrap()).unwrap();
        let answer =
            LinkAnswer { email: email.clone(), name: name.clone(), password: "quiet harbour violet ladder".into() };
        let who = nameplate.use_link(&secret, &answer, "a test").await.unwrap().who;
        let signer = Signer { user: who.user, name, email };
        let artwork = nameplate.proof(&who.caller(), proof).await.unwrap().artwork;
        let decision = ProofDecision { meaning, artwork, comment: comment.into() };
        nameplate.decide_proof(&who.caller(), &signer, proof, &decision).await.unwrap();
        nameplate.close().await;
    });
}

/// The words of a command line as a shell splits it.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words
}

fn proof_made(ran: &Ran) -> String {
    let name = ran.out.trim().to_owned();
    assert!(name.starts_with("PRF-") && name.len() == 12, "{ran:?}");
    name
}

/// Every command of the manual runs, in the order in which it stands there, with what people do between them.
#[test]
fn the_commands_of_the_manual_run() {
    let desk = Desk::with_catalogue();
    let manual = include_str!("../../../docs/proofs.md");
    let (mut proof, mut ran) = (NAME.to_owned(), 0);
    for line in manual.lines().filter_map(|line| line.strip_prefix("$ nameplate ")) {
        if line.contains("--replaces") {
            decide(&desk, &proof, Decision::ChangesRequested, "the postcode is wrong");
        }
        if line.starts_with("proof withdraw") {
            // The manual withdraws it, and certifies another one.
            let shown = desk.run(&["proof", "show", &proof, "--json"]).ok().json();
            assert_eq!(shown["state"], "requested");
        }
        if line.starts_with("proof certificate") && line.ends_with("pdf") {
            proof = proof_made(&desk.run(&["proof", "new", "NT-M2-BOR", "--request"]).ok());
            decide(&desk, &proof, Decision::Approved, "");
            desk.run(&["proof", "samples", &proof, "-o", "proof"]).ok();
        }
        let typed = words(&line.replace(NAME, &proof));
        let typed: Vec<&str> = typed.iter().map(String::as_str).collect();
        let done = desk.run(&typed).ok();
        if line.starts_with("proof new") {
            proof = proof_made(&done);
        }
        ran += 1;
    }
    assert_eq!(ran, 12);
    assert!(desk.path(&format!("proof/{proof}-1.png")).exists() && desk.path(&format!("proof/{proof}.pdf")).exists());
}

#[test]
fn a_certificate_is_checked_without_an_installation() {
    let desk = Desk::with_catalogue();
    let proof = proof_made(&desk.run(&["proof", "new", "NT-M2-BOR", "--request"]).ok());
    let open = desk.run(&["proof", "certificate", &proof, "-o", "early.pdf"]);
    open.refused(1, &[&proof, "requested"]);
    assert!(!desk.path("early.pdf").exists());
    decide(&desk, &proof, Decision::Approved, "thank you\nsecond line");
    let shown = desk.run(&["proof", "show", &proof]).ok().out;
    for expected in [
        "is approved",
        "This code is the serial.",
        "This code is the product GTIN.",
        "what would be printed now",
        "A. Lindqvist",
    ] {
        assert!(shown.contains(expected), "{expected} in\n{shown}");
    }
    desk.run(&["proof", "certificate", &proof, "-o", "c.pdf"]).ok();
    desk.run(&["proof", "certificate", &proof, "-o", "c.json"]).ok();
    desk.run(&["proof", "certificate", &proof, "-o", "c.txt"]).refused(2, &[".pdf"]);
    desk.run(&["proof", "samples", &proof, "-o", "samples"]).ok();
    let keys = desk.run(&["receipt", "keys"]).ok().out;
    let key = keys.split_whitespace().nth(1).unwrap().to_owned();

    // On another machine.
    let other = Desk::new();
    for file in ["c.pdf", "c.json"] {
        fs::copy(desk.path(file), other.path(file)).unwrap();
        let good = other.run(&["proof", "verify", file]).ok();
        for expected in ["good", &proof, "A. Lindqvist", "NT-M2-BOR", "thank you", &key, "--key"] {
            assert!(good.out.contains(expected), "{expected} in\n{}", good.out);
        }
        let pinned = other.run(&["proof", "verify", file, "--key", &key.to_uppercase()]).ok();
        assert!(!pinned.out.contains("Whose key that is"), "{}", pinned.out);
        let foreign = other.run(&["proof", "verify", file, "--key", &"ab".repeat(32)]).ended(1);
        assert!(foreign.out.contains("another key"), "{foreign:?}");
        // One byte anywhere.
        let honest = fs::read(other.path(file)).unwrap();
        let last = honest.len() - 1;
        for at in [7, last / 3, last / 2, last - 40, last] {
            let mut forged = honest.clone();
            forged[at] = if forged[at] == b'x' { b'y' } else { b'x' };
            fs::write(other.path("forged"), &forged).unwrap();
            let found = other.run(&["proof", "verify", "forged"]).ended(1);
            assert!(found.out.starts_with("not good: "), "byte {at} of {file}: {found:?}");
        }
        fs::write(other.path("forged"), &honest[..last / 2]).unwrap();
        other.run(&["proof", "verify", "forged"]).ended(1);
    }
    // The name of the approver, written anew: the JSON is whole and the signature is not.
    let json = fs::read_to_string(other.path("c.json")).unwrap();
    fs::write(other.path("forged"), json.replace("A. Lindqvist", "B. Lindqvist")).unwrap();
    let forged = other.run(&["proof", "verify", "forged", "--json"]).ended(1).json();
    assert_eq!(forged["ok"], json!(false));
    assert!(forged["message"].as_str().unwrap().contains("signature does not match"), "{forged}");
    let good = other.run(&["proof", "verify", "c.json", "--json"]).ok().json();
    assert_eq!(good["certificate"]["signatures"][0]["comment"], json!("thank you\nsecond line"));

    let sample = desk.path(&format!("samples/{proof}-2.png")).display().to_string();
    let known = other.run(&["proof", "verify", "c.pdf", "--sample", &sample]).ok();
    assert!(known.out.contains("sample 2, widest serial"), "{}", known.out);
    let logo = format!("{}/templates/catalogue/logos/borealis.png", env!("CARGO_MANIFEST_DIR"));
    let unknown = other.run(&["proof", "verify", "c.pdf", "--sample", &sample, "--sample", &logo]).ended(1);
    assert!(unknown.out.contains("none of the pictures"), "{unknown:?}");
    for (text, words) in
        [("", "no proof certificate"), ("%PDF-1.7\n", "holds no certificate"), ("{}", "no proof certificate")]
    {
        fs::write(other.path("forged"), text).unwrap();
        let found = other.run(&["proof", "verify", "forged"]).ended(1);
        assert!(found.out.contains(words), "{text:?}: {found:?}");
    }
    other.run(&["proof", "verify", "c.pdf", "--key", "12"]).refused(2, &["64 hexadecimal digits"]);
    other.run(&["proof", "verify", "missing.pdf"]).refused(1, &["missing.pdf"]);
    assert!(!other.path("nameplate-data").exists(), "no installation is made");
}

#[test]
fn what_cannot_be_is_refused_with_words() {
    let desk = Desk::with_catalogue();
    desk.run(&["proof", "list", "--state", "perhaps"]).refused(2, &["perhaps", "requested"]);
    desk.run(&["proof", "show", "PRF-0"]).refused(1, &["PRF-0"]);
    desk.run(&["proof", "new", "NO-SUCH"]).refused(1, &["NO-SUCH"]);
    desk.run(&["proof", "new", "NT-M2-BOR", "--dpi", "72"]).refused(1, &["203, 300 and 600"]);
    let first = proof_made(&desk.run(&["proof", "new", "NT-M2-BOR", "--key", "k1"]).ok());
    assert_eq!(proof_made(&desk.run(&["proof", "new", "NT-M2-BOR", "--key", "k1"]).ok()), first);
    let listed = desk.run(&["proof", "list"]).ok().out;
    assert!(listed.contains(&first) && listed.contains("draft"), "{listed}");
    desk.run(&["printer", "add", "office", "--driver", "folder", "--dpi", "203", "--media", "60x40"]).ok();
    let new = [
        "print",
        "new",
        "--sku",
        "NT-M2-BOR",
        "--batch",
        "2025-W27-M2",
        "--station",
        "fi-1",
        "--printer",
        "office",
        "--count",
        "1",
    ];
    desk.run(&new).refused(1, &[&first, "is a draft", "nameplate proof new NT-M2-BOR --dpi 203"]);
}
