//! What can be wrong with a schedule, a sample or an update.

use core::fmt;
use core::num::NonZeroU32;

use crate::float::Float;

/// Why a schedule was refused, or why an update did not happen.
///
/// The string names the parameter: a field of the schedule under Keras' name (`"decay_steps"`), or
/// an argument of the trainer (`"xs"`, `"learning_rate"`). Samples and features are counted from 0.
///
/// ```
/// use microlr::{Error, ExponentialDecay};
/// let refused = ExponentialDecay::try_new(0.1_f32, 0, 0.95);
/// assert_eq!(refused, Err(Error::NotPositive("decay_steps")));
/// assert_eq!(Error::NotPositive("decay_steps").to_string(), "`decay_steps` must be above 0");
/// let label = Error::Label { sample: 3 };
/// assert_eq!(label.to_string(), "the label of sample 3 must lie in [0, 1]");
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
    /// Below its smallest valid value.
    TooSmall(&'static str),
    /// Finite, but outside [0, 1].
    OutsideUnitInterval(&'static str),
    /// Above the largest valid value, or above the parameter that bounds it.
    AboveUpper(&'static str),
    /// Not strictly increasing.
    NotIncreasing(&'static str),
    /// More elements than the capacity.
    TooMany(&'static str),
    /// The number of elements is not the one that another argument requires.
    LengthMismatch {
        /// The parameter with the wrong number.
        name: &'static str,
        /// The number that it must have.
        expected: u32,
    },
    /// No element.
    Empty(&'static str),
    /// Finite arguments whose result would not be finite.
    Overflow(&'static str),
    /// A feature is NaN or infinite.
    Feature {
        /// The sample's index in the batch; 0 for a single sample.
        sample: u32,
        /// The feature's index in the sample.
        feature: u32,
    },
    /// A feature of a single sample is outside of the range of its [`Guard`](crate::Guard).
    OutOfRange {
        /// The feature's index in the sample.
        feature: u32,
    },
    /// A feature has had the same value in more samples than its [`Guard`](crate::Guard) accepts.
    Stuck {
        /// The feature's index in the sample.
        feature: u32,
    },
    /// A label is outside [0, 1], or NaN.
    Label {
        /// The sample's index in the batch; 0 for a single sample.
        sample: u32,
    },
    /// The logit of a sample overflows.
    Logit {
        /// The sample's index in the batch; 0 for a single sample.
        sample: u32,
    },
    /// Bytes that are not an intact checkpoint.
    Damaged,
    /// A checkpoint in another version of its format.
    Version {
        /// Its version.
        found: u16,
    },
    /// A checkpoint with another layout.
    Layout {
        /// Its layout.
        found: u16,
    },
    /// A checkpoint that was saved under another schedule.
    OtherSchedule,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NotFinite(name) => write!(f, "`{name}` must be finite"),
            Self::Negative(name) => write!(f, "`{name}` must not be negative"),
            Self::NotPositive(name) => write!(f, "`{name}` must be above 0"),
            Self::TooSmall(name) => write!(f, "`{name}` is below its smallest valid value"),
            Self::OutsideUnitInterval(name) => write!(f, "`{name}` must lie in [0, 1]"),
            Self::AboveUpper(name) => write!(f, "`{name}` must not be above its upper bound"),
            Self::NotIncreasing(name) => write!(f, "`{name}` must increase strictly"),
            Self::TooMany(name) => write!(f, "`{name}` has more elements than fit"),
            Self::Empty(name) => write!(f, "`{name}` must not be empty"),
            Self::Overflow(name) => write!(f, "`{name}` would overflow"),
            Self::LengthMismatch { name, expected } => {
                write!(f, "`{name}` must have {expected} elements")
            }
            Self::Feature { sample, feature } => {
                write!(f, "feature {feature} of sample {sample} must be finite")
            }
            Self::OutOfRange { feature } => write!(f, "feature {feature} is outside of its range"),
            Self::Stuck { feature } => write!(f, "feature {feature} no longer changes"),
            Self::Label { sample } => write!(f, "the label of sample {sample} must lie in [0, 1]"),
            Self::Damaged => write!(f, "the checkpoint is damaged"),
            Self::Version { found } => {
                write!(f, "the checkpoint has version {found} of the format")
            }
            Self::Layout { found } => write!(f, "the checkpoint has layout {found}"),
            Self::OtherSchedule => write!(f, "the checkpoint was saved under another schedule"),
            Self::Logit { sample } => write!(f, "the logit of sample {sample} would overflow"),
        }
    }
}

impl core::error::Error for Error {}

/// `Ok` where `value` is finite.
pub(crate) fn finite<F: Float>(name: &'static str, value: F) -> Result<(), Error> {
    if value.has_finite_bits() { Ok(()) } else { Err(Error::NotFinite(name)) }
}

/// `Ok` where `value` is finite and at least 0.
pub(crate) fn non_negative<F: Float>(name: &'static str, value: F) -> Result<(), Error> {
    finite(name, value)?;
    if value >= F::ZERO { Ok(()) } else { Err(Error::Negative(name)) }
}

/// `Ok` where `value` is finite and above 0.
pub(crate) fn positive<F: Float>(name: &'static str, value: F) -> Result<(), Error> {
    finite(name, value)?;
    if value > F::ZERO { Ok(()) } else { Err(Error::NotPositive(name)) }
}

/// `Ok` where `value` lies in [0, 1].
pub(crate) fn unit_interval<F: Float>(name: &'static str, value: F) -> Result<(), Error> {
    if value >= F::ZERO && value <= F::ONE {
        return Ok(());
    }
    finite(name, value)?;
    Err(Error::OutsideUnitInterval(name))
}

/// `Ok` where a number of steps is above 0.
pub(crate) fn steps(name: &'static str, steps: u32) -> Result<(), Error> {
    if steps > 0 { Ok(()) } else { Err(Error::NotPositive(name)) }
}

/// The number of steps of a `new`, which must be above 0.
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
        assert_eq!(steps("p", 1), Ok(()));
        assert_eq!(steps("p", 0), Err(Error::NotPositive("p")));
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for check in [finite, non_negative, positive, unit_interval] {
                assert_eq!(check("p", bad), Err(Error::NotFinite("p")));
            }
        }
    }
}
