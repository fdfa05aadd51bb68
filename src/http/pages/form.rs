//! What forms have in common: what is wrong with what was typed, and the key that makes a double submit one act.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use data_encoding::HEXLOWER;

use crate::http::problem::Problem;
use crate::service::{ReserveError, ServiceError, random};

/// What is wrong with a form that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which field; empty if it is none in particular.
    pub field: String,
    /// In words.
    pub text: String,
}

impl Fault {
    /// A fault of a field.
    #[must_use]
    pub fn new(field: &str, text: impl Into<String>) -> Self {
        Self { field: field.to_owned(), text: text.into() }
    }

    /// What a use case refused, if whoever filled in the form can do something about it.
    ///
    /// # Errors
    /// The problem, if the form is not to blame: there is no such record, or the server failed.
    pub fn of(error: ServiceError) -> Result<Self, Problem> {
        let is_ours = match &error {
            ServiceError::Reserve(refused) => !matches!(refused, ReserveError::Unexpected(_)),
            ServiceError::NoUnit(_) => true,
            _ => false,
        };
        // Fields are named by the form itself, so the name does not come before the words.
        let plain = match &error {
            ServiceError::Invalid { problem, .. } => Some(problem.clone()),
            _ => None,
        };
        let problem = Problem::from(error);
        if !is_ours && !matches!(problem.kind().code(), 409 | 412 | 422) {
            return Err(problem);
        }
        let field = problem.body(None).members.get("field").and_then(|field| field.as_str()).unwrap_or("").to_owned();
        Ok(Self { field, text: plain.map_or_else(|| problem.detail().to_owned(), |text| sentence(&text)) })
    }
}

fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if text.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{end}", characters.as_str())
}

/// The faults of a form as its page shows them: above the form, and at the field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// None.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// What is wrong with a field.
    #[must_use]
    pub fn at(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|fault| fault.field == field).map(|fault| fault.text.as_str())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

/// A key for a form that makes something: drawn with the page, so that the same form sent twice makes one thing.
///
/// # Errors
/// When the system gives no random bytes.
pub fn fresh_key() -> Result<String, Problem> {
    Ok(format!("form-{}", HEXLOWER.encode(&random::<16>()?)))
}

/// How many keys are remembered.
const REMEMBERED: usize = 2_000;

/// Remembers which forms were taken, for acts that cannot be repeated because their answer holds a secret. A key that was
/// forgotten, or that another node took, is taken for new.
#[derive(Debug, Default)]
pub struct Taken(Mutex<VecDeque<(i64, String)>>);

impl Taken {
    /// Notes a person's key; false if it was taken before.
    #[must_use]
    pub fn is_new(&self, user: i64, key: &str) -> bool {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key: String = key.chars().take(80).collect();
        if taken.iter().any(|(known_user, known)| *known_user == user && *known == key) {
            return false;
        }
        if taken.len() == REMEMBERED {
            taken.pop_front();
        }
        taken.push_back((user, key));
        true
    }

    /// Forgets a key whose form was refused: the person sends it again, corrected.
    pub fn forget(&self, user: i64, key: &str) {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.retain(|(known_user, known)| *known_user != user || known != key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_once_by_each_person() {
        let taken = Taken::default();
        assert!(taken.is_new(1, "a") && taken.is_new(2, "a") && taken.is_new(1, "b"));
        assert!(!taken.is_new(1, "a"));
        taken.forget(1, "a");
        assert!(taken.is_new(1, "a"), "a refused form is sent again");
        for n in 0..REMEMBERED {
            assert!(taken.is_new(3, &n.to_string()));
        }
        assert!(taken.is_new(1, "a"), "memory ends somewhere");
    }

    #[test]
    fn only_what_the_form_is_to_blame_for_goes_back_to_it() {
        let invalid = ServiceError::Invalid { field: "name", problem: "write 1 to 80 characters".into() };
        assert_eq!(Fault::of(invalid).unwrap(), Fault::new("name", "Write 1 to 80 characters."));
        let open = ServiceError::BatchOpen { batch: "B1".into(), open: 3 };
        assert_eq!(Fault::of(open).unwrap().field, "");
        assert!(Fault::of(ServiceError::NotFound { kind: "batch", name: "B1".into() }).is_err());
        assert!(Fault::of(ServiceError::Unexpected("x".into())).is_err());
        let unknown = ReserveError::UnknownSku { text: "X".into(), looks_like: None };
        assert_eq!(Fault::of(unknown.into()).unwrap().field, "sku");
    }
}
