//! Logarithms to base 2, and the powers that they are for.

use super::exp2::{Halvings, MANY};
use super::unpacked::{Unpacked, mul_hi, mul_hi_wide};
use crate::arithmetic::{Arithmetic, Fraction};

/// -log2(1 - p) / p: its value at 0, log2(e), in Q2.62, and what is added for each p up to 1/5,
/// divided by p, in Q2.30, as a polynomial in p; the relative error of the whole is 2^-33.5.
const LOG2_E: u64 = 0x5c55_1d94_ae0b_f85e;
const LOG2: [u32; 7] =
    [0x2e2a_8ed8, 0x1ec7_035f, 0x1716_59de, 0x1262_1abc, 0x1043_0b7b, 0x084c_5ad7, 0x18c4_0767];

/// The quarters of [1/2, 1) end at 5/8, 6/8, 7/8 and 1: their reciprocals in Q1.31 ...
const EDGE_RECIPROCAL: [u32; 4] = [0xcccc_cccd, 0xaaaa_aaab, 0x9249_2492, 0x8000_0000];
/// ... and minus their logarithms in Q2.62.
const EDGE_LOG2: [u64; 4] =
    [0x2b65_87b4_32e4_7502, 0x1a8f_f971_810a_5e18, 0x0c54_4c05_5fde_9933, 0];

/// 8/7 in Q1.31.
const EIGHT_SEVENTHS: u32 = 0x9249_2492;

/// -log2(1 - p) / p in Q2.62, for `p` in Q0.32 up to 1/5.
#[inline(always)]
fn polynomial(p: u32) -> u64 {
    let [a, b, c, d, e, f, g] = LOG2;
    let plus = |c: u32, sum| c.wrapping_add(mul_hi(sum, p));
    let sum = plus(a, plus(b, plus(c, plus(d, plus(e, plus(f, g))))));
    LOG2_E + u64::from(p) * u64::from(sum)
}

/// -log2(x) in Q2.62, for `x` in Q0.32 from 1/2 on. Its relative error is small also next to 1.
#[inline(always)]
fn minus_log2(x: u32) -> u64 {
    // x = edge · (1 - p)
    let quarter = (x >> 29 & 3) as usize;
    let below_the_edge = (1 << 29) - (x & ((1 << 29) - 1));
    let shift = below_the_edge.leading_zeros();
    let edge_reciprocal = EDGE_RECIPROCAL.get(quarter).copied().unwrap_or(0);
    let p = mul_hi(below_the_edge << (shift & 31), edge_reciprocal);
    let shift = shift.wrapping_sub(1) & 31;
    let log = mul_hi_wide(polynomial(p >> shift), p) >> shift;
    log + EDGE_LOG2.get(quarter).copied().unwrap_or(0)
}

/// log2(x) in Q0.64, for `x` in Q1.31 in (1, 8/7): -log2(1 - p) for 1 - p = 1/x.
fn log2_above_one(x: u32) -> u64 {
    let above = x & (u32::MAX >> 1);
    let shift = above.leading_zeros();
    // To the nearest, since the error counts in each factor of a power.
    let divisor = u64::from(x | 1 << 31);
    let quotient = ((u64::from(above.wrapping_shl(shift)) << 32) + (divisor >> 1)) / divisor;
    let p = Unpacked::from_u64(quotient);
    let shift = (shift as i32 - p.exponent) as u32;
    let log = mul_hi_wide(polynomial(p.significand.wrapping_shr(shift)), p.significand);
    log.wrapping_shr(shift.wrapping_sub(2))
}

/// -log2(`base`)·`exponent`; `None` for a base that is not a positive number.
#[inline(always)]
pub(super) fn minus_log2_power(base: f32, exponent: Fraction) -> Option<Halvings> {
    let base = base.widen();
    if base.significand == 0 || base.is_invalid() {
        return None;
    }
    // base = x · 2^doublings, x in [1/2, 1); a power of two is exact.
    let (x, doublings) = (base.significand, base.exponent + 32);
    if x == 1 << 31 {
        return Some(times_coarse(i64::from(1 - doublings) << 46, exponent));
    }
    if doublings == 1 && x < EIGHT_SEVENTHS {
        return Some(times_fine(log2_above_one(x), true, exponent));
    }
    let log = minus_log2(x);
    Some(match doublings {
        0 => times_fine(log << 2, false, exponent),
        1 => times_fine((log << 2).wrapping_neg(), true, exponent),
        _ => times_coarse((log >> 16) as i64 - (i64::from(doublings) << 46), exponent),
    })
}

/// ∓`log`·`exponent`, for a logarithm below 1 in Q0.64: enough for 2^32 steps.
#[inline(always)]
fn times_fine(log: u64, rises: bool, exponent: Fraction) -> Halvings {
    // Where the schedule is a constant, so is this quotient.
    let per_step = log / exponent.denominator;
    let product = mul_hi_wide(per_step, exponent.numerator as u32);
    let (whole, part) = (((product >> 32) as u32).min(MANY.unsigned_abs()) as i32, product as u32);
    if rises {
        Halvings { whole: -whole - i32::from(part != 0), part: part.wrapping_neg() }
    } else {
        Halvings { whole, part }
    }
}

/// `log`·`exponent`, for any logarithm in Q18.46: enough for an exponent up to 2^9, after which no
/// `f32` remains.
#[inline(always)]
fn times_coarse(log: i64, exponent: Fraction) -> Halvings {
    let (numerator, denominator) = (exponent.numerator as u32, exponent.denominator as u32);
    let (whole, remainder) = (numerator / denominator.max(1), numerator % denominator.max(1));
    if whole >> 9 != 0 {
        return Halvings { whole: log.signum() as i32 * MANY, part: 0 };
    }
    let part = (u64::from(remainder) << 32) / exponent.denominator;
    let low = (u64::from(log as u32) * part) >> 32;
    let of_part = (log >> 32) * part as i64 + low as i64;
    let product = (log * i64::from(whole) + of_part) >> 14;
    Halvings { whole: (product >> 32) as i32, part: product as u32 }
}

/// -log2(`base`)·`exponent` as an integer and the exponent of its unit; `None` for an exponent that
/// is not a positive number.
#[inline(always)]
pub(super) fn minus_log2_of(base: Fraction, exponent: f32) -> Option<(u64, i32)> {
    let power = exponent.widen();
    if power.significand == 0 || power.is_invalid() {
        return None;
    }
    let complement = base.complement();
    let (log, unit) = if complement.numerator <= base.numerator >> 3 {
        // From what is missing to 1, so that no bit is lost.
        let p = f32::fraction(complement).normalized();
        let log = mul_hi_wide(polynomial(p.to_q32()), p.significand);
        (log >> 23, p.exponent - 7)
    } else {
        let x = f32::fraction(base).normalized();
        let log = (minus_log2(x.significand) >> 28) as i64 - (i64::from(x.exponent + 32) << 34);
        (log.max(0) as u64, -34)
    };
    // A float has 24 bits, and the logarithm at most 40.
    Some((log * u64::from(power.significand >> 8), unit + power.exponent + 8))
}
