//! Importing files through the page.

use super::House;
use nameplate::catalogue::LOGO_MAX_BYTES;

const SKU: &[u8] = b"code,product,brand,name,gtin,rule,template\nNT-M2-BO2,NT-M2,BOR,Second name,,s12,unit-60x40\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_looked_at_first_and_taken_on_a_second_word() {
    let house = House::new().await;
    let planner = house.person("planner").await;
    let tried = planner.upload("/catalogue/import", &[], &[("files", "skus.csv", SKU)]).await.is(200);
    tried.says("No faults. 1 change would be made").says("NT-M2-BO2").says("new");
    planner.get("/catalogue/NT-M2-BO2").await.is(404);
    let token = tried.field("token");
    let other = house.person("planner").await;
    other.post("/catalogue/import/take", &[("token", &token)]).await.is(422).says("Choose them again");
    let taken = planner.post("/catalogue/import/take", &[("token", &token)]).await;
    assert_eq!(taken.leads_to(), "/catalogue?done=imported");
    planner.get("/catalogue/NT-M2-BO2").await.is(200).says("Second name");
    planner.post("/catalogue/import/take", &[("token", &token)]).await.is(422);
    let again = planner.upload("/catalogue/import", &[], &[("files", "skus.csv", SKU)]).await.is(200);
    again.says("Nothing to change");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_exported_changes_nothing() {
    let house = House::new().await;
    let planner = house.person("planner").await;
    let workbook = planner.get("/catalogue/export.xlsx").await;
    assert_eq!(workbook.status, 200);
    assert!(workbook.header("content-disposition").unwrap().contains("catalogue.xlsx"));
    let back = planner.upload("/catalogue/import", &[], &[("files", "catalogue.xlsx", &workbook.body)]).await.is(200);
    back.says("Nothing to change");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_named_with_its_place() {
    let house = House::new().await;
    let planner = house.person("planner").await;
    let bad =
        b"code,product,brand,name,gtin,rule,template\nX1,NOPE,BOR,a,,s12,unit-60x40\nX2,NT-M2,BOR,b,123,s12,<i>\n";
    let refused = planner.upload("/catalogue/import", &[], &[("files", "skus.csv", bad)]).await.is(422);
    refused.says("faults. Nothing was imported").says("skus.csv, row 2").says("skus.csv, row 3").says("column gtin");
    assert!(!refused.html().contains("<i>"));
    planner.upload("/catalogue/import", &[], &[]).await.is(422).says("Choose at least one file");
}

/// A PNG whose head says that it is enormous.
fn png_bomb() -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut head = b"IHDR".to_vec();
    head.extend(60_000_u32.to_be_bytes());
    head.extend(60_000_u32.to_be_bytes());
    head.extend([8, 6, 0, 0, 0]);
    png.extend(13_u32.to_be_bytes());
    png.extend(&head);
    png.extend(crc32fast::hash(&head).to_be_bytes());
    png
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_are_not_what_they_say_are_refused_in_words() {
    let house = House::new().await;
    let planner = house.person("planner").await;
    let (bomb, large) = (png_bomb(), vec![0_u8; LOGO_MAX_BYTES + 1]);
    let files: [(&str, &[u8]); 9] = [
        ("evil.exe", b"MZ"),
        ("skus.csv", b"\xff\xfe\x00\x00"),
        ("skus.csv", b"\x00\x01\x02"),
        ("catalogue.xlsx", b"this is no workbook"),
        ("catalogue.xlsx", b"PK\x03\x04 broken"),
        ("borealis.png", b"GIF89a"),
        ("borealis.png", &bomb),
        ("borealis.png", &large),
        ("../../etc/passwd", b"root"),
    ];
    for (name, bytes) in files {
        let refused = planner.upload("/catalogue/import", &[], &[("files", name, bytes)]).await.is(422);
        refused.says("Nothing was imported");
        assert!(!refused.words().contains(".."), "never a path: {}", refused.words());
    }
    let huge = vec![b'x'; 17 * 1024 * 1024];
    let refused = planner.upload("/catalogue/import", &[], &[("files", "skus.csv", &huge)]).await;
    assert!((400..500).contains(&refused.status), "{}", refused.status);
    assert_eq!(planner.get("/catalogue").await.status, 200, "the server goes on");
}
