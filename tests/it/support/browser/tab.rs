//! A tab: where it is, what it looks like, and what it has to do with the server.

use super::chromium::Chromium;
use super::watch::{Transfer, Watch};
use super::{PATIENCE, Watches};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// Counts every shift of the layout from the first paint on.
const SHIFTS: &str = "window.layoutShift = 0; new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
  if (!entry.hadRecentInput) window.layoutShift += entry.value; })).observe({ type: 'layout-shift', buffered: true });";

/// A page that somebody is looking at. Whatever is looked for is waited for.
pub struct Tab {
    pub(super) chromium: &'static Chromium,
    person: Arc<Person>,
    target: String,
    pub(super) session: String,
    pub(super) watch: Arc<Watch>,
    watches: Watches,
    base: String,
    pub(super) looks: Looks,
    pub(super) speaks: String,
    /// Longest wait for what is looked for.
    pub patience: Duration,
}

/// Cookies, cache and downloads of one person; gone with their last tab.
struct Person {
    chromium: &'static Chromium,
    context: String,
    downloads: TempDir,
}

/// How the page is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Looks {
    pub width: u32,
    pub height: u32,
    pub phone: bool,
    pub dark: bool,
}

const DESKTOP: Looks = Looks { width: 1280, height: 900, phone: false, dark: false };
const PHONE: Looks = Looks { width: 390, height: 844, phone: true, dark: false };

impl Tab {
    pub(super) fn of_a_new_person(chromium: &'static Chromium, watches: Watches, base: &str) -> Self {
        let context = chromium.ask("Target.createBrowserContext", json!({}))["browserContextId"].take();
        let downloads = tempfile::tempdir().unwrap();
        let allowed = json!({"behavior": "allow", "browserContextId": context, "downloadPath": downloads.path()});
        chromium.ask("Browser.setDownloadBehavior", allowed);
        let context = context.as_str().unwrap().to_owned();
        Self::of(Arc::new(Person { chromium, context, downloads }), watches, base)
    }

    fn of(person: Arc<Person>, watches: Watches, base: &str) -> Self {
        let chromium = person.chromium;
        let new = json!({"url": "about:blank", "browserContextId": person.context});
        let target = chromium.ask("Target.createTarget", new)["targetId"].as_str().unwrap().to_owned();
        // The frame of a page has the name of its target.
        let watch = Arc::new(Watch::of(&target));
        watches.lock().unwrap().push(Arc::clone(&watch));
        let session = chromium.attach(&target, Arc::clone(&watch));
        let mut tab = Self {
            chromium,
            person,
            target,
            session,
            watch,
            watches,
            base: base.to_owned(),
            looks: DESKTOP,
            speaks: String::new(),
            patience: PATIENCE,
        };
        for domain in ["Page", "Runtime", "Network", "Log", "Audits", "Inspector"] {
            tab.ask(&format!("{domain}.enable"), json!({}));
        }
        // As if its window were in front.
        tab.ask("Emulation.setFocusEmulationEnabled", json!({"enabled": true}));
        tab.ask("Page.addScriptToEvaluateOnNewDocument", json!({"source": SHIFTS}));
        tab.language("en");
        tab.desktop();
        tab
    }

    /// Another tab of the same person.
    pub fn another(&self) -> Self {
        Self::of(Arc::clone(&self.person), Arc::clone(&self.watches), &self.base)
    }

    /// Asks the page, which must not refuse.
    #[track_caller]
    pub(super) fn ask(&self, method: &str, params: Value) -> Value {
        self.chromium.send(&self.session, method, params).answer().unwrap_or_else(|e| panic!("{method}: {e}"))
    }

    /// Opens a path of the server and waits until everything is loaded.
    #[track_caller]
    pub fn open(&self, path: &str) {
        let answer = self.ask("Page.navigate", json!({"url": format!("{}{path}", self.base)}));
        let trouble = answer["errorText"].as_str().filter(|_| answer["isDownload"] != true);
        assert_eq!(trouble, None, "{path}");
        self.settle();
    }

    /// Presses the browser's reload button.
    #[track_caller]
    pub fn reload(&self) {
        self.ask("Page.reload", json!({}));
        self.settle();
    }

    /// Presses the browser's back button.
    #[track_caller]
    pub fn back(&self) {
        self.script("history.back()");
        self.settle();
    }

    /// Waits until nothing is loading. What was done to the page before has taken effect then.
    #[track_caller]
    pub(super) fn settle(&self) {
        self.script("0");
        assert!(self.watch.settled(PATIENCE), "{} is still loading", self.url());
    }

    /// The path, with query and fragment, that the address bar shows.
    #[track_caller]
    pub fn url(&self) -> String {
        let url = self.script("location.href");
        let url = url.as_str().unwrap();
        url.strip_prefix(&self.base).unwrap_or(url).to_owned()
    }

    /// The HTTP status of the last document.
    pub fn status_of_last_navigation(&self) -> u64 {
        self.watch.seen().status.expect("a page was opened")
    }

    /// What came over the wire for the last document and all it asked for, without images.
    pub fn transferred(&self) -> Transfer {
        self.watch.seen().transfer
    }

    /// From now on everything is fetched anew, as on a first visit.
    pub fn without_cache(&self) {
        self.ask("Network.setCacheDisabled", json!({"cacheDisabled": true}));
    }

    /// The cumulative layout shift of the page.
    #[track_caller]
    pub fn layout_shift(&self) -> f64 {
        // A frame may still be due.
        self.script("new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(layoutShift))))")
            .as_f64()
            .unwrap()
    }

    /// A window of 1280 x 900 and a mouse.
    pub fn desktop(&mut self) {
        self.show(Looks { dark: self.looks.dark, ..DESKTOP });
    }

    /// 390 x 844, a finger, two dots a pixel.
    pub fn phone(&mut self) {
        self.show(Looks { dark: self.looks.dark, ..PHONE });
    }

    /// By night.
    pub fn dark(&mut self) {
        self.show(Looks { dark: true, ..self.looks });
    }

    /// By day.
    pub fn light(&mut self) {
        self.show(Looks { dark: false, ..self.looks });
    }

    pub(super) fn show(&mut self, looks: Looks) {
        self.looks = looks;
        let Looks { width, height, phone, dark } = looks;
        let dots = if phone { 2 } else { 1 };
        let size = json!({"width": width, "height": height, "deviceScaleFactor": dots, "mobile": phone});
        self.ask("Emulation.setDeviceMetricsOverride", size);
        self.ask("Emulation.setTouchEmulationEnabled", json!({"enabled": phone}));
        let scheme = json!({"name": "prefers-color-scheme", "value": if dark { "dark" } else { "light" }});
        // Half of an animation on a picture, or in a contrast, would differ from run to run.
        let still = json!({"name": "prefers-reduced-motion", "value": "reduce"});
        self.ask("Emulation.setEmulatedMedia", json!({"features": [scheme, still]}));
    }

    /// The browser's language, as it tells servers and pages: `de`, `zh-CN`.
    pub fn language(&mut self, language: &str) {
        self.speaks = language.to_owned();
        let agent = json!({"userAgent": self.chromium.user_agent, "acceptLanguage": language});
        self.ask("Emulation.setUserAgentOverride", agent);
    }

    /// The network cable is pulled, or put back.
    pub fn offline(&self, is_off: bool) {
        let none = json!({"offline": is_off, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        self.ask("Network.emulateNetworkConditions", none);
    }

    /// JavaScript is off from the next page on.
    pub fn without_scripts(&self) {
        self.ask("Emulation.setScriptExecutionDisabled", json!({"value": true}));
    }

    /// This person's cookies, as Chromium describes them: `name`, `value`, `httpOnly`, `sameSite`, `expires` ...
    pub fn cookies(&self) -> Vec<Value> {
        let mut all = self.chromium.ask("Storage.getCookies", json!({"browserContextId": self.person.context}));
        serde_json::from_value(all["cookies"].take()).unwrap()
    }

    /// Puts a cookie into this person's browser, as somebody else might have done.
    pub fn plant_cookie(&self, name: &str, value: &str) {
        let cookie = json!({"name": name, "value": value, "url": self.base});
        let planted = json!({"cookies": [cookie], "browserContextId": self.person.context});
        self.chromium.ask("Storage.setCookies", planted);
    }

    /// Waits for a file that was downloaded; answers its name and bytes.
    #[track_caller]
    pub fn downloaded(&self) -> (String, Vec<u8>) {
        let file = || {
            let mut files = std::fs::read_dir(self.person.downloads.path()).unwrap().map(Result::unwrap);
            let whole = |name: &str| !name.ends_with(".crdownload") && !name.starts_with('.');
            files.find(|file| file.file_name().to_str().is_some_and(whole)).ok_or("nothing was downloaded".to_owned())
        };
        let file = self.until(file);
        let bytes = std::fs::read(file.path()).unwrap();
        std::fs::remove_file(file.path()).unwrap();
        (file.file_name().into_string().unwrap(), bytes)
    }

    /// The test is about this: the page logs a fault with these words.
    pub fn expects(&self, words: &str) {
        self.watch.seen().expect(words);
    }

    /// What the page logged so far that no test expects: console errors, violations of the policy, failed requests.
    #[track_caller]
    pub fn faults(&self) -> Vec<String> {
        self.settle();
        self.watch.seen().faults()
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.tell();
        } else {
            // What the page logs now is still heard.
            let _ = self.chromium.send(&self.session, "Runtime.evaluate", json!({"expression": "0"})).answer();
        }
        self.chromium.close(&self.target, &self.session);
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        let gone = json!({"browserContextId": self.context});
        let _ = self.chromium.send("", "Target.disposeBrowserContext", gone).answer();
    }
}
