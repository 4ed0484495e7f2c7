use crate::error::Error;
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
#[cfg(feature = "serde")]
use crate::schedule::Inner;
use crate::schedule::Schedule;

/// One schedule, then another; see [`Schedule::then`].
///
/// ```
/// use microlr::{CosineDecay, Schedule, Then};
/// let schedule: Then<f32, CosineDecay<f32>> = 0.25.then(10, CosineDecay::new(0.5, 100));
/// assert_eq!([schedule.lr(9), schedule.lr(10), schedule.lr(110)], [0.25, 0.5, 0.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Then<First, Next> {
    first: First,
    at: u32,
    next: Next,
}

impl<First, Next> Then<First, Next> {
    /// `first` for the steps below `at`, and then `next`, which counts from 0 again.
    ///
    /// ```
    /// use microlr::{CosineDecay, PolynomialDecay, Schedule, Then};
    /// static WARM: Then<PolynomialDecay<f32>, CosineDecay<f32>> =
    ///     Then::new(PolynomialDecay::new(0.0, 10, 0.5), 10, CosineDecay::new(0.5, 100));
    /// assert_eq!([WARM.lr(5), WARM.lr(10), WARM.lr(110)], [0.25, 0.5, 0.0]);
    /// assert!(WARM.lr(9) < 0.5 && WARM.lr(11) < 0.5);
    /// ```
    #[must_use]
    pub const fn new(first: First, at: u32, next: Next) -> Self {
        Self { first, at, next }
    }
}

impl<First, Next> Schedule for Then<First, Next>
where
    First: Schedule,
    Next: Schedule<Rate = First::Rate>,
{
    type Rate = First::Rate;

    #[inline(always)]
    fn lr(&self, step: u32) -> Self::Rate {
        match step.checked_sub(self.at) {
            None => self.first.lr(step),
            Some(step) => self.next.lr(step),
        }
    }

    fn validate(&self) -> Result<(), Error> {
        self.first.validate()?;
        self.next.validate()
    }
}

#[cfg(feature = "serde")]
impl<First: Inner, Next: Inner> Class<First, Next> for Then<First, Next> {
    const NAMES: &'static [&'static str] = &["Then"];
    const INNER: &'static [&'static str] = &["first", "next"];

    fn read(from: &mut impl Source<First, Next>) -> Result<Self, Refused> {
        Ok(Self::new(from.first()?, from.get("at")?, from.second()?))
    }

    fn write<S: Sink>(&self, to: &mut S) -> Result<(), S::Error> {
        to.put("first", &self.first)?;
        to.put("at", &self.at)?;
        to.put("next", &self.next)
    }
}

#[cfg(feature = "serde")]
exchanged!([First: Inner, Next: Inner<Rate = First::Rate>] Then<First, Next>, 0);
