//! Notifications: what stands on the desktop, what should stand there, and the steps from one to the other.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod adapter;
#[cfg(not(target_os = "linux"))]
#[path = "other.rs"]
mod adapter;
mod bubble;

use std::collections::BTreeMap;

pub(crate) use adapter::Bubbles;
use jiff::Timestamp;
use sandglass_core::views::notice::{Notice, NoticeId, Stage};

/// What came of a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is on the screen.
    Shown,
    /// A button or the notification itself was clicked, which closed it.
    Clicked(Click),
    /// It is not on the screen any more: the person closed it, or its time was over.
    Closed,
    /// The desktop cannot show it, and why.
    Failed(String),
}

/// Where a notification was clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Click {
    /// Renew.
    Renew,
    /// Snooze.
    Snooze,
    /// Anywhere else on it.
    Body,
}

/// A step towards the notifications that should stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Show a new notification.
    Show(Notice),
    /// Change the one that is on the screen, in place.
    Change(Notice),
    /// Take the one that is on the screen away.
    Withdraw(NoticeId),
}

/// All notices of which the person was told, and what became of each.
#[derive(Debug, Default)]
pub(crate) struct Board {
    standing: BTreeMap<NoticeId, Standing>,
    /// What the person closed last of each subject. Notices are held back while the screen is locked and in quiet
    /// hours, and what was closed before is no news afterwards.
    dismissed: BTreeMap<NoticeId, (Stage, Option<Timestamp>)>,
}

/// One notice of which the person was told.
#[derive(Debug)]
struct Standing {
    notice: Notice,
    bubble: Bubble,
}

/// What became of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bubble {
    /// It is on the screen.
    Open,
    /// It was on the screen; only a new stage is worth another.
    Closed,
    /// It never got there; the next change is another try.
    Failed,
}

impl Board {
    /// The steps to what should stand; they are taken for done.
    pub(crate) fn turn_to(&mut self, wanted: &[Notice]) -> Vec<Step> {
        let mut steps = Vec::new();
        self.standing.retain(|id, standing| {
            let still_wanted = wanted.iter().any(|notice| notice.id == *id);
            if !still_wanted && standing.bubble == Bubble::Open {
                steps.push(Step::Withdraw(id.clone()));
            }
            still_wanted
        });
        for notice in wanted {
            steps.extend(self.step(notice));
        }
        steps
    }

    fn step(&mut self, wanted: &Notice) -> Option<Step> {
        let step = match self.standing.get(&wanted.id) {
            None if self.dismissed.get(&wanted.id) == Some(&(wanted.stage, wanted.ends_at)) => {
                return None;
            }
            None => Step::Show(wanted.clone()),
            Some(standing) if standing.notice == *wanted => return None,
            Some(standing) => match standing.bubble {
                Bubble::Open => Step::Change(wanted.clone()),
                Bubble::Closed if standing.notice.stage == wanted.stage => return None,
                Bubble::Closed | Bubble::Failed => Step::Show(wanted.clone()),
            },
        };
        let standing = Standing {
            notice: wanted.clone(),
            bubble: Bubble::Open,
        };
        self.standing.insert(wanted.id.clone(), standing);
        Some(step)
    }

    /// Remembers what became of a notification, and gives its notice back where it was clicked.
    pub(crate) fn record(&mut self, id: &NoticeId, outcome: &Outcome) -> Option<(Notice, Click)> {
        let standing = self.standing.get_mut(id)?;
        let (bubble, click) = match outcome {
            Outcome::Shown => (Bubble::Open, None),
            Outcome::Clicked(click) => (Bubble::Closed, Some(*click)),
            Outcome::Closed => (Bubble::Closed, None),
            Outcome::Failed(_) => (Bubble::Failed, None),
        };
        standing.bubble = bubble;
        if *outcome == Outcome::Closed {
            let closed = (standing.notice.stage, standing.notice.ends_at);
            self.dismissed.insert(id.clone(), closed);
        }
        click.map(|click| (standing.notice.clone(), click))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::notice;

    fn id() -> NoticeId {
        notice(Stage::First, "").id
    }

    /// A board on which this notice is on the screen.
    fn board(notice: &Notice) -> Board {
        let mut board = Board::default();
        assert_eq!(
            board.turn_to(std::slice::from_ref(notice)),
            [Step::Show(notice.clone())]
        );
        board.record(&notice.id, &Outcome::Shown);
        board
    }

    #[test]
    fn the_same_notice_is_shown_once() {
        let first = notice(Stage::First, "ends in 15 min");
        let mut board = board(&first);
        assert_eq!(board.turn_to(&[first]), []);
    }

    #[test]
    fn time_passing_changes_the_bubble_in_place() {
        let mut board = board(&notice(Stage::First, "ends in 15 min"));
        let later = notice(Stage::First, "ends in 14 min");
        assert_eq!(
            board.turn_to(std::slice::from_ref(&later)),
            [Step::Change(later)]
        );
    }

    #[test]
    fn what_the_person_closed_comes_back_only_at_the_next_stage() {
        let mut board = board(&notice(Stage::First, "ends in 15 min"));
        board.record(&id(), &Outcome::Closed);
        assert_eq!(board.turn_to(&[notice(Stage::First, "ends in 14 min")]), []);
        let last = notice(Stage::Last, "ends in 5 min");
        assert_eq!(
            board.turn_to(std::slice::from_ref(&last)),
            [Step::Show(last)]
        );
    }

    #[test]
    fn a_new_stage_takes_the_place_of_the_open_bubble() {
        let mut board = board(&notice(Stage::First, "ends in 15 min"));
        let last = notice(Stage::Last, "ends in 5 min");
        assert_eq!(
            board.turn_to(std::slice::from_ref(&last)),
            [Step::Change(last)]
        );
    }

    #[test]
    fn what_is_no_longer_true_is_withdrawn_once() {
        let mut board = board(&notice(Stage::First, "ends in 15 min"));
        assert_eq!(board.turn_to(&[]), [Step::Withdraw(id())]);
        assert_eq!(board.turn_to(&[]), []);
    }

    #[test]
    fn what_the_person_closed_needs_no_withdrawal() {
        let mut board = board(&notice(Stage::First, "ends in 15 min"));
        board.record(&id(), &Outcome::Closed);
        assert_eq!(board.turn_to(&[]), []);
    }

    #[test]
    fn what_the_person_closed_stays_closed_after_a_silence_and_another_end_is_news() {
        let first = notice(Stage::First, "ends in 15 min");
        let mut board = board(&first);
        board.record(&id(), &Outcome::Closed);
        board.turn_to(&[]);
        assert_eq!(board.turn_to(std::slice::from_ref(&first)), []);
        let next = Notice {
            ends_at: None,
            ..first
        };
        assert_eq!(
            board.turn_to(std::slice::from_ref(&next)),
            [Step::Show(next)]
        );
    }

    #[test]
    fn what_was_snoozed_comes_back_when_the_snooze_is_over() {
        let first = notice(Stage::First, "ends in 15 min");
        let mut board = board(&first);
        board.record(&id(), &Outcome::Clicked(Click::Snooze));
        board.turn_to(&[]);
        assert_eq!(
            board.turn_to(std::slice::from_ref(&first)),
            [Step::Show(first)]
        );
    }

    #[test]
    fn what_could_not_be_shown_is_tried_again_at_the_next_change() {
        let first = notice(Stage::First, "ends in 15 min");
        let mut board = board(&first);
        board.record(&id(), &Outcome::Failed("no service".to_owned()));
        assert_eq!(board.turn_to(&[first]), []);
        let later = notice(Stage::First, "ends in 14 min");
        assert_eq!(
            board.turn_to(std::slice::from_ref(&later)),
            [Step::Show(later)]
        );
    }

    #[test]
    fn a_click_names_the_notice_that_it_was_for_and_closes_it() {
        let first = notice(Stage::First, "ends in 15 min");
        let mut board = board(&first);
        let clicked = board.record(&id(), &Outcome::Clicked(Click::Renew));
        assert_eq!(clicked, Some((first, Click::Renew)));
        assert_eq!(board.turn_to(&[notice(Stage::First, "ends in 14 min")]), []);
    }

    #[test]
    fn a_late_word_about_a_notice_that_is_gone_means_nothing() {
        assert_eq!(
            Board::default().record(&id(), &Outcome::Clicked(Click::Renew)),
            None
        );
    }
}
