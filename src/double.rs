//! Sums of two floating-point numbers: more precision where a rounding would be magnified.
//!
//! The schedules round once, at the end. What goes before (a quotient of two integers, a power, a
//! weighted sum) is carried as `hi + lo`. What both types share is built from IEEE `+ - * /`, and what `narrow` adds
//! from integers, so the bits are the same on every target. Sources: Knuth, *The Art of Computer Programming* 2, 4.2.2
//! (sum); Dekker, "A floating-point technique for extending the available precision", 1971 (product, quotient).
//!
//! Next to an end of the range a second part is lost, or a factor where the product would not be. There
//! the significands and the exponents are computed apart. What only one of the two types has is in `narrow` and `wide`.

pub(crate) mod narrow;
pub(crate) mod wide;

use core::num::{NonZeroU32, NonZeroU64};
use core::ops::{Add, Div, Mul};

use crate::extended::{Extended, Place, Share};
use crate::float::Float;

/// The unevaluated sum `hi + lo`, where `lo` is at most about half a unit in the last place of `hi`; of a sum, a product or
/// a quotient at most half of one, so that `hi` is the number nearest to it.
///
/// Where `hi` is infinite or NaN, `lo` says nothing.
#[derive(Debug, Clone, Copy)]
pub struct Double<F> {
    pub(crate) hi: F,
    pub(crate) lo: F,
}

impl<F: Float> From<F> for Double<F> {
    #[inline]
    fn from(hi: F) -> Self {
        Self { hi, lo: F::zero() }
    }
}

impl<F: Float> Double<F> {
    // Where only the first part of one of these three is used, the second costs nothing.

    /// `a * b`, exactly, barring underflow.
    #[inline(always)]
    pub(crate) fn product(a: F, b: F) -> Self {
        let hi = a * b;
        Self { hi, lo: Self::rest_of_product(a, b, hi) }
    }

    #[inline]
    fn rest_of_product(a: F, b: F, hi: F) -> F {
        let (a_head, b_head) = (a.head(), b.head());
        let (a_tail, b_tail) = (a - a_head, b - b_head);
        ((a_head * b_head - hi) + a_head * b_tail + a_tail * b_head) + a_tail * b_tail
    }

    /// `a + b`, exactly.
    #[inline(always)]
    pub(crate) fn sum(a: F, b: F) -> Self {
        let hi = a + b;
        Self { hi, lo: Self::rest_of_sum(a, b, hi) }
    }

    #[inline]
    fn rest_of_sum(a: F, b: F, hi: F) -> F {
        let b_share = hi - a;
        let a_share = hi - b_share;
        (a - a_share) + (b - b_share)
    }

    /// `a + b`, exactly, for an `a` that is 0 or not smaller than `b`.
    #[inline]
    pub(crate) fn ordered_sum(a: F, b: F) -> Self {
        let hi = a + b;
        Self { hi, lo: b - (hi - a) }
    }

    /// The same, which may be infinite or NaN.
    #[inline]
    fn renormalised(hi: F, lo: F) -> Self {
        let sum = hi + lo;
        if sum.is_finite() {
            Self { hi: sum, lo: lo - (sum - hi) }
        } else {
            // An infinite `hi` makes a `lo` of NaN.
            Self::from(if sum.is_nan() { hi } else { sum })
        }
    }

    /// The product, where it has room.
    ///
    /// It is a product without a rounding, and a rest that is so much smaller that its own roundings are
    /// out of sight: half of the digits of `F` lie between the two.
    #[inline]
    fn roomy_product(self, other: Self) -> Self {
        let (a, b) = (self.hi.head(), other.hi.head());
        let (a_rest, b_rest) = ((self.hi - a) + self.lo, (other.hi - b) + other.lo);
        Self::ordered_sum(a * b, a * b_rest + a_rest * other.hi)
    }

    /// The same with all digits, not only three quarters of them.
    #[inline]
    fn full_product(self, other: Self) -> Self {
        let product = Self::product(self.hi, other.hi);
        Self::renormalised(product.hi, product.lo + (self.hi * other.lo + self.lo * other.hi))
    }

    /// `self · factor`, with all digits, for a `self` that is rounded; and so is the product.
    #[inline]
    pub(crate) fn times(self, factor: F) -> Self {
        let nearest = self.hi * factor;
        let factor = Self::from(factor);
        if nearest.has_room() {
            self.full_product(factor)
        } else if nearest.abs() >= F::min_positive_value() {
            self.product_by_parts(factor)
        } else {
            // Of a rest there is nothing to be seen.
            Self::from(nearest)
        }
    }

    /// The quotient of numbers that are not next to an end of the range.
    #[inline]
    fn quotient(self, other: Self) -> Self {
        let Self { hi, lo } = self.quotient_and_rest(other);
        Self::ordered_sum(hi, lo)
    }

    /// The quotient of the first parts, and what the one of the whole is more.
    #[inline(always)]
    pub(crate) fn quotient_and_rest(self, other: Self) -> Self {
        let hi = self.hi / other.hi;
        Self { hi, lo: self.rest_of_quotient(other, hi) }
    }

    #[inline]
    fn rest_of_quotient(self, other: Self, hi: F) -> F {
        let product = Self::product(hi, other.hi);
        let remainder = ((self.hi - product.hi) - product.lo) + (self.lo - hi * other.lo);
        remainder / other.hi
    }

    /// A number in [1, 2) and the exponent of the power of two that it has to be multiplied by.
    #[inline]
    fn split(self) -> (Self, i32) {
        let (hi, exponent) = self.hi.split();
        // 0 has no second part, and neither has infinity.
        let lo = if exponent == 0 { self.lo } else { self.lo.times_power_of_two(-exponent) };
        (Self { hi, lo }, exponent)
    }

    #[inline]
    fn times_power_of_two(self, exponent: i32) -> Self {
        let hi = self.hi.times_power_of_two(exponent);
        Self { hi, lo: self.lo.times_power_of_two(exponent) }
    }

    /// The product where one of its pieces is next to an end of the range.
    #[cold]
    #[inline(never)]
    fn product_by_parts(self, other: Self) -> Self {
        let ((a, a_exponent), (b, b_exponent)) = (self.split(), other.split());
        a.full_product(b).times_power_of_two(a_exponent + b_exponent)
    }

    /// The quotient where one of its pieces is next to an end of the range.
    #[cold]
    #[inline(never)]
    fn quotient_by_parts(self, other: Self) -> Self {
        let ((a, a_exponent), (b, b_exponent)) = (self.split(), other.split());
        let Self { hi, lo } = a.quotient_and_rest(b);
        Self::renormalised(hi, lo).times_power_of_two(a_exponent - b_exponent)
    }

    /// `base^exponent`, from libm's power of the first parts and a correction for the second ones.
    pub(crate) fn pow(base: Self, exponent: Self) -> Self {
        let power = F::libm_pow(base.hi, exponent.hi);
        if base.lo == F::zero() && exponent.lo == F::zero() {
            return Self::from(power);
        }
        let mut correction = F::zero();
        if base.lo != F::zero() {
            correction = exponent.hi * (base.lo / base.hi);
        }
        if exponent.lo != F::zero() {
            correction = correction + exponent.lo * F::libm_ln(base.hi);
        }
        // 1 + c stands for e^c while c²/2 is out of sight.
        let out_of_sight = correction * correction < F::epsilon() * F::power_of_two(-2);
        let relative = if out_of_sight { correction } else { F::libm_exp_m1(correction) };
        Self::ordered_sum(power, power * relative)
    }

    /// `self · base^exponent` where neither the power nor the product is next to an end of the range, and the
    /// exponent is at most `limit`.
    #[inline]
    fn times_pow(self, base: Self, exponent: Self, limit: F) -> Option<Self> {
        if exponent.hi.lies_between_zero_and(limit) {
            let power = Self::pow(base, exponent);
            let product = self.roomy_product(power);
            if self.hi.has_room() && power.hi.has_room() && product.hi.has_room() {
                return Some(product);
            }
        }
        None
    }

    /// A rate whose roundings may have lifted it to its bound, or above.
    #[inline]
    pub(crate) fn at_most(self, bound: F) -> Self {
        if self.hi >= bound { Self::from(bound) } else { self }
    }

    /// A rate whose roundings may have lowered it below its floor, itself a rounded product.
    #[inline(always)]
    pub(crate) fn at_least(self, floor: F) -> Self {
        if self.hi < floor { Self::from(floor) } else { self }
    }

    /// A multiple by a power of two.
    #[inline]
    fn scaled(self, power_of_two: F) -> Self {
        Self { hi: self.hi * power_of_two, lo: self.lo * power_of_two }
    }

    /// `numerator / (rate · self)`, from the significands: the product alone leaves the range.
    #[cold]
    #[inline(never)]
    fn divided_by_endless_growth(self, numerator: F, rate: F) -> Self {
        let (share, share_exponent) = self.split();
        let ((rate, rate_exponent), (numerator, exponent)) = (rate.split(), numerator.split());
        let quotient = Self::from(numerator).quotient(share.full_product(Self::from(rate)));
        quotient.times_power_of_two(exponent - rate_exponent - share_exponent)
    }
}

impl<F: Float> Add for Double<F> {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        let sum = Self::sum(self.hi, other.hi);
        Self::renormalised(sum.hi, sum.lo + (self.lo + other.lo))
    }
}

impl<F: Float> Mul for Double<F> {
    type Output = Self;
    #[inline]
    fn mul(self, other: Self) -> Self {
        let product = self.roomy_product(other);
        if product.hi.has_room() { product } else { self.product_by_parts(other) }
    }
}

impl<F: Float> Div for Double<F> {
    type Output = Self;
    #[inline]
    fn div(self, other: Self) -> Self {
        let quotient = self.quotient(other);
        if self.hi.has_room() && quotient.hi.has_room() {
            quotient
        } else {
            self.quotient_by_parts(other)
        }
    }
}

impl<F: Float> Extended<F> for Double<F> {
    #[inline]
    fn one() -> Self {
        Self::from(F::one())
    }

    #[inline]
    fn from_float(x: F) -> Self {
        Self::from(x)
    }

    #[inline]
    fn from_step(n: u32) -> Self {
        F::exact_step(n)
    }

    #[inline]
    fn ratio(numerator: u64, denominator: NonZeroU64) -> Self {
        F::ratio(numerator, denominator)
    }

    #[inline(always)]
    fn share(Share { part, length, cycles }: Share) -> Self {
        Self::ratio(part.into(), NonZeroU64::from(length).saturating_mul(cycles.into()))
    }

    fn scaled_ratio(numerator: u64, denominator: u64, exponent: i32) -> Self {
        let denominator = NonZeroU64::new(denominator).unwrap_or(NonZeroU64::MIN);
        F::ratio(numerator, denominator).scaled(F::power_of_two(exponent))
    }

    fn terms_of_series(self, gain: F) -> Self {
        let terms = F::libm_ln_1p(self.hi * gain) / F::libm_ln_1p(gain);
        Self::from(terms - terms * (F::epsilon() * F::power_of_two(2)))
    }

    #[inline]
    fn halved(self, times: u32) -> Self {
        self.scaled(F::power_of_two(-(times as i32)))
    }

    #[inline]
    fn difference(high: F, low: F) -> Self {
        Self::ordered_sum(high, -low)
    }

    #[inline]
    fn rounded(self) -> Self {
        self // sums, products and quotients are
    }

    #[inline]
    fn above(self, low: F) -> Self {
        let sum = Self::sum(low, self.hi);
        // Next to the end of the range the roundings of the two may add up to infinity.
        Self::renormalised(sum.hi, sum.lo + self.lo)
    }

    #[inline(always)]
    fn between(low: F, high: F, share: Share) -> Self {
        F::between(low, high, share)
    }

    #[inline]
    fn divided_by_growth(numerator: F, rate: F, steps: u32, per: NonZeroU32) -> Self {
        let progress = Self::ratio(steps.into(), per.into());
        // Next to underflow nothing of it is left beside 1.
        let growth = progress.roomy_product(Self::from(rate));
        if growth.hi.is_finite() {
            Self::from(numerator) / (Self::one() + growth)
        } else {
            progress.divided_by_endless_growth(numerator, rate)
        }
    }

    #[inline]
    fn above_floor(self, alpha: F, peak: F) -> Self {
        // The square of a sine of 1/2^32 and more, and what is left beside `alpha`, have room; and so has their product. The sum is not
        // above 1, so the rate is not above its peak.
        let above = Self::difference(F::one(), alpha).roomy_product(self);
        let Self { hi, lo } = Self::sum(alpha, above.hi);
        let lr = Self::ordered_sum(hi, lo + above.lo) * Self::from(peak);
        lr.at_least(alpha * peak)
    }

    #[inline]
    fn sin_squared_quarter_turn(self) -> Self {
        F::sin_squared_quarter_turn(self)
    }

    fn times_power(self, scale: F, base: F, steps: u32, per: NonZeroU32) -> Self {
        let exponent = if per == NonZeroU32::MIN {
            Self::from_step(steps)
        } else {
            Self::ratio(steps.into(), per.into())
        };
        self.roomy_product(Self::from(scale))
            .times_pow(Self::from(base), exponent, F::power_of_two(MOST_STEPS))
            .unwrap_or_else(|| F::times_far_power(self, scale, base, steps, per))
    }

    fn times_power_of_rest(self, place: Place, power: F) -> Self {
        self.times_pow(Self::share(place.left()), Self::from(power), F::power_of_two(F::MOST_POWER))
            .unwrap_or_else(|| F::times_far_power_of_rest(self, place, power))
    }

    #[inline]
    fn times_one_minus_power_of_rest(self, place: Place, power: F) -> Self {
        F::times_one_minus_power_of_rest(self, place, power)
    }

    #[cfg(test)]
    fn wide(self) -> f64 {
        self.hi.to_f64().unwrap() + self.lo.to_f64().unwrap()
    }
    #[cfg(test)]
    const PRECISION: f64 = if size_of::<F>() == 4 { 2.3e-13 } else { f64::EPSILON };
}

/// As an exponent of two: beyond it the error of libm's `pow` in `f64` grows with its exponent.
const MOST_STEPS: i32 = 30;

#[cfg(test)]
mod tests {
    use super::*;

    /// What an `f32` pair holds, in `f64`.
    fn wide(pair: Double<f32>) -> f64 {
        f64::from(pair.hi) + f64::from(pair.lo)
    }

    fn close(pair: Double<f32>, exact: f64, bits: i32) {
        let error = (wide(pair) - exact).abs() / exact.abs();
        assert!(error <= 2f64.powi(-bits), "{pair:?} is not {exact}: off by {error:e}");
    }

    const SAMPLES: [f32; 6] = [0.1, 0.95, 1.0, 3.7, 1e-3, 16_777_215.0];

    #[test]
    fn arithmetic_has_more_than_the_precision() {
        for a in SAMPLES {
            for b in SAMPLES {
                assert_eq!(wide(Double::product(a, b)), f64::from(a) * f64::from(b));
                assert_eq!(wide(Double::sum(a, b)), f64::from(a) + f64::from(b));
                let (x, y) = (Double::product(a, b), Double::sum(a, b));
                let (exact_x, exact_y) = (f64::from(a) * f64::from(b), f64::from(a) + f64::from(b));
                close(x + y, exact_x + exact_y, 44);
                close(x * y, exact_x * exact_y, 33);
                close(x.full_product(y), exact_x * exact_y, 44);
                close(x / y, exact_x / exact_y, 44);
            }
        }
    }

    #[test]
    fn ratio_keeps_integers_that_f32_cannot_hold() {
        let ratio = |numerator, denominator| {
            Double::<f32>::ratio(numerator, NonZeroU64::new(denominator).unwrap())
        };
        let most = u64::from(u32::MAX);
        for numerator in
            [1, 3, 41, 16_777_217, most - 1, most, most + 1, (1 << 33) - 1, 1 << 62, u64::MAX]
        {
            for denominator in
                [1, 3, 7, 16_777_217, most - 1, most, (1 << 33) - 1, 1 << 63, u64::MAX]
            {
                let exact = numerator as f64 / denominator as f64;
                let error = (wide(ratio(numerator, denominator)) / exact - 1.0).abs();
                assert!(error < 2f64.powi(-45), "{numerator}/{denominator}: {error:e}");
            }
            assert_eq!(wide(ratio(numerator, numerator)), 1.0);
        }
        assert_eq!(wide(Double::ratio(0, NonZeroU64::MIN)), 0.0);
        assert_eq!(wide(Double::from_step(u32::MAX)), f64::from(u32::MAX));
        assert_eq!(wide(Double::from_step(16_777_217)), 16_777_217.0);
    }

    #[test]
    fn pow_corrects_for_both_second_parts() {
        let base = Double { hi: 0.5_f32, lo: 1e-9 };
        let exponent = Double { hi: 3.0_f32, lo: 1e-7 };
        let exact = (0.5_f64 + f64::from(1e-9_f32)).powf(3.0 + f64::from(1e-7_f32));
        assert!((wide(Double::pow(base, exponent)) / exact - 1.0).abs() < 1e-12);
        // A correction too large for its first-order term: (1 - 2^-32)^(2^30) = e^(-1/4).
        let base = Double { hi: 1.0_f32, lo: -(2f32.powi(-32)) };
        let power = Double::pow(base, Double::from(2f32.powi(30))).value();
        assert!((f64::from(power) - (-0.25_f64).exp()).abs() < 1e-7);
    }

    #[test]
    fn infinities_pass_and_do_not_turn_into_nan() {
        let huge = Double::from(f32::MAX);
        assert_eq!((huge * huge).value(), f32::INFINITY);
        assert_eq!((huge + huge).value(), f32::INFINITY);
        assert_eq!((Double::from(1.0) / (huge * huge)).value(), 0.0);
    }

    #[test]
    fn products_and_quotients_keep_their_digits_next_to_the_ends_of_the_range() {
        let near = |result: Double<f32>, exact: f64| {
            let error = (f64::from(result.value()) / exact - 1.0).abs();
            assert!(error <= 0.75 * f64::from(f32::EPSILON), "{result:?} is not {exact}");
        };
        for (a, b) in [(1e-20_f32, 3e-18_f32), (1.1e-38, 0.9999999), (1e-44, 1e7), (1.7e38, 1.9)] {
            near(Double::from(a) * Double::from(b), f64::from(a) * f64::from(b));
            let reciprocal = 1.0 / b;
            near(Double::from(a) / Double::from(reciprocal), f64::from(a) / f64::from(reciprocal));
        }
        let tiny = Double::<f64>::from(f64::MIN_POSITIVE * 1.5) * Double { hi: 1.0, lo: -1e-17 };
        assert_eq!(tiny.value(), f64::MIN_POSITIVE * 1.5);
    }

    #[test]
    fn factors_out_of_range_leave_a_product_that_is_in_it() {
        let one = Double::<f32>::one();
        let power = |scale, base, steps, per| {
            one.times_power(scale, base, steps, NonZeroU32::new(per).unwrap()).value()
        };
        assert_eq!(power(2f32.powi(-140), 2f32.powi(100), 2, 1), 2f32.powi(60));
        assert_eq!(power(2f32.powi(100), 2f32.powi(-100), 2, 1), 2f32.powi(-100));
        assert_eq!(power(2f32.powi(100), 2f32.powi(-146), 3, 2), 2f32.powi(-119));
        assert_eq!(power(1e-30, 1e30, u32::MAX, 1), f32::INFINITY);
        assert_eq!([power(1e30, 1e-30, u32::MAX, 1), power(0.0, 1e30, 9, 1)], [0.0; 2]);
        // f64's own range, and an exponent beyond libm's.
        let one = Double::<f64>::one();
        let power = one.times_power(2f64.powi(-1000), 2f64.powi(400), 5, NonZeroU32::MIN).value();
        assert_eq!(power, 2f64.powi(1000));
        let base = 1.0 + 2f64.powi(-31);
        let power = one.times_power(1.0, base, u32::MAX, NonZeroU32::MIN).value();
        // ln(1 + x) = x - x²/2 + ...
        let exact = (2.0 - 2f64.powi(-31) - 2f64.powi(-31)).exp();
        assert!((power / exact - 1.0).abs() < 1e-15);
    }

    #[test]
    fn a_rest_decides_whether_a_product_is_infinite() {
        let hi = 1.0 + f32::EPSILON;
        let times = |lo: f32| Double { hi, lo }.times(f32::MAX.next_down()).hi;
        assert_eq!([times(0.0), times(-f32::EPSILON / 4.0)], [f32::INFINITY, f32::MAX]);
    }

    #[test]
    fn a_growth_that_overflows_still_divides() {
        let quotient = |numerator, rate| {
            Double::<f32>::divided_by_growth(numerator, rate, 1 << 20, NonZeroU32::MIN).hi
        };
        assert_eq!(quotient(2f32.powi(100), 2f32.powi(120)), 2f32.powi(-40));
        assert_eq!(quotient(1.0, f32::MAX), 2f32.powi(-148));
        assert!(quotient(1.0, f32::NAN).is_nan());
    }

    #[test]
    fn what_a_power_takes_from_one_is_exact_to_a_unit() {
        for (left, length) in
            [(1, 2), (3, 4), (999, 1000), (1, 1000), (5, 7), (u32::MAX - 1, u32::MAX)]
        {
            let (left, length) = (NonZeroU32::new(left).unwrap(), NonZeroU32::new(length).unwrap());
            let passed = length.get() - left.get();
            let place = Place { passed, left, length, cycles: NonZeroU32::MIN };
            let share = f64::from(passed) / f64::from(length.get());
            // 1 - (1 - p)² = p·(2 - p)
            let weight = Double::<f64>::one().times_one_minus_power_of_rest(place, 2.0).value();
            let exact = share * (2.0 - share);
            assert!((weight / exact - 1.0).abs() <= 4e-16, "{left}/{length}: {weight} {exact}");
            let weight = Double::<f32>::one().times_one_minus_power_of_rest(place, 2.0).value();
            assert!((f64::from(weight) / exact - 1.0).abs() <= 6e-8, "{left}/{length}");
        }
    }
}
