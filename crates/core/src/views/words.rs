//! The one place where time becomes text.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::error::RenewalError;
use crate::lifetimes::{End, KnownBy};

/// `40 s`, `12 min`, `3 h 5 min`, `2 days 4 h`: rounded down, so that nobody is promised time that is not there.
pub fn span(span: SignedDuration) -> String {
    let seconds = span.as_secs().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => match minutes % 60 {
            0 => format!("{hours} h"),
            rest => format!("{hours} h {rest} min"),
        },
        (days, hours, _) => {
            let plural = if days == 1 { "day" } else { "days" };
            match hours % 24 {
                0 => format!("{days} {plural}"),
                rest => format!("{days} {plural} {rest} h"),
            }
        }
    }
}

/// The same for a command line, exactly: `4h`, `90m`, `5400s`.
pub fn typed(length: SignedDuration) -> String {
    let seconds = length.as_secs();
    match (seconds % 3600, seconds % 60) {
        (0, _) => format!("{}h", seconds / 3600),
        (_, 0) => format!("{}m", seconds / 60),
        (_, _) => format!("{seconds}s"),
    }
}

/// A name as one word of a command line that a person copies into a shell; `otherwise` where no quotes make it one.
pub fn argument(name: &str, otherwise: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./:@+,=%".contains(letter);
    if !name.is_empty() && name.chars().all(is_plain) && !name.starts_with('-') {
        return name.to_owned();
    }
    let has_meaning_in_quotes = |letter: char| letter.is_control() || "'\"%!`$\\".contains(letter);
    if name.is_empty() || name.contains(has_meaning_in_quotes) {
        return otherwise.to_owned();
    }
    if cfg!(windows) {
        format!("\"{name}\"")
    } else {
        format!("'{name}'")
    }
}

/// The wall-clock time of `at`: `14:32` today, `tomorrow 09:10`, `Fri 27 Nov 09:10` further away.
pub fn clock(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let time = zone.to_datetime(at).strftime("%H:%M");
    match day(at, now, zone) {
        Day::Today => time.to_string(),
        Day::Tomorrow => format!("tomorrow {time}"),
        Day::Yesterday => format!("yesterday {time}"),
        Day::Other(date) => format!("{date} {time}"),
    }
}

/// The same within a sentence, and where the end is a guess, a word that says so: `at 14:32`, `tomorrow at about 09:10`,
/// `on Fri 27 Nov at 09:10`.
pub fn moment(end: End, now: Timestamp, zone: &TimeZone) -> String {
    let time = zone.to_datetime(end.at).strftime("%H:%M");
    let time = match end.known_by {
        KnownBy::Issuer | KnownBy::Probe => format!("at {time}"),
        KnownBy::Estimate => format!("at about {time}"),
    };
    match day(end.at, now, zone) {
        Day::Today => time,
        Day::Tomorrow => format!("tomorrow {time}"),
        Day::Yesterday => format!("yesterday {time}"),
        Day::Other(date) => format!("on {date} {time}"),
    }
}

enum Day {
    Today,
    Tomorrow,
    Yesterday,
    Other(String),
}

fn day(at: Timestamp, now: Timestamp, zone: &TimeZone) -> Day {
    let (at, now) = (zone.to_datetime(at).date(), zone.to_datetime(now).date());
    let is = |day: Result<Date, jiff::Error>| day.is_ok_and(|day| day == at);
    if at == now {
        Day::Today
    } else if is(now.tomorrow()) {
        Day::Tomorrow
    } else if is(now.yesterday()) {
        Day::Yesterday
    } else {
        Day::Other(at.strftime("%a %-d %b").to_string())
    }
}

/// `12 min`, or `ended 3 min ago`.
pub fn left(at: Timestamp, now: Timestamp) -> String {
    if now < at {
        span(at.duration_since(now))
    } else {
        format!("ended {} ago", span(now.duration_since(at)))
    }
}

/// `ends in 12 min (14:32)`, or `ended 3 min ago (14:32)`.
pub fn ending(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let clock = clock(at, now, zone);
    if now < at {
        format!("ends in {} ({clock})", span(at.duration_since(now)))
    } else {
        format!("{} ({clock})", left(at, now))
    }
}

/// [`left`], and where the end is a guess, a word that says so: `about 12 min`, `probably ended 3 min ago`.
pub fn left_of(end: End, now: Timestamp) -> String {
    let left = left(end.at, now);
    match end.known_by {
        KnownBy::Issuer | KnownBy::Probe => left,
        KnownBy::Estimate if end.is_past(now) => format!("probably {left}"),
        KnownBy::Estimate => format!("about {left}"),
    }
}

/// [`ending`], and where the end is a guess, a word that says so: `ends in about 12 min (14:32)`.
pub fn ending_of(end: End, now: Timestamp, zone: &TimeZone) -> String {
    let clock = clock(end.at, now, zone);
    if end.is_past(now) {
        format!("{} ({clock})", left_of(end, now))
    } else {
        format!("ends in {} ({clock})", left_of(end, now))
    }
}

/// `3 Mar`, and in another year `3 Mar 2024`.
pub fn date(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (zone.to_datetime(at), zone.to_datetime(now));
    let format = if at.year() == now.year() {
        "%-d %b"
    } else {
        "%-d %b %Y"
    };
    at.strftime(format).to_string()
}

/// `265 days`, in whole days.
pub fn age(since: Timestamp, now: Timestamp) -> String {
    match now.duration_since(since).as_secs() / 86_400 {
        ..=0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

/// What failed and what to do, as sentences for people: errors are written in lower case and without a full stop.
pub fn failure(what: &str, error: &RenewalError) -> String {
    format!(
        "{what}: {}. {}",
        error.message.trim_end_matches('.'),
        sentence(&error.remedy)
    )
}

/// A remedy as a sentence of its own: with a capital and a full stop, whoever wrote it.
pub fn sentence(text: &str) -> String {
    let mut characters = text.trim_end_matches('.').chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(characters).chain(['.']).collect()
}

/// `3 sessions`, `1 session`.
pub fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        number => format!("{number} {noun}s"),
    }
}

/// When the text of [`left`] changes next: within a second, a minute or an hour of `now`.
pub fn next_change(at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let (distance, ahead) = if now < at {
        (at.duration_since(now), true)
    } else {
        (now.duration_since(at), false)
    };
    let seconds = distance.as_secs();
    let step = match seconds {
        ..60 => 1,
        60..86_400 => 60,
        86_400.. => 3600,
    };
    // Time left is rounded down: the text changes just after a full step; time past changes at the full step.
    let to_go = if ahead {
        distance - SignedDuration::from_secs(seconds / step * step) + SignedDuration::from_millis(1)
    } else {
        SignedDuration::from_secs((seconds / step + 1) * step) - distance
    };
    now.checked_add(to_go).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[cfg(not(windows))]
    #[test]
    fn a_name_is_one_word_of_a_command_line_or_none() {
        for (name, word) in [
            ("dev", "dev"),
            ("team/dev@eu-1", "team/dev@eu-1"),
            ("my dev", "'my dev'"),
            ("Prüfung", "Prüfung"),
            ("x; rm -rf ~", "'x; rm -rf ~'"),
            ("it's", "PROFILE"),
            ("$(id)", "PROFILE"),
            ("a\nb", "PROFILE"),
            ("", "PROFILE"),
        ] {
            assert_eq!(argument(name, "PROFILE"), word);
        }
    }

    #[test]
    fn spans_read_as_people_say_them() {
        let texts = [
            (40, "40 s"),
            (60, "1 min"),
            (899, "14 min"),
            (3600, "1 h"),
            (11_100, "3 h 5 min"),
            (86_400, "1 day"),
            (190_000, "2 days 4 h"),
            (-5, "0 s"),
        ];
        for (seconds, text) in texts {
            assert_eq!(span(SignedDuration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn clock_times_name_the_day_where_it_is_not_today() {
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        let now = at("2026-11-23T22:30:00Z");
        for (time, text) in [
            ("2026-11-23T22:45:00Z", "23:45"),
            ("2026-11-23T23:05:00Z", "tomorrow 00:05"),
            ("2026-11-22T08:00:00Z", "yesterday 09:00"),
            ("2026-11-27T08:00:00Z", "Fri 27 Nov 09:00"),
        ] {
            assert_eq!(clock(at(time), now, &zone), text);
        }
    }

    #[test]
    fn a_guess_is_never_told_as_a_fact() {
        let zone = TimeZone::UTC;
        let end = End {
            at: at("2026-01-01T12:00:00Z"),
            known_by: KnownBy::Estimate,
            life: SignedDuration::from_hours(12),
        };
        let (before, after) = (at("2026-01-01T11:48:00Z"), at("2026-01-01T12:03:00Z"));
        assert_eq!(
            ending_of(end, before, &zone),
            "ends in about 12 min (12:00)"
        );
        assert_eq!(
            ending_of(end, after, &zone),
            "probably ended 3 min ago (12:00)"
        );
        let told = End {
            known_by: KnownBy::Issuer,
            ..end
        };
        assert_eq!(
            ending_of(told, before, &zone),
            ending(end.at, before, &zone)
        );
        assert_eq!(ending_of(told, after, &zone), ending(end.at, after, &zone));
    }

    #[test]
    fn the_text_stays_until_its_next_change_and_is_another_then() {
        let end = at("2026-01-01T12:00:00Z");
        for now in [
            "2026-01-01T11:30:20Z",
            "2026-01-01T11:59:30.5Z",
            "2026-01-01T11:59:00Z",
            "2026-01-01T12:00:00Z",
            "2026-01-01T12:07:10Z",
        ] {
            let now = at(now);
            let change = next_change(end, now).unwrap();
            let before = change - SignedDuration::from_millis(2);
            assert!(now < change);
            assert_ne!(left(end, change), left(end, now), "{now}");
            if now < before {
                assert_eq!(left(end, before), left(end, now), "{now}");
            }
        }
    }
}
