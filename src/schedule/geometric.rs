//! Where a step lies among cycles whose lengths grow by a constant factor.
//!
//! Cycle n begins at Sₙ = first · (1 + t + ... + tⁿ⁻¹). The textbook inverts that with a logarithm and
//! rounds; next to a restart the logarithm rounds to the wrong side, and a whole cycle is lost. Here the
//! answer comes from the sum itself, Sₙ <= step < Sₙ₊₁, or from logarithms that know how far they are off.

use core::num::{NonZeroU32, NonZeroU64};

use crate::extended::Extended;
use crate::float::Float;

/// The cycle that a step lies in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cycle<F: Float> {
    /// Counted from 0.
    pub(super) index: u32,
    /// The share of the cycle that is left: 1 at its start, towards 0 at its end.
    pub(super) left: F::Extended,
}

/// The cycle of `step` where every cycle is twice as long as the one before it.
#[cfg_attr(feature = "lean", inline(always))]
pub(super) fn doubling<F: Float>(step: u32, first: NonZeroU32) -> Cycle<F> {
    // Sₙ = first · (2ⁿ - 1), so 2ⁿ is the largest power of two up to step / first + 1.
    // The last step of all, with a `first` of 1, is the start of cycle 32.
    let Some(reach) = (step / first).checked_add(1) else {
        return Cycle { index: u32::BITS, left: F::Extended::one() };
    };
    let index = reach.ilog2();
    // 2ⁿ⁺¹ may wrap to 0; the difference is right all the same.
    let firsts_left = (1_u32 << index).wrapping_mul(2).wrapping_sub(reach);
    let left = u64::from(firsts_left) * u64::from(first.get()) - u64::from(step % first);
    Cycle { index, left: F::Extended::ratio(left, first.into()).halved(index) }
}

/// The cycle of `step` where cycles grow by the factor `t`; `None` if that is below 1 or not finite. What is left of it has all the digits
/// of its type, also at its end, where restarts fall on steps or `all_digits` asks for them.
pub(super) fn locate<F: Float>(
    step: u32,
    first: NonZeroU32,
    t: F,
    all_digits: bool,
) -> Option<Cycle<F>> {
    /// Above this, lengths outgrow what [`Extended::ratio`] takes.
    const LARGEST: u64 = 1 << 15;
    if !(t >= F::one() && t.is_finite()) {
        return None;
    }
    let whole = t.saturating_u64();
    let is_whole = F::nearest_u64(whole) == t;
    if !is_whole || whole > LARGEST {
        return Some(match first_cycle(step, first) {
            Some(cycle) => cycle,
            None if is_whole || all_digits => by_sums(step, first, t),
            None => fractional(step, first, t),
        });
    }
    let firsts = u64::from(step / first);
    if whole == 1 {
        return Some(integral(step, first, step / first, firsts, 1));
    }
    // In units of `first`, the start and the length of a cycle; at most 33 rounds.
    let (mut index, mut start, mut length) = (0, 0_u64, 1_u64);
    loop {
        let next = start.saturating_add(length);
        if next > firsts {
            return Some(integral(step, first, index, start, length));
        }
        index += 1;
        start = next;
        length = length.saturating_mul(whole);
    }
}

/// `start` and `length` of the cycle are in units of `first`.
#[cfg_attr(feature = "lean", inline(always))]
fn integral<F: Float>(
    step: u32,
    first: NonZeroU32,
    index: u32,
    start: u64,
    length: u64,
) -> Cycle<F> {
    let first = NonZeroU64::from(first);
    let end = start.saturating_add(length).saturating_mul(first.get());
    let length = NonZeroU64::new(length).unwrap_or(NonZeroU64::MIN).saturating_mul(first);
    let left = end.saturating_sub(u64::from(step));
    Cycle { index, left: F::Extended::ratio(left, length) }
}

/// The cycle of a `step` up to the first restart, which falls on a step whatever the factor.
#[cfg_attr(feature = "lean", inline(always))]
fn first_cycle<F: Float>(step: u32, first: NonZeroU32) -> Option<Cycle<F>> {
    let left = first.get().checked_sub(step)?;
    Some(match left {
        0 => Cycle { index: 1, left: F::Extended::one() },
        _ => Cycle { index: 0, left: F::Extended::ratio(left.into(), first.into()) },
    })
}

/// The cycle of a later `step` for a `t` that is above 1 and finite.
#[cfg_attr(feature = "lean", inline(always))]
fn fractional<F: Float>(step: u32, first: NonZeroU32, t: F) -> Cycle<F> {
    match F::Extended::growing_cycle(step, first, t) {
        Some((index, left)) => Cycle { index, left },
        None => by_sums(step, first, t),
    }
}

/// The same from the sums of the lengths themselves.
///
/// Sₙ = first · (tⁿ - 1)/(t - 1), so where step · (t - 1) lies among first · (tⁿ - 1) tells the cycle, without a quotient.
/// A logarithm gives a first guess, which is moved until the step lies inside.
#[cfg_attr(feature = "lean", inline(never))]
fn by_sums<F: Float>(step: u32, first: NonZeroU32, t: F) -> Cycle<F> {
    /// The guess after the second is off by a cycle at the most, so this leaves room.
    const GUESSES: u32 = 8;
    // The cycles within `lengths` of the first of them.
    let cycles_within = |lengths: F::Extended| count::<F>(lengths.terms_of_series(t - F::one()));
    let mut index = cycles_within(F::Extended::ratio(step.into(), first.into()));

    let (first, factor) = (Wide::from(first.get()), Wide::from_float(t));
    let gain = factor.minus(Wide::from(1));
    let place = gain.times_short(Wide::from(step));
    for _ in 0..GUESSES {
        let mut growth = power_less_one(factor, gain, index);
        let mut spare = true;
        let end = loop {
            let next = growth.times_short(factor).plus(gain);
            let end = next.times_short(first);
            if !(spare && place.is_at_least(end)) {
                break end;
            }
            // One too few, as the guess may be.
            spare = false;
            index = index.saturating_add(1);
            growth = next;
        };
        let start = growth.times_short(first);
        // The longest of all up to it, so that few digits of the two cancel.
        let length = end.minus(start);
        let (too_far, too_near) = (!place.is_at_least(start), place.is_at_least(end));
        let (large, small) = match (too_far, too_near) {
            (true, _) => (start, place),
            (_, true) => (place, start),
            _ => (end, place),
        };
        let lengths = large.minus(small).over::<F>(length);
        if too_far {
            // Earlier cycles are shorter, so this many at the least.
            index = index.saturating_sub(count::<F>(lengths).max(1));
        } else if too_near {
            index = index.saturating_add(cycles_within(lengths).max(1));
        } else {
            return Cycle { index, left: lengths };
        }
    }
    Cycle { index, left: F::Extended::one() }
}

/// A whole number of cycles; 1 where a huge `t` has overflowed the estimate.
fn count<F: Float>(cycles: F::Extended) -> u32 {
    let cycles = cycles.value();
    if cycles.is_finite() { u32::try_from(cycles.saturating_u64()).unwrap_or(u32::MAX) } else { 1 }
}

/// tⁿ - 1, where `gain` is t - 1.
///
/// By doubling n, bit by bit from the top: fewer than 32 rounds, sums and products of positive numbers
/// only, so nothing cancels.
fn power_less_one(t: Wide, gain: Wide, n: u32) -> Wide {
    let two = Wide::from(2);
    let Some(bits) = n.checked_ilog2() else { return Wide::ZERO };
    let mut growth = gain;
    for bit in (0..bits).rev() {
        growth = growth.times(growth.plus(two));
        if n >> bit & 1 == 1 {
            growth = growth.times_short(t).plus(gain);
        }
    }
    growth
}

const HALF: u32 = u64::BITS;

/// The whole product.
fn long(a: u64, b: u64) -> u128 {
    u128::from(a) * u128::from(b)
}

/// A number that is not negative, `significand · 2^exponent`, with 128 bits: enough for four billion
/// cycles, and exact where a sum of few bits falls on a step.
#[derive(Debug, Clone, Copy)]
struct Wide {
    /// 0, or with its top bit set.
    significand: u128,
    exponent: i32,
}

impl Wide {
    const ZERO: Self = Self { significand: 0, exponent: 0 };

    /// Shifts the top bit into place.
    fn normalised(significand: u128, exponent: i32) -> Self {
        let shift = significand.leading_zeros();
        match significand.checked_shl(shift) {
            Some(significand) => {
                Self { significand, exponent: exponent.saturating_sub(shift as i32) }
            }
            None => Self::ZERO,
        }
    }

    /// A positive finite number, exactly.
    fn from_float<F: Float>(value: F) -> Self {
        let (significand, exponent, _) = value.integer_decode();
        Self::normalised(u128::from(significand), i32::from(exponent))
    }

    /// The product, its lowest bits cut off.
    fn times(self, other: Self) -> Self {
        let ((a_high, a_low), (b_high, b_low)) = (self.halves(), other.halves());
        let middle = (long(a_low, b_low) >> HALF)
            + (long(a_high, b_low) & u128::from(u64::MAX))
            + (long(a_low, b_high) & u128::from(u64::MAX));
        let high = long(a_high, b_high)
            + (long(a_high, b_low) >> HALF)
            + (long(a_low, b_high) >> HALF)
            + (middle >> HALF);
        self.product(other, high)
    }

    /// The same for an `other` whose significand has no more than 64 bits.
    fn times_short(self, other: Self) -> Self {
        let ((a_high, a_low), (short, _)) = (self.halves(), other.halves());
        self.product(other, long(a_high, short) + (long(a_low, short) >> HALF))
    }

    fn halves(self) -> (u64, u64) {
        ((self.significand >> HALF) as u64, self.significand as u64)
    }

    /// From the upper half of the product of the significands.
    fn product(self, other: Self, high: u128) -> Self {
        let exponent = self.exponent.saturating_add(other.exponent);
        // Two top bits make a product of 127 or 128 bits; the lost one is below the 127th.
        if high >> (u128::BITS - 1) == 0 {
            Self { significand: high << 1, exponent: exponent.saturating_add(127) }
        } else {
            Self { significand: high, exponent: exponent.saturating_add(128) }
        }
    }

    #[inline(never)]
    fn plus(self, other: Self) -> Self {
        if self.is_at_least(other) { self.plus_smaller(other) } else { other.plus_smaller(self) }
    }

    /// The sum with a number that is not larger.
    fn plus_smaller(self, other: Self) -> Self {
        if other.significand == 0 {
            return self;
        }
        let (sum, carry) = self.significand.overflowing_add(other.aligned(self.exponent));
        if carry {
            let significand = sum >> 1 | 1 << (u128::BITS - 1);
            Self { significand, exponent: self.exponent.saturating_add(1) }
        } else {
            Self { significand: sum, exponent: self.exponent }
        }
    }

    /// The difference to a number that is not larger.
    fn minus(self, other: Self) -> Self {
        let significand = self.significand.wrapping_sub(other.aligned(self.exponent));
        Self::normalised(significand, self.exponent)
    }

    /// The significand for a larger exponent, its lowest bits cut off.
    fn aligned(self, exponent: i32) -> u128 {
        let shift = exponent.saturating_sub(self.exponent).unsigned_abs();
        self.significand.checked_shr(shift).unwrap_or(0)
    }

    fn is_at_least(self, other: Self) -> bool {
        other.significand == 0
            || (self.significand != 0
                && (self.exponent, self.significand) >= (other.exponent, other.significand))
    }

    /// The quotient in floating point.
    fn over<F: Float>(self, other: Self) -> F::Extended {
        let exponent = self.exponent.saturating_sub(other.exponent);
        // Half of their digits are more than enough.
        F::Extended::scaled_ratio(self.halves().0, other.halves().0, exponent)
    }
}

impl From<u32> for Wide {
    fn from(n: u32) -> Self {
        Self::normalised(u128::from(n), 0)
    }
}

#[cfg(test)]
mod tests {
    use core::ops::RangeInclusive;
    use std::format;

    use num_bigint::BigUint;
    use num_traits::ToPrimitive;

    use super::*;
    use crate::float::Kernel;
    use crate::threefry::{Stream, word};

    const FIRSTS: [u32; 7] = [1, 2, 3, 7, 10, 1000, 1_000_000];

    /// How far a share may be off that comes from logarithms; from sums it has all the digits that its type has.
    const BY_LOGARITHMS: f64 = 0.6 / (1 << 24) as f64;

    /// Every cycle that begins at or before `u32::MAX`, by the recursion, exactly: `t` is
    /// `significand / 2^exponent`, so in cycle n a unit is 2^(-n·exponent).
    struct Recursion {
        significand: BigUint,
        exponent: u32,
        index: u32,
        start: BigUint,
        length: BigUint,
    }

    impl Recursion {
        fn new<F: Float>(first: u32, t: F) -> Self {
            let (mut significand, exponent, _) = t.integer_decode();
            let zeros = significand.trailing_zeros();
            significand >>= zeros;
            let exponent = i32::from(exponent) + zeros as i32;
            Self {
                significand: BigUint::from(significand) << exponent.max(0),
                exponent: exponent.min(0).unsigned_abs(),
                index: 0,
                start: BigUint::ZERO,
                length: first.into(),
            }
        }

        fn next(&mut self) {
            self.start = (&self.start + &self.length) << self.exponent;
            self.length *= &self.significand;
            self.index += 1;
        }

        /// `step` in units of this cycle.
        fn units(&self, step: u32) -> BigUint {
            BigUint::from(step) << (u64::from(self.index) * u64::from(self.exponent))
        }

        fn begins_by(&self, step: u32) -> bool {
            self.start <= self.units(step)
        }

        /// The steps around the end of this cycle, as far as they lie in it or in the next one.
        fn neighbours_of_the_end(&self) -> RangeInclusive<u32> {
            let end =
                (&self.start + &self.length) >> (u64::from(self.index) * u64::from(self.exponent));
            let end = end.to_u32().unwrap_or(u32::MAX);
            end.saturating_sub(2)..=end.saturating_add(2)
        }

        /// The share that is left of this cycle at `step`, to 120 bits.
        fn left(&self, step: u32) -> f64 {
            let left = &self.start + &self.length - self.units(step);
            let fraction = (left << 120_u32) / &self.length;
            fraction.to_f64().unwrap() * 2f64.powi(-120)
        }
    }

    /// Compares `locate` with the recursion around every restart; returns how many there were.
    fn check<F: Float + Into<f64>>(first: u32, t: F, limit: u32) -> u32 {
        let length = NonZeroU32::new(first).unwrap();
        let mut cycle = Recursion::new(first, t);
        let mut next = Recursion::new(first, t);
        next.next();
        while cycle.begins_by(u32::MAX) && cycle.index < limit {
            for step in cycle.neighbours_of_the_end() {
                let exact = if next.begins_by(step) { &next } else { &cycle };
                if !exact.begins_by(step) || exact.units(step) >= &exact.start + &exact.length {
                    continue; // a cycle so short that its neighbours lie beyond the next one
                }
                let look_at = |found: Cycle<F>, bound: f64| {
                    let place = format!("first {first}, t {t:?}, step {step}");
                    assert_eq!(found.index, exact.index, "{place}");
                    let error = (found.left.wide() - exact.left(step)).abs();
                    assert!(error <= bound, "{place}: off by {error:e}");
                };
                let floor = f64::max(F::Extended::PRECISION * 2f64.powi(-32), 2f64.powi(-80));
                let bound = exact.left(step) * F::Extended::PRECISION + floor;
                look_at(locate(step, length, t, true).unwrap(), bound);
                let by_logarithms = F::Extended::growing_cycle(step, length, t);
                if step > first && t.fract() != F::zero() && by_logarithms.is_some() {
                    look_at(locate(step, length, t, false).unwrap(), BY_LOGARITHMS);
                }
            }
            cycle.next();
            next.next();
        }
        cycle.index
    }

    #[test]
    fn whole_factors_follow_the_recursion() {
        let mut restarts = 0;
        for first in FIRSTS {
            for t in [2, 3, 4, 10, 1000, 32_768, 32_769, 1 << 24] {
                restarts += check(first, t as f32, u32::MAX) + check(first, f64::from(t), u32::MAX);
            }
            // Billions of cycles of one length: the first ones here, the last ones below.
            restarts += check(first, 1.0_f32, 1000);
        }
        assert!(restarts > 1000, "{restarts}");
        let last = locate::<f32>(u32::MAX, NonZeroU32::new(7).unwrap(), 1.0, true).unwrap();
        assert_eq!(last.index, u32::MAX / 7);
    }

    #[test]
    fn fractional_factors_follow_the_recursion() {
        for first in FIRSTS {
            for t in [1.01, 1.1, 1.25, 1.5, 2.5] {
                check(first, t, u32::MAX);
                check(first, t as f32, u32::MAX);
            }
        }
    }

    #[test]
    fn random_factors_follow_the_recursion() {
        for index in 0..200 {
            let unit = f64::unit(word(2016, Stream::Weights, index));
            // From 1.02 to 10.02, most of them small, where the cycles are many.
            let t = 1.02 + 9.0 * unit * unit * unit;
            for first in FIRSTS {
                check(first, t, u32::MAX);
                check(first, t as f32, u32::MAX);
            }
        }
    }

    #[test]
    fn doubling_is_a_factor_of_two() {
        let last = doubling::<f32>(u32::MAX, NonZeroU32::MIN);
        assert_eq!((last.index, last.left.wide()), (32, 1.0));
        for first in FIRSTS.map(|first| NonZeroU32::new(first).unwrap()) {
            for exponent in 0..32 {
                for step in [(1_u32 << exponent) - 1, 1 << exponent, u32::MAX >> exponent] {
                    let fast = doubling::<f64>(step, first);
                    let slow = locate::<f64>(step, first, 2.0, true).unwrap();
                    assert_eq!(fast.index, slow.index);
                    assert_eq!(fast.left.wide(), slow.left.wide());
                }
            }
        }
    }

    /// The factor that is nearest to 1 has the most cycles, and the largest one the fewest.
    #[test]
    fn extreme_factors_find_their_cycle_within_the_guesses() {
        let one = NonZeroU32::MIN;
        for t in [1.0 + f32::EPSILON, 1.0 + 4.0 * f32::EPSILON, 1.000_1] {
            for step in [0, 1, 2, 1000, 1 << 20, 1 << 24, 4_000_000_000, u32::MAX] {
                let cycle = locate(step, one, t, true).unwrap();
                // Sₙ = (tⁿ - 1)/(t - 1), in f64: within a few parts in 2^40 for n below 2^32.
                let growth = f64::from(t) - 1.0;
                let start = |n: u32| libm::expm1(f64::from(n) * libm::log1p(growth)) / growth;
                let (low, high) = (start(cycle.index), start(cycle.index.saturating_add(1)));
                let slack = f64::from(step) * 2f64.powi(-38);
                assert!(low <= f64::from(step) + slack, "t {t}, step {step}: {low}");
                assert!(high >= f64::from(step) - slack, "t {t}, step {step}: {high}");
                let left = cycle.left.wide();
                assert!(left > 0.0 && left <= 1.0);
            }
        }
        for t in [f32::MAX, 1e20] {
            assert_eq!(locate(0, one, t, true).unwrap().index, 0);
            assert_eq!(
                [1, 2, u32::MAX].map(|step| locate(step, one, t, true).unwrap().index),
                [1; 3]
            );
        }
        assert_eq!(locate(u32::MAX, one, f64::MAX, true).unwrap().index, 1);
    }

    /// A guess that is one too many costs a second sum, one too few only a term.
    #[test]
    fn terms_of_a_series_are_about_right_and_rather_too_few() {
        fn check<F: Float + Into<f64>>() {
            let digits = F::epsilon().max(F::power_of_two(-30)).into();
            for gain in
                [0.01, 0.1, 0.142, 0.143, 0.5, 1.5, 9.0, 1e6].map(|gain| F::from(gain).unwrap())
            {
                let wide: f64 = gain.into();
                for shift in 0..32 {
                    let lengths = u32::MAX >> shift;
                    let exact = libm::log1p(f64::from(lengths) * wide) / libm::log1p(wide);
                    let terms = F::Extended::from_step(lengths).terms_of_series(gain).wide();
                    let error = terms / exact - 1.0;
                    assert!(
                        error < 0.0 && error > -256.0 * digits,
                        "{lengths}, {gain:?}: {error:e}"
                    );
                }
            }
        }
        check::<f32>();
        check::<f64>();
    }

    #[test]
    fn wide_products_and_sums_keep_their_leading_bits() {
        let third = Wide { significand: (u128::MAX / 3) << 1, exponent: -129 };
        let product = third.times(Wide::from(3)).over::<f64>(Wide::from(1));
        assert_eq!(product.value(), 1.0);
        let sum = Wide::from(u32::MAX).plus(Wide::from(1));
        assert_eq!((sum.significand, sum.exponent), (1 << 127, 32 - 127));
        let [three, four] = [3, 4].map(Wide::from);
        assert!(four.is_at_least(three) && four.is_at_least(four) && !three.is_at_least(four));
        assert_eq!(
            [four.minus(three), four.minus(four)].map(|n| n.over::<f64>(four).value()),
            [0.25, 0.0]
        );
    }
}
