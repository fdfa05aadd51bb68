//! What a person may do.

use std::fmt;
use std::str::FromStr;

/// A role that a person can hold. One person may hold several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Everything, including people and tokens.
    Admin,
    /// Catalogue, rules, batches, templates, proofs and print jobs.
    Planner,
    /// Works at a station: prints, scans, inspects.
    Station,
    /// Looks after printers, queues and unconfirmed labels.
    Operator,
    /// A private-label buyer: the own brand only; looks at proofs and signs them.
    Buyer,
    /// Service desk: looks up.
    Support,
    /// Looks, and changes nothing.
    Viewer,
}

impl Role {
    /// Every role, in the order of declaration.
    pub const ALL: [Self; 7] =
        [Self::Admin, Self::Planner, Self::Station, Self::Operator, Self::Buyer, Self::Support, Self::Viewer];

    /// The name in the database, on the command line and in keys of messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Planner => "planner",
            Self::Station => "station",
            Self::Operator => "operator",
            Self::Buyer => "buyer",
            Self::Support => "support",
            Self::Viewer => "viewer",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A word that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a role; roles are admin, planner, station, operator, buyer, support and viewer")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;

    /// Reads a role's exact name.
    ///
    /// # Errors
    /// [`UnknownRole`] with the word.
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// A set of roles: what somebody holds, or of which a page asks for one.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Roles(u8);

impl Roles {
    /// Anybody who is signed in.
    pub const ANY: Self = Self::of(&Role::ALL);

    /// These roles.
    #[must_use]
    pub const fn of(roles: &[Role]) -> Self {
        let mut bits = 0;
        let mut at = 0;
        while at < roles.len() {
            bits |= roles[at].bit();
            at += 1;
        }
        Self(bits)
    }

    /// Whether it holds `role`.
    #[must_use]
    pub const fn contains(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }

    /// Whether somebody with these roles may do what is open to `open_to`: [`Role::Admin`] may do everything.
    #[must_use]
    pub const fn may(self, open_to: Roles) -> bool {
        self.contains(Role::Admin) || self.0 & open_to.0 != 0
    }

    /// Whether it holds nothing.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The roles held, in the order of [`Role::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.contains(*role))
    }
}

impl FromStr for Roles {
    type Err = UnknownRole;

    /// Reads names separated by white space or commas; order and repetition do not matter.
    ///
    /// # Errors
    /// [`UnknownRole`] with the first word that names none.
    ///
    /// ```
    /// use nameplate::service::people::Roles;
    /// assert_eq!("viewer,planner".parse::<Roles>().unwrap().to_string(), "planner viewer");
    /// assert!("root".parse::<Roles>().is_err());
    /// ```
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        let words = text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
        let roles: Result<Vec<Role>, _> = words.map(Role::from_str).collect();
        Ok(Self::of(&roles?))
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, role) in self.iter().enumerate() {
            write!(f, "{}{}", if at == 0 { "" } else { " " }, role.name())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Roles({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_reads_back_as_itself() {
        for bits in 0..128_u8 {
            let roles = Roles(bits);
            assert_eq!(roles.to_string().parse::<Roles>().unwrap(), roles);
        }
        assert_eq!(Roles::ANY, Roles(127));
    }

    #[test]
    fn an_administrator_may_do_everything_and_the_others_only_their_own() {
        for holder in Role::ALL {
            for needed in Role::ALL {
                let may = Roles::of(&[holder]).may(Roles::of(&[needed]));
                assert_eq!(may, holder == needed || holder == Role::Admin, "{holder:?} {needed:?}");
            }
        }
        assert!(!Roles::default().may(Roles::ANY));
    }
}
