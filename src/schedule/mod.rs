//! Learning rates as pure functions of the step.
//!
//! | schedule | rate at step s | Keras |
//! | --- | --- | --- |
//! | [`ExponentialDecay`] | lr₀ · r^(s/d) | `ExponentialDecay` |
//! | [`PiecewiseConstantDecay`] | vᵢ for bᵢ₋₁ < s ≤ bᵢ, or lr₀ · gⁱ | `PiecewiseConstantDecay` |
//! | [`PolynomialDecay`] | (lr₀ - end)(1 - s/d)^p + end | `PolynomialDecay` |
//! | [`InverseTimeDecay`] | lr₀ / (1 + r·s/d) | `InverseTimeDecay` |
//! | [`CosineDecay`] | lr₀ · ½(1 + cos(π·s/d)) | `CosineDecay` |
//! | [`CosineDecayRestarts`] | the cosine, with restarts | `CosineDecayRestarts` |
//! | [`Linear`] | from a to b in n steps: a + (b - a) · s/n | |
//! | [`CosineAnnealing`] | from a to b in n steps: b + (a - b) · ½(1 + cos(π·s/n)) | |
//! | [`InversePowerDecay`] | lr₀ · (1 + s/d)^-p | |
//! | [`WarmupStableDecay`] | a line up, the peak, a way down | |
//! | [`OneCycle`] | from max/div up to max, then down to max/(div·final) | |
//! | [`Cyclic`] | triangles between base and max | |
//! | [`Interpolated`] | lines or cosines through the points (sᵢ, vᵢ) | |
//! | [`RandomUniform`] | uniform in [a, b) | |
//! | `f32`, `f64` | constant | a number |
//! | [`from_fn`] | any function of s | a callable |
//! | [`AnySchedule`] | that of a schedule chosen at run time | |
//! | [`Sequence`] | f(s - n) of the piece that starts at n | |
//!
//! | adaptor | rate at step s |
//! | --- | --- |
//! | [`Then`] | f(s) for s < n, then g(s - n) |
//! | [`Switched`] | f(s) for s < n, then g(s) |
//! | [`WarmedUp`] | a line to f(0) for s < n, then f(s - n) |
//! | [`Delayed`] | f(max(s - n, 0)) |
//! | [`Scaled`], [`Times`] | c · f(s), f(s) · g(s) |
//! | [`Plus`] | f(s) + g(s) |
//! | [`Bounded`] | f(s), from min to max |
//! | [`Jittered`] | f(s) · (1 + c·u), u uniform in [-1, 1) |
//! | [`PerEpoch`] | f(⌊s/n⌋) |
//! | [`Repeated`], [`Bounced`] | f(t), t a saw or a triangle wave of s |
//!
//! Each type has its formula with all options, and its source. Where other libraries differ, the
//! README and `docs/coming-from.md` say how.
//!
//! For parameters and results from 1e-12 to 1e6 and powers up to 20, a rate is within 2 units in
//! the last place of the formula in `f32`, and within 8 in `f64`; where `t_mul` has a fraction, in
//! units of the peak. [`RandomUniform`] has 2.5 in `f32`, and
//! [`multi_step`](PiecewiseConstantDecay::multi_step) one per milestone in `f64`. An adaptor that
//! adds or multiplies rounds once more, half a unit, and the errors of its operands count in units
//! of its result. Beyond these ranges no rate is NaN or infinite where the exact value is a normal
//! number, and none is outside the configured rates.

mod adapt;
mod any;
mod constant;
mod cosine;
mod cosine_annealing;
mod cosine_restarts;
mod curve;
mod cycles;
mod cyclic;
mod exponential;
mod from_fn;
mod interpolated;
mod inverse_power;
mod inverse_time;
mod linear;
mod one_cycle;
mod piecewise;
mod polynomial;
mod progress;
mod random;
mod sequence;
mod warmup_stable;

pub use adapt::{
    Bounced, Bounded, Delayed, Jittered, PerEpoch, Plus, Rates, Repeated, Scaled, Switched, Then,
    Times, WarmedUp,
};
pub use any::AnySchedule;
pub use cosine::CosineDecay;
pub use cosine_annealing::CosineAnnealing;
pub use cosine_restarts::CosineDecayRestarts;
pub use cyclic::Cyclic;
pub use exponential::ExponentialDecay;
pub use from_fn::{FromFn, from_fn};
pub use interpolated::Interpolated;
pub use inverse_power::InversePowerDecay;
pub use inverse_time::InverseTimeDecay;
pub use linear::Linear;
pub use one_cycle::OneCycle;
pub use piecewise::PiecewiseConstantDecay;
pub use polynomial::PolynomialDecay;
pub use random::RandomUniform;
pub use sequence::Sequence;
pub use warmup_stable::WarmupStableDecay;

use crate::error::Error;
use crate::float::Float;

/// The schedule if it is valid: the end of every `try_new`.
fn valid<S: Schedule>(schedule: S) -> Result<S, Error> {
    schedule.validate()?;
    Ok(schedule)
}

/// A schedule inside an adaptor that is written or read.
#[cfg(feature = "serde")]
pub(crate) trait Inner: Schedule + serde::Serialize + serde::de::DeserializeOwned {}
#[cfg(feature = "serde")]
impl<S: Schedule + serde::Serialize + serde::de::DeserializeOwned> Inner for S {}

/// Whether every element is above the one before it.
const fn increasing(mut steps: &[u32]) -> bool {
    while let [first, rest @ ..] = steps {
        if let [second, ..] = rest
            && *first >= *second
        {
            return false;
        }
        steps = rest;
    }
    true
}

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

    /// This schedule for the steps below `at`, and from there on `next`; both count from step 0.
    ///
    /// ```
    /// use microlr::{ExponentialDecay, Schedule};
    /// // A decay that continues during the warm-up: at step 2 a quarter of its first rate.
    /// let schedule = 0.125_f32.switched(2, ExponentialDecay::new(1.0, 1, 0.5));
    /// assert_eq!([schedule.lr(1), schedule.lr(2), schedule.lr(3)], [0.125, 0.25, 0.125]);
    /// ```
    ///
    /// In a `static`: [`Switched::new`]. Equivalent: the warm-up of timm's schedulers without
    /// `warmup_prefix`.
    fn switched<T: Schedule<Rate = Self::Rate>>(self, at: u32, next: T) -> Switched<Self, T>
    where
        Self: Sized,
    {
        Switched::new(self, at, next)
    }

    /// A line from 0 to the first rate in `steps` steps, then this schedule, which counts from 0
    /// there. [`WarmedUp`] has options for the start of the line.
    ///
    /// ```
    /// use microlr::{CosineDecay, Schedule};
    /// let warm = CosineDecay::new(0.5_f64, 100).warmed_up(4);
    /// assert_eq!([warm.lr(0), warm.lr(3), warm.lr(4), warm.lr(54)], [0.0, 0.375, 0.5, 0.25]);
    /// let from = warm.from(0.25);
    /// assert_eq!([from.lr(0), from.lr(3), from.lr(4)], [0.25, 0.4375, 0.5]);
    /// let without_zero = warm.without_zero();
    /// assert_eq!([without_zero.lr(0), without_zero.lr(3), without_zero.lr(4)], [0.125, 0.5, 0.5]);
    /// ```
    ///
    /// With 0 steps there is no warm-up. In a `static`: [`WarmedUp::new`].
    fn warmed_up(self, steps: u32) -> WarmedUp<Self, Self::Rate>
    where
        Self: Sized,
    {
        WarmedUp::new(self, steps)
    }

    /// This schedule, at least `min` and at most `max`: a floor for any decay.
    ///
    /// ```
    /// use microlr::{ExponentialDecay, Schedule};
    /// let schedule = ExponentialDecay::new(1.0_f32, 1, 0.5).bounded(0.2, 0.75);
    /// assert_eq!([0, 1, 2, 3].map(|step| schedule.lr(step)), [0.75, 0.5, 0.25, 0.2]);
    /// ```
    ///
    /// In a `static`: [`Bounded::new`].
    fn bounded(self, min: Self::Rate, max: Self::Rate) -> Bounded<Self, Self::Rate>
    where
        Self: Sized,
    {
        Bounded::new(self, min, max)
    }

    /// The sum of this schedule and `other`, rounded once more.
    ///
    /// ```
    /// use microlr::{ExponentialDecay, Schedule};
    /// let schedule = ExponentialDecay::new(0.5_f32, 1, 0.5).plus(0.125_f32);
    /// assert_eq!([schedule.lr(0), schedule.lr(1), schedule.lr(2)], [0.625, 0.375, 0.25]);
    /// ```
    ///
    /// In a `static`: [`Plus::new`]. Equivalent: burn's `ComposedLrScheduler` (sum).
    fn plus<T: Schedule<Rate = Self::Rate>>(self, other: T) -> Plus<Self, T>
    where
        Self: Sized,
    {
        Plus::new(self, other)
    }

    /// The product of this schedule and `other`, rounded once more.
    ///
    /// ```
    /// use microlr::{ExponentialDecay, PolynomialDecay, Schedule};
    /// let line = PolynomialDecay::new(0.5_f32, 2, 1.0);
    /// let schedule = line.times(ExponentialDecay::new(1.0, 1, 0.5));
    /// assert_eq!([0, 1, 2, 3].map(|step| schedule.lr(step)), [0.5, 0.375, 0.25, 0.125]);
    /// ```
    ///
    /// In a `static`: [`Times::new`]. Equivalent: PyTorch's `ChainedScheduler`.
    fn times<T: Schedule<Rate = Self::Rate>>(self, other: T) -> Times<Self, T>
    where
        Self: Sized,
    {
        Times::new(self, other)
    }

    /// This schedule with the epoch as its step: `lr(step / batches)`.
    ///
    /// # Panics
    ///
    /// If `batches` is 0. [`PerEpoch::try_new`] returns an error.
    ///
    /// ```
    /// use microlr::{ExponentialDecay, Schedule};
    /// let schedule = ExponentialDecay::new(0.5_f32, 1, 0.5).per_epoch(57);
    /// assert_eq!([schedule.lr(0), schedule.lr(56), schedule.lr(57)], [0.5, 0.5, 0.25]);
    /// ```
    ///
    /// In a `static`: [`PerEpoch::new`]. Equivalent: Keras' `LearningRateScheduler`.
    fn per_epoch(self, batches: u32) -> PerEpoch<Self>
    where
        Self: Sized,
    {
        PerEpoch::new(self, batches)
    }

    /// The first `period` steps of this schedule, again and again: `lr(step % period)`.
    ///
    /// # Panics
    ///
    /// If `period` is 0. [`Repeated::try_new`] returns an error.
    ///
    /// ```
    /// use microlr::{ExponentialDecay, Schedule};
    /// let schedule = ExponentialDecay::new(0.5_f32, 1, 0.5).repeated(2);
    /// assert_eq!([0, 1, 2, 3, 4].map(|step| schedule.lr(step)), [0.5, 0.25, 0.5, 0.25, 0.5]);
    /// ```
    ///
    /// In a `static`: [`Repeated::new`].
    fn repeated(self, period: u32) -> Repeated<Self>
    where
        Self: Sized,
    {
        Repeated::new(self, period)
    }

    /// This schedule from step 0 to `period`, back to 0, and so on: a triangle wave of time.
    ///
    /// # Panics
    ///
    /// If `period` is 0. [`Bounced::try_new`] returns an error.
    ///
    /// ```
    /// use microlr::{ExponentialDecay, Schedule};
    /// let schedule = ExponentialDecay::new(1.0_f32, 1, 0.5).bounced(2);
    /// assert_eq!([0, 1, 2, 3, 4].map(|step| schedule.lr(step)), [1.0, 0.5, 0.25, 0.5, 1.0]);
    /// ```
    ///
    /// In a `static`: [`Bounced::new`]. Equivalent: PyTorch's `CosineAnnealingLR` after `T_max`.
    fn bounced(self, period: u32) -> Bounced<Self>
    where
        Self: Sized,
    {
        Bounced::new(self, period)
    }

    /// This schedule times a factor from 1 - `amount` to 1 + `amount`, drawn anew for every step.
    ///
    /// ```
    /// use microlr::Schedule;
    /// let noisy = 0.5_f32.jittered(42, 0.25);
    /// assert!(noisy.iter().take(500).all(|lr| (0.375..=0.625).contains(&lr)));
    /// ```
    ///
    /// In a `static`: [`Jittered::new`]. Equivalent: the uniform noise of timm's schedulers.
    fn jittered(self, seed: u64, amount: Self::Rate) -> Jittered<Self, Self::Rate>
    where
        Self: Sized,
    {
        Jittered::new(self, seed, amount)
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
