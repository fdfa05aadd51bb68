//! Progress of long work: at a terminal only, and silent in a pipe or a log.

use indicatif::{ProgressBar, ProgressStyle};
use std::borrow::Cow;
use std::time::Duration;

/// A bar for work whose size is known.
pub(super) fn bar(what: impl Into<Cow<'static, str>>, steps: u64) -> ProgressBar {
    styled(ProgressBar::new(steps), what, "{msg} {wide_bar} {pos}/{len} {eta}")
}

/// A sign of life for work whose size is not known.
pub(super) fn spinner(what: impl Into<Cow<'static, str>>) -> ProgressBar {
    let spinner = styled(ProgressBar::new_spinner(), what, "{spinner} {msg} {elapsed}");
    // Only where it is seen: the ticking costs a thread.
    if !spinner.is_hidden() {
        spinner.enable_steady_tick(Duration::from_millis(120));
    }
    spinner
}

fn styled(bar: ProgressBar, what: impl Into<Cow<'static, str>>, template: &str) -> ProgressBar {
    // A template that cannot be read leaves the usual look.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style).with_message(what)
}
