//! The pages about the template language say what the program does.

use nameplate::label::Template;
use nameplate::label::art::mark;
use nameplate::label::preflight::Rule;
use nameplate::label::reference::{json_schema, markdown};

use super::job::file;

fn page() -> String {
    String::from_utf8(file("docs/templates.md")).unwrap()
}

#[test]
fn the_reference_is_that_of_the_program() {
    let page = page();
    let (_, after) = page.split_once("<!-- reference -->\n").unwrap();
    let (reference, _) = after.split_once("<!-- /reference -->").unwrap();
    assert!(
        reference == markdown(),
        "docs/templates.md is out of date: put what `cargo run -- template reference` prints between its markers"
    );
}

#[test]
fn the_schema_is_that_of_the_program() {
    let schema = String::from_utf8(file("docs/template.schema.json")).unwrap();
    assert!(
        schema == format!("{}\n", serde_json::to_string_pretty(&json_schema()).unwrap()),
        "docs/template.schema.json is out of date: `cargo run -- template schema > docs/template.schema.json`"
    );
}

#[test]
fn every_rule_of_the_preflight_is_explained() {
    // LAB3
    let page = page();
    for rule in Rule::ALL {
        let row = page.lines().find(|line| line.starts_with(&format!("| `{}` |", rule.id())));
        assert!(row.is_some_and(|row| row.ends_with(&format!("| {} |", rule.source()))), "{}: {row:?}", rule.id());
    }
}

#[test]
fn every_example_is_read() {
    let page = page();
    let head = "nameplate = 1\nname = 'a'\ntitle = 'A'\nwidth_mm = 60\nheight_mm = 40\n\
                placement = { zone = 'rear', durability = 'PET' }\n";
    let blocks = page.split("```toml\n").skip(1).map(|block| block.split("```").next().unwrap());
    let mut count = 0;
    for block in blocks.filter(|block| !block.contains("paper_width_mm")) {
        let whole = if block.starts_with("nameplate = 1") { block.to_owned() } else { format!("{head}{block}") };
        let read = Template::parse("example", whole.as_bytes());
        assert!(read.is_ok(), "{}\n{block}", read.unwrap_err());
        count += 1;
    }
    assert!(count >= 8, "{count} examples");
    assert!(mark("ce").is_some() && page.contains("| `ce` | CE marking | 5 mm |"));
}
