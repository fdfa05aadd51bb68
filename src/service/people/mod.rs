//! Use cases: people are invited, sign in, prove who they are, and are told of what waits for them.
//!
//! A person is not a token: tokens are for programs, and what a person signs needs the password given again.

pub mod link;
pub mod mail;
pub mod notice;
pub mod password;
pub mod role;
pub mod session;
pub mod totp;
pub mod user;

pub use link::{LinkPurpose, OneTimeLink, OpenedLink};
pub use mail::{MailError, Mailer};
pub use notice::Notice;
pub use password::{Password, PasswordError};
pub use role::{Role, Roles};
pub use session::{CheckedPerson, SIGNED_FOR_US, SecretText, SignIn, SignInRefused, SignedIn};
pub use user::{NewUser, UserChange, UserRecord, UserState};
