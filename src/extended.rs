//! What a schedule carries from its parameters to the one rounding at its end.

use core::num::{NonZeroU32, NonZeroU64};
use core::ops::{Add, Mul};

use crate::double::Double;
use crate::float::Float;

// Some older compilers, 1.87 among them, do not see that the public `Float` reaches these.

/// A step between the start of a decay and its end, which is `length · cycles`.
#[allow(unreachable_pub)]
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Steps since the start.
    pub(crate) passed: u32,
    /// Steps to the end.
    pub(crate) left: NonZeroU32,
    pub(crate) length: NonZeroU32,
    pub(crate) cycles: NonZeroU32,
}

impl Place {
    /// What has passed of the whole.
    #[inline]
    pub(crate) fn passed(self) -> Share {
        Share { part: self.passed, length: self.length, cycles: self.cycles }
    }

    /// What is left of the whole.
    #[inline]
    pub(crate) fn left(self) -> Share {
        Share { part: self.left.get(), length: self.length, cycles: self.cycles }
    }
}

/// `part / (length · cycles)`, which is at most 1.
#[allow(unreachable_pub)]
#[derive(Debug, Clone, Copy)]
pub struct Share {
    pub(crate) part: u32,
    pub(crate) length: NonZeroU32,
    pub(crate) cycles: NonZeroU32,
}

impl Share {
    #[inline]
    pub(crate) fn of_one_cycle(part: u32, length: NonZeroU32) -> Self {
        Self { part, length, cycles: NonZeroU32::MIN }
    }
}

/// `low + (high - low) · weight`, for a `high` that is not below `low`: a sum of what is not negative, which loses nothing. The result
/// is within the two, whatever the roundings.
#[cfg_attr(feature = "lean", inline(always))]
pub(crate) fn between<F: Float, E: Extended<F>>(low: F, high: F, weight: E) -> Double<F> {
    (E::difference(high, low) * weight).above(low).at_most(high)
}

/// A number that is not negative, with more digits than `F`, and the few functions that schedules are
/// made of. Not nameable outside.
///
/// `Double` is a pair of `F`, with functions from libm and, in `f32`, from `Fixed`. `Fixed` is an integer and a
/// power of two; with the feature `lean`, `f32` schedules compute in it throughout.
#[allow(unreachable_pub)]
pub trait Extended<F: Float>: Copy + Add<Output = Self> + Mul<Output = Self> {
    /// 1.
    fn one() -> Self;

    /// `x`, exactly.
    fn from_float(x: F) -> Self;

    /// `n`, exactly.
    fn from_step(n: u32) -> Self;

    /// `numerator / denominator`.
    fn ratio(numerator: u64, denominator: NonZeroU64) -> Self;

    /// The share as a number.
    fn share(share: Share) -> Self;

    /// `numerator / denominator · 2^exponent`, where both have their top bit set.
    fn scaled_ratio(numerator: u64, denominator: u64, exponent: i32) -> Self;

    /// How many terms of the geometric series 1 + (1 + gain) + (1 + gain)² + ... add up to `self`: log(1 + gain · `self`) / log(1 + gain),
    /// in about the digits of `F`, and rather too few unless `gain` is tiny.
    fn terms_of_series(self, gain: F) -> Self;

    /// Where `step` lies among cycles of `first`, `first · t`, `first · t²`, ... steps: how many are over, and the share that is left of
    /// the one it lies in, to 0.6 · 2^-24 of a cycle. `None` where this way does not tell the two.
    #[inline(always)]
    fn growing_cycle(_step: u32, _first: NonZeroU32, _t: F) -> Option<(u32, Self)> {
        None
    }

    /// `self / 2^times`, for a result that is far from the ends of the range; exactly.
    fn halved(self, times: u32) -> Self;

    /// `high - low`, which is not negative.
    fn difference(high: F, low: F) -> Self;

    /// The nearest `F`, and what its rounding leaves. So are the results of the next four, but that the first part of a floor and what is
    /// above it may be the number beside the nearest in `Fixed`.
    fn rounded(self) -> Double<F>;

    /// `low + self`.
    fn above(self, low: F) -> Double<F>;

    /// `low + (high - low) · share`, for a `high` that is not below `low` and a share above 0; within the two.
    #[inline(always)]
    fn between(low: F, high: F, share: Share) -> Double<F> {
        between(low, high, Self::share(share))
    }

    /// `numerator / (1 + rate · steps / per)`; also where the product leaves the range of `F`.
    fn divided_by_growth(numerator: F, rate: F, steps: u32, per: NonZeroU32) -> Double<F>;

    /// `((1 - alpha) · self + alpha) · peak`.
    fn above_floor(self, alpha: F, peak: F) -> Double<F>;

    /// The nearest `F`.
    #[inline(always)]
    fn value(self) -> F {
        self.rounded().hi
    }

    /// sin²(π/2·self), for `self` in [0, 1], or a rounding above it.
    fn sin_squared_quarter_turn(self) -> Self;

    /// `self · scale · base^(steps / per)`, also where some of the factors leave the range of `F` and the product
    /// does not. `self` is at most 1.
    fn times_power(self, scale: F, base: F, steps: u32, per: NonZeroU32) -> Self;

    /// `self · left^power`, for the share of a decay that is left; also where the power alone underflows.
    fn times_power_of_rest(self, place: Place, power: F) -> Self;

    /// `self · (1 - left^power)`, with its digits where little has passed; also where the second factor alone underflows.
    fn times_one_minus_power_of_rest(self, place: Place, power: F) -> Self;

    /// As precisely as `f64` has it.
    #[cfg(test)]
    fn wide(self) -> f64;
    /// How far a quotient may be off, as a share of it.
    #[cfg(test)]
    const PRECISION: f64;
}
