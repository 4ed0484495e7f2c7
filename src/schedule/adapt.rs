//! Schedules made of schedules, and the iterator over one.

use core::iter::FusedIterator;

use crate::double::Double;
use crate::error::{self, Error};
use crate::float::Float;
use crate::schedule::Schedule;

/// One schedule, then another; see [`Schedule::then`].
///
/// ```
/// use microlr::{CosineDecay, Schedule, Then};
/// let schedule: Then<f32, CosineDecay<f32>> = 0.25.then(10, CosineDecay::new(0.5, 100));
/// assert_eq!([schedule.lr(9), schedule.lr(10), schedule.lr(110)], [0.25, 0.5, 0.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Then<First, Next> {
    pub(super) first: First,
    pub(super) at: u32,
    pub(super) next: Next,
}

impl<First, Next> Schedule for Then<First, Next>
where
    First: Schedule,
    Next: Schedule<Rate = First::Rate>,
{
    type Rate = First::Rate;

    fn lr(&self, step: u32) -> Self::Rate {
        match step.checked_sub(self.at) {
            None => self.first.lr(step),
            Some(step) => self.next.lr(step),
        }
    }

    fn unrounded(&self, step: u32) -> Double<Self::Rate> {
        match step.checked_sub(self.at) {
            None => self.first.unrounded(step),
            Some(step) => self.next.unrounded(step),
        }
    }

    fn validate(&self) -> Result<(), Error> {
        self.first.validate()?;
        self.next.validate()
    }
}

/// A schedule times a constant; see [`Schedule::scaled`].
///
/// ```
/// use microlr::{CosineDecay, Error, Scaled, Schedule};
/// let half: Scaled<CosineDecay<f64>, f64> = CosineDecay::new(0.5, 100).scaled(0.5);
/// assert_eq!([half.lr(0), half.lr(50), half.lr(100)], [0.25, 0.125, 0.0]);
/// assert_eq!(half.scaled(-1.0).validate(), Err(Error::Negative("factor")));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Scaled<S, F> {
    pub(super) schedule: S,
    pub(super) factor: F,
}

impl<F: Float, S: Schedule<Rate = F>> Schedule for Scaled<S, F> {
    type Rate = F;

    fn lr(&self, step: u32) -> F {
        self.unrounded(step).hi
    }

    fn unrounded(&self, step: u32) -> Double<F> {
        self.schedule.unrounded(step).times(self.factor)
    }

    fn validate(&self) -> Result<(), Error> {
        error::non_negative("factor", self.factor)?;
        self.schedule.validate()
    }
}

/// A schedule that starts later; see [`Schedule::delayed`].
///
/// ```
/// use microlr::{Delayed, PolynomialDecay, Schedule};
/// let late: Delayed<PolynomialDecay<f32>> = PolynomialDecay::new(0.5, 4, 0.0).delayed(10);
/// assert_eq!([late.lr(0), late.lr(10), late.lr(11), late.lr(14)], [0.5, 0.5, 0.375, 0.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Delayed<S> {
    pub(super) schedule: S,
    pub(super) steps: u32,
}

impl<S: Schedule> Schedule for Delayed<S> {
    type Rate = S::Rate;

    fn lr(&self, step: u32) -> S::Rate {
        self.schedule.lr(step.saturating_sub(self.steps))
    }

    fn unrounded(&self, step: u32) -> Double<S::Rate> {
        self.schedule.unrounded(step.saturating_sub(self.steps))
    }

    fn validate(&self) -> Result<(), Error> {
        self.schedule.validate()
    }
}

/// The rates of a schedule in order of the steps; see [`Schedule::iter`].
///
/// ```
/// use microlr::{PolynomialDecay, Schedule, Steps};
/// let line = PolynomialDecay::new(0.5_f32, 4, 0.0);
/// let mut rates: Steps<'_, PolynomialDecay<f32>> = line.iter();
/// assert_eq!([rates.next(), rates.next()], [Some(0.5), Some(0.375)]);
/// assert_eq!([rates.nth(1), rates.next()], [Some(0.125), Some(0.0)]); // lr(3) and lr(4)
/// ```
#[derive(Debug)]
pub struct Steps<'a, S> {
    schedule: &'a S,
    /// The next step; 2^32 after the last one.
    step: u64,
}

/// The number of steps.
const END: u64 = 1 << 32;

impl<'a, S> Steps<'a, S> {
    pub(super) const fn new(schedule: &'a S) -> Self {
        Self { schedule, step: 0 }
    }
}

// Not derived: a copy of the iterator needs no copy of the schedule.
impl<S> Clone for Steps<'_, S> {
    fn clone(&self) -> Self {
        Self { schedule: self.schedule, step: self.step }
    }
}

impl<S: Schedule> Iterator for Steps<'_, S> {
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

impl<S: Schedule> FusedIterator for Steps<'_, S> {}

#[cfg(feature = "defmt")]
impl<S: defmt::Format> defmt::Format for Steps<'_, S> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Steps {{ schedule: {}, step: {} }}", self.schedule, self.step);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::{ExponentialDecay, PolynomialDecay, from_fn};

    /// The exact products to 200 bits, rounded; of rates that are rounded first, the first two would be 2.1 units off.
    #[test]
    fn a_scaled_rate_is_rounded_once() {
        let rise = ExponentialDecay::new(0.999_999_94_f32, 476_543_542, 1.124_392_7);
        let scaled = f64::from(rise.scaled(0.006_748_379).lr(140_156_401));
        assert!((scaled / 0.006_985_137_758_458_166 - 1.0).abs() < 0.75 * f64::from(f32::EPSILON));
        let stairs = ExponentialDecay::new(0.999_999_999_999_999_9_f64, 500, 1.000_000_000_000_365)
            .staircase();
        let factor = 1.265_921_626_653_956_9e306;
        let scaled = (&stairs as &dyn Schedule<Rate = f64>).scaled(factor).lr(3_580_875_379);
        assert!((scaled / 1.265_924_936_201_180_5e306 - 1.0).abs() < 0.75 * f64::EPSILON);
        // A rate that is the bound, rounded, is not above it.
        let fall = PolynomialDecay::new(1.000_000_4_f32, 4_294_967_293, 0.0).power(0.499_999_9);
        let scaled = fall.scaled(0.908_158_8);
        assert!(scaled.lr(204) <= scaled.lr(0));
        // A product of two numbers is theirs.
        assert_eq!(0.1_f32.scaled(0.3).lr(0), 0.1 * 0.3);
        assert_eq!(f32::MIN_POSITIVE.scaled(0.7).scaled(2.0).lr(0), f32::MIN_POSITIVE * 0.7 * 2.0);
        assert_eq!(f32::INFINITY.scaled(0.5).lr(0), f32::INFINITY);
    }

    #[test]
    fn steps_end_after_the_last_one() {
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
    fn steps_skip_without_evaluating() {
        let calls = core::cell::Cell::new(0);
        let schedule = from_fn(|step| {
            calls.set(calls.get() + 1);
            f64::from(step)
        });
        assert_eq!(schedule.iter().nth(4_000_000_000), Some(4e9));
        assert!(calls.get() <= 2, "{} calls", calls.get());
    }
}
