//! The sample catalogue that comes with the product.

use super::import::SourceFile;

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        [$((
            $name,
            include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/catalogue/", $name)).as_slice(),
        )),*]
    };
}

/// The files of `templates/catalogue`: an invented maker of thermal imaging devices, Northlight Thermal, with two products and
/// three private labels. Ready for [`super::import`].
pub fn shipped_catalogue() -> Vec<SourceFile> {
    shipped![
        "brands.csv",
        "products.csv",
        "skus.csv",
        "sku_aliases.csv",
        "sku_revisions.csv",
        "batches.csv",
        "batch_attributes.csv",
        "logos/borealis.png",
        "logos/kestrel.png",
        "logos/sentinel.png",
    ]
    .into_iter()
    .map(|(name, bytes)| SourceFile { name: name.to_owned(), bytes: bytes.to_vec() })
    .collect()
}
