#![cfg(unix)]

mod scene;

use sandglass_core::names::SessionId;
use sandglass_core::views::notice::Stage;
use sandglass_core::views::panel::FirstRun;
use serde_json::json;

use self::scene::{Deed, Scene};
use super::*;
use crate::agent;
use crate::fake_agent::{DEADLINE, FakeAgent};
use crate::fixtures::{choice_prompt, code_prompt, notice, sign_in_prompt, views};
use crate::message::Mailbox;

#[test]
fn the_first_view_reaches_the_tray_and_opens_nothing() {
    let mut scene = Scene::connected();
    let deeds = scene.see(views());
    assert!(
        matches!(&deeds[..], [Deed::Face(face)] if face.tooltip.contains("12 min")),
        "{deeds:?}"
    );
    assert_eq!(
        scene.see(views()),
        [],
        "the same view again changes nothing"
    );
}

#[test]
fn a_first_run_opens_the_panel_once() {
    let mut first = views();
    first.panel.first_run = Some(FirstRun {
        found: "Found 7 profiles".to_owned(),
        writes: Vec::new(),
    });
    let mut scene = Scene::connected();
    assert!(
        scene
            .see(first.clone())
            .contains(&Deed::Open(Window::Panel, Focus::Take))
    );
    scene.hear(Message::WindowGone(Window::Panel));
    first.panel.due = 2;
    assert!(
        !scene
            .see(first)
            .contains(&Deed::Open(Window::Panel, Focus::Take))
    );
}

#[test]
fn a_start_in_the_background_opens_no_window() {
    let mut scene = Scene::opening(Opening::Background);
    scene.connect();
    let mut first = views();
    first.panel.first_run = Some(FirstRun {
        found: String::new(),
        writes: Vec::new(),
    });
    scene.hear(Message::Tray(Presence::Absent));
    scene.see(first);
    assert_eq!(scene.controller.panel.pane, Pane::Closed);
}

#[test]
fn without_a_tray_the_start_opens_the_panel_but_a_tray_that_leaves_later_does_not() {
    let mut scene = Scene::opening(Opening::WhereNeeded);
    let deeds = scene.hear(Message::Tray(Presence::Absent));
    assert!(
        deeds.contains(&Deed::Open(Window::Panel, Focus::Take)),
        "{deeds:?}"
    );

    let mut scene = Scene::connected();
    scene.see(views());
    assert_eq!(scene.hear(Message::Tray(Presence::Absent)), []);
}

#[test]
fn a_click_on_the_icon_opens_the_panel_brings_it_forward_and_closes_it() {
    let mut scene = Scene::connected();
    scene.see(views());
    let deeds = scene.hear(Message::IconClicked);
    assert_eq!(deeds[0], Deed::Open(Window::Panel, Focus::Take));
    assert_eq!(
        scene.hear(Message::IconClicked),
        [Deed::Forward(Window::Panel)]
    );
    scene.controller.desktop.in_front = Some(Window::Panel);
    assert_eq!(
        scene.hear(Message::IconClicked),
        [Deed::Close(Window::Panel)]
    );
    assert_eq!(scene.hear(Message::WindowGone(Window::Panel)), []);
}

#[test]
fn the_panel_is_told_of_changes_only_while_it_is_open() {
    let mut scene = Scene::connected();
    scene.see(views());
    scene.hear(Message::Picked(Choice::OpenPanel));
    let mut later = views();
    later.panel.rows[0].time = "11 min".to_owned();
    let deeds = scene.see(later);
    assert!(matches!(&deeds[..], [Deed::Panel(_)]), "{deeds:?}");
    scene.hear(Message::WindowGone(Window::Panel));
    assert_eq!(scene.see(views()), []);
}

#[test]
fn the_doctor_that_is_picked_in_the_menu_is_told_to_the_panel_until_that_is_closed() {
    let mut scene = Scene::connected();
    scene.see(views());
    let asked = |deeds: &[Deed]| {
        deeds.iter().find_map(|deed| {
            let Deed::Panel(panel) = deed else {
                return None;
            };
            serde_json::to_value(panel).unwrap()["doctor"].as_u64()
        })
    };
    assert_eq!(
        asked(&scene.hear(Message::Picked(Choice::Explain))),
        Some(1)
    );
    assert_eq!(
        asked(&scene.hear(Message::Picked(Choice::Explain))),
        Some(2)
    );
    scene.hear(Message::WindowGone(Window::Panel));
    let deeds = scene.hear(Message::Picked(Choice::OpenPanel));
    assert_eq!(asked(&deeds), Some(0), "{deeds:?}");
}

#[test]
fn what_is_picked_in_the_menu_is_said_to_the_agent() {
    let mut scene = Scene::connected();
    let session = SessionId::new("role:prod_admin");
    scene.hear(Message::Picked(Choice::Renew(session)));
    scene.hear(Message::Picked(Choice::RenewDue));
    scene.hear(Message::Picked(Choice::SnoozeAll));
    scene
        .agent
        .wait_for(&json!({"intend": {"renew": "role:prod_admin"}}));
    scene.agent.wait_for(&json!({"intend": "renew_due"}));
    scene.agent.wait_for(&json!({"intend": "snooze_all"}));
}

#[test]
fn a_click_on_a_notification_is_said_to_the_agent() {
    for (click, said) in [(Click::Renew, "renew_each"), (Click::Snooze, "snooze")] {
        let mut scene = Scene::connected();
        let mut due = views();
        let first = notice(Stage::First, "ends in 15 min");
        due.notices = vec![first.clone()];
        assert!(
            scene
                .see(due)
                .contains(&Deed::Step(Step::Show(first.clone())))
        );
        scene.hear(Message::Notice(first.id, Outcome::Clicked(click)));
        scene
            .agent
            .wait_for(&json!({"intend": {said: ["role:prod_admin"]}}));
    }
}

#[test]
fn renew_on_a_notification_leaves_out_what_only_another_program_can_renew() {
    let mut scene = Scene::connected();
    let mut due = views();
    let mut both = notice(Stage::First, "2 sessions end soon");
    both.sessions.push(SessionId::new("foreign:partner"));
    due.notices = vec![both.clone()];
    scene.see(due);
    scene.hear(Message::Notice(
        both.id.clone(),
        Outcome::Clicked(Click::Renew),
    ));
    scene
        .agent
        .wait_for(&json!({"intend": {"renew_each": ["role:prod_admin"]}}));
    scene.hear(Message::Notice(both.id, Outcome::Clicked(Click::Snooze)));
    scene
        .agent
        .wait_for(&json!({"intend": {"snooze": ["role:prod_admin", "foreign:partner"]}}));
}

#[test]
fn a_click_on_a_notification_without_an_agent_opens_the_panel_which_says_why() {
    let mut scene = Scene::connected();
    let mut due = views();
    let first = notice(Stage::First, "ends in 15 min");
    due.notices = vec![first.clone()];
    scene.see(due);
    scene.hear(Message::Agent(News::Gone("no agent is running".to_owned())));
    let deeds = scene.hear(Message::Notice(first.id, Outcome::Clicked(Click::Renew)));
    assert!(
        deeds.contains(&Deed::Open(Window::Panel, Focus::Take)),
        "{deeds:?}"
    );
    assert_eq!(
        scene.nudged.try_recv(),
        Ok(()),
        "a person waits, so the agent is tried at once"
    );
}

#[test]
fn a_prompt_of_a_program_leaves_the_keyboard_where_it_is() {
    let mut scene = Scene::connected();
    let asked = code_prompt(1, Some("terraform, pid 4242"));
    let deeds = scene.see(with_prompt(&asked));
    assert!(
        deeds.contains(&Deed::Open(Window::Prompt, Focus::Leave)),
        "{deeds:?}"
    );
}

#[test]
fn a_prompt_that_the_person_clicked_for_takes_the_keyboard_and_changes_in_place() {
    let mut scene = Scene::connected();
    let deeds = scene.see(with_prompt(&code_prompt(1, None)));
    assert!(
        deeds.contains(&Deed::Open(Window::Prompt, Focus::Take)),
        "{deeds:?}"
    );
    let next = sign_in_prompt(2, "https://device.example.com/");
    assert_eq!(scene.see(with_prompt(&next)), [Deed::Prompt(next.clone())]);
    assert_eq!(scene.see(views()), [Deed::Close(Window::Prompt)]);
}

#[test]
fn a_prompt_window_that_the_person_closes_cancels_the_prompt_and_stays_closed() {
    let mut scene = Scene::connected();
    scene.see(with_prompt(&code_prompt(7, None)));
    assert_eq!(scene.hear(Message::WindowGone(Window::Prompt)), []);
    scene
        .agent
        .wait_for(&json!({"intend": {"cancel_prompt": 7}}));
    assert_eq!(
        scene.see(with_prompt(&code_prompt(7, None))),
        [],
        "the agent has not heard it yet"
    );
    let deeds = scene.see(with_prompt(&code_prompt(8, None)));
    assert!(
        deeds.contains(&Deed::Open(Window::Prompt, Focus::Take)),
        "{deeds:?}"
    );
}

#[test]
fn a_prompt_that_is_over_cancels_nothing_and_the_next_waits_for_its_window_to_go() {
    let mut scene = Scene::connected();
    scene.see(with_prompt(&code_prompt(1, None)));
    assert_eq!(scene.see(views()), [Deed::Close(Window::Prompt)]);
    assert_eq!(scene.see(with_prompt(&code_prompt(2, None))), []);
    let deeds = scene.hear(Message::WindowGone(Window::Prompt));
    assert_eq!(deeds[0], Deed::Open(Window::Prompt, Focus::Take));
    assert!(
        !scene
            .agent
            .requests()
            .iter()
            .any(|asked| asked.to_string().contains("cancel"))
    );
}

#[test]
fn an_agent_that_dies_takes_its_prompt_and_its_times_along() {
    let mut scene = Scene::connected();
    scene.see(with_prompt(&code_prompt(1, None)));
    let deeds = scene.hear(Message::Agent(News::Gone("no agent is running".to_owned())));
    assert!(deeds.contains(&Deed::Close(Window::Prompt)), "{deeds:?}");
    assert!(matches!(&deeds[0], Deed::Face(face) if face.tooltip.contains("no agent is running")));
    assert_eq!(
        scene.hear(Message::Agent(News::Connecting)),
        [],
        "a try is not yet a change"
    );
}

#[test]
fn only_the_page_of_the_prompt_that_is_open_is_opened() {
    let mut scene = Scene::connected();
    let page = "https://device.example.com/?user_code=ABCD-EFGH";
    scene.see(with_prompt(&sign_in_prompt(3, page)));
    assert_eq!(
        scene.ask(|answer| Question::OpenSignInPage(PromptId(3), answer)),
        Ok(())
    );
    assert!(
        scene
            .controller
            .desktop
            .deeds
            .contains(&Deed::Browse(page.to_owned()))
    );
    let late = scene.ask(|answer| Question::OpenSignInPage(PromptId(2), answer));
    assert_eq!(late.unwrap_err().code, RefusalCode::PromptGone);
}

#[test]
fn a_sign_in_that_is_still_to_be_chosen_has_no_page() {
    let mut scene = Scene::connected();
    scene.see(with_prompt(&choice_prompt(3)));
    let early = scene.ask(|answer| Question::OpenSignInPage(PromptId(3), answer));
    assert_eq!(early.unwrap_err().code, RefusalCode::PromptGone);
}

#[test]
fn a_page_that_is_not_safe_is_refused() {
    let mut scene = Scene::connected();
    scene.see(with_prompt(&sign_in_prompt(
        3,
        "http://device.example.com/",
    )));
    let refused = scene.ask(|answer| Question::OpenSignInPage(PromptId(3), answer));
    assert_eq!(refused.unwrap_err().code, RefusalCode::PageRefused);
}

#[test]
fn a_window_is_told_when_there_is_no_agent_to_hear_it() {
    let mut scene = Scene::opening(Opening::Background);
    let renew = Request::Intend(Intent::RenewDue);
    let refused = scene.ask(|answer| Question::Send(renew, answer));
    assert_eq!(refused.unwrap_err().code, RefusalCode::AgentGone);
}

#[test]
fn notifications_that_fail_are_told_in_the_panel_until_one_is_shown() {
    let mut scene = Scene::connected();
    let mut due = views();
    let first = notice(Stage::First, "ends in 15 min");
    due.notices = vec![first.clone()];
    scene.see(due);
    let why = "no notification service".to_owned();
    scene.hear(Message::Notice(
        first.id.clone(),
        Outcome::Failed(why.clone()),
    ));
    assert_eq!(
        scene.controller.state.notifications,
        Notifications::Fail(why)
    );
    scene.hear(Message::Notice(first.id, Outcome::Shown));
    assert_eq!(scene.controller.state.notifications, Notifications::Work);
}

#[test]
fn quit_is_said_to_the_agent_and_ends_the_app() {
    let mut scene = Scene::connected();
    assert!(
        scene
            .controller
            .handle(Message::Picked(Choice::Quit))
            .is_break()
    );
    scene.agent.wait_for(&json!("quit"));
    assert!(
        scene
            .controller
            .handle(Message::Agent(News::Leaving))
            .is_break()
    );
}

#[test]
fn a_connection_that_breaks_is_told_and_made_again() {
    let agent = FakeAgent::start();
    let (mailbox, news) = mailbox();
    let nudge = agent::keep_connected(agent.place().clone(), mailbox).unwrap();
    agent.wait_for_tray();
    wait_for(&news, |message| {
        matches!(message, Message::Agent(News::Connected(_)))
    });
    agent.show(&views());
    wait_for(&news, |message| {
        matches!(message, Message::Agent(News::Views(_)))
    });
    agent.die();
    wait_for(&news, |message| {
        matches!(message, Message::Agent(News::Gone(_)))
    });
    agent.rise();
    nudge.nudge();
    wait_for(&news, |message| {
        matches!(message, Message::Agent(News::Connected(_)))
    });
    agent.wait_for_tray();
    agent.say(&sandglass_protocol::message::Reply::PanelWanted);
    wait_for(&news, |message| {
        matches!(message, Message::Agent(News::PanelWanted))
    });
    agent.say(&sandglass_protocol::message::Reply::Leaving);
    wait_for(&news, |message| {
        matches!(message, Message::Agent(News::Leaving))
    });
}

#[test]
fn an_agent_with_other_settings_is_told_with_the_remedy_and_not_asked_again() {
    let differences = vec!["AWS_CONFIG_FILE is unset here and `/tmp/c` for the agent".to_owned()];
    let agent = FakeAgent::greeting(sandglass_protocol::message::Greeting::OtherEnvironment {
        differences,
    });
    let (mailbox, news) = mailbox();
    let nudge = agent::keep_connected(agent.place().clone(), mailbox).unwrap();
    let gone = wait_for(&news, |message| {
        matches!(message, Message::Agent(News::Gone(_)))
    });
    let Message::Agent(News::Gone(why)) = gone else {
        panic!("the predicate said so");
    };
    assert!(
        why.contains("AWS_CONFIG_FILE") && why.contains("sandglass quit"),
        "{why}"
    );
    drop(nudge);
    let ended = news.recv_timeout(DEADLINE);
    assert!(ended.is_err(), "it waits for a person, not for time");
}

fn with_prompt(prompt: &PromptView) -> Views {
    Views {
        prompt: Some(prompt.clone()),
        ..views()
    }
}

fn mailbox() -> (Mailbox, Receiver<Message>) {
    let (sender, messages) = std::sync::mpsc::channel();
    (Mailbox::new(sender), messages)
}

fn wait_for(messages: &Receiver<Message>, met: impl Fn(&Message) -> bool) -> Message {
    loop {
        let message = messages
            .recv_timeout(DEADLINE)
            .expect("the message in time");
        if met(&message) {
            return message;
        }
    }
}
