//! The program as people and scripts run it: arguments in, exit status and two streams out.

mod catalogue;
mod checks;
mod demo;
mod help;
mod installation;
mod labels;
mod printing;
mod proofs;
mod published;
mod recovery;
mod serials;
mod server;
mod station;
mod station_docs;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A folder in which commands run, with nothing in the environment that could lead them elsewhere.
struct Desk {
    folder: tempfile::TempDir,
}

/// How a command ended.
#[derive(Debug)]
struct Ran {
    /// None if a signal ended it.
    status: Option<i32>,
    out: String,
    err: String,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A desk with an installation that knows the sample catalogue.
    fn with_catalogue() -> Self {
        let desk = Self::new();
        desk.run(&["init"]).ok();
        desk.run(&["import", &sample_catalogue()]).ok();
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nameplate"));
        command.args(args).current_dir(self.folder.path());
        for name in ["NAMEPLATE_DATA", "NAMEPLATE_DATABASE_URL", "NAMEPLATE_LISTEN", "RUST_LOG"] {
            command.env_remove(name);
        }
        command
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.command(args).stdin(Stdio::null()).output().unwrap().into()
    }

    /// Runs with these bytes on standard input.
    fn feed(&self, args: &[&str], input: &[u8]) -> Ran {
        let mut child = self.start(args);
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let feeder = std::thread::spawn(move || stdin.write_all(&input));
        let ran = child.wait_with_output().unwrap().into();
        feeder.join().unwrap().unwrap();
        ran
    }

    fn start(&self, args: &[&str]) -> Child {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Reserves serials of one SKU with a key; answers them as stored.
    fn reserve(&self, count: &str, key: &str) -> Vec<String> {
        let args = ["--sku", "NT-H3-BOR", "--batch", "HH/0007", "--station", "line-1", "--format", "csv"];
        let args = [&["reserve", "--count", count, "--key", key][..], &args].concat();
        let table = self.run(&args).ok().out;
        table.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().to_owned()).collect()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { status: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Ran {
    #[track_caller]
    fn ok(self) -> Self {
        self.ended(0)
    }

    #[track_caller]
    fn ended(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "{self:#?}");
        assert!(!self.err.contains("panicked"), "{self:#?}");
        self
    }

    /// Ended with this status and one clear paragraph that holds all of `words`.
    #[track_caller]
    fn refused(self, status: i32, words: &[&str]) -> Self {
        let ran = self.ended(status);
        let paragraphs = ran.err.lines().filter(|line| line.starts_with("error: ")).count();
        assert_eq!(paragraphs, 1, "{ran:#?}");
        for word in words {
            assert!(ran.err.contains(word), "{word:?} in {ran:#?}");
        }
        ran
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

/// The catalogue that comes with the product.
fn sample_catalogue() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/catalogue").display().to_string()
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}
