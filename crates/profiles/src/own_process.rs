//! Sandglass as the `credential_process` of a profile: no process to run, but another name for a session.

use std::path::Path;

use sandglass_core::names::ProfileName;

/// Whose credentials this command line asks Sandglass for; none where it is another program's.
pub(crate) fn served(command: &str) -> Option<ProfileName> {
    let words = shlex::split(command)?;
    let (program, arguments) = words.split_first()?;
    // A path of Windows keeps its backslashes within quotes only.
    let program = program.rsplit(['/', '\\']).next()?;
    let is_ours = Path::new(program)
        .file_stem()
        .is_some_and(|stem| stem == "sandglass");
    let (first, options) = arguments.split_first()?;
    if !is_ours || first != "credentials" {
        return None;
    }
    let mut options = options.iter();
    while let Some(option) = options.next() {
        let name = match option.strip_prefix("--profile") {
            Some("") => options.next().map(String::as_str),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        };
        if let Some(name) = name {
            return Some(ProfileName::new(name));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_command_line_is_known_in_every_spelling() {
        for command in [
            "sandglass credentials --profile dev",
            "/usr/local/bin/sandglass credentials --wait 20s --profile=dev",
            "'/opt/with blanks/sandglass' credentials --profile 'dev'",
            r#""C:\\Program Files\\Sandglass\\sandglass.exe" credentials --profile dev"#,
        ] {
            assert_eq!(served(command), Some(ProfileName::new("dev")), "{command}");
        }
    }

    #[test]
    fn what_another_program_does_is_its_own() {
        for command in [
            "",
            "aws-vault export --format=json dev",
            "sandglass status --profile dev",
            "sandglass credentials",
            "sandglass-helper credentials --profile dev",
            "sh -c 'sandglass credentials --profile dev | tee x'",
            "sandglass credentials --profile 'dev",
        ] {
            assert_eq!(served(command), None, "{command}");
        }
    }
}
