//! The pages over real sockets, as browsers without scripts use them: on an installation with SQLite and the shipped
//! catalogue, whose clock stands still.

mod access;
mod house;
mod proofs;
mod sign_in;
mod studio;

use house::House;
