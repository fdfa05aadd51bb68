//! PDF, one label a page, written front to back with flat memory and the same bytes on every run.
//!
//! What is the same on every label is one Form XObject; a page holds the rest. Text is real text in subset fonts.

mod content;
mod file;
mod fonts;
mod number;

use std::io::{self, Write};

use pdf_writer::{Chunk, Filter, Finish as _, Name, Ref};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use self::content::{points, push_drawing};
use self::file::PdfFile;
use self::fonts::{OBJECTS_PER_FACE, UsedFonts};
use self::number::push_fixed;
use super::deflate::Deflate;
use crate::label::{Compiled, Image, LayoutError, Scratch, Um};

const CATALOG: i32 = 1;
const PAGE_RESOURCES: i32 = 3;
const FORM: i32 = 4;
const FORM_RESOURCES: i32 = 5;
const FONTS: i32 = 6;
const FIRST_IMAGE: i32 = 7;

/// Compression level of content: 6 is the usual balance.
const LEVEL: u32 = 6;

/// Why a PDF cannot be made.
#[derive(Debug, Error)]
pub enum PdfError {
    /// A label cannot be laid out; nothing of it was written.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The file cannot be written.
    #[error("the PDF cannot be written: {0}")]
    Io(#[from] io::Error),
    /// A font cannot be embedded.
    #[error("the font {font} cannot be embedded: {reason}")]
    Font {
        /// Name of the face.
        font: String,
        /// What the subsetter says.
        reason: String,
    },
    /// A PDF has at least one page.
    #[error("there is no label to put into the PDF")]
    Empty,
}

/// A PDF that is being written.
pub struct PdfStream<'c, W: Write> {
    compiled: &'c Compiled,
    file: PdfFile<W>,
    fonts: UsedFonts,
    scratch: Scratch,
    deflate: Deflate,
    content: Vec<u8>,
    packed: Vec<u8>,
    rows: Sha256,
}

impl<'c, W: Write> PdfStream<'c, W> {
    /// Starts a PDF with what is the same on all labels.
    ///
    /// The writer gets whole objects of about a kilobyte; wrap a file or socket in a `BufWriter`.
    ///
    /// # Errors
    /// [`PdfError::Io`].
    pub fn new(out: W, compiled: &'c Compiled) -> Result<PdfStream<'c, W>, PdfError> {
        PdfStream::with_level(out, compiled, LEVEL)
    }

    /// Starts a PDF with another compression level, 0 (none) to 9.
    ///
    /// # Errors
    /// [`PdfError::Io`].
    pub fn with_level(out: W, compiled: &'c Compiled, level: u32) -> Result<PdfStream<'c, W>, PdfError> {
        let mut stream = PdfStream {
            compiled,
            file: PdfFile::new(out, first_leaf(compiled))?,
            fonts: UsedFonts::new(compiled.fonts()),
            scratch: Scratch::default(),
            deflate: Deflate::new(level),
            content: Vec::with_capacity(4096),
            packed: Vec::with_capacity(4096),
            rows: Sha256::new(),
        };
        stream.rows.update(compiled.digest());
        push_drawing(compiled.fixed(), compiled, &mut stream.fonts, &mut stream.content);
        stream.write_form()?;
        for (image, number) in compiled.images().iter().zip(FIRST_IMAGE..) {
            let object = image_object(image, Ref::new(number), &mut stream.deflate);
            stream.file.object(number, object.as_bytes())?;
        }
        Ok(stream)
    }

    /// Adds one label.
    ///
    /// # Errors
    /// [`PdfError::Layout`], after which other labels can be added, or [`PdfError::Io`].
    pub fn add(&mut self, row: &[&str]) -> Result<(), PdfError> {
        let drawing = self.compiled.draw(row, &mut self.scratch)?;
        self.content.clear();
        self.content.extend_from_slice(b"/L Do\n");
        push_drawing(drawing, self.compiled, &mut self.fonts, &mut self.content);
        self.packed.clear();
        self.deflate.pack_into(&self.content, &mut self.packed);
        self.file.page(&self.packed)?;
        for value in row {
            self.rows.update(u64::try_from(value.len()).unwrap_or(u64::MAX).to_be_bytes());
            self.rows.update(value.as_bytes());
        }
        Ok(())
    }

    /// Writes fonts, page tree and cross-references, and gives the writer back.
    ///
    /// # Errors
    /// [`PdfError::Empty`] without labels, [`PdfError::Font`], [`PdfError::Io`].
    pub fn finish(mut self) -> Result<W, PdfError> {
        if self.file.page_count() == 0 {
            return Err(PdfError::Empty);
        }
        let first_font = FIRST_IMAGE + number(self.compiled.images().len());
        let mut dictionary = Chunk::new();
        let mut names = dictionary.indirect(Ref::new(FONTS)).dict();
        for face in self.fonts.used() {
            let first = Ref::new(first_font + i32::from(face.0) * OBJECTS_PER_FACE);
            names.pair(Name(format!("F{}", face.0).as_bytes()), first);
            let pack = |bytes: &[u8]| pack(bytes);
            let objects = self.fonts.objects(face, first, pack).map_err(|e| PdfError::Font {
                font: self.compiled.fonts().face(face).name().to_owned(),
                reason: e.to_string(),
            })?;
            for (object, at) in objects.iter().zip(first.get()..) {
                self.file.object(at, object.as_bytes())?;
            }
        }
        names.finish();
        self.file.object(FONTS, dictionary.as_bytes())?;
        self.write_resources()?;
        let mut catalog = Chunk::new();
        catalog
            .indirect(Ref::new(CATALOG))
            .dict()
            .pair(Name(b"Type"), Name(b"Catalog"))
            .pair(Name(b"Pages"), Ref::new(file::ROOT));
        self.file.object(CATALOG, catalog.as_bytes())?;
        let (width, height) = self.compiled.size();
        let (width, height) = (decimal(width), decimal(height));
        let attributes = format!("/MediaBox[0 0 {width} {height}]/Resources {PAGE_RESOURCES} 0 R");
        let digest: [u8; 32] = self.rows.finalize().into();
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        Ok(self.file.finish(&attributes, &id)?)
    }

    /// The Form XObject with what is the same on all labels.
    fn write_form(&mut self) -> Result<(), PdfError> {
        let (width, height) = self.compiled.size();
        self.packed.clear();
        self.deflate.pack_into(&self.content, &mut self.packed);
        let mut object = format!(
            "{FORM} 0 obj\n<</Type/XObject/Subtype/Form/BBox[0 0 {} {}]/Resources {FORM_RESOURCES} 0 R/Length {}/Filter/FlateDecode>>stream\n",
            decimal(width),
            decimal(height),
            self.packed.len()
        )
        .into_bytes();
        object.extend_from_slice(&self.packed);
        object.extend_from_slice(b"\nendstream\nendobj\n");
        Ok(self.file.object(FORM, &object)?)
    }

    /// Resources of the pages and of the form, which share the dictionary of fonts.
    fn write_resources(&mut self) -> Result<(), PdfError> {
        let page = format!("{PAGE_RESOURCES} 0 obj\n<</Font {FONTS} 0 R/XObject<</L {FORM} 0 R>>>>\nendobj\n");
        self.file.object(PAGE_RESOURCES, page.as_bytes())?;
        let images: String =
            (0..self.compiled.images().len()).map(|i| format!("/I{i} {} 0 R", FIRST_IMAGE + number(i))).collect();
        let form = format!("{FORM_RESOURCES} 0 obj\n<</Font {FONTS} 0 R/XObject<<{images}>>>>\nendobj\n");
        Ok(self.file.object(FORM_RESOURCES, form.as_bytes())?)
    }
}

/// The number of the first leaf of the page tree: after images and the places kept for fonts.
fn first_leaf(compiled: &Compiled) -> i32 {
    FIRST_IMAGE + number(compiled.images().len()) + number(compiled.fonts().len()) * OBJECTS_PER_FACE
}

fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// A length in points.
fn decimal(length: Um) -> String {
    let mut out = Vec::new();
    push_fixed(points(length), 4, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// A picture at its own resolution: line art in one bit, anything else in grey.
fn image_object(image: &Image, id: Ref, deflate: &mut Deflate) -> Chunk {
    let (samples, bits) = if image.is_line_art() {
        (image.to_bilevel().bytes().iter().map(|byte| !byte).collect(), 1)
    } else {
        (image.grey().to_vec(), 8)
    };
    let mut packed = Vec::new();
    deflate.pack_into(&samples, &mut packed);
    let mut chunk = Chunk::new();
    let mut object = chunk.image_xobject(id, &packed);
    object.filter(Filter::FlateDecode);
    object.width(number(image.width())).height(number(image.height())).bits_per_component(bits);
    object.color_space().device_gray();
    object.finish();
    chunk
}

/// Packs once, for fonts.
fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    Deflate::new(9).pack_into(bytes, &mut out);
    out
}
