//! Which program wants credentials, as far as the system tells: a prompt says `terraform, pid 4242`.

use sandglass_protocol::client::Caller;

/// The program that started this one, and handed its variables on.
#[cfg(target_os = "linux")]
pub(crate) fn parent() -> Option<Caller> {
    let pid = parent_of("self")?;
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    Some(Caller {
        program: name.trim_end().to_owned(),
        pid,
    })
}

/// Elsewhere the system has no such table that can be read without more rights.
#[cfg(not(target_os = "linux"))]
pub(crate) fn parent() -> Option<Caller> {
    None
}

/// The program that started this one, beyond the shells that only pass it on.
#[cfg(target_os = "linux")]
pub(crate) fn who_started_this(own_name: &str) -> Caller {
    /// SDKs start a `credential_process` through one shell; a script may add some.
    const MOST_SHELLS: usize = 4;
    const SHELLS: [&str; 8] = ["sh", "bash", "dash", "zsh", "fish", "ksh", "busybox", "env"];
    let mut pid = parent_of("self");
    for _ in 0..=MOST_SHELLS {
        let Some(asker) = pid else {
            break;
        };
        let Ok(name) = std::fs::read_to_string(format!("/proc/{asker}/comm")) else {
            break;
        };
        let name = name.trim_end();
        if !SHELLS.contains(&name) {
            return Caller {
                program: name.to_owned(),
                pid: asker,
            };
        }
        pid = parent_of(&asker.to_string());
    }
    Caller::this_process(own_name)
}

/// Elsewhere the system has no such table that can be read without more rights.
#[cfg(not(target_os = "linux"))]
pub(crate) fn who_started_this(own_name: &str) -> Caller {
    Caller::this_process(own_name)
}

/// The fourth field of `stat`, after a name in parentheses that may hold anything (`proc_pid_stat`).
#[cfg(target_os = "linux")]
fn parent_of(pid: &str) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let parent = fields.split_whitespace().nth(1)?.parse().ok()?;
    (parent > 1).then_some(parent)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_parent_is_found_behind_any_name() {
        let own = parent_of("self");
        assert_eq!(own, Some(std::os::unix::process::parent_id()));
    }
}
