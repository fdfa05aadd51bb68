//! The rows of the seven tables. Every field is of a type that checked itself, so that a row cannot be wrong by itself; how rows
//! stand to each other is checked by [`super::import`].

pub mod batch;
pub mod batch_attribute;
pub mod brand;
pub mod product;
pub mod sku;
pub mod sku_alias;
pub mod sku_revision;

use super::cells::RowCells;

/// What separates the parts of a key. No value holds it, as it is a control character, and it sorts before all that they hold.
pub(super) const KEY_SEPARATOR: &str = "\u{1F}";

/// A row of a table.
pub(super) trait Row: Sized {
    /// What makes the row the same row when it comes again: compared without regard to case.
    fn key(&self) -> String;

    /// Reads a row. `None`: faults were reported.
    fn read(cells: &mut RowCells<'_, '_>) -> Option<Self>;

    /// The cells in the order of the table's columns; empty where there is no value.
    fn write(&self) -> Vec<String>;
}

/// Joins the parts of a key.
fn key(parts: &[&str]) -> String {
    parts.join(KEY_SEPARATOR)
}

/// The key of everything that belongs to the row `owner`: what its keys start with.
pub(super) fn key_prefix(owner: &str) -> String {
    format!("{owner}{KEY_SEPARATOR}")
}

/// The text of a value that may be absent.
fn text<T: ToString>(value: Option<&T>) -> String {
    value.map_or_else(String::new, T::to_string)
}
