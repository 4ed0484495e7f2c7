//! Sums of two floating-point numbers: more precision where a rounding would be magnified.
//!
//! The schedules round once, at the end. What goes before (a quotient of two integers, a power, a
//! weighted sum) is carried as `hi + lo`. Everything is built from IEEE `+ - * /`, so the
//! bits are the same on every target. Sources: Knuth, *The Art of Computer Programming* 2, 4.2.2
//! (sum) and 4.6.3 (power); Dekker, "A floating-point technique for extending the available
//! precision", 1971 (product, quotient).
//!
//! Next to an end of the range a second part is lost, or a factor where the product would not be. There
//! the significands and the exponents are computed apart.

use core::num::{NonZeroU32, NonZeroU64};
use core::ops::{Add, Div, Mul, Sub};

use crate::extended::{Extended, Place};
use crate::float::{Float, Kernel};

/// The unevaluated sum `hi + lo`, where `lo` is at most about half a unit in the last place of `hi`.
///
/// Where `hi` is infinite or NaN, `lo` is 0 once an operation has been done.
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
        Self::renormalised(a * b, a * b_rest + a_rest * other.hi)
    }

    /// The same with all digits, not only three quarters of them.
    #[inline]
    fn full_product(self, other: Self) -> Self {
        let product = Self::product(self.hi, other.hi);
        Self::renormalised(product.hi, product.lo + (self.hi * other.lo + self.lo * other.hi))
    }

    /// The quotient of numbers that are not next to an end of the range.
    #[inline]
    fn quotient(self, other: Self) -> Self {
        let quotient = self.hi / other.hi;
        let product = Self::product(quotient, other.hi);
        let remainder = ((self.hi - product.hi) - product.lo) + (self.lo - quotient * other.lo);
        Self::renormalised(quotient, remainder / other.hi)
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
        a.quotient(b).times_power_of_two(a_exponent - b_exponent)
    }

    /// Whether `F` is the widest type that there is. The other one has `f64` for the powers that leave its range.
    const IS_WIDE: bool = size_of::<F>() == size_of::<f64>();

    /// As an exponent of two: beyond it the error of libm's `pow` grows with its exponent; `powf`'s does not.
    const MOST_STEPS: i32 = if Self::IS_WIDE { 30 } else { 32 };

    /// `start · scale · base^exponent` where it is 0, or where the power is too far off for the other two to bring
    /// it back into the range.
    #[cold]
    #[inline(never)]
    fn beyond_the_range(start: Self, scale: F, base: F, exponent: Self) -> Option<Self> {
        if start.hi == F::zero() || scale == F::zero() {
            return Some(Self::from(F::zero()));
        }
        let logarithm = exponent.hi * F::libm_ln(base);
        if logarithm > F::FAR {
            Some(Self::from(F::infinity()))
        } else if logarithm < -F::FAR {
            Some(Self::from(F::zero()))
        } else {
            None
        }
    }

    /// In `f64`.
    fn widened(self) -> Double<f64> {
        Double::sum(self.hi.widened(), self.lo.widened())
    }

    /// The leading digits.
    fn narrowed(wide: Double<f64>) -> Self {
        let hi = F::narrowed(wide.hi);
        if hi.is_finite() {
            Self { hi, lo: F::narrowed((wide.hi - hi.widened()) + wide.lo) }
        } else {
            Self::from(hi)
        }
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
        Self::renormalised(power, power * relative)
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

    /// A multiple by a power of two.
    #[inline]
    fn scaled(self, power_of_two: F) -> Self {
        Self { hi: self.hi * power_of_two, lo: self.lo * power_of_two }
    }

    /// [`Extended::ratio`] for an `F` that may not hold the two.
    ///
    /// The leading 14 bits or more come from an integer division and the rest from its remainder,
    /// so that integers which `F` cannot hold lose nothing.
    pub(crate) fn ratio_of_integers(numerator: u64, denominator: NonZeroU64) -> Self {
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

    /// `numerator / (rate · self)`, from the significands: the product alone leaves the range.
    #[cold]
    #[inline(never)]
    fn divides_as_endless_growth(self, numerator: F, rate: F) -> F {
        let (share, share_exponent) = self.split();
        let ((rate, rate_exponent), (numerator, exponent)) = (rate.split(), numerator.split());
        let quotient = Self::from(numerator).quotient(share.full_product(Self::from(rate)));
        quotient.times_power_of_two(exponent - rate_exponent - share_exponent).value()
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
        let hi = F::from_step(n);
        let lo = i64::from(n).wrapping_sub(hi.saturating_u64() as i64);
        Self { hi, lo: F::nearest_i64(lo) }
    }

    #[inline]
    fn ratio(numerator: u64, denominator: NonZeroU64) -> Self {
        F::ratio(numerator, denominator)
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
        // Next to underflow nothing of it is left beside 1.
        let growth = self.roomy_product(Self::from(rate));
        if growth.hi.is_finite() {
            (Self::from(numerator) / (Self::one() + growth)).value()
        } else {
            self.divides_as_endless_growth(numerator, rate)
        }
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
        let limit = F::power_of_two(Self::MOST_STEPS);
        let start = self.roomy_product(Self::from(scale));
        start.times_pow(Self::from(base), exponent, limit).unwrap_or_else(|| {
            Self::beyond_the_range(self, scale, base, exponent).unwrap_or_else(|| {
                let (start, scale) = (self.widened(), scale.widened());
                let base = Double::from(base.widened());
                Self::narrowed(if Self::IS_WIDE {
                    far_power(start, scale, base, steps, per)
                } else {
                    let exponent = f64::ratio(steps.into(), per.into());
                    start * Double::from(scale) * Double::pow(base, exponent)
                })
            })
        })
    }

    fn times_power_of_rest(self, place: Place, power: F) -> Self {
        let (rest, limit) = (place.left::<F, Self>(), F::power_of_two(MOST_POWER));
        self.times_pow(rest, Self::from(power), limit).unwrap_or_else(|| {
            let exponent = Self::from(power);
            Self::beyond_the_range(self, F::one(), rest.hi, exponent).unwrap_or_else(|| {
                let [left, end] = left_and_end(place);
                let base = Double::from(left) / Double::from(end);
                let power = power.widened();
                Self::narrowed(if Self::IS_WIDE {
                    far_power_of_rest(self.widened(), base, power)
                } else {
                    self.widened() * Double::pow(base, Double::from(power))
                })
            })
        })
    }

    fn one_minus_power_of_rest(place: Place, power: F) -> Self {
        let logarithm = minus_ln_of_rest(place) * Double::from(power.widened());
        Self::narrowed(one_minus_exp_of_minus(logarithm))
    }

    #[cfg(test)]
    fn wide(self) -> f64 {
        self.hi.to_f64().unwrap() + self.lo.to_f64().unwrap()
    }
    #[cfg(test)]
    const PRECISION: f64 = if size_of::<F>() == 4 { 2.3e-13 } else { f64::EPSILON };
}

/// As an exponent of two: what a power of a ratio multiplies the error of the ratio by.
const MOST_POWER: i32 = 8;

/// `significand · 2^exponent`, with a significand in [1, 2).
#[derive(Clone, Copy)]
struct Scaled {
    significand: Double<f64>,
    exponent: i64,
}

impl Scaled {
    fn new(x: Double<f64>) -> Self {
        let (significand, exponent) = x.split();
        Self { significand, exponent: exponent.into() }
    }

    fn times(self, other: Self) -> Self {
        let Self { significand, exponent } =
            Self::new(self.significand.full_product(other.significand));
        let exponent = exponent.saturating_add(self.exponent).saturating_add(other.exponent);
        Self { significand, exponent }
    }

    /// By squaring. Squaring doubles an error; 2^32 of them are still far below one of `f64`.
    fn to_the(self, mut exponent: u64) -> Self {
        let (mut power, mut square) = (Self::new(Double::from(1.0)), self);
        while exponent != 0 {
            if exponent & 1 == 1 {
                power = power.times(square);
            }
            square = square.times(square);
            exponent >>= 1;
        }
        power
    }

    fn value(self) -> Double<f64> {
        const MOST: i64 = 1 << 16;
        self.significand.times_power_of_two(self.exponent.clamp(-MOST, MOST) as i32)
    }
}

/// [`Extended::times_power`] wherever its factors lie, in more digits than `f64` has. The exponent is taken
/// apart at the nearest integer, so that libm's power is one of at most ½ and stays in the range.
fn far_power(
    start: Double<f64>,
    scale: f64,
    base: Double<f64>,
    steps: u32,
    per: NonZeroU32,
) -> Double<f64> {
    let (whole, rest) = (u64::from(steps / per), steps % per);
    let missing = per.get() - rest;
    let part = |n: u32| f64::ratio(n.into(), per.into());
    let (whole, part) = if missing < rest {
        let Double { hi, lo } = part(missing);
        (whole + 1, Double { hi: -hi, lo: -lo })
    } else {
        (whole, part(rest))
    };
    product_with_power(start, scale, base, whole, part)
}

/// The same for [`Extended::times_power_of_rest`].
fn far_power_of_rest(start: Double<f64>, base: Double<f64>, power: f64) -> Double<f64> {
    let whole = (power + 0.5).saturating_u64();
    let part = Double::from(power - f64::nearest_u64(whole));
    product_with_power(start, 1.0, base, whole, part)
}

/// `start · scale · base^(whole + part)`.
#[inline(never)]
fn product_with_power(
    start: Double<f64>,
    scale: f64,
    base: Double<f64>,
    whole: u64,
    part: Double<f64>,
) -> Double<f64> {
    let power = Scaled::new(base).to_the(whole).times(Scaled::new(Double::pow(base, part)));
    Scaled::new(start).times(Scaled::new(Double::from(scale))).times(power).value()
}

/// The steps to the end of a decay, and all of them: integers that `f64` holds.
fn left_and_end(Place { left, length, cycles, .. }: Place) -> [f64; 2] {
    [f64::from(left.get()), f64::from(length.get()) * f64::from(cycles.get())]
}

/// -ln of the share of a decay that is left, to more than the precision of `f64`.
///
/// The share is a power of two and a number r next to 1, whose logarithm is 2·artanh((r - 1)/(r + 1)).
fn minus_ln_of_rest(place: Place) -> Double<f64> {
    /// ln 2 in two parts; the first has zeros at its end, so that a multiple of it is exact.
    const LN_2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];
    /// artanh(z) = z + z³/3 + z⁵/5 + ... up to z²¹; the next term is 2^-59 of it.
    const SERIES: [f64; 10] = [
        1.0 / 3.0,
        1.0 / 5.0,
        1.0 / 7.0,
        1.0 / 9.0,
        1.0 / 11.0,
        1.0 / 13.0,
        1.0 / 15.0,
        1.0 / 17.0,
        1.0 / 19.0,
        1.0 / 21.0,
    ];

    let [left, end] = left_and_end(place);
    let ((mut left, left_exponent), (end, end_exponent)) = (left.split(), end.split());
    let mut halvings = end_exponent - left_exponent;
    // r = left / end in [0.7, 1.4]
    if left < 0.7 * end {
        left *= 2.0;
        halvings += 1;
    } else if left > 1.4 * end {
        left *= 0.5;
        halvings -= 1;
    }
    let z = Double::difference(end, left) / Double::sum(end, left);
    let square = z.hi * z.hi;
    let series = SERIES.iter().rev().fold(0.0, |sum, &factor| sum * square + factor);
    let Double { hi, lo } = Double::renormalised(z.hi, z.lo + z.hi * square * series);
    let [leading, rest] = LN_2.map(|part| f64::from(halvings) * part);
    Double::sum(leading, rest) + Double { hi: hi + hi, lo: lo + lo }
}

/// 1 - e^-y for a `y` that is not negative, to more than the precision of `f64` where little is left of it.
fn one_minus_exp_of_minus(y: Double<f64>) -> Double<f64> {
    /// y - y²/2! + y³/3! - ..., from y² to y¹⁷; the next term is 2^-60 of it up to where it ends.
    const SERIES: [f64; 16] = [
        -1.0 / 2.0,
        1.0 / 6.0,
        -1.0 / 24.0,
        1.0 / 120.0,
        -1.0 / 720.0,
        1.0 / 5040.0,
        -1.0 / 40_320.0,
        1.0 / 362_880.0,
        -1.0 / 3_628_800.0,
        1.0 / 39_916_800.0,
        -1.0 / 479_001_600.0,
        1.0 / 6_227_020_800.0,
        -1.0 / 87_178_291_200.0,
        1.0 / 1_307_674_368_000.0,
        -1.0 / 20_922_789_888_000.0,
        1.0 / 355_687_428_096_000.0,
    ];
    /// ln 2: from here on what is subtracted from 1 is below ½, and its error counts for half.
    const LIMIT: f64 = core::f64::consts::LN_2;

    if y.hi < LIMIT {
        let series = SERIES.iter().rev().fold(0.0, |sum, &factor| sum * y.hi + factor);
        let Double { hi, lo } = Double::renormalised(y.hi, y.hi * y.hi * series);
        // The second part by the derivative, e^-y.
        Double { hi, lo: lo + y.lo * (1.0 - hi) }
    } else {
        let power = f64::libm_exp(-y.hi);
        let hi = 1.0 - power;
        Double { hi, lo: ((1.0 - hi) - power) + power * y.lo }
    }
}

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
    fn a_growth_that_overflows_still_divides() {
        let steps = Double::<f32>::from_step(1 << 20);
        let rate = steps.divides_as_growth(2f32.powi(100), 2f32.powi(120));
        assert_eq!(rate, 2f32.powi(-40));
        assert_eq!(steps.divides_as_growth(1.0, f32::MAX), 2f32.powi(-148));
        assert!(steps.divides_as_growth(1.0, f32::NAN).is_nan());
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
            let weight = Double::<f64>::one_minus_power_of_rest(place, 2.0).value();
            let exact = share * (2.0 - share);
            assert!((weight / exact - 1.0).abs() <= 4e-16, "{left}/{length}: {weight} {exact}");
            let weight = Double::<f32>::one_minus_power_of_rest(place, 2.0).value();
            assert!((f64::from(weight) / exact - 1.0).abs() <= 6e-8, "{left}/{length}");
        }
    }
}
