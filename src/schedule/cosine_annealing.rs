use core::num::NonZeroU32;

use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
use crate::float::Float;
use crate::schedule::curve::Curve;
use crate::schedule::{Schedule, valid};

/// Half a period of a cosine from one rate to another, up or down.
///
/// ```text
/// lr(s) = to + (from - to) · ½(1 + cos(π·t/steps))      t = min(s, steps)
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `from` | rate | finite, ≥ 0 |
/// | `to` | rate | finite, ≥ 0 |
/// | `steps` | steps | ≥ 1 |
///
/// The end is a rate, where [`CosineDecay::alpha`](crate::CosineDecay::alpha) is a fraction of the
/// peak. PyTorch's `CosineAnnealingLR` rises again after the end; [`Schedule::bounced`] does that.
///
/// ```
/// use microlr::{CosineAnnealing, Schedule};
///
/// static DOWN: CosineAnnealing<f64> = CosineAnnealing::new(0.5, 0.25, 100);
/// assert_eq!([DOWN.lr(0), DOWN.lr(50), DOWN.lr(100), DOWN.lr(101)], [0.5, 0.375, 0.25, 0.25]);
/// assert!(DOWN.lr(1) < 0.5 && DOWN.lr(99) > 0.25);
/// static UP: CosineAnnealing<f64> = CosineAnnealing::new(0.25, 0.5, 100);
/// assert_eq!([UP.lr(0), UP.lr(50), UP.lr(100), UP.lr(101)], [0.25, 0.375, 0.5, 0.5]);
/// ```
///
/// Source: PyTorch, `CosineAnnealingLR(T_max, eta_min)`; Loshchilov and Hutter, "SGDR: Stochastic
/// Gradient Descent with Warm Restarts", 2016.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CosineAnnealing<F> {
    from: F,
    to: F,
    steps: NonZeroU32,
}

impl<F: Float> CosineAnnealing<F> {
    /// The cosine; the rates are checked by [`Schedule::validate`].
    ///
    /// # Panics
    ///
    /// If `steps` is 0, which in a `static` or `const` is a compile error:
    ///
    /// ```compile_fail,E0080
    /// # use microlr::CosineAnnealing;
    /// static IMPOSSIBLE: CosineAnnealing<f32> = CosineAnnealing::new(0.1, 0.0, 0);
    /// ```
    ///
    /// ```
    /// use microlr::{CosineAnnealing, Schedule};
    /// static ONE_STEP: CosineAnnealing<f32> = CosineAnnealing::new(0.1, 0.2, 1);
    /// assert_eq!([ONE_STEP.lr(0), ONE_STEP.lr(1), ONE_STEP.lr(2)], [0.1, 0.2, 0.2]);
    /// ```
    #[must_use]
    pub const fn new(from: F, to: F, steps: u32) -> Self {
        Self { from, to, steps: error::expect_steps(steps, "steps must be above 0") }
    }

    /// Checks values that arrive at run time, and returns an error instead of panicking.
    ///
    /// # Errors
    ///
    /// A parameter is invalid.
    ///
    /// ```
    /// use microlr::{CosineAnnealing, Error};
    /// assert!(CosineAnnealing::try_new(0.1, 0.0, 1).is_ok());
    /// assert_eq!(CosineAnnealing::try_new(0.1, 0.0, 0), Err(Error::NotPositive("steps")));
    /// assert_eq!(CosineAnnealing::try_new(0.1, -0.1, 1), Err(Error::Negative("to")));
    /// ```
    pub fn try_new(from: F, to: F, steps: u32) -> Result<Self, Error> {
        error::steps("steps", steps)?;
        valid(Self::new(from, to, steps))
    }
}

impl<F: Float> Schedule for CosineAnnealing<F> {
    type Rate = F;

    #[inline(always)]
    fn lr(&self, step: u32) -> F {
        Curve::Cosine.between(self.from, self.to, step, self.steps.get())
    }

    fn validate(&self) -> Result<(), Error> {
        error::non_negative("from", self.from)?;
        error::non_negative("to", self.to)
    }
}

#[cfg(feature = "serde")]
impl<F: Float> Class for CosineAnnealing<F> {
    const NAMES: &'static [&'static str] = &["CosineAnnealing"];

    fn read(from: &mut impl Source) -> Result<Self, Refused> {
        Ok(Self::try_new(from.get("from")?, from.get("to")?, from.get("steps")?)?)
    }

    fn write<S: Sink>(&self, to: &mut S) -> Result<(), S::Error> {
        to.put("from", &self.from)?;
        to.put("to", &self.to)?;
        to.put("steps", &self.steps)
    }
}

#[cfg(feature = "serde")]
exchanged!([F: Float] CosineAnnealing<F>, 0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_exact_and_accurate_beside_them() {
        let cosine = CosineAnnealing::new(0.88_f64, 0.2, 10);
        assert_eq!([cosine.lr(0), cosine.lr(10), cosine.lr(u32::MAX)], [0.88, 0.2, 0.2]);
        // One step beside the end: sin²(π/2d), where the textbook form cancels.
        let steps = 100_000;
        let exact = (core::f64::consts::FRAC_PI_2 / f64::from(steps)).sin().powi(2);
        let falling = CosineAnnealing::new(1.0_f32, 0.0, steps).lr(steps - 1);
        let rising = CosineAnnealing::new(0.0_f32, 1.0, steps).lr(1);
        for lr in [falling, rising] {
            assert!((f64::from(lr) / exact - 1.0).abs() < f64::from(f32::EPSILON), "{lr:e}");
        }
    }

    #[test]
    fn validate_names_the_parameter() {
        let nan = CosineAnnealing::new(f32::NAN, 0.1, 1);
        assert_eq!(nan.validate(), Err(Error::NotFinite("from")));
        let negative = CosineAnnealing::new(0.1_f32, -0.1, 1);
        assert_eq!(negative.validate(), Err(Error::Negative("to")));
    }
}
