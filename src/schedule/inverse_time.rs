use crate::arithmetic::Fraction;
use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
use crate::float::Float;
use crate::schedule::progress::Progress;
use crate::schedule::{Schedule, valid};

/// Inverse time decay: the rate is inversely proportional to the elapsed time plus a constant.
///
/// ```text
/// lr(s) = initial_learning_rate / (1 + decay_rate · p)      p = s / decay_steps
///                                                           p = ⌊s / decay_steps⌋ with staircase()
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `initial_learning_rate` | rate | finite, ≥ 0 |
/// | `decay_steps` | steps | ≥ 1 |
/// | `decay_rate` | 1 per `decay_steps` | finite, ≥ 0; at 0 the rate is constant |
///
/// ```
/// use microlr::{InverseTimeDecay, Schedule};
///
/// static DECAY: InverseTimeDecay<f64> = InverseTimeDecay::new(0.5, 10, 1.0);
/// assert_eq!([DECAY.lr(0), DECAY.lr(10), DECAY.lr(30)], [0.5, 0.25, 0.125]);
///
/// static STAIRS: InverseTimeDecay<f64> = InverseTimeDecay::new(0.5, 10, 1.0).staircase();
/// assert_eq!([STAIRS.lr(9), STAIRS.lr(10), STAIRS.lr(29)], [0.5, 0.25, 0.5 / 3.0]);
/// ```
///
/// Source: Keras, `keras.optimizers.schedules.InverseTimeDecay`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InverseTimeDecay<F> {
    initial_learning_rate: F,
    decay_rate: F,
    progress: Progress,
}

impl<F: Float> InverseTimeDecay<F> {
    /// A smooth decay; the floating-point parameters are checked by [`Schedule::validate`].
    ///
    /// # Panics
    ///
    /// If `decay_steps` is 0, which in a `static` or `const` is a compile error:
    ///
    /// ```compile_fail,E0080
    /// # use microlr::InverseTimeDecay;
    /// static IMPOSSIBLE: InverseTimeDecay<f32> = InverseTimeDecay::new(0.1, 0, 0.5);
    /// ```
    ///
    /// Half the rate after 20 steps, a quarter of it after 60:
    ///
    /// ```
    /// use microlr::{InverseTimeDecay, Schedule};
    /// static DECAY: InverseTimeDecay<f32> = InverseTimeDecay::new(0.5, 10, 0.5);
    /// assert_eq!([DECAY.lr(0), DECAY.lr(20), DECAY.lr(60)], [0.5, 0.25, 0.125]);
    /// ```
    #[must_use]
    pub const fn new(initial_learning_rate: F, decay_steps: u32, decay_rate: F) -> Self {
        let decay_steps = error::expect_steps(decay_steps, "decay_steps must be above 0");
        let progress = Progress { decay_steps, staircase: false };
        Self { initial_learning_rate, decay_rate, progress }
    }

    /// Checks values that arrive at run time, and returns an error instead of panicking.
    ///
    /// # Errors
    ///
    /// A parameter is invalid.
    ///
    /// ```
    /// use microlr::{Error, InverseTimeDecay};
    /// assert!(InverseTimeDecay::try_new(0.1, 5, 0.0).is_ok());
    /// assert_eq!(InverseTimeDecay::try_new(0.1, 5, -1e-9), Err(Error::Negative("decay_rate")));
    /// ```
    pub fn try_new(
        initial_learning_rate: F,
        decay_steps: u32,
        decay_rate: F,
    ) -> Result<Self, Error> {
        error::steps("decay_steps", decay_steps)?;
        valid(Self::new(initial_learning_rate, decay_steps, decay_rate))
    }

    /// Decays in jumps, one at every multiple of `decay_steps`.
    ///
    /// ```
    /// use microlr::{InverseTimeDecay, Schedule};
    /// let stairs = InverseTimeDecay::new(0.5_f32, 10, 3.0).staircase();
    /// assert_eq!([stairs.lr(0), stairs.lr(9)], [0.5, 0.5]);
    /// assert_eq!([stairs.lr(10), stairs.lr(19), stairs.lr(50)], [0.125, 0.125, 0.03125]);
    /// ```
    #[must_use]
    pub const fn staircase(mut self) -> Self {
        self.progress.staircase = true;
        self
    }
}

impl<F: Float> Schedule for InverseTimeDecay<F> {
    type Rate = F;

    #[inline(always)]
    fn lr(&self, step: u32) -> F {
        let Fraction { numerator, denominator } = self.progress.at(step);
        let per_step = Fraction { numerator: 1, denominator };
        let per_step = self.decay_rate.widen() * F::fraction(per_step);
        let growth = per_step * F::fraction(Fraction { numerator, denominator: 1 });
        F::narrow(self.initial_learning_rate.widen() / (F::ONE.widen() + growth))
    }

    fn validate(&self) -> Result<(), Error> {
        error::non_negative("initial_learning_rate", self.initial_learning_rate)?;
        error::non_negative("decay_rate", self.decay_rate)
    }
}

#[cfg(feature = "serde")]
impl<F: Float> Class for InverseTimeDecay<F> {
    const NAMES: &'static [&'static str] = &["InverseTimeDecay"];

    fn read(from: &mut impl Source) -> Result<Self, Refused> {
        let rate = from.get("initial_learning_rate")?;
        let mut decay = Self::try_new(rate, from.get("decay_steps")?, from.get("decay_rate")?)?;
        decay.progress.staircase = from.get_or("staircase", false)?;
        Ok(decay)
    }

    fn write<S: Sink>(&self, to: &mut S) -> Result<(), S::Error> {
        to.put("initial_learning_rate", &self.initial_learning_rate)?;
        to.put("decay_steps", &self.progress.decay_steps)?;
        to.put("decay_rate", &self.decay_rate)?;
        to.put("staircase", &self.progress.staircase)
    }
}

#[cfg(feature = "serde")]
exchanged!([F: Float] InverseTimeDecay<F>, 0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_steps_and_extreme_rates_stay_finite() {
        let last = InverseTimeDecay::new(1.0_f32, u32::MAX, 1.0);
        assert_eq!([last.lr(0), last.lr(u32::MAX)], [1.0, 0.5]);
        assert_eq!(InverseTimeDecay::new(1.0_f32, 1, f32::MAX).lr(u32::MAX), 0.0);
        assert_eq!(InverseTimeDecay::new(0.3_f32, 1, 0.0).lr(u32::MAX), 0.3);
        assert_eq!(InverseTimeDecay::new(f32::MAX, 1, 1.0).lr(1), f32::MAX / 2.0);
    }

    #[test]
    fn validate_names_the_parameter() {
        let negative = InverseTimeDecay::new(-0.1_f32, 5, 0.95);
        assert_eq!(negative.validate(), Err(Error::Negative("initial_learning_rate")));
        let nan = InverseTimeDecay::new(0.1, 5, f64::NAN).staircase();
        assert_eq!(nan.validate(), Err(Error::NotFinite("decay_rate")));
        let zero = InverseTimeDecay::try_new(0.1_f32, 0, 0.5);
        assert_eq!(zero, Err(Error::NotPositive("decay_steps")));
    }
}
