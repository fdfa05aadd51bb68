//! People: invitations, signing in, codes, sessions, and mail that goes out.

mod accounts;
mod mail;
