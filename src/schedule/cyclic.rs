use core::num::NonZeroU32;

use crate::arithmetic::{Fraction, lerp};
use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
use crate::float::Float;
use crate::schedule::curve::Curve;
use crate::schedule::{Schedule, valid};

/// Triangles: up and down between two rates, again and again.
///
/// ```text
/// lr(s) = base_lr + (max_lr - base_lr) · x · scale
///
/// x = t/step_size_up                            for t < step_size_up
/// x = 1 - (t - step_size_up)/step_size_down     for the other steps of a cycle
/// t = s mod (step_size_up + step_size_down)     the step within its cycle
///
/// scale = 1          unless set
/// scale = 2^-i       in cycle i = 0, 1, 2, ... with triangular2()
/// scale = gamma^s    with exp_range(gamma)
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `base_lr` | rate | finite, ≥ 0, at most `max_lr` |
/// | `max_lr` | rate | finite, ≥ 0 |
/// | `step_size_up` | steps | ≥ 1 |
/// | `step_size_down` | steps | any; `step_size_up` unless set; with 0 the rate falls at once |
/// | `gamma` | factor per step | in (0, 1\] |
///
/// ```
/// use microlr::{Cyclic, Schedule};
///
/// static WAVES: Cyclic<f32> = Cyclic::new(0.25, 0.5, 4);
/// assert_eq!([WAVES.lr(0), WAVES.lr(1), WAVES.lr(3)], [0.25, 0.3125, 0.4375]);
/// assert_eq!([WAVES.lr(4), WAVES.lr(5), WAVES.lr(7)], [0.5, 0.4375, 0.3125]);
/// assert_eq!([WAVES.lr(8), WAVES.lr(9), WAVES.lr(12)], [0.25, 0.3125, 0.5]);
/// ```
///
/// Source: Smith, "Cyclical Learning Rates for Training Neural Networks", 2015; PyTorch,
/// `CyclicLR`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Cyclic<F> {
    base_lr: F,
    max_lr: F,
    step_size_up: NonZeroU32,
    step_size_down: u32,
    scale: Scale<F>,
}

/// What the height of a triangle is multiplied by.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Scale<F> {
    Constant,
    HalvedPerCycle,
    PowerOfStep(F),
}

impl<F: Float> Cyclic<F> {
    /// Triangles of one height; the rates are checked by [`Schedule::validate`].
    ///
    /// # Panics
    ///
    /// If `step_size_up` is 0, which in a `static` or `const` is a compile error:
    ///
    /// ```compile_fail,E0080
    /// # use microlr::Cyclic;
    /// static IMPOSSIBLE: Cyclic<f32> = Cyclic::new(0.1, 0.2, 0);
    /// ```
    ///
    /// ```
    /// use microlr::{Cyclic, Schedule};
    /// static ZIGZAG: Cyclic<f32> = Cyclic::new(0.1, 0.2, 1);
    /// assert_eq!([ZIGZAG.lr(0), ZIGZAG.lr(1), ZIGZAG.lr(2), ZIGZAG.lr(3)], [0.1, 0.2, 0.1, 0.2]);
    /// ```
    #[must_use]
    pub const fn new(base_lr: F, max_lr: F, step_size_up: u32) -> Self {
        Self {
            base_lr,
            max_lr,
            step_size_up: error::expect_steps(step_size_up, "step_size_up must be above 0"),
            step_size_down: step_size_up,
            scale: Scale::Constant,
        }
    }

    /// Checks values that arrive at run time, and returns an error instead of panicking.
    ///
    /// # Errors
    ///
    /// A parameter is invalid.
    ///
    /// ```
    /// use microlr::{Cyclic, Error, Schedule};
    /// let waves = Cyclic::try_new(0.1, 0.1, 4)?;
    /// // Options are checked by `validate`:
    /// assert_eq!(waves.exp_range(1.0).validate(), Ok(()));
    /// assert_eq!(waves.exp_range(1.1).validate(), Err(Error::AboveUpper("gamma")));
    /// assert_eq!(Cyclic::try_new(0.1, 0.2, 0), Err(Error::NotPositive("step_size_up")));
    /// assert_eq!(Cyclic::try_new(0.11, 0.1, 4), Err(Error::AboveUpper("base_lr")));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn try_new(base_lr: F, max_lr: F, step_size_up: u32) -> Result<Self, Error> {
        error::steps("step_size_up", step_size_up)?;
        valid(Self::new(base_lr, max_lr, step_size_up))
    }

    /// Sets the number of steps down.
    ///
    /// ```
    /// use microlr::{Cyclic, Schedule};
    /// let slow = Cyclic::new(0.25_f32, 0.5, 2).step_size_down(4);
    /// assert_eq!([slow.lr(1), slow.lr(2), slow.lr(3)], [0.375, 0.5, 0.4375]);
    /// assert_eq!([slow.lr(5), slow.lr(6), slow.lr(7)], [0.3125, 0.25, 0.375]);
    /// let saw = Cyclic::new(0.25_f32, 0.5, 4).step_size_down(0);
    /// assert_eq!([saw.lr(0), saw.lr(3), saw.lr(4), saw.lr(5)], [0.25, 0.4375, 0.25, 0.3125]);
    /// ```
    #[must_use]
    pub const fn step_size_down(mut self, step_size_down: u32) -> Self {
        self.step_size_down = step_size_down;
        self
    }

    /// Halves the height with each cycle. PyTorch's `mode="triangular2"`.
    ///
    /// ```
    /// use microlr::{Cyclic, Schedule};
    /// let falling = Cyclic::new(0.0_f32, 0.5, 4).triangular2();
    /// assert_eq!([falling.lr(4), falling.lr(8)], [0.5, 0.0]);
    /// assert_eq!([falling.lr(11), falling.lr(12), falling.lr(13)], [0.1875, 0.25, 0.1875]);
    /// assert_eq!(falling.lr(20), 0.125);
    /// ```
    #[must_use]
    pub const fn triangular2(mut self) -> Self {
        self.scale = Scale::HalvedPerCycle;
        self
    }

    /// Multiplies the height by a power of the step. PyTorch's `mode="exp_range"`.
    ///
    /// ```
    /// use microlr::{Cyclic, Schedule};
    /// let falling = Cyclic::new(0.0_f32, 0.5, 2).exp_range(0.5);
    /// assert_eq!([falling.lr(0), falling.lr(1), falling.lr(2)], [0.0, 0.125, 0.125]);
    /// assert_eq!([falling.lr(3), falling.lr(4), falling.lr(6)], [0.03125, 0.0, 0.0078125]);
    /// ```
    #[must_use]
    pub const fn exp_range(mut self, gamma: F) -> Self {
        self.scale = Scale::PowerOfStep(gamma);
        self
    }
}

impl<F: Float> Schedule for Cyclic<F> {
    type Rate = F;

    #[inline(always)]
    fn lr(&self, step: u32) -> F {
        let (up, down) = (self.step_size_up, self.step_size_down);
        let (cycle, elapsed) = match up.checked_add(down) {
            Some(period) => (step / period, step % period),
            None => (0, step), // the first cycle has every step
        };
        // The length of the current side of the triangle, and the distance from its lower end.
        let (done, way) = match elapsed.checked_sub(up.get()) {
            Some(elapsed) => (down.saturating_sub(elapsed), down),
            None => (elapsed, up.get()),
        };
        let (factor, exponent) = match self.scale {
            Scale::Constant => (F::ONE, 0),
            Scale::HalvedPerCycle => (F::HALF, cycle),
            Scale::PowerOfStep(gamma) => (gamma, step),
        };
        if exponent == 0 || factor == F::ONE {
            return Curve::Linear.between(self.base_lr, self.max_lr, done, way);
        }
        let height = F::fraction(Fraction::new(done, way));
        let height = F::times_power(height, factor, Fraction::new(exponent, 1));
        lerp(self.base_lr, self.max_lr, height)
    }

    fn validate(&self) -> Result<(), Error> {
        error::non_negative("base_lr", self.base_lr)?;
        error::non_negative("max_lr", self.max_lr)?;
        if self.base_lr > self.max_lr {
            return Err(Error::AboveUpper("base_lr"));
        }
        if let Scale::PowerOfStep(gamma) = self.scale {
            error::positive("gamma", gamma)?;
            if gamma > F::ONE {
                return Err(Error::AboveUpper("gamma"));
            }
        }
        Ok(())
    }
}

#[cfg(feature = "serde")]
impl<F: Float> Class for Cyclic<F> {
    const NAMES: &'static [&'static str] = &["Cyclic"];

    fn read(from: &mut impl Source) -> Result<Self, Refused> {
        let rates = [from.get("base_lr")?, from.get("max_lr")?];
        let mut schedule = Self::try_new(rates[0], rates[1], from.get("step_size_up")?)?;
        schedule.step_size_down = from.get_or("step_size_down", schedule.step_size_down)?;
        if from.get_or("triangular2", false)? {
            schedule.scale = Scale::HalvedPerCycle;
        }
        if let Some(gamma) = from.get_or("exp_range", None)? {
            schedule.scale = Scale::PowerOfStep(gamma);
        }
        Ok(schedule)
    }

    fn write<S: Sink>(&self, to: &mut S) -> Result<(), S::Error> {
        let gamma = if let Scale::PowerOfStep(gamma) = self.scale { Some(gamma) } else { None };
        to.put("base_lr", &self.base_lr)?;
        to.put("max_lr", &self.max_lr)?;
        to.put("step_size_up", &self.step_size_up)?;
        to.put("step_size_down", &self.step_size_down)?;
        to.put("triangular2", &(self.scale == Scale::HalvedPerCycle))?;
        to.put("exp_range", &gamma)
    }
}

#[cfg(feature = "serde")]
exchanged!([F: Float] Cyclic<F>, 0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_rates_are_exact_in_every_cycle() {
        // 0.2 + (0.88 - 0.2) is less than 0.88.
        let waves = Cyclic::new(0.2_f64, 0.88, 3).step_size_down(7);
        for cycle in 0..100 {
            assert_eq!([waves.lr(10 * cycle), waves.lr(10 * cycle + 3)], [0.2, 0.88]);
        }
        assert_eq!([waves.triangular2().lr(0), waves.triangular2().lr(3)], [0.2, 0.88]);
        let constant = waves.exp_range(1.0);
        assert_eq!([constant.lr(3), constant.lr(4_000_000_003)], [0.88, 0.88]);
    }

    #[test]
    fn heights_halve_exactly() {
        let waves = Cyclic::new(0.0_f32, 0.1, 5).triangular2();
        for cycle in 0..40 {
            assert_eq!(waves.lr(10 * cycle + 5), 0.1 * 0.5_f32.powi(cycle as i32));
        }
        let waves = Cyclic::new(0.0_f64, 0.1, 5).triangular2();
        for cycle in 0..40 {
            assert_eq!(waves.lr(10 * cycle + 5), 0.1 * 0.5_f64.powi(cycle as i32));
        }
        assert_eq!(Cyclic::new(0.1_f64, 0.2, 1).triangular2().lr(u32::MAX), 0.1);
    }

    #[test]
    fn a_cycle_may_be_longer_than_u32() {
        let longest = Cyclic::new(0.0_f32, 1.0, u32::MAX);
        assert_eq!([longest.lr(0), longest.lr(1 << 31), longest.lr(u32::MAX)], [0.0, 0.5, 1.0]);
        let late = Cyclic::new(0.0_f64, 1.0, 1 << 31).step_size_down(u32::MAX);
        assert_eq!([late.lr(1 << 31), late.lr(1 << 30)], [1.0, 0.5]);
        assert_eq!(late.lr(u32::MAX), 2_147_483_648.0 / 4_294_967_295.0);
        // 2^32 steps: one more than the last.
        let whole = Cyclic::new(0.0_f64, 1.0, 1 << 31);
        assert_eq!(whole.lr(u32::MAX), 1.0 / 2_147_483_648.0);
    }

    #[test]
    fn validate_names_the_parameter() {
        let waves = Cyclic::new(0.1_f32, 0.2, 4);
        for (schedule, error) in [
            (Cyclic::new(-0.1, 0.2, 4), Error::Negative("base_lr")),
            (Cyclic::new(0.1, f32::NAN, 4), Error::NotFinite("max_lr")),
            (waves.exp_range(0.0), Error::NotPositive("gamma")),
            (waves.exp_range(f32::NAN), Error::NotFinite("gamma")),
            (waves.exp_range(1.0 + f32::EPSILON), Error::AboveUpper("gamma")),
        ] {
            assert_eq!(schedule.validate(), Err(error));
        }
        // The last of the two modes counts.
        assert_eq!(waves.exp_range(0.0).triangular2().validate(), Ok(()));
    }
}
