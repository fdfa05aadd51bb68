//! Whether a page can be used by everybody: the rules of axe-core, and what it does not check.

use super::tab::{Looks, Tab};
use serde_json::Value;

const AXE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/axe/axe.min.js"));
const CHECKS: &str = include_str!("checks.js");

/// WCAG 2.2 AA and what is known to help; a line for each element that breaks a rule.
const JUDGE: &str = r#"axe.run(document, {
  runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
  rules: { 'target-size': { enabled: true } },
  resultTypes: ['violations'],
  preload: false,
}).then(({ violations }) => violations.flatMap(({ id, impact, help, nodes }) => nodes.map((node) =>
  `${id} (${impact}): ${help}; ${node.target.join(' ')}: ${node.failureSummary.replace(/\s+/g, ' ')}`)))"#;

/// Tab stops on a page beyond which nobody goes on by keyboard.
const STOPS: usize = 2_000;

impl Tab {
    /// What axe finds, as the page looks now. Needs scripts.
    #[track_caller]
    pub fn axe(&self) -> Vec<String> {
        if self.script("typeof axe") == "undefined" {
            self.script(&format!("{AXE}; 0"));
        }
        lines(self.script(JUDGE))
    }

    /// What else makes a page hard to use, at each width that matters: one heading, title, language, ids, sizes of images
    /// and of targets, sideways scrolling, visible focus. The page looks as before afterwards.
    #[track_caller]
    pub fn checks(&mut self) -> Vec<String> {
        let before = self.looks;
        let mut found = self.check("document()");
        found.extend(self.layout_checks());
        for dark in [false, true] {
            self.show(Looks { width: 1280, height: 900, phone: false, dark });
            let light = if dark { "dark" } else { "light" };
            found.extend(self.tab_stops().into_iter().map(|line| format!("{light}: {line}")));
        }
        self.show(before);
        found
    }

    /// Those of them that depend on the lengths of words.
    #[track_caller]
    pub fn layout_checks(&mut self) -> Vec<String> {
        let before = self.looks;
        let mut found = Vec::new();
        for (width, phone) in [(1280, false), (390, true), (320, false)] {
            self.show(Looks { width, phone, ..before });
            found.extend(self.check("layout()").into_iter().map(|line| format!("at {width} px: {line}")));
        }
        self.show(before);
        found
    }

    /// Goes round the page with the Tab key.
    fn tab_stops(&self) -> Vec<String> {
        self.check("top()");
        let mut found = Vec::new();
        for _ in 0..STOPS {
            self.press("Tab");
            let stop = self.script(&format!("({CHECKS}).stop()"));
            if stop.is_null() {
                break;
            }
            found.extend(lines(stop));
        }
        found.extend(self.check("unreached()"));
        found
    }

    fn check(&self, call: &str) -> Vec<String> {
        lines(self.script(&format!("({CHECKS}).{call}")))
    }
}

fn lines(findings: Value) -> Vec<String> {
    serde_json::from_value(findings).unwrap()
}
