//! The two files as each client reads them: the same bytes are other settings to another one.

use std::collections::{BTreeMap, BTreeSet};

use sandglass_core::doctor::chain::Sdk;
use sandglass_core::secret::Secret;

use crate::document::{Document, Encoding, Fault, Property, Section, Separator};
use crate::paths::Paths;
use crate::section::{AwsFile, SectionName};
use crate::source;

/// The parsers that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grammar {
    /// Python's `RawConfigParser`, which refuses a whole file for one line.
    Botocore,
    /// That of the AWS SDK for Rust; those of Go and Java are taken to be like it.
    Rust,
    /// That of the AWS SDK for JavaScript, which passes over what it does not understand.
    JavaScript,
}

impl Grammar {
    pub(super) fn of(sdk: Sdk) -> Self {
        match sdk {
            Sdk::Cli1 | Sdk::Cli2 | Sdk::Boto3 => Self::Botocore,
            Sdk::JavaScript => Self::JavaScript,
            Sdk::Rust | Sdk::Go | Sdk::Java => Self::Rust,
        }
    }
}

/// A setting and its place.
pub(super) struct Value {
    pub(super) text: Secret,
    /// `~/.aws/config:12`
    pub(super) place: String,
}

type Values = BTreeMap<String, Value>;

/// One profile as a client reads it.
#[derive(Default)]
pub(super) struct Profile {
    config: Values,
    credentials: Values,
}

/// All profiles as a client reads them.
#[derive(Default)]
pub(super) struct Profiles {
    profiles: BTreeMap<String, Profile>,
    sso_sessions: BTreeSet<String>,
}

impl Profile {
    /// A setting that is not empty: that of the credentials file goes before that of the config file.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.get_in(AwsFile::Credentials, key)
            .or_else(|| self.get_in(AwsFile::Config, key))
    }

    pub(super) fn get_in(&self, file: AwsFile, key: &str) -> Option<&Value> {
        let values = match file {
            AwsFile::Config => &self.config,
            AwsFile::Credentials => &self.credentials,
        };
        values
            .get(key)
            .filter(|value| !value.text.expose().is_empty())
    }
}

impl Profiles {
    /// Both files. What the client refuses to read is an error with file and line.
    pub(super) fn read(paths: &Paths, grammar: Grammar) -> Result<Self, String> {
        let mut profiles = Self::default();
        for (file, path) in [
            (AwsFile::Config, &paths.config),
            (AwsFile::Credentials, &paths.credentials),
        ] {
            let shown = paths.shown(path);
            let document = source::read(path, &shown)
                .map_err(|finding| format!("{}: {}", finding.place, finding.message))?;
            profiles.add(&document, file, &shown, grammar)?;
        }
        Ok(profiles)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Profile> {
        self.profiles.get(name)
    }

    pub(super) fn has_sso_session(&self, name: &str) -> bool {
        self.sso_sessions.contains(name)
    }

    fn add(
        &mut self,
        document: &Document,
        file: AwsFile,
        shown: &str,
        grammar: Grammar,
    ) -> Result<(), String> {
        match grammar {
            Grammar::Botocore => refuse_as_botocore(document, shown)?,
            Grammar::Rust => refuse_as_rust(document, shown)?,
            Grammar::JavaScript => {}
        }
        if grammar == Grammar::Rust
            && matches!(
                document.encoding(),
                Encoding::PartlyUtf8 | Encoding::NotText
            )
        {
            return Ok(());
        }
        let prefixed_default = document
            .sections()
            .iter()
            .any(|section| section.header == "profile default");
        for section in document.sections() {
            if let SectionName::SsoSession(name) = SectionName::of(file, &section.header) {
                self.sso_sessions.insert(name);
            }
            let Some(name) = name_of(file, section, grammar) else {
                continue;
            };
            if file == AwsFile::Config
                && grammar != Grammar::Botocore
                && section.header == "default"
                && prefixed_default
            {
                continue;
            }
            let profile = self.profiles.entry(name).or_default();
            let values = match file {
                AwsFile::Config => &mut profile.config,
                AwsFile::Credentials => &mut profile.credentials,
            };
            if grammar == Grammar::Botocore {
                // `[default]` and `[profile default]` are two sections to it, of which the later one stays.
                values.clear();
            }
            for property in &section.properties {
                if let Some((key, text)) = setting(document, property, grammar) {
                    let place = format!("{shown}:{}", property.line_number());
                    values.insert(key, Value { text, place });
                }
            }
        }
        Ok(())
    }
}

/// The profile that a section is for, where the client takes it for one.
fn name_of(file: AwsFile, section: &Section, grammar: Grammar) -> Option<String> {
    let header = section.header.as_str();
    let is_quoted = header.contains(['\'', '"']);
    let name = match (SectionName::of(file, header), file, grammar) {
        (SectionName::Profile(name), _, _) => name.as_str().to_owned(),
        // botocore takes every header of the credentials file for the name of a profile.
        (_, AwsFile::Credentials, Grammar::Botocore) if header != "DEFAULT" => header.to_owned(),
        (
            SectionName::SsoSession(_) | SectionName::Services(_) | SectionName::Other,
            AwsFile::Config | AwsFile::Credentials,
            Grammar::Botocore | Grammar::Rust | Grammar::JavaScript,
        ) => return None,
    };
    let fits = |others: &str| {
        name.chars()
            .all(|letter| letter.is_ascii_alphanumeric() || others.contains(letter))
    };
    let is_taken = match grammar {
        Grammar::Botocore => true,
        Grammar::Rust => !is_quoted && fits("_-/.%@:+"),
        Grammar::JavaScript => fits("_-/.%@:+"),
    };
    is_taken.then_some(name)
}

/// Key and value, where the client takes the line for a setting.
fn setting(document: &Document, property: &Property, grammar: Grammar) -> Option<(String, Secret)> {
    match grammar {
        // It knows no comment behind a value.
        Grammar::Botocore => {
            let value = document.value(property);
            let text = match &property.comment_span {
                Some(comment) => Secret::new(
                    document
                        .text(property.value_span.start..comment.end)
                        .to_owned(),
                ),
                None => value,
            };
            Some((property.key.clone(), text))
        }
        Grammar::Rust | Grammar::JavaScript if property.separator == Separator::Colon => None,
        Grammar::Rust => Some((property.key.clone(), document.value(property))),
        Grammar::JavaScript => {
            let key = document.text(property.key_span.clone()).to_owned();
            let text = document.text(property.value_span.clone()).to_owned();
            Some((key, Secret::new(text)))
        }
    }
}

fn refuse_as_botocore(document: &Document, shown: &str) -> Result<(), String> {
    match document.encoding() {
        Encoding::Utf8 => {}
        Encoding::Utf8WithMark => return Err(format!("{shown} starts with a byte order mark")),
        Encoding::PartlyUtf8 | Encoding::NotText => return Err(format!("{shown} is not UTF-8")),
    }
    if let Some((line, fault)) = document.faults().next() {
        return Err(format!("{shown}:{line}: {}", words(fault)));
    }
    let mut headers = BTreeSet::new();
    for section in document.sections() {
        if !headers.insert(&section.header) {
            return Err(format!(
                "{shown}:{}: section `[{}]` stands twice",
                section.line_number(),
                section.header
            ));
        }
        let mut keys = BTreeSet::new();
        for property in &section.properties {
            if !keys.insert(&property.key) {
                return Err(format!(
                    "{shown}:{}: `{}` stands twice",
                    property.line_number(),
                    property.key
                ));
            }
        }
    }
    Ok(())
}

fn refuse_as_rust(document: &Document, shown: &str) -> Result<(), String> {
    if document.encoding() == Encoding::Utf8WithMark {
        return Err(format!("{shown} starts with a byte order mark"));
    }
    let fault = document
        .faults()
        .find(|(_, fault)| *fault != Fault::NotUtf8)
        .map(|(line, fault)| (line, words(fault)));
    let colon = document
        .sections()
        .iter()
        .flat_map(|section| &section.properties)
        .find(|property| property.separator == Separator::Colon)
        .map(|property| (property.line_number(), words(Fault::NoSeparator)));
    match fault.or(colon) {
        Some((line, what)) => Err(format!("{shown}:{line}: {what}")),
        None => Ok(()),
    }
}

fn words(fault: Fault) -> &'static str {
    match fault {
        Fault::BeforeAnySection => "a setting stands above the first section",
        Fault::UnclosedHeader => "a section's `]` is missing",
        Fault::NoSeparator => "a line has no `=`",
        Fault::NoKey => "a line has nothing before its `=`",
        Fault::NotUtf8 => "a line is not UTF-8",
    }
}
