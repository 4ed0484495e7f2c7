use core::num::NonZeroU32;

use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
use crate::float::Float;
use crate::schedule::curve::Curve;
use crate::schedule::{Schedule, valid};

/// Cosine decay: half a period of a cosine from the peak down to a floor, after an optional linear
/// warm-up.
///
/// ```text
/// lr(s) = peak · ((1 - alpha) · ½(1 + cos(π·t/decay_steps)) + alpha)      t = min(s, decay_steps)
///
/// peak = initial_learning_rate
///
/// with warmup(warmup_target, warmup_steps):
/// lr(s) = initial_learning_rate + (warmup_target - initial_learning_rate) · s/warmup_steps
///                                                                          for s < warmup_steps
/// peak = warmup_target and t = min(s - warmup_steps, decay_steps)          from there on
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `initial_learning_rate` | rate | finite, ≥ 0 |
/// | `decay_steps` | steps, without the warm-up | ≥ 1; it may be longer than the training |
/// | `alpha` | fraction of the peak | in \[0, 1\]; 0 unless set; 1 stays at the peak |
/// | `warmup_target` | rate | finite, ≥ 0 |
/// | `warmup_steps` | steps | any; at 0 the cosine begins at `warmup_target` |
///
/// Evaluated as sin²(π/2 · (decay_steps - t)/decay_steps), so small rates near the end stay
/// accurate.
///
/// ```
/// use microlr::{CosineDecay, Schedule};
///
/// static DECAY: CosineDecay<f64> = CosineDecay::new(0.5, 100).alpha(0.25);
/// assert_eq!([DECAY.lr(0), DECAY.lr(50), DECAY.lr(100)], [0.5, 0.3125, 0.125]);
/// assert!(DECAY.lr(99) > 0.125);
/// assert_eq!(DECAY.lr(101), 0.125);
///
/// static WARM: CosineDecay<f64> = CosineDecay::new(0.0, 100).warmup(0.5, 10);
/// assert_eq!([WARM.lr(0), WARM.lr(5), WARM.lr(10)], [0.0, 0.25, 0.5]);
/// assert!(WARM.lr(9) < 0.5 && WARM.lr(11) < 0.5);
/// assert_eq!([WARM.lr(60), WARM.lr(110)], [0.25, 0.0]);
/// ```
///
/// Source: Keras, `keras.optimizers.schedules.CosineDecay`; Loshchilov and Hutter, "SGDR:
/// Stochastic Gradient Descent with Warm Restarts", 2016.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CosineDecay<F> {
    initial_learning_rate: F,
    decay_steps: NonZeroU32,
    alpha: Option<F>,
    /// The target and the steps.
    warmup: Option<(F, u32)>,
}

impl<F: Float> CosineDecay<F> {
    /// A decay to 0 without warm-up; the floating-point parameters are checked by
    /// [`Schedule::validate`].
    ///
    /// # Panics
    ///
    /// If `decay_steps` is 0, which in a `static` or `const` is a compile error:
    ///
    /// ```compile_fail,E0080
    /// # use microlr::CosineDecay;
    /// static IMPOSSIBLE: CosineDecay<f32> = CosineDecay::new(0.1, 0);
    /// ```
    ///
    /// From 0.5 to 0 within 100 steps:
    ///
    /// ```
    /// use microlr::{CosineDecay, Schedule};
    /// static DECAY: CosineDecay<f64> = CosineDecay::new(0.5, 100);
    /// assert_eq!([DECAY.lr(0), DECAY.lr(50)], [0.5, 0.25]);
    /// assert_eq!([DECAY.lr(100), DECAY.lr(101)], [0.0, 0.0]);
    /// assert!(DECAY.lr(99) > 0.0);
    /// ```
    #[must_use]
    pub const fn new(initial_learning_rate: F, decay_steps: u32) -> Self {
        let decay_steps = error::expect_steps(decay_steps, "decay_steps must be above 0");
        Self { initial_learning_rate, decay_steps, alpha: None, warmup: None }
    }

    /// Checks values that arrive at run time, and returns an error instead of panicking.
    ///
    /// # Errors
    ///
    /// A parameter is invalid.
    ///
    /// ```
    /// use microlr::{CosineDecay, Error, Schedule};
    /// assert!(CosineDecay::try_new(0.1, 1).is_ok());
    /// assert_eq!(CosineDecay::try_new(0.1, 0), Err(Error::NotPositive("decay_steps")));
    /// // Options are checked by `validate`:
    /// let decay = CosineDecay::try_new(0.1, 500)?;
    /// assert_eq!(decay.alpha(1.0).validate(), Ok(()));
    /// assert_eq!(decay.alpha(1.1).validate(), Err(Error::OutsideUnitInterval("alpha")));
    /// assert_eq!(decay.warmup(-0.2, 5).validate(), Err(Error::Negative("warmup_target")));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn try_new(initial_learning_rate: F, decay_steps: u32) -> Result<Self, Error> {
        error::steps("decay_steps", decay_steps)?;
        valid(Self::new(initial_learning_rate, decay_steps))
    }

    /// Sets the floor, as a fraction of the peak.
    ///
    /// ```
    /// use microlr::{CosineDecay, Schedule};
    /// let decay = CosineDecay::new(0.5_f64, 100).alpha(0.5);
    /// assert_eq!([decay.lr(0), decay.lr(50)], [0.5, 0.375]);
    /// assert_eq!([decay.lr(100), decay.lr(101)], [0.25, 0.25]);
    /// assert!(decay.lr(99) > 0.25);
    /// ```
    #[must_use]
    pub const fn alpha(mut self, alpha: F) -> Self {
        self.alpha = Some(alpha);
        self
    }

    /// Rises linearly from the initial rate to `warmup_target` first; the cosine then takes
    /// `decay_steps` from there. With 0 steps there is no warm-up, and the cosine begins at
    /// `warmup_target`, as in Keras.
    ///
    /// ```
    /// use microlr::{CosineDecay, Schedule};
    /// let warm = CosineDecay::new(0.0_f64, 100).warmup(0.5, 4);
    /// assert_eq!([warm.lr(0), warm.lr(1), warm.lr(3)], [0.0, 0.125, 0.375]);
    /// assert_eq!([warm.lr(4), warm.lr(54), warm.lr(104)], [0.5, 0.25, 0.0]); // 4 + 100 steps
    /// let none = CosineDecay::new(0.0_f64, 100).warmup(0.5, 0);
    /// assert_eq!([none.lr(0), none.lr(50), none.lr(100)], [0.5, 0.25, 0.0]);
    /// ```
    #[must_use]
    pub const fn warmup(mut self, warmup_target: F, warmup_steps: u32) -> Self {
        self.warmup = Some((warmup_target, warmup_steps));
        self
    }
}

impl<F: Float> Schedule for CosineDecay<F> {
    type Rate = F;

    #[inline(always)]
    fn lr(&self, step: u32) -> F {
        let (mut peak, mut step) = (self.initial_learning_rate, step);
        if let Some((target, steps)) = self.warmup {
            match step.checked_sub(steps) {
                None => return Curve::Linear.between(peak, target, step, steps),
                Some(elapsed) => (peak, step) = (target, elapsed),
            }
        }
        let floor = self.alpha.map_or(F::ZERO, |alpha| alpha * peak);
        Curve::Cosine.between(peak, floor, step, self.decay_steps.get())
    }

    fn validate(&self) -> Result<(), Error> {
        error::non_negative("initial_learning_rate", self.initial_learning_rate)?;
        if let Some(alpha) = self.alpha {
            error::unit_interval("alpha", alpha)?;
        }
        if let Some((target, _)) = self.warmup {
            error::non_negative("warmup_target", target)?;
        }
        Ok(())
    }
}

/// An option that is set to its default equals one that is not set.
impl<F: Float> PartialEq for CosineDecay<F> {
    fn eq(&self, other: &Self) -> bool {
        let parameters = |s: &Self| {
            (s.initial_learning_rate, s.decay_steps, s.alpha.unwrap_or(F::ZERO), s.warmup)
        };
        parameters(self) == parameters(other)
    }
}

#[cfg(feature = "serde")]
impl<F: Float> Class for CosineDecay<F> {
    const NAMES: &'static [&'static str] = &["CosineDecay"];

    fn read(from: &mut impl Source) -> Result<Self, Refused> {
        let mut decay =
            Self::try_new(from.get("initial_learning_rate")?, from.get("decay_steps")?)?;
        decay.alpha = from.option("alpha", F::ZERO)?;
        let target = from.get_or("warmup_target", None)?;
        let steps = from.get_or("warmup_steps", 0)?;
        decay.warmup = target.map(|target| (target, steps));
        Ok(decay)
    }

    fn write<S: Sink>(&self, to: &mut S) -> Result<(), S::Error> {
        to.put("initial_learning_rate", &self.initial_learning_rate)?;
        to.put("decay_steps", &self.decay_steps)?;
        to.put("alpha", &self.alpha.unwrap_or(F::ZERO))?;
        to.put("warmup_target", &self.warmup.map(|(target, _)| target))?;
        to.put("warmup_steps", &self.warmup.map_or(0, |(_, steps)| steps))
    }
}

#[cfg(feature = "serde")]
exchanged!([F: Float] CosineDecay<F>, 0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_accurate() {
        // One step before the end: sin²(π/2d), where the textbook form cancels.
        let decay_steps = 100_000;
        let exact = (core::f64::consts::FRAC_PI_2 / f64::from(decay_steps)).sin().powi(2);
        let lr = CosineDecay::new(1.0_f32, decay_steps).lr(decay_steps - 1);
        assert!((f64::from(lr) / exact - 1.0).abs() < f64::from(f32::EPSILON), "{lr:e}");
    }

    #[test]
    fn ends_are_exact() {
        for alpha in [0.0_f32, 0.1, 0.3, 1.0] {
            let decay = CosineDecay::new(0.1, 41).alpha(alpha);
            assert_eq!(decay.lr(0), 0.1);
            assert_eq!([decay.lr(41), decay.lr(u32::MAX)], [0.1 * alpha; 2]);
        }
        let flat = CosineDecay::new(0.1_f32, 500).alpha(1.0);
        assert!(flat.iter().take(502).all(|lr| lr == 0.1));
        let longest = CosineDecay::new(1.0_f32, u32::MAX);
        assert_eq!([longest.lr(0), longest.lr(u32::MAX)], [1.0, 0.0]);
        assert!(longest.lr(u32::MAX - 1) > 0.0);
    }

    #[test]
    fn a_warm_up_may_fall_and_may_be_longer_than_f32_counts() {
        let falling = CosineDecay::new(0.4_f64, 100).warmup(0.2, 4);
        assert_eq!([falling.lr(0), falling.lr(2), falling.lr(4)], [0.4, 0.30000000000000004, 0.2]);
        let long = CosineDecay::new(0.0_f32, 1).warmup(1.0, u32::MAX);
        assert_eq!([long.lr(0), long.lr(u32::MAX)], [0.0, 1.0]);
        assert_eq!(long.lr(1), 2f32.powi(-32));
    }

    #[test]
    fn a_falling_warm_up_begins_at_the_initial_rate() {
        // 0.2 + (0.88 - 0.2) is less than 0.88.
        let falling = CosineDecay::new(0.88_f64, 100).warmup(0.2, 10);
        assert_eq!([falling.lr(0), falling.lr(10)], [0.88, 0.2]);
    }

    #[test]
    fn validate_names_the_parameter() {
        let decay = CosineDecay::new(0.1_f32, 500);
        for (schedule, error) in [
            (CosineDecay::new(-0.1, 500), Error::Negative("initial_learning_rate")),
            (decay.alpha(-0.1), Error::OutsideUnitInterval("alpha")),
            (decay.alpha(f32::NAN), Error::NotFinite("alpha")),
            (decay.warmup(-0.1, 5), Error::Negative("warmup_target")),
            (decay.warmup(f32::INFINITY, 5), Error::NotFinite("warmup_target")),
        ] {
            assert_eq!(schedule.validate(), Err(error));
        }
        assert_eq!(decay.warmup(0.1, 0).validate(), Ok(()));
    }
}
