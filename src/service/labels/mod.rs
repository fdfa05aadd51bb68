//! Use case: labels are drawn.
//!
//! [`artwork`] is what is the same on every label of a SKU: laid out once, kept by whoever draws many. [`unit`] is what
//! differs: a serial, as codes carry it and as people read it. [`specimens`] draws specimens of a block's labels; live serials
//! are drawn where printing is recorded, and nowhere else.

pub mod artwork;
pub mod specimens;
pub mod unit;
pub mod write;

pub use artwork::{Artwork, TemplateRef, lay_out};
pub use specimens::{LabelRequest, Specimens};
pub use unit::{Row, UnitValues};
pub use write::{LabelFormat, UnitSink};
