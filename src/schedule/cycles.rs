//! Where a step lies among cycles whose lengths grow by a constant factor.
//!
//! Cycle n begins at Sₙ = first · (1 + t + ... + tⁿ⁻¹). The textbook inverts that with a logarithm
//! and rounds; near a restart the logarithm rounds to the wrong side, and a whole cycle is lost.
//! Here the cycles are counted in integers or in fixed-point arithmetic.

use core::num::NonZeroU32;
use core::ops::{Add, Sub};

use crate::arithmetic::Fraction;
use crate::error::{self, Error};
use crate::float::Float;

/// Fraction bits of t - 1.
const GAIN_BITS: u32 = 52;

/// The factors of [`growing`]: the smallest bounds the number of cycles, the largest their length.
/// A factor above the largest counts as the largest.
const SMALLEST: f32 = 1.01;
const LARGEST: u32 = 2048;

/// The cycle that a step lies in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cycle {
    /// Counted from 0.
    pub(super) index: u32,
    /// The fraction of the cycle that remains: 1 at its start, towards 0 at its end.
    pub(super) remaining: Fraction,
}

impl Cycle {
    #[inline]
    pub(super) fn is_at_start(self) -> bool {
        self.remaining.numerator == self.remaining.denominator
    }
}

/// Where every cycle takes `length` steps.
#[inline]
pub(super) fn equal(step: u32, length: NonZeroU32) -> Cycle {
    let remaining = length.get() - step % length;
    Cycle { index: step / length, remaining: Fraction::new(remaining, length.get()) }
}

/// Where `cycles` of equal length take `steps` together. From `steps` on it is the end of the last
/// cycle.
#[inline]
pub(super) fn within(step: u32, steps: NonZeroU32, cycles: NonZeroU32) -> Cycle {
    if step >= steps.get() {
        return Cycle { index: cycles.get() - 1, remaining: Fraction::new(0, 1) };
    }
    // step · cycles / steps as a long division: the compiler's 64-bit division takes a kilobyte of
    // flash on an M0.
    let mut elapsed = u64::from(step) * u64::from(cycles.get());
    let mut index = 0;
    for bit in (0..u32::BITS).rev() {
        if let Some(remainder) = elapsed.checked_sub(u64::from(steps.get()) << bit) {
            (index, elapsed) = (index | 1 << bit, remainder);
        }
    }
    let elapsed = Fraction { numerator: elapsed, denominator: steps.get().into() };
    Cycle { index, remaining: elapsed.complement() }
}

/// Where every cycle is twice as long as the one before it.
#[inline]
pub(super) fn doubling(step: u32, first: NonZeroU32) -> Cycle {
    // Sₙ = first · (2ⁿ - 1), so 2ⁿ is the largest power of two up to step / first + 1. The last
    // step of all, with a `first` of 1, is the start of cycle 32.
    let Some(reach) = (step / first).checked_add(1) else {
        return Cycle { index: u32::BITS, remaining: Fraction::new(1, 1) };
    };
    let index = reach.ilog2();
    let first = u64::from(first.get());
    let denominator = first * u64::from(1_u32 << index);
    let numerator = 2 * denominator - first - u64::from(step);
    Cycle { index, remaining: Fraction { numerator, denominator } }
}

/// Where every cycle is longer than the one before it by the factor `t`; `None` unless that is at
/// least [`SMALLEST`].
///
/// In fixed-point arithmetic. Truncation only makes lengths smaller. A start that is a step is not
/// truncated, since then every start before it is an integer, too. So a restart on a step stays on
/// it.
#[inline(never)]
pub(super) fn growing<F: Float>(step: u32, first: NonZeroU32, t: F) -> Option<Cycle> {
    if !is_growth(t) {
        return None;
    }
    let (significand, exponent, _) = t.min(F::from_step(LARGEST)).integer_decode();
    let gain = (significand << (i32::from(exponent) + GAIN_BITS as i32)) - (1 << GAIN_BITS);
    let first = first.get();
    if F::SIGNIFICAND_BITS < 32 && gain >> GAIN_BITS == 0 {
        let (index, numerator, denominator) = walk_quickly(step, first, gain);
        // Truncation makes a start too early by up to 2^-24 of its cycle. If the step is that close
        // to the start, the walk with more bits decides.
        if denominator - numerator >= denominator >> 24 {
            return Some(Cycle { index, remaining: Fraction { numerator, denominator } });
        }
    }
    let (step, first) = (u128::from(step) << 64, u128::from(first) << 64);
    let (index, start, length) = walk(step, 0, first, |start| {
        let (high, low) = ((start >> 64) as u64, start as u64);
        let product = |a: u64| u128::from(a) * u128::from(gain);
        (product(high) << (64 - GAIN_BITS)) + (product(low) >> GAIN_BITS)
    });
    // The leading 64 bits are enough.
    let shift = 64_u32.saturating_sub(length.leading_zeros());
    let [numerator, denominator] = [length - (step - start), length].map(|n| (n >> shift) as u64);
    Some(Cycle { index, remaining: Fraction { numerator, denominator } })
}

/// The index of the cycle that `step` lies in, its remaining steps and its length, with 31 fraction
/// bits, for a gain that has at most 32.
#[inline]
fn walk_quickly(step: u32, first: u32, gain: u64) -> (u32, u64, u64) {
    let (mut index, mut start) = (0, 0);
    let (wide_step, wide_first) = (u64::from(step) << 31, u64::from(first) << 31);
    if gain >> (GAIN_BITS - 3) == 0 && first < step >> 6 {
        // From s, n cycles lead to Sₙ + tⁿ·s. Eight of them are one jump: sum and growth come from
        // three doublings of one cycle. With t < 9/8 and first < step / 64 both fit in 64 bits.
        let (mut sum, mut growth) = (wide_first, gain);
        for _ in 0..3 {
            sum = 2 * sum + times(sum, growth);
            growth = 2 * growth + times(growth, growth);
        }
        let (jumps, reached, _) = walk(wide_step, 0, sum, |start| times(start, growth));
        (index, start) = (8 * jumps, reached);
    }
    let gain = gain >> (GAIN_BITS - 32);
    let times_gain = |start| (start >> 32) * gain + (((start & 0xffff_ffff) * gain) >> 32);
    let (count, start, length) = walk(wide_step, start, wide_first, times_gain);
    (index + count, length - (wide_step - start), length)
}

/// A start, or a gain, times a gain.
fn times(start: u64, gain: u64) -> u64 {
    ((u128::from(start) * u128::from(gain)) >> GAIN_BITS) as u64
}

/// Walks from `start` to the cycle that contains `step`. Returns the number of cycles walked, and
/// the start and the length of the last. The length of a cycle that begins at s is
/// first + (t - 1)·s.
#[inline]
fn walk<T: Copy + PartialOrd + Add<Output = T> + Sub<Output = T>>(
    step: T,
    mut start: T,
    first: T,
    times_gain: impl Fn(T) -> T,
) -> (u32, T, T) {
    let mut count = 0;
    loop {
        let length = first + times_gain(start);
        if length > step - start {
            return (count, start, length);
        }
        (count, start) = (count + 1, start + length);
    }
}

/// Whether a factor is large enough for [`growing`].
fn is_growth<F: Float>(t: F) -> bool {
    F::from(SMALLEST).is_some_and(|smallest| t >= smallest)
}

/// `Ok` where `t` is 1 or a factor of [`growing`].
pub(super) fn check_growth<F: Float>(name: &'static str, t: F) -> Result<(), Error> {
    error::finite(name, t)?;
    if t != F::ONE && !is_growth(t) {
        Err(Error::TooSmall(name))
    } else if t > F::from_step(LARGEST) {
        Err(Error::AboveUpper(name))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;
    use num_traits::ToPrimitive;

    use super::*;
    use crate::arithmetic::threefry::{Stream, word};
    use crate::arithmetic::{Arithmetic, Fraction};

    const FIRSTS: [u32; 7] = [1, 2, 3, 7, 10, 1000, 1_000_000];

    /// A cycle by the recursion of the lengths: `t` is `significand / 2^exponent`, so that in cycle
    /// n all numbers are integers in units of 2^(-n·exponent).
    struct Recursion {
        significand: u64,
        exponent: u32,
        index: u32,
        start: BigUint,
        length: BigUint,
    }

    impl Recursion {
        fn new<F: Float>(first: u32, t: F) -> Self {
            let (significand, exponent, _) = t.integer_decode();
            let zeros = significand.trailing_zeros();
            let exponent = -(i32::from(exponent) + zeros as i32);
            let (up, exponent) = (exponent.min(0).unsigned_abs(), exponent.max(0).unsigned_abs());
            let significand = significand >> zeros << up;
            Self { significand, exponent, index: 0, start: BigUint::ZERO, length: first.into() }
        }

        fn next(&self) -> Self {
            let start = (&self.start + &self.length) << self.exponent;
            let length = &self.length * self.significand;
            Self { index: self.index + 1, start, length, ..*self }
        }

        fn bits(&self) -> u64 {
            u64::from(self.index) * u64::from(self.exponent)
        }

        /// The last step at or before the start, if a `u32` holds it.
        fn first_step(&self) -> Option<u32> {
            (&self.start >> self.bits()).to_u32()
        }

        /// The remaining fraction at `step`, if that lies in this cycle.
        fn remaining(&self, step: u32) -> Option<f64> {
            let step = BigUint::from(step) << self.bits();
            let end = &self.start + &self.length;
            if step < self.start || step >= end {
                return None;
            }
            let fraction = ((end - step) << 120_u32) / &self.length;
            Some(fraction.to_f64().unwrap() * 2f64.powi(-120))
        }
    }

    fn number(Fraction { numerator, denominator }: Fraction) -> f64 {
        numerator as f64 / denominator as f64
    }

    /// Compares the steps next to the start of every cycle with the recursion.
    fn check<F: Float>(first: u32, t: F) -> u32 {
        let mut cycle = Recursion::new(first, t);
        while let Some(start) = cycle.first_step() {
            let next = cycle.next();
            let end = next.first_step().unwrap_or(u32::MAX);
            for step in (start..=start.saturating_add(2)).chain(end.saturating_sub(1)..=end) {
                let Some(exact) = cycle.remaining(step) else { continue };
                let found = growing(step, NonZeroU32::new(first).unwrap(), t).unwrap();
                assert_eq!(found.index, cycle.index, "first {first}, t {t:?}, step {step}");
                let error = (number(found.remaining) - exact).abs();
                // In units of the cycle, and so of the peak.
                let bound = if F::SIGNIFICAND_BITS < 32 { 2f64.powi(-24) } else { 2f64.powi(-52) };
                assert!(error <= bound, "first {first}, t {t:?}, step {step}: {error:e}");
                assert_eq!(found.is_at_start(), exact == 1.0);
            }
            cycle = next;
        }
        cycle.index
    }

    #[test]
    fn cycles_follow_the_recursion() {
        let random = (0..100).map(|index| {
            let unit = f64::unit(word(2016, Stream::Weights, index));
            // Most of them small, where the cycles are many.
            1.02 + 9.0 * unit * unit * unit
        });
        let mut restarts = 0;
        let factors = [1.01, 1.1, 1.25, 1.5, 2.0, 2.5, 3.0, 10.0, 1000.0, 2047.75, 2048.0];
        for t in factors.into_iter().chain(random) {
            for first in FIRSTS {
                restarts += check(first, t) + check(first, t as f32);
            }
        }
        assert!(restarts > 100_000, "{restarts}");
    }

    #[test]
    fn factors_out_of_range() {
        let longest = growing(u32::MAX, NonZeroU32::MIN, SMALLEST).unwrap();
        assert_eq!(longest.index, 1766);
        for t in [1.009_f32, 1.0, 0.0, -2.0, f32::NAN] {
            assert!(growing(5, NonZeroU32::MIN, t).is_none(), "{t}");
        }
        // A larger factor counts as the largest.
        for t in [1e6, 1e30, f32::INFINITY] {
            let cycle = growing(2048, NonZeroU32::MIN, t).unwrap();
            assert_eq!((cycle.index, number(cycle.remaining)), (1, 1.0 / 2048.0));
        }
    }

    #[test]
    fn doubling_is_a_factor_of_two() {
        let last = doubling(u32::MAX, NonZeroU32::MIN);
        assert!(last.index == 32 && last.is_at_start());
        for first in FIRSTS.map(|first| NonZeroU32::new(first).unwrap()) {
            for exponent in 0..32 {
                for step in [(1_u32 << exponent) - 1, 1 << exponent, u32::MAX >> exponent] {
                    let (fast, slow) = (doubling(step, first), growing(step, first, 2.0).unwrap());
                    assert_eq!(fast.index, slow.index);
                    assert_eq!(number(fast.remaining), number(slow.remaining));
                }
            }
        }
    }

    #[test]
    fn cycles_within_steps_are_those_of_a_division() {
        let numbers = [1, 2, 3, 7, 100, 65_537, 1 << 31, u32::MAX - 1, u32::MAX];
        for steps in numbers {
            for cycles in numbers.into_iter().filter(|&cycles| cycles <= steps) {
                for step in numbers.into_iter().chain([0, steps - 1, steps / 2, steps / 3]) {
                    let [n, d] = [steps, cycles].map(|number| NonZeroU32::new(number).unwrap());
                    let found = within(step, n, d);
                    let elapsed = u64::from(step) * u64::from(cycles);
                    let (index, elapsed) = if step < steps {
                        (elapsed / u64::from(steps), elapsed % u64::from(steps))
                    } else {
                        (u64::from(cycles) - 1, u64::from(steps))
                    };
                    assert_eq!(u64::from(found.index), index, "{step} of {steps}, {cycles}");
                    let exact = number(Fraction {
                        numerator: u64::from(steps) - elapsed,
                        denominator: steps.into(),
                    });
                    assert_eq!(number(found.remaining), exact, "{step} of {steps}, {cycles}");
                }
            }
        }
    }

    #[test]
    fn equal_cycles_continue_to_the_last_step() {
        let seven = NonZeroU32::new(7).unwrap();
        for step in [0, 6, 7, 8, u32::MAX - 1, u32::MAX] {
            let cycle = equal(step, seven);
            assert_eq!(cycle.index, step / 7);
            assert_eq!(cycle.remaining.numerator, u64::from(7 - step % 7));
        }
    }
}
