//! The types that the windows use, in TypeScript: a test compares the committed file with the Rust types.

use std::path::Path;

use ts_rs::{Config, TS};

use crate::doctor::diagnosis::{self, Change, Deed, Origin, Remedy, Severity};
use crate::error::{ErrorCode, RenewalError};
use crate::findings::Finding;
use crate::lifetimes::KnownBy;
use crate::names::{ProfileName, PromptId, SessionId};
use crate::session::Place;
use crate::views::doctor::{DoctorView, Fact, LifetimeView, Mark, Order, OrderStep, Preview};
use crate::views::holders::HeldBy;
use crate::views::panel::{FirstRun, Look, MoreAction, PanelView, Row, RowAction, Trouble};
use crate::views::prompt::{PromptQuestion, PromptView, SignInProgress};

const HEAD: &str =
    "// Generated from the Rust types by a test of sandglass-core. Not edited by hand.\n";

fn declaration<T: TS>(config: &Config) -> String {
    let docs = T::docs().unwrap_or_default();
    format!("\n{docs}export {}\n", T::decl(config))
}

fn bindings() -> String {
    let config = Config::new();
    let declarations = [
        declaration::<SessionId>(&config),
        declaration::<ProfileName>(&config),
        declaration::<PromptId>(&config),
        declaration::<KnownBy>(&config),
        declaration::<Finding>(&config),
        declaration::<ErrorCode>(&config),
        declaration::<RenewalError>(&config),
        declaration::<Trouble>(&config),
        declaration::<Look>(&config),
        declaration::<RowAction>(&config),
        declaration::<MoreAction>(&config),
        declaration::<Place>(&config),
        declaration::<HeldBy>(&config),
        declaration::<Row>(&config),
        declaration::<FirstRun>(&config),
        declaration::<PanelView>(&config),
        declaration::<Change>(&config),
        declaration::<Deed>(&config),
        declaration::<Remedy>(&config),
        declaration::<Severity>(&config),
        declaration::<Origin>(&config),
        declaration::<diagnosis::Finding>(&config),
        declaration::<Mark>(&config),
        declaration::<OrderStep>(&config),
        declaration::<Order>(&config),
        declaration::<Fact>(&config),
        declaration::<LifetimeView>(&config),
        declaration::<DoctorView>(&config),
        declaration::<Preview>(&config),
        declaration::<SignInProgress>(&config),
        declaration::<PromptQuestion>(&config),
        declaration::<PromptView>(&config),
    ];
    HEAD.to_owned() + &declarations.concat()
}

#[test]
fn the_types_of_the_windows_are_those_of_the_views() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/generated/views.ts");
    let bindings = bindings();
    if std::env::var_os("UPDATE_BINDINGS").is_some() {
        std::fs::write(&path, &bindings).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == bindings,
        "ui/src/generated/views.ts is stale: run `UPDATE_BINDINGS=1 cargo test -p sandglass-core bindings`"
    );
}
