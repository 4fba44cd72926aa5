//! Processes of this user that have temporary keys in their environment, and will not notice a renewal.

use std::path::Path;

use jiff::Timestamp;

/// A process with temporary keys.
pub(crate) struct Holding {
    pub(crate) pid: u32,
    /// What the system calls it.
    pub(crate) name: String,
    /// When it started (UTC).
    pub(crate) since: Timestamp,
    pub(crate) access_key_id: String,
    /// When they end (UTC), where the environment says so.
    pub(crate) ends_at: Option<Timestamp>,
}

/// All that can be seen in this folder, which is `/proc`. What vanishes meanwhile, and what belongs to somebody else, is
/// passed over.
#[cfg(target_os = "linux")]
pub(crate) fn holding(proc: &Path) -> Vec<Holding> {
    let Some(booted_at) = booted_at(proc) else {
        return Vec::new();
    };
    let entries = std::fs::read_dir(proc).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
            of_process(&entry.path(), pid, booted_at)
        })
        .collect()
}

/// Other systems show the environment of a process to nobody.
#[cfg(not(target_os = "linux"))]
pub(crate) fn holding(_proc: &Path) -> Vec<Holding> {
    Vec::new()
}

#[cfg(target_os = "linux")]
fn of_process(folder: &Path, pid: u32, booted_at: Timestamp) -> Option<Holding> {
    use std::io::Read as _;

    /// More than any environment that Linux starts a program with (`execve`, limits on size).
    const LONGEST: u64 = 8 * 1024 * 1024;
    let mut environment = zeroize::Zeroizing::new(Vec::new());
    let file = std::fs::File::open(folder.join("environ")).ok()?;
    file.take(LONGEST).read_to_end(&mut environment).ok()?;
    let variable = |name: &str| {
        environment
            .split(|byte| *byte == 0)
            .filter_map(|variable| std::str::from_utf8(variable).ok())
            .find_map(|variable| variable.strip_prefix(name)?.strip_prefix('='))
            .filter(|value| !value.is_empty())
    };
    let access_key_id = variable("AWS_ACCESS_KEY_ID")?.to_owned();
    variable("AWS_SESSION_TOKEN").or_else(|| variable("AWS_SECURITY_TOKEN"))?;
    let ends_at = variable("AWS_CREDENTIAL_EXPIRATION").and_then(|end| end.parse().ok());
    let stat = std::fs::read_to_string(folder.join("stat")).ok()?;
    let (before, fields) = stat.rsplit_once(')')?;
    // The 22nd field of all, in clock ticks since the machine started (`proc_pid_stat`).
    let ticks: u64 = fields.split_whitespace().nth(19)?.parse().ok()?;
    let seconds = ticks / rustix::param::clock_ticks_per_second();
    let since = jiff::SignedDuration::from_secs(i64::try_from(seconds).ok()?);
    Some(Holding {
        pid,
        name: before.split_once('(')?.1.to_owned(),
        since: booted_at.checked_add(since).ok()?,
        access_key_id,
        ends_at,
    })
}

#[cfg(target_os = "linux")]
fn booted_at(proc: &Path) -> Option<Timestamp> {
    let stat = std::fs::read_to_string(proc.join("stat")).ok()?;
    let line = stat.lines().find_map(|line| line.strip_prefix("btime "))?;
    Timestamp::from_second(line.trim().parse().ok()?).ok()
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::fs;

    use super::*;

    fn process(proc: &Path, pid: &str, name: &str, environment: &[u8]) {
        let folder = proc.join(pid);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("environ"), environment).unwrap();
        let fields = "S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 6000 0 0";
        fs::write(folder.join("stat"), format!("{pid} ({name}) {fields}")).unwrap();
    }

    #[test]
    fn only_temporary_keys_are_told_and_what_cannot_be_read_is_passed_over() {
        let folder = tempfile::TempDir::new().unwrap();
        let proc = folder.path();
        assert!(holding(proc).is_empty(), "no /proc at all");
        fs::write(proc.join("stat"), "cpu 1\nbtime 1700000000\n").unwrap();
        let keys = b"A=\xff\0AWS_ACCESS_KEY_ID=ASIAEXAMPLE\0AWS_SECRET_ACCESS_KEY=s\0AWS_SESSION_TOKEN=t\0";
        process(proc, "10", "terra) form", keys);
        process(
            proc,
            "11",
            "long-lived",
            b"AWS_ACCESS_KEY_ID=AKIA\0AWS_SECRET_ACCESS_KEY=s\0",
        );
        process(proc, "12", "none", b"HOME=/\0");
        let told = b"AWS_ACCESS_KEY_ID=ASIATOLD\0AWS_SECURITY_TOKEN=t\0AWS_CREDENTIAL_EXPIRATION=2026-01-02T03:04:05Z\0";
        process(proc, "13", "told", told);
        fs::create_dir(proc.join("14")).unwrap();
        process(proc, "self", "not a number", keys);
        let mut found = holding(proc);
        found.sort_by_key(|holding| holding.pid);
        let names: Vec<&str> = found.iter().map(|holding| holding.name.as_str()).collect();
        assert_eq!(names, ["terra) form", "told"]);
        assert_eq!(found[0].access_key_id, "ASIAEXAMPLE");
        let ticks = i64::try_from(rustix::param::clock_ticks_per_second()).unwrap();
        assert_eq!(found[0].since.as_second(), 1_700_000_000 + 6000 / ticks);
        assert_eq!(
            found[1].ends_at,
            Some("2026-01-02T03:04:05Z".parse().unwrap())
        );
    }

    #[test]
    fn this_machine_can_be_looked_at() {
        // Whatever runs here, it is no error.
        drop(holding(Path::new("/proc")));
    }
}
