//! Extractors: strict readers of what a request carries. Each fault is a [`Problem`](crate::http::problem::Problem)
//! that says where it is.

mod etag;
mod json;
mod json_scan;
mod key;
mod page;
mod params;

pub use etag::{ETag, IfMatch};
pub use json::Json;
pub(in crate::http) use json::read_body;
pub use key::IdempotencyKey;
pub use page::{Cursor, NotACursor, Page, PageParams, PageQuery};
pub use params::{Path, Query};

use serde_path_to_error::{Path as FieldPath, Segment};

/// Writes a field's place the way people write it: `lines[2].sku`; empty at the top.
fn field_name(path: &FieldPath) -> String {
    let mut name = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => name.push_str(&format!("[{index}]")),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                if !name.is_empty() {
                    name.push('.');
                }
                name.push_str(key);
            }
            Segment::Unknown => {}
        }
    }
    name
}
