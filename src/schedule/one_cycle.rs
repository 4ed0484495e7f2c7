use core::num::NonZeroU32;

use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
use crate::float::Float;
use crate::schedule::curve::Curve;
use crate::schedule::{Schedule, valid};

/// One cycle: from a low rate up to the peak, and down to a rate far below the first one.
///
/// ```text
/// initial = max_lr / div_factor
/// end     = max_lr / (div_factor · final_div_factor)
///
/// two phases:    initial -> max_lr     for s from 0            to warmup_steps
///                max_lr  -> end        for s from warmup_steps to total_steps
/// three_phase(): initial -> max_lr     for s from 0                to warmup_steps
///                max_lr  -> initial    for s from warmup_steps     to 2 · warmup_steps
///                initial -> end        for s from 2 · warmup_steps to total_steps
///
/// a -> b at the fraction u of a phase:    b + (a - b) · ½(1 + cos(π·u))
///                                         a + (b - a) · u                  with linear()
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `max_lr` | rate | finite, ≥ 0 |
/// | `total_steps` | steps | ≥ 1 |
/// | `warmup_steps` | steps | at most `total_steps`, half with `three_phase()`; 3/10 unless set |
/// | `div_factor` | 1 | finite, ≥ 1; 25 unless set |
/// | `final_div_factor` | 1 | finite, > 0, and at least 1 / `div_factor`; 10⁴ unless set |
///
/// From `total_steps` on the rate is the end. A phase of 0 steps is left out. The default of
/// `warmup_steps` is rounded down.
///
/// ```
/// use microlr::{OneCycle, Schedule};
///
/// static CYCLE: OneCycle<f64> = OneCycle::new(0.5, 100).div_factor(4.0).final_div_factor(2.0);
/// assert_eq!([CYCLE.lr(0), CYCLE.lr(15), CYCLE.lr(30)], [0.125, 0.3125, 0.5]);
/// assert!(CYCLE.lr(29) < 0.5 && CYCLE.lr(31) < 0.5 && CYCLE.lr(99) > 0.0625);
/// assert_eq!([CYCLE.lr(65), CYCLE.lr(100), CYCLE.lr(101)], [0.28125, 0.0625, 0.0625]);
/// ```
///
/// The edges are those of Optax' `cosine_onecycle_schedule(100, 0.5, 0.3, 4.0, 2.0)`. PyTorch's
/// `OneCycleLR(max_lr=0.5, total_steps=T, pct_start=p)` is `new(0.5, T - 1)` with
/// `warmup_steps(p·T - 1)`, where that is an integer:
///
/// ```
/// use microlr::{OneCycle, Schedule};
/// let torch = OneCycle::new(0.5_f64, 99).warmup_steps(29); // total_steps=100, pct_start=0.3
/// assert_eq!([torch.lr(0), torch.lr(29), torch.lr(64)], [0.02, 0.5, 0.250001]);
/// assert_eq!([torch.lr(99), torch.lr(100)], [2e-6, 2e-6]);
/// ```
///
/// Where p·T is no integer, PyTorch's peak lies between two steps, and no step has it. At step T
/// PyTorch goes beyond the end, below 0 if the phase is a line, and then it returns an error.
///
/// Source: Smith and Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large
/// Learning Rates", 2017; Optax, `cosine_onecycle_schedule`; PyTorch, `OneCycleLR`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OneCycle<F> {
    max_lr: F,
    total_steps: NonZeroU32,
    warmup_steps: u32,
    div_factor: Option<F>,
    final_div_factor: Option<F>,
    curve: Curve,
    three_phase: bool,
}

impl<F: Float> OneCycle<F> {
    /// Two phases along cosines; the peak is checked by [`Schedule::validate`].
    ///
    /// # Panics
    ///
    /// If `total_steps` is 0, which in a `static` or `const` is a compile error:
    ///
    /// ```compile_fail,E0080
    /// # use microlr::OneCycle;
    /// static IMPOSSIBLE: OneCycle<f32> = OneCycle::new(0.1, 0);
    /// ```
    ///
    /// ```
    /// use microlr::{OneCycle, Schedule};
    /// static CYCLE: OneCycle<f64> = OneCycle::new(0.5, 100);
    /// assert_eq!([CYCLE.lr(0), CYCLE.lr(30)], [0.02, 0.5]);
    /// assert!(CYCLE.lr(29) < 0.5 && CYCLE.lr(31) < 0.5);
    /// assert!(CYCLE.lr(99) > 2e-6);
    /// assert_eq!([CYCLE.lr(100), CYCLE.lr(101)], [2e-6, 2e-6]);
    /// ```
    #[must_use]
    pub const fn new(max_lr: F, total_steps: u32) -> Self {
        Self {
            max_lr,
            total_steps: error::expect_steps(total_steps, "total_steps must be above 0"),
            warmup_steps: (total_steps as u64 * 3 / 10) as u32,
            div_factor: None,
            final_div_factor: None,
            curve: Curve::Cosine,
            three_phase: false,
        }
    }

    /// Checks values that arrive at run time, and returns an error instead of panicking.
    ///
    /// # Errors
    ///
    /// A parameter is invalid.
    ///
    /// ```
    /// use microlr::{Error, OneCycle, Schedule};
    /// let cycle = OneCycle::try_new(0.1, 100)?;
    /// // Options are checked by `validate`:
    /// assert_eq!(cycle.warmup_steps(100).validate(), Ok(()));
    /// assert_eq!(cycle.warmup_steps(101).validate(), Err(Error::AboveUpper("warmup_steps")));
    /// assert_eq!(OneCycle::try_new(0.1, 0), Err(Error::NotPositive("total_steps")));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn try_new(max_lr: F, total_steps: u32) -> Result<Self, Error> {
        error::steps("total_steps", total_steps)?;
        valid(Self::new(max_lr, total_steps))
    }

    /// Sets the step of the peak.
    ///
    /// ```
    /// use microlr::{OneCycle, Schedule};
    /// let cycle = OneCycle::new(0.5_f64, 100).warmup_steps(10);
    /// assert!(cycle.lr(9) < 0.5 && cycle.lr(11) < 0.5);
    /// assert_eq!([cycle.lr(0), cycle.lr(5), cycle.lr(10)], [0.02, 0.26, 0.5]);
    /// ```
    #[must_use]
    pub const fn warmup_steps(mut self, warmup_steps: u32) -> Self {
        self.warmup_steps = warmup_steps;
        self
    }

    /// Sets the quotient of the peak and the first rate.
    ///
    /// ```
    /// use microlr::{OneCycle, Schedule};
    /// let cycle = OneCycle::new(0.5_f64, 100).div_factor(2.0);
    /// assert_eq!([cycle.lr(0), cycle.lr(30), cycle.lr(100)], [0.25, 0.5, 2.5e-5]);
    /// ```
    #[must_use]
    pub const fn div_factor(mut self, div_factor: F) -> Self {
        self.div_factor = Some(div_factor);
        self
    }

    /// Sets the quotient of the first rate and the end. Below 1 the end is above the first rate.
    ///
    /// ```
    /// use microlr::{OneCycle, Schedule};
    /// let cycle = OneCycle::new(0.5_f64, 100).div_factor(4.0);
    /// assert_eq!(cycle.final_div_factor(2.0).lr(100), 0.0625);
    /// assert_eq!(cycle.final_div_factor(0.5).lr(100), 0.25);
    /// assert_eq!(cycle.final_div_factor(0.25).lr(100), 0.5); // the lowest valid factor
    /// ```
    #[must_use]
    pub const fn final_div_factor(mut self, final_div_factor: F) -> Self {
        self.final_div_factor = Some(final_div_factor);
        self
    }

    /// Makes each phase a straight line.
    ///
    /// ```
    /// use microlr::{OneCycle, Schedule};
    /// let cycle = OneCycle::new(0.5_f64, 80).warmup_steps(16).div_factor(2.0).linear();
    /// assert_eq!([cycle.lr(0), cycle.lr(4), cycle.lr(16)], [0.25, 0.3125, 0.5]);
    /// assert_eq!([cycle.lr(48), cycle.lr(80), cycle.lr(81)], [0.2500125, 2.5e-5, 2.5e-5]);
    /// ```
    #[must_use]
    pub const fn linear(mut self) -> Self {
        self.curve = Curve::Linear;
        self
    }

    /// Falls to the first rate in as many steps as it rose, and from there to the end. Optax'
    /// `linear_onecycle_schedule`, where the second phase may be longer than the first, is an
    /// [`Interpolated`](crate::Interpolated).
    ///
    /// ```
    /// use microlr::{OneCycle, Schedule};
    /// let cycle = OneCycle::new(0.5_f64, 100).div_factor(4.0).final_div_factor(2.0).three_phase();
    /// assert_eq!([cycle.lr(0), cycle.lr(30), cycle.lr(60)], [0.125, 0.5, 0.125]);
    /// assert!(cycle.lr(59) > 0.125 && cycle.lr(61) < 0.125);
    /// assert_eq!([cycle.lr(80), cycle.lr(100), cycle.lr(101)], [0.09375, 0.0625, 0.0625]);
    /// ```
    #[must_use]
    pub const fn three_phase(mut self) -> Self {
        self.three_phase = true;
        self
    }

    fn factors(&self) -> (F, F) {
        let default = (F::from_step(25), F::from_step(10_000));
        (self.div_factor.unwrap_or(default.0), self.final_div_factor.unwrap_or(default.1))
    }
}

impl<F: Float> Schedule for OneCycle<F> {
    type Rate = F;

    #[inline(always)]
    fn lr(&self, step: u32) -> F {
        let (max, warmup, curve) = (self.max_lr, self.warmup_steps, self.curve);
        let (div_factor, final_div_factor) = self.factors();
        let initial = max.widen() / div_factor.widen();
        // Where the factors cancel each other, rounding must not lift the end above the peak.
        let end = F::narrow(initial / final_div_factor.widen());
        let end = if end > max { max } else { end };
        let initial = F::narrow(initial);

        let Some(elapsed) = step.checked_sub(warmup) else {
            return curve.between(initial, max, step, warmup);
        };
        let remaining = self.total_steps.get().saturating_sub(warmup);
        if !self.three_phase {
            return curve.between(max, end, elapsed, remaining);
        }
        match elapsed.checked_sub(warmup) {
            None => curve.between(max, initial, elapsed, warmup),
            Some(elapsed) => curve.between(initial, end, elapsed, remaining.saturating_sub(warmup)),
        }
    }

    fn validate(&self) -> Result<(), Error> {
        error::non_negative("max_lr", self.max_lr)?;
        let (div_factor, final_div_factor) = self.factors();
        error::finite("div_factor", div_factor)?;
        if div_factor < F::ONE {
            return Err(Error::TooSmall("div_factor"));
        }
        error::positive("final_div_factor", final_div_factor)?;
        if div_factor * final_div_factor < F::ONE {
            return Err(Error::TooSmall("final_div_factor"));
        }
        let total_steps = self.total_steps.get();
        let most = if self.three_phase { total_steps / 2 } else { total_steps };
        if self.warmup_steps > most { Err(Error::AboveUpper("warmup_steps")) } else { Ok(()) }
    }
}

#[cfg(feature = "serde")]
impl<F: Float> Class for OneCycle<F> {
    const NAMES: &'static [&'static str] = &["OneCycle"];

    fn read(from: &mut impl Source) -> Result<Self, Refused> {
        let mut schedule = Self::try_new(from.get("max_lr")?, from.get("total_steps")?)?;
        schedule.warmup_steps = from.get_or("warmup_steps", schedule.warmup_steps)?;
        schedule.div_factor = from.get_or("div_factor", None)?;
        schedule.final_div_factor = from.get_or("final_div_factor", None)?;
        if from.get_or("linear", false)? {
            schedule.curve = Curve::Linear;
        }
        schedule.three_phase = from.get_or("three_phase", false)?;
        Ok(schedule)
    }

    fn write<S: Sink>(&self, to: &mut S) -> Result<(), S::Error> {
        to.put("max_lr", &self.max_lr)?;
        to.put("total_steps", &self.total_steps)?;
        to.put("warmup_steps", &self.warmup_steps)?;
        to.put("div_factor", &self.div_factor)?;
        to.put("final_div_factor", &self.final_div_factor)?;
        to.put("linear", &(self.curve == Curve::Linear))?;
        to.put("three_phase", &self.three_phase)
    }
}

#[cfg(feature = "serde")]
exchanged!([F: Float] OneCycle<F>, 0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_of_no_steps_is_left_out() {
        let falling = OneCycle::new(0.5_f32, 10).warmup_steps(0).final_div_factor(0.04);
        assert!(falling.iter().take(12).all(|lr| lr == 0.5));
        assert_eq!(falling.three_phase().lr(0), 0.02);
        let rising = OneCycle::new(0.5_f64, 10).warmup_steps(10).linear();
        assert_eq!([rising.lr(5), rising.lr(10), rising.lr(11)], [0.26, 2e-6, 2e-6]);
        let twice = OneCycle::new(0.5_f64, 10).warmup_steps(5).three_phase();
        assert_eq!([twice.lr(5), twice.lr(10)], [0.5, 2e-6]);
        assert!(twice.lr(9) > 0.02);
    }

    #[test]
    fn the_longest_cycle_reaches_each_rate() {
        let longest = OneCycle::new(1.0_f32, u32::MAX).div_factor(2.0).final_div_factor(2.0);
        // 3/10 of 4 294 967 295 is 1 288 490 188.5.
        let peak = 1_288_490_188;
        assert_eq!([0, peak, u32::MAX].map(|step| longest.lr(step)), [0.5, 1.0, 0.25]);
        let three = longest.three_phase();
        assert_eq!([peak, 2 * peak, u32::MAX].map(|step| three.lr(step)), [1.0, 0.5, 0.25]);
    }

    /// In the order of PyTorch's divisions.
    #[test]
    fn the_ends_are_quotients() {
        let wide = OneCycle::new(0.1_f64, 100).div_factor(3.0).final_div_factor(7.0);
        assert_eq!([wide.lr(0), wide.lr(100)], [0.1 / 3.0, 0.1 / 3.0 / 7.0]);
        let narrow = OneCycle::new(0.1_f32, 100).div_factor(3.0).final_div_factor(7.0);
        assert_eq!([narrow.lr(0), narrow.lr(100)], [0.1 / 3.0, 0.1 / 21.0]);
        // The product of the factors overflows.
        let tiny = OneCycle::new(f32::MAX, 1).div_factor(1e30).final_div_factor(1e30);
        assert!((tiny.lr(1) / 3.402_823_5e-22 - 1.0).abs() < 3e-7);
        let tiny = OneCycle::new(f64::MAX, 1).div_factor(1e200).final_div_factor(1e200);
        assert!((tiny.lr(1) / 1.797_693_134_862_315_7e-92 - 1.0).abs() < 1e-15);
    }

    /// Factors whose product rounds to 1.
    #[test]
    fn no_rate_is_above_the_peak() {
        for factor in 1..1000 {
            let factor = f64::from(factor);
            let cycle = OneCycle::new(0.1, 10).div_factor(factor).final_div_factor(1.0 / factor);
            if cycle.validate().is_ok() {
                assert!(cycle.iter().take(12).all(|lr| lr <= 0.1), "{factor}");
            }
        }
    }

    #[test]
    fn validate_names_the_parameter() {
        let cycle = OneCycle::new(0.1_f32, 100);
        for (schedule, error) in [
            (OneCycle::new(-0.1, 100), Error::Negative("max_lr")),
            (cycle.div_factor(f32::NAN), Error::NotFinite("div_factor")),
            (cycle.div_factor(0.999), Error::TooSmall("div_factor")),
            (cycle.final_div_factor(f32::INFINITY), Error::NotFinite("final_div_factor")),
            (cycle.final_div_factor(0.0), Error::NotPositive("final_div_factor")),
            (cycle.final_div_factor(0.039), Error::TooSmall("final_div_factor")),
            (cycle.three_phase().warmup_steps(51), Error::AboveUpper("warmup_steps")),
        ] {
            assert_eq!(schedule.validate(), Err(error));
        }
        assert_eq!(cycle.three_phase().warmup_steps(50).validate(), Ok(()));
        assert_eq!(cycle.div_factor(1.0).final_div_factor(1.0).validate(), Ok(()));
        assert_eq!(cycle.final_div_factor(f32::MAX).validate(), Ok(()));
    }
}
