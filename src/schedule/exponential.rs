use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
use crate::float::Float;
use crate::schedule::progress::Progress;
use crate::schedule::{Schedule, valid};

/// Exponential decay: the rate shrinks (or grows) by the same factor every `decay_steps`.
///
/// ```text
/// lr(s) = initial_learning_rate · decay_rate^p      p = s / decay_steps
///                                                   p = ⌊s / decay_steps⌋ with staircase()
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `initial_learning_rate` | rate | finite, ≥ 0 |
/// | `decay_steps` | steps | ≥ 1 |
/// | `decay_rate` | factor per `decay_steps` | finite, > 0; above 1 the rate grows |
///
/// There is no lower bound: the rate falls to 0 (or, for a `decay_rate` above 1, rises to infinity,
/// which the trainer refuses).
///
/// ```
/// use microlr::{ExponentialDecay, Schedule};
///
/// static DECAY: ExponentialDecay<f64> = ExponentialDecay::new(0.5, 10, 0.25);
/// assert_eq!(DECAY.lr(0), 0.5);
/// assert_eq!(DECAY.lr(5), 0.25); // the square root of the factor
/// assert_eq!(DECAY.lr(10), 0.125);
///
/// static STAIRS: ExponentialDecay<f64> = ExponentialDecay::new(0.5, 10, 0.25).staircase();
/// assert_eq!([STAIRS.lr(9), STAIRS.lr(10), STAIRS.lr(11)], [0.5, 0.125, 0.125]);
/// ```
///
/// Source: Keras, `keras.optimizers.schedules.ExponentialDecay`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ExponentialDecay<F> {
    initial_learning_rate: F,
    decay_rate: F,
    progress: Progress,
}

impl<F: Float> ExponentialDecay<F> {
    /// A smooth decay; the floating-point parameters are checked by [`Schedule::validate`].
    ///
    /// # Panics
    ///
    /// If `decay_steps` is 0, which in a `static` or `const` is a compile error:
    ///
    /// ```compile_fail,E0080
    /// # use microlr::ExponentialDecay;
    /// static IMPOSSIBLE: ExponentialDecay<f32> = ExponentialDecay::new(0.1, 0, 0.95);
    /// ```
    ///
    /// A quarter remains after every 10 steps:
    ///
    /// ```
    /// use microlr::{ExponentialDecay, Schedule};
    /// static DECAY: ExponentialDecay<f32> = ExponentialDecay::new(0.5, 10, 0.25);
    /// assert_eq!([DECAY.lr(0), DECAY.lr(10), DECAY.lr(20)], [0.5, 0.125, 0.03125]);
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
    /// use microlr::{Error, ExponentialDecay};
    /// assert!(ExponentialDecay::try_new(0.1, 5, 1e-9).is_ok());
    /// assert_eq!(ExponentialDecay::try_new(0.1, 5, 0.0), Err(Error::NotPositive("decay_rate")));
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
    /// use microlr::{ExponentialDecay, Schedule};
    /// let stairs = ExponentialDecay::new(0.5_f32, 10, 0.5).staircase();
    /// assert_eq!([stairs.lr(0), stairs.lr(9)], [0.5, 0.5]);
    /// assert_eq!([stairs.lr(10), stairs.lr(19), stairs.lr(20)], [0.25, 0.25, 0.125]);
    /// ```
    #[must_use]
    pub const fn staircase(mut self) -> Self {
        self.progress.staircase = true;
        self
    }
}

impl<F: Float> Schedule for ExponentialDecay<F> {
    type Rate = F;

    #[inline(always)]
    fn lr(&self, step: u32) -> F {
        let initial = self.initial_learning_rate.widen();
        F::narrow(F::times_power(initial, self.decay_rate, self.progress.at(step)))
    }

    fn validate(&self) -> Result<(), Error> {
        error::non_negative("initial_learning_rate", self.initial_learning_rate)?;
        error::positive("decay_rate", self.decay_rate)
    }
}

#[cfg(feature = "serde")]
impl<F: Float> Class for ExponentialDecay<F> {
    const NAMES: &'static [&'static str] = &["ExponentialDecay"];

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
exchanged!([F: Float] ExponentialDecay<F>, 0);

#[cfg(test)]
mod tests {
    use super::*;

    /// The exact values to 50 digits.
    #[test]
    fn a_factor_near_one_is_accurate_over_many_steps() {
        let rising = ExponentialDecay::new(1e-12_f32, 3, 1.016_681_2).staircase();
        let falling = ExponentialDecay::new(1e6_f32, 5098, 0.984_054_4);
        for (lr, exact) in [
            (rising.lr(7_500), 916_169.989_705_793_7),
            (falling.lr(13_000_000), 1.579_691_351_033_865e-12),
        ] {
            let error = f64::from(lr) / exact - 1.0;
            assert!(error.abs() <= f64::from(f32::EPSILON), "{error:e}");
        }
    }

    #[test]
    fn the_product_is_right_where_the_power_alone_is_out_of_range() {
        // 2^100 · 2^-140 and 2^-100 · 2^140: f32 ends at 2^-126 and 2^127.
        let falling = ExponentialDecay::new(2f32.powi(100), 1, 0.5);
        let rising = ExponentialDecay::new(2f32.powi(-100), 1, 2.0);
        for (lr, exact) in [(falling.lr(140), 2f32.powi(-40)), (rising.lr(140), 2f32.powi(40))] {
            assert!((lr / exact - 1.0).abs() <= f32::EPSILON, "{lr:e}");
        }
        assert_eq!(rising.lr(u32::MAX), f32::INFINITY);
        assert_eq!(falling.lr(u32::MAX), 0.0);
    }

    #[test]
    fn halves_are_exact() {
        let half_life = ExponentialDecay::new(0.1_f32, 1000, 0.5);
        for halvings in 0..40 {
            assert_eq!(half_life.lr(1000 * halvings), 0.1 * 0.5_f32.powi(halvings as i32));
        }
    }

    #[test]
    fn a_staircase_falls_at_the_edge_even_where_f32_cannot_count() {
        let edge = (1 << 24) + 1;
        let stairs = ExponentialDecay::new(1.0_f32, edge, 0.5).staircase();
        assert_eq!([stairs.lr(edge - 1), stairs.lr(edge), stairs.lr(edge + 1)], [1.0, 0.5, 0.5]);
        assert_eq!([stairs.lr(2 * edge - 1), stairs.lr(2 * edge)], [0.5, 0.25]);
    }

    #[test]
    fn a_factor_near_one_has_its_effect_up_to_the_last_step() {
        let below_one = 1.0 - f32::EPSILON / 2.0;
        let exact = (f64::from(u32::MAX) / 16.0 * f64::from(below_one).ln()).exp();
        let lr = ExponentialDecay::new(1.0_f32, 16, below_one).lr(u32::MAX);
        assert!((f64::from(lr) / exact - 1.0).abs() < 1.2e-7, "{lr:e} is not {exact:e}");
    }

    #[test]
    fn validate_names_the_parameter() {
        let nan = ExponentialDecay::new(f32::NAN, 5, 0.95);
        assert_eq!(nan.validate(), Err(Error::NotFinite("initial_learning_rate")));
        let negative = ExponentialDecay::new(-0.1, 5, 0.95);
        assert_eq!(negative.validate(), Err(Error::Negative("initial_learning_rate")));
        let backwards = ExponentialDecay::new(0.1, 5, -0.95);
        assert_eq!(backwards.validate(), Err(Error::NotPositive("decay_rate")));
        let endless = ExponentialDecay::new(0.1, 5, f64::INFINITY);
        assert_eq!(endless.validate(), Err(Error::NotFinite("decay_rate")));
        assert_eq!(
            ExponentialDecay::try_new(0.1_f32, 0, 0.9),
            Err(Error::NotPositive("decay_steps"))
        );
    }
}
