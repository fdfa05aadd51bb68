//! Descriptions come from doc comments: paragraphs, with code between backticks. Everything else of Markdown is shown
//! as it is written.

/// Filters of the templates.
pub(in crate::http) mod filters {
    use askama::{Values, filter_fn};

    /// Text as HTML paragraphs, escaped.
    #[filter_fn]
    pub fn prose(text: impl std::fmt::Display, _: &dyn Values) -> askama::Result<String> {
        Ok(super::paragraphs(&text.to_string()))
    }
}

fn paragraphs(text: &str) -> String {
    let mut html = String::new();
    for paragraph in text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        html.push_str("<p>");
        // Pieces at odd places stand between two backticks; a last backtick without partner is shown as one.
        let pieces: Vec<_> = paragraph.split('`').collect();
        for (at, piece) in pieces.iter().enumerate() {
            let is_code = at % 2 == 1;
            let is_closed = at + 1 < pieces.len();
            match (is_code, is_closed) {
                (true, true) => html.extend(["<code>", &escaped(piece), "</code>"]),
                (true, false) => html.extend(["`", &escaped(piece)]),
                (false, _) => html.push_str(&escaped(piece)),
            }
        }
        html.push_str("</p>");
    }
    html
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::paragraphs;

    #[test]
    fn paragraphs_and_code_are_marked_and_the_rest_is_escaped() {
        assert_eq!(
            paragraphs("One `a<b>` two.\n\nThree & `four"),
            "<p>One <code>a&lt;b&gt;</code> two.</p><p>Three &amp; `four</p>"
        );
        assert_eq!(paragraphs("<script>'\""), "<p>&lt;script&gt;&#39;&quot;</p>");
        assert_eq!(paragraphs(" \n\n "), "");
    }
}
