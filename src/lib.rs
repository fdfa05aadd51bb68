//! nameplate gives every physical unit one identity and keeps that identity useful.
//!
//! Layers, imports pointing downwards only: [`cli`] and [`http`] on top of [`service`] (use cases), on top of [`store`]
//! (all SQL), on top of the pure modules [`serial`], [`catalogue`], [`label`], [`render`],
//! [`gate`], [`print`], [`trace`] and [`words`] which know no I/O, no clock and no randomness. Beside them [`agent`], the program on
//! the factory floor, which knows the server by its protocol only. `docs/ARCHITECTURE.md` is the map.

pub mod agent;
pub mod catalogue;
pub mod cli;
pub mod gate;
pub mod http;
pub mod label;
pub mod print;
pub mod render;
pub mod serial;
pub mod service;
pub mod station;
pub mod store;
pub mod trace;
pub mod words;
