//! The pages over real sockets, as browsers without scripts use them: on an installation with SQLite and the shipped
//! catalogue, whose clock stands still.

mod access;
mod floor;
mod house;
mod printers;
mod printing;
mod sign_in;
mod station;

use house::House;
