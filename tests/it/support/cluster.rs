//! One PostgreSQL cluster for all test processes of a run.
//!
//! `cargo nextest run` starts a process per test, so a cluster per process would cost a second each. Instead the first
//! process that needs it starts one, under `mutex`; every process that uses it holds `lease` shared until it ends,
//! however it ends. The starter also leaves a keeper behind (this test binary, running [`keep`]): once nobody has held
//! the lease for a while, it stops the cluster and removes it.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// What tells the test binary that it is the keeper: the cluster's folder.
const KEEPER: &str = "NAMEPLATE_TEST_CLUSTER_KEEPER";
/// How long nobody must have used the cluster before it is stopped.
const IDLE: Duration = Duration::from_secs(5);

/// The address of a private cluster, with `{}` where a database's name goes; `None` where PostgreSQL is not installed.
pub fn address() -> Option<&'static str> {
    static ADDRESS: OnceLock<Option<(String, File)>> = OnceLock::new();
    ADDRESS.get_or_init(|| programs().map(|programs| join(&programs))).as_ref().map(|(address, _)| address.as_str())
}

/// The folder with `initdb` and `postgres`, the newest version if there are several.
fn programs() -> Option<PathBuf> {
    let on_path =
        std::env::var_os("PATH").into_iter().flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let packaged = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|e| e.path().join("bin"));
    let mut packaged: Vec<_> = packaged.collect();
    packaged.sort();
    let found = on_path.chain(packaged.into_iter().rev()).find_map(|folder| folder.join("initdb").canonicalize().ok());
    // A link on the PATH leads to the folder that holds the other programs, too.
    found.and_then(|initdb| initdb.parent().map(Path::to_owned))
}

fn state(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn open(path: &Path) -> File {
    OpenOptions::new().create(true).truncate(false).write(true).open(path).unwrap()
}

/// Takes part in the running cluster, starting it if there is none. The file is the lease.
fn join(programs: &Path) -> (String, File) {
    fs::create_dir_all(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mutex = open(&state("postgres.mutex"));
    mutex.lock().unwrap();
    let lease = open(&state("postgres.lease"));
    let nobody_else = lease.try_lock().is_ok();
    let folder = fs::read_to_string(state("postgres.folder")).ok().map(PathBuf::from);
    let running = folder.filter(|folder| is_running(folder));
    let folder = match running {
        Some(folder) => folder,
        None => {
            assert!(nobody_else, "the cluster that other tests are using has stopped");
            start(programs)
        }
    };
    lease.unlock().unwrap();
    lease.lock_shared().unwrap();
    mutex.unlock().unwrap();
    (format!("postgres://postgres@localhost/{{}}?host={}", folder.display()), lease)
}

fn is_running(folder: &Path) -> bool {
    let pid = fs::read_to_string(folder.join("data/postmaster.pid")).ok();
    let pid = pid.and_then(|text| text.lines().next().map(str::to_owned));
    pid.is_some_and(|pid| {
        fs::read(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|line| String::from_utf8_lossy(&line).contains(&*folder.to_string_lossy()))
    })
}

/// A program of PostgreSQL, run by somebody who is not root: it refuses to be.
fn program(programs: &Path, name: &str) -> Command {
    let mut command = Command::new(programs.join(name));
    command.stdin(Stdio::null()).stdout(Stdio::null()).current_dir("/").process_group(0);
    if let Some((uid, gid)) = nobody() {
        command.uid(uid).gid(gid);
    }
    command
}

/// User and group `nobody`, if we are root.
fn nobody() -> Option<(u32, u32)> {
    if fs::metadata("/proc/self").is_ok_and(|me| me.uid() != 0) {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let line = users.lines().find(|line| line.starts_with("nobody:")).expect("there is a user nobody");
    let mut ids = line.split(':').skip(2).map(|id| id.parse().unwrap());
    ids.next().zip(ids.next())
}

#[expect(clippy::zombie_processes, reason = "cluster and keeper outlive the process that started them")]
fn start(programs: &Path) -> PathBuf {
    // Short: the path of a Unix socket has at most 107 bytes.
    let folder = tempfile::Builder::new().prefix("nameplate-pg-").tempdir().unwrap().keep();
    if let Some((uid, gid)) = nobody() {
        std::os::unix::fs::chown(&folder, Some(uid), Some(gid)).unwrap();
    }
    let data = folder.join("data");
    let made = program(programs, "initdb")
        .args(["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C", "--username=postgres", "--pgdata"])
        .arg(&data)
        .stderr(Stdio::inherit())
        .status();
    assert!(made.unwrap().success(), "initdb failed");
    let log = File::create(folder.join("log")).unwrap();
    // No test cuts the power of this cluster, so nothing needs to reach the disk.
    let settings =
        ["fsync=off", "full_page_writes=off", "listen_addresses=", "max_connections=400", "shared_buffers=64MB"];
    let mut postgres = program(programs, "postgres");
    postgres.arg("-D").arg(&data).arg("-k").arg(&folder).stderr(log);
    for setting in settings {
        postgres.args(["-c", setting]);
    }
    let mut postgres = postgres.spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while !fs::read_to_string(data.join("postmaster.pid")).is_ok_and(|text| text.lines().nth(7) == Some("ready   ")) {
        let ended = postgres.try_wait().unwrap();
        let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(ended.is_none() && Instant::now() < deadline, "the cluster did not start: {log}");
        sleep(Duration::from_millis(20));
    }
    fs::write(state("postgres.folder"), folder.to_str().unwrap()).unwrap();
    let mut keeper = Command::new(std::env::current_exe().unwrap());
    keeper.args(["--exact", "support::cluster::keep", "--ignored", "--test-threads=1"]);
    keeper.env(KEEPER, &folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    keeper.process_group(0).spawn().unwrap();
    folder
}

#[test]
#[ignore = "not a test: the process that stops the PostgreSQL cluster after the last test"]
fn keep() {
    let Some(folder) = std::env::var_os(KEEPER).map(PathBuf::from) else { return };
    let mut idle_since = Instant::now();
    while idle_since.elapsed() < IDLE {
        sleep(Duration::from_millis(200));
        if open(&state("postgres.lease")).try_lock().is_err() {
            idle_since = Instant::now();
        }
    }
    let mutex = open(&state("postgres.mutex"));
    mutex.lock().unwrap();
    if open(&state("postgres.lease")).try_lock().is_err() {
        drop(mutex);
        return keep();
    }
    stop(&folder);
    let _ = fs::remove_file(state("postgres.folder"));
    fs::remove_dir_all(&folder).unwrap();
}

fn stop(folder: &Path) {
    let programs = programs().unwrap();
    let mut command = program(&programs, "pg_ctl");
    command.args(["stop", "--mode=immediate", "--wait", "--pgdata"]).arg(folder.join("data"));
    let _ = command.status();
}
