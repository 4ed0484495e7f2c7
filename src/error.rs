//! What can be wrong with a schedule, a sample or an update.

use core::fmt;
use core::num::NonZeroU32;

use crate::float::Float;

/// Why a schedule was refused, or why an update did not happen.
///
/// The string names the parameter: a field of the schedule under Keras' name
/// (`"decay_steps"`), or an argument of the trainer (`"x"`, `"y"`, `"learning_rate"`).
///
/// ```
/// use microlr::{Error, ExponentialDecay};
/// let refused = ExponentialDecay::try_new(0.1_f32, 0, 0.95);
/// assert_eq!(refused, Err(Error::NotPositive("decay_steps")));
/// assert_eq!(Error::NotPositive("decay_steps").to_string(), "`decay_steps` must be above 0");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error {
    /// NaN or infinite.
    NotFinite(&'static str),
    /// Below 0.
    Negative(&'static str),
    /// 0 or below.
    NotPositive(&'static str),
    /// Below 1.
    BelowOne(&'static str),
    /// Outside [0, 1], or NaN.
    OutsideUnitInterval(&'static str),
    /// Above the parameter that bounds it from above.
    AboveUpper(&'static str),
    /// Not strictly increasing.
    NotIncreasing(&'static str),
    /// More elements than the capacity.
    TooMany(&'static str),
    /// A number of elements that does not fit its partner's.
    LengthMismatch(&'static str),
    /// No element at all.
    Empty(&'static str),
    /// Finite arguments whose result would not be finite.
    Overflow(&'static str),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, complaint) = match *self {
            Self::NotFinite(name) => (name, "must be finite"),
            Self::Negative(name) => (name, "must not be negative"),
            Self::NotPositive(name) => (name, "must be above 0"),
            Self::BelowOne(name) => (name, "must not be below 1"),
            Self::OutsideUnitInterval(name) => (name, "must lie in [0, 1]"),
            Self::AboveUpper(name) => (name, "must not be above its upper bound"),
            Self::NotIncreasing(name) => (name, "must increase strictly"),
            Self::TooMany(name) => (name, "has more elements than fit"),
            Self::LengthMismatch(name) => (name, "has the wrong number of elements"),
            Self::Empty(name) => (name, "must not be empty"),
            Self::Overflow(name) => (name, "would overflow"),
        };
        write!(f, "`{name}` {complaint}")
    }
}

impl core::error::Error for Error {}

/// `Ok` where `value` is finite.
pub(crate) fn finite<F: Float>(name: &'static str, value: F) -> Result<(), Error> {
    if value.is_finite() { Ok(()) } else { Err(Error::NotFinite(name)) }
}

/// `Ok` where `value` is finite and at least 0.
pub(crate) fn non_negative<F: Float>(name: &'static str, value: F) -> Result<(), Error> {
    if value.lies_between_zero_and(F::max_value()) {
        return Ok(());
    }
    finite(name, value)?;
    Err(Error::Negative(name))
}

/// `Ok` where `value` is finite and above 0.
pub(crate) fn positive<F: Float>(name: &'static str, value: F) -> Result<(), Error> {
    finite(name, value)?;
    if value > F::zero() { Ok(()) } else { Err(Error::NotPositive(name)) }
}

/// `Ok` where `value` lies in [0, 1].
pub(crate) fn unit_interval<F: Float>(name: &'static str, value: F) -> Result<(), Error> {
    finite(name, value)?;
    if value >= F::zero() && value <= F::one() {
        Ok(())
    } else {
        Err(Error::OutsideUnitInterval(name))
    }
}

/// The checked form of [`expect_steps`], for `try_new`.
pub(crate) fn steps(name: &'static str, steps: u32) -> Result<NonZeroU32, Error> {
    NonZeroU32::new(steps).ok_or(Error::NotPositive(name))
}

/// A number of steps that a constructor was promised to be above 0.
#[expect(clippy::panic, reason = "the documented panic of `new`; a compile error in a `static`")]
pub(crate) const fn expect_steps(steps: u32, message: &'static str) -> NonZeroU32 {
    match NonZeroU32::new(steps) {
        Some(steps) => steps,
        None => panic!("{}", message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_hold_on_both_sides_of_their_edges() {
        let tiny = f32::MIN_POSITIVE;
        assert_eq!(finite("p", f32::MAX), Ok(()));
        assert_eq!(non_negative("p", 0.0_f32), Ok(()));
        assert_eq!(non_negative("p", -tiny), Err(Error::Negative("p")));
        assert_eq!(positive("p", tiny), Ok(()));
        assert_eq!(positive("p", 0.0_f32), Err(Error::NotPositive("p")));
        assert_eq!(unit_interval("p", 0.0_f32), Ok(()));
        assert_eq!(unit_interval("p", 1.0_f32), Ok(()));
        assert_eq!(unit_interval("p", -tiny), Err(Error::OutsideUnitInterval("p")));
        assert_eq!(unit_interval("p", 1.0 + f32::EPSILON), Err(Error::OutsideUnitInterval("p")));
        assert_eq!(steps("p", 1), Ok(NonZeroU32::MIN));
        assert_eq!(steps("p", 0), Err(Error::NotPositive("p")));
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for check in [finite, non_negative, positive, unit_interval] {
                assert_eq!(check("p", bad), Err(Error::NotFinite("p")));
            }
        }
    }
}
