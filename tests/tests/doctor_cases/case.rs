//! Cases, as plain data.

/// Every secret of every case begins so, and none is ever printed.
pub(crate) const SECRET: &str = "never-shown";
/// Every access key id of every case holds this: only the four characters behind it are printed.
pub(crate) const KEY_ID: &str = "EXAMPLE0";

/// Name and value of a variable. In it, as in the text of a file, `{home}` is the home folder and `{+90}` the moment in 90
/// seconds.
pub(crate) type Variable = (&'static str, &'static str);

/// A file below the home folder: its place, text and mode.
pub(crate) type File = (&'static str, &'static str, u32);

/// A case.
pub(crate) struct Row {
    /// What it is about.
    pub(crate) what: &'static str,
    /// `~/.aws/config`; empty where there is none. Likewise below.
    pub(crate) config: &'static str,
    /// `~/.aws/credentials`.
    pub(crate) credentials: &'static str,
    /// More files.
    pub(crate) files: &'static [File],
    /// The environment from which the doctor is asked.
    pub(crate) variables: &'static [Variable],
    /// Programs that run meanwhile: the environment of each.
    pub(crate) programs: &'static [&'static [Variable]],
    /// The profile that is asked about.
    pub(crate) profile: Option<&'static str>,
    /// The SDK that is asked about.
    pub(crate) sdk: Option<&'static str>,
    /// The text that somebody pastes.
    pub(crate) error: Option<&'static str>,
    /// What is told, in order.
    pub(crate) told: &'static [Told],
}

/// Nothing at all.
pub(crate) const ROW: Row = Row {
    what: "",
    config: "",
    credentials: "",
    files: &[],
    variables: &[],
    programs: &[],
    profile: None,
    sdk: None,
    error: None,
    told: &[],
};

/// A finding: its code and severity, and a part of each sentence that matters.
#[derive(Clone, Copy)]
pub(crate) struct Told {
    pub(crate) code: &'static str,
    pub(crate) severity: &'static str,
    /// Of the sentence or the command of the first remedy.
    pub(crate) remedy: &'static str,
    /// Parts of it: what happens to whom, and where.
    pub(crate) what: [&'static str; 3],
    pub(crate) why: &'static str,
    pub(crate) said_by: &'static str,
    pub(crate) about: &'static str,
}

impl Told {
    pub(crate) const fn error(code: &'static str, remedy: &'static str) -> Self {
        Self {
            code,
            severity: "error",
            remedy,
            what: [""; 3],
            why: "",
            said_by: "",
            about: "",
        }
    }

    pub(crate) const fn warning(code: &'static str, remedy: &'static str) -> Self {
        Self {
            severity: "warning",
            ..Self::error(code, remedy)
        }
    }

    pub(crate) const fn note(code: &'static str, remedy: &'static str) -> Self {
        Self {
            severity: "note",
            ..Self::error(code, remedy)
        }
    }

    pub(crate) const fn what(self, what: &'static str) -> Self {
        self.parts(what, "", "")
    }

    pub(crate) const fn parts(
        self,
        who: &'static str,
        first: &'static str,
        second: &'static str,
    ) -> Self {
        Self {
            what: [who, first, second],
            ..self
        }
    }

    pub(crate) const fn why(self, why: &'static str) -> Self {
        Self { why, ..self }
    }

    pub(crate) const fn said(self, said_by: &'static str, about: &'static str) -> Self {
        Self {
            said_by,
            about,
            ..self
        }
    }
}

/// A text that somebody pastes, and what is told of it.
pub(crate) type Pasted = (&'static str, &'static [Told]);
