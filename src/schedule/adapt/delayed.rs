use crate::error::Error;
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
#[cfg(feature = "serde")]
use crate::schedule::Inner;
use crate::schedule::Schedule;

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
    schedule: S,
    steps: u32,
}

impl<S> Delayed<S> {
    /// `schedule`, delayed by `steps`; until then the rate is its first one.
    ///
    /// ```
    /// use microlr::{Delayed, PolynomialDecay, Schedule};
    /// static LATE: Delayed<PolynomialDecay<f32>> =
    ///     Delayed::new(PolynomialDecay::new(0.5, 4, 0.0), 10);
    /// assert_eq!([LATE.lr(0), LATE.lr(10), LATE.lr(11), LATE.lr(14)], [0.5, 0.5, 0.375, 0.0]);
    /// ```
    #[must_use]
    pub const fn new(schedule: S, steps: u32) -> Self {
        Self { schedule, steps }
    }
}

impl<S: Schedule> Schedule for Delayed<S> {
    type Rate = S::Rate;

    #[inline(always)]
    fn lr(&self, step: u32) -> S::Rate {
        self.schedule.lr(step.saturating_sub(self.steps))
    }

    fn validate(&self) -> Result<(), Error> {
        self.schedule.validate()
    }
}

#[cfg(feature = "serde")]
impl<S: Inner> Class<S> for Delayed<S> {
    const NAMES: &'static [&'static str] = &["Delayed"];
    const INNER: &'static [&'static str] = &["schedule"];

    fn read(from: &mut impl Source<S>) -> Result<Self, Refused> {
        Ok(Self::new(from.first()?, from.get("steps")?))
    }

    fn write<T: Sink>(&self, to: &mut T) -> Result<(), T::Error> {
        to.put("schedule", &self.schedule)?;
        to.put("steps", &self.steps)
    }
}

#[cfg(feature = "serde")]
exchanged!([S: Inner] Delayed<S>, 0);
