//! When the files are read, and who waits for it: people and scripts expect to be told of what they just changed.

use std::sync::Arc;

use sandglass_core::event::Event;
use sandglass_protocol::message::{Reply, Request};

use super::Agent;
use crate::clock;
use crate::files::WhatIsThere;
use crate::input::{ConnectionId, Input};

/// Something that waits for the files to be read.
pub(super) enum Deferred {
    /// A question about sessions.
    Request(ConnectionId, Request),
    /// The answer to a change of definitions.
    Reply(ConnectionId, Reply),
}

/// The one reading that may be under way, and who waits.
#[derive(Default)]
pub(super) struct Reading {
    progress: Progress,
    /// They came before the reading began and are answered from it.
    served: Vec<Deferred>,
    /// They came later: what they changed may not have been seen.
    waiting: Vec<Deferred>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Progress {
    #[default]
    Idle,
    /// Under way.
    Busy,
    /// Under way, and due again: something changed meanwhile. What is read now still holds.
    BusyThenAgain,
    /// Under way, and worth nothing: the engine knows of newer credentials than a file may have held.
    BusyInVain,
}

impl Reading {
    /// What is being read may be older than what the engine knows by now.
    pub(super) fn outdate(&mut self) {
        match self.progress {
            Progress::Idle => {}
            Progress::Busy | Progress::BusyThenAgain | Progress::BusyInVain => {
                self.progress = Progress::BusyInVain;
            }
        }
    }

    /// A caller is gone, and with it what it waits for, a code perhaps.
    pub(super) fn forget(&mut self, id: ConnectionId) {
        for queue in [&mut self.served, &mut self.waiting] {
            queue.retain(|deferred| match deferred {
                Deferred::Request(of, _) | Deferred::Reply(of, _) => *of != id,
            });
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.progress == Progress::Idle
    }
}

impl Agent {
    pub(super) fn defer(&mut self, deferred: Deferred) {
        self.reading.waiting.push(deferred);
        self.read_files();
    }

    /// Starts a reading, or notes that another one is due.
    pub(super) fn read_files(&mut self) {
        let reading = &mut self.reading;
        match reading.progress {
            Progress::Idle => {}
            Progress::Busy => {
                reading.progress = Progress::BusyThenAgain;
                return;
            }
            Progress::BusyThenAgain | Progress::BusyInVain => return,
        }
        reading.progress = Progress::Busy;
        reading.served.append(&mut reading.waiting);
        let (files, inputs) = (Arc::clone(&self.files), self.inputs.clone());
        let read = tokio::spawn(async move { files.read(clock::now()).await });
        tokio::spawn(async move {
            let input = match read.await {
                Ok(found) => Input::FilesRead(found),
                Err(_) => Input::ReadingFailed,
            };
            // The loop is gone only when the agent leaves.
            let _ = inputs.send(input).await;
        });
    }

    /// A reading is done; where it found nothing it failed, and what is known stays.
    pub(super) fn files_read(&mut self, found: Option<WhatIsThere>) {
        let progress = std::mem::take(&mut self.reading.progress);
        self.last_read = clock::now();
        let served = std::mem::take(&mut self.reading.served);
        match progress {
            Progress::Idle | Progress::Busy | Progress::BusyThenAgain => {
                if let Some(found) = found {
                    self.take_in(found);
                }
                for deferred in served {
                    match deferred {
                        Deferred::Request(id, request) => self.answer_from_files(id, request),
                        Deferred::Reply(id, reply) => self.reply(id, reply),
                    }
                }
            }
            Progress::BusyInVain => self.reading.waiting.splice(0..0, served).for_each(drop),
        }
        let again = matches!(progress, Progress::BusyThenAgain | Progress::BusyInVain);
        if again || !self.reading.waiting.is_empty() {
            self.read_files();
        }
    }

    fn take_in(&mut self, found: WhatIsThere) {
        let WhatIsThere {
            sightings,
            findings,
            settings,
            shared,
        } = found;
        let defined = sightings.iter().map(|sighting| &sighting.definition.id);
        self.memory.files_read(&defined.collect());
        if *self.engine.settings() != settings {
            self.feed(Event::SettingsRead(settings));
        }
        for session in shared {
            self.feed(Event::SharedSessionOpened(session));
        }
        self.feed(Event::FilesRead {
            sightings,
            findings,
        });
    }
}
