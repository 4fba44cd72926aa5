//! The watcher of files: tells the loop when one that matters may have changed.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use sandglass_profiles::paths::Paths;
use sandglass_profiles::watch;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::input::Input;

/// Programs write in bursts: a rename follows a temporary file, an in-place write empties the file first.
const SETTLE: Duration = Duration::from_millis(60);

/// Watches until the loop is gone. Without a watcher, the loop's own rhythm notices changes, later.
pub(crate) fn start(paths: &Paths, inputs: mpsc::Sender<Input>) -> JoinHandle<()> {
    let paths = paths.clone();
    tokio::spawn(async move {
        let (changes, changed) = mpsc::unbounded_channel();
        let concerned = paths.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let is_concern = event.is_ok_and(|event| {
                is_change(event.kind)
                    && event
                        .paths
                        .iter()
                        .any(|path| watch::concerns(&concerned, path))
            });
            if is_concern {
                // The receiver is gone only when the agent leaves.
                let _ = changes.send(());
            }
        });
        match watcher {
            Ok(watcher) => tell_changes(&paths, watcher, changed, inputs).await,
            Err(error) => {
                tracing::warn!(%error, "files cannot be watched; changes are seen within a minute");
            }
        }
    })
}

async fn tell_changes(
    paths: &Paths,
    mut watcher: RecommendedWatcher,
    mut changed: mpsc::UnboundedReceiver<()>,
    inputs: mpsc::Sender<Input>,
) {
    let mut watched = BTreeSet::new();
    rearm(paths, &mut watcher, &mut watched);
    while changed.recv().await.is_some() {
        tokio::time::sleep(SETTLE).await;
        while changed.try_recv().is_ok() {}
        // A folder may just have been made, and what was put into it before it was watched is read now.
        rearm(paths, &mut watcher, &mut watched);
        if inputs.send(Input::FilesChanged).await.is_err() {
            return;
        }
    }
}

fn rearm(paths: &Paths, watcher: &mut RecommendedWatcher, watched: &mut BTreeSet<PathBuf>) {
    let wanted = watch::folders(paths);
    for folder in watched.difference(&wanted) {
        // It may be gone, and its watch with it.
        let _ = watcher.unwatch(folder);
    }
    watched.retain(|folder| wanted.contains(folder));
    for folder in wanted {
        // Watching anew what is watched already also covers a folder that was replaced by another one.
        match watcher.watch(&folder, RecursiveMode::NonRecursive) {
            Ok(()) => {
                watched.insert(folder);
            }
            Err(error) => {
                tracing::debug!(%error, folder = %folder.display(), "a folder cannot be watched");
            }
        }
    }
}

/// Reading changes nothing; the end of writing does.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write))
        | EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => true,
        EventKind::Access(_) => false,
    }
}
