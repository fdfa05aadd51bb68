//! Use cases: templates are listed, looked at with any data, and published from the browser.
//!
//! What is on the screen is never kept: a preview is drawn from the text that was sent, a revision is made by publishing.

pub mod list;
pub mod preview;
mod publish;

pub use list::{TemplateRecord, TemplateRevision, TemplateSummary};
pub use preview::{CodeReading, ElementPlace, Preview, PreviewLabel, PreviewRequest, ReadBack};

use super::{Nameplate, ServiceError};
use crate::store::Connection;
use crate::store::brand::{self, LabelBrandRow};

/// Brands that are offered.
const BRANDS: u32 = 500;

impl Nameplate {
    /// Code and name of every brand, for whoever chooses the data of a preview.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn brands_to_show(&self) -> Result<Vec<(String, String)>, ServiceError> {
        let mut conn = self.read().await?;
        Ok(brands(&mut conn).await?.into_iter().map(|brand| (brand.code, brand.name)).collect())
    }
}

async fn brands(conn: &mut Connection) -> Result<Vec<LabelBrandRow>, ServiceError> {
    Ok(brand::as_labelled(conn, BRANDS).await?)
}
