//! Templates, data and labels that the tests share.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use nameplate::label::preflight::{Finding, Rule};
use nameplate::label::{
    Assets, Compiled, JobFields, Picture, Refusal, Resolution, Template, VariableField, compile, fonts_shipped,
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

/// The source of a unit label of 60 x 40 mm with serial, logo and EAN.
pub fn unit_source() -> String {
    String::from_utf8(file("tests/fixtures/labels/unit.toml")).unwrap()
}

/// The unit label.
pub fn unit_template() -> Template {
    template(&unit_source())
}

/// The unit label with one change.
pub fn unit_template_with(from: &str, to: &str) -> Template {
    let source = unit_source();
    assert!(source.contains(from), "{from}");
    template(&source.replacen(from, to, 1))
}

/// A template that must be without fault.
#[track_caller]
pub fn template(source: &str) -> Template {
    Template::parse("test.toml", source.as_bytes()).unwrap_or_else(|e| panic!("{e}\n{source}"))
}

/// The source of a template of this size with these elements.
pub fn source(width_mm: f64, height_mm: f64, elements: &str) -> String {
    format!(
        "nameplate = 1\nname = 'test'\ntitle = 'Test'\nwidth_mm = {width_mm}\nheight_mm = {height_mm}\n\
         placement = {{ zone = 'rear', durability = 'PET' }}\n{elements}"
    )
}

/// A template of this size with these elements.
#[track_caller]
pub fn small(width_mm: f64, height_mm: f64, elements: &str) -> Template {
    template(&source(width_mm, height_mm, elements))
}

/// The line on which an element of this id starts.
pub fn line_of(source: &str, id: &str) -> usize {
    let before = source.split(&format!("id = '{id}'")).next().unwrap();
    assert!(before.len() < source.len(), "no element {id}");
    before[..before.rfind("[[").unwrap()].lines().count() + 1
}

/// Fields by name.
pub fn fields_of(pairs: &[(&str, &str)]) -> JobFields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The fields that are the same on all units of a brand.
pub fn fields(brand: [&str; 5]) -> JobFields {
    let [logo, name, importer, gtin, sku] = brand;
    fields_of(&[
        ("brand.logo", logo),
        ("brand.name", name),
        ("brand.importer", importer),
        ("product.name", "TC-384 Thermal Camera"),
        ("gtin", gtin),
        ("sku.code", sku),
    ])
}

/// The fields of a brand with one changed.
pub fn fields_with(name: &str, value: &str) -> JobFields {
    let mut fields = fields(BRANDS[0]);
    fields.insert(name.to_owned(), value.to_owned());
    fields
}

/// The shipped fonts, the logos of all brands, and drawings named `arrow` and `square`.
pub fn assets() -> Assets {
    static PICTURES: LazyLock<BTreeMap<String, Picture>> = LazyLock::new(|| {
        let logo = |name: &str| Picture::read(&file(&format!("templates/catalogue/logos/{name}.png"))).unwrap();
        let mut pictures = BTreeMap::from(BRANDS.map(|[name, ..]| (name.to_owned(), logo(name))));
        pictures.insert("sample-logo".to_owned(), logo("borealis"));
        for (name, path) in [("arrow", "M0 0H30V4H4V20H0z"), ("square", "M0 0H20V20H0z")] {
            let svg = format!("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 30 20'><path d='{path}'/></svg>");
            pictures.insert(name.to_owned(), Picture::read(svg.as_bytes()).unwrap());
        }
        pictures
    });
    Assets { fonts: fonts_shipped(), pictures: PICTURES.clone() }
}

/// A serial of twelve symbols.
pub fn serial_field() -> VariableField {
    variable("serial", ALPHABET, 12)
}

/// A field that differs from unit to unit.
pub fn variable(name: &str, alphabet: &str, longest: usize) -> VariableField {
    VariableField { name: name.into(), alphabet: alphabet.into(), longest, samples: Vec::new(), extremes: Vec::new() }
}

/// A template with data, for units with a serial if it shows one.
pub fn compile_with(template: &Template, fields: &JobFields, resolution: Resolution) -> Result<Arc<Compiled>, Refusal> {
    let units = if template.content.fields_used().contains(&"serial") { vec![serial_field()] } else { Vec::new() };
    compile(template, fields, &assets(), resolution, &units).map(Arc::new)
}

/// A label that must be without fault.
#[track_caller]
pub fn label(template: &Template, fields: &JobFields, resolution: Resolution) -> Arc<Compiled> {
    compile_with(template, fields, resolution).unwrap_or_else(|e| panic!("{resolution:?}: {e}"))
}

/// The unit label of a brand.
pub fn unit_label(brand: [&str; 5], resolution: Resolution) -> Arc<Compiled> {
    label(&unit_template(), &fields(brand), resolution)
}

/// What the preflight finds, errors or not.
pub fn findings(template: &Template, fields: &JobFields, resolution: Resolution) -> Vec<Finding> {
    match compile_with(template, fields, resolution) {
        Ok(compiled) => compiled.findings().to_vec(),
        Err(refusal) => refusal.findings,
    }
}

/// The findings of one rule.
pub fn of_rule(findings: &[Finding], rule: Rule) -> Vec<&Finding> {
    findings.iter().filter(|finding| finding.rule == rule).collect()
}
