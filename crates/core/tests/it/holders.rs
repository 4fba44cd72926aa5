//! Programs that hold keys in their environment.

use jiff::SignedDuration;
use sandglass_core::doctor::Holder;
use sandglass_core::event::{Event, Intent};
use sandglass_core::names::SessionId;
use sandglass_core::views::notice::Stage;

use crate::world::*;

fn holder(pid: u32, name: &str, session: Option<&str>, ends_at: &str) -> Holder {
    Holder {
        pid,
        name: name.to_owned(),
        since: at("09:30"),
        key: format!("K{}", &ends_at[..2]),
        ends_at: Some(at(ends_at)),
        session: session.map(SessionId::new),
    }
}

#[test]
fn a_program_is_named_before_its_keys_end_though_its_session_was_renewed() {
    let mut world = World::new([(role("dev"), ends("12:00"))]);
    world.feed(Event::HoldersSeen(vec![holder(
        4242,
        "terraform",
        Some("role:dev"),
        "10:50",
    )]));
    assert_eq!(world.notices(), []);
    world.until("10:35");
    let notices = world.notices();
    let [notice] = notices.as_slice() else {
        panic!("{notices:?}")
    };
    assert_eq!(notice.title, "terraform holds keys that end in 15 min");
    assert_eq!(
        notice.body,
        "terraform (pid 4242): keys of dev end at 10:50. It will not notice a renewal. Start again with sandglass exec dev -- PROGRAM."
    );
    assert_eq!((notice.stage, notice.renewable.len()), (Stage::First, 0));
    world.until("10:45");
    assert_eq!(world.notices()[0].stage, Stage::Last);
    assert_eq!(world.notices()[0].id, notice.id);

    // The person heard it.
    world.feed(Event::Intended(Intent::Snooze(vec![id("role:dev")])));
    assert_eq!(world.notices(), []);
    world.until("10:49");
    assert_eq!(
        world.notices().len(),
        0,
        "five minutes are longer than that"
    );
    world.until("10:50");
    assert_eq!(world.notices(), [], "what has happened is no warning");
    let rows = world.views().panel.rows;
    assert_eq!(
        rows[0].held_by[0].sentence,
        "terraform (pid 4242), started 1 h 20 min ago, holds keys that ended 0 s ago (10:50) and will not notice a renewal."
    );
}

#[test]
fn a_program_that_has_ended_is_told_of_no_more() {
    let mut world = World::new([(role("dev"), ends("12:00"))]);
    let zsh = holder(17, "zsh", None, "10:10");
    world.feed(Event::HoldersSeen(vec![zsh]));
    assert_eq!(world.notices().len(), 1);
    assert!(world.notices()[0].sessions.is_empty(), "nobody knows whose");
    world.feed(Event::HoldersSeen(Vec::new()));
    assert_eq!(world.notices(), []);
}

#[test]
fn programs_with_the_same_keys_share_a_notice() {
    let mut world = World::new([(role("dev"), ends("12:00"))]);
    let names = ["zsh", "node", "terraform", "make"];
    let holders = (1..)
        .zip(names)
        .map(|(pid, name)| holder(pid, name, Some("role:dev"), "10:10"))
        .chain([holder(9, "aws", None, "11:55")]);
    world.feed(Event::HoldersSeen(holders.collect()));
    let notices = world.notices();
    let [notice] = notices.as_slice() else {
        panic!("{notices:?}")
    };
    assert_eq!(
        notice.title,
        "zsh, node and 2 more hold keys that end in 10 min"
    );
}

#[test]
fn where_the_session_has_a_notice_about_the_same_end_it_tells_of_its_programs() {
    let mut world = World::new([(mfa_role("prod", "alice"), ends("11:00"))]);
    world.feed(Event::HoldersSeen(vec![
        holder(4242, "terraform", Some("role:prod"), "11:00"),
        holder(17, "zsh", Some("role:prod"), "11:00"),
    ]));
    world.until("10:50");
    let notices = world.notices();
    let [notice] = notices.as_slice() else {
        panic!("{notices:?}")
    };
    assert_eq!(notice.title, "prod ends in 10 min");
    assert!(
        notice.body.ends_with(
            "\nterraform (pid 4242) and zsh (pid 17) will not notice a renewal of prod."
        ),
        "{}",
        notice.body
    );
}

#[test]
fn the_moments_at_which_words_about_programs_change_are_known_beforehand() {
    let mut world = World::empty();
    world.feed(Event::TrayConnected);
    world.feed(Event::HoldersSeen(vec![holder(17, "zsh", None, "10:30")]));
    while world.now < at("10:31") {
        let zone = jiff::tz::TimeZone::UTC;
        let next = sandglass_core::views::next_change(&world.engine, world.now, &zone).unwrap();
        let before = world.notices();
        world.jump(world.now.max(next - SignedDuration::from_millis(2)));
        assert_eq!(world.notices(), before, "it changed before {next}");
        world.jump(next);
    }
}

#[test]
fn what_was_seen_is_of_no_use_once_nobody_looks_again() {
    let mut world = World::new([(role("dev"), ends("12:00"))]);
    let zsh = || vec![holder(17, "zsh", None, "10:10")];
    world.feed(Event::HoldersSeen(zsh()));
    world.feed(Event::TrayLeft);
    world.feed(Event::HoldersSeen(zsh()));
    world.feed(Event::TrayConnected);
    assert_eq!(world.notices(), []);
}

#[test]
fn a_row_names_those_together_that_hold_the_same_keys() {
    let mut world = World::new([(role("dev"), ends("12:00"))]);
    world.feed(Event::HoldersSeen(vec![
        holder(1, "zsh", Some("role:dev"), "11:00"),
        holder(2, "node", Some("role:dev"), "11:00"),
        holder(3, "make", Some("role:dev"), "10:30"),
    ]));
    let rows = world.views().panel.rows;
    let told: Vec<&str> = rows[0]
        .held_by
        .iter()
        .map(|held| held.sentence.as_str())
        .collect();
    assert_eq!(
        told,
        [
            "make (pid 3), started 30 min ago, holds keys that end in 30 min (10:30) and will not notice a renewal.",
            "zsh (pid 1) and node (pid 2) hold keys that end in 1 h (11:00) and will not notice a renewal.",
        ]
    );
}
