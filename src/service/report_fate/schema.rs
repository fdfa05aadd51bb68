//! The schema of a [`Selection`], by hand: the derived one does not say that unknown members are refused.

use super::{MAX_SELECTED, Selection};
use utoipa::openapi::schema::{AdditionalProperties, Array, Object, ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{ArrayBuilder, RefOr};
use utoipa::{PartialSchema, ToSchema};

impl ToSchema for Selection {}

impl PartialSchema for Selection {
    fn schema() -> RefOr<Schema> {
        let words = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(["all", "rest"]))
            .description(Some("all: the whole block. rest: what is still reserved of it."));
        let from = "From this serial to the end of the block, in issuing order: an unprinted tail.";
        let range = "From one serial to another, both included, in issuing order.";
        OneOfBuilder::new()
            .description(Some("Which serials, each in any spelling."))
            .item(words)
            .item(only("from", serial(), from))
            .item(only("serials", serials(), "These serials."))
            .item(only("range", first_and_last(), range))
            .into()
    }
}

/// An object with this one member.
fn only(name: &str, member: impl Into<RefOr<Schema>>, description: &str) -> Object {
    strict().property(name, member).required(name).description(Some(description)).build()
}

fn strict() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Object).additional_properties(Some(AdditionalProperties::FreeForm(false)))
}

fn serial() -> Object {
    ObjectBuilder::new().schema_type(Type::String).build()
}

fn serials() -> Array {
    ArrayBuilder::new().items(serial()).min_items(Some(1)).max_items(Some(MAX_SELECTED)).build()
}

fn first_and_last() -> Object {
    strict().property("first", serial()).property("last", serial()).required("first").required("last").build()
}
