//! Star CloudPRNT over HTTP, with a printer written from the protocol (LAB6): it repeats itself, loses answers, runs out
//! of paper, and is switched off in the middle.

use data_encoding::BASE64;
use serde_json::{Value, json};

use super::house::House;
use crate::http::wire::{Answer, Wire};

const PATH: &str = "/cloudprnt/v1";
const MAC: &str = "00:11:62:0A:1B:2C";

/// A CloudPRNT printer.
struct Star {
    wire: Wire,
    mac: String,
    token: String,
    interval: &'static str,
}

fn basic(token: &str) -> String {
    format!(
        "authorization: Basic {}\r\ncontent-type: application/json\r\n",
        BASE64.encode(format!("star:{token}").as_bytes())
    )
}

impl Star {
    async fn new(house: &House, name: &str, mac: &str) -> Self {
        let actor = house.a_printer(name, json!({"driver": "cloudprnt", "mac": mac})).await;
        let (token, wire) = (actor.token().to_owned(), actor.wire);
        Self { wire, mac: mac.to_owned(), token, interval: "10" }
    }

    async fn post(&mut self, body: &Value) -> Answer {
        self.wire.ask("POST", PATH, &basic(&self.token), &body.to_string()).await
    }

    fn says(&self, code: &str) -> Value {
        json!({
            "status": "23 6 0 0 0 0 0 0 0 ", "printerMAC": self.mac, "statusCode": code, "clientAction": null,
            "keyboard": [{"name": "k", "keyPresses": "QQ=="}], "somethingNew": {"a": [1]}
        })
    }

    /// Polls, and answers first what it is asked for, as printers do at once.
    async fn poll(&mut self, code: &str) -> Value {
        let said = self.says(code);
        self.poll_with(said).await
    }

    async fn poll_with(&mut self, mut said: Value) -> Value {
        loop {
            let answer = self.post(&said).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            let answer = answer.json();
            let Some(asked) = answer.get("clientAction").and_then(Value::as_array) else { return answer };
            assert_eq!(answer["jobReady"], false, "a job and actions are never sent together");
            let result = |request: &Value| match request["request"].as_str().unwrap() {
                "GetPollInterval" => json!({"request": "GetPollInterval", "result": self.interval}),
                other => json!({"request": other, "result": format!("{other} of a star")}),
            };
            said["clientAction"] = asked.iter().map(result).collect();
        }
    }

    /// Polls while well; answers the token of the label that is offered.
    async fn offered(&mut self) -> Option<String> {
        let answer = self.poll("200%20OK").await;
        match answer["jobReady"].as_bool().unwrap() {
            true => {
                assert_eq!((&answer["mediaTypes"], &answer["deleteMethod"]), (&json!(["image/png"]), &json!("DELETE")));
                Some(answer["jobToken"].as_str().unwrap().to_owned())
            }
            false => None,
        }
    }

    async fn get(&mut self, token: &str) -> Answer {
        let path = format!("{PATH}?uid=7&type=image%2Fpng&mac={}&token={token}", self.mac.replace(':', "%3A"));
        self.wire.ask("GET", &path, &basic(&self.token), "").await
    }

    async fn delete(&mut self, token: &str, code: &str) -> u16 {
        let path = format!("{PATH}?uid=7&mac={}&code={code}&token={token}&retry=1", self.mac);
        self.wire.ask("DELETE", &path, &basic(&self.token), "").await.status
    }
}

async fn a_house() -> (House, Star) {
    let house = House::new().await;
    house.approve().await;
    let star = Star::new(&house, "star-1", MAC).await;
    (house, star)
}

#[tokio::test]
async fn lab6_labels_are_offered_fetched_and_confirmed_one_by_one() {
    let (house, mut star) = a_house().await;
    assert_eq!(star.offered().await, None);
    let job = house.a_job("star-1", 3).await;
    let mut seen = Vec::new();
    while let Some(token) = star.offered().await {
        assert_eq!(star.offered().await.as_ref(), Some(&token), "it is offered again until it is fetched");
        let label = star.get(&token).await;
        assert_eq!((label.status, label.header("content-type")), (200, Some("image/png")));
        assert_eq!(label.header("x-star-imageditherpattern"), Some("none"));
        assert!(label.body.starts_with(b"\x89PNG") && !seen.contains(&label.body), "each label is another");
        for _ in 0..3 {
            assert_eq!(star.get(&token).await.body, label.body, "the same bytes as often as asked");
        }
        let counts = house.counts(&job).await;
        assert_eq!((counts[2], counts[1]), (1, 0));
        assert_eq!(star.offered().await, None, "nothing else while it is out");
        for _ in 0..3 {
            assert_eq!(star.delete(&token, "200%20OK").await, 200, "a lost answer is asked for again");
        }
        assert_eq!(star.get(&token).await.status, 404, "it is over");
        seen.push(label.body);
    }
    assert_eq!((seen.len(), house.counts(&job).await), (3, [0, 0, 0, 3, 0, 0, 0]));
    let printer = house.someone("planner").await.read("/api/v1/printers/star-1").await;
    assert_eq!((&printer["confirmed"], &printer["online"]), (&json!(3), &json!(true)));
    assert_eq!(printer["status"]["agent"], "ClientType of a star ClientVersion of a star");
    assert_eq!(house.nameplate.verify_audit().await.unwrap().fault, None);
}

#[tokio::test]
async fn printers_sign_in_with_their_token_and_their_address() {
    let (house, mut star) = a_house().await;
    let said = star.says("200%20OK");
    let text = said.to_string();
    let mut stranger = house.stranger().await;
    let answer = stranger.ask("POST", PATH, "content-type: application/json\r\n", &text).await;
    assert_eq!((answer.status, answer.problem().as_str()), (401, "token-missing"));
    assert_eq!(answer.header("www-authenticate"), Some("Basic realm=\"nameplate\", charset=\"UTF-8\""));
    let wrong = format!("{}A", &star.token[..star.token.len() - 1]);
    for token in [wrong.as_str(), "npt_short", ""] {
        let answer = stranger.ask("POST", PATH, &basic(token), &text).await;
        assert_eq!(answer.status, 401, "{token}");
        assert!(answer.header("www-authenticate").unwrap().starts_with("Basic "), "{}", answer.head);
    }
    // A bearer opens nothing here, and HTTP Basic nothing elsewhere.
    let bearer = format!("authorization: Bearer {}\r\ncontent-type: application/json\r\n", star.token);
    assert_eq!(stranger.ask("POST", PATH, &bearer, &text).await.status, 401);
    assert_eq!(stranger.ask("POST", "/api/v1/printers/star-1/leases", &basic(&star.token), "{}").await.status, 401);
    let admin = house.someone("admin").await;
    let answer = stranger.ask("POST", PATH, &basic(admin.token()), &text).await;
    assert_eq!((answer.status, answer.problem().as_str()), (403, "scope-missing"));
    // The address has to be the token's.
    let other = Star::new(&house, "star-2", "00:11:62:00:00:02").await;
    let raw = house.a_printer("raw-1", json!({"mac": "00:11:62:00:00:03"})).await;
    for mac in [json!(other.mac), json!("00:11:62:00:00:09"), json!("00-11"), json!(""), Value::Null] {
        let mut said = said.clone();
        said["printerMAC"] = mac.clone();
        let answer = star.post(&said).await;
        assert_eq!((answer.status, answer.problem().as_str()), (404, "unknown-printer"), "{mac}");
    }
    let mut of_raw = Star {
        wire: house.stranger().await,
        mac: "00:11:62:00:00:03".into(),
        token: raw.token().into(),
        interval: "10",
    };
    let said = of_raw.says("200");
    assert_eq!(of_raw.post(&said).await.status, 404, "a printer of another kind");
    for spelling in ["001162-0a1b2c", "00-11-62-0A-1B-2C", "0011620a1b2c"] {
        star.mac = spelling.to_owned();
        assert_eq!(star.offered().await, None, "{spelling}");
    }
}

#[tokio::test]
async fn first_contact_finds_no_settings_and_bad_polls_are_refused() {
    let (_house, mut star) = a_house().await;
    for path in ["/cloudprnt/cloudprnt-setting.json", "/cloudprnt/v1/cloudprnt-setting.json"] {
        assert_eq!(star.wire.ask("GET", path, &basic(&star.token), "").await.status, 404, "{path}");
    }
    for (body, status) in
        [("", 400), ("{", 400), ("[]", 404), ("{\"printerMAC\": 7}", 422), ("{\"statusCode\": []}", 422)]
    {
        let headers = format!("{}content-length: {}\r\n", basic(&star.token), body.len());
        star.wire.send(format!("POST {PATH} HTTP/1.1\r\nhost: t\r\n{headers}\r\n{body}")).await;
        assert_eq!(star.wire.answer().await.unwrap().status, status, "{body}");
    }
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(star.wire.ask("POST", PATH, &basic(&star.token), &deep).await.problem(), "json-too-deep");
    let mut silent = star.says("");
    silent.as_object_mut().unwrap().remove("statusCode");
    assert_eq!(star.poll_with(silent).await, json!({"jobReady": false}));
}

#[tokio::test]
async fn tokens_that_are_not_the_printers_lead_nowhere() {
    let (house, mut star) = a_house().await;
    let mut other = Star::new(&house, "star-2", "00:11:62:00:00:02").await;
    house.a_job("star-1", 2).await;
    let token = star.offered().await.unwrap();
    for token in ["", "LSE-0", "LSE-000000000000000000000000", "%27%20OR%201=1", "JOB"] {
        assert_eq!(star.get(token).await.status, 404, "{token}");
        assert_eq!(star.delete(token, "200").await, 404, "{token}");
    }
    assert_eq!((other.get(&token).await.status, other.delete(&token, "200").await), (404, 404), "another printer's");
    assert_eq!(other.offered().await, None);
    // Success without the label is no success.
    assert_eq!(star.delete(&token, "200%20OK").await, 409);
    for wanted in ["image%2Fjpeg", "application%2Fvnd.star.starprnt", "text%2Fplain"] {
        let path = format!("{PATH}?type={wanted}&mac={MAC}&token={token}");
        assert_eq!(star.wire.ask("GET", &path, &basic(&star.token), "").await.status, 415, "{wanted}");
    }
    let path = format!("{PATH}?mac={MAC}&token={token}&type=image%2FPNG%3B%20q%3D1");
    assert_eq!(star.wire.ask("GET", &path, &basic(&star.token), "").await.status, 200);
    assert_eq!(star.delete(&token, "OK").await, 200);
}

#[tokio::test]
async fn a_printer_that_is_not_well_gets_nothing() {
    let (house, mut star) = a_house().await;
    let job = house.a_job("star-1", 2).await;
    star.poll("200%20OK").await;
    for (code, media, head) in [
        ("410%20Out%20of%20paper", "out", "unknown"),
        ("420%20Cover%20open", "unknown", "open"),
        ("411%20Jam", "unknown", "unknown"),
        ("", "unknown", "unknown"),
    ] {
        assert_eq!(star.poll(code).await, json!({"jobReady": false}), "{code}");
        let printer = house.someone("planner").await.read("/api/v1/printers/star-1").await;
        assert_eq!((&printer["status"]["media"], &printer["status"]["head"]), (&json!(media), &json!(head)), "{code}");
    }
    let mut printing = star.says("200%20OK");
    printing["printingInProgress"] = json!(true);
    assert_eq!(star.poll_with(printing).await["jobReady"], false);
    assert_eq!(house.counts(&job).await[2..], [0, 0, 0, 0, 0]);
    assert!(star.offered().await.is_some());
    // It opens its cover with the offer in its hand: the offer stands until it is well.
    assert_eq!(star.poll("420%20Cover%20open").await["jobReady"], false);
    let token = star.offered().await.unwrap();
    assert_eq!(star.get(&token).await.status, 200);
    assert_eq!(star.delete(&token, "211%20Paper%20low").await, 200);
    assert_eq!(house.counts(&job).await, [1, 0, 0, 1, 0, 0, 0]);
}

#[tokio::test]
async fn a_label_that_was_fetched_is_never_offered_again() {
    let (house, mut star) = a_house().await;
    let job = house.a_job("star-1", 4).await;
    // Switched off between fetching and confirming.
    let lost = star.offered().await.unwrap();
    let label = star.get(&lost).await.body;
    house.wait(60).await;
    assert_eq!(star.offered().await, None, "its time is not up");
    house.wait(70).await;
    assert_eq!(house.counts(&job).await, [3, 0, 0, 0, 1, 0, 0]);
    // The paper ran out under the second one: it may be on it in part.
    let torn = star.offered().await.unwrap();
    assert_ne!(star.get(&torn).await.body, label);
    assert_eq!(star.poll("410%20Out%20of%20paper").await["jobReady"], false);
    assert_eq!(house.counts(&job).await, [2, 0, 0, 0, 2, 0, 0], "a person looks at it at once");
    assert_eq!(star.get(&torn).await.status, 404, "and the printer does not get it again");
    // A third one takes long, and says so.
    let long = star.offered().await.unwrap();
    assert_eq!(star.get(&long).await.status, 200);
    for _ in 0..4 {
        house.wait(80).await;
        let mut printing = star.says("200%20OK");
        printing["printingInProgress"] = json!(true);
        assert_eq!(star.poll_with(printing).await["jobReady"], false);
    }
    assert_eq!(house.counts(&job).await, [1, 0, 1, 0, 2, 0, 0]);
    assert_eq!(star.delete(&long, "200%20OK").await, 200);
    // What was lost arrives late, twice.
    assert_eq!((star.delete(&lost, "200%20OK").await, star.delete(&lost, "200%20OK").await), (200, 200));
    assert_eq!(house.counts(&job).await, [1, 0, 0, 2, 1, 0, 0]);
    // A person has decided: what the printer says then changes nothing.
    let serials = json!({"verdict": "damaged", "serials": "rest", "reason": "half of it", "replace": false});
    let path = format!("/api/v1/print-jobs/{}/settlements", job["job"].as_str().unwrap());
    assert_eq!(house.someone("planner").await.post(&path, &serials).await.status, 200);
    assert_eq!(star.delete(&torn, "200%20OK").await, 200);
    assert_eq!(house.counts(&job).await, [1, 0, 0, 2, 0, 1, 0]);
}

#[tokio::test]
async fn every_end_of_a_job_means_what_the_protocol_says() {
    let (house, mut star) = a_house().await;
    for (code, queued, unconfirmed, state) in [
        ("510%20Incompatible", 2, 0, "stopped"),
        ("512%20Version", 2, 0, "stopped"),
        ("521%20Too%20large", 2, 0, "stopped"),
        ("511%20Decoding", 1, 1, "stopped"),
        ("520%20Timeout", 1, 1, "pending"),
        ("410%20Paper", 1, 1, "pending"),
        ("420%20Cover", 1, 1, "pending"),
        ("999", 1, 1, "pending"),
        ("", 1, 1, "pending"),
    ] {
        let job = house.a_job("star-1", 2).await;
        let token = star.offered().await.unwrap();
        assert_eq!(star.get(&token).await.status, 200);
        assert_eq!((star.delete(&token, code).await, star.delete(&token, code).await), (200, 200), "{code}");
        assert_eq!(house.counts(&job).await, [queued, 0, 0, 0, unconfirmed, 0, 0], "{code}");
        let path = format!("/api/v1/print-jobs/{}", job["job"].as_str().unwrap());
        let mut planner = house.someone("planner").await;
        let record = planner.read(&path).await;
        assert_eq!(record["state"], state, "{code}: {record}");
        let cancel = json!({"control": "cancel", "reason": "next case"});
        assert_eq!(planner.post(&format!("{path}/control"), &cancel).await.status, 200);
    }
    // Given back before it was fetched.
    let job = house.a_job("star-1", 1).await;
    let token = star.offered().await.unwrap();
    assert_eq!(star.delete(&token, "420%20Cover").await, 200);
    assert_eq!(house.counts(&job).await, [1, 0, 0, 0, 0, 0, 0]);
    assert_ne!(star.offered().await.unwrap(), token);
}

#[tokio::test]
async fn a_silent_printer_is_offline_after_two_polls_and_five_seconds() {
    let (house, mut star) = a_house().await;
    star.interval = "30";
    let mut planner = house.someone("planner").await;
    star.poll("200%20OK").await;
    for (seconds, online) in [(60, true), (5, true), (1, false)] {
        house.wait(seconds).await;
        assert_eq!(planner.read("/api/v1/printers/star-1").await["online"], online, "{seconds}");
    }
    // A paused printer polls on and gets nothing.
    house.a_job("star-1", 1).await;
    let mut settings = planner.read("/api/v1/printers/star-1").await;
    settings["settings"]["state"] = json!("paused");
    let headers = "content-type: application/json\r\nif-match: *\r\n";
    let settings = settings["settings"].to_string();
    let answer = planner.ask("PUT", "/api/v1/printers/star-1", headers, &settings).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(star.offered().await, None);
}
