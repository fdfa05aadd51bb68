//! Use case: the labels of a block are drawn.
//!
//! What is the same on every label is compiled once; serials are made from the block's range as they are drawn. Nothing is
//! stored: the same block, template and catalogue give the same bytes at any time.

use super::caller::Caller;
use super::serials::BlockSerials;
use super::{Nameplate, ServiceError};
use crate::catalogue::TemplateName;
use crate::label::{
    Assets, Compiled, JobFields, Picture, Refusal, Resolution, Scratch, Template, VariableField, compile,
    shipped_template, shipped_templates,
};
use crate::render::bulk::BulkJob;
use crate::render::pdf::PdfOptions;
use crate::render::png::PngSeries;
use crate::render::zpl::PrinterSetup;
use crate::serial::Serial;
use crate::store::sku::SkuRow;
use crate::store::{self, Connection};
use std::collections::BTreeMap;
use std::io::{self, Seek, Write};
use std::sync::Arc;
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};

/// The serial in the groups of its own rule; `{serial|group}` does for rules of nine and twelve symbols.
const PRINTED: &str = "serial.printed";

/// An output that labels can be written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelFormat {
    /// One label a page.
    Pdf,
    /// ZPL II that lets the printer draw symbols and serials: smallest and fastest.
    ZplNative,
    /// ZPL II that sends the very dots of the PNG.
    ZplGraphic,
    /// One 1-bit PNG a label, in a ZIP archive.
    PngZip,
}

impl LabelFormat {
    /// The media type (IANA, or what printers' makers use).
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::ZplNative | Self::ZplGraphic => "application/zpl",
            Self::PngZip => "application/zip",
        }
    }
}

/// What is asked for when labels are drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelRequest {
    /// A template's name; the SKU's own if left out.
    pub template: Option<String>,
    /// The printer's resolution: its dots decide where bars stand, in PDF, too.
    pub resolution: Resolution,
}

/// The labels of one block, ready to be written.
#[derive(Debug)]
pub struct BlockLabels {
    compiled: Arc<Compiled>,
    serials: BlockSerials,
    /// Whether the template shows the serial as its rule prints it.
    shows_printed: bool,
    /// Block code.
    pub block: String,
    /// Template name.
    pub template: String,
}

/// Threads that draw the labels of one job: printers and browsers wait for others' jobs as well.
const THREADS: usize = 2;

impl BlockLabels {
    /// What is the same on every label.
    #[must_use]
    pub const fn compiled(&self) -> &Arc<Compiled> {
        &self.compiled
    }

    /// How many labels there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.serials.count()
    }

    /// Makes sure that these labels can be written in a format at all, before the first byte goes out.
    ///
    /// # Errors
    /// [`ServiceError::Label`] says what the format cannot do.
    pub fn check(&self, format: LabelFormat) -> Result<(), ServiceError> {
        let refused = |e: io::Error| ServiceError::Label(format!("template {}: {e}", self.template));
        self.job(format).map(drop).map_err(refused)
    }

    /// What the labels of a format share; none for PNG, where each is a file.
    fn job(&self, format: LabelFormat) -> io::Result<Option<BulkJob>> {
        let groups = vec![Arc::clone(&self.compiled)];
        let setup = PrinterSetup::default();
        Ok(match format {
            LabelFormat::Pdf => Some(BulkJob::pdf(groups, PdfOptions::default())?),
            LabelFormat::ZplNative => Some(BulkJob::zpl_native(groups, &setup)?),
            LabelFormat::ZplGraphic => Some(BulkJob::zpl_graphic(groups, &setup)?),
            LabelFormat::PngZip => None,
        })
    }

    /// Writes all labels. `tick` hears of each label that is on its way.
    ///
    /// # Errors
    /// What the writer says, or why a label cannot be drawn.
    pub fn write(&self, format: LabelFormat, out: &mut dyn Write, tick: &mut dyn FnMut(u64)) -> io::Result<()> {
        match self.job(format)? {
            Some(job) => {
                let threads = if self.count() < 1_000 { 1 } else { THREADS };
                job.write(threads, out, |sink| self.each(tick, |_, row| sink(0, row))).map(drop)
            }
            None => self.write_zip(out, tick),
        }
    }

    /// Writes one PNG after the other through `take`, which gets the serial and the file's bytes.
    ///
    /// # Errors
    /// What `take` says, or why a label cannot be drawn.
    pub fn each_png(
        &self,
        tick: &mut dyn FnMut(u64),
        mut take: impl FnMut(&Serial, &[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut series = PngSeries::new(Arc::clone(&self.compiled)).map_err(io::Error::other)?;
        let (mut scratch, mut png) = (Scratch::default(), Vec::new());
        self.each(tick, |serial, row| {
            png.clear();
            series.push(row, &mut scratch, &mut png).map_err(io::Error::other)?;
            take(serial, &png)
        })
    }

    fn write_zip(&self, out: &mut dyn Write, tick: &mut dyn FnMut(u64)) -> io::Result<()> {
        // PNG is compressed already; entries carry the earliest date that ZIP knows, so that the same labels are the
        // same bytes.
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let mut zip: ZipWriter<StreamWriter<&mut dyn Write>> = ZipWriter::new_stream(out);
        self.each_png(tick, |serial, bytes| add_entry(&mut zip, &format!("{serial}.png"), bytes, options))?;
        zip.finish().map_err(io::Error::other).map(drop)
    }

    /// Each label: its serial, and the values that it gives to the template.
    ///
    /// # Errors
    /// What `take` says.
    pub fn each(
        &self,
        tick: &mut dyn FnMut(u64),
        mut take: impl FnMut(&Serial, &[&str]) -> io::Result<()>,
    ) -> io::Result<()> {
        use std::fmt::Write as _;
        let rule = &self.serials.rule().rule;
        let mut printed = String::new();
        self.serials.each(0, u64::MAX, |position, serial| {
            if self.shows_printed {
                printed.clear();
                write!(printed, "{}", serial.grouped(rule)).map_err(io::Error::other)?;
                take(serial, &[serial.as_str(), &printed])?;
            } else {
                take(serial, &[serial.as_str()])?;
            }
            tick(position + 1);
            Ok(())
        })
    }
}

fn add_entry<W: Write + Seek>(
    zip: &mut ZipWriter<W>,
    name: &str,
    bytes: &[u8],
    options: SimpleFileOptions,
) -> io::Result<()> {
    zip.start_file(name, options).map_err(io::Error::other)?;
    zip.write_all(bytes)
}

impl Nameplate {
    /// Makes the labels of a block ready. Everything that could be wrong with template, catalogue or pictures shows here,
    /// before the first byte is written.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for the block or the template; [`ServiceError::Label`] when it cannot be laid out.
    pub async fn block_labels(
        &self,
        caller: &Caller,
        block: &str,
        request: &LabelRequest,
    ) -> Result<BlockLabels, ServiceError> {
        let mut conn = self.read().await?;
        let row = self.block_row(&mut conn, caller, block).await?;
        let gone = || ServiceError::Unexpected(format!("the SKU of block {block} is gone"));
        let sku = store::sku::by_id(&mut conn, row.sku_id).await?.ok_or_else(gone)?;
        let name = request.template.clone().unwrap_or_else(|| sku.template.clone());
        let template = self.template(&mut conn, &name).await?;
        let serials = self.serials_of(&mut conn, &row).await?;
        let mut fields = sku_fields(&sku);
        fields.insert("batch.code".into(), row.batch.clone());
        fields.insert("sku.revision".into(), row.revision.clone().unwrap_or_default());
        let pictures = self.pictures(&mut conn, &sku).await?;
        let assets = Assets { fonts: self.fonts()?, pictures };
        let mut variable = variable_fields(&serials);
        let shows_printed = template.content.fields_used().contains(&PRINTED);
        variable.truncate(if shows_printed { 2 } else { 1 });
        // Layout is pure work of a millisecond or so, but it is not for the threads that serve connections.
        let (code, resolution) = (row.code.clone(), request.resolution);
        let compiled = tokio::task::spawn_blocking(move || compile(&template, &fields, &assets, resolution, &variable))
            .await
            .map_err(|e| ServiceError::Unexpected(e.to_string()))?
            .map_err(|e: Refusal| ServiceError::Label(format!("template {name}, block {code}: {e}")))?;
        let template = compiled.name().to_owned();
        Ok(BlockLabels { template, compiled: Arc::new(compiled), serials, shows_printed, block: row.code })
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

    /// A template by its name: the newest that was kept, else the shipped one.
    async fn template(&self, conn: &mut Connection, name: &str) -> Result<Template, ServiceError> {
        if TemplateName::new(name).is_err() {
            return Err(ServiceError::NotFound { kind: "template", name: name.chars().take(80).collect() });
        }
        let kept = store::template::newest(conn, name).await?.map(|(_, source)| source);
        let shipped = || shipped_template(name).map(str::to_owned);
        let source = kept
            .or_else(shipped)
            .ok_or_else(|| ServiceError::NotFound { kind: "template", name: name.chars().take(80).collect() })?;
        Template::parse(&format!("{name}.toml"), source.as_bytes()).map_err(|e| ServiceError::Label(e.to_string()))
    }

    /// The pictures that labels of a SKU may show: its brand's logo.
    async fn pictures(&self, conn: &mut Connection, sku: &SkuRow) -> Result<BTreeMap<String, Picture>, ServiceError> {
        let mut pictures = BTreeMap::new();
        if let Some(digest) = &sku.logo_digest
            && let Some(bytes) = store::catalogue::asset(conn, digest).await?
        {
            let picture =
                Picture::read(&bytes).map_err(|e| ServiceError::Label(format!("logo of {}: {e}", sku.brand)))?;
            pictures.insert(digest.clone(), picture);
        }
        Ok(pictures)
    }
}

/// What a template can show of a SKU.
fn sku_fields(sku: &SkuRow) -> JobFields {
    let mut fields: JobFields = [
        ("brand.name", &sku.brand_name),
        ("brand.code", &sku.brand),
        ("brand.importer", &sku.importer_text),
        ("brand.market", &sku.market),
        ("product.name", &sku.name),
        ("sku.code", &sku.code),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.clone()))
    .collect();
    // Left out where there is none: a template that shows it then says what is missing.
    fields.extend(sku.gtin.as_deref().map(|gtin| ("gtin".to_owned(), ean(gtin))));
    fields.extend(sku.logo_digest.clone().map(|digest| ("brand.logo".to_owned(), digest)));
    fields
}

/// A GTIN as its EAN symbol carries it: a GTIN-12 is the EAN-13 with a zero in front (GS1 General Specifications, section
/// 5.2.1.2); the others stand as they are written.
fn ean(gtin: &str) -> String {
    if gtin.len() == 12 { format!("0{gtin}") } else { gtin.to_owned() }
}

/// The fields that differ from unit to unit: the serial as codes carry it, and as people read it.
fn variable_fields(serials: &BlockSerials) -> Vec<VariableField> {
    let rule = &serials.rule().rule;
    let symbols: String = rule.position_sets().iter().flat_map(|set| set.iter()).map(char::from).collect();
    let mut alphabet: Vec<char> = symbols.chars().collect();
    alphabet.sort_unstable();
    alphabet.dedup();
    let (groups, separator) = rule.grouping();
    let separators = groups.len().saturating_sub(1);
    let printed = alphabet.iter().copied().chain((separators > 0).then_some(separator)).collect();
    vec![
        VariableField {
            name: "serial".into(),
            alphabet: alphabet.into_iter().collect(),
            longest: rule.length(),
            samples: Vec::new(),
            extremes: Vec::new(),
        },
        VariableField {
            name: PRINTED.into(),
            alphabet: printed,
            longest: rule.length() + separators,
            samples: Vec::new(),
            extremes: Vec::new(),
        },
    ]
}
