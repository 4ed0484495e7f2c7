//! The two number types, and the only place where the crate touches their bits or libm.
//!
//! num-traits' `exp`, `powf`, ... forward to the host's C library as soon as any crate in the
//! dependency graph turns its `std` feature on; then host and chip differ in the last place.
//! So the functions that the crate evaluates are methods of [`Kernel`], taken from libm directly.

use core::fmt::Debug;
use core::num::NonZeroU64;

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

    /// See [`Extended::ratio`].
    fn ratio(numerator: u64, denominator: NonZeroU64) -> Double<Self>;
    /// sin²(π/2·u) for u in [0, 1], to more than the precision of `Self`.
    fn sin_squared_quarter_turn(u: Double<Self>) -> Double<Self>;

    /// The same number.
    fn widened(self) -> f64;
    /// The nearest.
    fn narrowed(wide: f64) -> Self;
    /// A number in [1, 2), with the sign of `self`, and the exponent of the power of two that makes `self` of
    /// it. 0, infinity and NaN come back as they are.
    fn split(self) -> (Self, i32);
    /// `self · 2^exponent`, rounded once for a `self` in [1, 2), whatever the exponent.
    fn times_power_of_two(self, exponent: i32) -> Self;
    /// Whether `self` is finite, and so far from underflow that half a unit in its last place has a full
    /// significand.
    fn has_room(self) -> bool;
    /// The logarithm of a power that no factor brings back into the range: these are not below the smallest
    /// subnormal number times 2^-200.
    const FAR: Self;

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
    ($float:ident, $extended:ty, $odds:path, $bits:ident, $head_mask:expr, $ratio:path, $sin_squared:path,
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
            fn ratio(numerator: u64, denominator: NonZeroU64) -> Double<Self> {
                $ratio(numerator, denominator)
            }
            #[inline]
            fn sin_squared_quarter_turn(u: Double<Self>) -> Double<Self> {
                $sin_squared(u)
            }
            #[inline]
            fn widened(self) -> f64 {
                self.into()
            }
            #[inline]
            fn narrowed(wide: f64) -> Self {
                wide as $float
            }
            fn split(self) -> (Self, i32) {
                const PLACES: u32 = $float::MANTISSA_DIGITS - 1;
                const SIGNIFICAND: $bits = (1 << PLACES) - 1;
                const SIGN: $bits = $bits::MAX ^ ($bits::MAX >> 1);
                const BIAS: i32 = $float::MAX_EXP - 1;
                let exponent = |bits: $bits| ((bits & !SIGN) >> PLACES) as i32;
                let (mut bits, mut moved) = (self.to_bits(), 0);
                if exponent(bits) == 0 {
                    // A subnormal number, brought into the range.
                    moved = $float::MANTISSA_DIGITS as i32;
                    bits = (self * Self::power_of_two(moved)).to_bits();
                }
                match exponent(bits) {
                    0 => (self, 0),
                    all if all > 2 * BIAS => (self, 0),
                    biased => {
                        let one = (BIAS as $bits) << PLACES;
                        let significand = bits & (SIGN | SIGNIFICAND) | one;
                        ($float::from_bits(significand), biased - BIAS - moved)
                    }
                }
            }
            fn times_power_of_two(self, exponent: i32) -> Self {
                // In two steps where one has no power of two. The first is exact unless all is lost anyway.
                const LOWEST: i32 = $float::MIN_EXP - 1;
                const HIGHEST: i32 = $float::MAX_EXP - 1;
                let first = exponent.clamp(LOWEST, HIGHEST);
                let second = exponent.saturating_sub(first).clamp(LOWEST, HIGHEST);
                self * Self::power_of_two(first) * Self::power_of_two(second)
            }
            // ln 2 is above 2/3, and this above ln 2 times four and a third of the largest exponent.
            const FAR: Self = 3.0 * $float::MAX_EXP as $float;
            #[inline]
            fn has_room(self) -> bool {
                // By the bits without the sign, as a core without an FPU prefers.
                const LEAST: $bits =
                    (1 + $float::MANTISSA_DIGITS as $bits) << ($float::MANTISSA_DIGITS - 1);
                const RANGE: $bits = $float::INFINITY.to_bits() - LEAST;
                let unsigned = self.to_bits() & ($bits::MAX >> 1);
                unsigned.wrapping_sub(LEAST) < RANGE
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
    Double::ratio_of_integers,
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
    ratio_f64,
    sin_squared_f64,
    libm::exp,
    libm::expm1,
    libm::log,
    libm::log1p,
    libm::pow,
    libm::sqrt
);

/// A quotient of 21 bits times a denominator of 32 has no rounding, nor has the remainder; so two divisions
/// in floating point do what else takes one of 64-bit integers.
#[inline]
fn ratio_f64(numerator: u64, denominator: NonZeroU64) -> Double<f64> {
    /// What few cycles are long enough for.
    #[cold]
    fn long(numerator: u64, denominator: NonZeroU64) -> Double<f64> {
        Double::ratio_of_integers(numerator, denominator)
    }
    if (numerator | denominator.get()) >> 32 != 0 {
        return long(numerator, denominator);
    }
    let (numerator, denominator) = (numerator as i64 as f64, denominator.get() as i64 as f64);
    let leading = f64::from_bits((numerator / denominator).to_bits() & (!0 << 32));
    let rest = (numerator - leading * denominator) / denominator;
    let hi = leading + rest;
    Double { hi, lo: rest - (hi - leading) }
}

/// sin²(x) = x² + x⁴·(-2⁴·2/4! + 2⁶·2/6!·x² - ...), up to x²²; the next term is 2^-62 of it at π/4.
const SIN_SQUARED: [f64; 10] = [
    -1.0 / 3.0,
    2.0 / 45.0,
    -1.0 / 315.0,
    2.0 / 14_175.0,
    -2.0 / 467_775.0,
    4.0 / 42_567_525.0,
    -1.0 / 638_512_875.0,
    2.0 / 97_692_469_875.0,
    -2.0 / 9_280_784_638_125.0,
    4.0 / 2_143_861_251_406_875.0,
];

/// In f64, which has digits to spare: the terms up to x¹⁸ are enough. From the middle on it is what is missing
/// to 1, so that the middle is exactly ½ from either side.
fn sin_squared_f32(u: Double<f32>) -> Double<f32> {
    let [terms @ .., _, _] = SIN_SQUARED;
    let half = |u: f64| {
        let x = u * core::f64::consts::FRAC_PI_2;
        let square = x * x;
        let series = terms.iter().rev().fold(0.0, |sum, &factor| sum * square + factor);
        square + square * square * series
    };
    let u = f64::from(u.hi) + f64::from(u.lo);
    let square = if u <= 0.5 { half(u) } else { 1.0 - half(1.0 - u) };
    let hi = square as f32;
    Double { hi, lo: (square - f64::from(hi)) as f32 }
}

/// The same where nothing wider is at hand, and libm's sine leaves off where squaring begins.
fn sin_squared_f64(u: Double<f64>) -> Double<f64> {
    if u.hi <= 0.5 {
        return sin_squared_half(u);
    }
    let missing = sin_squared_half(Double { hi: 1.0 - u.hi, lo: -u.lo });
    let hi = 1.0 - missing.hi;
    Double { hi, lo: ((1.0 - hi) - missing.hi) - missing.lo }
}

/// sin²(π/2·u) for u in [0, 1/2]: the leading term, x², is taken apart so that its square is exact.
#[inline]
fn sin_squared_half(u: Double<f64>) -> Double<f64> {
    use core::f64::consts::FRAC_PI_2;
    /// π/2 in two parts, the first with 26 bits.
    const HEAD: f64 = f64::from_bits(FRAC_PI_2.to_bits() & !0x7ff_ffff);
    const TAIL: f64 = (FRAC_PI_2 - HEAD) + 6.123233995736766e-17;

    let u_head = u.hi.head();
    let u_tail = (u.hi - u_head) + u.lo;
    let (exact, rest) = (u_head * HEAD, u_tail * FRAC_PI_2 + u_head * TAIL);
    let x = (exact + rest).head();
    let x_tail = (exact - x) + rest;
    let square = x * x;
    let square_tail = x_tail * (x + x + x_tail);

    let z = square + square_tail;
    let series = SIN_SQUARED.iter().rev().fold(0.0, |sum, &factor| sum * z + factor);
    let lo = square_tail + z * z * series;
    let hi = square + lo;
    Double { hi, lo: lo - (hi - square) }
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
