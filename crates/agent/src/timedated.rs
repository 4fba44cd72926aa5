//! Whether the system keeps its clock by the network, as systemd tells it (`org.freedesktop.timedate1`).

use std::time::Duration;

use sandglass_core::doctor::ClockKeeping;
use zbus::Connection;

/// It is started when it is asked, and is good to know at most.
const PATIENCE: Duration = Duration::from_secs(3);

#[zbus::proxy(
    interface = "org.freedesktop.timedate1",
    default_service = "org.freedesktop.timedate1",
    default_path = "/org/freedesktop/timedate1",
    gen_blocking = false
)]
trait Timedate {
    #[zbus(property, name = "NTP")]
    fn ntp(&self) -> zbus::Result<bool>;
    #[zbus(property, name = "NTPSynchronized")]
    fn ntp_synchronized(&self) -> zbus::Result<bool>;
}

/// None where nobody tells.
pub(crate) async fn keeping() -> Option<ClockKeeping> {
    let asked = async { of(&Connection::system().await.ok()?).await };
    tokio::time::timeout(PATIENCE, asked).await.ok().flatten()
}

async fn of(bus: &Connection) -> Option<ClockKeeping> {
    let timedate = TimedateProxy::builder(bus).build().await.ok()?;
    let is_on = timedate.ntp().await.ok()?;
    let is_synchronized = timedate.ntp_synchronized().await.ok()?;
    Some(match (is_on, is_synchronized) {
        (false, _) => ClockKeeping::Off,
        (true, false) => ClockKeeping::NotYet,
        (true, true) => ClockKeeping::Synchronized,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system_bus::Bus;

    struct Fake {
        is_on: bool,
        is_synchronized: bool,
    }

    #[zbus::interface(name = "org.freedesktop.timedate1")]
    impl Fake {
        #[zbus(property, name = "NTP")]
        fn ntp(&self) -> bool {
            self.is_on
        }

        #[zbus(property, name = "NTPSynchronized")]
        fn ntp_synchronized(&self) -> bool {
            self.is_synchronized
        }
    }

    async fn told(is_on: bool, is_synchronized: bool) -> Option<ClockKeeping> {
        let bus = Bus::start();
        let fake = Fake {
            is_on,
            is_synchronized,
        };
        let _service = bus
            .builder()
            .name("org.freedesktop.timedate1")
            .unwrap()
            .serve_at("/org/freedesktop/timedate1", fake)
            .unwrap()
            .build()
            .await
            .unwrap();
        of(&bus.builder().build().await.unwrap()).await
    }

    #[tokio::test]
    async fn systemd_tells_how_the_clock_is_kept() {
        assert_eq!(told(false, false).await, Some(ClockKeeping::Off));
        assert_eq!(told(true, false).await, Some(ClockKeeping::NotYet));
        assert_eq!(told(true, true).await, Some(ClockKeeping::Synchronized));
    }

    #[tokio::test]
    async fn a_bus_without_systemd_tells_nothing() {
        let bus = Bus::start();
        assert_eq!(of(&bus.builder().build().await.unwrap()).await, None);
    }
}
