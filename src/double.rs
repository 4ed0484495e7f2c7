//! Sums of two floating-point numbers: twice the precision where a rounding would be magnified.
//!
//! The schedules round once, at the end. What goes before (a quotient of two integers, a power, a
//! weighted sum) is carried as `hi + lo`. Everything is built from IEEE `+ - * /`, so the
//! bits are the same on every target. Sources: Knuth, *The Art of Computer Programming* 2, 4.2.2
//! (sum); Dekker, "A floating-point technique for extending the available precision", 1971
//! (product, quotient).

use core::num::{NonZeroU32, NonZeroU64};
use core::ops::{Add, Div, Mul, Sub};

use crate::extended::{Extended, Place};
use crate::float::Float;

/// The unevaluated sum `hi + lo`, where `lo` is at most about half a unit in the last place of `hi`.
///
/// A `hi` that is infinite or NaN is passed on as it is; `lo` then means nothing.
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
    /// `a * b`, exactly, barring underflow.
    #[inline]
    pub(crate) fn product(a: F, b: F) -> Self {
        let hi = a * b;
        let (a_head, b_head) = (a.head(), b.head());
        let (a_tail, b_tail) = (a - a_head, b - b_head);
        let lo = ((a_head * b_head - hi) + a_head * b_tail + a_tail * b_head) + a_tail * b_tail;
        Self { hi, lo }
    }

    /// `a + b`, exactly.
    #[inline]
    pub(crate) fn sum(a: F, b: F) -> Self {
        let hi = a + b;
        let b_share = hi - a;
        let a_share = hi - b_share;
        Self { hi, lo: (a - a_share) + (b - b_share) }
    }

    /// `hi + lo` where `hi` is the larger by far.
    #[inline]
    fn renormalised(hi: F, lo: F) -> Self {
        let sum = hi + lo;
        if sum.is_finite() { Self { hi: sum, lo: lo - (sum - hi) } } else { Self::from(hi) }
    }

    /// `base^exponent`, from libm's power of the first parts and a correction for the second ones.
    pub(crate) fn pow(base: Self, exponent: Self) -> Self {
        let power = F::libm_pow(base.hi, exponent.hi);
        let mut correction = F::zero();
        if base.lo != F::zero() {
            correction = exponent.hi * (base.lo / base.hi);
        }
        if exponent.lo != F::zero() {
            correction = correction + exponent.lo * F::libm_ln(base.hi);
        }
        // 1 + c stands for e^c while c²/2 is out of sight.
        let limit = F::libm_sqrt(F::epsilon()) / (F::one() + F::one());
        let relative =
            if correction.abs() < limit { correction } else { F::libm_exp_m1(correction) };
        Self::renormalised(power, power * relative)
    }

    /// `self · base^exponent`, as a product of three where it leaves the range of `F` as a product of two.
    /// Nothing is left of the power where `self` is 0.
    fn times_pow(self, base: Self, exponent: Self) -> Self {
        if self.hi == F::zero() {
            return self;
        }
        let power = Self::pow(base, exponent);
        let product = self * power;
        if power.hi.is_normal() && product.hi.is_finite() {
            return product;
        }
        let root = Self::pow(base, exponent.scaled(F::power_of_two(-1)));
        self * root * root
    }

    /// A multiple by a power of two.
    #[inline]
    fn scaled(self, power_of_two: F) -> Self {
        Self { hi: self.hi * power_of_two, lo: self.lo * power_of_two }
    }

    /// A significand whose top bit is set, as a fraction in [1/2, 1).
    fn leading(significand: u128) -> Self {
        let high = (significand >> u64::BITS) as u64;
        let low = significand as u64;
        let hi = F::nearest_u64(high);
        let rest = (high as i64).wrapping_sub(hi.saturating_u64() as i64);
        let unit = F::power_of_two(-64);
        let lo = F::nearest_i64(rest) + F::nearest_u64(low) * unit;
        Self { hi, lo }.scaled(unit)
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

impl<F: Float> Sub for Double<F> {
    type Output = Self;
    #[inline]
    fn sub(self, other: Self) -> Self {
        self + Self { hi: -other.hi, lo: -other.lo }
    }
}

impl<F: Float> Mul for Double<F> {
    type Output = Self;
    #[inline]
    fn mul(self, other: Self) -> Self {
        let product = Self::product(self.hi, other.hi);
        Self::renormalised(product.hi, product.lo + (self.hi * other.lo + self.lo * other.hi))
    }
}

impl<F: Float> Div for Double<F> {
    type Output = Self;
    #[inline]
    fn div(self, other: Self) -> Self {
        let quotient = self.hi / other.hi;
        let product = Self::product(quotient, other.hi);
        let remainder = ((self.hi - product.hi) - product.lo) + (self.lo - quotient * other.lo);
        Self::renormalised(quotient, remainder / other.hi)
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
        let hi = F::from_step(n);
        let lo = i64::from(n).wrapping_sub(hi.saturating_u64() as i64);
        Self { hi, lo: F::nearest_i64(lo) }
    }

    /// The leading 14 bits or more come from an integer division and the rest from its remainder,
    /// so that integers which `F` cannot hold lose nothing.
    fn ratio(numerator: u64, denominator: NonZeroU64) -> Self {
        if numerator == 0 {
            return Self::from(F::zero());
        }
        let shift = numerator.leading_zeros().saturating_sub(1);
        let shifted = numerator << shift;
        let quotient = shifted / denominator;
        let remainder = shifted % denominator;
        let hi = F::nearest_u64(quotient);
        let rounded_off = quotient.wrapping_sub(hi.saturating_u64()) as i64;
        let fraction = F::nearest_u64(remainder) / F::nearest_u64(denominator.get());
        let sum = Self::renormalised(hi, F::nearest_i64(rounded_off) + fraction);
        sum.scaled(F::power_of_two(-(shift as i32)))
    }

    #[inline]
    fn share(part: u32, length: NonZeroU32, cycles: NonZeroU32) -> Self {
        Self::ratio(part.into(), NonZeroU64::from(length).saturating_mul(cycles.into()))
    }

    fn scaled_ratio(numerator: u128, denominator: u128, exponent: i32) -> Self {
        let quotient = Self::leading(numerator) / Self::leading(denominator);
        quotient.scaled(F::power_of_two(exponent))
    }

    #[inline]
    fn difference(high: F, low: F) -> Self {
        Self::sum(high, -low)
    }

    #[inline]
    fn value(self) -> F {
        if self.hi.is_finite() { self.hi + self.lo } else { self.hi }
    }

    #[inline]
    fn above(self, low: F) -> F {
        (Self::from(low) + self).value()
    }

    #[inline]
    fn divides_as_growth(self, numerator: F, rate: F) -> F {
        let growth = self * Self::from(rate);
        (Self::from(numerator) / (Self::one() + growth)).value()
    }

    #[inline]
    fn above_floor(self, alpha: F, peak: F) -> F {
        let weight = Self::difference(F::one(), alpha) * self + Self::from(alpha);
        (weight * Self::from(peak)).value()
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
        (self * Self::from(scale)).times_pow(Self::from(base), exponent)
    }

    fn times_power_of_rest(self, place: Place, power: F) -> Self {
        self.times_pow(place.left::<F, Self>(), Self::from(power))
    }

    /// -(e^(power · ln(left / end)) - 1).
    fn one_minus_power_of_rest(place: Place, power: F) -> Self {
        let (passed, left) = (place.passed::<F, Self>(), place.left::<F, Self>());
        let logarithm = if passed.hi < left.hi {
            Self { hi: F::libm_ln_1p(-passed.hi), lo: -passed.lo / left.hi }
        } else {
            Self { hi: F::libm_ln(left.hi), lo: left.lo / left.hi }
        };
        let exponent = logarithm * Self::from(power);
        let fall = F::libm_exp_m1(exponent.hi);
        // The second part of the exponent by the derivative, e^x.
        Self { hi: -fall, lo: -exponent.lo * (F::one() + fall) }
    }

    #[cfg(test)]
    fn wide(self) -> f64 {
        self.hi.to_f64().unwrap() + self.lo.to_f64().unwrap()
    }
    #[cfg(test)]
    const PRECISION: f64 = if size_of::<F>() == 4 { 2.3e-13 } else { f64::EPSILON };
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an `f32` pair holds, in `f64`.
    fn wide(pair: Double<f32>) -> f64 {
        f64::from(pair.hi) + f64::from(pair.lo)
    }

    fn close(pair: Double<f32>, exact: f64) {
        let error = (wide(pair) - exact).abs() / exact.abs();
        assert!(error <= 2f64.powi(-44), "{pair:?} is not {exact}: off by {error:e}");
    }

    const SAMPLES: [f32; 6] = [0.1, 0.95, 1.0, 3.7, 1e-3, 16_777_215.0];

    #[test]
    fn arithmetic_has_twice_the_precision() {
        for a in SAMPLES {
            for b in SAMPLES {
                assert_eq!(wide(Double::product(a, b)), f64::from(a) * f64::from(b));
                assert_eq!(wide(Double::sum(a, b)), f64::from(a) + f64::from(b));
                let (x, y) = (Double::product(a, b), Double::sum(a, b));
                let (exact_x, exact_y) = (f64::from(a) * f64::from(b), f64::from(a) + f64::from(b));
                close(x + y, exact_x + exact_y);
                close(x * y, exact_x * exact_y);
                close(x / y, exact_x / exact_y);
            }
        }
    }

    #[test]
    fn ratio_keeps_integers_that_f32_cannot_hold() {
        for numerator in [1, 3, 41, 16_777_217, u64::from(u32::MAX), (1 << 33) - 1] {
            for denominator in [1, 3, 7, 16_777_217, u64::from(u32::MAX), (1 << 33) - 1, 1 << 48] {
                let ratio = Double::<f32>::ratio(numerator, NonZeroU64::new(denominator).unwrap());
                let exact = numerator as f64 / denominator as f64;
                let error = (wide(ratio) / exact - 1.0).abs();
                assert!(error < 2f64.powi(-37), "{numerator}/{denominator}: {error:e}");
            }
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
}
