//! The logistic function and its logarithm.

use super::exp2;
use super::unpacked::{mul_hi, reciprocal};
use crate::arithmetic::logit::Logit;

/// (1 - ln(1 + a) / a) / a in Q0.32, as a polynomial in a with alternating signs; the relative
/// error of ln(1 + a) / a is 2^-27.5.
const LN_1P: [u32; 9] = [
    0x7fff_f4b8,
    0x5553_7be3,
    0x3fe4_dc2b,
    0x326b_9403,
    0x274f_5026,
    0x1b57_9be3,
    0x0ec3_18b1,
    0x052c_2089,
    0x00d9_7aaf,
];

/// log2(e) in Q1.31.
const LOG2_E: u32 = 0xb8aa_3b29;

/// ln(1 + a) / a, for `a` and the result in Q0.32.
#[inline(always)]
fn ln_1p_over(a: u32) -> u32 {
    let [b, c, d, e, f, g, h, i, j] = LN_1P;
    let minus = |c: u32, sum| c.wrapping_sub(mul_hi(sum, a));
    let tail = minus(f, minus(g, minus(h, minus(i, j))));
    !mul_hi(a, minus(b, minus(c, minus(d, minus(e, tail)))))
}

/// 2^exponent, for the exponent of a normal number.
#[inline]
fn power_of_two(exponent: i32) -> f32 {
    f32::from_bits(((exponent + 127) as u32) << 23)
}

/// The functions of a logit.
#[inline(always)]
pub(super) fn logit(z: f32) -> Logit<f32> {
    /// From here on e^-|z| is 0 in `f32`.
    const LARGE: u32 = 104_f32.to_bits();
    // |z| · log2(e) in Q32.32; NaN counts as large.
    let bits = (z.to_bits() & (u32::MAX >> 1)).min(LARGE);
    let shift = (157 - (bits >> 23)).min(63);
    let y = (u64::from(bits << 8 | 1 << 31) * u64::from(LOG2_E)) >> shift;
    let whole = (y >> 32) as u32;
    let against = exp2::power(y as i64);
    // a = e^-|z| in Q0.32, and 1/(1 + a).
    let a = against.significand.checked_shr(whole).unwrap_or(0);
    let likelier = reciprocal(1 << 31 | a >> 1);
    let unlikelier = mul_hi(against.significand, likelier);
    // Two powers of two: the first product is exact, and the second rounds a subnormal result.
    let unit = power_of_two(32 - whole as i32);
    let times_against = |significand: u32| significand as f32 * unit * power_of_two(-64);
    Logit {
        z,
        likelier: likelier as f32 * power_of_two(-32),
        unlikelier: times_against(unlikelier),
        log1p: times_against(mul_hi(against.significand, ln_1p_over(a))),
    }
}
