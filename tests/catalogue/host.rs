//! The formulas in `f64`, by the standard library: independent of this crate's functions.

use super::Real;

impl Real for f64 {
    fn from_f64(x: f64) -> Self {
        x
    }
    fn from_u64(n: u64) -> Self {
        n as f64
    }
    fn powf(self, exponent: Self) -> Self {
        f64::powf(self, exponent)
    }
    fn exp_m1(self) -> Self {
        f64::exp_m1(self)
    }
    fn ln_1p(self) -> Self {
        f64::ln_1p(self)
    }
    fn sin(self) -> Self {
        f64::sin(self)
    }
    fn pi() -> Self {
        core::f64::consts::PI
    }
}
