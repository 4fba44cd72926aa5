//! Opening a page in the person's own browser: only pages that a sign-in can honestly have.

use std::time::Duration;

use tauri::Url;

/// Why a page is not opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// It is no address at all.
    #[error("the address of the sign-in page cannot be read")]
    NotAnAddress,
    /// Anybody on the way could read or change it, or it is no page.
    #[error("the sign-in page is not at an https address, so it is not opened")]
    NotSafe,
    /// The desktop has no browser.
    #[error("no browser could be started")]
    NoBrowser(#[source] std::io::Error),
}

/// An opener that has not refused a page after this time is the browser itself.
const PATIENCE: Duration = Duration::from_secs(2);

/// Opens an allowed page in the person's browser, and says how that went once it is known.
pub(crate) fn open(page: Url, say: impl FnOnce(Result<(), Error>) + Send + 'static) {
    let spawned = std::thread::Builder::new()
        .name("browser".to_owned())
        .spawn(move || {
            let opened = open::that_detached_with_timeout(page.as_str(), PATIENCE);
            say(opened.map_err(Error::NoBrowser));
        });
    if let Err(error) = spawned {
        tracing::error!(%error, "no thread for a browser");
    }
}

/// The page, if it may be opened: https, or http on this very machine, and without a name or password in it.
pub(crate) fn allowed(page: &str) -> Result<Url, Error> {
    let page = Url::parse(page).map_err(|_| Error::NotAnAddress)?;
    let safe = match page.scheme() {
        "https" => true,
        "http" => is_loopback(&page),
        _ => false,
    };
    let anonymous = page.username().is_empty() && page.password().is_none();
    if safe && anonymous && page.has_host() {
        Ok(page)
    } else {
        Err(Error::NotSafe)
    }
}

fn is_loopback(page: &Url) -> bool {
    let Some(host) = page.host_str() else {
        return false;
    };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    match address.parse::<std::net::IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host == "localhost",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_at_https_and_on_this_machine_may_be_opened() {
        for page in [
            "https://device.sso.eu-central-1.amazonaws.com/?user_code=ABCD-EFGH",
            "http://127.0.0.1:4711/device",
            "http://[::1]:4711/device",
            "http://localhost:4711/device",
        ] {
            assert!(allowed(page).is_ok(), "{page}");
        }
    }

    #[test]
    fn anything_else_is_not_opened() {
        for page in [
            "",
            "device",
            "http://device.sso.eu-central-1.amazonaws.com/",
            "http://127.0.0.1.example.com/",
            "http://localhost.example.com/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "mailto:someone@example.com",
            "https://aws.amazon.com@example.com/",
        ] {
            assert!(allowed(page).is_err(), "{page}");
        }
    }
}
