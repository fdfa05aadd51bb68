//! The audit chain as administrators read it.

use super::House;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_are_shown_newest_first_and_from_any_number() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    for _ in 0..60 {
        station.reserve(1).await;
    }
    let admin = house.person("admin").await;
    let first = admin.get("/audit").await.is(200);
    first.says("user.password").says("block.reserve");
    let next = first.html().split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let second = admin.get(&next).await.is(200);
    second.says("First page").says("catalogue.import");
    let third = admin.get("/audit?number=3").await.is(200);
    let numbers: Vec<&str> =
        third.html().split("id=\"entry-").skip(1).map(|part| part.split('"').next().unwrap()).collect();
    assert_eq!(numbers, ["3", "2", "1"]);
    admin.get("/audit?number=nonsense").await.is(200);
    admin.get("/audit?number=99999999999999999999").await.is(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_chain_is_checked_on_demand() {
    let house = House::new().await;
    let admin = house.person("admin").await;
    admin.get("/audit").await.is(200).says("Check the chain").is_silent_of("The chain is whole");
    admin.post("/audit/check", &[]).await.is(200).says("The chain is whole");
}
