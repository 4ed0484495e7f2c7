//! What `Double<f64>` has of its own. Nothing wider is at hand, so series and powers are taken in pairs. Source of the power by squaring:
//! Knuth, *The Art of Computer Programming* 2, 4.6.3.

use core::num::{NonZeroU32, NonZeroU64};

use super::Double;
use crate::extended::{Place, Share};
use crate::float::Kernel;

/// See [`Kernel::MOST_POWER`].
pub(crate) const MOST_POWER: i32 = 8;

/// `n`, exactly.
#[inline]
pub(crate) fn from_step(n: u32) -> Double<f64> {
    Double::from(f64::from(n))
}

/// `Extended::ratio`. A quotient of 21 bits times a denominator of 32 has no rounding, nor has the remainder; so two divisions
/// in floating point do what would take a division of 64-bit integers.
#[inline]
pub(crate) fn ratio(numerator: u64, denominator: NonZeroU64) -> Double<f64> {
    /// For cycles of 2^32 steps and more, and for restarts with a fraction.
    fn long(numerator: u64, denominator: NonZeroU64) -> Double<f64> {
        let exactly = |n: u64| {
            let [high, low] = [n >> 32, n & 0xffff_ffff].map(|half| half as u32 as f64);
            Double::sum(high * (1_u64 << 32) as f64, low)
        };
        exactly(numerator).quotient(exactly(denominator.get()))
    }
    if (numerator | denominator.get()) >> 32 != 0 {
        return long(numerator, denominator);
    }
    let (numerator, denominator) =
        (f64::from(numerator as u32), f64::from(denominator.get() as u32));
    let leading = f64::from_bits((numerator / denominator).to_bits() & (!0 << 32));
    let rest = (numerator - leading * denominator) / denominator;
    Double::ordered_sum(leading, rest)
}

/// `Extended::between`: (low · what is not in the share + high · what is) / the whole, where all but the last places are exact.
#[inline]
pub(crate) fn between(low: f64, high: f64, Share { part, length, cycles }: Share) -> Double<f64> {
    let whole = f64::from(length.get()) * f64::from(cycles.get());
    let part = f64::from(part);
    let (sum, mean) = weighted_mean(low, high, part, whole);
    if sum.has_room() { mean } else { scaled_mean(low, high, part, whole) }
}

/// The same where it is 0 or next to an end of the range, from a multiple of the two. What is subnormal is rounded twice.
#[cold]
#[inline(never)]
fn scaled_mean(low: f64, high: f64, part: f64, whole: f64) -> Double<f64> {
    let exponent = if high > 1.0 { -64 } else { 256 };
    let scale = f64::power_of_two(exponent);
    weighted_mean(low * scale, high * scale, part, whole).1.times_power_of_two(-exponent)
}

/// A sum of two products, and its quotient by the `whole`. Where a number of 20 bits is multiplied by one of 33, the product has no
/// rounding, and neither has what is left of the larger product when a quotient of 20 bits is taken off.
#[inline(always)]
fn weighted_mean(low: f64, high: f64, part: f64, whole: f64) -> (f64, Double<f64>) {
    fn leading(x: f64) -> f64 {
        f64::from_bits(x.to_bits() & (!0 << 33))
    }
    let other_part = whole - part;
    let (low_leading, high_leading) = (leading(low), leading(high));
    let rest = (low - low_leading) * other_part + (high - high_leading) * part;
    let (a, b) = (low_leading * other_part, high_leading * part);
    let quotient = leading((a + b) / whole);
    let (larger, smaller) = if a > b { (a, b) } else { (b, a) };
    let remainder = ((larger - quotient * whole) + smaller) + rest;
    (a + b, Double::ordered_sum(quotient, remainder / whole))
}

/// The polynomial in `x`, by Horner's rule.
#[inline(always)]
fn horner(coefficients: &[f64], x: f64) -> f64 {
    let last = coefficients.iter().rev().copied();
    last.reduce(|sum, coefficient| sum * x + coefficient).unwrap_or(0.0)
}

/// sin²(x) = x² - x⁴/3 + x⁶·(2⁶·2/6! - 2⁸·2/8!·x² + ...), up to x²⁰. The positive terms and the negative ones: two sums that a processor
/// can do side by side. The last one has the next in it, for an x² of 0.58; what that leaves is 2^-59 of the sum at π/4.
const SIN_SQUARED: [[f64; 4]; 2] = [
    [2.0 / 45.0, 2.0 / 14_175.0, 4.0 / 42_567_525.0, 2.0 / 97_692_469_875.0],
    [
        -1.0 / 315.0,
        -2.0 / 467_775.0,
        -1.0 / 638_512_875.0,
        -2.0 / 9_280_784_638_125.0 + 0.58 * 4.0 / 2_143_861_251_406_875.0,
    ],
];

/// `Extended::sin_squared_quarter_turn`: libm's sine leaves off where squaring begins. From the middle on it is what is
/// missing to 1, so that the middle is exactly ½ from either side.
#[inline]
pub(crate) fn sin_squared_quarter_turn(u: Double<f64>) -> Double<f64> {
    let beyond = u.hi > 0.5;
    let square = sin_squared_half(if beyond { Double { hi: 1.0 - u.hi, lo: -u.lo } } else { u });
    if !beyond {
        return square;
    }
    let hi = 1.0 - square.hi;
    Double { hi, lo: ((1.0 - hi) - square.hi) - square.lo }
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
    let zz = z * z;
    let [positive, negative] = SIN_SQUARED.map(|terms| horner(&terms, zz));
    // The largest term by itself: its rounding and that of the others count as much as their last places do.
    let series = zz * (-1.0 / 3.0) + zz * (z * positive + zz * negative);
    Double::ordered_sum(square, square_tail + series)
}

/// `significand · 2^exponent`, with a significand in [1, 2).
#[derive(Clone, Copy)]
struct Unbounded {
    significand: Double<f64>,
    exponent: i64,
}

impl Unbounded {
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

    /// By squaring. Squaring doubles an error; 2^44 of them, the most that get here, are still far below one of `f64`.
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

/// The logarithm of a power that no factor brings back into the range. 3/ln 2 is above 4.3, so it is that of 2^4400; a rate is
/// not below 2^-1074, and what stands before it not below 2^-1000.
const FAR: f64 = 3.0 * f64::MAX_EXP as f64;

/// `start · scale · base^exponent` where it is 0, or where the power is too far off for the other two to bring
/// it back into the range.
#[inline]
fn beyond_the_range(start: f64, scale: f64, base: f64, exponent: f64) -> Option<Double<f64>> {
    if start == 0.0 || scale == 0.0 {
        return Some(Double::from(0.0));
    }
    let logarithm = exponent * f64::libm_ln(base);
    if logarithm > FAR {
        Some(Double::from(f64::INFINITY))
    } else if logarithm < -FAR {
        Some(Double::from(0.0))
    } else {
        None
    }
}

/// `Extended::times_power` wherever its factors lie, in more digits than `f64` has. The exponent is taken
/// apart at the nearest integer, so that the exponent that libm gets is at most ½ and its power stays in the range.
#[cold]
#[inline(never)]
pub(crate) fn times_far_power(
    start: Double<f64>,
    scale: f64,
    base: f64,
    steps: u32,
    per: NonZeroU32,
) -> Double<f64> {
    let exponent = f64::from(steps) / f64::from(per.get());
    if let Some(product) = beyond_the_range(start.hi, scale, base, exponent) {
        return product;
    }
    let (whole, rest) = (u64::from(steps / per), steps % per);
    let missing = per.get() - rest;
    let part = |n: u32| ratio(n.into(), per.into());
    let (whole, part) = if missing < rest {
        let Double { hi, lo } = part(missing);
        (whole + 1, Double { hi: -hi, lo: -lo })
    } else {
        (whole, part(rest))
    };
    product_with_power(start, scale, Double::from(base), whole, part)
}

/// `Extended::times_power_of_rest` likewise.
#[cold]
#[inline(never)]
pub(crate) fn times_far_power_of_rest(start: Double<f64>, place: Place, power: f64) -> Double<f64> {
    let [left, end] = left_and_end(place);
    let base = Double::from(left) / Double::from(end);
    if let Some(product) = beyond_the_range(start.hi, 1.0, base.hi, power) {
        return product;
    }
    let whole = (power + 0.5).saturating_u64();
    let part = Double::from(power - f64::nearest_u64(whole));
    product_with_power(start, 1.0, base, whole, part)
}

/// `Extended::times_one_minus_power_of_rest`.
pub(crate) fn times_one_minus_power_of_rest(
    height: Double<f64>,
    place: Place,
    power: f64,
) -> Double<f64> {
    /// Below it 1 - e^-y is y, for the y of a power as small as that.
    const TINY: f64 = f64::EPSILON * f64::EPSILON * f64::EPSILON;
    let (logarithm, power) = (minus_ln_of_rest(place), Double::from(power));
    if power.hi < TINY {
        height * power * logarithm
    } else {
        height * one_minus_exp_of_minus(logarithm * power)
    }
}

/// `start · scale · base^(whole + part)`.
fn product_with_power(
    start: Double<f64>,
    scale: f64,
    base: Double<f64>,
    whole: u64,
    part: Double<f64>,
) -> Double<f64> {
    let power = Unbounded::new(base).to_the(whole).times(Unbounded::new(Double::pow(base, part)));
    Unbounded::new(start).times(Unbounded::new(Double::from(scale))).times(power).value()
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
    let z = Double::sum(end, -left) / Double::sum(end, left);
    let square = z.hi * z.hi;
    let series = horner(&SERIES, square);
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
        let series = horner(&SERIES, y.hi);
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
    use crate::threefry::{Stream, word};

    #[test]
    fn a_line_is_within_little_more_than_half_a_unit() {
        for index in 0..200_000 {
            let [a, b] = [Stream::Weights, Stream::LearningRate].map(|it| word(1971, it, index));
            // Integers, so that the exact line is a quotient of integers: some next to each other, some far apart.
            let high = 1_u64 << 52 | a >> 12;
            let low = match a & 3 {
                0 => high - (a >> 2 & 63),
                1 => high >> (a >> 2 & 15),
                _ => (b >> 12 | 1 << 40).min(high),
            };
            let length = NonZeroU32::new(((b >> 32) as u32 >> (b & 31)).max(1)).unwrap();
            let cycles = NonZeroU32::MIN.saturating_add((u32::MAX / length) >> (b >> 5 & 31));
            let part = 1 + (a >> 32) as u32 % length;
            let mean = between(low as f64, high as f64, Share { part, length, cycles });

            const PLACES: u32 = 16; // behind the point, since 2^36 < low
            let whole = u128::from(length.get()) * u128::from(cycles.get());
            let exact = (u128::from(low) * (whole - u128::from(part))
                + u128::from(high) * u128::from(part))
                << PLACES;
            let got = (mean.hi * f64::from(1 << PLACES)) as u128;
            let unit = 1_u128 << (got.ilog2() - 52);
            let error = (got * whole).abs_diff(exact) * 100;
            assert!(error <= 51 * whole * unit, "{low}, {high}, {part} of {whole}");
            assert!((low as f64..=high as f64).contains(&mean.hi));

            // The same bits next to either end of the range.
            for power in [f64::power_of_two(-1074), f64::power_of_two(970)] {
                let share = Share { part, length, cycles };
                let scaled = between(low as f64 * power, high as f64 * power, share);
                assert_eq!(scaled.hi, mean.hi * power, "{low}, {high}, {part} of {whole}");
            }
        }
    }
}
