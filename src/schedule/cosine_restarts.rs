use core::num::NonZeroU32;

use crate::arithmetic::{Fraction, lerp};
use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
use crate::float::Float;
use crate::schedule::cycles::{self, Cycle};
use crate::schedule::{Schedule, valid};

/// Cosine decay with warm restarts: cosines from a peak to a floor, each longer than the one before
/// it by `t_mul`, with a peak that changes by `m_mul`.
///
/// ```text
/// lr(s) = initial_learning_rate · ((1 - alpha) · m_mul^i · ½(1 + cos(π·t/dᵢ)) + alpha)
///
/// dᵢ = first_decay_steps · t_mul^i           the length of cycle i = 0, 1, 2, ...
/// t  = s - (d₀ + ... + dᵢ₋₁)                 the step within its cycle, 0 <= t < dᵢ
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `initial_learning_rate` | rate | finite, ≥ 0 |
/// | `first_decay_steps` | steps | ≥ 1 |
/// | `t_mul` | factor per cycle | 1, or in \[1.01, 2048\]; 2 unless set |
/// | `m_mul` | factor per cycle | finite, > 0; 1 unless set; above 1 the peaks grow |
/// | `alpha` | fraction of the initial rate | in \[0, 1\]; 0 unless set; not changed by `m_mul` |
///
/// Restart i is at step d₀ + ... + dᵢ₋₁, up to `u32::MAX`. If `t_mul` is not an integer, a restart
/// may fall between two steps. The first step after it is then below the peak. Unless `t_mul` is 1
/// or 2, the work grows with the number of cycles before the step: 15 at step 10 000 for a first
/// cycle of 10 steps and a `t_mul` of 1.5, and never more than 1 766.
///
/// ```
/// use microlr::{CosineDecayRestarts, Schedule};
///
/// // Cycles of 10, 20, 40, ... steps; each peak is half the one before it.
/// static WARM: CosineDecayRestarts<f64> = CosineDecayRestarts::new(0.5, 10).m_mul(0.5);
/// assert_eq!([WARM.lr(0), WARM.lr(5)], [0.5, 0.25]);
/// assert!(WARM.lr(9) < 0.02);
/// assert_eq!([WARM.lr(10), WARM.lr(20), WARM.lr(30)], [0.25, 0.125, 0.125]);
/// ```
///
/// Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2016;
/// Keras, `keras.optimizers.schedules.CosineDecayRestarts`.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CosineDecayRestarts<F> {
    initial_learning_rate: F,
    first_decay_steps: NonZeroU32,
    /// Set by [`within`](Self::within): `first_decay_steps` is then the length of all cycles.
    cycles: Option<NonZeroU32>,
    t_mul: Option<F>,
    m_mul: Option<F>,
    alpha: Option<F>,
}

impl<F: Float> CosineDecayRestarts<F> {
    /// Cycles that double in length, each from the initial rate to 0; the floating-point parameters
    /// are checked by [`Schedule::validate`].
    ///
    /// # Panics
    ///
    /// If `first_decay_steps` is 0, which in a `static` or `const` is a compile error:
    ///
    /// ```compile_fail,E0080
    /// # use microlr::CosineDecayRestarts;
    /// static IMPOSSIBLE: CosineDecayRestarts<f32> = CosineDecayRestarts::new(0.1, 0);
    /// ```
    ///
    /// Restarts at 10, 30, 70, ...:
    ///
    /// ```
    /// use microlr::{CosineDecayRestarts, Schedule};
    /// static WARM: CosineDecayRestarts<f64> = CosineDecayRestarts::new(0.5, 10);
    /// assert_eq!([WARM.lr(0), WARM.lr(5)], [0.5, 0.25]);
    /// assert!(WARM.lr(9) < 0.02);
    /// assert_eq!([WARM.lr(10), WARM.lr(20), WARM.lr(30)], [0.5, 0.25, 0.5]);
    /// ```
    #[must_use]
    pub const fn new(initial_learning_rate: F, first_decay_steps: u32) -> Self {
        let first_decay_steps =
            error::expect_steps(first_decay_steps, "first_decay_steps must be above 0");
        let (cycles, t_mul, m_mul, alpha) = (None, None, None, None);
        Self { initial_learning_rate, first_decay_steps, cycles, t_mul, m_mul, alpha }
    }

    /// Checks values that arrive at run time, and returns an error instead of panicking.
    ///
    /// # Errors
    ///
    /// A parameter is invalid.
    ///
    /// ```
    /// use microlr::{CosineDecayRestarts, Error, Schedule};
    /// let restarts = CosineDecayRestarts::try_new(0.1, 10)?;
    /// // Options are checked by `validate`:
    /// assert_eq!(restarts.t_mul(1.0).validate(), Ok(()));
    /// assert_eq!(restarts.t_mul(1.009).validate(), Err(Error::TooSmall("t_mul")));
    /// assert_eq!(restarts.t_mul(1.01).validate(), Ok(()));
    /// assert_eq!(restarts.m_mul(0.0).validate(), Err(Error::NotPositive("m_mul")));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn try_new(initial_learning_rate: F, first_decay_steps: u32) -> Result<Self, Error> {
        error::steps("first_decay_steps", first_decay_steps)?;
        valid(Self::new(initial_learning_rate, first_decay_steps))
    }

    /// A given number of equal cycles in a number of steps, which need not be a multiple of it:
    ///
    /// ```text
    /// lr(s) = initial_learning_rate · ((1 - alpha) · m_mul^i · ½(1 + cos(π·u)) + alpha)
    ///
    /// i + u = s · cycles/steps     an integer, and a fraction below 1
    /// lr(s) = initial_learning_rate · alpha    for s >= steps
    /// ```
    ///
    /// | parameter | unit | valid |
    /// | --- | --- | --- |
    /// | `steps` | steps | ≥ 1 |
    /// | `cycles` | 1 | ≥ 1, at most `steps` |
    ///
    /// A restart may fall between two steps; the first step after it is below the peak. `m_mul` and
    /// `alpha` have their meaning, and the only valid `t_mul` is 1.
    ///
    /// # Panics
    ///
    /// If `steps` or `cycles` is invalid, which in a `static` or `const` is a compile error:
    ///
    /// ```compile_fail,E0080
    /// # use microlr::CosineDecayRestarts;
    /// static IMPOSSIBLE: CosineDecayRestarts<f32> = CosineDecayRestarts::within(0.1, 100, 101);
    /// ```
    ///
    /// Restarts at 33⅓ and 66⅔:
    ///
    /// ```
    /// use microlr::{CosineDecayRestarts, Schedule};
    /// static THREE: CosineDecayRestarts<f64> = CosineDecayRestarts::within(0.5, 100, 3);
    /// assert_eq!([THREE.lr(0), THREE.lr(50)], [0.5, 0.25]);
    /// assert!(THREE.lr(33) < 0.001 && (0.499..0.5).contains(&THREE.lr(34)));
    /// assert!(THREE.lr(66) < 0.001 && (0.499..0.5).contains(&THREE.lr(67)));
    /// assert!(THREE.lr(99) > 0.0);
    /// assert_eq!([THREE.lr(100), THREE.lr(101)], [0.0, 0.0]);
    /// ```
    ///
    /// Source: transformers, `get_cosine_with_hard_restarts_schedule_with_warmup`, after its
    /// warm-up.
    #[must_use]
    pub const fn within(initial_learning_rate: F, steps: u32, cycles: u32) -> Self {
        assert!(cycles <= steps, "cycles must not be more than steps");
        let mut restarts = Self::new(initial_learning_rate, steps);
        restarts.cycles = Some(error::expect_steps(cycles, "cycles must be above 0"));
        restarts
    }

    /// [`within`](Self::within) for values that arrive at run time. Never panics.
    ///
    /// # Errors
    ///
    /// A parameter is invalid.
    ///
    /// ```
    /// use microlr::{CosineDecayRestarts, Error};
    /// let within = CosineDecayRestarts::try_within;
    /// assert!(within(0.1, 100, 100).is_ok());
    /// assert_eq!(within(0.1, 100, 101), Err(Error::AboveUpper("cycles")));
    /// assert_eq!(within(0.1, 100, 0), Err(Error::NotPositive("cycles")));
    /// assert_eq!(within(0.1, 0, 0), Err(Error::NotPositive("steps")));
    /// ```
    pub fn try_within(initial_learning_rate: F, steps: u32, cycles: u32) -> Result<Self, Error> {
        error::steps("steps", steps)?;
        error::steps("cycles", cycles)?;
        if cycles > steps {
            return Err(Error::AboveUpper("cycles"));
        }
        valid(Self::within(initial_learning_rate, steps, cycles))
    }

    /// Sets the factor by which each cycle is longer than the one before it.
    ///
    /// ```
    /// use microlr::{CosineDecayRestarts, Schedule};
    /// let even = CosineDecayRestarts::new(0.5_f64, 10).t_mul(1.0);
    /// assert_eq!([even.lr(10), even.lr(15), even.lr(20), even.lr(30)], [0.5, 0.25, 0.5, 0.5]);
    ///
    /// // Cycles of 10, 15 and 22.5 steps: the third restart is half a step after 47.
    /// let growing = CosineDecayRestarts::new(0.5_f64, 10).t_mul(1.5);
    /// assert_eq!([growing.lr(10), growing.lr(25)], [0.5, 0.5]);
    /// assert!(growing.lr(47) < 0.001 && (0.499..0.5).contains(&growing.lr(48)));
    /// ```
    #[must_use]
    pub const fn t_mul(mut self, t_mul: F) -> Self {
        self.t_mul = Some(t_mul);
        self
    }

    /// Sets the factor by which each peak differs from the one before it.
    ///
    /// ```
    /// use microlr::{CosineDecayRestarts, Schedule};
    /// let falling = CosineDecayRestarts::new(0.5_f64, 10).m_mul(0.25); // restarts at 10 and 30
    /// assert_eq!([falling.lr(0), falling.lr(10), falling.lr(30)], [0.5, 0.125, 0.03125]);
    /// ```
    #[must_use]
    pub const fn m_mul(mut self, m_mul: F) -> Self {
        self.m_mul = Some(m_mul);
        self
    }

    /// Sets the floor, as a fraction of the initial rate.
    ///
    /// ```
    /// use microlr::{CosineDecayRestarts, Schedule};
    /// let restarts = CosineDecayRestarts::new(0.5_f64, 10).m_mul(0.5).alpha(0.5);
    /// assert_eq!([restarts.lr(0), restarts.lr(5)], [0.5, 0.375]);
    /// assert!((0.25..0.26).contains(&restarts.lr(9)));
    /// assert_eq!([restarts.lr(10), restarts.lr(20)], [0.375, 0.3125]);
    /// ```
    #[must_use]
    pub const fn alpha(mut self, alpha: F) -> Self {
        self.alpha = Some(alpha);
        self
    }

    /// The cycle of a step; `None` for a `t_mul` that is not valid.
    #[inline(always)]
    fn cycle(&self, step: u32) -> Option<Cycle> {
        let (first, t_mul) = (self.first_decay_steps, self.t_mul.unwrap_or(F::from_step(2)));
        if let Some(cycles) = self.cycles {
            Some(cycles::within(step, first, cycles))
        } else if t_mul == F::from_step(2) {
            Some(cycles::doubling(step, first))
        } else if t_mul == F::ONE {
            Some(cycles::equal(step, first))
        } else {
            cycles::growing(step, first, t_mul)
        }
    }
}

impl<F: Float> Schedule for CosineDecayRestarts<F> {
    type Rate = F;

    #[inline(always)]
    fn lr(&self, step: u32) -> F {
        let Some(cycle) = self.cycle(step) else { return F::nan() };
        let initial = self.initial_learning_rate;
        let floor = self.alpha.map_or(F::ZERO, |alpha| alpha * initial);
        // The first peak is the initial rate, and so is every other unless `m_mul` is set.
        let m_mul = self.m_mul.filter(|&m_mul| cycle.index > 0 && m_mul != F::ONE);
        if cycle.is_at_start() && m_mul.is_none() {
            return initial;
        }
        let wave = F::sin_squared(F::fraction(cycle.remaining));
        let Some(m_mul) = m_mul else { return lerp(floor, initial, wave) };
        // The height of a peak above the floor may be out of range where the rate is not.
        let peak = initial.widen() * wave;
        // A product with 1 would round.
        let alpha = self.alpha.filter(|&alpha| alpha != F::ZERO);
        let above = alpha.map_or(peak, |alpha| (F::ONE.widen() - alpha.widen()) * peak);
        let above = F::times_power(above, m_mul, Fraction::new(cycle.index, 1));
        let rate = F::narrow(floor.widen() + above);
        if rate > initial && m_mul < F::ONE { initial } else { rate }
    }

    fn validate(&self) -> Result<(), Error> {
        error::non_negative("initial_learning_rate", self.initial_learning_rate)?;
        if let Some(t_mul) = self.t_mul {
            cycles::check_growth("t_mul", t_mul)?;
            if self.cycles.is_some() && t_mul != F::ONE {
                return Err(Error::AboveUpper("t_mul"));
            }
        }
        if let Some(m_mul) = self.m_mul {
            error::positive("m_mul", m_mul)?;
        }
        self.alpha.map_or(Ok(()), |alpha| error::unit_interval("alpha", alpha))
    }
}

/// An option that is set to its default equals one that is not set.
impl<F: Float> PartialEq for CosineDecayRestarts<F> {
    fn eq(&self, other: &Self) -> bool {
        let parameters = |s: &Self| {
            let equal_cycles = s.cycles.is_some();
            let default = if equal_cycles { F::ONE } else { F::from_step(2) };
            let t_mul = s.t_mul.unwrap_or(default);
            let [m_mul, alpha] = [s.m_mul.unwrap_or(F::ONE), s.alpha.unwrap_or(F::ZERO)];
            (s.initial_learning_rate, s.first_decay_steps, s.cycles, t_mul, m_mul, alpha)
        };
        parameters(self) == parameters(other)
    }
}

#[cfg(feature = "serde")]
const RESTARTS: &str = "CosineDecayRestarts";
#[cfg(feature = "serde")]
const WITHIN: &str = "CosineDecayRestartsWithin";

#[cfg(feature = "serde")]
impl<F: Float> Class for CosineDecayRestarts<F> {
    const NAMES: &'static [&'static str] = &[RESTARTS, WITHIN];

    fn class(&self) -> &'static str {
        if self.cycles.is_some() { WITHIN } else { RESTARTS }
    }

    fn read(from: &mut impl Source) -> Result<Self, Refused> {
        let rate = from.get("initial_learning_rate")?;
        let mut restarts;
        if from.class() == WITHIN {
            restarts = Self::try_within(rate, from.get("steps")?, from.get("cycles")?)?;
        } else {
            restarts = Self::try_new(rate, from.get("first_decay_steps")?)?;
            restarts.t_mul = from.option("t_mul", F::from_step(2))?;
        }
        restarts.m_mul = from.option("m_mul", F::ONE)?;
        restarts.alpha = from.option("alpha", F::ZERO)?;
        Ok(restarts)
    }

    fn write<S: Sink>(&self, to: &mut S) -> Result<(), S::Error> {
        to.put("initial_learning_rate", &self.initial_learning_rate)?;
        if let Some(cycles) = self.cycles {
            to.put("steps", &self.first_decay_steps)?;
            to.put("cycles", &cycles)?;
        } else {
            to.put("first_decay_steps", &self.first_decay_steps)?;
            to.put("t_mul", &self.t_mul.unwrap_or(F::from_step(2)))?;
        }
        to.put("m_mul", &self.m_mul.unwrap_or(F::ONE))?;
        to.put("alpha", &self.alpha.unwrap_or(F::ZERO))
    }
}

#[cfg(feature = "serde")]
exchanged!([F: Float] CosineDecayRestarts<F>, 0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_restart_of_a_whole_t_mul_is_at_the_peak_and_the_step_before_it_is_not() {
        for t_mul in 1..=10_u32 {
            for first in [1_u32, 2, 3, 7, 10, 1000, 1_000_000, u32::MAX] {
                let schedule = CosineDecayRestarts::new(0.1_f32, first).t_mul(t_mul as f32);
                let (mut start, mut length) = (0_u64, u64::from(first));
                let mut cycles = 0;
                // A t_mul of 1 has billions of restarts: the first ten thousand.
                while start <= u64::from(u32::MAX) && cycles < 10_000 {
                    let step = start as u32;
                    assert_eq!(schedule.lr(step), 0.1, "{t_mul} {first}: {step}");
                    if length > 1 && step > 0 && start > u64::from(first) {
                        assert!(schedule.lr(step - 1) < 0.1, "{t_mul} {first}: {step} - 1");
                    }
                    start += length;
                    length *= u64::from(t_mul);
                    cycles += 1;
                }
            }
        }
    }

    #[test]
    fn cycles_of_one_length_go_on_to_the_last_step() {
        let schedule = CosineDecayRestarts::new(1.0_f64, 4).t_mul(1.0);
        let last = u32::MAX - 3; // a multiple of 4
        assert_eq!(schedule.lr(last), 1.0);
        assert!((schedule.lr(last - 2) - 0.5).abs() <= f64::EPSILON);
    }

    #[test]
    fn the_floor_is_not_scaled_by_m_mul() {
        let schedule = CosineDecayRestarts::new(1.0_f64, 1).t_mul(1.0).m_mul(0.5).alpha(0.25);
        assert_eq!([schedule.lr(0), schedule.lr(1), schedule.lr(2)], [1.0, 0.625, 0.4375]);
        assert_eq!(schedule.lr(u32::MAX), 0.25);
    }

    #[test]
    fn a_number_of_cycles_need_not_divide_the_steps() {
        let three = CosineDecayRestarts::within(0.1_f32, 300_000_000, 3);
        for start in [0, 100_000_000, 200_000_000] {
            assert_eq!(three.lr(start), 0.1);
            assert!(three.lr(start + 1_000_000) < 0.1);
        }
        assert!(three.lr(99_999_999) < 1e-16 && three.lr(299_999_999) > 0.0);
        assert_eq!([three.lr(300_000_000), three.lr(u32::MAX)], [0.0, 0.0]);
        // 4 294 967 295 is a multiple of 5.
        let five = CosineDecayRestarts::within(1.0_f64, u32::MAX, 5).m_mul(0.5).alpha(0.5);
        let starts = [0, 1, 2, 3, 4, 5].map(|cycle| five.lr(u32::MAX / 5 * cycle));
        assert_eq!(starts, [1.0, 0.75, 0.625, 0.5625, 0.53125, 0.5]);
        let every_step = CosineDecayRestarts::within(0.1_f32, 7, 7);
        assert_eq!([every_step.lr(0), every_step.lr(6), every_step.lr(7)], [0.1, 0.1, 0.0]);
        // The cycle has 10/3 steps: at step 4 a fifth of the second has elapsed.
        let short = CosineDecayRestarts::within(1.0_f64, 10, 3);
        let exact = 0.5 + 0.5 * (core::f64::consts::PI / 5.0).cos();
        assert!((short.lr(4) - exact).abs() < 1e-15);
    }

    #[test]
    fn cycles_within_steps_are_equal() {
        let within = CosineDecayRestarts::within(0.1_f32, 100, 3);
        assert_eq!(within.t_mul(1.0).validate(), Ok(()));
        assert_eq!(within.t_mul(1.0), within);
        assert_ne!(within.t_mul(2.0), within);
        for t_mul in [1.5, 2.0] {
            assert_eq!(within.t_mul(t_mul).validate(), Err(Error::AboveUpper("t_mul")));
        }
        assert_eq!(within.t_mul(f32::NAN).validate(), Err(Error::NotFinite("t_mul")));
    }

    #[test]
    fn an_alpha_of_0_changes_no_bit() {
        let restarts = CosineDecayRestarts::new(0.1_f32, 1818).m_mul(0.503);
        for step in 0..100_000 {
            for alpha in [0.0, -0.0] {
                let floored = restarts.alpha(alpha);
                assert_eq!(floored.lr(step), restarts.lr(step), "step {step}");
            }
        }
    }

    /// Next to the middle between two numbers, where the last bits of a product decide.
    #[test]
    fn the_end_is_not_below_the_floor() {
        let (initial, alpha) = (5.961_431_5e-18_f32, 0.662_368_5);
        let foot = CosineDecayRestarts::new(initial, 2_706_988).alpha(alpha);
        assert_eq!(foot.lr(2_706_987), initial * alpha);
        assert_eq!(foot.t_mul(1.0).m_mul(0.5).lr(2 * 2_706_988 - 1), initial * alpha);
    }

    #[test]
    fn parameters_that_were_never_validated_do_no_harm() {
        for t_mul in [f32::NAN, f32::NEG_INFINITY, -1.0, 0.0, 0.5, 1.009] {
            assert!(CosineDecayRestarts::new(0.1, 10).t_mul(t_mul).lr(1000).is_nan());
        }
    }

    #[test]
    fn a_restart_near_overflow_is_the_configured_rate() {
        let wide = CosineDecayRestarts::new(f64::MAX, 2).m_mul(1.0).alpha(0.500_000_000_000_000_2);
        assert_eq!(wide.lr(6), f64::MAX);
        let narrow = CosineDecayRestarts::new(f32::MAX, 8).t_mul(8.450_623_5e23);
        assert_eq!(narrow.m_mul(1.0).alpha(0.500_000_1).lr(8), f32::MAX);
    }

    /// The exact value to 200 bits, from the recursion of the lengths in exact fractions.
    #[test]
    fn a_late_step_of_a_growing_peak_is_accurate() {
        let lr = CosineDecayRestarts::new(0.1_f32, 134).t_mul(2.5).m_mul(10.0).lr(3_249_927_645);
        assert!(
            (f64::from(lr) / 2.417_748_048_314_96e-7 - 1.0).abs() < f64::from(f32::EPSILON),
            "{lr:e}"
        );
    }

    #[test]
    fn validate_names_the_parameter() {
        let restarts = CosineDecayRestarts::new(0.1_f32, 10);
        for (schedule, error) in [
            (CosineDecayRestarts::new(f32::NAN, 10), Error::NotFinite("initial_learning_rate")),
            (restarts.t_mul(f32::INFINITY), Error::NotFinite("t_mul")),
            (restarts.t_mul(0.0), Error::TooSmall("t_mul")),
            (restarts.t_mul(1.009), Error::TooSmall("t_mul")),
            (restarts.t_mul(2048.5), Error::AboveUpper("t_mul")),
            (restarts.m_mul(-1.0), Error::NotPositive("m_mul")),
            (restarts.m_mul(f32::NAN), Error::NotFinite("m_mul")),
            (restarts.alpha(2.0), Error::OutsideUnitInterval("alpha")),
        ] {
            assert_eq!(schedule.validate(), Err(error));
        }
        for t_mul in [1.0, 1.01, 2048.0] {
            assert_eq!(restarts.t_mul(t_mul).validate(), Ok(()));
        }
    }
}
