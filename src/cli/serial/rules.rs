//! The rules that serials are looked at by.

use crate::cli::failure::{Failure, Outcome};
use crate::cli::installation::{Place, read_text};
use crate::serial::{PermutationKey, Rule, RuleSpec};
use std::path::{Path, PathBuf};

/// A rule is a few lines of TOML.
const LONGEST_RULE: u64 = 64 << 10;

/// Rules, and whether they hold the key that their scrambled numbers were made with.
pub(super) struct Rules {
    pub(super) rules: Vec<Rule>,
    /// If not, a serial can be checked, but not which number of its series it is.
    pub(super) keyed: bool,
}

/// The rules of the definitions; else those of the installation, if one was named; else the shipped ones.
pub(super) async fn known(place: &Place, definitions: &[PathBuf]) -> Outcome<Rules> {
    if !definitions.is_empty() {
        let rules = definitions.iter().map(|path| defined(path)).collect::<Outcome<_>>()?;
        return Ok(Rules { rules, keyed: false });
    }
    if place.data.is_some() || place.database.is_some() {
        let rules =
            place.with(async |nameplate| Ok(nameplate.rules().all().iter().map(|known| known.rule.clone()).collect()));
        return Ok(Rules { rules: rules.await?, keyed: true });
    }
    let rules = [RuleSpec::s12(), RuleSpec::s9()].map(|spec| compiled(spec, "the shipped rule"));
    Ok(Rules { rules: rules.into_iter().collect::<Outcome<_>>()?, keyed: false })
}

fn defined(path: &Path) -> Outcome<Rule> {
    let text = read_text(path, LONGEST_RULE)?;
    let name = path.display().to_string();
    let spec = RuleSpec::from_toml(&text).map_err(|e| Failure::Failed(format!("{name}: {e}")))?;
    compiled(spec, &name)
}

/// Without an installation there is no key; checking needs none.
fn compiled(spec: RuleSpec, name: &str) -> Outcome<Rule> {
    Rule::compile(spec, &PermutationKey([0; 32])).map_err(|e| Failure::Failed(format!("{name}: {e}")))
}
