//! The square of a sine.

use super::unpacked::{Unpacked, mul_hi};

/// sin²(π/4·u) / (u²/4) in Q2.30, as a polynomial in u²/4 with alternating signs; the relative
/// error is 2^-30.
const SIN_SQUARED: [u32; 5] = [0x9de9_e64c, 0x81e0_f6aa, 0x2aba_4744, 0x0785_aeb1, 0x00c9_a6f5];

/// sin²(π/4·u) / (u²/4) in Q2.30, for `x` = u²/4 in Q0.32.
#[inline]
fn polynomial(x: u32) -> u32 {
    let [a, b, c, d, e] = SIN_SQUARED;
    let minus = |c: u32, sum| c.wrapping_sub(mul_hi(sum, x));
    minus(a, minus(b, minus(c, minus(d, e))))
}

/// sin²(π/2·`turn`) for a turn in [0, 1].
pub(super) fn sin_squared(turn: Unpacked) -> Unpacked {
    // turn²/4 with all its bits, and then in Q0.32.
    let square = mul_hi(turn.significand, turn.significand);
    let shift = (-62 - 2 * turn.exponent) as u32;
    let shifted = |n: u32| n.checked_shr(shift).unwrap_or(0);
    // Half the angle: no cancellation, and a polynomial of half the degree.
    // sin²(2a) = 4·sin²(a)·(1 - sin²(a)).
    let half = mul_hi(square, polynomial(shifted(square)));
    let significand = mul_hi(half, !(shifted(half) << 2));
    Unpacked { significand, exponent: 34 + 2 * turn.exponent }
}
