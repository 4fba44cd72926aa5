//! The thread that owns the keychain.

use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use crate::keychain::{Content, Item, Keychain, Open, Task};
use crate::{Error, Patience};

/// A request and the way back.
pub(crate) struct Job {
    pub(crate) task: Task,
    pub(crate) item: Item,
    pub(crate) patience: Patience,
    /// When the caller began to wait.
    pub(crate) asked_at: Instant,
    pub(crate) reply: oneshot::Sender<Result<Option<Content>, Error>>,
}

/// The near end of the thread. Dropped, it lets the thread go as soon as that is idle.
pub(crate) struct Worker {
    jobs: mpsc::Sender<Job>,
    /// Since when somebody has waited for the job that the thread is at; written by the thread alone.
    at_work: watch::Receiver<Option<Instant>>,
}

impl Worker {
    pub(crate) fn start(open: Open) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel();
        let (report, at_work) = watch::channel(None);
        thread::Builder::new()
            .name("keychain".to_owned())
            .spawn(move || work(&open, &queue, &report))?;
        Ok(Self { jobs, at_work })
    }

    /// For how long the present job has been stuck; none while it is young or there is none.
    pub(crate) fn stuck_for(&self) -> Option<Duration> {
        let at_work = self.at_work.borrow().map(|since| since.elapsed());
        at_work.filter(|time| *time >= Patience::Background.limit())
    }

    /// Gives the job back where the thread is gone.
    pub(crate) fn send(&self, job: Job) -> Result<(), Job> {
        self.jobs.send(job).map_err(|mpsc::SendError(job)| job)
    }
}

fn work(open: &Open, queue: &mpsc::Receiver<Job>, report: &watch::Sender<Option<Instant>>) {
    let mut keychain = None;
    for job in queue {
        // Whoever asked may have given up while others were served; a late write would surprise.
        if job.reply.is_closed() {
            continue;
        }
        report.send_replace(Some(job.asked_at));
        let result = perform(open, &mut keychain, &job);
        report.send_replace(None);
        if let Err(error) = &result {
            tracing::debug!(item = job.item.user_name(), task = %job.task, %error, "the keychain gave nothing");
        }
        let _ = job.reply.send(result);
    }
}

/// A connection that was open may have died with the keyring program or the bus: then the job is done anew with a new one.
fn perform(open: &Open, slot: &mut Option<Keychain>, job: &Job) -> Result<Option<Content>, Error> {
    if let Some(keychain) = slot.as_ref() {
        match keychain.perform(&job.task, &job.item, job.patience) {
            Err(Error::Unavailable(_)) => *slot = None,
            result => return result,
        }
    }
    let keychain = slot.insert(open()?);
    keychain.perform(&job.task, &job.item, job.patience)
}
