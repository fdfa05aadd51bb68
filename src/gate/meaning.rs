//! What a code that was read says, in words: derived from what the decoder reported, not from what the template wished.
//!
//! Two codes on one label look alike, and whoever takes the product's EAN for the serial has a warehouse full of one unit.
//! So every code is told apart by what it holds, and what nobody expected is said to be unexpected.

use serde::{Deserialize, Serialize};

use super::CodeFormat;
use crate::label::symbol::gs1::ElementString;

/// What stands between element strings when a scanner reports them.
const SEPARATOR: char = '\u{1D}';

/// What is known of the label that the code was read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known<'k> {
    /// The serial as codes carry it.
    pub serial: &'k str,
    /// The serial in groups.
    pub printed: &'k str,
    /// The product's GTIN, as written.
    pub gtin: Option<&'k str>,
    /// SKU code.
    pub sku: &'k str,
    /// Batch code.
    pub batch: &'k str,
    /// Other names of the SKU, with their kind: customer, model and so on.
    pub names: &'k [(String, String)],
}

/// What a code, or a part of one, is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// The serial of the unit.
    Serial,
    /// The serial with the separators of its printed form.
    SerialInGroups,
    /// The GTIN of the product.
    Gtin,
    /// A GTIN of something else.
    OtherGtin,
    /// The SKU code.
    Sku,
    /// The batch number.
    Batch,
    /// Another name of the SKU.
    OtherName,
    /// A date of the product.
    Date,
    /// Another element of GS1, told by its application identifier.
    Element,
    /// Elements of GS1 in one code; the parts say which.
    Elements,
    /// A GS1 Digital Link; the parts say what it holds.
    DigitalLink,
    /// A web address.
    WebAddress,
    /// A text that holds the serial among other things.
    HoldsSerial,
    /// None of these.
    Unknown,
}

/// What a code says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeSays {
    /// What it is.
    pub meaning: Meaning,
    /// What its elements are, where it has several.
    pub parts: Vec<Meaning>,
    /// The same in a sentence.
    pub words: String,
}

/// Tells what a code says.
///
/// ```
/// use nameplate::gate::{CodeFormat, Known, Meaning, what_it_says};
/// let known = Known { serial: "7K3M4QXT92PA", gtin: Some("4006381333931"), ..Known::default() };
/// let said = what_it_says(CodeFormat::Code128, "7K3M4QXT92PA", &known);
/// assert_eq!((said.meaning, said.words.as_str()), (Meaning::Serial, "This code is the serial."));
/// let said = what_it_says(CodeFormat::Ean13, "4006381333931", &known);
/// assert_eq!((said.meaning, said.words.as_str()), (Meaning::Gtin, "This code is the product GTIN."));
/// ```
pub fn what_it_says(format: CodeFormat, text: &str, known: &Known<'_>) -> CodeSays {
    let is_gs1 = matches!(format, CodeFormat::Gs1_128 | CodeFormat::Gs1DataMatrix);
    if is_gs1 && let Ok(elements) = ElementString::parse_scanned(text, SEPARATOR) {
        return of_elements(&elements, Meaning::Elements, "a GS1 code", known);
    }
    if let Ok(elements) = ElementString::parse_digital_link(text) {
        return of_elements(&elements, Meaning::DigitalLink, "a GS1 Digital Link", known);
    }
    let meaning = plain(text, known);
    let words = match meaning {
        Meaning::Serial => "This code is the serial.".to_owned(),
        Meaning::SerialInGroups => "This code is the serial, in the groups in which it is printed.".to_owned(),
        Meaning::Gtin => "This code is the product GTIN.".to_owned(),
        Meaning::OtherGtin => format!("This code is a GTIN, but not that of this product{}.", own_gtin(known)),
        Meaning::Sku => "This code is the SKU code.".to_owned(),
        Meaning::Batch => "This code is the batch number.".to_owned(),
        Meaning::OtherName => match known.names.iter().find(|(_, name)| name == text) {
            Some((kind, _)) => format!("This code is a name of the product ({kind})."),
            None => "This code is a name of the product.".to_owned(),
        },
        Meaning::WebAddress if holds(text, known.serial) => {
            "This code is a web address with the serial in it.".to_owned()
        }
        Meaning::WebAddress => "This code is a web address.".to_owned(),
        Meaning::HoldsSerial => "This code is a text that holds the serial and more.".to_owned(),
        _ => "This code is not expected: it is neither the serial nor a name or number of the product.".to_owned(),
    };
    CodeSays { meaning, parts: Vec::new(), words }
}

fn own_gtin(known: &Known<'_>) -> String {
    known.gtin.map_or_else(|| ", which has none".to_owned(), |gtin| format!(" ({gtin})"))
}

/// What a text is that is neither element string nor link.
fn plain(text: &str, known: &Known<'_>) -> Meaning {
    let is = |wanted: &str| !wanted.is_empty() && text == wanted;
    if is(known.serial) {
        return Meaning::Serial;
    }
    if is(known.printed) {
        return Meaning::SerialInGroups;
    }
    if let Some(gtin) = as_gtin14(text) {
        let is_own = known.gtin.and_then(as_gtin14).is_some_and(|own| own == gtin);
        return if is_own { Meaning::Gtin } else { Meaning::OtherGtin };
    }
    if is(known.sku) {
        return Meaning::Sku;
    }
    if is(known.batch) {
        return Meaning::Batch;
    }
    if known.names.iter().any(|(_, name)| name == text) {
        return Meaning::OtherName;
    }
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") {
        return Meaning::WebAddress;
    }
    if holds(text, known.serial) { Meaning::HoldsSerial } else { Meaning::Unknown }
}

fn holds(text: &str, serial: &str) -> bool {
    !serial.is_empty() && text.contains(serial)
}

/// 8, 12, 13 or 14 digits with a right check digit, filled up to 14.
fn as_gtin14(text: &str) -> Option<String> {
    let is_long = matches!(text.len(), 8 | 12 | 13 | 14) && text.bytes().all(|byte| byte.is_ascii_digit());
    let elements = ElementString::parse(&format!("(01){text}")).ok().filter(|_| is_long)?;
    elements.value("01").map(str::to_owned)
}

fn of_elements(elements: &ElementString, meaning: Meaning, what: &str, known: &Known<'_>) -> CodeSays {
    let (mut parts, mut named) = (Vec::new(), Vec::new());
    for (ai, value) in elements.elements() {
        let (part, words) = of_element(ai, value, known);
        parts.push(part);
        named.push(words);
    }
    let last = named.pop().unwrap_or_default();
    let list = if named.is_empty() { last } else { format!("{} and {last}", named.join(", ")) };
    CodeSays { meaning, parts, words: format!("This code is {what} with {list}.") }
}

/// What an element is, and in words.
fn of_element(ai: &str, value: &str, known: &Known<'_>) -> (Meaning, String) {
    let element = |words: &str| (Meaning::Element, words.to_owned());
    match ai {
        "01" | "02" => match known.gtin.and_then(as_gtin14) {
            Some(own) if own == value => (Meaning::Gtin, "the product GTIN".to_owned()),
            _ => (Meaning::OtherGtin, format!("a GTIN that is not this product's ({value})")),
        },
        "21" if value == known.serial => (Meaning::Serial, "the serial".to_owned()),
        "21" => element(&format!("a serial number that is not this unit's ({value})")),
        "10" if value == known.batch => (Meaning::Batch, "the batch number".to_owned()),
        "10" => element(&format!("another batch number ({value})")),
        "11" | "13" | "15" | "16" | "17" => (Meaning::Date, format!("a date ({value})")),
        "00" => element("the SSCC of a carton or pallet"),
        "30" | "37" => element(&format!("a quantity ({value})")),
        "240" | "241" if value == known.sku => (Meaning::Sku, "the SKU code".to_owned()),
        _ => element(&format!("({ai}) {value}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known() -> Known<'static> {
        Known {
            serial: "TESTWWWWWWAB",
            printed: "TEST-WWWW-WWAB",
            gtin: Some("9521234000044"),
            sku: "NT-M2-BOR",
            batch: "SAMPLE-BATCH",
            names: &[],
        }
    }

    fn said(format: CodeFormat, text: &str) -> (Meaning, String) {
        let said = what_it_says(format, text, &known());
        (said.meaning, said.words)
    }

    #[test]
    fn the_codes_that_people_confuse_are_told_apart() {
        assert_eq!(said(CodeFormat::Code128, "TESTWWWWWWAB").1, "This code is the serial.");
        assert_eq!(said(CodeFormat::Code128, "TEST-WWWW-WWAB").0, Meaning::SerialInGroups);
        assert_eq!(said(CodeFormat::Ean13, "9521234000044").1, "This code is the product GTIN.");
        assert_eq!(said(CodeFormat::Itf14, "09521234000044").0, Meaning::Gtin, "the same GTIN with a zero in front");
        let (meaning, words) = said(CodeFormat::Ean13, "9521234000051");
        assert_eq!(meaning, Meaning::OtherGtin);
        assert_eq!(words, "This code is a GTIN, but not that of this product (9521234000044).");
        assert_eq!(said(CodeFormat::Code39, "NT-M2-BOR").1, "This code is the SKU code.");
        assert_eq!(said(CodeFormat::Qr, "SAMPLE-BATCH").1, "This code is the batch number.");
        assert_eq!(said(CodeFormat::Qr, "https://example.com/TESTWWWWWWAB").0, Meaning::WebAddress);
        assert_eq!(said(CodeFormat::Qr, "SN=TESTWWWWWWAB;M=9").0, Meaning::HoldsSerial);
        assert!(said(CodeFormat::Qr, "HELLO").1.contains("not expected"));
        assert_eq!(said(CodeFormat::Code128, "9521234000045").0, Meaning::Unknown, "its check digit is wrong");
    }

    #[test]
    fn codes_of_gs1_are_taken_apart() {
        let link = "https://id.example.com/01/09521234000044/21/TESTWWWWWWAB";
        assert_eq!(
            said(CodeFormat::Qr, link).1,
            "This code is a GS1 Digital Link with the product GTIN and the serial."
        );
        let all = what_it_says(
            CodeFormat::Gs1DataMatrix,
            "010952123400004417271231\u{1D}10SAMPLE-BATCH\u{1D}21TESTWWWWWWAB",
            &known(),
        );
        assert_eq!(all.parts, [Meaning::Gtin, Meaning::Date, Meaning::Batch, Meaning::Serial]);
        let other = what_it_says(CodeFormat::Gs1_128, "0109521234000051217K3M", &known());
        assert_eq!(
            other.words,
            "This code is a GS1 code with a GTIN that is not this product's (09521234000051) and a serial number that is \
             not this unit's (7K3M)."
        );
    }

    #[test]
    fn nothing_known_is_never_said() {
        let nothing = Known::default();
        assert_eq!(what_it_says(CodeFormat::Qr, "", &nothing).meaning, Meaning::Unknown);
        let gtin = what_it_says(CodeFormat::Ean13, "9521234000044", &nothing);
        assert_eq!(gtin.words, "This code is a GTIN, but not that of this product, which has none.");
    }

    proptest! {
        /// Invariant: a code is called the serial only if it is nothing but the serial.
        #[test]
        fn only_the_serial_is_the_serial(text in "[ -~]{0,40}", at in 0_usize..11) {
            let said = what_it_says(CodeFormat::ALL[at], &text, &known());
            prop_assert_eq!(said.meaning == Meaning::Serial, text == known().serial);
            prop_assert!(said.words.ends_with('.'));
        }
    }
}
