//! What the headers of the two files name, and how a header is written.

use sandglass_core::names::ProfileName;

/// The two files of AWS, whose headers are read differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AwsFile {
    /// `~/.aws/config`: `[profile NAME]`, `[sso-session NAME]`, `[services NAME]`, and `[default]`.
    Config,
    /// `~/.aws/credentials`: each header is the name of a profile.
    Credentials,
}

/// What a header names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SectionName {
    /// A profile.
    Profile(ProfileName),
    /// An Identity Center session.
    SsoSession(String),
    /// Endpoints of services.
    Services(String),
    /// Nothing that belongs to a profile.
    Other,
}

impl SectionName {
    /// What this header means in that file.
    ///
    /// `[profile foo]` in the credentials file is no profile for the SDKs (for botocore it is one that is literally
    /// named `profile foo`), nor is `[DEFAULT]`, whose keys botocore alone gives to every section.
    pub fn of(file: AwsFile, header: &str) -> Self {
        match file {
            AwsFile::Credentials => {
                let prefixed = header.starts_with("profile ") || header.starts_with("sso-session ");
                if prefixed || header == "DEFAULT" {
                    Self::Other
                } else {
                    Self::Profile(ProfileName::new(header))
                }
            }
            AwsFile::Config => {
                if header == "default" {
                    return Self::Profile(ProfileName::new(header));
                }
                let Some(words) = shell_words(header) else {
                    return Self::Other;
                };
                match words.as_slice() {
                    [prefix, name] => match prefix.as_str() {
                        "profile" => Self::Profile(ProfileName::new(name)),
                        "sso-session" => Self::SsoSession(name.clone()),
                        "services" => Self::Services(name.clone()),
                        _ => Self::Other,
                    },
                    _ => Self::Other,
                }
            }
        }
    }
}

/// The header that the AWS CLI writes for a profile, without its brackets.
pub(crate) fn header_for(file: AwsFile, profile: &ProfileName) -> String {
    let name = profile.as_str();
    match file {
        AwsFile::Credentials => name.to_owned(),
        AwsFile::Config if name == "default" => name.to_owned(),
        AwsFile::Config if name.contains([' ', '\t']) => {
            format!("profile '{}'", name.replace('\'', r#"'"'"'"#))
        }
        AwsFile::Config => format!("profile {name}"),
    }
}

/// The words of a header as a POSIX shell splits them, as botocore does; none where a quote stays open.
fn shell_words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '\'' => break,
                        inside => word.push(inside),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '"' => break,
                        '\\' => match characters.next()? {
                            escaped @ ('"' | '\\') => word.push(escaped),
                            other => word.extend(['\\', other]),
                        },
                        inside => word.push(inside),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(characters.next()?),
            blank if blank.is_whitespace() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(name: &str) -> SectionName {
        SectionName::Profile(ProfileName::new(name))
    }

    #[test]
    fn headers_of_the_config_file_need_their_prefix() {
        let cases = [
            ("default", profile("default")),
            ("profile default", profile("default")),
            ("profile dev", profile("dev")),
            ("profile\tdev", profile("dev")),
            ("profile 'a b'", profile("a b")),
            (r#"profile "a b""#, profile("a b")),
            (r#"profile 'it'"'"'s'"#, profile("it's")),
            (
                "sso-session my-sso",
                SectionName::SsoSession("my-sso".into()),
            ),
            ("services local", SectionName::Services("local".into())),
            ("dev", SectionName::Other),
            ("profiles dev", SectionName::Other),
            ("profile a b", SectionName::Other),
            ("profile 'open", SectionName::Other),
            ("DEFAULT", SectionName::Other),
        ];
        for (header, expected) in cases {
            assert_eq!(
                SectionName::of(AwsFile::Config, header),
                expected,
                "{header}"
            );
        }
    }

    #[test]
    fn headers_of_the_credentials_file_are_names() {
        let cases = [
            ("default", profile("default")),
            ("a b", profile("a b")),
            ("profile dev", SectionName::Other),
            ("DEFAULT", SectionName::Other),
        ];
        for (header, expected) in cases {
            let name = SectionName::of(AwsFile::Credentials, header);
            assert_eq!(name, expected, "{header}");
        }
    }

    #[test]
    fn a_written_header_is_read_back_as_the_same_profile() {
        for name in ["default", "dev", "a b", "it's here", "tab\there"] {
            let name = ProfileName::new(name);
            for file in [AwsFile::Config, AwsFile::Credentials] {
                let header = header_for(file, &name);
                assert_eq!(
                    SectionName::of(file, &header),
                    SectionName::Profile(name.clone()),
                    "{header}"
                );
            }
        }
        let quoted = header_for(AwsFile::Config, &ProfileName::new("a b"));
        assert_eq!(quoted, "profile 'a b'");
    }
}
