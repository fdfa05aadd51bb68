//! Pictures and fonts that are broken, huge or dangerous are refused in a few clear words.

use std::borrow::Cow;

use nameplate::label::{Picture, fonts_shipped, fonts_with};
use proptest::prelude::*;

use super::job::file;

fn refused(bytes: &[u8]) -> String {
    let error = Picture::read(bytes).err().unwrap_or_else(|| panic!("taken: {:?}", &bytes[..bytes.len().min(80)]));
    assert!(error.len() < 400, "{error}");
    error
}

/// A PNG whose header promises this size and holds nothing.
fn promised(width: u32, height: u32) -> Vec<u8> {
    let mut chunk = b"IHDR".to_vec();
    chunk.extend(width.to_be_bytes());
    chunk.extend(height.to_be_bytes());
    chunk.extend([8, 6, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    png.extend(&chunk);
    png.extend(crc32fast::hash(&chunk).to_be_bytes());
    png
}

#[test]
fn broken_and_huge_pngs_are_refused() {
    let good = file("templates/catalogue/logos/borealis.png");
    assert!(Picture::read(&good).is_ok());
    for end in [8, 20, 40, good.len() / 2, good.len() - 20] {
        assert!(refused(&good[..end]).contains("not a readable PNG"), "{end} bytes");
    }
    assert!(refused(&promised(100_000, 100_000)).contains("a picture of 100000 x 100000 pixels cannot be used"));
    assert!(refused(&promised(4_001, 4_000)).contains("1 to 16000000 pixels"));
    for (width, height) in [(0, 10), (10, 0), (u32::MAX, u32::MAX)] {
        refused(&promised(width, height));
    }
    let mut padded = good;
    padded.resize(2 * 1024 * 1024 + 1, 0);
    assert!(refused(&padded).contains("at most 2097152 are read"));
}

#[test]
fn drawings_with_more_than_outlines_are_refused_with_what_to_do() {
    let svg = |inner: &str| {
        format!(
            "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' viewBox='0 0 9 9'>{inner}</svg>"
        )
    };
    let shape = "<path d='M1 1H8V8z'/>";
    assert!(Picture::read(svg(shape).as_bytes()).is_ok());
    for (inner, words) in [
        ("<script>alert(1)</script>", "a script cannot be used"),
        ("<text>SN</text>", "convert it to paths"),
        ("<image xlink:href='file:///etc/passwd'/>", "cannot be used"),
        ("<use xlink:href='http://example.com/a.svg#b'/>", "outside the file"),
        ("<foreignObject/>", "foreign content"),
        ("<g id='a'><use xlink:href='#a'/></g>", "circle"),
        ("<path d='M0 0H9V9z' opacity='0.5'/>", "half transparent"),
        ("<animate attributeName='x'/>", "animation"),
        ("", "nothing in the drawing is black"),
    ] {
        let told = refused(svg(&format!("{inner}{}", if inner.is_empty() { "" } else { shape })).as_bytes());
        assert!(told.contains(words), "{inner}: {told}");
    }
    let bomb = format!("<!DOCTYPE svg [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>{}", svg("&b;"));
    assert!(refused(bomb.as_bytes()).contains("document type"));
    for bytes in [&b""[..], b"GIF89a", b"\xff\xd8\xff\xe0", b"\xff\xfe<\0", b"<svg", b"<html/>"] {
        refused(bytes);
    }
    assert!(refused(format!("{}{}", svg(shape), " ".repeat(1024 * 1024)).as_bytes()).contains("at most 1048576"));
}

#[test]
fn broken_fonts_are_named() {
    let good = file("tests/fixtures/fonts/NameplateTestCJK-Regular.ttf");
    let with = |bytes: Vec<u8>| fonts_with(vec![("my-font".to_owned(), Cow::Owned(bytes))]);
    assert!(with(good.clone()).unwrap().find("my-font").is_some());
    let mut cases =
        vec![Vec::new(), b"no font".to_vec(), vec![0; 10_000], good[..good.len() / 2].to_vec(), good[..100].to_vec()];
    let mut giant = good.clone();
    giant.resize(64 * 1024 * 1024 + 1, 0);
    cases.push(giant);
    for bytes in cases {
        let error = with(bytes).expect_err("a broken font is refused").to_string();
        assert!(error.contains("my-font") && error.len() < 400, "{error}");
    }
    let twice = vec![("sans".to_owned(), Cow::Owned(good))];
    let error = fonts_with(twice).expect_err("a shipped name is taken").to_string();
    assert!(error.contains("sans") && fonts_shipped().find("sans").is_some(), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    // Invariant: no bytes make a reader panic.
    #[test]
    fn damaged_files_never_panic(
        which in 0_usize..4,
        damage in prop::collection::vec((any::<usize>(), any::<u8>()), 1..20),
        cut in any::<usize>(),
    ) {
        let paths = [
            "templates/catalogue/logos/kestrel.png",
            "templates/marks/ce.svg",
            "templates/marks/weee.svg",
            "tests/fixtures/fonts/NameplateTestCJK-Regular.ttf",
        ];
        let mut bytes = file(paths[which]);
        for (at, value) in damage {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        if cut % 3 == 0 {
            bytes.truncate(cut / 3 % bytes.len() + 1);
        }
        if which < 3 {
            let _ = Picture::read(&bytes);
        } else {
            let _ = fonts_with(vec![("font".to_owned(), Cow::Owned(bytes))]);
        }
    }
}
