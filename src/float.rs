//! The two number types, and the only place where the crate calls libm.
//!
//! num-traits' `exp`, `powf`, ... forward to the host's C library as soon as any crate in the
//! dependency graph turns its `std` feature on; then host and chip differ in the last place.
//! So the functions that the crate evaluates are methods of [`Kernel`], taken from libm directly.

use core::cell::Cell;
use core::fmt::Debug;
use core::num::{NonZeroU32, NonZeroU64};

use crate::double::{Double, narrow, wide};
use crate::extended::{Extended, Place, Share};
use crate::neuron::{self, Odds};
use crate::soft;
// Where the two builds differ.
#[cfg(feature = "lean")]
use crate::fixed::{Fixed as Extended32, odds::odds as odds32};
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

    /// `n`, exactly.
    fn exact_step(n: u32) -> Double<Self>;
    /// `numerator / denominator`, of any two.
    fn ratio(numerator: u64, denominator: NonZeroU64) -> Double<Self>;
    /// See [`Extended::between`].
    fn between(low: Self, high: Self, share: Share) -> Double<Self>;
    /// sin²(π/2·u) for u in [0, 1], to more than the precision of `Self`.
    fn sin_squared_quarter_turn(u: Double<Self>) -> Double<Self>;

    /// [`Extended::times_power`] where libm's power is not good enough: a factor or the product next to an end of the range, or
    /// more than 2^30 steps.
    fn times_far_power(
        start: Double<Self>,
        scale: Self,
        base: Self,
        steps: u32,
        per: NonZeroU32,
    ) -> Double<Self>;
    /// The same for [`Extended::times_power_of_rest`].
    fn times_far_power_of_rest(start: Double<Self>, place: Place, power: Self) -> Double<Self>;
    /// See [`Extended::times_one_minus_power_of_rest`].
    fn times_one_minus_power_of_rest(
        height: Double<Self>,
        place: Place,
        power: Self,
    ) -> Double<Self>;
    /// As an exponent of two: the largest power of a ratio that does not show the ratio's error.
    const MOST_POWER: i32;

    /// A number in [1, 2), with the sign of `self`, and the exponent of the power of two that makes `self` of
    /// it. 0, infinity and NaN come back as they are.
    fn split(self) -> (Self, i32);
    /// `self · 2^exponent`, rounded once for a `self` in [1, 2), whatever the exponent.
    fn times_power_of_two(self, exponent: i32) -> Self;
    /// Whether `self` is finite, and so far from underflow that half a unit in its last place has a full
    /// significand.
    fn has_room(self) -> bool;

    /// The nearest to `n`.
    fn nearest_u64(n: u64) -> Self;
    /// Rounded towards zero; out of range saturates and NaN is 0, as `as` does.
    fn saturating_u64(self) -> u64;

    /// Whether `self` lies in [0, `limit`], for a positive limit: by the bits, which takes a core without an FPU
    /// two instructions.
    fn lies_between_zero_and(self, limit: Self) -> bool;

    /// The sum of the products, added up from the first one on.
    fn dot(a: &[Self], b: &[Self]) -> Self;
    /// The sum of the products of weights and features and `bias`; and how large all of these are, in a measure that only
    /// `surely_stays_finite` understands.
    fn logit_and_extent(weights: &[Self], x: &[Self], bias: Self) -> (Self, Self);
    /// Whether `extent` alone tells that the logit is finite, and that weights and bias stay so when `scale · x` and `scale` are
    /// taken off. False means that it has to be looked at.
    fn surely_stays_finite(extent: Self, scale: Self) -> bool;

    /// Whether the weights would still be finite after `descend`.
    fn stays_finite(weights: &[Self], scale: Self, direction: &[Self]) -> bool;
    /// Takes `scale · direction` off the weights.
    fn descend(weights: &mut [Self], scale: Self, direction: &[Self]);

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

/// `Float` and `Kernel` for one of the two types; `$own` is the module of what only its `Double` has.
macro_rules! kernel {
    ($float:ident, $own:ident, $extended:ty, $odds:path, $bits:ident, $head_mask:expr,
     $exp:path, $exp_m1:path, $ln:path, $ln_1p:path, $pow:path, $sqrt:path, $has_unit:expr, $plus_product:path) => {
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
            fn exact_step(n: u32) -> Double<Self> {
                $own::from_step(n)
            }
            #[inline]
            fn ratio(numerator: u64, denominator: NonZeroU64) -> Double<Self> {
                $own::ratio(numerator, denominator)
            }
            #[inline(always)]
            fn between(low: Self, high: Self, share: Share) -> Double<Self> {
                $own::between(low, high, share)
            }
            #[inline]
            fn sin_squared_quarter_turn(u: Double<Self>) -> Double<Self> {
                $own::sin_squared_quarter_turn(u)
            }
            #[inline]
            fn times_far_power(
                start: Double<Self>,
                scale: Self,
                base: Self,
                steps: u32,
                per: NonZeroU32,
            ) -> Double<Self> {
                $own::times_far_power(start, scale, base, steps, per)
            }
            #[inline]
            fn times_far_power_of_rest(
                start: Double<Self>,
                place: Place,
                power: Self,
            ) -> Double<Self> {
                $own::times_far_power_of_rest(start, place, power)
            }
            #[inline]
            fn times_one_minus_power_of_rest(
                height: Double<Self>,
                place: Place,
                power: Self,
            ) -> Double<Self> {
                $own::times_one_minus_power_of_rest(height, place, power)
            }
            const MOST_POWER: i32 = $own::MOST_POWER;
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
            #[inline]
            fn has_room(self) -> bool {
                // By the exponent, as a core without an FPU prefers.
                const PLACES: u32 = $float::MANTISSA_DIGITS - 1;
                const LEAST: u32 = $float::MANTISSA_DIGITS + 1;
                const INFINITE: u32 = 2 * $float::MAX_EXP as u32 - 1;
                let exponent = (self.to_bits() >> PLACES) as u32 & INFINITE;
                exponent.wrapping_sub(LEAST) < INFINITE - LEAST
            }
            #[inline]
            fn nearest_u64(n: u64) -> Self {
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
                sum_of_products::<4, _>(a, b, $has_unit, $plus_product, |_, _| ())
            }
            // But for this one, which one function calls, and whose second result is better off in a register.
            #[inline]
            fn logit_and_extent(weights: &[Self], x: &[Self], bias: Self) -> (Self, Self) {
                if $has_unit {
                    // The sum of all squares: no product, and no sum of products, is larger than half of it.
                    let mut extent = bias * bias;
                    let see = |weight, x| extent = extent + weight * weight + x * x;
                    let dot = sum_of_products::<8, _>(weights, x, $has_unit, $plus_product, see);
                    return (dot + bias, extent);
                }
                // Both of the exponent's upper bits are set in what is too large.
                let upper = |x: $float| x.to_bits() & (x.to_bits() << 1);
                let mut bits = upper(bias);
                let see = |weight, x| bits |= upper(weight) | upper(x);
                let logit =
                    sum_of_products::<8, _>(weights, x, $has_unit, $plus_product, see) + bias;
                (logit, if logit.is_finite() { $float::from_bits(bits) } else { logit })
            }
            #[inline]
            fn surely_stays_finite(extent: Self, scale: Self) -> bool {
                if $has_unit {
                    // Also for NaN this is false.
                    return extent + extent * (scale * scale) < $float::MAX / 16.0;
                }
                // Every number is below 2^(MAX_EXP/2 + 1) and the scale below 2^(MAX_EXP/2 - 4): their product is below an
                // eighth of what overflows.
                const LIMIT: $bits =
                    ($float::MAX_EXP as $bits * 3 / 2 - 5) << ($float::MANTISSA_DIGITS - 1);
                let unsigned = scale.to_bits() & ($bits::MAX >> 1);
                extent.to_bits() >> ($bits::BITS - 2) & 1 == 0 && unsigned < LIMIT
            }
            #[inline(never)]
            fn stays_finite(weights: &[Self], scale: Self, direction: &[Self]) -> bool {
                // A call, since a loop without one is compiled into eight rounds in a row, and hardly ever run.
                #[inline(never)]
                fn is_finite(weight: $float, scale: $float, direction: $float) -> bool {
                    (weight - scale * direction).is_finite()
                }
                let mut pairs = weights.iter().zip(direction);
                pairs.all(|(&weight, &direction)| is_finite(weight, scale, direction))
            }
            // An FPU does in a few instructions what a call takes.
            #[cfg_attr(all(target_arch = "arm", target_abi = "eabi"), inline(never))]
            #[cfg_attr(not(all(target_arch = "arm", target_abi = "eabi")), inline)]
            fn descend(weights: &mut [Self], scale: Self, direction: &[Self]) {
                let weights = Cell::from_mut(weights).as_slice_of_cells();
                for_each_pair::<8, _, _>(weights, direction, $has_unit, |weight, &direction| {
                    weight.set($plus_product(weight.get(), -scale, direction));
                });
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

/// The sum of the products, added up from the first one on; `see` gets each pair.
#[inline(always)]
fn sum_of_products<const ROW: usize, F: Float>(
    a: &[F],
    b: &[F],
    has_unit: bool,
    plus_product: impl Fn(F, F, F) -> F,
    mut see: impl FnMut(F, F),
) -> F {
    // -0 is what changes no sum. Without a unit it costs one.
    let (mut sum, mut a, mut b) = (F::neg_zero(), a, b);
    if let (false, [first_a, rest_a @ ..], [first_b, rest_b @ ..]) = (has_unit, a, b) {
        see(*first_a, *first_b);
        (sum, a, b) = (*first_a * *first_b, rest_a, rest_b);
    }
    for_each_pair::<ROW, _, _>(a, b, has_unit, |&a, &b| {
        see(a, b);
        sum = plus_product(sum, a, b);
    });
    sum
}

/// Shows each pair to `see`: where that is short, `ROW` of them in a row, four or eight, then four and two, as a compiler that saves
/// space would not. For a known length no loop is left but that of the rows.
#[inline(always)]
fn for_each_pair<const ROW: usize, A, B>(
    mut a: &[A],
    mut b: &[B],
    short: bool,
    mut see: impl FnMut(&A, &B),
) {
    if short {
        let (a_rows, b_rows) = (a.chunks_exact(ROW), b.chunks_exact(ROW));
        (a, b) = (a_rows.remainder(), b_rows.remainder());
        for (mut a, mut b) in a_rows.zip(b_rows) {
            in_a_row::<ROW, _, _>(&mut a, &mut b, &mut see);
        }
        in_a_row::<4, _, _>(&mut a, &mut b, &mut see);
        in_a_row::<2, _, _>(&mut a, &mut b, &mut see);
    }
    for (a, b) in a.iter().zip(b) {
        see(a, b);
    }
}

/// Takes `COUNT` pairs off the slices, if they have as many: of the eight below, those that there are.
#[inline(always)]
fn in_a_row<const COUNT: usize, A, B>(a: &mut &[A], b: &mut &[B], mut see: impl FnMut(&A, &B)) {
    if let (Some((first_a, rest_a)), Some((first_b, rest_b))) =
        (a.split_first_chunk::<COUNT>(), b.split_first_chunk::<COUNT>())
    {
        (*a, *b) = (rest_a, rest_b);
        let mut pair = |index: usize| {
            if let (Some(a), Some(b)) = (first_a.get(index), first_b.get(index)) {
                see(a, b);
            }
        };
        pair(0);
        pair(1);
        pair(2);
        pair(3);
        pair(4);
        pair(5);
        pair(6);
        pair(7);
    }
}

/// Whether `f32` is done in instructions, as far as the target tells: of Arm's soft-float targets it is known that it is
/// not. Only speed depends on it.
const HAS_UNIT: bool = cfg!(not(all(target_arch = "arm", target_abi = "eabi")));
/// The same for `f64`. An Arm core may have them, but its target does not tell.
const HAS_WIDE_UNIT: bool = cfg!(not(target_arch = "arm"));

/// `sum + a · b`, each rounded: not a fused multiply-add.
#[inline]
fn plus_product_f32(sum: f32, a: f32, b: f32) -> f32 {
    if HAS_UNIT { sum + a * b } else { soft::plus_product(sum, a, b) }
}

/// The same.
#[inline]
fn plus_product_f64(sum: f64, a: f64, b: f64) -> f64 {
    sum + a * b
}

kernel!(
    f32,
    narrow,
    Extended32,
    odds32,
    u32,
    0xffff_f000,
    libm::expf,
    libm::expm1f,
    libm::logf,
    libm::log1pf,
    libm::powf,
    libm::sqrtf,
    HAS_UNIT,
    plus_product_f32
);
kernel!(
    f64,
    wide,
    Double<f64>,
    neuron::odds,
    u64,
    0xffff_ffff_f800_0000,
    libm::exp,
    libm::expm1,
    libm::log,
    libm::log1p,
    libm::pow,
    libm::sqrt,
    HAS_WIDE_UNIT,
    plus_product_f64
);

#[cfg(test)]
mod tests {
    use core::ops::Range;
    use std::vec::Vec;

    use super::*;
    use crate::threefry::{Stream, word};

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

    /// With rows of four and of eight, and all that may be left after them.
    #[test]
    fn loops_are_plain_loops_for_every_length() {
        fn check<F: Float>() {
            let number =
                |index: u32| F::unit(word(4, Stream::Weights, index)) - F::power_of_two(-2);
            let numbers = |range: Range<u32>| range.map(number).collect::<Vec<F>>();
            let (a, b) = (numbers(0..40), numbers(100..140));
            for length in 0..=a.len() {
                let (a, b) = (&a[..length], &b[..length]);
                let sum = a.iter().zip(b).fold(F::neg_zero(), |sum, (&a, &b)| sum + a * b);
                let (logit, _) = F::logit_and_extent(a, b, F::one());
                assert_eq!((F::dot(a, b), logit), (sum, sum + F::one()), "{length}");
                let mut moved = a.to_vec();
                F::descend(&mut moved, F::power_of_two(-1), b);
                let plain = a.iter().zip(b).map(|(&a, &b)| a - F::power_of_two(-1) * b);
                assert!(moved.into_iter().eq(plain), "{length}");
            }
        }
        check::<f32>();
        check::<f64>();
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
