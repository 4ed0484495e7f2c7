use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
use crate::float::Float;
#[cfg(feature = "serde")]
use crate::schedule::Inner;
use crate::schedule::Schedule;

/// A schedule times a constant; see [`Schedule::scaled`].
///
/// ```
/// use microlr::{CosineDecay, Error, Scaled, Schedule};
/// let half: Scaled<CosineDecay<f64>, f64> = CosineDecay::new(0.5, 100).scaled(0.5);
/// assert_eq!([half.lr(0), half.lr(50), half.lr(100)], [0.25, 0.125, 0.0]);
/// assert_eq!(half.scaled(-1.0).validate(), Err(Error::Negative("factor")));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Scaled<S, F> {
    schedule: S,
    factor: F,
}

impl<S, F> Scaled<S, F> {
    /// `schedule` times `factor`, which is finite and at least 0.
    ///
    /// ```
    /// use microlr::{CosineDecay, Scaled, Schedule};
    /// static HALF: Scaled<CosineDecay<f32>, f32> = Scaled::new(CosineDecay::new(0.5, 100), 0.5);
    /// assert_eq!([HALF.lr(0), HALF.lr(50), HALF.lr(100)], [0.25, 0.125, 0.0]);
    /// ```
    #[must_use]
    pub const fn new(schedule: S, factor: F) -> Self {
        Self { schedule, factor }
    }
}

impl<F: Float, S: Schedule<Rate = F>> Schedule for Scaled<S, F> {
    type Rate = F;

    #[inline(always)]
    fn lr(&self, step: u32) -> F {
        self.schedule.lr(step) * self.factor
    }

    fn validate(&self) -> Result<(), Error> {
        error::non_negative("factor", self.factor)?;
        self.schedule.validate()
    }
}

#[cfg(feature = "serde")]
impl<F: Float, S: Inner> Class<S> for Scaled<S, F> {
    const NAMES: &'static [&'static str] = &["Scaled"];
    const INNER: &'static [&'static str] = &["schedule"];

    fn read(from: &mut impl Source<S>) -> Result<Self, Refused> {
        Ok(Self::new(from.first()?, from.get("factor")?))
    }

    fn write<T: Sink>(&self, to: &mut T) -> Result<(), T::Error> {
        to.put("schedule", &self.schedule)?;
        to.put("factor", &self.factor)
    }
}

#[cfg(feature = "serde")]
exchanged!([F: Float, S: Inner<Rate = F>] Scaled<S, F>, 0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scaled_rate_is_the_product() {
        assert_eq!(0.1_f32.scaled(0.3).lr(0), 0.1 * 0.3);
        assert_eq!(f32::MIN_POSITIVE.scaled(0.7).scaled(2.0).lr(0), f32::MIN_POSITIVE * 0.7 * 2.0);
        assert_eq!(f32::INFINITY.scaled(0.5).lr(0), f32::INFINITY);
    }
}
