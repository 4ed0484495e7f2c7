use core::num::NonZeroU32;

use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
#[cfg(feature = "serde")]
use crate::schedule::Inner;
use crate::schedule::{Schedule, valid};

/// The first steps of a schedule, forwards and backwards by turns: a triangle wave of time.
///
/// ```text
/// lr(s) = schedule(t)               for t <= period
/// lr(s) = schedule(2·period - t)    for t > period
///
/// t = s mod (2·period)
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `period` | steps each way | ≥ 1 |
///
/// ```
/// use microlr::{Bounced, PolynomialDecay, Schedule};
/// let wave: Bounced<PolynomialDecay<f32>> = PolynomialDecay::new(0.5, 2, 0.0).bounced(2);
/// assert_eq!([0, 1, 2, 3, 4, 5].map(|step| wave.lr(step)), [0.5, 0.25, 0.0, 0.25, 0.5, 0.25]);
/// ```
///
/// Equivalents: PyTorch's `CosineAnnealingLR`, which rises again after `T_max`, with a cosine;
/// `CyclicLR` with a line.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Bounced<S> {
    schedule: S,
    period: NonZeroU32,
}

impl<S> Bounced<S> {
    /// `schedule` up to step `period`, then back to its first rate, and so on.
    ///
    /// # Panics
    ///
    /// If `period` is 0, which in a `static` or `const` is a compile error:
    ///
    /// ```compile_fail,E0080
    /// # use microlr::Bounced;
    /// static IMPOSSIBLE: Bounced<f32> = Bounced::new(0.1, 0);
    /// ```
    ///
    /// ```
    /// use microlr::{Bounced, CosineDecay, Schedule};
    /// static WAVE: Bounced<CosineDecay<f64>> = Bounced::new(CosineDecay::new(0.5, 100), 100);
    /// assert_eq!([WAVE.lr(0), WAVE.lr(50), WAVE.lr(100)], [0.5, 0.25, 0.0]);
    /// assert_eq!([WAVE.lr(101), WAVE.lr(150), WAVE.lr(200)], [WAVE.lr(99), 0.25, 0.5]);
    /// ```
    #[must_use]
    pub const fn new(schedule: S, period: u32) -> Self {
        Self { schedule, period: error::expect_steps(period, "period must be above 0") }
    }
}

impl<S: Schedule> Bounced<S> {
    /// Checks values that arrive at run time, and returns an error instead of panicking.
    ///
    /// # Errors
    ///
    /// `period` is 0, or the schedule is invalid.
    ///
    /// ```
    /// use microlr::{Bounced, Error};
    /// assert!(Bounced::try_new(0.1, 1).is_ok());
    /// assert_eq!(Bounced::try_new(0.1, 0), Err(Error::NotPositive("period")));
    /// ```
    pub fn try_new(schedule: S, period: u32) -> Result<Self, Error> {
        error::steps("period", period)?;
        valid(Self::new(schedule, period))
    }
}

impl<S: Schedule> Schedule for Bounced<S> {
    type Rate = S::Rate;

    #[inline(always)]
    fn lr(&self, step: u32) -> S::Rate {
        // 2·period may not fit, so the way back is an odd number of periods.
        let elapsed = step % self.period;
        let backwards = step / self.period % 2 == 1;
        self.schedule.lr(if backwards { self.period.get() - elapsed } else { elapsed })
    }

    fn validate(&self) -> Result<(), Error> {
        self.schedule.validate()
    }
}

#[cfg(feature = "serde")]
impl<S: Inner> Class<S> for Bounced<S> {
    const NAMES: &'static [&'static str] = &["Bounced"];
    const INNER: &'static [&'static str] = &["schedule"];

    fn read(from: &mut impl Source<S>) -> Result<Self, Refused> {
        Ok(Self::try_new(from.first()?, from.get("period")?)?)
    }

    fn write<T: Sink>(&self, to: &mut T) -> Result<(), T::Error> {
        to.put("schedule", &self.schedule)?;
        to.put("period", &self.period)
    }
}

#[cfg(feature = "serde")]
exchanged!([S: Inner] Bounced<S>, 0);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::from_fn;

    #[test]
    fn a_period_may_be_as_long_as_time() {
        let steps = |period| from_fn(f64::from).bounced(period);
        let last = f64::from(u32::MAX);
        assert_eq!([steps(u32::MAX).lr(u32::MAX), steps(u32::MAX).lr(1)], [last, 1.0]);
        assert_eq!(steps(u32::MAX - 1).lr(u32::MAX), last - 2.0);
        assert_eq!(steps(1 << 31).lr(u32::MAX), 1.0);
        assert!(steps(1).iter().take(5).eq([0.0, 1.0, 0.0, 1.0, 0.0]));
    }
}
