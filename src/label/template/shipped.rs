//! The templates that come with the product.

const SHIPPED: &[(&str, &str)] = &[("unit-60x40", include_str!("../../../templates/labels/unit-60x40.toml"))];

/// Name and source of each.
pub fn shipped_templates() -> &'static [(&'static str, &'static str)] {
    SHIPPED
}

/// The source of a shipped template.
pub fn shipped_template(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(shipped, _)| *shipped == name).map(|(_, source)| *source)
}
