//! What a person does to a page: with a mouse or a finger, a keyboard, a scanner.

use super::keys::strokes;
use super::tab::Tab;
use serde_json::{Value, json};
use std::path::Path;

impl Tab {
    /// Clicks what is called so: a button, a link, a box to tick; or what the selector finds.
    #[track_caller]
    pub fn click(&self, what: &str) {
        self.click_at(&self.place("DOORS", what, None));
    }

    /// Clicks what is called so in the row, list item or section that holds the words `beside`.
    #[track_caller]
    pub fn click_beside(&self, beside: &str, what: &str) {
        self.click_at(&self.place("DOORS", what, Some(beside)));
    }

    /// Replaces what is in the field of this label (or selector).
    #[track_caller]
    pub fn fill(&self, field: &str, text: &str) {
        self.click_at(&self.place("FIELDS", field, None));
        match self.words("begin", json!([field, text])).as_str().unwrap() {
            "set" => {}
            "type" if text.is_empty() => self.press("Delete"),
            "type" => {
                self.ask("Input.insertText", json!({"text": text}));
            }
            trouble => panic!("{trouble}"),
        }
        self.settle();
    }

    /// Chooses an option, by its words, in the list of this label.
    #[track_caller]
    pub fn choose(&self, list: &str, option: &str) {
        self.place("FIELDS", list, None);
        let trouble = self.words("choose", json!([list, option]));
        let trouble = trouble.as_str().unwrap();
        assert!(trouble.is_empty(), "{trouble}");
        self.settle();
    }

    /// Gives a file to the field of this label.
    #[track_caller]
    pub fn attach(&self, field: &str, file: &Path) {
        let words = include_str!("words.js");
        let expression =
            format!("(({{ find }}) => find('input[type=file]', {}, null, true).el)({words})", json!(field));
        let found = self.ask("Runtime.evaluate", json!({"expression": expression}));
        let object =
            found["result"]["objectId"].as_str().unwrap_or_else(|| panic!("no file field is called {field:?}"));
        self.ask("DOM.setFileInputFiles", json!({"files": [file], "objectId": object}));
        self.settle();
    }

    /// Presses a key, where the focus is: `Enter`, `Tab`, `Shift+Tab`, `/`, `Ctrl+Enter`.
    #[track_caller]
    pub fn press(&self, key: &str) {
        self.strike(&[key]);
        self.settle();
    }

    /// Types, key by key, where the focus is.
    #[track_caller]
    pub fn write(&self, text: &str) {
        let keys: Vec<String> = text.chars().map(String::from).collect();
        self.strike(&keys.iter().map(String::as_str).collect::<Vec<_>>());
        self.settle();
    }

    /// A scanner: the keys of a text as fast as they can be sent, then Enter, wherever the focus is.
    #[track_caller]
    pub fn scan(&self, text: &str) {
        let mut keys: Vec<String> = text.chars().map(String::from).collect();
        keys.push("Enter".to_owned());
        self.strike(&keys.iter().map(String::as_str).collect::<Vec<_>>());
        self.settle();
    }

    fn strike(&self, keys: &[&str]) {
        let strokes = keys.iter().flat_map(|key| strokes(key));
        let sent: Vec<_> =
            strokes.map(|stroke| self.chromium.send(&self.session, "Input.dispatchKeyEvent", stroke)).collect();
        for stroke in sent {
            stroke.answer().unwrap();
        }
    }

    /// The middle of what is called so, once it can be clicked.
    #[track_caller]
    fn place(&self, kind: &str, what: &str, beside: Option<&str>) -> Value {
        let place = format!(
            "((words) => words.place(words.{kind}, {}, {}))({})",
            json!(what),
            json!(beside),
            include_str!("words.js")
        );
        self.until(|| {
            let found = self.script(&place);
            found["trouble"].as_str().map_or(Ok(found.clone()), |trouble| Err(trouble.to_owned()))
        })
    }

    #[track_caller]
    fn click_at(&self, place: &Value) {
        let (x, y) = (&place["x"], &place["y"]);
        if self.looks.phone {
            let finger = json!([{"x": x, "y": y}]);
            self.ask("Input.dispatchTouchEvent", json!({"type": "touchStart", "touchPoints": finger}));
            self.ask("Input.dispatchTouchEvent", json!({"type": "touchEnd", "touchPoints": []}));
        } else {
            self.ask("Input.dispatchMouseEvent", json!({"type": "mouseMoved", "x": x, "y": y}));
            for kind in ["mousePressed", "mouseReleased"] {
                let button = json!({"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1});
                self.ask("Input.dispatchMouseEvent", button);
            }
        }
        self.settle();
    }
}
