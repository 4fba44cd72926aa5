//! What the windows may call: each command parses, sends and replies, nothing else.

use sandglass_core::doctor::diagnosis::Change;
use sandglass_core::event::Intent;
use sandglass_core::names::{ProfileName, PromptId, SessionId};
use sandglass_core::secret::MfaCode;
use sandglass_core::views::doctor::{DoctorView, Preview};
use sandglass_core::views::prompt::PromptView;
use sandglass_protocol::message::{Request, Step};
use tauri::ipc::Invoke;
use tauri::{Runtime, State};
use zeroize::Zeroizing;

use crate::diagnosis;
use crate::message::{Mailbox, Question, Refusal};
use crate::question::Agent;
use crate::state::PanelState;

/// All commands. Which window may call which stands in `capabilities/`.
pub(crate) fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        panel_view,
        renew,
        renew_due,
        check,
        sign_in_afresh,
        snooze_all,
        agree_to_all,
        diagnose,
        show_change,
        make_change,
        close_panel,
        prompt_view,
        enter_code,
        cancel_prompt,
        postpone_prompt,
        restart_sign_in,
        open_sign_in_page,
        start_afresh,
        sign_in_anyway,
    ]
}

type Answered<T> = Result<T, Refusal>;

#[tauri::command]
pub(crate) async fn panel_view(mailbox: State<'_, Mailbox>) -> Answered<PanelState> {
    mailbox.ask(Question::Panel).await
}

#[tauri::command]
pub(crate) async fn renew(session: SessionId, mailbox: State<'_, Mailbox>) -> Answered<()> {
    mailbox.send(Request::Intend(Intent::Renew(session))).await
}

#[tauri::command]
pub(crate) async fn renew_due(mailbox: State<'_, Mailbox>) -> Answered<()> {
    mailbox.send(Request::Intend(Intent::RenewDue)).await
}

#[tauri::command]
pub(crate) async fn check(session: SessionId, mailbox: State<'_, Mailbox>) -> Answered<()> {
    mailbox.send(Request::Intend(Intent::Check(session))).await
}

#[tauri::command]
pub(crate) async fn sign_in_afresh(
    session: SessionId,
    mailbox: State<'_, Mailbox>,
) -> Answered<()> {
    mailbox
        .send(Request::Intend(Intent::SignInAfresh(session)))
        .await
}

#[tauri::command]
pub(crate) async fn snooze_all(mailbox: State<'_, Mailbox>) -> Answered<()> {
    mailbox.send(Request::Intend(Intent::SnoozeAll)).await
}

#[tauri::command]
pub(crate) async fn agree_to_all(mailbox: State<'_, Mailbox>) -> Answered<()> {
    mailbox.send(Request::Intend(Intent::AgreeToAll)).await
}

/// The text may hold anything that a person pasted: only what is known of it leaves this process.
#[tauri::command]
pub(crate) async fn diagnose(
    profile: Option<ProfileName>,
    text: Zeroizing<String>,
    agent: State<'_, Agent>,
) -> Answered<DoctorView> {
    let question = diagnosis::question(profile, &text);
    diagnosis::view(agent.ask(Request::Diagnose(question)).await?)
}

#[tauri::command]
pub(crate) async fn show_change(change: Change, agent: State<'_, Agent>) -> Answered<Preview> {
    let step = Step::Show;
    diagnosis::preview(agent.ask(Request::Change { change, step }).await?)
}

#[tauri::command]
pub(crate) async fn make_change(
    change: Change,
    fingerprint: String,
    agent: State<'_, Agent>,
) -> Answered<String> {
    let step = Step::CarryOut(fingerprint);
    diagnosis::sentence(agent.ask(Request::Change { change, step }).await?)
}

#[tauri::command]
pub(crate) async fn close_panel(mailbox: State<'_, Mailbox>) -> Answered<()> {
    mailbox.ask(Question::ClosePanel).await
}

#[tauri::command]
pub(crate) async fn prompt_view(mailbox: State<'_, Mailbox>) -> Answered<Option<PromptView>> {
    mailbox.ask(Question::Prompt).await
}

#[tauri::command]
pub(crate) async fn enter_code(
    prompt: PromptId,
    code: Zeroizing<String>,
    mailbox: State<'_, Mailbox>,
) -> Answered<()> {
    let code = MfaCode::parse(&code).map_err(Refusal::from)?;
    mailbox.send(Request::EnterCode { prompt, code }).await
}

#[tauri::command]
pub(crate) async fn cancel_prompt(prompt: PromptId, mailbox: State<'_, Mailbox>) -> Answered<()> {
    mailbox
        .send(Request::Intend(Intent::CancelPrompt(prompt)))
        .await
}

#[tauri::command]
pub(crate) async fn postpone_prompt(prompt: PromptId, mailbox: State<'_, Mailbox>) -> Answered<()> {
    mailbox
        .send(Request::Intend(Intent::PostponePrompt(prompt)))
        .await
}

#[tauri::command]
pub(crate) async fn restart_sign_in(prompt: PromptId, mailbox: State<'_, Mailbox>) -> Answered<()> {
    mailbox
        .send(Request::Intend(Intent::RestartSignIn(prompt)))
        .await
}

#[tauri::command]
pub(crate) async fn open_sign_in_page(
    prompt: PromptId,
    mailbox: State<'_, Mailbox>,
) -> Answered<()> {
    mailbox
        .ask(|answer| Question::OpenSignInPage(prompt, answer))
        .await?
}

#[tauri::command]
pub(crate) async fn start_afresh(prompt: PromptId, mailbox: State<'_, Mailbox>) -> Answered<()> {
    mailbox
        .send(Request::Intend(Intent::StartAfresh(prompt)))
        .await
}

#[tauri::command]
pub(crate) async fn sign_in_anyway(prompt: PromptId, mailbox: State<'_, Mailbox>) -> Answered<()> {
    mailbox
        .send(Request::Intend(Intent::SignInAnyway(prompt)))
        .await
}

#[cfg(test)]
mod tests {
    use sandglass_protocol::place::Place;
    use serde_json::{Value, json};
    use tauri::WebviewWindow;
    use tauri::ipc::{CallbackFn, InvokeBody};
    use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder};
    use tauri::webview::InvokeRequest;

    use super::*;
    use crate::message::Message;

    const PANEL: &[&str] = &[
        "panel_view",
        "renew",
        "renew_due",
        "check",
        "sign_in_afresh",
        "snooze_all",
        "agree_to_all",
        "close_panel",
    ];
    /// These ask the agent itself.
    const DOCTOR: &[&str] = &["diagnose", "show_change", "make_change"];
    const PROMPT: &[&str] = &[
        "prompt_view",
        "enter_code",
        "cancel_prompt",
        "postpone_prompt",
        "restart_sign_in",
        "open_sign_in_page",
        "start_afresh",
        "sign_in_anyway",
    ];

    #[test]
    fn each_window_may_call_its_own_commands_and_not_the_other_s() {
        let app = app();
        for (window, own, foreign) in [("panel", PANEL, PROMPT), ("prompt", PROMPT, PANEL)] {
            let window =
                tauri::WebviewWindowBuilder::new(&app, window, tauri::WebviewUrl::default())
                    .build()
                    .unwrap();
            for command in own {
                assert_eq!(
                    call(&window, command)["code"],
                    "leaving",
                    "{command} is the window's own"
                );
            }
            for command in DOCTOR {
                let answer = call(&window, command);
                if window.label() == "panel" {
                    assert_eq!(answer["code"], "agent_gone", "{command}: {answer}");
                } else {
                    assert!(answer.to_string().contains("not allowed"), "{command}");
                }
            }
            for command in foreign {
                let refused = call(&window, command);
                assert!(
                    refused.to_string().contains("not allowed"),
                    "{command}: {refused}"
                );
            }
        }
    }

    #[test]
    fn a_window_may_listen_but_neither_speak_to_others_nor_make_windows() {
        let app = app();
        let window = tauri::WebviewWindowBuilder::new(&app, "prompt", tauri::WebviewUrl::default())
            .build()
            .unwrap();
        for command in [
            "plugin:event|emit",
            "plugin:window|create",
            "plugin:webview|create_webview",
        ] {
            let refused = call(&window, command);
            assert!(
                refused.to_string().contains("not allowed"),
                "{command}: {refused}"
            );
        }
    }

    #[test]
    fn what_is_no_code_is_refused_before_it_leaves_the_process() {
        let app = app();
        let window = tauri::WebviewWindowBuilder::new(&app, "prompt", tauri::WebviewUrl::default())
            .build()
            .unwrap();
        let refused = call_with(
            &window,
            "enter_code",
            json!({"prompt": 1, "code": "12345a"}),
        );
        assert_eq!(refused["code"], "not_a_code");
        assert!(
            !refused.to_string().contains("12345a"),
            "an answer never repeats what was typed"
        );
    }

    /// The app with its real access list and commands, and a controller that has ended.
    fn app() -> tauri::App<MockRuntime> {
        let (sender, _) = std::sync::mpsc::channel::<Message>();
        let folder = tempfile::TempDir::new().unwrap();
        let empty = folder.path().to_str().unwrap().to_owned();
        let nowhere = Place::find(|_| Some(empty.clone())).unwrap();
        mock_builder()
            .manage(Mailbox::new(sender))
            .manage(Agent::at(nowhere))
            .invoke_handler(handler())
            .build(crate::context())
            .unwrap()
    }

    fn call(window: &WebviewWindow<MockRuntime>, command: &str) -> Value {
        let arguments = json!({
            "session": "role:x",
            "prompt": 1,
            "code": "123456",
            "profile": null,
            "text": "ExpiredToken",
            "change": { "kind": "undo_repair" },
            "fingerprint": "5eb6",
        });
        call_with(window, command, arguments)
    }

    /// What the window is told: nothing here can succeed.
    fn call_with(window: &WebviewWindow<MockRuntime>, command: &str, arguments: Value) -> Value {
        let request = InvokeRequest {
            cmd: command.to_owned(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: "tauri://localhost".parse().unwrap(),
            body: InvokeBody::Json(arguments),
            headers: tauri::http::HeaderMap::default(),
            invoke_key: INVOKE_KEY.to_owned(),
        };
        get_ipc_response(window, request).map(|_| ()).unwrap_err()
    }
}
