//! Documents in a folder.

use super::{Floor, once};
use nameplate::agent::config::Config;

fn drop_folder(floor: &Floor) -> Config {
    Config::read(&floor.write("driver = \"folder\"\nfolder = \"out\"")).unwrap()
}

#[test]
fn each_document_is_a_file_and_unconfirmed() {
    let floor = Floor::with_labels(3);
    let out = floor.folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    assert_eq!(once(&drop_folder(&floor)).tally.unknown, 3);
    assert_eq!(floor.desk.counts(), (0, 3, 0));
    assert_eq!(floor.desk.desk().notes[0], "a folder cannot confirm");
    let mut names: Vec<String> =
        std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["JOB-1-LSE-1-1-1.zpl", "JOB-1-LSE-1-2-2.zpl", "JOB-1-LSE-1-3-3.zpl"]);
    assert!(std::fs::read_to_string(out.join(&names[2])).unwrap().contains("SER-000002"));
}

#[test]
fn png_comes_a_label_at_a_time() {
    let floor = Floor::with_labels(2);
    floor.desk.desk().format = "png";
    std::fs::create_dir(floor.folder.path().join("out")).unwrap();
    assert_eq!(once(&drop_folder(&floor)).tally.unknown, 2);
    assert!(floor.folder.path().join("out/JOB-1-LSE-1-2-2.png").exists());
}

#[test]
fn a_folder_that_is_not_there_is_not_made() {
    let floor = Floor::with_labels(1);
    let problem = once(&drop_folder(&floor)).problem.unwrap();
    assert!(problem.contains("cannot be used"), "{problem}");
    assert!(!floor.folder.path().join("out").exists());
    assert_eq!(floor.desk.counts(), (0, 0, 1));
}
