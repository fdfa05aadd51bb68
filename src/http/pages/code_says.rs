//! What a code says, in the language of the page.

use super::View;
use crate::gate::Meaning;
use crate::words::fill;

/// The sentence for a meaning and its parts; `words` is the gate's own, in English.
pub(super) fn said(v: &View, meaning: Meaning, parts: &[Meaning], words: &str) -> String {
    // The gate's sentence names more than a translation can: kinds of names, numbers of elements.
    if v.language() == "en" {
        return words.to_owned();
    }
    let word = |part: &str, meaning: &Meaning| {
        let name = serde_json::to_value(meaning).ok();
        let name = name.as_ref().and_then(|name| name.as_str()).unwrap_or("unknown").replace('-', "_");
        v.t(&format!("proofs.{part}_{name}")).to_owned()
    };
    let parts: Vec<String> = parts.iter().map(|meaning| word("part", meaning)).collect();
    fill(&word("says", &meaning), &[&parts.join(", ")])
}
