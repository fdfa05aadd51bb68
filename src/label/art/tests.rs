//! Reading drawings: shapes, what is refused, limits, the shipped marks.

use proptest::prelude::*;

use super::*;

fn svg(inner: &str) -> Vec<u8> {
    format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{inner}<path d="M0 0h1v1z"/></svg>"#)
        .into_bytes()
}

fn refused(inner: &str) -> ArtError {
    Art::from_svg(&svg(inner)).expect_err(inner)
}

fn feature(inner: &str) -> Feature {
    match refused(inner) {
        ArtError::Unsupported { feature, .. } => feature,
        other => panic!("{inner}: {other}"),
    }
}

#[test]
fn shapes_become_outlines_on_the_grid() {
    let bytes = br##"<svg xmlns="http://www.w3.org/2000/svg" width="64mm" height="32mm" viewBox="0 0 64 32">
        <g transform="translate(8 4) scale(2)"><rect width="4" height="2" fill="#333"/></g>
        <path d="M0 16 Q8 0 16 16 Z" fill="#fff" fill-rule="evenodd"/>
        <path d="M4 30 H60" stroke="navy" stroke-width="2"/></svg>"##;
    let art = Art::from_svg(bytes).unwrap();
    assert_eq!((art.width(), art.height()), (65_536, 32_768));
    assert_eq!(art.digest(), &<[u8; 32]>::from(Sha256::digest(bytes)));
    let k = 1024;
    let [rect, curve, line] = art.outlines() else { panic!("{} outlines", art.outlines().len()) };
    let corners: Vec<[i32; 2]> = rect.segments.iter().flat_map(Segment::points).collect();
    assert_eq!(corners, [[8 * k, 4 * k], [16 * k, 4 * k], [16 * k, 8 * k], [8 * k, 8 * k]]);
    assert_eq!((rect.ink, rect.rule), (Ink::Black, FillRule::NonZero));
    assert!(curve.segments.contains(&Segment::QuadTo([8 * k, 0], [16 * k, 16 * k])), "{curve:?}");
    assert_eq!((curve.ink, curve.rule), (Ink::White, FillRule::EvenOdd));
    let edge: Vec<i32> = line.segments.iter().flat_map(Segment::points).map(|p| p[1]).collect();
    assert_eq!((edge.iter().min(), edge.iter().max()), (Some(&(29 * k)), Some(&(31 * k))));
}

#[test]
fn paint_order_dashes_uses_and_styles_are_followed() {
    let order = Art::from_svg(&svg(r#"<path d="M10 10h9v9z" stroke="white" paint-order="stroke"/>"#)).unwrap();
    assert_eq!((order.outlines()[0].ink, order.outlines()[1].ink), (Ink::White, Ink::Black));
    let dashed = Art::from_svg(&svg(r#"<path d="M0 50H100" stroke="black" stroke-dasharray="10"/>"#)).unwrap();
    let starts = |o: &Outline| o.segments.iter().filter(|s| matches!(s, Segment::MoveTo(_))).count();
    assert_eq!(dashed.outlines().iter().map(starts).max(), Some(5));
    let used = r##"<defs><path id="p" d="M0 0h9v9z"/></defs><use href="#p" x="9"/><use href="#p" y="9"/>"##;
    assert_eq!(Art::from_svg(&svg(used)).unwrap().outlines().len(), 3);
    let styled = r#"<style>.w { fill: #eee }</style><path class="w" d="M0 0h9v9z"/>"#;
    assert_eq!(Art::from_svg(&svg(styled)).unwrap().outlines()[0].ink, Ink::White);
    let unseen =
        r#"<path opacity="0" d="M0 0h9v9z"/><path display="none" d="M0 0h9v9z"/><path fill="none" d="M0 0h9v9z"/>"#;
    assert_eq!(Art::from_svg(&svg(unseen)).unwrap().outlines().len(), 1);
}

#[test]
fn half_luma_divides_black_from_white() {
    let ink = |color: &str| {
        Art::from_svg(&svg(&format!(r#"<path fill="{color}" d="M0 0h9v9z"/>"#))).unwrap().outlines()[0].ink
    };
    assert_eq!(ink("rgb(127,127,127)"), Ink::Black);
    assert_eq!(ink("rgb(128,128,128)"), Ink::White);
    assert_eq!((ink("red"), ink("blue"), ink("yellow"), ink("lime")), (Ink::Black, Ink::Black, Ink::White, Ink::White));
}

#[test]
fn what_areas_cannot_show_is_refused_by_name() {
    for (inner, expected) in [
        ("<text>CE</text>", Feature::Text),
        (r#"<image href="a.png"/>"#, Feature::Image),
        (r#"<image href="file:///etc/passwd"/>"#, Feature::Image),
        (r#"<image href="data:image/png;base64,AAAA"/>"#, Feature::Image),
        ("<script>alert(1)</script>", Feature::Script),
        ("<foreignObject/>", Feature::Foreign),
        (r#"<path d="M0 0h9v9z"><animate/></path>"#, Feature::Animation),
        (r#"<linearGradient id="g"/><path fill="url(#g)" d="M0 0h9v9z"/>"#, Feature::PaintServer),
        (r#"<path style="stroke-width:2;stroke:url(#g)" d="M0 0h9v9z"/>"#, Feature::PaintServer),
        ("<style>p{fill:red} path{color:red;fill: url(#g)}</style>", Feature::PaintServer),
        ("<style>@import 'http://example.com/a.css';</style>", Feature::Link),
        (r#"<g clip-path="url(#c)"/>"#, Feature::ClipPath),
        (r#"<g mask="url(#m)"/>"#, Feature::Mask),
        (r#"<g filter="url(#f)"/>"#, Feature::Filter),
        (r#"<g filter="blur(2px)"><path d="M0 0h9v9z"/></g>"#, Feature::Filter),
        (r#"<g style="mix-blend-mode:multiply"><path d="M0 0h9v9z"/></g>"#, Feature::Filter),
        (r#"<path marker-end="url(#m)" d="M0 0h9"/>"#, Feature::Marker),
        (r#"<path fill-opacity=".5" d="M0 0h9v9z"/>"#, Feature::Opacity),
        (r#"<path stroke-opacity=".5" stroke="red" d="M0 0h9v9z"/>"#, Feature::Opacity),
        (r#"<g opacity=".99"><path d="M0 0h9v9z"/></g>"#, Feature::Opacity),
        (r#"<path fill="rgba(0,0,0,.5)" d="M0 0h9v9z"/>"#, Feature::Opacity),
        (r#"<use href="http://example.com/a.svg#p"/>"#, Feature::Link),
        (r#"<use xmlns:x="http://www.w3.org/1999/xlink" x:href="/etc/a.svg#p"/>"#, Feature::Link),
        (r##"<g id="a"><use href="#a"/></g>"##, Feature::Cycle),
        (r##"<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>"##, Feature::Cycle),
    ] {
        assert_eq!(feature(inner), expected, "{inner}");
    }
    let message = refused("\n\n<text>CE</text>").to_string();
    assert_eq!(message, "line 3: text cannot be used; convert it to paths");
    let message = refused(r#"<path id="glass" fill-opacity=".5" d="M0 0h9v9z"/>"#).to_string();
    assert!(message.starts_with("element \"glass\": something half transparent"), "{message}");
    assert!(Art::from_svg(&svg(r#"<a href="http://example.com/"><path d="M0 0h9v9z"/></a>"#)).is_ok());
    assert!(Art::from_svg(&svg(r#"<rdf xmlns="urn:x"><text/></rdf><image2 xmlns="urn:y"/>"#)).is_ok());
}

#[test]
fn what_is_no_drawing_is_refused() {
    let read = |text: &str| Art::from_svg(text.as_bytes()).unwrap_err();
    assert_eq!(Art::from_svg(&vec![b' '; 10_000_000]), Err(ArtError::TooManyBytes { found: 10_000_000 }));
    assert_eq!(Art::from_svg(&[0x1f, 0x8b, 8, 0, 0xff]), Err(ArtError::NotText));
    assert!(matches!(read(""), ArtError::Unreadable(_)));
    assert!(matches!(read("<html/>"), ArtError::Unreadable(_)));
    assert!(matches!(read("<svg xmlns='http://www.w3.org/2000/svg'><g></svg>"), ArtError::Unreadable(_)));
    assert!(matches!(
        read("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'>&e;</svg>"),
        ArtError::Unreadable(_)
    ));
    for size in
        ["viewBox='0 0 0 0' width='0'", "width='0' height='5'", "width='-1' height='5'", "width='1' height='999999'"]
    {
        let found = read(&format!("<svg xmlns='http://www.w3.org/2000/svg' {size}><path d='M0 0h1v1z'/></svg>"));
        assert_eq!(found, ArtError::NoSize, "{size}");
    }
    let long = read(&format!("<svg xmlns='http://www.w3.org/2000/svg'><{}></svg>", "\u{1f600}a".repeat(50_000)));
    assert!(long.to_string().chars().count() < 200, "{long}");
    assert!(Art::from_svg(&[b"\xef\xbb\xbf", &svg("")[..]].concat()).is_ok(), "a byte order mark");
    let blank = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><path fill='white' d='M0 0h1v1z'/></svg>";
    assert_eq!(read(blank), ArtError::Blank);
    assert_eq!(read("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'/>"), ArtError::Blank);
}

#[test]
fn declarations_of_entities_are_refused_and_a_plain_document_type_is_not() {
    let with = |doctype: &str| {
        let mut bytes = doctype.as_bytes().to_vec();
        bytes.extend(svg(""));
        Art::from_svg(&bytes)
    };
    let bomb =
        "<!DOCTYPE svg [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c SYSTEM \"file:///etc/passwd\">]>";
    let found = with(bomb);
    assert!(
        matches!(found, Err(ArtError::Unsupported { feature: Feature::Entities, place: Place::Line(1) })),
        "{found:?}"
    );
    assert!(
        with("<?xml version=\"1.0\"?><!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"http://www.w3.org/a.dtd\">")
            .is_ok()
    );
}

#[test]
fn limits_hold() {
    let limit = |inner: &str| match refused(inner) {
        ArtError::TooMany { what, .. } => what,
        ArtError::FarOutside { .. } => "far",
        other => panic!("{}", other),
    };
    assert_eq!(limit(&"<g>".repeat(100_000)), "elements within each other");
    assert_eq!(limit(&format!("{}{}", "<g>".repeat(64), "</g>".repeat(64))), "elements within each other");
    assert!(Art::from_svg(&svg(&format!("{}{}", "<g>".repeat(63), "</g>".repeat(63)))).is_ok());
    assert_eq!(limit(&"<g/>".repeat(30_000)), "elements");
    let attributes: String = (0..200).map(|i| format!(" a{i}=''")).collect();
    assert_eq!(limit(&format!("<g{attributes}/>")), "attributes of one element");
    assert_eq!(limit(&format!("<path d='M0 0{}'/>", "h1".repeat(200_000))), "bytes in one path");
    let long = format!("<path d='M0 0{}'/>", "h1v1h-1v-1".repeat(15_000));
    assert_eq!(limit(&long.repeat(2)), "segments of outlines");
    let uses: String =
        (0..20).map(|i| format!(r##"<g id="u{}"><use href="#u{i}"/><use href="#u{i}"/></g>"##, i + 1)).collect();
    assert_eq!(limit(&format!(r#"<path id="u0" d="M0 0h1v1z"/>{uses}"#)), "elements through references");
    let heavy = format!(r#"<path id="p" d="M0 0{}"/>"#, "h1".repeat(100_000));
    assert_eq!(limit(&(heavy + &r##"<use href="#p"/>"##.repeat(1000))), "bytes through references");
    let css = format!("<style>{}</style>", "a b{fill:red}".repeat(10_000));
    assert_eq!(limit(&(css + &"<g/>".repeat(10_000))), "bytes of style rules for its elements");
    assert_eq!(limit("<path stroke='red' stroke-dasharray='.001' d='M0 0H100'/>"), "dashes of dashed lines");
    assert_eq!(limit("<path d='M0 0H9999999V99999z'/>"), "far");
    assert_eq!(limit("<path stroke='red' stroke-width='1e9' d='M0 0H9'/>"), "far");
    let scribble = format!("<path d='M0 0{}'/>", "H100V50H0V0".repeat(1000));
    assert_eq!(limit(&scribble), "lines, measured in sides of the drawing");
}

#[test]
fn the_deepest_references_that_pass_fit_the_stack() {
    let chain = |count: usize| -> String {
        let link = |i| format!(r##"<g id="c{}"><g><g><use href="#c{i}"/></g></g></g>"##, i + 1);
        format!(
            "<defs><path id='c0' d='M0 0h1v1z'/>{}</defs><use href='#c{count}'/>",
            (0..count).map(link).collect::<String>()
        )
    };
    assert!(Art::from_svg(&svg(&chain(30))).is_ok());
    assert_eq!(feature(&chain(40)), Feature::Cycle);
}

#[test]
fn numbers_beyond_all_drawings_are_refused_before_arcs_are_cut() {
    for shape in [
        "<path d='M0 0H1e38V1e38z'/>",
        "<path d='M0 0A1e910 10 0 1 0 11 19'/>",
        "<path d='M0 0A10 100000000000 0 1 0 11 19'/>",
        "<path d='M0 0A1E+30 1 0 1 0 11 19'/>",
        "<circle r='1e38'/>",
        "<circle r='9999999'/>",
        "<ellipse rx='9em' ry='1'/>",
        "<rect width='9' height='9' rx='1ex'/>",
        "<svg viewBox='0 0 1e30 1e30'/>",
    ] {
        assert!(matches!(refused(shape), ArtError::Number { .. }), "{shape}");
    }
    for path in ["M0 0a5 5 0 1110.5 10", "M0 0A10 10 0 01100 100", "M1e-30 0H.1234567890123V1.5e-7-9z", "M0 0 L NaN 5z"]
    {
        assert!(Art::from_svg(&svg(&format!("<path d='{path}'/>"))).is_ok(), "{path}");
    }
}

#[test]
fn every_mark_is_read_and_says_where_it_comes_from() {
    assert!(marks().is_sorted_by_key(|mark| mark.name));
    for mark in marks() {
        assert!(mark.art().outlines().iter().any(|o| o.ink == Ink::Black), "{}", mark.name);
        assert!(!mark.title.is_empty() && !mark.source.is_empty(), "{}", mark.name);
        assert!(std::ptr::eq(mark, super::mark(mark.name).unwrap()), "{}", mark.name);
    }
    let least = |name: &str| super::mark(name).unwrap().min_height_um.map(|um| um.0);
    assert_eq!((least("ce"), least("ukca"), least("weee")), (Some(5_000), Some(5_000), Some(7_000)));
    assert!(super::mark("CE").is_none() && super::mark("").is_none());
}

// Invariant: no bytes make reading panic, and what is read keeps the limits.
proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn broken_files_are_refused(
        mark in 0_usize..3, cut in any::<prop::sample::Index>(), length in 0_usize..40,
        put in prop::sample::select(vec!["", "<", ">", "\"", "e9", "-", " ", "z", "999999999", "e-9", "<use href='#a'/>", "transform='scale(0)' ", "<svg>"]),
    ) {
        let files = [&include_bytes!("../../../templates/marks/weee.svg")[..], include_bytes!("../../../templates/marks/ce.svg"),
            include_bytes!("../../../templates/marks/keep-dry.svg")];
        let mut bytes = files[mark].to_vec();
        let from = cut.index(bytes.len());
        let to = (from + length).min(bytes.len());
        bytes.splice(from..to, put.bytes());
        if let Ok(art) = Art::from_svg(&bytes) {
            let segments: usize = art.outlines().iter().map(|o| o.segments.len()).sum();
            prop_assert!(art.width().max(art.height()) == UNITS_PER_SIDE && segments <= MAX_SEGMENTS);
        }
    }

    #[test]
    fn strange_values_do_no_harm(shapes in prop::collection::vec(shape(), 1..6)) {
        if let Ok(art) = Art::from_svg(&svg(&shapes.concat())) {
            let points = art.outlines().iter().flat_map(|o| &o.segments).flat_map(Segment::points);
            prop_assert!(points.flatten().all(|at| at.unsigned_abs() <= 8 * UNITS_PER_SIDE));
        }
    }
}

/// One element with attributes that fit it more or less.
fn shape() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "g", "svg", "symbol", "switch",
    ]);
    let attribute = prop::sample::select(vec![
        "d",
        "points",
        "x",
        "y",
        "x1",
        "y2",
        "r",
        "rx",
        "ry",
        "cx",
        "width",
        "height",
        "viewBox",
        "transform",
        "fill",
        "stroke",
        "stroke-width",
        "stroke-dasharray",
        "stroke-dashoffset",
        "stroke-miterlimit",
        "stroke-linejoin",
        "stroke-linecap",
        "preserveAspectRatio",
        "opacity",
        "style",
        "fill-rule",
        "paint-order",
        "visibility",
        "vector-effect",
    ]);
    let value = prop::sample::select(vec![
        "",
        "0",
        "-1",
        "1e-30",
        "1e30",
        "1e400",
        "NaN",
        "50%",
        "5mm",
        "1 2",
        "0 0 9 9",
        "0 0 1e-9 9",
        "M0 0h9v9z",
        "M0 0A0 1e9 9 1 0 9 9",
        "M1 1c1e9 0 0 1e9 9 9q1-9 1 1t9 9s1 1 1 9z",
        "scale(0)",
        "rotate(1e9)",
        "skewX(90)",
        "matrix(1 1 1 1 1 1)",
        "red",
        "#ffff",
        "none",
        "currentColor",
        "round",
        "miter-clip",
        "arcs",
        "inherit",
        "evenodd",
        "stroke",
        "fill:white;stroke:red",
        "xMinYMax slice",
        "1,0,0,2",
        "0 .01",
        "non-scaling-stroke",
        "hidden",
    ]);
    (name, prop::collection::btree_map(attribute, value, 0..8)).prop_map(|(name, attributes)| {
        let list: String = attributes.iter().map(|(attribute, value)| format!(" {attribute}='{value}'")).collect();
        format!("<{name}{list}><path d='M0 0h9v9z'/></{name}>")
    })
}
