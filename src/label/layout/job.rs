//! The job that a template is laid out for: fields, samples of those that differ from unit to unit, assets.

use std::sync::Arc;

use super::{Assets, ElementFault, Finding, JobFields};
use crate::label::art::Art;
use crate::label::binding::{Binding, FillError};
use crate::label::error::Cause;
use crate::label::font::{Face, FaceId, FontSet};
use crate::label::template::{Element, Template, Texts};
use crate::label::text::TextPlan;
use crate::label::units::Resolution;

/// A field that differs from unit to unit, and the most that it may need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableField {
    /// The field's name, as in `{serial}`.
    pub name: String,
    /// Every character that it may have.
    pub alphabet: String,
    /// Characters of its longest value.
    pub longest: usize,
    /// Values that it may have; where there are some, the symbols are laid out for these as well.
    pub samples: Vec<String>,
    /// The longest and widest of all values, where all are known beforehand; else none, and the alphabet decides.
    pub extremes: Vec<String>,
}

/// A value for each variable field, by name.
pub type Samples = Vec<(String, String)>;

/// Everything that layout needs to know about a job.
pub struct Job<'a> {
    pub template: &'a Template,
    pub fields: &'a JobFields,
    pub assets: &'a Assets,
    pub resolution: Resolution,
    pub variable: &'a [VariableField],
    /// Language of texts that have several.
    pub language: &'a str,
}

impl<'a> Job<'a> {
    pub fn new(
        template: &'a Template,
        fields: &'a JobFields,
        assets: &'a Assets,
        resolution: Resolution,
        variable: &'a [VariableField],
    ) -> Job<'a> {
        let language = fields.get("language").filter(|language| !language.is_empty());
        let language = language.map_or(template.content.language.as_str(), String::as_str);
        Job { template, fields, assets, resolution, variable, language }
    }

    /// The elements that are there, those with a condition that cannot be decided for a whole job left out and noted.
    pub fn active(&self, findings: &mut Vec<Finding>) -> Vec<&'a Element> {
        let mut active = Vec::new();
        for element in &self.template.content.elements {
            if let Some(field) = element.when.fields().find(|field| self.is_variable_field(field)) {
                let cause = Cause::ConditionVaries { field: field.to_owned() };
                findings.push(ElementFault::new(element, cause).into_finding());
            } else if self.is_there(element) {
                active.push(element);
            }
        }
        active
    }

    /// Whether an element's condition holds.
    pub fn is_there(&self, element: &Element) -> bool {
        element.when.holds(|field| self.fields.get(field).map(String::as_str))
    }

    fn is_variable_field(&self, name: &str) -> bool {
        self.variable.iter().any(|field| field.name == name)
    }

    /// Whether a text differs from unit to unit.
    pub fn is_variable(&self, binding: &Binding) -> bool {
        binding.fields().any(|name| self.is_variable_field(name))
    }

    /// The text in the job's language.
    pub fn in_language<'t>(&self, texts: &'t Texts) -> Option<&'t Binding> {
        texts.in_language(self.language, &self.template.content.language)
    }

    /// Fills a binding with job fields and these values of the variable ones.
    pub fn filled(&self, binding: &Binding, values: &[(String, String)]) -> Result<String, FillError> {
        let mut text = String::new();
        let value = |name: &str| {
            let variable = values.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
            variable.or_else(|| self.fields.get(name).map(String::as_str)).or_else(|| self.optional(name))
        };
        binding.fill(value, &mut text)?;
        Ok(text)
    }

    /// A field that a template declares optional is empty where it is missing.
    fn optional(&self, name: &str) -> Option<&'static str> {
        self.template.content.fields.get(name).filter(|declared| declared.optional).map(|_| "")
    }

    /// Each variable field as wide as it can be in a face.
    pub fn widest(&self, face: &Face) -> Samples {
        let advance = |c: &char| face.glyph(*c).map_or(0, |glyph| glyph.advance);
        let width = |text: &&String| text.chars().map(|c| u32::from(advance(&c))).sum::<u32>();
        let widest = |field: &VariableField| field.alphabet.chars().max_by_key(advance).unwrap_or('0');
        let value = |field: &VariableField| match field.extremes.iter().max_by_key(width) {
            Some(known) => known.clone(),
            None => widest(field).to_string().repeat(field.longest),
        };
        self.variable.iter().map(|field| (field.name.clone(), value(field))).collect()
    }

    /// Every character that some variable field may have, one after the other, so that each is seen to have a glyph.
    pub fn alphabets(&self, binding: &Binding) -> String {
        let used = self.variable.iter().filter(|field| binding.fields().any(|name| name == field.name));
        used.flat_map(|field| field.alphabet.chars()).collect()
    }

    /// A text filled with the letter of its alphabets that reaches lowest, and with the one that reaches highest.
    pub fn tallest(&self, binding: &Binding, face: FaceId) -> Vec<String> {
        let face = self.fonts().face(face);
        let bounds = |c: char| face.glyph(c).and_then(|glyph| face.glyph_bounds(glyph.id));
        let lowest = |c: &char| bounds(*c).map_or(0, |[_, bottom, _, _]| -bottom);
        let highest = |c: &char| bounds(*c).map_or(0, |[_, _, _, top]| top);
        let filled = |reach: &dyn Fn(&char) -> i32| {
            let value = |field: &VariableField| {
                let letter = field.alphabet.chars().max_by_key(|c| reach(c)).unwrap_or('0');
                letter.to_string().repeat(field.longest)
            };
            self.filled(binding, &self.values(&value)).ok()
        };
        [filled(&lowest), filled(&highest)].into_iter().flatten().collect()
    }

    /// What is known of values that occur, one set after the other; none if nothing is known.
    pub fn samples(&self) -> Vec<Samples> {
        let known = |field: &VariableField| field.samples.len() + field.extremes.len();
        let most = self.variable.iter().map(known).max().unwrap_or(0);
        let value = |field: &VariableField, at: usize| {
            let mut values = field.extremes.iter().chain(&field.samples).cycle();
            values.nth(at).cloned().unwrap_or_else(|| filler(field).repeat(field.longest))
        };
        (0..most).map(|at| self.values(&|field| value(field, at))).collect()
    }

    /// Values among which is one that needs the most modules: letters, or an odd number of digits.
    pub fn longest_encoded(&self) -> Vec<Samples> {
        let shorter_by =
            |less: usize| self.values(&|field| filler(field).repeat(field.longest.saturating_sub(less).max(1)));
        vec![shorter_by(0), shorter_by(1)]
    }

    /// Whether all values of all variable fields are known.
    pub fn knows_extremes(&self) -> bool {
        self.variable.iter().all(|field| !field.extremes.is_empty())
    }

    fn values(&self, value: &dyn Fn(&VariableField) -> String) -> Samples {
        self.variable.iter().map(|field| (field.name.clone(), value(field))).collect()
    }

    /// The face in which a text that differs from unit to unit is set: the wanted one, else the first of those that stand in
    /// for it that has all letters which any unit may bring.
    pub fn face_of_all(&self, wanted: FaceId, binding: &Binding) -> Result<FaceId, Cause> {
        let alphabets = self.alphabets(binding);
        let has_all = |face: &FaceId| TextPlan::check_per_unit(&alphabets, *face, self.fonts()).is_ok();
        match self.fonts().chain(wanted).find(has_all) {
            Some(face) => Ok(face),
            None => Ok(TextPlan::check_per_unit(&alphabets, wanted, self.fonts()).map(|()| wanted)?),
        }
    }

    /// A face by its name.
    pub fn face(&self, name: &str) -> Result<FaceId, Cause> {
        self.fonts().find(name).ok_or_else(|| {
            let known = self.fonts().faces().map(|face| face.name()).collect::<Vec<_>>().join(", ");
            Cause::FontMissing { font: name.to_owned(), known }
        })
    }

    pub fn fonts(&self) -> &'a FontSet {
        &self.assets.fonts
    }

    /// Shipped vector art by its name.
    pub fn mark(&self, name: &str) -> Result<Arc<Art>, Cause> {
        let mark = crate::label::art::mark(name).ok_or_else(|| Cause::MarkMissing { mark: name.to_owned() })?;
        Ok(Arc::new(mark.art().clone()))
    }
}

/// A letter of a field's alphabet, or a digit if it has none.
fn filler(field: &VariableField) -> String {
    let letter = field.alphabet.chars().find(|c| !c.is_ascii_digit());
    letter.or_else(|| field.alphabet.chars().next()).unwrap_or('0').to_string()
}
