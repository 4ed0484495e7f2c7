//! `f32`: 32-bit integers on every target, one file a function.
//!
//! Nothing is rounded to 24 bits before the end, so errors of some 2^-30 add up to a fraction of a
//! unit in the last place. A number "in Q0.32" is in units of 2^-32, one "in Q2.30" in units of
//! 2^-30. The tables of coefficients are made by fit.py.

mod exp2;
mod log2;
mod logistic;
mod plus_product;
mod sine;
mod sqrt;
mod unpacked;

use self::exp2::Halvings;
use self::unpacked::{Unpacked, power_of_two};
use super::logit::Logit;
use super::{Arithmetic, Fraction};

/// Whether `f32` is done in instructions, as far as the target says: Arm's soft-float targets have
/// no FPU. Only the speed depends on it.
const HAS_FPU: bool = cfg!(not(all(target_arch = "arm", target_abi = "eabi")));

impl Arithmetic for f32 {
    type Widened = Unpacked;

    const ZERO: Self = 0.0;
    const FRACTION_BITS: u32 = 32;

    #[inline(always)]
    fn widen(self) -> Unpacked {
        const INFINITY: u32 = f32::INFINITY.to_bits();
        match self.to_bits() {
            0 | 0x8000_0000 => Unpacked::ZERO,
            bits @ 1..0x0080_0000 => Unpacked { significand: bits, exponent: -149 }.normalized(),
            bits @ 0x0080_0000..INFINITY => Unpacked {
                significand: bits << 8 | 1 << 31,
                exponent: (bits >> 23) as i32 - 127 - 31,
            },
            _ => Unpacked::INVALID,
        }
    }

    #[inline(always)]
    fn narrow(wide: Unpacked) -> f32 {
        let Unpacked { significand, exponent } = wide.normalized();
        let biased = (exponent + 31 + 127) as u32;
        if !HAS_FPU && let Some(bits) = plus_product::rounded(significand, biased) {
            return f32::from_bits(bits);
        }
        let (nearest, exponent) = (wide.significand as f32, wide.exponent);
        if (-126..=127).contains(&exponent) {
            return nearest * power_of_two(exponent);
        }
        if wide.is_invalid() {
            return f32::NAN;
        }
        // Two powers of two; the first product is exact, or infinite as the result is.
        let exponent = exponent.clamp(-252, 254);
        let first = exponent >> 1;
        nearest * power_of_two(first) * power_of_two(exponent - first)
    }

    #[inline(always)]
    fn fraction(Fraction { numerator, denominator }: Fraction) -> Unpacked {
        Unpacked::from_u64(numerator).over(Unpacked::from_u64(denominator))
    }

    #[inline(always)]
    fn sin_squared(turn: Unpacked) -> Unpacked {
        sine::sin_squared(turn)
    }

    #[inline(always)]
    fn times_power(factor: Unpacked, base: f32, exponent: Fraction) -> Unpacked {
        let halvings = log2::minus_log2_power(base, exponent);
        halvings.map_or(Unpacked::INVALID, |halvings| factor * halvings.power())
    }

    #[inline(always)]
    fn power_of(base: Fraction, exponent: f32) -> Unpacked {
        if exponent == 0.5 {
            return sqrt::square_root(Self::fraction(base));
        }
        let halvings = log2::minus_log2_of(base, exponent);
        halvings.map_or(Unpacked::INVALID, |(n, unit)| Halvings::new(n, unit).power())
    }

    #[inline(always)]
    fn one_minus_power_of(base: Fraction, exponent: f32) -> Unpacked {
        let halvings = log2::minus_log2_of(base, exponent);
        halvings.map_or(Unpacked::INVALID, |(n, unit)| exp2::one_minus_power(n, unit))
    }

    #[inline(always)]
    fn logit(z: f32) -> Logit<f32> {
        logistic::logit(z)
    }

    #[inline(always)]
    fn plus_product(sum: f32, a: f32, b: f32) -> f32 {
        if HAS_FPU { sum + a * b } else { plus_product::plus_product(sum, a, b) }
    }

    #[inline(always)]
    fn bound(bound: f32, x: f32) -> f32 {
        // Both are quick where they are used: a sum of magnitudes, or the larger of two integers.
        let x = f32::from_bits(x.to_bits() & (u32::MAX >> 1));
        if HAS_FPU { bound + x } else { f32::from_bits(bound.to_bits().max(x.to_bits())) }
    }

    #[inline(always)]
    fn has_finite_bits(self) -> bool {
        self.to_bits() << 1 < f32::INFINITY.to_bits() << 1
    }

    fn unit(word: u64) -> f32 {
        (word >> 40) as f32 * (f32::EPSILON / 2.0)
    }

    fn to_fixed(self) -> u64 {
        (self * 4_294_967_296.0) as u64
    }
}

#[cfg(test)]
mod tests;
