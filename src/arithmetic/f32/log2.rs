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
const SEVEN_EIGHTHS: u32 = 7 << 29;
const EIGHT_SEVENTHS: u32 = EDGE_RECIPROCAL[2];

/// -log2(1 - p) / p in Q1.31, for `p` in Q0.32 up to 1/5.
#[inline(always)]
fn polynomial(p: u32) -> u32 {
    let [a, b, c, d, e, f, g, h] = LOG2;
    let plus = |c: u32, sum| c.wrapping_add(mul_hi(sum, p));
    plus(a, plus(b, plus(c, plus(d, plus(e, plus(f, plus(g, h)))))))
}

/// A logarithm before its polynomial: -log2(1 - `p`) + `offset`. Near 1 there is no offset, and the
/// relative error stays small.
struct Logarithm {
    p: Unpacked,
    /// In units of 2^-52.
    offset: Option<i64>,
}

impl Logarithm {
    /// -log2(1 - p), for a `p` up to 1/8.
    #[inline(always)]
    fn near_one(p: Unpacked) -> Self {
        Self { p: p.normalized(), offset: None }
    }

    /// -log2(x), for any other positive `x`.
    #[inline(always)]
    fn far_from_one(x: Unpacked) -> Self {
        // x = edge · (1 - p) · 2^doublings
        let x = x.normalized();
        let quarter = (x.significand >> 29 & 3) as usize;
        let reciprocal = EDGE_RECIPROCAL.get(quarter).copied().unwrap_or(0);
        let edge_log = EDGE_LOG2.get(quarter).copied().unwrap_or(0);
        let below_the_edge = (1 << 29) - (x.significand & ((1 << 29) - 1));
        let p = Unpacked { significand: mul_hi(below_the_edge << 2, reciprocal), exponent: -33 };
        let doublings = i64::from(x.exponent + 32);
        Self { p, offset: Some((i64::from(edge_log) << 20) - (doublings << 52)) }
    }

    /// Its magnitude.
    #[inline(always)]
    fn magnitude(self) -> Unpacked {
        let Self { p, offset } = self;
        let log = u64::from(p.significand) * u64::from(polynomial(p.to_q32() as u32));
        match offset {
            None => Unpacked::from_u64(log, p.exponent - 31),
            Some(offset) => Unpacked::from_u64(((log >> 12) as i64 + offset).unsigned_abs(), -52),
        }
    }
}

/// -log2(x), for an `x` in (0, 1).
#[inline(always)]
pub(super) fn minus_log2_of(x: Fraction) -> Unpacked {
    let missing = x.complement();
    let is_near_one = missing.numerator <= x.denominator >> 3;
    let quotient = Unpacked::quotient(if is_near_one { missing } else { x });
    let log =
        if is_near_one { Logarithm::near_one(quotient) } else { Logarithm::far_from_one(quotient) };
    log.magnitude()
}

/// The magnitude of log2(x), for a positive `x`, and whether x is at least 1.
#[inline(always)]
pub(super) fn log2(x: f32) -> (Unpacked, bool) {
    let x = Unpacked::from_f32(x);
    let log = match (x.exponent, x.significand) {
        (-32, SEVEN_EIGHTHS..) => {
            Logarithm::near_one(Unpacked { significand: x.significand.wrapping_neg(), ..x })
        }
        (-31, ..=EIGHT_SEVENTHS) => {
            // log2(x) = -log2(1 / x), and 1 - 1 / x = (x - 1) / x.
            let above = Unpacked { significand: x.significand & (u32::MAX >> 1), ..x };
            Logarithm::near_one(above.normalized().over(x))
        }
        _ => Logarithm::far_from_one(x),
    };
    (log.magnitude(), x.exponent >= -31)
}
