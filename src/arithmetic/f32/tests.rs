//! The kernels against `f64`, over a regular grid of arguments and at their edges.

use std::format;
use std::string::String;

use super::unpacked::reciprocal;
use super::*;
use crate::arithmetic::threefry::{Stream, word};

/// Half a unit in the last place of an `f32` slightly above a power of two.
const UNIT: f64 = 1.0 / (1 << 24) as f64;
/// A stride that has no factor in common with 2^32.
const STRIDE: usize = 1009;
const CASES: u32 = 300_000;

impl Unpacked {
    fn to_f64(self) -> f64 {
        f64::from(self.significand) * 2f64.powi(self.exponent)
    }
}

/// Checks that a relative error is at most `bound` units, and exact where the value is 0.
#[track_caller]
fn check(got: f64, exact: f64, bound: f64, at: impl FnOnce() -> String) {
    let error = if exact == 0.0 { got } else { (got / exact - 1.0).abs() / UNIT };
    assert!(error <= bound, "{}: {got:e} is not {exact:e}, error {error}", at());
}

/// Two words, one in four of them short, one of few set bits.
fn words(index: u32) -> [u64; 2] {
    [1, 2].map(|seed| {
        let word = word(seed, Stream::Weights, index);
        match word & 3 {
            0 => word >> (word >> 2 & 63),
            1 => u64::MAX >> (word >> 2 & 63),
            _ => word,
        }
    })
}

/// A positive finite number of any magnitude.
fn float(word: u64) -> f32 {
    f32::from_bits((word as u32 >> 1).clamp(1, f32::MAX.to_bits()))
}

fn fraction(numerator: u64, denominator: u64) -> Fraction {
    Fraction { numerator, denominator }
}

#[test]
fn reciprocals() {
    let edges = [1 << 31, (1 << 31) + 1, 0x8000_8000, 0xffff_8000, u32::MAX - 1, u32::MAX];
    for d in (1 << 31..=u32::MAX).step_by(STRIDE).chain(edges) {
        let product = f64::from(reciprocal(d)) * f64::from(d);
        check(product, 2f64.powi(63), 0.014, || format!("{d:x}"));
    }
}

#[test]
fn fractions() {
    for [n, d] in (0..CASES).map(words) {
        let (n, d) = (n.min(d), d.max(1));
        let got = f32::fraction(fraction(n, d));
        check(got.to_f64(), n as f64 / d as f64, 0.06, || format!("{n} / {d}"));
        assert!(got.exponent <= -31, "{n} / {d}");
    }
}

#[test]
fn sums_and_products() {
    for [a, b] in (0..CASES).map(|index| words(index).map(float)) {
        let (wide_a, wide_b) = (f64::from(a), f64::from(b));
        let at = || format!("{a:e} and {b:e}");
        check((a.widen() + b.widen()).to_f64(), wide_a + wide_b, 0.02, at);
        check((a.widen() * b.widen()).to_f64(), wide_a * wide_b, 0.016, at);
        assert_eq!(f32::narrow(a.widen() + Unpacked::ZERO), a);
        assert_eq!(f32::narrow(Unpacked::ZERO + a.widen()), a);
        assert_eq!(f32::narrow(a.widen()), a);
    }
}

#[test]
fn rounding_is_to_the_nearest() {
    for [word, exponent] in (0..CASES).map(words) {
        let number = Unpacked { significand: word as u32, exponent: (exponent % 360) as i32 - 220 };
        let exact = number.to_f64();
        let error = (f64::from(number.normalized().to_f32()) - exact).abs();
        let nearest = exact as f32;
        if nearest.is_finite() {
            let unit = (nearest.next_up() - nearest).min(nearest - nearest.next_down());
            assert!(error <= 0.5 * f64::from(unit), "{number:?}");
        } else {
            assert_eq!(number.normalized().to_f32(), f32::INFINITY);
        }
    }
    let to_f32 = |significand, exponent| Unpacked { significand, exponent }.normalized().to_f32();
    assert_eq!([to_f32(u32::MAX, 96), to_f32(1 << 31, 97)], [f32::INFINITY; 2]);
    assert_eq!([to_f32(0xffff_ff00, 96), to_f32(1, -149)], [f32::MAX, f32::from_bits(1)]);
    assert_eq!([to_f32(0, 300), to_f32(u32::MAX, -400)], [0.0, 0.0]);
}

#[test]
fn sine() {
    // From 2^-31, the smallest quotient of two steps, to 1.
    for bits in ((127 - 31) << 23..=1_f32.to_bits()).step_by(97) {
        let turn = f32::from_bits(bits);
        let exact = (core::f64::consts::FRAC_PI_2 * f64::from(turn)).sin().powi(2);
        let wide = turn.widen();
        check(f32::sin_squared(wide).to_f64(), exact, 0.08, || format!("{turn:e}"));
        // A quotient has its top bit or the next one set.
        let shifted = Unpacked { significand: wide.significand >> 1, exponent: wide.exponent + 1 };
        if turn < 1.0 {
            check(f32::sin_squared(shifted).to_f64(), exact, 0.28, || format!("{turn:e}, shifted"));
        }
    }
    assert_eq!(f32::narrow(f32::sin_squared(1_f32.widen()).normalized()), 1.0);
    // A turn so small that its shift exceeds a word.
    let tiny = Unpacked { significand: 1 << 31, exponent: -100 };
    check(f32::sin_squared(tiny).to_f64(), 2.467_401_1 * 2f64.powi(-138), 1.0, String::new);
}

/// log2 of a number that may be near 1.
fn log2(x: f64) -> f64 {
    if (0.5..2.0).contains(&x) { (x - 1.0).ln_1p() / core::f64::consts::LN_2 } else { x.log2() }
}

#[track_caller]
fn check_power(got: Unpacked, log: f64, bound: f64, at: impl FnOnce() -> String) {
    if log > 160.0 {
        assert_eq!(got.normalized().to_f32(), f32::INFINITY, "{}", at());
    } else if log < -160.0 {
        assert_eq!(got.normalized().to_f32(), 0.0, "{}", at());
    } else {
        // The error of the logarithm counts as often as 1 is halved.
        check(got.to_f64(), log.exp2(), bound + log.abs() / 32.0, at);
    }
}

#[test]
fn powers_of_a_factor() {
    // Where a power is computed in another way, and the ends of the range.
    let edges = [1.0, 8.0 / 7.0, 2.0, 4.0, 0.5, 0.25, 5.0 / 8.0, 6.0 / 8.0, 7.0 / 8.0, 0.95, 1.3];
    let bases = edges
        .into_iter()
        .flat_map(|x: f32| (-2..=2).map(move |ulps| x.to_bits().saturating_add_signed(ulps)))
        .chain([1, 2, 3, 0x0040_0000, 0x007f_ffff, 0x0080_0000, f32::MAX.to_bits()])
        .map(f32::from_bits);
    let steps = [0, 1, 2, 7, 100, 511, 512, 513, 65_535, 16_777_217, 1 << 31, u32::MAX];
    for base in bases {
        for per in [1, 2, 3, 512, 1000, 1 << 31, u32::MAX] {
            for step in steps.into_iter().flat_map(|n| [n, n.saturating_mul(per)]) {
                let got = f32::times_power(1_f32.widen(), base, Fraction::new(step, per));
                let log = log2(base.into()) * (f64::from(step) / f64::from(per));
                check_power(got, log, 0.6, || format!("{base:e}^({step} / {per})"));
            }
        }
    }
}

#[test]
fn powers_of_a_fraction() {
    let powers = [1e-10, 1e-3, 0.5, 0.9, 1.0, 1.5, 2.0, 3.0, 10.0, 20.0];
    for ([n, d], power) in (0..CASES).map(words).zip(powers.into_iter().cycle()) {
        // Of 33 bits, of any magnitude, and near 1.
        let d = (d >> 31).max(2);
        let n = if n & 4 == 0 { n % d } else { d - (n >> (n >> 3 & 63)) % d }.max(1);
        let base = fraction(n, d);
        let log = if n > d / 2 {
            (-((d - n) as f64) / d as f64).ln_1p() / core::f64::consts::LN_2
        } else {
            (n as f64 / d as f64).log2()
        };
        let log = log * f64::from(power);
        let at = || format!("({n} / {d})^{power}");
        check_power(f32::power_of(base, power, false), log, 0.5 + f64::from(power) / 20.0, at);
        let exact = -(log * core::f64::consts::LN_2).exp_m1();
        check(f32::power_of(base, power, true).to_f64(), exact, 0.9, at);
    }
}

#[test]
fn logits() {
    for bits in (0..=300_f32.to_bits()).step_by(STRIDE) {
        let z = f32::from_bits(bits);
        let Logit { likelier, unlikelier, log1p, .. } = f32::logit(z);
        let against = (-f64::from(z)).exp();
        // Where a result is subnormal, its unit does not shrink, and it is rounded twice.
        let bound = if z < 87.0 { 1.2 } else { 1.7 };
        for (got, exact) in [
            (likelier, 1.0 / (1.0 + against)),
            (unlikelier, against / (1.0 + against)),
            (log1p, against.ln_1p()),
        ] {
            let error = (f64::from(got) - exact).abs() / exact.max(f32::MIN_POSITIVE.into());
            assert!(error <= bound * UNIT, "{z:e}: {got:e} is not {exact:e}");
        }
    }
    for z in [300.0, 1e4, f32::MAX, f32::INFINITY] {
        let Logit { likelier, unlikelier, log1p, .. } = f32::logit(z);
        assert_eq!([likelier, unlikelier, log1p], [1.0, 0.0, 0.0], "{z}");
    }
    assert!(f32::logit(f32::NAN).probability().is_nan());
    assert!(f32::logit(f32::NAN).cross_entropy(0.0).is_nan());
}

#[test]
fn invalid_parameters_give_nan() {
    let half = fraction(1, 2);
    for x in [-1.0, -1e-45, f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let wide = x.widen();
        for result in [
            wide,
            wide + 1_f32.widen(),
            Unpacked::ZERO * wide,
            f32::times_power(wide, 1e-30, Fraction::new(u32::MAX, 1)),
            f32::times_power(1_f32.widen(), x, Fraction::new(5, 2)),
            f32::power_of(half, x, false),
            f32::power_of(half, x, true),
        ] {
            assert!(f32::narrow(result).is_nan(), "{x}: {result:?}");
        }
    }
    assert!(f32::narrow(f32::times_power(1_f32.widen(), 0.0, half)).is_nan());
}

#[test]
fn uniform_numbers_are_below_one() {
    assert_eq!([f32::unit(0), f32::unit(1 << 63)], [0.0, 0.5]);
    assert_eq!(f32::unit(u64::MAX), 1.0 - f32::EPSILON / 2.0);
    assert_eq!([f64::unit(0), f64::unit(1 << 63)], [0.0, 0.5]);
    assert_eq!(f64::unit(u64::MAX), 1.0 - f64::EPSILON / 2.0);
}
