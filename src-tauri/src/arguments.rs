//! What can be said on the command line: two words, too few for a parser of its own.

use std::ffi::OsString;

/// What to show at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// The tray; the panel only where a person would otherwise see nothing, or is new to Sandglass.
    WhereNeeded,
    /// The panel at once.
    Panel,
    /// Nothing but the tray: a login started the app, not a person.
    Background,
}

/// What the command line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arguments {
    /// Run the app.
    Run(Opening),
    /// Print [`USAGE`].
    Help,
    /// Print the version.
    Version,
}

/// The answer to `--help`.
pub(crate) const USAGE: &str = "\
The tray app of Sandglass

Usage: sandglass-tray [--panel | --background]

Options:
      --panel       Open the panel at once
      --background  Open no window at the start, as a login does
  -h, --help        Print help
  -V, --version     Print version

Environment:
  SANDGLASS_LOG     What to log to stderr, like `info` or `sandglass_tray=debug`
";

/// A word that is not understood.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("unexpected argument `{0}`; see `sandglass-tray --help`")]
pub(crate) struct Unexpected(String);

/// Reads the words after the program's name. The last one counts.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Arguments, Unexpected> {
    let mut asked = Arguments::Run(Opening::WhereNeeded);
    for word in words {
        asked = match word.to_str() {
            Some("--panel") => Arguments::Run(Opening::Panel),
            Some("--background") => Arguments::Run(Opening::Background),
            Some("-h" | "--help") => return Ok(Arguments::Help),
            Some("-V" | "--version") => return Ok(Arguments::Version),
            Some(_) | None => return Err(Unexpected(word.to_string_lossy().into_owned())),
        };
    }
    Ok(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Arguments, Unexpected> {
        parse(words.iter().map(OsString::from))
    }

    #[test]
    fn without_a_word_the_panel_opens_only_where_needed() {
        assert_eq!(parsed(&[]), Ok(Arguments::Run(Opening::WhereNeeded)));
    }

    #[test]
    fn the_panel_and_the_background_can_be_asked_for() {
        assert_eq!(parsed(&["--panel"]), Ok(Arguments::Run(Opening::Panel)));
        assert_eq!(
            parsed(&["--background"]),
            Ok(Arguments::Run(Opening::Background))
        );
        assert_eq!(parsed(&["--panel", "--help"]), Ok(Arguments::Help));
    }

    #[test]
    fn a_word_that_is_not_understood_is_named() {
        let error = parsed(&["--pannel"]).unwrap_err();
        assert!(error.to_string().contains("`--pannel`"), "{error}");
    }
}
