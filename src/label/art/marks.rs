//! The marks that are shipped: regulatory marks and symbols for rating plates and packaging, drawn as vector art.

use std::sync::LazyLock;

use super::Art;
use crate::label::units::Um;

/// A shipped mark.
#[derive(Debug)]
pub struct Mark {
    /// The name in templates, like `ce`.
    pub name: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// The least height that its source prescribes, if it does.
    pub min_height_um: Option<Um>,
    /// Law or standard, with clause or number.
    pub source: &'static str,
    art: LazyLock<Art>,
}

impl Mark {
    /// The drawing.
    pub fn art(&self) -> &Art {
        &self.art
    }
}

/// The shipped mark of this name.
///
/// ```
/// assert_eq!(nameplate::label::art::mark("ce").and_then(|ce| ce.min_height_um), Some(nameplate::label::Um(5_000)));
/// assert!(nameplate::label::art::mark("CE").is_none());
/// ```
pub fn mark(name: &str) -> Option<&'static Mark> {
    MARKS.iter().find(|mark| mark.name == name)
}

/// All shipped marks, by name.
pub fn marks() -> &'static [Mark] {
    &MARKS
}

/// One line of the list; the file has the mark's name.
macro_rules! mark {
    ($name:literal, $title:literal, $min_height:expr, $source:literal) => {
        Mark {
            name: $name,
            title: $title,
            min_height_um: $min_height,
            source: $source,
            art: LazyLock::new(|| shipped(include_bytes!(concat!("../../../templates/marks/", $name, ".svg")))),
        }
    };
}

#[expect(clippy::expect_used, reason = "every shipped mark is read by a test")]
fn shipped(bytes: &[u8]) -> Art {
    Art::from_svg(bytes).expect("a shipped mark is a drawing")
}

static MARKS: [Mark; 13] = [
    mark!("alternating-current", "Alternating current", None, "IEC 60417-5032"),
    mark!("caution", "Caution", None, "ISO 7000-0434B"),
    mark!("ce", "CE marking", Some(Um(5_000)), "Regulation (EC) No 765/2008, annex II: at least 5 mm"),
    mark!("direct-current", "Direct current", None, "IEC 60417-5031"),
    mark!("double-insulated", "Class II equipment (double insulation)", None, "IEC 60417-5172"),
    mark!("fcc", "FCC supplier's declaration of conformity", None, "47 CFR 2.1074: voluntary, no size prescribed"),
    mark!("fragile", "Fragile", None, "ISO 780, no. 1 (ISO 7000-0621)"),
    mark!("keep-dry", "Keep away from rain", None, "ISO 780, no. 6 (ISO 7000-0626)"),
    mark!("read-manual", "Operator's manual", None, "ISO 7000-1641"),
    mark!("recycling", "Recycling (Moebius loop)", None, "ISO 7000-1135; ISO 14021, 5.10"),
    mark!("this-way-up", "This way up", None, "ISO 780, no. 3 (ISO 7000-0623)"),
    mark!(
        "ukca",
        "UKCA marking",
        Some(Um(5_000)),
        "Regulation (EC) No 765/2008 as retained (S.I. 2019/696), annex II: at least 5 mm"
    ),
    mark!(
        "weee",
        "Separate collection (crossed-out wheeled bin)",
        Some(Um(7_000)),
        "EN 50419, clause 4: at least 7 mm"
    ),
];
