use core::num::NonZeroU32;

use crate::arithmetic::{Fraction, lerp};
use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
use crate::float::Float;
use crate::schedule::{Schedule, valid};

/// Polynomial decay: from one rate to another along a power of the remaining time.
///
/// ```text
/// lr(s) = (initial_learning_rate - end_learning_rate) · (1 - s/D)^power + end_learning_rate
///
/// D = decay_steps, and end_learning_rate for every s >= D
/// D = decay_steps · max(1, ⌈s / decay_steps⌉) with cycle()
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `initial_learning_rate` | rate | finite, ≥ 0 |
/// | `decay_steps` | steps | ≥ 1; it may be longer than the training |
/// | `end_learning_rate` | rate | finite, ≥ 0; above the initial rate this is a warm-up |
/// | `power` | 1 | finite, > 0; 1 (linear) unless set |
///
/// With `cycle()` the rate reaches the end at every multiple of `decay_steps` and jumps up again at
/// the step after it, to a height that falls from cycle to cycle. A `power` of 0 is refused: it
/// means no decay and then a jump at the end.
///
/// ```
/// use microlr::{PolynomialDecay, Schedule};
///
/// static LINE: PolynomialDecay<f64> = PolynomialDecay::new(0.5, 100, 0.25);
/// assert_eq!([LINE.lr(0), LINE.lr(50), LINE.lr(100), LINE.lr(101)], [0.5, 0.375, 0.25, 0.25]);
///
/// static ROOT: PolynomialDecay<f64> = PolynomialDecay::new(1.0, 100, 0.0).power(0.5);
/// assert_eq!([ROOT.lr(75), ROOT.lr(99), ROOT.lr(100)], [0.5, 0.1, 0.0]);
///
/// static SAW: PolynomialDecay<f64> = PolynomialDecay::new(1.0, 100, 0.0).cycle();
/// assert_eq!([SAW.lr(99), SAW.lr(100), SAW.lr(101), SAW.lr(150)], [0.01, 0.0, 0.495, 0.25]);
/// ```
///
/// Source: Keras, `keras.optimizers.schedules.PolynomialDecay`.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PolynomialDecay<F> {
    initial_learning_rate: F,
    end_learning_rate: F,
    decay_steps: NonZeroU32,
    power: Option<F>,
    cycle: bool,
}

impl<F: Float> PolynomialDecay<F> {
    /// A linear decay; the floating-point parameters are checked by [`Schedule::validate`].
    ///
    /// # Panics
    ///
    /// If `decay_steps` is 0, which in a `static` or `const` is a compile error:
    ///
    /// ```compile_fail,E0080
    /// # use microlr::PolynomialDecay;
    /// static IMPOSSIBLE: PolynomialDecay<f32> = PolynomialDecay::new(0.1, 0, 0.001);
    /// ```
    ///
    /// A straight line from 0.5 to 0.25, and the same upwards:
    ///
    /// ```
    /// use microlr::{PolynomialDecay, Schedule};
    /// static DOWN: PolynomialDecay<f32> = PolynomialDecay::new(0.5, 4, 0.25);
    /// assert_eq!([DOWN.lr(0), DOWN.lr(3), DOWN.lr(4), DOWN.lr(5)], [0.5, 0.3125, 0.25, 0.25]);
    /// static UP: PolynomialDecay<f32> = PolynomialDecay::new(0.25, 4, 0.5);
    /// assert_eq!([UP.lr(0), UP.lr(3), UP.lr(4), UP.lr(5)], [0.25, 0.4375, 0.5, 0.5]);
    /// ```
    #[must_use]
    pub const fn new(initial_learning_rate: F, decay_steps: u32, end_learning_rate: F) -> Self {
        let decay_steps = error::expect_steps(decay_steps, "decay_steps must be above 0");
        Self { initial_learning_rate, end_learning_rate, decay_steps, power: None, cycle: false }
    }

    /// Checks values that arrive at run time, and returns an error instead of panicking.
    ///
    /// # Errors
    ///
    /// A parameter is invalid.
    ///
    /// ```
    /// use microlr::{Error, PolynomialDecay};
    /// assert!(PolynomialDecay::try_new(0.1, 1, 0.0).is_ok());
    /// assert_eq!(PolynomialDecay::try_new(0.1, 0, 0.0), Err(Error::NotPositive("decay_steps")));
    /// ```
    pub fn try_new(
        initial_learning_rate: F,
        decay_steps: u32,
        end_learning_rate: F,
    ) -> Result<Self, Error> {
        error::steps("decay_steps", decay_steps)?;
        valid(Self::new(initial_learning_rate, decay_steps, end_learning_rate))
    }

    /// Sets the power of the remaining time.
    ///
    /// ```
    /// use microlr::{PolynomialDecay, Schedule};
    /// let square = PolynomialDecay::new(0.5_f64, 4, 0.0).power(2.0);
    /// assert_eq!([square.lr(0), square.lr(2), square.lr(3)], [0.5, 0.125, 0.03125]);
    /// assert_eq!([square.lr(4), square.lr(5)], [0.0, 0.0]);
    /// ```
    #[must_use]
    pub const fn power(mut self, power: F) -> Self {
        self.power = Some(power);
        self
    }

    /// Starts anew, from a lower height, after every `decay_steps`.
    ///
    /// ```
    /// use microlr::{PolynomialDecay, Schedule};
    /// let saw = PolynomialDecay::new(0.5_f64, 4, 0.0).cycle();
    /// assert_eq!([saw.lr(3), saw.lr(4)], [0.125, 0.0]);
    /// assert_eq!([saw.lr(5), saw.lr(8)], [0.1875, 0.0]); // 3/8 of 0.5, and the second end
    /// assert_eq!([saw.lr(9), saw.lr(12)], [0.125, 0.0]); // 3/12 of 0.5
    /// ```
    #[must_use]
    pub const fn cycle(mut self) -> Self {
        self.cycle = true;
        self
    }

    /// The fraction that remains of the decay; `None` at its end and after it.
    #[inline(always)]
    fn remaining(&self, step: u32) -> Option<Fraction> {
        let length = self.decay_steps;
        let (cycles, elapsed) = if self.cycle { (step / length, step % length) } else { (0, step) };
        // A multiple of the length is an end.
        if elapsed == 0 || elapsed >= length.get() {
            return None;
        }
        let denominator = u64::from(length.get()) * (u64::from(cycles) + 1);
        Some(Fraction { numerator: u64::from(length.get() - elapsed), denominator })
    }
}

impl<F: Float> Schedule for PolynomialDecay<F> {
    type Rate = F;

    #[inline(always)]
    fn lr(&self, step: u32) -> F {
        let (initial, end) = (self.initial_learning_rate, self.end_learning_rate);
        if step == 0 {
            return initial;
        }
        let Some(remaining) = self.remaining(step) else { return end };
        let falls = initial >= end;
        let (low, high) = if falls { (end, initial) } else { (initial, end) };
        // The weight vanishes at the lower end.
        let weight = match self.power.filter(|&power| power != F::ONE) {
            None => F::fraction(if falls { remaining } else { remaining.complement() }),
            Some(power) => F::power_of(remaining, power, !falls),
        };
        lerp(low, high, weight)
    }

    fn validate(&self) -> Result<(), Error> {
        error::non_negative("initial_learning_rate", self.initial_learning_rate)?;
        error::non_negative("end_learning_rate", self.end_learning_rate)?;
        self.power.map_or(Ok(()), |power| error::positive("power", power))
    }
}

/// An option that is set to its default equals one that is not set.
impl<F: Float> PartialEq for PolynomialDecay<F> {
    fn eq(&self, other: &Self) -> bool {
        let parameters = |s: &Self| {
            let rates = [s.initial_learning_rate, s.end_learning_rate];
            (rates, s.decay_steps, s.power.unwrap_or(F::ONE), s.cycle)
        };
        parameters(self) == parameters(other)
    }
}

#[cfg(feature = "serde")]
impl<F: Float> Class for PolynomialDecay<F> {
    const NAMES: &'static [&'static str] = &["PolynomialDecay"];

    fn read(from: &mut impl Source) -> Result<Self, Refused> {
        let (rate, steps) = (from.get("initial_learning_rate")?, from.get("decay_steps")?);
        // Keras' default.
        let end = F::from(1e-4).ok_or(Refused::Missing("end_learning_rate"))?;
        let mut decay = Self::try_new(rate, steps, from.get_or("end_learning_rate", end)?)?;
        decay.power = from.option("power", F::ONE)?;
        decay.cycle = from.get_or("cycle", false)?;
        Ok(decay)
    }

    fn write<S: Sink>(&self, to: &mut S) -> Result<(), S::Error> {
        to.put("initial_learning_rate", &self.initial_learning_rate)?;
        to.put("decay_steps", &self.decay_steps)?;
        to.put("end_learning_rate", &self.end_learning_rate)?;
        to.put("power", &self.power.unwrap_or(F::ONE))?;
        to.put("cycle", &self.cycle)
    }
}

#[cfg(feature = "serde")]
exchanged!([F: Float] PolynomialDecay<F>, 0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_of_1_is_the_line() {
        let line = PolynomialDecay::new(0.7_f32, 1001, 0.3);
        assert!((0..1002).all(|step| line.power(1.0).lr(step) == line.lr(step)));
    }

    #[test]
    fn the_end_is_exact_from_the_end_on() {
        for power in [0.5_f32, 1.0, 2.0, 20.0] {
            let decay = PolynomialDecay::new(0.1, 41, 0.001).power(power);
            assert_eq!([decay.lr(0), decay.lr(41), decay.lr(u32::MAX)], [0.1, 0.001, 0.001]);
            assert!(decay.lr(40) > 0.001 || power > 2.0);
        }
        let longest = PolynomialDecay::new(0.1_f32, u32::MAX, 0.0);
        assert!(longest.lr(u32::MAX - 1) > 0.0);
        assert_eq!(longest.lr(u32::MAX), 0.0);
    }

    #[test]
    fn a_cycle_ends_at_its_multiple_and_jumps_after_it() {
        let saw = PolynomialDecay::new(1.0_f64, 100, 0.0).cycle();
        assert_eq!([saw.lr(0), saw.lr(100), saw.lr(200), saw.lr(300)], [1.0, 0.0, 0.0, 0.0]);
        assert_eq!([saw.lr(101), saw.lr(201)], [0.495, 0.33]);
        let every_step = PolynomialDecay::new(1.0_f32, 1, 0.25).cycle();
        assert_eq!(
            [every_step.lr(0), every_step.lr(1), every_step.lr(u32::MAX)],
            [1.0, 0.25, 0.25]
        );
        let far = PolynomialDecay::new(1.0_f32, 1 << 31, 0.0).cycle();
        assert_eq!([far.lr(1 << 31), far.lr(3 << 30)], [0.0, 0.25]);
    }

    #[test]
    fn a_warm_up_keeps_its_first_steps() {
        // 1 - (1 - s/d)^2 = s/d · (2 - s/d): no difference of near-equals.
        let rise = PolynomialDecay::new(0.0_f32, 1_000_000, 1.0).power(2.0);
        for step in [1, 2, 1000, 999_999] {
            let fraction = f64::from(step) / 1e6;
            let exact = fraction * (2.0 - fraction);
            assert!((f64::from(rise.lr(step)) / exact - 1.0).abs() < 4.0 * f64::from(f32::EPSILON));
        }
        assert_eq!([rise.lr(0), rise.lr(1_000_000)], [0.0, 1.0]);
    }

    /// The exact values to 200 bits.
    #[test]
    fn powers_near_zero_are_accurate() {
        for (initial, steps, end, power, step, exact) in [
            (1.175_494_5e-38_f32, 885, 5.070_603e30_f32, 3.890_318e-39, 9, 2.016_330_364_08e-10),
            (0.0, 31, 26.487_242, 6.431_13e-40, 27, 3.488_101_00e-38),
        ] {
            let lr = PolynomialDecay::new(initial, steps, end).power(power).lr(step);
            let error = f64::from(lr) / exact - 1.0;
            assert!(error.abs() <= f64::from(f32::EPSILON), "{power}: {lr:e}, {error:e}");
        }
    }

    /// A sum that may round to infinity.
    #[test]
    fn rates_near_overflow_stay_finite() {
        for places in [0.5, 1.5, 7.5] {
            let low = places * (f32::MAX - f32::MAX.next_down());
            let fall = PolynomialDecay::new(f32::MAX, 1000, low).power(1e-10);
            let rise = PolynomialDecay::new(low, 1000, f32::MAX).power(1e10);
            let low = f64::from(places) * (f64::MAX - f64::MAX.next_down());
            let wide_fall = PolynomialDecay::new(f64::MAX, 1000, low).power(1e-20);
            let wide_rise = PolynomialDecay::new(low, 1000, f64::MAX).power(1e20);
            for step in [1, 5, 100] {
                for lr in [fall.lr(step), rise.lr(step)] {
                    assert!((f32::MAX.next_down()..=f32::MAX).contains(&lr), "{places}: {lr}");
                }
                for lr in [wide_fall.lr(step), wide_rise.lr(step)] {
                    assert!((f64::MAX.next_down()..=f64::MAX).contains(&lr), "{places}: {lr}");
                }
            }
        }
    }

    #[test]
    fn validate_names_the_parameter() {
        let decay = PolynomialDecay::new(0.1_f32, 10, 0.01);
        for (power, error) in [
            (0.0, Error::NotPositive("power")),
            (-1.0, Error::NotPositive("power")),
            (f32::NAN, Error::NotFinite("power")),
        ] {
            assert_eq!(decay.power(power).validate(), Err(error));
        }
        let negative = PolynomialDecay::new(0.1_f32, 10, -0.01);
        assert_eq!(negative.validate(), Err(Error::Negative("end_learning_rate")));
        let endless = PolynomialDecay::new(f64::INFINITY, 10, 0.0);
        assert_eq!(endless.validate(), Err(Error::NotFinite("initial_learning_rate")));
    }
}
