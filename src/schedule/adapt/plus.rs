use crate::error::Error;
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
#[cfg(feature = "serde")]
use crate::schedule::Inner;
use crate::schedule::Schedule;

/// The sum of two schedules.
///
/// ```text
/// lr(s) = first(s) + second(s)
/// ```
///
/// The sum is rounded once more than the two rates.
///
/// ```
/// use microlr::{CosineDecay, Plus, Schedule};
/// // A decay on top of an offset.
/// let above: Plus<CosineDecay<f64>, f64> = CosineDecay::new(0.5, 100).plus(0.125);
/// assert_eq!([above.lr(0), above.lr(50), above.lr(100)], [0.625, 0.375, 0.125]);
/// assert!(above.lr(99) > 0.125);
/// assert_eq!(above.lr(101), 0.125);
/// ```
///
/// Equivalent: burn's `ComposedLrScheduler` (sum).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Plus<First, Second> {
    first: First,
    second: Second,
}

impl<First, Second> Plus<First, Second> {
    /// The sum of the two rates.
    ///
    /// ```
    /// use microlr::{ExponentialDecay, Plus, Schedule};
    /// static ABOVE: Plus<ExponentialDecay<f32>, f32> =
    ///     Plus::new(ExponentialDecay::new(0.5, 1, 0.5), 0.125);
    /// assert_eq!([ABOVE.lr(0), ABOVE.lr(1), ABOVE.lr(2)], [0.625, 0.375, 0.25]);
    /// ```
    #[must_use]
    pub const fn new(first: First, second: Second) -> Self {
        Self { first, second }
    }
}

impl<First, Second> Schedule for Plus<First, Second>
where
    First: Schedule,
    Second: Schedule<Rate = First::Rate>,
{
    type Rate = First::Rate;

    #[inline(always)]
    fn lr(&self, step: u32) -> Self::Rate {
        self.first.lr(step) + self.second.lr(step)
    }

    fn validate(&self) -> Result<(), Error> {
        self.first.validate()?;
        self.second.validate()
    }
}

#[cfg(feature = "serde")]
impl<First: Inner, Second: Inner> Class<First, Second> for Plus<First, Second> {
    const NAMES: &'static [&'static str] = &["Plus"];
    const INNER: &'static [&'static str] = &["first", "second"];

    fn read(from: &mut impl Source<First, Second>) -> Result<Self, Refused> {
        Ok(Self::new(from.first()?, from.second()?))
    }

    fn write<S: Sink>(&self, to: &mut S) -> Result<(), S::Error> {
        to.put("first", &self.first)?;
        to.put("second", &self.second)
    }
}

#[cfg(feature = "serde")]
exchanged!([First: Inner, Second: Inner<Rate = First::Rate>] Plus<First, Second>, 0);
