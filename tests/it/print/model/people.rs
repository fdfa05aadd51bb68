//! Steps of a walk that people take: verdicts, reprints, reports; and the end of everything.

use super::walk::{Walker, kind, me};
use super::world::{Fate, State};
use nameplate::service::print::{Control, Outcome, ReprintRequest, Settlement, Verdict};
use nameplate::service::report_fate::Selection;
use nameplate::trace;

/// In this many rounds everything must be settled.
const ROUNDS: usize = 12;

impl Walker {
    fn texts(&self, serials: &[usize]) -> Vec<String> {
        serials.iter().map(|&serial| self.world.serials[serial].text.clone()).collect()
    }

    pub async fn settle(&mut self) {
        let job = self.dice.under(self.world.jobs.len());
        let labels = &self.world.jobs[job].labels;
        let waiting: Vec<_> =
            (0..labels.len()).filter(|&at| matches!(labels[at].state, State::Unconfirmed(_))).collect();
        let mut chosen = vec![self.dice.under(labels.len())];
        if !waiting.is_empty() && !self.dice.once_in(4) {
            chosen = vec![waiting[self.dice.under(waiting.len())]];
        }
        if self.dice.once_in(3) {
            chosen.push(self.dice.under(self.world.jobs[job].labels.len()));
        }
        chosen.sort_unstable();
        chosen.dedup();
        let verdict = self.verdict(job, &chosen);
        self.settle_of(job, &chosen, verdict).await;
    }

    /// What a person says of labels: the truth of the first, where people tell it.
    fn verdict(&mut self, job: usize, chosen: &[usize]) -> Verdict {
        let all = [Verdict::Printed, Verdict::NotPrinted, Verdict::Damaged];
        if !self.truthful {
            return all[self.dice.under(3)];
        }
        let came_out = |&&at: &&usize| self.world.jobs[job].labels[at].printed > 0;
        let out = chosen.iter().filter(came_out).count();
        match (out, self.dice.once_in(4)) {
            (_, true) => Verdict::Damaged,
            (0, _) => Verdict::NotPrinted,
            (n, _) if n == chosen.len() => Verdict::Printed,
            _ => Verdict::Damaged,
        }
    }

    pub async fn settle_of(&mut self, job: usize, chosen: &[usize], verdict: Verdict) {
        let serials: Vec<_> = chosen.iter().map(|&at| self.world.jobs[job].labels[at].serial).collect();
        let code = self.world.jobs[job].code.clone();
        let replace = verdict == Verdict::Damaged && self.dice.once_in(3);
        let settlement = Settlement {
            verdict,
            serials: Selection::Serials(self.texts(&serials)),
            reason: Some("a walk says so".into()),
            replace,
        };
        let key = self.key();
        let settled = self.press().settle(&me(), &code, &key, &settlement).await;
        let named = match verdict {
            Verdict::Printed => "printed",
            Verdict::NotPrinted => "not_printed",
            Verdict::Damaged => "damaged",
        };
        // What was scrapped before is neither counted nor replaced again.
        let is_news =
            |&&at: &&usize| verdict != Verdict::Damaged || self.world.jobs[job].labels[at].state != State::Scrapped;
        let news = chosen.iter().filter(is_news).count();
        let expected = self.world.settle(job, chosen, named);
        let here = format!("{} job {job} labels {chosen:?} {named}", self.here());
        assert_eq!(settled.as_ref().map(drop).map_err(kind), expected, "{here}");
        if let Ok(settled) = settled {
            assert_eq!(usize::try_from(settled.labels).unwrap(), news, "{here}");
            assert_eq!(settled.replacement.is_some(), replace && news > 0, "{here}");
            if let Some(record) = &settled.replacement {
                let serials = self.learn(record.block.as_deref().unwrap()).await;
                let printer = self.world.jobs[job].printer;
                self.remember(record, printer, 5, &serials);
            }
            if self.dice.once_in(4) {
                let again = self.press().settle(&me(), &code, &key, &settlement).await.unwrap();
                assert_eq!(
                    (again.labels, again.replacement.map(|job| job.job)),
                    (settled.labels, settled.replacement.map(|job| job.job)),
                    "{here}"
                );
            }
        }
        self.compare(job).await;
    }

    pub async fn reprint(&mut self) {
        let block = self.dice.under(self.blocks.len());
        let serials = self.some_serials(block);
        let at = self.dice.under(self.printers.len());
        let request = ReprintRequest {
            printer: self.printers[at].0.clone(),
            block: Some(self.blocks[block].clone()),
            serials: Selection::Serials(self.texts(&serials)),
            reason: "scratched".into(),
            old_label_destroyed: true,
            attestation: "torn, red box".into(),
            reissue: false,
        };
        let key = self.key();
        let made = self.press().reprint(&me(), &key, &request).await;
        let expected = self.world.reprint(&serials);
        let here = format!("{} reprint {serials:?}", self.here());
        match (made, expected) {
            (Ok(made), Ok(expected)) => {
                assert_eq!(made.jobs.len(), expected.len(), "{here}");
                for (record, (copy, serials)) in made.jobs.iter().zip(&expected) {
                    assert_eq!((record.copy, record.kind.as_str()), (*copy, "reprint"), "{here}");
                    self.remember(record, at, 7, serials);
                }
            }
            (Err(error), Err(_)) => drop(kind(&error)),
            (made, expected) => panic!("{here}: {made:?} and not {expected:?}"),
        }
    }

    /// A station says that a unit carries its label, having scanned it.
    pub async fn report(&mut self) {
        let block = self.dice.under(self.blocks.len());
        let serial = self.some_serials(block)[0];
        let all = self.world.jobs.iter().flat_map(|job| &job.labels).filter(|label| label.serial == serial);
        if self.truthful && all.map(|label| label.printed).sum::<u32>() == 0 {
            return;
        }
        let which = Selection::Serials(self.texts(&[serial]));
        let told = self.press().report(&self.blocks[block], trace::Fate::Applied, which).await;
        assert_eq!(told.is_ok(), self.world.applied(serial), "{} {told:?}", self.here());
    }

    /// Leases run out, people settle and release, printers print: then every job must have ended.
    pub async fn end_everything(&mut self) {
        for _ in 0..ROUNDS {
            if !self.world.jobs.iter().any(super::world::Job::is_open) {
                break;
            }
            self.pass(130).await;
            self.settle_everything().await;
            for job in 0..self.world.jobs.len() {
                self.release_or_cancel(job).await;
            }
            for printer in 0..self.printers.len() {
                while self.lease_for(printer, 5).await {
                    let lease = self.world.leases.len() - 1;
                    self.print_all(lease).await;
                }
            }
        }
        let here = format!("NAMEPLATE_SEED={}", self.seed);
        for job in &self.world.jobs {
            assert!(!job.is_open(), "{here}: {} does not end: {:?}", job.code, job.counts());
        }
        self.compare_all().await;
        self.compare_fates().await;
    }

    async fn settle_everything(&mut self) {
        for job in 0..self.world.jobs.len() {
            for at in 0..self.world.jobs[job].labels.len() {
                if matches!(self.world.jobs[job].labels[at].state, State::Unconfirmed(_)) {
                    let verdict = self.verdict(job, &[at]);
                    self.settle_of(job, &[at], verdict).await;
                }
            }
        }
    }

    async fn release_or_cancel(&mut self, job: usize) {
        let row = &self.world.jobs[job];
        if !row.labels.iter().any(|label| label.state == State::Queued) {
            return;
        }
        let spoken_of = |serial: usize| match self.world.serials[serial].fate {
            Fate::Reserved => false,
            Fate::Void => true,
            Fate::Printed | Fate::Applied => row.copy == 1,
        };
        let waits_in_vain = row.labels.iter().any(|label| label.state == State::Queued && spoken_of(label.serial));
        if waits_in_vain {
            self.control_of(job, Control::Cancel, "cancel").await;
        } else {
            self.control_of(job, Control::Release, "release").await;
        }
    }

    async fn print_all(&mut self, lease: usize) {
        let len = self.world.leases[lease].len;
        let (job, base) = (self.world.leases[lease].job, self.world.leases[lease].first);
        self.fetch_of(lease, 0, len - 1).await;
        let mut list = Vec::new();
        for position in 0..len {
            let label = &self.world.jobs[job].labels[base + position];
            if label.state == State::HandedOver(lease) {
                let outcome = if label.printed > 0 { Outcome::Printed } else { Outcome::NotPrinted };
                let at = u64::try_from(position).unwrap() + 1;
                list.push((at, at, outcome));
            }
        }
        if !list.is_empty() {
            self.say_of(lease, &list).await;
        }
    }

    /// The account of every block is what its labels say.
    async fn compare_fates(&self) {
        for (index, block) in self.blocks.iter().enumerate() {
            let (record, _) = self.press().block(&me(), block).await.unwrap();
            let of_block = |fate| {
                let own = self.world.serials.iter().filter(|serial| serial.block == index && serial.fate == fate);
                u64::try_from(own.count()).unwrap()
            };
            let account = &record.account;
            assert_eq!(
                [account.reserved, account.printed, account.applied, account.void],
                [Fate::Reserved, Fate::Printed, Fate::Applied, Fate::Void].map(of_block),
                "NAMEPLATE_SEED={} {block}",
                self.seed
            );
        }
    }
}
