use core::num::NonZeroU32;

use crate::arithmetic::{Fraction, lerp};
use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
use crate::float::Float;
use crate::schedule::{Schedule, valid};

/// Inverse power decay: the rate falls with a power of the elapsed time.
///
/// ```text
/// lr(s) = initial_learning_rate · (1 + s/decay_steps)^-power
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `initial_learning_rate` | rate | finite, ≥ 0 |
/// | `decay_steps` | steps | ≥ 1 |
/// | `power` | | finite, > 0 |
///
/// With a power of 0.5 it is the inverse square root. [`InverseTimeDecay`](crate::InverseTimeDecay)
/// has a power of 1, and a factor for the elapsed time.
///
/// ```
/// use microlr::{InversePowerDecay, Schedule};
///
/// static ROOT: InversePowerDecay<f32> = InversePowerDecay::new(0.5, 100, 0.5);
/// assert_eq!([ROOT.lr(0), ROOT.lr(300), ROOT.lr(1500)], [0.5, 0.25, 0.125]);
/// assert!(ROOT.lr(1) < 0.5 && ROOT.lr(299) > 0.25);
/// static FOURTH: InversePowerDecay<f32> = InversePowerDecay::new(0.5, 1, 4.0);
/// assert_eq!([FOURTH.lr(0), FOURTH.lr(1), FOURTH.lr(3)], [0.5, 0.03125, 0.001953125]);
/// ```
///
/// Source: transformers, `get_inverse_sqrt_schedule`, after its warm-up; Vaswani et al., "Attention
/// Is All You Need", 2017 (Noam), after its warm-up; scikit-learn, `learning_rate="invscaling"`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InversePowerDecay<F> {
    initial_learning_rate: F,
    decay_steps: NonZeroU32,
    power: F,
}

impl<F: Float> InversePowerDecay<F> {
    /// The decay; the floating-point parameters are checked by [`Schedule::validate`].
    ///
    /// # Panics
    ///
    /// If `decay_steps` is 0, which in a `static` or `const` is a compile error:
    ///
    /// ```compile_fail,E0080
    /// # use microlr::InversePowerDecay;
    /// static IMPOSSIBLE: InversePowerDecay<f32> = InversePowerDecay::new(0.1, 0, 0.5);
    /// ```
    ///
    /// scikit-learn's `invscaling` with `eta0=0.5, power_t=0.25`, which counts from 1:
    ///
    /// ```
    /// use microlr::{InversePowerDecay, Schedule};
    /// static INVSCALING: InversePowerDecay<f32> = InversePowerDecay::new(0.5, 1, 0.25);
    /// assert_eq!([INVSCALING.lr(0), INVSCALING.lr(15)], [0.5, 0.25]);
    /// assert!(INVSCALING.lr(1) < 0.5 && INVSCALING.lr(14) > 0.25);
    /// ```
    #[must_use]
    pub const fn new(initial_learning_rate: F, decay_steps: u32, power: F) -> Self {
        let decay_steps = error::expect_steps(decay_steps, "decay_steps must be above 0");
        Self { initial_learning_rate, decay_steps, power }
    }

    /// Checks values that arrive at run time, and returns an error instead of panicking.
    ///
    /// # Errors
    ///
    /// A parameter is invalid.
    ///
    /// ```
    /// use microlr::{Error, InversePowerDecay};
    /// assert!(InversePowerDecay::try_new(0.1, 1, 0.5).is_ok());
    /// assert_eq!(InversePowerDecay::try_new(0.1, 0, 0.5), Err(Error::NotPositive("decay_steps")));
    /// assert_eq!(InversePowerDecay::try_new(0.1, 1, 0.0), Err(Error::NotPositive("power")));
    /// ```
    pub fn try_new(initial_learning_rate: F, decay_steps: u32, power: F) -> Result<Self, Error> {
        error::steps("decay_steps", decay_steps)?;
        valid(Self::new(initial_learning_rate, decay_steps, power))
    }
}

impl<F: Float> Schedule for InversePowerDecay<F> {
    type Rate = F;

    #[inline(always)]
    fn lr(&self, step: u32) -> F {
        if step == 0 {
            return self.initial_learning_rate;
        }
        // The power of the inverse, which is below 1.
        let (numerator, elapsed) = (u64::from(self.decay_steps.get()), u64::from(step));
        let inverse = Fraction { numerator, denominator: numerator + elapsed };
        lerp(F::ZERO, self.initial_learning_rate, F::power_of(inverse, self.power, false))
    }

    fn validate(&self) -> Result<(), Error> {
        error::non_negative("initial_learning_rate", self.initial_learning_rate)?;
        error::positive("power", self.power)
    }
}

#[cfg(feature = "serde")]
impl<F: Float> Class for InversePowerDecay<F> {
    const NAMES: &'static [&'static str] = &["InversePowerDecay"];

    fn read(from: &mut impl Source) -> Result<Self, Refused> {
        let rate = from.get("initial_learning_rate")?;
        Ok(Self::try_new(rate, from.get("decay_steps")?, from.get("power")?)?)
    }

    fn write<S: Sink>(&self, to: &mut S) -> Result<(), S::Error> {
        to.put("initial_learning_rate", &self.initial_learning_rate)?;
        to.put("decay_steps", &self.decay_steps)?;
        to.put("power", &self.power)
    }
}

#[cfg(feature = "serde")]
exchanged!([F: Float] InversePowerDecay<F>, 0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_two_are_exact() {
        let root = InversePowerDecay::new(0.1_f64, 1000, 0.5);
        assert_eq!([root.lr(0), root.lr(3000), root.lr(15_000)], [0.1, 0.05, 0.025]);
        let longest = InversePowerDecay::new(1.0_f32, u32::MAX, 1.0);
        assert_eq!([longest.lr(0), longest.lr(u32::MAX)], [1.0, 0.5]);
        let steep = InversePowerDecay::new(1.0_f32, 1, f32::MAX);
        assert_eq!([steep.lr(0), steep.lr(1), steep.lr(u32::MAX)], [1.0, 0.0, 0.0]);
    }

    #[test]
    fn validate_names_the_parameter() {
        let negative = InversePowerDecay::new(-0.1_f32, 5, 0.5);
        assert_eq!(negative.validate(), Err(Error::Negative("initial_learning_rate")));
        let nan = InversePowerDecay::new(0.1, 5, f64::NAN);
        assert_eq!(nan.validate(), Err(Error::NotFinite("power")));
        assert!(nan.lr(1).is_nan());
    }
}
