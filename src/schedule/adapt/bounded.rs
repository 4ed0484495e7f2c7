use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
use crate::float::Float;
#[cfg(feature = "serde")]
use crate::schedule::Inner;
use crate::schedule::Schedule;

/// A schedule between a floor and a ceiling.
///
/// ```text
/// lr(s) = min    where schedule(s) < min
/// lr(s) = max    where schedule(s) > max
/// lr(s) = schedule(s)    elsewhere
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `min` | rate | finite, ≥ 0 |
/// | `max` | rate | finite, ≥ `min` |
///
/// A rate that is NaN stays NaN.
///
/// ```
/// use microlr::{Bounded, Error, ExponentialDecay, Schedule};
/// let halving = ExponentialDecay::new(1.0, 1, 0.5);
/// let bounded: Bounded<ExponentialDecay<f32>, f32> = halving.bounded(0.2, 0.75);
/// assert_eq!([0, 1, 2, 3].map(|step| bounded.lr(step)), [0.75, 0.5, 0.25, 0.2]);
/// assert_eq!(halving.bounded(0.5, 0.2).validate(), Err(Error::AboveUpper("min")));
/// ```
///
/// Equivalents: `end_value` of Optax' `exponential_decay`, `lr_min` of timm's schedulers.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Bounded<S, F> {
    schedule: S,
    min: F,
    max: F,
}

impl<S, F> Bounded<S, F> {
    /// `schedule`, at least `min` and at most `max`.
    ///
    /// ```
    /// use microlr::{Bounded, ExponentialDecay, Schedule};
    /// static BOUNDED: Bounded<ExponentialDecay<f32>, f32> =
    ///     Bounded::new(ExponentialDecay::new(1.0, 1, 0.5), 0.2, 0.75);
    /// assert_eq!([0, 1, 2, 3].map(|step| BOUNDED.lr(step)), [0.75, 0.5, 0.25, 0.2]);
    /// ```
    #[must_use]
    pub const fn new(schedule: S, min: F, max: F) -> Self {
        Self { schedule, min, max }
    }
}

impl<F: Float, S: Schedule<Rate = F>> Schedule for Bounded<S, F> {
    type Rate = F;

    #[inline(always)]
    fn lr(&self, step: u32) -> F {
        let lr = self.schedule.lr(step);
        // Rate, floor or ceiling: if one of them is NaN, so is the result.
        let lr = if lr >= self.min || lr.is_nan() { lr } else { self.min };
        if lr <= self.max || lr.is_nan() { lr } else { self.max }
    }

    fn validate(&self) -> Result<(), Error> {
        self.schedule.validate()?;
        error::non_negative("min", self.min)?;
        error::non_negative("max", self.max)?;
        if self.min <= self.max { Ok(()) } else { Err(Error::AboveUpper("min")) }
    }
}

#[cfg(feature = "serde")]
impl<F: Float, S: Inner> Class<S> for Bounded<S, F> {
    const NAMES: &'static [&'static str] = &["Bounded"];
    const INNER: &'static [&'static str] = &["schedule"];

    fn read(from: &mut impl Source<S>) -> Result<Self, Refused> {
        Ok(Self::new(from.first()?, from.get("min")?, from.get("max")?))
    }

    fn write<T: Sink>(&self, to: &mut T) -> Result<(), T::Error> {
        to.put("schedule", &self.schedule)?;
        to.put("min", &self.min)?;
        to.put("max", &self.max)
    }
}

#[cfg(feature = "serde")]
exchanged!([F: Float, S: Inner<Rate = F>] Bounded<S, F>, 0);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::from_fn;

    #[test]
    fn nan_is_no_rate() {
        let nan = f32::NAN;
        for [lr, min, max] in [[nan, 0.1, 0.2], [0.3, nan, 0.2], [0.1, 0.2, nan], [nan; 3]] {
            assert!(Bounded::new(lr, min, max).lr(0).is_nan(), "{lr} {min} {max}");
        }
        let rates = [f32::INFINITY, f32::NEG_INFINITY, 0.1, 0.2];
        let bounded = from_fn(|step| rates[step as usize]).bounded(0.1, 0.2);
        assert!(bounded.iter().take(4).eq([0.2, 0.1, 0.1, 0.2]));
    }

    #[test]
    fn validate_names_the_parameter() {
        for (schedule, min, max, error) in [
            (0.1_f32, -0.1, 0.1, Error::Negative("min")),
            (0.1, 0.1, f32::NAN, Error::NotFinite("max")),
            (0.1, 0.2, 0.1, Error::AboveUpper("min")),
            (-0.1, 0.0, 0.1, Error::Negative("learning_rate")),
        ] {
            assert_eq!(Bounded::new(schedule, min, max).validate(), Err(error));
        }
        assert_eq!(Bounded::new(0.3_f32, 0.1, 0.1).validate(), Ok(()));
    }
}
