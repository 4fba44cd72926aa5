//! What the person set: `settings.toml` in Sandglass's settings folder, described in `docs/settings.md`.

use jiff::SignedDuration;
use jiff::civil::Time;
use sandglass_core::findings::Finding;
use sandglass_core::names::SessionId;
use sandglass_core::settings::{Leads, QuietHours, Settings};
use toml_edit::{Document, Item, TableLike};

use crate::paths::Paths;
use crate::toml_file;

const NOTICES: &str = "notices";
const SESSIONS: &str = "sessions";
const FIRST: &str = "first_minutes";
const LAST: &str = "last_minutes";
const QUIET: &str = "quiet_hours";
/// A day: no notice is of any use earlier.
const MOST_MINUTES: i64 = 24 * 60;

/// The settings, and what is wrong with them. What is wrong counts as not set.
pub fn read(paths: &Paths) -> (Settings, Vec<Finding>) {
    let path = paths.settings_toml();
    let shown = paths.shown(&path);
    let document = match toml_file::read(&path, &shown) {
        Ok(document) => document,
        Err(finding) => return (Settings::default(), vec![finding]),
    };
    let mut reader = Reader {
        document: &document,
        shown: &shown,
        findings: Vec::new(),
    };
    let settings = reader.settings();
    (settings, reader.findings)
}

struct Reader<'a> {
    document: &'a Document<String>,
    shown: &'a str,
    findings: Vec<Finding>,
}

impl<'a> Reader<'a> {
    fn settings(&mut self) -> Settings {
        let document: &'a Document<String> = self.document;
        let mut settings = Settings::default();
        for (key, item) in document.as_table() {
            match key {
                NOTICES => {
                    if let Some(table) = self.table(key, item) {
                        settings.leads = self.leads(table, Leads::default());
                        settings.quiet_hours = self.quiet_hours(table);
                        self.strangers(table, &[FIRST, LAST, QUIET]);
                    }
                }
                SESSIONS => {}
                stranger => self.stranger(stranger, item),
            }
        }
        // Last, since they start from what is set for all.
        let sessions = document.get(SESSIONS);
        let sessions = sessions.and_then(|item| self.table(SESSIONS, item));
        for (id, item) in sessions.into_iter().flat_map(TableLike::iter) {
            if let Some(table) = self.table(id, item) {
                let leads = self.leads(table, settings.leads);
                self.strangers(table, &[FIRST, LAST]);
                settings.of_sessions.insert(SessionId::new(id), leads);
            }
        }
        settings
    }

    fn leads(&mut self, table: &'a dyn TableLike, otherwise: Leads) -> Leads {
        let leads = Leads {
            first: self.minutes(table, FIRST).unwrap_or(otherwise.first),
            last: self.minutes(table, LAST).unwrap_or(otherwise.last),
        };
        if leads.last <= leads.first {
            return leads;
        }
        let wrong = [LAST, FIRST].iter().find_map(|key| table.get(key));
        if let Some(item) = wrong {
            self.finding(
                item,
                format!(
                    "the last notice, {} minutes before the end, would come before the first one, {} minutes before it",
                    leads.last.as_mins(),
                    leads.first.as_mins()
                ),
                format!("make `{LAST}` smaller than `{FIRST}`"),
            );
        }
        otherwise
    }

    fn minutes(&mut self, table: &'a dyn TableLike, key: &str) -> Option<SignedDuration> {
        let item = table.get(key)?;
        let minutes = item
            .as_integer()
            .filter(|minutes| (0..=MOST_MINUTES).contains(minutes));
        if minutes.is_none() {
            self.finding(
                item,
                format!("`{key}` is not a number of minutes up to a day"),
                format!("write a whole number from 0 to {MOST_MINUTES}"),
            );
        }
        minutes.map(SignedDuration::from_mins)
    }

    fn quiet_hours(&mut self, table: &'a dyn TableLike) -> Option<QuietHours> {
        let item = table.get(QUIET)?;
        let hours = item.as_str().and_then(parse_quiet_hours);
        if hours.is_none() {
            self.finding(
                item,
                format!("`{QUIET}` is not a span of the day"),
                "write when it begins and when it ends, for instance \"22:00-07:00\"".to_owned(),
            );
        }
        hours
    }

    fn table(&mut self, key: &str, item: &'a Item) -> Option<&'a dyn TableLike> {
        let table = item.as_table_like();
        if table.is_none() {
            self.finding(
                item,
                format!("`{key}` is no table"),
                "see `docs/settings.md` for what can be set".to_owned(),
            );
        }
        table
    }

    fn strangers(&mut self, table: &'a dyn TableLike, known: &[&str]) {
        for (key, item) in table.iter() {
            if !known.contains(&key) {
                self.stranger(key, item);
            }
        }
    }

    fn stranger(&mut self, key: &str, item: &Item) {
        self.finding(
            item,
            format!("`{key}` is no setting of Sandglass"),
            "correct its spelling, or remove it".to_owned(),
        );
    }

    fn finding(&mut self, item: &Item, message: String, remedy: String) {
        self.findings.push(Finding {
            place: toml_file::place_of(self.document, item, self.shown),
            message,
            remedy,
        });
    }
}

/// `22:00-07:00`; none where it covers no time at all.
fn parse_quiet_hours(text: &str) -> Option<QuietHours> {
    let time = |text: &str| Time::strptime("%H:%M", text.trim()).ok();
    let (from, until) = text.split_once('-')?;
    let hours = QuietHours {
        from: time(from)?,
        until: time(until)?,
    };
    (hours.from != hours.until).then_some(hours)
}
