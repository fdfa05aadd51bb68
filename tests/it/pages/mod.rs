//! The pages over real sockets, as browsers without scripts use them: on an installation with SQLite and the shipped
//! catalogue, whose clock stands still.

mod access;
mod audit;
mod batches;
mod blocks;
mod catalogue;
mod find;
mod floor;
mod house;
mod import;
mod printers;
mod printing;
mod proofs;
mod rules;
mod sign_in;
mod start;
mod station;
mod studio;
mod tokens;
mod users;

use house::House;
