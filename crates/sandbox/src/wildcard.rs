//! Patterns as policies have them: `*` for any run of characters, `?` for any one.

/// Whether a text fits a pattern as a whole.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = rest.as_str();
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.into_iter().any(|at| matches(rest, &text[at..]))
        }
        Some(wanted) => {
            let mut letters = text.chars();
            letters
                .next()
                .is_some_and(|letter| wanted == '?' || wanted == letter)
                && matches(rest.as_str(), letters.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_stand_for_others() {
        for (pattern, text) in [
            ("", ""),
            ("*", ""),
            ("*", "anything"),
            ("repo:sandglass/*:ref:*", "repo:sandglass/app:ref:main"),
            ("a?c", "aéc"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("a", ""), ("a?", "a"), ("*b", "abc"), ("A", "a")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
