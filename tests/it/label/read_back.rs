//! LAB5: every symbol of every output says what it must, at all resolutions, for all brands.

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use nameplate::label::{Compiled, Resolution};
use nameplate::render::pdf::PdfStream;
use nameplate::render::png::PngSeries;
use nameplate::render::zpl::PrinterSetup;
use nameplate::render::zpl::graphic::GraphicStream;
use nameplate::render::zpl::native::NativeStream;

use super::job::{BRANDS, SERIALS, unit_label};
use super::printer::Printer;
use super::read::{Pixels, assert_reads};

/// Runs a check for each brand and resolution.
fn for_each_label(check: impl Fn(&Compiled, &str)) {
    for brand in BRANDS {
        for resolution in Resolution::ALL {
            check(&unit_label(brand, resolution), brand[3]);
        }
    }
}

#[test]
fn png_reads_back() {
    for_each_label(|compiled, gtin| {
        let mut series = PngSeries::new(compiled);
        for serial in SERIALS {
            let png = series.encode(&[serial]).unwrap();
            assert_reads("PNG", &decode_png(&png, compiled.resolution()), compiled, serial, gtin);
        }
    });
}

#[test]
fn graphic_zpl_has_the_dots_of_the_png() {
    for_each_label(|compiled, gtin| {
        let mut stream = GraphicStream::new(Vec::new(), compiled, &PrinterSetup::default()).unwrap();
        SERIALS.iter().for_each(|serial| stream.add(&[serial]).unwrap());
        let labels = Printer::default().print(&stream.finish().unwrap());
        assert_eq!(labels.len(), SERIALS.len());
        let mut series = PngSeries::new(compiled);
        for (label, serial) in labels.iter().zip(SERIALS) {
            assert_reads("graphic ZPL", label, compiled, serial, gtin);
            let png = decode_png(&series.encode(&[serial]).unwrap(), compiled.resolution());
            assert!(png.grey == label.grey, "{serial}: the dots differ");
        }
    });
}

#[test]
fn native_zpl_reads_back() {
    for_each_label(|compiled, gtin| {
        let mut stream = NativeStream::new(Vec::new(), compiled, &PrinterSetup::default()).unwrap();
        SERIALS.iter().for_each(|serial| stream.add(&[serial]).unwrap());
        let labels = Printer::default().print(&stream.finish().unwrap());
        assert_eq!(labels.len(), SERIALS.len());
        for (label, serial) in labels.iter().zip(SERIALS) {
            assert_reads("native ZPL", label, compiled, serial, gtin);
        }
    });
}

#[test]
fn pdf_reads_back_smooth_and_in_black_and_white() {
    for_each_label(|compiled, gtin| {
        let mut stream = PdfStream::new(Vec::new(), compiled).unwrap();
        SERIALS.iter().for_each(|serial| stream.add(&[serial]).unwrap());
        let pdf = Pdf::new(stream.finish().unwrap()).unwrap();
        assert_eq!(pdf.pages().len(), SERIALS.len());
        // A threshold of 1 blackens nearly every dot that a shape touches, as the harshest printer filters do.
        for threshold in [None, Some(127), Some(1)] {
            let cache = RenderCache::new();
            for (page, serial) in pdf.pages().iter().zip(SERIALS) {
                let settings = RenderSettings { aliasing_threshold: threshold, ..RenderSettings::default() };
                let pixels = rasterise(page, &cache, &settings, compiled);
                assert_reads(&format!("PDF, threshold {threshold:?}"), &pixels, compiled, serial, gtin);
            }
        }
    });
}

/// A page in the dots of the label's printer.
fn rasterise<'p>(
    page: &'p hayro::hayro_syntax::page::Page<'p>,
    cache: &RenderCache<'p>,
    settings: &RenderSettings,
    compiled: &Compiled,
) -> Pixels {
    let scale = compiled.resolution().dots_per_254_mm() as f32 / 720.0;
    let size = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let pixmap = render(page, cache, &InterpreterSettings::default(), settings, &size);
    let (width, height) = compiled.size_dots();
    let mut pixels = Pixels::new(usize::try_from(width).unwrap(), usize::try_from(height).unwrap());
    let (columns, rows) = (usize::from(pixmap.width()), usize::from(pixmap.height()));
    for (x, y) in (0..columns.min(pixels.width) * rows.min(pixels.height))
        .map(|i| (i % columns.min(pixels.width), i / columns.min(pixels.width)))
    {
        pixels.grey[y * pixels.width + x] = pixmap.data()[y * columns + x].g;
    }
    pixels
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
