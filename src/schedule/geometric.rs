//! Where a step lies among cycles whose lengths grow by a constant factor.
//!
//! Cycle n begins at Sₙ = first · (1 + t + ... + tⁿ⁻¹). The textbook inverts that with a logarithm and
//! rounds; next to a restart the logarithm rounds to the wrong side, and a whole cycle is lost. Here the
//! answer always comes from the sum itself: Sₙ <= step < Sₙ₊₁.

use core::num::{NonZeroU32, NonZeroU64};

use crate::double::Double;
use crate::float::Float;

/// The cycle that a step lies in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cycle<F> {
    /// Counted from 0.
    pub(super) index: u32,
    /// The share of the cycle that is left: 1 at its start, towards 0 at its end.
    pub(super) left: Double<F>,
}

/// The cycle of `step` where every cycle is twice as long as the one before it.
pub(super) fn doubling<F: Float>(step: u32, first: NonZeroU32) -> Cycle<F> {
    // Sₙ = first · (2ⁿ - 1), so 2ⁿ is the largest power of two up to step / first + 1.
    let reach = u64::from(step / first).saturating_add(1);
    let index = u64::BITS - 1 - reach.leading_zeros();
    let factor = 1 << index;
    integral(step, first, index, factor - 1, factor)
}

/// The cycle of `step` where cycles grow by the factor `t`; `None` if that is below 1 or not finite.
pub(super) fn locate<F: Float>(step: u32, first: NonZeroU32, t: F) -> Option<Cycle<F>> {
    /// Above this, lengths outgrow what [`Double::ratio`] takes.
    const LARGEST: u64 = 1 << 15;
    if !(t >= F::one() && t.is_finite()) {
        return None;
    }
    let whole = t.saturating_u64();
    if whole > LARGEST || F::nearest_u64(whole) != t {
        return Some(fractional(step, first, t));
    }
    let firsts = u64::from(step / first);
    if whole == 1 {
        return Some(integral(step, first, step / first, firsts, 1));
    }
    // In units of `first`, the start and the length of a cycle; at most 32 rounds.
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
    Cycle { index, left: Double::ratio(left, length) }
}

/// The cycle of `step` for a `t` that is at least 1 and finite, but not a small whole number.
///
/// A logarithm gives a first guess; then the start of the guessed cycle is summed up and the guess
/// is moved until the step lies inside.
fn fractional<F: Float>(step: u32, first: NonZeroU32, t: F) -> Cycle<F> {
    /// The second guess is off by a cycle at the most, so this leaves room.
    const GUESSES: u32 = 8;
    let step = Wide::from(step);
    let first = Wide::from(first.get());
    let factor = Wide::from_float(t);
    let mut index = 0_u32;
    let (mut start, mut length) = (Wide::ZERO, first);
    for _ in 0..GUESSES {
        match step.checked_sub(start) {
            None => {
                let behind = start.checked_sub(step).unwrap_or(Wide::ZERO);
                // Earlier cycles are shorter, so this many at the least.
                let cycles: F = behind.over(length).hi;
                index = index.saturating_sub(count(cycles));
            }
            Some(passed) if passed.checked_sub(length).is_some() => {
                let ahead: F = passed.over(length).hi;
                index = index.saturating_add(cycles_within(ahead, t));
            }
            Some(_) => break,
        }
        let series = Series::new(factor, index);
        start = first.times(series.sum);
        length = first.times(series.power);
    }
    let left = start.plus(length).checked_sub(step).unwrap_or(Wide::ZERO);
    Cycle { index, left: left.over(length) }
}

/// About how many cycles fit into `span`, which is counted in lengths of the first of them; 1 or more.
fn cycles_within<F: Float>(span: F, t: F) -> u32 {
    let growth = t - F::one();
    count(F::libm_ln_1p(span * growth) / F::libm_ln_1p(growth))
}

/// A whole number of cycles, at least one; also where a huge `t` has overflowed the estimate.
fn count<F: Float>(cycles: F) -> u32 {
    if cycles.is_finite() {
        u32::try_from(cycles.saturating_u64()).unwrap_or(u32::MAX).max(1)
    } else {
        1
    }
}

/// tⁿ and 1 + t + ... + tⁿ⁻¹.
struct Series {
    power: Wide,
    sum: Wide,
}

impl Series {
    /// By doubling n, bit by bit from the top: at most 32 rounds, sums and products of positive numbers
    /// only, so nothing cancels.
    fn new(t: Wide, n: u32) -> Self {
        let one = Wide::from(1);
        let mut series = Self { power: one, sum: Wide::ZERO };
        let bits = u32::BITS - n.leading_zeros();
        for bit in (0..bits).rev() {
            series.sum = series.sum.times(series.power.plus(one));
            series.power = series.power.times(series.power);
            if n >> bit & 1 == 1 {
                series.sum = series.sum.plus(series.power);
                series.power = series.power.times(t);
            }
        }
        series
    }
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
        const HALF: u32 = u64::BITS;
        let split = |n: u128| ((n >> HALF) as u64, n as u64);
        let long = |a: u64, b: u64| u128::from(a) * u128::from(b);
        let (a_high, a_low) = split(self.significand);
        let (b_high, b_low) = split(other.significand);
        let middle = (long(a_low, b_low) >> HALF)
            + (long(a_high, b_low) & u128::from(u64::MAX))
            + (long(a_low, b_high) & u128::from(u64::MAX));
        let high = long(a_high, b_high)
            + (long(a_high, b_low) >> HALF)
            + (long(a_low, b_high) >> HALF)
            + (middle >> HALF);
        let exponent = self.exponent.saturating_add(other.exponent).saturating_add(128);
        // Two top bits make a product of 127 or 128 bits; the lost one is below the 127th.
        Self::normalised(high, exponent)
    }

    fn plus(self, other: Self) -> Self {
        let (large, small) = if self.is_at_least(other) { (self, other) } else { (other, self) };
        if small.significand == 0 {
            return large;
        }
        let (sum, carry) = large.significand.overflowing_add(small.aligned(large.exponent));
        if carry {
            let significand = sum >> 1 | 1 << (u128::BITS - 1);
            Self { significand, exponent: large.exponent.saturating_add(1) }
        } else {
            Self { significand: sum, exponent: large.exponent }
        }
    }

    /// The difference, or `None` where it would be negative.
    fn checked_sub(self, other: Self) -> Option<Self> {
        if !self.is_at_least(other) {
            return None;
        }
        let significand = self.significand.wrapping_sub(other.aligned(self.exponent));
        Some(Self::normalised(significand, self.exponent))
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
    fn over<F: Float>(self, other: Self) -> Double<F> {
        let quotient = self.leading::<F>() / other.leading();
        let scale = F::power_of_two(self.exponent.saturating_sub(other.exponent));
        Double { hi: quotient.hi * scale, lo: quotient.lo * scale }
    }

    /// The significand, as a fraction in [1/2, 1).
    fn leading<F: Float>(self) -> Double<F> {
        let high = (self.significand >> u64::BITS) as u64;
        let low = self.significand as u64;
        let hi = F::nearest_u64(high);
        let rest = (high as i64).wrapping_sub(hi.saturating_u64() as i64);
        let unit = F::power_of_two(-64);
        let lo = F::nearest_i64(rest) + F::nearest_u64(low) * unit;
        Double { hi: hi * unit, lo: lo * unit }
    }
}

impl From<u32> for Wide {
    fn from(n: u32) -> Self {
        Self::normalised(u128::from(n), 0)
    }
}
