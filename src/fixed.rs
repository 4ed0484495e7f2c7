//! 32 significant bits in a `u32`, and a power of two: all of `f32` with the feature `lean`; without it the cosine,
//! powers where libm's leave the range, and what a power takes from 1.
//!
//! A core without an FPU multiplies two `u32` in a few instructions and two `f32` in fifty; with an FPU
//! the two cost the same, but only the integers have bits to spare. So nothing is rounded
//! to 24 bits before the end: errors of some 2^-30 add up to a fraction of a unit in the last place.
//! Integers are the same on every core. The polynomials are made by fixed.py.

mod growth;
#[cfg(any(feature = "lean", test))]
pub(crate) mod odds;
mod root;
#[cfg(test)]
mod tests;

use core::num::{NonZeroU32, NonZeroU64};
use core::ops::{Add, Mul};

use crate::double::Double;
use crate::extended::{Extended, Place, Share};
use crate::float::Kernel;

/// sin²(π/4·u) / (u²/4) in units of 2^-30, as a polynomial in u²/4 with alternating signs; to 2^-30 of it.
const SIN_SQUARED: [u32; 5] = [0x9de9_e64c, 0x81e0_f6aa, 0x2aba_4744, 0x0785_aeb1, 0x00c9_a6f5];

/// (1 - 2^-f) / f in units of 2^-32, as a polynomial in f with alternating signs; 2^-f to 2^-28.2 of it.
const EXP2: [u32; 6] =
    [0xb172_17f8, 0x3d7f_6dcf, 0x0e34_f91b, 0x0274_5ea3, 0x0054_07d5, 0x0007_4c7d];

/// -log2(1 - p) / p: its value at 0, log2(e), in units of 2^-62, and what is added for each p up to 1/5,
/// divided by p, in units of 2^-30, as a polynomial in p; together to 2^-33.5 of it.
const LOG2_E: u64 = 0x5c55_1d94_ae0b_f85e;
const LOG2: [u32; 7] =
    [0x2e2a_8ed8, 0x1ec7_035f, 0x1716_59de, 0x1262_1abc, 0x1043_0b7b, 0x084c_5ad7, 0x18c4_0767];

/// The quarters of [1/2, 1) end at 5/8, 6/8, 7/8 and 1: one over these, in units of 2^-31 ...
const EDGE_RECIPROCAL: [u32; 4] = [0xcccc_cccd, 0xaaaa_aaab, 0x9249_2492, 0x8000_0000];
/// ... and its logarithm to base 2, in units of 2^-62.
const EDGE_LOG2: [u64; 4] =
    [0x2b65_87b4_32e4_7502, 0x1a8f_f971_810a_5e18, 0x0c54_4c05_5fde_9933, 0];

/// The upper half of a product.
#[inline(always)]
pub(crate) fn high(a: u32, b: u32) -> u32 {
    ((u64::from(a) * u64::from(b)) >> 32) as u32
}

/// The same of a wider factor.
#[inline(always)]
fn high_of_wide(a: u64, b: u32) -> u64 {
    let (a_high, a_low) = (a >> 32, a & 0xffff_ffff);
    a_high * u64::from(b) + ((a_low * u64::from(b)) >> 32)
}

// Horner's rule, written out: a loop over so few terms costs more than they do.

/// sin²(π/4·u) / (u²/4) in units of 2^-30, for `x`/2^32 = u²/4.
#[inline(always)]
fn sin_squared_over(x: u32) -> u32 {
    let [a, b, c, d, e] = SIN_SQUARED;
    let minus = |c: u32, sum| c.wrapping_sub(high(sum, x));
    minus(a, minus(b, minus(c, minus(d, e))))
}

/// (1 - 2^-f) / f in units of 2^-32, for f = `f`/2^32.
#[inline(always)]
fn exp2_slope(f: u32) -> u32 {
    let [a, b, c, d, e, g] = EXP2;
    let minus = |c: u32, sum| c.wrapping_sub(high(sum, f));
    minus(a, minus(b, minus(c, minus(d, minus(e, g)))))
}

/// 2^-f in units of 2^-32, for f = `f`/2^32; a unit below 1 for 0.
#[inline(always)]
fn half_to_the(f: u32) -> u32 {
    !high(f, exp2_slope(f))
}

/// 2^63 / `d` to about 2^-30 of it, for a `d` with its top bit set: half of the digits from a
/// division, the other half by Newton's method.
#[inline(always)]
pub(crate) fn reciprocal(d: u32) -> u32 {
    let d = d | 1 << 31;
    let rounded = (d >> 16) + (d >> 15 & 1);
    let guess = (u32::MAX / rounded) << 15 | 1 << 14; // the middle of what the division cuts off
    // A little below 2^63, so that the largest result still fits.
    let error = high(d, guess).wrapping_sub((1 << 31) - 1) as i32;
    let correction = (i64::from(guess >> 1) * i64::from(error << 2)) >> 32;
    guess.wrapping_sub(correction as u32)
}

/// `mantissa · 2^exponent`. Products are not normalised: a few of them in a row lose no digit that
/// counts.
// With the feature `lean` it is in the interface of the sealed `Float`.
#[allow(unreachable_pub)]
#[derive(Debug, Clone, Copy)]
pub struct Fixed {
    mantissa: u32,
    exponent: i32,
}

impl Fixed {
    const ZERO: Self = Self { mantissa: 0, exponent: -256 };
    /// What a parameter becomes that is negative, infinite or NaN: larger than what any other can lead to.
    const OUT_OF_RANGE: Self = Self { mantissa: 1 << 31, exponent: 1 << 20 };

    /// The 32 leading bits of `n`.
    #[inline(always)]
    fn leading(n: u64) -> Self {
        if n == 0 {
            return Self::ZERO;
        }
        let shift = n.leading_zeros();
        Self { mantissa: ((n << shift) >> 32) as u32, exponent: 32 - shift as i32 }
    }

    /// The same of an `n` from 2^32 on.
    #[inline(always)]
    fn leading_of_long(n: u64) -> Self {
        let (high, low) = ((n >> 32) as u32, n as u32);
        let shift = high.leading_zeros() & 31;
        Self { mantissa: high << shift | (low >> 1) >> (31 - shift), exponent: 32 - shift as i32 }
    }

    #[inline(always)]
    fn normalised(self) -> Self {
        let shift = self.mantissa.leading_zeros();
        match self.mantissa.checked_shl(shift) {
            Some(mantissa) => Self { mantissa, exponent: self.exponent - shift as i32 },
            None => Self::ZERO,
        }
    }

    /// In units of 2^-32, for a number below 1, or one that rounding has lifted to 1.
    #[inline(always)]
    fn fraction(self) -> u32 {
        if self.exponent > -32 {
            return u32::MAX;
        }
        let shift = (-32 - self.exponent) as u32;
        self.mantissa.checked_shr(shift).unwrap_or(0)
    }

    /// 2^-(`whole` + `part`/2^32).
    #[inline(always)]
    fn power_of_half(whole: i32, part: u32) -> Self {
        Self { mantissa: half_to_the(part), exponent: -32 - whole }
    }
}

/// -log2(1 - p) / p in units of 2^-62, for p = `p`/2^32 up to 1/5.
#[inline(always)]
fn minus_log2_1m_over(p: u32) -> u64 {
    let [a, b, c, d, e, f, g] = LOG2;
    let plus = |c: u32, sum| c.wrapping_add(high(sum, p));
    let sum = plus(a, plus(b, plus(c, plus(d, plus(e, plus(f, g))))));
    LOG2_E + u64::from(p) * u64::from(sum)
}

/// -log2(x) in units of 2^-62, for x = `x`/2^32 in [1/2, 1).
#[inline(always)]
fn minus_log2(x: u32) -> u64 {
    // x = edge · (1 - p)
    let quarter = (x >> 29 & 3) as usize;
    let below_the_edge = (1 << 29) - (x & ((1 << 29) - 1));
    let shift = below_the_edge.leading_zeros();
    let edge_reciprocal = EDGE_RECIPROCAL.get(quarter).copied().unwrap_or(0);
    let p = high(below_the_edge << (shift & 31), edge_reciprocal);
    let shift = shift.wrapping_sub(1) & 31;
    let log = high_of_wide(minus_log2_1m_over(p >> shift), p) >> shift;
    log + EDGE_LOG2.get(quarter).copied().unwrap_or(0)
}

/// The same in units of 2^-34, and to 3.5 of them: enough where x is a factor of a number that is not next to 1.
#[inline(always)]
fn minus_log2_coarse(x: u32) -> i64 {
    /// One more than the nearest, as what is cut off below is one on average.
    const fn coarse(log: u64) -> i64 {
        ((log + (1 << 27)) >> 28) as i64 + 1
    }
    const EDGES: [i64; 4] = {
        let [a, b, c, d] = EDGE_LOG2;
        [coarse(a), coarse(b), coarse(c), coarse(d)]
    };
    let quarter = (x >> 29 & 3) as usize;
    // In units of 2^-34; the distance to the edge is too small by 2^-35.
    let p = high(!(x << 3), EDGE_RECIPROCAL.get(quarter).copied().unwrap_or(0));
    let log = high_of_wide(minus_log2_1m_over(p >> 2), p) >> 30;
    log as i64 + EDGES.get(quarter).copied().unwrap_or(0)
}

/// log2(`n`) in units of 2^-34, with that of the significand from `minus_log2`; 0 exactly for 1.
#[inline(always)]
fn log2_of_step(n: NonZeroU32, minus_log2: impl Fn(u32) -> i64) -> i64 {
    if n == NonZeroU32::MIN {
        return 0;
    }
    let Fixed { mantissa, exponent } = Fixed::from_step(n.get());
    (i64::from(exponent + 32) << 34) - minus_log2(mantissa)
}

/// 8/7 in units of 2^-31.
const EIGHT_SEVENTHS: u32 = 0x9249_2492;

/// log2(x) of x = `mantissa`/2^31 in (1, 8/7), in units of 2^-64: -log2(1 - p) for 1 - p = 1/x.
fn log2_above_one(mantissa: u32) -> u64 {
    let above = mantissa & (u32::MAX >> 1);
    let shift = above.leading_zeros();
    // To the nearest: an error of it has the same sign in each factor of a power.
    let divisor = u64::from(mantissa | 1 << 31);
    let quotient = ((u64::from(above.wrapping_shl(shift)) << 32) + (divisor >> 1)) / divisor;
    let p = Fixed::leading(quotient);
    let shift = (shift as i32 - p.exponent) as u32;
    let log = high_of_wide(minus_log2_1m_over(p.mantissa.wrapping_shr(shift)), p.mantissa);
    log.wrapping_shr(shift.wrapping_sub(2))
}

/// log2(1 + `x`), which is as far off as 1 + `x` with 32 bits is.
#[inline(always)]
fn log2_1p(x: Fixed) -> Fixed {
    let Fixed { mantissa, exponent } = Fixed::one() + x;
    let (log, unit) = if exponent == -31 && mantissa < EIGHT_SEVENTHS {
        (log2_above_one(mantissa), -64)
    } else {
        ((i64::from(exponent + 32) << 34).wrapping_sub(minus_log2_coarse(mantissa)) as u64, -34)
    };
    let log = Fixed::leading(log);
    Fixed { mantissa: log.mantissa, exponent: log.exponent + unit }
}

/// More than any `f32` can be halved, or doubled.
const MANY: i32 = 1 << 10;

/// base^(`steps` / `per`); `None` for a base that is not a positive number.
#[inline(always)]
fn power(base: f32, steps: u32, per: NonZeroU32) -> Option<Fixed> {
    let Fixed { mantissa, exponent } = Fixed::positive(base)?;
    // base = x · 2^doublings, x in [1/2, 1); a power of two is exact.
    let doublings = exponent + 32;
    if mantissa == 1 << 31 {
        return Some(power_by_coarse(i64::from(1 - doublings) << 46, steps, per));
    }
    if doublings == 1 && mantissa < EIGHT_SEVENTHS {
        return Some(power_by_fine(log2_above_one(mantissa), true, steps, per));
    }
    let log = minus_log2(mantissa);
    Some(match doublings {
        0 => power_by_fine(log << 2, false, steps, per),
        1 => power_by_fine((log << 2).wrapping_neg(), true, steps, per),
        _ => power_by_coarse((log >> 16) as i64 - (i64::from(doublings) << 46), steps, per),
    })
}

/// 2^(∓`log`·steps/per), for a logarithm below 1, in units of 2^-64: enough for 2^32 steps. The
/// quotient by `per` is a constant where the schedule is one.
#[inline(always)]
fn power_by_fine(log: u64, rising: bool, steps: u32, per: NonZeroU32) -> Fixed {
    let y = high_of_wide(log / u64::from(per.get()), steps);
    let whole = ((y >> 32) as u32).min(MANY.unsigned_abs()) as i32;
    let part = y as u32;
    if rising {
        Fixed::power_of_half(-whole - i32::from(part != 0), part.wrapping_neg())
    } else {
        Fixed::power_of_half(whole, part)
    }
}

/// 2^(-`log`·steps/per), for a logarithm of at least 1 or of 0, in units of 2^-46: enough for 2^9 whole steps, and with
/// more no `f32` is left.
#[inline(always)]
fn power_by_coarse(log: i64, steps: u32, per: NonZeroU32) -> Fixed {
    let (whole, rest) = (steps / per, steps % per);
    if whole >> 9 != 0 {
        return Fixed::power_of_half(log.signum() as i32 * MANY, 0);
    }
    let part = (u64::from(rest) << 32) / u64::from(per.get());
    let low = (u64::from(log as u32) * part) >> 32;
    let of_part = (log >> 32) * part as i64 + low as i64;
    let y = (log * i64::from(whole) + of_part) >> 14;
    Fixed::power_of_half((y >> 32) as i32, y as u32)
}

/// `power` · -log2 of the share that is left, as what `then` makes of an integer and the exponent of its unit.
///
/// A function, since where a schedule is a constant so is one of the two exponents.
#[inline(always)]
fn with_halvings<T>(place: Place, power: f32, then: impl Fn(u64, i32) -> T) -> Option<T> {
    let power = Fixed::positive(power)?;
    // A float has 24 bits, and the logarithm at most 40.
    let times = |log: u64, exponent: i32| {
        then(log * u64::from(power.mantissa >> 8), exponent + power.exponent + 8)
    };
    Some(if place.passed <= place.left.get() >> 3 {
        // From what has passed, so that no digit is lost.
        let share = Fixed::share(place.passed()).normalised();
        let Fixed { mantissa, exponent } = share;
        let p = mantissa.checked_shr((-32 - exponent) as u32).unwrap_or(0);
        times(high_of_wide(minus_log2_1m_over(p), mantissa) >> 23, exponent - 7)
    } else {
        // A quotient has an error that a large power makes larger; a difference of logarithms has less.
        let Place { left, length, cycles, .. } = place;
        // That of the length is a constant where the schedule is one, and may be precise.
        let log = log2_of_step(length, |x| (minus_log2(x) >> 28) as i64)
            + log2_of_step(cycles, minus_log2_coarse)
            - log2_of_step(left, minus_log2_coarse);
        times(log.max(0) as u64, -34)
    })
}

/// 1 - share^`power` for the share that is left.
#[inline(always)]
fn one_minus_power_of_rest(place: Place, power: f32) -> Fixed {
    let halvings = with_halvings(place, power, |product, exponent| (product, exponent));
    let Some((product, exponent)) = halvings else { return Fixed::OUT_OF_RANGE };
    let y = Fixed::leading(product);
    let y = Fixed { mantissa: y.mantissa, exponent: y.exponent + exponent };
    if y.exponent <= -32 {
        // (1 - 2^-y) / y · y: nothing cancels.
        let slope = exp2_slope(y.fraction());
        return Fixed { mantissa: slope, exponent: -32 } * y;
    }
    let whole = y.mantissa.checked_shr((-y.exponent) as u32).unwrap_or(0);
    if y.exponent > -26 || whole >= 32 {
        return Fixed { mantissa: u32::MAX, exponent: -32 };
    }
    let part = y.mantissa.wrapping_shl((32 + y.exponent) as u32);
    Fixed { mantissa: !(half_to_the(part) >> whole), exponent: -32 }
}

impl Fixed {
    /// A positive finite number, exactly.
    #[inline(always)]
    fn positive(x: f32) -> Option<Self> {
        let bits = x.to_bits();
        if !(1..0x7f80_0000).contains(&bits) {
            return None;
        }
        let exponent = (bits >> 23) as i32 - 127 - 31;
        let mantissa = bits << 8;
        if exponent == -127 - 31 {
            return Some(Self { mantissa, exponent: exponent + 1 }.normalised()); // subnormal
        }
        Some(Self { mantissa: mantissa | 1 << 31, exponent })
    }

    /// 2^exponent, for the exponent of a normal number.
    #[inline(always)]
    fn scale(exponent: i32) -> f32 {
        f32::from_bits(((exponent + 127) as u32) << 23)
    }

    /// `significand · 2^exponent`, for a significand that is 0 or of a size from 1 to 2^32; rounded once. NaN where a parameter
    /// was [out of range](Self::OUT_OF_RANGE).
    #[inline(always)]
    fn times_scale(significand: f32, exponent: i32) -> f32 {
        if (-126..=127).contains(&exponent) {
            return significand * Self::scale(exponent);
        }
        if exponent > Self::OUT_OF_RANGE.exponent >> 1 {
            return f32::NAN;
        }
        // Two powers; the first product is exact, or infinite as the result is.
        let exponent = exponent.clamp(-252, 254);
        let first = exponent >> 1;
        significand * Self::scale(first) * Self::scale(exponent - first)
    }
}

/// The second part, which may be negative, is at most half a unit in the last place of the first.
impl From<Double<f32>> for Fixed {
    fn from(Double { hi, lo }: Double<f32>) -> Self {
        let Self { mantissa, exponent } = Self::from_float(hi);
        if lo == 0.0 {
            return Self { mantissa, exponent };
        }
        let units = lo.times_power_of_two(-exponent) as i32;
        Self { mantissa: mantissa.wrapping_add_signed(units), exponent }
    }
}

impl From<Fixed> for Double<f32> {
    #[inline(always)]
    fn from(Fixed { mantissa, exponent }: Fixed) -> Self {
        let nearest = mantissa as f32;
        let rest = mantissa.wrapping_sub(nearest as u32) as i32 as f32;
        Self { hi: Fixed::times_scale(nearest, exponent), lo: Fixed::times_scale(rest, exponent) }
    }
}

impl Mul for Fixed {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let mantissa = high(self.mantissa, other.mantissa);
        Self { mantissa, exponent: self.exponent + other.exponent + 32 }
    }
}

impl Add for Fixed {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let (a, b) = (self.normalised(), other.normalised());
        if a.mantissa == 0 {
            return b;
        }
        if b.mantissa == 0 {
            return a;
        }
        let (large, small) = if a.exponent >= b.exponent { (a, b) } else { (b, a) };
        let shift = (large.exponent - small.exponent) as u32;
        let aligned = small.mantissa.checked_shr(shift).unwrap_or(0);
        let (sum, carry) = large.mantissa.overflowing_add(aligned);
        if carry {
            Self { mantissa: sum >> 1 | 1 << 31, exponent: large.exponent + 1 }
        } else {
            Self { mantissa: sum, exponent: large.exponent }
        }
    }
}

impl Extended<f32> for Fixed {
    #[inline(always)]
    fn one() -> Self {
        Self { mantissa: 1 << 31, exponent: -31 }
    }

    #[inline(always)]
    fn from_float(x: f32) -> Self {
        match Self::positive(x) {
            Some(x) => x,
            None if x == 0.0 => Self::ZERO,
            None => Self::OUT_OF_RANGE,
        }
    }

    #[inline(always)]
    fn from_step(n: u32) -> Self {
        Self { mantissa: n, exponent: 0 }.normalised()
    }

    #[inline(always)]
    fn ratio(numerator: u64, denominator: NonZeroU64) -> Self {
        let (n, d) = (Self::leading(numerator), Self::leading(denominator.get()));
        let mantissa = high(n.mantissa, reciprocal(d.mantissa));
        Self { mantissa, exponent: n.exponent - d.exponent - 31 }
    }

    #[inline(always)]
    fn share(Share { part, length, cycles }: Share) -> Self {
        let part = Self::from_step(part);
        let (length, cycles) = (Self::from_step(length.get()), Self::from_step(cycles.get()));
        let of_length = high(part.mantissa, reciprocal(length.mantissa));
        let exponent = part.exponent - length.exponent - 31;
        if cycles.exponent == -31 {
            return Self { mantissa: of_length, exponent };
        }
        let mantissa = high(of_length, reciprocal(cycles.mantissa));
        Self { mantissa, exponent: exponent - cycles.exponent - 31 }
    }

    fn scaled_ratio(numerator: u64, denominator: u64, exponent: i32) -> Self {
        let (n, d) = ((numerator >> 32) as u32, (denominator >> 32) as u32);
        let mantissa = high(n, reciprocal(d));
        // Between two steps a ratio may be smaller than 1/2^32; then its last digits are cut off.
        let excess = (-31 - exponent).max(0);
        let mantissa = mantissa.checked_shr(excess.unsigned_abs()).unwrap_or(0);
        Self { mantissa, exponent: exponent + excess - 31 }
    }

    // Not inlined, so that two calls share it; their gain is one constant where the schedule is one.
    #[inline(never)]
    fn terms_of_series(self, gain: f32) -> Self {
        let gain = Self::from_float(gain);
        let (whole, one) = (log2_1p(self * gain), log2_1p(gain));
        let mantissa = high(whole.mantissa, reciprocal(one.mantissa));
        Self { mantissa: mantissa - (mantissa >> 22), exponent: whole.exponent - one.exponent - 31 }
    }

    #[inline(always)]
    fn growing_cycle(step: u32, first: NonZeroU32, t: f32) -> Option<(u32, Self)> {
        growth::cycle(step, first, t)
    }

    #[inline(always)]
    fn halved(self, times: u32) -> Self {
        Self { mantissa: self.mantissa, exponent: self.exponent - times as i32 }
    }

    #[inline(always)]
    fn difference(high: f32, low: f32) -> Self {
        let (high, low) = (Self::from_float(high), Self::from_float(low));
        let shift = (high.exponent - low.exponent) as u32;
        // Twice the digits, since the leading ones may cancel.
        let aligned = (u64::from(low.mantissa) << 32).checked_shr(shift).unwrap_or(0);
        let rest = Self::leading((u64::from(high.mantissa) << 32).saturating_sub(aligned));
        Self { mantissa: rest.mantissa, exponent: rest.exponent + high.exponent - 32 }
    }

    #[inline(always)]
    fn rounded(self) -> Double<f32> {
        self.into()
    }

    #[inline(always)]
    fn above(self, low: f32) -> Double<f32> {
        let high = self.rounded();
        let Double { hi, lo } = Double::sum(low, high.hi);
        Double { hi, lo: lo + high.lo }
    }

    #[inline(always)]
    fn divided_by_growth(numerator: f32, rate: f32, steps: u32, per: NonZeroU32) -> Double<f32> {
        // What is constant where the schedule is one: the growth of a step, and where 1 lies beside it.
        let (rate, per) = (Self::from_float(rate), Self::from_step(per.get()));
        let a_step = high(rate.mantissa, reciprocal(per.mantissa));
        let unit = rate.exponent - per.exponent - 30;
        // Half of it, so that there is room for the 1.
        let growth = (u64::from(a_step) * u64::from(steps)) >> 1;
        let divisor = match unit {
            ..-62 => {
                let shift = (-62 - unit).unsigned_abs();
                let growth = growth.checked_shr(shift).unwrap_or(0);
                let divisor = Self::leading_of_long(growth + (1 << 62));
                Self { mantissa: divisor.mantissa, exponent: divisor.exponent - 62 }
            }
            -62..=-32 => {
                let divisor = Self::leading_of_long(growth + (1 << -unit));
                Self { mantissa: divisor.mantissa, exponent: divisor.exponent + unit }
            }
            -31..=0 => {
                let divisor = Self::leading(growth + (1 << -unit));
                Self { mantissa: divisor.mantissa, exponent: divisor.exponent + unit }
            }
            1.. if steps == 0 => Self::one(),
            // From one step on the 1 is out of sight.
            1.. => {
                let divisor = Self::leading(growth);
                Self { mantissa: divisor.mantissa, exponent: divisor.exponent + unit }
            }
        };
        if divisor.exponent < 96 {
            return Double::from(numerator).quotient_and_rest(divisor.rounded());
        }
        if rate.exponent == Self::OUT_OF_RANGE.exponent {
            return f32::NAN.into();
        }
        // A divisor that is too large for a float.
        let reciprocal =
            Self { mantissa: reciprocal(divisor.mantissa), exponent: -63 - divisor.exponent };
        (reciprocal * Self::from_float(numerator)).rounded()
    }

    #[inline(always)]
    fn above_floor(self, alpha: f32, peak: f32) -> Double<f32> {
        let above = Self::difference(1.0, alpha) * self * Self::from_float(peak);
        let floor = Double::product(alpha, peak);
        let Double { hi, lo } = above.above(floor.hi);
        // Both parts are rounded before they are added.
        Double { hi, lo: if floor.hi.has_room() { lo + floor.lo } else { 0.0 } }.at_most(peak)
    }

    #[inline(always)]
    fn sin_squared_quarter_turn(self) -> Self {
        let halvings = (-31 - self.exponent) as u32;
        // u²/4, with all its digits and in units of 2^-32.
        let square = high(self.mantissa, self.mantissa);
        let shifted = |n: u32| n.wrapping_shr(halvings).wrapping_shr(halvings);
        // Half the angle: no cancellation, and a polynomial of half the degree. sin²(2a) = 4·sin²(a)·(1 - sin²(a)).
        let half = high(square, sin_squared_over(shifted(square)));
        let mantissa = high(half, !(shifted(half) << 2));
        Self { mantissa, exponent: 34 + 2 * self.exponent }
    }

    #[inline(always)]
    fn times_power(self, scale: f32, base: f32, steps: u32, per: NonZeroU32) -> Self {
        match power(base, steps, per) {
            Some(power) => self * Self::from_float(scale) * power,
            None => Self::OUT_OF_RANGE,
        }
    }

    #[inline(always)]
    fn times_power_of_rest(self, place: Place, power: f32) -> Self {
        if power.to_bits() == 0.5_f32.to_bits() {
            return self * root::root_of_rest(place);
        }
        let many = (MANY as u64) << 32;
        let halvings = with_halvings(place, power, |product, exponent| {
            let exponent = exponent + 32;
            if exponent <= 0 {
                product.checked_shr(exponent.unsigned_abs()).unwrap_or(0).min(many)
            } else if exponent.unsigned_abs() + 22 < product.leading_zeros() {
                product << exponent
            } else {
                many
            }
        });
        match halvings {
            Some(y) => self * Self::power_of_half((y >> 32) as i32, y as u32),
            None => Self::OUT_OF_RANGE,
        }
    }

    #[inline(always)]
    fn times_one_minus_power_of_rest(self, place: Place, power: f32) -> Self {
        self * one_minus_power_of_rest(place, power)
    }

    #[cfg(test)]
    fn wide(self) -> f64 {
        f64::from(self.mantissa) * 2f64.powi(self.exponent)
    }
    #[cfg(test)]
    const PRECISION: f64 = 1.0 / (1 << 29) as f64;
}
