//! The square root.

use super::{Fixed, high};
use crate::extended::{Extended, Place};

/// 1/√x in units of 2^-28, for x from 1/4 to 1, as a polynomial in x with alternating signs; to 2^-8.9 of it.
const INVERSE_ROOT: [u32; 5] = [0x37f7_f473, 0x8fc0_ffb3, 0xea86_132d, 0xbf93_4fb5, 0x3cde_f411];

/// √x in units of 2^-32, for x = `x`/2^64 from 1/4 on.
#[inline(always)]
pub(super) fn square_root(x: u64) -> u32 {
    /// Less what may be cut off of what it is the minuend of.
    const THREE: u32 = (3 << 28) - 2;
    let leading = (x >> 32) as u32;
    let [a, b, c, d, e] = INVERSE_ROOT;
    let minus = |c: u32, sum| c.wrapping_sub(high(sum, leading));
    // In units of 2^-30.
    let guess = minus(a, minus(b, minus(c, minus(d, e)))) << 2;
    // Newton's method for 1/√x, y·(3 - x·y²)/2, which is never above it; in units of 2^-29.
    let square = high(leading, high(guess, guess));
    let inverse = high(guess, THREE.wrapping_sub(square) << 2);
    // x/√x, and by Heron's method what it is too small.
    let root = high(leading, inverse) << 3;
    let rest = x.wrapping_sub(u64::from(root) * u64::from(root));
    root.saturating_add(high((rest >> 18) as u32, inverse) >> 12)
}

/// The square root of the share that is left.
#[inline(always)]
pub(super) fn root_of_rest(place: Place) -> Fixed {
    // Not 0, so it can be normalised, and then by one bit less where the exponent would be odd.
    let Fixed { mantissa, exponent } = Fixed::share(place.left());
    let zeros = mantissa.leading_zeros() & 31;
    let (mantissa, exponent) = (mantissa << zeros, exponent - zeros as i32);
    let odd = exponent & 1;
    let (leading, lost) = (mantissa >> odd, (mantissa & odd as u32) << 31);
    let x = u64::from(leading) << 32 | u64::from(lost);
    Fixed { mantissa: square_root(x), exponent: ((exponent + odd + 32) >> 1) - 32 }
}
