//! The approved look of the shipped unit label, dot by dot. `NAMEPLATE_BLESS=1` accepts a new look.

use std::path::Path;

use nameplate::label::Resolution;
use nameplate::render::png;

use super::job::{BRANDS, file, unit_label};
use super::read_back::decode_png;

#[test]
fn the_unit_label_looks_as_it_was_approved() {
    for (brand, resolution) in BRANDS.into_iter().zip(Resolution::ALL) {
        let bytes = png::encode(&unit_label(brand, resolution), &["7K3M4QXT92PA"]).unwrap();
        let path = format!("tests/golden/unit-60x40-{}-{}.png", brand[0], resolution.dpi());
        if std::env::var_os("NAMEPLATE_BLESS").is_some() {
            std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path), &bytes).unwrap();
        }
        // Dots are compared, not bytes: another version of the compressor may pack them otherwise.
        let (now, approved) = (decode_png(&bytes, resolution), decode_png(&file(&path), resolution));
        assert!(now.grey == approved.grey, "{path} differs; look at both, then run with NAMEPLATE_BLESS=1");
    }
}
