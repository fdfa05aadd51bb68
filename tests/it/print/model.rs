//! The print desk against a model of it: random walks of printers, people, time and restarts (LAB6, SER14, UNI3).
//!
//! What must hold, whatever happens:
//! - the service answers what the model answers, and every label is in the state that the model has for it;
//! - every label of a job is in exactly one state, and the counts add up;
//! - where printers and people tell the truth, no label comes out twice without a recorded reprint between;
//! - no job hangs: once leases have ended and people have settled what is theirs, every job ends;
//! - the fates of serials agree with their labels, and the audit chain is whole.
//!
//! `NAMEPLATE_WALKS` says how many walks on SQLite, `NAMEPLATE_SEED` repeats a single one that failed.

mod people;
mod walk;
mod world;

use crate::support::{Database, Engine, both_engines};
use walk::Walker;

both_engines!(lab6_the_desk_does_what_its_model_does);

/// Random numbers that a seed repeats (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// 0 to `below` - 1.
    pub fn under(&mut self, below: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(below.max(1)).unwrap()).unwrap()
    }

    /// Once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.under(times) == 0
    }

    /// A range of 0..`length`, not empty.
    pub fn range(&mut self, length: usize) -> (usize, usize) {
        let first = self.under(length);
        (first, first + self.under(length - first))
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

async fn lab6_the_desk_does_what_its_model_does(database: Database) {
    let walks = number("NAMEPLATE_WALKS").unwrap_or(60);
    let walks = if database.engine() == Engine::Postgres { walks / 8 + 1 } else { walks };
    let first = number("NAMEPLATE_SEED");
    let seeds = first.map_or(1_000..1_000 + walks, |seed| seed..seed + 1);
    let mut walker = Walker::new(&database).await;
    let (mut steps, mut labels) = (0, 0);
    for seed in seeds {
        walker.begin(seed).await;
        walker.walk().await;
        walker.end_everything().await;
        steps += walker.steps;
        labels += walker.world.labels();
        if seed % 25 == 0 {
            walker.press().assert_audit_is_whole().await;
        }
    }
    walker.press().assert_audit_is_whole().await;
    println!("{walks} walks, {steps} steps, {labels} labels");
}
