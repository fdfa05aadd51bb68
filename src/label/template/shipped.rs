//! The templates that come with the product.

const SHIPPED: &[(&str, &str)] = &[
    ("unit-60x40", include_str!("../../../templates/labels/unit-60x40.toml")),
    ("unit-60x40-link", include_str!("../../../templates/labels/unit-60x40-link.toml")),
    ("unit-40x20", include_str!("../../../templates/labels/unit-40x20.toml")),
    ("unit-25x10", include_str!("../../../templates/labels/unit-25x10.toml")),
    ("rating-plate-70x40", include_str!("../../../templates/labels/rating-plate-70x40.toml")),
    ("gift-box-100x60", include_str!("../../../templates/labels/gift-box-100x60.toml")),
    ("carton-100x150", include_str!("../../../templates/labels/carton-100x150.toml")),
    ("pallet-a5", include_str!("../../../templates/labels/pallet-a5.toml")),
    ("accessory-bag-50x30", include_str!("../../../templates/labels/accessory-bag-50x30.toml")),
    ("return-rma-100x60", include_str!("../../../templates/labels/return-rma-100x60.toml")),
    ("shelf-location-80x30", include_str!("../../../templates/labels/shelf-location-80x30.toml")),
    ("approved-sample-90x50", include_str!("../../../templates/labels/approved-sample-90x50.toml")),
    ("unit-63.5x38.1", include_str!("../../../templates/labels/unit-63.5x38.1.toml")),
    ("unit-66.7x25.4", include_str!("../../../templates/labels/unit-66.7x25.4.toml")),
];

/// Name and source of each.
pub fn shipped_templates() -> &'static [(&'static str, &'static str)] {
    SHIPPED
}

/// The source of a shipped template.
pub fn shipped_template(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(shipped, _)| *shipped == name).map(|(_, source)| *source)
}
