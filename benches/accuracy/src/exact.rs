//! Exact values, as numbers of 192 bits, and the distance of a computed number from them.

use std::ops::{Add, Div, Mul, Sub};

use rug::Float;
use rug::float::Constant;
use rug::ops::Pow;

use crate::catalogue::{Number, Real};

/// Bits. Next to a root, the difference of an `f64` and a fraction of steps needs 32 + 53 of them.
const PRECISION: u32 = 192;

#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub struct Exact(pub Float);

macro_rules! operator {
    ($trait:ident, $method:ident) => {
        impl $trait for Exact {
            type Output = Self;
            fn $method(self, other: Self) -> Self {
                Self(self.0.$method(other.0))
            }
        }
    };
}

operator!(Add, add);
operator!(Sub, sub);
operator!(Mul, mul);
operator!(Div, div);

impl Real for Exact {
    fn from_f64(x: f64) -> Self {
        Self(Float::with_val(PRECISION, x))
    }
    fn from_u64(n: u64) -> Self {
        Self(Float::with_val(PRECISION, n))
    }
    fn powf(self, exponent: Self) -> Self {
        Self(self.0.pow(exponent.0))
    }
    fn exp_m1(self) -> Self {
        Self(self.0.exp_m1())
    }
    fn ln_1p(self) -> Self {
        Self(self.0.ln_1p())
    }
    fn sin(self) -> Self {
        Self(self.0.sin())
    }
    fn pi() -> Self {
        Self(Float::with_val(PRECISION, Constant::Pi))
    }
}

impl Exact {
    /// The number that `text` has, which may be longer than an `f64` can hold.
    pub fn parse(text: &str) -> Self {
        let number = Float::parse(text).unwrap_or_else(|_| panic!("not a number: {text}"));
        Self(Float::with_val(PRECISION, number))
    }

    /// Whether the value is in the range of `F` and not subnormal.
    pub fn is_normal<F: Number>(&self) -> bool {
        self.0 >= F::min_positive_value().to_f64() && self.0 <= F::max_value().to_f64()
    }

    pub fn digits(&self) -> String {
        self.0.to_string_radix(10, Some(20))
    }
}

/// The error of `computed` in units in the last place of `unit`, which has to be normal.
pub fn ulps<F: Number>(computed: F, exact: &Exact, unit: &Exact) -> f64 {
    if !computed.is_finite() {
        return f64::INFINITY;
    }
    // MPFR's significands are in [1/2, 1).
    let exponent = unit.0.get_exp().map_or(0, |exponent| exponent - 1);
    let difference = Float::with_val(64, Float::with_val(53, computed.to_f64()) - &exact.0);
    let last_place = f64::from(exponent) + F::epsilon().to_f64().log2();
    (difference >> last_place as i32).to_f64().abs()
}

/// The same in `f64` arithmetic, which is fast and has an error of 2^-29 units.
pub fn ulps32(computed: f32, exact: f64) -> f64 {
    let power = f64::from_bits(exact.to_bits() & 0x7ff << 52);
    let ulps = (f64::from(computed) - exact).abs() / (power * f64::from(f32::EPSILON));
    if ulps.is_nan() { f64::INFINITY } else { ulps }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_is_that_of_the_exact_value() {
        let below_1 = 1.0 - f64::from(f32::EPSILON) / 2.0;
        let next = 1.0 + f64::from(f32::EPSILON);
        for (computed, exact, expected) in [
            (1.0, next, 1.0),
            (1.0, below_1, 1.0),
            (1.0, 1.0, 0.0),
            (0.0, 1.0, 8_388_608.0),
            (f32::NAN, 1.0, f64::INFINITY),
        ] {
            let number = Exact::from_f64(exact);
            assert_eq!(ulps::<f32>(computed, &number, &number), expected);
            assert_eq!(ulps32(computed, exact), expected);
        }
        let number = Exact::from_f64(1.0 + f64::EPSILON);
        assert_eq!(ulps::<f64>(1.0, &number, &number), 1.0);
    }
}
