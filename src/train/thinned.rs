use core::num::NonZeroU32;
use core::slice;

use heapless::Vec;

use super::report::Report;

/// The reports of a run of any length, at equal distances, in fixed memory.
///
/// ```text
/// keeps the reports 0, k, 2k, ... of those pushed, at most CAPACITY of them
/// when it is full: keeps every other one of them, and k ← 2·k
/// ```
///
/// A [`History`](crate::History) of a long run needs much memory, or ends before the run. This one
/// covers the run and becomes coarser. Once it has been full, it stays at least half full. With a
/// capacity of 256, which takes 4 KB in `f32`:
///
/// | reports pushed | [`every`](Self::every) | reports kept |
/// | ---: | ---: | ---: |
/// | 256 | 1 | 256 |
/// | 257 | 2 | 129 |
/// | 1000 | 4 | 250 |
/// | 1 000 000 | 4096 | 245 |
///
/// A push takes constant time; when `k` doubles, it takes time in proportion to the capacity. After
/// `u32::MAX` reports only [`last`](Self::last) changes.
///
/// It is read as a slice: `len`, `first`, `iter`, indexing. Only [`last`](Self::last) differs: it
/// is the last report pushed, whether it is kept or not.
///
/// ```
/// use microlr::{LogisticNeuron, Sgd, ThinnedHistory};
///
/// let (mut neuron, mut sgd) = (LogisticNeuron::zeroed(), Sgd::new(0.5_f32));
/// let mut history = ThinnedHistory::<f32, 4>::new();
/// for _ in 0..10 {
///     history.push(sgd.step(&mut neuron, &[1.0], 1.0)?);
/// }
/// // After the fifth report every second one is kept, after the ninth every fourth one.
/// assert!(history.iter().map(|report| report.step).eq([0, 4, 8]));
/// assert_eq!(history.every(), 4);
/// assert_eq!(history.last().map(|report| report.step), Some(9));
/// # Ok::<(), microlr::Error>(())
/// ```
///
/// Equivalent: Keras, `keras.callbacks.History`, which keeps every epoch in a list that grows.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ThinnedHistory<F, const CAPACITY: usize> {
    reports: Vec<Report<F>, CAPACITY>,
    last: Option<Report<F>>,
    pushed: u32,
    every: NonZeroU32,
}

impl<F, const CAPACITY: usize> ThinnedHistory<F, CAPACITY> {
    /// An empty history, which keeps every report as long as there is room.
    ///
    /// ```
    /// use microlr::ThinnedHistory;
    /// static EMPTY: ThinnedHistory<f32, 100> = ThinnedHistory::new();
    /// assert_eq!((EMPTY.len(), EMPTY.last(), EMPTY.every()), (0, None, 1));
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self { reports: Vec::new(), last: None, pushed: 0, every: NonZeroU32::MIN }
    }

    /// The distance between the reports that are kept: a power of two.
    ///
    /// ```
    /// use microlr::{Report, ThinnedHistory};
    /// let mut history = ThinnedHistory::<f32, 2>::new();
    /// let every = [0, 1, 2, 3, 4].map(|step| {
    ///     history.push(Report { step, lr: 0.1, loss: 0.7, prediction: 0.5 });
    ///     history.every()
    /// });
    /// assert_eq!(every, [1, 1, 2, 2, 4]);
    /// ```
    #[must_use]
    pub const fn every(&self) -> u32 {
        self.every.get()
    }

    /// The last report pushed.
    ///
    /// ```
    /// use microlr::{Report, ThinnedHistory};
    /// let mut history = ThinnedHistory::<f32, 2>::new();
    /// for step in 0..4 {
    ///     history.push(Report { step, lr: 0.1, loss: 0.7, prediction: 0.5 });
    /// }
    /// assert!(history.iter().map(|report| report.step).eq([0, 2]));
    /// assert_eq!(history.last().map(|report| report.step), Some(3));
    /// ```
    #[must_use]
    pub const fn last(&self) -> Option<&Report<F>> {
        self.last.as_ref()
    }

    /// Removes every report, so that another run begins.
    ///
    /// ```
    /// use microlr::{Report, ThinnedHistory};
    /// let mut history = ThinnedHistory::<f32, 1>::new();
    /// for step in 0..4 {
    ///     history.push(Report { step, lr: 0.1, loss: 0.7, prediction: 0.5 });
    /// }
    /// history.clear();
    /// assert_eq!(history, ThinnedHistory::new());
    /// ```
    pub fn clear(&mut self) {
        *self = Self::new();
    }
}

impl<F: Copy, const CAPACITY: usize> ThinnedHistory<F, CAPACITY> {
    /// Takes the next report, and keeps it if its turn has come. It never fails.
    ///
    /// ```
    /// use microlr::{Report, ThinnedHistory};
    /// let mut history = ThinnedHistory::<f32, 3>::new();
    /// let kept = [0, 1, 2, 3, 4].map(|step| {
    ///     history.push(Report { step, lr: 0.1, loss: 0.7, prediction: 0.5 });
    ///     history.len()
    /// });
    /// assert_eq!(kept, [1, 2, 3, 2, 3]); // 0; 0, 1; 0, 1, 2; 0, 2; 0, 2, 4
    /// ```
    pub fn push(&mut self, report: Report<F>) {
        self.last = Some(report);
        if self.has_turn() && self.reports.is_full() {
            let mut odd = true;
            self.reports.retain(|_| {
                odd = !odd;
                !odd
            });
            self.every = self.every.saturating_add(self.every.get());
        }
        if self.has_turn() {
            // There is room, unless the capacity is 0.
            let _ = self.reports.push(report);
        }
        self.pushed = self.pushed.saturating_add(1);
    }

    /// Whether the next report is at the distance of those that are kept.
    fn has_turn(&self) -> bool {
        self.pushed % self.every == 0
    }
}

impl<F, const CAPACITY: usize> Default for ThinnedHistory<F, CAPACITY> {
    fn default() -> Self {
        Self::new()
    }
}

/// A history is read as a slice: `len`, `first`, `iter`, indexing.
impl<F, const CAPACITY: usize> core::ops::Deref for ThinnedHistory<F, CAPACITY> {
    type Target = [Report<F>];

    fn deref(&self) -> &[Report<F>] {
        &self.reports
    }
}

impl<'a, F, const CAPACITY: usize> IntoIterator for &'a ThinnedHistory<F, CAPACITY> {
    type Item = &'a Report<F>;
    type IntoIter = slice::Iter<'a, Report<F>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(step: u32) -> Report<f32> {
        Report { step, lr: 0.1, loss: 0.5, prediction: 0.5 }
    }

    /// Checks every state against its definition: the smallest power of two at which all fit.
    fn check<const CAPACITY: usize>() {
        let mut history = ThinnedHistory::<f32, CAPACITY>::default();
        for pushed in 1..2000_u32 {
            history.push(report(pushed - 1));
            let every = (0..).map(|k| 1 << k).find(|k| pushed.div_ceil(*k) <= CAPACITY as u32);
            assert_eq!(Some(history.every()), every, "{pushed} of {CAPACITY}");
            let kept = (0..pushed).step_by(history.every() as usize);
            assert!((&history).into_iter().map(|report| report.step).eq(kept));
            assert_eq!(history.last(), Some(&report(pushed - 1)));
        }
    }

    #[test]
    fn kept_reports_are_at_equal_distances_over_the_whole_run() {
        check::<1>();
        check::<2>();
        check::<3>();
        check::<7>();
        check::<64>();
        check::<100>();
    }

    #[test]
    fn the_figures_of_the_table() {
        let mut history = ThinnedHistory::<f32, 256>::new();
        for pushed in 1..=1_000_000 {
            history.push(report(pushed));
            let figures = (history.every(), history.len());
            match pushed {
                256 => assert_eq!(figures, (1, 256)),
                257 => assert_eq!(figures, (2, 129)),
                1000 => assert_eq!(figures, (4, 250)),
                1_000_000 => assert_eq!(figures, (4096, 245)),
                _ => {}
            }
        }
        assert!(size_of_val(&history) < 4096 + 64);
    }

    #[test]
    fn the_count_stops_and_the_last_report_follows() {
        let every = NonZeroU32::new(1 << 31).unwrap();
        let mut history = ThinnedHistory::<f32, 2> { every, ..ThinnedHistory::new() };
        history.push(report(0));
        history.pushed = 1 << 31;
        history.push(report(1));
        history.pushed = u32::MAX;
        for step in 2..10 {
            history.push(report(step));
            assert_eq!((history.len(), history.every()), (2, 1 << 31));
            assert_eq!(history.last(), Some(&report(step)));
        }
    }

    #[test]
    fn without_room_the_last_report_remains() {
        let mut history = ThinnedHistory::<f32, 0>::new();
        for step in 0..100 {
            history.push(report(step));
        }
        assert!(history.is_empty());
        assert_eq!(history.last(), Some(&report(99)));
    }
}
