//! Use case: what is different from the label that was approved before.

use super::super::print::Inputs;
use super::super::{Caller, Nameplate, ServiceError};
use super::report::PlaceOnLabel;
use crate::label::{Resolution, line_changes};
use crate::render::png::dots_of;
use crate::service::labels::TemplateRef;
use crate::store::proof::ProofRow;
use crate::store::{self, Connection, StoreError};
use serde::Serialize;
use std::collections::BTreeSet;

/// What is different from the last approved proof of the SKU.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "proof": "PRF-7K3M9XQ2", "previous": "PRF-0A1B2C3D", "previous_revision": "A", "previous_dpi": 203,
    "fields": [{"field": "brand.importer", "before": "Hafenstr. 1", "now": "Köhlerkai 14"}],
    "template_changed": true, "template": [{"line": 12, "added": true, "text": "size_pt = 7"}], "template_before": null,
    "fonts": [], "layout_version_changed": false, "rule_changed": false, "stock_before": null,
    "samples": [{"sample": 1, "name": "typical", "before": 1, "same": false, "dots": 1204,
        "area": {"x_um": 45500, "y_um": 25600, "width_um": 11500, "height_um": 9000}}]
}))]
pub struct ProofDifference {
    /// The proof.
    pub proof: String,
    /// The one that was approved before; none if this is the first. Nothing else is told then.
    pub previous: Option<String>,
    /// Of which revision of the SKU that was.
    pub previous_revision: Option<String>,
    /// For which resolution that was.
    pub previous_dpi: Option<i64>,
    /// Fields that labels show with other values, with fields that came or went.
    pub fields: Vec<FieldDifference>,
    /// Whether the template is another one or another revision.
    pub template_changed: bool,
    /// Lines of the template's file that came or went, at most 200.
    pub template: Vec<LineDifference>,
    /// The other template, if it was another one.
    pub template_before: Option<String>,
    /// Names of faces that are others, came or went.
    pub fonts: Vec<String>,
    /// Whether labels are laid out by another version of the program.
    pub layout_version_changed: bool,
    /// Whether serials follow another rule version.
    pub rule_changed: bool,
    /// The other label stock.
    pub stock_before: Option<String>,
    /// How the samples differ.
    pub samples: Vec<SampleDifference>,
}

/// A field with another value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldDifference {
    /// Its name.
    pub field: String,
    /// Its value before; none if it was not shown.
    pub before: Option<String>,
    /// Its value now; none if it is not shown any more.
    pub now: Option<String>,
}

/// A line of a template that came or went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LineDifference {
    /// Its number, from 1: in the newer file, or in the older one if it went.
    pub line: usize,
    /// Whether it came.
    pub added: bool,
    /// What it says.
    pub text: String,
}

/// How a sample differs from the one of the same name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SampleDifference {
    /// The sample's number.
    pub sample: i64,
    /// What is special about it.
    pub name: String,
    /// The number of the sample of this name in the proof before; none if that had none.
    pub before: Option<i64>,
    /// Whether it is the very same dots.
    pub same: bool,
    /// How many dots differ; none for labels of another size or resolution.
    pub dots: Option<u64>,
    /// The smallest rectangle that holds them.
    pub area: Option<PlaceOnLabel>,
}

impl Nameplate {
    /// What is different from the last approved proof of the same SKU: of the same template and resolution if there is one.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`].
    pub async fn proof_difference(&self, caller: &Caller, code: &str) -> Result<ProofDifference, ServiceError> {
        let mut conn = self.read().await?;
        let now = self.proof_row(&mut conn, caller, code).await?;
        let mut difference = ProofDifference { proof: now.code.clone(), ..ProofDifference::default() };
        let Some(before) = (match now.previous_id {
            Some(id) => store::proof::by_id(&mut conn, id).await?,
            None => None,
        }) else {
            return Ok(difference);
        };
        let (old, new) = (Inputs::from_json(&before.inputs, &before.code)?, Inputs::from_json(&now.inputs, &now.code)?);
        let names: BTreeSet<&String> = old.fields.keys().chain(new.fields.keys()).collect();
        let differ = names.into_iter().filter(|name| old.fields.get(*name) != new.fields.get(*name));
        difference.fields = differ
            .map(|name| FieldDifference {
                field: name.clone(),
                before: old.fields.get(name).cloned(),
                now: new.fields.get(name).cloned(),
            })
            .collect();
        let faces: BTreeSet<&String> = old.fonts.keys().chain(new.fonts.keys()).collect();
        let other_face = |name: &&String| old.fonts.get(*name) != new.fonts.get(*name);
        difference.fonts = faces.into_iter().filter(other_face).cloned().collect();
        difference.template_changed = old.template_digest != new.template_digest;
        difference.template_before = (old.template != new.template).then(|| old.template.clone());
        if difference.template_changed {
            difference.template = self.template_difference(&mut conn, &old, &new).await?;
        }
        difference.layout_version_changed = old.layout_version != new.layout_version;
        difference.rule_changed = old.rule_version != new.rule_version;
        difference.stock_before = (before.stock != now.stock).then(|| before.stock.clone());
        difference.samples = self.sample_differences(&mut conn, &before, &now).await?;
        difference.previous_revision = before.revision;
        difference.previous_dpi = Some(before.dpi);
        difference.previous = Some(before.code);
        Ok(difference)
    }

    async fn template_difference(
        &self,
        conn: &mut Connection,
        old: &Inputs,
        new: &Inputs,
    ) -> Result<Vec<LineDifference>, ServiceError> {
        let older = self.template_source(conn, &TemplateRef::revision(&old.template, &old.template_digest)).await?;
        let newer = self.template_source(conn, &TemplateRef::revision(&new.template, &new.template_digest)).await?;
        let changes = line_changes(&older, &newer).into_iter();
        Ok(changes.map(|c| LineDifference { line: c.line, added: c.added, text: c.text }).collect())
    }

    async fn sample_differences(
        &self,
        conn: &mut Connection,
        before: &ProofRow,
        now: &ProofRow,
    ) -> Result<Vec<SampleDifference>, ServiceError> {
        let olds = store::proof_sample::of_proof(conn, before.id).await?;
        let resolution = u32::try_from(now.dpi).ok().and_then(Resolution::from_dpi);
        let mut differences = Vec::new();
        for new in store::proof_sample::of_proof(conn, now.id).await? {
            let old = olds.iter().find(|old| old.name == new.name);
            let mut difference = SampleDifference {
                sample: new.n,
                name: new.name.clone(),
                before: old.map(|old| old.n),
                same: old.is_some_and(|old| old.dots == new.dots),
                dots: None,
                area: None,
            };
            if let Some(old) = old.filter(|old| !difference.same && before.dpi == now.dpi && old.width == new.width) {
                let corrupt = || StoreError::Corrupt { table: "proof_sample", column: "png", row: new.name.clone() };
                let picture = |png: Option<Vec<u8>>| png.and_then(|png| dots_of(&png)).ok_or_else(corrupt);
                let older = picture(store::proof_sample::png(conn, before.id, old.n).await?)?;
                let newer = picture(store::proof_sample::png(conn, now.id, new.n).await?)?;
                if let (Some((dots, area)), Some(resolution)) = (older.difference(&newer), resolution) {
                    let um = |dots: i32| resolution.length(dots).0;
                    difference.dots = Some(dots);
                    difference.area = Some(PlaceOnLabel {
                        x_um: um(area.x),
                        y_um: um(area.y),
                        width_um: um(area.width),
                        height_um: um(area.height),
                    });
                }
            }
            differences.push(difference);
        }
        Ok(differences)
    }
}
