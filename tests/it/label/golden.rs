//! The approved look of the shipped unit label, dot by dot. `NAMEPLATE_BLESS=1` accepts a new look.

use std::path::Path;

use nameplate::label::preflight::worst_case::cases;
use nameplate::label::{Resolution, shipped_template};

use super::job::{BRANDS, fields, file, label, template};
use super::outputs::{decode_png, png};

#[test]
fn the_unit_label_looks_as_it_was_approved() {
    let template = template(shipped_template("unit-60x40").unwrap());
    for (brand, resolution) in BRANDS.into_iter().zip(Resolution::ALL) {
        let fields = cases(&template.content, &fields(brand)).remove(0).fields;
        let bytes = png(&label(&template, &fields, resolution), &["7K3M4QXT92PA"]);
        let path = format!("tests/golden/unit-60x40-{}-{}.png", brand[0], resolution.dpi());
        if std::env::var_os("NAMEPLATE_BLESS").is_some() {
            std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path), &bytes).unwrap();
        }
        // Dots are compared, not bytes: another version of the compressor may pack them otherwise.
        let (now, approved) = (decode_png(&bytes, resolution), decode_png(&file(&path), resolution));
        assert!(now.grey == approved.grey, "{path} differs; look at both, then run with NAMEPLATE_BLESS=1");
    }
}
