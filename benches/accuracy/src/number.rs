//! The two number types, and how far a number is from an exact value.

use std::fmt::LowerExp;
use std::str::FromStr;

use rug::Float;

/// `f32` or `f64`, with what the measurements need to know of it.
pub trait Real: microlr::Float + Into<f64> + FromStr + LowerExp {
    const NAME: &'static str;
    /// Bits of the significand.
    const DIGITS: i32;
    /// The exponents of the smallest normal number and of the largest number.
    const EXPONENTS: [i32; 2];

    /// The nearest number of this type.
    fn nearest(x: f64) -> Self;
    /// `self`, `places` numbers further up.
    fn up(self, places: i8) -> Self;
}

macro_rules! real {
    ($type:ident, $signed:ident) => {
        impl Real for $type {
            const NAME: &'static str = stringify!($type);
            const DIGITS: i32 = $type::MANTISSA_DIGITS as i32;
            const EXPONENTS: [i32; 2] = [$type::MIN_EXP - 1, $type::MAX_EXP - 1];

            fn nearest(x: f64) -> Self {
                x as $type
            }

            fn up(self, places: i8) -> Self {
                $type::from_bits(self.to_bits().wrapping_add_signed($signed::from(places)))
            }
        }
    };
}

real!(f32, i32);
real!(f64, i64);

/// A distance from the exact value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distance {
    /// In units in the last place; infinite where nothing of the value is left.
    pub ulps: f64,
    /// The unit is the smallest subnormal, since the exact value is not a normal number.
    pub subnormal: bool,
}

/// The distance of `computed` from `exact`, in units in the last place of `scale`, which is `exact`
/// except where only an absolute error can be bounded.
pub fn distance<F: Real>(computed: F, exact: &Float, scale: &Float) -> Distance {
    if computed.is_nan() || exact.is_nan() || exact.is_zero() {
        let ulps = if exact.is_zero() && computed == F::zero() { 0.0 } else { f64::INFINITY };
        return Distance { ulps, subnormal: false };
    }
    let [lowest, highest] = F::EXPONENTS;
    // Infinity, and whatever is out of range, counts as the power of two after the largest number.
    let beyond = Float::with_val(53, 1) << (highest + 1);
    let computed =
        if computed.is_infinite() { beyond.clone() } else { Float::with_val(53, computed.into()) };
    let exact = if *exact > beyond { &beyond } else { exact };
    // MPFR's significands lie in [1/2, 1).
    let exponent = scale.get_exp().map_or(highest, |exponent| exponent - 1);
    let unit = exponent.clamp(lowest, highest) - (F::DIGITS - 1);
    let difference = Float::with_val(64, computed - exact) >> unit;
    Distance { ulps: difference.to_f64().abs(), subnormal: exponent < lowest }
}

/// The same for an `f32` and a value in `f64`: quick, and good to 2^-29 units.
pub fn distance32(computed: f32, exact: f64) -> Distance {
    const EXPONENT: u64 = 0x7ff << 52;
    if exact == 0.0 || computed.is_nan() {
        let ulps = if computed == 0.0 { 0.0 } else { f64::INFINITY };
        return Distance { ulps, subnormal: false };
    }
    let power = f64::from_bits(exact.to_bits() & EXPONENT).min(2f64.powi(127));
    let smallest = f64::from(f32::MIN_POSITIVE);
    let unit = power.max(smallest) * f64::from(f32::EPSILON);
    let ulps = (f64::from(computed) - exact).abs() / unit;
    Distance { ulps, subnormal: power < smallest }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn far<F: Real>(computed: F, exact: f64) -> Distance {
        let exact = Float::with_val(100, exact);
        distance(computed, &exact, &exact)
    }

    #[test]
    fn a_unit_is_that_of_the_exact_value() {
        let normal = |ulps| Distance { ulps, subnormal: false };
        let (above, below) = (1.0 + f64::from(f32::EPSILON), 1.0 - f64::from(f32::EPSILON));
        for (computed, exact, ulps) in
            [(1.0, above, 1.0), (1.0, below, 2.0), (0.0, 1.0, 8_388_608.0), (0.0, 0.0, 0.0)]
        {
            assert_eq!(far::<f32>(computed, exact), normal(ulps));
            assert_eq!(distance32(computed, exact), normal(ulps));
        }
        assert_eq!(far::<f32>(1.0, 0.0), normal(f64::INFINITY));
        assert_eq!(far(f64::NAN, 1.0), normal(f64::INFINITY));
        assert_eq!(far(1.0, 1.0 + f64::EPSILON), normal(1.0));
    }

    #[test]
    fn ends_of_the_range() {
        let smallest = f64::from(f32::from_bits(1));
        let subnormal = Distance { ulps: 2.0, subnormal: true };
        assert_eq!(far(f32::from_bits(3), smallest), subnormal);
        assert_eq!(distance32(f32::from_bits(3), smallest), subnormal);
        // Beyond the largest number, that number is a unit off and infinity is right.
        assert_eq!(far(f32::MAX, 1e300).ulps, 1.0);
        assert_eq!(far(f32::INFINITY, 1e300).ulps, 0.0);
        assert_eq!(far(f32::INFINITY, f64::from(f32::MAX)).ulps, 1.0);
    }
}
