//! Print jobs for the shipped template, logos and fonts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use nameplate::label::{
    Assets, Compiled, Image, JobFields, LayoutError, Resolution, Template, VariableField, compile, fonts_shipped,
};

/// Crockford's alphabet, as serials use it.
pub const ALPHABET: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Serials that stress the symbols: digits only, letters only, runs of digits, look-alikes.
pub const SERIALS: [&str; 6] =
    ["7K3M4QXT92PA", "000000000000", "ABCDEFGHJKMN", "12345678901A", "A1234567890B", "8B5S0Q1V2Z6G"];

/// Name of the logo, brand, importer, GTIN and SKU of each sample brand.
pub const BRANDS: [[&str; 5]; 3] = [
    [
        "borealis",
        "Borealis Optics",
        "Imported by Borealis Optics GmbH, Lindenallee 12, 20259 Hamburg, Germany",
        "4006381333931",
        "BO-TC384-EU",
    ],
    [
        "kestrel",
        "Kestrel Thermal",
        "Imported by Kestrel Thermal Ltd, 4 Mill Lane, Leeds LS1 4DP, United Kingdom",
        "5012345678900",
        "KT-384-UK",
    ],
    [
        "sentinel",
        "Sentinel Ridge",
        "Imported by Sentinel Ridge Inc., 210 Ridge Road, Boise, ID 83702, USA",
        "0614141000036",
        "SR-384-US",
    ],
];

/// A file of the repository.
pub fn file(path: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The shipped unit label.
pub fn unit_template() -> Template {
    let path = "templates/labels/unit-60x40.toml";
    Template::parse(path, &file(path)).unwrap_or_else(|e| panic!("{e}"))
}

/// The fields that are the same on all units of a brand.
pub fn fields(brand: [&str; 5]) -> JobFields {
    let [logo, name, importer, gtin, sku] = brand;
    let pairs = [
        ("brand.logo", logo),
        ("brand.name", name),
        ("brand.importer", importer),
        ("product.name", "TC-384 Thermal Camera"),
        ("gtin", gtin),
        ("sku.code", sku),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// The shipped fonts and the logos of all brands.
pub fn assets() -> Assets {
    let logo = |[name, ..]: [&str; 5]| {
        let image = Image::from_png(&file(&format!("templates/catalogue/logos/{name}.png"))).unwrap();
        (name.to_owned(), Arc::new(image))
    };
    Assets { fonts: fonts_shipped(), images: BTreeMap::from(BRANDS.map(logo)) }
}

/// A serial of twelve symbols.
pub fn serial_field() -> VariableField {
    VariableField { name: "serial".into(), alphabet: ALPHABET.into(), longest: 12 }
}

/// A template with the data of a brand.
pub fn compile_with(template: &Template, fields: &JobFields, resolution: Resolution) -> Result<Compiled, LayoutError> {
    compile(template, fields, &assets(), resolution, &[serial_field()])
}

/// The unit label of a brand.
pub fn unit_label(brand: [&str; 5], resolution: Resolution) -> Compiled {
    compile_with(&unit_template(), &fields(brand), resolution).unwrap_or_else(|e| panic!("{resolution:?}: {e}"))
}
