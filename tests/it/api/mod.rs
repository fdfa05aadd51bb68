//! The JSON API over real sockets, on an installation with SQLite and the shipped catalogue. The clock stands still.

mod access;
mod bad_input;
mod batches;
mod blocks;
mod brands;
mod cloudprnt;
mod docs;
pub(crate) mod house;
mod installation;
mod labels;
mod printing;
mod proofs;
mod receipts;
mod replay;
mod reports;
mod resolve;
mod rules;
mod serials;
mod skus;
mod stations;
mod tokens;

use serde_json::{Value, json};

/// A SKU of Borealis Optics, a batch that holds it, and a batch that does not.
const SKU: &str = "NT-M2-BOR";
const BATCH: &str = "2025-W27-M2";
const OTHER_BATCH: &str = "HH/0007";
/// The same product for another brand.
const KESTREL_SKU: &str = "NT-M2-KES";

/// A good request for a block.
fn request(count: u64) -> Value {
    json!({"sku": SKU, "batch": BATCH, "count": count, "station": "fi-1"})
}

/// A request for a block with one field changed; null removes it.
fn changed(field: &str, value: Value) -> Value {
    let mut request = request(5);
    match value {
        Value::Null => {
            request.as_object_mut().unwrap().remove(field);
        }
        value => request[field] = value,
    }
    request
}
