//! Keys as a keyboard or a scanner sends them.

use serde_json::{Value, json};

/// Keys that write nothing, or more than a character: name, `code`, Windows key code, what it writes.
const NAMED: [(&str, &str, u32, &str); 16] = [
    ("Enter", "Enter", 13, "\r"),
    ("Tab", "Tab", 9, ""),
    ("Escape", "Escape", 27, ""),
    ("Backspace", "Backspace", 8, ""),
    ("Delete", "Delete", 46, ""),
    ("Home", "Home", 36, ""),
    ("End", "End", 35, ""),
    ("PageUp", "PageUp", 33, ""),
    ("PageDown", "PageDown", 34, ""),
    ("ArrowLeft", "ArrowLeft", 37, ""),
    ("ArrowUp", "ArrowUp", 38, ""),
    ("ArrowRight", "ArrowRight", 39, ""),
    ("ArrowDown", "ArrowDown", 40, ""),
    ("Space", "Space", 32, " "),
    ("F1", "F1", 112, ""),
    ("F2", "F2", 113, ""),
];

/// The two events of a key, perhaps held with others: `a`, `/`, `Enter`, `Shift+Tab`, `Ctrl+Enter`.
pub fn strokes(key: &str) -> [Value; 2] {
    let (held, key) = match key.rsplit_once('+') {
        Some((held, key)) if !key.is_empty() => (held, key),
        _ => ("", key),
    };
    let mut modifiers = [("Alt", 1), ("Ctrl", 2), ("Meta", 4), ("Shift", 8)]
        .iter()
        .filter(|(name, _)| held.split('+').any(|part| part == *name))
        .map(|(_, bit)| bit)
        .sum::<u32>();
    let named = NAMED.iter().find(|(name, ..)| *name == key);
    let (name, code, number, text) = match named {
        Some(&(name, code, number, text)) => (if name == "Space" { " " } else { name }, code.to_owned(), number, text),
        None => {
            let character = key.chars().next().filter(|_| key.chars().count() == 1);
            let character = character.unwrap_or_else(|| panic!("no key is called {key:?}"));
            if character.is_ascii_uppercase() {
                modifiers |= 8;
            }
            let upper = character.to_ascii_uppercase();
            let code = match upper {
                'A'..='Z' => format!("Key{upper}"),
                '0'..='9' => format!("Digit{upper}"),
                _ => String::new(),
            };
            let number = if code.is_empty() { 0 } else { u32::from(upper) };
            (key, code, number, key)
        }
    };
    // Ctrl, Alt and Meta take the writing away.
    let text = if modifiers & 7 == 0 { text } else { "" };
    let stroke = |kind: &str, text: &str| {
        let mut stroke = json!({"type": kind, "key": name, "code": code, "windowsVirtualKeyCode": number});
        stroke["modifiers"] = modifiers.into();
        if !text.is_empty() {
            stroke["text"] = text.into();
        }
        stroke
    };
    [stroke(if text.is_empty() { "rawKeyDown" } else { "keyDown" }, text), stroke("keyUp", "")]
}
