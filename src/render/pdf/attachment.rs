//! A file that lies in a PDF (ISO 32000-2, 7.11.4): readers list it and can save it.

/// A file to be put into a PDF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its name: letters, digits, hyphens and dots.
    pub name: String,
    /// What it is, for people: printable ASCII.
    pub description: String,
    /// A JSON document.
    pub json: Vec<u8>,
}

/// How the object of an embedded file begins, up to the number of its bytes. Kept in one form, so that the file can be found
/// again without a reader of PDF.
const HEAD: &str = "<</Type/EmbeddedFile/Subtype/application#2Fjson/Length ";
const STREAM: &[u8] = b">>stream\n";

/// Objects of an attachment: the file, and what names it.
pub const OBJECTS_PER_ATTACHMENT: i32 = 2;

impl Attachment {
    /// Its objects, the first with this number.
    pub(super) fn objects(&self, at: i32) -> [(i32, Vec<u8>); 2] {
        let mut file = format!("{at} 0 obj\n{HEAD}{}", self.json.len()).into_bytes();
        file.extend_from_slice(STREAM);
        file.extend_from_slice(&self.json);
        file.extend_from_slice(b"\nendstream\nendobj\n");
        let (name, description) = (literal(&self.name), literal(&self.description));
        let named = format!(
            "{} 0 obj\n<</Type/Filespec/F({name})/UF({name})/Desc({description})/AFRelationship/Data/EF<</F {at} 0 R/UF {at} 0 R>>>>\nendobj\n",
            at + 1
        );
        [(at, file), (at + 1, named.into_bytes())]
    }

    /// What the catalogue says of it; `at` is the number of its first object.
    pub(super) fn catalog_entries(&self, at: i32) -> String {
        let named = at + 1;
        format!("/Names<</EmbeddedFiles<</Names[({}) {named} 0 R]>>>>/AF[{named} 0 R]", literal(&self.name))
    }
}

/// A text between brackets: what has a meaning there, or is no ASCII, is left out.
fn literal(text: &str) -> String {
    text.chars().filter(|c| (c.is_ascii_graphic() || *c == ' ') && !matches!(c, '(' | ')' | '\\')).collect()
}

/// The file that lies in a PDF which was written here; `None` for any other PDF.
pub fn attached(pdf: &[u8]) -> Option<&[u8]> {
    let head = HEAD.as_bytes();
    let at = pdf.windows(head.len()).position(|window| window == head)?;
    let rest = &pdf[at + head.len()..];
    let digits = rest.iter().take(8).take_while(|byte| byte.is_ascii_digit()).count();
    let length: usize = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
    let bytes = rest[digits..].strip_prefix(STREAM)?;
    bytes.get(..length).filter(|_| bytes[length..].starts_with(b"\nendstream"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_put_in_comes_out(json in prop::collection::vec(any::<u8>(), 0..200), before in "[ -~]{0,40}") {
            let attachment = Attachment { name: "a.json".into(), description: "b (c)".into(), json: json.clone() };
            let [(_, file), (_, named)] = attachment.objects(7);
            let pdf = [before.as_bytes(), &file, &named].concat();
            prop_assert_eq!(attached(&pdf), Some(&json[..]));
            for end in 0..file.len() - b"\nendobj\n".len() - 1 {
                prop_assert_eq!(attached(&file[..end]), None);
            }
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..60), digits in "[0-9]{0,12}") {
            let pdf = [HEAD.as_bytes(), digits.as_bytes(), STREAM, &bytes].concat();
            let _ = attached(&pdf);
        }
    }
}
