use crate::error::Error;
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
#[cfg(feature = "serde")]
use crate::schedule::Inner;
use crate::schedule::Schedule;

/// The product of two schedules: of a rate and a factor that depends on the step.
///
/// ```text
/// lr(s) = first(s) · second(s)
/// ```
///
/// The product is rounded once more than the two factors.
///
/// ```
/// use microlr::{ExponentialDecay, PolynomialDecay, Schedule, Times};
/// // The first two rates of a decay are reduced to 1/2 and 3/4.
/// let decay: Times<ExponentialDecay<f32>, PolynomialDecay<f32>> =
///     ExponentialDecay::new(1.0, 1, 0.5).times(PolynomialDecay::new(0.5, 2, 1.0));
/// assert_eq!([0, 1, 2, 3].map(|step| decay.lr(step)), [0.5, 0.375, 0.25, 0.125]);
/// ```
///
/// Equivalents: PyTorch's `ChainedScheduler`, burn's `ComposedLrScheduler` (product).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Times<First, Second> {
    first: First,
    second: Second,
}

impl<First, Second> Times<First, Second> {
    /// The product of the two.
    ///
    /// ```
    /// use microlr::{CosineDecay, ExponentialDecay, Schedule, Times};
    /// static BOTH: Times<CosineDecay<f64>, ExponentialDecay<f64>> =
    ///     Times::new(CosineDecay::new(0.5, 100), ExponentialDecay::new(1.0, 50, 0.5));
    /// assert_eq!([BOTH.lr(0), BOTH.lr(50), BOTH.lr(100)], [0.5, 0.125, 0.0]);
    /// assert!(BOTH.lr(99) > 0.0);
    /// ```
    #[must_use]
    pub const fn new(first: First, second: Second) -> Self {
        Self { first, second }
    }
}

impl<First, Second> Schedule for Times<First, Second>
where
    First: Schedule,
    Second: Schedule<Rate = First::Rate>,
{
    type Rate = First::Rate;

    #[inline(always)]
    fn lr(&self, step: u32) -> Self::Rate {
        self.first.lr(step) * self.second.lr(step)
    }

    fn validate(&self) -> Result<(), Error> {
        self.first.validate()?;
        self.second.validate()
    }
}

#[cfg(feature = "serde")]
impl<First: Inner, Second: Inner> Class<First, Second> for Times<First, Second> {
    const NAMES: &'static [&'static str] = &["Times"];
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
exchanged!([First: Inner, Second: Inner<Rate = First::Rate>] Times<First, Second>, 0);
