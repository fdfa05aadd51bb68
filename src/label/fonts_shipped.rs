//! The faces that come with the product; `fonts/README.md` names their sources and licences.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use super::font::{FontError, FontSet, FontSource, Origin, Weight};

macro_rules! file {
    ($name:literal) => {
        include_bytes!(concat!("../../fonts/", $name))
    };
}

/// Name in templates, weight and file of each face, in the order in which they stand in for each other.
const SHIPPED: [(&str, Weight, &[u8]); 12] = [
    ("sans", Weight::Regular, file!("IBMPlexSans-Regular.ttf")),
    ("sans-semibold", Weight::SemiBold, file!("IBMPlexSans-SemiBold.ttf")),
    ("serial", Weight::SemiBold, file!("IBMPlexMono-SemiBold.ttf")),
    ("sans-arabic", Weight::Regular, file!("IBMPlexSansArabic-Regular.ttf")),
    ("sans-arabic-semibold", Weight::SemiBold, file!("IBMPlexSansArabic-SemiBold.ttf")),
    ("sans-hebrew", Weight::Regular, file!("IBMPlexSansHebrew-Regular.ttf")),
    ("sans-hebrew-semibold", Weight::SemiBold, file!("IBMPlexSansHebrew-SemiBold.ttf")),
    ("sans-devanagari", Weight::Regular, file!("IBMPlexSansDevanagari-Regular.ttf")),
    ("sans-devanagari-semibold", Weight::SemiBold, file!("IBMPlexSansDevanagari-SemiBold.ttf")),
    ("sans-thai", Weight::Regular, file!("IBMPlexSansThai-Regular.ttf")),
    ("sans-thai-semibold", Weight::SemiBold, file!("IBMPlexSansThai-SemiBold.ttf")),
    ("symbols", Weight::Regular, file!("NameplateSymbols-Regular.ttf")),
];

/// The shipped faces. `sans` and `sans-semibold` are for text; in `serial` 0/O, 1/I/l, 5/S and 8/B differ; the others
/// stand in where those have no glyph.
#[expect(clippy::expect_used, reason = "the files are part of the program and tests read them")]
pub fn fonts_shipped() -> Arc<FontSet> {
    static FONTS: LazyLock<Arc<FontSet>> =
        LazyLock::new(|| Arc::new(fonts_with(Vec::new()).expect("the shipped fonts have different names")));
    Arc::clone(&FONTS)
}

/// The shipped faces and an operator's: `(name, bytes of a .ttf, .otf or .ttc file)`.
///
/// # Errors
/// As for [`FontSet::new`].
pub fn fonts_with(operator: Vec<(String, Cow<'static, [u8]>)>) -> Result<FontSet, FontError> {
    let shipped = SHIPPED.into_iter().map(|(name, weight, bytes)| FontSource {
        name: name.to_owned(),
        data: Cow::Borrowed(bytes),
        origin: Origin::Shipped(weight),
    });
    let operator = operator.into_iter().map(|(name, data)| FontSource { name, data, origin: Origin::Operator });
    FontSet::new(shipped.chain(operator).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What rating plates and small print use besides letters.
    const SIGNS: &str = "⎓~∿Ωµμ°²³™®©℮≤≥→±×÷−–—…•·№⌀⏚⏛⚠♻⏻√Δ€£½‰′″";

    #[test]
    fn every_shipped_face_can_be_read() {
        let fonts = fonts_shipped();
        assert_eq!(fonts.len(), SHIPPED.len());
        for face in fonts.faces() {
            assert_eq!(face.units_per_em(), 1000, "{}", face.name());
            let heights = face.heights();
            assert!(heights.capitals > 600 && heights.ascent > 0 && heights.descent < 0, "{}", face.name());
        }
        for name in ["sans", "sans-semibold", "serial"] {
            let face = fonts.face(fonts.find(name).unwrap());
            for character in (' '..='~').chain("ÄÖÜäöüßéèçñåøæłžАЯаяЁёЖщ€–·ẾộỹĐđươ".chars())
            {
                assert!(face.glyph(character).is_some_and(|g| g.advance > 0), "{name} lacks {character}");
            }
        }
        assert!(fonts.face(fonts.find("serial").unwrap()).heights().is_monospace);
    }

    #[test]
    fn the_shipped_faces_together_have_every_script_and_sign_promised() {
        let fonts = fonts_shipped();
        let greek = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρςστυφχψωάέήίόύώϊΐ";
        let others = "ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئةىپچژگ٠١٢٣٤٥٦٧٨٩،؟אבגדהוזחטיךכלםמןנסעףפץצקרשתקखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसह०१२३४५६७८९।्ािीुूกขฃคฅฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ฿็่้๊๋";
        for wanted in ["sans", "sans-semibold", "serial"] {
            let wanted = fonts.find(wanted).unwrap();
            for character in SIGNS.chars().chain(greek.chars()).chain(others.chars()) {
                let found = fonts.chain(wanted).any(|id| fonts.face(id).glyph(character).is_some());
                assert!(found, "nothing has {character} (U+{:04X})", u32::from(character));
            }
        }
    }
}
