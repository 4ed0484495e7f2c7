use crate::error::Error;
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
#[cfg(feature = "serde")]
use crate::schedule::Inner;
use crate::schedule::Schedule;

/// One schedule, then another that counts from the same step 0.
///
/// ```text
/// lr(s) = first(s)    for s < at
/// lr(s) = next(s)     from then on
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `at` | steps | any; at 0 only `next` is used |
///
/// So a decay continues under its warm-up. With [`Then`](crate::Then) the decay starts after it.
///
/// ```
/// use microlr::{ExponentialDecay, PolynomialDecay, Schedule, Switched};
/// // The decay halves at each step, and begins at step 2 with a quarter of its first rate.
/// let schedule: Switched<PolynomialDecay<f32>, ExponentialDecay<f32>> =
///     PolynomialDecay::new(0.0, 2, 0.25).switched(2, ExponentialDecay::new(1.0, 1, 0.5));
/// assert_eq!([0, 1, 2, 3].map(|step| schedule.lr(step)), [0.0, 0.125, 0.25, 0.125]);
/// ```
///
/// Equivalent: the warm-up of timm's schedulers, unless `warmup_prefix` is set.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Switched<First, Next> {
    first: First,
    at: u32,
    next: Next,
}

impl<First, Next> Switched<First, Next> {
    /// `first` for the steps below `at`, and from there on `next`; both count from step 0.
    ///
    /// ```
    /// use microlr::{ExponentialDecay, Schedule, Switched};
    /// static LATE: Switched<f32, ExponentialDecay<f32>> =
    ///     Switched::new(0.125, 2, ExponentialDecay::new(1.0, 1, 0.5));
    /// assert_eq!([LATE.lr(0), LATE.lr(1), LATE.lr(2), LATE.lr(3)], [0.125, 0.125, 0.25, 0.125]);
    /// ```
    #[must_use]
    pub const fn new(first: First, at: u32, next: Next) -> Self {
        Self { first, at, next }
    }
}

impl<First, Next> Schedule for Switched<First, Next>
where
    First: Schedule,
    Next: Schedule<Rate = First::Rate>,
{
    type Rate = First::Rate;

    #[inline(always)]
    fn lr(&self, step: u32) -> Self::Rate {
        if step < self.at { self.first.lr(step) } else { self.next.lr(step) }
    }

    fn validate(&self) -> Result<(), Error> {
        self.first.validate()?;
        self.next.validate()
    }
}

#[cfg(feature = "serde")]
impl<First: Inner, Next: Inner> Class<First, Next> for Switched<First, Next> {
    const NAMES: &'static [&'static str] = &["Switched"];
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
exchanged!([First: Inner, Next: Inner<Rate = First::Rate>] Switched<First, Next>, 0);
