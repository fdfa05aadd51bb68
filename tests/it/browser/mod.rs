//! The pages in Chromium: each judged as a whole in `pages`; what people do with them in the other files. `harness` and `judge`
//! hold the browser tests themselves to account, on a small site of their own.

mod harness;
mod judge;
mod made;
mod pages;
mod people;
mod proofs;
mod sample;
mod station;
mod studio;
