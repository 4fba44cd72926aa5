//! How botocore takes a command line apart, on each system by the rules of its own programs.

/// A command line that means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unclear {
    /// A quotation mark is missing.
    #[error("a quotation is not closed")]
    OpenQuotation,
    /// It ends with a backslash.
    #[cfg(any(unix, test))]
    #[error("nothing follows its last backslash")]
    NothingEscaped,
}

#[cfg(unix)]
pub(super) fn split(command: &str) -> Result<Vec<String>, Unclear> {
    split_as_a_shell_does(command)
}

#[cfg(windows)]
pub(super) fn split(command: &str) -> Result<Vec<String>, Unclear> {
    split_as_windows_does(command)
}

/// Python's `shlex.split`: quotations and backslashes of a POSIX shell, and nothing else of it: no variables, no comments.
#[cfg(any(unix, test))]
fn split_as_a_shell_does(command: &str) -> Result<Vec<String>, Unclear> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = command.chars();
    while let Some(character) = characters.next() {
        match character {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next().ok_or(Unclear::OpenQuotation)? {
                        '\'' => break,
                        quoted => word.push(quoted),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next().ok_or(Unclear::OpenQuotation)? {
                        '"' => break,
                        '\\' => match characters.next().ok_or(Unclear::OpenQuotation)? {
                            escaped @ ('"' | '\\') => word.push(escaped),
                            other => word.extend(['\\', other]),
                        },
                        quoted => word.push(quoted),
                    }
                }
            }
            '\\' => {
                let escaped = characters.next().ok_or(Unclear::NothingEscaped)?;
                word.get_or_insert_default().push(escaped);
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Ok(words)
}

/// The rules of Microsoft's C runtime: a backslash is one, except before a quotation mark.
#[cfg(any(windows, test))]
fn split_as_windows_does(command: &str) -> Result<Vec<String>, Unclear> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut backslashes = 0;
    let mut quoted = false;
    for character in command.chars() {
        match character {
            '\\' => {
                backslashes += 1;
                continue;
            }
            '"' => {
                let word = word.get_or_insert_default();
                word.push_str(&"\\".repeat(backslashes / 2));
                if backslashes % 2 == 1 {
                    word.push('"');
                } else {
                    quoted = !quoted;
                }
                backslashes = 0;
                continue;
            }
            _ if backslashes > 0 => {
                word.get_or_insert_default()
                    .push_str(&"\\".repeat(backslashes));
                backslashes = 0;
            }
            _ => {}
        }
        match character {
            ' ' | '\t' if !quoted => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    if quoted {
        return Err(Unclear::OpenQuotation);
    }
    if backslashes > 0 {
        word.get_or_insert_default()
            .push_str(&"\\".repeat(backslashes));
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_taken_apart_as_python_does_it() {
        // Each row was checked against `shlex.split` of Python 3.
        let rows: &[(&str, &[&str])] = &[
            ("", &[]),
            ("  aws-vault   exec\tdev ", &["aws-vault", "exec", "dev"]),
            (
                r#""/opt/my tools/get" --for 'a b'"#,
                &["/opt/my tools/get", "--for", "a b"],
            ),
            (r"a\ b c\\d", &["a b", r"c\d"]),
            (
                r#"'a"b' "a'b" "a\"b" "a\nb""#,
                &["a\"b", "a'b", "a\"b", r"a\nb"],
            ),
            ("--profile=''", &["--profile="]),
            ("a '' b", &["a", "", "b"]),
            ("a #b $HOME ~ *", &["a", "#b", "$HOME", "~", "*"]),
        ];
        for (command, expected) in rows {
            let words = split_as_a_shell_does(command);
            assert_eq!(words.as_deref(), Ok(&owned(expected)[..]), "{command}");
        }
    }

    #[test]
    fn an_unclear_command_line_is_refused() {
        for command in ["get 'x", "get \"x", "get \"x\\"] {
            let words = split_as_a_shell_does(command);
            assert_eq!(words, Err(Unclear::OpenQuotation), "{command}");
        }
        assert_eq!(
            split_as_a_shell_does("get x\\"),
            Err(Unclear::NothingEscaped)
        );
        assert_eq!(
            split_as_windows_does("get \"x"),
            Err(Unclear::OpenQuotation)
        );
    }

    #[test]
    fn windows_has_rules_of_its_own() {
        let rows: &[(&str, &[&str])] = &[
            ("", &[]),
            (
                r#""C:\My Tools\get.exe" --for dev"#,
                &[r"C:\My Tools\get.exe", "--for", "dev"],
            ),
            (r"C:\tools\get.exe a\b\", &[r"C:\tools\get.exe", r"a\b\"]),
            (r#"get "a\\" b"#, &["get", r"a\", "b"]),
            (r#"get \"a\" ''"#, &["get", "\"a\"", "''"]),
            (r#"get """#, &["get", ""]),
        ];
        for (command, expected) in rows {
            let words = split_as_windows_does(command);
            assert_eq!(words.as_deref(), Ok(&owned(expected)[..]), "{command}");
        }
    }

    fn owned(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }
}
