//! Tests of packing whole buffers.

use std::fmt::Write as _;

use proptest::prelude::*;

use self::blocks::has_stored_block_after_codes;
use super::*;

mod blocks;

// Invariants:
// 1. What is packed unpacks to the same bytes (with an independent inflater), whatever the codes were trained on.
// 2. What was packed before, and in which clone, changes nothing.
// 3. One block grows by no more than the head of a stored one and the frame of the stream; where several follow each other,
//    those after the first may take nine bits a byte.
// 5. No stored block comes after one with codes: see ZlibStream.
// 4. What is appended leaves alone what stands before it.

fn unpack(packed: &[u8]) -> Vec<u8> {
    miniz_oxide::inflate::decompress_to_vec_zlib(packed).unwrap()
}

fn packers(sample: &[u8]) -> Vec<Deflate> {
    let rows = [1, 5, 60, 40_000].map(|bytes_per_row| Deflate::for_rows(bytes_per_row, sample));
    rows.into_iter().chain([Deflate::for_text(sample)]).collect()
}

/// Every way of packing unpacks again and keeps its bound.
fn check(sample: &[u8], bytes: &[u8]) {
    let later = bytes.len().saturating_sub(MAX_BLOCK_BYTES);
    let most = bytes.len() + 11 + 5 * (bytes.len() / MAX_BLOCK_BYTES) + later / 8;
    for mut packer in packers(sample) {
        let mut out = b"before".to_vec();
        packer.pack_into(bytes, &mut out);
        let packed = out.strip_prefix(b"before").unwrap();
        assert_eq!(unpack(packed), bytes);
        assert!(packed.len() <= most, "{} bytes of {}", packed.len(), bytes.len());
        assert!(!has_stored_block_after_codes(packed));
    }
    let mut out = Vec::new();
    pack_best(bytes, &mut out);
    assert_eq!(unpack(&out), bytes);
    assert!(out.len() <= most + bytes.len() / 1000, "{} bytes of {}", out.len(), bytes.len());
}

fn words() -> impl Strategy<Value = Vec<u8>> {
    let word =
        prop::sample::select(vec!["12 ", "125 1.96 ", "63.96 re f\n", "q ", "Q\n", "BT /F1 ", "\0\u{1}", "\u{ff}"]);
    prop::collection::vec(word, 0..400).prop_map(|words| words.concat().into_bytes())
}

fn dots() -> impl Strategy<Value = Vec<u8>> {
    let row = prop::collection::vec(prop::sample::select(vec![0_u8, 0, 0, 0, 0xFF, 0x0F, 0x80, 0x3C]), 5);
    let rows = (row, 1_usize..30).prop_map(|(row, times)| row.repeat(times));
    prop::collection::vec(rows, 0..30).prop_map(|rows| rows.concat())
}

fn anything() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..900),
        (any::<u8>(), 0_usize..3000).prop_map(|(byte, count)| vec![byte; count]),
        words(),
        dots(),
    ]
}

proptest! {
    #[test]
    fn what_is_packed_unpacks_whatever_the_codes_were_trained_on(sample in anything(), bytes in anything()) {
        check(&sample, &bytes);
    }

    #[test]
    fn a_tail_unpacks(bytes in anything(), tail in anything()) {
        for mut packer in packers(&bytes) {
            let mut out = Vec::new();
            packer.pack_with_tail(&bytes, &tail, &mut out);
            prop_assert_eq!(unpack(&out), [&bytes[..], &tail].concat());
            prop_assert!(!has_stored_block_after_codes(&out));
        }
    }

    #[test]
    fn what_was_packed_before_changes_nothing(first in anything(), second in anything()) {
        for mut packer in packers(&first) {
            let mut copy = packer.clone();
            let (mut out, mut expected) = (Vec::new(), Vec::new());
            copy.pack_into(&second, &mut expected);
            packer.pack_into(&first, &mut Vec::new());
            packer.pack_into(&second, &mut out);
            prop_assert_eq!(out, expected);
        }
    }
}

#[test]
fn the_reader_of_blocks_sees_stored_ones_after_codes() {
    // A fixed block with nothing in it, then a stored one with nothing in it, the last.
    let stream = [0x78, 0x01, 0b0000_0010, 0b0000_0100, 0, 0, 0xFF, 0xFF, 0, 0, 0, 1];
    assert!(has_stored_block_after_codes(&stream));
    assert!(!has_stored_block_after_codes(&[0x78, 0x01, 1, 0, 0, 0xFF, 0xFF, 0, 0, 0, 1]));
}

#[test]
fn every_short_length_unpacks() {
    let (noise, content) = (noise(600), page("2A"));
    let mut packers: Vec<Deflate> = packers(&content);
    for source in [vec![0; 600], noise, content[..600].to_vec()] {
        for length in 0..=source.len() {
            for packer in &mut packers {
                let mut out = Vec::new();
                packer.pack_into(&source[..length], &mut out);
                assert_eq!(unpack(&out), &source[..length]);
            }
            let mut out = Vec::new();
            pack_best(&source[..length], &mut out);
            assert_eq!(unpack(&out), &source[..length]);
        }
    }
}

#[test]
fn lengths_around_the_largest_block_unpack() {
    let noise = noise(2 * MAX_BLOCK_BYTES + 5);
    let rows = label().repeat(8);
    for length in [65_534, 65_535, 65_536, 131_069, 131_070, 131_071] {
        for bytes in [&noise[..length], &rows[..length]] {
            check(&rows[..9600], bytes);
            let (mut out, head) = (Vec::new(), &bytes[..1000]);
            Deflate::for_text(head).pack_with_tail(head, bytes, &mut out);
            assert_eq!(unpack(&out), [head, bytes].concat());
        }
    }
}

#[test]
fn long_inputs_unpack_and_stay_small() {
    let zeros = vec![0; 8_000_000];
    let mut out = Vec::new();
    Deflate::for_rows(60, &zeros[..19_200]).pack_into(&zeros, &mut out);
    assert_eq!(unpack(&out), zeros);
    assert!(out.len() < 40_000, "{}", out.len());
    out.clear();
    pack_best(&zeros, &mut out);
    assert_eq!(unpack(&out), zeros);
    assert!(out.len() < 20_000, "{}", out.len());
}

#[test]
fn nothing_packs_to_an_empty_block() {
    // Header, a last block with fixed codes that ends at once, the checksum 1.
    let expected = [0x78, 0x01, 0x03, 0x00, 0, 0, 0, 1];
    for mut packer in packers(b"sample") {
        let mut out = Vec::new();
        packer.pack_into(&[], &mut out);
        assert_eq!(out, expected);
    }
    let mut out = Vec::new();
    pack_best(&[], &mut out);
    assert_eq!(out, expected);
}

#[test]
fn the_header_is_one_of_zlib() {
    // RFC 1950, 2.2: method 8, window of 32 KB, and the two bytes as a number are a multiple of 31.
    let mut out = Vec::new();
    pack_best(b"abc", &mut out);
    assert_eq!((out[0], u16::from_be_bytes([out[0], out[1]]) % 31), (0x78, 0));
}

#[test]
fn the_bytes_are_the_same_on_every_machine() {
    let (mut rows, mut text, mut best) = (Vec::new(), Vec::new(), Vec::new());
    Deflate::for_rows(60, &label()).pack_into(&label(), &mut rows);
    Deflate::for_text(&page("7KQ2")).pack_into(&page("M4XZ"), &mut text);
    pack_best(&label(), &mut best);
    let small = b"the same bytes, the same bytes on every machine";
    let mut golden = Vec::new();
    Deflate::for_text(small).pack_into(small, &mut golden);
    let hex: String = golden.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "78012bc94855284ecc4d5548aa2c492dd65140e52be4e729a496a516552ae426266764e6a5020096531126");
    assert_eq!(
        [rows, text, best].map(|packed| (packed.len(), fnv(&packed))),
        [(1934, 0xC92E_1E76_3EED_50F0), (269, 0x696D_F1C7_4040_1ADA), (2016, 0x146D_969B_CEF2_F7B1)]
    );
}

#[test]
fn sizes_are_close_to_those_of_zlib() {
    let zlib = |bytes: &[u8]| {
        let mut out = Vec::with_capacity(bytes.len() + 1000);
        let mut zlib = flate2::Compress::new(flate2::Compression::new(6), true);
        zlib.compress_vec(bytes, &mut out, flate2::FlushCompress::Finish).unwrap();
        out.len()
    };
    let packed = |mut packer: Deflate, bytes: &[u8]| {
        let mut out = Vec::new();
        packer.pack_into(bytes, &mut out);
        out.len()
    };
    let best = |bytes: &[u8]| {
        let mut out = Vec::new();
        pack_best(bytes, &mut out);
        out.len()
    };
    let (label, page, other) = (label(), page("M4XZ"), page("7KQ2"));
    let (rows, rows_zlib) = (packed(Deflate::for_rows(60, &label), &label), zlib(&label));
    assert!(rows * 100 <= rows_zlib * 110, "{rows} bytes, zlib {rows_zlib}");
    let (text, text_zlib) = (packed(Deflate::for_text(&other), &page), zlib(&page));
    assert!(text * 100 <= text_zlib * 110, "{text} bytes, zlib {text_zlib}");
    for bytes in [label, page] {
        assert!(best(&bytes) * 100 <= zlib(&bytes) * 101, "{} bytes, zlib {}", best(&bytes), zlib(&bytes));
    }
}

/// Bytes without order.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let byte = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    (0..count).map(byte).collect()
}

/// FNV-1a with 64 bits.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3))
}

/// A label of 480 x 320 dots: lines of letter-like shapes, bars, rules, white.
fn label() -> Vec<u8> {
    let mut bitmap = crate::label::Bitmap::new(480, 320);
    let mut fill = |x, y, width, height| bitmap.fill(crate::label::DotRect { x, y, width, height });
    let shapes = noise(2000);
    for (line, y) in [20_i32, 50, 80, 250, 285].into_iter().enumerate() {
        let mut x = 20;
        for letter in &shapes[line * 24..(line + 1) * 24] {
            // A slanted stroke, a stem and an arm: letters differ, and so do their places in a byte.
            let (slant, width) = (i32::from(letter % 5) + 2, 8 + i32::from(letter >> 5));
            (0..20).for_each(|dy| fill(x + dy / slant, y + dy, 3, 1));
            fill(x + width, y + i32::from(letter & 7), 3, 20 - i32::from(letter & 7));
            fill(x + 2, y + i32::from(letter >> 4), width - 1, 2);
            x += width + 6;
        }
    }
    let mut x = 30;
    for width in &shapes[200..260] {
        fill(x, 120, 2 * i32::from(1 + width % 3), 90);
        x += 2 * i32::from(2 + (width >> 4) % 3);
    }
    fill(10, 235, 460, 2);
    bitmap.bytes().to_vec()
}

/// A content stream: bars in dots, and a line of glyph codes.
fn page(serial: &str) -> Vec<u8> {
    let mut page = String::from("/L Do\nq 0.354331 0 0 -0.354331 0.007086 113.378714 cm\n");
    let mut x = 24;
    let first = usize::from(fnv(serial.as_bytes()).to_be_bytes()[0]);
    for width in &noise(300)[first..first + 40] {
        writeln!(page, "{x} 125 {}.96 63.96 re f", 2 * (width % 4) + 1).unwrap();
        x += 2 * (i32::from(width % 4) + 1 + i32::from((width >> 4) % 3));
    }
    page.push_str("Q\nBT /F2 12.2513 Tf 23.5276 73.936 Td [(");
    serial.bytes().for_each(|byte| page.extend(['\0', char::from(byte % 32)]));
    page.push_str(")] TJ ET\n");
    page.into_bytes()
}
