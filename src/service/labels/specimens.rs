//! Specimens of a block's labels: what they will look like, without a single live serial.
//!
//! Whoever may see a block may draw these as often as they like: each label carries the overprint of a test and a text that
//! no rule reads as a serial. Labels with live serials come from print jobs only, where each is recorded.

use super::artwork::{Artwork, TemplateRef};
use super::unit::UnitValues;
use super::write::{LabelFormat, UnitSink};
use crate::label::{Overprint, Resolution};
use crate::service::{Caller, KnownRule, Nameplate, ServiceError};
use crate::store::block::BlockRow;
use crate::store::{self, Connection};
use std::io::{self, Write};
use std::sync::Arc;

/// What is asked for when labels are drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelRequest {
    /// A template's name; the SKU's own if left out.
    pub template: Option<String>,
    /// The printer's resolution: its dots decide where bars stand, in PDF, too.
    pub resolution: Resolution,
}

/// Specimens of a block's labels, as many as the block has serials.
#[derive(Debug)]
pub struct Specimens {
    artwork: Artwork,
    rule: Arc<KnownRule>,
    count: u64,
    /// Block code.
    pub block: String,
}

impl Specimens {
    /// What is the same on every label, the overprint with it.
    #[must_use]
    pub const fn artwork(&self) -> &Artwork {
        &self.artwork
    }

    /// How many labels there are.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Each label's values in order. `tick` hears how many are on their way.
    ///
    /// # Errors
    /// What `take` says.
    pub fn each(&self, tick: &mut dyn FnMut(u64), take: &mut UnitSink<'_>) -> io::Result<()> {
        let mut values = UnitValues::default();
        for n in 0..self.count {
            let specimen = self.rule.rule.specimen(n).ok_or_else(|| io::Error::other(NO_SPECIMEN))?;
            values.set(&self.rule.rule, &specimen);
            take(&values)?;
            tick(n + 1);
        }
        Ok(())
    }

    /// Writes all labels.
    ///
    /// # Errors
    /// What the writer says, or why a label cannot be drawn.
    pub fn write(&self, format: LabelFormat, out: &mut dyn Write, tick: &mut dyn FnMut(u64)) -> io::Result<()> {
        self.artwork.write(format, self.count, out, |sink| self.each(tick, sink))
    }
}

/// Why there is no specimen.
const NO_SPECIMEN: &str = "the rule has neither check symbols nor dates, so that every text of its shape is a serial: \
    there are no specimens of its labels";

impl Nameplate {
    /// Makes specimens of a block's labels ready. Everything that could be wrong with template, catalogue or pictures shows
    /// here, before the first byte is written.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for the block or the template; [`ServiceError::Label`] when it cannot be laid out.
    pub async fn block_specimens(
        &self,
        caller: &Caller,
        block: &str,
        request: &LabelRequest,
    ) -> Result<Specimens, ServiceError> {
        let mut conn = self.read().await?;
        let row = self.block_row(&mut conn, caller, block).await?;
        let rule = self.rules.get(&mut conn, row.rule_version_id).await?;
        if rule.rule.specimen(0).is_none() {
            return Err(ServiceError::Label(format!("block {}: {NO_SPECIMEN}", row.code)));
        }
        let artwork = self.block_artwork(&mut conn, &row, request, Some(Overprint::Test)).await?;
        Ok(Specimens { artwork, rule, count: row.span.len(), block: row.code })
    }

    /// What is the same on every label of a block.
    ///
    /// # Errors
    /// As for [`Nameplate::artwork`].
    pub(in crate::service) async fn block_artwork(
        &self,
        conn: &mut Connection,
        row: &BlockRow,
        request: &LabelRequest,
        overprint: Option<Overprint>,
    ) -> Result<Artwork, ServiceError> {
        let gone = || ServiceError::Unexpected(format!("the SKU of block {} is gone", row.code));
        let sku = store::sku::by_id(conn, row.sku_id).await?.ok_or_else(gone)?;
        let rule = self.rules.get(conn, row.rule_version_id).await?;
        let template = TemplateRef::newest(request.template.as_deref().unwrap_or(&sku.template));
        let (revision, resolution) = (row.revision.as_deref(), request.resolution);
        self.artwork(conn, &sku, revision, &row.batch, &template, resolution, overprint, &rule).await
    }
}
