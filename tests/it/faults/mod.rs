//! What must hold when the process dies or the disk is full.

mod full_disk;
mod kill;
mod lost_connections;
