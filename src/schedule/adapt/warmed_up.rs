use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
use crate::float::Float;
#[cfg(feature = "serde")]
use crate::schedule::Inner;
use crate::schedule::Schedule;
use crate::schedule::curve::Curve;

/// A schedule after a linear warm-up to its first rate.
///
/// ```text
/// lr(s) = from + (schedule(0) - from) · s/steps    for s < steps
/// lr(s) = schedule(s - steps)                      from then on
///
/// (s + 1)/steps in place of s/steps with without_zero()
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `steps` | steps | any; at 0 there is no warm-up |
/// | `from` | rate | finite, ≥ 0; 0 unless set; above the first rate the line falls |
///
/// ```
/// use microlr::{CosineDecay, Schedule, WarmedUp};
/// let warm: WarmedUp<CosineDecay<f64>, f64> = CosineDecay::new(0.5, 100).warmed_up(4);
/// assert_eq!([warm.lr(0), warm.lr(1), warm.lr(3), warm.lr(4)], [0.0, 0.125, 0.375, 0.5]);
/// assert!(warm.lr(5) < 0.5);
/// assert_eq!([warm.lr(54), warm.lr(104)], [0.25, 0.0]);
/// ```
///
/// Equivalents: `num_warmup_steps` of transformers, `warmup_t` of timm with `warmup_prefix`, Optax'
/// `warmup_cosine_decay_schedule`, Keras' `CosineDecay` with `warmup_steps`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct WarmedUp<S, F> {
    schedule: S,
    steps: u32,
    from: F,
    without_zero: bool,
}

impl<S, F: Float> WarmedUp<S, F> {
    /// A line from 0 to the first rate of `schedule` in `steps` steps, then `schedule`, which
    /// counts from 0 there.
    ///
    /// ```
    /// use microlr::{PolynomialDecay, Schedule, WarmedUp};
    /// static WARM: WarmedUp<PolynomialDecay<f32>, f32> =
    ///     WarmedUp::new(PolynomialDecay::new(0.5, 4, 0.0), 2);
    /// assert_eq!([0, 1, 2, 3, 6].map(|step| WARM.lr(step)), [0.0, 0.25, 0.5, 0.375, 0.0]);
    /// ```
    #[must_use]
    pub const fn new(schedule: S, steps: u32) -> Self {
        Self { schedule, steps, from: F::ZERO, without_zero: false }
    }

    /// Sets the rate at which the line starts.
    ///
    /// ```
    /// use microlr::Schedule;
    /// let warm = 0.5_f32.warmed_up(2).from(0.25);
    /// assert_eq!([0, 1, 2, 3].map(|step| warm.lr(step)), [0.25, 0.375, 0.5, 0.5]);
    /// ```
    #[must_use]
    pub const fn from(mut self, from: F) -> Self {
        self.from = from;
        self
    }

    /// Leaves out the start of the line, since an update with a rate of 0 has no effect. So the
    /// line ends one step earlier: the last step of the warm-up has the first rate of the schedule.
    ///
    /// ```
    /// use microlr::{PolynomialDecay, Schedule};
    /// let warm = PolynomialDecay::new(0.5_f32, 4, 0.0).warmed_up(2).without_zero();
    /// assert_eq!([0, 1, 2, 3, 6].map(|step| warm.lr(step)), [0.25, 0.5, 0.5, 0.375, 0.0]);
    /// ```
    #[must_use]
    pub const fn without_zero(mut self) -> Self {
        self.without_zero = true;
        self
    }
}

impl<F: Float, S: Schedule<Rate = F>> Schedule for WarmedUp<S, F> {
    type Rate = F;

    #[inline(always)]
    fn lr(&self, step: u32) -> F {
        match step.checked_sub(self.steps) {
            Some(step) => self.schedule.lr(step),
            None => {
                let elapsed = step.saturating_add(self.without_zero.into());
                Curve::Linear.between(self.from, self.schedule.lr(0), elapsed, self.steps)
            }
        }
    }

    fn validate(&self) -> Result<(), Error> {
        self.schedule.validate()?;
        error::non_negative("from", self.from)
    }
}

#[cfg(feature = "serde")]
impl<F: Float, S: Inner> Class<S> for WarmedUp<S, F> {
    const NAMES: &'static [&'static str] = &["WarmedUp"];
    const INNER: &'static [&'static str] = &["schedule"];

    fn read(from: &mut impl Source<S>) -> Result<Self, Refused> {
        let mut warm = Self::new(from.first()?, from.get("steps")?);
        warm.from = from.get_or("from", F::ZERO)?;
        warm.without_zero = from.get_or("without_zero", false)?;
        Ok(warm)
    }

    fn write<T: Sink>(&self, to: &mut T) -> Result<(), T::Error> {
        to.put("schedule", &self.schedule)?;
        to.put("steps", &self.steps)?;
        to.put("from", &self.from)?;
        to.put("without_zero", &self.without_zero)
    }
}

#[cfg(feature = "serde")]
exchanged!([F: Float, S: Inner<Rate = F>] WarmedUp<S, F>, 0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_exact_whatever_the_length() {
        for steps in [1, 2, 3, 41, (1 << 24) + 1, u32::MAX] {
            let warm = 0.1_f32.warmed_up(steps).from(0.3);
            assert_eq!([warm.lr(0), warm.lr(steps), warm.lr(u32::MAX)], [0.3, 0.1, 0.1]);
            assert_eq!(warm.without_zero().lr(steps - 1), 0.1);
        }
        // 0.2 + (0.88 - 0.2) is less than 0.88.
        let rising = 0.88_f64.warmed_up(10).from(0.2);
        assert_eq!([rising.lr(10), rising.without_zero().lr(9)], [0.88, 0.88]);
    }

    #[test]
    fn no_steps_are_no_warm_up() {
        let warm = 0.1_f32.warmed_up(0);
        assert_eq!([warm.lr(0), warm.without_zero().lr(0), warm.lr(1)], [0.1; 3]);
    }

    #[test]
    fn validate_names_the_parameter() {
        assert_eq!(0.1.warmed_up(1).from(-0.1).validate(), Err(Error::Negative("from")));
        assert_eq!((-0.1).warmed_up(1).validate(), Err(Error::Negative("learning_rate")));
    }
}
