//! A float taken apart, and the integer arithmetic of its significand.

use core::ops::{Add, Div, Mul, Sub};

use crate::arithmetic::Fraction;

/// The upper half of a product: of two factors in Q0.32, the product in Q0.32.
#[inline]
pub(super) fn mul_hi(a: u32, b: u32) -> u32 {
    ((u64::from(a) * u64::from(b)) >> 32) as u32
}

/// 2^63 / `d` to about 2^-30 of it, for a `d` with its top bit set: half of the bits from a
/// division, the other half by Newton's method.
#[inline]
pub(super) fn reciprocal(d: u32) -> u32 {
    let d = d | 1 << 31;
    let rounded = (d >> 16) + (d >> 15 & 1);
    let guess = (u32::MAX / rounded) << 15 | 1 << 14; // the middle of what the division truncates
    // Slightly below 2^63, so that the largest result still fits.
    let error = mul_hi(d, guess).wrapping_sub((1 << 31) - 1) as i32;
    let correction = (i64::from(guess >> 1) * i64::from(error << 2)) >> 32;
    guess.wrapping_sub(correction as u32)
}

/// A number from 0 on, taken apart: `significand · 2^exponent`.
///
/// A product is not normalised: a few of them in a row lose no bit that counts.
#[derive(Debug, Clone, Copy)]
pub struct Unpacked {
    pub(super) significand: u32,
    pub(super) exponent: i32,
}

impl Unpacked {
    pub(super) const ZERO: Self = Self { significand: 0, exponent: -256 };
    /// A negative, infinite or NaN parameter. Its exponent stays above every other one in any
    /// product.
    pub(super) const INVALID: Self = Self { significand: 1 << 31, exponent: 1 << 20 };

    fn is_invalid(self) -> bool {
        self.exponent > Self::INVALID.exponent / 2
    }

    /// The number with its top bit set, or 0.
    #[inline]
    pub(super) fn normalized(self) -> Self {
        let shift = self.significand.leading_zeros();
        match self.significand.checked_shl(shift) {
            Some(significand) => Self { significand, exponent: self.exponent - shift as i32 },
            None => Self::ZERO,
        }
    }

    /// `x`, exactly and normalised; [`INVALID`](Self::INVALID) if it is below 0 or not finite.
    #[inline]
    pub(super) fn from_f32(x: f32) -> Self {
        const INFINITY: u32 = f32::INFINITY.to_bits();
        match x.to_bits() {
            0x8000_0000 => Self::ZERO,
            bits @ 0..0x0080_0000 => Self { significand: bits, exponent: -149 }.normalized(),
            bits @ 0x0080_0000..INFINITY => {
                Self { significand: bits << 8 | 1 << 31, exponent: (bits >> 23) as i32 - 127 - 31 }
            }
            _ => Self::INVALID,
        }
    }

    /// The nearest `f32`, to a number that is normalised. A tie rounds up.
    #[inline]
    pub(super) fn to_f32(self) -> f32 {
        // The top bit of the significand, and a carry, are added to the exponent.
        let below = (self.exponent + 31 + 126) as u32;
        if below < 254 {
            return f32::from_bits((below << 23) + (((self.significand >> 7) + 1) >> 1));
        }
        self.to_subnormal_or_infinity()
    }

    #[cold]
    fn to_subnormal_or_infinity(self) -> f32 {
        if self.is_invalid() {
            f32::NAN
        } else if self.exponent > 0 {
            f32::INFINITY
        } else {
            // In units of half the smallest number.
            let halves = self.significand.checked_shr((-150 - self.exponent) as u32).unwrap_or(0);
            f32::from_bits((halves + 1) >> 1)
        }
    }

    /// The 32 leading bits of `n · 2^exponent`, normalised.
    #[inline]
    pub(super) fn from_u64(n: u64, exponent: i32) -> Self {
        let (high, low) = ((n >> 32) as u32, n as u32);
        if high == 0 {
            return Self { significand: low, exponent }.normalized();
        }
        let shift = high.leading_zeros() & 31;
        let significand = high << shift | (low >> 1) >> (31 - shift);
        Self { significand, exponent: exponent + 32 - shift as i32 }
    }

    /// In Q32.32, up to 1024.
    #[inline]
    pub(super) fn to_q32(self) -> i64 {
        q32(self.significand.into(), self.exponent)
    }

    /// The quotient of integers.
    #[inline]
    pub(super) fn quotient(Fraction { numerator, denominator }: Fraction) -> Self {
        let numerator = Self::from_u64(numerator, 0);
        if denominator == 1 { numerator } else { numerator.over(Self::from_u64(denominator, 0)) }
    }

    /// The quotient by a normalised number.
    #[inline]
    pub(super) fn over(self, divisor: Self) -> Self {
        let product = u64::from(self.significand) * u64::from(reciprocal(divisor.significand));
        let significand = ((product + (1 << 31)) >> 32) as u32;
        Self { significand, exponent: self.exponent - divisor.exponent - 31 }
    }
}

/// `n · 2^exponent` in Q32.32, at most 1024: an `f32` has no such exponent.
#[inline]
pub(super) fn q32(n: u64, exponent: i32) -> i64 {
    let shift = exponent + 32;
    if shift + 22 > n.leading_zeros() as i32 {
        return 1 << 42;
    }
    if shift < 0 {
        n.checked_shr(shift.unsigned_abs()).unwrap_or(0) as i64
    } else {
        (n << shift) as i64
    }
}

/// The divisor is normalised, as a sum is.
impl Div for Unpacked {
    type Output = Self;
    #[inline]
    fn div(self, other: Self) -> Self {
        if other.is_invalid() { other } else { self.over(other).normalized() }
    }
}

/// The first summand is normalised, as `from_f32` returns it, and so is the sum.
impl Add for Unpacked {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        let (a, b) = (self, other.normalized());
        if a.significand == 0 {
            return b;
        }
        let (large, small) = if a.exponent >= b.exponent { (a, b) } else { (b, a) };
        let shift = (large.exponent - small.exponent) as u32;
        let aligned = small.significand.checked_shr(shift).unwrap_or(0);
        match large.significand.overflowing_add(aligned) {
            (significand, false) => Self { significand, exponent: large.exponent },
            (sum, true) => Self { significand: sum >> 1 | 1 << 31, exponent: large.exponent + 1 },
        }
    }
}

/// Both are normalised, the second is not larger, and so is the difference.
impl Sub for Unpacked {
    type Output = Self;
    #[inline]
    fn sub(self, other: Self) -> Self {
        let shift = (self.exponent - other.exponent) as u32;
        let aligned = other.significand.checked_shr(shift).unwrap_or(0);
        let significand = self.significand.wrapping_sub(aligned);
        Self { significand, exponent: self.exponent }.normalized()
    }
}

impl Mul for Unpacked {
    type Output = Self;
    #[inline]
    fn mul(self, other: Self) -> Self {
        let significand = mul_hi(self.significand, other.significand);
        Self { significand, exponent: self.exponent + other.exponent + 32 }
    }
}
