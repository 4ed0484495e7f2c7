//! A float taken apart, and the integer arithmetic of its significand.

use core::ops::{Add, Div, Mul};

/// The upper half of a product: of two factors in Q0.32, the product in Q0.32.
#[inline(always)]
pub(super) fn mul_hi(a: u32, b: u32) -> u32 {
    ((u64::from(a) * u64::from(b)) >> 32) as u32
}

/// The upper 64 bits of a product of 96.
#[inline(always)]
pub(super) fn mul_hi_wide(a: u64, b: u32) -> u64 {
    let (a_high, a_low) = (a >> 32, a & 0xffff_ffff);
    a_high * u64::from(b) + ((a_low * u64::from(b)) >> 32)
}

/// 2^63 / `d` to about 2^-30 of it, for a `d` with its top bit set: half of the bits from a
/// division, the other half by Newton's method.
#[inline(always)]
pub(super) fn reciprocal(d: u32) -> u32 {
    let d = d | 1 << 31;
    let rounded = (d >> 16) + (d >> 15 & 1);
    let guess = (u32::MAX / rounded) << 15 | 1 << 14; // the middle of what the division truncates
    // Slightly below 2^63, so that the largest result still fits.
    let error = mul_hi(d, guess).wrapping_sub((1 << 31) - 1) as i32;
    let correction = (i64::from(guess >> 1) * i64::from(error << 2)) >> 32;
    guess.wrapping_sub(correction as u32)
}

/// A number taken apart: `significand · 2^exponent`.
///
/// A product is not normalised: a few of them in a row lose no bit that counts.
#[derive(Debug, Clone, Copy)]
pub struct Unpacked {
    pub(super) significand: u32,
    pub(super) exponent: i32,
}

impl Unpacked {
    pub(super) const ZERO: Self = Self { significand: 0, exponent: -512 };
    /// What a parameter becomes that is negative, infinite or NaN: far above every other exponent,
    /// whatever it is multiplied by.
    pub(super) const INVALID: Self = Self { significand: 1 << 31, exponent: 1 << 20 };

    #[inline(always)]
    pub(super) fn is_invalid(self) -> bool {
        self.exponent > Self::INVALID.exponent / 2
    }

    /// The number with its top bit set, or 0.
    #[inline(always)]
    pub(super) fn normalized(self) -> Self {
        let shift = self.significand.leading_zeros();
        match self.significand.checked_shl(shift) {
            Some(significand) => Self { significand, exponent: self.exponent - shift as i32 },
            None => Self::ZERO,
        }
    }

    /// The 32 leading bits of `n`, normalised.
    #[inline(always)]
    pub(super) fn from_u64(n: u64) -> Self {
        let (high, low) = ((n >> 32) as u32, n as u32);
        if high == 0 {
            return Self { significand: low, exponent: 0 }.normalized();
        }
        let shift = high.leading_zeros() & 31;
        let significand = high << shift | (low >> 1) >> (31 - shift);
        Self { significand, exponent: 32 - shift as i32 }
    }

    /// The quotient by a normalised number.
    #[inline(always)]
    pub(super) fn over(self, divisor: Self) -> Self {
        let significand = mul_hi(self.significand, reciprocal(divisor.significand));
        Self { significand, exponent: self.exponent - divisor.exponent - 31 }
    }

    /// A number in [0, 1] in Q0.32; 1 saturates.
    #[inline(always)]
    pub(super) fn to_q32(self) -> u32 {
        if self.exponent > -32 {
            return u32::MAX;
        }
        self.significand.checked_shr((-32 - self.exponent) as u32).unwrap_or(0)
    }
}

impl Mul for Unpacked {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let significand = mul_hi(self.significand, other.significand);
        Self { significand, exponent: self.exponent + other.exponent + 32 }
    }
}

/// The divisor is normalised, as a sum is.
impl Div for Unpacked {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        if other.is_invalid() { other } else { self.over(other) }
    }
}

/// The first summand is normalised, as `widen` returns it, and so is the sum.
impl Add for Unpacked {
    type Output = Self;
    #[inline(always)]
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

/// 2^exponent, for the exponent of a normal number.
#[inline(always)]
pub(super) fn power_of_two(exponent: i32) -> f32 {
    f32::from_bits(((exponent + 127) as u32) << 23)
}
