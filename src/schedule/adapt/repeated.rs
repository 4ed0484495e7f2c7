use core::num::NonZeroU32;

use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
#[cfg(feature = "serde")]
use crate::schedule::Inner;
use crate::schedule::{Schedule, valid};

/// The first steps of a schedule, again and again.
///
/// ```text
/// lr(s) = schedule(s mod period)
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `period` | steps | ≥ 1 |
///
/// The rate of step `period` is the first one: a decay restarts before it reaches its end, if that
/// is at step `period`.
///
/// ```
/// use microlr::{PolynomialDecay, Repeated, Schedule};
/// let saw: Repeated<PolynomialDecay<f32>> = PolynomialDecay::new(0.5, 4, 0.0).repeated(4);
/// assert_eq!([0, 3, 4, 5, 7, 8].map(|step| saw.lr(step)), [0.5, 0.125, 0.5, 0.375, 0.125, 0.5]);
/// ```
///
/// Equivalents, with a cosine: PyTorch's `CosineAnnealingWarmRestarts` with `T_mult=1`, timm's
/// `cycle_limit` with `cycle_mul=1`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Repeated<S> {
    schedule: S,
    period: NonZeroU32,
}

impl<S> Repeated<S> {
    /// The first `period` steps of `schedule`, again and again.
    ///
    /// # Panics
    ///
    /// If `period` is 0, which in a `static` or `const` is a compile error:
    ///
    /// ```compile_fail,E0080
    /// # use microlr::Repeated;
    /// static IMPOSSIBLE: Repeated<f32> = Repeated::new(0.1, 0);
    /// ```
    ///
    /// ```
    /// use microlr::{PolynomialDecay, Repeated, Schedule};
    /// // The period includes the end.
    /// static SAW: Repeated<PolynomialDecay<f32>> =
    ///     Repeated::new(PolynomialDecay::new(0.5, 4, 0.0), 5);
    /// assert_eq!([0, 3, 4, 5, 9, 10].map(|step| SAW.lr(step)), [0.5, 0.125, 0.0, 0.5, 0.0, 0.5]);
    /// ```
    #[must_use]
    pub const fn new(schedule: S, period: u32) -> Self {
        Self { schedule, period: error::expect_steps(period, "period must be above 0") }
    }
}

impl<S: Schedule> Repeated<S> {
    /// Checks values that arrive at run time, and returns an error instead of panicking.
    ///
    /// # Errors
    ///
    /// `period` is 0, or the schedule is invalid.
    ///
    /// ```
    /// use microlr::{Error, Repeated};
    /// assert!(Repeated::try_new(0.1, 1).is_ok());
    /// assert_eq!(Repeated::try_new(0.1, 0), Err(Error::NotPositive("period")));
    /// ```
    pub fn try_new(schedule: S, period: u32) -> Result<Self, Error> {
        error::steps("period", period)?;
        valid(Self::new(schedule, period))
    }
}

impl<S: Schedule> Schedule for Repeated<S> {
    type Rate = S::Rate;

    #[inline(always)]
    fn lr(&self, step: u32) -> S::Rate {
        self.schedule.lr(step % self.period)
    }

    fn validate(&self) -> Result<(), Error> {
        self.schedule.validate()
    }
}

#[cfg(feature = "serde")]
impl<S: Inner> Class<S> for Repeated<S> {
    const NAMES: &'static [&'static str] = &["Repeated"];
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
exchanged!([S: Inner] Repeated<S>, 0);
