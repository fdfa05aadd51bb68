//! What is the same on every label of a SKU: template, catalogue fields, brand, pictures, laid out for a printer.

use super::unit::{PRINTED, Row, UnitValues, variable_fields};
use crate::catalogue::TemplateName;
use crate::label::{
    Assets, Compiled, JobFields, Overprint, Picture, Refusal, Resolution, Template, compile, shipped_template,
    shipped_templates,
};
use crate::serial::Rule;
use crate::service::{KnownRule, Nameplate, ServiceError};
use crate::store::brand::LabelBrandRow;
use crate::store::sku::SkuRow;
use crate::store::{self, Connection};
use data_encoding::HEXLOWER;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Which template.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TemplateRef {
    /// Its name.
    pub name: String,
    /// SHA-256 of its file in hexadecimal, for one revision; the newest if left out.
    pub digest: Option<String>,
}

impl TemplateRef {
    /// The newest revision of a name.
    #[must_use]
    pub fn newest(name: &str) -> TemplateRef {
        TemplateRef { name: name.to_owned(), digest: None }
    }

    /// One revision, whatever was published after it.
    #[must_use]
    pub fn revision(name: &str, digest: &str) -> TemplateRef {
        TemplateRef { name: name.to_owned(), digest: Some(digest.to_owned()) }
    }

    fn unknown(&self) -> ServiceError {
        let revision = self.digest.as_deref().map_or(String::new(), |digest| format!(" revision {digest}"));
        ServiceError::NotFound {
            kind: "template",
            name: format!("{}{revision}", self.name).chars().take(160).collect(),
        }
    }
}

/// What is the same on every label of a SKU revision, a template revision and a resolution.
#[derive(Debug, Clone)]
pub struct Artwork {
    /// The label without what differs from unit to unit.
    pub compiled: Arc<Compiled>,
    /// The template's name.
    pub template: String,
    /// SHA-256 of the template's file, in hexadecimal.
    pub template_digest: String,
    /// Whether the template shows the serial as its rule prints it.
    shows_printed: bool,
}

impl Artwork {
    /// The values of a unit in the order that the label wants.
    #[must_use]
    pub fn row<'v>(&self, values: &'v UnitValues) -> Row<'v> {
        Row::new(values, self.shows_printed)
    }

    /// SHA-256 of all that is the same on every label, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        HEXLOWER.encode(self.compiled.digest())
    }

    /// SHA-256 of one label, in hexadecimal.
    #[must_use]
    pub fn label_digest(&self, values: &UnitValues) -> String {
        HEXLOWER.encode(&self.compiled.label_digest(&self.row(values)))
    }
}

/// Lays out labels from all that they are made of: what the server does, for whoever has it all in hand.
///
/// # Errors
/// What is wrong with template, fields or pictures, in words.
pub fn lay_out(
    template: Template,
    fields: JobFields,
    assets: Assets,
    resolution: Resolution,
    rule: &Rule,
) -> Result<Artwork, String> {
    Ready { template, fields, assets }.laid_out(resolution, None, rule)
}

/// What is laid out once everything was read.
struct Ready {
    template: Template,
    fields: JobFields,
    assets: Assets,
}

impl Ready {
    fn laid_out(&self, resolution: Resolution, overprint: Option<Overprint>, rule: &Rule) -> Result<Artwork, String> {
        let shows_printed = self.template.content.fields_used().contains(&PRINTED);
        let variable = variable_fields(rule, shows_printed);
        let compiled = compile(&self.template, &self.fields, &self.assets, resolution, &variable);
        let compiled = compiled.map_err(|refusal: Refusal| refusal.to_string())?;
        let compiled = match overprint {
            Some(overprint) => compiled.overprinted(overprint).map_err(|e| e.to_string())?,
            None => compiled,
        };
        Ok(Artwork {
            template: compiled.name().to_owned(),
            template_digest: HEXLOWER.encode(compiled.template_digest()),
            compiled: Arc::new(compiled),
            shows_printed,
        })
    }
}

impl Nameplate {
    /// Lays out the labels of a SKU. Everything that could be wrong with template, catalogue or pictures shows here, before
    /// the first label is drawn.
    ///
    /// Nothing is kept: the same rows give the same artwork, with the same digest, at any time.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for the template; [`ServiceError::Label`] when it cannot be laid out.
    #[expect(clippy::too_many_arguments, reason = "all that a label depends on is named by whoever asks for it")]
    pub async fn artwork(
        &self,
        conn: &mut Connection,
        sku: &SkuRow,
        revision: Option<&str>,
        batch: &str,
        template: &TemplateRef,
        resolution: Resolution,
        overprint: Option<Overprint>,
        rule: &Arc<KnownRule>,
    ) -> Result<Artwork, ServiceError> {
        let mut fields = sku_fields(sku);
        fields.insert("batch.code".into(), batch.to_owned());
        fields.insert("sku.revision".into(), revision.unwrap_or_default().to_owned());
        self.artwork_of(conn, fields, template, resolution, overprint, rule).await
    }

    /// Lays out labels from the fields that they show, as they were recorded once.
    ///
    /// # Errors
    /// As for [`Nameplate::artwork`].
    pub async fn artwork_of(
        &self,
        conn: &mut Connection,
        fields: JobFields,
        template: &TemplateRef,
        resolution: Resolution,
        overprint: Option<Overprint>,
        rule: &Arc<KnownRule>,
    ) -> Result<Artwork, ServiceError> {
        let file = self.template(conn, template).await?;
        let pictures = self.pictures(conn, fields.get("brand.logo")).await?;
        let assets = Assets { fonts: self.fonts()?, pictures };
        let (ready, rule) = (Ready { template: file, fields, assets }, Arc::clone(rule));
        // Layout is pure work of a millisecond or so, but it is not for the threads that serve connections.
        let laid_out = tokio::task::spawn_blocking(move || ready.laid_out(resolution, overprint, &rule.rule)).await;
        let laid_out = laid_out.map_err(|e| ServiceError::Unexpected(e.to_string()))?;
        laid_out.map_err(|e| ServiceError::Label(format!("template {}: {e}", template.name)))
    }

    /// The names of the templates that can be used.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn template_names(&self) -> Result<Vec<String>, ServiceError> {
        let mut conn = self.read().await?;
        let mut names: Vec<String> = shipped_templates().iter().map(|(name, _)| (*name).to_owned()).collect();
        names.extend(store::template::list(&mut conn).await?.into_iter().map(|(name, _)| name));
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// A template: the newest of its name that was kept, else the shipped one; or one revision of either.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`].
    pub async fn template(&self, conn: &mut Connection, wanted: &TemplateRef) -> Result<Template, ServiceError> {
        let source = self.template_source(conn, wanted).await?;
        let template = Template::parse(&format!("{}.toml", wanted.name), source.as_bytes())
            .map_err(|e| ServiceError::Label(e.to_string()))?;
        // The shipped one may have been meant, or an older one that is no longer shipped.
        let is_wanted = wanted.digest.as_ref().is_none_or(|digest| *digest == HEXLOWER.encode(&template.digest));
        if is_wanted { Ok(template) } else { Err(wanted.unknown()) }
    }

    /// The text of a template.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`].
    pub async fn template_source(&self, conn: &mut Connection, wanted: &TemplateRef) -> Result<String, ServiceError> {
        if TemplateName::new(&wanted.name).is_err() {
            return Err(wanted.unknown());
        }
        let shipped = shipped_template(&wanted.name).map(str::to_owned);
        let source = match &wanted.digest {
            None => store::template::newest(conn, &wanted.name).await?.map(|(_, source)| source).or(shipped),
            Some(digest) => store::template::of_digest(conn, &wanted.name, digest).await?.or(shipped),
        };
        source.ok_or_else(|| wanted.unknown())
    }

    /// The pictures that labels of a SKU may show: its brand's logo.
    pub(in crate::service) async fn pictures(
        &self,
        conn: &mut Connection,
        logo: Option<&String>,
    ) -> Result<BTreeMap<String, Picture>, ServiceError> {
        let mut pictures = BTreeMap::new();
        if let Some(digest) = logo
            && let Some(bytes) = store::catalogue::asset(conn, digest).await?
        {
            let picture = Picture::read(&bytes).map_err(|e| ServiceError::Label(format!("the brand's logo: {e}")))?;
            pictures.insert(digest.clone(), picture);
        }
        Ok(pictures)
    }
}

/// What a template can show of a SKU.
pub(in crate::service) fn sku_fields(sku: &SkuRow) -> JobFields {
    let mut fields = brand_fields(&LabelBrandRow {
        code: sku.brand.clone(),
        name: sku.brand_name.clone(),
        importer_text: sku.importer_text.clone(),
        market: sku.market.clone(),
        logo_digest: sku.logo_digest.clone(),
    });
    fields.insert("product.name".to_owned(), sku.name.clone());
    fields.insert("sku.code".to_owned(), sku.code.clone());
    // Left out where there is none: a template that shows it then says what is missing.
    fields.extend(sku.gtin.as_deref().map(|gtin| ("gtin".to_owned(), ean(gtin))));
    fields
}

/// What a template can show of a brand.
pub(in crate::service) fn brand_fields(brand: &LabelBrandRow) -> JobFields {
    let mut fields: JobFields = [
        ("brand.name", &brand.name),
        ("brand.code", &brand.code),
        ("brand.importer", &brand.importer_text),
        ("brand.market", &brand.market),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.clone()))
    .collect();
    fields.extend(brand.logo_digest.clone().map(|digest| ("brand.logo".to_owned(), digest)));
    fields
}

/// A GTIN as its EAN symbol carries it: a GTIN-12 is the EAN-13 with a zero in front (GS1 General Specifications, section
/// 5.2.1.2); the others stand as they are written.
fn ean(gtin: &str) -> String {
    if gtin.len() == 12 { format!("0{gtin}") } else { gtin.to_owned() }
}
