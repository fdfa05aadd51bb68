//! The faces that come with the product; `fonts/README.md` names their sources and licence.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use super::font::FontSet;

/// Name in templates and file of each face.
const SHIPPED: [(&str, &[u8]); 3] = [
    ("sans", include_bytes!("../../fonts/IBMPlexSans-Regular.ttf")),
    ("sans-semibold", include_bytes!("../../fonts/IBMPlexSans-SemiBold.ttf")),
    ("serial", include_bytes!("../../fonts/IBMPlexMono-SemiBold.ttf")),
];

/// The shipped faces: `sans`, `sans-semibold` and `serial`, a face in which 0/O, 1/I/l, 5/S and 8/B differ.
#[expect(clippy::expect_used, reason = "the files are part of the program and tests read them")]
pub fn fonts_shipped() -> Arc<FontSet> {
    static FONTS: LazyLock<Arc<FontSet>> = LazyLock::new(|| {
        let sources = SHIPPED.map(|(name, bytes)| (name.to_owned(), Cow::Borrowed(bytes)));
        Arc::new(FontSet::new(sources.into()).expect("the shipped fonts are readable"))
    });
    Arc::clone(&FONTS)
}
