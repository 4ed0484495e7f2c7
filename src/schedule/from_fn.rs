use core::fmt;

use crate::float::Float;
use crate::schedule::Schedule;

/// A schedule from a function of the step, as `core::iter::from_fn` makes an iterator.
///
/// The function must depend on the step alone. [`Schedule::validate`] cannot check it and accepts
/// it; the trainer checks every rate.
///
/// ```
/// use microlr::{Schedule, from_fn};
///
/// // Half the rate in every odd step.
/// let alternating = from_fn(|step| if step % 2 == 0 { 0.1_f32 } else { 0.05 });
/// assert_eq!([alternating.lr(0), alternating.lr(1), alternating.lr(2)], [0.1, 0.05, 0.1]);
/// ```
///
/// Equivalents: any callable in Keras and Optax; PyTorch's `LambdaLR`, whose function returns a
/// factor.
#[must_use]
pub const fn from_fn<F: Float, Function: Fn(u32) -> F>(function: Function) -> FromFn<Function> {
    FromFn { function }
}

/// A schedule from a function; see [`from_fn`].
///
/// In a `static` the type is that of a function pointer:
///
/// ```
/// use microlr::{FromFn, Schedule, from_fn};
/// static HALVED: FromFn<fn(u32) -> f32> = from_fn(|step| if step < 100 { 0.5 } else { 0.25 });
/// assert_eq!([HALVED.lr(99), HALVED.lr(100)], [0.5, 0.25]);
/// ```
#[derive(Clone, Copy)]
pub struct FromFn<Function> {
    function: Function,
}

impl<F: Float, Function: Fn(u32) -> F> Schedule for FromFn<Function> {
    type Rate = F;

    fn lr(&self, step: u32) -> F {
        (self.function)(step)
    }
}

impl<Function> fmt::Debug for FromFn<Function> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromFn").finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl<Function> defmt::Format for FromFn<Function> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "FromFn {{ .. }}");
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;

    #[test]
    fn it_has_a_name_in_a_log() {
        assert_eq!(format!("{:?}", from_fn(|_| 0.1_f32)), "FromFn { .. }");
    }
}
