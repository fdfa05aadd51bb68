//! PDF files: the same bytes on every run, whole at any number of pages.

use nameplate::label::Resolution;
use nameplate::render::pdf::{PdfError, PdfJob, PdfOptions};

use super::job::{BRANDS, unit_label};
use super::outputs;

fn job() -> PdfJob {
    PdfJob::new(vec![unit_label(BRANDS[0], Resolution::Dpi203)], PdfOptions::default()).unwrap()
}

fn pdf(count: usize) -> Vec<u8> {
    let serials: Vec<String> = (0..count).map(|i| format!("7K3M{i:08}")).collect();
    let job = job();
    let mut stream = job.stream(Vec::new()).unwrap();
    serials.iter().for_each(|serial| stream.add(&[serial]).unwrap());
    stream.finish().unwrap()
}

#[test]
fn the_same_labels_are_the_same_bytes() {
    assert!(pdf(70) == pdf(70));
    let (a, b) = (pdf(1), pdf(2));
    let id = |bytes: &[u8]| String::from_utf8_lossy(bytes).rsplit_once("/ID[<").map(|(_, id)| id[..32].to_owned());
    assert_ne!(id(&a), id(&b), "different files have different ids");
    assert!(outputs::pdf(&unit_label(BRANDS[0], Resolution::Dpi203), &[&["7K3M00000000"]]) == a);
}

#[test]
fn pages_are_found_at_every_depth_of_the_page_tree() {
    for count in [1, 63, 64, 65, 128, 4_097] {
        let file = hayro::hayro_syntax::Pdf::new(pdf(count)).unwrap();
        assert_eq!(file.pages().len(), count);
    }
}

#[test]
fn every_offset_points_at_its_object() {
    for count in [1, 65, 4_097] {
        let bytes = pdf(count);
        let text = String::from_utf8_lossy(&bytes[bytes.len() - 20..]).into_owned();
        let start: usize = text.split('\n').rev().find_map(|line| line.parse().ok()).unwrap();
        let table = String::from_utf8_lossy(&bytes[start..]).into_owned();
        let mut lines = table.lines().skip(1);
        let size: usize = lines.next().unwrap().strip_prefix("0 ").unwrap().parse().unwrap();
        let mut in_use = 0;
        for (number, line) in lines.by_ref().take(size).enumerate().filter(|(_, line)| line.contains(" n")) {
            let offset: usize = line[..10].parse().unwrap();
            let head = format!("{number} 0 obj\n");
            assert!(bytes[offset..].starts_with(head.as_bytes()), "object {number} of {count} pages");
            in_use += 1;
        }
        assert!(in_use > 2 * count);
        assert!(table.contains("/Root 1 0 R"));
    }
}

#[test]
fn an_empty_pdf_is_refused_and_a_bad_row_spoils_nothing() {
    let job = job();
    assert!(matches!(job.stream(Vec::new()).unwrap().finish(), Err(PdfError::Empty)));
    let mut stream = job.stream(Vec::new()).unwrap();
    stream.add(&["7K3M00000000"]).unwrap();
    assert!(matches!(stream.add(&["more than twelve symbols"]), Err(PdfError::Layout(_))));
    assert!(stream.finish().unwrap() == pdf(1));
}

#[test]
fn a_full_disk_is_an_error() {
    struct Full(usize);
    impl std::io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let (job, room) = (job(), pdf(3).len());
    for short in [1, 1000, room - 2000] {
        let write = || -> Result<(), PdfError> {
            let mut stream = job.stream(Full(room - short))?;
            for i in 0..3 {
                stream.add(&[&format!("7K3M{i:08}")])?;
            }
            stream.finish().map(|_| ())
        };
        assert!(matches!(write(), Err(PdfError::Io(_))), "{short} bytes short");
    }
}

#[test]
fn what_writes_labels_can_be_sent_to_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<nameplate::render::pdf::PdfStream<'static, Vec<u8>>>();
    is_send::<nameplate::render::zpl::native::NativeStream<'static, Vec<u8>>>();
    is_send::<nameplate::render::zpl::graphic::GraphicStream<'static, Vec<u8>>>();
    is_send::<nameplate::render::png::PngSeries>();
    is_send::<nameplate::render::bulk::BulkJob>();
}
