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

use self::unpacked::{Unpacked, q32};
use super::logit::Logit;
use super::{Arithmetic, Fraction};

/// Whether `f32` is done in instructions, as far as the target says: Arm's soft-float targets have
/// no FPU. Only the speed depends on it.
const HAS_FPU: bool = cfg!(not(all(target_arch = "arm", target_abi = "eabi")));

fn is_positive_and_finite(x: f32) -> bool {
    x > 0.0 && x < f32::INFINITY
}

impl Arithmetic for f32 {
    type Widened = Unpacked;

    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const HALF: Self = 0.5;
    const SIGNIFICAND_BITS: u32 = 24;

    #[inline]
    fn widen(self) -> Unpacked {
        Unpacked::from_f32(self)
    }

    #[inline]
    fn narrow(wide: Unpacked) -> f32 {
        wide.to_f32()
    }

    #[inline]
    fn fraction(fraction: Fraction) -> Unpacked {
        Unpacked::quotient(fraction)
    }

    #[inline]
    fn sin_squared(turn: Unpacked) -> Unpacked {
        sine::sin_squared(turn)
    }

    #[inline(always)]
    fn times_power(factor: Unpacked, base: f32, exponent: Fraction) -> Unpacked {
        if !is_positive_and_finite(base) {
            return Unpacked::INVALID;
        }
        let (log, rises) = log2::log2(base);
        let per_step = log.over(Unpacked::from_u64(exponent.denominator, 0));
        let halvings = q32(u64::from(per_step.significand) * exponent.numerator, per_step.exponent);
        (factor * exp2::power(if rises { -halvings } else { halvings })).normalized()
    }

    #[inline(always)]
    fn power_of(base: Fraction, exponent: f32, complement: bool) -> Unpacked {
        if exponent == 0.5 && !complement {
            return sqrt::square_root(Unpacked::quotient(base));
        }
        if !is_positive_and_finite(exponent) {
            return Unpacked::INVALID;
        }
        let halvings = log2::minus_log2_of(base) * Unpacked::from_f32(exponent);
        if complement { exp2::one_minus_power(halvings) } else { exp2::power(halvings.to_q32()) }
    }

    #[inline(always)]
    fn logit(z: f32) -> Logit<f32> {
        logistic::logit(z)
    }

    #[inline]
    fn plus_product(sum: f32, a: f32, b: f32) -> f32 {
        if HAS_FPU { sum + a * b } else { plus_product::plus_product(sum, a, b) }
    }

    #[inline]
    fn bound(bound: f32, x: f32) -> f32 {
        // Both are quick where they are used: a sum of magnitudes, or the larger of two integers.
        let x = f32::from_bits(x.to_bits() & (u32::MAX >> 1));
        if HAS_FPU { bound + x } else { f32::from_bits(bound.to_bits().max(x.to_bits())) }
    }

    #[inline]
    fn has_finite_bits(self) -> bool {
        self.to_bits() << 1 < f32::INFINITY.to_bits() << 1
    }

    fn unit(word: u64) -> f32 {
        (word >> 40) as f32 * (f32::EPSILON / 2.0)
    }
}

#[cfg(test)]
mod tests;
