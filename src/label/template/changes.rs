//! What has changed from one revision of a template to another, line by line.

use serde::{Deserialize, Serialize};

/// Most lines that are told; a template that was written anew is better read as a whole.
pub const MAX_CHANGES: usize = 200;
/// Most pairs of lines that are compared; beyond that all of both texts counts as changed.
const MAX_PAIRS: usize = 4_000_000;

/// A line that came or went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineChange {
    /// Its number in the newer text, or in the older one if it went, from 1.
    pub line: usize,
    /// Whether it came.
    pub added: bool,
    /// What it says.
    pub text: String,
}

/// The lines that came and went, in order: those that went before those that came in their place. At most [`MAX_CHANGES`].
///
/// ```
/// use nameplate::label::line_changes;
/// let changes = line_changes("a\nb\nc", "a\nB\nc\nd");
/// let told: Vec<_> = changes.iter().map(|c| (c.line, c.added, c.text.as_str())).collect();
/// assert_eq!(told, [(2, false, "b"), (2, true, "B"), (4, true, "d")]);
/// ```
pub fn line_changes(older: &str, newer: &str) -> Vec<LineChange> {
    let (older, newer): (Vec<&str>, Vec<&str>) = (older.lines().collect(), newer.lines().collect());
    let same_head = older.iter().zip(&newer).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&older[same_head..], &newer[same_head..]);
    let same_tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old_rest[..old_rest.len() - same_tail], &new_rest[..new_rest.len() - same_tail]);
    let mut changes = Vec::new();
    let mut add = |at: usize, added: bool, text: &str| {
        if changes.len() < MAX_CHANGES {
            changes.push(LineChange { line: same_head + at + 1, added, text: text.to_owned() });
        }
    };
    let common = Common::of(old, new);
    let (mut from, mut to) = (0, 0);
    while from < old.len() || to < new.len() {
        if from < old.len() && to < new.len() && old[from] == new[to] {
            (from, to) = (from + 1, to + 1);
        } else if from < old.len() && common.after(from + 1, to) >= common.after(from, to + 1) {
            add(from, false, old[from]);
            from += 1;
        } else if to < new.len() {
            add(to, true, new[to]);
            to += 1;
        } else {
            add(from, false, old[from]);
            from += 1;
        }
    }
    changes
}

/// How many lines two texts have in common from each pair of places on.
struct Common {
    counts: Vec<u32>,
    columns: usize,
}

impl Common {
    fn of(old: &[&str], new: &[&str]) -> Common {
        let columns = new.len() + 1;
        if old.len().saturating_mul(new.len()) > MAX_PAIRS {
            return Common { counts: Vec::new(), columns };
        }
        let mut counts = vec![0; (old.len() + 1) * columns];
        for from in (0..old.len()).rev() {
            for to in (0..new.len()).rev() {
                counts[from * columns + to] = if old[from] == new[to] {
                    counts[(from + 1) * columns + to + 1] + 1
                } else {
                    u32::max(counts[(from + 1) * columns + to], counts[from * columns + to + 1])
                };
            }
        }
        Common { counts, columns }
    }

    fn after(&self, from: usize, to: usize) -> u32 {
        self.counts.get(from * self.columns + to).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The newer text, made of the older one and what is told.
    fn applied(older: &str, changes: &[LineChange]) -> String {
        let gone: Vec<usize> = changes.iter().filter(|change| !change.added).map(|change| change.line).collect();
        let kept = older.lines().zip(1..).filter(|(_, at)| !gone.contains(at)).map(|(line, _)| line.to_owned());
        let mut lines: Vec<String> = kept.collect();
        for change in changes.iter().filter(|change| change.added) {
            lines.insert(change.line - 1, change.text.clone());
        }
        lines.join("\n")
    }

    #[test]
    fn texts_that_have_nothing_in_common_are_told_up_to_a_limit() {
        let old: String = (0..5_000).map(|n| format!("old {n}\n")).collect();
        let new: String = (0..5_000).map(|n| format!("new {n}\n")).collect();
        assert_eq!(line_changes(&old, &new).len(), MAX_CHANGES);
        assert_eq!(line_changes(&old, &old), []);
        assert_eq!(line_changes("", "a").len(), 1);
    }

    proptest! {
        #[test]
        fn what_is_told_makes_the_newer_text_of_the_older(
            old in prop::collection::vec("[a-c]", 0..14),
            new in prop::collection::vec("[a-c]", 0..14),
        ) {
            let (old, new) = (old.join("\n"), new.join("\n"));
            let changes = line_changes(&old, &new);
            prop_assert_eq!(applied(&old, &changes), new.clone());
            prop_assert_eq!(changes.is_empty(), old == new);
        }
    }
}
