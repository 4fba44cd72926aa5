//! What `./dev demo` starts: Sandglass in a throw-away home, with an AWS in a box and sessions that end soon.

#[cfg(target_os = "linux")]
fn main() -> anyhow::Result<()> {
    let in_box = std::env::args()
        .nth(1)
        .is_some_and(|argument| argument == "--box");
    if in_box {
        sandglass_journeys::tour::play(std::path::Path::new("demo-out"))
    } else {
        sandglass_journeys::playground::open()
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {}
