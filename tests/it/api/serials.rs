//! The serials of a block, in pages and in streams.

use serde_json::Value;
use tokio::io::AsyncReadExt;

use super::house::{House, record};

#[tokio::test]
async fn pages_joined_lines_and_csv_are_the_same_serials() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let block = station.reserve(2_345).await;
    let path = format!("{}/serials", record(&block));
    assert_eq!(block["serials_url"], path.as_str());
    let (mut paged, mut after) = (Vec::new(), String::new());
    loop {
        let page = station.read(&format!("{path}?limit=1000{after}")).await;
        paged.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(paged.len(), 2_345);
    assert_eq!((&paged[0]["n"], &paged[2_344]["n"]), (&1.into(), &2_345.into()));
    assert_eq!(paged[2_344]["serial"], block["last_serial"]);
    let first: Vec<_> = paged[..100].iter().map(|row| row["serial"].clone()).collect();
    assert_eq!(block["serials"], Value::from(first));

    let lines = station.get(&format!("{path}?format=jsonl")).await;
    assert_eq!(lines.header("content-type"), Some("application/jsonl"));
    let code = block["block"].as_str().unwrap();
    let name = format!("attachment; filename=\"{code}.jsonl\"");
    assert_eq!(lines.header("content-disposition"), Some(name.as_str()));
    let read: Vec<Value> = lines.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read, paged);

    let csv = station.get(&format!("{path}?format=csv")).await;
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    let mut reader = csv::Reader::from_reader(csv.body.as_slice());
    assert_eq!(reader.headers().unwrap(), vec!["n", "serial", "printed"]);
    let read: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(read.len(), paged.len());
    for (row, page) in read.iter().zip(&paged) {
        assert_eq!((&row[0], &row[1]), (page["n"].to_string().as_str(), page["serial"].as_str().unwrap()));
    }
}

#[tokio::test]
async fn a_reader_of_a_million_serials_may_leave_early() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let block = station.reserve(1_000_000).await;
    // More readers leave than there are places for streams: each must give its place back.
    for _ in 0..80 {
        let mut reader = house.bearer(station.token()).await;
        let path = format!("{}/serials?format=csv", record(&block));
        let head = format!("GET {path} HTTP/1.1\r\nhost: t\r\nauthorization: Bearer {}\r\n\r\n", station.token());
        reader.wire.send(head).await;
        let mut start = [0; 12];
        reader.wire.stream.read_exact(&mut start).await.unwrap();
        if &start != b"HTTP/1.1 200" {
            assert_eq!(&start, b"HTTP/1.1 503", "refused for the moment");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
    let small = station.reserve(3).await;
    let asking = async {
        loop {
            let answer = station.get(&format!("{}/serials?format=csv", record(&small))).await;
            if answer.status == 200 {
                return answer;
            }
            assert_eq!(answer.problem(), "overloaded");
        }
    };
    let answer = tokio::time::timeout(crate::http::PATIENCE, asking).await.expect("places are given back");
    assert_eq!(answer.text().lines().count(), 4);
}

#[tokio::test]
async fn pages_belong_to_json() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let block = station.reserve(1).await;
    let path = format!("{}/serials", record(&block));
    for (query, slug) in [
        ("format=csv&limit=5", "invalid-query"),
        ("format=jsonl&after=MQ", "invalid-query"),
        ("format=xml", "invalid-query"),
        ("limit=1001", "invalid-query"),
        ("after=x", "invalid-cursor"),
    ] {
        let answer = station.get(&format!("{path}?{query}")).await;
        assert_eq!((answer.status, answer.problem().as_str()), (400, slug), "{query}");
    }
    let beyond = station.read(&format!("{path}?after=OTk")).await;
    assert_eq!(beyond["items"].as_array().unwrap().len(), 0);
}
