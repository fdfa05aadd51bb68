//! The other names of a SKU.

use std::fmt;

use serde::Serialize;

use super::gtin::{Gtin, GtinError};
use super::text::{Line, TextError};

/// The longest alias, in characters.
pub const ALIAS_MAX_CHARS: usize = 80;

/// What kind of name an alias is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AliasKind {
    /// The SKU as the brand writes it.
    Branded,
    /// The SKU as the maker's plant writes it.
    Factory,
    /// The model name on the market.
    Model,
    /// A further GTIN, for instance that of an inner carton or of an earlier listing.
    Gtin,
    /// The article number in a customer's own system.
    Customer,
}

impl AliasKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Branded, Self::Factory, Self::Model, Self::Gtin, Self::Customer];

    /// The word that files use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Branded => "branded",
            Self::Factory => "factory",
            Self::Model => "model",
            Self::Gtin => "gtin",
            Self::Customer => "customer",
        }
    }

    /// Reads the word that files use.
    ///
    /// ```
    /// use nameplate::catalogue::AliasKind;
    ///
    /// assert_eq!(AliasKind::new("factory"), Ok(AliasKind::Factory));
    /// assert!(AliasKind::new("nickname").is_err());
    /// ```
    ///
    /// # Errors
    /// [`UnknownAliasKind`] for any other word.
    pub fn new(text: &str) -> Result<Self, UnknownAliasKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(text)).ok_or(UnknownAliasKind)
    }
}

impl fmt::Display for AliasKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no kind of alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the kind of an alias is one of branded, factory, model, gtin, customer")]
pub struct UnknownAliasKind;

/// A name of a SKU together with its kind; one of kind `gtin` is a checked GTIN.
///
/// ```
/// use nameplate::catalogue::{Alias, AliasKind};
///
/// assert!(Alias::new(AliasKind::Model, "Fjäll 35").is_ok());
/// assert!(Alias::new(AliasKind::Gtin, "Fjäll 35").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Alias {
    kind: AliasKind,
    value: Line<ALIAS_MAX_CHARS>,
}

/// Why a value is not an alias of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AliasError {
    /// Not a text that an alias can be.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The kind is `gtin`, the value is none.
    #[error(transparent)]
    Gtin(#[from] GtinError),
}

impl Alias {
    /// Checks `value` against its kind.
    ///
    /// # Errors
    /// [`AliasError`] when the text is unusable, or is no GTIN where one is promised.
    pub fn new(kind: AliasKind, value: &str) -> Result<Self, AliasError> {
        let value = Line::new(value)?;
        if kind == AliasKind::Gtin {
            Gtin::new(value.as_str())?;
        }
        Ok(Self { kind, value })
    }

    /// What kind of name this is.
    pub fn kind(&self) -> AliasKind {
        self.kind
    }

    /// The name as it was written.
    pub fn value(&self) -> &str {
        self.value.as_str()
    }

    /// The form that comparisons use: upper case.
    pub fn key(&self) -> String {
        self.value().to_uppercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_its_own_word() {
        for kind in AliasKind::ALL {
            assert_eq!(AliasKind::new(kind.as_str()), Ok(kind));
        }
        assert_eq!(AliasKind::new("Factory"), Ok(AliasKind::Factory));
        assert_eq!(AliasKind::new(""), Err(UnknownAliasKind));
    }

    #[test]
    fn a_gtin_alias_is_a_gtin() {
        assert!(Alias::new(AliasKind::Gtin, "9506000134352").is_ok());
        assert!(matches!(Alias::new(AliasKind::Gtin, "9506000134353"), Err(AliasError::Gtin(_))));
        assert!(Alias::new(AliasKind::Customer, "9506000134353").is_ok());
        assert!(matches!(Alias::new(AliasKind::Customer, "a\0"), Err(AliasError::Text(_))));
    }
}
