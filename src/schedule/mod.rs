//! Learning rates as pure functions of the step.
//!
//! | schedule | rate at step s | Keras |
//! | --- | --- | --- |
//! | [`ExponentialDecay`] | lr₀ · r^(s/d) | `ExponentialDecay` |
//! | [`PiecewiseConstantDecay`] | vᵢ for bᵢ₋₁ < s ≤ bᵢ | `PiecewiseConstantDecay` |
//! | [`PolynomialDecay`] | (lr₀ - end)(1 - s/d)^p + end | `PolynomialDecay` |
//! | [`InverseTimeDecay`] | lr₀ / (1 + r·s/d) | `InverseTimeDecay` |
//! | [`CosineDecay`] | lr₀ · ½(1 + cos(π·s/d)) | `CosineDecay` |
//! | [`CosineDecayRestarts`] | the cosine, with restarts | `CosineDecayRestarts` |
//! | [`RandomUniform`] | uniform in [a, b) | |
//! | `f32`, `f64` | constant | a number |
//! | [`from_fn`] | any function of s | a callable |
//!
//! The formulas are Keras' own, given at each type; the equivalents differ in details that the
//! README lists.
//!
//! For parameters and results from 1e-12 to 1e6 and powers up to 20, a rate is within 2 units in
//! the last place of the formula in `f32`, and within 8 in `f64`; where `t_mul` has a fraction, in
//! units of the peak. [`Scaled`] adds half a unit, and [`RandomUniform`] has 2.5 in `f32`. Beyond
//! that no rate is NaN or infinite where the exact value is a normal number, and none is outside of
//! the configured rates.

mod adapt;
mod any;
mod constant;
mod cosine;
mod cosine_restarts;
mod cycles;
mod exponential;
mod from_fn;
mod inverse_time;
mod piecewise;
mod polynomial;
mod progress;
mod random;

pub use adapt::{Delayed, Rates, Scaled, Then};
pub use any::AnySchedule;
pub use cosine::CosineDecay;
pub use cosine_restarts::CosineDecayRestarts;
pub use exponential::ExponentialDecay;
pub use from_fn::{FromFn, from_fn};
pub use inverse_time::InverseTimeDecay;
pub use piecewise::PiecewiseConstantDecay;
pub use polynomial::PolynomialDecay;
pub use random::RandomUniform;

use crate::error::Error;
use crate::float::Float;

/// The schedule if it is valid: the end of every `try_new`.
fn valid<S: Schedule>(schedule: S) -> Result<S, Error> {
    schedule.validate()?;
    Ok(schedule)
}

/// A schedule that can stand inside an adaptor which is written or read.
#[cfg(feature = "serde")]
pub(crate) trait Inner: Schedule + serde::Serialize + serde::de::DeserializeOwned {}
#[cfg(feature = "serde")]
impl<S: Schedule + serde::Serialize + serde::de::DeserializeOwned> Inner for S {}

/// A learning rate for every step.
///
/// A schedule is configuration: use does not change it, and its rate depends on the step alone. So
/// all tasks can share one `static`, and to resume a run is to remember one `u32`.
///
/// The trait is dyn-compatible: `&dyn Schedule<Rate = f32>` is a schedule too.
///
/// ```
/// use microlr::{CosineDecay, ExponentialDecay, Schedule};
///
/// static FAST: ExponentialDecay<f32> = ExponentialDecay::new(0.5, 1, 0.5);
/// static SLOW: CosineDecay<f32> = CosineDecay::new(0.5, 1000);
/// let chosen: &dyn Schedule<Rate = f32> = if cfg!(debug_assertions) { &FAST } else { &SLOW };
/// assert_eq!(chosen.lr(0), 0.5);
/// ```
///
/// A schedule of your own implements one method:
///
/// ```
/// use microlr::{Error, Float, Schedule}; // `Float` has `sqrt`, also without std
///
/// /// lr(s) = base / √(s + 1)
/// struct InverseSqrt {
///     base: f32,
/// }
///
/// impl Schedule for InverseSqrt {
///     type Rate = f32;
///
///     fn lr(&self, step: u32) -> f32 {
///         // Count in integers, where `u32::MAX + 1` overflows.
///         self.base / f32::from_step(step.saturating_add(1)).sqrt()
///     }
///
///     fn validate(&self) -> Result<(), Error> {
///         if self.base > 0.0 { Ok(()) } else { Err(Error::NotPositive("base")) }
///     }
/// }
///
/// assert_eq!(InverseSqrt { base: 0.5 }.lr(3), 0.25);
/// ```
pub trait Schedule {
    /// The floating-point type of the learning rate.
    type Rate: Float;

    /// The learning rate for `step`, counted in updates from 0.
    ///
    /// It never panics and takes bounded time, whatever step and parameters are. If the parameters
    /// do not [`validate`](Self::validate), the rate may be NaN or negative, which the
    /// trainer refuses, or finite and wrong.
    fn lr(&self, step: u32) -> Self::Rate;

    /// Checks every parameter, options included. Call it once where they arrive at run time.
    ///
    /// # Errors
    ///
    /// Returns the first invalid parameter.
    ///
    /// ```
    /// use microlr::{CosineDecay, Error, Schedule};
    /// static SHIPPED: CosineDecay<f32> = CosineDecay::new(0.1, 500);
    /// assert_eq!(SHIPPED.validate(), Ok(()));
    /// let alpha_from_outside = -0.5;
    /// let received = SHIPPED.alpha(alpha_from_outside);
    /// assert_eq!(received.validate(), Err(Error::OutsideUnitInterval("alpha")));
    /// ```
    fn validate(&self) -> Result<(), Error> {
        Ok(())
    }

    /// This schedule for the steps below `at`, and from there on `next`, which counts from 0 again.
    ///
    /// ```
    /// use microlr::{CosineDecay, PolynomialDecay, Schedule};
    ///
    /// // 10 steps of warm-up, then a cosine of its own length.
    /// let schedule = PolynomialDecay::new(0.0, 10, 0.5).then(10, CosineDecay::new(0.5_f64, 100));
    /// assert_eq!([schedule.lr(9), schedule.lr(10), schedule.lr(60)], [0.45, 0.5, 0.25]);
    /// ```
    ///
    /// With an `at` of 0 only `next` is used. In a `static`: [`Then::new`]. Equivalents: PyTorch's
    /// `SequentialLR`, Optax' `join_schedules`.
    fn then<T: Schedule<Rate = Self::Rate>>(self, at: u32, next: T) -> Then<Self, T>
    where
        Self: Sized,
    {
        Then::new(self, at, next)
    }

    /// This schedule times `factor`, which is finite and at least 0.
    ///
    /// The product is rounded once more than the rate. In a `static`: [`Scaled::new`].
    ///
    /// ```
    /// use microlr::{ExponentialDecay, Schedule};
    /// let schedule = ExponentialDecay::new(0.5_f32, 1, 0.5).scaled(0.5);
    /// assert_eq!([schedule.lr(0), schedule.lr(1)], [0.25, 0.125]);
    /// ```
    ///
    /// Equivalent: burn's `ComposedLrScheduler` (product).
    fn scaled(self, factor: Self::Rate) -> Scaled<Self, Self::Rate>
    where
        Self: Sized,
    {
        Scaled::new(self, factor)
    }

    /// Delays the schedule by `steps`; until then the rate is the first one. In a `static`:
    /// [`Delayed::new`].
    ///
    /// ```
    /// use microlr::{ExponentialDecay, Schedule};
    /// let schedule = ExponentialDecay::new(0.5_f32, 1, 0.5).delayed(10);
    /// assert_eq!([schedule.lr(0), schedule.lr(10), schedule.lr(11)], [0.5, 0.5, 0.25]);
    /// ```
    ///
    /// Equivalent: Optax' `transition_begin`.
    fn delayed(self, steps: u32) -> Delayed<Self>
    where
        Self: Sized,
    {
        Delayed::new(self, steps)
    }

    /// The rates in order: `lr(0)`, `lr(1)`, ... `lr(u32::MAX)`.
    ///
    /// ```
    /// use microlr::{ExponentialDecay, Schedule};
    /// let halving = ExponentialDecay::new(1.0_f32, 1, 0.5);
    /// assert!(halving.iter().skip(1).take(3).eq([0.5, 0.25, 0.125]));
    /// ```
    fn iter(&self) -> Rates<'_, Self>
    where
        Self: Sized,
    {
        Rates::new(self)
    }
}

impl<S: Schedule + ?Sized> Schedule for &S {
    type Rate = S::Rate;

    fn lr(&self, step: u32) -> S::Rate {
        (**self).lr(step)
    }

    fn validate(&self) -> Result<(), Error> {
        (**self).validate()
    }
}
