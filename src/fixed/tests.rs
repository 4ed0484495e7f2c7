use core::ops::RangeInclusive;
use std::{format, println, string::String};

use super::odds::odds;
use super::*;
use crate::neuron::Odds;
use crate::threefry::{Stream, word};

/// Errors are shares of the exact value in units of this: half of the last place of an `f32` that is a
/// little above a power of two.
const UNIT: f64 = 1.0 / (1 << 24) as f64;

const ONE: Fixed = Fixed { mantissa: 1 << 31, exponent: -31 };

fn relative_error(got: f64, exact: f64) -> f64 {
    (got / exact - 1.0).abs() / UNIT
}

fn non_zero(n: u64) -> NonZeroU64 {
    NonZeroU64::new(n).unwrap()
}

fn per(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap()
}

/// The largest of many errors, and where it is.
struct Worst {
    error: f64,
    at: String,
}

impl Worst {
    const fn new() -> Self {
        Self { error: 0.0, at: String::new() }
    }

    #[track_caller]
    fn look_at(&mut self, error: f64, at: impl FnOnce() -> String) {
        if error > self.error || error.is_nan() {
            assert!(!error.is_nan(), "{}", at());
            *self = Self { error, at: at() };
        }
    }

    #[track_caller]
    fn assert_at_most(self, bound: f64, name: &str) {
        println!("{name}: {:.4} at {}", self.error, self.at);
        assert!(self.error <= bound, "{name}: {} > {bound} at {}", self.error, self.at);
    }
}

/// The largest of `error` over `domain`, whose last value is never left out.
#[track_caller]
fn sweep(
    name: &str,
    domain: RangeInclusive<u32>,
    stride: usize,
    bound: f64,
    error: impl Fn(u32) -> f64,
) {
    let mut worst = Worst::new();
    let last = *domain.end();
    for n in domain.step_by(stride).chain([last]) {
        worst.look_at(error(n), || format!("{n:#x}"));
    }
    worst.assert_at_most(bound, name);
}

/// Strides that share no factor with what the bits are made of.
const NEAR: usize = 97;
const FAR: usize = 1009;

fn sweep_reciprocal(stride: usize) {
    sweep("reciprocal", 1 << 31..=u32::MAX, stride, 0.014, |d| {
        relative_error(f64::from(reciprocal(d)) * f64::from(d), 2f64.powi(63))
    });
}

#[test]
fn reciprocals_fit() {
    // The first one is as large as a u32 gets, the last as small as the top bit allows.
    for d in [1 << 31, (1 << 31) + 1, 0x8000_8000, 0xffff_8000, u32::MAX - 1, u32::MAX] {
        let error = relative_error(f64::from(reciprocal(d)) * f64::from(d), 2f64.powi(63));
        assert!(error <= 0.014, "{d:x}: {error}");
    }
    sweep_reciprocal(FAR);
}

#[test]
#[ignore = "all 2^31 of them: 10 s in release"]
fn every_reciprocal_fits() {
    sweep_reciprocal(1);
}

fn sweep_root(stride: usize) {
    // In units of 2^-32, of numbers below 1/2 and above; `f64`'s root is exact to 21 bits more.
    for odd in [0, 1] {
        sweep("√x", 1 << 31..=u32::MAX, stride, 2.0, |mantissa| {
            let x = u64::from(mantissa) << (32 - odd);
            (f64::from(root::square_root(x)) - (x as f64).sqrt()).abs()
        });
    }
}

#[test]
fn roots_fit() {
    for x in [1 << 62, (1 << 62) + 1, u64::from(u32::MAX) << 32, u64::MAX] {
        let error = f64::from(root::square_root(x)) - (x as f64).sqrt();
        assert!(error.abs() <= 2.0, "{x:x}: {error}");
    }
    sweep_root(FAR);
}

#[test]
#[ignore = "all 2^32 of them: 35 s in release"]
fn every_root_fits() {
    sweep_root(1);
}

fn sweep_sine(stride: usize) {
    // From 1/2^31 to 1, all that a ratio of steps can be and more.
    let domain = (127 - 31) << 23..=1_f32.to_bits();
    let exact = |u: f32| (core::f64::consts::FRAC_PI_2 * f64::from(u)).sin().powi(2);
    sweep("sin²(π/2·u)", domain, stride, 0.08, |bits| {
        let u = f32::from_bits(bits);
        relative_error(Fixed::positive(u).unwrap().sin_squared_quarter_turn().wide(), exact(u))
    });
    // A ratio has its top bit or the next one set.
    let domain = (127 - 30) << 23..=1_f32.to_bits() - 1;
    sweep("sin²(π/2·u), not normalised", domain, stride, 0.28, |bits| {
        let u = f32::from_bits(bits);
        let Fixed { mantissa, exponent } = Fixed::positive(u).unwrap();
        let shifted = Fixed { mantissa: mantissa >> 1, exponent: exponent + 1 };
        relative_error(shifted.sin_squared_quarter_turn().wide(), exact(u))
    });
}

#[test]
fn sine_against_f64() {
    sweep_sine(NEAR);
}

#[test]
#[ignore = "every f32: 30 s in release"]
fn sine_everywhere_against_f64() {
    sweep_sine(1);
}

fn sweep_power_of_half(stride: usize) {
    sweep("2^-f", 0..=u32::MAX, stride, 0.08, |f| {
        let exact = (-f64::from(f) / 2f64.powi(32)).exp2();
        relative_error(Fixed::power_of_half(0, f).wide(), exact)
    });
}

#[test]
fn power_of_half_against_f64() {
    sweep_power_of_half(FAR);
}

#[test]
#[ignore = "all 2^32 fractions, among them every f32 from 1/256 on: 100 s in release"]
fn power_of_half_everywhere_against_f64() {
    sweep_power_of_half(1);
}

fn sweep_logarithms(stride: usize) {
    use core::f64::consts::{LN_2, LOG2_E};
    let unit = 2f64.powi(-32);
    sweep("-log2(1 - p) / p", 0..=u32::MAX / 5, stride, 0.0018, |p| {
        let p_wide = f64::from(p) * unit;
        let exact = if p == 0 { LOG2_E } else { -(-p_wide).ln_1p() / p_wide / LN_2 };
        relative_error(minus_log2_1m_over(p) as f64 * 2f64.powi(-62), exact)
    });
    sweep("-log2(x)", 1 << 31..=u32::MAX, stride, 0.01, |x| {
        let exact = -((f64::from(x) - 2f64.powi(32)) * unit).ln_1p() / LN_2;
        relative_error(minus_log2(x) as f64 * 2f64.powi(-62), exact)
    });
    // In its own unit.
    sweep("-log2(x), coarse", 1 << 31..=u32::MAX, stride, 3.5, |x| {
        let exact = -((f64::from(x) - 2f64.powi(32)) * unit).ln_1p() / LN_2;
        (minus_log2_coarse(x) as f64 - exact * 2f64.powi(34)).abs()
    });
}

#[test]
fn logarithms_against_f64() {
    sweep_logarithms(FAR);
    // Above 1 there are few.
    let domain = (1 << 31) + 256..=EIGHT_SEVENTHS - 1;
    sweep("log2(x) above 1", domain, 256, 0.011, |x| {
        let exact =
            (f64::from(x & (u32::MAX >> 1)) / 2f64.powi(31)).ln_1p() / core::f64::consts::LN_2;
        relative_error(log2_above_one(x) as f64 * 2f64.powi(-64), exact)
    });
}

#[test]
#[ignore = "all 2^31 of them, among them every f32 from 1/2 to 1: 45 s in release"]
fn logarithms_everywhere_against_f64() {
    sweep_logarithms(1);
}

/// Of a result that is an `f32`: 1 is half of a last place. Below the normal numbers the places do not
/// get smaller.
fn rounded_error(got: f32, exact: f64) -> f64 {
    (f64::from(got) - exact).abs() / UNIT / exact.max(f32::MIN_POSITIVE.into())
}

fn sweep_odds(stride: usize) {
    type Part = (&'static str, fn(Odds<f32>) -> f32, fn(f64) -> f64);
    let parts: [Part; 3] = [
        ("1 / (1 + e^-|z|)", |odds| odds.more, |a| 1.0 / (1.0 + a)),
        ("e^-|z| / (1 + e^-|z|)", |odds| odds.less, |a| a / (1.0 + a)),
        ("ln(1 + e^-|z|)", |odds| odds.surprise, |a| a.ln_1p()),
    ];
    // Above 87 two of them are subnormal, and rounded twice: up to three quarters of a place and a little.
    for (domain, bound) in [(0.0..=87.0, 1.2), (87.0..=300.0_f32, 1.7)] {
        for (name, part, exact) in parts {
            let bits = domain.start().to_bits()..=domain.end().to_bits();
            sweep(&format!("{name}, |z| in {domain:?}"), bits, stride, bound, |bits| {
                let z = f32::from_bits(bits);
                rounded_error(part(odds(z)), exact((-f64::from(z)).exp()))
            });
        }
    }
}

#[test]
fn odds_against_f64() {
    sweep_odds(FAR);
    for z in [300.0, 1e4, f32::MAX, f32::INFINITY] {
        for z in [z, -z] {
            let odds = odds(z);
            assert_eq!([odds.more, odds.less, odds.surprise], [1.0, 0.0, 0.0], "{z}");
        }
    }
    assert!(odds(f32::NAN).probability().is_nan());
    assert!(odds(f32::NAN).cross_entropy(0.0).is_nan());
}

#[test]
#[ignore = "every f32: 3 min in release"]
fn odds_everywhere_against_f64() {
    sweep_odds(1);
}

/// Words that are anything, or begin or end with many zeros or ones.
fn words(seed: u64) -> impl Iterator<Item = u64> {
    (0..).map(move |index| {
        let (bits, choice) =
            (word(seed, Stream::Weights, index), word(!seed, Stream::Weights, index));
        let shift = choice as u32 >> 4 & 63;
        match choice & 3 {
            0 => bits,
            1 => bits >> shift,
            2 => u64::MAX >> shift,
            _ => 1 << shift | bits >> 60,
        }
    })
}

const CASES: usize = 1_000_000;

#[test]
fn ratios_against_u128() {
    let mut worst = Worst::new();
    let pairs = words(1).zip(words(2)).take(CASES);
    for (numerator, denominator) in pairs.map(|(n, d)| (n >> 1, (d >> 15).max(1))) {
        let ratio = Fixed::ratio(numerator, non_zero(denominator));
        let shift = u128::from(numerator).leading_zeros() & 127;
        let exact = (u128::from(numerator) << shift) / u128::from(denominator);
        if numerator == 0 {
            assert_eq!(ratio.mantissa, 0);
        } else {
            let error = relative_error(ratio.wide(), exact as f64 * 2f64.powi(-(shift as i32)));
            worst.look_at(error, || format!("{numerator} / {denominator}"));
        }
        if numerator <= denominator {
            assert!(ratio.wide() <= 1.0 && ratio.exponent <= -31, "{numerator} / {denominator}");
        }
    }
    worst.assert_at_most(<Fixed as Extended<f32>>::PRECISION / UNIT * 2.0, "ratio");
}

#[test]
fn scaled_ratios_keep_their_unit() {
    let top = |n: u64| n | 1 << 63;
    for (n, d) in words(3).zip(words(4)).take(CASES / 100) {
        let (n, d) = (top(n), top(d));
        for exponent in -70..=0 {
            let ratio = Fixed::scaled_ratio(n, d, exponent);
            let exact = (n as f64) / (d as f64) * 2f64.powi(exponent);
            // What is cut off is less than a unit of 2^-62.
            let error = (ratio.wide() - exact).abs();
            assert!(error <= exact * 64.0 * UNIT / 1024.0 + 2f64.powi(-62), "{n} / {d} {exponent}");
            assert!(ratio.exponent >= -62);
        }
    }
}

#[test]
fn sines_of_scaled_ratios_do_not_wrap() {
    let one = 1_u64 << 63;
    let mut previous = f64::INFINITY;
    for exponent in 0..=200 {
        let sine = Fixed::scaled_ratio(one, one, -exponent).sin_squared_quarter_turn().wide();
        let exact = (core::f64::consts::FRAC_PI_2 * 2f64.powi(-exponent)).sin().powi(2);
        assert!(sine <= previous && sine <= exact * (1.0 + UNIT), "{exponent}: {sine:e}");
        if exponent <= 31 {
            assert!(relative_error(sine, exact) <= 0.28, "{exponent}: {sine:e}");
        }
        previous = sine;
    }
    assert_eq!(previous, 0.0);
}

/// Positive finite numbers, many of them near each other, a power of two or an end of the range.
fn floats(seed: u64) -> impl Iterator<Item = f32> {
    words(seed).zip(words(!seed ^ 7)).map(|(bits, choice)| {
        let bits = bits as u32;
        let bits = match choice % 4 {
            0 => bits & 0x7fff_ffff,
            1 => bits & 0x007f_ffff,
            2 => (bits & 0x00ff_ffff) + 0x3f00_0000,
            _ => bits & 0x7f80_0001,
        };
        f32::from_bits(bits.clamp(1, f32::MAX.to_bits()))
    })
}

#[test]
fn differences_and_sums_against_f64() {
    let (mut differences, mut sums) = (Worst::new(), Worst::new());
    for (a, b) in floats(5).zip(floats(6)).take(CASES) {
        let (high, low) = (a.max(b), a.min(b));
        let difference = Fixed::difference(high, low).wide();
        let exact = f64::from(high) - f64::from(low);
        if exact == 0.0 {
            assert_eq!(difference, 0.0);
        } else {
            differences
                .look_at(relative_error(difference, exact), || format!("{high:e} - {low:e}"));
        }
        let sum = (Fixed::from_float(a) + Fixed::from_float(b)).wide();
        let exact = f64::from(high) + f64::from(low);
        sums.look_at(relative_error(sum, exact), || format!("{high:e} + {low:e}"));
    }
    differences.assert_at_most(0.01, "difference");
    sums.assert_at_most(0.01, "sum");
    for x in [0.0, 1e-45, 1.0, f32::MAX] {
        assert_eq!(Fixed::difference(x, 0.0).value(), x);
        assert_eq!(Fixed::difference(x, x).value(), 0.0);
        assert_eq!((Fixed::from_float(x) + Fixed::ZERO).value(), x);
        assert_eq!((Fixed::ZERO + Fixed::from_float(x)).value(), x);
    }
}

#[test]
fn quotients_and_floors_against_f64() {
    let (mut quotients, mut floors) = (Worst::new(), Worst::new());
    let numbers = floats(12).zip(floats(13)).zip(words(14).zip(words(15))).take(CASES);
    for ((numerator, rate), (n, d)) in numbers {
        // Of all sizes.
        let (steps, per) =
            ((n >> 32) as u32 >> (n & 31), per(((d >> 32) as u32 >> (d & 31)).max(1)));
        let quotient = Fixed::divided_by_growth(numerator, rate, steps, per).hi;
        let growth = f64::from(rate) * f64::from(steps) / f64::from(per.get());
        let exact = f64::from(numerator) / (1.0 + growth);
        // Two roundings to a float.
        quotients.look_at(rounded_error(quotient, exact), || {
            format!("{numerator:e} {rate:e} {steps} {per}")
        });

        let share = Fixed::ratio((n.min(d)) >> 32, non_zero((d >> 32).max(1)));
        let alpha = f32::from_bits(rate.to_bits() % 0x3f80_0001);
        let floor = share.above_floor(alpha, numerator).hi;
        let alpha_wide = f64::from(alpha);
        let exact = ((1.0 - alpha_wide) * share.wide() + alpha_wide) * f64::from(numerator);
        let at = || format!("{alpha:e} {numerator:e} {share:?}");
        assert!(floor.is_finite() || exact > f32::MAX.into(), "{}", at());
        if floor.is_finite() {
            floors.look_at(rounded_error(floor, exact), at);
        }
    }
    quotients.assert_at_most(2.1, "n / (1 + rate · ratio)");
    floors.assert_at_most(3.1, "((1 - alpha) · share + alpha) · peak");
}

#[test]
fn values_are_the_nearest() {
    for x in floats(7).take(CASES) {
        assert_eq!(Fixed::from_float(x).value(), x);
    }
    for (mantissa, exponent) in words(8).zip(words(9)).take(CASES) {
        let number = Fixed { mantissa: mantissa as u32, exponent: (exponent % 360) as i32 - 220 };
        let nearest = number.wide() as f32;
        let value = number.value();
        if nearest >= f32::MIN_POSITIVE {
            assert_eq!(value, nearest, "{number:?}");
        } else {
            // Rounded twice: the nearest, or the other neighbour of a number almost in the middle.
            let step = f64::from(f32::from_bits(1));
            assert!(
                (f64::from(value) - number.wide()).abs()
                    <= step * 0.5 * (1.0 + UNIT * 2f64.powi(23)),
                "{number:?}"
            );
        }
    }
    let value = |mantissa, exponent| Fixed { mantissa, exponent }.value();
    assert_eq!(value(0, 1 << 17), 0.0);
    assert_eq!(value(u32::MAX, 96), f32::INFINITY);
    assert_eq!(value(0xffff_ff00, 96), f32::MAX);
    assert_eq!(value(1 << 31, 97), f32::INFINITY);
    assert_eq!(value(1, i32::from(i16::MAX)), f32::INFINITY);
    assert_eq!(value(u32::MAX, -(1 << 17)), 0.0);
    assert_eq!(value(1, -149), f32::from_bits(1));
}

/// log2 of a number that is close to 1 too.
fn log2(x: f64) -> f64 {
    if (0.5..2.0).contains(&x) { (x - 1.0).ln_1p() / core::f64::consts::LN_2 } else { x.log2() }
}

#[track_caller]
fn look_at_power(worst: &mut Worst, got: Fixed, log: f64, at: impl Fn() -> String) {
    if log > 160.0 {
        assert_eq!(got.value(), f32::INFINITY, "{}", at());
    } else if log < -160.0 {
        assert_eq!(got.value(), 0.0, "{}", at());
    } else {
        worst.look_at(relative_error(got.wide(), log.exp2()), at);
    }
}

/// Where the powers are made in another way, and the ends of the range.
fn hostile_bases() -> impl Iterator<Item = f32> {
    let seeds = [1.0, 8.0 / 7.0, 2.0, 4.0, 0.5, 0.25, 5.0 / 8.0, 6.0 / 8.0, 7.0 / 8.0, 0.95, 1.3];
    let around = seeds.into_iter().flat_map(|x: f32| {
        (-2..=2).map(move |ulps| f32::from_bits(x.to_bits().saturating_add_signed(ulps)))
    });
    let subnormal = [1, 2, 3, 0x0040_0000, 0x007f_ffff, 0x0080_0000].map(f32::from_bits);
    around.chain(subnormal).chain([f32::MAX, 1e30, 1e-30])
}

#[test]
fn powers_of_hostile_bases() {
    let counts = [0, 1, 2, 3, 7, 100, 127, 149, 511, 512, 513, 1000, 65_535, 65_536, 16_777_217];
    let pers = [1, 2, 3, 5, 512, 1000, 1 << 31, u32::MAX - 1, u32::MAX];
    let (mut tame, mut wild) = (Worst::new(), Worst::new());
    for base in hostile_bases() {
        let log = log2(base.into());
        for per in pers.map(per) {
            let wholes = counts.into_iter().chain([1 << 31, u32::MAX]);
            let around = counts.map(|count| count.saturating_mul(per.get()));
            for steps in
                wholes.chain(around).flat_map(|n| [n.saturating_sub(1), n, n.saturating_add(1)])
            {
                let got = ONE.times_power(1.0, base, steps, per);
                let log = log * (f64::from(steps) / f64::from(per.get()));
                // Between two whole steps a ratio has 30 bits, of which a large logarithm takes some.
                let worst = if (0.25..=4.0).contains(&base) { &mut tame } else { &mut wild };
                look_at_power(worst, got, log, || format!("{base:e}^({steps} / {per})"));
            }
        }
    }
    tame.assert_at_most(0.6, "powers of 1/4 to 4");
    wild.assert_at_most(0.6, "powers of the others");
}

#[test]
fn whole_powers_of_powers_of_two_are_exact() {
    for exponent in -149..=127 {
        let base = 2f64.powi(exponent) as f32;
        for steps in 0..=600_u32 {
            let power = i64::from(exponent) * i64::from(steps);
            let exact = 2f64.powi(power.clamp(-1000, 1000) as i32) as f32;
            assert_eq!(
                ONE.times_power(1.0, base, steps, per(1)).value(),
                exact,
                "2^({exponent}·{steps})"
            );
        }
    }
    for steps in [0, 1, 511, 512, u32::MAX] {
        assert_eq!(ONE.times_power(1.0, 1.0, steps, per(3)).value(), 1.0);
    }
}

/// A place with `left` steps left of the last of `cycles` decays.
fn place(left: u32, length: u32, cycles: u32) -> Place {
    let passed = u64::from(length) * u64::from(cycles) - u64::from(left);
    let [left, length, cycles] = [left, length, cycles].map(per);
    Place { passed: passed.try_into().unwrap(), left, length, cycles }
}

/// Near both ends too.
fn places(seed: u64) -> impl Iterator<Item = Place> {
    words(seed).zip(words(!seed)).map(|(left, length)| {
        let cycles = (length >> 32) as u32;
        let length = (length as u32).max(1);
        // A cycle that is begun before u32::MAX.
        let left = match left % 3 {
            0 => length - (length >> (left >> 6 & 31)),
            1 => (left >> 32) as u32,
            _ => length.saturating_sub((left >> 48) as u32),
        };
        place(left.clamp(1, length), length, (cycles % (u32::MAX / length)).max(1))
    })
}

/// log2 of the share that is left, from what has passed where that is little.
fn log2_of_rest(place: Place) -> f64 {
    let whole = f64::from(place.length.get()) * f64::from(place.cycles.get());
    if place.passed < place.left.get() {
        (-f64::from(place.passed) / whole).ln_1p() / core::f64::consts::LN_2
    } else {
        (f64::from(place.left.get()) / whole).log2()
    }
}

#[test]
fn shares_against_u128() {
    let mut worst = Worst::new();
    for place in places(11).take(CASES) {
        let whole = u128::from(place.length.get()) * u128::from(place.cycles.get());
        for share in [place.left(), place.passed()] {
            let part = share.part;
            let share = <Fixed as Extended<f32>>::share(share);
            let at = || format!("{part} of {whole}");
            if part == 0 {
                assert_eq!(share.mantissa, 0);
            } else {
                let exact = ((u128::from(part) << 90) / whole) as f64 * 2f64.powi(-90);
                worst.look_at(relative_error(share.wide(), exact), at);
                assert!(share.wide() <= 1.0, "{}", at());
            }
        }
    }
    worst.assert_at_most(0.06, "share");
}

#[test]
fn powers_of_the_rest_against_f64() {
    let tiny = [f32::from_bits(1), f32::MIN_POSITIVE, 1e-10, 1e-3];
    let small = [0.5, 0.9, 1.0, 1.5, 2.0, 3.0, 10.0];
    let large = [30.0, 100.0, 1e4, 1e7, 1e14, 1e30];
    let sets: [(&[f32], f64, f64); 3] =
        [(&tiny, 0.03, 0.9), (&small, 0.4, 0.9), (&large, 3.0, 0.9)];
    for (powers, bound, rising_bound) in sets {
        let (mut falling, mut rising) = (Worst::new(), Worst::new());
        for (place, &power) in places(10).zip(powers.iter().cycle()).take(CASES) {
            let at = || format!("{power:e} of {place:?}");
            let log = log2_of_rest(place) * f64::from(power);
            look_at_power(&mut falling, ONE.times_power_of_rest(place, power), log, at);
            let exact = -(log * core::f64::consts::LN_2).exp_m1();
            let got = one_minus_power_of_rest(place, power).wide();
            if exact == 0.0 {
                assert_eq!(got, 0.0, "{}", at());
            } else {
                rising.look_at(relative_error(got, exact), at);
            }
        }
        falling.assert_at_most(bound, &format!("left^power for powers of {powers:?}"));
        rising.assert_at_most(rising_bound, &format!("1 - left^power for powers of {powers:?}"));
    }
}

#[test]
fn any_power_of_one_is_one() {
    for length in (0..32).map(|bits| 1 << bits) {
        for power in (-149..=127).map(|exponent| 2f64.powi(exponent) as f32) {
            let start = place(length, length, 1);
            let at = format!("({length} / {length})^{power:e}");
            assert_eq!(ONE.times_power_of_rest(start, power).value(), 1.0, "{at}");
            let passed: Fixed = one_minus_power_of_rest(start, power);
            assert_eq!(passed.value(), 0.0, "{at}");
        }
    }
}

#[test]
fn parameters_out_of_range_do_not_look_like_a_result() {
    let not_positive = [-1.0, -1e-45, f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
    for x in not_positive {
        assert!(Fixed::from_float(x).value().is_nan());
        assert!((Fixed::from_float(x) + ONE).value().is_nan());
        for base in [0.5, 1e-30, f32::from_bits(1)] {
            for steps in [0, 1, 511, 512, u32::MAX] {
                let got = ONE.times_power(x, base, steps, per(1)).value();
                assert!(got.is_nan(), "{x}·{base:e}^{steps}");
            }
        }
        for base in [x, 0.0, -0.0] {
            assert!(ONE.times_power(1.0, base, 5, per(2)).value().is_nan());
            let place = place(3, 7, 1);
            assert!(ONE.times_power_of_rest(place, base).value().is_nan());
            assert!(one_minus_power_of_rest(place, base).value().is_nan());
        }
    }
}
