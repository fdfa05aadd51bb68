//! The one Chromium of a test process.
//!
//! It is spoken to through its standard input and output, which end with us however we end, even killed: then Chromium
//! ends by itself, and the shell that started it removes its folder.

use super::watch::Watch;
use super::wire::{Asked, Wire};
use serde_json::{Value, json};
use std::io::{Read as _, Seek as _};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, OnceLock};

/// Chromium reads requests from descriptor 3 and answers on 4. `$0` is its folder.
const START: &str = r#""$@" 3<&0 4>&1 </dev/null >/dev/null; rm -rf "$0" || { sleep 1; rm -rf "$0"; }"#;

const FLAGS: [&str; 20] = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-proxy-server",
    // Nothing is fetched from outside, whatever a page asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-breakpad",
    "--disable-features=Translate,MediaRouter,OptimizationHints,AutofillServerCommunication",
    // Several pages are used at once, none of them in front.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    // Containers have a small /dev/shm and no graphics.
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--password-store=basic",
];

/// A running Chromium.
pub struct Chromium {
    wire: Wire,
    /// How it names itself to servers.
    pub user_agent: String,
    /// How many more tests may use it at once.
    free: Mutex<usize>,
    freed: Condvar,
}

/// The right of one test to use it; given back when dropped.
pub struct Turn(&'static Chromium);

impl Chromium {
    /// The one of this process, started by the first test that asks; none where it is not installed.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Chromium>> = OnceLock::new();
        SHARED.get_or_init(|| program().map(|program| Self::start(&program))).as_ref()
    }

    #[expect(clippy::zombie_processes, reason = "it ends after us")]
    fn start(program: &Path) -> Self {
        let folder = tempfile::Builder::new().prefix("nameplate-chromium-").tempdir().unwrap().keep();
        let mut command = Command::new("sh");
        command.args(["-c", START]).arg(&folder).arg(program).args(FLAGS);
        command.arg(format!("--user-data-dir={}", folder.join("profile").display()));
        if std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0) {
            command.arg("--no-sandbox");
        }
        for variable in ["HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"] {
            command.env(variable, &folder);
        }
        let mut said = tempfile::tempfile().unwrap();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(said.try_clone().unwrap());
        // In a group of its own: Ctrl-C is for us, and the shell must live to tidy up.
        command.process_group(0);
        let mut child = command.arg("about:blank").spawn().unwrap();
        let wire = Wire::new(child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let version = wire.send("", "Browser.getVersion", json!({})).answer().unwrap_or_else(|e| {
            let mut words = String::new();
            said.rewind().and_then(|()| said.read_to_string(&mut words)).unwrap();
            panic!("{} does not start: {e}\n{words}", program.display())
        });
        let user_agent = version["userAgent"].as_str().unwrap().to_owned();
        let at_once = std::thread::available_parallelism().map_or(2, usize::from).min(8);
        Self { wire, user_agent, free: Mutex::new(at_once), freed: Condvar::new() }
    }

    /// Waits until this test may use it too.
    pub fn turn(&'static self) -> Turn {
        let free = self.free.lock().unwrap();
        *self.freed.wait_while(free, |free| *free == 0).unwrap() -= 1;
        Turn(self)
    }

    /// Asks Chromium itself, which must not refuse.
    pub fn ask(&self, method: &str, params: Value) -> Value {
        self.send("", method, params).answer().unwrap_or_else(|e| panic!("{method}: {e}"))
    }

    /// Asks a page (by its session) and does not wait for the answer.
    pub fn send(&self, session: &str, method: &str, params: Value) -> Asked {
        self.wire.send(session, method, params)
    }

    /// Attaches to a page; its events go to `watch`. Answers the session.
    pub fn attach(&self, target: &str, watch: Arc<Watch>) -> String {
        let attached = self.ask("Target.attachToTarget", json!({"targetId": target, "flatten": true}));
        let session = attached["sessionId"].as_str().unwrap().to_owned();
        self.wire.watch(&session, watch);
        session
    }

    /// Closes a page.
    pub fn close(&self, target: &str, session: &str) {
        let _ = self.send("", "Target.closeTarget", json!({"targetId": target})).answer();
        self.wire.forget(session);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap() += 1;
        self.0.freed.notify_one();
    }
}

/// `NAMEPLATE_CHROMIUM`, or the first of the usual names on the PATH.
fn program() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("NAMEPLATE_CHROMIUM").filter(|given| !given.is_empty()) {
        return Some(given.into());
    }
    let folders: Vec<_> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|path| path.is_file())
}
