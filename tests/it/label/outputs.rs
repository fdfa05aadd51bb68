//! Labels as the outputs of the product, and outputs as pixels.

use std::sync::Arc;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use nameplate::label::{Compiled, Resolution, Scratch};
use nameplate::render::bulk::BulkJob;
use nameplate::render::pdf::{PdfJob, PdfOptions};
use nameplate::render::png::PngSeries;
use nameplate::render::raster::label_bitmap;
use nameplate::render::sheet::Imposition;
use nameplate::render::zpl::graphic::{GraphicJob, GraphicStream};
use nameplate::render::zpl::native::{NativeJob, NativeStream};
use nameplate::render::zpl::{PrinterSetup, ZplError};

use super::read::Pixels;

/// Labels of a job: the group of each, and its row.
pub type Rows<'r> = &'r [(usize, Vec<&'r str>)];

/// Rows of one field and one group.
pub fn rows<'r>(values: &[&'r str]) -> Vec<(usize, Vec<&'r str>)> {
    values.iter().map(|value| (0, vec![*value])).collect()
}

/// The dots of a label.
pub fn dots(compiled: &Arc<Compiled>, row: &[&str]) -> Pixels {
    Pixels::of(&label_bitmap(compiled, row).unwrap_or_else(|e| panic!("{e}")))
}

/// A PDF with one label a page.
pub fn pdf(compiled: &Arc<Compiled>, rows: &[&[&str]]) -> Vec<u8> {
    let job = PdfJob::new(vec![Arc::clone(compiled)], PdfOptions::default()).unwrap();
    let mut stream = job.stream(Vec::new()).unwrap();
    rows.iter().for_each(|row| stream.add(row).unwrap());
    stream.finish().unwrap()
}

/// A job of many labels, drawn on some threads.
pub fn bulk(job: &BulkJob, threads: usize, rows: Rows<'_>) -> std::io::Result<Vec<u8>> {
    job.write(threads, Vec::new(), |sink| rows.iter().try_for_each(|(group, row)| sink(*group, row)))
}

/// A PDF of sheets.
pub fn sheets(groups: &[Arc<Compiled>], imposition: Imposition, rows: Rows<'_>) -> Vec<u8> {
    let job = BulkJob::pdf(groups.to_vec(), PdfOptions { imposition: Some(imposition), attachment: None }).unwrap();
    bulk(&job, 1, rows).unwrap()
}

/// Labels as native ZPL.
pub fn native(compiled: &Arc<Compiled>, rows: &[&[&str]]) -> Result<Vec<u8>, ZplError> {
    let job = NativeJob::new(Arc::clone(compiled), &PrinterSetup::default())?;
    let mut stream = NativeStream::new(Vec::new(), &job)?;
    for row in rows {
        stream.add(row)?;
    }
    stream.finish()
}

/// Labels as graphic ZPL.
pub fn graphic(compiled: &Arc<Compiled>, rows: &[&[&str]]) -> Vec<u8> {
    let job = GraphicJob::new(Arc::clone(compiled), &PrinterSetup::default()).unwrap();
    let mut stream = GraphicStream::new(Vec::new(), &job).unwrap();
    rows.iter().for_each(|row| stream.add(row).unwrap());
    stream.finish().unwrap()
}

/// A label as a PNG of a series.
pub fn png(compiled: &Arc<Compiled>, row: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    PngSeries::new(Arc::clone(compiled)).unwrap().push(row, &mut Scratch::default(), &mut out).unwrap();
    out
}

/// The pixels of a one-bit PNG, which must carry the printer's resolution.
pub fn decode_png(bytes: &[u8], resolution: Resolution) -> Pixels {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let info = reader.info();
    assert_eq!(info.bit_depth, png::BitDepth::One);
    let dims = info.pixel_dims.expect("pHYs");
    assert_eq!((dims.xppu, dims.yppu, dims.unit), (resolution.dots_per_m(), resolution.dots_per_m(), png::Unit::Meter));
    let (width, height) = (usize::try_from(info.width).unwrap(), usize::try_from(info.height).unwrap());
    let mut pixels = Pixels::new(width, height);
    reader.next_frame(&mut pixels.grey).unwrap();
    pixels
}

/// The pages of a PDF in the dots of a printer; a threshold of 1 blackens nearly every dot that a shape touches, as the
/// harshest printer filters do, none leaves grey edges.
pub fn pages(pdf: Vec<u8>, resolution: Resolution, threshold: Option<u8>) -> Vec<Pixels> {
    let pdf = Pdf::new(pdf).unwrap();
    let cache = RenderCache::new();
    let settings = RenderSettings { aliasing_threshold: threshold, ..RenderSettings::default() };
    // Drivers rasterise at the resolution under which a printer is sold.
    let scale = resolution.dpi() as f32 / 72.0;
    let size = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let page = |page| {
        let pixmap = render(page, &cache, &InterpreterSettings::default(), &settings, &size);
        let mut pixels = Pixels::new(usize::from(pixmap.width()), usize::from(pixmap.height()));
        pixels.grey.iter_mut().zip(pixmap.data()).for_each(|(grey, pixel)| *grey = pixel.g);
        pixels
    };
    pdf.pages().iter().map(page).collect()
}

/// A picture cut to the size of a label, or filled up with white.
pub fn fitted(pixels: &Pixels, compiled: &Compiled) -> Pixels {
    let (width, height) = compiled.size_dots();
    cut(pixels, (0, 0), (usize::try_from(width).unwrap(), usize::try_from(height).unwrap()))
}

/// A part of a picture.
pub fn cut(pixels: &Pixels, (left, top): (usize, usize), (width, height): (usize, usize)) -> Pixels {
    let mut out = Pixels::new(width, height);
    for (x, y) in (0..width * height).map(|at| (at % width, at / width)) {
        if left + x < pixels.width && top + y < pixels.height {
            out.grey[y * width + x] = pixels.grey[(top + y) * pixels.width + left + x];
        }
    }
    out
}
