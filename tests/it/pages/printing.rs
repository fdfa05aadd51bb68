//! Print jobs: the queue, what people decide, labels that nobody knows about, reprints with a second person, conflicts.

use serde_json::{Value, json};

use super::floor::{Floor, HOSTILE, SKU, assert_harmless};
use super::house::{PASSWORD, Person, Shown};

fn name(job: &Value) -> &str {
    job["job"].as_str().unwrap()
}

async fn act(person: &Person, job: &Value, what: &str, fields: &[(&str, &str)]) -> Shown {
    person.post(&format!("/printing/{}/{what}", name(job)), fields).await
}

/// Says what became of labels; the key is the page's.
async fn settle(person: &Person, job: &Value, fields: &[(&str, &str)]) -> Shown {
    let key = person.get(&format!("/printing/{}", name(job))).await.field("key");
    act(person, job, "settle", &[&[("key", key.as_str())], fields].concat()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_queue_shows_what_is_not_finished_and_people_hold_and_cancel() {
    let mut floor = Floor::new().await;
    let olga = floor.person("operator").await;
    olga.get("/printing").await.is(200).says("Nothing waits here");
    let done = floor.a_job("line-3", 2).await;
    floor.print(2, "printed").await;
    let job = floor.a_job("line-3", 3).await;
    let queue = olga.get("/printing").await.is(200);
    queue.says(name(&job)).says("waiting").says("0 of 3 printed").is_silent_of(name(&done));
    olga.get("/printing?state=completed").await.says(name(&done)).is_silent_of(name(&job));
    olga.get("/printing?state=all&printer=line-3").await.says(name(&done)).says(name(&job));
    olga.get("/printing?state=all&printer=nowhere").await.is(200).says("Nothing waits here");
    olga.get("/printing?after=nonsense").await.is(400);

    act(&olga, &job, "control", &[("control", "hold")]).await.is(422).says("say why");
    let held = act(&olga, &job, "control", &[("control", "hold"), ("reason", "ribbon of the wrong kind")]).await;
    assert_eq!(held.leads_to(), format!("/printing/{}?done=job_changed", name(&job)));
    olga.get(held.leads_to()).await.says("The job was changed.").says("held").says("ribbon of the wrong kind");
    olga.get("/printing?state=held").await.says(name(&job));
    act(&olga, &job, "control", &[("control", "release")]).await.leads_to();
    act(&olga, &job, "control", &[("control", "explode")]).await.is(422);
    act(&olga, &job, "control", &[("control", "cancel"), ("reason", "not needed")]).await.leads_to();
    olga.get("/printing?state=canceled").await.says(name(&job)).is_silent_of(name(&done));
    act(&olga, &done, "control", &[("control", "cancel"), ("reason", "x")]).await.is(422).says("cannot take this step");
    // Who only looks finds no buttons, and no way around them.
    let viewer = floor.person("viewer").await;
    let page = viewer.get(&format!("/printing/{}", name(&job))).await.is(200);
    assert!(!page.html().contains("/control\"") && !page.html().contains("/settle\""));
    act(&viewer, &job, "control", &[("control", "hold"), ("reason", "x")]).await.is(403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_see_the_jobs_of_their_brand_and_their_station() {
    let floor = Floor::new().await;
    let job = floor.a_job("line-3", 2).await;
    let (here, elsewhere) = (floor.person_at("station", "fi-1").await, floor.person_at("station", "fi-2").await);
    let kestrel = floor.person_of("viewer", "KES").await;
    here.get("/printing").await.says(name(&job));
    here.get(&format!("/printing/{}", name(&job))).await.is(200);
    for other in [&elsewhere, &kestrel] {
        other.get("/printing").await.is(200).is_silent_of(name(&job));
        other.get("/printing?state=all").await.is_silent_of(name(&job));
        other.get(&format!("/printing/{}", name(&job))).await.is(404);
    }
    act(&elsewhere, &job, "control", &[("control", "hold"), ("reason", "x")]).await.is(404);
    act(&elsewhere, &job, "settle", &[("key", "k")]).await.is(404);
    act(&elsewhere, &job, "agree", &[("email", "x")]).await.is(404);
    kestrel.get("/printing/conflicts").await.is(200).says("No conflicts");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_knows_is_listed_oldest_first_and_settled_by_a_person() {
    let mut floor = Floor::new().await;
    let olga = floor.person("operator").await;
    let first = floor.a_job("line-3", 4).await;
    floor.print(4, "unknown").await;
    floor.wait(60).await;
    let second = floor.a_job("line-3", 1).await;
    floor.print(1, "unknown").await;
    let (_, serials) = floor.serials(&first).await;
    let list = olga.get("/printing/unconfirmed").await.is(200);
    let at = |job: &Value| list.html().find(&format!("/printing/{}#settle", name(job))).unwrap();
    assert!(at(&first) < at(&second), "the oldest first");
    list.says(&serials[0]).says(&serials[3]).says("the link was lost").says("line-3");
    olga.get("/printing/unconfirmed?printer=nowhere").await.is(200).says("Every label is accounted for");
    let page = olga.get(&format!("/printing/{}", name(&first))).await;
    page.says("all 4 unconfirmed labels of this job");
    assert!(page.html().contains("data-confirm=\"Is this what you found? It cannot be taken back.\""));

    let one = [("verdict", "printed"), ("which", "list"), ("serials", serials[0].as_str())];
    let key = olga.get(&format!("/printing/{}", name(&first))).await.field("key");
    let with_key = [&[("key", key.as_str())], &one[..]].concat();
    act(&olga, &first, "settle", &with_key).await.leads_to();
    act(&olga, &first, "settle", &with_key).await.leads_to();
    assert_eq!(floor.counts(&first).await, [0, 0, 0, 1, 3, 0, 0], "the same form twice is once");
    // What is not said is asked for, and nothing is lost of what was typed.
    settle(&olga, &first, &[("which", "rest")]).await.is(422).says("Choose what became of them");
    settle(&olga, &first, &[("verdict", "printed"), ("which", "list")]).await.is(422).says("at least one serial");
    let range = [("verdict", "not_printed"), ("which", "range"), ("first", serials[1].as_str())];
    settle(&olga, &first, &range).await.is(422).says("Give the first and the last serial");
    let range = [&range[..], &[("last", serials[2].as_str())]].concat();
    let refused = settle(&olga, &first, &range).await.is(422);
    refused.says("how you know");
    assert_eq!(refused.field("last"), serials[2]);
    for hostile in HOSTILE {
        let wrong = [("verdict", "damaged"), ("which", "list"), ("serials", hostile), ("reason", hostile)];
        let refused = settle(&olga, &first, &wrong).await.is(422);
        assert_harmless(refused.html());
    }
    assert_eq!(floor.counts(&first).await, [0, 0, 0, 1, 3, 0, 0]);
    settle(&olga, &first, &[&range[..], &[("reason", "the roll ended before them")]].concat()).await.leads_to();
    assert_eq!(floor.counts(&first).await, [2, 0, 0, 1, 1, 0, 0], "they are queued again");
    let damaged = [("verdict", "damaged"), ("which", "rest"), ("reason", "torn")];
    let replaced = settle(&olga, &first, &damaged).await;
    assert!(replaced.leads_to().ends_with("?done=settled_replaced"), "{}", replaced.leads_to());
    olga.get(replaced.leads_to()).await.says("prints new ones in their place").says("0 of 1 printed");
    let bare = [("verdict", "damaged"), ("which", "rest"), ("reason", "torn"), ("no_replacement", "yes")];
    assert!(settle(&olga, &second, &bare).await.leads_to().ends_with("?done=settled"));
    olga.get("/printing/unconfirmed").await.says("Every label is accounted for");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn labels_are_asked_for_and_refusals_say_what_is_missing() {
    let floor = Floor::new().await;
    let paul = floor.person("planner").await;
    let block = floor.someone("station").await.reserve(6).await;
    let block = block["block"].as_str().unwrap();
    let page = paul.get(&format!("/printing/new?block={block}")).await.is(200);
    assert_eq!(page.field("block"), block);
    let key = page.field("key");
    let base = [("key", key.as_str()), ("printer", "line-3"), ("block", block)];
    let with = |more: &[(&'static str, &'static str)]| [&base[..], more].concat();
    paul.post("/printing/new", &with(&[("which", "list")])).await.is(422).says("at least one serial");
    paul.post("/printing/new", &with(&[("priority", "10")])).await.is(422).says("Write a number from 0 to 9");
    let wrong = paul.post("/printing/new", &with(&[("which", "list"), ("serials", "nonsense")])).await.is(422);
    wrong.says("Not a serial of this block");
    let unknown = [("key", key.as_str()), ("printer", "line-3"), ("block", "BLK-0000000000000000")];
    paul.post("/printing/new", &unknown).await.is(422).says("There is no such block");
    let made = paul.post("/printing/new", &with(&[("which", "all"), ("hold", "yes")])).await;
    let again = paul.post("/printing/new", &with(&[("which", "all"), ("hold", "yes")])).await;
    assert_eq!(made.leads_to(), again.leads_to(), "a double submit makes one job");
    paul.get(made.leads_to()).await.says("held").says("in the printer's queue");
    let fresh = paul.get("/printing/new").await.field("key");
    let twice = [("key", fresh.as_str()), ("printer", "line-3"), ("block", block), ("which", "all")];
    let refused = paul.post("/printing/new", &twice).await.is(422);
    refused.says("There is a label already").says("wait for that job, or cancel it").says("Look at the job");
    // Tests need no approval; a job without one says so and leads to the proofs.
    let test = [("key", fresh.as_str()), ("printer", "line-3"), ("kind", "test"), ("sku", "NT-M2-KES"), ("count", "2")];
    paul.get(paul.post("/printing/new", &test).await.leads_to()).await.says("Test labels").says("0 of 2 printed");
    let mut planner = floor.someone("planner").await;
    let other = json!({"sku": "NT-M2-KES", "batch": "2025-W14-M2", "count": 1, "station": "fi-1"});
    let other = planner.post("/api/v1/blocks", &other).await.json();
    let other = [("key", "other"), ("printer", "line-3"), ("block", other["block"].as_str().unwrap())];
    let refused = paul.post("/printing/new", &other).await.is(422);
    refused.says("The label is not approved").says("Look at the proofs");
    for hostile in HOSTILE {
        let all = [("key", "k"), ("printer", hostile), ("block", hostile), ("which", "list"), ("serials", hostile)];
        assert_harmless(paul.post("/printing/new", &all).await.html());
        let query = serde_html_form::to_string([("block", hostile), ("printer", hostile), ("kind", hostile)]).unwrap();
        assert_harmless(paul.get(&format!("/printing/new?{query}")).await.html());
        assert_harmless(paul.get(&format!("/printing/reprint?{query}")).await.html());
        assert_harmless(paul.get(&format!("/printing?{query}")).await.html());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reprint_needs_a_reason_an_attestation_and_where_the_brand_says_so_a_second_person() {
    let mut floor = Floor::new().await;
    let (eva, olga) = (floor.person_at("station", "fi-1").await, floor.person("operator").await);
    let viewer = floor.person("viewer").await;
    let elsewhere = floor.person_at("station", "fi-2").await;
    let job = floor.a_job("line-3", 2).await;
    let (_, serials) = floor.serials(&job).await;
    let key = eva.get("/printing/reprint").await.is(200).field("key");
    let base = [("key", key.as_str()), ("printer", "line-3"), ("serials", serials[0].as_str())];
    let (why, how) = (("reason", "scratched"), ("attestation", "torn, red box, E. Novak"));
    let refused = eva.post("/printing/reprint", &[&base[..], &[how, ("destroyed", "yes")]].concat()).await.is(422);
    refused.says("why the labels are printed again");
    assert_eq!(refused.field("attestation"), how.1);
    eva.post("/printing/reprint", &[&base[..], &[why, ("destroyed", "yes")]].concat())
        .await
        .is(422)
        .says("who destroyed");
    eva.post("/printing/reprint", &[&base[..], &[why, how]].concat())
        .await
        .is(422)
        .says("destroy the old labels first");
    let whole = [&base[..], &[why, how, ("destroyed", "yes")]].concat();
    eva.post("/printing/reprint", &whole).await.is(422).says("wait for that job");
    floor.print(2, "printed").await;
    let policy = json!({"reprint_second_person": true});
    let mut admin = floor.someone("admin").await;
    let put =
        admin.ask("PUT", "/api/v1/brands/BOR/policy", "content-type: application/json\r\n", &policy.to_string()).await;
    assert_eq!(put.status, 204, "{put:?}");

    let made = eva.post("/printing/reprint", &whole).await;
    let place = made.leads_to().to_owned();
    assert_eq!(eva.post("/printing/reprint", &whole).await.leads_to(), place, "a double submit makes one job");
    let page = eva.get(&place).await.is(200);
    page.says("waits until a second person agrees").says("wants a second person").says(how.1);
    let job = json!({"job": place.trim_start_matches("/printing/").split('?').next().unwrap()});
    let said = |person: &Person, password: &str| {
        vec![("email".to_owned(), person.who().email.clone()), ("password".to_owned(), password.to_owned())]
    };
    let agree = async |fields: Vec<(String, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        act(&eva, &job, "agree", &fields).await
    };
    let wrong = agree(said(&olga, "not the password")).await.is(422);
    wrong.says("Address or password is wrong");
    assert!(!wrong.html().contains("not the password"));
    agree(said(&eva, PASSWORD)).await.is(422).says("another person has to");
    agree(said(&viewer, PASSWORD)).await.is(422).says("This person cannot agree to this job");
    agree(said(&elsewhere, PASSWORD)).await.is(422).says("This is another station");
    assert_eq!(floor.counts(&job).await[0], 1, "it waits");
    let agreed = agree(said(&olga, PASSWORD)).await;
    eva.get(agreed.leads_to()).await.says("A second person has agreed").says(&olga.who().email).says("waiting");
    assert!(agreed.header("set-cookie").is_none(), "nobody is signed in by agreeing");
    floor.print(1, "printed").await;
    assert_eq!(floor.counts(&job).await[3], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_password_of_a_second_person_cannot_be_guessed() {
    let mut floor = Floor::new().await;
    let (eva, olga) = (floor.person("station").await, floor.person("operator").await);
    let job = floor.a_job("line-3", 1).await;
    floor.print(1, "printed").await;
    for n in 0..8 {
        let guess = format!("guess number {n}");
        act(&eva, &job, "agree", &[("email", &olga.who().email), ("password", &guess)]).await.is(422);
    }
    let locked = act(&eva, &job, "agree", &[("email", &olga.who().email), ("password", PASSWORD)]).await;
    assert_eq!(locked.status, 429);
    assert!(locked.header("retry-after").is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conflicts_are_closed_once_by_a_person_with_a_note() {
    let floor = Floor::new().await;
    let (here, elsewhere) = (floor.person_at("station", "fi-1").await, floor.person_at("station", "fi-2").await);
    let olga = floor.person("operator").await;
    let scan = json!({"serial": "07K3-M9XQ-2WN8", "result": "pass", "note": "<script>alert(1)</script>"});
    let journal = json!({"entries": [{"id": "s-1", "scan": scan}]});
    let sent = floor.someone("station").await.post("/api/v1/stations/fi-1/journal", &journal).await;
    assert_eq!(sent.json()["answers"][0]["verdict"], "conflict");
    let list = olga.get("/printing/conflicts").await.is(200);
    list.says("s-1").says("fi-1");
    assert_harmless(list.html());
    let action = list.html().split("action=\"").find(|tag| tag.starts_with("/printing/conflicts/")).unwrap();
    let action = action.split('"').next().unwrap().to_owned();
    here.get("/printing/conflicts").await.says("s-1");
    elsewhere.get("/printing/conflicts?station=fi-1").await.is(200).is_silent_of("s-1");
    elsewhere.post(&action, &[("note", "mine now")]).await.is(404);
    for bad in ["", "  ", &"x".repeat(501)] {
        let refused = olga.post(&action, &[("note", bad)]).await.is(422);
        refused.says("what you found");
    }
    for nowhere in ["/printing/conflicts/0/close", "/printing/conflicts/x/close"] {
        olga.post(nowhere, &[("note", "x")]).await.is(404);
    }
    let closed = olga.post(&action, &[("note", "the unit was scrapped \"><img src=x onerror=alert(1)>")]).await;
    assert_eq!(closed.leads_to(), "/printing/conflicts?done=conflict_closed");
    olga.get(closed.leads_to()).await.says("The conflict is closed").says("No conflicts");
    let closed = olga.get("/printing/conflicts?state=closed").await;
    closed.says("the unit was scrapped").says(&olga.who().email);
    assert_harmless(closed.html());
    here.post(&action, &[("note", "no, it was not")]).await.is(422).says("Somebody else changed it meanwhile");
    assert_eq!(floor.nameplate.verify_audit().await.unwrap().fault, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_a_long_queue_follow_one_another() {
    let floor = Floor::new().await;
    let paul = floor.person("planner").await;
    let mut planner = floor.someone("planner").await;
    for _ in 0..53 {
        let test = json!({"printer": "line-3", "test": {"sku": SKU, "count": 1}});
        assert_eq!(planner.post("/api/v1/print-jobs", &test).await.status, 201);
    }
    let first = paul.get("/printing").await;
    let next = first.html().split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let second = paul.get(&next.replace("&#38;", "&")).await.is(200);
    let jobs = |page: &Shown| page.html().matches("href=\"/printing/JOB-").count();
    assert_eq!((jobs(&first), jobs(&second)), (50, 3));
    assert!(!second.html().contains("rel=\"next\""));
}
