//! Specimens of a block's labels over HTTP: files that are the same again and show no live serial, and problems that say what
//! to do.

use serde_json::json;

use super::house::House;

#[tokio::test]
async fn labels_come_in_every_format_and_are_the_same_again() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let block = station.reserve(3).await["block"].as_str().unwrap().to_owned();
    for (path, kind, start) in [
        ("labels.pdf", "application/pdf", &b"%PDF"[..]),
        ("labels.pdf?dpi=600&template=unit-60x40", "application/pdf", b"%PDF"),
        ("labels.zpl", "application/zpl", b"~SD"),
        ("labels.zpl?mode=graphic&dpi=300", "application/zpl", b"~SD"),
        ("labels.png.zip?dpi=203", "application/zip", b"PK"),
    ] {
        let path = format!("/api/v1/blocks/{block}/{path}");
        let answer = station.get(&path).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)), "{path}");
        assert!(answer.body.starts_with(start), "{path}");
        assert!(station.get(&path).await.body == answer.body, "{path}: other bytes");
        if path.contains("zpl") {
            assert_eq!(String::from_utf8_lossy(&answer.body).matches("^PQ1^XZ").count(), 3, "{path}");
        }
    }
}

/// SER14: live serials are printed where printing is recorded, and nowhere else.
#[tokio::test]
async fn ser14_labels_of_a_block_show_specimens_only() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let block = station.reserve(3).await["block"].as_str().unwrap().to_owned();
    let serials = station.get(&format!("/api/v1/blocks/{block}/serials?format=csv")).await;
    let serials = String::from_utf8(serials.body.to_vec()).unwrap();
    let live: Vec<&str> = serials.lines().skip(1).flat_map(|line| line.split(',').skip(1)).collect();
    assert_eq!(live.len(), 6, "three serials, each also as it is printed: {serials}");
    let mut texts = String::new();
    for path in ["labels.zpl", "labels.png.zip"] {
        let answer = station.get(&format!("/api/v1/blocks/{block}/{path}")).await;
        let file = answer.header("content-disposition").unwrap_or_default();
        assert!(file.contains("-specimens."), "{path}: {file}");
        texts += &String::from_utf8_lossy(&answer.body);
    }
    assert!(live.iter().all(|serial| !texts.contains(serial)), "a live serial in {texts}");
    let specimens: Vec<&str> = texts.split("^FD").filter(|field| field.starts_with("TEST-")).collect();
    assert_eq!(specimens.len(), 3, "{texts}");
    assert!(texts.contains("000001-TESTZZZZZZ") && texts.contains("000003-TESTZZZZZX"), "names of the pictures");
    for specimen in specimens {
        let text = specimen.split('^').next().unwrap();
        let resolved = station.get(&format!("/api/v1/resolve?q={text}")).await;
        assert_ne!(resolved.json()["kind"], json!("serial"), "{text} resolves");
    }
}

#[tokio::test]
async fn what_cannot_be_drawn_is_a_problem_of_its_own() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let block = station.reserve(1).await["block"].as_str().unwrap().to_owned();
    for (path, status, kind, words) in [
        (format!("{block}/labels.pdf?dpi=72"), 400, "invalid-query", "203, 300 and 600"),
        (format!("{block}/labels.zpl?mode=fast"), 400, "invalid-query", "mode"),
        (format!("{block}/labels.pdf?template=nope"), 404, "unknown-template", "nope"),
        (format!("{block}/labels.pdf?template=..%2F..%2Fetc"), 404, "unknown-template", ""),
        (format!("{block}/labels.pdf?colour=red"), 400, "invalid-query", "colour"),
        ("BLK-0000000000000000/labels.pdf".to_owned(), 404, "unknown-block", ""),
    ] {
        let answer = station.get(&format!("/api/v1/blocks/{path}")).await;
        let problem = answer.json();
        assert_eq!(answer.status, status, "{path}: {problem}");
        assert!(problem["type"].as_str().is_some_and(|name| name.ends_with(kind)), "{path}: {problem}");
        assert!(problem["detail"].as_str().unwrap_or_default().contains(words), "{path}: {problem}");
        assert_eq!(problem["status"], json!(status));
    }
}
