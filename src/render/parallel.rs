//! Work on several threads, results in the order of the input, never more than a few pieces in memory.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Pieces that wait for each thread, and results that wait for the sink.
const WAITING: usize = 2;

/// A pipeline that is running.
pub struct Ordered<I, O> {
    inputs: Vec<SyncSender<I>>,
    outputs: Vec<Receiver<O>>,
    pushed: usize,
    taken: usize,
}

impl<I: Send, O: Send> Ordered<I, O> {
    /// Hands a piece to the next thread. Gives the result of an earlier piece once enough are on their way.
    ///
    /// Thread by turns: so the result that comes next is known without numbering any.
    pub fn push(&mut self, input: I) -> Option<O> {
        let result = if self.pushed - self.taken >= self.inputs.len() * WAITING { self.take() } else { None };
        // A thread that is gone has panicked; the scope tells when it ends.
        let _ = self.inputs[self.pushed % self.inputs.len()].send(input);
        self.pushed += 1;
        result
    }

    /// The next result in order; `None` if all were taken.
    pub fn take(&mut self) -> Option<O> {
        if self.taken == self.pushed {
            return None;
        }
        let output = self.outputs[self.taken % self.outputs.len()].recv().ok();
        self.taken += 1;
        output
    }
}

/// Runs `feed` with a pipeline of `threads` threads, each of which works with a worker of its own.
pub fn ordered<I: Send, O: Send, W, R>(
    threads: usize,
    worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, I) -> O + Sync,
    feed: impl FnOnce(&mut Ordered<I, O>) -> R,
) -> R {
    thread::scope(|scope| {
        let mut pipeline = Ordered { inputs: Vec::new(), outputs: Vec::new(), pushed: 0, taken: 0 };
        for _ in 0..threads.max(1) {
            let (input, inputs) = sync_channel::<I>(WAITING);
            let (output, outputs) = sync_channel::<O>(WAITING);
            let (worker, work) = (&worker, &work);
            scope.spawn(move || {
                let mut own = worker();
                // Ends when the feeder has no more, or wants no more.
                while let Ok(piece) = inputs.recv() {
                    if output.send(work(&mut own, piece)).is_err() {
                        break;
                    }
                }
            });
            pipeline.inputs.push(input);
            pipeline.outputs.push(outputs);
        }
        let result = feed(&mut pipeline);
        drop(pipeline);
        result
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_input() {
        for threads in [1, 2, 3] {
            let mut seen = Vec::new();
            ordered(
                threads,
                || 0_u32,
                |_, n: u32| (0..n % 7 * 1000).fold(n, |n, _| std::hint::black_box(n)),
                |pipeline| {
                    for n in 0..500 {
                        seen.extend(pipeline.push(n));
                    }
                    while let Some(n) = pipeline.take() {
                        seen.push(n);
                    }
                },
            );
            assert_eq!(seen, (0..500).collect::<Vec<_>>(), "{threads} threads");
        }
    }

    #[test]
    fn a_feeder_that_gives_up_leaves_no_thread_behind() {
        let ended = ordered(
            2,
            || (),
            |(), n: u32| n,
            |pipeline| {
                (0..10).for_each(|n| {
                    let _ = pipeline.push(n);
                });
                "ended"
            },
        );
        assert_eq!(ended, "ended");
    }
}
