//! Codes that people type and scan: brand, product, SKU, revision, rule and template.

use std::fmt;

use serde::Serialize;

/// The longest code, in characters.
pub const CODE_MAX_CHARS: usize = 40;

/// Why a text is not a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Nothing there.
    #[error("a code is missing")]
    Empty,
    /// More than [`CODE_MAX_CHARS`] characters.
    #[error("a code has at most {CODE_MAX_CHARS} characters, this has {found}")]
    TooLong {
        /// How many characters there are.
        found: usize,
    },
    /// A mark where the first letter or digit belongs.
    #[error("a code starts with a letter A-Z or a digit, not with {found:?}")]
    First {
        /// The character found.
        found: char,
    },
    /// A character that codes do not hold.
    #[error("a code holds letters A-Z, digits and . _ / - only, but {found:?} stands at place {position}")]
    Character {
        /// The character found.
        found: char,
        /// Its place, counted from 1.
        position: usize,
    },
}

/// The one grammar of all codes here: `[A-Za-z0-9][A-Za-z0-9._/-]{0,39}`.
fn check(text: &str) -> Result<&str, CodeError> {
    let first = text.chars().next().ok_or(CodeError::Empty)?;
    if !first.is_ascii_alphanumeric() {
        return Err(CodeError::First { found: first });
    }
    for (index, found) in text.chars().enumerate() {
        if !found.is_ascii_alphanumeric() && !matches!(found, '.' | '_' | '/' | '-') {
            return Err(CodeError::Character { found, position: index + 1 });
        }
    }
    // All ASCII from here on: bytes are characters.
    if text.len() > CODE_MAX_CHARS {
        return Err(CodeError::TooLong { found: text.len() });
    }
    Ok(text)
}

/// Declares a code type with the grammar of [`check`].
macro_rules! code {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        pub struct $name(Box<str>);

        impl $name {
            /// Takes the text as it is; letter case is kept.
            ///
            /// # Errors
            /// [`CodeError`] says which character is wrong and where.
            pub fn new(text: &str) -> Result<Self, CodeError> {
                check(text).map(|text| Self(text.into()))
            }

            /// The code as it was written.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The form that comparisons use: upper case.
            pub fn key(&self) -> String {
                self.0.to_ascii_uppercase()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

code! {
    /// The code of a brand (private label).
    ///
    /// `[A-Za-z0-9][A-Za-z0-9._/-]{0,39}`; case is kept, but `bor` and `BOR` are one brand.
    ///
    /// ```
    /// use nameplate::catalogue::BrandCode;
    ///
    /// assert_eq!(BrandCode::new("Bor")?.key(), "BOR");
    /// assert!(BrandCode::new("Borealis Optics").is_err()); // a space
    /// # Ok::<(), nameplate::catalogue::CodeError>(())
    /// ```
    BrandCode
}

code! {
    /// The code of a product: the maker's own model, whoever's name it is sold under.
    ///
    /// ```
    /// use nameplate::catalogue::ProductCode;
    ///
    /// assert_eq!(ProductCode::new("NT-M2")?.as_str(), "NT-M2");
    /// assert!(ProductCode::new("-M2").is_err()); // starts with a mark
    /// # Ok::<(), nameplate::catalogue::CodeError>(())
    /// ```
    ProductCode
}

code! {
    /// The code of a SKU: one product as one brand sells it.
    ///
    /// ```
    /// use nameplate::catalogue::SkuCode;
    ///
    /// assert_eq!(SkuCode::new("007/a.2")?.key(), "007/A.2");
    /// assert!(SkuCode::new("NT-M2|NT-H3").is_err()); // two codes
    /// # Ok::<(), nameplate::catalogue::CodeError>(())
    /// ```
    SkuCode
}

code! {
    /// The mark of a SKU revision.
    ///
    /// ```
    /// use nameplate::catalogue::RevisionCode;
    ///
    /// assert!(RevisionCode::new("2025-03").is_ok());
    /// assert!(RevisionCode::new("").is_err());
    /// # Ok::<(), nameplate::catalogue::CodeError>(())
    /// ```
    RevisionCode
}

code! {
    /// The name of a serial rule. That the rule exists is for the caller to check: rules are not part of the catalogue.
    ///
    /// ```
    /// use nameplate::catalogue::RuleName;
    ///
    /// assert!(RuleName::new("s12").is_ok());
    /// assert!(RuleName::new("s 12").is_err());
    /// # Ok::<(), nameplate::catalogue::CodeError>(())
    /// ```
    RuleName
}

code! {
    /// The name of a label template. That the template exists is for the caller to check.
    ///
    /// ```
    /// use nameplate::catalogue::TemplateName;
    ///
    /// assert!(TemplateName::new("unit-60x40").is_ok());
    /// assert!(TemplateName::new("unit 60×40").is_err());
    /// # Ok::<(), nameplate::catalogue::CodeError>(())
    /// ```
    TemplateName
}

impl Default for RuleName {
    /// `s12`.
    fn default() -> Self {
        Self("s12".into())
    }
}

impl Default for TemplateName {
    /// `unit-60x40`.
    fn default() -> Self {
        Self("unit-60x40".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ser10_leading_zeros_and_case_are_kept() {
        let code = SkuCode::new("0012-ab").unwrap();
        assert_eq!(code.as_str(), "0012-ab");
        assert_eq!(code.key(), "0012-AB");
        assert_ne!(code.key(), SkuCode::new("12-ab").unwrap().key());
    }

    #[test]
    fn defaults_are_codes() {
        let (rule, template) = (RuleName::default(), TemplateName::default());
        assert_eq!(RuleName::new(rule.as_str()), Ok(rule));
        assert_eq!(TemplateName::new(template.as_str()), Ok(template));
    }

    #[test]
    fn each_fault_has_its_own_error() {
        assert_eq!(SkuCode::new(""), Err(CodeError::Empty));
        assert_eq!(SkuCode::new("=1"), Err(CodeError::First { found: '=' }));
        assert_eq!(SkuCode::new("A\0"), Err(CodeError::Character { found: '\0', position: 2 }));
        assert_eq!(SkuCode::new("Größe"), Err(CodeError::Character { found: 'ö', position: 3 }));
        assert_eq!(SkuCode::new(&"A".repeat(41)), Err(CodeError::TooLong { found: 41 }));
        assert!(SkuCode::new(&"A".repeat(40)).is_ok());
    }
}
