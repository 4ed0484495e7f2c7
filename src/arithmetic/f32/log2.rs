//! Logarithms to base 2.

use super::unpacked::{Unpacked, mul_hi};
use crate::arithmetic::Fraction;

/// -log2(1 - p) / p in Q1.31, as a polynomial in p, for p up to 1/5; the relative error is 2^-32.8.
const LOG2: [u32; 8] = [
    0xb8aa_3b29,
    0x5c55_1daf,
    0x3d8e_06bd,
    0x2e2c_b3bc,
    0x24c4_3579,
    0x2086_16f6,
    0x1098_b5ad,
    0x3188_0ece,
];

/// The quarters of [1/2, 1) end at 5/8, 6/8, 7/8 and 1: their reciprocals in Q1.31 ...
const EDGE_RECIPROCAL: [u32; 4] = [0xcccc_cccd, 0xaaaa_aaab, 0x9249_2492, 0x8000_0000];
/// ... and minus their logarithms in Q0.32.
const EDGE_LOG2: [u32; 4] = [0xad96_1ed1, 0x6a3f_e5c6, 0x3151_3015, 0];

/// 7/8 in Q0.32, and 8/7 in Q1.31.
const SEVEN_EIGHTHS: u32 = 0xe000_0000;
const EIGHT_SEVENTHS: u32 = 0x9249_2492;

/// The edge above a number in [1/2, 1), in Q0.32: its reciprocal and minus its logarithm.
#[inline(always)]
fn edge_above(x: u32) -> (u32, u32) {
    let edge = |quarter: usize| (EDGE_RECIPROCAL[quarter], EDGE_LOG2[quarter]);
    // Not an index: the compiler sees through a `match` where the number is a constant.
    match x >> 29 & 3 {
        0 => edge(0),
        1 => edge(1),
        2 => edge(2),
        _ => edge(3),
    }
}

/// -log2(1 - p) / p in Q1.31, for `p` in Q0.32 up to 1/5.
#[inline(always)]
fn polynomial(p: u32) -> u32 {
    let [a, b, c, d, e, f, g, h] = LOG2;
    let plus = |c: u32, sum| c.wrapping_add(mul_hi(sum, p));
    plus(a, plus(b, plus(c, plus(d, plus(e, plus(f, plus(g, h)))))))
}

/// -log2(1 - p), for a small `p`: no bit is lost.
#[inline(always)]
fn minus_log2_below_one(p: Unpacked) -> Unpacked {
    let p = p.normalized();
    let log = u64::from(p.significand) * u64::from(polynomial(p.to_q32() as u32));
    Unpacked::from_u64(log, p.exponent - 31)
}

/// -log2(x), for an `x` that is not near 1, in units of 2^-52.
#[inline(always)]
fn minus_log2(x: Unpacked) -> i64 {
    // x = edge · (1 - p) · 2^doublings
    let x = x.normalized();
    let (reciprocal, edge_log) = edge_above(x.significand);
    let below_the_edge = (1 << 29) - (x.significand & ((1 << 29) - 1));
    // In Q0.33, and the product in Q0.64.
    let p = mul_hi(below_the_edge << 2, reciprocal);
    let log = u64::from(p) * u64::from(polynomial(p >> 1));
    let doublings = i64::from(x.exponent + 32);
    (log >> 12) as i64 + (i64::from(edge_log) << 20) - (doublings << 52)
}

/// -log2(x), for an `x` in (0, 1).
#[inline(always)]
pub(super) fn minus_log2_of(x: Fraction) -> Unpacked {
    let missing = x.complement();
    if missing.numerator <= x.denominator >> 3 {
        minus_log2_below_one(Unpacked::quotient(missing))
    } else {
        Unpacked::from_u64(minus_log2(Unpacked::quotient(x)).unsigned_abs(), -52)
    }
}

/// The magnitude of log2(x), for a positive `x`, and whether it is above 0.
#[inline(always)]
pub(super) fn log2(x: f32) -> (Unpacked, bool) {
    let x = Unpacked::from_f32(x);
    match (x.exponent, x.significand) {
        (-32, SEVEN_EIGHTHS..) => {
            let missing = Unpacked { significand: x.significand.wrapping_neg(), ..x };
            (minus_log2_below_one(missing), false)
        }
        (-31, ..=EIGHT_SEVENTHS) => {
            // Of the reciprocal, from which (x - 1) / x are missing to 1.
            let above = Unpacked { significand: x.significand & (u32::MAX >> 1), ..x };
            (minus_log2_below_one(above.normalized().over(x)), true)
        }
        _ => {
            let log = minus_log2(x);
            (Unpacked::from_u64(log.unsigned_abs(), -52), log < 0)
        }
    }
}
