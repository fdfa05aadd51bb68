//! A full disk: allocation says so, reading goes on, and all is well once there is room. Needs root, for a tiny tmpfs.

use crate::support::Factory;
use nameplate::service::{ReserveError, Settings};
use nameplate::store::Database;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A disk of a few megabytes; gone when dropped.
struct TinyDisk(TempDir);

impl TinyDisk {
    /// None where this process may not mount.
    fn mount(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={megabytes}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        if mounted.is_ok_and(|done| done.status.success()) {
            return Some(Self(folder));
        }
        println!("SKIPPED: this process may not mount a tmpfs");
        None
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Leaves so many bytes free.
    fn fill(&self, leave: usize) {
        let mut ballast = fs::File::create(self.path().join("ballast")).unwrap();
        while ballast.write_all(&[1; 4_096]).is_ok() {}
        let written = ballast.metadata().unwrap().len();
        ballast.set_len(written - leave as u64).unwrap();
    }

    fn make_room(&self) {
        fs::remove_file(self.path().join("ballast")).unwrap();
    }
}

impl Drop for TinyDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

async fn reserve(factory: &Factory, key: &str, count: i64) -> Result<crate::support::Answer, ReserveError> {
    factory.try_reserve(key, "NT-M2-BOR", "2025-W14-M2", count, "fi-1").await
}

/// Reserves until the disk is full for good: the witness can find room for itself once or twice by compacting. Answers
/// the key of the reservation that did not go through.
async fn reserve_until_full(factory: &Factory, name: &str) -> String {
    let mut refused = 0;
    for n in 0..20_000 {
        let key = format!("{name}-{}", n - refused);
        match reserve(factory, &key, 3).await {
            Ok(_) => refused = 0,
            Err(ReserveError::Full) if refused == 4 => return key,
            Err(ReserveError::Full) => refused += 1,
            Err(other) => panic!("after {n} reservations: {other}"),
        }
    }
    panic!("the disk did not become full");
}

async fn imported(settings: &Settings) -> Factory {
    let factory = Factory::open(settings).await.unwrap();
    let files = nameplate::catalogue::shipped_catalogue();
    factory.import_catalogue(&nameplate::service::Caller::command_line(), &files).await.unwrap();
    factory
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_reads_on_and_recovers_by_itself() {
    let Some(disk) = TinyDisk::mount(12) else { return };
    let factory = imported(&Settings::in_folder(disk.path()).creating()).await;
    let known = reserve(&factory, "before", 5).await.unwrap();
    for (round, leave) in [0, 4_096, 60_000].into_iter().enumerate() {
        disk.fill(leave);
        let refused = reserve_until_full(&factory, &format!("round-{round}")).await;
        assert_eq!(factory.unit(&known.first_serial).await.block, known.block);
        assert_eq!(factory.serials(&known.block).await.len(), 5);
        let replayed = reserve(&factory, "before", 5).await;
        assert!(matches!(&replayed, Ok(answer) if *answer == known) || matches!(replayed, Err(ReserveError::Full)));
        disk.make_room();
        reserve(&factory, &refused, 3).await.unwrap();
        factory.assert_audit_is_whole().await;
    }
    let factory = factory.restarted().await;
    assert_eq!(factory.stopped().await.unwrap(), None);
    assert_eq!(reserve(&factory, "before", 5).await.unwrap(), known);
}

/// The records have room, but the witness has not: committed, not answered, and answered once there is room.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_goes_out_before_the_witness_has_it() {
    let Some(disk) = TinyDisk::mount(1) else { return };
    let elsewhere = tempfile::tempdir().unwrap();
    let database = Database::Sqlite(elsewhere.path().join("nameplate.db"));
    let settings = Settings { database, ..Settings::in_folder(disk.path()).creating() };
    let factory = imported(&settings).await;
    let known = reserve(&factory, "before", 5).await.unwrap();
    disk.fill(0);
    let refused = reserve_until_full(&factory, "witness").await;
    assert!(matches!(reserve(&factory, "before", 5).await, Err(ReserveError::Full)), "nothing at all is answered");
    assert_eq!(factory.unit(&known.first_serial).await.block, known.block);
    disk.make_room();
    let late = reserve(&factory, &refused, 3).await.unwrap();
    let factory = factory.restarted().await;
    assert_eq!(factory.stopped().await.unwrap(), None, "half a line in the witness does no harm");
    assert_eq!(reserve(&factory, &refused, 3).await.unwrap(), late);
    factory.assert_audit_is_whole().await;
}
