//! `f64`: libm's functions, in an order that avoids cancellation and large exponents.

use core::f64::consts::{FRAC_PI_2, PI};

use super::logit::Logit;
use super::{Arithmetic, Fraction};

/// Beyond this exponent libm's power has an error of hundreds of units in the last place.
const FAR: f64 = 1073741824.0; // 2^30

impl Arithmetic for f64 {
    type Widened = f64;

    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const HALF: Self = 0.5;
    const SIGNIFICAND_BITS: u32 = 53;

    fn widen(self) -> f64 {
        self
    }

    fn narrow(wide: f64) -> Self {
        wide
    }

    fn fraction(Fraction { numerator, denominator }: Fraction) -> f64 {
        numerator as f64 / denominator as f64
    }

    fn sin_squared(turn: f64) -> f64 {
        if turn < 0.5 {
            let sine = libm::sin(FRAC_PI_2 * turn);
            return sine * sine;
        }
        // Nothing cancels, and in the middle it is exactly 1/2.
        0.5 + 0.5 * libm::sin(PI * (turn - 0.5))
    }

    fn times_power(factor: f64, base: f64, exponent: Fraction) -> f64 {
        if factor == 0.0 {
            return 0.0; // also where the power overflows
        }
        // A rounded exponent would cost many bits. So its first 16 fraction bits are split off: the
        // remainder is so small that its rounding does not count.
        let scaled = exponent.numerator << 16;
        let coarse = (scaled / exponent.denominator) as f64 / 65536.0;
        let fine = (scaled % exponent.denominator) as f64 / exponent.denominator as f64 / 65536.0;
        let product = factor * libm::pow(base, fine);
        let power = libm::pow(base, coarse);
        if coarse < FAR && power.is_normal() {
            return product * power;
        }
        // The power may be out of range although the product is not. Its fourth root is in range.
        let quarter = libm::pow(base, coarse / 4.0);
        product * quarter * quarter * quarter * quarter
    }

    fn power_of(base: Fraction, exponent: f64, complement: bool) -> f64 {
        if complement {
            let missing = base.complement();
            let ln = if missing.numerator < base.numerator {
                libm::log1p(-Self::fraction(missing))
            } else {
                libm::log(Self::fraction(base))
            };
            return -libm::expm1(exponent * ln);
        }
        let quotient = Self::fraction(base);
        // The power multiplies the relative error of the quotient by the exponent.
        let (numerator, denominator) = (base.numerator as f64, base.denominator as f64);
        let remainder = libm::fma(-quotient, denominator, numerator);
        libm::pow(quotient, exponent) * (1.0 + exponent * (remainder / numerator))
    }

    fn logit(z: f64) -> Logit<f64> {
        let against = libm::exp(-z.abs());
        let sum = 1.0 + against;
        Logit { z, likelier: 1.0 / sum, unlikelier: against / sum, log1p: libm::log1p(against) }
    }

    fn plus_product(sum: f64, a: f64, b: f64) -> f64 {
        sum + a * b
    }

    fn bound(bound: f64, x: f64) -> f64 {
        bound + x.abs()
    }

    fn has_finite_bits(self) -> bool {
        self.to_bits() << 1 < f64::INFINITY.to_bits() << 1
    }

    fn unit(word: u64) -> f64 {
        (word >> 11) as f64 * (f64::EPSILON / 2.0)
    }
}
