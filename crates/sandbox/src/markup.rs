//! Text put safely into XML and HTML.

/// `text` with the five characters escaped that mean something in XML and HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// An XML element around text.
pub(crate) fn text(name: &str, value: &str) -> String {
    format!("<{name}>{}</{name}>", escape(value))
}

/// An XML element around elements.
pub(crate) fn element(name: &str, children: &str) -> String {
    format!("<{name}>{children}</{name}>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_means_something_in_markup_gets_through() {
        assert_eq!(
            text("Message", "<a href='x'>\"R&D\"</a>"),
            "<Message>&lt;a href=&#39;x&#39;&gt;&quot;R&amp;D&quot;&lt;/a&gt;</Message>"
        );
    }
}
