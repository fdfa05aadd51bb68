//! Filling against counts, pictures and the geometry of the marks.

use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use super::*;
use crate::label::DotRect;
use crate::label::art::marks;

fn art(view_box: &str, inner: &str) -> Art {
    Art::from_svg(format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view_box}">{inner}</svg>"#).as_bytes())
        .unwrap()
}

fn count(bitmap: &Bitmap) -> u32 {
    bitmap.bytes().iter().map(|byte| byte.count_ones()).sum()
}

fn picture(bitmap: &Bitmap) -> String {
    let row = |y| (0..bitmap.width()).map(|x| if bitmap.is_black(x, y) { '#' } else { '.' }).collect::<String>();
    (0..bitmap.height()).map(row).collect::<Vec<_>>().join("/")
}

// Invariants:
// 1. a rectangle on dot edges blackens exactly its dots, turned too, whatever the resolution;
// 2. half turns and quarter turns add up;
// 3. the inverse of a picture (white on a black box) is the inverse of its dots, except where exactly half is covered.
proptest! {
    #[test]
    fn rectangles_on_dot_edges_are_exact(
        (columns, rows) in (1_usize..70, 1_usize..70), x in 0_i32..70, y in 0_i32..70, width in 1_i32..70, height in 1_i32..70,
    ) {
        let side = |dots: usize| i32::try_from(dots).unwrap();
        let (x, y, width, height) = (x % side(columns), y % side(rows), width % side(columns) + 1, height % side(rows) + 1);
        let inner = format!(r#"<path d="M{x} {y}h{width}v{height}h-{width}z"/><path d="M-5 -5h1v1z"/>"#);
        let bitmap = fill_art(&art(&format!("0 0 {columns} {rows}"), &inner), columns, rows, Turn::None);
        let mut expected = Bitmap::new(columns, rows);
        expected.fill(DotRect { x, y, width, height });
        prop_assert_eq!(picture(&bitmap), picture(&expected));
    }

    #[test]
    fn turns_add_up(points in prop::collection::vec((0_i32..40, 0_i32..20), 3..9), even_odd in any::<bool>()) {
        let path: Vec<String> = points.iter().map(|(x, y)| format!("{x} {y}")).collect();
        let rule = if even_odd { "evenodd" } else { "nonzero" };
        let box_and_path = format!(r#"<path d="M0 0h.1v.1z M{}" fill-rule="{rule}"/>"#, path.join(" "));
        let art = art("0 0 40 20", &box_and_path);
        let upright = fill_art(&art, 40, 20, Turn::None);
        let (quarter, half, three) =
            (fill_art(&art, 20, 40, Turn::Quarter), fill_art(&art, 40, 20, Turn::Half), fill_art(&art, 20, 40, Turn::ThreeQuarters));
        // A dot of which just half is covered may fall either way by the rounding of a crossing.
        let mut differ = 0;
        for (x, y) in (0..40).flat_map(|x| (0..20).map(move |y| (x, y))) {
            let black = upright.is_black(x, y);
            differ += u32::from(quarter.is_black(19 - y, x) != black);
            differ += u32::from(half.is_black(39 - x, 19 - y) != black);
            differ += u32::from(three.is_black(y, 39 - x) != black);
        }
        prop_assert!(differ <= 24, "{} dots differ", differ);
    }

    #[test]
    fn white_on_black_is_the_inverse(points in prop::collection::vec((0_i32..400, 0_i32..400), 3..9)) {
        let path: Vec<String> = points.iter().map(|(x, y)| format!("{x} {y}")).collect();
        let path = path.join(" ");
        let black = art("0 0 400 400", &format!(r#"<path d="M0 0h.1v.1z M{path}"/>"#));
        let white = art("0 0 400 400", &format!(r##"<path d="M0 0h400v400h-400z"/><path d="M{path}" fill="#fff"/>"##));
        let (black, white) = (fill_art(&black, 40, 40, Turn::None), fill_art(&white, 40, 40, Turn::None));
        for (x, y) in (0..40).flat_map(|x| (0..40).map(move |y| (x, y))) {
            prop_assert!(black.is_black(x, y) || white.is_black(x, y));
        }
        let both = count(&black) + count(&white) - 1600;
        prop_assert!(both <= 60, "{} dots are black in both", both);
    }
}

#[test]
fn nested_squares_follow_the_fill_rule() {
    let squares = |rule: &str, inner: &str| {
        let path = format!(r#"<path fill-rule="{rule}" d="M0 0H6V6H0Z {inner}"/>"#);
        picture(&fill_art(&art("0 0 6 6", &path), 6, 6, Turn::None))
    };
    let (same_way, other_way) = ("M2 2H4V4H2Z", "M2 2V4H4V2Z");
    let full = ["######"; 6].join("/");
    let hole = "######/######/##..##/##..##/######/######";
    assert_eq!(squares("nonzero", same_way), full);
    assert_eq!(squares("nonzero", other_way), hole);
    assert_eq!(squares("evenodd", same_way), hole);
    assert_eq!(squares("evenodd", other_way), hole);
}

#[test]
fn a_circle_has_its_area() {
    let art = art("0 0 100 100", r#"<circle cx="50" cy="50" r="48"/>"#);
    for side in [40_u32, 100, 333, 1000] {
        let dots = usize::try_from(side).unwrap();
        let area = f64::from(count(&fill_art(&art, dots, dots, Turn::None)));
        let expected = std::f64::consts::PI * (0.48 * f64::from(side)).powi(2);
        assert!((area / expected - 1.0).abs() < 0.01, "{side} dots: {area} of {expected}");
    }
}

#[test]
fn a_quarter_turn_is_clockwise() {
    let art = art("0 0 3 2", r#"<path d="M0 0H3V1H1V2H0Z"/>"#);
    assert_eq!(picture(&fill_art(&art, 3, 2, Turn::None)), "###/#..");
    assert_eq!(picture(&fill_art(&art, 2, 3, Turn::Quarter)), "##/.#/.#");
    assert_eq!(picture(&fill_art(&art, 3, 2, Turn::Half)), "..#/###");
    assert_eq!(picture(&fill_art(&art, 2, 3, Turn::ThreeQuarters)), "#./#./##");
}

#[test]
fn white_covers_only_what_is_behind_it() {
    let art = art(
        "0 0 4 1",
        r##"<path d="M0 0h4v1h-4z"/><path d="M0 0h2v1h-2z" fill="#fff"/><path d="M1 0h1v1h-1z" fill="#222"/>"##,
    );
    assert_eq!(picture(&fill_art(&art, 4, 1, Turn::None)), ".###");
}

#[test]
fn areas_that_meet_within_a_dot_leave_no_gap() {
    let art = art("0 0 3 1", r#"<path d="M0 0h1.5v1h-1.5z"/><path d="M1.5 0h1.5v1h-1.5z"/>"#);
    assert_eq!(picture(&fill_art(&art, 3, 1, Turn::None)), "###");
}

#[test]
fn open_contours_count_as_closed_and_no_dots_are_no_picture() {
    let art = art("0 0 2 2", r#"<path d="M0 0H2V2M0 1V2H1"/>"#);
    assert_eq!(picture(&fill_art(&art, 2, 2, Turn::None)), "##/##");
    assert_eq!(count(&fill_art(&art, 0, 5, Turn::None)), 0);
    assert_eq!(count(&fill_art(&art, 5, 0, Turn::Quarter)), 0);
}

/// The least height of a mark, or 5 mm, at 8 dots per millimetre, and the width in proportion.
fn at_203_dpi(art: &Art, min_height_um: i32) -> Bitmap {
    let height = usize::try_from(min_height_um / 125).unwrap();
    let (width, units) = (usize::try_from(art.width()).unwrap(), usize::try_from(art.height()).unwrap());
    fill_art(art, (height * width + units / 2) / units, height, Turn::None)
}

#[test]
fn the_dots_of_every_mark_are_the_approved_ones() {
    let digests: Vec<String> = marks()
        .iter()
        .map(|mark| {
            let bitmap = at_203_dpi(mark.art(), mark.min_height_um.map_or(5_000, |um| um.0));
            let digest = Sha256::digest(bitmap.bytes());
            let hex: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
            format!("{} {}x{} {hex}", mark.name, bitmap.width(), bitmap.height())
        })
        .collect();
    assert_eq!(digests, APPROVED);
}

/// Looked at by eye when they were drawn.
const APPROVED: [&str; 13] = [
    "alternating-current 102x40 9ce13f06d0c5",
    "caution 46x40 330924244a49",
    "ce 56x40 7d72f6dc43a1",
    "direct-current 126x40 455d4dc93a8b",
    "double-insulated 40x40 8b9e19cd2904",
    "fcc 48x40 d5804fea1196",
    "fragile 22x40 bc6664bc3429",
    "keep-dry 39x40 c0b658995c8a",
    "read-manual 50x40 1378dec67619",
    "recycling 42x40 a2313c07598b",
    "this-way-up 28x40 4fd3b2f5e233",
    "ukca 40x40 657f89eef5b2",
    "weee 40x56 1a6c89ea85a7",
];

/// The file of a mark with a margin of a quarter of the box on every side.
fn with_margin(name: &str) -> Art {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/marks/");
    let text = std::fs::read_to_string(format!("{folder}{name}.svg")).unwrap();
    let (before, rest) = text.split_once("viewBox=\"").unwrap();
    let (numbers, after) = rest.split_once('"').unwrap();
    let n: Vec<f64> = numbers.split(' ').map(|number| number.parse().unwrap()).collect();
    let view_box = format!("{} {} {} {}", n[0] - n[2] / 4.0, n[1] - n[3] / 4.0, n[2] * 1.5, n[3] * 1.5);
    Art::from_svg(format!("{before}viewBox=\"{view_box}\"{after}").as_bytes()).unwrap()
}

#[test]
fn the_height_of_every_mark_is_that_of_its_box() {
    for mark in marks() {
        let side = 600;
        let bitmap = fill_art(&with_margin(mark.name), side, side, Turn::None);
        let column = |x: &usize| (0..side).any(|y| bitmap.is_black(*x, y));
        let row = |y: &usize| (0..side).any(|x| bitmap.is_black(x, *y));
        let edges = |of: Vec<usize>| (of[0], of[of.len() - 1]);
        let across = edges((0..side).filter(column).collect());
        let down = edges((0..side).filter(row).collect());
        for (first, last) in [across, down] {
            assert!((99..=102).contains(&first) && (497..=500).contains(&last), "{}: {across:?}, {down:?}", mark.name);
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positions within the picture")]
fn dot(position: f64) -> usize {
    position as usize
}

/// Regulation (EC) No 765/2008, annex II: letters of rings, 10 and 7 units of radius about centres 17 apart.
#[test]
fn ce_has_the_geometry_of_its_grid() {
    let ce = crate::label::art::mark("ce").unwrap().art();
    assert!((ce.width() * 20).abs_diff(ce.height() * 28) <= 14, "28 to 20, to half a unit");
    // Twenty dots per unit, and a margin of a quarter of the 28 by 20 units.
    let bitmap = fill_art(&with_margin("ce"), 840, 600, Turn::None);
    let black = |x: f64, y: f64| bitmap.is_black(dot((x + 7.0) * 20.0), dot((y + 5.0) * 20.0));
    for (centre, degrees) in
        [10.0, 27.0].into_iter().flat_map(|centre| (85..=275).map(move |degrees| (centre, degrees)))
    {
        let angle = f64::from(degrees).to_radians();
        let at = |radius: f64| black(centre + radius * angle.cos(), 10.0 + radius * angle.sin());
        assert!(at(9.9) && at(8.5) && at(7.1), "ring about {centre} at {degrees} degrees");
        assert!(!at(10.1), "outside of the ring about {centre} at {degrees} degrees");
        assert!(centre > 10.0 || !at(6.9), "inside of the C at {degrees} degrees");
    }
    assert!(!black(11.1, 1.5) && !black(11.1, 18.5), "the C ends one unit beyond its centre");
    assert!(black(25.9, 10.0) && !black(26.1, 10.0), "the bar of the E ends one unit before its centre");
    assert!(black(24.0, 8.6) && black(24.0, 11.4) && !black(24.0, 8.4) && !black(24.0, 11.6), "the bar is 3 high");
}
