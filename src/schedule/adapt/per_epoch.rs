use core::num::NonZeroU32;

use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
#[cfg(feature = "serde")]
use crate::schedule::Inner;
use crate::schedule::{Schedule, valid};

/// A schedule that counts epochs, each of a number of batches.
///
/// ```text
/// lr(s) = schedule(⌊s / batches⌋)
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `batches` | updates per epoch | ≥ 1 |
///
/// ```
/// use microlr::{ExponentialDecay, PerEpoch, Schedule};
/// let halving: PerEpoch<ExponentialDecay<f32>> = ExponentialDecay::new(1.0, 1, 0.5).per_epoch(57);
/// assert_eq!([halving.lr(0), halving.lr(56), halving.lr(57)], [1.0, 1.0, 0.5]);
/// assert_eq!([halving.lr(113), halving.lr(114)], [0.5, 0.25]);
/// ```
///
/// Equivalents: Keras' `LearningRateScheduler`, a PyTorch scheduler whose `step()` is called once
/// per epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PerEpoch<S> {
    schedule: S,
    batches: NonZeroU32,
}

impl<S> PerEpoch<S> {
    /// `schedule` with the epoch as its step.
    ///
    /// # Panics
    ///
    /// If `batches` is 0, which in a `static` or `const` is a compile error:
    ///
    /// ```compile_fail,E0080
    /// # use microlr::PerEpoch;
    /// static IMPOSSIBLE: PerEpoch<f32> = PerEpoch::new(0.1, 0);
    /// ```
    ///
    /// ```
    /// use microlr::{CosineDecay, PerEpoch, Schedule};
    /// static DECAY: PerEpoch<CosineDecay<f64>> = PerEpoch::new(CosineDecay::new(0.5, 2), 57);
    /// assert_eq!([DECAY.lr(0), DECAY.lr(56), DECAY.lr(57)], [0.5, 0.5, 0.25]);
    /// assert_eq!([DECAY.lr(113), DECAY.lr(114)], [0.25, 0.0]);
    /// ```
    #[must_use]
    pub const fn new(schedule: S, batches: u32) -> Self {
        Self { schedule, batches: error::expect_steps(batches, "batches must be above 0") }
    }
}

impl<S: Schedule> PerEpoch<S> {
    /// Checks values that arrive at run time, and returns an error instead of panicking.
    ///
    /// # Errors
    ///
    /// `batches` is 0, or the schedule is invalid.
    ///
    /// ```
    /// use microlr::{Error, PerEpoch};
    /// assert!(PerEpoch::try_new(0.1, 1).is_ok());
    /// assert_eq!(PerEpoch::try_new(0.1, 0), Err(Error::NotPositive("batches")));
    /// ```
    pub fn try_new(schedule: S, batches: u32) -> Result<Self, Error> {
        error::steps("batches", batches)?;
        valid(Self::new(schedule, batches))
    }
}

impl<S: Schedule> Schedule for PerEpoch<S> {
    type Rate = S::Rate;

    #[inline(always)]
    fn lr(&self, step: u32) -> S::Rate {
        self.schedule.lr(step / self.batches)
    }

    fn validate(&self) -> Result<(), Error> {
        self.schedule.validate()
    }
}

#[cfg(feature = "serde")]
impl<S: Inner> Class<S> for PerEpoch<S> {
    const NAMES: &'static [&'static str] = &["PerEpoch"];
    const INNER: &'static [&'static str] = &["schedule"];

    fn read(from: &mut impl Source<S>) -> Result<Self, Refused> {
        Ok(Self::try_new(from.first()?, from.get("batches")?)?)
    }

    fn write<T: Sink>(&self, to: &mut T) -> Result<(), T::Error> {
        to.put("schedule", &self.schedule)?;
        to.put("batches", &self.batches)
    }
}

#[cfg(feature = "serde")]
exchanged!([S: Inner] PerEpoch<S>, 0);
