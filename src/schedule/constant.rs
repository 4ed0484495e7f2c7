use crate::error::{self, Error};
use crate::schedule::Schedule;

/// A number is a schedule: the same rate at every step.
///
/// ```
/// use microlr::{Error, Schedule};
/// assert_eq!([0.1_f32.lr(0), 0.1_f32.lr(u32::MAX)], [0.1, 0.1]);
/// assert_eq!((-0.1_f32).validate(), Err(Error::Negative("learning_rate")));
/// ```
///
/// Equivalents: PyTorch's `ConstantLR(factor=1)`, Optax' `constant_schedule`.
impl Schedule for f32 {
    type Rate = f32;

    fn lr(&self, _step: u32) -> f32 {
        *self
    }

    fn validate(&self) -> Result<(), Error> {
        error::non_negative("learning_rate", *self)
    }
}

/// A number is a schedule: the same rate at every step.
///
/// ```
/// use microlr::{Error, Schedule};
/// assert_eq!([0.1_f64.lr(0), 0.1_f64.lr(u32::MAX)], [0.1, 0.1]);
/// assert_eq!(f64::NAN.validate(), Err(Error::NotFinite("learning_rate")));
/// ```
///
/// Equivalents: PyTorch's `ConstantLR(factor=1)`, Optax' `constant_schedule`.
impl Schedule for f64 {
    type Rate = f64;

    fn lr(&self, _step: u32) -> f64 {
        *self
    }

    fn validate(&self) -> Result<(), Error> {
        error::non_negative("learning_rate", *self)
    }
}
