//! PDF, one label a page or many on a sheet, written front to back with flat memory and the same bytes on every run.
//!
//! [`PdfJob`] holds all that the PDFs of a job share: one Form XObject with what is the same on every label, pictures,
//! subset fonts, packing tables. A page holds the rest. Text is real text.

mod art;
mod attachment;
mod content;
mod file;
mod fonts;
pub(super) mod number;
mod text;

use std::io::{self, Write};
use std::sync::Arc;

use pdf_writer::{Chunk, Filter, Finish as _, Name, Ref};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use self::art::push_art;
use self::attachment::OBJECTS_PER_ATTACHMENT;
pub use self::attachment::{Attachment, attached};
use self::content::{Content, push_drawing};
pub(super) use self::content::{micropoints, points};
use self::file::PdfFile;
use self::fonts::{OBJECTS_PER_FACE, UsedFonts};
use self::number::{push_fixed, push_whole};
use super::deflate::{Deflate, pack_best};
use super::sheet::Imposition;
use crate::label::{Compiled, Image, Item, LayoutError, PlacedArt, Scratch};

const CATALOG: i32 = 1;
const PAGE_RESOURCES: i32 = 3;
const FORM_RESOURCES: i32 = 4;
const FONTS: i32 = 5;
const FIRST_FORM: i32 = 6;

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

/// How labels stand on pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PdfOptions {
    /// Sheets with many labels; one label a page if there is none.
    pub imposition: Option<Imposition>,
    /// A file that lies in the PDF.
    pub attachment: Option<Attachment>,
}

/// All that the PDFs of a job share. Made once, it writes as many files as are wanted.
///
/// A job has groups: labels of one template that differ in more than the fields of a unit, say in brand or language.
pub struct PdfJob {
    groups: Vec<Arc<Compiled>>,
    options: PdfOptions,
    fonts: UsedFonts,
    /// The overprint's art of each group.
    art_forms: Vec<Vec<(PlacedArt, String)>>,
    deflate: Deflate,
    /// Form, pictures, fonts and resources, with the number of each.
    objects: Vec<(i32, Vec<u8>)>,
    /// What the catalogue says beside pages.
    catalog: String,
    first_leaf: i32,
}

impl PdfJob {
    /// Draws what is the same on all labels and subsets the fonts.
    ///
    /// # Errors
    /// [`PdfError::Font`]; [`PdfError::Layout`] is not expected, the same was laid out before.
    pub fn new(groups: Vec<Arc<Compiled>>, options: PdfOptions) -> Result<PdfJob, PdfError> {
        let first = Arc::clone(groups.first().ok_or(PdfError::Empty)?);
        let fonts = UsedFonts::new(&groups);
        let first_image = FIRST_FORM + number(groups.len());
        let images: Vec<Arc<Image>> = groups.iter().flat_map(|group| group.images()).cloned().collect();
        let mut objects = Vec::new();
        let mut image_base = 0;
        for (group, at) in groups.iter().zip(FIRST_FORM..) {
            let mut content = Content::starting_at(image_base);
            push_drawing(group.fixed(), group, &fonts, &[], &mut content);
            objects.push((at, form_object(at, group, &content.into_bytes())));
            image_base += group.images().len();
        }
        for (image, number) in images.iter().zip(first_image..) {
            objects.push((number, image_object(image, Ref::new(number)).as_bytes().to_vec()));
        }
        let first_art = first_image + number(images.len());
        let mut art_forms = Vec::new();
        for group in &groups {
            art_forms.push(art_forms_of(
                group,
                first_art + number(art_forms.iter().map(Vec::len).sum()),
                &mut objects,
            )?);
        }
        let arts = art_forms.iter().map(Vec::len).sum::<usize>();
        let mut dictionary = Chunk::new();
        let mut names = dictionary.indirect(Ref::new(FONTS)).dict();
        let mut next = first_art + number(arts);
        for face in fonts.used() {
            names.pair(Name(format!("F{}", face.0).as_bytes()), Ref::new(next));
            let made = fonts.objects(face, Ref::new(next), pack).map_err(|e| PdfError::Font {
                font: first.fonts().face(face).name().to_owned(),
                reason: e.to_string(),
            })?;
            objects.extend(made.iter().zip(next..).map(|(object, at)| (at, object.as_bytes().to_vec())));
            next += OBJECTS_PER_FACE;
        }
        names.finish();
        objects.push((FONTS, dictionary.as_bytes().to_vec()));
        objects.extend(resources(groups.len(), images.len(), arts));
        let mut catalog = String::new();
        if let Some(attachment) = &options.attachment {
            catalog = attachment.catalog_entries(next);
            objects.extend(attachment.objects(next));
            next += OBJECTS_PER_ATTACHMENT;
        }
        let mut sample = Content::default();
        let mut scratch = Scratch::default();
        sample.begin(b"/L0 Do\n");
        push_drawing(first.draw_widest(&mut scratch)?, &first, &fonts, &art_forms[0], &mut sample);
        let deflate = Deflate::for_text(sample.head());
        Ok(PdfJob { groups, options, fonts, art_forms, deflate, objects, catalog, first_leaf: next })
    }

    /// Starts a PDF.
    ///
    /// The writer gets whole objects of about a kilobyte; wrap a file or socket in a `BufWriter`.
    ///
    /// # Errors
    /// [`PdfError::Io`].
    pub fn stream<W: Write>(&self, out: W) -> Result<PdfStream<'_, W>, PdfError> {
        let mut file = PdfFile::new(out, self.first_leaf)?;
        for (number, bytes) in &self.objects {
            file.object(*number, bytes)?;
        }
        let mut rows = Sha256::new();
        self.groups.iter().for_each(|group| rows.update(group.digest()));
        rows.update(format!("{:?}", self.options));
        Ok(PdfStream { job: self, file, maker: self.page_maker(), packed: Vec::new(), rows })
    }

    /// Bytes that it keeps.
    pub(in crate::render) fn memory_bytes(&self) -> usize {
        self.objects.iter().map(|(_, object)| object.len()).sum::<usize>() + self.deflate.memory_bytes()
    }

    /// What draws pages; one for each thread.
    pub fn page_maker(&self) -> PageMaker<'_> {
        PageMaker {
            job: self,
            scratch: Scratch::default(),
            deflate: self.deflate.clone(),
            content: Content::default(),
            labels: 0,
        }
    }

    /// Labels on the first page and on every other one.
    pub fn labels_a_page(&self) -> (usize, usize) {
        match &self.options.imposition {
            None => (1, 1),
            Some(imposition) => (imposition.places_on_first_sheet(), imposition.sheet.places()),
        }
    }

    /// Width and height of the page in millionths of a point.
    fn page_size(&self) -> (i64, i64) {
        match &self.options.imposition {
            None => self.groups.first().map_or((0, 0), |group| label_size(group)),
            Some(imposition) => {
                let (width, height) = imposition.sheet.paper;
                (points(width) * 100, points(height) * 100)
            }
        }
    }
}

/// Draws pages of a job.
pub struct PageMaker<'j> {
    job: &'j PdfJob,
    scratch: Scratch,
    deflate: Deflate,
    content: Content,
    labels: usize,
}

impl PageMaker<'_> {
    /// Draws a label of a group at a place of the page, counted from 0.
    ///
    /// # Errors
    /// As for [`Compiled::draw`]; nothing of the label is on the page then.
    ///
    /// # Panics
    /// If the job has no such group.
    pub fn label(&mut self, group: usize, row: &[&str], place: usize) -> Result<(), LayoutError> {
        let compiled = &self.job.groups[group];
        let drawing = compiled.draw(row, &mut self.scratch)?;
        if self.labels == 0 {
            self.content.begin(b"");
            if let Some(imposition) = &self.job.options.imposition {
                imposition.push_page_head(compiled, self.content.head_mut());
            }
        }
        self.labels += 1;
        let imposed = self.job.options.imposition.as_ref();
        if let Some(imposition) = imposed {
            self.content.settle();
            imposition.push_place(place, compiled, self.content.head_mut());
        }
        self.content.push(b"/L");
        push_whole(i64::try_from(group).unwrap_or(0), self.content.head_mut());
        self.content.push(b" Do\n");
        push_drawing(drawing, compiled, &self.job.fonts, &self.job.art_forms[group], &mut self.content);
        if imposed.is_some() {
            self.content.settle();
            self.content.push(b"Q\n");
        }
        Ok(())
    }

    /// Labels drawn since the last page was ended.
    pub fn labels(&self) -> usize {
        self.labels
    }

    /// Ends the page: appends its packed content.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        let (head, tail) = self.content.parts();
        if tail.is_empty() {
            self.deflate.pack_into(head, out);
        } else {
            self.deflate.pack_with_tail(head, tail, out);
        }
        self.labels = 0;
    }
}

/// A PDF that is being written.
pub struct PdfStream<'j, W: Write> {
    job: &'j PdfJob,
    file: PdfFile<W>,
    maker: PageMaker<'j>,
    packed: Vec<u8>,
    rows: Sha256,
}

impl<W: Write> PdfStream<'_, W> {
    /// Adds one label of the first group.
    ///
    /// # Errors
    /// [`PdfError::Layout`], after which other labels can be added, or [`PdfError::Io`].
    pub fn add(&mut self, row: &[&str]) -> Result<(), PdfError> {
        let (first, others) = self.job.labels_a_page();
        let room = if self.file.page_count() == 0 { first } else { others };
        self.maker.label(0, row, self.maker.labels() + others - room)?;
        self.note(row);
        if self.maker.labels() == room {
            self.end_page()?;
        }
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), PdfError> {
        self.packed.clear();
        self.maker.end(&mut self.packed);
        Ok(self.file.page(&self.packed)?)
    }

    /// Notes a label whose page was drawn elsewhere: its values go into the file's identifier.
    pub fn note(&mut self, row: &[&str]) {
        for value in row {
            self.rows.update(u64::try_from(value.len()).unwrap_or(u64::MAX).to_be_bytes());
            self.rows.update(value.as_bytes());
        }
    }

    /// Adds a page that a [`PageMaker`] has drawn.
    ///
    /// # Errors
    /// [`PdfError::Io`].
    pub fn add_page(&mut self, packed: &[u8]) -> Result<(), PdfError> {
        Ok(self.file.page(packed)?)
    }

    /// Writes page tree and cross-references, and gives the writer back.
    ///
    /// # Errors
    /// [`PdfError::Empty`] without labels, [`PdfError::Io`].
    pub fn finish(mut self) -> Result<W, PdfError> {
        if self.maker.labels() > 0 {
            self.end_page()?;
        }
        if self.file.page_count() == 0 {
            return Err(PdfError::Empty);
        }
        let (root, more) = (file::ROOT, &self.job.catalog);
        let catalog = format!("{CATALOG} 0 obj\n<</Type/Catalog/Pages {root} 0 R{more}>>\nendobj\n");
        self.file.object(CATALOG, catalog.as_bytes())?;
        let (width, height) = self.job.page_size();
        let (width, height) = (decimal(width), decimal(height));
        let attributes = format!("/MediaBox[0 0 {width} {height}]/Resources {PAGE_RESOURCES} 0 R");
        let digest: [u8; 32] = self.rows.finalize().into();
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        Ok(self.file.finish(&attributes, &id)?)
    }
}

/// The Form XObject with what is the same on all labels.
fn form_object(at: i32, compiled: &Compiled, content: &[u8]) -> Vec<u8> {
    let (width, height) = label_size(compiled);
    let packed = pack(content);
    let mut object = format!(
        "{at} 0 obj\n<</Type/XObject/Subtype/Form/BBox[0 0 {} {}]/Resources {FORM_RESOURCES} 0 R/Length {}/Filter/FlateDecode>>stream\n",
        decimal(width),
        decimal(height),
        packed.len()
    )
    .into_bytes();
    object.extend_from_slice(&packed);
    object.extend_from_slice(b"\nendstream\nendobj\n");
    object
}

/// The overprint of a group: each piece of art is a form, which the pages name.
fn art_forms_of(
    group: &Compiled,
    first: i32,
    objects: &mut Vec<(i32, Vec<u8>)>,
) -> Result<Vec<(PlacedArt, String)>, LayoutError> {
    let mut scratch = Scratch::default();
    let mut forms = Vec::new();
    let art = group.draw_widest(&mut scratch)?.items.iter().filter_map(|item| match item {
        Item::Art(placed) => Some(placed),
        _ => None,
    });
    for (placed, at) in art.zip(first..) {
        let mut content = Vec::new();
        push_art(placed, group, &mut content);
        objects.push((at, form_object(at, group, &content)));
        forms.push((placed.clone(), art_name(at)));
    }
    Ok(forms)
}

/// The name of the form with this number.
fn art_name(at: i32) -> String {
    format!("A{at}")
}

/// Resources of the pages and of the forms, which share the dictionary of fonts.
fn resources(forms: usize, images: usize, arts: usize) -> [(i32, Vec<u8>); 2] {
    let entries = |prefix: char, count: usize, first: i32| -> String {
        (0..count).map(|i| format!("/{prefix}{i} {} 0 R", first + number(i))).collect()
    };
    let arts: String = {
        let first = FIRST_FORM + number(forms + images);
        (first..first + number(arts)).map(|at| format!("/{} {at} 0 R", art_name(at))).collect()
    };
    let forms_of_pages = entries('L', forms, FIRST_FORM) + &arts;
    let page = format!("{PAGE_RESOURCES} 0 obj\n<</Font {FONTS} 0 R/XObject<<{forms_of_pages}>>>>\nendobj\n");
    let images = entries('I', images, FIRST_FORM + number(forms));
    let form = format!("{FORM_RESOURCES} 0 obj\n<</Font {FONTS} 0 R/XObject<<{images}>>>>\nendobj\n");
    [(PAGE_RESOURCES, page.into_bytes()), (FORM_RESOURCES, form.into_bytes())]
}

fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Width and height of a label in millionths of a point.
fn label_size(compiled: &Compiled) -> (i64, i64) {
    let (width, height) = compiled.size_dots();
    (micropoints(width, compiled.resolution()), micropoints(height, compiled.resolution()))
}

/// A length of so many millionths of a point, in points.
fn decimal(micropoints: i64) -> String {
    let mut out = Vec::new();
    push_fixed(micropoints, 6, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// A picture at its own resolution: line art in one bit, anything else in grey.
fn image_object(image: &Image, id: Ref) -> Chunk {
    let (samples, bits) = if image.is_line_art() {
        (image.to_bilevel().bytes().iter().map(|byte| !byte).collect(), 1)
    } else {
        (image.grey().to_vec(), 8)
    };
    let packed = pack(&samples);
    let mut chunk = Chunk::new();
    let mut object = chunk.image_xobject(id, &packed);
    object.filter(Filter::FlateDecode);
    object.width(number(image.width())).height(number(image.height())).bits_per_component(bits);
    object.color_space().device_gray();
    object.finish();
    chunk
}

fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    pack_best(bytes, &mut out);
    out
}
