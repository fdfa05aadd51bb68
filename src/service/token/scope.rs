//! What a token's bearer may do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::TokenId;

/// A role that a token can hold. One token may hold several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Everything, including tokens and recovery.
    Admin,
    /// Catalogue, rules, orders and reservations.
    Planner,
    /// A work station: reserve, print, book, inspect.
    Station,
    /// A printer or its agent: lease, fetch and acknowledge the labels of its own queue.
    Printer,
    /// A private-label buyer: the own brand only; look up and approve.
    Buyer,
    /// Service desk: look up, claims, returns.
    Support,
}

impl Scope {
    /// Every scope, in the order of declaration.
    pub const ALL: [Self; 6] = [Self::Admin, Self::Planner, Self::Station, Self::Printer, Self::Buyer, Self::Support];

    /// The name in configuration, in the API and in problems.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Planner => "planner",
            Self::Station => "station",
            Self::Printer => "printer",
            Self::Buyer => "buyer",
            Self::Support => "support",
        }
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that names no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a scope; scopes are admin, planner, station, printer, buyer and support")]
pub struct UnknownScope(pub String);

impl FromStr for Scope {
    type Err = UnknownScope;

    /// Reads a scope's exact name.
    ///
    /// # Errors
    /// [`UnknownScope`] with the word.
    ///
    /// ```
    /// use nameplate::service::token::Scope;
    /// assert_eq!("station".parse(), Ok(Scope::Station));
    /// assert!("Station ".parse::<Scope>().is_err());
    /// ```
    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Self::ALL.into_iter().find(|scope| scope.name() == text).ok_or_else(|| UnknownScope(text.to_owned()))
    }
}

/// The scopes of one token. Its text is the names separated by spaces, as in OAuth 2.0 (RFC 6749 section 3.3).
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct ScopeSet(u8);

impl ScopeSet {
    /// Whether the set itself holds `scope`.
    #[must_use]
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Whether a bearer of this set may do what needs `scope`: [`Scope::Admin`] may do everything.
    #[must_use]
    pub fn allows(self, scope: Scope) -> bool {
        self.contains(scope) || self.contains(Scope::Admin)
    }

    /// Whether it holds nothing.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The scopes held, in the order of [`Scope::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.contains(*scope))
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

impl FromStr for ScopeSet {
    type Err = UnknownScope;

    /// Reads names separated by white space; order and repetition do not matter.
    ///
    /// # Errors
    /// [`UnknownScope`] with the first word that names none.
    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        text.split_whitespace().map(Scope::from_str).collect()
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, scope) in self.iter().enumerate() {
            write!(f, "{}{scope}", if at == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

impl fmt::Debug for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScopeSet({self})")
    }
}

/// Who is asking, once a token was found genuine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The token's public id: what audit entries name.
    pub token_id: TokenId,
    /// The name that was given to the token ("line 3, station B").
    pub name: String,
    /// What it may do.
    pub scopes: ScopeSet,
    /// The one brand it is confined to, by its row id; `None` sees every brand.
    pub brand: Option<i64>,
    /// The work station it stands for, by code.
    pub station: Option<String>,
    /// The printer it stands for, by its row id.
    pub printer: Option<i64>,
}

impl Principal {
    /// Whether it may do what needs `scope`.
    #[must_use]
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.allows(scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_of_scopes_reads_back_as_itself() {
        for bits in 0..64_u8 {
            let set = ScopeSet(bits);
            assert_eq!(set.to_string().parse::<ScopeSet>().unwrap(), set);
            assert_eq!(set.iter().collect::<ScopeSet>(), set);
            assert_eq!(set.iter().count(), bits.count_ones() as usize);
        }
    }

    #[test]
    fn admin_may_do_everything_and_the_others_only_their_own() {
        for holder in Scope::ALL {
            for needed in Scope::ALL {
                let set: ScopeSet = [holder].into_iter().collect();
                assert_eq!(set.allows(needed), holder == needed || holder == Scope::Admin, "{holder} {needed}");
            }
        }
        assert!(Scope::ALL.into_iter().all(|scope| !ScopeSet::default().allows(scope)));
    }

    #[test]
    fn an_unknown_word_is_named() {
        assert_eq!("planner root".parse::<ScopeSet>().unwrap_err(), UnknownScope("root".into()));
    }
}
