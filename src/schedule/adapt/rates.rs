use core::iter::FusedIterator;

use crate::schedule::Schedule;

/// The rates of a schedule in order of the steps; see [`Schedule::iter`].
///
/// ```
/// use microlr::{PolynomialDecay, Schedule, Rates};
/// let line = PolynomialDecay::new(0.5_f32, 4, 0.0);
/// let mut rates: Rates<'_, PolynomialDecay<f32>> = line.iter();
/// assert_eq!([rates.next(), rates.next()], [Some(0.5), Some(0.375)]);
/// assert_eq!([rates.nth(1), rates.next()], [Some(0.125), Some(0.0)]); // lr(3) and lr(4)
/// ```
#[derive(Debug)]
pub struct Rates<'a, S> {
    schedule: &'a S,
    /// The next step; 2^32 after the last one.
    step: u64,
}

/// The number of steps.
const END: u64 = 1 << 32;

impl<'a, S> Rates<'a, S> {
    pub(crate) const fn new(schedule: &'a S) -> Self {
        Self { schedule, step: 0 }
    }
}

// Not derived: a copy of the iterator needs no copy of the schedule.
impl<S> Clone for Rates<'_, S> {
    fn clone(&self) -> Self {
        Self { schedule: self.schedule, step: self.step }
    }
}

impl<S: Schedule> Iterator for Rates<'_, S> {
    type Item = S::Rate;

    #[inline]
    fn next(&mut self) -> Option<S::Rate> {
        let step = u32::try_from(self.step).ok()?;
        self.step = u64::from(step) + 1;
        Some(self.schedule.lr(step))
    }

    /// As fast as `next`: the steps between are not evaluated.
    fn nth(&mut self, n: usize) -> Option<S::Rate> {
        self.step = self.step.saturating_add(n as u64).min(END);
        self.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let exact = usize::try_from(END.saturating_sub(self.step)).ok();
        (exact.unwrap_or(usize::MAX), exact)
    }
}

impl<S: Schedule> FusedIterator for Rates<'_, S> {}

#[cfg(feature = "defmt")]
impl<S: defmt::Format> defmt::Format for Rates<'_, S> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Rates {{ schedule: {}, step: {} }}", self.schedule, self.step);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::from_fn;

    #[test]
    fn rates_end_after_the_last_one() {
        let schedule = from_fn(f64::from);
        let mut steps = schedule.iter();
        assert_eq!(steps.nth(u32::MAX as usize - 1), Some(f64::from(u32::MAX - 1)));
        assert_eq!(steps.size_hint(), (1, Some(1)));
        assert_eq!(steps.next(), Some(f64::from(u32::MAX)));
        assert_eq!(steps.size_hint(), (0, Some(0)));
        assert_eq!(steps.next(), None);
        assert_eq!(steps.next(), None);
        assert_eq!(schedule.iter().nth(usize::MAX), None);
    }

    #[test]
    fn rates_skip_without_evaluating() {
        let calls = core::cell::Cell::new(0);
        let schedule = from_fn(|step| {
            calls.set(calls.get() + 1);
            f64::from(step)
        });
        assert_eq!(schedule.iter().nth(4_000_000_000), Some(4e9));
        assert!(calls.get() <= 2, "{} calls", calls.get());
    }
}
