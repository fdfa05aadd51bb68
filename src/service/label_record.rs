//! Use case: what a label was made of, so that its digest can be computed again years later.

use super::caller::Caller;
use super::labels::LabelRequest;
use super::labels::unit::SERIAL;
use super::resolve::Resolved;
use super::{Nameplate, ServiceError};
use crate::label::LAYOUT_VERSION;
use data_encoding::HEXLOWER;
use serde::Serialize;
use std::collections::BTreeMap;

/// Everything that a label's digest covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LabelRecord {
    /// SHA-256 of the label, in hexadecimal.
    pub digest: String,
    /// The unit.
    pub serial: String,
    /// The block that it was reserved in.
    pub block: String,
    /// The template's name.
    pub template: String,
    /// SHA-256 of the template's file.
    pub template_digest: String,
    /// Dots an inch of the printer.
    pub dpi: u32,
    /// Version of layout and renderers.
    pub layout_version: u32,
    /// The fields that the template uses, with their values.
    pub fields: BTreeMap<String, String>,
    /// SHA-256 of each face in use, by its name.
    pub fonts: BTreeMap<String, String>,
    /// SHA-256 of each picture in use.
    pub pictures: Vec<String>,
    /// Where the label goes on the product.
    pub zone: String,
    /// Label stock and ribbon.
    pub durability: String,
}

impl Nameplate {
    /// What the label of a unit is made of, from the records as they are now.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for a serial that was not issued, or that the caller may not see; else as for
    /// [`Nameplate::artwork`].
    pub async fn label_record(
        &self,
        caller: &Caller,
        serial: &str,
        request: &LabelRequest,
    ) -> Result<LabelRecord, ServiceError> {
        let Resolved::Serial(unit) = self.resolve(caller, serial).await? else {
            return Err(ServiceError::NotFound { kind: "serial", name: serial.chars().take(80).collect() });
        };
        let mut conn = self.read().await?;
        let block = self.block_row(&mut conn, caller, &unit.block).await?;
        let artwork = self.block_artwork(&mut conn, &block, request, None).await?;
        let compiled = &artwork.compiled;
        let value = |field: &String| if field == SERIAL { unit.serial.as_str() } else { unit.printed.as_str() };
        let row: Vec<&str> = compiled.variable_names().iter().map(value).collect();
        let mut fields = compiled.fields().clone();
        fields.extend(compiled.variable_names().iter().cloned().zip(row.iter().map(|value| (*value).to_owned())));
        let pictures = compiled.images().iter().map(|image| image.digest());
        let pictures = pictures.chain(compiled.arts().iter().map(|art| art.digest()));
        Ok(LabelRecord {
            digest: HEXLOWER.encode(&compiled.label_digest(&row)),
            serial: unit.serial.clone(),
            block: unit.block.clone(),
            template: artwork.template.clone(),
            template_digest: artwork.template_digest.clone(),
            dpi: request.resolution.dpi(),
            layout_version: LAYOUT_VERSION,
            fields,
            fonts: compiled.faces().map(|face| (face.name().to_owned(), HEXLOWER.encode(face.digest()))).collect(),
            pictures: pictures.map(|digest| HEXLOWER.encode(digest)).collect(),
            zone: compiled.placement().zone.clone(),
            durability: compiled.placement().durability.clone(),
        })
    }
}
