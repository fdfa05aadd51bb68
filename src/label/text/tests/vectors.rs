//! Vectors from HarfBuzz 15.0.0: glyph id, x and y of each glyph in font units, for the shipped files.

use super::*;

/// Face, text, width, glyphs.
const SHAPED: [(&str, &str, i32, &str); 6] = [
    (
        "sans",
        "Type AVATAR fi",
        6731,
        "49,0,0 28,532,0 19,1031,0 6,1611,0 994,2160,0 30,2396,0 51,2996,0 30,3564,0 49,4140,0 30,4647,0 47,5288,0 994,5928,0 194,6164,0",
    ),
    ("sans", "Готово", 3083, "675,0,0 644,399,0 649,946,0 644,1405,0 623,1965,0 644,2523,0"),
    (
        "sans-arabic",
        "المنتج لا",
        3033,
        "1066,0,0 3,518,0 589,754,0 321,1396,0 334,1706,0 916,2016,0 477,2540,0 286,2809,0",
    ),
    ("sans-hebrew", "מספר", 2445, "308,0,0 304,526,0 301,1149,0 298,1791,0"),
    (
        "sans-devanagari",
        "क्षमता र्क्ष स्त्री",
        5015,
        "521,0,0 607,795,0 824,1430,0 909,2047,0 3,2357,0 521,2593,0 1069,3388,0 3,3388,0 773,3624,0 944,4705,0",
    ),
    (
        "sans-thai",
        "น้ำ ที่ ญู",
        3053,
        "312,0,0 465,507,0 494,504,40 328,587,0 3,1070,0 305,1306,0 466,1822,0 490,1822,0 3,1902,0 282,2138,0 500,2973,0",
    ),
];

#[test]
fn glyphs_and_their_places_are_those_of_harfbuzz() {
    let fonts = fonts_shipped();
    for (face, text, width, glyphs) in SHAPED {
        // At a size of 1000 a micrometre is a font unit.
        let style = TextStyle { size: Um(1000), min_size: Um(1000), ..style(100) };
        let drawing = place(&style, text).unwrap();
        assert_eq!(described(&drawing, &fonts), one_run(face, text));
        let found: Vec<String> = drawing.glyphs.iter().map(|g| format!("{},{},{}", g.id, g.x.0, g.y.0)).collect();
        assert_eq!((runs(&drawing)[0].width, found.join(" ").as_str()), (Um(width), glyphs), "{text}");
    }
}
