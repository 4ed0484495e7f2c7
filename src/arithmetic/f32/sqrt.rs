//! The square root.

use super::unpacked::{Unpacked, mul_hi};

/// 1/√x in Q4.28, for x from 1/4 to 1, as a polynomial in x with alternating signs; the relative
/// error is 2^-8.9.
const INVERSE_ROOT: [u32; 5] = [0x37f7_f473, 0x8fc0_ffb3, 0xea86_132d, 0xbf93_4fb5, 0x3cde_f411];

/// √x in Q0.32, for `x` in Q0.64 from 1/4 on.
#[inline]
fn root(x: u64) -> u32 {
    /// 3 in Q4.28, reduced by the largest truncation error of what is subtracted from it.
    const THREE: u32 = (3 << 28) - 2;
    let leading = (x >> 32) as u32;
    let [a, b, c, d, e] = INVERSE_ROOT;
    let minus = |c: u32, sum| c.wrapping_sub(mul_hi(sum, leading));
    // In Q2.30.
    let guess = minus(a, minus(b, minus(c, minus(d, e)))) << 2;
    // Newton's method for 1/√x, y·(3 - x·y²)/2, which is never above it; in Q3.29.
    let square = mul_hi(leading, mul_hi(guess, guess));
    let inverse = mul_hi(guess, THREE.wrapping_sub(square) << 2);
    // x/√x, and its error by Heron's method.
    let root = mul_hi(leading, inverse) << 3;
    let remainder = x.wrapping_sub(u64::from(root) * u64::from(root));
    root.saturating_add(mul_hi((remainder >> 18) as u32, inverse) >> 12)
}

/// The square root of a positive number.
#[inline]
pub(super) fn square_root(x: Unpacked) -> Unpacked {
    let x = x.normalized();
    // The exponent of a square is even.
    let odd = x.exponent & 1;
    let q64 = (u64::from(x.significand) << 32) >> odd;
    Unpacked { significand: root(q64), exponent: ((x.exponent + odd + 32) >> 1) - 32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_accurate_to_30_bits() {
        for exponent in [-40, -33, -32, 0, 1] {
            for step in 0..100_000_u32 {
                let significand = (1 << 31) + step * 21_474;
                let Unpacked { significand: root, exponent: half } =
                    square_root(Unpacked { significand, exponent });
                let exact = (f64::from(significand) * 2f64.powi(exponent)).sqrt();
                let error = f64::from(root) * 2f64.powi(half) / exact - 1.0;
                assert!(error.abs() < 1.0 / f64::from(1 << 30), "{significand} {exponent}");
            }
        }
    }
}
