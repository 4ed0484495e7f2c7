use core::num::NonZeroU32;

use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
use crate::float::Float;
use crate::schedule::curve::Curve;
use crate::schedule::{Schedule, valid};

/// A straight line from one rate to another, up or down.
///
/// ```text
/// lr(s) = from + (to - from) · t/steps      t = min(s, steps)
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `from` | rate | finite, ≥ 0 |
/// | `to` | rate | finite, ≥ 0 |
/// | `steps` | steps | ≥ 1 |
///
/// ```
/// use microlr::{Linear, Schedule};
///
/// static DOWN: Linear<f32> = Linear::new(0.5, 0.25, 4);
/// assert_eq!([DOWN.lr(0), DOWN.lr(3), DOWN.lr(4), DOWN.lr(5)], [0.5, 0.3125, 0.25, 0.25]);
/// static UP: Linear<f32> = Linear::new(0.25, 0.5, 4);
/// assert_eq!([UP.lr(0), UP.lr(3), UP.lr(4), UP.lr(5)], [0.25, 0.4375, 0.5, 0.5]);
/// ```
///
/// Source: Optax, `linear_schedule`; PyTorch, `LinearLR`, with factors instead of rates.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Linear<F> {
    from: F,
    to: F,
    steps: NonZeroU32,
}

impl<F: Float> Linear<F> {
    /// The line; the rates are checked by [`Schedule::validate`].
    ///
    /// # Panics
    ///
    /// If `steps` is 0, which in a `static` or `const` is a compile error:
    ///
    /// ```compile_fail,E0080
    /// # use microlr::Linear;
    /// static IMPOSSIBLE: Linear<f32> = Linear::new(0.1, 0.0, 0);
    /// ```
    ///
    /// ```
    /// use microlr::{Linear, Schedule};
    /// static ONE_STEP: Linear<f32> = Linear::new(0.1, 0.2, 1);
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
    /// use microlr::{Error, Linear};
    /// assert!(Linear::try_new(0.1, 0.0, 1).is_ok());
    /// assert_eq!(Linear::try_new(0.1, 0.0, 0), Err(Error::NotPositive("steps")));
    /// assert_eq!(Linear::try_new(0.1, -0.1, 1), Err(Error::Negative("to")));
    /// ```
    pub fn try_new(from: F, to: F, steps: u32) -> Result<Self, Error> {
        error::steps("steps", steps)?;
        valid(Self::new(from, to, steps))
    }
}

impl<F: Float> Schedule for Linear<F> {
    type Rate = F;

    #[inline(always)]
    fn lr(&self, step: u32) -> F {
        Curve::Linear.between(self.from, self.to, step, self.steps.get())
    }

    fn validate(&self) -> Result<(), Error> {
        error::non_negative("from", self.from)?;
        error::non_negative("to", self.to)
    }
}

#[cfg(feature = "serde")]
impl<F: Float> Class for Linear<F> {
    const NAMES: &'static [&'static str] = &["Linear"];

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
exchanged!([F: Float] Linear<F>, 0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_exact() {
        // 0.2 + (0.88 - 0.2) is less than 0.88.
        let line = Linear::new(0.88_f64, 0.2, 10);
        assert_eq!([line.lr(0), line.lr(10), line.lr(u32::MAX)], [0.88, 0.2, 0.2]);
        let longest = Linear::new(0.0_f32, 1.0, u32::MAX);
        assert_eq!([longest.lr(1), longest.lr(u32::MAX)], [2f32.powi(-32), 1.0]);
        assert_eq!(longest.lr(u32::MAX - 1), 1.0); // the nearest number
        let falling = Linear::new(1.0_f32, 0.0, u32::MAX);
        assert_eq!([falling.lr(u32::MAX - 1), falling.lr(u32::MAX)], [2f32.powi(-32), 0.0]);
    }

    #[test]
    fn validate_names_the_parameter() {
        assert_eq!(Linear::new(f32::NAN, 0.1, 1).validate(), Err(Error::NotFinite("from")));
        assert_eq!(Linear::new(-0.1_f32, 0.1, 1).validate(), Err(Error::Negative("from")));
        assert_eq!(Linear::new(0.1, f32::INFINITY, 1).validate(), Err(Error::NotFinite("to")));
    }
}
