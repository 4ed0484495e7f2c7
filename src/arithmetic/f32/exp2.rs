//! Powers of a half.

use super::unpacked::{Unpacked, mul_hi};

/// (1 - 2^-f) / f in Q0.32, as a polynomial in f with alternating signs; the relative error of 2^-f
/// is 2^-28.2.
const EXP2: [u32; 6] =
    [0xb172_17f8, 0x3d7f_6dcf, 0x0e34_f91b, 0x0274_5ea3, 0x0054_07d5, 0x0007_4c7d];

/// (1 - 2^-f) / f, for `f` and the result in Q0.32.
#[inline]
fn slope(f: u32) -> u32 {
    let [a, b, c, d, e, g] = EXP2;
    let minus = |c: u32, sum| c.wrapping_sub(mul_hi(sum, f));
    minus(a, minus(b, minus(c, minus(d, minus(e, g)))))
}

/// 2^-`halvings`, for halvings in Q32.32.
#[inline]
pub(super) fn power(halvings: i64) -> Unpacked {
    let part = halvings as u32;
    // 1 does not fit in Q0.32, so it becomes 1 - 2^-32.
    let significand = !mul_hi(part, slope(part));
    Unpacked { significand, exponent: -32 - (halvings >> 32) as i32 }
}

/// 1 - 2^-`halvings`.
#[inline]
pub(super) fn one_minus_power(halvings: Unpacked) -> Unpacked {
    let q32 = halvings.to_q32();
    if q32 >> 32 == 0 {
        // (1 - 2^-f) / f · f: nothing cancels.
        return halvings * Unpacked { significand: slope(q32 as u32), exponent: -32 };
    }
    let power = power(q32).significand.checked_shr((q32 >> 32) as u32).unwrap_or(0);
    Unpacked { significand: !power, exponent: -32 }
}
