//! The two number types, and the only place where the crate touches their bits or libm.
//!
//! num-traits' `exp`, `powf`, ... forward to the host's C library as soon as any crate in the
//! dependency graph turns its `std` feature on; then host and chip differ in the last place.
//! So the functions that the crate evaluates are methods of [`Kernel`], taken from libm directly.

use core::fmt::Debug;

use crate::double::Double;
use crate::extended::Extended;
use crate::neuron::{self, Odds};
// Where the two builds differ.
#[cfg(feature = "lean")]
use crate::fixed::{Fixed as Extended32, odds as odds32};
#[cfg(not(feature = "lean"))]
use crate::neuron::odds as odds32;
#[cfg(not(feature = "lean"))]
type Extended32 = Double<f32>;

/// The floating-point type of a learning rate, a weight or a feature: `f32` or `f64`.
///
/// This is num-traits' `Float` with a defined conversion from a step, and with its
/// transcendental functions fixed to libm so that results are the same bits on every target.
/// It is sealed: the accuracy that the crate documents is known for these two types only.
///
/// ```
/// use microlr::{Float, Schedule, from_fn};
///
/// /// 1/√(s + 1), in either type.
/// fn inverse_sqrt<F: Float>(step: u32) -> F {
///     F::from_step(step.saturating_add(1)).sqrt().recip()
/// }
///
/// assert_eq!(from_fn(inverse_sqrt::<f32>).lr(3), 0.5);
/// assert_eq!(from_fn(inverse_sqrt::<f64>).lr(15), 0.25);
/// ```
pub trait Float: num_traits::Float + Debug + Default + Send + Sync + 'static + Kernel {
    /// `step` as a floating-point number, rounded to the nearest.
    ///
    /// `f64` holds every `u32`; `f32` holds every integer up to 2^24 and rounds above that, so
    /// step arithmetic (differences, quotients, remainders) belongs before the conversion.
    ///
    /// ```
    /// use microlr::Float;
    /// assert_eq!(f32::from_step(16_777_216), 16_777_216.0);
    /// assert_eq!(f32::from_step(16_777_217), 16_777_216.0); // no such f32
    /// assert_eq!(f64::from_step(16_777_217), 16_777_217.0);
    /// ```
    fn from_step(step: u32) -> Self;
}

/// What the schedules and the neuron need of a number beyond num-traits. Not nameable outside.
pub trait Kernel: Sized {
    /// What the schedules compute in.
    type Extended: Extended<Self>
    where
        Self: Float;

    /// What the neuron makes of a logit.
    fn odds(logit: Self) -> Odds<Self>;

    fn libm_exp(x: Self) -> Self;
    fn libm_exp_m1(x: Self) -> Self;
    fn libm_ln(x: Self) -> Self;
    fn libm_ln_1p(x: Self) -> Self;
    fn libm_pow(base: Self, exponent: Self) -> Self;
    fn libm_sqrt(x: Self) -> Self;

    /// sin²(π/2·u) for u in [0, 1], to more than the precision of `Self`.
    fn sin_squared_quarter_turn(u: Double<Self>) -> Double<Self>;

    /// The nearest to `n`.
    fn nearest_u64(n: u64) -> Self;
    fn nearest_i64(n: i64) -> Self;
    /// Rounded towards zero; out of range saturates and NaN is 0, as `as` does.
    fn saturating_u64(self) -> u64;

    /// Whether `self` lies in [0, `limit`], for a positive limit: by the bits, which takes a core without an FPU
    /// two instructions.
    fn lies_between_zero_and(self, limit: Self) -> bool;

    /// The sum of the products, added up from the first one on.
    fn dot(a: &[Self], b: &[Self]) -> Self;

    /// Takes `scale · direction` off the weights; whether all of them are still finite.
    fn descend(weights: &mut [Self], scale: Self, direction: &[Self]) -> bool;

    /// 2^`exponent`; 0 or infinity where that is not a normal number.
    fn power_of_two(exponent: i32) -> Self;
    /// `self` without the lower half of its significand: what is left, and what is cut off, can
    /// each be multiplied exactly by a number of the same kind.
    fn head(self) -> Self;
    /// The largest number below `self`.
    fn below(self) -> Self;
    /// The leading bits of `word` as a uniform number in [0, 1): as many as the significand has.
    fn unit(word: u64) -> Self;
}

/// Everything but the four conversions that differ, for one of the two types.
macro_rules! kernel {
    ($float:ident, $extended:ty, $odds:path, $bits:ident, $head_mask:expr, $sin_squared:path,
     $exp:path, $exp_m1:path, $ln:path, $ln_1p:path, $pow:path, $sqrt:path) => {
        impl Float for $float {
            #[inline]
            fn from_step(step: u32) -> Self {
                step as $float
            }
        }

        impl Kernel for $float {
            type Extended = $extended;

            #[inline]
            fn odds(logit: Self) -> Odds<Self> {
                $odds(logit)
            }
            #[inline]
            fn libm_exp(x: Self) -> Self {
                $exp(x)
            }
            #[inline]
            fn libm_exp_m1(x: Self) -> Self {
                $exp_m1(x)
            }
            #[inline]
            fn libm_ln(x: Self) -> Self {
                $ln(x)
            }
            #[inline]
            fn libm_ln_1p(x: Self) -> Self {
                $ln_1p(x)
            }
            #[inline]
            fn libm_pow(base: Self, exponent: Self) -> Self {
                $pow(base, exponent)
            }
            #[inline]
            fn libm_sqrt(x: Self) -> Self {
                $sqrt(x)
            }
            #[inline]
            fn sin_squared_quarter_turn(u: Double<Self>) -> Double<Self> {
                $sin_squared(u)
            }
            #[inline]
            fn nearest_u64(n: u64) -> Self {
                n as $float
            }
            #[inline]
            fn nearest_i64(n: i64) -> Self {
                n as $float
            }
            #[inline]
            fn saturating_u64(self) -> u64 {
                self as u64
            }
            #[inline]
            fn lies_between_zero_and(self, limit: Self) -> bool {
                // Numbers that are not negative are in the order of their bits; -0 is 0.
                let bits = self.to_bits();
                bits <= limit.to_bits() || bits == $bits::MAX ^ ($bits::MAX >> 1)
            }
            // The loops take slices and are not inlined, so that neurons of all sizes share them.
            #[inline(never)]
            fn dot(a: &[Self], b: &[Self]) -> Self {
                a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + a * b)
            }
            #[inline(never)]
            fn descend(weights: &mut [Self], scale: Self, direction: &[Self]) -> bool {
                const SIGN: $bits = $bits::MAX ^ ($bits::MAX >> 1);
                let (mut sum, mut all_below) = (0.0, SIGN);
                for (weight, direction) in weights.iter_mut().zip(direction) {
                    *weight -= scale * direction;
                    if ADDS_FAST {
                        sum += *weight;
                    } else {
                        // Without its sign a finite number is below infinity: the difference is negative.
                        let unsigned = weight.to_bits() & !SIGN;
                        all_below &= unsigned.wrapping_sub($float::INFINITY.to_bits());
                    }
                }
                if ADDS_FAST {
                    // A sum of finite numbers may overflow as well.
                    sum.is_finite() || each_is_finite(weights)
                } else {
                    all_below != 0
                }
            }
            #[inline]
            fn power_of_two(exponent: i32) -> Self {
                // The biased exponent, straight into its field.
                const BIAS: i32 = $float::MAX_EXP - 1;
                let biased = exponent.saturating_add(BIAS).clamp(0, 2 * BIAS + 1);
                $float::from_bits((biased as $bits) << ($float::MANTISSA_DIGITS - 1))
            }
            #[inline]
            fn head(self) -> Self {
                $float::from_bits(self.to_bits() & $head_mask)
            }
            #[inline]
            fn below(self) -> Self {
                $float::next_down(self)
            }
            #[inline]
            fn unit(word: u64) -> Self {
                let spare = u64::BITS - $float::MANTISSA_DIGITS;
                (word >> spare) as $float * Self::power_of_two(-($float::MANTISSA_DIGITS as i32))
            }
        }
    };
}

/// Whether a sum of floating-point numbers costs no more than a look at their bits. The answers are the
/// same either way.
const ADDS_FAST: bool = cfg!(not(all(target_arch = "arm", target_abi = "eabi")));

#[cold]
#[inline(never)]
fn each_is_finite<F: num_traits::Float>(values: &[F]) -> bool {
    values.iter().all(|value| value.is_finite())
}

kernel!(
    f32,
    Extended32,
    odds32,
    u32,
    0xffff_f000,
    sin_squared_f32,
    libm::expf,
    libm::expm1f,
    libm::logf,
    libm::log1pf,
    libm::powf,
    libm::sqrtf
);
kernel!(
    f64,
    Double<f64>,
    neuron::odds,
    u64,
    0xffff_ffff_f800_0000,
    sin_squared_f64,
    libm::exp,
    libm::expm1,
    libm::log,
    libm::log1p,
    libm::pow,
    libm::sqrt
);

/// libm's `sinf` computes in f64 and rounds at the end; its `sin` costs about the same, and the
/// bits that the rounding throws away are the ones that squaring would miss.
fn sin_squared_f32(u: Double<f32>) -> Double<f32> {
    let angle = (f64::from(u.hi) + f64::from(u.lo)) * core::f64::consts::FRAC_PI_2;
    let sine = libm::sin(angle);
    let square = sine * sine;
    let hi = square as f32;
    Double { hi, lo: (square - f64::from(hi)) as f32 }
}

/// For f64 nothing wider is at hand: the sine carries its own second part. From a third on it
/// is ½ + ½·sin(π/2·(2u - 1)), where an error of the sine counts for less than in its square, and which
/// is exactly ½ in the middle.
fn sin_squared_f64(u: Double<f64>) -> Double<f64> {
    if u.hi < 1.0 / 3.0 {
        let sine = sin_quarter_turn(u);
        sine * sine
    } else {
        let one = Double::from(1.0);
        let twice = one + sin_quarter_turn(u + u - one);
        Double { hi: 0.5 * twice.hi, lo: 0.5 * twice.lo }
    }
}

/// sin(π/2·u) for u in [-1, 1]: libm's for the first part of the angle, and the derivative, √(1 - sin²),
/// times the second, which is too small for more than its leading bits to count.
fn sin_quarter_turn(u: Double<f64>) -> Double<f64> {
    /// π/2 beyond the precision of f64.
    const FRAC_PI_2_LO: f64 = 6.123233995736766e-17;
    let angle = u * Double { hi: core::f64::consts::FRAC_PI_2, lo: FRAC_PI_2_LO };
    let sine = libm::sin(angle.hi);
    let cosine = libm::sqrt((1.0 - sine * sine).max(0.0));
    Double { hi: sine, lo: angle.lo * cosine }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_two_are_exact_and_saturate() {
        for exponent in -126..=127 {
            assert_eq!(f32::power_of_two(exponent), 2f32.powi(exponent));
        }
        for exponent in -1022..=1023 {
            assert_eq!(f64::power_of_two(exponent), 2f64.powi(exponent));
        }
        assert_eq!(f32::power_of_two(-127), 0.0);
        assert_eq!(f32::power_of_two(128), f32::INFINITY);
        assert_eq!(f64::power_of_two(i32::MIN), 0.0);
        assert_eq!(f64::power_of_two(i32::MAX), f64::INFINITY);
    }

    #[test]
    fn unit_covers_its_interval_and_stays_below_one() {
        assert_eq!(f32::unit(0), 0.0);
        assert_eq!(f32::unit(u64::MAX), 1.0 - f32::EPSILON / 2.0);
        assert_eq!(f64::unit(u64::MAX), 1.0 - f64::EPSILON / 2.0);
        assert_eq!(f32::unit(1 << 63), 0.5);
        assert_eq!(f64::unit(1 << 63), 0.5);
    }

    #[test]
    fn quarter_turn_is_exact_at_its_ends() {
        for (u, expected) in [(0.0, 0.0), (1.0, 1.0)] {
            let square = f64::sin_squared_quarter_turn(Double::from(u));
            assert_eq!(square.value(), expected);
            let square = f32::sin_squared_quarter_turn(Double::from(u as f32));
            assert_eq!(square.value(), expected as f32);
        }
        // A third of a quarter turn is 30 degrees.
        let third = Double::<f64>::ratio(1, core::num::NonZeroU64::new(3).unwrap());
        assert!((f64::sin_squared_quarter_turn(third).value() - 0.25).abs() <= f64::EPSILON / 4.0);
    }
}
