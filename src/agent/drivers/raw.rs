//! ZPL over TCP port 9100, and what the printer says before and after.

use super::super::config::{Address, Confirm, Patience};
use super::super::ledger::{Evidence, Outcome};
use super::conversation::{Conversation, NoAnswer};
use super::{Hold, Sent, Tick, Window};
use crate::print::status::PrinterStatus;
use crate::print::zebra::{
    CANCEL_HALF_A_FORMAT, ErrorFlags, GET_ERROR_FLAGS, GET_HOST_STATUS, GET_LABEL_COUNT, HostStatus, label_count,
    whole_blocks, whole_quoted,
};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Between the first two looks at a printer that prints; it doubles up to [`SLOWEST_LOOK`].
const FIRST_LOOK: Duration = Duration::from_millis(20);
const SLOWEST_LOOK: Duration = Duration::from_millis(250);

/// A printer that did not answer is asked again after this time.
const ASK_MUTE_EVERY: Duration = Duration::from_secs(60);

/// A printer that was not seen at work has to say that it is idle twice, so far apart: it may not have begun yet.
const SETTLE: Duration = Duration::from_millis(250);

/// A printer that takes ZPL on a TCP port.
#[derive(Debug)]
pub(in super::super) struct Raw {
    address: Address,
    confirm: Confirm,
    patience: Patience,
    /// It cannot confirm and did not answer then: it is not asked before each label.
    mute_since: Option<Instant>,
    /// A label may have broken off, now or before this program was started: what comes next would be added to it.
    may_hold_half: bool,
}

/// A connection on which the printer said that it would print.
#[derive(Debug)]
pub(super) struct Link {
    talk: Conversation,
    /// Labels printed in its life, where those confirm.
    count: Option<u64>,
}

/// How a printer is that was asked.
enum Answered {
    Status(HostStatus),
    /// It answers, but not with a status.
    Unclear(&'static str),
    /// It does not answer.
    Mute(PrinterStatus),
}

impl Raw {
    pub(super) const fn new(address: Address, confirm: Confirm, patience: Patience) -> Self {
        Self { address, confirm, patience, mute_since: None, may_hold_half: true }
    }

    pub(super) const fn can_confirm(&self) -> bool {
        !matches!(self.confirm, Confirm::None)
    }

    /// Asks the printer how it is, on a connection that is then used for the window.
    pub(super) fn prepare(&mut self, tick: Tick<'_>) -> Result<(PrinterStatus, Link), Hold> {
        let mut talk = self.connect()?;
        if self.mute_since.is_some_and(|since| since.elapsed() < ASK_MUTE_EVERY) {
            self.drop_half(&mut talk, tick)?;
            return Ok((mute(), Link { talk, count: None }));
        }
        let status = match self.look(&mut talk, tick) {
            Answered::Status(status) => status,
            Answered::Unclear(why) if self.confirm != Confirm::None => {
                return Err(Hold::of(PrinterStatus::unknown(why)));
            }
            Answered::Mute(status) if self.confirm != Confirm::None || status.state != mute().state => {
                return Err(Hold::of(status));
            }
            Answered::Unclear(_) | Answered::Mute(_) => {
                self.mute_since = Some(Instant::now());
                let mut talk = self.connect()?;
                self.drop_half(&mut talk, tick)?;
                return Ok((mute(), Link { talk, count: None }));
            }
        };
        let status = if status.partial_format { self.whole_again(&mut talk, tick)? } else { status };
        let mut told = status.status();
        if let Some(why) = status.fault().or_else(|| occupied(&status)) {
            told.detail = Some(why.into());
            return Err(Hold::of(told));
        }
        if self.confirm == Confirm::Counter {
            told.labels_total = Some(self.count(&mut talk, tick).map_err(|why| Hold::of(PrinterStatus::unknown(why)))?);
        }
        Ok((told.clone(), Link { talk, count: told.labels_total }))
    }

    /// Sends a window on the connection on which the printer said that it would print.
    pub(super) fn print(&mut self, mut link: Link, window: &Window<'_>, tick: Tick<'_>) -> Sent {
        // A connection that ended meanwhile would take the label's first bytes and tell nobody.
        if let Err(why) = link.talk.hold_still() {
            return Sent::Nothing(why.to_string());
        }
        let sent = link.talk.send(window.document, self.patience.answer, tick);
        match (&sent, self.confirm, link.count) {
            (Err(ended), ..) if !ended.any => Sent::Nothing(ended.why.clone()),
            (sent, Confirm::Counter, Some(before)) => {
                let talk = sent.is_ok().then_some(link.talk);
                self.count_up(talk, before, u64::from(window.span.count()), tick)
            }
            (Err(ended), ..) => {
                self.may_hold_half = true;
                Sent::unknown(format!("the connection was lost within the label: {}", ended.why))
            }
            (Ok(()), Confirm::Status, _) => self.wait_until_idle(link.talk, tick),
            (Ok(()), ..) => Sent::unknown("this printer cannot confirm"),
        }
    }

    /// Tells a printer that cannot say whether it holds half a label to drop it.
    fn drop_half(&mut self, talk: &mut Conversation, tick: Tick<'_>) -> Result<(), Hold> {
        if self.may_hold_half {
            let sent = talk.send(CANCEL_HALF_A_FORMAT, self.patience.answer, tick);
            sent.map_err(|ended| Hold::of(PrinterStatus::unreachable(ended.why)))?;
            self.may_hold_half = false;
        }
        Ok(())
    }

    /// The same for one that says that it does. Its answer afterwards decides.
    fn whole_again(&mut self, talk: &mut Conversation, tick: Tick<'_>) -> Result<HostStatus, Hold> {
        self.may_hold_half = true;
        self.drop_half(talk, tick)?;
        match self.look(talk, tick) {
            Answered::Status(status) => Ok(status),
            Answered::Unclear(why) => Err(Hold::of(PrinterStatus::unknown(why))),
            Answered::Mute(status) => Err(Hold::of(status)),
        }
    }

    fn connect(&self) -> Result<Conversation, Hold> {
        Conversation::connect(&self.address, self.patience.connect).map_err(|error| {
            Hold::of(PrinterStatus::unreachable(format!("nothing answers at {}: {error}", self.address)))
        })
    }

    /// `~HS`, and where that is met with silence, `~HQES` on another connection: at media out, ribbon out and head open
    /// many models answer only to the second.
    fn look(&self, talk: &mut Conversation, tick: Tick<'_>) -> Answered {
        match self.host_status(talk, self.patience.answer, tick) {
            Ok(Some(status)) => return Answered::Status(status),
            Ok(None) | Err(NoAnswer::Muddled) => {
                return Answered::Unclear("it answers ~HS with something that is not a status: is it a ZPL printer?");
            }
            Err(NoAnswer::Silence | NoAnswer::Lost(_)) => {}
        }
        let flags = Conversation::connect(&self.address, self.patience.connect).ok().and_then(|mut talk| {
            talk.ask(GET_ERROR_FLAGS, |heard| whole_blocks(heard, 1), self.patience.answer, tick).ok()
        });
        match flags.and_then(|answer| ErrorFlags::parse(&answer)) {
            Some(flags) if !flags.is_clear() => Answered::Mute(flags.status()),
            _ => Answered::Mute(mute()),
        }
    }

    fn host_status(
        &self,
        talk: &mut Conversation,
        patience: Duration,
        tick: Tick<'_>,
    ) -> Result<Option<HostStatus>, NoAnswer> {
        let answer = talk.ask(GET_HOST_STATUS, |heard| whole_blocks(heard, 3), patience, tick)?;
        Ok(HostStatus::parse(&answer))
    }

    fn count(&self, talk: &mut Conversation, tick: Tick<'_>) -> Result<u64, String> {
        let answer = talk.ask(GET_LABEL_COUNT, whole_quoted, self.patience.answer, tick);
        let answer = answer.map_err(|why| format!("asked for its label counter: {why}"))?;
        let without = "it has no label counter (odometer.total_label_count): use confirm = \"status\" or \"none\"";
        label_count(&answer).ok_or_else(|| without.into())
    }

    /// Waits until the printer says, on the connection that carried the label, that it is idle and well. Whatever happened
    /// to it meanwhile may have cost the label: then nobody knows.
    fn wait_until_idle(&self, mut talk: Conversation, tick: Tick<'_>) -> Sent {
        let mut until = Instant::now() + self.patience.confirm;
        let (mut left, mut pause, mut idle_since) = (u32::MAX, FIRST_LOOK, None);
        loop {
            let status = match self.host_status(&mut talk, until.saturating_duration_since(Instant::now()), tick) {
                Ok(Some(status)) => status,
                Ok(None) => {
                    return Sent::unknown("after the label the printer answered with something that is no status");
                }
                Err(why) => return Sent::unknown(format!("after the label was sent: {why}")),
            };
            if let Some(fault) = status.fault() {
                return Sent::unknown(format!("while the label was on its way: {fault}"));
            }
            if status.is_idle() {
                let was_at_work = left != u32::MAX;
                let since = *idle_since.get_or_insert_with(Instant::now);
                if was_at_work || since.elapsed() >= SETTLE {
                    return Sent::Something(Outcome::Printed { evidence: Evidence::Status });
                }
                rest(&mut pause, tick);
                continue;
            }
            idle_since = None;
            let waiting = status.formats_waiting.saturating_add(status.labels_remaining);
            if waiting < left {
                left = waiting;
                until = Instant::now() + self.patience.confirm;
            }
            if Instant::now() >= until {
                return Sent::unknown("the printer did not come to an end with the label");
            }
            rest(&mut pause, tick);
        }
    }

    /// Waits until the counter went up by the labels sent and the printer is idle. The counter outlives connections, so a
    /// new one may be asked.
    fn count_up(&self, mut talk: Option<Conversation>, before: u64, labels: u64, tick: Tick<'_>) -> Sent {
        let mut until = Instant::now() + self.patience.confirm;
        let (mut pause, mut seen) = (FIRST_LOOK, None);
        while Instant::now() < until {
            match self.count_once(&mut talk, tick) {
                Some((status, count)) => {
                    // A pause costs no label: if it is cancelled meanwhile, the counter will tell.
                    if let Some(fault) = (HostStatus { paused: false, ..status }).fault() {
                        return Sent::unknown(format!("while the labels were on their way: {fault}"));
                    }
                    let up = count.checked_sub(before);
                    if up.is_none_or(|up| up > labels) {
                        return Sent::unknown(format!(
                            "the label counter went from {before} to {count} for {labels} labels"
                        ));
                    }
                    if up == Some(labels) && status.is_idle() {
                        return Sent::Something(Outcome::Printed { evidence: Evidence::Counter });
                    }
                    if up != seen {
                        seen = up;
                        until = Instant::now() + self.patience.confirm;
                    }
                }
                None => talk = None,
            }
            rest(&mut pause, tick);
        }
        Sent::unknown(match seen {
            Some(up) => format!("the label counter went up by {up} for {labels} labels"),
            None => "the label counter could not be read after the labels were sent".into(),
        })
    }

    /// Status and counter, on the connection there is or a new one. None if this connection is of no further use.
    fn count_once(&self, talk: &mut Option<Conversation>, tick: Tick<'_>) -> Option<(HostStatus, u64)> {
        let talk = match talk {
            Some(talk) => talk,
            none => none.insert(Conversation::connect(&self.address, self.patience.connect).ok()?),
        };
        let status = self.host_status(talk, self.patience.answer, tick).ok()??;
        Some((status, self.count(talk, tick).ok()?))
    }
}

/// It is well, but what is sent now would wait behind something else.
const fn occupied(status: &HostStatus) -> Option<&'static str> {
    match status {
        HostStatus { partial_format: true, .. } => Some("it holds half a label: switch it off and on again"),
        HostStatus { label_waiting: true, .. } => Some("a printed label waits to be taken"),
        status if status.is_busy() => Some("it is still printing something else"),
        _ => None,
    }
}

fn mute() -> PrinterStatus {
    PrinterStatus::unknown(
        "it does not tell its state: out of labels, out of ribbon, head open, or a model that cannot \
         (for those write confirm = \"none\")",
    )
}

fn rest(pause: &mut Duration, tick: Tick<'_>) {
    tick();
    sleep(*pause);
    *pause = (*pause * 2).min(SLOWEST_LOOK);
}
