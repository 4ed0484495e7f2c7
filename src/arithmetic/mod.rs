//! How the formulas are computed, once for each number type.
//!
//! `f64` is libm in plain code. `f32` is 32-bit integers on every target: a core without an FPU
//! multiplies two `u32` much faster than two `f32`, and integers have bits to spare, so that a
//! function is rounded once. Nothing in this folder imports from outside of it.

mod f32;
mod f64;
pub(crate) mod kahan;
pub(crate) mod logit;
pub(crate) mod slices;
pub(crate) mod threefry;
pub(crate) mod two_sum;

use core::fmt::Debug;
use core::ops::{Add, Div, Mul, Sub};

use num_traits::float::FloatCore;

use self::logit::Logit;

/// A quotient of integers. The denominator is at least 1.
#[derive(Debug, Clone, Copy)]
pub struct Fraction {
    pub(crate) numerator: u64,
    pub(crate) denominator: u64,
}

impl Fraction {
    /// `numerator / denominator`, where schedules count in steps.
    pub(crate) fn new(numerator: u32, denominator: u32) -> Self {
        Self { numerator: numerator.into(), denominator: denominator.into() }
    }

    /// 1 minus the fraction, for a fraction of at most 1.
    pub(crate) fn complement(self) -> Self {
        Self { numerator: self.denominator.saturating_sub(self.numerator), ..self }
    }

    /// The nearest number. The sum is normalised, as `narrow` requires, and the quotient is not.
    pub(crate) fn nearest<F: Arithmetic>(self) -> F {
        F::narrow(F::ZERO.widen() + F::fraction(self))
    }
}

/// What schedules and neuron compute with. Public, since [`Float`](crate::Float) extends it, but
/// not nameable outside of the crate.
pub trait Arithmetic: FloatCore + Debug {
    /// The type of intermediate results, which are never negative. In `f32` its rounding is
    /// negligible; in `f64` it is `f64`.
    type Widened: Copy
        + Add<Output = Self::Widened>
        + Sub<Output = Self::Widened>
        + Mul<Output = Self::Widened>
        + Div<Output = Self::Widened>;

    /// 0, also in a `const`.
    const ZERO: Self;
    /// 1, also in a `const`.
    const ONE: Self;
    /// 1/2, also in a `const`.
    const HALF: Self;
    /// Bits of a significand, the leading one included.
    const SIGNIFICAND_BITS: u32;

    /// `self`, exactly. A number below 0, infinity and NaN may become NaN.
    fn widen(self) -> Self::Widened;
    /// The nearest number of this type to what `widen`, `+`, `/` or `times_power` returned: these
    /// are normalised in `f32`.
    fn narrow(wide: Self::Widened) -> Self;
    /// The quotient.
    fn fraction(fraction: Fraction) -> Self::Widened;
    /// sin²(π/2 · `turn`) for a `turn` in [0, 1].
    fn sin_squared(turn: Self::Widened) -> Self::Widened;
    /// `factor · base^exponent`, for an exponent whose two parts fit in 32 bits. The power may be
    /// out of range where the product is not.
    fn times_power(factor: Self::Widened, base: Self, exponent: Fraction) -> Self::Widened;
    /// `base^exponent`, for a base in (0, 1) and a positive exponent. Its complement is 1 minus the
    /// power, accurate where that is near 1.
    fn power_of(base: Fraction, exponent: Self, complement: bool) -> Self::Widened;

    /// The functions of a logit.
    fn logit(z: Self) -> Logit<Self>;
    /// `sum + a · b`, each rounded: not a fused multiply-add.
    fn plus_product(sum: Self, a: Self, b: Self) -> Self;
    /// A number that is at least `bound` and the magnitude of `x`.
    fn bound(bound: Self, x: Self) -> Self;
    /// Whether `self` is neither infinite nor NaN, from its bits: quick without an FPU.
    fn has_finite_bits(self) -> bool;
    /// The leading bits of `word` as a uniform number in [0, 1): as many as the significand has.
    fn unit(word: u64) -> Self;
}

/// `low + (high - low) · weight`, for `low <= high` and a weight of at most 1; never above `high`,
/// whatever the roundings.
#[inline(always)]
pub(crate) fn lerp<F: Arithmetic>(low: F, high: F, weight: F::Widened) -> F {
    let height = high.widen() - low.widen();
    let value = F::narrow(low.widen() + height * weight);
    if value > high { high } else { value }
}
