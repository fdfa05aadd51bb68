//! What lists have in common: pages that start after a key, and the ways between them.

use super::in_address;

/// Rows of a page.
pub const ROWS: u32 = 50;

/// The ways from a page of a list: back to the first, on to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pager {
    /// Address of the first page, unless this is it.
    pub first: Option<String>,
    /// Address of the next page, if there is one.
    pub next: Option<String>,
}

impl Pager {
    /// The ways of a list at `path` with these filters. `after` is where this page starts, `next` where the next one does.
    #[must_use]
    pub fn new(path: &str, filters: &[(&str, &str)], after: &str, next: Option<String>) -> Self {
        let first = (!after.is_empty()).then(|| address(path, filters));
        let next = next.map(|next| {
            let mut all = filters.to_vec();
            all.push(("after", &next));
            address(path, &all)
        });
        Self { first, next }
    }
}

/// An address with a query, without what is empty.
#[must_use]
pub fn address(path: &str, query: &[(&str, &str)]) -> String {
    let mut address = path.to_owned();
    for (n, (name, value)) in query.iter().filter(|(_, value)| !value.is_empty()).enumerate() {
        address.push(if n == 0 { '?' } else { '&' });
        address.push_str(name);
        address.push('=');
        address.push_str(&in_address(value));
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_go_along_and_stay_what_they_are() {
        let filters = [("batch", "HH/0007"), ("sku", ""), ("q", "a&b=c")];
        let pager = Pager::new("/blocks", &filters, "12", Some("7".into()));
        assert_eq!(pager.first.unwrap(), "/blocks?batch=HH%2F0007&q=a%26b%3Dc");
        assert_eq!(pager.next.unwrap(), "/blocks?batch=HH%2F0007&q=a%26b%3Dc&after=7");
        assert_eq!(Pager::new("/blocks", &[], "", None), Pager::default());
    }
}
