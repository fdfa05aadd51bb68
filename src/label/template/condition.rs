//! When an element is there: tests of fields, all of which must hold.

use thiserror::Error;

/// Tests, joined by `&`; none always hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    tests: Vec<Test>,
}

/// One test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// `gtin`: the field is there and not empty.
    Present(String),
    /// `!gtin`: it is not there, or empty.
    Absent(String),
    /// `brand.market = EU|UK`: it has one of these values.
    OneOf(String, Vec<String>),
    /// `brand.market != EU|UK`: it has none of these values, or is not there.
    NoneOf(String, Vec<String>),
}

/// A condition that does not parse.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{0:?} is no condition: write a field (`gtin`), a field that must be absent (`!gtin`), a comparison \
     (`brand.market = EU|UK`, `brand.code != acme`), or several of them joined by `&`"
)]
pub struct ConditionError(pub String);

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// [`ConditionError`] with the part that is none.
    ///
    /// ```
    /// # use nameplate::label::condition::Condition;
    /// let condition = Condition::parse("gtin & brand.market = EU|UK")?;
    /// let eu = |field: &str| Some(if field == "gtin" { "4006381333931" } else { "EU" });
    /// assert!(condition.holds(eu));
    /// assert!(Condition::parse("brand market").is_err());
    /// # Ok::<(), nameplate::label::condition::ConditionError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Condition, ConditionError> {
        text.split('&').map(test).collect::<Result<_, _>>().map(|tests| Condition { tests })
    }

    /// Whether it always holds.
    pub fn is_always(&self) -> bool {
        self.tests.is_empty()
    }

    /// Whether all tests hold, given the value of each field.
    pub fn holds<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> bool {
        let value = |field: &str| value(field).unwrap_or("");
        self.tests.iter().all(|test| match test {
            Test::Present(field) => !value(field).is_empty(),
            Test::Absent(field) => value(field).is_empty(),
            Test::OneOf(field, values) => values.iter().any(|wanted| wanted == value(field)),
            Test::NoneOf(field, values) => !values.iter().any(|wanted| wanted == value(field)),
        })
    }

    /// The tests.
    pub fn tests(&self) -> &[Test] {
        &self.tests
    }

    /// The fields that are tested.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.tests.iter().map(|test| match test {
            Test::Present(field) | Test::Absent(field) | Test::OneOf(field, _) | Test::NoneOf(field, _) => {
                field.as_str()
            }
        })
    }
}

fn test(text: &str) -> Result<Test, ConditionError> {
    let fault = || ConditionError(text.trim().to_owned());
    let field = |name: &str| {
        let name = name.trim();
        let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '_';
        (!name.is_empty() && name.chars().all(legal)).then(|| name.to_owned()).ok_or_else(fault)
    };
    let values = |list: &str| {
        let values: Vec<String> = list.split('|').map(|value| value.trim().to_owned()).collect();
        (!values.iter().any(String::is_empty)).then_some(values).ok_or_else(fault)
    };
    if let Some((name, list)) = text.split_once("!=") {
        return Ok(Test::NoneOf(field(name)?, values(list)?));
    }
    if let Some((name, list)) = text.split_once('=') {
        return Ok(Test::OneOf(field(name)?, values(list.strip_prefix('=').unwrap_or(list))?));
    }
    match text.trim().strip_prefix('!') {
        Some(name) => Ok(Test::Absent(field(name)?)),
        None => Ok(Test::Present(field(text)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(condition: &str) -> bool {
        let value = |field: &str| match field {
            "brand.market" => Some("EU"),
            "gtin" => Some("4006381333931"),
            "note" => Some(""),
            _ => None,
        };
        Condition::parse(condition).unwrap().holds(value)
    }

    #[test]
    fn fields_are_tested_for_presence_and_values() {
        for condition in ["gtin", "!note", "!color", "brand.market = EU", "brand.market=UK|EU", "brand.market != US"] {
            assert!(holds(condition), "{condition}");
        }
        for condition in ["note", "color", "!gtin", "brand.market = US", "brand.market != EU|UK", "gtin & color"] {
            assert!(!holds(condition), "{condition}");
        }
        assert!(holds("gtin & brand.market = EU & !color") && holds("color != red"));
        assert!(Condition::default().is_always());
    }

    #[test]
    fn what_is_no_condition_is_refused() {
        for bad in ["", "Gtin", "a b", "a = ", "= b", "a & ", "a = b|", "!", "a !="] {
            assert!(Condition::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(Condition::parse("a == b"), Condition::parse("a=b"));
    }
}
