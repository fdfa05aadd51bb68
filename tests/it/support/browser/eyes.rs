//! What a person sees of a page: words, fields, focus, and pictures for those who look at the run.

use super::PATIENCE;
use super::tab::Tab;
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::{Duration, Instant};

/// Finds things by their words.
const WORDS: &str = include_str!("words.js");
/// Taller pages are cut off on pictures.
const TALLEST: u64 = 4_000;

impl Tab {
    /// Runs an expression on the page and answers its value; promises are waited for.
    #[track_caller]
    pub fn script(&self, expression: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        let params = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        loop {
            match self.chromium.send(&self.session, "Runtime.evaluate", params.clone()).answer() {
                Ok(mut answer) => {
                    let thrown = &answer["exceptionDetails"];
                    let words = thrown["exception"]["description"].as_str().or(thrown["text"].as_str());
                    assert_eq!(words, None, "{}", expression.get(..200).unwrap_or(expression));
                    return answer["result"]["value"].take();
                }
                // The page went away under it.
                Err(refusal) if is_navigation(&refusal) && Instant::now() < deadline => {
                    self.watch.settled(Duration::from_millis(200));
                }
                Err(refusal) => panic!("{refusal}: {}", expression.get(..200).unwrap_or(expression)),
            }
        }
    }

    /// Calls a function of `words.js`.
    #[track_caller]
    pub(super) fn words(&self, function: &str, arguments: Value) -> Value {
        self.script(&format!("({WORDS}).{function}(...{arguments})"))
    }

    /// Looks again and again until it is there; what is missing is told with what the page says.
    #[track_caller]
    pub(super) fn until<T>(&self, look: impl Fn() -> Result<T, String>) -> T {
        let deadline = Instant::now() + self.patience;
        loop {
            let missing = match look() {
                Ok(found) => return found,
                Err(missing) => missing,
            };
            if Instant::now() > deadline {
                let page = self.script("document.body?.innerText ?? ''");
                panic!("{missing}. {} says:\n{}", self.url(), page.as_str().unwrap());
            }
            std::thread::sleep(Duration::from_millis(25));
        }
    }

    /// Looks again and again until it is so.
    #[track_caller]
    fn until_so(&self, missing: &str, look: impl Fn() -> bool) {
        self.until(|| look().then_some(()).ok_or_else(|| missing.to_owned()));
    }

    /// The words in the first element that the selector finds.
    #[track_caller]
    pub fn text(&self, css: &str) -> String {
        self.until(|| self.texts(css).into_iter().next().ok_or_else(|| format!("nothing matches {css:?}")))
    }

    /// The words in each element that the selector finds now.
    #[track_caller]
    pub fn texts(&self, css: &str) -> Vec<String> {
        let words = "el => el.innerText.replace(/\\s+/g, ' ').trim()";
        let found = self.script(&format!("[...document.querySelectorAll({})].map({words})", json!(css)));
        serde_json::from_value(found).unwrap()
    }

    /// Whether the selector finds something now.
    #[track_caller]
    pub fn has(&self, css: &str) -> bool {
        self.script(&format!("document.querySelector({}) !== null", json!(css))).as_bool().unwrap()
    }

    /// What a field holds; for boxes to tick, `on` or nothing.
    #[track_caller]
    pub fn value(&self, field: &str) -> String {
        let value = format!(
            "(({{ FIELDS, find }}) => {{ const {{ el, trouble }} = find(FIELDS, {}, null, true);
               return {{ trouble, value: /checkbox|radio/.test(el?.type) ? (el.checked ? 'on' : '') : el?.value }} }})({WORDS})",
            json!(field)
        );
        let found = self.script(&value);
        assert_eq!(found["trouble"], Value::Null);
        found["value"].as_str().unwrap().to_owned()
    }

    /// Waits until these words can be read on the page.
    #[track_caller]
    pub fn wait_for_text(&self, words: &str) {
        self.until_so(&format!("nobody can read {words:?}"), || self.reads(words));
    }

    /// Waits until these words can no longer be read on the page.
    #[track_caller]
    pub fn wait_until_gone(&self, words: &str) {
        self.until_so(&format!("{words:?} does not go away"), || !self.reads(words));
    }

    /// Waits until the selector finds something.
    #[track_caller]
    pub fn wait_for(&self, css: &str) {
        self.until_so(&format!("nothing matches {css:?}"), || self.has(css));
    }

    /// Waits until the address begins like this.
    #[track_caller]
    pub fn wait_for_url(&self, path: &str) {
        self.until_so(&format!("the address never becomes {path}"), || self.url().starts_with(path));
    }

    /// Whether these words can be read on the page now.
    #[track_caller]
    pub fn reads(&self, words: &str) -> bool {
        let page = "(document.body?.innerText ?? '').replace(/\\s+/g, ' ')";
        self.script(&format!("{page}.includes({})", json!(words))).as_bool().unwrap()
    }

    /// What has the focus: its words, or tag and id if it has none; nothing if nothing has it.
    #[track_caller]
    pub fn focused(&self) -> String {
        self.script(&format!("(({{ call }}) => call(document.activeElement))({WORDS})")).as_str().unwrap().to_owned()
    }

    /// Keeps a picture of the whole page: `{name}-{desktop|phone}-{light|dark}.png`.
    #[track_caller]
    pub fn screenshot(&self, name: &str) {
        let size = if self.looks.phone { "phone" } else { "desktop" };
        let light = if self.looks.dark { "dark" } else { "light" };
        self.picture(&format!("{name}-{size}-{light}"));
    }

    fn picture(&self, name: &str) -> PathBuf {
        let page = self.ask("Page.getLayoutMetrics", json!({}));
        let height =
            page["cssContentSize"]["height"].as_u64().unwrap_or(TALLEST).clamp(u64::from(self.looks.height), TALLEST);
        let clip = json!({"x": 0, "y": 0, "width": self.looks.width, "height": height, "scale": 1});
        let whole = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
        let png = self.ask("Page.captureScreenshot", whole);
        let png = data_encoding::BASE64.decode(png["data"].as_str().unwrap().as_bytes()).unwrap();
        let path = pictures().join(format!("{name}.png"));
        std::fs::write(&path, png).unwrap();
        path
    }

    /// Says what the page looked like when the test failed.
    pub(super) fn tell(&self) {
        let seen = self.watch.seen().faults();
        let test = std::thread::current().name().unwrap_or("test").replace("::", ".");
        let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            format!("{} is on {}", self.picture(&format!("failed-{test}")).display(), self.url())
        }));
        println!("{}\nlogged: {seen:?}", told.unwrap_or_else(|_| "no picture could be taken".to_owned()));
    }
}

fn is_navigation(refusal: &str) -> bool {
    ["context was destroyed", "Cannot find context", "navigated or closed", "Cannot find default execution context"]
        .iter()
        .any(|words| refusal.contains(words))
}

/// Where pictures are kept; says so once, past the capture of what tests print.
fn pictures() -> PathBuf {
    static SAID: Once = Once::new();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    SAID.call_once(|| {
        let _ = writeln!(std::io::stderr(), "\nscreenshots are kept in {}", folder.display());
    });
    folder
}
