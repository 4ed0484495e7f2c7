use core::slice;

use heapless::Vec;

use super::report::Report;
use crate::error::Error;

/// The reports of a run in order, at most `CAPACITY` of them, without a heap.
///
/// [`Sgd::train`](crate::Sgd::train) returns a full one, and
/// [`Sgd::train_into`](crate::Sgd::train_into) fills one in a `static`.
///
/// ```
/// use microlr::{Error, History, LogisticNeuron, Sgd};
///
/// let mut neuron = LogisticNeuron::<f32, 1>::zeroed();
/// let mut sgd = Sgd::new(0.1_f32);
/// let mut history = History::<f32, 2>::new();
/// for _ in 0..2 {
///     history.push(sgd.step(&mut neuron, &[1.0], 1.0)?)?;
/// }
/// assert_eq!(history.len(), 2);
/// assert_eq!(history.push(history[0]), Err(Error::TooMany("history")));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct History<F, const CAPACITY: usize> {
    reports: Vec<Report<F>, CAPACITY>,
}

impl<F, const CAPACITY: usize> History<F, CAPACITY> {
    /// An empty history.
    ///
    /// ```
    /// use microlr::History;
    /// let history = History::<f32, 100>::new();
    /// assert_eq!((history.len(), history.last()), (0, None));
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self { reports: Vec::new() }
    }

    /// Appends a report.
    ///
    /// # Errors
    ///
    /// [`TooMany`](Error::TooMany) if there are `CAPACITY` already; nothing is changed then.
    ///
    /// ```
    /// use microlr::{Error, History, Report};
    /// let report = Report { step: 0, lr: 0.1_f32, loss: 0.7, prediction: 0.5 };
    /// let mut history = History::<f32, 1>::new();
    /// assert_eq!(history.push(report), Ok(()));
    /// assert_eq!(history.push(Report { step: 1, ..report }), Err(Error::TooMany("history")));
    /// assert_eq!(history[..], [report]);
    /// ```
    pub fn push(&mut self, report: Report<F>) -> Result<(), Error> {
        self.reports.push(report).map_err(|_| Error::TooMany("history"))
    }

    /// Removes the reports from `length` on.
    pub(super) fn truncate(&mut self, length: usize) {
        self.reports.truncate(length);
    }

    /// Removes every report, so that another run fits.
    ///
    /// ```
    /// use microlr::{History, Report};
    /// let mut history = History::<f32, 1>::new();
    /// let report = Report { step: 0, lr: 0.1_f32, loss: 0.7, prediction: 0.5 };
    /// assert!(history.push(report).is_ok());
    /// history.clear();
    /// assert!(history.is_empty());
    /// ```
    pub fn clear(&mut self) {
        self.reports.clear();
    }
}

impl<F, const CAPACITY: usize> Default for History<F, CAPACITY> {
    fn default() -> Self {
        Self::new()
    }
}

/// A history is read as a slice: `len`, `first`, `last`, `iter`, indexing.
impl<F, const CAPACITY: usize> core::ops::Deref for History<F, CAPACITY> {
    type Target = [Report<F>];

    fn deref(&self) -> &[Report<F>] {
        &self.reports
    }
}

impl<'a, F, const CAPACITY: usize> IntoIterator for &'a History<F, CAPACITY> {
    type Item = &'a Report<F>;
    type IntoIter = slice::Iter<'a, Report<F>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_history_refuses_and_keeps_what_it_has() {
        let report = |step| Report { step, lr: 0.1_f32, loss: 0.5, prediction: 0.5 };
        let mut history = History::<f32, 2>::default();
        assert!(history.is_empty());
        assert_eq!(history.push(report(0)), Ok(()));
        assert_eq!(history.push(report(1)), Ok(()));
        assert_eq!(history.push(report(2)), Err(Error::TooMany("history")));
        assert!(history.iter().map(|report| report.step).eq(0..2));
        assert_eq!((&history).into_iter().count(), 2);
    }
}
